//! What became of the newest revision of a task definition's family after a deploy that did not succeed.

use serde::{Deserialize, Serialize};

/// A family's newest revision, once the deploy is over: whatever takes "the newest" would run it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// Nobody has looked.
    #[default]
    Unseen,
    /// What last worked has been registered once more.
    Restored,
    /// It is not what this deploy registered, and so is left alone.
    LeftAlone,
    /// It is what this deploy registered, and AWS would not take anything else.
    Bad,
}
