//! What lies between what is live and what would be. Helps people to decide and decides nothing, so a
//! silent GitHub only leaves it out, and where files are watched for, says so.

use std::time::Duration;

use tokio::time::timeout;

use crate::config::{FilePattern, Source};
use crate::github::GitHub;
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

/// What the second has that the first has not, where both are known.
async fn between(github: &GitHub, two: &TwoCommits<'_>) -> (Option<Commits>, DifferingFiles) {
    let unknown = |why| (None, DifferingFiles::unknown(why));
    let (Some(repository), Some(base), Some(head)) = (&two.source.repository, &two.base, &two.head)
    else {
        return unknown(FilesListed::NoCommits);
    };
    let read = match two.watch.is_empty() {
        true => {
            let read = github.compare(repository, base, head).await;
            read.map(|commits| commits.map(|commits| (commits, DifferingFiles::default())))
        }
        false => {
            github
                .compare_with_files(repository, [base, head], SHOWN)
                .await
        }
    };
    match read {
        Ok(Some((commits, files))) => (Some(commits), files),
        Ok(None) => unknown(FilesListed::NotTold),
        Err(error) => {
            tracing::warn!(%error, "the commits between could not be read");
            unknown(FilesListed::NotTold)
        }
    }
}

/// The same for people to read: where something is taken away, also what, and by whom, if that is known soon.
pub(super) async fn with_lost(github: &GitHub, two: &TwoCommits<'_>) -> LiesBetween {
    let (mut commits, mut files) = between(github, two).await;
    if let Some(commits) = &mut commits
        && commits.behind > 0
    {
        let back = TwoCommits {
            base: two.head.clone(),
            head: two.base.clone(),
            ..*two
        };
        let lost = timeout(PATIENCE, between(github, &back)).await;
        let (lost, others) =
            lost.unwrap_or_else(|_| (None, DifferingFiles::unknown(FilesListed::NotTold)));
        commits.lost = lost.map(|lost| lost.newest).unwrap_or_default();
        // A file that only what runs has changed changes back.
        files = files.and(others);
    }
    let told = two.source.repository.is_some();
    LiesBetween {
        commits,
        watched: Watched::of(two.watch, &files).filter(|_| told),
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
    let asking = async {
        let github = scene.github().await;
        between(&github, &two).await
    };
    let read = timeout(PATIENCE, asking).await;
    let (commits, mut files) =
        read.unwrap_or_else(|_| (None, DifferingFiles::unknown(FilesListed::NotTold)));
    if commits.as_ref().is_some_and(|commits| commits.behind > 0) {
        // What comes back in place of it was not asked for.
        files = files.and(DifferingFiles::unknown(FilesListed::NotTold));
    }
    let told = two.source.repository.is_some();
    LiesBetween {
        commits: commits.map(Commits::turned_round),
        watched: Watched::of(two.watch, &files).filter(|_| told),
    }
}
