//! Somebody else's rollout that is in flight where a deploy would begin. It may never end, so it does
//! not lock people out: the question names it, and consent to replace it is bound to it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Plan;
use crate::rollout::{Counts, LiveService};

/// A rollout in flight that Longshore did not start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreign {
    /// The ECS service.
    pub service: String,
    /// ECS's id of it.
    pub rollout: String,
    /// The ARN of the task definition that it brings.
    pub revision: String,
    /// Who registered that, as ECS names them.
    pub registered_by: Option<String>,
    /// Since when, by ECS's clock.
    pub since: Option<Timestamp>,
    /// Its tasks.
    pub counts: Counts,
}

impl Plan {
    /// Whether exactly those rollouts of others are in flight that the plan knows of.
    pub fn knows_foreign<'a>(&self, live: impl IntoIterator<Item = &'a LiveService>) -> bool {
        let known = self.foreign.iter();
        let mut known: Vec<_> = known
            .map(|one| (one.service.as_str(), one.rollout.as_str()))
            .collect();
        let found = live.into_iter().filter_map(|service| {
            let rollout = service.rollout_in_flight()?;
            Some((service.name.as_str(), rollout))
        });
        let mut found: Vec<_> = found.collect();
        known.sort_unstable();
        found.sort_unstable();
        known == found
    }
}
