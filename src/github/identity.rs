//! Whether a repository is still the one that it was. A name becomes free when its repository is renamed, moved or
//! deleted, and whoever takes it then decides what it holds; its id is nobody else's.
//! <https://docs.github.com/en/repositories/creating-and-managing-repositories/renaming-a-repository>

use std::collections::BTreeMap;

use serde::Deserialize;

use super::memory::Lasts;
use super::{DOCUMENT, GitHub, GitHubError, unusable};
use crate::config::{GithubRepository, RepositoryId};

/// What is asked of a repository that is about nothing in it.
pub(super) const ITSELF: &str = "";

/// What repositories are known by from before, each by its name as it is compared.
#[derive(Clone, Debug)]
pub(crate) enum KnownRepositories {
    /// Those that were seen.
    Read(BTreeMap<GithubRepository, RepositoryId>),
    /// Nobody can tell.
    Unread,
}

impl Default for KnownRepositories {
    fn default() -> Self {
        Self::Read(BTreeMap::new())
    }
}

#[derive(Deserialize)]
struct Itself {
    id: u64,
}

impl GitHub {
    /// That what has the repository's name is the repository.
    pub(super) async fn is_itself(&self, repository: &GithubRepository) -> Result<(), GitHubError> {
        // A question like any other, which asks this one of nothing more.
        let asked = Box::pin(self.ask(repository, ITSELF, DOCUMENT, Lasts::ForNow));
        asked.await.map(drop)
    }

    /// Holds what GitHub says of a repository against what it is known by.
    pub(super) fn recognise(
        &self,
        repository: &GithubRepository,
        said: &[u8],
    ) -> Result<(), GitHubError> {
        let itself: Itself = serde_json::from_slice(said)
            .map_err(|error| unusable(&format!("at column {}", error.column())))?;
        let (name, found) = (repository.folded(), RepositoryId::new(itself.id));
        let known = match (self.repository_ids.get(&name), &self.known) {
            (Some(id), _) => Some(*id),
            (None, KnownRepositories::Read(seen)) => seen.get(&name).copied(),
            (None, KnownRepositories::Unread) => {
                let why = "what the repository is known by cannot be read from the table";
                return Err(GitHubError::Unavailable(why.to_owned()));
            }
        };
        match known {
            Some(known) if known != found => {
                tracing::error!(%repository, %known, %found, "another repository has the name");
                Err(GitHubError::OtherRepository { known, found })
            }
            Some(_) => Ok(()),
            None => {
                self.conversation.met(name, found);
                Ok(())
            }
        }
    }
}
