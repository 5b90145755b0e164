//! The gate of the branches of which one must have what goes out.

use serde::{Deserialize, Serialize};

use super::{Facts, NotTold, Obstacle, Outcome};
use crate::config::BranchPattern;
use crate::names::{CommitSha, EnvName};

/// What is known of the branches that have a commit.
#[derive(Clone, Debug)]
pub(crate) struct BranchFacts<'a> {
    /// Where it is to go.
    pub(crate) environment: &'a EnvName,
    /// Of which one must have it; at least one.
    pub(crate) wanted: &'a [BranchPattern],
    /// The commit that the image proves to be of, and where it was found.
    pub(crate) seen: Result<(&'a CommitSha, FoundIn), NotTold>,
}

/// Where a commit was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundIn {
    /// In this branch.
    Branch(String),
    /// In none of them.
    None,
    /// In none of those that were looked at, and there are more.
    NoneSeen,
    /// There is no such branch.
    NoBranch,
}

/// That no branch has a commit from which it may go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotInBranch {
    /// The commit.
    pub commit: CommitSha,
    /// Where it was to go.
    pub environment: EnvName,
    /// The branches.
    pub wanted: Vec<BranchPattern>,
    /// Why not.
    pub why: WhyNotIn,
}

/// Why a commit is in no such branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotIn {
    /// None of them has it.
    None,
    /// None of those that were looked at has it.
    NoneSeen,
    /// There is none.
    NoBranch,
}

pub(super) fn branches(facts: &Facts<'_>) -> Outcome {
    let Some(facts) = &facts.branches else {
        return Outcome::Pass;
    };
    let (commit, why) = match &facts.seen {
        Ok((_, FoundIn::Branch(_))) => return Outcome::Pass,
        Ok((commit, FoundIn::None)) => (*commit, WhyNotIn::None),
        Ok((commit, FoundIn::NoneSeen)) => (*commit, WhyNotIn::NoneSeen),
        Ok((commit, FoundIn::NoBranch)) => (*commit, WhyNotIn::NoBranch),
        Err(why) => return Outcome::Unknown(vec![Obstacle::BranchesUnread(why.clone())]),
    };
    let obstacle = Obstacle::Branches(Box::new(NotInBranch {
        commit: commit.clone(),
        environment: facts.environment.clone(),
        wanted: facts.wanted.to_vec(),
        why,
    }));
    match why {
        WhyNotIn::None => Outcome::Fail(vec![obstacle]),
        WhyNotIn::NoneSeen | WhyNotIn::NoBranch => Outcome::Unknown(vec![obstacle]),
    }
}
