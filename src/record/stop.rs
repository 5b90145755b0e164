//! The wish that a deploy stop: what has been started goes back to what ran before.

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
}
