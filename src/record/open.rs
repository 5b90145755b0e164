//! What a deploy that has no verdict yet is doing, for whoever asks what happens somewhere.

use jiff::Timestamp;

use super::{Deploy, Phase};
use crate::names::{Actor, DeployId};

/// A deploy that has no verdict yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Which.
    pub id: DeployId,
    /// What the deploy is doing, by its record.
    pub doing: Doing,
    /// Who asked for it.
    pub by: Actor,
    /// Since when its first service is set out on; before that, when it was asked for.
    pub since: Timestamp,
}

/// What a deploy is doing that has no verdict yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Its plan is being made, or is about to be carried out.
    Preparing,
    /// It waits for its confirmation: nothing is changed.
    Asking,
    /// It is being carried out.
    UnderWay,
    /// The same, after its deadline.
    Overdue,
    /// It is being stopped.
    Stopping,
}

impl Open {
    /// As its record says.
    pub fn of(deploy: &Deploy) -> Self {
        let doing = match deploy.phase {
            _ if deploy.cancel.is_some() => Doing::Stopping,
            Phase::Requested | Phase::Planned => Doing::Preparing,
            Phase::Asking => Doing::Asking,
            Phase::Starting | Phase::Rolling | Phase::Ended => Doing::UnderWay,
            Phase::Overdue => Doing::Overdue,
        };
        Self {
            id: deploy.id.clone(),
            doing,
            by: deploy.requester.clone(),
            since: deploy.started_at.unwrap_or(deploy.requested_at),
        }
    }
}
