//! Why GitHub does not let Longshore ask.

use serde::{Deserialize, Serialize};

/// What an admin has to mend before GitHub answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GithubNo {
    /// The token is not valid, or may not read that.
    Token,
    /// An App is configured, and its private key is not stored.
    NoKey,
    /// The private key is not that App's.
    KeyNotTaken,
    /// The App is not installed where the repository is.
    NotInstalled,
    /// The App is installed there, and suspended.
    Suspended,
    /// The repository's name belongs to another one.
    OtherRepository,
}
