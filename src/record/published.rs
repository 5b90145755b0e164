//! What became of publishing the version that a deploy has brought. It never changes the verdict.

use serde::{Deserialize, Serialize};

use crate::rollout::AwsNo;

/// Why it could not be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unwritten {
    /// AWS said no.
    Aws(AwsNo),
    /// It took too long.
    TooLong,
    /// The record of who holds the service could not be read.
    Unknown,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Published {
    /// The parameter holds what this deploy brought.
    Written {
        /// Its name.
        parameter: String,
        /// `repository@sha256:…`
        image: String,
    },
    /// It could not be written.
    Failed {
        /// Its name.
        parameter: String,
        /// Why.
        why: Unwritten,
    },
    /// Several images run, and one parameter cannot say which is where.
    SeveralImages,
    /// Something newer has succeeded there since, and its version stands.
    Overtaken,
}
