//! What is asked for: a verb, and what it is about.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::digest::sha256;
use crate::names::{AppName, ContainerName, DeployId, EnvName, Ref};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Verb {
    /// Bring this ref (the default branch's head when `None`) to the environment.
    Deploy {
        /// What the person typed after the colon.
        reference: Option<Ref>,
        /// The container whose image it is about; `None` for the application's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image: Option<ContainerName>,
        /// The deploy whose image is meant, whatever the ref names by now: a card's button is about
        /// what the card names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<DeployId>,
        /// The environment from which it is promoted: what runs there is meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<EnvName>,
    },
    /// Go back to an earlier deploy, exactly as it ran then.
    Rollback {
        /// Which one; what ran before the version that is live was deployed when `None`.
        to: Option<DeployId>,
        /// The same as it was typed, which may be the name of a version as well.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<Ref>,
        /// What is to be gone away from, wherever that leads: a card's button is about what the card
        /// brought, and about nothing that came later.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        away_from: Option<Entry>,
    },
    /// Replace the running tasks by new ones of the same revision.
    Restart,
}

/// What is asked of one application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedOf {
    /// Which.
    pub application: AppName,
    /// What.
    #[serde(flatten)]
    pub verb: Verb,
}

/// What a right that is given in chat is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantedRight {
    /// What those in `request` may.
    Request,
    /// To approve what others ask for.
    Approve,
}

/// Which of the three things that change what runs is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Bring an image there.
    Deploy,
    /// Go back to an earlier deploy.
    Rollback,
    /// Replace the running tasks by new ones of the same revision.
    Restart,
}

impl Verb {
    /// Which of the three it is.
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::Deploy { .. } => ChangeKind::Deploy,
            Self::Rollback { .. } => ChangeKind::Rollback,
            Self::Restart => ChangeKind::Restart,
        }
    }

    /// Bringing what somebody named.
    pub fn deploy(reference: Option<Ref>, image: Option<ContainerName>) -> Self {
        Self::Deploy {
            reference,
            image,
            again: None,
            from: None,
        }
    }

    /// Bringing what runs in another environment; only if that is still what this deploy brought there, where one is
    /// named.
    pub fn promote(from: EnvName, image: Option<ContainerName>, named: Option<DeployId>) -> Self {
        Self::Deploy {
            reference: None,
            image,
            again: named,
            from: Some(from),
        }
    }

    /// The environment from which it is promoted, if it is.
    pub fn promoted_from(&self) -> Option<&EnvName> {
        match self {
            Self::Deploy { from, .. } => from.as_ref(),
            Self::Rollback { .. } | Self::Restart => None,
        }
    }

    /// Going back to this deploy, or to what ran before what is live was deployed.
    pub fn rollback(to: Option<DeployId>) -> Self {
        Self::Rollback {
            to,
            version: None,
            away_from: None,
        }
    }

    /// Going back to what somebody named: a deploy by its id, or a version that ran.
    pub fn rollback_to(named: Option<Ref>) -> Self {
        Self::Rollback {
            to: named.as_ref().and_then(|named| named.as_str().parse().ok()),
            version: named,
            away_from: None,
        }
    }

    /// Going back from what this entry of the history brought.
    pub fn rollback_from(entry: Entry) -> Self {
        Self::Rollback {
            to: None,
            version: None,
            away_from: Some(entry),
        }
    }
}

/// What names an entry of the history at its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A deploy's.
    Deploy(DeployId),
    /// What was found running, or was changed by others: when that was noticed.
    Found(Timestamp),
}

impl Entry {
    /// What stands for it where people choose.
    pub fn key(&self) -> EntryKey {
        let hash = match self {
            Self::Deploy(id) => sha256(format!("deploy {id}")),
            Self::Found(at) => sha256(format!("found {at}")),
        };
        // A hash is hexadecimal and long enough.
        EntryKey(u32::from_str_radix(&hash[..EntryKey::DIGITS], 16).unwrap_or_default())
    }
}

/// What stands for an entry of the history in a menu: opaque, and the same whenever the entry is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryKey(u32);

impl EntryKey {
    const DIGITS: usize = 8;
}

impl fmt::Display for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// That is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that stands for no entry of a history")]
pub struct BadEntryKey;

impl FromStr for EntryKey {
    type Err = BadEntryKey;

    fn from_str(text: &str) -> Result<Self, BadEntryKey> {
        let digits = text.len() == Self::DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit());
        match u32::from_str_radix(text, 16) {
            Ok(key) if digits => Ok(Self(key)),
            _ => Err(BadEntryKey),
        }
    }
}
