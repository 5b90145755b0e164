//! What the checks of a commit say, where some must have passed: asked of GitHub when a deploy is planned, and once
//! more when it starts.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::sleep;

use super::Scene;
use crate::config::{GithubRepository, RequiredCheck, Source};
use crate::gate::{self, CheckFacts, ChecksUnread, Facts, Obstacle};
use crate::github::{Conversation, GitHubError};
use crate::names::CommitSha;
use crate::resolve::{CheckOutcome, SeenChecks, judge_checks};

/// The pause before GitHub is asked once more.
const ONCE_MORE: Duration = Duration::from_secs(1);

/// The names of the checks that passed, or what stands in the way. None and nothing where no check is asked for.
pub(crate) async fn passed(
    scene: &Scene<'_>,
    source: &Source,
    commit: Option<&CommitSha>,
) -> Result<Vec<String>, Vec<Obstacle>> {
    let required = &source.checks;
    if required.is_empty() {
        return Ok(Vec::new());
    }
    let seen = match commit.zip(source.repository.as_ref()) {
        Some((commit, repository)) => {
            let seen = read(scene, repository, commit, required).await;
            seen.map(|seen| (commit, seen))
        }
        None => Err(ChecksUnread::NoCommit),
    };
    let facts = Facts {
        checks: Some(CheckFacts {
            required,
            seen: match &seen {
                Ok((commit, seen)) => Ok((commit, seen)),
                Err(why) => Err(why.clone()),
            },
        }),
        ..Facts::default()
    };
    let obstacles = gate::refused(&facts);
    match (obstacles.is_empty(), &seen) {
        (true, Ok((_, seen))) => Ok(names(required, seen)),
        (true, Err(_)) | (false, _) => Err(obstacles),
    }
}

fn names(required: &[RequiredCheck], seen: &SeenChecks) -> Vec<String> {
    let judged = judge_checks(required, seen).into_iter();
    let names: BTreeSet<String> = judged
        .flat_map(|(_, outcome)| match outcome {
            CheckOutcome::Passed(names) => names,
            CheckOutcome::Not(_) => Vec::new(),
        })
        .collect();
    names.into_iter().collect()
}

async fn read(
    scene: &Scene<'_>,
    repository: &GithubRepository,
    commit: &CommitSha,
    required: &[RequiredCheck],
) -> Result<SeenChecks, ChecksUnread> {
    let github = scene.github().await;
    let seen = match github.checks(repository, commit, required).await {
        Err(GitHubError::Unavailable(_)) => {
            sleep(ONCE_MORE).await;
            // In a conversation of its own: in this one, it has answered.
            let github = scene.waiter.github(&Conversation::default()).await;
            github.checks(repository, commit, required).await
        }
        seen => seen,
    };
    seen.map_err(|error| {
        tracing::warn!(%repository, %commit, %error, "the checks of a commit could not be read");
        match error {
            GitHubError::RateLimited { until } => ChecksUnread::Limit(until),
            GitHubError::Denied(_) | GitHubError::NotFound | GitHubError::Moved => {
                ChecksUnread::Denied
            }
            GitHubError::Silent(_) | GitHubError::Unavailable(_) => ChecksUnread::Silent,
        }
    })
}
