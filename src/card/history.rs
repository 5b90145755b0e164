//! The history: the newest entries, newest first, one line each that is read at a glance.

mod line;

use self::line::line;
use super::Setting;
use super::page::Page;
use crate::command::moment::{Period, Within};
use crate::command::{Command, HistoryScope};
use crate::names::zone::Zone;
use crate::past::Listed;
use crate::reply::{self, command, joined, said};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// What was asked of a history, and how a time in it was read.
#[derive(Clone, Copy, Debug)]
pub struct AskedHistory<'a> {
    /// As it is typed.
    pub command: &'a Command,
    /// The time zone in which times are read.
    pub zone: &'a Zone,
    /// The time that was asked for.
    pub within: Option<Within>,
}

/// The list as a message for the asker.
pub fn history(listed: &Listed, asked: &AskedHistory<'_>, setting: &Setting<'_>) -> Message {
    let small_print = [
        left_out(listed, asked, setting),
        looked_back(listed),
        read_in(asked),
    ];
    if listed.entries.is_empty() {
        let nothing = match (period(asked), listed.left_out) {
            (Some(period), _) => said!("Nothing was changed there {}.", period.as_str()),
            (None, 0) => reply::no_history(),
            (None, _) => reply::nothing_changed(),
        };
        let whole = std::iter::once(nothing).chain(small_print);
        return super::sentence(joined(whole, " "));
    }
    let summary = summary(listed, asked);
    let mut page = Page::new(said!("{}", summary.as_str()));
    page.header(&summary);
    page.lines(listed.entries.iter().map(line).collect());
    let first = listed.entries.iter().find_map(|one| one.past.id.as_ref());
    let more = first.map(|id| {
        let show = command(setting.command, &format!("show {id}"));
        said!("{} tells everything about one.", show)
    });
    page.context(joined(small_print.into_iter().chain(more), " "));
    page.only_for_one()
}

/// `since 14:05`
fn period(asked: &AskedHistory<'_>) -> Option<String> {
    match asked.command {
        Command::History { period, .. } => period.as_ref().map(Period::to_string),
        _ => None,
    }
}

/// `The latest 3 changes, newest first`, `3 changes since 14:05, newest first`
fn summary(listed: &Listed, asked: &AskedHistory<'_>) -> String {
    let (one, many) = match asked.command {
        Command::History {
            scope: HistoryScope::All,
            ..
        } => ("entry", "entries"),
        _ => ("change", "changes"),
    };
    let (count, older) = (listed.entries.len(), listed.older);
    match (period(asked), count, older) {
        (None, 1, _) => format!("The latest {one}"),
        (None, ..) => format!("The latest {count} {many}, newest first"),
        (Some(period), 1, 0) => format!("1 {one} {period}"),
        (Some(period), _, 0) => format!("{count} {many} {period}, newest first"),
        (Some(period), ..) => {
            let all = count + older;
            format!("The latest {count} of {all} {many} {period}, newest first")
        }
    }
}

/// How many entries changed nothing, and how to have them listed.
fn left_out(listed: &Listed, asked: &AskedHistory<'_>, setting: &Setting<'_>) -> Mrkdwn {
    let mut all = asked.command.clone();
    if let Command::History { scope, .. } = &mut all {
        *scope = HistoryScope::All;
    }
    let all = command(setting.command, &all.to_string());
    match listed.left_out {
        0 => Mrkdwn::new(),
        1 => said!("1 that changed nothing is left out: {} lists it.", all),
        many => said!(
            "{} that changed nothing are left out: {} lists them.",
            many,
            all
        ),
    }
}

/// How far back was looked, where more may lie beyond.
fn looked_back(listed: &Listed) -> Mrkdwn {
    match listed.looked_back_to {
        Some(oldest) => said!(
            "Older ones were not looked at: what ended before {}.",
            oldest
        ),
        None => Mrkdwn::new(),
    }
}

/// In which time zone a typed time was read, and which time was meant where clocks were changed.
fn read_in(asked: &AskedHistory<'_>) -> Mrkdwn {
    match &asked.within {
        Some(within) => joined(
            [
                reply::read_in(asked.zone),
                reply::clocks_changed(within.from.clock),
            ],
            " ",
        ),
        None => Mrkdwn::new(),
    }
}
