//! The workspaces, the teams, and whom a list of entries names.

use std::collections::{BTreeMap, BTreeSet};

use super::told::on_call;
use super::{defined_twice, missing, parsed, parsed_set, undefined};
use crate::config::low::{Low, LowTeam};
use crate::config::problem::{At, Findings, Location};
use crate::config::{Member, Slack, Team, TeamName, Who};
use crate::names::GroupId;

pub(super) fn slack(low: &Low, findings: &mut Findings) -> Slack {
    let mut slack = Slack {
        teams: BTreeSet::new(),
        admins: BTreeSet::new(),
        trusted: BTreeSet::new(),
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
    slack.trusted = trusted(written.trusted.as_ref(), findings);
    slack.admins = admins(written.admins.as_ref(), &slack.trusted, findings);
    slack.announce = written
        .announce
        .as_ref()
        .and_then(|channel| parsed(channel, findings));
    if let (Some(trusted), None) = (&written.trusted, &written.announce) {
        findings.refuse(
            &trusted.place,
            "needs a channel where it is told who joins these groups; set slack.announce to a channel id",
        );
    }
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

/// The user groups that may stand where whoever is in them gets more than a deploy.
fn trusted(written: Option<&At<Vec<At<String>>>>, findings: &mut Findings) -> BTreeSet<GroupId> {
    let mut trusted = BTreeSet::new();
    for item in written.into_iter().flat_map(|list| &list.value) {
        match item.value.parse() {
            Ok(Member::Group(group)) => {
                trusted.insert(group);
            }
            Ok(Member::User(_)) | Err(_) => findings.refuse(
                &item.place,
                format!(
                    "\"{}\" will not do: write a user group's id after an at sign, such as \"@S0614TZR7\"",
                    item.value
                ),
            ),
        }
    }
    trusted
}

/// The admins. In many workspaces every member may edit user groups, so that one counts here only if whoever
/// runs Longshore says that it is looked after.
fn admins(
    written: Option<&At<Vec<At<String>>>>,
    trusted: &BTreeSet<GroupId>,
    findings: &mut Findings,
) -> BTreeSet<Member> {
    let mut admins = BTreeSet::new();
    for item in written.into_iter().flat_map(|list| &list.value) {
        let admin: Option<Member> = parsed(item, findings);
        if let Some(group) = admin.as_ref().and_then(Member::group)
            && !trusted.contains(group)
        {
            findings.refuse(
                &item.place,
                format!(
                    "\"@{group}\" is a user group, and in many workspaces every member may edit those; \
                     if only those may who are admins here, add it to slack.trusted, else list user ids"
                ),
            );
            continue;
        }
        admins.extend(admin);
    }
    admins
}

pub(super) fn teams(low: &[LowTeam], findings: &mut Findings) -> BTreeMap<TeamName, Team> {
    let mut teams = BTreeMap::new();
    let mut places: BTreeMap<&str, &Location> = BTreeMap::new();
    for written in low {
        if let Some(earlier) = places.insert(&written.name.value, &written.name.place) {
            defined_twice(&written.name.place, earlier, findings);
        }
        let team = Team {
            members: parsed_set(written.members.as_ref(), findings),
            leads: parsed_set(written.leads.as_ref(), findings),
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
