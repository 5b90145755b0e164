//! A commit without an image: what GitHub tells of it, and of what CI makes of it.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

use super::unchanged::ANCESTORS;
use crate::config::{GithubRepository, Source};
use crate::github::GitHub;
use crate::names::CommitSha;
use crate::resolve::{CiStands, PushedImage, Unbuilt, Unresolvable, built_before};

/// Commits that are looked at for the nearest with an image.
const LOOKED_AT: u32 = 30;
/// How long a refusal waits for what only helps.
const PATIENCE: Duration = Duration::from_secs(3);

/// The reason with what is known of its commit. A courtesy: where it cannot be told, the refusal stands as it is.
pub(crate) async fn with_what_is_known(
    mut why: Unresolvable,
    source: &Source,
    images: &[PushedImage],
    github: &GitHub,
    now: Timestamp,
) -> Unresolvable {
    if let Unresolvable::NoImage {
        commit, unbuilt, ..
    } = &mut why
        && let Some(repository) = &source.repository
    {
        let look = look(source, repository, commit, images, github, now);
        let known = timeout(PATIENCE, look).await.ok().flatten().map(Box::new);
        // What a monorepo's files said is told in any case.
        *unbuilt = match (unbuilt.take(), known) {
            (Some(seen), Some(known)) => Some(Box::new(Unbuilt {
                ci: known.ci,
                ..*seen
            })),
            (seen, known) => seen.or(known),
        };
    }
    why
}

async fn look(
    source: &Source,
    repository: &GithubRepository,
    commit: &CommitSha,
    images: &[PushedImage],
    github: &GitHub,
    now: Timestamp,
) -> Option<Unbuilt> {
    // As was asked before, so that it is one question.
    let most = match source.paths.is_empty() {
        true => LOOKED_AT,
        false => ANCESTORS,
    };
    let (chain, runs) = tokio::join!(
        github.ancestors(repository, commit, most),
        github.runs(repository, commit, &source.checks),
    );
    let chain = chain
        .inspect_err(|error| tracing::info!(%error, "a commit without an image stays untold"))
        .ok()?;
    let runs = runs
        .inspect_err(|error| tracing::info!(%error, "what CI makes of a commit stays untold"))
        .unwrap_or_default();
    let own = chain.first()?;
    let before = built_before(&chain, images, &source.tag).map(|(before, _)| before);
    let mut ci = CiStands::of(&runs, now);
    if let (Some(CiStands::Running { name, usual, .. }), Some(before)) = (&mut ci, &before) {
        // An image came of it, so that it had the time it takes.
        let took = github.took(repository, &before.commit, name).await;
        *usual = took.ok().flatten();
    }
    Some(Unbuilt {
        title: own.title.clone(),
        author: own.author.clone(),
        ci,
        before,
        changed: None,
    })
}
