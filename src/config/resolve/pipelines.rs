//! `ci.NAME`: the pipelines that may ask, and for what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use super::{missing, parsed, undefined};
use crate::command::is_reserved;
use crate::config::low::{Low, LowPipeline};
use crate::config::problem::{At, Findings};
use crate::config::{Application, Environment, PipelineEntry, PipelineRight};
use crate::names::{AppName, EnvName, PipelineName};

/// The name ends the name of the parameter that holds the key that was used before.
const PREVIOUS: &str = "-previous";

/// Every pipeline that is written without a problem.
pub(super) fn pipelines(
    low: &Low,
    environments: &BTreeMap<EnvName, Environment>,
    applications: &BTreeMap<AppName, Application>,
    findings: &mut Findings,
) -> BTreeMap<PipelineName, PipelineEntry> {
    let mut found = BTreeMap::new();
    for written in &low.ci {
        let name = name(&written.name, findings);
        let pipeline = PipelineEntry {
            applications: NamesListed {
                of: written,
                key: "applications",
                kind: "application",
                written: written.applications.as_ref(),
            }
            .read(&applications.keys().map(AppName::as_str), findings),
            environments: NamesListed {
                of: written,
                key: "environments",
                kind: "environment",
                written: written.environments.as_ref(),
            }
            .read(&environments.keys().map(EnvName::as_str), findings),
            may: may(written, findings),
            token: written
                .token
                .as_ref()
                .and_then(|token| token.resolve(findings)),
        };
        for application in &pipeline.applications {
            let own = applications.get(application);
            let runs = own.is_none_or(|own| {
                let mut listed = pipeline.environments.iter();
                pipeline.environments.is_empty()
                    || listed.any(|env| own.environments.contains_key(env))
            });
            if !runs {
                findings.refuse(
                    &written.name.place,
                    format!("lists \"{application}\", which runs in none of its environments; add one, or take it out"),
                );
            }
        }
        found.extend(name.map(|name| (name, pipeline)));
    }
    found
}

fn name(written: &At<String>, findings: &mut Findings) -> Option<PipelineName> {
    let name: PipelineName = parsed(written, findings)?;
    if is_reserved(name.as_str()) {
        let message = format!("\"{name}\" is a word of the commands; choose another name");
        findings.refuse(&written.place, message);
        return None;
    }
    if name.as_str().ends_with(PREVIOUS) {
        let message =
            format!("\"{name}\" ends as the parameter of a previous key does; choose another name");
        findings.refuse(&written.place, message);
        return None;
    }
    Some(name)
}

/// A list of names that are defined elsewhere.
struct NamesListed<'w> {
    of: &'w LowPipeline,
    key: &'static str,
    /// What each of them names.
    kind: &'static str,
    written: Option<&'w At<Vec<At<String>>>>,
}

impl NamesListed<'_> {
    /// Those of them that are defined.
    fn read<'n, T: FromStr<Err: Display> + Ord>(
        &self,
        defined: &(impl Iterator<Item = &'n str> + Clone),
        findings: &mut Findings,
    ) -> BTreeSet<T> {
        let Some(list) = self.written else {
            missing(&self.of.name.place, self.key, "list them by name", findings);
            return BTreeSet::new();
        };
        let mut found = BTreeSet::new();
        for one in &list.value {
            if defined.clone().any(|name| name == one.value) {
                found.extend(parsed::<T>(one, findings));
            } else {
                undefined(one, self.kind, defined.clone(), findings);
            }
        }
        found
    }
}

fn may(of: &LowPipeline, findings: &mut Findings) -> BTreeSet<PipelineRight> {
    let Some(list) = &of.may else {
        let place = &of.name.place;
        missing(place, "may", "write [\"deploy\"]", findings);
        return BTreeSet::new();
    };
    let mut found = BTreeSet::new();
    for one in &list.value {
        match one.value.as_str() {
            "deploy" => {
                found.insert(PipelineRight::Deploy);
            }
            word => findings.refuse(
                &one.place,
                format!("\"{word}\" will not do: a pipeline may ask for nothing but \"deploy\""),
            ),
        }
    }
    found
}
