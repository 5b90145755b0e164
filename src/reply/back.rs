//! What a rollback could go back to, why something cannot be gone back to, and which images nobody can pin.

use std::time::Duration;

use jiff::Timestamp;

use super::{ago, code, for_all, joined, label, last_part, said};
use crate::plan::{Candidate, Closed, Plan};
use crate::slack::text::Mrkdwn;

/// The good versions, a line each, the one that is gone back to first among those that can be.
pub fn ways_back(candidates: &[Candidate], now: Timestamp) -> Vec<Mrkdwn> {
    let mut chosen = false;
    let lines = candidates.iter().map(|candidate| {
        let mark = match &candidate.why_not {
            Some(why) => said!("cannot run again: {}", for_all(why)),
            None if chosen => Mrkdwn::new(),
            None => Mrkdwn::raw("*this one*"),
        };
        chosen |= candidate.why_not.is_none();
        said!("• {}", joined([way_back(candidate, now), mark], ", "))
    });
    let heading = Mrkdwn::raw("*Good versions, newest first:*");
    std::iter::once(heading).chain(lines).collect()
}

/// One of them: `main, deploy …, 3 h ago`, `5a91773, found running, age not known`.
fn way_back(candidate: &Candidate, now: Timestamp) -> Mrkdwn {
    let span = now.duration_since(candidate.at).try_into();
    let since = Mrkdwn::of(&ago(span.unwrap_or_default()));
    let what = match (&candidate.id, candidate.outside) {
        (Some(id), _) => said!("deploy {}, {}", super::code(id), since),
        (None, true) => said!("rolled out outside of Longshore, noticed {}", since),
        (None, false) => found(candidate.at, now),
    };
    joined([label(&candidate.label), what], ", ")
}

/// Of what ran before the first look, only that look has a time.
pub fn found(first_seen: Timestamp, now: Timestamp) -> Mrkdwn {
    let span: Duration = now
        .duration_since(first_seen)
        .try_into()
        .unwrap_or_default();
    match span.as_secs() {
        ..60 => Mrkdwn::raw("found running, age not known"),
        _ => said!("found running, age not known (first seen {})", ago(span)),
    }
}

/// The services that could not be taken back, each with why.
pub fn closed(plan: &Plan) -> Vec<Mrkdwn> {
    let services = plan.services.iter();
    let closed = services.filter_map(|service| Some((service, service.back.closed.as_ref()?)));
    closed
        .map(|(service, closed)| {
            let why = match closed {
                Closed::Revision(arn) => {
                    said!(
                        "its task definition {} is being deleted",
                        code(last_part(arn))
                    )
                }
                Closed::Image(digest) => {
                    said!(
                        "the image {} that runs cannot be pulled any more",
                        code(digest)
                    )
                }
            };
            said!(
                "• {} has no way back: {}. If this fails, it stays on whatever it runs by then.",
                code(&service.service),
                why
            )
        })
        .collect()
}

/// The images that are named by tag because nobody knows their digest.
pub fn unpinned(plan: &Plan) -> Vec<Mrkdwn> {
    let mut said: Vec<(String, Mrkdwn)> = Vec::new();
    let services = plan.services.iter().flat_map(|service| &service.unpinned);
    let tasks = plan.before.iter().flat_map(|task| &task.unpinned);
    let schedules = plan.schedules.iter().flat_map(|one| &one.unpinned);
    for (container, image) in services.chain(tasks).chain(schedules) {
        if said.iter().all(|(known, _)| known != image) {
            let line = said!(
                "• {} of container {} cannot be pinned: ECS reports no digest for it, and takes whatever the tag means at each rollout. Nothing is claimed about it.",
                code(image),
                code(container)
            );
            said.push((image.clone(), line));
        }
    }
    said.into_iter().map(|(_, line)| line).collect()
}
