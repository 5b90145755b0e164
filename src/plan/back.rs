//! How what runs would come back: named by digest, because a tag is resolved anew at every rollout
//! (<https://github.com/aws/containers-roadmap/issues/2402>).

use serde::{Deserialize, Serialize};

/// Container → image.
pub type ContainerImages = Vec<(String, String)>;

/// How what a service runs would come back, if it had to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// The ARN of the revision that would come back, where that is not the live one: while somebody else's rollout of that is
    /// in flight, what ran before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// What runs of images that this revision names by tag, pinned: a copy of it names them. Empty where the
    /// revision itself will do, as long as it is ACTIVE.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: ContainerImages,
    /// Why it cannot come back, where that is known before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
}

/// Why a way back is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// The live revision, an ARN, is being deleted.
    Revision(String),
    /// An image that runs is not in its repository any more, or cannot be pulled: its digest in short.
    Image(String),
}

/// A revision that is known to have worked, and what it ran of images that it names by tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Good {
    /// Its ARN.
    pub revision: String,
    /// Container → `repository@digest`.
    pub pins: ContainerImages,
}
