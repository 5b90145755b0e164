//! `cancel APP on ENV`: a wish that the open deploy stop, recorded beside its record. The deploy's
//! own step acts on it; before anything has started it ends there, during the rollout ECS is asked
//! to go back.

use crate::aws::dynamodb::Extra;
use crate::config::Config;
use crate::job::{Pressed, Task};
use crate::names::{AppName, EnvName};
use crate::policy::{Action, Authorized, authorize};
use crate::record::{Cancel, Deploy};
use crate::refusal::Refusal;
use crate::slash::{About, Answer, Asked, No, Progress, Slash};
use crate::{card, reply};

/// Finds the open deploy there and records the wish.
pub(crate) async fn request(
    slash: &Slash,
    asked: &Asked,
    config: &Config,
    (application, environment): (&AppName, &EnvName),
    progress: &Progress,
) -> Result<Answer, No> {
    let open = match slash.store.open_at(application, environment).await {
        Ok(open) => open,
        Err(error) => return Ok(slash.could_not_read(&error, progress)),
    };
    let Some(deploy) = open.first() else {
        return Err(Refusal::NothingToCancel {
            application: application.clone(),
            environment: environment.clone(),
        }
        .into());
    };
    let allowed = may(config, asked, deploy)?;
    progress.is_about(About::Click(deploy.id.clone()));
    wish(slash, asked, deploy, &allowed, (None, progress)).await
}

/// Whether the asker may stop this deploy.
pub(crate) fn may(config: &Config, asked: &Asked, deploy: &Deploy) -> Result<Authorized, No> {
    let action = Action::Cancel {
        requester: deploy.requester.clone(),
    };
    let channel = asked.channel.as_ref();
    let (app, env) = (&deploy.application, &deploy.environment);
    Ok(authorize(config, &asked.actor, &action, app, env, channel)?)
}

/// Records the wish and hands it on: one step of the deploy, at once.
pub(crate) async fn wish(
    slash: &Slash,
    asked: &Asked,
    deploy: &Deploy,
    allowed: &Authorized,
    (pressed, progress): (Option<Pressed>, &Progress),
) -> Result<Answer, No> {
    let mut extra = vec![Extra::Cancel {
        deploy: deploy.id.clone(),
        cancel: Cancel {
            by: allowed.actor().clone(),
            at: asked.at,
        },
    }];
    extra.extend(asked.reply.clone().map(|url| Extra::Reply {
        deploy: deploy.id.clone(),
        url,
    }));
    let task = Task::Nudge {
        deploy: deploy.id.clone(),
        pressed,
    };
    let said = card::sentence(reply::cancelling(deploy));
    slash.record_job(asked, task, extra, said, progress).await
}
