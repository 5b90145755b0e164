//! Pull requests. <https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request>

use serde::Deserialize;

use super::memory::Lasts;
use super::wire::{Login, plain};
use super::{GitHub, GitHubError, commit_sha, found};
use crate::config::GithubRepository;
use crate::resolve::{PullRequest, PullRequestState};

#[derive(Deserialize)]
struct Pull {
    number: u32,
    title: String,
    state: String,
    user: Option<Login>,
    merged: bool,
    /// Not known while GitHub tries anew, and the merge is the last one's.
    mergeable: Option<bool>,
    merge_commit_sha: Option<String>,
    head: End,
    base: End,
}

#[derive(Deserialize)]
struct End {
    r#ref: String,
    sha: String,
    repo: Option<Repo>,
}

#[derive(Deserialize)]
struct Repo {
    id: u64,
    full_name: String,
}

impl GitHub {
    /// The pull request of that number; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`; `Denied` where the token may not see pull requests.
    pub(crate) async fn pull_request(
        &self,
        repository: &GithubRepository,
        number: u32,
    ) -> Result<Option<PullRequest>, GitHubError> {
        let path = format!("/pulls/{number}");
        let Some(pull) = found(self.get::<Pull>(repository, &path, Lasts::ForNow).await)? else {
            return Ok(None);
        };
        let own = pull.base.repo.as_ref().map(|repo| repo.id);
        let from = pull.head.repo;
        Ok(Some(PullRequest {
            number: pull.number,
            title: plain(&pull.title),
            author: plain(&pull.user.map(|user| user.login).unwrap_or_default()),
            fork: from
                .filter(|from| Some(from.id) != own)
                .map(|from| plain(&from.full_name)),
            state: match (pull.merged, pull.state.as_str()) {
                (true, _) => PullRequestState::Merged,
                (false, "open") => PullRequestState::Open,
                (false, _) => PullRequestState::Closed,
            },
            head: commit_sha(&pull.head.sha)?,
            merge: match pull.merge_commit_sha {
                Some(sha) if pull.merged || pull.mergeable == Some(true) => Some(commit_sha(&sha)?),
                _ => None,
            },
            branch: pull.head.r#ref,
            into: pull.base.r#ref,
        }))
    }
}
