//! Refusals for the checks of a commit, and for what else an image must have proved.

use std::collections::BTreeSet;

use super::*;
use crate::config::{CheckSource, Leniency, RequiredCheck};
use crate::gate::{NotPassed, NotTold};
use crate::names::CommitSha;
use crate::resolve::CheckTrouble;

/// Every way in which a check has not passed, or cannot be told.
pub(super) fn of_proofs(names: &Names) -> Vec<Refused> {
    let commit: CommitSha = "0123456789abcdef0123456789abcdef01234567".parse().unwrap();
    let named = RequiredCheck {
        name: Some("integration tests / linux / stable (1.95.0)".to_owned()),
        source: CheckSource::App("github-actions".to_owned()),
        accept: BTreeSet::new(),
    };
    let all = RequiredCheck {
        name: None,
        ..named.clone()
    };
    let troubles = [
        CheckTrouble::Failed("startup_failure".to_owned()),
        CheckTrouble::Undecided(Leniency::Skipped),
        CheckTrouble::Undecided(Leniency::Neutral),
        CheckTrouble::Running,
        CheckTrouble::Missing,
        CheckTrouble::Unheard("unheard_of".to_owned()),
        CheckTrouble::TooMany,
    ];
    let obstacles = troubles.into_iter().flat_map(|trouble| {
        let not_passed = |check: &RequiredCheck| {
            Obstacle::Check(Box::new(NotPassed {
                check: check.clone(),
                commit: commit.clone(),
                trouble: trouble.clone(),
            }))
        };
        [not_passed(&named), not_passed(&all)]
    });
    let unread = [
        NotTold::NoCommit,
        NotTold::Silent,
        NotTold::Denied,
        NotTold::OtherRepository,
        NotTold::Limit(Some(at(0))),
        NotTold::Limit(None),
    ];
    let unread = unread.into_iter().map(Obstacle::ChecksUnread);
    let obstacles = obstacles.chain(unread);
    let checks = obstacles.map(|one| Refused::Gates(vec![one]));
    let rules = super::image_rules::of_rules(names);
    checks
        .chain(super::after::of_after(names))
        .chain(rules)
        .collect()
}
