//! Who may what in one place, and why.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::page::Page;
use crate::config::{Member, Who};
use crate::names::{AppName, EnvName, UserId};
use crate::policy::{Grant, Roster, RosterEntry};
use crate::reply::right::{granted, nobody_granted, who_may};
use crate::reply::{joined, said};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// People of one entry who are named.
const NAMED: usize = 10;

/// The roster, for the asker.
pub fn roster(
    roster: &Roster,
    application: &AppName,
    environment: &EnvName,
    now: Timestamp,
) -> Message {
    let summary = who_may(application, environment);
    let mut page = Page::new(said!("{}", summary.as_str()));
    page.header(&summary);
    page.lines(list(
        "Deploy and restart",
        &roster.request,
        &roster.requesters,
        now,
    ));
    let same = |lists: &Option<Vec<RosterEntry>>, name: &'static str| match lists {
        Some(own) => list(name, own, &[], now),
        None => vec![said!("*{}*: the same people", Mrkdwn::raw(name))],
    };
    page.lines(same(&roster.rollback, "Roll back"));
    page.lines(same(&roster.logs, "Read logs"));
    if !roster.approvers.is_empty() {
        page.lines(list("Approve", &[], &roster.approvers, now));
    }
    let admins = people(&roster.admins);
    let admins = (!admins.is_empty()).then(|| said!("Admins may do all of it: {}.", admins));
    let channels = roster.channels.iter().map(|channels| {
        let each = channels.iter().take(NAMED);
        let each = each.map(|channel| Mrkdwn::new().channel(channel));
        said!("It is asked for only in {}.", joined(each, ", "))
    });
    let none = roster.requesters.is_empty() && roster.approvers.is_empty();
    let none = none.then(nobody_granted);
    page.context(joined(admins.into_iter().chain(channels).chain(none), " "));
    page.only_for_one()
}

fn list(
    name: &'static str,
    entries: &[RosterEntry],
    grants: &[Grant],
    now: Timestamp,
) -> Vec<Mrkdwn> {
    let mut lines = vec![said!("*{}*", Mrkdwn::raw(name))];
    lines.extend(entries.iter().map(entry));
    lines.extend(
        grants
            .iter()
            .map(|grant| said!("• {}", granted(grant, now))),
    );
    if let [name] = lines.as_slice() {
        return vec![said!("{}: nobody", name.clone())];
    }
    lines
}

fn entry(entry: &RosterEntry) -> Mrkdwn {
    let name = match &entry.who {
        Who::Everyone => return said!("• everyone: every full member"),
        Who::Member(member @ Member::User(_)) => {
            return said!("• {}: named in the configuration", member.clone());
        }
        Who::Member(member) => said!("the user group {}", member.clone()),
        Who::Team => said!("the application's team"),
        Who::Leads => said!("the leads of the application's team"),
        Who::TeamNamed(team) => said!("the team {}", team.to_string().as_str()),
        Who::Admins => said!("the admins"),
        Who::OnCall => said!("those on call"),
    };
    let behind = match people(&entry.people) {
        none if none.is_empty() => said!("nobody whom Longshore knows"),
        people => people,
    };
    let as_of = entry.as_of.map(|at| said!("as Slack said {}", at));
    joined(
        [said!("• {}: {}", name, behind)].into_iter().chain(as_of),
        ", ",
    )
}

fn people(people: &BTreeSet<UserId>) -> Mrkdwn {
    let more = people.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| said!("{} more", more));
    let named = people.iter().take(NAMED).map(|user| said!("{}", *user));
    joined(named.chain(more), ", ")
}
