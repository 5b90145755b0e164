//! What ECS knows of one service: its deployments, service deployments, service revisions, tasks
//! and events. Plain data and counts; `rollout` moves it through time, `show` puts it on the wire.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    ids::Home,
    rollout::Happening,
    script::{Fate, Pace, Script},
    stage::Staging,
};

/// The service's `deploymentController`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Controller {
    /// Rolling updates by ECS itself.
    #[default]
    Ecs,
    /// AWS CodeDeploy.
    CodeDeploy,
    /// Task sets, by a third party.
    External,
}

impl Controller {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ecs => "ECS",
            Self::CodeDeploy => "CODE_DEPLOY",
            Self::External => "EXTERNAL",
        }
    }
}

/// A container as a service revision has it: the image and the digest it resolved to.
#[derive(Clone, Debug)]
pub(super) struct RevisionContainer {
    pub(super) name: String,
    pub(super) image: String,
    /// `None` when `versionConsistency` is `disabled`, or when nothing could be resolved.
    pub(super) digest: Option<String>,
    /// Log group and stream prefix of an `awslogs` configuration.
    pub(super) log: Option<(String, String)>,
}

impl RevisionContainer {
    /// The reference by which its tasks pull: pinned, where the revision resolved it.
    pub(super) fn pulled(&self) -> String {
        let Some(digest) = &self.digest else {
            return self.image.clone();
        };
        let named = self.image.split('@').next().unwrap_or_default();
        let repository = match named.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => repository,
            _ => named,
        };
        format!("{repository}@{digest}")
    }
}

#[derive(Clone, Debug)]
pub(super) struct Revision {
    pub(super) arn: String,
    pub(super) task_definition: String,
    pub(super) containers: Vec<RevisionContainer>,
    /// Of its tasks, as OCI calls it.
    pub(super) architecture: &'static str,
    pub(super) created: Timestamp,
}

/// `rolloutState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RolloutState {
    InProgress,
    Completed,
    Failed,
}

/// An entry of `deployments` in `DescribeServices` (`ecs-svc/…`). The first is PRIMARY, the others ACTIVE.
#[derive(Clone, Debug)]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) revision: String,
    pub(super) task_definition: String,
    pub(super) state: RolloutState,
    pub(super) reason: String,
    pub(super) failed_tasks: u32,
    /// False while its service deployment is still PENDING.
    pub(super) begun: bool,
    pub(super) fate: Fate,
    pub(super) pace: Pace,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

/// A service deployment's status, in the API's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    InProgress,
    StopRequested,
    Stopped,
    Successful,
    RollbackRequested,
    RollbackInProgress,
    RollbackSuccessful,
    RollbackFailed,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::StopRequested => "STOP_REQUESTED",
            Self::Stopped => "STOPPED",
            Self::Successful => "SUCCESSFUL",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    pub(super) fn is_final(self) -> bool {
        match self {
            Self::Stopped | Self::Successful | Self::RollbackSuccessful | Self::RollbackFailed => {
                true
            }
            Self::Pending
            | Self::InProgress
            | Self::StopRequested
            | Self::RollbackRequested
            | Self::RollbackInProgress => false,
        }
    }
}

/// What the circuit breaker or the alarms of a service deployment are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Monitor {
    Disabled,
    Monitoring,
    Triggered,
    Complete,
}

impl Monitor {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Disabled => "DISABLED",
            Self::Monitoring => "MONITORING",
            Self::Triggered => "TRIGGERED",
            Self::Complete => "MONITORING_COMPLETE",
        }
    }

    pub(super) fn finish(&mut self) {
        if *self == Self::Monitoring {
            *self = Self::Complete;
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Rollback {
    pub(super) reason: String,
    pub(super) started: Timestamp,
    pub(super) revision: String,
    /// The deployment (`ecs-svc/…`) that rolls back.
    pub(super) deployment: String,
}

/// Requested, running and pending tasks of one service revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) requested: u32,
    pub(super) running: u32,
    pub(super) pending: u32,
}

/// A service deployment, in ECS's sense.
#[derive(Clone, Debug)]
pub(super) struct Rollout {
    pub(super) arn: String,
    pub(super) status: Status,
    pub(super) reason: Option<String>,
    pub(super) created: Timestamp,
    pub(super) started: Option<Timestamp>,
    pub(super) finished: Option<Timestamp>,
    pub(super) stopped: Option<Timestamp>,
    pub(super) updated: Timestamp,
    pub(super) sources: Vec<String>,
    pub(super) target: String,
    /// The deployment (`ecs-svc/…`) that carries the target.
    pub(super) deployment: String,
    pub(super) rollback: Option<Rollback>,
    pub(super) failures: u32,
    pub(super) threshold: u32,
    pub(super) breaker: Monitor,
    pub(super) alarms: Monitor,
    pub(super) configuration: Value,
    pub(super) script: Script,
    /// Where it is on its way, if it has stages.
    pub(super) staging: Option<Staging>,
    /// Target's and sources' counts at the end; live while there is no end.
    pub(super) frozen: Option<(Counts, Vec<Counts>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastStatus {
    Pending,
    Running,
    Stopped,
}

#[derive(Clone, Debug)]
pub(super) struct TaskContainer {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) digest: Option<String>,
    pub(super) exit_code: Option<i32>,
    pub(super) reason: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) id: String,
    /// The deployment it counts for; a rollback takes over the tasks of its revision.
    pub(super) deployment: String,
    pub(super) started_by: String,
    pub(super) revision: String,
    pub(super) task_definition: String,
    pub(super) containers: Vec<TaskContainer>,
    pub(super) last: LastStatus,
    pub(super) created: Timestamp,
    pub(super) started: Option<Timestamp>,
    pub(super) stopping: Option<Timestamp>,
    pub(super) stopped: Option<Timestamp>,
    pub(super) stop_code: Option<&'static str>,
    pub(super) stopped_reason: Option<String>,
}

impl Task {
    /// Neither stopped nor told to stop.
    pub(super) fn wanted(&self) -> bool {
        self.stopping.is_none() && self.last != LastStatus::Stopped
    }
}

#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) message: String,
}

/// One ECS service.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) home: Home,
    pub(super) cluster: String,
    pub(super) name: String,
    pub(super) active: bool,
    pub(super) controller: Controller,
    pub(super) task_definition: String,
    pub(super) desired: u32,
    /// `deploymentConfiguration`.
    pub(super) configuration: Value,
    /// Members given back as they came: `launchType`, `networkConfiguration`, `loadBalancers` …
    pub(super) settings: Map<String, Value>,
    pub(super) tags: Value,
    pub(super) created: Timestamp,
    /// Newest first.
    pub(super) deployments: Vec<Deployment>,
    /// Oldest first.
    pub(super) rollouts: Vec<Rollout>,
    pub(super) revisions: Vec<Revision>,
    pub(super) tasks: Vec<Task>,
    /// Newest first, a hundred at most.
    pub(super) events: VecDeque<Event>,
    /// The revision and deployment that completed last: what a rollback goes back to.
    pub(super) last_good: Option<(String, String)>,
    pub(super) agenda: BTreeMap<(Timestamp, u64), Happening>,
    pub(super) entries: u64,
    /// For the next rollouts, in order.
    pub(super) scripts: VecDeque<Script>,
    /// How the next rollouts of other hands go.
    pub(super) foreign_scripts: VecDeque<Script>,
    /// Before this, the scheduler does not try again to place a task.
    pub(super) place_again: Option<Timestamp>,
    /// What reads still show, and until when.
    pub(super) stale: Option<(Timestamp, Box<Service>)>,
    /// How many `UpdateService` calls were accepted.
    pub(super) updates: usize,
}

impl Service {
    pub(super) fn arn(&self) -> String {
        self.home
            .arn(&format!("service/{}/{}", self.cluster, self.name))
    }

    pub(super) fn cluster_arn(&self) -> String {
        self.home.arn(&format!("cluster/{}", self.cluster))
    }

    pub(super) fn task_arn(&self, task: &Task) -> String {
        self.home.arn(&format!("task/{}/{}", self.cluster, task.id))
    }

    /// Whether it runs one task on every instance.
    pub(super) fn is_daemon(&self) -> bool {
        let strategy = self.settings.get("schedulingStrategy");
        strategy.and_then(Value::as_str) == Some("DAEMON")
    }

    /// The service as reads show it now.
    pub(super) fn view(&self, now: Timestamp) -> &Self {
        match &self.stale {
            Some((until, before)) if now < *until => before,
            _ => self,
        }
    }

    pub(super) fn revision(&self, arn: &str) -> Option<&Revision> {
        self.revisions.iter().find(|revision| revision.arn == arn)
    }

    pub(super) fn rollout(&mut self, arn: &str) -> Option<&mut Rollout> {
        self.rollouts.iter_mut().find(|rollout| rollout.arn == arn)
    }

    /// The service deployment under way, if any: only the newest can be.
    pub(super) fn current(&self) -> Option<&Rollout> {
        self.rollouts
            .last()
            .filter(|rollout| !rollout.status.is_final())
    }

    /// Whether a deployment is over: its service deployment has ended, and none of its tasks is left.
    pub(super) fn is_through(&self, deployment: &str) -> bool {
        let carries = |rollout: &Rollout| {
            let back = rollout.rollback.as_ref();
            rollout.deployment == deployment
                || back.is_some_and(|back| back.deployment == deployment)
        };
        let mut rollouts = self.rollouts.iter().filter(|rollout| carries(rollout));
        let mut tasks = self.tasks.iter();
        rollouts.all(|rollout| rollout.status.is_final())
            && tasks.all(|task| task.deployment != deployment || task.last == LastStatus::Stopped)
    }

    pub(super) fn running(&self, deployment: &str) -> u32 {
        self.count(|task| task.deployment == deployment && task.last == LastStatus::Running)
    }

    pub(super) fn pending(&self, deployment: &str) -> u32 {
        self.count(|task| task.deployment == deployment && task.last == LastStatus::Pending)
    }

    pub(super) fn count(&self, which: impl Fn(&Task) -> bool) -> u32 {
        u32::try_from(self.tasks.iter().filter(|task| which(task)).count()).unwrap_or(u32::MAX)
    }

    /// The tasks of a service revision, and how many of them are asked for right now.
    pub(super) fn counts(&self, revision: &str) -> Counts {
        let primary = self.deployments.first();
        let requested =
            primary.is_some_and(|deployment| deployment.revision == revision && deployment.begun);
        let of = |last| self.count(|task| task.revision == revision && task.last == last);
        let wanted = self.count(|task| task.revision == revision && task.wanted());
        Counts {
            requested: if requested { self.desired } else { wanted },
            running: of(LastStatus::Running),
            pending: of(LastStatus::Pending),
        }
    }
}
