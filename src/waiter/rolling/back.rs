//! What is registered so that things are as they were: the copy that a service is taken back to, and the
//! one that makes a family's newest revision a good one again. Both name by digest what ran.

use std::time::Duration;

use super::SOON;
use super::launch::{Copying, Registering, copied, tags};
use super::service::Rolling;
use crate::aws::ecs::{CommitTag, FullTaskDefinition};
use crate::plan::Good;
use crate::record::{CallTurn, Deploy};
use crate::rollout::AwsNo;
use crate::rollout::Reason;
use crate::task_definition::RevisionStatus;
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;

/// What became of making a family's newest revision a good one again.
pub(super) enum Restoring {
    /// It is.
    Done,
    /// It is not what this deploy registered, or there is no good one: nothing was done.
    NotOurs,
    /// It is tried again after so long.
    Later(Duration),
    /// It could not be, and why.
    Refused(AwsNo),
}

impl Rolling<'_> {
    /// What the service is taken back to: the revision that ran, if that can be given to it and names what
    /// ran; else a copy of it that does.
    pub(super) async fn find_way_back(&self, hand: &mut InHand) -> Result<Act, StepError> {
        let planned = self.planned();
        let (ran, pins) = (planned.back_to(), &planned.back.pins);
        let found = self.reach.ecs.describe_task_definition(ran).await?;
        let active = |status| status == RevisionStatus::Active;
        let back = match found.is_some_and(|found| active(found.definition().status)) {
            true if pins.is_empty() => ran.to_owned(),
            true | false => {
                let ours = self.state(hand).revision.clone().unwrap_or_default();
                let copy = Copying {
                    base: ran,
                    images: pins,
                    commit: CommitTag::OfBase,
                };
                match self.register(hand, copy, &ours).await? {
                    Registering::Done(copy) => copy,
                    Registering::NoBase => {
                        let reason = Reason::RanBeforeGone(ran.to_owned());
                        return Ok(self.stuck(hand, reason));
                    }
                    Registering::Later(rest) => return Ok(Act::Wait(rest)),
                    Registering::Refused(no) => return Ok(self.stuck(hand, Reason::Aws(no))),
                    Registering::LeaseLost => return Ok(self.stuck(hand, Reason::LeaseLost)),
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
        let planned = self.planned();
        let images = planned.names();
        let ours = OwnCopy {
            family,
            copy: Copying {
                base: copied(planned),
                images: &images,
                commit: self.commit(),
            },
            recorded: self.state(hand).revision.is_some(),
        };
        match &planned.good {
            Some(good) => self.restore(hand, ours, good).await,
            None => {
                tracing::warn!(deploy = %hand.deploy.id, family, "no revision is known to have worked");
                Ok(Restoring::NotOurs)
            }
        }
    }

    /// Registers `good` once more, if the family's newest revision is what this deploy brought.
    pub(super) async fn restore(
        &self,
        hand: &mut InHand,
        ours: OwnCopy<'_>,
        good: &Good,
    ) -> Result<Restoring, StepError> {
        let call = format!("RegisterTaskDefinition {} once more", ours.family);
        match hand.deploy.tries.turn(&call, self.waiter.now()) {
            CallTurn::Now => {}
            CallTurn::After(rest) => return Ok(Restoring::Later(rest)),
            CallTurn::Never(no) => return Ok(Restoring::Refused(no)),
        }
        let restored = self.register_good(hand, ours, good).await;
        let error = match restored {
            Ok(restored) => {
                hand.deploy.tries.went_through(&call);
                return Ok(restored);
            }
            Err(StepError::Aws(error)) => error,
            Err(error) => return Err(error),
        };
        Ok(match self.said_no(hand, &call, &error) {
            CallTurn::Now => Restoring::Later(SOON),
            CallTurn::After(rest) => Restoring::Later(rest),
            CallTurn::Never(no) => Restoring::Refused(no),
        })
    }

    async fn register_good(
        &self,
        hand: &InHand,
        ours: OwnCopy<'_>,
        good: &Good,
    ) -> Result<Restoring, StepError> {
        let ecs = &self.reach.ecs;
        let tags = tags(&hand.deploy, CommitTag::OfBase);
        let Some(head) = ecs.describe_task_definition(ours.family).await? else {
            return Ok(Restoring::NotOurs);
        };
        let is_ours = brought(&hand.deploy, &head.definition().arn)
            || self.went_unrecorded(&hand.deploy, ours, &head).await?;
        let found = match ours.recorded || is_ours {
            true => ecs.describe_task_definition(&good.revision).await?,
            false => None,
        };
        let Some(found) = found else {
            return Ok(Restoring::NotOurs);
        };
        if !is_ours {
            // A step before this one has registered it, and could not write that down.
            let restored = head.is_copy(&found, &good.pins, tags)?;
            return Ok(if restored {
                Restoring::Done
            } else {
                Restoring::NotOurs
            });
        }
        let Some(held) = self.hold(hand).await? else {
            return Ok(Restoring::NotOurs);
        };
        ecs.register_copy(&held, &found, &good.pins, tags).await?;
        Ok(Restoring::Done)
    }

    /// Whether this deploy registered the family's newest revision without a record of it: the answer was
    /// lost, or the step that heard the answer died, and later steps had nothing more to bring.
    async fn went_unrecorded(
        &self,
        deploy: &Deploy,
        ours: OwnCopy<'_>,
        head: &FullTaskDefinition,
    ) -> Result<bool, StepError> {
        let copy = ours.copy;
        if ours.recorded || head.definition().arn == copy.base {
            return Ok(false);
        }
        let base = self.reach.ecs.describe_task_definition(copy.base).await?;
        Ok(match base {
            Some(base) => head.is_copy(&base, copy.images, tags(deploy, copy.commit))?,
            None => false,
        })
    }
}

/// What a deploy registers in a family.
#[derive(Clone, Copy)]
pub(super) struct OwnCopy<'a> {
    pub(super) family: &'a str,
    pub(super) copy: Copying<'a>,
    /// Whether the record names it.
    pub(super) recorded: bool,
}

/// Whether the record says that this deploy registered a revision to bring something new.
fn brought(deploy: &Deploy, arn: &str) -> bool {
    let services = deploy.services.iter().map(|state| &state.revision);
    let schedules = deploy.schedules.iter().map(|state| &state.revision);
    let tasks = deploy.one_offs.iter().map(|state| &state.revision);
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
