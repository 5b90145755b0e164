//! The one-off task in a plan: what would run once before the services, and what a rollback leaves
//! behind of those that ran.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::record::Past;

/// What would run once, before any service is touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTask {
    /// Its task definition family.
    pub family: String,
    /// The task definition ARN that is copied: the family's newest.
    pub base: String,
    /// Container → `repository@digest`.
    pub images: Vec<(String, String)>,
    /// The container that runs the command, and whose exit code counts.
    pub container: String,
    /// The command; empty for the container's own.
    pub command: Vec<String>,
    /// How long it may run.
    pub timeout: Duration,
}

/// A one-off task that ran since what a rollback goes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossedTask {
    /// The deploy that ran it.
    pub deploy: String,
    /// What people call that deploy's version.
    pub label: String,
    /// The task's family.
    pub family: String,
}

/// The tasks that ran after `to`, by whichever deploy and however that ended; `history` is newest
/// first.
pub fn crossed(history: &[Past], to: &Past) -> Vec<CrossedTask> {
    history
        .iter()
        .take_while(|past| past.id != to.id)
        .filter_map(|past| {
            Some(CrossedTask {
                deploy: past.id.as_ref()?.to_string(),
                label: past.label.clone(),
                family: past.ran_task.clone()?,
            })
        })
        .collect()
}
