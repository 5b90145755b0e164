//! What a deploy that has no verdict yet is doing, for whoever asks what happens somewhere.

use jiff::Timestamp;

use serde::{Deserialize, Serialize};

use super::{Deploy, Phase};
use crate::names::{Actor, AppName, DeployId};
use crate::request::ChangeKind;

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

/// A deploy that has no verdict yet, as its requester knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillOpen {
    /// Which.
    pub id: DeployId,
    /// Whether it brings an image, or replaces tasks.
    pub kind: ChangeKind,
    /// What was asked for, as it is typed.
    pub asked: Vec<String>,
    /// Its first application.
    pub application: AppName,
    /// The page of its card, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
}

/// What a deploy is doing that has no verdict yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Its plan is being made, or is about to be carried out.
    Preparing,
    /// It waits for its confirmation: nothing is changed.
    Asking,
    /// Its requester waits for the right to it: nothing is changed.
    Pleading,
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
            Phase::Asking if deploy.pleads() => Doing::Pleading,
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
