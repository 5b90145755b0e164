//! What is registered so that things are as they were: the copy that a service is taken back to, and the
//! one that makes a family's newest revision a good one again. Both name by digest what ran.

use std::time::Duration;

use super::SOON;
use super::launch::Registering;
use super::service::{LEASE_LOST, Rolling};
use crate::act::Act;
use crate::plan::Good;
use crate::record::{CallTurn, Deploy};
use crate::task_definition::{RevisionStatus, short_name};
use crate::waiter::{InHand, StepError};

/// What became of making a family's newest revision a good one again.
pub(super) enum Restoring {
    /// It is, or nothing was to be done.
    Done,
    /// It is tried again after so long.
    Later(Duration),
    /// It could not be, and why.
    Refused(String),
}

impl Rolling<'_> {
    /// What the service is taken back to: the live revision, if that can be given to it and names what
    /// ran; else a copy of it that does.
    pub(super) async fn find_way_back(&self, hand: &mut InHand) -> Result<Act, StepError> {
        let planned = self.planned();
        let (live, pins) = (&planned.live, &planned.back.pins);
        let found = self.reach.ecs.describe_task_definition(live).await?;
        let active = |status| status == RevisionStatus::Active;
        let back = match found.is_some_and(|found| active(found.definition().status)) {
            true if pins.is_empty() => live.clone(),
            true | false => {
                let ours = self.state(hand).revision.clone().unwrap_or_default();
                match self.register(hand, (live, pins), &ours).await? {
                    Registering::Done(copy) => copy,
                    Registering::NoBase => {
                        let name = short_name(live);
                        let reason =
                            format!("The task definition {name}, which ran before, is gone.");
                        return Ok(self.stuck(hand, reason));
                    }
                    Registering::Later(rest) => return Ok(Act::Wait(rest)),
                    Registering::Refused(reason) => return Ok(self.stuck(hand, reason)),
                    Registering::LeaseLost => return Ok(self.stuck(hand, LEASE_LOST.to_owned())),
                }
            }
        };
        self.state(hand).back = Some(back);
        Ok(Act::Again)
    }

    /// Registers what last worked once more, if the family's newest revision is what this deploy brought.
    pub(super) async fn restore_head(
        &self,
        hand: &mut InHand,
        family: &str,
    ) -> Result<Restoring, StepError> {
        match &self.planned().good {
            Some(good) => self.restore(hand, family, good).await,
            None => {
                tracing::warn!(deploy = %hand.deploy.id, family, "no revision is known to have worked");
                Ok(Restoring::Done)
            }
        }
    }

    /// Registers `good` once more, if the family's newest revision is what this deploy brought: one that
    /// the record names.
    pub(super) async fn restore(
        &self,
        hand: &mut InHand,
        family: &str,
        good: &Good,
    ) -> Result<Restoring, StepError> {
        let call = format!("RegisterTaskDefinition {family} once more");
        match hand.deploy.tries.turn(&call, self.waiter.now()) {
            CallTurn::Now => {}
            CallTurn::After(rest) => return Ok(Restoring::Later(rest)),
            CallTurn::Never(why) => return Ok(Restoring::Refused(why)),
        }
        let restored = self.register_good(hand, family, good).await;
        let error = match restored {
            Ok(()) => {
                hand.deploy.tries.went_through(&call);
                return Ok(Restoring::Done);
            }
            Err(StepError::Aws(error)) => error,
            Err(error) => return Err(error),
        };
        Ok(match self.said_no(hand, &call, &error) {
            CallTurn::Now => Restoring::Later(SOON),
            CallTurn::After(rest) => Restoring::Later(rest),
            CallTurn::Never(why) => Restoring::Refused(why),
        })
    }

    async fn register_good(
        &self,
        hand: &InHand,
        family: &str,
        good: &Good,
    ) -> Result<(), StepError> {
        let ecs = &self.reach.ecs;
        let head = ecs.describe_task_definition(family).await?;
        if !head.is_some_and(|head| brought(&hand.deploy, &head.definition().arn)) {
            return Ok(());
        }
        let found = ecs.describe_task_definition(&good.revision).await?;
        if let (Some(found), Some(held)) = (found, self.hold(hand).await?) {
            let tags = self.tags(&hand.deploy);
            ecs.register_copy(&held, &found, &good.pins, tags).await?;
        }
        Ok(())
    }
}

/// Whether the record says that this deploy registered a revision to bring something new.
fn brought(deploy: &Deploy, arn: &str) -> bool {
    let services = deploy.services.iter().map(|state| &state.revision);
    let schedules = deploy.schedules.iter().map(|state| &state.revision);
    let tasks = deploy.before.iter().map(|state| &state.revision);
    let mut all = services.chain(schedules).chain(tasks).flatten();
    all.any(|revision| revision == arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;

    #[test]
    fn what_a_deploy_brought_is_known_by_its_record_and_the_way_back_is_not_it() {
        let mut deploy = fixtures::planned(fixtures::deploy_of("main"));
        deploy.services[0].revision = Some("cms:9".to_owned());
        deploy.services[0].back = Some("cms:10".to_owned());
        assert!(brought(&deploy, "cms:9"));
        assert!(!brought(&deploy, "cms:10"));
        assert!(!brought(&deploy, "cms:8"));
    }
}
