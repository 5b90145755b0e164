//! The first line of a card, in plain text: what it is about and what became of it, nothing else.

use super::outcome::without_tasks;
use super::title;
use crate::gate::NotProven;
use crate::names::EnvName;
use crate::past::asked_for;
use crate::plan::{Plan, Share};
use crate::record::{Deploy, Ending, ServicePhase, ServiceState, Verdict};
use crate::request::Verb;
use crate::resolve::BuiltBefore;
use crate::slack::text::cut;

/// Characters of a heading: <https://docs.slack.dev/reference/block-kit/blocks/header-block>.
const HEADING: usize = 150;
/// Of which the words of ours take so many at most.
const WORDS: usize = 40;
/// A version in a heading, where there is room.
const VERSION: usize = 40;
/// A version on a button.
const ON_A_BUTTON: usize = 24;
/// The exact part of a version, with the sign before it: of a digest, the longer one.
const EXACTLY: usize = 13;

/// `webapp 1.6.0 runs on staging`: how a deploy ended.
pub(crate) fn ended(deploy: &Deploy, ending: &Ending) -> String {
    let (title, env) = (short_title(deploy), &deploy.environment);
    if deploy.stops.is_some() {
        return format!("{title} on {env}: stopping what rolls out");
    }
    let subject = subject(deploy);
    let several = matches!(deploy.verb(), Verb::Deploy { .. }) && deploy.is_of_several();
    let (is, runs) = match several {
        true => ("were", "run"),
        false => ("was", "runs"),
    };
    match (ending.verdict, deploy.verb()) {
        (Verdict::Succeeded, Verb::Deploy { .. }) if without_tasks(deploy) => {
            format!("{subject} is set on {env}, and no tasks run")
        }
        (Verdict::Succeeded, Verb::Deploy { .. }) if several => match label(deploy) {
            Some(label) => format!("{title} run {label} on {env}"),
            None => format!("{title} were deployed to {env}"),
        },
        (Verdict::Succeeded, Verb::Deploy { .. }) => format!("{subject} {runs} on {env}"),
        (Verdict::Succeeded, Verb::Rollback { .. }) => {
            format!("{title} rolled back{} on {env}", from_to(deploy))
        }
        (Verdict::Succeeded, Verb::Restart) => format!("{title} restarted on {env}"),
        (Verdict::RolledBack, _) if super::ended::came_up(deploy) => {
            format!("{subject} {is} taken back on {env}")
        }
        (Verdict::RolledBack, _) => format!("{subject} did not come up on {env}"),
        (Verdict::Failed, _) => format!("{subject} failed on {env}"),
        (Verdict::Cancelled, _) if deploy.was_turned_away() => {
            format!("{subject} {is} not allowed on {env}")
        }
        (Verdict::Cancelled, _) => format!("{subject} {is} cancelled on {env}"),
        (Verdict::Refused, _) if ending.why.runs_already() => {
            format!("{subject} {runs} on {env} already")
        }
        (Verdict::Refused, _) => format!("{subject} {is} refused on {env}"),
        (Verdict::Expired, _) if deploy.pleads() => {
            format!("{subject} {is} not allowed on {env}")
        }
        (Verdict::Expired, _) => format!("{subject} {is} not confirmed for {env}"),
        (Verdict::Superseded, _) => format!("{subject} {is} superseded on {env}"),
        (Verdict::Abandoned, _) => format!("{subject} {is} given up on {env}"),
    }
}

/// `Deploying webapp to staging`: what is under way.
pub(crate) fn under_way(deploy: &Deploy) -> String {
    let (title, env) = (short_title(deploy), &deploy.environment);
    match (deploy.verb(), is_going_back(deploy)) {
        (Verb::Deploy { .. }, false) => format!("Deploying {title} to {env}"),
        (Verb::Rollback { .. }, false) => format!("Rolling back {title} on {env}"),
        (Verb::Restart, false) => format!("Restarting {title} on {env}"),
        (Verb::Deploy { .. }, true) => format!("Taking {title} back on {env}"),
        (Verb::Rollback { .. }, true) => format!("Stopping the rollback of {title} on {env}"),
        (Verb::Restart, true) => format!("Stopping the restart of {title} on {env}"),
    }
}

/// Whether what was started is being taken back.
fn is_going_back(deploy: &Deploy) -> bool {
    let stopped = deploy.cancel.is_some() && deploy.has_begun() && !deploy.is_stop_refused();
    let back = |service: &ServiceState| matches!(service.phase, ServicePhase::GoingBack { .. });
    stopped || deploy.services.iter().any(back)
}

/// `webapp 1.6.0 is overdue on staging`
pub(crate) fn overdue(deploy: &Deploy) -> String {
    format!("{} is overdue on {}", subject(deploy), deploy.environment)
}

/// `webapp 1.6.0 keeps failing on staging`
pub(crate) fn failing(deploy: &Deploy) -> String {
    format!(
        "{} keeps failing on {}",
        subject(deploy),
        deploy.environment
    )
}

/// `Deploy webapp 1.6.0 to staging?`
pub(crate) fn question(deploy: &Deploy) -> String {
    let (title, env) = (short_title(deploy), &deploy.environment);
    match deploy.verb() {
        Verb::Deploy { .. } => format!("Deploy {} to {env}?", subject(deploy)),
        Verb::Rollback { .. } => format!("Roll back {title}{} on {env}?", to(deploy)),
        Verb::Restart => format!("Restart {title} on {env}?"),
    }
}

fn short_title(deploy: &Deploy) -> String {
    let room = HEADING - WORDS - deploy.environment.as_str().len();
    cut(&title(deploy), room / 2).into_owned()
}

/// `webapp 1.6.0`, `the rollback of webapp to 1.5.0`; as it was typed where nothing was planned.
fn subject(deploy: &Deploy) -> String {
    let title = short_title(deploy);
    match deploy.verb() {
        Verb::Deploy { .. } if deploy.plan.is_none() => {
            let typed: Vec<String> = deploy.each().iter().map(asked_for).collect();
            cut(&typed.join(", "), VERSION).into_owned()
        }
        Verb::Deploy { .. } => match label(deploy) {
            Some(label) => format!("{title} {label}"),
            None => title,
        },
        Verb::Rollback { .. } => format!("The rollback of {title}{}", to(deploy)),
        Verb::Restart => format!("The restart of {title}"),
    }
}

fn to(deploy: &Deploy) -> String {
    label(deploy).map_or_else(String::new, |label| format!(" to {label}"))
}

/// Whether the heading of its success says from what to what.
pub(crate) fn names_both(deploy: &Deploy) -> bool {
    let lives = deploy.plan.as_ref().and_then(Plan::lives);
    let rollback = matches!(deploy.verb(), Verb::Rollback { .. });
    rollback && lives.is_some() && label(deploy).is_some()
}

/// ` 1.6.0 → 1.5.0`
fn from_to(deploy: &Deploy) -> String {
    let from = deploy.plan.as_ref().and_then(Plan::lives);
    match (from, label(deploy)) {
        (Some(from), Some(to)) => {
            let room = room(deploy) / 2;
            format!(" {} → {}", short(from, room), short(&to, room))
        }
        (None, Some(to)) => format!(" to {to}"),
        (_, None) => String::new(),
    }
}

/// What a rollback leaves, where that is one image, and so what is deployed again.
pub(crate) fn left(plan: &Plan) -> Option<&str> {
    let is_one_image = |share: &Share| share.parts.is_empty() && share.live_parts.is_empty();
    plan.lives()
        .filter(|_| plan.shares.iter().all(is_one_image))
}

/// `Deploy 1.6.0 again`: on the button that brings what a rollback left, which has room for little.
pub(crate) fn deploy_again(deploy: &Deploy) -> String {
    match deploy.plan.as_ref().and_then(left) {
        Some(left) => format!("Deploy {} again", short(left, ON_A_BUTTON)),
        None => "Deploy what was left again".to_owned(),
    }
}

/// `Deploy 1.6.0 to staging`: on the button that brings a version where it has to succeed first.
pub(crate) fn deploy_there(missing: &NotProven) -> String {
    let environment = cut(missing.environment.as_str(), ON_A_BUTTON);
    let version = short(&missing.brings.label, ON_A_BUTTON);
    format!("Deploy {version} to {environment}")
}

/// `Deploy 84e18a0, the newest that is`: on the button that brings the nearest commit with an image.
pub(crate) fn deploy_before(before: &BuiltBefore) -> String {
    format!("Deploy {}, the newest that is", before.commit.short())
}

/// `Promote to production`: on the button that brings what succeeded to the next environment.
pub(crate) fn promote(next: &EnvName) -> String {
    format!("Promote to {}", cut(next.as_str(), ON_A_BUTTON))
}

/// What it brings, where one word says that.
fn label(deploy: &Deploy) -> Option<String> {
    let plan = deploy.plan.as_ref()?;
    let runs = plan.only().map(crate::plan::Share::runs);
    let one = runs.or_else(|| match plan.labels().as_slice() {
        [one] => Some((*one).to_owned()),
        _ => None,
    })?;
    Some(short(&one, VERSION.min(room(deploy))))
}

/// What an environment and a title leave for versions.
fn room(deploy: &Deploy) -> usize {
    let environment = deploy.environment.as_str().len();
    (HEADING - WORDS - environment) / 2
}

/// A version that is too long keeps what tells it from others: of a branch its beginning, and the commit.
pub(crate) fn short(version: &str, room: usize) -> String {
    match version.rsplit_once('@') {
        Some((branch, exactly)) if version.chars().count() > room && exactly.len() < EXACTLY => {
            let room = room.saturating_sub(exactly.len() + 1).max(2);
            format!("{}@{exactly}", cut(branch, room))
        }
        _ => cut(version, room).into_owned(),
    }
}
