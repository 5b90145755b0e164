//! `plan …`, `why-not …`: what a deploy would do, and what keeps it from being started, for whoever may deploy there
//! and for nobody else. Nothing is changed.

use crate::card::{self, Setting};
use crate::names::DeployId;
use crate::record::job::{Job, PreviewOf, Shows};
use crate::record::{Deploy, Origin};
use crate::slack::blocks::Message;
use crate::waiter::context::{StepError, Waiter};
use crate::waiter::planning::look::look;

/// The deploy that is looked at, which is on no record; none of a request about nothing.
pub(crate) fn deploy_of(job: &Job, of: &PreviewOf) -> Option<Deploy> {
    let (first, also) = of.each.split_first()?;
    let mut deploy = Deploy::new(
        looked_at(job),
        first.verb.clone(),
        (first.application.clone(), of.environment.clone()),
        job.requester.clone(),
        job.requested_at,
        Origin {
            channel: job.channel.clone(),
            mention: job.mention.as_deref().cloned(),
        },
    );
    deploy.asked.extend(also.iter().cloned());
    Some(deploy)
}

/// It stands for the look where AWS is told on whose behalf something is read.
fn looked_at(job: &Job) -> DeployId {
    job.id.as_deploy()
}

/// What it would do.
pub(crate) async fn answer(
    waiter: &Waiter,
    job: &Job,
    of: &PreviewOf,
) -> Result<Option<Message>, StepError> {
    let Some(deploy) = deploy_of(job, of) else {
        return Ok(None);
    };
    let preview = look(waiter, deploy).await?;
    let now = waiter.now();
    let loaded = waiter.settings.current(&waiter.store, now).await?;
    let setting = Setting {
        command: &loaded.config.slack().command,
        admins: &loaded.admins_told(&job.requester, now),
        now,
        on_call: &[],
    };
    Ok(Some(match of.shows {
        Shows::All => card::preview(&preview, &setting),
        Shows::WhyNot => {
            let (app, env) = (preview.deploy.application(), &preview.deploy.environment);
            let last = waiter.store.refused_last(Some(app), Some(env)).await?;
            let last = match last {
                Some(id) => waiter.deploy(&id).await?,
                None => None,
            };
            card::why_not(&preview, last.as_ref(), &setting)
        }
    }))
}
