//! What lies between what is live and what would be. Helps people to decide and decides nothing, so a
//! silent GitHub only leaves it out, and where files are watched for, says so.

use std::time::Duration;

use tokio::time::timeout;

use crate::config::{FilePattern, GithubRepository, Source};
use crate::github::{GitHub, GitHubError};
use crate::names::CommitSha;
use crate::plan::{Commits, DifferingFiles, FilesListed, Watched};
use crate::waiter::scene::Scene;

/// How long a way back waits for GitHub: whoever flees from a bad version waits for nothing that only
/// helps to decide.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Commits that a plan lists.
const SHOWN: u32 = 10;

/// What lies between, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct LiesBetween {
    /// The commits.
    pub(super) commits: Option<Commits>,
    /// The files that are watched for.
    pub(super) watched: Option<Watched>,
}

/// Which two, of what.
pub(super) struct TwoCommits<'a> {
    pub(super) source: &'a Source,
    pub(super) base: Option<CommitSha>,
    pub(super) head: Option<CommitSha>,
    /// The files that are watched for.
    pub(super) watch: &'a [FilePattern],
}

/// How a comparison is read.
#[derive(Clone, Copy)]
pub(super) struct HowRead {
    /// Commits that are listed, 100 at most.
    pub(super) shown: u32,
    /// How long what would be taken away is waited for.
    pub(super) patience: Duration,
}

/// As a plan reads it.
const IN_A_PLAN: HowRead = HowRead {
    shown: SHOWN,
    patience: PATIENCE,
};

/// What the second has that the first has not; where something is taken away, also what, and by whom, if that is known
/// soon.
pub(super) async fn both_ways(
    github: &GitHub,
    repository: &GithubRepository,
    [base, head]: [&CommitSha; 2],
    reading: HowRead,
) -> Result<Option<(Commits, DifferingFiles)>, GitHubError> {
    let shown = reading.shown;
    let Some((mut commits, mut files)) = github.compare(repository, [base, head], shown).await?
    else {
        return Ok(None);
    };
    if commits.behind > 0 {
        let back = github.compare(repository, [head, base], shown);
        let back = timeout(reading.patience, back).await;
        let back = back.ok().and_then(Result::ok).flatten();
        // A file that only what runs has changed changes back.
        let (lost, others) = back.map_or_else(
            || (Vec::new(), DifferingFiles::unknown(FilesListed::NotTold)),
            |(lost, others)| (lost.newest, others),
        );
        commits.lost = lost;
        files = files.and(others);
    }
    Ok(Some((commits, files)))
}

/// What lies between for people to read.
pub(super) async fn with_lost(github: &GitHub, two: &TwoCommits<'_>) -> LiesBetween {
    let read = async |repository: &GithubRepository, ends: [&CommitSha; 2]| {
        both_ways(github, repository, ends, IN_A_PLAN).await
    };
    lies_between(two, read).await
}

/// What `reading` says of two commits, where both are known.
async fn lies_between(
    two: &TwoCommits<'_>,
    reading: impl AsyncFnOnce(
        &GithubRepository,
        [&CommitSha; 2],
    ) -> Result<Option<(Commits, DifferingFiles)>, GitHubError>,
) -> LiesBetween {
    let repository = two.source.repository.as_ref();
    let (commits, files) = match (repository, &two.base, &two.head) {
        (Some(repository), Some(base), Some(head)) => {
            let read = reading(repository, [base, head]).await;
            let read = read.unwrap_or_else(|error| {
                tracing::warn!(%error, "the commits between could not be read");
                None
            });
            match read {
                Some((commits, files)) => (Some(commits), files),
                None => (None, DifferingFiles::unknown(FilesListed::NotTold)),
            }
        }
        _ => (None, DifferingFiles::unknown(FilesListed::NoCommits)),
    };
    LiesBetween {
        commits,
        watched: Watched::of(two.watch, &files).filter(|_| repository.is_some()),
    }
}

/// What going back from `live` to `then` takes away: the comparison of a deploy from there to here, seen from
/// its other end. Nothing where it is not known soon.
pub(super) async fn taken_away(
    scene: &Scene<'_>,
    live: Option<CommitSha>,
    then: Option<CommitSha>,
) -> LiesBetween {
    let two = TwoCommits {
        source: &scene.target.source,
        base: then,
        head: live,
        watch: &scene.target.watch_files,
    };
    let read = async |repository: &GithubRepository, [base, head]: [&CommitSha; 2]| {
        let asking = async {
            let github = scene.github().await;
            github.compare(repository, [base, head], SHOWN).await
        };
        let Ok(read) = timeout(PATIENCE, asking).await else {
            return Ok(None);
        };
        Ok(read?.map(|(commits, files)| match commits.behind {
            0 => (commits, files),
            // What comes back in place of it was not asked for.
            _ => {
                let others = DifferingFiles::unknown(FilesListed::OneWay);
                (commits, files.and(others))
            }
        }))
    };
    let between = lies_between(&two, read).await;
    LiesBetween {
        commits: between.commits.map(Commits::turned_round),
        ..between
    }
}
