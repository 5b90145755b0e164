//! Who brought what runs: not whoever restarts it.

use crate::record::Past;
use crate::request::{Entry, Verb};

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

/// The deploy that first brought what `entry` left running on a service: behind a rollback it is the one that was
/// gone back to. None of what no deploy brought.
pub fn deployed<'a>(history: &'a [Past], entry: &'a Past, service: &str) -> Option<&'a Past> {
    let mut entry = entry;
    // No entry goes back to a newer one, so that this ends; a history that says otherwise ends it as well.
    for _ in history {
        let brought = author(history, entry, service)?;
        match (&brought.verb, &brought.back_to) {
            (Some(Verb::Deploy { .. }), _) => return Some(brought),
            (Some(Verb::Rollback { .. }), Some(Entry::Deploy(id))) => {
                entry = history.iter().find(|past| past.id.as_ref() == Some(id))?;
            }
            _ => return None,
        }
    }
    None
}
