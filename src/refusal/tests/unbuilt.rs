//! Commits without an image: however far CI got, and whatever could be deployed instead.

use super::names::{Names, instead};
use super::*;
use crate::names::CommitSha;
use crate::resolve::{BuiltBefore, ChangedSince, CiStands, Unbuilt, Unresolvable};

pub(super) fn no_image(names: &Names, unbuilt: Option<Unbuilt>) -> Unresolvable {
    let commit: CommitSha = "1f0c9de5b0a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5".parse().unwrap();
    Unresolvable::NoImage {
        name: names.reference.to_string(),
        commit,
        image_repository: names.repository.clone(),
        tags: vec![names.tag.clone()],
        request: None,
        unbuilt: unbuilt.map(Box::new),
    }
}

pub(super) fn of_unbuilt(names: &Names) -> Vec<Refused> {
    let name = || names.text.clone();
    let running = |seconds, usual| CiStands::Running {
        name: name(),
        seconds,
        usual,
    };
    let failed = |seconds| CiStands::Failed {
        name: name(),
        seconds,
    };
    let before = |steps, reference: &str| {
        Some(BuiltBefore {
            commit: "84e18a0".repeat(6)[..40].parse().unwrap(),
            steps,
            reference: reference.parse().unwrap(),
        })
    };
    let own = "84e18a0".repeat(6);
    let [none, empty, some, _] = instead(names);
    let each = [
        (None, None, none.clone()),
        (None, None, empty),
        (Some(running(None, None)), None, none),
        (Some(running(Some(130), None)), None, some.clone()),
        (
            Some(running(Some(130), Some(300))),
            before(1, &own[..40]),
            some.clone(),
        ),
        (
            Some(running(Some(5), Some(7_000))),
            before(12, &names.tag),
            some.clone(),
        ),
        (Some(failed(None)), None, some.clone()),
        (Some(failed(Some(180))), before(2, &own[..40]), some.clone()),
        (Some(CiStands::Ended), None, some.clone()),
    ];
    let changed = [ChangedSince::File(names.text.clone()), ChangedSince::Untold];
    let changed = changed.map(|why| (Some(why), (None, before(2, &own[..40]), some.clone())));
    let each = each.map(|one| (None, one)).into_iter().chain(changed);
    let each = each.map(|(changed, (ci, before, instead))| {
        let unbuilt = Unbuilt {
            title: names.text.clone(),
            author: names.text.clone(),
            ci,
            before,
            changed,
        };
        Refused::Unresolvable {
            why: no_image(names, Some(unbuilt)),
            instead,
        }
    });
    each.collect()
}
