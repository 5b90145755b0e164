//! One service of a deploy: set out, launch, watch, take back.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::explain::explain;
use super::rest;
use crate::act::Act;
use crate::aws::ErrorKind;
use crate::aws::ecs::{Force, RevisionTags, Stop, UpdateOutcome};
use crate::lease::LeaseHeld;
use crate::plan::{Change, Plan, PlannedService};
use crate::reach::Reach;
use crate::record::{Deploy, ServiceEnding, ServicePhase, ServiceState};
use crate::rollout::{self, APPEARS_WITHIN, Judgement, Ours, Trigger};
use crate::starting;
use crate::waiter::{InHand, StepError, Waiter};

/// How soon to look again after something was sent to ECS.
const SOON: Duration = Duration::from_secs(4);

/// The service a step acts on.
pub(super) struct Rolling<'a> {
    pub(super) waiter: &'a Waiter,
    pub(super) reach: &'a Reach,
    pub(super) plan: &'a Plan,
    pub(super) index: usize,
}

/// What is launched: our revision, or the live one on the way back.
struct Launch<'a> {
    revision: &'a str,
    force: Force,
    sent: Option<Timestamp>,
    before: &'a [String],
}

/// What became of registering a copy.
enum Registering {
    /// It is registered, under this ARN.
    Done(String),
    /// What was to be copied is gone.
    NoBase,
    /// The lease is somebody else's: nothing was registered.
    LeaseLost,
}

enum Launched {
    /// ECS shows it.
    Visible(String),
    /// It was sent, or may have been; ECS does not show it yet.
    Sent,
    /// ECS refused it.
    Refused(String),
    /// The lease is somebody else's: nothing was sent.
    LeaseLost,
}

impl Rolling<'_> {
    fn planned(&self) -> &PlannedService {
        &self.plan.services[self.index]
    }

    fn state<'h>(&self, hand: &'h mut InHand) -> &'h mut ServiceState {
        &mut hand.deploy.services[self.index]
    }

    /// Moves the service on by one act.
    pub(super) async fn advance(&mut self, hand: &mut InHand) -> Result<Act, StepError> {
        match self.state(hand).phase.clone() {
            ServicePhase::Waiting => {
                self.state(hand).phase = ServicePhase::Starting {
                    since: self.waiter.now(),
                    sent: None,
                    before: self.known_rollouts().await?,
                };
                Ok(Act::Again)
            }
            ServicePhase::Starting {
                since,
                sent,
                before,
            } => self.start(hand, since, sent, before).await,
            ServicePhase::Rolling {
                since,
                rollout,
                before,
            } => self.watch(hand, since, rollout, before).await,
            ServicePhase::Succeeded { .. } => {
                self.state(hand).phase = ServicePhase::GoingBack {
                    since: self.waiter.now(),
                    sent: None,
                    before: self.known_rollouts().await?,
                    rollout: None,
                };
                Ok(Act::Again)
            }
            ServicePhase::GoingBack {
                since,
                sent,
                before,
                rollout,
            } => self.go_back(hand, since, sent, before, rollout).await,
            ServicePhase::Unsuccessful { .. }
            | ServicePhase::WentBack
            | ServicePhase::StuckHalfway { .. } => Ok(Act::Again),
        }
    }

    async fn known_rollouts(&self) -> Result<Vec<String>, StepError> {
        let ecs = &self.reach.ecs;
        let rollouts = ecs.service_deployments(&self.planned().service).await?;
        Ok(rollouts.into_iter().map(|rollout| rollout.arn).collect())
    }

    async fn start(
        &mut self,
        hand: &mut InHand,
        since: Timestamp,
        sent: Option<Timestamp>,
        before: Vec<String>,
    ) -> Result<Act, StepError> {
        let revision = self.state(hand).revision.clone();
        if hand.deploy.cancel.is_some() {
            let out = match &revision {
                Some(revision) => self.may_be_out(revision, sent, &before).await?,
                None => false,
            };
            if !out {
                self.state(hand).phase = ServicePhase::Waiting;
                return Ok(Act::Again);
            }
        }
        let Some(revision) = revision else {
            return self.find_revision(hand).await;
        };
        let launch = Launch {
            revision: &revision,
            force: match self.planned().change {
                Change::Again => Force::NewTasks,
                Change::Copy { .. } | Change::Exactly { .. } => Force::No,
            },
            sent,
            before: &before,
        };
        match self.launch(hand, launch).await? {
            Launched::Visible(rollout) => {
                self.state(hand).phase = ServicePhase::Rolling {
                    since,
                    rollout,
                    before,
                };
                Ok(Act::Again)
            }
            Launched::Sent => Ok(Act::Wait(SOON)),
            Launched::Refused(reason) => {
                self.unsuccessful(hand, ServiceEnding::NotStarted, reason);
                Ok(Act::Again)
            }
            Launched::LeaseLost => {
                self.lease_lost(hand);
                Ok(Act::Again)
            }
        }
    }

    fn unsuccessful(&self, hand: &mut InHand, ending: ServiceEnding, reason: String) {
        self.state(hand).phase = ServicePhase::Unsuccessful { ending, reason };
    }

    fn lease_lost(&self, hand: &mut InHand) {
        let reason = "Its lease ran out and another deploy took it over.".to_owned();
        self.unsuccessful(hand, ServiceEnding::Superseded, reason);
    }

    /// The task definition to roll out: one that exists, or a copy, registered once per family.
    async fn find_revision(&mut self, hand: &mut InHand) -> Result<Act, StepError> {
        let revision = match self.planned().change.clone() {
            Change::Again => self.planned().live.clone(),
            Change::Exactly { revision, .. } => revision,
            Change::Copy { base, images } => {
                if let Some(shared) = self.shared_revision(&hand.deploy, &base, &images) {
                    shared
                } else {
                    match self.register(hand, &base, &images).await? {
                        Registering::Done(revision) => revision,
                        Registering::NoBase => {
                            let reason = format!("The task definition {base} is gone.");
                            self.unsuccessful(hand, ServiceEnding::NotStarted, reason);
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
            Change::Copy {
                base: other,
                images: others,
            } if other == base && others == images => state.revision.clone(),
            _ => None,
        })
    }

    /// Registers the copy, unless a step before this one has and could not write it down.
    async fn register(
        &self,
        hand: &mut InHand,
        base: &str,
        images: &[(String, String)],
    ) -> Result<Registering, StepError> {
        let ecs = &self.reach.ecs;
        let tags = self.tags(&hand.deploy);
        if let Some(registered) = ecs.registered(base, tags, images).await? {
            return Ok(Registering::Done(registered.definition().arn.clone()));
        }
        let Some(base) = ecs.describe_task_definition(base).await? else {
            return Ok(Registering::NoBase);
        };
        let Some(held) = self.hold(hand).await? else {
            return Ok(Registering::LeaseLost);
        };
        let copy = ecs.register_copy(&held, &base, images, tags).await?;
        Ok(Registering::Done(copy.definition().arn.clone()))
    }

    fn tags<'d>(&'d self, deploy: &'d Deploy) -> RevisionTags<'d> {
        RevisionTags {
            deploy: &deploy.id,
            commit: self.plan.commit.as_ref(),
        }
    }

    /// Shows that the lease is ours now, and renews it.
    async fn hold(&self, hand: &InHand) -> Result<Option<LeaseHeld<'_>>, StepError> {
        let service = &self.planned().service;
        let Some(fence) = hand.deploy.services[self.index].fence else {
            return Ok(None);
        };
        let key = starting::key(self.plan, service);
        let now = self.waiter.now();
        let held = self
            .waiter
            .store
            .hold_lease(&hand.deploy.id, (&key, service), fence, hand.rev, now)
            .await?;
        if held.is_none() {
            tracing::error!(deploy = %hand.deploy.id, service, fence, "the lease is not ours any more; nothing was sent");
        }
        Ok(held)
    }

    /// Finds the rollout of `launch.revision`, or sends the update. What was sent a moment ago is
    /// waited for, not sent again.
    async fn launch(&self, hand: &mut InHand, launch: Launch<'_>) -> Result<Launched, StepError> {
        let service = &self.planned().service;
        if let Some(rollout) = self.find(launch.revision, launch.before).await? {
            return Ok(Launched::Visible(rollout));
        }
        let now = self.waiter.now();
        if launch.sent.is_some_and(|sent| may_still_appear(sent, now)) {
            return Ok(Launched::Sent);
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
            UpdateOutcome::Started => {}
            UpdateOutcome::Unknown(error) => {
                tracing::warn!(deploy = %hand.deploy.id, service, %error, "an update's outcome is unknown; ECS will show it");
            }
            UpdateOutcome::TryLater(error) => {
                // For certain nothing happened: the next step may send it at once.
                match &mut self.state(hand).phase {
                    ServicePhase::Starting { sent, .. } | ServicePhase::GoingBack { sent, .. } => {
                        *sent = None;
                    }
                    _ => {}
                }
                return Err(error.into());
            }
            UpdateOutcome::Refused(error) => {
                return Ok(Launched::Refused(format!(
                    "ECS refused the update: {}",
                    error.message()
                )));
            }
        }
        Ok(match self.find(launch.revision, launch.before).await {
            Ok(Some(rollout)) => Launched::Visible(rollout),
            Ok(None) | Err(_) => Launched::Sent,
        })
    }

    /// Whether an update that was sent, or may have been, is out or may still show.
    async fn may_be_out(
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

    async fn watch(
        &mut self,
        hand: &mut InHand,
        since: Timestamp,
        rollout: String,
        before: Vec<String>,
    ) -> Result<Act, StepError> {
        let planned = self.planned();
        let images = match &planned.change {
            Change::Again => &planned.live_digests,
            change => change.images(),
        };
        let ours = Ours {
            task_definition: hand.deploy.services[self.index]
                .revision
                .clone()
                .unwrap_or_default(),
            before: planned.live.clone(),
            images: images.to_vec(),
            since,
            rollout: Some(rollout.clone()),
        };
        let ecs = &self.reach.ecs;
        let seen = ecs.observe(&planned.service, &ours, &before).await?;
        let judgement = rollout::judge(self.waiter.now(), &ours, &seen);
        // ECS may have replaced our rollout by one of the same revision: that is ours from now on.
        let rollout = seen
            .rollout
            .as_ref()
            .map_or(rollout, |seen| seen.arn.clone());
        self.state(hand).phase = ServicePhase::Rolling {
            since,
            rollout: rollout.clone(),
            before,
        };
        if let Some(rollout) = &seen.rollout {
            self.state(hand).counts = rollout.counts;
        }
        match judgement {
            Judgement::NotVisibleYet | Judgement::NeverBegan | Judgement::Rolling { .. } => {
                self.stop_or_wait(hand, &rollout).await
            }
            Judgement::Succeeded { no_tasks } => {
                self.state(hand).phase = ServicePhase::Succeeded { rollout, no_tasks };
                Ok(Act::Again)
            }
            Judgement::RolledBack { by, reason } => {
                let ending = match by {
                    Trigger::Request => ServiceEnding::Stopped,
                    Trigger::Breaker | Trigger::Alarms(_) | Trigger::Hook | Trigger::Unknown => {
                        ServiceEnding::RolledBack
                    }
                };
                self.fail(hand, ending, reason).await
            }
            Judgement::Stopped { reason } => self.fail(hand, ServiceEnding::Stopped, reason).await,
            Judgement::Failed { reason } => self.fail(hand, ServiceEnding::Failed, reason).await,
            Judgement::Superseded { by } => {
                let name = crate::task_definition::short_name(&by);
                let reason = format!("Somebody else rolled out {name} meanwhile.");
                self.fail(hand, ServiceEnding::Superseded, reason).await
            }
        }
    }

    /// The rollout is under way: it is asked to go back if that is wanted, and the lease is renewed.
    async fn stop_or_wait(&self, hand: &mut InHand, rollout: &str) -> Result<Act, StepError> {
        let wait = Act::Wait(rest(&hand.deploy, self.waiter.now()));
        let Some(held) = self.hold(hand).await? else {
            // Still watched, so that the truth about it is told; but not touched any more.
            return Ok(wait);
        };
        let stopping = super::is_stopping(&hand.deploy);
        if !stopping || hand.deploy.services[self.index].stop_sent {
            return Ok(wait);
        }
        let ecs = &self.reach.ecs;
        match ecs
            .stop_service_deployment(&held, rollout, Stop::Rollback)
            .await
        {
            Ok(()) => {}
            // It has ended, or is on its way back already: the next look says which.
            Err(error) if matches!(error.kind(), ErrorKind::Refused(_)) => {
                tracing::warn!(deploy = %hand.deploy.id, %error, "ECS would not stop a rollout");
            }
            Err(error) => return Err(error.into()),
        }
        self.state(hand).stop_sent = true;
        Ok(Act::Wait(SOON))
    }

    async fn fail(
        &mut self,
        hand: &mut InHand,
        ending: ServiceEnding,
        reason: String,
    ) -> Result<Act, StepError> {
        if ending != ServiceEnding::Stopped {
            let revision = self.state(hand).revision.clone().unwrap_or_default();
            let evidence = explain(self.reach, self.plan, self.planned(), &revision).await;
            self.state(hand).evidence = Some(evidence);
        }
        self.unsuccessful(hand, ending, reason);
        Ok(Act::Again)
    }

    async fn go_back(
        &mut self,
        hand: &mut InHand,
        since: Timestamp,
        sent: Option<Timestamp>,
        before: Vec<String>,
        rollout: Option<String>,
    ) -> Result<Act, StepError> {
        let live = self.planned().live.clone();
        let Some(rollout) = rollout else {
            let launch = Launch {
                revision: &live,
                force: Force::No,
                sent,
                before: &before,
            };
            return Ok(match self.launch(hand, launch).await? {
                Launched::Visible(found) => {
                    if let ServicePhase::GoingBack { rollout, .. } = &mut self.state(hand).phase {
                        *rollout = Some(found);
                    }
                    Act::Again
                }
                Launched::Sent => Act::Wait(SOON),
                Launched::Refused(reason) => self.stuck(hand, reason),
                Launched::LeaseLost => {
                    let reason = "Its lease ran out and another deploy took it over.";
                    self.stuck(hand, reason.to_owned())
                }
            });
        };
        let ours = Ours {
            task_definition: live.clone(),
            before: live,
            images: Vec::new(),
            since,
            rollout: Some(rollout),
        };
        let ecs = &self.reach.ecs;
        let seen = ecs.observe(&self.planned().service, &ours, &before).await?;
        match rollout::judge(self.waiter.now(), &ours, &seen) {
            Judgement::NotVisibleYet | Judgement::NeverBegan | Judgement::Rolling { .. } => {
                self.hold(hand).await?;
                Ok(Act::Wait(rest(&hand.deploy, self.waiter.now())))
            }
            Judgement::Succeeded { .. } => {
                self.state(hand).phase = ServicePhase::WentBack;
                Ok(Act::Again)
            }
            Judgement::RolledBack { reason, .. }
            | Judgement::Failed { reason }
            | Judgement::Stopped { reason } => Ok(self.stuck(hand, reason)),
            Judgement::Superseded { by } => {
                let name = crate::task_definition::short_name(&by);
                Ok(self.stuck(hand, format!("Somebody else rolled out {name} meanwhile.")))
            }
        }
    }

    fn stuck(&self, hand: &mut InHand, reason: String) -> Act {
        self.state(hand).phase = ServicePhase::StuckHalfway { reason };
        Act::Again
    }

    /// Registers the live definition once more, if the family's newest revision is this deploy's.
    pub(super) async fn restore_head(
        &self,
        hand: &mut InHand,
        family: &str,
    ) -> Result<(), StepError> {
        let Change::Copy { images, .. } = &self.planned().change else {
            return Ok(());
        };
        let ecs = &self.reach.ecs;
        let tags = self.tags(&hand.deploy);
        if ecs.registered(family, tags, images).await?.is_none() {
            return Ok(());
        }
        let live = ecs.describe_task_definition(&self.planned().live).await?;
        if let (Some(live), Some(held)) = (live, self.hold(hand).await?) {
            ecs.register_copy(&held, &live, &[], tags).await?;
        }
        Ok(())
    }
}

/// Whether it is too early to conclude from ECS's silence that an update did not arrive.
fn may_still_appear(sent: Timestamp, now: Timestamp) -> bool {
    let patience = SignedDuration::try_from(APPEARS_WITHIN).unwrap_or_default();
    now.duration_since(sent) <= patience
}
