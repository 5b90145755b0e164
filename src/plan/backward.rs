//! What takes away commits that run, where a deploy is to go forward only.

use serde::{Deserialize, Serialize};

use super::Commits;

/// How far a deploy goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backward {
    /// By so many commits that run and would not.
    Commits(u32),
    /// Nobody can tell whether it does.
    Unknown,
}

impl Backward {
    /// What lies between what runs and what would, so judged; nothing where all that runs is kept.
    pub fn of(commits: Option<&Commits>) -> Option<Self> {
        match commits {
            None => Some(Self::Unknown),
            Some(commits) => (commits.behind > 0).then_some(Self::Commits(commits.behind)),
        }
    }
}
