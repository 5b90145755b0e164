//! From what was written to what it means: fills in defaults, follows references, and refuses what
//! would be ambiguous in Slack or dangerous on AWS.
//!
//! A value that cannot be resolved is reported once and then left out, so that the rest is still
//! looked at; a [`Config`] only comes out if nothing was reported.

mod after;
mod application;
mod github;
mod images;
mod later;
mod links;
mod one_off;
mod patterns;
mod people;
mod pipelines;
mod told;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use self::application::Applications;
use self::people::{slack, teams, who};
use super::checks::checks;
use super::duration::parse_duration;
use super::low::{Low, LowAccount, LowEnvironment};
use super::problem::{At, Findings, Location, in_quotes};
use super::reader::SourceFile;
use super::target::LONGEST_ENVIRONMENT;
use super::values::check_ecs_name;
use super::{Account, Checked, Config, Environment, Invalid, LogEvidence, SCHEMA, Scope};
use crate::names::EnvName;
use crate::names::near::nearest;

/// A rollout that takes longer than this is overdue, unless the environment says otherwise.
const DEADLINE: Duration = Duration::from_secs(30 * 60);

const SCOPES: [(&str, Scope); 2] = [
    ("applications", Scope::Applications),
    ("cluster", Scope::Cluster),
];

const EVIDENCE: [(&str, LogEvidence); 2] =
    [("link", LogEvidence::Link), ("logs", LogEvidence::Logs)];

/// The longest anything may take: past half a day nobody is watching any more.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

pub(super) fn resolve(files: &[SourceFile]) -> Result<Checked, Invalid> {
    let mut findings = Findings::default();
    let low = Low::read(files, &mut findings);
    let slack = slack(&low, &mut findings);
    let accounts = KnownAccounts::resolve(&low.accounts, &mut findings);
    let teams = teams(&low.teams, &mut findings);
    let mut environments = BTreeMap::new();
    for environment in &low.environments {
        environments.extend(resolve_environment(
            environment,
            &low,
            &accounts,
            &mut findings,
        ));
    }
    let mut applications = Applications::new(&low, &accounts, &environments).resolve(&mut findings);
    let github = github::github(&low.github, &mut applications, &mut findings);
    words::check(&low, &mut findings);
    let order = after::order(&low, &mut findings);
    after::check(&low, &mut findings);
    let known = later::Granting {
        slack: &slack,
        teams: &teams,
        applications: &applications,
    };
    known.check(&low, &mut findings);
    told::homes_outside(&low, &environments, &applications, &mut findings);
    let ci = pipelines::pipelines(&low, &environments, &applications, &mut findings);
    let operators = told::operators(&low, &mut findings);
    let oncall = told::on_call(low.oncall.as_ref(), &mut findings);
    if !low.unreadable {
        if low.environments.is_empty() {
            findings.refuse(
                &low.start,
                "there is no environment; add [environments.staging] with an account and a cluster",
            );
        }
        if low.applications.is_empty() {
            findings.refuse(
                &low.start,
                "there is no application; add [applications.NAME] with its environments",
            );
        }
    }
    let names: Vec<&str> = files.iter().map(SourceFile::name).collect();
    let found = findings.conclude(&names)?;
    Ok(Checked {
        config: Config {
            schema: SCHEMA,
            slack,
            environments,
            teams,
            applications,
            operators,
            oncall: oncall.unwrap_or_default(),
            order,
            github,
            ci,
        },
        warnings: found.warnings,
        not_judged: found.not_judged,
    })
}

/// A value as its type, or a problem that says the type's rule.
pub(super) fn parsed<T: FromStr<Err: Display>>(
    written: &At<String>,
    findings: &mut Findings,
) -> Option<T> {
    match written.value.parse() {
        Ok(value) => Some(value),
        Err(rule) => {
            findings.refuse(
                &written.place,
                format!("\"{}\" will not do: {rule}", written.value),
            );
            None
        }
    }
}

/// A list of values as a set of their type.
fn parsed_set<T: FromStr<Err: Display> + Ord>(
    written: Option<&At<Vec<At<String>>>>,
    findings: &mut Findings,
) -> BTreeSet<T> {
    written
        .into_iter()
        .flat_map(|list| &list.value)
        .filter_map(|item| parsed(item, findings))
        .collect()
}

/// One of two words.
fn one_of<T: Copy>(
    written: Option<&At<String>>,
    [(first, one), (second, other)]: [(&str, T); 2],
    findings: &mut Findings,
) -> Option<T> {
    let written = written?;
    match written.value.as_str() {
        word if word == first => Some(one),
        word if word == second => Some(other),
        word => {
            findings.refuse(
                &written.place,
                format!("\"{word}\" will not do: write \"{first}\" or \"{second}\""),
            );
            None
        }
    }
}

/// One of several words.
fn one_of_many(written: &At<String>, words: &[&str], findings: &mut Findings) {
    if !words.contains(&written.value.as_str()) {
        let words = in_quotes(words.iter().copied());
        findings.refuse(
            &written.place,
            format!("\"{}\" will not do: write some of {words}", written.value),
        );
    }
}

/// That a key is missing, where the table begins.
pub(super) fn missing(table: &Location, name: &str, what: &str, findings: &mut Findings) {
    if !findings.refused(&format!("{}.{name}", table.key)) {
        findings.refuse(table, format!("has no \"{name}\"; {what}"));
    }
}

/// That a name is not defined, with the nearest one that is.
fn undefined<'n>(
    written: &At<String>,
    kind: &str,
    defined: impl Iterator<Item = &'n str> + Clone,
    findings: &mut Findings,
) {
    let message = match nearest(&written.value, defined.clone().map(|name| (name, name))) {
        Some(near) => format!(
            "there is no {kind} \"{}\"; did you mean \"{near}\"?",
            written.value
        ),
        None => format!(
            "there is no {kind} \"{}\"; defined: {}",
            written.value,
            in_quotes(defined)
        ),
    };
    findings.refuse(&written.place, message);
}

/// The accounts by name. `None` is one whose own problems were reported.
struct KnownAccounts<'l>(BTreeMap<&'l str, Option<Account>>);

impl<'l> KnownAccounts<'l> {
    fn resolve(low: &'l [LowAccount], findings: &mut Findings) -> Self {
        let mut accounts = BTreeMap::new();
        for LowAccount { name, id, region } in low {
            if id.is_none() {
                missing(&name.place, "id", "add the account's 12 digits", findings);
            }
            if region.is_none() {
                missing(
                    &name.place,
                    "region",
                    "add it, such as \"eu-west-1\"",
                    findings,
                );
            }
            let id = id.as_ref().and_then(|id| parsed(id, findings));
            let region = region.as_ref().and_then(|region| parsed(region, findings));
            let account = id.zip(region).map(|(id, region)| Account { id, region });
            accounts.insert(name.value.as_str(), account);
        }
        Self(accounts)
    }

    fn named(&self, written: &At<String>, findings: &mut Findings) -> Option<Account> {
        match self.0.get(written.value.as_str()) {
            Some(account) => account.clone(),
            None => {
                undefined(written, "account", self.0.keys().copied(), findings);
                None
            }
        }
    }
}

fn defined_twice(place: &Location, earlier: &Location, findings: &mut Findings) {
    findings.refuse(
        place,
        format!(
            "is defined in {}:{} already; keep one of the two",
            earlier.file, earlier.line
        ),
    );
}

fn resolve_environment(
    written: &LowEnvironment,
    low: &Low,
    accounts: &KnownAccounts<'_>,
    findings: &mut Findings,
) -> Option<(EnvName, Environment)> {
    let place = &written.name.place;
    let name: Option<EnvName> = parsed(&written.name, findings);
    if written.name.value.len() > LONGEST_ENVIRONMENT {
        findings.refuse(
            place,
            format!("is longer than {LONGEST_ENVIRONMENT} characters, and IAM would refuse its role's name; shorten it"),
        );
    }
    if written.account.is_none() {
        missing(place, "account", "name one of [accounts]", findings);
    }
    if written.cluster.is_none() {
        missing(place, "cluster", "name the ECS cluster", findings);
    }
    let account = written
        .account
        .as_ref()
        .and_then(|account| accounts.named(account, findings));
    let cluster = written.cluster.as_ref().filter(|cluster| {
        let checked = check_ecs_name(&cluster.value);
        if let Err(rule) = &checked {
            findings.refuse(
                &cluster.place,
                format!("\"{}\" will not do: {rule}", cluster.value),
            );
        }
        checked.is_ok()
    });
    let request = who(written.request.as_ref(), low, findings);
    if written
        .request
        .as_ref()
        .is_none_or(|list| list.value.is_empty())
    {
        let key = written.request.as_ref().map_or(place, |list| &list.place);
        findings.warn(
            key,
            "nobody may deploy here: \"request\" is missing or empty; list \"everyone\", \"team\" or user ids",
        );
    }
    let rollback_by = written.rollback_by.as_ref().map(|list| {
        if list.value.is_empty() {
            findings.warn(&list.place, "nobody may roll back here: the list is empty");
        }
        who(Some(list), low, findings)
    });
    let evidence = one_of(written.evidence.as_ref(), EVIDENCE, findings).unwrap_or_default();
    let logs = written.logs.as_ref().map(|list| {
        match evidence {
            LogEvidence::Link => findings.warn(
                &list.place,
                "has no effect while \"evidence\" is not \"logs\": without it nobody is shown a log line",
            ),
            LogEvidence::Logs if list.value.is_empty() => {
                findings.warn(&list.place, "nobody may read logs here: the list is empty");
            }
            LogEvidence::Logs => {}
        }
        who(Some(list), low, findings)
    });
    let channels = written.channels.as_ref().map(|list| {
        if list.value.is_empty() {
            findings.warn(&list.place, "nothing may be asked for here: the list is empty; remove it to allow every channel");
        }
        parsed_set(Some(list), findings)
    });
    let announce = written
        .announce
        .as_ref()
        .is_some_and(|announce| announce.value);
    if let (true, Some(at), Some(slack)) = (announce, &written.announce, &low.slack)
        && slack.announce.is_none()
    {
        findings.refuse(
            &at.place,
            "has nowhere to go; set slack.announce to a channel id",
        );
    }
    let environment = Environment {
        aliases: parsed_set(written.aliases.as_ref(), findings),
        request,
        rollback_by,
        logs,
        channels,
        confirm: written.confirm.as_ref().map(|confirm| confirm.value),
        evidence,
        announce,
        deadline: deadline(written, findings),
        scope: one_of(written.scope.as_ref(), SCOPES, findings).unwrap_or_default(),
        oncall: told::on_call(written.oncall.as_ref(), findings),
        home: told::home(written.home.as_ref(), findings),
        checks: checks(&written.checks, findings),
        after: (written.after.as_ref())
            .and_then(|after| after::after(after, &written.name.value, low, findings)),
        rules: written.rules.resolve(findings),
        watch_files: written.rules.watched(findings),
        publish: written
            .publish
            .as_ref()
            .is_some_and(|publish| publish.value),
        account: account?,
        cluster: cluster?.value.clone(),
    };
    Some((name?, environment))
}

fn deadline(written: &LowEnvironment, findings: &mut Findings) -> Duration {
    let text = written.deadline.as_ref();
    text.and_then(|text| duration(text, findings))
        .unwrap_or(DEADLINE)
}

/// How long something may take, or a problem that says what can be written.
fn duration(text: &At<String>, findings: &mut Findings) -> Option<Duration> {
    match parse_duration(&text.value) {
        Ok(duration) if (Duration::from_secs(60)..=LONGEST).contains(&duration) => {
            return Some(duration);
        }
        Ok(_) => findings.refuse(&text.place, "must be between \"1m\" and \"12h\""),
        Err(rule) => findings.refuse(
            &text.place,
            format!("\"{}\" will not do: {rule}", text.value),
        ),
    }
    None
}
