//! Where a deploy's one-off task is, written down so that it runs once, whichever step dies.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Evidence, Head};
use crate::rollout::Reason;

/// Where the one-off task of a deploy is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OneOffPhase {
    /// Not begun.
    Waiting,
    /// It may have been asked for; ECS has not shown it yet.
    Starting {
        /// When it was first asked for, written down before it is: the answer may be lost.
        sent: Option<Timestamp>,
        /// When it was last asked for, where that was not the first time.
        again: Option<Timestamp>,
    },
    /// It runs.
    Running {
        /// Its ARN.
        task: String,
        /// When ECS showed it first.
        since: Timestamp,
        /// Why we asked ECS to stop it, once we have.
        stopped: Option<TaskStop>,
    },
    /// It ended well.
    Succeeded {
        /// Its ARN.
        task: String,
        /// How long it took.
        took: Duration,
    },
    /// It did not end well, never began, or is not known to have ended.
    Failed {
        /// Whether the task ran, or may have.
        ran: bool,
        /// Why, as a sentence in plain text.
        reason: Reason,
    },
    /// It was stopped because somebody cancelled the deploy.
    Cancelled,
}

/// Why ECS was asked to stop it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStop {
    /// Somebody cancelled the deploy.
    Cancelled,
    /// Its time was up.
    TimedOut,
}

/// The one-off task of a deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneOffState {
    /// The revision that was registered for it, once known.
    pub revision: Option<String>,
    /// Where it is.
    pub phase: OneOffPhase,
    /// What explains a failure, gathered while it exists.
    pub evidence: Option<Evidence>,
    /// What became of the family's newest revision.
    pub head: Head,
}

impl OneOffState {
    /// One that nobody has begun.
    pub fn new() -> Self {
        Self {
            revision: None,
            phase: OneOffPhase::Waiting,
            evidence: None,
            head: Head::Unseen,
        }
    }

    /// ECS shows it.
    pub fn begin(&mut self, task: String, since: Timestamp) {
        self.phase = OneOffPhase::Running {
            task,
            since,
            stopped: None,
        };
    }

    /// Whether services still wait for it.
    pub fn is_under_way(&self) -> bool {
        match self.phase {
            OneOffPhase::Waiting | OneOffPhase::Starting { .. } | OneOffPhase::Running { .. } => {
                true
            }
            OneOffPhase::Succeeded { .. } | OneOffPhase::Failed { .. } | OneOffPhase::Cancelled => {
                false
            }
        }
    }

    /// Whether the task was started, or may have been.
    pub fn may_have_run(&self) -> bool {
        match &self.phase {
            OneOffPhase::Waiting => false,
            OneOffPhase::Starting { sent, .. } => sent.is_some(),
            OneOffPhase::Failed { ran, .. } => *ran,
            OneOffPhase::Running { .. }
            | OneOffPhase::Succeeded { .. }
            | OneOffPhase::Cancelled => true,
        }
    }
}

impl Default for OneOffState {
    fn default() -> Self {
        Self::new()
    }
}
