//! What a rollback could go back to, and why something cannot be gone back to.

use jiff::Timestamp;

use super::{ago, for_all, joined, label, said};
use crate::plan::Candidate;
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

/// One of them: `main, deploy …, 3 h ago`.
fn way_back(candidate: &Candidate, now: Timestamp) -> Mrkdwn {
    let what = match (&candidate.id, candidate.outside) {
        (Some(id), _) => said!("deploy {}", super::code(id)),
        (None, true) => Mrkdwn::raw("rolled out outside of Longshore"),
        (None, false) => Mrkdwn::raw("found when first seen"),
    };
    let span = now.duration_since(candidate.at).try_into();
    let since = Mrkdwn::of(&ago(span.unwrap_or_default()));
    joined([label(&candidate.label), what, since], ", ")
}
