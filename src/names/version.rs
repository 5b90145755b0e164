//! What runs, in words, and how something came to be no longer live.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::{Actor, ContainerName, DeployId};

/// One image of an application whose containers run several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// The container that runs it; `None` for the application's own.
    pub image: Option<ContainerName>,
    /// What people call it: `1f0c9de`, `nginx:3.1.0`.
    pub label: String,
    /// The commit, where it is known.
    pub commit: Option<String>,
}

impl Part {
    /// That image under that label.
    pub fn new(image: Option<&ContainerName>, label: &str, commit: Option<String>) -> Self {
        Self {
            image: image.cloned(),
            label: match image {
                None => label.to_owned(),
                Some(container) => format!("{container}:{label}"),
            },
            commit,
        }
    }
}

/// Stands between the images in what people call all that runs; no ref holds a space.
pub(crate) const PLUS: &str = " + ";

/// `1f0c9de + nginx:3.1.0`: everything that runs; `label` where that is one image.
pub fn runs(label: &str, parts: &[Part]) -> String {
    match parts {
        [] => label.to_owned(),
        parts => {
            let labels: Vec<&str> = parts.iter().map(|part| part.label.as_str()).collect();
            labels.join(PLUS)
        }
    }
}

/// How something came to be no longer live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// In which way.
    pub how: Leaving,
    /// By whom; of what others did, nobody knows.
    pub by: Actor,
    /// When that was done, or noticed.
    pub at: Timestamp,
    /// The deploy that did it, if one did.
    pub deploy: Option<DeployId>,
    /// What people call what came instead, or was to.
    pub label: String,
}

/// In which way something came to be no longer live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaving {
    /// Something else was deployed.
    Deployed,
    /// It was rolled back from.
    RolledBack,
    /// Somebody tried to deploy something else, and that may have come up in part.
    TriedToDeploy,
    /// Somebody tried to roll back from it, and that may have come up in part.
    TriedToRollBack,
    /// Somebody changed what runs outside of Longshore.
    Outside,
}

/// Something that is not live any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// What people call it; none of what is older than the history that was read.
    pub label: Option<String>,
    /// What came instead, if that was something of this history.
    pub left: Option<Left>,
}
