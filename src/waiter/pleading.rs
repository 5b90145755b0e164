//! A deploy whose requester has no right to it, and asks an admin for one: the plan is shown to the admin, who allows
//! it once, or more for some days, or not. What the admin gives is a right like any other, announced and on record; the
//! deploy then goes on by that right, and is judged by it when it starts.

use std::time::Duration;

use jiff::civil::{Time, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::rights::MOST_GRANTS;
use crate::aws::dynamodb::RightOutcome;
use crate::card;
use crate::command::moment::{ComingDay, Term};
use crate::names::zone::Zone;
use crate::names::{Actor, ReadId, UserId};
use crate::policy::{Grant, Once, PersonKind, admins_for};
use crate::record::{
    Allowed, Ask, Cancel, ChangedRight, Choice, Deploy, LastDay, Leave, Occasion, Phase, PleaPut,
    Refused, RightChange, RightRefused, Telling, Verdict, Vote, Why,
};
use crate::refusal::untimely;
use crate::reply;
use crate::request::GrantedRight;
use crate::waiter::act::Act;
use crate::waiter::consent;
use crate::waiter::context::{InHand, StepError, Waiter};
use crate::waiter::directory::Seen;
use crate::waiter::notify::Announced;

/// So long the question stands at most.
const STANDS: SignedDuration = SignedDuration::from_hours(24);
/// It ends so long before the longer of the two rights would.
const BEFORE_LAST: SignedDuration = SignedDuration::from_hours(1);
/// A right to one deploy lasts so long at most, if that does not end.
const ONCE_LASTS: SignedDuration = SignedDuration::from_hours(48);
/// So long it is tried to tell everybody of a right that is for more than one deploy.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// From this time of a Friday on, the next one is meant.
const NOON: Time = Time::constant(12, 0, 0, 0);
/// Admins who are looked at to find one.
const LOOKED_AT: usize = 5;

/// Moves a planned deploy on whose requester asks for the right to it.
pub(super) async fn plead(waiter: &Waiter, hand: &mut InHand) -> Result<Act, StepError> {
    // First of all: the right may be given already, and whoever stops the deploy takes no right back.
    let plea = hand.deploy.plea.as_ref();
    if let Some(yes) = plea.and_then(|plea| plea.yes.clone()) {
        return give(waiter, hand, &yes).await;
    }
    if let Some(cancel) = &hand.dossier.cancel {
        hand.deploy.cancel = Some(cancel.clone());
        return Ok(Act::End(Verdict::Cancelled, Why::Said));
    }
    match hand.deploy.plea_put().cloned() {
        None => put(waiter, hand).await,
        Some(put) => answered(waiter, hand, &put).await,
    }
}

/// Keeps the yes, before anything is done by it: a press is heard for a while only, and what it set going is finished
/// however long that takes.
fn says_yes(deploy: &mut Deploy, answer: Vote, leave: Leave) -> Act {
    if let Some(plea) = &mut deploy.plea {
        if let Some(put) = &mut plea.put {
            put.ask.consented_by = Some(answer.by.clone());
        }
        plea.yes = Some(Allowed {
            by: answer.by,
            at: answer.at,
            leave,
        });
    }
    Act::Again
}

fn refused(why: RightRefused) -> Act {
    Act::End(Verdict::Refused, Refused::Right(why).into())
}

/// Puts the question to an admin, unless nobody has to be asked or nobody can be.
async fn put(waiter: &Waiter, hand: &mut InHand) -> Result<Act, StepError> {
    let now = waiter.now();
    let deploy = &hand.deploy;
    let (Actor::Slack { user, .. }, Some(hash)) = (&deploy.requester, deploy.bound_plan()) else {
        return Ok(refused(RightRefused::Lapsed));
    };
    if let Some(why) = waiter.lost_right(deploy).await {
        return Ok(Act::End(Verdict::Refused, why));
    }
    if let Some(why) = waiter.no_full_member(user).await? {
        return Ok(refused(why));
    }
    let Some(to) = admin_for(waiter, deploy, user).await? else {
        return Ok(refused(RightRefused::NobodyToAsk));
    };
    let loaded = waiter.settings.current(&waiter.store, now).await?;
    let until = last_day(&loaded.config.slack().zone(), now);
    let ask = Ask {
        nonce: consent::nonce(deploy, &hash, 0),
        occasion: Occasion::First,
        chose: None,
        plan_hash: hash,
        number: 0,
        asked_at: now,
        expires_at: (now + STANDS).min(until.at - BEFORE_LAST),
        shown: false,
        place: None,
        closed: false,
        consented_by: None,
    };
    if let Some(plea) = &mut hand.deploy.plea {
        plea.put = Some(PleaPut {
            to,
            ask,
            until,
            asked: Telling::Due,
            told: Telling::Due,
        });
    }
    hand.deploy.phase = Phase::Asking;
    Ok(Act::Ask)
}

/// Whom its requester chose to ask, if that is an admin who can be asked; else the first who can.
async fn admin_for(
    waiter: &Waiter,
    deploy: &Deploy,
    user: &UserId,
) -> Result<Option<UserId>, StepError> {
    let now = waiter.now();
    let judged = waiter.judged([], &deploy.environment).await?;
    let admins = admins_for(judged.policy(), user);
    let chosen = deploy.plea.as_ref().and_then(|plea| plea.to.clone());
    let chosen = chosen.filter(|admin| admins.contains(admin));
    let others = admins
        .iter()
        .filter(|admin| Some(*admin) != chosen.as_ref());
    let in_turn: Vec<UserId> = chosen.iter().chain(others).cloned().collect();
    for admin in in_turn.into_iter().take(LOOKED_AT) {
        let directory = &waiter.directory;
        match directory
            .see(&waiter.store, &judged.loaded, &admin, now)
            .await
        {
            Seen::Now(copy) if copy.kind != PersonKind::Member => {}
            Seen::Unseen => {}
            Seen::Now(_) | Seen::Silent(_) | Seen::MayNotLook | Seen::NotAllowed => {
                return Ok(Some(admin));
            }
        }
    }
    Ok(None)
}

/// Until Friday evening; from Friday noon on, until the one after.
fn last_day(zone: &Zone, now: Timestamp) -> LastDay {
    let here = now.to_zoned(zone.rules().clone());
    let today = here.date();
    let days = match i64::from(today.weekday().until(Weekday::Friday)) {
        0 if here.time() >= NOON => 7,
        days => days,
    };
    let on = today.checked_add(days.days()).unwrap_or(today);
    let day = Some(ComingDay::On(on));
    let end = Term::Until { day, time: None }.end(zone, now);
    let at = end.unwrap_or(now + STANDS + BEFORE_LAST);
    LastDay { on, at }
}

async fn answered(waiter: &Waiter, hand: &mut InHand, put: &PleaPut) -> Result<Act, StepError> {
    let ask = &put.ask;
    let answer = consent::answer_to(ask, &hand.dossier.answers).cloned();
    match answer {
        // A click counts by its own time, as one on any question.
        Some(answer) if answer.at > ask.expires_at => Ok(Act::End(Verdict::Expired, Why::Said)),
        Some(answer) => match answer.choice {
            Choice::AllowOnce => Ok(says_yes(&mut hand.deploy, answer, Leave::Once)),
            Choice::AllowUntil => {
                let leave = Leave::Until(put.until.at);
                Ok(says_yes(&mut hand.deploy, answer, leave))
            }
            Choice::Decline => {
                hand.deploy.cancel = Some(Cancel {
                    by: answer.by,
                    at: answer.at,
                    by_copy: answer.by_copy,
                });
                Ok(Act::End(Verdict::Cancelled, Why::Said))
            }
            Choice::Confirm | Choice::Another(_) | Choice::Continue | Choice::RollBack => {
                Ok(Act::Ask)
            }
        },
        None if put.asked == Telling::Undeliverable => {
            let admin = put.to.clone();
            Ok(refused(RightRefused::NotAsked { admin }))
        }
        None => Ok(match waiter.lost_right(&hand.deploy).await {
            Some(why) => Act::End(Verdict::Refused, why),
            None if waiter.now() >= ask.expires_at => Act::End(Verdict::Expired, Why::Said),
            None => Act::Ask,
        }),
    }
}

/// Gives the right, announces it, and lets the deploy go on; each once, however often this is done.
async fn give(waiter: &Waiter, hand: &mut InHand, yes: &Allowed) -> Result<Act, StepError> {
    let id = ReadId::of_deploy(&hand.deploy.id);
    let made = waiter.store.right_change(&id, yes.at).await?;
    let made = match made.filter(|(change, _)| change.by == yes.by) {
        Some(made) => made,
        None => match prepared(waiter, &hand.deploy, yes).await? {
            Ok(change) => waiter.store.change_right(&change).await?,
            Err(why) => return Ok(Act::End(Verdict::Refused, why)),
        },
    };
    let (change, outcome) = made;
    match outcome {
        RightOutcome::Overtaken => return Ok(refused(RightRefused::Overtaken)),
        RightOutcome::Announced => {}
        RightOutcome::Changed => {
            if let Some(rest) = announce(waiter, &hand.deploy, yes, &change).await? {
                return Ok(Act::Wait(rest));
            }
        }
    }
    if let Some(plea) = &mut hand.deploy.plea {
        plea.allowed = Some(yes.clone());
    }
    hand.deploy.phase = Phase::Planned;
    Ok(Act::Again)
}

/// Tells everybody of the right; gives how soon to try again, if that is to be.
async fn announce(
    waiter: &Waiter,
    deploy: &Deploy,
    yes: &Allowed,
    change: &RightChange,
) -> Result<Option<Duration>, StepError> {
    let now = waiter.now();
    let loaded = waiter.settings.current(&waiter.store, now).await?;
    let slash = &loaded.config.slack().command;
    let message = card::sentence_for_all(reply::right::changed(change, slash));
    let announced = waiter.notifier.announce(&loaded.config, &message, now);
    let announced = match (announced.await, yes.leave, &deploy.origin.channel) {
        // It is tried again, as long as anybody expects the deploy to begin.
        (Announced::Later(rest), ..) if untimely(yes.at, now).is_none() => return Ok(Some(rest)),
        // What gives more than this deploy is told where that was asked for, if nowhere else.
        (Announced::Later(_) | Announced::Nowhere, Leave::Until(_), Some(channel)) => {
            let told = waiter
                .notifier
                .announce_in(&loaded.config, channel, &message, now);
            told.await
        }
        (announced, ..) => announced,
    };
    match (announced, yes.leave) {
        (Announced::There(_), _) => waiter.store.note_announced(change, now).await?,
        (Announced::Later(rest), Leave::Until(_)) if now < yes.at + TOLD_WITHIN => {
            return Ok(Some(rest));
        }
        // The deploy's card says it to everybody.
        (Announced::Later(_) | Announced::Nowhere, _) => {}
    }
    Ok(None)
}

/// The right that is to be given, or why there is none.
async fn prepared(
    waiter: &Waiter,
    deploy: &Deploy,
    yes: &Allowed,
) -> Result<Result<RightChange, Why>, StepError> {
    let now = waiter.now();
    let no = |why: RightRefused| Ok(Err(Refused::Right(why).into()));
    let (Actor::Slack { user: to, .. }, Actor::Slack { user: by, .. }) =
        (&deploy.requester, &yes.by)
    else {
        return no(RightRefused::Lapsed);
    };
    if let Some(why) = waiter.lost_right(deploy).await {
        return Ok(Err(why));
    }
    if let Some(why) = waiter.no_full_member(to).await? {
        return no(why);
    }
    if waiter.store.grants().await?.live(now).count() >= MOST_GRANTS {
        return no(RightRefused::TooMany);
    }
    let once = match (yes.leave, deploy.bound_plan()) {
        (Leave::Until(_), _) => None,
        (Leave::Once, Some(plan)) => Some(Once {
            deploy: deploy.id.clone(),
            plan,
        }),
        (Leave::Once, None) => return no(RightRefused::Lapsed),
    };
    Ok(Ok(RightChange {
        id: ReadId::of_deploy(&deploy.id),
        by: yes.by.clone(),
        channel: None,
        at: yes.at,
        what: ChangedRight::Given(Grant {
            to: to.clone(),
            application: deploy.application().clone(),
            environment: Some(deploy.environment.clone()),
            right: GrantedRight::Request,
            by: by.clone(),
            at: yes.at,
            until: match yes.leave {
                Leave::Once => yes.at + ONCE_LASTS,
                Leave::Until(until) => until,
            },
            why: None,
            seconded_by: None,
            once,
        }),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn friday_is_the_next_one_that_is_not_almost_over() {
        let zone: Zone = "Europe/Vienna".parse().unwrap();
        for (now, last) in [
            ("2026-03-02T09:00:00Z", "2026-03-06"),
            ("2026-03-05T22:30:00Z", "2026-03-06"),
            ("2026-03-06T10:59:00Z", "2026-03-06"),
            ("2026-03-06T11:00:00Z", "2026-03-13"),
            ("2026-03-07T09:00:00Z", "2026-03-13"),
            ("2026-03-08T22:30:00Z", "2026-03-13"),
        ] {
            let last_day = last_day(&zone, now.parse().unwrap());
            assert_eq!(last_day.on.to_string(), last, "{now}");
            let there = last_day.at.to_zoned(zone.rules().clone());
            assert_eq!(
                there.strftime("%Y-%m-%d %H:%M").to_string(),
                format!("{last} 18:00")
            );
        }
    }
}
