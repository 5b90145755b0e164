//! Whether a commit or a tag is signed, and GitHub knows by whom.
//! <https://docs.github.com/en/rest/git/commits#get-a-commit-object>, <https://docs.github.com/en/rest/git/tags>

use serde::Deserialize;

use super::memory::Lasts;
use super::wire::{Pointer, Verification};
use super::{GitHub, GitHubError, commit_sha, encoded, found};
use crate::config::GithubRepository;
use crate::names::CommitSha;
use crate::resolve::Signature;

#[derive(Deserialize)]
struct SignedCommit {
    sha: String,
    verification: Verification,
}

#[derive(Deserialize)]
struct SignedTag {
    object: super::wire::Object,
    /// By the API's description it may be missing: then nobody signed it.
    verification: Option<Verification>,
}

impl Verification {
    pub(super) fn signature(self) -> Signature {
        match self.verified {
            true => Signature::Verified,
            false => Signature::Not(self.reason),
        }
    }
}

impl GitHub {
    /// Whether a commit is signed; where it is not and `tag` names an annotated tag of it, whether that is. Of a branch's
    /// head, what GitHub said of the branch in this conversation says it too.
    ///
    /// A signature says nothing that lasts: keys are added and taken away, so that it is asked about anew.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`]; `NotFound` where GitHub does not show the commit.
    pub(crate) async fn signature(
        &self,
        repository: &GithubRepository,
        commit: &CommitSha,
        tag: Option<&str>,
    ) -> Result<Signature, GitHubError> {
        let own = match self.conversation.signature(repository, commit) {
            Some(known) => known,
            None => self.signature_of_commit(repository, commit).await?,
        };
        match (&own, tag) {
            (Signature::Not(_), Some(tag)) => {
                let of_tag = self.signature_of_tag(repository, tag, commit).await?;
                Ok(of_tag.unwrap_or(own))
            }
            (Signature::Verified, _) | (Signature::Not(_), None) => Ok(own),
        }
    }

    async fn signature_of_commit(
        &self,
        repository: &GithubRepository,
        commit: &CommitSha,
    ) -> Result<Signature, GitHubError> {
        let path = format!("/git/commits/{commit}");
        let own: SignedCommit = self.get(repository, &path, Lasts::ForNow).await?;
        if own.sha != commit.as_str() {
            return Err(GitHubError::NotFound);
        }
        Ok(own.verification.signature())
    }

    /// None where there is no annotated tag of that name, or it is one of another commit.
    async fn signature_of_tag(
        &self,
        repository: &GithubRepository,
        name: &str,
        commit: &CommitSha,
    ) -> Result<Option<Signature>, GitHubError> {
        let path = format!("/git/ref/tags/{}", encoded(name));
        let Some(pointer) = found(self.get::<Pointer>(repository, &path, Lasts::ForNow).await)?
        else {
            return Ok(None);
        };
        if pointer.object.r#type != "tag" {
            return Ok(None);
        }
        let object = commit_sha(&pointer.object.sha)?;
        let path = format!("/git/tags/{object}");
        let tag: SignedTag = self.get(repository, &path, Lasts::ForNow).await?;
        let is_its = tag.object.r#type == "commit" && tag.object.sha == commit.as_str();
        let signature = tag.verification.map(Verification::signature);
        Ok(signature.filter(|_| is_its))
    }
}
