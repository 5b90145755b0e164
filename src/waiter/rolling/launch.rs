//! What is sent to ECS for one service: a revision registered, an update. Each is
//! looked for before it is sent, and sent only with the lease shown in the same step.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::SOON;
use super::service::Rolling;
use crate::aws::AwsError;
use crate::aws::ecs::{CommitTag, Force, RevisionTags, UpdateOutcome};
use crate::plan::{Change, PlannedService};
use crate::record::lease::LeaseHeld;
use crate::record::lease::ServiceKey;
use crate::record::{CallTurn, Deploy, ServiceEnding, ServicePhase};
use crate::rollout::{APPEARS_WITHIN, AwsNo, Reason};
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;
use crate::waiter::no::no_of;

/// The revision that is launched: ours, or the live one on the way back.
pub(super) struct Launch<'a> {
    pub(super) revision: &'a str,
    pub(super) force: Force,
    pub(super) sent: Option<Timestamp>,
    pub(super) before: &'a [String],
}

/// A copy of a revision.
#[derive(Clone, Copy)]
pub(super) struct Copying<'a> {
    /// The ARN of the revision that was copied.
    pub(super) base: &'a str,
    /// The images that it names anew.
    pub(super) images: &'a [(String, String)],
    /// The commit that it runs.
    pub(super) commit: CommitTag<'a>,
}

/// What became of registering a copy.
pub(super) enum Registering {
    /// It is registered, under this ARN.
    Done(String),
    /// The revision that was to be copied is gone.
    NoBase,
    /// AWS did not take it; it is tried again after so long.
    Later(Duration),
    /// AWS refused it.
    Refused(AwsNo),
    /// The lease is somebody else's: nothing was registered.
    LeaseLost,
}

pub(super) enum Launched {
    /// ECS shows it.
    Visible(String),
    /// It was sent, or may have been; ECS does not show it yet.
    Sent,
    /// ECS did not take it; it is sent again after so long.
    Later(Duration),
    /// ECS refused it.
    Refused(AwsNo),
    /// The lease is somebody else's: nothing was sent.
    LeaseLost,
}

impl Rolling<'_> {
    /// The task definition to roll out: one that exists, or a copy, registered once per family.
    pub(super) async fn find_revision(&mut self, hand: &mut InHand) -> Result<Act, StepError> {
        let planned = self.planned();
        let revision = match &planned.change {
            Change::Again => planned.live.clone(),
            Change::Exactly { revision, .. } => revision.clone(),
            Change::Copy { .. } | Change::Renewed { .. } => {
                let (base, images) = (copied(planned), planned.names());
                if let Some(shared) = self.shared_revision(&hand.deploy, base, &images) {
                    shared
                } else {
                    let copy = Copying {
                        base,
                        images: &images,
                        commit: self.commit(),
                    };
                    match self.register(hand, copy, &planned.live).await? {
                        Registering::Done(revision) => revision,
                        Registering::NoBase => {
                            let reason = Reason::DefinitionGone(base.to_owned());
                            self.unsuccessful(hand, ServiceEnding::NotStarted, reason);
                            return Ok(Act::Again);
                        }
                        Registering::Later(rest) => return Ok(Act::Wait(rest)),
                        Registering::Refused(no) => {
                            self.unsuccessful(hand, ServiceEnding::NotStarted, Reason::Aws(no));
                            return Ok(Act::Again);
                        }
                        Registering::LeaseLost => {
                            self.lease_lost(hand);
                            return Ok(Act::Again);
                        }
                    }
                }
            }
        };
        self.state(hand).revision = Some(revision);
        Ok(Act::Again)
    }

    /// A revision another service of this deploy has had registered from the same base.
    fn shared_revision(
        &self,
        deploy: &Deploy,
        base: &str,
        images: &[(String, String)],
    ) -> Option<String> {
        let mut all = self.plan.services.iter().zip(&deploy.services);
        all.find_map(|(planned, state)| match &planned.change {
            Change::Copy { base: other, .. } if other == base && planned.names() == images => {
                state.revision.clone()
            }
            _ => None,
        })
    }

    /// Registers a copy, unless a step before this one has and could not write it down. What the service
    /// runs already (`runs`) would not do.
    pub(super) async fn register(
        &self,
        hand: &mut InHand,
        Copying {
            base,
            images,
            commit,
        }: Copying<'_>,
        runs: &str,
    ) -> Result<Registering, StepError> {
        let call = format!("RegisterTaskDefinition {base}");
        match hand.deploy.tries.turn(&call, self.waiter.now()) {
            CallTurn::Now => {}
            CallTurn::After(rest) => return Ok(Registering::Later(rest)),
            CallTurn::Never(no) => return Ok(Registering::Refused(no)),
        }
        let ecs = &self.reach.ecs;
        let tags = tags(&hand.deploy, commit);
        let Some(base) = ecs.describe_task_definition(base).await? else {
            return Ok(Registering::NoBase);
        };
        if let Some(registered) = ecs.registered(&base, images, tags, runs).await? {
            return Ok(Registering::Done(registered.definition().arn.clone()));
        }
        let Some(held) = self.hold(hand).await? else {
            return Ok(Registering::LeaseLost);
        };
        let copied = ecs.register_copy(&held, &base, images, tags).await;
        Ok(match copied {
            Ok(copy) => {
                hand.deploy.tries.went_through(&call);
                Registering::Done(copy.definition().arn.clone())
            }
            Err(error) => match self.said_no(hand, &call, &error) {
                CallTurn::Now => Registering::Later(SOON),
                CallTurn::After(rest) => Registering::Later(rest),
                CallTurn::Never(no) => Registering::Refused(no),
            },
        })
    }

    /// What AWS's no to a call comes to: it is tried again after a pause, or never, and why.
    pub(super) fn said_no(&self, hand: &mut InHand, call: &str, error: &AwsError) -> CallTurn {
        let (now, role) = (self.waiter.now(), &self.plan.role_arn);
        tracing::warn!(deploy = %hand.deploy.id, call, %error, "AWS said no to a call");
        let tries = &mut hand.deploy.tries;
        let no = no_of(error, role);
        if error.is_transient() {
            return tries.failed(call, now, no);
        }
        tries.refused(call, now, no.clone());
        CallTurn::Never(no)
    }

    /// The commit of the application's own image that the service will run.
    pub(super) fn commit(&self) -> CommitTag<'_> {
        let commit = self.plan.share_of(self.index).own_commit();
        commit.map_or(CommitTag::Unknown, CommitTag::Is)
    }

    /// Shows that the lease is ours now, and renews it.
    pub(super) async fn hold(&self, hand: &InHand) -> Result<Option<LeaseHeld<'_>>, StepError> {
        let service = &self.planned().service;
        let Some(fence) = hand.deploy.services[self.index].fence else {
            return Ok(None);
        };
        let key = ServiceKey::of(self.plan, service);
        let now = self.waiter.now();
        let held = self
            .waiter
            .store
            .hold_lease(&hand.deploy.id, &key, service, fence, hand.rev, now)
            .await?;
        if held.is_none() {
            tracing::error!(deploy = %hand.deploy.id, service, fence, "the lease is not ours any more; nothing was sent");
        }
        Ok(held)
    }

    /// Finds the rollout of `launch.revision`, or sends the update. What was sent a moment ago is
    /// waited for, not sent again.
    pub(super) async fn launch(
        &self,
        hand: &mut InHand,
        launch: Launch<'_>,
    ) -> Result<Launched, StepError> {
        let service = &self.planned().service;
        if let Some(rollout) = self.find(launch.revision, launch.before).await? {
            return Ok(Launched::Visible(rollout));
        }
        let now = self.waiter.now();
        if launch.sent.is_some_and(|sent| may_still_appear(sent, now)) {
            return Ok(Launched::Sent);
        }
        let call = format!("UpdateService {service} {}", launch.revision);
        match hand.deploy.tries.turn(&call, now) {
            CallTurn::Now => {}
            CallTurn::After(rest) => return Ok(Launched::Later(rest)),
            CallTurn::Never(no) => return Ok(Launched::Refused(no)),
        }
        // Written down before it is sent: a step that dies now leaves word that it may have been.
        match &mut self.state(hand).phase {
            ServicePhase::Starting { sent, .. } | ServicePhase::GoingBack { sent, .. } => {
                *sent = Some(now);
            }
            _ => {}
        }
        self.waiter.write(hand).await?;
        let Some(held) = self.hold(hand).await? else {
            return Ok(Launched::LeaseLost);
        };
        let updated = self
            .reach
            .ecs
            .update_service(&held, launch.revision, launch.force)
            .await;
        match updated {
            UpdateOutcome::Started => hand.deploy.tries.went_through(&call),
            UpdateOutcome::Unknown(error) => {
                // ECS will show whether it arrived; only then is it known what this comes to.
                self.said_no(hand, &call, &error);
            }
            UpdateOutcome::TryLater(error) => {
                // For certain nothing happened: the next step may send it at once.
                match &mut self.state(hand).phase {
                    ServicePhase::Starting { sent, .. } | ServicePhase::GoingBack { sent, .. } => {
                        *sent = None;
                    }
                    _ => {}
                }
                return Ok(match self.said_no(hand, &call, &error) {
                    CallTurn::Now => Launched::Later(SOON),
                    CallTurn::After(rest) => Launched::Later(rest),
                    CallTurn::Never(no) => Launched::Refused(no),
                });
            }
            UpdateOutcome::Refused(error) => {
                return Ok(Launched::Refused(no_of(&error, &self.plan.role_arn)));
            }
        }
        Ok(match self.find(launch.revision, launch.before).await {
            Ok(Some(rollout)) => Launched::Visible(rollout),
            Ok(None) | Err(_) => Launched::Sent,
        })
    }

    /// Whether an update that was sent, or may have been, is out or may still show.
    pub(super) async fn may_be_out(
        &self,
        revision: &str,
        sent: Option<Timestamp>,
        before: &[String],
    ) -> Result<bool, StepError> {
        let Some(sent) = sent else {
            return Ok(false);
        };
        Ok(may_still_appear(sent, self.waiter.now())
            || self.find(revision, before).await?.is_some())
    }

    /// The rollout of this revision among those that were not there before.
    async fn find(&self, revision: &str, before: &[String]) -> Result<Option<String>, StepError> {
        let ecs = &self.reach.ecs;
        let service = &self.planned().service;
        let found = ecs
            .find_service_deployment(service, revision, before)
            .await?;
        Ok(found.map(|rollout| rollout.arn))
    }
}

/// What a revision that is registered for a deploy says of its origin.
pub(super) fn tags<'a>(deploy: &'a Deploy, commit: CommitTag<'a>) -> RevisionTags<'a> {
    RevisionTags {
        deploy: &deploy.id,
        commit,
    }
}

/// What the copy that a service is given is a copy of.
pub(super) fn copied(planned: &PlannedService) -> &str {
    match &planned.change {
        Change::Copy { base, .. } => base,
        Change::Exactly { revision, .. } => revision,
        Change::Again | Change::Renewed { .. } => &planned.live,
    }
}

/// Whether ECS's silence is still too short to conclude that an update did not arrive.
pub(super) fn may_still_appear(sent: Timestamp, now: Timestamp) -> bool {
    let patience = SignedDuration::try_from(APPEARS_WITHIN).unwrap_or_default();
    now.duration_since(sent) <= patience
}
