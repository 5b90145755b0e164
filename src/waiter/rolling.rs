//! Rolling: the services of a deploy, one at a time or all at once, are updated, watched, and, if
//! the deploy as a whole does not succeed, taken back.
//!
//! What ECS is doing is judged in [`crate::rollout`], and whose turn it is in `course`. Nothing is
//! sent to ECS without the lease shown in the same step, and nothing is sent again before ECS has
//! been read.

mod abandoning;
mod back;
mod course;
mod explain;
mod launch;
mod one_off;
mod others;
mod pausing;
mod schedules;
mod service;
mod settle;
mod stopping;
mod trouble;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use self::back::{OwnCopy, Restoring};
use self::launch::Copying;
pub(crate) use self::one_off::is_running as runs_task;
use self::service::Rolling;
use crate::plan::{Change, Good, Plan};
use crate::record::{Deploy, FailedPart, Head, Of, Phase, ServicePhase, Verdict, Why};
use crate::rollout::{LiveService, Reason};
use crate::telemetry;
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::reach::Reach;

/// Overdue for so long, a rollout is looked at only every [`RARELY`].
const LONG_OVERDUE: SignedDuration = SignedDuration::from_hours(1);
/// The slowest look.
const RARELY: Duration = Duration::from_secs(5 * 60);

/// How often the leases are renewed of services that nothing is sent to: well within how long they
/// last.
const LEASES_KEPT: SignedDuration = SignedDuration::from_mins(4);

/// How long a one-off task may take beyond its own time, to start and to stop.
const TASK_TAKES: Duration = Duration::from_secs(10 * 60);

/// How soon to look again after something was sent to ECS.
const SOON: Duration = Duration::from_secs(4);

/// One step of a rollout.
pub(crate) async fn roll(waiter: &Waiter, hand: &mut InHand) -> Result<Act, StepError> {
    let Some(plan) = hand.deploy.plan.clone() else {
        return Ok(Act::End(Verdict::Failed, Why::failed(Reason::PlanGone)));
    };
    // Who answered a pause with a rollback stopped it first.
    if hand.deploy.cancel.is_none() {
        hand.deploy.cancel.clone_from(&hand.dossier.cancel);
    }
    note_overdue(&mut hand.deploy, waiter.now());
    let reach = waiter.reach(&hand.deploy, &plan).await?;
    if let Some(act) = abandoning::give_up(waiter, &reach, hand).await? {
        settle::read_what_runs(&reach, &mut hand.deploy).await;
        return Ok(act);
    }
    keep_leases(waiter, &reach, &plan, hand).await?;
    if let Some(act) = one_off::run(waiter, &reach, &plan, hand).await? {
        if let Act::End(..) = act
            && let Some(rest) = restore_heads(waiter, &reach, &plan, hand).await?
        {
            return Ok(Act::Wait(rest));
        }
        return Ok(with_heads(hand, act));
    }
    loop {
        if let Some(act) = go_on(waiter, &reach, &plan, hand).await? {
            return Ok(act);
        }
        if course::services_out(&hand.deploy)
            && let Some(rest) = schedules::run(waiter, &reach, &plan, hand).await?
        {
            return Ok(Act::Wait(rest));
        }
        // If a schedule failed, there may be services to be taken back.
        if course::due(&hand.deploy).is_empty() {
            break;
        }
    }
    if let Some(rest) = restore_heads(waiter, &reach, &plan, hand).await? {
        return Ok(Act::Wait(rest));
    }
    let (verdict, why) = course::verdict(&hand.deploy);
    if verdict != Verdict::Succeeded {
        settle::read_what_runs(&reach, &mut hand.deploy).await;
    }
    Ok(with_heads(hand, Act::End(verdict, why)))
}

/// The same act; where it is a verdict, it also says whose newest revision is not a good one.
fn with_heads(hand: &InHand, act: Act) -> Act {
    match act {
        Act::End(verdict, why) => {
            let heads = hand.deploy.bad_heads.iter().cloned();
            Act::End(verdict, why.and(heads))
        }
        act @ (Act::Again | Act::Wait(_) | Act::Ask) => act,
    }
}

/// What became of a family's newest revision, or how soon to try again; where it could not be made a good
/// one, that is noted.
fn restored_or_told(
    hand: &mut InHand,
    family: &str,
    restored: Restoring,
) -> Result<Head, Duration> {
    match restored {
        Restoring::Done => Ok(Head::Restored),
        Restoring::NotOurs => Ok(Head::LeftAlone),
        Restoring::Later(rest) => Err(rest),
        Restoring::Refused(no) => {
            hand.deploy.bad_heads.push(FailedPart {
                of: Some(Of::Head(family.to_owned())),
                reason: Reason::Aws(no),
            });
            Ok(Head::Bad)
        }
    }
}

/// Renews the leases of services that are neither rolling nor through: those that wait for their
/// turn, and those that are out and may have to be taken back.
async fn keep_leases(
    waiter: &Waiter,
    reach: &Reach,
    plan: &Plan,
    hand: &mut InHand,
) -> Result<(), StepError> {
    let now = waiter.now();
    let kept = hand.deploy.leases_kept_at.or(hand.deploy.started_at);
    if kept.is_some_and(|kept| now.duration_since(kept) < LEASES_KEPT) {
        return Ok(());
    }
    for index in 0..hand.deploy.services.len() {
        let rests = matches!(
            hand.deploy.services[index].phase,
            ServicePhase::Waiting | ServicePhase::Succeeded { .. }
        );
        if rests {
            let rolling = Rolling::of(waiter, reach, plan, index);
            rolling.hold(hand).await?;
        }
    }
    hand.deploy.leases_kept_at = Some(now);
    Ok(())
}

/// Moves every service on whose turn it is, until each has to be waited for; `None` when nothing
/// more will happen to any of them. One that AWS keeps from being looked at holds up no other.
async fn go_on(
    waiter: &Waiter,
    reach: &Reach,
    plan: &Plan,
    hand: &mut InHand,
) -> Result<Option<Act>, StepError> {
    let mut seen = look(reach, plan, &hand.deploy).await?;
    let mut waits: Vec<(usize, Result<Act, StepError>)> = Vec::new();
    loop {
        let due = course::due(&hand.deploy);
        let next = due
            .iter()
            .find(|index| !waits.iter().any(|(waiting, _)| waiting == *index));
        let Some(&index) = next else {
            break;
        };
        let course = course::course(&hand.deploy);
        let mut rolling = Rolling::of(waiter, reach, plan, index);
        rolling.live = seen.remove(&index);
        match rolling.advance(hand).await {
            Ok(Act::Again) => {
                waiter.write(hand).await?;
                // The others may be wanted elsewhere now, so they are looked at once more.
                if course != course::course(&hand.deploy) {
                    waits.clear();
                }
            }
            Err(StepError::Overtaken) => return Err(StepError::Overtaken),
            waiting => waits.push((index, waiting)),
        }
    }
    soonest(waits)
}

/// One look at all services whose rollouts are in flight, with one call for ten of them. A single
/// one is looked at when its turn comes.
async fn look(
    reach: &Reach,
    plan: &Plan,
    deploy: &Deploy,
) -> Result<BTreeMap<usize, LiveService>, StepError> {
    let due = course::due(deploy);
    let in_flight = due.into_iter().filter(|index| {
        let phase = deploy.services.get(*index).map(|service| &service.phase);
        phase.is_some_and(ServicePhase::is_in_flight)
    });
    let named: Vec<(usize, &str)> = in_flight
        .filter_map(|index| Some((index, plan.services.get(index)?.service.as_str())))
        .collect();
    if named.len() < 2 {
        return Ok(BTreeMap::new());
    }
    let names: Vec<&str> = named.iter().map(|(_, name)| *name).collect();
    let live = reach.ecs.describe_services(&names).await?;
    let found = live.into_iter().filter_map(|service| {
        let (index, _) = named.iter().find(|(_, name)| *name == service.name)?;
        Some((*index, service))
    });
    Ok(found.collect())
}

/// What all services that are waited for come to: the first failure, else the soonest look.
fn soonest(waits: Vec<(usize, Result<Act, StepError>)>) -> Result<Option<Act>, StepError> {
    let mut soonest: Option<Act> = None;
    for (_, wait) in waits {
        soonest = Some(match (soonest, wait?) {
            (Some(Act::Wait(one)), Act::Wait(other)) => Act::Wait(one.min(other)),
            (Some(act), _) | (None, act) => act,
        });
    }
    Ok(soonest)
}

/// How soon to look again: ten seconds at first, then thirty, rarely when long overdue. Spread, so
/// that many deploys do not ask ECS at the same moment.
fn rest(deploy: &Deploy, now: Timestamp) -> Duration {
    let since = |at: Option<Timestamp>| at.map(|at| now.duration_since(at)).unwrap_or_default();
    // Somebody who cancelled is waiting to hear how that went.
    if deploy.cancel.is_none() && since(deploy.deadline) > LONG_OVERDUE {
        return RARELY;
    }
    if let (None, Some(waiting)) = (&deploy.cancel, deploy.waiting_since) {
        return pausing::rest(deploy, now.duration_since(waiting), now);
    }
    let seconds = match since(deploy.started_at).as_secs() {
        ..60 => 10,
        60..180 => 15,
        180..600 => 20,
        _ => 28,
    };
    let spread = u64::from(deploy.id.as_str().bytes().fold(deploy.steps, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    })) % 3;
    Duration::from_secs(seconds + spread)
}

fn note_overdue(deploy: &mut Deploy, now: Timestamp) {
    // The one-off tasks have a time of their own, and the services' begins after them.
    let task = deploy.is_at_its_tasks() && now < tasks_end(deploy);
    // While it waits for a person, the clock stands still.
    let late = deploy.deadline.is_some_and(|deadline| now >= deadline);
    if deploy.phase == Phase::Rolling && late && !task && deploy.waiting_since.is_none() {
        deploy.phase = Phase::Overdue;
        telemetry::phase(deploy);
    }
}

/// When the one-off tasks must have ended: each may take its time, and some to start and to stop.
fn tasks_end(deploy: &Deploy) -> Timestamp {
    let tasks = deploy.plan.iter().flat_map(|plan| &plan.one_offs);
    let time: Duration = tasks.map(|task| task.timeout + TASK_TAKES).sum();
    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    let started = deploy.started_at.unwrap_or(deploy.requested_at);
    started.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// After anything but success: where the newest revision of a family is the one this deploy
/// registered, the live one is registered once more, so that nothing that takes "the newest"
/// brings back what has just failed.
async fn restore_heads(
    waiter: &Waiter,
    reach: &Reach,
    plan: &Plan,
    hand: &mut InHand,
) -> Result<Option<Duration>, StepError> {
    if course::all_succeeded(&hand.deploy) {
        return Ok(None);
    }
    for (number, task) in plan.one_offs.iter().enumerate() {
        let state = &hand.deploy.one_offs[number];
        if state.head != Head::Unseen || !plan.share_of(task.with).restore_head {
            continue;
        }
        let rolling = Rolling::of(waiter, reach, plan, task.with);
        let before = Good {
            revision: task.base.clone(),
            pins: task.pins.clone(),
        };
        let ours = OwnCopy {
            family: &task.family,
            copy: Copying {
                base: &task.base,
                images: &task.images,
                commit: rolling.commit(),
            },
            recorded: state.revision.is_some(),
        };
        let restored = rolling.restore(hand, ours, &before).await?;
        match restored_or_told(hand, &task.family, restored) {
            Ok(head) => hand.deploy.one_offs[number].head = head,
            Err(rest) => return Ok(Some(rest)),
        }
        waiter.write(hand).await?;
    }
    if let Some(rest) = schedules::restore_heads(waiter, reach, plan, hand).await? {
        return Ok(Some(rest));
    }
    // Where a service stays on what this deploy registered, that is a good one.
    let mut families = course::families_that_stay(&hand.deploy);
    for index in 0..hand.deploy.services.len() {
        let service = &hand.deploy.services[index];
        let planned = &plan.services[index];
        let Change::Copy { base, .. } = &planned.change else {
            continue;
        };
        let family = crate::task_definition::family_of(base).to_owned();
        let restores = plan.share_of(index).restore_head;
        if service.head != Head::Unseen || families.contains(&family) || !restores {
            continue;
        }
        let rolling = Rolling::of(waiter, reach, plan, index);
        let restored = rolling.restore_head(hand, &family).await?;
        match restored_or_told(hand, &family, restored) {
            Ok(head) => hand.deploy.services[index].head = head,
            Err(rest) => return Ok(Some(rest)),
        }
        families.push(family);
        waiter.write(hand).await?;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{Actor, DeployId};
    use crate::record::Origin;
    use crate::request::Verb;

    const T: Timestamp = Timestamp::UNIX_EPOCH;

    fn deploy() -> Deploy {
        let place = ("cms".parse().unwrap(), "staging".parse().unwrap());
        let origin = Origin::typed(None);
        let id = DeployId::derive(b"a request");
        Deploy::new(id, Verb::Restart, place, Actor::Longshore, T, origin)
    }

    #[test]
    fn the_clock_stands_still_while_a_person_is_waited_for() {
        let late = T + SignedDuration::from_mins(31);
        for (waiting, phase) in [(None, Phase::Overdue), (Some(T), Phase::Rolling)] {
            let mut deploy = deploy();
            deploy.phase = Phase::Rolling;
            deploy.deadline = Some(T + SignedDuration::from_mins(30));
            deploy.waiting_since = waiting;
            note_overdue(&mut deploy, late);
            assert_eq!(deploy.phase, phase);
        }
    }

    #[test]
    fn looks_come_more_rarely_as_a_rollout_takes_longer() {
        let mut deploy = deploy();
        deploy.started_at = Some(T);
        deploy.deadline = Some(T + SignedDuration::from_mins(30));
        let after = |minutes| rest(&deploy, T + SignedDuration::from_mins(minutes)).as_secs();
        assert!((10..=12).contains(&after(0)));
        assert!((15..=17).contains(&after(2)));
        assert!((20..=22).contains(&after(9)));
        assert!((28..=30).contains(&after(29)));
        assert!((28..=30).contains(&after(89)));
        assert_eq!(after(91), 300);
    }
}
