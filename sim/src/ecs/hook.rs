//! Lifecycle hooks: the pauses of a rollout with stages, how they are announced, answered and run
//! out (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html>).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    rollout::{Happening, Surroundings},
    service::{Service, Status},
    show::seconds,
    stage::minutes,
};

/// Why ECS goes back from a pause that nobody answered.
const TIMED_OUT: &str = "Service deployment rolled back because a lifecycle hook timed out.";
/// Why ECS goes back from a pause that somebody answered so.
const ANSWERED: &str =
    "Service deployment rolled back because of a ContinueServiceDeployment request.";

/// A lifecycle hook that was reached.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    pub(super) id: String,
    pub(super) pauses: bool,
    /// The Lambda function's ARN.
    pub(super) target: Option<String>,
    pub(super) status: HookStatus,
    pub(super) expires: Timestamp,
    pub(super) on_timeout: HookAction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HookStatus {
    AwaitingAction,
    Succeeded,
    TimedOut,
}

/// What happens to a rollout that waits at a pause hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HookAction {
    Continue,
    Rollback,
}

impl HookAction {
    pub(super) fn of(word: Option<&str>) -> Option<Self> {
        match word {
            Some("CONTINUE") => Some(Self::Continue),
            Some("ROLLBACK") => Some(Self::Rollback),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Continue => "CONTINUE",
            Self::Rollback => "ROLLBACK",
        }
    }
}

impl Hook {
    /// An entry of `lifecycleHookDetails`.
    pub(super) fn document(&self) -> Value {
        let mut document = json!({
            "hookId": self.id,
            "targetType": if self.pauses { "PAUSE" } else { "AWS_LAMBDA" },
            "status": match self.status {
                HookStatus::AwaitingAction => "AWAITING_ACTION",
                HookStatus::Succeeded => "SUCCEEDED",
                HookStatus::TimedOut => "TIMED_OUT",
            },
            "expiresAt": seconds(self.expires),
            "timeoutAction": self.on_timeout.name(),
        });
        if let (Some(target), Some(document)) = (&self.target, document.as_object_mut()) {
            document.insert("targetArn".to_owned(), json!(target));
        }
        document
    }
}

impl Service {
    pub(super) fn reach_hooks(&mut self, at: Timestamp, arn: &str, around: &mut Surroundings<'_>) {
        let Some(rollout) = self.rollouts.iter().find(|rollout| rollout.arn == arn) else {
            return;
        };
        let Some(stage) = rollout.leg().map(|leg| leg.stage) else {
            return;
        };
        let configured = rollout
            .configuration
            .get("lifecycleHooks")
            .and_then(Value::as_array);
        let mut reached = Vec::new();
        for hook in configured.into_iter().flatten() {
            let stages = hook.get("lifecycleStages").and_then(Value::as_array);
            if !stages.is_some_and(|stages| stages.contains(&json!(stage))) {
                continue;
            }
            let pauses = hook.get("targetType") == Some(&json!("PAUSE"));
            let timeout = hook.get("timeoutConfiguration").unwrap_or(&Value::Null);
            let lasts = around.lasts(minutes(timeout, "timeoutInMinutes", 1440));
            let action = timeout.get("action").and_then(Value::as_str);
            let target = hook.get("hookTargetArn").and_then(Value::as_str);
            reached.push(Hook {
                id: format!("ecs-pause-{}{}", around.serial.word(), around.serial.word()),
                pauses,
                target: target.map(str::to_owned),
                // What a Lambda function would say is not modelled: yes.
                status: match pauses {
                    true => HookStatus::AwaitingAction,
                    false => HookStatus::Succeeded,
                },
                expires: at + lasts,
                on_timeout: HookAction::of(action).unwrap_or(HookAction::Rollback),
            });
        }
        for hook in reached {
            if hook.status == HookStatus::AwaitingAction {
                let expires = Happening::HookExpires(arn.to_owned(), hook.id.clone());
                self.plan(hook.expires, expires);
                self.announce_hook(at, arn, &hook, stage, around);
            }
            if let Some(staging) = self.rollout(arn).and_then(|known| known.staging.as_mut()) {
                staging.hooks.push(hook);
            }
        }
    }

    /// Nobody has answered a pause hook in time.
    pub(super) fn hook_expires(
        &mut self,
        at: Timestamp,
        arn: &str,
        id: &str,
        around: &mut Surroundings<'_>,
    ) {
        let action = self.awaiting(arn, id).map(|hook| {
            hook.status = HookStatus::TimedOut;
            hook.on_timeout
        });
        if let Some(action) = action {
            self.act_on_hook(at, arn, (action, TIMED_OUT), around);
        }
    }

    /// Somebody answers a pause hook; false if it does not wait for an answer.
    pub(super) fn answer_hook(
        &mut self,
        at: Timestamp,
        arn: &str,
        id: &str,
        action: HookAction,
        around: &mut Surroundings<'_>,
    ) -> bool {
        let Some(hook) = self.awaiting(arn, id) else {
            return false;
        };
        hook.status = HookStatus::Succeeded;
        self.act_on_hook(at, arn, (action, ANSWERED), around);
        true
    }

    /// The pause hooks that wait, with their rollouts.
    pub(super) fn waiting_hooks(&self) -> Vec<(String, String)> {
        let rollout = self.current().filter(|rollout| rollout.leg().is_some());
        let hooks = rollout.and_then(|rollout| Some((rollout, rollout.staging.as_ref()?)));
        let Some((rollout, staging)) = hooks else {
            return Vec::new();
        };
        let waits = |hook: &&Hook| hook.status == HookStatus::AwaitingAction;
        let waiting = staging.hooks.iter().filter(waits);
        waiting
            .map(|hook| (rollout.arn.clone(), hook.id.clone()))
            .collect()
    }

    fn awaiting(&mut self, arn: &str, id: &str) -> Option<&mut Hook> {
        let rollout = self.rollout(arn)?;
        let goes = rollout.status == Status::InProgress && rollout.rollback.is_none();
        let hooks = &mut rollout.staging.as_mut().filter(|_| goes)?.hooks;
        hooks
            .iter_mut()
            .find(|hook| hook.id == id && hook.status == HookStatus::AwaitingAction)
    }

    fn act_on_hook(
        &mut self,
        at: Timestamp,
        arn: &str,
        (action, reason): (HookAction, &str),
        around: &mut Surroundings<'_>,
    ) {
        match action {
            HookAction::Continue => self.go_on(at, arn, around),
            HookAction::Rollback => {
                self.fail_primary(
                    at,
                    "ECS deployment failed: rolled back at a lifecycle hook.",
                );
                self.roll_back(at, arn, reason, around);
            }
        }
    }

    fn announce_hook(
        &self,
        at: Timestamp,
        arn: &str,
        hook: &Hook,
        stage: &str,
        around: &mut Surroundings<'_>,
    ) {
        around.bus.push(json!({
            "version": "0",
            "id": around.serial.uuid(),
            "detail-type": "ECS Hook State Change",
            "source": "aws.ecs",
            "account": self.home.account,
            "time": at.to_string(),
            "region": self.home.region,
            "resources": [self.arn(), arn],
            "detail": {
                "eventType": "INFO",
                "eventName": "HOOK_AWAITING_ACTION",
                "hookId": hook.id,
                "lifecycleStage": stage,
                "serviceDeploymentArn": arn,
                "updatedAt": at.to_string(),
            },
        }));
    }
}
