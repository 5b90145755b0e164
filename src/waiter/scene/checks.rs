//! What the checks of a commit say, where some must have passed: asked of GitHub when a deploy is planned, and once
//! more when it starts.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::sleep;

use super::Scene;
use crate::config::{RequiredCheck, Source};
use crate::gate::{self, CheckFacts, ChecksUnread, Facts, Obstacle};
use crate::github::GitHubError;
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
    let seen = match (commit, &source.repository) {
        (Some(commit), Some(_)) => read(scene, source, commit).await,
        _ => Err(ChecksUnread::NoCommit),
    };
    let facts = Facts {
        checks: Some(CheckFacts {
            required,
            commit: commit.filter(|_| source.repository.is_some()),
            seen: seen.as_ref().map_err(Clone::clone),
        }),
        ..Facts::default()
    };
    let obstacles = gate::refused(&facts);
    match (obstacles.is_empty(), &seen) {
        (true, Ok(seen)) => Ok(names(required, seen)),
        (true, Err(_)) | (false, _) => Err(obstacles),
    }
}

fn names(required: &[RequiredCheck], seen: &SeenChecks) -> Vec<String> {
    let judged = judge_checks(required, seen).into_iter();
    let names: BTreeSet<String> = judged
        .flat_map(|(_, outcome)| match outcome {
            CheckOutcome::Passed(names) => names,
            CheckOutcome::Not { .. } => Vec::new(),
        })
        .collect();
    names.into_iter().collect()
}

async fn read(
    scene: &Scene<'_>,
    source: &Source,
    commit: &CommitSha,
) -> Result<SeenChecks, ChecksUnread> {
    let Some(repository) = &source.repository else {
        return Err(ChecksUnread::NoCommit);
    };
    let github = scene.github().await;
    let seen = match github.checks(repository, commit, &source.checks).await {
        Err(GitHubError::Unavailable(_)) => {
            sleep(ONCE_MORE).await;
            // What it answered before is not asked for again.
            let github = scene.waiter.github(&Default::default()).await;
            github.checks(repository, commit, &source.checks).await
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
