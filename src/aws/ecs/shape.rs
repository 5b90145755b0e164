//! From the SDK's types to ours, field by field.

use aws_sdk_ecs::types;

use super::timestamp;
use crate::evidence::heard;
use crate::rollout::{
    AfterPause, Breaker, Controller, Counts, Hook, HookStatus, LiveRollout, LiveService, Revision,
    Rollout, RolloutBrief, RunningImage, ServiceEvent, Status, Strategy, WayBack,
};

/// Events kept of a service, of the hundred that ECS shows: what tells why tasks fail is soon behind
/// what tells that they are started and stopped.
const EVENTS: usize = 40;

pub(super) fn service(service: types::Service) -> LiveService {
    let configuration = service.deployment_configuration;
    let breaker = configuration
        .as_ref()
        .and_then(|configuration| configuration.deployment_circuit_breaker.as_ref());
    // `CUSTOMER` or nothing is everybody else's.
    let managed = service.resource_management_type.as_ref();
    let express = managed.is_some_and(|by| by.as_str() == "ECS");
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
            None | Some("ECS") if express => Controller::Express,
            None | Some("ECS") => Controller::Ecs,
            Some("CODE_DEPLOY") => Controller::CodeDeploy,
            Some("EXTERNAL") => Controller::External,
            Some(other) => Controller::Other(other.to_owned()),
        },
        strategy: self::strategy(configuration.as_ref()),
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
                message: event.message.as_deref().map(heard).unwrap_or_default(),
            })
            .collect(),
    }
}

fn strategy(configuration: Option<&types::DeploymentConfiguration>) -> Strategy {
    let strategy = configuration.and_then(|configuration| configuration.strategy.as_ref());
    match strategy.map(|strategy| strategy.as_str()) {
        None | Some("ROLLING") => Strategy::Rolling,
        Some("BLUE_GREEN") => Strategy::BlueGreen,
        Some("LINEAR") => Strategy::Linear,
        Some("CANARY") => Strategy::Canary,
        Some(other) => Strategy::Other(other.to_owned()),
    }
}

fn hook(hook: types::DeploymentLifecycleHookDetail) -> Option<Hook> {
    Some(Hook {
        id: hook.hook_id?,
        status: match hook.status.as_ref().map(|status| status.as_str()) {
            Some("AWAITING_ACTION") => HookStatus::AwaitingAction,
            Some("TIMED_OUT") => HookStatus::TimedOut,
            Some("FAILED") => HookStatus::Failed,
            Some(_) | None => HookStatus::Other,
        },
        expires_at: hook.expires_at.as_ref().and_then(timestamp),
        // ECS's own default.
        on_timeout: match hook.timeout_action.as_ref().map(|action| action.as_str()) {
            Some("CONTINUE") => AfterPause::Continue,
            Some(_) | None => AfterPause::RollBack,
        },
    })
}

/// A percentage in tenths, as ECS divides traffic.
pub(super) fn tenths(percent: f64) -> u16 {
    let tenths = (percent * 10.0).round().clamp(0.0, 1000.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000"
    )]
    let tenths = tenths as u16;
    tenths
}

fn live_rollout(deployment: types::Deployment) -> LiveRollout {
    LiveRollout {
        id: deployment.id.unwrap_or_default(),
        status: deployment.status.unwrap_or_default(),
        task_definition: deployment.task_definition.unwrap_or_default(),
        state: deployment
            .rollout_state
            .map(|state| state.as_str().to_owned()),
        reason: deployment.rollout_state_reason.as_deref().map(heard),
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
    let configuration = deployment.deployment_configuration;
    let (watched, alarms) = alarms(deployment.alarms);
    let share = target
        .as_ref()
        .and_then(|target| target.requested_production_traffic_weight);
    Some(Rollout {
        arn: deployment.service_deployment_arn?,
        status: Status::new(deployment.status?.as_str()),
        reason: deployment.status_reason.as_deref().map(heard),
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
            reason: rollback.reason.as_deref().map(heard),
            revision: rollback.service_revision_arn,
        }),
        breaker_triggered: breaker
            .as_ref()
            .and_then(|breaker| breaker.status.as_ref())
            .is_some_and(|status| status.as_str() == "TRIGGERED"),
        breaker_threshold: breaker.as_ref().map_or(0, |breaker| breaker.threshold),
        alarms_triggered: alarms,
        stage: deployment
            .lifecycle_stage
            .map(|stage| stage.as_str().to_owned()),
        strategy: strategy(configuration.as_ref()),
        share: share.map(tenths),
        bake_minutes: configuration
            .as_ref()
            .and_then(|configuration| configuration.bake_time_in_minutes)
            .and_then(|minutes| u32::try_from(minutes).ok()),
        alarms_watched: watched,
        hooks: hooks.into_iter().filter_map(hook).collect(),
    })
}

/// The names of the alarms that watch, and of those that gave up.
fn alarms(alarms: Option<types::ServiceDeploymentAlarms>) -> (Vec<String>, Vec<String>) {
    let Some(alarms) = alarms else {
        return (Vec::new(), Vec::new());
    };
    let heard =
        |names: Vec<String>| -> Vec<String> { names.iter().map(|name| heard(name)).collect() };
    let watched = heard(alarms.alarm_names.unwrap_or_default());
    match alarms.status.as_ref().map(|status| status.as_str()) {
        Some("TRIGGERED") => {
            let nameless = || vec![String::new()];
            let triggered = alarms.triggered_alarm_names.unwrap_or_else(nameless);
            (watched, heard(triggered))
        }
        Some("MONITORING") => (watched, Vec::new()),
        Some(_) | None => (Vec::new(), Vec::new()),
    }
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
