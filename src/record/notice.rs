//! What people are told once while a deploy is under way, beside its card: that Longshore cannot look,
//! that a stop was refused.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Deploy, Telling};
use crate::names::Actor;

/// The most notices of one deploy: whoever has read ten will look themselves.
const MOST: usize = 10;

/// Something people are told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Whom it is for, where it is for somebody.
    pub to: Option<Actor>,
    /// A sentence or two, in plain text.
    pub text: String,
    /// How far the telling got.
    pub told: Telling,
}

/// Since when Longshore has not been allowed to look at a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blind {
    /// Since when.
    pub since: Timestamp,
    /// Why, in plain text.
    pub why: String,
}

/// Something outside that a plan waits for. Whoever asked is told of it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Why it waits, in plain text.
    pub why: String,
    /// From when on it is told.
    pub tell_at: Timestamp,
    /// Until when it is tried.
    pub until: Timestamp,
    /// How far the telling got.
    pub told: Telling,
}

impl Deploy {
    /// Has people told, once for the same words.
    pub fn notify(&mut self, to: Option<&Actor>, text: String) {
        let known = self.notices.iter().any(|notice| notice.text == text);
        if !known && self.notices.len() < MOST {
            self.notices.push(Notice {
                to: to.cloned(),
                text,
                told: Telling::Due,
            });
        }
    }
}
