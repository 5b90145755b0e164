//! A pull request as what somebody asks for: its commits, and which of them has an image.

use serde::{Deserialize, Serialize};

use crate::names::CommitSha;

/// A pull request, as GitHub shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u32,
    /// Its title, cut and without control characters.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// The branch that it brings.
    pub branch: String,
    /// The branch that it goes into.
    pub into: String,
    /// The repository that it comes from, where that is another one: `sam/cms`. Of one that is gone, nothing is known.
    pub fork: Option<String>,
    /// What became of it.
    pub state: PullRequestState,
    /// Its newest commit.
    pub head: CommitSha,
    /// Of one that was merged, what that made of it; of an open one, the merge that GitHub tries.
    pub merge: Option<CommitSha>,
}

/// What became of a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullRequestState {
    /// It is open.
    Open,
    /// It was merged.
    Merged,
    /// It was closed without a merge.
    Closed,
}

/// One of a pull request's commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitOfRequest {
    /// Its newest own.
    Head,
    /// The one that merged it.
    Merge,
    /// The merge that GitHub tries while it is open, which pipelines of pull requests build.
    Trial,
}

/// The pull request that an image was asked for by, and which of its commits that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByRequest {
    /// Its number.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// The branch that it goes into.
    pub into: String,
    /// The repository that it comes from, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork: Option<String>,
    /// What became of it.
    pub state: PullRequestState,
    /// The commit that an image was found of.
    pub commit: CommitOfRequest,
}

impl PullRequest {
    /// The commits that an image may be of, in the order in which they are looked for, each with the branch by which
    /// its image may be called. A pull request that was merged means what is in its branch now.
    pub fn commits(&self) -> Vec<(CommitOfRequest, &CommitSha, &str)> {
        let head = (CommitOfRequest::Head, &self.head, self.branch.as_str());
        let merge = self.merge.as_ref();
        match (self.state, merge) {
            (PullRequestState::Merged, Some(merge)) => {
                vec![(CommitOfRequest::Merge, merge, self.into.as_str()), head]
            }
            (PullRequestState::Open, Some(merge)) => {
                vec![head, (CommitOfRequest::Trial, merge, self.branch.as_str())]
            }
            _ => vec![head],
        }
    }

    /// The same as the way by which an image was found.
    pub fn by(&self, commit: CommitOfRequest) -> ByRequest {
        ByRequest {
            number: self.number,
            title: self.title.clone(),
            author: self.author.clone(),
            into: self.into.clone(),
            fork: self.fork.clone(),
            state: self.state,
            commit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_comes_first_once_it_is_one_and_counts_for_nothing_when_it_never_was() {
        let commit = |digit: &str| -> CommitSha { digit.repeat(40).parse().unwrap() };
        let mut request = PullRequest {
            number: 42,
            title: String::new(),
            author: String::new(),
            branch: "feature".to_owned(),
            into: "main".to_owned(),
            fork: None,
            state: PullRequestState::Open,
            head: commit("a"),
            merge: Some(commit("b")),
        };
        let order = |request: &PullRequest| -> Vec<String> {
            let commits = request.commits().into_iter();
            commits
                .map(|(which, commit, branch)| {
                    format!("{which:?} {} {branch}", &commit.short()[..1])
                })
                .collect()
        };
        assert_eq!(order(&request), ["Head a feature", "Trial b feature"]);
        request.state = PullRequestState::Merged;
        assert_eq!(order(&request), ["Merge b main", "Head a feature"]);
        // What GitHub keeps of a trial says nothing of what was closed.
        request.state = PullRequestState::Closed;
        assert_eq!(order(&request), ["Head a feature"]);
        request.merge = None;
        request.state = PullRequestState::Open;
        assert_eq!(order(&request), ["Head a feature"]);
    }
}
