//! Why something that somebody wants of a deploy is not done, typed: it is handed on to be said where the reply
//! itself is shown to nobody, and put into words there ([`crate::refusal`]).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Choice, RightRefused, Verdict};
use crate::names::zone::Zone;
use crate::names::{Actor, AppName, DeployId, EnvName, Ref};
use crate::policy::{Denied, Stranger};
use crate::rollout::AfterPause;

/// Why it is not done. Holds names and ids, and no sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnedDown {
    /// The actor's workspace is not listened to.
    Stranger(Stranger),
    /// The policy said no.
    Denied(Denied),
    /// A right is not given or taken back in chat.
    Right(RightRefused),
    /// A field of the form that must be chosen was not.
    NotChosen(Field),
    /// What was entered in the form is no ref.
    NoRef,
    /// A time that was typed has not come yet.
    StillToCome {
        /// As it is typed.
        time: String,
        /// The time zone in which it was read.
        zone: Zone,
        /// The same command with a time that has passed.
        again: String,
    },
    /// What was chosen among the versions is another application's.
    OtherSuggestion {
        /// The application that was chosen.
        application: AppName,
        /// Whose the version is.
        of: AppName,
        /// The version.
        reference: Ref,
    },
    /// There is no such deploy.
    UnknownDeploy {
        /// As the button or the command names it.
        id: DeployId,
    },
    /// Nothing is under way.
    NothingToCancel {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
    },
    /// It has its verdict already.
    Ended {
        /// The deploy.
        id: DeployId,
        /// Its verdict.
        verdict: Verdict,
    },
    /// The question lapsed.
    ConsentExpired {
        /// The deploy.
        id: DeployId,
    },
    /// The plan has changed since; a new question comes.
    PlanStale {
        /// The deploy.
        id: DeployId,
    },
    /// The question has its answer.
    Answered {
        /// What was chosen.
        choice: Choice,
        /// By whom.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// The pause has its answer, and its rollout waits at another one.
    NewerPause {
        /// What was chosen.
        choice: Choice,
        /// By whom.
        by: Actor,
        /// When.
        at: Timestamp,
        /// The service that waits.
        service: String,
    },
    /// The pause ran out, was answered elsewhere, or its rollout ended.
    PauseOver {
        /// The deploy.
        id: DeployId,
        /// What ECS did when it ran out, if it did.
        ran_out: Option<AfterPause>,
        /// The service that waits at another pause now.
        waits: Option<String>,
    },
    /// ECS is still at it, so watching goes on.
    StillRolling {
        /// The deploy.
        id: DeployId,
        /// Of this application.
        application: AppName,
        /// Where.
        environment: EnvName,
        /// The service ECS is rolling out.
        service: String,
    },
    /// Only a deploy that is overdue can be given up.
    NotOverdue {
        /// The deploy.
        id: DeployId,
        /// Of this application.
        application: AppName,
        /// Where.
        environment: EnvName,
    },
    /// Somebody wanted it stopped before.
    CancelledBefore {
        /// The deploy.
        id: DeployId,
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// The button did its work before.
    ButtonUsed {
        /// What came of it.
        id: DeployId,
        /// Who pressed it.
        by: Actor,
    },
    /// The button belongs to something that is over.
    ButtonStale {
        /// The deploy.
        id: DeployId,
    },
}

/// A field of the form that must be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// What is deployed.
    Application,
    /// Where.
    Environment,
}

impl From<Stranger> for TurnedDown {
    fn from(stranger: Stranger) -> Self {
        Self::Stranger(stranger)
    }
}

impl From<RightRefused> for TurnedDown {
    fn from(refused: RightRefused) -> Self {
        Self::Right(refused)
    }
}

impl From<Denied> for TurnedDown {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}
