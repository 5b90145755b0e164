//! One service of a deploy: set out, launch, watch, take back.

use jiff::Timestamp;

use super::course::{self, Course};
use super::explain::explain;
use super::launch::{Launch, Launched, may_still_appear};
use super::{SOON, rest};
use crate::aws::ecs::Force;
use crate::plan::{Change, Plan, PlannedService};
use crate::record::{ServiceEnding, ServicePhase, ServiceState};
use crate::rollout::{self, Judgement, LiveService, Ours, Reason, Trigger};
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::no::no_of;
use crate::waiter::reach::Reach;

/// The service a step acts on.
pub(super) struct Rolling<'a> {
    pub(super) waiter: &'a Waiter,
    pub(super) reach: &'a Reach,
    pub(super) plan: &'a Plan,
    pub(super) index: usize,
    /// The service as this step has just seen it, for one look.
    pub(super) live: Option<LiveService>,
}

impl<'a> Rolling<'a> {
    /// The service at this place of the plan, not looked at yet.
    pub(super) fn of(waiter: &'a Waiter, reach: &'a Reach, plan: &'a Plan, index: usize) -> Self {
        Self {
            waiter,
            reach,
            plan,
            index,
            live: None,
        }
    }
}

impl Rolling<'_> {
    pub(super) fn planned(&self) -> &PlannedService {
        &self.plan.services[self.index]
    }

    pub(super) fn state<'h>(&self, hand: &'h mut InHand) -> &'h mut ServiceState {
        &mut hand.deploy.services[self.index]
    }

    /// Moves the service on by one act. Where a right is missing before anything was sent, it is not
    /// begun; afterwards that only keeps Longshore from looking.
    pub(super) async fn advance(&mut self, hand: &mut InHand) -> Result<Act, StepError> {
        match self.one_act(hand).await {
            Err(StepError::Aws(error)) if error.is_denied() && self.is_untouched(hand) => {
                let no = no_of(&error, &self.plan.role_arn);
                self.unsuccessful(hand, ServiceEnding::NotStarted, Reason::Aws(no));
                Ok(Act::Again)
            }
            act => act,
        }
    }

    fn is_untouched(&self, hand: &InHand) -> bool {
        matches!(
            hand.deploy.services[self.index].phase,
            ServicePhase::Waiting | ServicePhase::Starting { sent: None, .. }
        )
    }

    async fn one_act(&mut self, hand: &mut InHand) -> Result<Act, StepError> {
        match self.state(hand).phase.clone() {
            ServicePhase::Waiting => {
                if let Some(reason) = self.changed_meanwhile(hand).await? {
                    self.unsuccessful(hand, ServiceEnding::Superseded, reason);
                    return Ok(Act::Again);
                }
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
            // A restart changed nothing of what runs, so there is nothing to go back to.
            ServicePhase::Succeeded { .. } if self.planned().change.is_restart() => {
                self.state(hand).phase = ServicePhase::WentBack;
                Ok(Act::Again)
            }
            ServicePhase::Succeeded { .. } => {
                let ours = hand.deploy.services[self.index].revision.clone();
                if let Some(foreign) = self.runs_neither(ours.as_deref()).await? {
                    return Ok(self.stuck(hand, Reason::TakenOver(foreign)));
                }
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
        if course::course(&hand.deploy) != Course::Forward {
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
                Change::Copy { .. } | Change::Exactly { .. } | Change::Renewed { .. } => Force::No,
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
            Launched::Later(rest) => Ok(Act::Wait(rest)),
            Launched::Refused(no) => {
                self.unsuccessful(hand, ServiceEnding::NotStarted, Reason::Aws(no));
                Ok(Act::Again)
            }
            Launched::LeaseLost => {
                self.lease_lost(hand);
                Ok(Act::Again)
            }
        }
    }

    pub(super) fn unsuccessful(&self, hand: &mut InHand, ending: ServiceEnding, reason: Reason) {
        self.state(hand).phase = ServicePhase::Unsuccessful { ending, reason };
    }

    pub(super) fn lease_lost(&self, hand: &mut InHand) {
        self.unsuccessful(hand, ServiceEnding::Superseded, Reason::LeaseLost);
    }

    async fn watch(
        &mut self,
        hand: &mut InHand,
        since: Timestamp,
        rollout: String,
        before: Vec<String>,
    ) -> Result<Act, StepError> {
        let live = self.live.take();
        let planned = self.planned();
        let mut images = match planned.change.is_restart() {
            true => planned.live_digests.clone(),
            false => planned.change.images().to_vec(),
        };
        images.extend(planned.names());
        let ours = Ours {
            task_definition: hand.deploy.services[self.index]
                .revision
                .clone()
                .unwrap_or_default(),
            before: planned.live.clone(),
            images,
            since,
            rollout: Some(rollout.clone()),
        };
        let ecs = &self.reach.ecs;
        let seen = ecs.observe(&planned.service, live, &ours, &before).await?;
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
            self.note(hand, rollout);
        }
        self.note_trouble(hand, &seen).await;
        match judgement {
            Judgement::NotVisibleYet | Judgement::NeverBegan | Judgement::Rolling { .. } => {
                match self.answer_pauses(hand, &rollout).await? {
                    Some(act) => Ok(act),
                    None => self.stop_or_wait(hand, &rollout).await,
                }
            }
            Judgement::Succeeded { no_tasks } => {
                // What failed on the way did not keep it from coming up.
                self.state(hand).evidence = None;
                self.state(hand).phase = ServicePhase::Succeeded { rollout, no_tasks };
                Ok(Act::Again)
            }
            Judgement::RolledBack { by, reason } => {
                self.state(hand).trigger = Some(by.clone());
                let ending = match by {
                    Trigger::Request => ServiceEnding::Stopped,
                    Trigger::Breaker | Trigger::Alarms(_) | Trigger::Hook | Trigger::Unknown => {
                        ServiceEnding::RolledBack
                    }
                };
                // ECS goes back to what last came up, and where a rollout was stopped or failed before
                // this one, that is not what ran.
                let ours = hand.deploy.services[self.index].revision.clone();
                match self.runs_neither(ours.as_deref()).await? {
                    None => self.fail(hand, ending, reason).await,
                    Some(other) => {
                        let reason = Reason::WentElsewhere(other);
                        self.fail(hand, ServiceEnding::Failed, reason).await
                    }
                }
            }
            Judgement::Stopped { reason } => self.fail(hand, ServiceEnding::Aborted, reason).await,
            Judgement::Failed { reason } => self.fail(hand, ServiceEnding::Failed, reason).await,
            Judgement::Superseded { by } => {
                self.fail(hand, ServiceEnding::Superseded, Reason::TakenOver(by))
                    .await
            }
        }
    }

    async fn fail(
        &mut self,
        hand: &mut InHand,
        ending: ServiceEnding,
        reason: Reason,
    ) -> Result<Act, StepError> {
        let state = self.state(hand);
        let stopped = matches!(ending, ServiceEnding::Stopped | ServiceEnding::Aborted);
        // What went wrong before a person stopped it is worth as much as what stopped it.
        let failing = state.counts.failed > 0 || state.evidence.is_some();
        if !stopped || failing {
            let revision = state.revision.clone().unwrap_or_default();
            let began = state.view.as_ref().and_then(|view| view.created);
            let found = explain(self.reach, self.plan, self.planned(), &revision, began).await;
            let state = self.state(hand);
            // What was known stays, if by now ECS says nothing.
            if found.tells() || state.evidence.is_none() {
                state.evidence = Some(found);
            }
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
        let looked = self.live.take();
        let Some(back) = self.state(hand).back.clone() else {
            return self.find_way_back(hand).await;
        };
        let Some(rollout) = rollout else {
            if self.is_back_already(&back, sent).await? {
                self.state(hand).phase = ServicePhase::WentBack;
                return Ok(Act::Again);
            }
            let launch = Launch {
                revision: &back,
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
                Launched::Later(rest) => Act::Wait(rest),
                Launched::Refused(no) => self.stuck(hand, Reason::Aws(no)),
                Launched::LeaseLost => self.stuck(hand, Reason::LeaseLost),
            });
        };
        let ours = Ours {
            task_definition: back,
            before: self.state(hand).revision.clone().unwrap_or_default(),
            images: self.planned().back.pins.clone(),
            since,
            rollout: Some(rollout),
        };
        let ecs = &self.reach.ecs;
        let seen = ecs
            .observe(&self.planned().service, looked, &ours, &before)
            .await?;
        match rollout::judge(self.waiter.now(), &ours, &seen) {
            Judgement::NotVisibleYet | Judgement::NeverBegan | Judgement::Rolling { .. } => {
                self.hold(hand).await?;
                if let Some(seen) = &seen.rollout {
                    self.pass_pauses(hand, seen).await?;
                }
                Ok(Act::Wait(rest(&hand.deploy, self.waiter.now())))
            }
            Judgement::Succeeded { .. } => {
                self.state(hand).phase = ServicePhase::WentBack;
                Ok(Act::Again)
            }
            Judgement::RolledBack { reason, .. }
            | Judgement::Failed { reason }
            | Judgement::Stopped { reason } => Ok(self.stuck(hand, reason)),
            Judgement::Superseded { by } => Ok(self.stuck(hand, Reason::TakenOver(by))),
        }
    }

    /// Whether the service runs `back` without a rollout of ours, because somebody was quicker: ECS
    /// starts no rollout for an update that changes nothing. Reads lag, so that a look is only enough
    /// once our update would have shown.
    async fn is_back_already(
        &self,
        back: &str,
        sent: Option<Timestamp>,
    ) -> Result<bool, StepError> {
        if sent.is_none_or(|sent| may_still_appear(sent, self.waiter.now())) {
            return Ok(false);
        }
        let name = [self.planned().service.as_str()];
        let found = self.reach.ecs.describe_services(&name).await?.pop();
        Ok(found.is_some_and(|found| found.task_definition == back && !found.in_flight()))
    }

    pub(super) fn stuck(&self, hand: &mut InHand, reason: Reason) -> Act {
        self.state(hand).phase = ServicePhase::StuckHalfway { reason };
        Act::Again
    }
}
