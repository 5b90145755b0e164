//! What the history keeps of a deploy that has ended, of what ran before the first one, and of what
//! was changed outside of Longshore.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Verb, Verdict};
use crate::names::{Actor, AppName, ContainerName, DeployId, EnvName};

/// What the history keeps of an ended deploy, and what a rollback goes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The deploy; `None` for the baseline found running when the application was first seen, and
    /// for a change from outside.
    pub id: Option<DeployId>,
    /// What was asked; `None` for the baseline.
    pub verb: Option<Verb>,
    /// Of which application.
    pub application: AppName,
    /// Where.
    pub environment: EnvName,
    /// Who asked.
    pub requester: Actor,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When its first service, or a one-off task before it, was set out on; `None` for what never
    /// started, and for what no deploy of ours brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// How it ended; `None` while it is open.
    pub verdict: Option<Verdict>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What people call what ran: tag, branch or short commit.
    pub label: String,
    /// The digest that ran, by container; empty where nothing was planned.
    pub digests: Vec<(String, String)>,
    /// The commit, where it is known.
    pub commit: Option<String>,
    /// Every image that ran, where containers run images of their own; the application's own first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Service → task definition ARN that ran.
    pub revisions: Vec<(String, String)>,
    /// What those revisions ran of images that they name by tag.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
    /// Revisions that were registered so that services could go on as they ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<Copied>,
    /// Schedule → task definition that it ran.
    #[serde(default)]
    pub schedules: Vec<(String, String)>,
    /// The family of the one-off task that it ran, or may have run, before its services.
    #[serde(default)]
    pub ran_task: Option<String>,
    /// What each service runs, where the deploy came up on some of them only; `None` for one of
    /// which that is not certain.
    #[serde(default)]
    pub left: Vec<(String, Option<String>)>,
    /// Why it ended so.
    pub why: String,
    /// Of a rollback: the entry that it went back to, or was to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_to: Option<Entry>,
    /// Of a rollback that stopped what was rolling out, and brought nothing itself: that deploy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<DeployId>,
    /// For a change that was made outside of Longshore: what is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Outside>,
}

impl Past {
    /// From when its first service was set out on to its verdict: the rule of every duration that is
    /// told of a deploy ([`super::Deploy::elapsed`]). None for what never started.
    pub fn took(&self) -> Option<Duration> {
        Duration::try_from(self.ended_at?.duration_since(self.started_at?)).ok()
    }
}

/// What names an entry of the history at its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A deploy's.
    Deploy(DeployId),
    /// What was found running, or was changed by others: when that was noticed.
    Found(Timestamp),
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
pub const PLUS: &str = " + ";

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

/// An image that a service ran and its revision does not name by digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The service.
    pub service: String,
    /// Its container.
    pub container: String,
    /// `repository@digest`.
    pub image: String,
}

/// A copy of a revision that a service went back to, because the revision names tags or is INACTIVE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// The service.
    pub service: String,
    /// The copy's ARN.
    pub revision: String,
    /// The ARN of what it is a copy of.
    pub of: String,
}

/// What is known of a change that was made outside of Longshore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// The principal that registered what runs since, where ECS names one. Who rolled it out, ECS
    /// does not say.
    pub registered_by: Option<String>,
    /// Whether ECS says that every rollout of it was SUCCESSFUL: only then is it worth going back to.
    pub successful: bool,
}
