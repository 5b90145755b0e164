//! What an image had to prove before it goes out, beside its checks, and has.

use serde::{Deserialize, Serialize};

use crate::config::Severity;

/// One thing that it had to prove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proved {
    /// This branch has its commit.
    Branch(String),
    /// Its commit is signed, or the tag by which it was asked for.
    Signed,
    /// Its tag stays with it.
    TagStays,
    /// Its scan found nothing of this severity or above.
    Scanned(Severity),
}
