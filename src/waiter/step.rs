//! One step of one record: take the turn, act until there is something to wait for, write it down.

use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::context::{By, InHand, Next, StepError, Waiter, execution_name};
use super::trouble;
use crate::aws::dynamodb::{Dossier, Recorded, SaveOutcome};
use crate::names::{Actor, DeployId};
use crate::record::lease::leases_of;
use crate::record::{Deploy, Ending, Phase, Turn, Verdict, Why};
use crate::waiter::act::Act;
use crate::waiter::consent;
use crate::waiter::patience::{Meanwhile, meanwhile};
use crate::waiter::planning;
use crate::waiter::pleading;
use crate::waiter::publish;
use crate::waiter::rolling;
use crate::waiter::starting;
use crate::{past, reply};

/// How long a step's turn lasts: longer than the function's timeout, so that two steps of one
/// record never act at the same time.
pub const TURN_LASTS: SignedDuration = SignedDuration::from_secs(75);
/// How soon to look again when another step has the turn.
const BUSY: Duration = Duration::from_secs(3);
/// Steps in one execution before the next one takes over. A step with its wait is about nine
/// events, and an execution's history ends at 25,000, uncatchably.
const STEPS_PER_EXECUTION: u32 = 2_000;
/// The most acts in one step. Every act moves a deploy on; this only stops a defect from spinning.
const ACTS_PER_STEP: u32 = 40;

/// How long after the next look that a step promised the sweeper looks itself: time for the state
/// machine to be late, and to try a step that failed once more.
const LATE: SignedDuration = SignedDuration::from_secs(30);
/// By then a step that failed has been tried again, as often as the state machine does that quickly.
const TRIED_AGAIN: Duration = Duration::from_secs(30);

/// Takes one step of a record, inside an execution or outside of any. On the heap, because a step
/// may do a job that takes a step.
pub(super) fn step<'a>(
    waiter: &'a Waiter,
    id: &'a str,
    by: By<'a>,
    invocation: &'a str,
) -> BoxFuture<'a, Result<Next, StepError>> {
    Box::pin(step_inside(waiter, id, by, invocation))
}

async fn step_inside(
    waiter: &Waiter,
    id: &str,
    by: By<'_>,
    invocation: &str,
) -> Result<Next, StepError> {
    let dossier = match id.parse() {
        Ok(id) => waiter.taken_in(&id).await?,
        Err(_) => None,
    };
    let Some(dossier) = dossier else {
        tracing::error!("a step was asked for something that is not there");
        return Ok(Next::DONE);
    };
    let Recorded::Deploy(deploy) = &dossier.recorded else {
        return Ok(Next::DONE);
    };
    let deploy = deploy.as_ref().clone();
    match turn(waiter, deploy, dossier, by, invocation, None).await {
        Err(StepError::Overtaken) => Ok(Next::wait(BUSY)),
        next => next,
    }
}

/// One turn at a deploy.
pub(super) async fn turn(
    waiter: &Waiter,
    deploy: Deploy,
    dossier: Dossier,
    by: By<'_>,
    invocation: &str,
    abandon: Option<&Actor>,
) -> Result<Next, StepError> {
    // An execution that was replaced by another one stops by itself.
    let replaced = matches!(by, By::Execution(name) if name != execution_name(&deploy));
    if deploy.is_closed() || replaced {
        return Ok(Next::DONE);
    }
    let now = waiter.now();
    if deploy
        .turn
        .as_ref()
        .is_some_and(|turn| turn.by != invocation && turn.lasts(now))
    {
        // Nothing is written down of a wish to give up: it has to be tried again.
        if abandon.is_some() {
            return Err(StepError::Overtaken);
        }
        return Ok(Next::wait(BUSY));
    }
    let rev = dossier.rev;
    let mut hand = InHand {
        deploy,
        dossier,
        rev,
        now,
        abandon: abandon.cloned(),
    };
    hand.deploy.turn = Some(Turn {
        by: invocation.to_owned(),
        until: now + TURN_LASTS,
    });
    if let By::Execution(_) = by {
        hand.deploy.steps += 1;
    }
    waiter.write(&mut hand).await?;

    let outcome = acts(waiter, &mut hand).await;
    // Whatever happened, the turn is given back, so that the next step need not wait it out.
    hand.deploy.turn = None;
    let due = due(waiter.now(), outcome.as_ref().ok());
    hand.deploy.due = match by {
        By::Execution(_) | By::Sweeper => due,
        // What its execution does, nothing that happens beside it puts off.
        By::Event => hand.deploy.due.min(due),
    };
    let continues = matches!(by, By::Execution(_))
        && hand.deploy.steps >= STEPS_PER_EXECUTION
        && !hand.deploy.is_closed();
    if continues {
        hand.deploy.resumes += 1;
        hand.deploy.steps = 0;
    }
    let written = waiter.write(&mut hand).await;
    let next = outcome?;
    written?;
    if continues {
        let name = execution_name(&hand.deploy);
        waiter.machine.start(&name, hand.deploy.id.as_str()).await?;
        return Ok(Next::DONE);
    }
    Ok(next)
}

/// Acts, and writes down, until there is something to wait for.
async fn acts(waiter: &Waiter, hand: &mut InHand) -> Result<Next, StepError> {
    for _ in 0..ACTS_PER_STEP {
        let act = match hand.deploy.ending {
            None => match act(waiter, hand).await {
                Ok(act) => {
                    trouble::passed(&mut hand.deploy);
                    act
                }
                Err(error) => match trouble::after_trouble(waiter, hand, error).await {
                    Ok(act) => act,
                    Err(error) => {
                        tell_overdue(waiter, hand).await;
                        return Err(error);
                    }
                },
            },
            Some(_) => Act::Again,
        };
        if let Act::End(verdict, why) = &act {
            write_ending(waiter, hand, *verdict, why).await?;
        } else if hand.deploy.ending.is_none() {
            waiter.write(hand).await?;
        }
        publish::after_success(waiter, hand).await;
        let tell_again = waiter
            .notifier
            .tell(&waiter.store, &hand.dossier, &mut hand.deploy, waiter.now())
            .await?;
        if hand.deploy.is_closed() {
            return Ok(Next::DONE);
        }
        let soon = tell_again.unwrap_or(Duration::MAX);
        match act {
            _ if hand.deploy.ending.is_some() => {
                return Ok(Next::wait(soon.min(Duration::from_secs(60))));
            }
            Act::Again | Act::End(..) => {}
            Act::Wait(rest) => return Ok(Next::wait(rest.min(soon))),
            // What could not be told is tried again before the long wait begins.
            Act::Ask if tell_again.is_some() => return Ok(Next::wait(soon)),
            Act::Ask => return Ok(Next::ASK),
        }
    }
    Ok(Next::wait(Duration::from_secs(5)))
}

/// People hear that a deploy is overdue also while AWS keeps it from being looked at.
async fn tell_overdue(waiter: &Waiter, hand: &mut InHand) {
    if hand.deploy.phase == Phase::Overdue {
        let now = waiter.now();
        let told = waiter
            .notifier
            .tell(&waiter.store, &hand.dossier, &mut hand.deploy, now);
        if let Err(error) = told.await {
            tracing::warn!(deploy = %hand.deploy.id, %error, "people could not be told that a deploy is overdue");
        }
    }
}

/// One act on the deploy's phase.
async fn act(waiter: &Waiter, hand: &mut InHand) -> Result<Act, StepError> {
    if let Some(end) = planning::newer::replaced(hand) {
        return Ok(end);
    }
    match hand.deploy.phase {
        Phase::Requested => plan(waiter, hand).await,
        Phase::Planned | Phase::Asking if hand.deploy.pleads() => {
            pleading::plead(waiter, hand).await
        }
        Phase::Planned => Ok(seek(hand)),
        Phase::Asking => {
            let (answers, cancel) = (&hand.dossier.answers, hand.dossier.cancel.as_ref());
            if !consent::is_answered(&hand.deploy, answers, cancel)
                && let Some(why) = waiter.lost_right(&hand.deploy).await
            {
                return Ok(Act::End(Verdict::Refused, why));
            }
            Ok(seek(hand))
        }
        Phase::Starting => starting::start(waiter, hand).await,
        Phase::Rolling | Phase::Overdue => rolling::roll(waiter, hand).await,
        Phase::Ended => Ok(Act::Again),
    }
}

fn seek(hand: &mut InHand) -> Act {
    let InHand {
        deploy,
        dossier,
        now,
        ..
    } = hand;
    consent::seek(deploy, &dossier.answers, dossier.cancel.as_ref(), *now)
}

/// Plans, and where that takes long says so, once, before anything else has been said.
async fn plan(waiter: &Waiter, hand: &mut InHand) -> Result<Act, StepError> {
    let deploy = &hand.deploy;
    let silent = deploy.ask.is_none() && deploy.waiting.is_none() && !deploy.told.takes_long;
    if !silent {
        return planning::plan(waiter, hand).await;
    }
    let (asker, at) = (deploy.requester.clone(), deploy.requested_at);
    let words = reply::accepted(deploy);
    let dossier = hand.dossier.clone();
    let plan = planning::plan(waiter, hand);
    let (act, meanwhile) = meanwhile(waiter, &dossier, &asker, at, words, plan).await;
    hand.deploy.told.takes_long = meanwhile == Meanwhile::Said;
    act
}

/// Gives the deploy its verdict: record, leases and history in one transaction. Until that is
/// written, the record in hand has none.
async fn write_ending(
    waiter: &Waiter,
    hand: &mut InHand,
    verdict: Verdict,
    why: &Why,
) -> Result<(), StepError> {
    let now = waiter.now();
    let mut ended = hand.deploy.clone();
    ended.ending = Some(Ending {
        verdict,
        at: now,
        why: why.clone(),
    });
    ended.phase = Phase::Ended;
    let pasts = past::of(&ended);
    let leases = leases_of(&ended);
    match waiter
        .store
        .end(&ended, hand.rev, &pasts, &leases, now)
        .await?
    {
        SaveOutcome::Saved(rev) => hand.rev = rev,
        SaveOutcome::Lost => return Err(StepError::Overtaken),
    }
    hand.deploy = ended;
    waiter.metrics.verdict(&hand.deploy);
    Ok(())
}

/// Keeps the token of an execution that waits for an answer. If the answer came first, the
/// execution is woken at once.
pub(super) async fn ask(waiter: &Waiter, id: &str, token: &str) -> Result<(), StepError> {
    if !waits_for_an_answer(waiter, id, token).await? {
        waiter
            .machine
            .wake(token)
            .await
            .map_err(StepError::Asleep)?;
    }
    Ok(())
}

async fn waits_for_an_answer(waiter: &Waiter, id: &str, token: &str) -> Result<bool, StepError> {
    let Ok(id) = id.parse::<DeployId>() else {
        return Ok(false);
    };
    if waiter.store.deploy(&id).await?.is_none() {
        tracing::error!(deploy = %id, "an answer is waited for on a record that is not there");
        return Ok(false);
    }
    waiter.store.put_token(&id, token).await?;
    // Read only now: whoever answers from here on finds the token.
    let Some(dossier) = waiter.dossier(&id).await? else {
        return Ok(false);
    };
    let Recorded::Deploy(deploy) = &dossier.recorded else {
        return Ok(false);
    };
    let answered = planning::newer::is_decided(deploy, &dossier);
    Ok(deploy.phase == Phase::Asking && !answered)
}

/// Takes a step of a deploy now, outside of its execution, and wakes that if it waits for an
/// answer.
pub(super) async fn nudge(
    waiter: &Waiter,
    deploy: &DeployId,
    invocation: &str,
) -> Result<(), StepError> {
    // Another step may have the turn; what was recorded is seen by the next one at the latest.
    step(waiter, deploy.as_str(), By::Event, invocation).await?;
    if let Some(dossier) = waiter.dossier(deploy).await? {
        waiter.wake(&dossier).await;
    }
    Ok(())
}

/// When the sweeper is to look after a deploy whose step ended so.
fn due(now: Timestamp, next: Option<&Next>) -> Timestamp {
    let rest = match next {
        // An answer may come at any time and not wake the execution: the sweeper looks for it, in one
        // read.
        Some(next) if *next == Next::ASK => return now,
        Some(next) => next.rest(),
        None => TRIED_AGAIN,
    };
    let rest = SignedDuration::try_from(rest).unwrap_or(SignedDuration::MAX);
    now.saturating_add(rest.saturating_add(LATE))
        .unwrap_or(Timestamp::MAX)
}
