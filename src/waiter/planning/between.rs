//! What lies between what is live and what would be. Helps people to decide and decides nothing, so a
//! silent GitHub only leaves it out.

use std::time::Duration;

use tokio::time::timeout;

use crate::config::Source;
use crate::github::GitHub;
use crate::names::CommitSha;
use crate::plan::Commits;
use crate::waiter::scene::Scene;

/// How long a way back waits for GitHub: whoever flees from a bad version waits for nothing that only
/// helps to decide.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What the second has that the first has not, where both are known.
pub(super) async fn between(
    source: &Source,
    github: &GitHub,
    base: Option<CommitSha>,
    head: Option<&CommitSha>,
) -> Option<Commits> {
    let repository = source.repository.as_ref()?;
    match github.compare(repository, &base?, head?).await {
        Ok(commits) => commits,
        Err(error) => {
            tracing::warn!(%error, "the commits between could not be read");
            None
        }
    }
}

/// The same for people to read: where something is taken away, also what, and by whom, if that is known soon.
pub(super) async fn with_lost(
    source: &Source,
    github: &GitHub,
    base: Option<CommitSha>,
    head: Option<&CommitSha>,
) -> Option<Commits> {
    let mut commits = between(source, github, base.clone(), head).await?;
    if commits.behind > 0
        && let (Some(base), Some(head)) = (base, head.cloned())
    {
        let asking = between(source, github, Some(head), Some(&base));
        let lost = timeout(PATIENCE, asking).await.ok().flatten();
        commits.lost = lost.map(|lost| lost.newest).unwrap_or_default();
    }
    Some(commits)
}

/// What going back from `live` to `then` takes away: the comparison of a deploy from there to here, seen from
/// its other end. None where it is not known soon.
pub(super) async fn taken_away(
    scene: &Scene<'_>,
    live: Option<CommitSha>,
    then: Option<CommitSha>,
) -> Option<Commits> {
    let (live, then) = (live?, then?);
    let source = &scene.target.source;
    let asking = async {
        let github = scene.github().await;
        between(source, &github, Some(then), Some(&live)).await
    };
    let commits = timeout(PATIENCE, asking).await.ok().flatten();
    commits.map(Commits::turned_round)
}
