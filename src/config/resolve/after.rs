//! What `after` and `order` mean, and whether both can be kept.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{missing, undefined};
use crate::config::after::{After, LowAfter};
use crate::config::duration::parse_duration;
use crate::config::low::Low;
use crate::config::problem::{At, Findings, in_quotes};
use crate::names::EnvName;

/// The longest soak: what runs for longer is replaced before it is over.
const LONGEST_SOAK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What it means for the environment of that name.
pub(super) fn after(
    written: &LowAfter,
    own: &str,
    low: &Low,
    findings: &mut Findings,
) -> Option<After> {
    let soak = match &written.soak {
        None => Some(Duration::ZERO),
        Some(text) => soak(text, findings),
    };
    let Some(environment) = &written.environment else {
        missing(
            &written.place,
            "environment",
            "name the environment that comes before",
            findings,
        );
        return None;
    };
    let is_known = known(environment, low, findings);
    if environment.value == own {
        findings.refuse(
            &environment.place,
            "is the environment itself; name the one that comes before it",
        );
        return None;
    }
    let environment = environment.value.parse().ok().filter(|_| is_known)?;
    Some(After {
        environment,
        soak: soak?,
    })
}

fn soak(text: &At<String>, findings: &mut Findings) -> Option<Duration> {
    match parse_duration(&text.value) {
        Ok(soak) if soak <= LONGEST_SOAK => return Some(soak),
        Ok(_) => findings.refuse(&text.place, "must be \"168h\" at most"),
        Err(rule) => findings.refuse(
            &text.place,
            format!("\"{}\" will not do: {rule}", text.value),
        ),
    }
    None
}

/// Whether there is an environment of that name; reports it if not.
fn known(written: &At<String>, low: &Low, findings: &mut Findings) -> bool {
    let names = low.environments.iter().map(|one| one.name.value.as_str());
    let is_known = names.clone().any(|name| name == written.value);
    if !is_known {
        undefined(written, "environment", names, findings);
    }
    is_known
}

/// What `order` means: known environments, each once.
pub(super) fn order(low: &Low, findings: &mut Findings) -> Vec<EnvName> {
    let mut order: Vec<EnvName> = Vec::new();
    for written in low.order.iter().flat_map(|list| &list.value) {
        if !known(written, low, findings) {
            continue;
        }
        let Ok(name) = written.value.parse::<EnvName>() else {
            continue;
        };
        match order.contains(&name) {
            true => findings.refuse(
                &written.place,
                format!("\"{}\" is listed twice", written.value),
            ),
            false => order.push(name),
        }
    }
    for one in &low.environments {
        let place = |name: &str| order.iter().position(|known| known.as_str() == name);
        let after = one.after.as_ref().and_then(LowAfter::named);
        if let (Some(list), Some(after)) = (&low.order, after)
            && let (Some(own), Some(before)) = (place(&one.name.value), place(after))
            && own < before
        {
            findings.refuse(
                &list.place,
                format!(
                    "lists \"{}\" before \"{after}\", and environments.{}.after wants \"{after}\" first",
                    one.name.value, one.name.value
                ),
            );
        }
    }
    order
}

/// Refuses circles, and applications that could never have succeeded where they must have.
pub(super) fn check(low: &Low, findings: &mut Findings) {
    let afters: BTreeMap<&str, (&str, &LowAfter)> = low
        .environments
        .iter()
        .filter_map(|one| {
            let after = one.after.as_ref()?;
            Some((one.name.value.as_str(), (after.named()?, after)))
        })
        .collect();
    for (own, (_, written)) in &afters {
        let mut way = vec![*own];
        let mut at = *own;
        while let Some((next, _)) = afters.get(at) {
            at = next;
            if way.contains(&at) {
                break;
            }
            way.push(at);
        }
        if at == *own && way.len() > 1 {
            let ways = way.iter().copied().chain([*own]);
            findings.refuse(
                &written.place,
                format!(
                    "goes round in a circle, so nothing could ever be the first: {}",
                    ways.collect::<Vec<_>>().join(" after ")
                ),
            );
        }
    }
    for application in &low.applications {
        let there = || application.environments.iter().flat_map(|list| &list.value);
        for environment in there() {
            let Some((before, _)) = afters.get(environment.value.as_str()) else {
                continue;
            };
            let known = low.environments.iter().any(|one| one.name.value == *before);
            if known && *before != environment.value && !there().any(|one| one.value == *before) {
                findings.refuse(
                    &environment.place,
                    format!(
                        "\"{}\" comes after \"{before}\", where \"{}\" does not run, so it could never go there; add {}",
                        environment.value,
                        application.name.value,
                        in_quotes([*before])
                    ),
                );
            }
        }
    }
}
