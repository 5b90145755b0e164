//! `plan …`, `why-not …`: what a deploy would do, and what keeps it from being started. Whoever may deploy there may
//! see that; the waiter looks, and changes nothing.

use super::asked::Visit;
use super::command::{brings, each, promotes};
use super::door::Answer;
use super::help;
use super::no::No;
use crate::command::{Command, CommandVerb};
use crate::policy::Action;
use crate::record::job::{PreviewOf, Shows, Task};

/// Hands on what is to be planned.
pub(super) async fn plan(visit: Visit<'_>, of: Command, shows: Shows) -> Result<Answer, No> {
    let Some(of) = preview_of(visit, of, shows)? else {
        return Ok(help::answer(visit, Some(CommandVerb::Plan)).await);
    };
    for one in &of.each {
        let action = Action::Change(one.verb.kind());
        visit.may_one(&action, &one.application, &of.environment)?;
    }
    let task = Task::Preview(Box::new(of));
    visit.record_job(task, Vec::new()).await
}

/// What a command would have planned; none of one that plans nothing.
fn preview_of(visit: Visit<'_>, of: Command, shows: Shows) -> Result<Option<PreviewOf>, No> {
    let (environment, each) = match of {
        Command::Deploy {
            app,
            image,
            reference,
            also,
            env,
        } => {
            let first = std::iter::once(brings(app, image, reference));
            (env, first.chain(each(also)).collect())
        }
        Command::Promote {
            app,
            image,
            from,
            env,
        } => {
            let one = promotes(visit, app, image, from, &env)?;
            (env, vec![one])
        }
        _ => return Ok(None),
    };
    Ok(Some(PreviewOf {
        environment,
        each,
        shows,
    }))
}
