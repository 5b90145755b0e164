//! The history: the latest deploys, newest first, one line each.

use jiff::Timestamp;

use super::Setting;
use super::page::Page;
use crate::names::version::{Leaving, Left};
use crate::past::Marked;
use crate::record::{Outside, Past, Verdict};
use crate::refusal::verdict_word;
use crate::reply::{self, ago, code, command, headline, joined, last_part, link, said};
use crate::request::Verb;
use crate::slack::blocks::Message;
use crate::slack::text::{Mrkdwn, cut};

/// The list as a message for the asker.
pub fn history(deploys: &[Marked], setting: &Setting<'_>) -> Message {
    if deploys.is_empty() {
        return super::sentence(reply::no_history());
    }
    let summary = match deploys.len() {
        1 => "The latest deploy".to_owned(),
        many => format!("The latest {many} deploys, newest first"),
    };
    let mut page = Page::new(said!("{}", summary.as_str()));
    page.header(&summary);
    page.lines(deploys.iter().map(|one| line(one, setting)).collect());
    page.context(said!(
        "{} tells everything about one.",
        command(setting.command, "show DEPLOY")
    ));
    page.only_for_one()
}

fn line(listed: &Marked, setting: &Setting<'_>) -> Mrkdwn {
    let Marked { past, left } = listed;
    let mark = left
        .as_ref()
        .map_or_else(Mrkdwn::new, |left| marked(left, setting));
    let place = place(past);
    let asked = said!("{}", since(past.requested_at, setting));
    if let Some(outside) = &past.outside {
        return changed_outside(past, outside, mark, setting);
    }
    let version = version(past);
    let Some(id) = &past.id else {
        return said!(
            "• found running on {}: {}, first seen {}",
            place,
            version,
            asked
        );
    };
    if let Some(stopped) = &past.stopped {
        let what = said!("• {} {}: *stopped* {}", id, place, stopped);
        return joined([what, said!("{}", past.requester), asked], ", ");
    }
    let what = match &past.verb {
        Some(Verb::Rollback { .. }) => said!("back to {}", version),
        Some(Verb::Restart) => said!("restart"),
        Some(Verb::Deploy { .. }) | None => version,
    };
    let how = match past.verdict {
        Some(Verdict::Succeeded) => Mrkdwn::new(),
        Some(verdict) => said!("*{}*", Mrkdwn::raw(verdict_word(verdict))),
        None => Mrkdwn::raw("*under way*"),
    };
    let took = past.took().filter(|_| mark.is_empty() && how.is_empty());
    let took = took.map_or_else(Mrkdwn::new, |took| said!("in {}", took));
    let ran = match &past.ran_task {
        Some(_) => Mrkdwn::raw("ran a migration"),
        None => Mrkdwn::new(),
    };
    // Where services differ, `show` has them each.
    let left = match past.left.is_empty() {
        true => Mrkdwn::new(),
        false => Mrkdwn::raw("in part"),
    };
    let by = said!("{}", past.requester);
    let whole = joined([what, how, left, mark, by, asked, took, ran], ", ");
    said!("• {} {}: {}", id, place, whole)
}

/// Characters of an application's and of an environment's name in a line.
const NAMES: usize = 14;
/// Characters of a version in a line.
const VERSION: usize = 24;

/// `webapp staging`
fn place(past: &Past) -> Mrkdwn {
    let application = cut(past.application.as_str(), NAMES);
    let environment = cut(past.environment.as_str(), NAMES);
    said!("{} {}", &*application, &*environment)
}

fn version(past: &Past) -> Mrkdwn {
    let runs = headline::short(&past.runs(), VERSION);
    // Of several images, each has its own repository.
    let repository = past.repository.as_ref().filter(|_| past.parts.is_empty());
    link::at_commit(&runs, repository, past.own_commit().as_deref())
}

fn since(at: Timestamp, setting: &Setting<'_>) -> String {
    ago(setting
        .now
        .duration_since(at)
        .try_into()
        .unwrap_or_default())
}

/// That it was rolled back from, and nobody has wanted it since.
fn marked(left: &Left, setting: &Setting<'_>) -> Mrkdwn {
    match left.how {
        Leaving::Outside => said!(
            "taken back outside of Longshore {}",
            since(left.at, setting)
        ),
        Leaving::Deployed
        | Leaving::RolledBack
        | Leaving::TriedToDeploy
        | Leaving::TriedToRollBack => said!("rolled back from by {}", left.by),
    }
}

/// A change that nobody here made: what is certain of it, and no more.
fn changed_outside(past: &Past, outside: &Outside, mark: Mrkdwn, setting: &Setting<'_>) -> Mrkdwn {
    let by = match &outside.registered_by {
        Some(by) => said!("by {}", code(&cut(last_part(by), NAMES))),
        None => Mrkdwn::new(),
    };
    let came_up = match outside.successful {
        true => Mrkdwn::new(),
        false => Mrkdwn::raw("not successful"),
    };
    let noticed = said!(
        "{}",
        since(past.ended_at.unwrap_or(past.requested_at), setting)
    );
    said!(
        "• *changed outside of Longshore*: {} {}, {}",
        place(past),
        version(past),
        joined([by, came_up, noticed, mark], ", ")
    )
}
