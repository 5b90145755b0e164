//! The history: the newest entries, newest first, one line each that is read at a glance.

mod line;

use self::line::line;
use super::Setting;
use super::page::Page;
use crate::command::{Command, HistoryScope};
use crate::past::Listed;
use crate::reply::{self, command, joined, said};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// The list as a message for the asker, in answer to `asked`.
pub fn history(listed: &Listed, asked: &Command, setting: &Setting<'_>) -> Message {
    let left_out = left_out(listed, asked, setting);
    if listed.entries.is_empty() {
        return super::sentence(match left_out.is_empty() {
            true => reply::no_history(),
            false => said!("{} {}", reply::nothing_changed(), left_out),
        });
    }
    let what = match asked {
        Command::History {
            scope: HistoryScope::All,
            ..
        } => ("entry", "entries"),
        _ => ("change", "changes"),
    };
    let summary = match listed.entries.len() {
        1 => format!("The latest {}", what.0),
        many => format!("The latest {many} {}, newest first", what.1),
    };
    let mut page = Page::new(said!("{}", summary.as_str()));
    page.header(&summary);
    page.lines(listed.entries.iter().map(line).collect());
    let more = said!(
        "{} tells everything about one.",
        command(setting.command, "show DEPLOY")
    );
    page.context(joined([left_out, more], " "));
    page.only_for_one()
}

/// How many entries changed nothing, and how to have them listed.
fn left_out(listed: &Listed, asked: &Command, setting: &Setting<'_>) -> Mrkdwn {
    let mut all = asked.clone();
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
