//! Why something that somebody wants of a deploy is not done, in words.

use super::denied;
use super::refused::unknown_deploy;
use super::right;
use super::wording::{answered, has, verdict_word, went};
use crate::names::Actor;
use crate::policy::Stranger;
use crate::record::{Choice, Field, TurnedDown};
use crate::reply::phrase::{Code, Phrase, Typeable, Wording, phrase};

/// Why it is not done, and what can be done instead.
pub(super) fn words(turned_down: &TurnedDown) -> Phrase {
    match turned_down {
        TurnedDown::Stranger(Stranger) => denied::stranger(),
        TurnedDown::Denied(denied) => denied::words(denied),
        TurnedDown::Right(refused) => right::words(refused),
        TurnedDown::NotChosen(Field::Application) => {
            phrase!(
                "Nothing was deployed: choose an application in the form, then press *Deploy* again."
            )
        }
        TurnedDown::NotChosen(Field::Environment) => {
            phrase!(
                "Nothing was deployed: choose an environment in the form, then press *Deploy* again."
            )
        }
        TurnedDown::NoRef => phrase!(
            "Nothing was deployed: the version is no branch, tag, commit or image tag. Enter one without spaces, or nothing for the default branch, then press *Deploy* again."
        ),
        TurnedDown::StillToCome { time, zone, again } => phrase!(
            "{} is still to come in {}, where typed times are read. Name a time that has passed: {}.",
            Code(time),
            Code(zone.name()),
            Typeable(again.clone())
        ),
        TurnedDown::OtherSuggestion {
            application,
            of,
            reference,
        } => phrase!(
            "Nothing was deployed: {} was chosen, but the application is `{}`. Choose or type a version of `{}`, then press *Deploy* again.",
            Code(&format!("{of}:{reference}")),
            application,
            application
        ),
        TurnedDown::UnknownDeploy { id } => unknown_deploy(id),
        TurnedDown::NothingToCancel {
            application,
            environment,
        } => phrase!(
            "No deploy of `{}` to {} is under way, so there is nothing to cancel. To undo the last one: `{/} rollback {} on {}`.",
            application,
            environment,
            application,
            environment
        ),
        TurnedDown::Ended { id, verdict } => phrase!(
            "Deploy `{}` has ended already: {}. `{/} show {}` tells how.",
            id,
            verdict_word(*verdict),
            id
        ),
        TurnedDown::ConsentExpired { id } => phrase!(
            "That question has lapsed: nobody answered it in time, so deploy `{}` changed nothing. Ask again if it is still wanted.",
            id
        ),
        TurnedDown::PlanStale { id } => phrase!(
            "That question is out of date: what runs there has changed since, or another version was chosen. Nothing was started by this click; answer the newest question of deploy `{}`.",
            id
        ),
        TurnedDown::Answered {
            choice: Choice::Another(_),
            by,
            at,
        } => phrase!(
            "{} chose another version at {}, so this click changed nothing. A new question about that version takes this one's place; answer that one.",
            you(by, "You"),
            at
        ),
        TurnedDown::Answered { choice, by, at } => phrase!(
            "{} at {}, and the first answer stands. `{/} status` shows how it goes on.",
            answered(*choice, by),
            at
        ),
        TurnedDown::NewerPause {
            choice,
            by,
            at,
            service,
        } => phrase!(
            "{} at {}, and the first answer stands. {} waits at a newer pause: answer that one, with the newest buttons.",
            answered(*choice, by),
            at,
            Code(service)
        ),
        TurnedDown::PauseOver {
            id,
            ran_out,
            waits: Some(service),
        } => phrase!(
            "That pause of deploy `{}` {}. Nothing was changed by this click. {} waits at a newer pause: answer that one, with the newest buttons.",
            id,
            went(*ran_out),
            Code(service)
        ),
        TurnedDown::PauseOver {
            id,
            ran_out,
            waits: None,
        } => phrase!(
            "That pause of deploy `{}` {}. Nothing was changed by this click; `{/} show {}` tells how it goes on.",
            id,
            went(*ran_out),
            id
        ),
        TurnedDown::StillRolling {
            id,
            application,
            environment,
            service,
        } => phrase!(
            "ECS is still rolling out {}, so deploy `{}` cannot be given up yet. Press *Roll back* first (or `{/} cancel {} on {}`), then *Abandon* again.",
            Code(service),
            id,
            application,
            environment
        ),
        TurnedDown::NotOverdue {
            id,
            application,
            environment,
        } => phrase!(
            "Deploy `{}` is not overdue, so it is not given up. To stop it: `{/} cancel {} on {}`.",
            id,
            application,
            environment
        ),
        TurnedDown::CancelledBefore { id, by, at } => phrase!(
            "{} asked deploy `{}` to stop already, at {}. Wait for its verdict: it comes as soon as ECS has gone back.",
            has(by),
            id,
            at
        ),
        TurnedDown::ButtonUsed { id, by } => phrase!(
            "That button was used before: deploy `{}`, asked for by {}, came of it. `{/} show {}` tells how it went.",
            id,
            you(by, "you"),
            id
        ),
        TurnedDown::ButtonStale { id } => phrase!(
            "That button no longer fits deploy `{}`: it has moved on. `{/} show {}` tells where it is.",
            id,
            id
        ),
    }
}

/// Somebody by name; to themselves, `word`.
fn you(by: &Actor, word: &'static str) -> Phrase {
    Phrase::either(by, Phrase::ours(word), by.text())
}
