//! What an image had to prove before it goes out, beside its checks, and has.

use serde::{Deserialize, Serialize};

/// One thing that it had to prove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proved {
    /// This branch has its commit.
    Branch(String),
}
