//! Rollouts: what ECS shows of a service and of a service deployment, and what that means.
//!
//! Plain values, so that records can hold them and tables can test them. Only the rollout that *we*
//! started is judged; that a service is stable, or that tasks run, is never taken for success.

mod judge;
mod pause;
mod reason;
mod side;
mod view;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::image_reference::digest_of;

pub use pause::{AfterPause, Hook, HookStatus};
pub use side::{Side, Staged};
pub use view::View;

#[cfg(test)]
pub(crate) use judge::tests::{live, live_rollout, rollout as fixture};
pub use judge::{APPEARS_WITHIN, Judgement, Observed, Ours, Stage, Trigger, judge};
pub use reason::{AwsNo, AwsNoKind, OneOffReason, Reason, Tried};

/// Who carries a service's rollouts out. Longshore deploys only where ECS itself does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Controller {
    /// ECS.
    Ecs,
    /// ECS, which manages an Express Mode service with all that it needs by itself.
    Express,
    /// CodeDeploy.
    CodeDeploy,
    /// Task sets, managed by somebody else.
    External,
    /// One that this version does not know, in ECS's word.
    Other(String),
}

impl Controller {
    /// ECS's word for it.
    pub fn name(&self) -> &str {
        match self {
            Self::Ecs => "ECS",
            Self::Express => "ECS Express Mode",
            Self::CodeDeploy => "CODE_DEPLOY",
            Self::External => "EXTERNAL",
            Self::Other(name) => name,
        }
    }
}

/// How new tasks take the old ones' place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Bit by bit.
    Rolling,
    /// A whole second set, then the traffic.
    BlueGreen,
    /// The traffic in equal steps.
    Linear,
    /// A little traffic first, then the rest.
    Canary,
    /// One that this version does not know, in ECS's word.
    Other(String),
}

/// The deployment circuit breaker's settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// It gives up on a rollout whose tasks keep failing.
    pub enable: bool,
    /// It then goes back to the last revision that completed.
    pub rollback: bool,
}

/// Task counts of one revision, as ECS says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Tasks wanted.
    pub desired: i32,
    /// Tasks running.
    pub running: i32,
    /// Tasks on their way.
    pub pending: i32,
    /// Tasks that failed, as the circuit breaker counts them.
    pub failed: i32,
}

/// A service as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveService {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// The task definition it is meant to run, as an ARN. After ECS rolled back, the old one.
    pub task_definition: String,
    /// Tasks wanted.
    pub desired: i32,
    /// Tasks running, of all revisions.
    pub running: i32,
    /// Tasks on their way, of all revisions.
    pub pending: i32,
    /// Who rolls out.
    pub controller: Controller,
    /// How.
    pub strategy: Strategy,
    /// The circuit breaker.
    pub breaker: Breaker,
    /// The service deployment in flight, where ECS names one.
    pub current: Option<String>,
    /// What ECS calls "deployments" in a service: the primary first.
    pub rollouts: Vec<LiveRollout>,
    /// The newest events, newest first.
    pub events: Vec<ServiceEvent>,
}

impl LiveService {
    /// Whether the service exists and can be updated.
    pub(crate) fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }

    /// What the service is being brought to, or has been.
    pub fn primary(&self) -> Option<&LiveRollout> {
        self.rollouts.iter().find(|rollout| rollout.is_primary())
    }

    /// Whether its last rollout failed or was stopped where it stood: new and old tasks may run side by
    /// side, and nothing moves any more.
    pub(crate) fn is_unfinished(&self) -> bool {
        let failed = |rollout: &LiveRollout| rollout.state.as_deref() == Some("FAILED");
        !self.in_flight() && (self.rollouts.len() > 1 || self.primary().is_some_and(failed))
    }

    /// ECS's id of the rollout in flight, if there is one.
    pub(crate) fn rollout_in_flight(&self) -> Option<&str> {
        let primary = self.primary().filter(|_| self.in_flight())?;
        Some(&primary.id)
    }

    /// Whether nothing moves, and nothing stands where it was stopped.
    pub fn is_settled(&self) -> bool {
        !self.in_flight() && !self.is_unfinished()
    }

    /// Whether something is being rolled out, by whomever. Behind a Classic Load Balancer ECS keeps
    /// no state for it; there a second deployment in the list says so.
    pub fn in_flight(&self) -> bool {
        let mut rollouts = self.rollouts.iter();
        if rollouts.any(|rollout| rollout.state.as_deref() == Some("IN_PROGRESS")) {
            return true;
        }
        // One that failed or was left standing leaves the old tasks beside the new ones, and moves no more.
        let says_nothing = |rollout: &LiveRollout| rollout.state.is_none();
        self.rollouts.len() > 1 && self.primary().is_none_or(says_nothing)
    }
}

/// One entry of a service's `deployments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveRollout {
    /// `ecs-svc/…`.
    pub id: String,
    /// `PRIMARY`, `ACTIVE` or `INACTIVE`.
    pub status: String,
    /// The task definition's ARN.
    pub task_definition: String,
    /// `IN_PROGRESS`, `COMPLETED` or `FAILED`, where ECS keeps it.
    pub state: Option<String>,
    /// Why that state.
    pub reason: Option<String>,
    /// Its tasks.
    pub counts: Counts,
    /// When it began, by ECS's clock.
    pub created: Option<Timestamp>,
}

impl LiveRollout {
    /// Whether the service is meant to become this revision.
    pub(crate) fn is_primary(&self) -> bool {
        self.status == "PRIMARY"
    }
}

/// A line of a service's event list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// When, by ECS's clock.
    pub at: Option<Timestamp>,
    /// What ECS says.
    pub message: String,
}

/// Where a service deployment is:
/// [ECS's statuses](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not begun.
    Pending,
    /// Under way.
    InProgress,
    /// It did what it was to do.
    Successful,
    /// Somebody asked for it to stop, or a newer one takes its place.
    StopRequested,
    /// It stopped.
    Stopped,
    /// Somebody asked for it to go back.
    RollbackRequested,
    /// It is going back.
    RollbackInProgress,
    /// It went back.
    RollbackSuccessful,
    /// It could not go back.
    RollbackFailed,
    /// One that this version does not know, in ECS's word: taken as still under way.
    Other(String),
}

impl Status {
    /// From ECS's word.
    pub fn new(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "IN_PROGRESS" => Self::InProgress,
            "SUCCESSFUL" => Self::Successful,
            "STOP_REQUESTED" => Self::StopRequested,
            "STOPPED" => Self::Stopped,
            "ROLLBACK_REQUESTED" => Self::RollbackRequested,
            "ROLLBACK_IN_PROGRESS" => Self::RollbackInProgress,
            "ROLLBACK_SUCCESSFUL" => Self::RollbackSuccessful,
            "ROLLBACK_FAILED" => Self::RollbackFailed,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether the status is final.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed => {
                true
            }
            Self::Pending
            | Self::InProgress
            | Self::StopRequested
            | Self::RollbackRequested
            | Self::RollbackInProgress
            | Self::Other(_) => false,
        }
    }
}

/// A service deployment: ECS's own work for one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// Its ARN.
    pub arn: String,
    /// Where it is.
    pub status: Status,
    /// Why there.
    pub reason: Option<String>,
    /// When it was made, by ECS's clock.
    pub created: Option<Timestamp>,
    /// When it was over, by ECS's clock.
    pub finished: Option<Timestamp>,
    /// The service revision it brings.
    pub target: Option<String>,
    /// The tasks of that revision, with what the breaker counted.
    pub counts: Counts,
    /// Tasks still running of the revisions it replaces.
    pub old_running: i32,
    /// The way back, once taken.
    pub rollback: Option<WayBack>,
    /// Whether the circuit breaker gave up on it.
    pub breaker_triggered: bool,
    /// Failures the circuit breaker tolerates.
    pub breaker_threshold: i32,
    /// The CloudWatch alarms that gave up on it. A single empty name where ECS names none.
    pub alarms_triggered: Vec<String>,
    /// The stage of a blue/green, linear or canary rollout, in ECS's word.
    pub stage: Option<String>,
    /// How new tasks take the old ones' place.
    pub strategy: Strategy,
    /// The new revision's share of the production traffic in tenths of a per cent, where ECS moves
    /// traffic.
    pub share: Option<u16>,
    /// How long both revisions run after the traffic has moved.
    pub bake_minutes: Option<u32>,
    /// The CloudWatch alarms that watch it.
    pub alarms_watched: Vec<String>,
    /// The lifecycle hooks that it has reached.
    pub hooks: Vec<Hook>,
}

impl Rollout {
    /// The pause hooks that wait for an answer.
    pub fn waiting_hooks(&self) -> impl Iterator<Item = &Hook> {
        let waits = |hook: &&Hook| hook.status == HookStatus::AwaitingAction;
        self.hooks.iter().filter(waits)
    }

    /// Whether all tasks of the new revision are up and it needs the old ones no more: by its stage,
    /// where it has stages, else because none of the old ones runs.
    pub(crate) fn is_up(&self) -> bool {
        const UP: [&str; 8] = [
            "POST_SCALE_UP",
            "TEST_TRAFFIC_SHIFT",
            "POST_TEST_TRAFFIC_SHIFT",
            "PRE_PRODUCTION_TRAFFIC_SHIFT",
            "PRODUCTION_TRAFFIC_SHIFT",
            "POST_PRODUCTION_TRAFFIC_SHIFT",
            "BAKE_TIME",
            "CLEAN_UP",
        ];
        let counts = self.counts;
        let all = counts.desired > 0 && counts.running >= counts.desired;
        self.status == Status::InProgress
            && all
            && match &self.stage {
                Some(stage) => UP.contains(&stage.as_str()),
                None => self.old_running == 0,
            }
    }

    /// What made it go back, or ECS give up on it.
    pub fn trigger(&self) -> Option<Trigger> {
        judge::made_it_go_back(self)
    }

    /// Whether a lifecycle hook made it go back: it failed, or ran out of time.
    pub(crate) fn hook_failed(&self) -> bool {
        self.hooks.iter().any(|hook| match hook.status {
            HookStatus::Failed => true,
            HookStatus::TimedOut => hook.on_timeout == AfterPause::RollBack,
            HookStatus::AwaitingAction | HookStatus::Other => false,
        })
    }
}

/// The way back of a service deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayBack {
    /// Why.
    pub reason: Option<String>,
    /// The service revision gone back to.
    pub revision: Option<String>,
}

/// A service deployment as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutBrief {
    /// Its ARN.
    pub arn: String,
    /// Where it is.
    pub status: Status,
    /// When it was made, by ECS's clock.
    pub created: Option<Timestamp>,
    /// The service revision it brings.
    pub target: Option<String>,
}

/// A service revision: what exactly a service deployment brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its ARN.
    pub arn: String,
    /// The task definition's ARN.
    pub task_definition: String,
    /// What its containers run.
    pub images: Vec<RunningImage>,
}

/// What one container runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningImage {
    /// The container's name.
    pub container: String,
    /// Its image as the task definition names it.
    pub image: Option<String>,
    /// The digest that it was resolved to, `sha256:…`.
    pub digest: Option<String>,
}

impl RunningImage {
    /// The container with the digest that it runs. ECS appends the one that it resolved a tag to; a machine
    /// may report that of the one image of an index that is for it.
    pub fn resolved(self) -> Option<(String, String)> {
        let named = self.image.as_deref().and_then(digest_of);
        let digest = named.map(String::from).or(self.digest)?;
        Some((self.container, digest))
    }
}
