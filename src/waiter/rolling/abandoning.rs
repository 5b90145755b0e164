//! Giving up: an overdue deploy ends without ECS's word on it, but only once ECS shows no rollout of
//! it in flight, because its leases are free from then on.

use super::one_off;
use crate::record::{Phase, ServicePhase, Verdict, Why};
use crate::rollout::APPEARS_WITHIN;
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::reach::Reach;

/// Ends the deploy in hand if somebody gives it up with this step and nothing of it is in flight.
pub(super) async fn give_up(
    waiter: &Waiter,
    reach: &Reach,
    hand: &mut InHand,
) -> Result<Option<Act>, StepError> {
    let Some(by) = hand.abandon.take() else {
        return Ok(None);
    };
    let plan = hand.deploy.plan.as_ref();
    let runs_task = match plan.filter(|_| hand.deploy.is_at_its_tasks()) {
        Some(plan) => one_off::is_running(reach, plan, &hand.deploy).await?,
        None => false,
    };
    if hand.deploy.phase != Phase::Overdue || runs_task {
        return Ok(None);
    }
    for service in &hand.deploy.services {
        if may_move(waiter, reach, &service.service, &service.phase).await? {
            return Ok(None);
        }
    }
    hand.deploy.abandoned_by = Some(by);
    Ok(Some(Act::End(Verdict::Abandoned, Why::Said)))
}

/// Whether ECS may still be rolling something out on this service for us.
async fn may_move(
    waiter: &Waiter,
    reach: &Reach,
    service: &str,
    phase: &ServicePhase,
) -> Result<bool, StepError> {
    match phase {
        // What was sent a moment ago may not show yet.
        ServicePhase::Starting { sent, .. } | ServicePhase::GoingBack { sent, .. } => {
            let recently = sent.is_some_and(|sent| {
                waiter.now().duration_since(sent).unsigned_abs() <= APPEARS_WITHIN
            });
            if recently {
                return Ok(true);
            }
        }
        ServicePhase::Rolling { .. } => {}
        ServicePhase::Waiting
        | ServicePhase::Succeeded { .. }
        | ServicePhase::Unsuccessful { .. }
        | ServicePhase::WentBack
        | ServicePhase::StuckHalfway { .. } => return Ok(false),
    }
    match reach.ecs.is_rolling(service).await {
        Ok(rolling) => Ok(rolling),
        // A service that is gone rolls nothing out.
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.into()),
    }
}
