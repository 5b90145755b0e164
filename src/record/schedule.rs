//! Where a scheduled task of a deploy is.

use serde::{Deserialize, Serialize};

use super::Head;
use crate::rollout::Reason;

/// Where one schedule is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchedulePhase {
    /// Not touched; the services come first.
    Waiting,
    /// It runs the new revision from now on.
    Updated,
    /// It could not be changed.
    Failed {
        /// Why, in plain text.
        reason: Reason,
        /// Whether it is known to run what it ran.
        as_before: bool,
    },
    /// It had been changed, something else failed, and it runs what it ran before.
    PutBack,
    /// It had been changed and could not be put back.
    Stuck {
        /// Why, in plain text.
        reason: Reason,
    },
}

/// One schedule of a deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleState {
    /// Its name, with its group if that is not the default one.
    pub schedule: String,
    /// The task definition's ARN that this deploy gives it, once known.
    pub revision: Option<String>,
    /// Where it is.
    pub phase: SchedulePhase,
    /// The task definition's ARN that it is put back to, where it had to be and once known.
    pub back: Option<String>,
    /// What became of the family's newest revision.
    pub head: Head,
}

impl ScheduleState {
    /// A schedule nobody has touched.
    pub fn new(schedule: &str) -> Self {
        Self {
            schedule: schedule.to_owned(),
            revision: None,
            back: None,
            phase: SchedulePhase::Waiting,
            head: Head::Unseen,
        }
    }
}
