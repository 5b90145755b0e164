//! `cancel APP on ENV`: a wish that whatever is open there stop. Before anything has started it ends there;
//! once ECS is at it, the asker is asked whether it shall go back, and the wish is recorded beside
//! the record, where the deploy's own step finds it.

use super::asked::Visit;
use super::door::Answer;
use super::no::No;
use super::progress::About;
use crate::aws::dynamodb::Extra;
use crate::hearing::What;
use crate::names::{AppName, EnvName};
use crate::policy::Action;
use crate::record::Deploy;
use crate::record::job::{Pressed, Task};

/// Finds what is open there and records the wish.
pub(super) async fn request(
    visit: Visit<'_>,
    application: &AppName,
    environment: &EnvName,
) -> Result<Answer, No> {
    let slash = visit.slash;
    let open = match slash
        .store
        .open_or_asked_at(application, environment, slash.now())
        .await
    {
        Ok(open) => open,
        Err(error) => return Ok(slash.could_not_read(&error, visit.progress)),
    };
    let mine: Vec<&Deploy> = open
        .iter()
        .filter(|deploy| may(visit, deploy).is_ok())
        .collect();
    match (open.as_slice(), mine.as_slice()) {
        ([deploy, ..], []) => may(visit, deploy)?,
        ([_], [deploy]) => {
            visit.progress.is_about(About::Click(deploy.id.clone()));
            return stop(visit, deploy).await;
        }
        _ => {}
    }
    // Several at once: one that was left would go on minutes later. And of none, only the waiter can see
    // whether one is being taken in, or whether it is somebody else's.
    let task = Task::StopAt {
        application: application.clone(),
        environment: environment.clone(),
    };
    visit.record_job(task, Vec::new()).await
}

/// Hands the wish on: only the waiter knows how far the deploy has got.
pub(super) async fn stop(visit: Visit<'_>, deploy: &Deploy) -> Result<Answer, No> {
    let task = Task::Stop {
        deploy: deploy.id.clone(),
    };
    visit.record_job(task, Vec::new()).await
}

/// Refuses to stop a deploy unless the asker may stop each of its applications.
pub(super) fn may(visit: Visit<'_>, deploy: &Deploy) -> Result<(), No> {
    let requester = deploy.requester.clone();
    visit.may(&Action::Cancel { requester }, deploy)
}

/// Records the wish and hands it on: one step of the deploy, at once.
pub(super) async fn wish(visit: Visit<'_>, deploy: &Deploy) -> Result<Answer, No> {
    let mut extra = vec![visit.asked.says(&deploy.id, What::Stop)];
    extra.extend(visit.asked.reply.clone().map(|url| Extra::Reply {
        deploy: deploy.id.clone(),
        url,
    }));
    let task = Task::Nudge {
        deploy: deploy.id.clone(),
        pressed: Pressed::Cancel,
    };
    visit.record_job(task, extra).await
}
