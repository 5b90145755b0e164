//! The question that a deploy puts to people, and what they answered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::CardPlace;
use crate::names::Actor;
use crate::policy::Doubt;
use crate::request::EntryKey;

/// The question put to people, and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Opaque, in the buttons; a plan that went stale gets a new one.
    pub nonce: String,
    /// The hash of the plan that was shown: consent is bound to it.
    pub plan_hash: String,
    /// The how-manieth question of this deploy it is, from 1.
    pub number: u32,
    /// Why it is put.
    #[serde(default, skip_serializing_if = "Occasion::is_first")]
    pub occasion: Occasion,
    /// What its requester chose in it instead of an answer: it is over, and that is asked about next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chose: Option<EntryKey>,
    /// When it was put.
    pub asked_at: Timestamp,
    /// When it lapses, by the stored time.
    pub expires_at: Timestamp,
    /// Whether the card that asks has been posted.
    pub shown: bool,
    /// Where it is, if it is a message that can be changed without anybody's click.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<CardPlace>,
    /// Whether its buttons have been taken off.
    pub closed: bool,
    /// Who consented, once the step has seen it.
    pub consented_by: Option<Actor>,
}

/// Why a question is put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// It is the first.
    #[default]
    First,
    /// What runs there has changed since the one before.
    Changed,
    /// In the one before, its requester chose this version to go back to.
    Chosen(EntryKey),
    /// The same, and what runs there has changed since.
    ChangedSince(EntryKey),
}

impl Occasion {
    fn is_first(&self) -> bool {
        *self == Self::First
    }

    /// What its requester chose to go back to.
    pub fn chosen(self) -> Option<EntryKey> {
        match self {
            Self::First | Self::Changed => None,
            Self::Chosen(key) | Self::ChangedSince(key) => Some(key),
        }
    }
}

impl Ask {
    /// What its requester has chosen to go back to, in it or before it.
    pub fn chosen(&self) -> Option<EntryKey> {
        self.chose.or_else(|| self.occasion.chosen())
    }

    /// Why the next question is put.
    pub fn next_occasion(&self) -> Occasion {
        match (self.chose, self.occasion.chosen()) {
            (Some(key), _) => Occasion::Chosen(key),
            (None, Some(key)) => Occasion::ChangedSince(key),
            (None, None) => Occasion::Changed,
        }
    }
}

/// What a click on the question's buttons said. The first answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Go ahead with exactly this plan.
    Confirm,
    /// Do not.
    Decline,
    /// Rather go back to another version of those that are listed; then that is asked about.
    Another(EntryKey),
    /// To somebody who asks for the right: this plan, and nothing else.
    AllowOnce,
    /// The same: this, and whatever else they deploy there until the day that the button names.
    AllowUntil,
    /// To a pause: go on.
    Continue,
    /// To a pause: go back.
    RollBack,
}

/// A recorded click, its own item beside the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Which question.
    pub nonce: String,
    /// What was chosen.
    pub choice: Choice,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The old copy of what Slack said, by which they may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_copy: Option<Doubt>,
}

/// What can be said about a deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An answer to a question or to a pause.
    Answer {
        /// Which.
        nonce: String,
        /// The answer.
        choice: Choice,
    },
    /// A wish that it stop.
    Stop,
}
