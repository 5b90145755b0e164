//! What one act on a deploy says of how to go on. A value, so that decisions can give it.

use std::time::Duration;

use crate::record::{Verdict, Why};

/// What an act on a deploy says of how to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Write down what was done, then act again.
    Again,
    /// Nothing to do for so long.
    Wait(Duration),
    /// Wait for an answer.
    Ask,
    /// This is the verdict, and why.
    End(Verdict, Why),
}
