//! What one application runs, in detail: environment by environment, service by service and revision
//! by revision.

use super::Setting;
use super::evidence::named_pages;
use super::page::Page;
use crate::names::EnvName;
use crate::names::arn::last_part;
use crate::reply::{self, code, joined, label, said, status as words};
use crate::running::{LiveSide, Place, Row, Runs, ServiceNow, There, Version};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// The application as a message for the asker.
pub fn status(row: &Row, setting: &Setting<'_>) -> Message {
    let unreadable = |(_, there): &&(EnvName, There)| matches!(there, There::Unreadable { .. });
    let summary = match row.places.iter().filter(unreadable).count() {
        0 => format!("What runs of {}", row.title),
        unreadable => words::but_for(unreadable),
    };
    let mut page = Page::new(said!("{}", summary.as_str()));
    page.header(&summary);
    let places = row.places.iter();
    let places = places.flat_map(|(env, there)| lines(env, there, setting));
    page.lines(std::iter::once(heading(row)).chain(places).collect());
    page.context(said!("As ECS said {}.", setting.now));
    page.only_for_one()
}

/// An application by its title, and by its name where that is another.
pub(super) fn heading(row: &Row) -> Mrkdwn {
    match row.title == row.application.as_str() {
        true => said!("*{}*", row.application),
        false => said!("*{}* ({})", row.title, code(row.application.as_str())),
    }
}

fn lines(env: &EnvName, there: &There, setting: &Setting<'_>) -> Vec<Mrkdwn> {
    let runs = match there {
        There::Unreadable { unread, role } => {
            return vec![words::unreadable(env, &Mrkdwn::new(), unread, role)];
        }
        There::Read(runs) => runs,
    };
    let (what, naming) = what_runs(runs, setting);
    let head = joined([said!("{}: {}", env, what), words::under_way(runs)], "; ");
    let there = runs.services.iter().filter(|one| !one.is_gone());
    let services = there.map(|one| service(one, naming, setting));
    let pages = named_pages(&runs.links);
    let pages = Some(pages).filter(|pages| !pages.is_empty());
    std::iter::once(head).chain(services).chain(pages).collect()
}

/// Whether a service's line names its versions.
#[derive(Clone, Copy)]
enum Naming {
    /// They are named above.
    Said,
    /// Each for itself.
    Each,
}

/// The version that runs, or those that do; and whether that says all of every service.
fn what_runs(runs: &Runs, setting: &Setting<'_>) -> (Mrkdwn, Naming) {
    let running: Vec<&LiveSide> = runs.services.iter().flat_map(ServiceNow::running).collect();
    let mut versions: Vec<(&Version, usize)> = Vec::new();
    for one in &running {
        let mut known = versions.iter_mut();
        match known.find(|(known, _)| known.is_named_like(&one.version)) {
            Some((_, revisions)) => *revisions += 1,
            None => versions.push((&one.version, 1)),
        }
    }
    let same_origin = running
        .windows(2)
        .all(|two| two[0].version.from == two[1].version.from);
    let sides = runs.services.iter().map(|one| one.sides.len());
    match versions.as_slice() {
        [(one, revisions)] if same_origin => {
            let from = words::brought(&one.from, setting.now);
            let naming = match sides.max() {
                Some(2..) => Naming::Each,
                _ => Naming::Said,
            };
            (joined([version(one, *revisions), from], ", "), naming)
        }
        [(one, revisions)] => (version(one, *revisions), Naming::Each),
        several => {
            let names = several
                .iter()
                .map(|(one, revisions)| version(one, *revisions));
            let names = Mrkdwn::listed(names, "and");
            (said!("not one version alone: {}", names), Naming::Each)
        }
    }
}

/// `version 1.0.2 (commit 1f0c9de, digest bbbbbbbbbbbb)`
fn version(version: &Version, revisions: usize) -> Mrkdwn {
    let commit = version
        .short_commit()
        .map_or_else(Mrkdwn::new, |commit| said!("commit {}", code(commit)));
    let digest = version
        .digest
        .as_deref()
        .map_or_else(Mrkdwn::new, |digest| {
            let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
            said!("digest {}", code(hex.get(..12).unwrap_or(hex)))
        });
    let details = match joined([commit, digest], ", ") {
        details if details.is_empty() => details,
        details => said!("({})", details),
    };
    let name = match (&version.label, revisions) {
        (Some(name), _) => said!("version {}", label(name)),
        (None, 1) => Mrkdwn::raw("a version that Longshore does not know"),
        (None, _) => Mrkdwn::raw("versions that Longshore does not know"),
    };
    joined([name, details], " ")
}

fn service(service: &ServiceNow, naming: Naming, setting: &Setting<'_>) -> Mrkdwn {
    let sides = service.placed().map(|(place, one)| {
        let name = match naming {
            Naming::Said => Mrkdwn::new(),
            Naming::Each => {
                let name = one.version.label.as_deref();
                let name = name.map_or_else(Mrkdwn::new, label);
                let from = words::brought(&one.version.from, setting.now);
                said!(" ({})", joined([name, from], ", "))
            }
        };
        let revision = code(last_part(&one.side.task_definition));
        said!("{}{}: {}", revision, name, tasks(one, place))
    });
    said!("• {} on {}", code(&service.service), joined(sides, "; "))
}

/// `0 of 2 running, 1 pending, 16 failed, 10 % of the traffic`
fn tasks(one: &LiveSide, place: Place) -> Mrkdwn {
    let counts = one.side.counts;
    let share = one.side.share.map_or_else(Mrkdwn::new, reply::share);
    let told = [
        words::running(counts, place),
        words::not_running(counts),
        share,
    ];
    joined(told, ", ")
}
