//! Where one service of a deploy is, written down so that any step can go on where another died.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Counts, Head, Stop};
use crate::plan::PlannedService;
use crate::record::Pause;
use crate::rollout::{Reason, Side, Trigger, View};

/// Where one service of a deploy is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServicePhase {
    /// Not touched yet.
    Waiting,
    /// The update may have been sent; ECS has not shown our rollout yet.
    Starting {
        /// When this deploy set out to update the service.
        since: Timestamp,
        /// When the update was last sent, written down before it is: its answer may be lost, and
        /// ECS may take a while to show the rollout.
        sent: Option<Timestamp>,
        /// The service deployments ECS knew before: none of these is ours.
        before: Vec<String>,
    },
    /// Our rollout is in flight.
    Rolling {
        /// When the update was sent.
        since: Timestamp,
        /// The service deployment's ARN.
        rollout: String,
        /// The service deployments ECS knew before.
        before: Vec<String>,
    },
    /// Our rollout is SUCCESSFUL with our revision and the accepted digest.
    Succeeded {
        /// The service deployment's ARN.
        rollout: String,
        /// The desired count was 0: nothing runs.
        no_tasks: bool,
    },
    /// Our rollout ended otherwise, or never began.
    Unsuccessful {
        /// What ended it.
        ending: ServiceEnding,
        /// ECS's words, or ours.
        reason: Reason,
    },
    /// It had succeeded, another service failed, and it is being taken back.
    GoingBack {
        /// When the way back was set out on.
        since: Timestamp,
        /// When the update was last sent, as for [`Self::Starting`].
        sent: Option<Timestamp>,
        /// The service deployments ECS knew before.
        before: Vec<String>,
        /// The service deployment of the way back, once visible.
        rollout: Option<String>,
    },
    /// It is back on the revision it had before.
    WentBack,
    /// Taking it back did not work.
    StuckHalfway {
        /// Why.
        reason: Reason,
    },
}

/// How one service's rollout ended when it did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceEnding {
    /// ECS rolled it back by itself (circuit breaker, alarm).
    RolledBack,
    /// A person asked for it to go back, and it did.
    Stopped,
    /// Somebody outside had it stopped where it stood: tasks of both revisions may run.
    Aborted,
    /// It failed and the old revision is not back by ECS's doing.
    Failed,
    /// A foreign rollout replaced it.
    Superseded,
    /// AWS said no before anything was changed.
    NotStarted,
}

impl ServicePhase {
    /// Whether ECS has shown a rollout of ours, forwards or back, that is not known to be over.
    pub fn is_in_flight(&self) -> bool {
        match self {
            Self::Rolling { .. }
            | Self::GoingBack {
                rollout: Some(_), ..
            } => true,
            Self::Waiting
            | Self::Starting { .. }
            | Self::GoingBack { rollout: None, .. }
            | Self::Succeeded { .. }
            | Self::Unsuccessful { .. }
            | Self::WentBack
            | Self::StuckHalfway { .. } => false,
        }
    }

    /// Whether nothing more will happen to this service.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Succeeded { .. }
            | Self::Unsuccessful { .. }
            | Self::WentBack
            | Self::StuckHalfway { .. } => true,
            Self::Waiting
            | Self::Starting { .. }
            | Self::Rolling { .. }
            | Self::GoingBack { .. } => false,
        }
    }
}

/// What explains a failure, in plain text as gathered; escaped where it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What happened to the tasks: stop code, exit code and its meaning, ECS's reason.
    pub what: Vec<String>,
    /// The likely cause and what to do, for the common ones.
    pub cause: Option<String>,
    /// The last lines the failing container wrote, where the environment allows logs in Slack.
    pub log_lines: Vec<String>,
    /// Its tasks, an https URL of the console.
    pub link: Option<String>,
    /// What the failing container wrote, an https URL of the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// What the service's own events say of it.
    pub event: Option<String>,
}

impl Evidence {
    /// Whether the evidence tells why something fails.
    pub fn tells(&self) -> bool {
        !self.what.is_empty() || self.cause.is_some() || self.event.is_some()
    }
}

/// When the stopped tasks of a rollout were last read, and how many had failed by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// When.
    pub at: Timestamp,
    /// Failed tasks by then.
    pub failed: i32,
}

/// One service of a deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceState {
    /// The ECS service's name.
    pub service: String,
    /// The fence of the lease held on it, once held.
    pub fence: Option<u64>,
    /// The task definition's ARN that this deploy rolls out, once known.
    pub revision: Option<String>,
    /// The task definition's ARN that it is taken back to, written down before it is sent: the live one,
    /// or a copy of it.
    pub back: Option<String>,
    /// Where it is.
    pub phase: ServicePhase,
    /// Counts for the card.
    pub counts: Counts,
    /// What explains a failure, gathered while it exists.
    pub evidence: Option<Evidence>,
    /// What became of the family's newest revision.
    pub head: Head,
    /// How far stopping this rollout has got, if we asked ECS for it.
    pub stop: Stop,
    /// What its rollout looked like when it was last looked at.
    pub view: Option<View>,
    /// The pauses of its rollout, oldest first.
    pub pauses: Vec<Pause>,
    /// When its stopped tasks were last read while it rolled out.
    pub looked: Option<Looked>,
    /// Whether ECS has shown all tasks of the new revision up, and none of the old ones needed.
    pub came_up: bool,
    /// What made ECS take it back, or give up on it.
    pub trigger: Option<Trigger>,
    /// What ECS showed it running right before the verdict was written, revision by revision; empty
    /// where that was not read.
    pub shown: Vec<Side>,
}

impl ServiceState {
    /// Whether what this deploy brought is what it runs.
    pub fn is_out(&self) -> bool {
        matches!(self.phase, ServicePhase::Succeeded { .. })
    }

    /// Whether it succeeded and wants no tasks, so that nothing ran of what this deploy brought.
    pub fn ran_nothing(&self) -> bool {
        matches!(self.phase, ServicePhase::Succeeded { no_tasks: true, .. })
    }

    /// Whether a task definition is one that this deploy gave the service, forwards or back.
    pub fn is_ours(&self, task_definition: &str) -> bool {
        let ours = [&self.revision, &self.back].into_iter().flatten();
        ours.into_iter().any(|ours| ours == task_definition)
    }

    /// Whether a task definition is what it ran before, or a copy of that which it is taken back to.
    pub fn ran_before(&self, planned: &PlannedService, task_definition: &str) -> bool {
        planned.back_to() == task_definition || self.back.as_deref() == Some(task_definition)
    }

    /// A service nobody has touched.
    pub fn new(service: &str) -> Self {
        Self {
            service: service.to_owned(),
            fence: None,
            revision: None,
            back: None,
            phase: ServicePhase::Waiting,
            counts: Counts::default(),
            evidence: None,
            head: Head::Unseen,
            stop: Stop::Unasked,
            view: None,
            pauses: Vec::new(),
            looked: None,
            came_up: false,
            trigger: None,
            shown: Vec::new(),
        }
    }

    /// Whether the service rolls out, and something tells that its tasks do not come up.
    pub fn is_failing(&self) -> bool {
        let rolls = matches!(self.phase, ServicePhase::Rolling { .. });
        rolls && self.evidence.as_ref().is_some_and(Evidence::tells)
    }

    /// The pauses that wait for an answer.
    pub fn waiting_pauses(&self) -> impl Iterator<Item = &Pause> {
        self.pauses.iter().filter(|pause| pause.waits())
    }
}
