//! Where an application runs: its names in one environment, patterns filled in.

use serde::{Deserialize, Serialize};

use super::target::{OneOffConfig, ScheduleTarget};

/// An application's names in one environment, patterns filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// ECS services, in the order in which they are rolled out.
    pub services: Vec<String>,
    /// Their task definition families, in the same order.
    pub families: Vec<String>,
    /// The names of the IAM roles that its tasks run with; `None`: the deploy role's stack asks.
    pub roles: Option<Vec<String>>,
    /// The CloudWatch log groups of its containers.
    pub log_groups: Vec<String>,
    /// The one-off task that runs before its services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<OneOffConfig>,
    /// The schedules that follow its services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<ScheduleTarget>,
    /// Where the new tasks can be tried while they get the test traffic only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_url: Option<String>,
    /// Pages of its own, by their names: a dashboard, a runbook.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<OwnLink>,
}

/// A page of an application's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnLink {
    /// What people call it.
    pub name: String,
    /// An https URL.
    pub url: String,
}
