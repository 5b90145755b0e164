//! Names and aliases share one space with each other and with the grammar, so that every word of a
//! command means one thing.

use std::collections::BTreeMap;

use crate::command::is_reserved;
use crate::config::low::Low;
use crate::config::problem::{At, Findings, Location};

/// Refuses words that the grammar uses, and words that mean two things.
pub(super) fn check(low: &Low, findings: &mut Findings) {
    let mut taken: BTreeMap<&str, (String, &Location)> = BTreeMap::new();
    let environments = low.environments.iter().map(|environment| {
        (
            "environment",
            &environment.name,
            environment.aliases.as_ref(),
        )
    });
    let applications = low.applications.iter().map(|application| {
        (
            "application",
            &application.name,
            application.aliases.as_ref(),
        )
    });
    for (kind, name, aliases) in environments.chain(applications) {
        let what = format!("the {kind} \"{}\"", name.value);
        take(name, what, &mut taken, findings);
        for alias in aliases.into_iter().flat_map(|list| &list.value) {
            let what = format!("an alias of the {kind} \"{}\"", name.value);
            take(alias, what, &mut taken, findings);
        }
    }
}

fn take<'l>(
    word: &'l At<String>,
    what: String,
    taken: &mut BTreeMap<&'l str, (String, &'l Location)>,
    findings: &mut Findings,
) {
    if is_reserved(&word.value) {
        findings.refuse(
            &word.place,
            format!(
                "\"{}\" is a word of the commands; choose another name",
                word.value
            ),
        );
        return;
    }
    match taken.get(word.value.as_str()) {
        Some((other, place)) => findings.refuse(
            &word.place,
            format!(
                "\"{}\" is {other} already ({}:{}); choose another name",
                word.value, place.file, place.line
            ),
        ),
        None => {
            taken.insert(&word.value, (what, &word.place));
        }
    }
}
