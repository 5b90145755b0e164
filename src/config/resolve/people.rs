//! The workspaces, the teams, and whom a list of entries names.

use std::collections::{BTreeMap, BTreeSet};

use super::told::on_call;
use super::{defined_twice, missing, parsed, parsed_set, undefined};
use crate::config::low::{Low, LowTeam, refuse_unbuilt_entry};
use crate::config::problem::{At, Findings, Location};
use crate::config::who::is_unbuilt_entry;
use crate::config::{Slack, Team, TeamName, Who};
use crate::names::UserId;

pub(super) fn slack(low: &Low, findings: &mut Findings) -> Slack {
    let mut slack = Slack {
        teams: BTreeSet::new(),
        admins: BTreeSet::new(),
        announce: None,
        command: "/deploy".to_owned(),
        gov: false,
        zone: None,
    };
    let Some(written) = &low.slack else {
        if !low.unreadable {
            findings.refuse(&low.start, "there is no \"slack\"; add [slack] with teams = [\"T…\"], the ids of your workspaces");
        }
        return slack;
    };
    match &written.teams {
        None => missing(
            &written.place,
            "teams",
            "list your workspaces' ids, such as \"T0001\"",
            findings,
        ),
        Some(teams) if teams.value.is_empty() => findings.refuse(
            &teams.place,
            "is empty, which would refuse everybody; list your workspaces' ids, such as \"T0001\"",
        ),
        Some(_) => slack.teams = parsed_set(written.teams.as_ref(), findings),
    }
    slack.admins = people(written.admins.as_ref(), findings);
    slack.announce = written
        .announce
        .as_ref()
        .and_then(|channel| parsed(channel, findings));
    slack.zone = written
        .zone
        .as_ref()
        .and_then(|zone| parsed(zone, findings));
    slack.gov = written.gov.as_ref().is_some_and(|gov| gov.value);
    if let Some(command) = &written.command {
        let name = command.value.strip_prefix('/').unwrap_or_default();
        let fits = (1..=31).contains(&name.len())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
        if !fits {
            findings.refuse(
                &command.place,
                format!("\"{}\" will not do: a slash command is \"/\" and up to 31 lower-case letters, digits, \"-\" and \"_\"", command.value),
            );
        }
        command.value.clone_into(&mut slack.command);
    }
    slack
}

/// A list of people; groups of them are a rule that is not built.
pub(super) fn people(
    written: Option<&At<Vec<At<String>>>>,
    findings: &mut Findings,
) -> BTreeSet<UserId> {
    let mut people = BTreeSet::new();
    for item in written.into_iter().flat_map(|list| &list.value) {
        if is_unbuilt_entry(&item.value) {
            refuse_unbuilt_entry(item, findings);
        } else {
            people.extend(parsed(item, findings));
        }
    }
    people
}

pub(super) fn teams(low: &[LowTeam], findings: &mut Findings) -> BTreeMap<TeamName, Team> {
    let mut teams = BTreeMap::new();
    let mut places: BTreeMap<&str, &Location> = BTreeMap::new();
    for written in low {
        if let Some(earlier) = places.insert(&written.name.value, &written.name.place) {
            defined_twice(&written.name.place, earlier, findings);
        }
        let team = Team {
            members: people(written.members.as_ref(), findings),
            leads: people(written.leads.as_ref(), findings),
            oncall: on_call(written.oncall.as_ref(), findings),
        };
        let nobody = |list: &Option<At<Vec<At<String>>>>| {
            list.as_ref().is_none_or(|list| list.value.is_empty())
        };
        if nobody(&written.members) && nobody(&written.leads) {
            findings.warn(
                &written.name.place,
                "has neither members nor leads, so it stands for nobody",
            );
        }
        if let Some(name) = parsed(&written.name, findings) {
            teams.insert(name, team);
        }
    }
    teams
}

/// The people a list names.
pub(super) fn who(
    written: Option<&At<Vec<At<String>>>>,
    low: &Low,
    findings: &mut Findings,
) -> BTreeSet<Who> {
    let mut everybody = BTreeSet::new();
    for item in written.into_iter().flat_map(|list| &list.value) {
        if is_unbuilt_entry(&item.value) {
            refuse_unbuilt_entry(item, findings);
            continue;
        }
        let entry = parsed(item, findings);
        if let Some(Who::TeamNamed(team)) = &entry {
            let defined = low.teams.iter().map(|team| team.name.value.as_str());
            if !defined.clone().any(|name| name == team.as_str()) {
                let team = At {
                    value: team.as_str().to_owned(),
                    place: item.place.clone(),
                };
                undefined(&team, "team", defined, findings);
            }
        }
        everybody.extend(entry);
    }
    everybody
}
