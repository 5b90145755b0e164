//! The plan: what a deploy would do, computed before anyone is asked.
//!
//! Pure values. Consent binds [`Plan::hash`], so everything that decides what will run is in it;
//! what only helps people to read the plan (commits, labels) is not.

mod back;
mod backward;
mod commits;
mod foreign;
mod proved;
pub mod retention;
mod schedule;
mod share;
mod task;
mod watched;
mod ways;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vec1::Vec1;

pub use self::back::{Back, Closed, ContainerImages, Good};
pub use self::backward::Backward;
pub use self::commits::{CommitLine, Commits, CountedCommits};
pub use self::foreign::Foreign;
pub use self::proved::Proved;
pub use self::schedule::PlannedSchedule;
pub use self::share::{Share, policies};
pub use self::task::{CrossedTask, PlannedTask};
pub use self::watched::{DifferingFiles, FilesListed, LISTED, Watched};
pub use self::ways::{Candidate, CannotRun, GoesBack};
use crate::config::{GithubRepository, LogEvidence, OnFailure, Rollouts};
use crate::names::digest::sha256;
use crate::names::{Actor, AppName, CommitSha, DeployId, EnvName, ImageDigest};
use crate::plan::retention::Endangered;
use crate::policy::Doubt;
use crate::request::Verb;

/// What a deploy would do: what its applications have in common, and each one's own beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What each application has of its own.
    pub shares: Vec1<Share>,
    /// The environment's AWS account.
    pub account: String,
    /// The deploy role that opens it.
    pub role_arn: String,
    /// Its region.
    pub region: String,
    /// The ECS cluster.
    pub cluster: String,
    /// The one-off tasks that run first, on the new images: one of an application at most.
    pub one_offs: Vec<PlannedTask>,
    /// The services, in the order in which they roll out: those of one application after those of
    /// the one before.
    pub services: Vec<PlannedService>,
    /// What somebody else is rolling out on them, to be replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign: Vec<Foreign>,
    /// The schedules that follow once all services are out.
    pub schedules: Vec<PlannedSchedule>,
    /// Image tags that were taken without asking git whether it calls something else so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub git_unasked: Vec<String>,
    /// Repositories that GitHub calls by another name than the configuration does.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub renamed: BTreeSet<GithubRepository>,
    /// The old copy of what Slack said, by which the requester may do this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_copy: Option<Doubt>,
    /// Differences in the task definition beyond the image, as lines for people.
    pub differences: Vec<String>,
    /// The hash of the policy that applies to this target.
    pub policy_hash: String,
    /// The configuration's version.
    pub config_version: u64,
    /// How the services' rollouts follow each other.
    pub rollouts: Rollouts,
    /// What becomes of the other services when one fails.
    pub on_failure: OnFailure,
    /// What a failure shows of the logs.
    pub evidence: LogEvidence,
    /// Whether the requester must confirm.
    pub confirm: bool,
    /// The one-off tasks that ran since what a rollback goes back to, newest first.
    pub crossed: Vec<CrossedTask>,
    /// Images that a lifecycle rule of their repository is about to take.
    pub endangered: Vec<Endangered>,
    /// Whether what runs after a success is written into an SSM parameter there.
    pub publish: bool,
}

/// An image, pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The repository's URI, without tag or digest.
    pub repository: String,
    /// The tag it was found by.
    pub tag: Option<String>,
    /// The digest that is deployed.
    pub digest: ImageDigest,
}

/// Where what is promoted ran before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promoted {
    /// The environment.
    pub from: EnvName,
    /// When it succeeded there, by its verdict: first, or first after somebody went back from it.
    pub since: Timestamp,
    /// Who deployed it there.
    pub by: Actor,
    /// The deploy that brought it there; none of what was found running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deploy: Option<DeployId>,
}

/// What is known where an image does not prove to be of the commit that its ref points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unproved {
    /// The ref, and where it was when it was looked up.
    pub points_at: Option<(String, CommitSha)>,
    /// When the image was pushed.
    pub pushed_at: Option<Timestamp>,
}

/// What one service would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedService {
    /// The ECS service.
    pub service: String,
    /// The task definition ARN that is live now.
    pub live: String,
    /// What runs now, for people: a label out of the history or a short digest.
    pub live_label: String,
    /// The commit of that, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_commit: Option<CommitSha>,
    /// The digests that run now, by container.
    pub live_digests: Vec<(String, String)>,
    /// What people call what it would run, where that is not what they call the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brings: Option<String>,
    /// What tells what runs from what would, where people call both the same: a commit or a digest
    /// each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_apart: Option<(String, String)>,
    /// How many tasks are wanted.
    pub desired: i32,
    /// Whether its circuit breaker is off: a rollout whose tasks keep failing does not end by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never_gives_up: bool,
    /// What is to be rolled out.
    pub change: Change,
    /// What a copy names by digest beside the images that the change is about: containers that are not
    /// the application's, and would name a tag.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<(String, String)>,
    /// Container → image, of those that nobody can pin: ECS reports no digest for what is not in ECR.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unpinned: Vec<(String, String)>,
    /// How what runs now would come back.
    pub back: Back,
    /// What the family's newest revision is made a copy of if this does not succeed; none where nothing
    /// is known to have worked.
    pub good: Option<Good>,
}

impl PlannedService {
    /// The revision that it would be taken back to, or a copy of which: an ARN.
    pub fn back_to(&self) -> &str {
        self.back.revision.as_ref().unwrap_or(&self.live)
    }

    /// Every image that what is rolled out names anew.
    pub fn names(&self) -> Vec<(String, String)> {
        let of_change = match &self.change {
            Change::Copy { images, .. } | Change::Renewed { images } => images.as_slice(),
            Change::Exactly { .. } | Change::Again => &[],
        };
        of_change.iter().chain(&self.beside).cloned().collect()
    }
}

/// A service that is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unchanged {
    /// The ECS service.
    pub service: String,
    /// The task definition ARN that is live now.
    pub live: String,
    /// The digests that run now, by container.
    pub digests: Vec<(String, String)>,
    /// Whether none of its containers runs the image that is deployed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lacks_image: bool,
}

impl From<PlannedService> for Unchanged {
    fn from(planned: PlannedService) -> Self {
        Self {
            service: planned.service,
            live: planned.live,
            digests: planned.live_digests,
            lacks_image: false,
        }
    }
}

/// What is to be rolled out for one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A copy of `base` with these containers' images.
    Copy {
        /// The task definition ARN that is copied.
        base: String,
        /// Container → `repository@digest`.
        images: Vec<(String, String)>,
    },
    /// An existing revision, exactly as it ran.
    Exactly {
        /// Its ARN.
        revision: String,
        /// The digests it names, by container.
        images: Vec<(String, String)>,
    },
    /// The live revision once more, with new tasks.
    Again,
    /// The same where the live revision names tags, or cannot be given to a service any more: a copy of
    /// it that names the digests that run.
    Renewed {
        /// Container → `repository@digest`.
        images: Vec<(String, String)>,
    },
}

impl Change {
    /// Whether it is what runs once more.
    pub fn is_restart(&self) -> bool {
        matches!(self, Self::Again | Self::Renewed { .. })
    }

    /// Container → image this change names; empty for a restart.
    pub fn images(&self) -> &[(String, String)] {
        match self {
            Self::Copy { images, .. } | Self::Exactly { images, .. } => images,
            Self::Again | Self::Renewed { .. } => &[],
        }
    }
}

impl Plan {
    /// What consent is bound to: the SHA-256, in hex, of everything that decides what will run.
    pub fn hash(&self, application: &AppName, environment: &EnvName, verb: &Verb) -> String {
        #[derive(Serialize)]
        struct Bound<'a> {
            application: &'a AppName,
            environment: &'a EnvName,
            verb: &'a Verb,
            account: &'a str,
            region: &'a str,
            cluster: &'a str,
            shares: Vec<(&'a AppName, &'a Option<Image>)>,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            one_offs: &'a [PlannedTask],
            services: Vec<(&'a str, &'a str, &'a Change)>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            beside: Vec<(&'a str, &'a [(String, String)])>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            unchanged: Vec<&'a Unchanged>,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            schedules: &'a [PlannedSchedule],
            differences: &'a [String],
            policy: &'a str,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            foreign: Vec<(&'a str, &'a str)>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            backward: Vec<(&'a AppName, Backward)>,
        }
        let bound = Bound {
            application,
            environment,
            verb,
            account: &self.account,
            region: &self.region,
            cluster: &self.cluster,
            shares: self
                .shares
                .iter()
                .map(|share| (&share.application, &share.image))
                .collect(),
            one_offs: &self.one_offs,
            services: self
                .services
                .iter()
                .map(|s| (s.service.as_str(), s.live.as_str(), &s.change))
                .collect(),
            beside: self
                .services
                .iter()
                .filter(|s| !s.beside.is_empty())
                .map(|s| (s.service.as_str(), s.beside.as_slice()))
                .collect(),
            unchanged: self.unchanged().collect(),
            schedules: &self.schedules,
            differences: &self.differences,
            policy: &self.policy_hash,
            foreign: self
                .foreign
                .iter()
                .map(|one| (one.service.as_str(), one.rollout.as_str()))
                .collect(),
            backward: self.backward().collect(),
        };
        // A struct of strings and lists always serialises; an empty hash would match nothing.
        let bytes = serde_json::to_vec(&bound).unwrap_or_default();
        sha256(bytes)
    }

    /// What is live now, in one word: the first service's label.
    pub fn live_label(&self) -> &str {
        live_label(&self.services)
    }
}

/// What runs on services, in one word: the first one's label.
pub fn live_label(services: &[PlannedService]) -> &str {
    services
        .first()
        .map_or("nothing", |service| service.live_label.as_str())
}
