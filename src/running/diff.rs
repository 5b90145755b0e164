//! What runs of an application, compared with something else.

use jiff::Timestamp;

use crate::command::DiffWith;
use crate::config::GithubRepository;
use crate::names::{AppName, CommitSha, EnvName};
use crate::plan::{Commits, Watched};

/// What lies between.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The application.
    pub application: AppName,
    /// Its title.
    pub title: String,
    /// Where it runs.
    pub environment: EnvName,
    /// With what that is compared.
    pub with: DiffWith,
    /// Where its commits are.
    pub repository: Option<GithubRepository>,
    /// What is compared: one pair where all services run the same.
    pub pairs: Vec<DiffPair>,
    /// In what the task definitions differ, of two environments.
    pub definitions: Definitions,
    /// Where something rolls out, so that it is what is compared.
    pub rolling: Vec<EnvName>,
}

/// Two versions, of which the second would follow the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffPair {
    /// The services that run the first.
    pub services: Vec<String>,
    /// The first; of two environments, what runs in the second one.
    pub from: DiffEnd,
    /// The second.
    pub to: DiffEnd,
    /// What lies between.
    pub between: Between,
    /// The files that are watched for, of those that differ; nothing where nothing is watched for.
    pub watched: Option<Watched>,
}

/// One version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffEnd {
    /// What people call it.
    pub label: String,
    /// Its commit, where it is known.
    pub commit: Option<CommitSha>,
    /// The digests of its image: several where containers run different ones, none where it was not built.
    pub digests: Vec<String>,
    /// How sure its commit is.
    pub is: EndIs,
}

/// How the commit of a version is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndIs {
    /// The image proves it, if it is known.
    Proved,
    /// The ref points at it; of its image nobody can tell.
    PointedAt,
    /// There is no image of it.
    NotBuilt,
}

/// What lies between two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Between {
    /// Commits, or none.
    Commits(Commits),
    /// Nothing: they are one image.
    SameImage,
    /// Nobody can tell.
    NotKnown(NotBetween),
    /// There were too many pairs to ask.
    NotCompared,
}

/// Why nobody can tell what lies between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotBetween {
    /// The configuration names no repository.
    NoRepository,
    /// No commit is known of this version.
    NoCommit(String),
    /// GitHub lacks one of them, or they have nothing in common.
    Unrelated,
    /// GitHub's limit is used up, until then if it said so.
    Limit(Option<Timestamp>),
    /// GitHub does not show the repository.
    Denied,
    /// Another repository has its name by now.
    OtherRepository,
    /// GitHub gives no answer.
    Silent,
}

impl DiffEnd {
    /// Whether both are one image.
    pub(crate) fn is_the_image_of(&self, other: &Self) -> bool {
        matches!((self.digests.as_slice(), other.digests.as_slice()), ([one], [two]) if one == two)
    }
}

/// In what task definitions differ, images aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definitions {
    /// They were not compared: nothing runs of one of the two.
    NotCompared,
    /// The asker may not deploy to both, and a definition may hold more than everybody is to see.
    NotShown,
    /// By service, from the second environment to the first; empty where nothing does.
    Differ(Vec<(String, Vec<String>)>),
}
