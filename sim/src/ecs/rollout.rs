//! How a service moves through time: an agenda of happenings, applied in order up to now, whatever
//! clock says what now is. The scheduler starts and stops tasks as ECS's does, within
//! `maximumPercent` and `minimumHealthyPercent`; scripts only decide how the tasks fare.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    hook::HookAction,
    ids::Serial,
    script::{HEED, STOPPED_FOR, Script},
    service::{Deployment, Monitor, Revision, Rollout, RolloutState, Service, Status},
    stage::Staging,
};
use crate::{ecr::Ecr, logs::Logs};

/// Something that happens to a service at a time. Each checks whether it still applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// A service deployment leaves PENDING.
    Begin(String),
    /// The scheduler looks at the service.
    Schedule,
    TaskRuns(String),
    TaskDies(String),
    TaskStopped(String),
    /// If the service is still steady, what is under way completes.
    Settle(String),
    /// An alarm, or a breaker that is through before anyone looked.
    Trip(String),
    /// A requested rollback begins.
    RollBack(String),
    /// A requested stop is done.
    Stop(String),
    /// A stage of a rollout with stages has had its time.
    Advance(String, usize),
    /// Somebody answers a pause hook, in the console.
    Answer(String, String, HookAction),
    /// Nobody has answered this pause hook.
    HookExpires(String, String),
    /// Somebody else updates the service; acted upon by the caller, who has the task definitions.
    Foreign(String),
}

/// What a service needs of the world around it while time passes.
pub(super) struct Surroundings<'a> {
    pub(super) serial: &'a mut Serial,
    pub(super) ecr: &'a Ecr,
    pub(super) logs: &'a mut Logs,
    /// EventBridge events so far.
    pub(super) bus: &'a mut Vec<serde_json::Value>,
    pub(super) speed: f64,
}

impl Surroundings<'_> {
    pub(super) fn lasts(&self, duration: Duration) -> Duration {
        duration.div_f64(self.speed)
    }
}

/// Keeps a crash loop that nobody looks at for days from filling the memory.
const MOST_TASKS: usize = 1000;

impl Service {
    pub(super) fn plan(&mut self, at: Timestamp, happening: Happening) {
        self.entries += 1;
        self.agenda.insert((at, self.entries), happening);
    }

    /// Takes the next thing that is due.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<(Timestamp, Happening)> {
        let entry = self
            .agenda
            .first_entry()
            .filter(|entry| entry.key().0 <= now)?;
        let ((at, _), happening) = entry.remove_entry();
        Some((at, happening))
    }

    /// Forgets what ECS no longer shows, as a deployment that was replaced and is over, and more than a
    /// thousand stopped tasks in any case.
    pub(super) fn forget(&mut self, now: Timestamp) {
        self.tasks.retain(|task| {
            task.stopped
                .is_none_or(|stopped| now <= stopped + STOPPED_FOR)
        });
        let mut excess = self.tasks.len().saturating_sub(MOST_TASKS);
        self.tasks.retain(|task| {
            let kept = excess == 0 || task.stopped.is_none();
            excess -= usize::from(!kept);
            kept
        });
        let over: Vec<String> = self
            .deployments
            .iter()
            .skip(1)
            .filter(|known| self.is_through(&known.id))
            .map(|known| known.id.clone())
            .collect();
        self.deployments.retain(|known| !over.contains(&known.id));
        if self.stale.as_ref().is_some_and(|(until, _)| *until <= now) {
            self.stale = None;
        }
    }

    pub(super) fn apply(
        &mut self,
        at: Timestamp,
        happening: Happening,
        around: &mut Surroundings<'_>,
    ) {
        match happening {
            Happening::Begin(arn) => self.begin(at, &arn, around),
            Happening::Schedule => self.schedule(at, around),
            Happening::TaskRuns(id) => self.task_runs(at, &id, around),
            Happening::TaskDies(id) => self.task_dies(at, &id, around),
            Happening::TaskStopped(id) => self.task_stopped(at, &id, around),
            Happening::Settle(arn) => self.settle(at, &arn, around),
            Happening::Trip(arn) => self.trip(at, &arn, around),
            Happening::RollBack(arn) => {
                if self
                    .rollout(&arn)
                    .is_some_and(|rollout| rollout.status == Status::RollbackRequested)
                {
                    let reason = "Service deployment rolled back because of a stop request.";
                    self.fail_primary(at, "ECS deployment failed: stopped by the user.");
                    self.roll_back(at, &arn, reason, around);
                }
            }
            Happening::Stop(arn) => self.stopped(at, &arn),
            Happening::Advance(arn, from) => self.advance_stage(at, &arn, Some(from), around),
            Happening::Answer(arn, id, action) => {
                self.answer_hook(at, &arn, &id, action, around);
            }
            Happening::HookExpires(arn, id) => self.hook_expires(at, &arn, &id, around),
            Happening::Foreign(_) => {}
        }
    }

    /// Starts a service deployment of this revision; whatever was under way is superseded.
    pub(super) fn roll_out(
        &mut self,
        now: Timestamp,
        revision: Revision,
        script: Script,
        around: &mut Surroundings<'_>,
    ) {
        let pace = script.pace();
        let mut begin = now + around.lasts(pace.begin);
        let current = self.current().map(|rollout| rollout.arn.clone());
        if let Some(rollout) = current.and_then(|arn| self.rollout(&arn)) {
            rollout.status = Status::StopRequested;
            rollout.reason = Some(
                "Service deployment stopped because a new service deployment was started."
                    .to_owned(),
            );
            rollout.updated = now;
            let arn = rollout.arn.clone();
            let stopped = now + around.lasts(HEED);
            begin = begin.max(stopped);
            self.plan(stopped, Happening::Stop(arn));
        }
        let id = format!("ecs-svc/{}", around.serial.digits());
        let word = around.serial.word();
        let arn = self.home.arn(&format!(
            "service-deployment/{}/{}/{word}",
            self.cluster, self.name
        ));
        let mut sources: Vec<String> = Vec::new();
        for task in self.tasks.iter().filter(|task| task.wanted()) {
            if !sources.contains(&task.revision) {
                sources.push(task.revision.clone());
            }
        }
        let staging = Staging::of(&self.configuration, sources.len() > 1);
        let shifts = staging.as_ref().is_some_and(|staging| staging.shifts);
        // The circuit breaker is for rolling updates only.
        let breaker = self.breaker_on() && !shifts;
        let alarmed = self.alarms_on();
        self.task_definition.clone_from(&revision.task_definition);
        self.deployments.insert(
            0,
            Deployment {
                id: id.clone(),
                revision: revision.arn.clone(),
                task_definition: revision.task_definition.clone(),
                state: RolloutState::InProgress,
                reason: format!("ECS deployment {id} in progress."),
                failed_tasks: 0,
                begun: false,
                fate: script.fate(),
                pace,
                created: now,
                updated: now,
            },
        );
        self.rollouts.push(Rollout {
            arn: arn.clone(),
            status: Status::Pending,
            reason: None,
            created: now,
            started: None,
            finished: None,
            stopped: None,
            updated: now,
            sources,
            target: revision.arn.clone(),
            deployment: id,
            rollback: None,
            failures: 0,
            threshold: self.threshold(),
            breaker: if breaker {
                Monitor::Monitoring
            } else {
                Monitor::Disabled
            },
            alarms: if alarmed {
                Monitor::Monitoring
            } else {
                Monitor::Disabled
            },
            configuration: self.configuration.clone(),
            script,
            staging,
            frozen: None,
        });
        self.revisions.push(revision);
        self.place_again = None;
        self.plan(begin, Happening::Begin(arn));
    }

    fn begin(&mut self, at: Timestamp, arn: &str, around: &mut Surroundings<'_>) {
        let Some(rollout) = self
            .rollout(arn)
            .filter(|rollout| rollout.status == Status::Pending)
        else {
            return;
        };
        rollout.status = Status::InProgress;
        rollout.started = Some(at);
        rollout.updated = at;
        let (script, deployment) = (rollout.script.clone(), rollout.deployment.clone());
        let staged = rollout.staging.is_some();
        if let Some(deployment) = self
            .deployments
            .iter_mut()
            .find(|known| known.id == deployment)
        {
            deployment.begun = !staged;
            deployment.updated = at;
        }
        self.announce(at, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", around);
        let pace = script.pace();
        match script {
            Script::Alarm => self.plan(
                at + around.lasts(Duration::from_secs(5)),
                Happening::Trip(arn.to_owned()),
            ),
            Script::BetweenPolls => self.plan(
                at + around.lasts(pace.startup),
                Happening::Trip(arn.to_owned()),
            ),
            Script::Foreign => self.plan(
                at + around.lasts(pace.startup),
                Happening::Foreign(arn.to_owned()),
            ),
            _ => {}
        }
        match staged {
            true => self.advance_stage(at, arn, None, around),
            false => self.schedule(at, around),
        }
    }

    fn settle(&mut self, at: Timestamp, arn: &str, around: &mut Surroundings<'_>) {
        let steady = self.is_steady();
        let Some(rollout) = self.rollout(arn).filter(|_| steady) else {
            return;
        };
        match rollout.status {
            Status::InProgress => rollout.status = Status::Successful,
            Status::RollbackInProgress => rollout.status = Status::RollbackSuccessful,
            _ => return,
        }
        rollout.breaker.finish();
        rollout.alarms.finish();
        self.deployments.truncate(1);
        if let Some(primary) = self.deployments.first_mut() {
            primary.state = RolloutState::Completed;
            primary.reason = format!("ECS deployment {} completed.", primary.id);
            primary.updated = at;
            let (revision, id) = (primary.revision.clone(), primary.id.clone());
            self.last_good = Some((revision, id.clone()));
            self.say(
                at,
                format!(
                    "(service {}) (deployment {id}) deployment completed.",
                    self.name
                ),
                around,
            );
        }
        self.say(
            at,
            format!("(service {}) has reached a steady state.", self.name),
            around,
        );
        self.finish(at, arn);
        self.announce(at, "INFO", "SERVICE_DEPLOYMENT_COMPLETED", around);
    }

    /// Marks the end of a service deployment and keeps the counts it ended with.
    pub(super) fn finish(&mut self, at: Timestamp, arn: &str) {
        let Some(rollout) = self.rollouts.iter().find(|rollout| rollout.arn == arn) else {
            return;
        };
        let sources = rollout
            .sources
            .iter()
            .map(|source| self.counts(source))
            .collect();
        let frozen = (self.counts(&rollout.target), sources);
        if let Some(rollout) = self.rollout(arn) {
            rollout.finished = Some(at);
            rollout.updated = at;
            rollout.frozen = Some(frozen);
        }
    }

    fn stopped(&mut self, at: Timestamp, arn: &str) {
        let Some(rollout) = self
            .rollout(arn)
            .filter(|rollout| rollout.status == Status::StopRequested)
        else {
            return;
        };
        rollout.status = Status::Stopped;
        rollout.leave_hooks();
        rollout.stopped = Some(at);
        rollout.breaker.finish();
        rollout.alarms.finish();
        let deployment = rollout.deployment.clone();
        self.finish(at, arn);
        if let Some(primary) = self
            .deployments
            .first_mut()
            .filter(|primary| primary.id == deployment)
        {
            primary.state = RolloutState::Failed;
            primary.reason = format!("ECS deployment {deployment} stopped.");
            primary.updated = at;
        }
    }
}
