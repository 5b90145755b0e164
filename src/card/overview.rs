//! The truth board: every application in every environment, a line each, over as many messages as
//! Slack's limits require. What could not be read is named, and what did not fit is counted and
//! named too: nothing is cut in silence.

mod shown;

pub use self::shown::{
    BroughtFrom, CellTrouble, Overview, OverviewRow, Place, Runs, There, Version,
};
use jiff::Timestamp;

use super::Setting;
use super::page::Page;
use crate::names::DeployId;
use crate::record::Doing;
use crate::reply::{self, ago, code, command, for_all, joined, label, last_part, said};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// Text of one message of the board; the rest of what Slack takes is for small print.
const MESSAGE: usize = 10_600;
/// Kept of the last message for what did not fit.
const LEFT_OUT: usize = 1_600;
/// Names of applications that did not fit, in characters at most.
const NAMES: usize = 1_200;
/// Environments that could not be read, told one by one.
const PROBLEMS: usize = 10;

/// The board, in `room` messages at most.
pub fn overview(board: &Overview, setting: &Setting<'_>, room: usize) -> Vec<Message> {
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

fn summary(board: &Overview) -> Mrkdwn {
    let unreadable = board
        .rows
        .iter()
        .flat_map(|row| &row.places)
        .filter(|(_, there)| matches!(there, There::Unreadable { .. }))
        .count();
    match (board.rows.len(), unreadable) {
        (1, 0) => Mrkdwn::raw("What runs of one application"),
        (many, 0) => said!("What runs of {} applications", many),
        (_, 1) => Mrkdwn::raw("What runs, but for one place that could not be read"),
        (_, places) => said!(
            "What runs, but for {} places that could not be read",
            places
        ),
    }
}

fn problems(board: &Overview) -> Vec<Mrkdwn> {
    let mut lines: Vec<Mrkdwn> = board
        .problems
        .iter()
        .take(PROBLEMS)
        .map(|problem| {
            let concerned = match problem.applications {
                1 => Mrkdwn::raw("1 application"),
                many => said!("{} applications", many),
            };
            said!(
                ":warning: {} could not be read for {}: {} (role {}). Nothing is claimed about it.",
                problem.environment,
                concerned,
                for_all(&problem.why),
                code(last_part(&problem.role))
            )
        })
        .collect();
    let more = board.problems.len().saturating_sub(PROBLEMS);
    if more > 0 {
        lines.push(said!(":warning: and {} more reasons like these", more));
    }
    lines
}

fn lines(row: &OverviewRow, setting: &Setting<'_>) -> Vec<Mrkdwn> {
    let heading = match row.title == row.application.as_str() {
        true => said!("*{}*", row.application),
        false => said!("*{}* ({})", row.title, code(row.application.as_str())),
    };
    let places = row.places.iter().map(|(env, there)| match there {
        There::Unreadable { why } => {
            said!("• {}: :warning: unreadable ({})", env, for_all(why))
        }
        There::Read(runs) => said!("• {}: {}", env, what_runs(runs, setting)),
    });
    std::iter::once(heading).chain(places).collect()
}

fn what_runs(runs: &Runs, setting: &Setting<'_>) -> Mrkdwn {
    let all = runs.versions.iter().flat_map(|version| &version.services);
    let one_service = all
        .clone()
        .all(|service| Some(service) == all.clone().next());
    let each = runs.versions.iter().map(|each| {
        let services = match runs.versions.as_slice() {
            [_] => Mrkdwn::new(),
            _ if one_service => Mrkdwn::new(),
            _ => {
                let services = each.services.iter().map(|service| code(service));
                said!("{}: ", joined(services, ", "))
            }
        };
        let separator = match each.place {
            Place::Alone => "; ",
            Place::Coming | Place::Beside => ", ",
        };
        let share = each.share.filter(|_| each.place != Place::Alone);
        let share = share.map_or_else(Mrkdwn::new, reply::share);
        let told = [version(each, setting), tasks(each), share];
        said!("{}{}", services, joined(told, separator))
    });
    joined(each.chain([under_way(runs)]), "; ")
}

/// How many tasks of a version run, where that is not simply all of them.
fn tasks(version: &Version) -> Mrkdwn {
    let tasks = version.tasks;
    let failed = match tasks.failed {
        ..=0 => Mrkdwn::new(),
        failed => said!("{} failed", failed),
    };
    let count = match (version.place, tasks.running, tasks.desired) {
        (Place::Beside, running, _) => said!("{} running", running),
        (_, 0, 0) => Mrkdwn::raw("no tasks: the desired count is 0"),
        (Place::Coming, running, wanted) => said!("*{} of {} running*", running, wanted),
        (Place::Alone, running, wanted) if running < wanted => {
            said!("*{} of {} running*", running, wanted)
        }
        (Place::Alone, ..) => return Mrkdwn::new(),
    };
    joined([count, failed], ", ")
}

fn version(version: &Version, setting: &Setting<'_>) -> Mrkdwn {
    let revision = code(last_part(&version.revision));
    let long_ago = |at: Timestamp| {
        let span = setting.now.duration_since(at);
        Mrkdwn::of(&ago(span.try_into().unwrap_or_default()))
    };
    match &version.origin {
        BroughtFrom::Ours {
            label: name,
            commit,
            since,
            by,
        } => {
            let since = since.map_or_else(Mrkdwn::new, long_ago);
            let by = by.as_ref().map_or_else(Mrkdwn::new, |by| said!("{}", by));
            joined([named(name, commit.as_deref()), since, by], ", ")
        }
        BroughtFrom::Found {
            label: name,
            commit,
            known_since,
        } => {
            let found = reply::found(*known_since, setting.now);
            joined([named(name, commit.as_deref()), found], ", ")
        }
        BroughtFrom::Noticed {
            label: name,
            at,
            by,
        } => {
            let noticed = said!("*changed outside of Longshore*, noticed {}", long_ago(*at));
            let by = match by {
                Some(by) => said!("registered by {}", code(last_part(by))),
                None => Mrkdwn::new(),
            };
            joined([said!("{} {}", label(name), revision), noticed, by], ", ")
        }
        BroughtFrom::Outside { instead_of } => said!(
            "{}, *changed outside of Longshore* (last deployed: {})",
            revision,
            label(instead_of)
        ),
        BroughtFrom::Unknown => said!("{}, never deployed by Longshore", revision),
    }
}

/// A version by its label, and by its commit where that is another word.
fn named(name: &str, commit: Option<&str>) -> Mrkdwn {
    let short = commit.map(|commit| commit.get(..7).unwrap_or(commit));
    match short.filter(|short| *short != name) {
        Some(short) => said!("{} {}", label(name), code(short)),
        None => label(name),
    }
}

/// What is being done there, and by whom.
fn under_way(runs: &Runs) -> Mrkdwn {
    let ids = |ids: &[DeployId]| joined(ids.iter().map(|id| said!("{}", id)), ", ");
    let rolling = match (runs.rolling.is_empty(), runs.leases.is_empty()) {
        (true, true) => Mrkdwn::new(),
        (true, false) => said!("deploy {} holds the lease", ids(&runs.leases)),
        (false, false) => said!(
            "*rolling out*, deploy {} holds the lease",
            ids(&runs.leases)
        ),
        (false, true) => Mrkdwn::raw("*rolling out*, not by Longshore"),
    };
    let services = |all: &[String]| joined(all.iter().map(|service| code(service)), ", ");
    let waiting = match runs.waiting.is_empty() {
        true => Mrkdwn::new(),
        false => said!("*waits for a person* at {}", services(&runs.waiting)),
    };
    let unfinished = match runs.unfinished.is_empty() {
        true => Mrkdwn::new(),
        false => said!(
            "*the last rollout of {} did not finish*",
            services(&runs.unfinished)
        ),
    };
    // That one with a lease is under way is said already.
    let open = runs.open.iter().filter(|open| {
        let said = open.doing == Doing::UnderWay && runs.leases.contains(&open.id);
        !said
    });
    let open = open.map(reply::open);
    joined([rolling, waiting, unfinished].into_iter().chain(open), "; ")
}

/// What found no room: how many, which, and how to ask for it.
fn more(left_out: &[OverviewRow], setting: &Setting<'_>) -> Mrkdwn {
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
    said!(
        "*{} applications are not shown*, for want of room: {}. {} and {} show them.",
        left_out.len(),
        joined(names.into_iter().chain([rest]), ", "),
        command(setting.command, "status ENV"),
        command(setting.command, "status APP")
    )
}

fn small_print(board: &Overview, setting: &Setting<'_>) -> Mrkdwn {
    let first = match (board.own, board.own == board.rows.len()) {
        (0, _) | (_, true) => Mrkdwn::new(),
        _ => Mrkdwn::raw("Your team's applications first. "),
    };
    let rest = match &board.environment {
        Some(environment) => said!("status APP {}", environment),
        None => Mrkdwn::raw("status APP"),
    };
    said!(
        "{}As ECS said {}. {} tells more about one.",
        first,
        setting.now,
        command(setting.command, rest.as_str())
    )
}

fn length(said: &Mrkdwn) -> usize {
    said.as_str().chars().count() + 1
}

#[cfg(test)]
mod tests;
