//! How rollouts fail: tasks that die, the circuit breaker that counts them, alarms, and the way
//! back. Breaker: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    rollout::{Happening, Surroundings},
    script::{Fate, Script, backoff},
    service::{Deployment, Event, LastStatus, Monitor, Rollback, RolloutState, Service, Status},
};

const BREAKER: &str =
    "Service deployment rolled back because the circuit breaker threshold was exceeded.";
const ALARM: &str = "Service deployment rolled back because of a CloudWatch alarm.";
const NO_CANDIDATE: &str = "No rollback candidate was found to run the rollback.";

impl Service {
    fn breaker(&self, member: &str) -> Option<&Value> {
        self.configuration
            .get("deploymentCircuitBreaker")?
            .get(member)
    }

    pub(super) fn breaker_on(&self) -> bool {
        self.breaker("enable") == Some(&json!(true))
    }

    pub(super) fn alarms_on(&self) -> bool {
        let alarms = self.configuration.get("alarms");
        alarms.and_then(|alarms| alarms.get("enable")) == Some(&json!(true))
    }

    /// The number of failed tasks at which the breaker trips: half the desired count, at least 3
    /// and at most 200, unless `thresholdConfiguration` says otherwise.
    pub(super) fn threshold(&self) -> u32 {
        let configured = self.breaker("thresholdConfiguration");
        let kind = configured.and_then(|threshold| threshold.get("type")?.as_str());
        let value = configured.and_then(|threshold| threshold.get("value")?.as_u64());
        let value = value
            .and_then(|value| u32::try_from(value).ok())
            .unwrap_or(50);
        let share = (self.desired * value).div_ceil(100);
        match kind {
            Some("COUNT") => value,
            Some("UNBOUNDED_PERCENT") => share.max(1),
            _ => share.clamp(3, 200),
        }
    }

    pub(super) fn percent(&self, member: &str, default: u32) -> u32 {
        let value = self.configuration.get(member).and_then(Value::as_u64);
        value
            .and_then(|value| u32::try_from(value).ok())
            .unwrap_or(default)
    }

    pub(super) fn task_dies(&mut self, at: Timestamp, id: &str, around: &mut Surroundings<'_>) {
        let Some(task) = self.tasks.iter_mut().find(|task| task.id == id) else {
            return;
        };
        if task.last == LastStatus::Stopped {
            return;
        }
        let ran = task.last == LastStatus::Running;
        task.last = LastStatus::Stopped;
        task.stopping.get_or_insert(at);
        task.stopped = Some(at);
        if ran {
            task.stop_code = Some("EssentialContainerExited");
            task.stopped_reason = Some("Essential container in task exited".to_owned());
            for container in &mut task.containers {
                container.exit_code = Some(1);
            }
        } else {
            let image = task
                .containers
                .first()
                .map_or("", |container| container.image.as_str());
            let reason = format!(
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): \
                 failed to resolve ref {image}: {image}: not found"
            );
            task.stop_code = Some("TaskFailedToStart");
            task.stopped_reason = Some(reason.clone());
            if let Some(container) = task.containers.first_mut() {
                container.reason = Some(reason);
            }
        }
        let (deployment, revision) = (task.deployment.clone(), task.revision.clone());
        if ran {
            self.last_words(at, id, &revision, around);
        }
        let known = self.deployments.iter().find(|known| known.id == deployment);
        let uncounted = known.is_none_or(|known| known.fate == Fate::DiesLater);
        let failures = if uncounted {
            0
        } else {
            self.count_failure(at, &deployment, around)
        };
        if failures == 3 {
            let message = format!(
                "(service {}) is unable to consistently start tasks successfully. For more information, \
                 see the Troubleshooting section of the Amazon ECS Developer Guide.",
                self.name
            );
            self.say(at, message, around);
        }
        self.plan(at + around.lasts(backoff(failures)), Happening::Schedule);
    }

    /// What a crashing program writes before it goes.
    fn last_words(&self, at: Timestamp, id: &str, revision: &str, around: &mut Surroundings<'_>) {
        for container in self
            .revision(revision)
            .iter()
            .flat_map(|revision| &revision.containers)
        {
            if let Some((group, prefix)) = &container.log {
                let stream = format!("{prefix}/{}/{id}", container.name);
                let lines = [
                    "starting up",
                    "configuration key DATABASE_URL is missing",
                    "fatal: giving up",
                ];
                around.logs.put(
                    &self.home.account,
                    &self.home.region,
                    group,
                    &stream,
                    &lines,
                    at,
                );
            }
        }
    }

    /// Counts one failed task, and trips the breaker when that was the last one allowed.
    pub(super) fn count_failure(
        &mut self,
        at: Timestamp,
        deployment: &str,
        around: &mut Surroundings<'_>,
    ) -> u32 {
        let Some(known) = self
            .deployments
            .iter_mut()
            .find(|known| known.id == deployment)
        else {
            return 0;
        };
        known.failed_tasks += 1;
        known.updated = at;
        let failures = known.failed_tasks;
        let threshold = self.threshold();
        let Some(rollout) = self.rollouts.last_mut() else {
            return failures;
        };
        let of_rollback = rollout
            .rollback
            .as_ref()
            .is_some_and(|rollback| rollback.deployment == deployment);
        let arn = rollout.arn.clone();
        match rollout.status {
            Status::InProgress if rollout.deployment == deployment => {
                rollout.failures += 1;
                rollout.threshold = threshold;
                rollout.updated = at;
                if rollout.breaker == Monitor::Monitoring && rollout.failures >= threshold {
                    self.trip(at, &arn, around);
                }
            }
            Status::RollbackInProgress if of_rollback && failures >= threshold => {
                self.fail_primary(at, "ECS deployment circuit breaker: tasks failed to start.");
                self.rollback_failed(at, &arn, "The rollback's tasks failed to start.", around);
            }
            _ => {}
        }
        failures
    }

    /// One healthy task zeroes the count, unless the breaker is told otherwise.
    pub(super) fn reset_failures(&mut self, deployment: &str) {
        if self.breaker("resetOnHealthyTask") == Some(&json!(false)) {
            return;
        }
        if let Some(known) = self
            .deployments
            .iter_mut()
            .find(|known| known.id == deployment)
        {
            known.failed_tasks = 0;
        }
        let rollout = self.rollouts.last_mut();
        if let Some(rollout) =
            rollout.filter(|rollout| rollout.deployment == deployment && !rollout.status.is_final())
        {
            rollout.failures = 0;
        }
    }

    /// The breaker or an alarm ends a rollout.
    pub(super) fn trip(&mut self, at: Timestamp, arn: &str, around: &mut Surroundings<'_>) {
        let Some(rollout) = self
            .rollout(arn)
            .filter(|rollout| rollout.status == Status::InProgress)
        else {
            return;
        };
        let alarm = rollout.script == Script::Alarm;
        let member = if alarm {
            "alarms"
        } else {
            "deploymentCircuitBreaker"
        };
        let rolls_back = rollout
            .configuration
            .get(member)
            .and_then(|monitor| monitor.get("rollback"));
        let rolls_back = rolls_back == Some(&json!(true));
        if alarm {
            rollout.alarms = Monitor::Triggered;
            rollout.breaker.finish();
        } else {
            rollout.breaker = Monitor::Triggered;
            rollout.failures = rollout.failures.max(rollout.threshold);
        }
        let (reason, detail) = if alarm {
            ("ECS deployment failed: alarm detected.", "alarm detected.")
        } else {
            (
                "ECS deployment circuit breaker: tasks failed to start.",
                "tasks failed to start.",
            )
        };
        let id = rollout.deployment.clone();
        self.fail_primary(at, reason);
        self.say(
            at,
            format!(
                "(service {}) (deployment {id}) deployment failed: {detail}",
                self.name
            ),
            around,
        );
        self.announce(at, "ERROR", "SERVICE_DEPLOYMENT_FAILED", around);
        if rolls_back {
            self.roll_back(at, arn, if alarm { ALARM } else { BREAKER }, around);
            return;
        }
        if let Some(rollout) = self.rollout(arn) {
            let cause = if alarm {
                "of a CloudWatch alarm"
            } else {
                "the circuit breaker threshold was exceeded"
            };
            rollout.status = Status::Stopped;
            rollout.stopped = Some(at);
            rollout.reason = Some(format!("Service deployment stopped because {cause}."));
        }
        self.finish(at, arn);
    }

    pub(super) fn fail_primary(&mut self, at: Timestamp, reason: &str) {
        if let Some(primary) = self.deployments.first_mut() {
            primary.state = RolloutState::Failed;
            primary.reason = reason.to_owned();
            primary.updated = at;
        }
    }

    fn rollback_failed(
        &mut self,
        at: Timestamp,
        arn: &str,
        reason: &str,
        around: &mut Surroundings<'_>,
    ) {
        if let Some(rollout) = self.rollout(arn) {
            rollout.status = Status::RollbackFailed;
            rollout.reason = Some(reason.to_owned());
            rollout.breaker.finish();
        }
        self.finish(at, arn);
        let message = format!("(service {}) rollback failed: {reason}", self.name);
        self.say(at, message, around);
        self.announce(at, "ERROR", "SERVICE_DEPLOYMENT_FAILED", around);
    }

    /// Goes back to the revision that completed last; its tasks that still run are taken over.
    pub(super) fn roll_back(
        &mut self,
        at: Timestamp,
        arn: &str,
        reason: &str,
        around: &mut Surroundings<'_>,
    ) {
        let good = self.last_good.clone();
        let good = good.and_then(|(revision, id)| Some((self.revision(&revision)?.clone(), id)));
        let Some((revision, good)) = good else {
            self.rollback_failed(at, arn, NO_CANDIDATE, around);
            return;
        };
        let id = format!("ecs-svc/{}", around.serial.digits());
        let Some(rollout) = self.rollout(arn) else {
            return;
        };
        rollout.status = Status::RollbackInProgress;
        rollout.leave_hooks();
        rollout.reason = Some(reason.to_owned());
        rollout.updated = at;
        rollout.rollback = Some(Rollback {
            reason: reason.to_owned(),
            started: at,
            revision: revision.arn.clone(),
            deployment: id.clone(),
        });
        let (doomed, pace) = (
            rollout.script == Script::RollbackFails,
            rollout.script.pace(),
        );
        if !doomed {
            for task in self
                .tasks
                .iter_mut()
                .filter(|task| task.revision == revision.arn && task.wanted())
            {
                task.deployment.clone_from(&id);
            }
        }
        self.task_definition.clone_from(&revision.task_definition);
        self.deployments.insert(
            0,
            Deployment {
                id,
                revision: revision.arn,
                task_definition: revision.task_definition,
                state: RolloutState::InProgress,
                reason: format!(
                    "ECS deployment circuit breaker: rolling back to deploymentId {good}."
                ),
                failed_tasks: 0,
                begun: true,
                fate: if doomed { Fate::Crashes } else { Fate::Healthy },
                pace: super::script::Pace {
                    least: std::time::Duration::ZERO,
                    ..pace
                },
                created: at,
                updated: at,
            },
        );
        self.say(
            at,
            format!("(service {}) rolling back to deployment {good}.", self.name),
            around,
        );
        self.announce(at, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", around);
        self.schedule(at, around);
    }

    /// Adds a service event.
    pub(super) fn say(&mut self, at: Timestamp, message: String, around: &mut Surroundings<'_>) {
        let id = around.serial.uuid();
        self.events.push_front(Event { id, at, message });
        self.events.truncate(100);
    }

    /// Puts an `ECS Deployment State Change` for the primary deployment on the event bus.
    pub(super) fn announce(
        &self,
        at: Timestamp,
        kind: &str,
        name: &str,
        around: &mut Surroundings<'_>,
    ) {
        let Some(primary) = self.deployments.first() else {
            return;
        };
        around.bus.push(json!({
            "version": "0",
            "id": around.serial.uuid(),
            "detail-type": "ECS Deployment State Change",
            "source": "aws.ecs",
            "account": self.home.account,
            "time": at.to_string(),
            "region": self.home.region,
            "resources": [self.arn()],
            "detail": {
                "eventType": kind,
                "eventName": name,
                "deploymentId": primary.id,
                "updatedAt": at.to_string(),
                "reason": primary.reason,
            },
        }));
    }
}
