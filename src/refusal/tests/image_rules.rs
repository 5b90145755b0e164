//! Refusals for what an image must be.

use super::*;
use crate::config::BranchPattern;
use crate::gate::{NotInBranch, NotTold, WhyNotIn};
use crate::names::CommitSha;

/// Every way in which an image is not what it must be, or cannot be told to be.
pub(super) fn of_rules(names: &Names) -> Vec<Refused> {
    let commit: CommitSha = "0123456789abcdef0123456789abcdef01234567".parse().unwrap();
    let main: BranchPattern = "main".parse().unwrap();
    let own: BranchPattern = names.reference.as_str().parse().unwrap();
    let few = vec![main.clone()];
    let many = vec![own.clone(), own.clone(), own, main];
    let not_in = |wanted: &[BranchPattern], why| {
        Obstacle::Branches(Box::new(NotInBranch {
            commit: commit.clone(),
            environment: names.environment.clone(),
            wanted: wanted.to_vec(),
            why,
        }))
    };
    let whys = [WhyNotIn::None, WhyNotIn::NoneSeen, WhyNotIn::NoBranch];
    let branches = whys
        .into_iter()
        .flat_map(|why| [not_in(&few, why), not_in(&many, why)]);
    let unread = unread().into_iter().map(Obstacle::BranchesUnread);
    let obstacles = branches.chain(unread);
    obstacles.map(|one| Refused::Gates(vec![one])).collect()
}

/// Every way in which GitHub does not say.
fn unread() -> [NotTold; 5] {
    [
        NotTold::NoCommit,
        NotTold::Silent,
        NotTold::Denied,
        NotTold::Limit(Some(at(0))),
        NotTold::Limit(None),
    ]
}
