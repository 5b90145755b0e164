//! Every sentence the bot says, one function each. Pure: what is known goes in, a [`Mrkdwn`] comes
//! out, and it never claims more than it was given. Refusals are in [`crate::refusal`]; what is
//! more than a sentence is in [`crate::card`], which is built from these. `phrase.rs` has what a sentence is
//! before it is known where it is read.

mod asked;
mod aws;
mod back;
pub mod commit;
pub(crate) mod diff;
pub(crate) mod ended;
pub(crate) mod gates;
pub(crate) mod gone;
pub(crate) mod headline;
mod home;
pub(crate) mod link;
pub(crate) mod logs;
mod notice;
mod outcome;
pub(crate) mod people;
pub(crate) mod phrase;
pub(crate) mod pipeline;
pub(crate) mod plea;
mod question;
mod reason;
mod retention;
pub(crate) mod right;
mod rollout;
mod runs;
mod schedule;
mod shares;
mod shown;
pub mod status;
mod task;
pub(crate) mod watched;
pub(crate) mod whereabouts;
mod words;

use jiff::Timestamp;

use self::asked::named;
pub use self::asked::request;
pub(crate) use self::asked::{cancelling, cancelling_several};
pub use self::aws::{APP_STEP, ROLE_STEP, no_in_short};
pub use self::back::{choice, found, left, unpinned, ways_back};
pub(crate) use self::back::{comes_back, goes_back, rolled_back};
pub(crate) use self::home::{at_home, homeless, lacks};
pub use self::notice::{cannot_look, notice, waits_for};
pub use self::outcome::{completion, service_now, service_stands};
pub use self::question::{
    asked_again, expiry, foreign, goes_on, not_ours, replaces_foreign, waits,
};
pub use self::retention::endangered;
pub(crate) use self::rollout::stop_it;
pub use self::rollout::{
    came_up_all_the_same, failing, keeping_watch, no_longer_shown, old_tasks, open, pause,
    pause_answered, pause_line, shall_it_go_back, share, somebody_decides, stage, stop_asked, view,
    went_on_alone,
};
pub(crate) use self::runs::is_as_before;
pub use self::runs::{left_running, runs_now};
pub use self::schedule::{schedule_planned, schedules_now};
pub(crate) use self::shares::left_alone;
pub use self::shares::{promoted, shares, shares_in_short};
pub use self::task::{task_planned, tasks_crossed, tasks_now};
pub(crate) use self::words::{Sayable, joined, said, say};
pub use self::words::{clock, code, code_block, command, duration, for_all};
use crate::command::moment::Clock;
use crate::config::{Member, OnFailure, Rollouts};
pub use crate::names::arn::last_part;
use crate::names::list::listed;
use crate::names::zone::Zone;
use crate::names::{Actor, CommitSha, DeployId};
use crate::plan::{Image, Plan};
use crate::record::{Choice, Deploy};
use crate::request::{Entry, Verb};
use crate::slack::text::Mrkdwn;
pub use crate::slack::text::ago;

/// `webapp 1.0.2, digest 48a55179e67c`
pub fn image(image: &Image, commit: Option<&CommitSha>) -> Mrkdwn {
    let repository = code(last_part(&image.repository));
    let digest = code(image.digest.short());
    // A commit's own tag says nothing that its commit does not.
    let tag = image.tag.as_deref();
    match tag.filter(|tag| commit.is_none_or(|sha| sha.as_str() != *tag)) {
        Some(tag) => said!("{} {}, digest {}", repository, code(tag), digest),
        None => said!("{}, digest {}", repository, digest),
    }
}

/// What a plan would bring, each label once: `1.0.2`, `main and 1.0.2`.
pub(crate) fn labels(plan: &Plan) -> Mrkdwn {
    Mrkdwn::listed(plan.labels().into_iter().map(label), "and")
}

/// What would run, of one application with all its images: `1f0c9de + nginx:3.1.0`.
pub(crate) fn runs_then(plan: &Plan) -> Mrkdwn {
    let Some(share) = plan.only() else {
        return labels(plan);
    };
    let runs = label(&share.runs());
    let mut services = plan.services.iter();
    match services.find_map(|service| service.told_apart.as_ref()) {
        Some((_, to)) => said!("{} ({})", runs, code(to)),
        None => runs,
    }
}

/// What is said of a request whose plan takes longer than people wait without a word.
pub fn accepted(deploy: &Deploy) -> Mrkdwn {
    said!(
        "Got it: {}, deploy {}. I am looking up what that would change.",
        request(deploy),
        deploy.id
    )
}

/// The reply to a request that arrived before.
pub(crate) fn accepted_before(id: &DeployId) -> Mrkdwn {
    said!(
        "Slack sent that twice: it is deploy {}, and is done once.",
        id
    )
}

/// The reply to a request that was recorded, when there was no time left to hand it on.
pub(crate) fn recorded_but_late() -> Mrkdwn {
    Mrkdwn::raw("Accepted, but AWS is slow to answer: it may take a minute until it goes on.")
}

/// What is said of something that is looked up for longer than people wait without a word.
pub fn takes_long() -> Mrkdwn {
    Mrkdwn::raw("This takes longer than usual. The answer follows here.")
}

/// What takes the question's place after the click.
pub fn answered(deploy: &Deploy, choice: Choice, by: &Actor) -> Mrkdwn {
    match choice {
        Choice::Confirm => said!(
            "{} confirmed {}, deploy {}.",
            by,
            request(deploy),
            deploy.id
        ),
        // What comes of these says more.
        Choice::Another(_)
        | Choice::Continue
        | Choice::RollBack
        | Choice::AllowOnce
        | Choice::AllowUntil => Mrkdwn::new(),
        Choice::Decline if deploy.plan.iter().any(|plan| !plan.foreign.is_empty()) => {
            waits(deploy, by)
        }
        Choice::Decline => said!(
            "{} decided against {}, deploy {}. Nothing was changed.",
            by,
            request(deploy),
            deploy.id
        ),
    }
}

/// How the services of a plan follow each other, and what happens when one of them fails, where
/// that is not the usual. Empty for one service.
pub(crate) fn course(plan: &Plan) -> Mrkdwn {
    if plan.services.len() < 2 {
        return Mrkdwn::new();
    }
    let rollouts = match plan.rollouts {
        Rollouts::InOrder => "",
        Rollouts::Parallel => "All services roll out at the same time.",
    };
    let on_failure = match plan.on_failure {
        OnFailure::RollbackAll => "",
        OnFailure::Stop => "If one fails, those that are out stay out.",
    };
    joined([Mrkdwn::raw(rollouts), Mrkdwn::raw(on_failure)], " ")
}

/// A warning where ECS would go on trying for ever. Empty where every circuit breaker is on.
pub(crate) fn never_gives_up(plan: &Plan) -> Mrkdwn {
    let off = plan
        .services
        .iter()
        .filter(|service| service.never_gives_up);
    let names: Vec<Mrkdwn> = off.map(|service| code(&service.service)).collect();
    match names.len() {
        0 => Mrkdwn::new(),
        _ => said!(
            ":warning: If this fails, ECS does not stop by itself: the circuit breaker of {} is off.",
            Mrkdwn::listed(names, "and")
        ),
    }
}

/// Under the post that says it started, where nothing can be kept current.
pub(crate) fn will_tell(deploy: &Deploy) -> Mrkdwn {
    said!("Deploy {}. I post here again when it has ended.", deploy.id)
}

/// The reply to **Keep me posted**.
pub(crate) fn keeping_posted(deploy: &Deploy) -> Mrkdwn {
    said!(
        "I keep posting here about {}, deploy {}, for another half hour.",
        version(deploy),
        deploy.id
    )
}

/// Beside the card when the deadline has passed.
pub fn overdue(deploy: &Deploy, now: Timestamp) -> Mrkdwn {
    said!(
        "{} {}, deploy {} to {}, is overdue. It began {} ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.",
        rollout::for_requester(deploy),
        version(deploy),
        deploy.id,
        deploy.environment,
        deploy.elapsed(now)
    )
}

/// When the address to answer to is about to lapse.
pub(crate) fn lapsing(deploy: &Deploy, now: Timestamp) -> Mrkdwn {
    said!(
        "{}: {}, deploy {} to {}, is still rolling out after {}. Slack lets me answer here for five more minutes only: press *Keep me posted* to hear how it ends.",
        title(deploy),
        version(deploy),
        deploy.id,
        deploy.environment,
        deploy.elapsed(now)
    )
}

/// While it starts and rolls, the notification's one line.
pub fn under_way(deploy: &Deploy) -> Mrkdwn {
    let (title, env, id) = (title(deploy), &deploy.environment, &deploy.id);
    match deploy.verb() {
        Verb::Deploy { .. } => said!(
            "{}: deploying {} to {}, deploy {}",
            title,
            version(deploy),
            env,
            id
        ),
        Verb::Rollback { .. } => {
            said!(
                "{}: rolling back to {} on {}, deploy {}",
                title,
                version(deploy),
                env,
                id
            )
        }
        Verb::Restart => said!("{}: restarting on {}, deploy {}", title, env, id),
    }
}

/// The question's one line.
pub fn question(deploy: &Deploy) -> Mrkdwn {
    let (title, env) = (title(deploy), &deploy.environment);
    match deploy.verb() {
        Verb::Deploy { .. } => said!("{}: deploy {} to {}?", title, version(deploy), env),
        Verb::Rollback { .. } => said!("{}: roll back to {} on {}?", title, version(deploy), env),
        Verb::Restart => said!("{}: restart on {}?", title, env),
    }
}

/// When nothing was deployed yet where somebody looks.
pub(crate) fn no_history() -> Mrkdwn {
    Mrkdwn::raw("Nothing has been deployed there through Longshore yet.")
}

/// When nothing became another where somebody looks.
pub(crate) fn nothing_changed() -> Mrkdwn {
    Mrkdwn::raw("Nothing has been changed there through Longshore yet.")
}

/// In which time zone typed times are read.
pub(crate) fn read_in(zone: &Zone) -> Mrkdwn {
    match zone == &Zone::UTC {
        true => Mrkdwn::raw("Typed times are read in UTC."),
        false => said!("Typed times are read in {}.", code(zone.name())),
    }
}

/// Which time was meant, where the clocks did not show it once.
pub(crate) fn clocks_changed(clock: Clock) -> Mrkdwn {
    match clock {
        Clock::Once => Mrkdwn::new(),
        Clock::Twice => {
            Mrkdwn::raw("The clocks showed that time twice that day: the first is meant.")
        }
        Clock::Skipped => Mrkdwn::raw(
            "The clocks skipped that time that day: it is read as if they had not been changed yet.",
        ),
    }
}

/// When nothing is configured where somebody looks.
pub(crate) fn nothing_to_show() -> Mrkdwn {
    Mrkdwn::raw("The configuration has no application there.")
}

/// To the thread of the card, because an edit notifies nobody.
pub(crate) fn to_requester(deploy: &Deploy) -> Mrkdwn {
    match &deploy.requester {
        Actor::Slack { user, .. } => said!("{} {}", user, completion(deploy)),
        Actor::Operator { .. } | Actor::Ci { .. } | Actor::Longshore => completion(deploy),
    }
}

/// What is said, and who is on call: each a mention, which notifies them.
pub(crate) fn on_call(said: Mrkdwn, people: &[Member]) -> Mrkdwn {
    if people.is_empty() {
        return said;
    }
    let people = joined(people.iter().map(|person| said!("{}", person)), ", ");
    joined([said, said!("On call: {}.", people)], " ")
}

/// What people call the application, or the applications.
pub(crate) fn title(deploy: &Deploy) -> String {
    match &deploy.plan {
        Some(plan) if !plan.title().trim().is_empty() => plan.title(),
        Some(_) | None => listed(deploy.applications(), "and"),
    }
}

/// `1.0.2`: the same without a word before it.
pub(crate) fn runs_of(deploy: &Deploy) -> Mrkdwn {
    deploy
        .plan
        .as_ref()
        .map_or_else(|| version(deploy), runs_then)
}

/// `version 1.0.2`: what a deploy brings, as far as it is known.
pub(crate) fn version(deploy: &Deploy) -> Mrkdwn {
    match (&deploy.plan, deploy.verb()) {
        (Some(plan), _) => match plan.labels().len() {
            1 => said!("version {}", labels(plan)),
            _ => said!("versions {}", labels(plan)),
        },
        (None, Verb::Deploy { .. }) => named(deploy),
        (None, Verb::Restart) if deploy.is_of_several() => named(deploy),
        (None, Verb::Rollback { to: Some(to), .. }) => said!("what deploy {} ran", to),
        (
            None,
            Verb::Rollback {
                version: Some(version),
                ..
            },
        ) => said!("version {}", label(version.as_str())),
        (
            None,
            Verb::Rollback {
                away_from: Some(Entry::Deploy(from)),
                ..
            },
        ) => said!("what ran before deploy {}", from),
        (None, Verb::Rollback { to: None, .. }) => Mrkdwn::raw("the last good version"),
        (None, Verb::Restart) => Mrkdwn::raw("what runs"),
    }
}

/// A label bare where it is harmless (`1.0.2`, `1f0c9de`), in a code span where its characters
/// could mean something to Slack.
pub(crate) fn label(label: &str) -> Mrkdwn {
    let harmless = !label.is_empty()
        && label.len() <= 40
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b".-@".contains(&b))
        && !label.contains(". ")
        // `evil.example` would become a link; a version has a digit after its dot.
        && label.split('.').skip(1).all(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    match harmless {
        true => said!("{}", label),
        false => code(label),
    }
}

#[cfg(test)]
mod tests;
