//! What came before a commit, and what CI makes of it.
//! <https://docs.github.com/en/rest/commits/commits#list-commits>

use percent_encoding::utf8_percent_encode;

use super::checks::CheckRuns;
use super::memory::Lasts;
use super::wire::{ListedCommit, line};
use super::{GitHub, GitHubError};
use crate::config::{CheckSource, GithubRepository, RequiredCheck};
use crate::http::UNRESERVED;
use crate::names::CommitSha;
use crate::resolve::{Ancestor, CiRun};

impl GitHub {
    /// The commit and what came before it, nearest first: only what its branch was at some time, and not what was merged
    /// into it. `most` commits are looked at, a hundred at most.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`]; `NotFound` where the repository does not have the commit.
    pub(crate) async fn ancestors(
        &self,
        repository: &GithubRepository,
        commit: &CommitSha,
        most: u32,
    ) -> Result<Vec<Ancestor>, GitHubError> {
        let path = format!("/commits?sha={commit}&per_page={most}");
        let mut listed: Vec<ListedCommit> = self.get(repository, &path, Lasts::ForGood).await?;
        let mut chain = Vec::new();
        let mut next = Some(commit.to_string());
        while let Some(sha) = next.take() {
            let Some(at) = listed.iter().position(|one| one.sha == sha) else {
                break;
            };
            let listed = listed.swap_remove(at);
            next = listed.parents.first().map(|parent| parent.sha.clone());
            let line = line(listed);
            let Ok(commit) = sha.parse() else { break };
            chain.push(Ancestor {
                commit,
                title: line.summary,
                author: line.author,
            });
        }
        Ok(chain)
    }

    /// What CI runs of a commit: all that apps report, and statuses where one of these checks is reported by one.
    ///
    /// # Errors
    ///
    /// As [`Self::checks`].
    pub(crate) async fn runs(
        &self,
        repository: &GithubRepository,
        commit: &CommitSha,
        required: &[RequiredCheck],
    ) -> Result<Vec<CiRun>, GitHubError> {
        // As a gate asks, so that it is one question.
        let path = format!("/commits/{commit}/check-runs?filter=latest");
        let of_apps: CheckRuns = self.page(repository, &path, 1).await?;
        let mut runs = of_apps.of(commit);
        let by_login = |check: &RequiredCheck| matches!(check.source, CheckSource::Creator(_));
        if required.iter().any(by_login) {
            runs.extend(self.newest_statuses(repository, commit).await?);
        }
        Ok(runs)
    }

    /// How long a run of that name took on a commit, if one succeeded there.
    ///
    /// # Errors
    ///
    /// As [`Self::checks`].
    pub(crate) async fn took(
        &self,
        repository: &GithubRepository,
        commit: &CommitSha,
        name: &str,
    ) -> Result<Option<u64>, GitHubError> {
        let name = utf8_percent_encode(name, UNRESERVED);
        let path = format!("/commits/{commit}/check-runs?filter=latest&check_name={name}");
        let runs: CheckRuns = self.page(repository, &path, 1).await?;
        Ok(runs.of(commit).iter().find_map(CiRun::took))
    }
}
