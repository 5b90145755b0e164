//! The question whether the person who was found is the one who was meant, and its answer.

use jiff::SignedDuration;

use super::{AskedBy, change_by, denied, right_of, say, say_no};
use crate::aws::dynamodb::{Dossier, KnownPerson};
use crate::card;
use crate::command::Command;
use crate::names::{ReadId, Somebody};
use crate::record::job::{Job, Task, WhoIsMeant};
use crate::record::{RightRefused, RightWish};
use crate::reply;
use crate::reply::right::PersonAsked;
use crate::waiter::context::{StepError, Waiter};
use crate::waiter::stop;

/// So long the question stands whether somebody was meant.
const ASK_LASTS: SignedDuration = SignedDuration::from_mins(15);

/// Asks whoever typed a name whether the person who was found is meant.
pub(super) async fn ask(
    waiter: &Waiter,
    job: &Job,
    task: &Task,
    found: &KnownPerson,
    dossier: &Dossier,
) -> Result<(), StepError> {
    let mut task = task.clone();
    let (line, until) = match &mut task {
        Task::Grant(asked) => {
            asked.of.to = Somebody::Mentioned(found.user.clone());
            let (of, why) = (asked.of.clone(), asked.why.clone());
            // The day that was typed may be another one by now: the end itself is shown.
            let (term, until) = (None, Some(asked.until));
            (Command::Grant { of, term, why }.to_string(), until)
        }
        Task::Revoke(asked) => {
            asked.of.to = Somebody::Mentioned(found.user.clone());
            let (of, why) = (asked.of.clone(), asked.why.clone());
            (Command::Revoke { of, why }.to_string(), None)
        }
        _ => return Ok(()),
    };
    let wish = RightWish {
        by: job.requester.clone(),
        at: job.requested_at,
        task,
    };
    waiter.store.put_right_wish(&job.id, &wish).await?;
    let Some(of) = right_of(&wish.task) else {
        return Ok(());
    };
    let (slash, _) = stop::spoken(waiter, &job.requester).await;
    let message = card::is_it(
        job.id.as_deploy(),
        of,
        PersonAsked {
            to: &found.user,
            handle: found.handle.as_ref(),
            command: &line,
            slash: &slash,
            until,
        },
    );
    say(waiter, &message, dossier).await
}

/// Carries out what waited for the answer, by whoever asked for it and by nobody else.
pub(in crate::waiter) async fn meant(
    waiter: &Waiter,
    job: &Job,
    question: &ReadId,
    answer: WhoIsMeant,
    dossier: &Dossier,
) -> Result<(), StepError> {
    let now = waiter.now();
    let wish = waiter.store.right_wish(question).await?;
    // By when it was pressed: a job may be carried out late.
    let pressed_at = job.requested_at;
    let in_time = |wish: &RightWish| pressed_at.duration_since(wish.at).abs() <= ASK_LASTS;
    let own = wish.filter(|wish| wish.by == job.requester && in_time(wish));
    let Some(wish) = own else {
        return say_no(waiter, RightRefused::Lapsed, dossier).await;
    };
    if answer == WhoIsMeant::No {
        let message = card::sentence(reply::right::left_as_it_was()).replacing();
        return say(waiter, &message, dossier).await;
    }
    let loaded = waiter.settings.current(&waiter.store, now).await?;
    if let Some(denied) = denied(&loaded, &wish.task, &job.requester, now) {
        return stop::say_no(waiter, denied, dossier).await;
    }
    // As the request that was asked about, so that it is carried out once, however often this is pressed.
    let asked = Job {
        id: question.clone(),
        task: wish.task.clone(),
        requested_at: wish.at,
        ..job.clone()
    };
    change_by(waiter, &asked, &wish.task, dossier, AskedBy::Button).await
}
