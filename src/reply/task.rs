//! The one-off task of a deploy, in words: what would run, where it is, how it ended.

use super::{code, last_part, said};
use crate::plan::{CrossedTask, PlannedTask};
use crate::record::{Deploy, OneOffPhase, OneOffState, Verdict};
use crate::slack::text::Mrkdwn;

/// `runs `./migrate` of `cms-migrate:4`, 20 min at most`, in the question.
pub fn task_planned(task: &PlannedTask) -> Mrkdwn {
    said!(
        "*First, once:* {} runs in a copy of {} with the new image, for {} at most. Unless it ends well, nothing is switched.",
        command_of(task),
        code(last_part(&task.base)),
        task.timeout
    )
}

/// `one-off task `cms-migrate`: runs`, for lists of services.
pub fn tasks_now(deploy: &Deploy) -> Vec<Mrkdwn> {
    let planned = deploy.plan.iter().flat_map(|plan| &plan.one_offs);
    let all = planned.zip(&deploy.one_offs);
    all.map(|(task, state)| task_now(deploy, task, state))
        .collect()
}

fn task_now(deploy: &Deploy, task: &PlannedTask, state: &OneOffState) -> Mrkdwn {
    let now = match &state.phase {
        OneOffPhase::Waiting if deploy.ending.is_some() => Mrkdwn::raw("was not started"),
        OneOffPhase::Waiting => Mrkdwn::raw("comes first"),
        OneOffPhase::Starting { .. } => Mrkdwn::raw("asked ECS; it is not visible yet"),
        OneOffPhase::Running { stopped: None, .. } => said!("runs {}", command_of(task)),
        OneOffPhase::Running {
            stopped: Some(_), ..
        } => Mrkdwn::raw("is being stopped"),
        OneOffPhase::Succeeded { took, .. } => match deploy.verdict() {
            None | Some(Verdict::Succeeded) => said!("ended well after {}", *took),
            Some(_) => said!("ended well after {}; what it did is not undone", *took),
        },
        OneOffPhase::Failed { ran: true, .. } => {
            Mrkdwn::raw("did not end well; what it did is not undone")
        }
        OneOffPhase::Failed { ran: false, .. } => Mrkdwn::raw("was not started"),
        OneOffPhase::Cancelled => Mrkdwn::raw("was stopped; what it did is not undone"),
    };
    said!("• one-off task {}: {}", code(&task.family), now)
}

/// What a rollback leaves behind.
pub fn tasks_crossed(crossed: &[CrossedTask]) -> Mrkdwn {
    let shown = crossed.iter().take(3).map(|task| {
        said!(
            "{} by deploy {} of version {}",
            code(&task.family),
            code(&task.deploy),
            super::label(&task.label)
        )
    });
    let shown = super::joined(shown, ", ");
    let more = match crossed.len() {
        all @ 4.. => said!(" and {} more", all - 3),
        _ => Mrkdwn::new(),
    };
    said!(
        ":warning: *Goes back across a migration:* since then, {}{} ran. Going back does not undo what that did: make sure that the old version can work with it.",
        shown,
        more
    )
}

fn command_of(task: &PlannedTask) -> Mrkdwn {
    match task.command.as_slice() {
        [] => said!("{}", code(&task.family)),
        words => said!("{} of {}", code(&words.join(" ")), code(&task.family)),
    }
}
