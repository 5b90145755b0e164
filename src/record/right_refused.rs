//! Why a right is not given or taken back in chat, typed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::zone::Zone;
use crate::names::{Actor, AppName, EnvName, PersonName, UserId};
use crate::policy::PersonKind;

/// Why a right stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RightRefused {
    /// The end that was typed has passed.
    Over {
        /// As it is typed.
        term: String,
        /// The time zone in which it was read.
        zone: Zone,
    },
    /// It would last for longer than a right given in chat may.
    TooLong {
        /// As it is typed.
        term: String,
    },
    /// Only full members get rights in chat.
    NoFullMember {
        /// Who.
        to: UserId,
        /// What they are instead.
        kind: PersonKind,
    },
    /// The app sees nobody of that id.
    Unseen {
        /// Who.
        to: UserId,
    },
    /// Slack does not say who somebody is.
    NotSaid,
    /// Nobody is known by that name.
    Nobody {
        /// As it is typed.
        name: PersonName,
    },
    /// Several are known by that name.
    Several {
        /// As it is typed.
        name: PersonName,
    },
    /// No such right was given in chat.
    NothingGiven {
        /// To whom.
        to: UserId,
        /// To which application.
        application: AppName,
        /// Where.
        environment: Option<EnvName>,
    },
    /// It was given for everywhere, and is not divided.
    GivenEverywhere {
        /// To whom.
        to: UserId,
        /// To which application.
        application: AppName,
    },
    /// More rights were given than are kept.
    TooMany,
    /// There is no admin whom Longshore can ask.
    NobodyToAsk,
    /// The admin could not be asked in Slack.
    NotAsked {
        /// The admin.
        admin: UserId,
    },
    /// They have asked as often as anybody may within an hour.
    AskedOften {
        /// When they may again.
        again_at: Timestamp,
    },
    /// They have the right by now.
    HasIt {
        /// What they type then.
        command: String,
    },
    /// What an admin allowed once is not what would be done by now.
    Moved {
        /// The admin.
        by: Actor,
        /// What changed.
        what: PlanMoved,
    },
    /// Somebody asked for something else since.
    Overtaken,
    /// The question whether somebody was meant is somebody else's, or lapsed.
    Lapsed,
}

/// What has changed since a plan was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanMoved {
    /// What runs on this service.
    Live(String),
    /// What others roll out there.
    Foreign,
    /// The rules of the configuration.
    Rules,
}
