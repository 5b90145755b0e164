//! A pull request looked up: which of its commits has an image.

use super::{Lookup, LookupError};
use crate::config::GithubRepository;
use crate::names::Ref;
use crate::resolve::{Kind, Meaning};

impl Lookup<'_> {
    /// The commit of a pull request that has an image, in the order of [`crate::resolve::PullRequest::commits`];
    /// its first one where none has.
    pub(super) async fn of_request(
        &self,
        reference: &Ref,
        repository: &GithubRepository,
        number: u32,
    ) -> Result<Option<Meaning>, LookupError> {
        let Some(request) = self.github.pull_request(repository, number).await? else {
            return Ok(None);
        };
        let mut first = None;
        for (which, commit, branch) in request.commits() {
            // What is no ref here cannot be in a tag's pattern either.
            let called = branch.parse().unwrap_or_else(|_| reference.clone());
            let found = self.of_commit(Kind::PullRequest, &called, commit.clone());
            let meaning = Meaning {
                name: reference.to_string(),
                request: Some(request.by(which)),
                ..found.await?
            };
            if meaning.image.is_some() {
                return Ok(Some(meaning));
            }
            first.get_or_insert(meaning);
        }
        Ok(first)
    }
}
