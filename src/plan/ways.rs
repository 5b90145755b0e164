//! What a rollback may go back to, chosen from the history.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{Past, Verb};

/// Something that a rollback can go back to, or could if it were still there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The deploy; none for what was found at first, and for a change from outside.
    pub id: Option<String>,
    /// What people call it.
    pub label: String,
    /// Since when it ran.
    pub at: Timestamp,
    /// Whether somebody rolled it out outside of Longshore.
    pub outside: bool,
    /// What keeps it from running again, as plain text.
    pub why_not: Option<String>,
}

/// Chooses what a rollback may go back to, `most` at most: the newest deploys that succeeded, the
/// baseline and changes from outside that came up, whose digests are not the live ones, each once.
/// `history` is newest first, `live` what each service's containers run.
pub fn ways_back<'a>(history: &'a [Past], live: &[(String, String)], most: usize) -> Vec<&'a Past> {
    let mut ways: Vec<&Past> = Vec::new();
    for past in history.iter().filter(|past| is_way_back(past, live)) {
        if ways.len() < most && !ways.iter().any(|way| same_images(way, past)) {
            ways.push(past);
        }
    }
    ways
}

fn same_images(one: &Past, other: &Past) -> bool {
    let holds = |one: &Past, other: &Past| {
        let mut digests = other.digests.iter();
        digests.all(|entry| one.digests.contains(entry))
    };
    holds(one, other) && holds(other, one)
}

fn is_way_back(past: &Past, live: &[(String, String)]) -> bool {
    let restart = past.verb == Some(Verb::Restart);
    let known = !past.revisions.is_empty() && !past.digests.is_empty();
    past.is_good() && !restart && known && !runs_already(past, live)
}

/// Whether every container that the past deploy knew runs what that one brought, in every service.
/// Where one of several services runs something else, it does not.
pub fn runs_already(past: &Past, live: &[(String, String)]) -> bool {
    let knew = |container: &str| past.digests.iter().any(|(known, _)| known == container);
    let mut known = live
        .iter()
        .filter(|(container, _)| knew(container))
        .peekable();
    known.peek().is_some() && known.all(|entry| past.digests.contains(entry))
}
