//! Refusals for what an image must be.

use super::*;
use crate::config::{BranchPattern, Severity};
use crate::gate::{GoesBackward, LooseTag, NotClean, NotInBranch, NotSigned, NotTold, WhyNotIn};
use crate::names::CommitSha;
use crate::plan::Backward;
use crate::resolve::{Finding, ScanTrouble};

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
    let branches = branches.chain(unread().into_iter().map(Obstacle::BranchesUnread));
    let signed = ["unsigned", "unknown_key"].map(|reason| {
        Obstacle::Signature(Box::new(NotSigned {
            commit: commit.clone(),
            reason: reason.to_owned(),
        }))
    });
    let signed = signed.into_iter();
    let signed = signed.chain(unread().into_iter().map(Obstacle::SignatureUnread));
    let loose = [None, Some("SOMETIMES")].map(|unheard| {
        Obstacle::LooseTag(Box::new(LooseTag {
            repository: names.repository.clone(),
            tag: names.tag.clone(),
            unheard: unheard.map(str::to_owned),
        }))
    });
    let backward = [Backward::Commits(3), Backward::Unknown].map(|backward| {
        Obstacle::Backward(GoesBackward {
            application: names.application.clone(),
            backward,
        })
    });
    let obstacles = branches.chain(signed).chain(loose);
    let obstacles = obstacles.chain(of_scans(names)).chain(backward);
    obstacles.map(|one| Refused::Gates(vec![one])).collect()
}

/// Every way in which a scan does not let an image out.
fn of_scans(names: &Names) -> impl Iterator<Item = Obstacle> {
    let finding = |severity, package: Option<&str>| Finding {
        name: names.text.clone(),
        severity: Some(severity),
        package: package.map(str::to_owned),
    };
    let one = finding(Severity::Critical, Some("openssl"));
    let other = finding(Severity::High, None);
    let troubles = [
        ScanTrouble::Found {
            count: 1,
            worst: vec![one.clone()],
        },
        ScanTrouble::Found {
            count: 1_234,
            worst: vec![one.clone(), one.clone(), one.clone(), one, other],
        },
        ScanTrouble::Missing,
        ScanTrouble::Running,
        ScanTrouble::Stands("SCAN_ELIGIBILITY_EXPIRED".to_owned()),
        ScanTrouble::NotShown,
        ScanTrouble::Platforms,
    ];
    troubles.into_iter().map(|trouble| {
        Obstacle::Scan(Box::new(NotClean {
            from: Severity::High,
            trouble,
        }))
    })
}

/// Every way in which GitHub does not say.
fn unread() -> [NotTold; 6] {
    [
        NotTold::NoCommit,
        NotTold::Silent,
        NotTold::Denied,
        NotTold::OtherRepository,
        NotTold::Limit(Some(at(0))),
        NotTold::Limit(None),
    ]
}
