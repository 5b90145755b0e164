//! GitHub: what a branch or a tag points to, and what lies between two commits.
//!
//! Only reads, only of the repository an application names, and always bounded. A token is optional;
//! it is never logged, and no answer's body ever becomes part of an error. Nothing is asked twice in one
//! [`Conversation`], and what GitHub said before is only asked for anew where it may have changed ([`Memory`]).

mod app;
mod asking;
mod before;
mod checks;
mod compare;
mod conversation;
mod heads;
mod identity;
mod insight;
mod memory;
mod pulls;
mod refused;
mod signatures;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde::de::DeserializeOwned;

pub use self::app::Installations;
pub use self::conversation::Conversation;
use self::identity::ITSELF;
pub(crate) use self::identity::KnownRepositories;
pub(crate) use self::insight::{RateLimit, Sight};
use self::memory::Lasts;
pub use self::memory::Memory;
pub use self::refused::GitHubError;
use self::wire::{Branch, BranchHead, Pointer, Repository};
use crate::config::{GithubAccess, GithubApp, GithubHost, GithubRepository, RepositoryId};
use crate::http::{Http, UNRESERVED};
use crate::names::secret::Access;
use crate::names::{CommitSha, Ref};

/// How long one request may take.
const WITHIN: Duration = Duration::from_secs(5);
/// Tag objects that may point to tag objects.
const NESTED: usize = 3;
/// What a document is asked for as, and a commit's SHA alone.
const DOCUMENT: &str = "application/vnd.github+json";
const SHA: &str = "application/vnd.github.sha";

/// GitHub's REST API.
#[derive(Clone, Debug)]
pub struct GitHub {
    http: Http,
    access: Access,
    host: Option<GithubHost>,
    app: Option<ConfiguredApp>,
    conversation: Conversation,
    memory: Arc<Memory>,
    /// What the configuration says repositories are known by.
    repository_ids: BTreeMap<GithubRepository, RepositoryId>,
    /// What they are known by from before.
    known: KnownRepositories,
}

/// The App as which GitHub is asked, whose key is the access.
#[derive(Clone, Debug)]
struct ConfiguredApp {
    id: GithubApp,
    installations: Arc<Installations>,
    now: Timestamp,
}

impl GitHub {
    /// GitHub, as whoever the token is, in a conversation of its own.
    pub fn new(http: Http, access: Access) -> Self {
        Self {
            http,
            access,
            host: None,
            app: None,
            conversation: Conversation::default(),
            memory: Arc::default(),
            repository_ids: BTreeMap::new(),
            known: KnownRepositories::default(),
        }
    }

    /// The same where, and as whom, the configuration says.
    #[must_use]
    pub fn configured(
        self,
        github: &GithubAccess,
        installations: &Arc<Installations>,
        now: Timestamp,
    ) -> Self {
        let app = github.app.clone().map(|id| ConfiguredApp {
            id,
            installations: Arc::clone(installations),
            now,
        });
        Self {
            host: github.host.clone(),
            app,
            repository_ids: github.repository_ids.clone(),
            ..self
        }
    }

    /// The same in a conversation that others have a part in.
    #[must_use]
    pub fn within(self, conversation: Conversation) -> Self {
        Self {
            conversation,
            ..self
        }
    }

    /// The same with what it said before.
    #[must_use]
    pub(crate) fn remembering(self, memory: Arc<Memory>) -> Self {
        Self { memory, ..self }
    }

    /// The same where repositories were seen before.
    #[must_use]
    pub(crate) fn knowing(self, known: KnownRepositories) -> Self {
        Self { known, ..self }
    }

    /// The repositories that were asked about by a name of before.
    pub(crate) fn old_names(&self) -> BTreeSet<GithubRepository> {
        self.conversation.old_names()
    }

    /// The default branch's name.
    ///
    /// # Errors
    ///
    /// [`GitHubError::NotFound`] also where the token may not see the repository.
    pub async fn default_branch(
        &self,
        repository: &GithubRepository,
    ) -> Result<String, GitHubError> {
        let found: Repository = self.get(repository, ITSELF, Lasts::ForNow).await?;
        Ok(found.default_branch)
    }

    /// The head of a branch; `None` where there is no such branch.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub async fn branch(
        &self,
        repository: &GithubRepository,
        name: &str,
    ) -> Result<Option<CommitSha>, GitHubError> {
        // Whose signature is good is in the same answer, and need not be asked for.
        let path = format!("/branches/{}", utf8_percent_encode(name, UNRESERVED));
        let answer = match self
            .get::<BranchHead>(repository, &path, Lasts::ForNow)
            .await
        {
            // It is called otherwise by now, and nothing is called so.
            Err(GitHubError::Moved) => return Ok(None),
            answer => found(answer)?,
        };
        let Some(head) = answer.and_then(|head| head.of(name)) else {
            return Ok(None);
        };
        let commit = commit_sha(&head.sha)?;
        if let Some(verification) = head.commit.verification {
            let signature = verification.signature();
            self.conversation.heard(repository, &commit, signature);
        }
        Ok(Some(commit))
    }

    /// The commit of a tag, annotated or not; `None` where there is no such tag, or it tags
    /// something else than a commit.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub async fn tag(
        &self,
        repository: &GithubRepository,
        name: &str,
    ) -> Result<Option<CommitSha>, GitHubError> {
        let mut path = format!("/git/ref/tags/{}", encoded(name));
        let mut lasts = Lasts::ForNow;
        for _ in 0..=NESTED {
            let Some(pointer) = found(self.get::<Pointer>(repository, &path, lasts).await)? else {
                return Ok(None);
            };
            match pointer.object.r#type.as_str() {
                "commit" => return commit_sha(&pointer.object.sha).map(Some),
                "tag" => {
                    let object = commit_sha(&pointer.object.sha)?;
                    path = format!("/git/tags/{object}");
                    lasts = Lasts::ForGood;
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The commit that a full SHA, or the first 7 to 39 digits of one, names; `None` where none
    /// does.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub async fn commit(
        &self,
        repository: &GithubRepository,
        sha: &str,
    ) -> Result<Option<CommitSha>, GitHubError> {
        let commit = self.any(repository, sha).await?;
        // The endpoint takes branches and tags as well, and prefers them.
        Ok(commit.filter(|commit| commit.begins_with(sha)))
    }

    /// The commit of anything that has this name: a git tag, a branch, or a commit itself; `None` where nothing
    /// has. Which of them it is, and whether there are several, it does not tell.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub async fn any(
        &self,
        repository: &GithubRepository,
        name: &str,
    ) -> Result<Option<CommitSha>, GitHubError> {
        let path = format!("/commits/{}", encoded(name));
        // GitHub takes no branch and no tag that is called like a whole SHA.
        let lasts = match name.parse::<CommitSha>() {
            Ok(_) => Lasts::ForGood,
            Err(_) => Lasts::ForNow,
        };
        let answer = self.ask(repository, &path, SHA, lasts).await;
        let Some(body) = found(answer)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&body).unwrap_or_default();
        commit_sha(text.trim()).map(Some)
    }

    /// Names of branches, 100 at most, for "did you mean". Empty when they cannot be had.
    pub(crate) async fn branch_names(&self, repository: &GithubRepository) -> Vec<String> {
        let answer = self
            .get::<Vec<Branch>>(repository, "/branches?per_page=100", Lasts::ForNow)
            .await;
        let branches = answer.unwrap_or_default();
        branches.into_iter().map(|branch| branch.name).collect()
    }

    async fn get<T: DeserializeOwned>(
        &self,
        repository: &GithubRepository,
        path: &str,
        lasts: Lasts,
    ) -> Result<T, GitHubError> {
        let body = self.ask(repository, path, DOCUMENT, lasts).await?;
        // The body is not repeated: it is somebody else's text.
        serde_json::from_slice(&body)
            .map_err(|error| unusable(&format!("at column {}", error.column())))
    }
}

/// What is not found is an answer, not an error.
fn found<T>(answer: Result<T, GitHubError>) -> Result<Option<T>, GitHubError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(GitHubError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn commit_sha(text: &str) -> Result<CommitSha, GitHubError> {
    text.parse()
        .map_err(|_| unusable("where a commit should be"))
}

fn unusable(where_: &str) -> GitHubError {
    GitHubError::Unavailable(format!("its answer cannot be read {where_}"))
}

/// A name as a path's parts: what RFC 3986 leaves unreserved and the slashes stay.
fn encoded(name: &str) -> String {
    const ESCAPED: &AsciiSet = &UNRESERVED.remove(b'/');
    utf8_percent_encode(name, ESCAPED).to_string()
}

/// Whether the text can be (the beginning of) a commit's SHA.
pub(crate) fn looks_like_sha(reference: &Ref) -> bool {
    let text = reference.as_str();
    (7..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_place_in_the_path() {
        assert_eq!(encoded("feature/a#b?c d"), "feature/a%23b%3Fc%20d");
        assert_eq!(encoded("fé"), "f%C3%A9");
    }

    #[test]
    fn seven_to_forty_hex_digits_may_be_a_commit() {
        let sha = |text: &str| looks_like_sha(&text.parse().unwrap());
        assert!(sha("abcdef0") && sha(&"A".repeat(40)));
        assert!(!sha("abcdef") && !sha("feature") && !sha(&"a".repeat(41)));
    }
}
