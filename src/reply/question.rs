//! What a question says beside its plan: how long it stands, and whose rollout would be replaced.

use std::time::Duration;

use jiff::Timestamp;

use super::gone::cannot_run;
use super::phrase::Readers;
use super::{code, command, joined, label, last_part, request, said};
use crate::names::{Actor, AppName, EnvName};
use crate::plan::Foreign;
use crate::record::{Deploy, Occasion};
use crate::request::EntryKey;
use crate::slack::text::Mrkdwn;

/// How long the question stands.
pub fn expiry(expires_at: Timestamp, now: Timestamp) -> Mrkdwn {
    match expires_at <= now {
        true => Mrkdwn::raw("this question has lapsed"),
        false => said!("stands until {}", expires_at),
    }
}

/// Why the question is not the first. Empty of the first, and of one that says itself what was chosen.
pub fn asked_again(deploy: &Deploy) -> Mrkdwn {
    let occasion = deploy.ask.as_ref().map(|ask| ask.occasion);
    match occasion.unwrap_or_default() {
        Occasion::First => Mrkdwn::new(),
        Occasion::Changed => changed(deploy),
        Occasion::Chosen(chosen) => cannot_go_to(deploy, chosen),
        Occasion::ChangedSince(chosen) => {
            joined([changed(deploy), cannot_go_to(deploy, chosen)], "\n")
        }
    }
}

fn changed(deploy: &Deploy) -> Mrkdwn {
    said!(
        "What runs on {} has changed since the question for deploy {} was put, so nothing was started. Here is the plan as it is now.",
        deploy.environment,
        deploy.id
    )
}

/// That the version that was chosen is not the one that is asked about. Empty where it is.
fn cannot_go_to(deploy: &Deploy, chosen: EntryKey) -> Mrkdwn {
    let share = deploy.plan.as_ref().and_then(|plan| plan.only());
    let Some((share, goes)) = share.and_then(|share| Some((share, share.goes_back.as_ref()?)))
    else {
        return Mrkdwn::new();
    };
    if goes.way.key == chosen {
        return Mrkdwn::new();
    }
    let mut listed = share.candidates.iter();
    let version = listed.find(|candidate| candidate.key == chosen);
    let why = version.and_then(|version| Some((&version.label, version.why_not.as_ref()?)));
    let why = match why {
        Some((version, why)) => said!(
            "*{} cannot be gone back to any more:* {}.",
            label(version),
            cannot_run(why).said(Readers::One)
        ),
        None => Mrkdwn::raw("*The version that you chose cannot be gone back to any more.*"),
    };
    said!(
        ":warning: {} Nothing was started. Here is the newest version that can be.",
        why
    )
}

/// Somebody else's rollout that is in flight, in a line.
pub fn foreign(foreign: &Foreign, now: Timestamp) -> Mrkdwn {
    let by = foreign.registered_by.as_deref().map_or_else(
        || Mrkdwn::raw("nobody says by whom it was registered"),
        |arn| said!("registered by {}", code(arn)),
    );
    let since = foreign.since.map_or_else(Mrkdwn::new, |since| {
        let rolling = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        said!("rolling for {}", rolling)
    });
    let counts = foreign.counts;
    let tasks = said!("{} of {} tasks run", counts.running, counts.desired);
    let failed = match counts.failed {
        ..=0 => Mrkdwn::new(),
        failed => said!("{} failed to start", failed),
    };
    let service = code(&foreign.service);
    let facts = joined([by, since, tasks, failed], ", ");
    said!(
        "• {}: {}, {}",
        service,
        code(last_part(&foreign.revision)),
        facts
    )
}

/// Above those lines in a question, and what each answer does.
pub fn replaces_foreign() -> [Mrkdwn; 2] {
    [
        Mrkdwn::raw(":warning: *Somebody else is rolling out there, not Longshore:*"),
        Mrkdwn::raw(
            "*Replace it* stops that and brings what this plan says. *Wait* changes nothing.",
        ),
    ]
}

/// Somebody else's rollout is left to end.
pub fn waits(deploy: &Deploy, by: &Actor) -> Mrkdwn {
    said!(
        "{} waits with {}, deploy {}. Nothing was changed.",
        by,
        request(deploy),
        deploy.id
    )
}

/// After a question about somebody else's rollout that nobody answered with yes.
pub fn goes_on(deploy: &Deploy, slash: &str) -> Mrkdwn {
    let status = format!("status {} {}", deploy.application(), deploy.environment);
    said!(
        "What somebody else is rolling out there goes on; {} shows how. Ask again once it has ended, or to replace it.",
        command(slash, &status)
    )
}

/// Nothing of Longshore's is under way there, but somebody else's rollout is.
pub fn not_ours(
    application: &AppName,
    environment: &EnvName,
    foreign: &[Foreign],
    slash: &str,
    now: Timestamp,
) -> Vec<Mrkdwn> {
    let what = said!(
        "Longshore has nothing under way for {} on {}, so there is nothing of its own to cancel. Somebody else is rolling out there:",
        application,
        environment
    );
    let back = format!("rollback {application} on {environment}");
    let works = said!(
        "{} replaces it by what last ran well, and a deploy by another version; both ask first. Or stop it in the ECS console.",
        command(slash, &back)
    );
    let lines = foreign.iter().map(|one| self::foreign(one, now));
    [what].into_iter().chain(lines).chain([works]).collect()
}
