//! The wish that a deploy stop, and what is to become of what has been started.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::Actor;

/// Someone's wish that a deploy stop, its own item beside the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What is to become of what has been started.
    #[serde(default)]
    pub how: Halt,
}

/// What becomes of a rollout that is stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Halt {
    /// It goes back to what ran before.
    #[default]
    RollBack,
    /// It stays as it is: new and old tasks side by side.
    Abort,
}
