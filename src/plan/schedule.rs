//! A schedule in a plan: what it runs, and what it would run after the services.

use serde::{Deserialize, Serialize};

use super::Change;

/// What one schedule would run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedSchedule {
    /// Its name, with its group if that is not the default one: `reports/nightly`.
    pub schedule: String,
    /// The task definition that the schedule names now: a revision's ARN, or a family's.
    pub live: String,
    /// The revision that this stood for when it was planned: its ARN.
    pub revision: String,
    /// The task definition family.
    pub family: String,
    /// What the schedule would run.
    pub change: Change,
    /// Container → image, of those that nobody can pin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unpinned: Vec<(String, String)>,
    /// What that names by tag, pinned: the way back is a copy that names these. Empty where `live` itself
    /// will do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<(String, String)>,
    /// The place of the service whose lease lets it be changed.
    pub with: usize,
}
