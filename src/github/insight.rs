//! What a credential may see, and how often it may ask: for whoever set it up.

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::asking::asked;
use super::{DOCUMENT, GitHub, GitHubError, Lasts, unusable};
use crate::config::GithubRepository;
use crate::names::secret::Access;

/// Of the questions that may be asked in an hour, one part in so many is left for what changes something.
const KEPT: u32 = 4;

impl RateLimit {
    /// Whether so few are left that whoever only looks should not ask.
    pub(crate) fn is_low(&self) -> bool {
        self.left < self.limit / KEPT
    }
}

/// What is read of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Its branches, tags and commits.
    Commits,
    /// What apps reported of a commit.
    Checks,
    /// What people and bots reported of it.
    Statuses,
    /// Its pull requests.
    PullRequests,
}

/// How often may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimit {
    /// Questions in an hour.
    pub(crate) limit: u32,
    /// Those that are left of them.
    pub(crate) left: u32,
    /// When they are renewed.
    pub(crate) until: Timestamp,
}

#[derive(Deserialize)]
struct Rates {
    resources: Resources,
}

#[derive(Deserialize)]
struct Resources {
    core: Rate,
}

#[derive(Deserialize)]
struct Rate {
    limit: u32,
    remaining: u32,
    reset: i64,
}

impl Sight {
    fn path(self) -> &'static str {
        match self {
            Self::Commits => "/commits?per_page=1",
            Self::Checks => "/commits/HEAD/check-runs?per_page=1",
            Self::Statuses => "/commits/HEAD/statuses?per_page=1",
            Self::PullRequests => "/pulls?per_page=1",
        }
    }
}

impl GitHub {
    /// Whether that much of a repository is shown.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`, and `Denied` for another reason than a lack of rights.
    pub(crate) async fn shows(
        &self,
        repository: &GithubRepository,
        sight: Sight,
    ) -> Result<bool, GitHubError> {
        let seen = self.get::<IgnoredAny>(repository, sight.path(), Lasts::ForNow);
        match seen.await {
            Ok(_) => Ok(true),
            Err(GitHubError::NotFound | GitHubError::Denied(403)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// How often whoever asks for that repository may ask; `None` where nobody counts. It costs nothing.
    /// <https://docs.github.com/en/rest/rate-limit/rate-limit>
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub(crate) async fn rate_limit(
        &self,
        repository: &GithubRepository,
    ) -> Result<Option<RateLimit>, GitHubError> {
        let access = self.access(repository).await?;
        let token = match &access {
            Access::With(token) => Some(token),
            Access::Without | Access::Unread => None,
        };
        let url = format!("{}/rate_limit", repository.api());
        let answer = self.answered(
            asked(Method::GET, &url, DOCUMENT, token)?,
            bytes::Bytes::new(),
        );
        let answer = match answer.await {
            Ok(answer) => answer,
            // A server of one's own need not count.
            Err(GitHubError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let read: Rates = serde_json::from_slice(answer.body())
            .map_err(|error| unusable(&format!("at column {}", error.column())))?;
        let core = read.resources.core;
        Ok(Some(RateLimit {
            limit: core.limit,
            left: core.remaining,
            until: Timestamp::from_second(core.reset).unwrap_or_default(),
        }))
    }
}
