//! Where a change runs, for whoever asked.

use super::Setting;
use super::page::Page;
use crate::reply::whereabouts as words;
use crate::reply::{self, joined, said};
use crate::running::Whereabouts;
use crate::slack::blocks::Message;

/// Every place of every application that is built from its repository.
pub fn whereabouts(seen: &Whereabouts, setting: &Setting<'_>) -> Message {
    if seen.found.is_empty() {
        return super::sentence(words::not_found(&seen.change, seen.unread, setting.command));
    }
    let heading = format!("Where {} runs", seen.change);
    let mut page = Page::new(said!("{}", heading.as_str()));
    page.header(&heading);
    for found in &seen.found {
        page.section(words::change(&seen.change, found));
        let mut lines = Vec::new();
        let mut before = None;
        for (application, environment, runs) in &found.places {
            if before != Some(application) {
                lines.push(said!("*{}*", application));
                before = Some(application);
            }
            lines.push(words::place(environment, runs));
        }
        page.lines(lines);
    }
    page.section(words::more(seen.unread));
    page.context(joined(
        [
            reply::gates::nothing_changed(),
            said!("as of {}", setting.now),
        ],
        " · ",
    ));
    page.only_for_one()
}
