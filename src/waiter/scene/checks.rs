//! What the checks of a commit say, where some must have passed: asked of GitHub when a deploy is planned, and once
//! more when it starts.

use std::collections::BTreeSet;

use super::Scene;
use super::asked::asked;
use crate::config::{RequiredCheck, Source};
use crate::gate::{self, CheckFacts, Facts, NotTold, Obstacle};
use crate::github::GitHub;
use crate::names::CommitSha;
use crate::resolve::{CheckOutcome, SeenChecks, judge_checks};

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
            let read =
                |github: GitHub| async move { github.checks(repository, commit, required).await };
            let seen = asked(scene, "the checks of a commit", read).await;
            seen.map(|seen| (commit, seen))
        }
        None => Err(NotTold::NoCommit),
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
