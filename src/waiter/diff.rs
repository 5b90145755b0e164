//! `diff …`: what lies between what runs and something else, for everybody who may see what runs. Nothing is changed.

use crate::card::{self, Setting};
use crate::command::DiffWith;
use crate::record::job::{DiffOf, Job};
use crate::record::{Deploy, Origin};
use crate::request::Verb;
use crate::slack::blocks::Message;
use crate::waiter::context::{StepError, Waiter};
use crate::waiter::planning::diff::diff;

/// What lies between, or why nobody can tell.
pub(crate) async fn answer(waiter: &Waiter, job: &Job, of: &DiffOf) -> Result<Message, StepError> {
    let read = diff(waiter, &looked_for(job, of), of).await;
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let slack = loaded.config.slack();
    let admins = loaded.admins_told(&job.requester, waiter.now());
    let setting = Setting {
        command: &slack.command,
        admins: &admins,
        now: waiter.now(),
        on_call: &[],
    };
    Ok(match read {
        Ok(read) => card::diff(&read, &setting),
        Err(refused) => card::not_told(refused, &setting, job.requester.user()),
    })
}

/// The deploy in whose name it is looked, which is on no record.
fn looked_for(job: &Job, of: &DiffOf) -> Deploy {
    let reference = match &of.with {
        DiffWith::Ref(reference) => reference.clone(),
        DiffWith::Place(_) => None,
    };
    Deploy::new(
        job.id.as_deploy(),
        Verb::deploy(reference, of.image.clone()),
        (of.application.clone(), of.environment.clone()),
        job.requester.clone(),
        job.requested_at,
        Origin {
            channel: job.channel.clone(),
            mention: job.mention.as_deref().cloned(),
        },
    )
}
