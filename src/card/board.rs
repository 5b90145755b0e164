//! The truth board: every application in every environment, a line each, over as many messages as
//! Slack's limits require. What could not be read is named, and what did not fit is counted and
//! named too: nothing is cut in silence.

mod line;

use super::Setting;
use super::page::Page;
use super::status::heading;
use crate::command::Command;
use crate::names::EnvName;
use crate::names::arn::last_part;
use crate::reply::{self, code, command, joined, said, status};
use crate::running::{Row, There, Unread};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// Every application that was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// The applications, in the order shown.
    pub rows: Vec<Row>,
    /// So many of the first are the asker's own.
    pub own: usize,
    /// The one environment that was asked about.
    pub environment: Option<EnvName>,
}

/// Text of one message of the board; the rest of what Slack takes is for small print.
const MESSAGE: usize = 10_600;
/// Kept of the last message for what did not fit.
const LEFT_OUT: usize = 1_600;
/// Names of applications that did not fit, in characters at most.
const NAMES: usize = 1_200;
/// Environments that could not be read, told one by one.
const PROBLEMS: usize = 10;

/// The board, in `room` messages at most.
pub fn board(board: &Board, setting: &Setting<'_>, room: usize) -> Vec<Message> {
    if board.rows.is_empty() {
        return vec![super::sentence(reply::nothing_to_show())];
    }
    let problems: Vec<Mrkdwn> = problems(board);
    let room = room.max(1);
    let rows: Vec<Vec<Mrkdwn>> = board.rows.iter().map(|row| lines(row, setting)).collect();
    let mut pages: Vec<Vec<Vec<Mrkdwn>>> = vec![Vec::new()];
    let mut filled: usize = problems.iter().map(length).sum();
    let mut shown = 0;
    for row in rows {
        let size: usize = row.iter().map(length).sum();
        let last = pages.len() == room;
        let budget = if last { MESSAGE - LEFT_OUT } else { MESSAGE };
        if filled + size > budget && filled > 0 {
            if last {
                break;
            }
            pages.push(Vec::new());
            filled = 0;
        }
        filled += size;
        if let Some(page) = pages.last_mut() {
            page.push(row);
        }
        shown += 1;
    }
    let count = pages.len();
    let left_out = &board.rows[shown..];
    let mut before = 0;
    let mut messages = Vec::with_capacity(count);
    for (index, rows) in pages.into_iter().enumerate() {
        let mut page = Page::new(match index {
            0 => summary(board),
            _ => said!("What runs, part {} of {}", index + 1, count),
        });
        page.header(&match index {
            0 => "What runs".to_owned(),
            _ => format!("What runs, part {} of {count}", index + 1),
        });
        if index == 0 {
            page.lines(problems.clone());
        }
        for row in joined_up(rows, before, board.own) {
            page.lines(row.1);
            before = row.0;
        }
        if index + 1 == count {
            if !left_out.is_empty() {
                page.section(more(left_out, setting));
            }
            page.context(small_print(board, setting));
        } else {
            page.context(said!("Part {} of {}.", index + 1, count));
        }
        messages.push(page.only_for_one());
    }
    messages
}

/// The rows of one message, those of the asker's own applications apart from the others, with the
/// number of rows shown up to there.
fn joined_up(
    rows: Vec<Vec<Mrkdwn>>,
    before: usize,
    own: usize,
) -> impl Iterator<Item = (usize, Vec<Mrkdwn>)> {
    let mine = own.saturating_sub(before).min(rows.len());
    let after = before + rows.len();
    let mut rows = rows.into_iter();
    let first: Vec<Mrkdwn> = rows.by_ref().take(mine).flatten().collect();
    let rest: Vec<Mrkdwn> = rows.flatten().collect();
    [(before + mine, first), (after, rest)]
        .into_iter()
        .filter(|(_, lines)| !lines.is_empty())
}

fn summary(board: &Board) -> Mrkdwn {
    let places = board.rows.iter().flat_map(|row| &row.places);
    let unreadable = places.filter(|(_, there)| matches!(there, There::Unreadable { .. }));
    match (board.rows.len(), unreadable.count()) {
        (1, 0) => Mrkdwn::raw("What runs of one application"),
        (many, 0) => said!("What runs of {} applications", many),
        (_, unreadable) => Mrkdwn::of(&status::but_for(unreadable)),
    }
}

/// What could not be read, each reason once, and how many applications that concerns.
fn problems(board: &Board) -> Vec<Mrkdwn> {
    let mut problems: Vec<(&EnvName, &Unread, &str, usize)> = Vec::new();
    for (env, there) in board.rows.iter().flat_map(|row| &row.places) {
        let There::Unreadable { unread, role } = there else {
            continue;
        };
        let mut known = problems.iter_mut();
        match known.find(|(of, other, ..)| *of == env && other.why == unread.why) {
            Some((.., applications)) => *applications += 1,
            None => problems.push((env, unread, last_part(role), 1)),
        }
    }
    let more = problems.len().saturating_sub(PROBLEMS);
    let told = problems.into_iter().take(PROBLEMS);
    let told = told.map(|(env, unread, role, applications)| {
        let concerned = match applications {
            1 => Mrkdwn::raw(" for 1 application"),
            many => said!(" for {} applications", many),
        };
        status::unreadable(env, &concerned, unread, role)
    });
    let mut lines: Vec<Mrkdwn> = told.collect();
    if more > 0 {
        lines.push(said!(":warning: and {} more reasons like these", more));
    }
    lines
}

fn lines(row: &Row, setting: &Setting<'_>) -> Vec<Mrkdwn> {
    // What is the same of all places is said once.
    let (head, origins) = match row.places.len() > 1 && line::is_nobodys(row) {
        true => (
            said!("{}, {}", heading(row), line::NOBODYS),
            line::Origins::Above,
        ),
        false => (heading(row), line::Origins::Here),
    };
    let places = row.places.iter();
    let places = places.flat_map(|(env, there)| line::of_place(env, there, origins, setting));
    std::iter::once(head).chain(places).collect()
}

/// What found no room: how many, which, and how to ask for it.
fn more(left_out: &[Row], setting: &Setting<'_>) -> Mrkdwn {
    let mut names: Vec<Mrkdwn> = Vec::new();
    let mut filled = 0;
    for row in left_out {
        let name = code(row.application.as_str());
        filled += length(&name) + 1;
        if filled > NAMES {
            break;
        }
        names.push(name);
    }
    let unnamed = left_out.len() - names.len();
    let rest = match unnamed {
        0 => Mrkdwn::new(),
        more => said!("and {} more", more),
    };
    let first = left_out
        .first()
        .map_or_else(String::new, |row| row.application.to_string());
    said!(
        "*{} applications are not shown*, for want of room: {}. {} shows the first of them.",
        left_out.len(),
        joined(names.into_iter().chain([rest]), ", "),
        command(setting.command, &format!("status {first}"))
    )
}

fn small_print(board: &Board, setting: &Setting<'_>) -> Mrkdwn {
    let first = match (board.own, board.own == board.rows.len()) {
        (0, _) | (_, true) => Mrkdwn::new(),
        _ => Mrkdwn::raw("Your team's applications first. "),
    };
    let one = board.rows.first().map(|row| &row.application);
    let more = Command::Status {
        app: one.cloned(),
        env: board.environment.clone(),
    };
    said!(
        "{}As ECS said {}. {} shows one application in detail.",
        first,
        setting.now,
        command(setting.command, &more.to_string())
    )
}

fn length(said: &Mrkdwn) -> usize {
    said.as_str().chars().count() + 1
}

#[cfg(test)]
mod tests;
