//! Where a change runs.

use jiff::Timestamp;

use crate::config::GithubRepository;
use crate::names::{Actor, AppName, CommitSha, EnvName, Ref};

/// Where a change runs, as far as it is known.
#[derive(Clone, Debug)]
pub struct Whereabouts {
    /// As it was asked for.
    pub change: Ref,
    /// What was found of it: one entry for each repository that has it.
    pub found: Vec<FoundChange>,
    /// Why there may be more.
    pub unread: Option<NotFound>,
}

/// Why a change was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// No application names a repository.
    NoRepository,
    /// There are more repositories than are asked.
    Many,
    /// GitHub does not show what was asked for.
    Denied,
    /// Another repository has the name by now.
    OtherRepository,
    /// GitHub's limit is used up, until then if it said so.
    Limit(Option<Timestamp>),
    /// GitHub gives no usable answer.
    Silent,
}

/// A change in one repository.
#[derive(Clone, Debug)]
pub struct FoundChange {
    /// The repository.
    pub repository: GithubRepository,
    /// Its commit: of a pull request, the one that merged it, else its newest.
    pub commit: CommitSha,
    /// Of a pull request that was merged, its newest commit: where it was merged as one commit of its own, what was
    /// deployed from its branch before has that alone.
    pub before_merge: Option<CommitSha>,
    /// Of a pull request: what is known of it.
    pub request: Option<ChangeRequest>,
    /// Each place of each application of that repository.
    pub places: Vec<(AppName, EnvName, ChangeRuns)>,
}

/// A pull request as where it runs needs it.
#[derive(Clone, Debug)]
pub struct ChangeRequest {
    /// Its title.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// Whether it was merged.
    pub state: crate::resolve::PullRequestState,
}

/// Whether a change runs somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeRuns {
    /// It does.
    Yes(Came),
    /// Some services run it.
    Partly,
    /// It does not; this runs.
    No(String),
    /// Of what runs, no commit is known.
    NoCommit(String),
    /// What runs could not be read.
    Unread,
    /// A service there has no task that runs.
    NoTask,
    /// So much was asked about that this was not.
    NotAsked,
    /// GitHub does not say whether it is in what runs.
    NotTold,
}

/// How a change came where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// What runs.
    pub label: String,
    /// The oldest deploy from which on it runs there without a break, and whose that was.
    pub since: Option<(Timestamp, Actor)>,
    /// Whether it may have been there before that.
    pub or_before: bool,
}
