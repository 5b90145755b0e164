//! What a question says beside its plan: how long it stands, and whose rollout would be replaced.

use std::time::Duration;

use jiff::Timestamp;

use super::{code, command, joined, last_part, request, said};
use crate::names::{Actor, AppName, EnvName};
use crate::plan::Foreign;
use crate::record::Deploy;
use crate::slack::text::Mrkdwn;

/// How long the question stands.
pub fn expiry(expires_at: Timestamp, now: Timestamp) -> Mrkdwn {
    match expires_at <= now {
        true => Mrkdwn::raw("this question has lapsed"),
        false => said!("stands until {}", expires_at),
    }
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
    let deploy = format!("{application}:REF to {environment}");
    let works = said!(
        "{} replaces it by what last ran well, {} by another version; both ask first. Or stop it in the ECS console.",
        command(slash, &back),
        command(slash, &deploy)
    );
    let lines = foreign.iter().map(|one| self::foreign(one, now));
    [what].into_iter().chain(lines).chain([works]).collect()
}
