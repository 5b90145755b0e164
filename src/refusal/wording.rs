//! How refusals write names, lists and verdicts.

use crate::command::{CommandVerb, Expected, MAX_APPLICATIONS, Misreading, Misunderstood};
use crate::names::{Actor, Ref};
use crate::record::{Choice, NoSchedule, Verdict};
use crate::reply::last_part;
use crate::reply::phrase::{Code, Phrase, phrase};
use crate::rollout::AfterPause;
use crate::slack::text::cut;

/// What keeps a schedule from being given a new revision, as a clause.
pub(super) fn no_schedule(why: &NoSchedule) -> Phrase {
    match why {
        NoSchedule::Missing => phrase!("there is none of that name in EventBridge Scheduler"),
        NoSchedule::NoTask => phrase!("it runs no ECS task"),
        NoSchedule::Definition(arn) => {
            phrase!("its task definition {} is gone", Code(last_part(arn)))
        }
        NoSchedule::Family(family) => phrase!(
            "it runs the task definition family {}; add that to its entry in `schedules`, after a colon",
            Code(family)
        ),
        NoSchedule::Container(repository) => phrase!(
            "no container of its task runs an image of {}",
            Code(repository)
        ),
    }
}

/// What a verdict is called in a sentence.
pub(crate) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Succeeded => "succeeded",
        Verdict::RolledBack => "rolled back",
        Verdict::Failed => "failed",
        Verdict::Cancelled => "cancelled",
        Verdict::Refused => "refused",
        Verdict::Expired => "lapsed unanswered",
        Verdict::Superseded => "superseded by another rollout",
        Verdict::Replaced => "replaced by a newer request",
        Verdict::Abandoned => "given up watching",
    }
}

/// A ref, or the default branch.
pub(super) fn what_or_default(reference: Option<&Ref>) -> Phrase {
    match reference {
        Some(reference) => phrase!("{}", Code(reference.as_str())),
        None => phrase!("the default branch"),
    }
}

pub(super) fn answered(choice: Choice, by: &Actor) -> Phrase {
    match choice {
        Choice::Confirm => phrase!("{} has confirmed it already,", by),
        Choice::Decline => phrase!("{} has decided against it already,", by),
        Choice::Continue => phrase!("{} has let it go on already,", by),
        Choice::RollBack => phrase!("{} has had it rolled back already,", by),
    }
}

/// How a pause ended that was not answered by a click.
pub(super) fn went(ran_out: Option<AfterPause>) -> &'static str {
    match ran_out {
        Some(AfterPause::Continue) => "ran out before anybody answered, so ECS went on by itself",
        Some(AfterPause::RollBack) => {
            "ran out before anybody answered, so ECS went back to what ran before"
        }
        None => "is over: it was answered outside of Longshore, or its rollout has ended",
    }
}

pub(super) fn but_on(environments: &[String]) -> Phrase {
    match environments {
        [] => Phrase::default(),
        environments => phrase!(", but on {}", listed(environments)),
    }
}

/// The first ten.
fn listed(names: &[String]) -> Phrase {
    const LISTED: usize = 10;
    let shown = names
        .iter()
        .take(LISTED)
        .map(|name| phrase!("{}", Code(cut(name, 80))));
    let shown = Phrase::join(shown, ", ");
    match names.len() {
        all if all > LISTED => phrase!("{} and {} more", shown, all - LISTED),
        _ => shown,
    }
}

/// What was typed is no command: what is wrong with it, what may have been meant, how it is used.
pub(super) fn misunderstood(misunderstood: &Misunderstood) -> Phrase {
    let problem = match misunderstood.problem() {
        Misreading::TooLong => {
            phrase!("That is longer than a command may be, so it was not read.")
        }
        Misreading::Unknown { what, word } => {
            phrase!("{} is not {}.", Code(word), what.to_string())
        }
        Misreading::UnknownImage { app, word } if misunderstood.names().is_empty() => phrase!(
            "{} has one image only, so {} names none.",
            Code(app),
            Code(word)
        ),
        Misreading::UnknownImage { app, word } => {
            phrase!("{} is not an image of {}.", Code(word), Code(app))
        }
        Misreading::OneImage { app, word } => phrase!(
            "{} names one image, but {} is for all of {}.",
            Code(word),
            misunderstood.usage().verb.as_str(),
            Code(app)
        ),
        Misreading::Missing {
            what: Expected::Environment,
        } => phrase!("That does not say which environment, and none is the default."),
        Misreading::Missing { what } => {
            phrase!("That ends where {} should follow.", what.to_string())
        }
        Misreading::Bad { word, why, .. } => {
            phrase!("{} cannot be read: {}.", Code(word), why.to_string())
        }
        Misreading::Repeated { word } => phrase!(
            "{} is named twice; say once what is to run of it.",
            Code(word)
        ),
        Misreading::TooMany => phrase!(
            "Those are more than the {} applications that one command can name.",
            MAX_APPLICATIONS
        ),
        Misreading::Trailing { words } => phrase!(
            "{} at the end was not understood, so nothing was done.",
            Code(words)
        ),
    };
    let hint = match (misunderstood.suggestion(), misunderstood.names()) {
        (Some(suggestion), _) => phrase!(" Did you mean {}?", Code(suggestion)),
        (None, names) if (1..=12).contains(&names.len()) => {
            phrase!(" There are: {}.", listed(names))
        }
        (None, _) => Phrase::default(),
    };
    let usage = misunderstood.usage();
    let line = match usage.verb {
        CommandVerb::Help => phrase!("`{/} help` shows all commands"),
        _ => phrase!("Usage: `{/} {}`", usage.line),
    };
    phrase!("{}{} {}.", problem, hint, line)
}
