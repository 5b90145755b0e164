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
    let above = Above::of(runs);
    let head = said!("{}: {}", env, above.told(setting));
    let head = joined([head, words::under_way(runs)], "; ");
    let there = runs.services.iter().filter(|one| !one.is_gone());
    let services = there.map(|one| service(one, &above, setting));
    let pages = named_pages(&runs.links);
    let pages = Some(pages).filter(|pages| !pages.is_empty());
    std::iter::once(head).chain(services).chain(pages).collect()
}

/// What the line of a place says of the versions that run there.
struct Above<'r> {
    versions: Vec<VersionAbove<'r>>,
}

/// A version that is named there.
struct VersionAbove<'r> {
    version: &'r Version,
    /// How many revisions are of it.
    revisions: usize,
    /// Whether all of them came the same way, which is said with it then.
    is_of_one_origin: bool,
}

impl<'r> Above<'r> {
    fn of(runs: &'r Runs) -> Self {
        let mut versions: Vec<VersionAbove<'r>> = Vec::new();
        for one in runs.services.iter().flat_map(ServiceNow::running) {
            let mut known = versions.iter_mut();
            match known.find(|known| known.version.is_named_like(&one.version)) {
                Some(known) => {
                    known.revisions += 1;
                    known.is_of_one_origin &= known.version.from == one.version.from;
                }
                None => versions.push(VersionAbove {
                    version: &one.version,
                    revisions: 1,
                    is_of_one_origin: true,
                }),
            }
        }
        Self { versions }
    }

    /// The version that runs, or those that do.
    fn told(&self, setting: &Setting<'_>) -> Mrkdwn {
        let from = |one: &VersionAbove<'_>| match one.is_of_one_origin {
            true => words::brought(&one.version.from, setting.now),
            false => Mrkdwn::new(),
        };
        match self.versions.as_slice() {
            [one] => joined([version(one, Mrkdwn::new()), from(one)], ", "),
            several => {
                let names = several.iter().map(|one| version(one, from(one)));
                let names = Mrkdwn::listed(names, "and");
                said!("not one version alone: {}", names)
            }
        }
    }

    /// Whether its name alone says which of them a version is.
    fn is_told_by_name(&self, one: &Version) -> bool {
        let alike = self.versions.iter();
        let alike = alike.filter(|named| named.version.label == one.label);
        one.label.is_some() && alike.count() == 1
    }

    /// What is left to say of a revision: what it runs, unless that is plain, and where that came from.
    fn untold(&self, one: &Version, setting: &Setting<'_>) -> Mrkdwn {
        let named = self.versions.iter();
        let named = named.clone().find(|named| named.version.is_named_like(one));
        let name = || one.label.as_deref().map_or_else(Mrkdwn::new, label);
        let from = || words::brought(&one.from, setting.now);
        let left = match (named, self.versions.len()) {
            (Some(named), 1) if named.is_of_one_origin => Mrkdwn::new(),
            (Some(_), 1) => from(),
            (Some(named), _) if named.is_of_one_origin && self.is_told_by_name(one) => name(),
            _ => joined([name(), from()], ", "),
        };
        match left.is_empty() {
            true => left,
            false => said!(" ({})", left),
        }
    }
}

/// `version 1.0.2 (commit 1f0c9de, digest bbbbbbbbbbbb)`, and in the same brackets what else is to be said of it.
fn version(named: &VersionAbove<'_>, more: Mrkdwn) -> Mrkdwn {
    let version = named.version;
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
    let details = match joined([commit, digest, more], ", ") {
        details if details.is_empty() => details,
        details => said!("({})", details),
    };
    let name = match (&version.label, named.revisions) {
        (Some(name), _) => said!("version {}", label(name)),
        (None, 1) => Mrkdwn::raw("a version that Longshore does not know"),
        (None, _) => Mrkdwn::raw("versions that Longshore does not know"),
    };
    joined([name, details], " ")
}

fn service(service: &ServiceNow, above: &Above<'_>, setting: &Setting<'_>) -> Mrkdwn {
    let sides = service.placed().map(|(place, one)| {
        let revision = code(last_part(&one.side.task_definition));
        let untold = above.untold(&one.version, setting);
        said!("{}{}: {}", revision, untold, tasks(one, place))
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
