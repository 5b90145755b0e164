//! What people have been told of a deploy, and how far each telling got.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::instance::Instance;
use crate::names::scope::AppScope;
use crate::names::{ChannelId, MessageTs};

/// One thing people are told, and how far the telling got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// Not yet.
    #[default]
    Due,
    /// It was tried and may have arrived; to be tried again.
    Tried {
        /// How often.
        attempts: u32,
        /// Not before.
        again_at: Timestamp,
    },
    /// It arrived.
    Told {
        /// By which way.
        way: Way,
    },
    /// No way was left.
    Undeliverable,
}

impl Telling {
    /// Whether nothing more will be tried.
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Told { .. } | Self::Undeliverable => true,
            Self::Due | Self::Tried { .. } => false,
        }
    }
}

/// A way by which people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The card was edited, and its thread answered where that mattered.
    Card,
    /// A `response_url`.
    ResponseUrl,
    /// A new post in the channel.
    Channel,
    /// A direct message.
    Direct,
    /// A terminal follows the record itself.
    Terminal,
}

/// What people have been told so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The Slack that it was asked for in.
    pub instance: Instance,
    /// That its plan takes a while, before anything else was to be told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub takes_long: bool,
    /// The card's place, where a bot token posts it.
    pub card: Option<CardPlace>,
    /// Why the channel that the card belongs into did not take it, in Slack's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homeless: Option<String>,
    /// The scope for want of which there is no card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<AppScope>,
    /// When the card was last edited.
    pub edited_at: Option<Timestamp>,
    /// The fingerprint of what the card last showed.
    pub shown: Option<String>,
    /// That it started.
    pub start: Telling,
    /// That it fails while it rolls out.
    pub trouble: Telling,
    /// That it is overdue.
    pub overdue: Telling,
    /// That the reply address runs out ("Keep me posted").
    pub lapse: Telling,
    /// The verdict.
    pub verdict: Telling,
}

/// Where a card is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardPlace {
    /// The channel.
    pub channel: ChannelId,
    /// The message's timestamp, Slack's name for it.
    pub ts: String,
    /// The first message of the thread that it stands in, where it answers somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<MessageTs>,
}

impl CardPlace {
    /// The thread in which it is answered: Slack wants a thread's first message.
    pub fn root(&self) -> &str {
        self.thread.as_ref().map_or(&self.ts, MessageTs::as_str)
    }
}
