//! ECS's scheduler in small: which tasks start, which stop, and when a service is steady. It keeps
//! within `maximumPercent` and `minimumHealthyPercent`; fates decide how the tasks fare.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    rollout::{Happening, Surroundings},
    script::{CRASH_AFTER, Fate, LIFETIME, backoff},
    service::{Deployment, Event, LastStatus, RolloutState, Service, Task, TaskContainer},
    stage::Until,
};

impl Service {
    /// What ECS's scheduler does each time it looks: start what is missing, stop what is too much.
    pub(super) fn schedule(&mut self, at: Timestamp, around: &mut Surroundings<'_>) {
        let Some(primary) = self.deployments.first().cloned() else {
            return;
        };
        let wanted = self.count(|task| task.deployment == primary.id && task.wanted());
        if primary.begun && primary.state != RolloutState::Failed {
            let alive = self.count(|task| task.last != LastStatus::Stopped);
            let room =
                (self.desired * self.percent("maximumPercent", 200) / 100).saturating_sub(alive);
            // A second set of tasks is not within the limits of a rolling update.
            let room = if self.keeps_old() { u32::MAX } else { room };
            let missing = self.desired.saturating_sub(wanted).min(room);
            if missing > 0 {
                self.start(at, &primary, missing, around);
                if self
                    .deployments
                    .first()
                    .is_none_or(|first| first.id != primary.id)
                {
                    return; // not even one could be placed, the breaker tripped, the way back is scheduled
                }
            }
        }
        if wanted > self.desired {
            self.stop_tasks(
                at,
                wanted - self.desired,
                |task| task.deployment == primary.id,
                around,
            );
        }
        let replaces = primary.begun && primary.state != RolloutState::Failed && !self.keeps_old();
        if replaces || self.desired == 0 {
            let old = |task: &Task| task.deployment != primary.id;
            let idle =
                self.count(|task| old(task) && task.wanted() && task.last == LastStatus::Pending);
            self.stop_tasks(
                at,
                idle,
                |task| old(task) && task.last == LastStatus::Pending,
                around,
            );
            let floor = (self.desired * self.percent("minimumHealthyPercent", 100)).div_ceil(100);
            let crashing =
                |task: &Task| task.deployment == primary.id && primary.fate == Fate::Crashes;
            let healthy = self
                .count(|task| task.wanted() && task.last == LastStatus::Running && !crashing(task));
            let spare = healthy.saturating_sub(floor);
            let leaving = self.count(|task| old(task) && task.wanted());
            self.stop_tasks(at, spare.min(leaving), old, around);
            self.consider_saying_stuck(at, &primary, around);
        }
        self.consider_settling(at, around);
    }

    fn consider_settling(&mut self, at: Timestamp, around: &Surroundings<'_>) {
        match self.leg().map(|leg| leg.until) {
            Some(Until::Running) => return self.consider_advancing(at, around),
            Some(Until::Over(_)) => return,
            Some(Until::Clean) | None => {}
        }
        let (true, Some(rollout), Some(primary)) =
            (self.is_steady(), self.current(), self.deployments.first())
        else {
            return;
        };
        let arn = rollout.arn.clone();
        let settle = if self.desired == 0 {
            Duration::ZERO
        } else {
            primary.pace.settle
        };
        let least = rollout.created + around.lasts(primary.pace.least);
        self.plan(
            (at + around.lasts(settle)).max(least),
            Happening::Settle(arn),
        );
    }

    /// Where neither a task may start nor one may stop, ECS says so, once a deployment
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>).
    fn consider_saying_stuck(
        &mut self,
        at: Timestamp,
        primary: &Deployment,
        around: &mut Surroundings<'_>,
    ) {
        let alive = self.count(|task| task.last != LastStatus::Stopped);
        let stays = self.count(|task| task.wanted() && task.last == LastStatus::Running);
        let wanted = self.count(|task| task.deployment == primary.id && task.wanted());
        let most = self.desired * self.percent("maximumPercent", 200) / 100;
        let floor = (self.desired * self.percent("minimumHealthyPercent", 100)).div_ceil(100);
        let moves = stays < alive || stays > floor || alive < most;
        if moves || wanted >= self.desired {
            return;
        }
        let message = format!(
            "(service {}) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
            self.name
        );
        let since = |event: &Event| event.at >= primary.created && event.message == message;
        if !self.events.iter().any(since) {
            self.say(at, message, around);
        }
    }

    /// The primary deployment runs all it should, and nothing else is left.
    pub(super) fn is_steady(&self) -> bool {
        let Some(primary) = self.deployments.first() else {
            return false;
        };
        let (alive, running) = (
            self.count(|task| task.last != LastStatus::Stopped),
            self.count(|task| {
                task.deployment == primary.id && task.wanted() && task.last == LastStatus::Running
            }),
        );
        primary.begun
            && primary.state != RolloutState::Failed
            && alive == self.desired
            && running == self.desired
    }

    fn start(
        &mut self,
        at: Timestamp,
        primary: &Deployment,
        many: u32,
        around: &mut Surroundings<'_>,
    ) {
        if primary.fate == Fate::NotPlaced {
            if self.place_again.is_none_or(|again| again <= at) {
                self.fail_to_place(at, primary, around);
            }
            return;
        }
        let Some(revision) = self.revision(&primary.revision).cloned() else {
            return;
        };
        let mut started = Vec::new();
        for _ in 0..many {
            let id = around.serial.hex();
            let containers = revision.containers.iter().map(|container| TaskContainer {
                name: container.name.clone(),
                image: container.image.clone(),
                digest: around
                    .ecr
                    .pulled(&container.pulled(), revision.architecture)
                    .ok()
                    .flatten(),
                exit_code: None,
                reason: None,
            });
            self.tasks.push(Task {
                id: id.clone(),
                deployment: primary.id.clone(),
                started_by: primary.id.clone(),
                revision: revision.arn.clone(),
                task_definition: revision.task_definition.clone(),
                containers: containers.collect(),
                last: LastStatus::Pending,
                created: at,
                started: None,
                stopping: None,
                stopped: None,
                stop_code: None,
                stopped_reason: None,
            });
            started.push(format!("(task {id})"));
            self.plan(
                at + around.lasts(primary.pace.startup),
                Happening::TaskRuns(id),
            );
        }
        self.say(
            at,
            format!(
                "(service {}) has started {many} tasks: {}.",
                self.name,
                started.join(" ")
            ),
            around,
        );
    }

    fn fail_to_place(
        &mut self,
        at: Timestamp,
        primary: &Deployment,
        around: &mut Surroundings<'_>,
    ) {
        let message = format!(
            "(service {}) was unable to place a task because no container instance met all of its requirements. \
             Reason: No Container Instances were found in your capacity provider. For more information, see the \
             Troubleshooting section of the Amazon ECS Developer Guide.",
            self.name
        );
        self.say(at, message, around);
        let wait = primary.pace.startup + backoff(primary.failed_tasks + 1);
        let again = at + around.lasts(wait);
        self.place_again = Some(again);
        self.plan(again, Happening::Schedule);
        self.count_failure(at, &primary.id, around);
    }

    fn stop_tasks(
        &mut self,
        at: Timestamp,
        many: u32,
        which: impl Fn(&Task) -> bool,
        around: &mut Surroundings<'_>,
    ) {
        let drain = self
            .deployments
            .first()
            .map_or(Duration::ZERO, |primary| primary.pace.drain);
        let chosen: Vec<String> = (self
            .tasks
            .iter()
            .filter(|task| task.wanted() && which(task)))
        .take(usize::try_from(many).unwrap_or(usize::MAX))
        .map(|task| task.id.clone())
        .collect();
        if chosen.is_empty() {
            return;
        }
        for id in &chosen {
            let mut end = at;
            if let Some(task) = self.tasks.iter_mut().find(|task| task.id == *id) {
                let reason = format!(
                    "Scaling activity initiated by (deployment {})",
                    task.deployment
                );
                task.stopping = Some(at);
                task.stop_code = Some("ServiceSchedulerInitiated");
                task.stopped_reason = Some(reason);
                if task.last == LastStatus::Running {
                    end = at + around.lasts(drain);
                }
            }
            self.plan(end, Happening::TaskStopped(id.clone()));
        }
        let names: Vec<_> = chosen.iter().map(|id| format!("(task {id})")).collect();
        let message = format!(
            "(service {}) has stopped {} running tasks: {}.",
            self.name,
            names.len(),
            names.join(" ")
        );
        self.say(at, message, around);
    }

    pub(super) fn task_stopped(&mut self, at: Timestamp, id: &str, around: &mut Surroundings<'_>) {
        let Some(task) = self.tasks.iter_mut().find(|task| task.id == id) else {
            return;
        };
        if task.last == LastStatus::Stopped {
            return;
        }
        let ran = task.last == LastStatus::Running;
        task.last = LastStatus::Stopped;
        task.stopped = Some(at);
        for container in &mut task.containers {
            container.exit_code = ran.then_some(0);
        }
        self.schedule(at, around);
    }

    pub(super) fn task_runs(&mut self, at: Timestamp, id: &str, around: &mut Surroundings<'_>) {
        let Some(task) = self.tasks.iter().find(|task| task.id == id) else {
            return;
        };
        if !task.wanted() || task.last != LastStatus::Pending {
            return;
        }
        let absent = self.revision(&task.revision).is_some_and(|revision| {
            let mut containers = revision.containers.iter();
            containers.any(|container| {
                let image = container.pulled();
                around.ecr.pulled(&image, revision.architecture).is_err()
            })
        });
        let Some(task) = self.tasks.iter_mut().find(|task| task.id == id) else {
            return;
        };
        let deployment = self
            .deployments
            .iter_mut()
            .find(|known| known.id == task.deployment);
        let fate = deployment
            .as_ref()
            .map_or(Fate::Healthy, |deployment| deployment.fate);
        if absent || fate == Fate::NotPulled {
            self.task_dies(at, id, around);
            return;
        }
        task.last = LastStatus::Running;
        task.started = Some(at);
        let deployment = task.deployment.clone();
        let lifetime = match fate {
            Fate::Crashes => Some(CRASH_AFTER),
            Fate::DiesLater => Some(LIFETIME),
            Fate::Healthy | Fate::NotPlaced | Fate::NotPulled => None,
        };
        if let Some(lifetime) = lifetime {
            self.plan(
                at + around.lasts(lifetime),
                Happening::TaskDies(id.to_owned()),
            );
        }
        if fate != Fate::Crashes {
            self.reset_failures(&deployment);
            self.schedule(at, around);
        }
    }
}
