//! The one-off task in a plan: what would run once before the services, and what a rollback leaves
//! behind of those that ran.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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
    /// Container → image, of those that nobody can pin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unpinned: Vec<(String, String)>,
    /// What `base` names by tag, pinned: for making the family's newest revision what it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<(String, String)>,
    /// The place of the service whose network it has, and whose lease lets it run.
    pub with: usize,
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
