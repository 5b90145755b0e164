//! What could be deployed instead of what is not there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::{AppName, ContainerName, EnvName};

/// The newest image of a repository, by which something could be deployed instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instead {
    /// Of which application.
    pub application: AppName,
    /// The container whose image it is; none for the application's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ContainerName>,
    /// Where.
    pub environment: EnvName,
    /// When it was pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<Timestamp>,
    /// Its tags, the clearest first; none where the repository holds no image that can be deployed.
    pub tags: Vec<String>,
    /// How many others were pushed at the same moment.
    #[serde(default, skip_serializing_if = "is_none")]
    pub beside: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_none(beside: &u32) -> bool {
    *beside == 0
}
