//! The gate of what must have succeeded elsewhere first.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Facts, Obstacle, Outcome};
use crate::config::After;
use crate::names::{Actor, AppName, ContainerName, EnvName, Ref};

/// What is known of an image where it must have succeeded first.
#[derive(Clone, Debug)]
pub(crate) struct AfterFacts<'a> {
    /// Where, and for how long.
    pub(crate) wanted: &'a After,
    /// How it stood there.
    pub(crate) stood: Stood,
    /// What is wanted here, so that it can be wanted there.
    pub(crate) brings: BroughtThere,
    /// When this is judged.
    pub(crate) now: Timestamp,
}

/// How an image stood at a place, by its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stood {
    /// It never came up.
    Never,
    /// It did not come up among all that is read of the history, which goes on.
    NotSeen,
    /// It came up, and nobody took it back since.
    Succeeded {
        /// When it did first.
        since: Timestamp,
        /// Who brought it.
        by: Actor,
    },
    /// It was rolled out where no task was wanted, so that none ran.
    NothingRan,
    /// Somebody went back from it.
    TakenBack {
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Somebody tried to go back from it, and did not get there.
    TriedBack {
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// It came up, and somebody is about to go back from it.
    Leaving {
        /// Who.
        by: Actor,
    },
}

/// A version, as it is deployed to the environment where it must have succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BroughtThere {
    /// Of which application.
    pub application: AppName,
    /// The container whose image it is; none for the application's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ContainerName>,
    /// What people call it.
    pub label: String,
    /// By which name it is found, if by one that can be typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Ref>,
}

/// That a version has not yet succeeded where it must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotProven {
    /// Where.
    pub environment: EnvName,
    /// Which.
    #[serde(flatten)]
    pub brings: BroughtThere,
    /// What is missing.
    pub why: NotYet,
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotYet {
    /// It never succeeded there.
    Never,
    /// It did not among the newest deploys there, and what is older is not read.
    NotSeen,
    /// It succeeded there too short a while ago.
    Soaking {
        /// How long ago it did.
        ran: Duration,
        /// How long ago it must have.
        soak: Duration,
        /// When it will have.
        until: Timestamp,
    },
    /// No task of it ran there.
    NothingRan,
    /// Somebody went back from it.
    TakenBack {
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Somebody tried to go back from it.
    TriedBack {
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Somebody is about to go back from it.
    Leaving {
        /// Who.
        by: Actor,
    },
}

pub(super) fn after(facts: &Facts<'_>) -> Outcome {
    let Some(facts) = &facts.after else {
        return Outcome::Pass;
    };
    let soak = SignedDuration::try_from(facts.wanted.soak).unwrap_or(SignedDuration::MAX);
    let why = match &facts.stood {
        Stood::Never => NotYet::Never,
        Stood::NotSeen => NotYet::NotSeen,
        Stood::NothingRan => NotYet::NothingRan,
        Stood::TakenBack { by, at } => NotYet::TakenBack {
            by: by.clone(),
            at: *at,
        },
        Stood::TriedBack { by, at } => NotYet::TriedBack {
            by: by.clone(),
            at: *at,
        },
        Stood::Leaving { by } => NotYet::Leaving { by: by.clone() },
        Stood::Succeeded { since, .. } => {
            let ran = facts.now.duration_since(*since);
            if ran >= soak {
                return Outcome::Pass;
            }
            NotYet::Soaking {
                ran: Duration::try_from(ran).unwrap_or_default(),
                soak: facts.wanted.soak,
                until: since.checked_add(soak).unwrap_or(Timestamp::MAX),
            }
        }
    };
    let unknown = why == NotYet::NotSeen;
    let obstacle = Obstacle::After(Box::new(NotProven {
        environment: facts.wanted.environment.clone(),
        brings: facts.brings.clone(),
        why,
    }));
    match unknown {
        true => Outcome::Unknown(vec![obstacle]),
        false => Outcome::Fail(vec![obstacle]),
    }
}
