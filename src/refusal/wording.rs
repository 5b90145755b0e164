//! How refusals write names, lists and verdicts.

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
            "it runs the task definition family {}. Add that to its entry in `schedules`, after a colon",
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
        Verdict::Abandoned => "given up",
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
    let what = match choice {
        Choice::Confirm => "confirmed it already,",
        Choice::Decline => "decided against it already,",
        Choice::Another(_) => "chosen another version already,",
        Choice::AllowOnce | Choice::AllowUntil => "allowed it already,",
        Choice::Continue => "let it go on already,",
        Choice::RollBack => "had it rolled back already,",
    };
    phrase!("{} {}", has(by), Phrase::ours(what))
}

/// `@ada has`; to herself, `You have`.
pub(super) fn has(by: &Actor) -> Phrase {
    Phrase::either(by, phrase!("You have"), phrase!("{} has", by))
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
