//! Who is told what: the names of operators, and who is on call.

use std::collections::{BTreeMap, BTreeSet};

use super::{parsed, parsed_set};
use crate::config::low::Low;
use crate::config::problem::{At, Findings};
use crate::config::{Application, Environment, Member};
use crate::names::arn::is_identity;
use crate::names::{AppName, ChannelId, EnvName};

/// People in one list of those on call: all of them are mentioned at once.
const MOST_ON_CALL: usize = 5;
/// Characters of an operator's name.
const NAME: usize = 40;

/// Those on call. `None` where nothing is written.
pub(super) fn on_call(
    written: Option<&At<Vec<At<String>>>>,
    findings: &mut Findings,
) -> Option<BTreeSet<Member>> {
    let list = written?;
    if list.value.len() > MOST_ON_CALL {
        findings.refuse(
            &list.place,
            format!("names more than {MOST_ON_CALL} people or groups, and all of them would be mentioned; keep those who are on call"),
        );
    }
    Some(parsed_set(written, findings))
}

/// The channel that cards belong into.
pub(super) fn home(written: Option<&At<String>>, findings: &mut Findings) -> Option<ChannelId> {
    let written = written?;
    let channel: ChannelId = parsed(written, findings)?;
    if channel.as_str().starts_with('D') {
        findings.refuse(
            &written.place,
            "is a conversation of one person with the app; write a channel's id, such as \"C0DEPLOYS\"",
        );
    }
    Some(channel)
}

/// Warns of each home that is outside of the channels in which anything may be asked for: whoever presses a button of a
/// card there is refused.
pub(super) fn homes_outside(
    low: &Low,
    environments: &BTreeMap<EnvName, Environment>,
    applications: &BTreeMap<AppName, Application>,
    findings: &mut Findings,
) {
    let mut warned: BTreeSet<(Option<&AppName>, &EnvName)> = BTreeSet::new();
    for (name, application) in applications {
        for env in application.environments.keys() {
            let Some(environment) = environments.get(env) else {
                continue;
            };
            let own = application.home.as_ref();
            let (Some(home), Some(channels)) = (
                own.or(environment.home.as_ref()),
                environment.channels.as_ref(),
            ) else {
                continue;
            };
            let written = match own {
                Some(_) => {
                    let mut all = low.applications.iter();
                    let found = all.find(|one| one.name.value == name.as_str());
                    found.and_then(|one| one.home.as_ref())
                }
                None => {
                    let mut all = low.environments.iter();
                    let found = all.find(|one| one.name.value == env.as_str());
                    found.and_then(|one| one.home.as_ref())
                }
            };
            let Some(written) = written.filter(|_| !channels.contains(home)) else {
                continue;
            };
            if warned.insert((own.map(|_| name), env)) {
                findings.warn(
                    &written.place,
                    format!("{home} is none of environments.{env}.channels, so the buttons of the cards there refuse everybody; add it there, or choose another home"),
                );
            }
        }
    }
}

/// What operators are called, by their ARNs.
pub(super) fn operators(low: &Low, findings: &mut Findings) -> BTreeMap<String, String> {
    let mut operators = BTreeMap::new();
    for (arn, name) in &low.operators {
        if !is_identity(&arn.value) {
            findings.refuse(
                &arn.place,
                "is no identity's ARN; write it as `aws sts get-caller-identity` prints it, or the ARN of the role, such as \"arn:aws:iam::111111111111:role/ops\"",
            );
        }
        let allowed = |c: char| c.is_alphanumeric() || " -_.".contains(c);
        let fits = (1..=NAME).contains(&name.value.chars().count())
            && name.value.trim() == name.value
            && name.value.chars().all(allowed);
        if !fits {
            findings.refuse(
                &name.place,
                format!("must be a name of 1 to {NAME} letters, digits, spaces and - _ ."),
            );
        }
        operators.insert(arn.value.clone(), name.value.clone());
    }
    operators
}
