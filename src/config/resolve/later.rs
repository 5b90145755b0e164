//! `approve` and `emergency`: checked like every other key, and judged by no rule of this version. They give more than
//! a deploy, so whoever they name must not be anybody's to choose: users, and groups that are trusted.

use std::collections::{BTreeMap, BTreeSet};

use super::people::who;
use super::{missing, one_of_many};
use crate::config::low::Low;
use crate::config::low::later::{LowApprove, LowEmergency};
use crate::config::problem::{At, Findings, Location};
use crate::config::{Application, Member, Slack, Team, TeamName, Who};
use crate::names::{AppName, GroupId};

/// What an emergency may do without.
const WAIVABLE: [&str; 6] = ["approve", "after", "checks", "holds", "freezes", "branches"];
/// More approvals than that nobody waits for.
const MOST_APPROVALS: u32 = 10;

const NOT_JUDGED: &str =
    "is sound, but this version judges nothing by it; `longshore push` refuses it until one does";

/// What the entries stand for.
pub(super) struct Granting<'c> {
    pub(super) slack: &'c Slack,
    pub(super) teams: &'c BTreeMap<TeamName, Team>,
    pub(super) applications: &'c BTreeMap<AppName, Application>,
}

impl Granting<'_> {
    /// Checks both keys of every environment.
    pub(super) fn check(&self, low: &Low, findings: &mut Findings) {
        for written in &low.environments {
            let environment = written.name.value.as_str();
            if let Some(approve) = &written.approve {
                self.approve(approve, environment, low, findings);
                findings.not_judged(&approve.place, NOT_JUDGED);
            }
            if let Some(emergency) = &written.emergency {
                self.emergency(emergency, environment, low, findings);
                findings.not_judged(&emergency.place, NOT_JUDGED);
            }
        }
    }

    fn approve(&self, written: &LowApprove, environment: &str, low: &Low, findings: &mut Findings) {
        self.by(
            written.by.as_ref(),
            &written.place,
            environment,
            low,
            findings,
        );
        if let Some(count) = &written.count
            && !(1..=MOST_APPROVALS).contains(&count.value)
        {
            findings.refuse(
                &count.place,
                format!("must be between 1 and {MOST_APPROVALS}"),
            );
        }
    }

    fn emergency(
        &self,
        written: &LowEmergency,
        environment: &str,
        low: &Low,
        findings: &mut Findings,
    ) {
        self.by(
            written.by.as_ref(),
            &written.place,
            environment,
            low,
            findings,
        );
        match &written.waives {
            None => missing(
                &written.place,
                "waives",
                "list what an emergency may do without, such as \"approve\"",
                findings,
            ),
            Some(waives) if waives.value.is_empty() => findings.refuse(
                &waives.place,
                "is empty, so an emergency would change nothing; list what it may do without, such as \"approve\"",
            ),
            Some(waives) => {
                for word in &waives.value {
                    one_of_many(word, &WAIVABLE, findings);
                }
            }
        }
    }

    /// Who may: somebody, and nobody whom anybody may let in.
    fn by(
        &self,
        written: Option<&At<Vec<At<String>>>>,
        table: &Location,
        environment: &str,
        low: &Low,
        findings: &mut Findings,
    ) {
        let Some(list) = written.filter(|list| !list.value.is_empty()) else {
            return missing(table, "by", "say who may", findings);
        };
        for item in &list.value {
            let one = At {
                value: vec![item.clone()],
                place: list.place.clone(),
            };
            for entry in who(Some(&one), low, findings) {
                if entry == Who::Everyone {
                    findings.refuse(
                        &item.place,
                        "\"everyone\" will not do: name those who answer for it",
                    );
                }
                if let Some(group) = self.untrusted(&entry, environment, low) {
                    findings.refuse(
                        &item.place,
                        format!(
                            "\"{}\" lets in the user group \"@{group}\", and in many workspaces every member may edit those; \
                             if only those may who may do this, add it to slack.trusted, else name people",
                            item.value
                        ),
                    );
                }
            }
        }
    }

    /// A group behind an entry that is not trusted.
    fn untrusted(&self, entry: &Who, environment: &str, low: &Low) -> Option<GroupId> {
        let there = self.applications.values().filter(|application| {
            let mut environments = application.environments.keys();
            environments.any(|name| name.as_str() == environment)
        });
        let teams: BTreeSet<&TeamName> = there.filter_map(|one| one.team.as_ref()).collect();
        let teams = || teams.iter().filter_map(|name| self.teams.get(*name));
        let mut members: Vec<&Member> = Vec::new();
        match entry {
            Who::Member(member) => members.push(member),
            Who::Team => members.extend(teams().flat_map(Team::people)),
            Who::Leads => members.extend(teams().flat_map(|team| &team.leads)),
            Who::TeamNamed(name) => {
                members.extend(self.teams.get(name).into_iter().flat_map(Team::people));
            }
            Who::OnCall => members.extend(teams().flat_map(|team| team.oncall.iter().flatten())),
            // The admins' groups are trusted, or refused there.
            Who::Everyone | Who::Admins => {}
        }
        let trusted = |group: &&GroupId| self.slack.trusted.contains(*group);
        let mut groups = members.into_iter().filter_map(Member::group);
        let found = groups.find(|group| !trusted(group)).cloned();
        match entry {
            Who::OnCall => found.or_else(|| self.untrusted_on_call(environment, low)),
            _ => found,
        }
    }

    /// The same of the lists of those on call that stand beside the teams'.
    fn untrusted_on_call(&self, environment: &str, low: &Low) -> Option<GroupId> {
        let own = low.environments.iter();
        let own = own.filter(|written| written.name.value == environment);
        let lists = own
            .map(|written| &written.oncall)
            .chain([&low.oncall])
            .flatten();
        let groups = lists.flat_map(|list| &list.value).filter_map(|item| {
            let member: Member = item.value.parse().ok()?;
            member.group().cloned()
        });
        let mut groups = groups.filter(|group| !self.slack.trusted.contains(group));
        groups.next()
    }
}
