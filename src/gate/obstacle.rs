//! What stands in a deploy's way, with what its sentence needs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Gate, GoesBackward, LooseTag, NotClean, NotInBranch, NotPromoted, NotProven, NotSigned, NotTold,
};
use crate::config::RequiredCheck;
use crate::names::{Actor, AppName, CommitSha, DeployId, EnvName};
use crate::plan::{Closed, Foreign};
use crate::resolve::CheckTrouble;

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// No such service.
    NoService {
        /// The service.
        service: String,
        /// The cluster.
        cluster: String,
    },
    /// The service is being deleted, or was.
    Inactive {
        /// The service.
        service: String,
        /// ECS's word.
        status: String,
    },
    /// Another controller rolls the service out.
    ForeignController {
        /// The service.
        service: String,
        /// `CODE_DEPLOY` or `EXTERNAL`.
        controller: String,
    },
    /// ECS manages the service, its load balancer and its revisions by itself.
    ExpressMode {
        /// The service.
        service: String,
    },
    /// A controller that was not there when this was written: whose it is, nobody can tell.
    UnknownController {
        /// The service.
        service: String,
        /// ECS's word.
        controller: String,
    },
    /// Another deploy has the service.
    Busy(Busy),
    /// Somebody else rolls out there.
    Foreign(Foreign),
    /// A check of the commit has not passed.
    Check(Box<NotPassed>),
    /// What the checks say cannot be told.
    ChecksUnread(NotTold),
    /// No branch has it from which it may go out.
    Branches(Box<NotInBranch>),
    /// Which branches have it cannot be told.
    BranchesUnread(NotTold),
    /// Its commit is not signed.
    Signature(Box<NotSigned>),
    /// Whether its commit is signed cannot be told.
    SignatureUnread(NotTold),
    /// Its tag does not stay with it.
    LooseTag(Box<LooseTag>),
    /// Its scan does not let it out.
    Scan(Box<NotClean>),
    /// It has not succeeded where it must have first.
    After(Box<NotProven>),
    /// It cannot be promoted.
    Promotion(Box<NotPromoted>),
    /// It takes away what runs, or may.
    Backward(GoesBackward),
    /// What runs could not come back.
    NoWayBack {
        /// The service.
        service: String,
        /// Why.
        closed: Closed,
    },
}

/// A check that must have passed, and has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotPassed {
    /// Which.
    pub check: RequiredCheck,
    /// Of this commit.
    pub commit: CommitSha,
    /// How it stands.
    pub trouble: CheckTrouble,
}

/// A deploy that is at work somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Busy {
    /// That deploy.
    pub id: DeployId,
    /// Of this application.
    pub application: AppName,
    /// Where.
    pub environment: EnvName,
    /// Who asked for it.
    pub by: Actor,
    /// When.
    pub since: Timestamp,
    /// Who wants it stopped, if somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<Actor>,
}

impl Obstacle {
    /// The gate it stands at.
    pub fn gate(&self) -> Gate {
        match self {
            Self::NoService { .. } | Self::Inactive { .. } => Gate::Services,
            Self::ForeignController { .. }
            | Self::ExpressMode { .. }
            | Self::UnknownController { .. } => Gate::Controller,
            Self::Busy(_) => Gate::Busy,
            Self::Foreign(_) => Gate::Foreign,
            Self::Check(_) | Self::ChecksUnread(_) => Gate::Checks,
            Self::Branches(_) | Self::BranchesUnread(_) => Gate::Branches,
            Self::Signature(_) | Self::SignatureUnread(_) => Gate::Signed,
            Self::LooseTag(_) => Gate::Immutable,
            Self::Scan(_) => Gate::Scan,
            Self::After(_) => Gate::After,
            Self::Promotion(_) => Gate::Promotion,
            Self::Backward(_) => Gate::Forward,
            Self::NoWayBack { .. } => Gate::WayBack,
        }
    }
}
