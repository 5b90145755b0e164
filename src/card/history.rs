//! The history: the latest deploys, newest first, one line each.

use super::Setting;
use super::page::Page;
use crate::names::version::{Leaving, Left};
use crate::past::Marked;
use crate::record::{Outside, Past};
use crate::refusal::verdict_word;
use crate::reply::{self, code, command, joined, label, last_part, said};
use crate::request::Verb;
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

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
    page.lines(deploys.iter().map(line).collect());
    page.context(said!(
        "{} tells everything about one.",
        command(setting.command, "show DEPLOY")
    ));
    page.only_for_one()
}

fn line(listed: &Marked) -> Mrkdwn {
    let Marked { past, left } = listed;
    let mark = left.as_ref().map_or_else(Mrkdwn::new, marked);
    let place = said!(
        "{} on {}",
        code(past.application.as_str()),
        past.environment
    );
    if let Some(outside) = &past.outside {
        return changed_outside(past, outside, mark);
    }
    let Some(id) = &past.id else {
        return said!(
            "• found running when first seen: {} at {}, {}",
            place,
            label(&past.label),
            past.requested_at
        );
    };
    if let Some(stopped) = &past.stopped {
        return said!(
            "• {} *stopped a rollout*: deploy {} of {}, asked for by {}, {}",
            id,
            code(stopped.as_str()),
            place,
            past.requester,
            past.requested_at
        );
    }
    let ended = match past.verdict {
        Some(verdict) => Mrkdwn::raw(verdict_word(verdict)),
        None => Mrkdwn::raw("under way"),
    };
    let what = match &past.verb {
        Some(Verb::Deploy { .. }) | None => said!(
            "{} to {}",
            code(past.application.as_str()),
            past.environment
        ),
        Some(Verb::Rollback { .. }) => said!("rollback of {}", place),
        Some(Verb::Restart) => said!("restart of {}", place),
    };
    let version = match past.label.is_empty() {
        true => Mrkdwn::new(),
        false => said!("version {}", label(&past.label)),
    };
    let left = reply::left_running(&past.left);
    let took = past
        .took()
        .map_or_else(Mrkdwn::new, |took| said!("took {} from its start", took));
    let ran = match &past.ran_task {
        Some(task) => said!("ran a migration ({})", code(task)),
        None => Mrkdwn::new(),
    };
    let by = said!("asked for by {}, {}", past.requester, past.requested_at);
    said!(
        "• {} *{}*: {}",
        id,
        ended,
        joined([what, version, mark, left, by, took, ran], ", ")
    )
}

/// That it was rolled back from, and nobody has wanted it since.
fn marked(left: &Left) -> Mrkdwn {
    match left.how {
        Leaving::Outside => said!("taken back outside of Longshore, noticed {}", left.at),
        Leaving::Deployed
        | Leaving::RolledBack
        | Leaving::TriedToDeploy
        | Leaving::TriedToRollBack => said!("rolled back from by {}, {}", left.by, left.at),
    }
}

/// A change that nobody here made: what is certain of it, and no more.
fn changed_outside(past: &Past, outside: &Outside, mark: Mrkdwn) -> Mrkdwn {
    let revisions = past
        .revisions
        .iter()
        .map(|(_, revision)| code(last_part(revision)));
    let by = match &outside.registered_by {
        Some(by) => said!("registered by {}", code(last_part(by))),
        None => Mrkdwn::new(),
    };
    let came_up = match outside.successful {
        true => Mrkdwn::new(),
        false => Mrkdwn::raw("that rollout was not successful"),
    };
    let noticed = said!("noticed {}", past.ended_at.unwrap_or(past.requested_at));
    said!(
        "• *changed outside of Longshore*: {} on {} at {} ({}), {}",
        code(past.application.as_str()),
        past.environment,
        label(&past.label),
        joined(revisions, ", "),
        joined([by, came_up, noticed, mark], ", ")
    )
}
