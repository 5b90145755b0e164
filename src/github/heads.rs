//! Which branches there are of a name, and whether one has a commit.
//! <https://docs.github.com/en/rest/git/refs#list-matching-references>
//! <https://docs.github.com/en/rest/commits/commits#compare-two-commits>

use serde::Deserialize;

use super::memory::Lasts;
use super::wire::Pointer;
use super::{GitHub, GitHubError, commit_sha, encoded, found};
use crate::config::{BranchPattern, GithubRepository};
use crate::names::CommitSha;

#[derive(Deserialize)]
struct ComparedAs {
    status: String,
}

impl GitHub {
    /// The heads of these branches, each with the branch's name.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`]; of one branch by its name, any but `NotFound`.
    pub(crate) async fn heads(
        &self,
        repository: &GithubRepository,
        pattern: &BranchPattern,
    ) -> Result<Vec<(String, CommitSha)>, GitHubError> {
        const HEADS: &str = "refs/heads/";
        let Some(prefix) = pattern.prefix() else {
            let name = pattern.as_str();
            let head = self.branch(repository, name).await?;
            return Ok(head
                .map(|head| (name.to_owned(), head))
                .into_iter()
                .collect());
        };
        let path = format!("/git/matching-refs/heads/{}", encoded(prefix));
        let pointers: Vec<Pointer> = self.get(repository, &path, Lasts::ForNow).await?;
        let mut heads = Vec::new();
        for pointer in pointers {
            let name = pointer.r#ref.strip_prefix(HEADS).unwrap_or_default();
            if pattern.fits(name) {
                heads.push((name.to_owned(), commit_sha(&pointer.object.sha)?));
            }
        }
        Ok(heads)
    }

    /// Whether a branch whose head is `head` has the commit.
    ///
    /// Both are commits, and never names: a tag could be called like the branch, and GitHub would prefer it. It also
    /// knows every commit of every fork, by whom ever it was pushed. That gains nobody anything: what is `behind` the
    /// head is one of its ancestors, and those were all let into the branch.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`: where the two have nothing in common, the answer is no.
    pub(crate) async fn contains(
        &self,
        repository: &GithubRepository,
        head: &CommitSha,
        commit: &CommitSha,
    ) -> Result<bool, GitHubError> {
        let is_in = self.is_in(repository, head, commit).await?;
        Ok(is_in.unwrap_or(false))
    }

    /// Whether the commit is in what `head` is the newest commit of; `None` where GitHub knows one of them not, or they
    /// have nothing in common.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub(crate) async fn is_in(
        &self,
        repository: &GithubRepository,
        head: &CommitSha,
        commit: &CommitSha,
    ) -> Result<Option<bool>, GitHubError> {
        if head == commit {
            return Ok(Some(true));
        }
        // As in a comparison that is shown: the second page is without the changed files.
        let path = format!("/compare/{head}...{commit}?per_page=1&page=2");
        let standing = found(
            self.get::<ComparedAs>(repository, &path, Lasts::ForGood)
                .await,
        )?;
        Ok(standing.map(|standing| matches!(&*standing.status, "behind" | "identical")))
    }
}
