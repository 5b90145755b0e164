//! Why a deploy ended as it did, typed: counted by the log, put into words where it is
//! shown.

use serde::{Deserialize, Serialize};

use super::Refused;
use crate::names::{AppName, DeployId};
use crate::rollout::Reason;

/// Why a deploy ended as it did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The verdict says it all.
    #[default]
    Said,
    /// Nothing was started, because of this.
    Refused(Box<Refused>),
    /// The same of several applications: a reason for each that keeps them from one plan.
    RefusedEach(Vec<(AppName, Refused)>),
    /// Something of it did not do what it was to do, and what follows from that.
    Failed(Vec<FailedPart>),
}

/// What of a deploy failed, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedPart {
    /// The service or the schedule; `None` where there is one service, or where it is about all.
    pub of: Option<Of>,
    /// Why.
    pub reason: Reason,
}

/// A part of a deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// This service.
    Service(String),
    /// This schedule.
    Schedule(String),
    /// The newest revision of this family, which could not be made a good one again.
    Head(String),
}

impl From<Refused> for Why {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

impl Why {
    /// Whether nothing was started because what was asked for runs there already.
    pub fn runs_already(&self) -> bool {
        let already = |refused: &Refused| {
            matches!(
                refused,
                Refused::AlreadyLive { .. } | Refused::AllLive { .. }
            )
        };
        matches!(self, Self::Refused(refused) if already(refused))
    }

    /// What failed, and nothing follows from it.
    pub fn failed(reason: Reason) -> Self {
        Self::Failed(vec![FailedPart { of: None, reason }])
    }

    /// That part failed, and nothing follows from it.
    pub fn failed_of(of: Of, reason: Reason) -> Self {
        let of = Some(of);
        Self::Failed(vec![FailedPart { of, reason }])
    }

    /// The same, and what else failed.
    #[must_use]
    pub fn and(self, more: impl Iterator<Item = FailedPart>) -> Self {
        let mut failures = match self {
            Self::Failed(failures) => failures,
            Self::Said => Vec::new(),
            refused @ (Self::Refused(_) | Self::RefusedEach(_)) => return refused,
        };
        failures.extend(more);
        match failures.is_empty() {
            true => Self::Said,
            false => Self::Failed(failures),
        }
    }

    /// The newer deploy of the same pipeline that it gave way to, if it did.
    pub fn newer(&self) -> Option<&DeployId> {
        match self {
            Self::Refused(refused) => match refused.as_ref() {
                Refused::Newer { id } => Some(id),
                _ => None,
            },
            Self::Said | Self::RefusedEach(_) | Self::Failed(_) => None,
        }
    }

    /// Whether the verdict says it all.
    pub fn is_said(&self) -> bool {
        *self == Self::Said
    }

    /// Its name, for counting.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Said => "said",
            Self::Refused(refused) => refused.name(),
            Self::RefusedEach(each) => each.first().map_or("said", |(_, one)| one.name()),
            Self::Failed(parts) => parts.first().map_or("said", |part| part.reason.name()),
        }
    }
}
