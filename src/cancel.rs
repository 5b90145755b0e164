//! `cancel APP on ENV`: a wish that whatever is open there stop. Before anything has started it ends there;
//! once ECS is at it, the asker is asked whether it shall go back, and the wish is recorded beside
//! the record, where the deploy's own step finds it.

use crate::aws::dynamodb::Extra;
use crate::config::Config;
use crate::hearing::{self, What};
use crate::names::{AppName, EnvName};
use crate::policy::Action;
use crate::record::Deploy;
use crate::record::job::{Pressed, Task};
use crate::slash::{About, Answer, Asked, No, Progress, Slash};
use crate::{card, reply};

/// Finds what is open there and records the wish.
pub(crate) async fn request(
    slash: &Slash,
    asked: &Asked,
    config: &Config,
    (application, environment): (&AppName, &EnvName),
    progress: &Progress,
) -> Result<Answer, No> {
    let open = match slash
        .store
        .open_or_asked_at(application, environment, slash.now())
        .await
    {
        Ok(open) => open,
        Err(error) => return Ok(slash.could_not_read(&error, progress)),
    };
    let mine: Vec<&Deploy> = open
        .iter()
        .filter(|deploy| may(config, asked, deploy).is_ok())
        .collect();
    match (open.as_slice(), mine.as_slice()) {
        ([deploy, ..], []) => may(config, asked, deploy)?,
        ([_], [deploy]) => {
            progress.is_about(About::Click(deploy.id.clone()));
            return stop(slash, asked, deploy, progress).await;
        }
        _ => {}
    }
    // Several at once: one that was left would go on minutes later. And of none, only the waiter can see
    // whether one is being taken in, or whether it is somebody else's.
    let said = match mine.as_slice() {
        [] => reply::reading(),
        several => reply::stopping_all(several),
    };
    let task = Task::StopAt {
        application: application.clone(),
        environment: environment.clone(),
    };
    let said = card::sentence(said);
    slash
        .record_job(asked, task, Vec::new(), said, progress)
        .await
}

/// Hands the wish on: only the waiter knows how far the deploy has got.
pub(crate) async fn stop(
    slash: &Slash,
    asked: &Asked,
    deploy: &Deploy,
    progress: &Progress,
) -> Result<Answer, No> {
    let task = Task::Stop {
        deploy: deploy.id.clone(),
    };
    let said = card::sentence(reply::about_to_stop(deploy));
    slash
        .record_job(asked, task, Vec::new(), said, progress)
        .await
}

/// Whether the asker may stop this deploy, with every application that it is about.
pub(crate) fn may(config: &Config, asked: &Asked, deploy: &Deploy) -> Result<(), No> {
    let action = Action::Cancel {
        requester: deploy.requester.clone(),
    };
    let who = (&asked.actor, asked.channel.as_ref());
    Ok(hearing::may(config, who, &action, deploy)?)
}

/// Records the wish and hands it on: one step of the deploy, at once.
pub(crate) async fn wish(
    slash: &Slash,
    asked: &Asked,
    deploy: &Deploy,
    progress: &Progress,
) -> Result<Answer, No> {
    let mut extra = vec![asked.says(&deploy.id, What::Stop)];
    extra.extend(asked.reply.clone().map(|url| Extra::Reply {
        deploy: deploy.id.clone(),
        url,
    }));
    let task = Task::Nudge {
        deploy: deploy.id.clone(),
        pressed: Some(Pressed::Cancel),
    };
    let said = card::sentence(reply::cancelling(deploy));
    slash.record_job(asked, task, extra, said, progress).await
}
