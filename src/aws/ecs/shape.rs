//! From the SDK's types to ours, field by field.

use aws_sdk_ecs::types;

use super::timestamp;
use crate::rollout::{
    Breaker, Controller, Counts, LiveRollout, LiveService, Revision, Rollout, RolloutBrief,
    RunningImage, ServiceEvent, Status, Strategy, WayBack,
};

/// Events kept of a service.
const EVENTS: usize = 5;

pub(super) fn service(service: types::Service) -> LiveService {
    let configuration = service.deployment_configuration;
    let breaker = configuration
        .as_ref()
        .and_then(|configuration| configuration.deployment_circuit_breaker.as_ref());
    let strategy = configuration
        .as_ref()
        .and_then(|configuration| configuration.strategy.as_ref());
    LiveService {
        name: service.service_name.unwrap_or_default(),
        arn: service.service_arn.unwrap_or_default(),
        status: service.status.unwrap_or_default(),
        task_definition: service.task_definition.unwrap_or_default(),
        desired: service.desired_count,
        running: service.running_count,
        pending: service.pending_count,
        // Services from before there were controllers say nothing.
        controller: match service
            .deployment_controller
            .as_ref()
            .map(|controller| controller.r#type.as_str())
        {
            None | Some("ECS") => Controller::Ecs,
            Some("CODE_DEPLOY") => Controller::CodeDeploy,
            Some("EXTERNAL") => Controller::External,
            Some(other) => Controller::Other(other.to_owned()),
        },
        strategy: match strategy.map(|strategy| strategy.as_str()) {
            None | Some("ROLLING") => Strategy::Rolling,
            Some("BLUE_GREEN") => Strategy::BlueGreen,
            Some("LINEAR") => Strategy::Linear,
            Some("CANARY") => Strategy::Canary,
            Some(other) => Strategy::Other(other.to_owned()),
        },
        breaker: breaker.map_or_else(Breaker::default, |breaker| Breaker {
            enable: breaker.enable,
            rollback: breaker.rollback,
        }),
        current: service.current_service_deployment,
        rollouts: service
            .deployments
            .unwrap_or_default()
            .into_iter()
            .map(live_rollout)
            .collect(),
        events: service
            .events
            .unwrap_or_default()
            .into_iter()
            .take(EVENTS)
            .map(|event| ServiceEvent {
                at: event.created_at.as_ref().and_then(timestamp),
                message: event.message.unwrap_or_default(),
            })
            .collect(),
    }
}

fn live_rollout(deployment: types::Deployment) -> LiveRollout {
    LiveRollout {
        id: deployment.id.unwrap_or_default(),
        status: deployment.status.unwrap_or_default(),
        task_definition: deployment.task_definition.unwrap_or_default(),
        state: deployment
            .rollout_state
            .map(|state| state.as_str().to_owned()),
        reason: deployment.rollout_state_reason,
        counts: Counts {
            desired: deployment.desired_count,
            running: deployment.running_count,
            pending: deployment.pending_count,
            failed: deployment.failed_tasks,
        },
        created: deployment.created_at.as_ref().and_then(timestamp),
    }
}

pub(super) fn brief(brief: types::ServiceDeploymentBrief) -> Option<RolloutBrief> {
    Some(RolloutBrief {
        arn: brief.service_deployment_arn?,
        status: Status::new(brief.status?.as_str()),
        created: brief.created_at.as_ref().and_then(timestamp),
        target: brief.target_service_revision_arn,
    })
}

pub(super) fn rollout(deployment: types::ServiceDeployment) -> Option<Rollout> {
    let breaker = deployment.deployment_circuit_breaker;
    let target = deployment.target_service_revision;
    let sources = deployment.source_service_revisions.unwrap_or_default();
    let hooks = deployment.lifecycle_hook_details.unwrap_or_default();
    let hook_is = |words: &'static [&'static str]| {
        move |hook: &&types::DeploymentLifecycleHookDetail| {
            hook.status
                .as_ref()
                .is_some_and(|status| words.contains(&status.as_str()))
        }
    };
    let alarms = deployment
        .alarms
        .filter(|alarms| alarms.status.as_ref().map(|status| status.as_str()) == Some("TRIGGERED"));
    Some(Rollout {
        arn: deployment.service_deployment_arn?,
        status: Status::new(deployment.status?.as_str()),
        reason: deployment.status_reason,
        created: deployment.created_at.as_ref().and_then(timestamp),
        finished: deployment.finished_at.as_ref().and_then(timestamp),
        counts: Counts {
            desired: target
                .as_ref()
                .map_or(0, |target| target.requested_task_count),
            running: target
                .as_ref()
                .map_or(0, |target| target.running_task_count),
            pending: target
                .as_ref()
                .map_or(0, |target| target.pending_task_count),
            failed: breaker.as_ref().map_or(0, |breaker| breaker.failure_count),
        },
        target: target.and_then(|target| target.arn),
        old_running: sources.iter().map(|source| source.running_task_count).sum(),
        rollback: deployment.rollback.map(|rollback| WayBack {
            reason: rollback.reason,
            revision: rollback.service_revision_arn,
        }),
        breaker_triggered: breaker
            .as_ref()
            .and_then(|breaker| breaker.status.as_ref())
            .is_some_and(|status| status.as_str() == "TRIGGERED"),
        breaker_threshold: breaker.as_ref().map_or(0, |breaker| breaker.threshold),
        alarms_triggered: alarms.map_or_else(Vec::new, |alarms| {
            alarms
                .triggered_alarm_names
                .unwrap_or_else(|| vec![String::new()])
        }),
        stage: deployment
            .lifecycle_stage
            .map(|stage| stage.as_str().to_owned()),
        waiting_hooks: hooks
            .iter()
            .filter(hook_is(&["AWAITING_ACTION"]))
            .filter_map(|hook| hook.hook_id.clone())
            .collect(),
        hook_failed: hooks
            .iter()
            .any(|hook| hook_is(&["FAILED", "TIMED_OUT"])(&hook)),
    })
}

pub(super) fn revision(revision: types::ServiceRevision) -> Option<Revision> {
    Some(Revision {
        arn: revision.service_revision_arn?,
        task_definition: revision.task_definition?,
        images: revision
            .container_images
            .unwrap_or_default()
            .into_iter()
            .map(|image| RunningImage {
                container: image.container_name.unwrap_or_default(),
                image: image.image,
                digest: image.image_digest,
            })
            .collect(),
    })
}
