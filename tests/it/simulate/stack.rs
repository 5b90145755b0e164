//! Back means back: whoever asks for a rollback without naming a version is never brought what somebody rolled
//! back from, unless it was brought again since.

use std::collections::{BTreeMap, BTreeSet};

use longshore::past;
use longshore::record::{Deploy, Verdict};
use longshore::request::Verb;

/// Container and digest of everything that runs.
type Runs = Vec<(String, String)>;

/// What a place runs by what ended well there, and what was rolled back from.
#[derive(Default)]
struct Place {
    runs: Option<Runs>,
    fled: BTreeSet<Runs>,
}

/// How many rollbacks went back from what a rollback had brought.
pub(super) fn again(deploys: &[Deploy]) -> u64 {
    let mut ended: Vec<_> = deploys.iter().flat_map(past::of).collect();
    ended.retain(|past| past.verdict == Some(Verdict::Succeeded));
    ended.sort_by_key(|past| past.ended_at);
    let mut last: BTreeMap<(String, String), bool> = BTreeMap::new();
    let again = ended.iter().filter(|past| {
        let key = (past.application.to_string(), past.environment.to_string());
        let back = matches!(past.verb, Some(Verb::Rollback { .. }));
        last.insert(key, back) == Some(true) && back
    });
    again.count() as u64
}

/// The rollbacks that went forward.
pub(super) fn forward(deploys: &[Deploy]) -> Vec<String> {
    let mut ended: Vec<_> = deploys.iter().flat_map(past::of).collect();
    ended.retain(|past| past.verdict == Some(Verdict::Succeeded));
    ended.sort_by_key(|past| past.ended_at);
    let mut places: BTreeMap<(String, String), Place> = BTreeMap::new();
    let mut problems = Vec::new();
    for past in ended {
        let key = (past.application.to_string(), past.environment.to_string());
        let place = places.entry(key).or_default();
        let mut runs = past.digests.clone();
        runs.sort();
        let before = place.runs.replace(runs.clone());
        match &past.verb {
            Some(Verb::Rollback { to, .. }) => {
                if to.is_none() && place.fled.contains(&runs) {
                    problems.push(format!(
                        "I18: a rollback of {} on {} went forward to {}",
                        past.application, past.environment, past.label
                    ));
                }
                place.fled.remove(&runs);
                // Who names a version may go up as well as down.
                let left = before.filter(|before| to.is_none() && *before != runs);
                place.fled.extend(left);
            }
            Some(Verb::Deploy { .. }) => {
                place.fled.remove(&runs);
            }
            Some(Verb::Restart) | None => {}
        }
    }
    problems
}
