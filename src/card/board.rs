//! The status board: what ECS said runs where. A cell that could not be read says so, and is never
//! filled from memory.

use super::Setting;
use super::page::Page;
use crate::names::{AppName, DeployId, EnvName};
use crate::reply::{self, code, for_all, joined, label, last_part, said};
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
        /// What people call it, where the history knows.
        label: Option<String>,
        /// The commit, where it is known; any length.
        commit: Option<String>,
        /// The digest that runs, where all tasks agree.
        digest: Option<String>,
        /// Each service.
        services: Vec<LiveService>,
        /// The deploy of ours that is under way.
        open: Option<DeployId>,
    },
    /// It could not be read.
    Unreadable {
        /// Why, as plain text.
        why: String,
    },
}

/// One ECS service as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveService {
    /// Its name.
    pub service: String,
    /// The task definition's ARN.
    pub revision: String,
    /// Tasks running.
    pub running: i32,
    /// Tasks wanted.
    pub desired: i32,
    /// Tasks on their way.
    pub pending: i32,
    /// ECS's status of the rollout in flight, if one is.
    pub rollout: Option<String>,
    /// Whether its last rollout failed or was stopped where it stood.
    pub unfinished: bool,
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
            label,
            commit,
            digest,
            services,
            open,
        } => {
            let mut head = said!(
                "{}: {}",
                env,
                running(label.as_deref(), commit.as_deref(), digest.as_deref())
            );
            if let Some(id) = open {
                head = said!("{}; deploy {} is under way", head, id);
            }
            let mut lines = vec![head];
            lines.extend(services.iter().map(service));
            lines
        }
    }
}

fn running(name: Option<&str>, commit: Option<&str>, digest: Option<&str>) -> Mrkdwn {
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

fn service(service: &LiveService) -> Mrkdwn {
    let tasks = match (service.running, service.desired) {
        (0, 0) => Mrkdwn::raw("no tasks run: the desired count is 0"),
        (running, desired) => said!("{} of {} running", running, desired),
    };
    let pending = match service.pending {
        ..=0 => Mrkdwn::new(),
        pending => said!("{} pending", pending),
    };
    let rollout = service
        .rollout
        .as_deref()
        .map_or_else(Mrkdwn::new, |status| {
            said!("a rollout is in flight ({})", code(status))
        });
    let unfinished = Mrkdwn::raw(match service.unfinished {
        true => "*its last rollout did not finish*: these may be old and new tasks",
        false => "",
    });
    said!(
        "• {} on {}: {}",
        code(&service.service),
        code(last_part(&service.revision)),
        joined([tasks, pending, rollout, unfinished], ", ")
    )
}
