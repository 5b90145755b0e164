//! Why there is no log to show, and what to do.

use crate::reply::ROLE_STEP;
use crate::reply::phrase::{Code, Phrase, phrase};
use crate::running::{NoLines, Tail};

/// Why there are no lines.
pub(crate) fn no_lines(tail: &Tail, why: &NoLines) -> Phrase {
    let (app, env) = (&tail.application, &tail.environment);
    let about = || phrase!("{} on {}", Code(&tail.service), env);
    match why {
        NoLines::NoService => phrase!(
            "There is no service {} of {} on {}. `{/} status {} {}` shows what is there.",
            Code(&tail.service),
            app,
            env,
            app,
            env
        ),
        NoLines::NoTask { starting: 0 } => phrase!(
            "No task of {} runs, so there is no log to read. `{/} status {} {}` shows how it fares.",
            about(),
            app,
            env
        ),
        NoLines::NoTask { starting } => phrase!(
            "No task of {} runs yet: {} starting. Ask again in a moment; `{/} status {} {}` shows how it fares.",
            about(),
            match starting {
                1 => phrase!("one is"),
                many => phrase!("{} are", many),
            },
            app,
            env
        ),
        NoLines::NoContainer { container } => phrase!(
            "The tasks of {} have no container {}. Name another of the services, or only the application.",
            about(),
            Code(container)
        ),
        NoLines::Elsewhere { container } => phrase!(
            "The container {} of {} does not log to CloudWatch. Longshore reads nothing else. Look where its log driver sends it.",
            Code(container),
            Code(&tail.service)
        ),
        NoLines::NoPrefix { container } => phrase!(
            "The log of the container {} of {} cannot be found. Its task definition names no `awslogs-stream-prefix`. Have whoever writes that task definition set one, then deploy it.",
            Code(container),
            Code(&tail.service)
        ),
        NoLines::OtherRegion { container, region } => phrase!(
            "The container {} of {} logs to {}. Longshore reads only the region of {}. Look into CloudWatch in {}.",
            Code(container),
            Code(&tail.service),
            Code(region),
            env,
            Code(region)
        ),
        NoLines::Nothing {
            container,
            task,
            group,
        } => phrase!(
            "The container {} of {} has written nothing yet. Its task is {}, its log group {}. Ask again in a moment.",
            Code(container),
            Code(&tail.service),
            Code(task),
            Code(group)
        ),
        NoLines::Denied { group, action } => phrase!(
            "AWS does not allow Longshore {} on the log group {}. Ask {admins} to name that in `log_groups`, and to deploy the role of {} anew.",
            Code(action),
            Code(group),
            env
        ),
        NoLines::Unread {
            why,
            role: Some(role),
        } => phrase!(
            "The log of {} could not be read: {}. That is the role {}: ask {admins} to do step {} of the README.",
            about(),
            why,
            Code(role),
            ROLE_STEP
        ),
        NoLines::Unread { why, role: None } => phrase!(
            "The log of {} could not be read: {}. Ask again in a moment.",
            about(),
            why
        ),
    }
}
