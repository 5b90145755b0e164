//! Who acts on a record: one step at a time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A step's exclusive turn at the record: one step acts at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The invocation that has it.
    pub by: String,
    /// When it lapses, so that a killed step holds nobody up for long.
    pub until: Timestamp,
}

impl Turn {
    /// Whether the step may still be at work.
    pub fn lasts(&self, now: Timestamp) -> bool {
        self.until > now
    }
}
