//! Rolling: one service of a deploy at a time is updated, watched, and, if the deploy as a whole
//! does not succeed, taken back.
//!
//! What ECS is doing is judged in [`crate::rollout`]; here is only the order of things. Nothing is
//! sent to ECS without the lease shown in the same step, and nothing is sent again before ECS has
//! been read.

mod before;
mod explain;
mod launch;
mod service;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub(crate) use self::before::is_running as runs_task;
use self::service::Rolling;
use crate::act::Act;
use crate::log;
use crate::plan::{Change, Plan};
use crate::reach::Reach;
use crate::record::{BeforeState, Deploy, Phase, ServiceEnding, ServicePhase, Verdict};
use crate::waiter::{InHand, StepError, Waiter};

/// Overdue for so long, a rollout is looked at only every [`RARELY`].
const LONG_OVERDUE: SignedDuration = SignedDuration::from_hours(1);
/// The slowest look.
const RARELY: Duration = Duration::from_secs(5 * 60);

/// How soon to look again after something was sent to ECS.
const SOON: Duration = Duration::from_secs(4);

/// One step of a rollout.
pub(crate) async fn roll(waiter: &Waiter, hand: &mut InHand) -> Result<Act, StepError> {
    let Some(plan) = hand.deploy.plan.clone() else {
        let why = "The record of what to roll out is gone, so nothing more was changed.";
        return Ok(Act::End(Verdict::Failed, why.to_owned()));
    };
    if let Some(cancel) = &hand.dossier.cancel {
        hand.deploy.cancel = Some(cancel.clone());
    }
    note_overdue(&mut hand.deploy, waiter.now());
    let reach = waiter.reach(&hand.deploy, &plan).await?;
    if let Some(task) = &plan.before {
        let rolling = Rolling {
            waiter,
            reach: &reach,
            plan: &plan,
            index: 0,
        };
        if let Some(act) = before::run(&rolling, task, hand).await? {
            if let Act::End(..) = act {
                restore_heads(waiter, &reach, &plan, hand).await?;
            }
            return Ok(act);
        }
    }
    while let Some(index) = next_service(&hand.deploy) {
        let mut rolling = Rolling {
            waiter,
            reach: &reach,
            plan: &plan,
            index,
        };
        match rolling.advance(hand).await? {
            Act::Again => waiter.write(hand).await?,
            act => return Ok(act),
        }
    }
    restore_heads(waiter, &reach, &plan, hand).await?;
    let (verdict, why) = verdict(&hand.deploy);
    Ok(Act::End(verdict, why))
}

/// The service to act on now, in the configured order; `None` when nothing more will happen.
///
/// While all goes well, that is the first that is not through. Once one has failed or somebody
/// wants the deploy stopped, those not begun are left alone and those that are out are taken back.
fn next_service(deploy: &Deploy) -> Option<usize> {
    let stopping = is_stopping(deploy);
    deploy
        .services
        .iter()
        .position(|service| match service.phase {
            ServicePhase::Waiting => !stopping,
            ServicePhase::Starting { .. }
            | ServicePhase::Rolling { .. }
            | ServicePhase::GoingBack { .. } => true,
            ServicePhase::Succeeded { .. } => stopping && !all_succeeded(deploy),
            ServicePhase::Unsuccessful { .. }
            | ServicePhase::WentBack
            | ServicePhase::StuckHalfway { .. } => false,
        })
}

/// Whether the deploy as a whole cannot succeed any more, or shall not.
fn is_stopping(deploy: &Deploy) -> bool {
    let failed = deploy
        .services
        .iter()
        .any(|service| matches!(service.phase, ServicePhase::Unsuccessful { .. }));
    failed || deploy.cancel.is_some()
}

/// A cancel that comes after everything is out comes too late: it is a success, and rolling back
/// is another request.
fn all_succeeded(deploy: &Deploy) -> bool {
    deploy
        .services
        .iter()
        .all(|service| matches!(service.phase, ServicePhase::Succeeded { .. }))
}

/// How soon to look again: ten seconds at first, then thirty, rarely when long overdue. Spread, so
/// that many deploys do not ask ECS at the same moment.
fn rest(deploy: &Deploy, now: Timestamp) -> Duration {
    let since = |at: Option<Timestamp>| at.map(|at| now.duration_since(at)).unwrap_or_default();
    // Somebody who cancelled is waiting to hear how that went.
    if deploy.cancel.is_none() && since(deploy.deadline) > LONG_OVERDUE {
        return RARELY;
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
    // The one-off task has a time of its own, and the services' begins after it.
    let task = deploy
        .before
        .as_ref()
        .is_some_and(BeforeState::is_under_way);
    if deploy.phase == Phase::Rolling
        && !task
        && deploy.deadline.is_some_and(|deadline| now >= deadline)
    {
        deploy.phase = Phase::Overdue;
        log::phase(deploy);
    }
}

/// The deploy's verdict from its services', all of which are final or were never begun.
fn verdict(deploy: &Deploy) -> (Verdict, String) {
    if all_succeeded(deploy) {
        return (Verdict::Succeeded, String::new());
    }
    let failed = deploy
        .services
        .iter()
        .find_map(|service| match &service.phase {
            ServicePhase::Unsuccessful { ending, reason } => Some((service, *ending, reason)),
            _ => None,
        });
    let stuck = deploy
        .services
        .iter()
        .any(|service| matches!(service.phase, ServicePhase::StuckHalfway { .. }));
    let name = |service: &str, reason: &str| match (deploy.services.len(), reason.is_empty()) {
        (_, true) => String::new(),
        (1, false) => reason.to_owned(),
        (_, false) => format!("{service}: {reason}"),
    };
    match failed {
        _ if stuck => {
            let why = deploy
                .services
                .iter()
                .find_map(|service| match &service.phase {
                    ServicePhase::StuckHalfway { reason } => Some(name(&service.service, reason)),
                    _ => None,
                });
            (Verdict::Failed, why.unwrap_or_default())
        }
        None => (Verdict::Cancelled, String::new()),
        Some((service, ending, reason)) => {
            let why = name(&service.service, reason);
            let verdict = match ending {
                ServiceEnding::RolledBack | ServiceEnding::Stopped if deploy.cancel.is_some() => {
                    Verdict::Cancelled
                }
                ServiceEnding::RolledBack | ServiceEnding::Stopped => Verdict::RolledBack,
                ServiceEnding::Failed | ServiceEnding::NotStarted => Verdict::Failed,
                ServiceEnding::Superseded => Verdict::Superseded,
            };
            (verdict, why)
        }
    }
}

/// After anything but success: where the newest revision of a family is the one this deploy
/// registered, the live one is registered once more, so that nothing that takes "the newest"
/// brings back what has just failed.
async fn restore_heads(
    waiter: &Waiter,
    reach: &Reach,
    plan: &Plan,
    hand: &mut InHand,
) -> Result<(), StepError> {
    if all_succeeded(&hand.deploy) || !plan.restore_head {
        return Ok(());
    }
    if let (Some(task), Some(before)) = (&plan.before, &hand.deploy.before)
        && before.revision.is_some()
        && !before.head_restored
    {
        let rolling = Rolling {
            waiter,
            reach,
            plan,
            index: 0,
        };
        let (family, images, base) = (&task.family, &task.images, &task.base);
        rolling.restore(hand, family, images, base).await?;
        hand.deploy.before.get_or_insert_default().head_restored = true;
        waiter.write(hand).await?;
    }
    let mut families = Vec::new();
    for index in 0..hand.deploy.services.len() {
        let service = &hand.deploy.services[index];
        let planned = &plan.services[index];
        let (Some(revision), Change::Copy { .. }) = (&service.revision, &planned.change) else {
            continue;
        };
        let family = crate::task_definition::family_of(revision).to_owned();
        if service.head_restored || families.contains(&family) {
            continue;
        }
        let rolling = Rolling {
            waiter,
            reach,
            plan,
            index,
        };
        rolling.restore_head(hand, &family).await?;
        families.push(family);
        hand.deploy.services[index].head_restored = true;
        waiter.write(hand).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{Actor, DeployId};
    use crate::record::{Cancel, Origin, ServiceState, Verb};

    const T: Timestamp = Timestamp::UNIX_EPOCH;

    fn deploy(phases: &[ServicePhase], cancelled: bool) -> Deploy {
        let place = ("cms".parse().unwrap(), "staging".parse().unwrap());
        let origin = Origin { channel: None };
        let id = DeployId::derive(b"a request");
        let mut deploy = Deploy::new(id, Verb::Restart, place, Actor::Longshore, T, origin);
        deploy.services = phases
            .iter()
            .enumerate()
            .map(|(index, phase)| ServiceState {
                phase: phase.clone(),
                ..ServiceState::new(&format!("s{index}"))
            })
            .collect();
        deploy.cancel = cancelled.then_some(Cancel {
            by: Actor::Longshore,
            at: T,
        });
        deploy
    }

    fn good() -> ServicePhase {
        ServicePhase::Succeeded {
            rollout: String::new(),
            no_tasks: false,
        }
    }

    fn bad(ending: ServiceEnding) -> ServicePhase {
        ServicePhase::Unsuccessful {
            ending,
            reason: "it crashed".to_owned(),
        }
    }

    fn under_way() -> ServicePhase {
        ServicePhase::Rolling {
            since: T,
            rollout: String::new(),
            before: Vec::new(),
        }
    }

    #[test]
    fn services_go_in_order_and_back_when_one_fails() {
        use ServiceEnding::RolledBack;
        use ServicePhase::{Waiting, WentBack};
        for (phases, cancelled, next) in [
            (vec![Waiting, Waiting], false, Some(0)),
            (vec![under_way(), Waiting], false, Some(0)),
            (vec![good(), Waiting], false, Some(1)),
            (vec![good(), good()], false, None),
            // One failed: what is out goes back, what has not begun stays.
            (vec![good(), bad(RolledBack), Waiting], false, Some(0)),
            (vec![WentBack, bad(RolledBack), Waiting], false, None),
            (vec![bad(RolledBack), Waiting], false, None),
            // Somebody wants it stopped.
            (vec![Waiting, Waiting], true, None),
            (vec![good(), under_way()], true, Some(0)),
            // Too late: everything is out.
            (vec![good(), good()], true, None),
        ] {
            assert_eq!(
                next_service(&deploy(&phases, cancelled)),
                next,
                "{phases:?}"
            );
        }
    }

    #[test]
    fn the_verdict_is_what_became_of_the_services() {
        use ServiceEnding::{Failed, NotStarted, RolledBack, Stopped, Superseded};
        use ServicePhase::{Waiting, WentBack};
        let stuck = ServicePhase::StuckHalfway {
            reason: "no way back".to_owned(),
        };
        for (phases, cancelled, verdict_wanted, why) in [
            (vec![good()], false, Verdict::Succeeded, ""),
            (vec![good(), good()], true, Verdict::Succeeded, ""),
            (
                vec![bad(RolledBack)],
                false,
                Verdict::RolledBack,
                "it crashed",
            ),
            (
                vec![WentBack, bad(RolledBack)],
                false,
                Verdict::RolledBack,
                "s1: it crashed",
            ),
            (
                vec![bad(Failed), Waiting],
                false,
                Verdict::Failed,
                "s0: it crashed",
            ),
            (vec![bad(NotStarted)], false, Verdict::Failed, "it crashed"),
            (
                vec![bad(Superseded)],
                true,
                Verdict::Superseded,
                "it crashed",
            ),
            (vec![bad(Stopped)], true, Verdict::Cancelled, "it crashed"),
            (vec![bad(Stopped)], false, Verdict::RolledBack, "it crashed"),
            (vec![Waiting, Waiting], true, Verdict::Cancelled, ""),
            (vec![WentBack, Waiting], true, Verdict::Cancelled, ""),
            (
                vec![stuck, bad(RolledBack)],
                false,
                Verdict::Failed,
                "s0: no way back",
            ),
        ] {
            let judged = verdict(&deploy(&phases, cancelled));
            assert_eq!(judged, (verdict_wanted, why.to_owned()), "{phases:?}");
        }
    }

    #[test]
    fn looks_come_more_rarely_as_a_rollout_takes_longer() {
        let mut deploy = deploy(&[under_way()], false);
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
