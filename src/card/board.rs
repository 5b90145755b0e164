//! The status board: what ECS said runs where. A cell that could not be read says so, and is never
//! filled from memory.

use super::Setting;
use super::page::Page;
use crate::names::{AppName, EnvName};
use crate::record::Open;
use crate::reply::{self, code, for_all, joined, label, last_part, said};
use crate::rollout::Side;
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// What was read, application by application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// One row per application, in the order shown.
    pub rows: Vec<Row>,
}

/// One application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub application: AppName,
    /// Its title.
    pub title: String,
    /// What runs in each of its environments.
    pub cells: Vec<(EnvName, Cell)>,
}

/// What runs in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// As read.
    Live {
        /// The digest that runs, where one version does.
        digest: Option<String>,
        /// Each service.
        services: Vec<ServiceNow>,
        /// The deploys of ours that have no verdict yet.
        open: Vec<Open>,
    },
    /// It could not be read.
    Unreadable {
        /// Why, as plain text.
        why: String,
    },
}

/// One ECS service as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceNow {
    /// Its name.
    pub service: String,
    /// What it runs, revision by revision: first what it is meant to run.
    pub sides: Vec<LiveSide>,
    /// Whether a rollout is in flight.
    pub rolling: bool,
    /// Whether its last rollout failed or was stopped where it stood.
    pub unfinished: bool,
    /// Whether its rollout waits for a person.
    pub waits: bool,
}

/// One revision of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSide {
    /// Its tasks and its traffic.
    pub side: Side,
    /// What people call it, where that is known.
    pub label: Option<String>,
    /// The commit of the application's own image, where it is known; any length.
    pub commit: Option<String>,
}

impl ServiceNow {
    /// The revisions that have tasks; where none has, the one that it is meant to run.
    fn running(&self) -> impl Iterator<Item = &LiveSide> {
        let any = self.sides.iter().any(|one| one.side.counts.running > 0);
        let runs = move |(at, one): &(usize, &LiveSide)| match any {
            true => one.side.counts.running > 0,
            false => *at == 0,
        };
        self.sides
            .iter()
            .enumerate()
            .filter(runs)
            .map(|(_, one)| one)
    }
}

impl Cell {
    /// A service and its revision, where all services run the same version and nothing else.
    pub fn runs_one(&self) -> Option<(String, String)> {
        let Self::Live { services, .. } = self else {
            return None;
        };
        let mut versions = versions(services);
        let one = versions.pop().filter(|_| versions.is_empty())?;
        let first = services.first()?;
        // Of what nobody knows, one service does not speak for the others.
        if one.label.is_none() && services.len() > 1 {
            return None;
        }
        Some((first.service.clone(), one.side.task_definition.clone()))
    }
}

/// What runs, each version once. What nobody knows is one version unless one service runs several.
fn versions(services: &[ServiceNow]) -> Vec<&LiveSide> {
    let mut versions: Vec<(&str, &LiveSide)> = Vec::new();
    for service in services {
        for one in service.running() {
            let same = |(of, known): &(&str, &LiveSide)| match (&known.label, &one.label) {
                (Some(label), Some(other)) => label == other && known.commit == one.commit,
                (None, None) => *of != service.service,
                _ => false,
            };
            if !versions.iter().any(same) {
                versions.push((&service.service, one));
            }
        }
    }
    versions.into_iter().map(|(_, one)| one).collect()
}

/// The board as a message for the asker.
pub fn board(board: &Board, setting: &Setting<'_>) -> Message {
    let unreadable = board
        .rows
        .iter()
        .flat_map(|row| &row.cells)
        .filter(|(_, cell)| matches!(cell, Cell::Unreadable { .. }))
        .count();
    let summary = match (board.rows.as_slice(), unreadable) {
        ([], _) => return super::sentence(reply::nothing_to_show()),
        ([row], 0) => format!("What runs of {}", row.title),
        (rows, 0) => format!("What runs of {} applications", rows.len()),
        (_, unreadable) => format!("What runs, but for {unreadable} that could not be read"),
    };
    let mut page = Page::new(said!("{}", summary.as_str()));
    page.header(&summary);
    for row in &board.rows {
        let heading = match row.title == row.application.as_str() {
            true => said!("*{}*", row.application),
            false => said!("*{}* ({})", row.title, code(row.application.as_str())),
        };
        let mut lines = vec![heading];
        lines.extend(
            row.cells
                .iter()
                .flat_map(|(env, cell)| cell_lines(env, cell)),
        );
        page.lines(lines);
    }
    page.context(said!("As ECS said {}.", setting.now));
    page.only_for_one()
}

fn cell_lines(env: &EnvName, cell: &Cell) -> Vec<Mrkdwn> {
    match cell {
        Cell::Unreadable { why } => vec![said!(
            ":warning: {}: could not be read ({}), so nothing is claimed about it",
            env,
            for_all(why)
        )],
        Cell::Live {
            digest,
            services,
            open,
        } => {
            let versions = versions(services);
            let what = match versions.as_slice() {
                [one] => running(one, digest.as_deref()),
                several => {
                    let names = several.iter().map(|one| running(one, None));
                    said!("not one version alone: {}", Mrkdwn::listed(names, "and"))
                }
            };
            let head = said!("{}: {}", env, what);
            let open = open.iter().map(reply::open);
            let one = versions.len() == 1 && services.iter().all(|one| one.sides.len() == 1);
            let naming = match one {
                true => Naming::Said,
                false => Naming::Each,
            };
            let mut lines = vec![joined(std::iter::once(head).chain(open), "; ")];
            lines.extend(services.iter().map(|one| service(one, naming)));
            lines
        }
    }
}

/// Whether a service's line names its versions.
#[derive(Clone, Copy)]
enum Naming {
    /// They are named above.
    Said,
    /// Each for itself.
    Each,
}

fn running(one: &LiveSide, digest: Option<&str>) -> Mrkdwn {
    let (name, commit) = (one.label.as_deref(), one.commit.as_deref());
    let digest = digest.map(|digest| {
        let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
        said!("digest {}", code(hex.get(..12).unwrap_or(hex)))
    });
    let commit = commit
        .map(|commit| commit.get(..7).unwrap_or(commit))
        .filter(|short| Some(*short) != name)
        .map(|short| said!("commit {}", code(short)));
    let details: Vec<Mrkdwn> = [commit, digest].into_iter().flatten().collect();
    let details = joined(details, ", ");
    match (name, details.is_empty()) {
        (Some(name), true) => said!("version {}", label(name)),
        (Some(name), false) => said!("version {} ({})", label(name), details),
        (None, true) => Mrkdwn::raw("a version that Longshore does not know"),
        (None, false) => said!("a version that Longshore does not know ({})", details),
    }
}

fn service(service: &ServiceNow, naming: Naming) -> Mrkdwn {
    let sides = service.sides.iter().enumerate().map(|(at, one)| {
        let name = match (naming, &one.label) {
            (Naming::Said, _) => Mrkdwn::new(),
            (Naming::Each, Some(name)) => said!(" ({})", label(name)),
            (Naming::Each, None) => Mrkdwn::raw(" (not known to Longshore)"),
        };
        let revision = code(last_part(&one.side.task_definition));
        said!("{}{}: {}", revision, name, tasks(&one.side, at))
    });
    let rollout = Mrkdwn::raw(match (service.rolling, service.waits) {
        (true, true) => "a rollout is in flight, and *waits for a person*",
        (true, false) => "a rollout is in flight",
        (false, _) => "",
    });
    let unfinished = Mrkdwn::raw(match service.unfinished {
        true => "*its last rollout did not finish*",
        false => "",
    });
    let sides = joined(sides, "; ");
    said!(
        "• {} on {}",
        code(&service.service),
        joined([sides, rollout, unfinished], ", ")
    )
}

/// `0 of 2 running, 1 pending, 16 failed`. Only of the first revision ECS says how many it wants.
fn tasks(side: &Side, at: usize) -> Mrkdwn {
    let counts = side.counts;
    let running = match (at, counts.running, counts.desired) {
        (0, 0, 0) => Mrkdwn::raw("no tasks run: the desired count is 0"),
        (0, running, desired) => said!("{} of {} running", running, desired),
        (_, running, _) => said!("{} running", running),
    };
    let pending = match counts.pending {
        ..=0 => Mrkdwn::new(),
        pending => said!("{} pending", pending),
    };
    let failed = match counts.failed {
        ..=0 => Mrkdwn::new(),
        failed => said!("{} failed", failed),
    };
    let share = side.share.map_or_else(Mrkdwn::new, reply::share);
    joined([running, pending, failed, share], ", ")
}
