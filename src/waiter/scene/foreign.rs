//! Rollouts in flight that nobody here started, as the question names them.

use super::{Scene, Visitor, stage};
use crate::aws::AwsError;
use crate::aws::sts::OnBehalf;
use crate::names::{AppName, EnvName};
use crate::plan::Foreign;
use crate::record::job::Job;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;

/// The rollouts in flight on the scene's services.
pub(crate) async fn seen(scene: &Scene<'_>) -> Result<Vec<Foreign>, AwsError> {
    let mut all = Vec::new();
    for service in &scene.live {
        let (Some(rollout), Some(primary)) = (service.rollout_in_flight(), service.primary())
        else {
            continue;
        };
        let definition = scene.reach.definition(&service.task_definition).await?;
        // What the circuit breaker counts is in the service deployment alone.
        let watched = match &service.current {
            Some(arn) => scene.reach.ecs.describe_service_deployment(arn).await?,
            None => None,
        };
        all.push(Foreign {
            service: service.name.clone(),
            rollout: rollout.to_owned(),
            revision: service.task_definition.clone(),
            registered_by: definition.registered_by,
            since: primary.created,
            counts: watched.map_or(primary.counts, |watched| watched.counts),
        });
    }
    Ok(all)
}

/// What others are rolling out of an application there; `None` where it is not configured there.
pub(crate) async fn at(
    waiter: &Waiter,
    job: &Job,
    (application, environment): (&AppName, &EnvName),
) -> Result<Option<Vec<Foreign>>, StepError> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let Some(target) = loaded.config.target(application, environment) else {
        return Ok(None);
    };
    let id = job.id.to_string();
    let visitor = Visitor {
        on_behalf: OnBehalf {
            deploy: &id,
            actor: &job.requester,
        },
        policy_hash: String::new(),
        config_version: loaded.version,
        by_copy: None,
    };
    let scene = stage(waiter, target, visitor).await?;
    Ok(Some(seen(&scene).await?))
}
