//! What is said around the last lines of a running task.

use super::words::{command as typed, joined, said};
use super::{code, last_part};
use crate::running::{Tail, TailLines};
use crate::slack::text::Mrkdwn;

/// Services and containers named beside what is shown.
const NAMED: usize = 5;

/// `cms-api on staging`
pub(crate) fn about(tail: &Tail) -> Mrkdwn {
    said!("{} on {}", code(&tail.service), tail.environment)
}

/// Which task and container, and of how many.
pub(crate) fn whose(lines: &TailLines, shown: usize) -> Mrkdwn {
    let count = match shown {
        1 => Mrkdwn::raw("The last line"),
        many => said!("The last {} lines", many),
    };
    let of = match lines.tasks {
        1 => Mrkdwn::raw("its only task"),
        many => said!("the newest of {} tasks", many),
    };
    said!(
        "{} of {}: container {}, {}, task {}",
        count,
        of,
        code(&lines.container),
        code(last_part(&lines.revision)),
        code(&lines.task)
    )
}

/// That nobody is shown the lines, because their reader alone cannot be.
pub(crate) fn not_to_you_alone() -> Mrkdwn {
    Mrkdwn::raw(
        "These lines are for you alone, and Slack did not take them from the app. Invite the app to this channel, then ask again. \
         If that does not help, ask the people who run Longshore to run `longshore check --live`: it says whether Slack takes the bot token.",
    )
}

/// What else could be read, and that it is on record.
pub(crate) fn others(tail: &Tail, lines: &TailLines, slash: &str) -> Mrkdwn {
    let services = tail.others.iter().take(NAMED).map(|service| {
        let (app, env) = (&tail.application, &tail.environment);
        typed(slash, &format!("logs {app} on {env} {service}"))
    });
    let services = match Mrkdwn::listed(services, "and") {
        none if none.is_empty() => none,
        services => said!("Other services: {}", services),
    };
    let containers = lines.others.iter().take(NAMED).map(|name| code(name));
    let containers = match Mrkdwn::listed(containers, "and") {
        none if none.is_empty() => none,
        containers => said!("Other containers: {}", containers),
    };
    let known = Mrkdwn::raw("Only you see this; that you read it is on record");
    joined([services, containers, known], " · ")
}
