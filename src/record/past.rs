//! What the history keeps of a deploy that has ended, of what ran before the first one, and of what
//! was changed outside of Longshore.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::config::GithubRepository;
use crate::names::version::Part;
use crate::names::{Actor, AppName, DeployId, EnvName};
use crate::plan::CountedCommits;
use crate::request::{Entry, Verb};

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
    /// What people call what ran, by [`crate::names::version::version`].
    pub label: String,
    /// Where its commits are, for links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<GithubRepository>,
    /// The digest that ran, by container; empty where nothing was planned.
    pub digests: Vec<(String, String)>,
    /// Those of them that it did not roll out: all services that run them were left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_alone: Vec<String>,
    /// Those of them that no task ran: their services want none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<String>,
    /// The commit, where it is known.
    pub commit: Option<String>,
    /// What lay between that and what ran before, where it was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commits: Option<PastCommits>,
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
    pub schedules: Vec<(String, String)>,
    /// The family of the one-off task that it ran, or may have run, before its services.
    pub ran_task: Option<String>,
    /// What each service runs, where the deploy came up on some of them only; `None` for one of
    /// which that is not certain.
    pub left: Vec<(String, Option<String>)>,
    /// Of a rollback: the entry that it went back to, or was to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_to: Option<Entry>,
    /// Of a rollback that stopped what was rolling out, and brought nothing itself: that deploy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<DeployId>,
    /// For a change that was made outside of Longshore: what is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Outside>,
    /// Whether nothing was to do: what was asked for ran there already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ran_already: bool,
}

impl Past {
    /// When something became another by it: when it ended, or was noticed.
    pub fn when(&self) -> Timestamp {
        self.ended_at.unwrap_or(self.requested_at)
    }

    /// From when its first service was set out on to its verdict: the rule of every duration that is
    /// told of a deploy ([`super::Deploy::elapsed`]). None for what never started.
    pub fn took(&self) -> Option<Duration> {
        Duration::try_from(self.ended_at?.duration_since(self.started_at?)).ok()
    }
}

/// What lay between what an entry brought and what ran before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastCommits {
    /// The commit that ran before.
    pub since: String,
    /// How many, and whose.
    #[serde(flatten)]
    pub counted: CountedCommits,
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
