//! A rollout that is to stop and go back: ECS is asked once, and if it refuses, people hear of it and
//! may wish it again.

use super::course::{self, Course};
use super::service::Rolling;
use super::{SOON, rest};
use crate::record::NoticeOf;
use crate::record::{CallTurn, STOP_ROLLOUT, Stop};
use crate::rollout::AwsNo;
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;

impl Rolling<'_> {
    /// The rollout is under way: it is asked to go back if that is wanted, and the lease is renewed.
    pub(super) async fn stop_or_wait(
        &self,
        hand: &mut InHand,
        rollout: &str,
    ) -> Result<Act, StepError> {
        let wait = Act::Wait(rest(&hand.deploy, self.waiter.now()));
        let Some(held) = self.hold(hand).await? else {
            // Still watched, so that the truth about it is told; but not touched any more.
            return Ok(wait);
        };
        let back = course::course(&hand.deploy) == Course::Back;
        let stop = hand.deploy.services[self.index].stop.clone();
        if !back || stop == Stop::Asked {
            return Ok(wait);
        }
        let call = format!("{STOP_ROLLOUT}{}", self.planned().service);
        match hand.deploy.tries.turn(&call, self.waiter.now()) {
            CallTurn::Now => {}
            CallTurn::After(rest) => return Ok(Act::Wait(rest)),
            CallTurn::Never(no) => {
                if stop == Stop::Unasked {
                    self.stop_refused(hand, no);
                }
                return Ok(wait);
            }
        }
        let ecs = &self.reach.ecs;
        match ecs.stop_service_deployment(&held, rollout).await {
            Ok(()) => {
                hand.deploy.tries.went_through(&call);
                self.state(hand).stop = Stop::Asked;
                Ok(Act::Wait(SOON))
            }
            // It may have ended, or be on its way back already: the next look says so, or that it is
            // still rolling out, and then people hear of it.
            Err(error) => Ok(match self.said_no(hand, &call, &error) {
                CallTurn::After(rest) => Act::Wait(rest),
                CallTurn::Now | CallTurn::Never(_) => Act::Wait(SOON),
            }),
        }
    }

    /// ECS will not stop the rollout: people hear of it, and may wish it again.
    fn stop_refused(&self, hand: &mut InHand, no: AwsNo) {
        let service = self.planned().service.clone();
        let by = hand.deploy.cancel.as_ref().map(|cancel| cancel.by.clone());
        let refused = NoticeOf::StopRefused {
            service,
            no: no.clone(),
        };
        hand.deploy.notify(by.as_ref(), refused);
        self.state(hand).stop = Stop::Refused(no);
    }
}
