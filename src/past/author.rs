//! Who brought what runs: not whoever restarts it.

use crate::record::Past;
use crate::request::Verb;

/// The entry that brought what `entry` left running on a service: a restart brings nothing, so behind
/// one it is the entry that brought what was restarted. None where the history, newest first, does
/// not reach back that far.
pub fn author<'a>(history: &'a [Past], entry: &'a Past, service: &str) -> Option<&'a Past> {
    let is_restart = |past: &Past| past.verb == Some(Verb::Restart);
    if !is_restart(entry) {
        return Some(entry);
    }
    let revision = |past: &'a Past| past.revisions.iter().find(|(name, _)| name == service);
    let mut older = history
        .iter()
        .skip_while(|past| !std::ptr::eq(*past, entry));
    older.find(|past| {
        let same = revision(past).is_some() && revision(past) == revision(entry);
        // Restarted with its images pinned, it runs as another revision.
        let alike = past.took_effect() && revision(past).is_some() && past.digests == entry.digests;
        !is_restart(past) && (same || alike)
    })
}
