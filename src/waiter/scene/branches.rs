//! Whether one of the branches from which something may go out has a commit.

use super::Scene;
use super::asked::asked;
use super::proofs::ToProve;
use crate::config::{BranchPattern, GithubRepository};
use crate::gate::{self, BranchFacts, Facts, FoundIn, NotTold, Obstacle};
use crate::github::{GitHub, GitHubError};
use crate::names::{CommitSha, Ref};
use crate::plan::Proved;

/// Heads that are compared with a commit, at most: each is a question.
const LOOKED_AT: usize = 10;

/// The branch that has it, or what stands in the way. None and nothing where it may be anywhere.
pub(super) async fn found_in(
    scene: &Scene<'_>,
    image: ToProve<'_>,
) -> Result<Option<Proved>, Vec<Obstacle>> {
    let wanted = &scene.target.rules.branches;
    if wanted.is_empty() {
        return Ok(None);
    }
    let found = match image.commit.zip(image.source.repository.as_ref()) {
        Some((commit, repository)) => {
            let look = |github| look(github, repository, commit, in_order(wanted, image.typed));
            let found = asked(scene, "the branches that have a commit", look).await;
            found.map(|found| (commit, found))
        }
        None => Err(NotTold::NoCommit),
    };
    let obstacles = gate::refused(&Facts {
        branches: Some(BranchFacts {
            environment: &scene.target.environment,
            wanted,
            seen: found.clone(),
        }),
        ..Facts::default()
    });
    match (obstacles.is_empty(), found) {
        (true, Ok((_, FoundIn::Branch(name)))) => Ok(Some(Proved::Branch(name))),
        _ => Err(obstacles),
    }
}

/// The branch that was typed first, if it fits; then those that are named whole.
fn in_order(wanted: &[BranchPattern], typed: Option<&Ref>) -> Vec<BranchPattern> {
    let typed = typed.filter(|typed| wanted.iter().any(|one| one.fits(typed.as_str())));
    let typed = typed.and_then(|typed| typed.as_str().parse().ok());
    let mut all: Vec<BranchPattern> = typed.into_iter().collect();
    let (several, whole): (Vec<_>, Vec<_>) = wanted
        .iter()
        .cloned()
        .partition(|one| one.prefix().is_some());
    for one in whole.into_iter().chain(several) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

async fn look(
    github: GitHub,
    repository: &GithubRepository,
    commit: &CommitSha,
    wanted: Vec<BranchPattern>,
) -> Result<FoundIn, GitHubError> {
    let mut seen: Vec<CommitSha> = Vec::new();
    let (mut exist, mut more) = (false, false);
    for pattern in &wanted {
        let heads = github.heads(repository, pattern).await?;
        exist |= !heads.is_empty();
        // Whose head it is, is known without a question.
        if let Some((name, _)) = heads.iter().find(|(_, head)| head == commit) {
            return Ok(FoundIn::Branch(name.clone()));
        }
        for (name, head) in heads {
            if seen.contains(&head) {
                continue;
            }
            if seen.len() == LOOKED_AT {
                more = true;
                break;
            }
            if github.contains(repository, &head, commit).await? {
                return Ok(FoundIn::Branch(name));
            }
            seen.push(head);
        }
    }
    Ok(match (exist, more) {
        (false, _) => FoundIn::NoBranch,
        (true, true) => FoundIn::NoneSeen,
        (true, false) => FoundIn::None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_branch_that_was_typed_is_looked_at_first_if_it_may_be_deployed() {
        let order = |typed: &str| {
            let wanted = ["hotfix/*", "main"].map(|one| one.parse().unwrap());
            let typed = typed.parse().unwrap();
            let order = in_order(&wanted, Some(&typed)).into_iter();
            order.map(String::from).collect::<Vec<_>>()
        };
        assert_eq!(order("main"), ["main", "hotfix/*"]);
        assert_eq!(order("hotfix/a"), ["hotfix/a", "main", "hotfix/*"]);
        for other in ["hotfix/", "feature/a", "hotfixes", "mai", "#42"] {
            let whole = other.parse::<Ref>().is_ok();
            assert!(!whole || order(other) == ["main", "hotfix/*"], "{other}");
        }
    }
}
