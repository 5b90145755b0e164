//! What a rollback goes back to, and what else it could.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::Actor;
use crate::names::version::Left;
use crate::request::{Entry, EntryKey, Verb};

/// Something that a rollback can go back to, or could if it were still there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// What stands for it in a menu.
    pub key: EntryKey,
    /// The deploy; none for what was found at first, and for a change from outside.
    pub id: Option<String>,
    /// Who deployed it; none of what no deploy brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
    /// What people call it.
    pub label: String,
    /// Since when it ran.
    pub at: Timestamp,
    /// Whether somebody rolled it out outside of Longshore.
    pub outside: bool,
    /// How it came to be no longer live, as far as the history tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
    /// What keeps it from running again.
    pub why_not: Option<CannotRun>,
}

/// What keeps something that ran well from running again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CannotRun {
    /// It is what runs.
    Live,
    /// Its task definition revision is gone, or being deleted.
    Revision(String),
    /// Its image is gone.
    Image(String),
    /// Which image a revision ran is not known.
    Untold(String),
    /// Its image is there, and cannot be pulled.
    Unpullable {
        /// Its digest.
        digest: String,
        /// What it is instead of ACTIVE, in ECR's word.
        state: String,
    },
}

/// What a rollback goes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoesBack {
    /// The entry of the history.
    pub to: Entry,
    /// The entry of what it leaves, if the history has that.
    pub leaves: Option<Entry>,
    /// What people are told of it.
    pub way: Candidate,
    /// The deploy that brought what it leaves, as it is asked for once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Verb>,
    /// Whether the version was rolled back from, and was named all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
}
