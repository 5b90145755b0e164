//! The one-off tasks that run before the services: each registered, run once, watched, and stopped
//! where somebody cancels or its time is up.
//!
//! Running one twice could do harm, so it is asked for under a token of its own, which ECS takes once,
//! and looked for before it is asked for again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::explain::explain_task;
use super::launch::{Copying, Registering, tags};
use super::service::Rolling;
use super::{SOON, rest};
use crate::aws::ecs::{OneOff, RunOutcome};
use crate::plan::{Plan, PlannedTask};
use crate::record::NoticeOf;
use crate::record::{
    CallTurn, Deploy, OneOffPhase, OneOffState, STOP_TASK, TaskStop, Verdict, Why,
};
use crate::rollout::{OneOffReason, Reason};
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::no::no_of;
use crate::waiter::one_off::{TaskEnd, judge};
use crate::waiter::reach::Reach;

/// How long the task is asked for, and looked for, after it may have been asked for first. What has
/// stopped is shown for an hour, so that within this time silence means that it never ran.
const ASKED_FOR: SignedDuration = SignedDuration::from_mins(10);
/// How long ECS may take to show a task that it has started.
const APPEARS_WITHIN: SignedDuration = SignedDuration::from_mins(1);
/// The slowest look.
const SLOWEST: Duration = Duration::from_secs(30);

/// What a step found out about the task.
enum Moved {
    /// It is written down; look on.
    On,
    /// There is something to wait for.
    Wait(Duration),
}

/// Moves the one-off tasks on, one after the other; `None` once the services may follow, or there is
/// nothing to do.
pub(super) async fn run(
    waiter: &Waiter,
    reach: &Reach,
    plan: &Plan,
    hand: &mut InHand,
) -> Result<Option<Act>, StepError> {
    for (number, task) in plan.one_offs.iter().enumerate() {
        let rolling = &Rolling::of(waiter, reach, plan, task.with);
        let one_off = OneOffTask {
            rolling,
            task,
            number,
        };
        if let Some(act) = one_off.run(hand).await? {
            return Ok(Some(act));
        }
    }
    Ok(None)
}

/// Whether ECS still runs a one-off task of this deploy, or may be about to.
pub(crate) async fn is_running(
    reach: &Reach,
    plan: &Plan,
    deploy: &Deploy,
) -> Result<bool, StepError> {
    for (number, (task, state)) in plan.one_offs.iter().zip(&deploy.one_offs).enumerate() {
        if !(state.is_under_way() && state.may_have_run()) {
            continue;
        }
        let ecs = &reach.ecs;
        let found = ecs.find_one_off(&task.family, &deploy.id, number).await?;
        if found.is_some_and(|task| task.stopped.is_none()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One of the tasks of a deploy.
struct OneOffTask<'r> {
    rolling: &'r Rolling<'r>,
    task: &'r PlannedTask,
    /// Its place among them.
    number: usize,
}

impl OneOffTask<'_> {
    fn now(&self) -> Timestamp {
        self.rolling.waiter.now()
    }

    fn state<'h>(&self, hand: &'h mut InHand) -> &'h mut OneOffState {
        &mut hand.deploy.one_offs[self.number]
    }

    /// Moves it on; `None` once what follows may begin.
    async fn run(&self, hand: &mut InHand) -> Result<Option<Act>, StepError> {
        loop {
            let moved = match self.state(hand).phase.clone() {
                OneOffPhase::Waiting if hand.deploy.cancel.is_some() => return Ok(None),
                OneOffPhase::Waiting => {
                    let moved = self.register(hand).await;
                    self.not_allowed(hand, moved)?
                }
                OneOffPhase::Starting { sent: None, again } => {
                    let moved = self.start(hand, None, again).await;
                    self.not_allowed(hand, moved)?
                }
                OneOffPhase::Starting { sent, again } => self.start(hand, sent, again).await?,
                OneOffPhase::Running {
                    task,
                    since,
                    stopped,
                } => self.watch(hand, &task, since, stopped).await?,
                OneOffPhase::Succeeded { .. } | OneOffPhase::Cancelled => return Ok(None),
                OneOffPhase::Failed { reason, .. } => {
                    return Ok(Some(Act::End(Verdict::Failed, Why::failed(reason))));
                }
            };
            match moved {
                Moved::On => self.rolling.waiter.write(hand).await?,
                Moved::Wait(time) => return Ok(Some(Act::Wait(time))),
            }
        }
    }

    /// Where a right is missing before anything was sent, the task is not begun.
    fn not_allowed(
        &self,
        hand: &mut InHand,
        moved: Result<Moved, StepError>,
    ) -> Result<Moved, StepError> {
        let sent =
            |phase: &OneOffPhase| matches!(phase, OneOffPhase::Starting { sent: Some(_), .. });
        match moved {
            Err(StepError::Aws(error)) if error.is_denied() && !sent(&self.state(hand).phase) => {
                let no = no_of(&error, &self.rolling.plan.role_arn);
                fail(self.state(hand), false, Reason::Aws(no));
                Ok(Moved::On)
            }
            moved => moved,
        }
    }

    async fn register(&self, hand: &mut InHand) -> Result<Moved, StepError> {
        let base = &self.task.base;
        let copy = Copying {
            base,
            images: &self.task.images,
            commit: self.rolling.commit(),
        };
        let registered = self.rolling.register(hand, copy, "").await?;
        let state = self.state(hand);
        match registered {
            Registering::Done(revision) => {
                state.revision = Some(revision);
                state.phase = OneOffPhase::Starting {
                    sent: None,
                    again: None,
                };
            }
            Registering::NoBase => {
                fail(state, false, Reason::DefinitionGone(base.clone()));
            }
            Registering::Later(rest) => return Ok(Moved::Wait(rest)),
            Registering::Refused(no) => fail(state, false, Reason::Aws(no)),
            Registering::LeaseLost => fail(state, false, Reason::LeaseLost),
        }
        Ok(Moved::On)
    }

    /// Finds the task, or asks for it.
    async fn start(
        &self,
        hand: &mut InHand,
        sent: Option<Timestamp>,
        again: Option<Timestamp>,
    ) -> Result<Moved, StepError> {
        let (ecs, now) = (&self.rolling.reach.ecs, self.now());
        if let Some(sent) = sent {
            let found = ecs
                .find_one_off(&self.task.family, &hand.deploy.id, self.number)
                .await?;
            if let Some(found) = found {
                self.state(hand).begin(found.arn, now);
                return Ok(Moved::On);
            }
            let waited = now.duration_since(sent);
            if hand.deploy.cancel.is_some() {
                if now.duration_since(again.unwrap_or(sent)) <= APPEARS_WITHIN {
                    return Ok(Moved::Wait(SOON));
                }
                self.state(hand).phase = OneOffPhase::Cancelled;
                return Ok(Moved::On);
            }
            if waited > ASKED_FOR {
                let state = self.state(hand);
                fail(state, true, OneOffReason::NeverShown.into());
                return Ok(Moved::On);
            }
        } else if hand.deploy.cancel.is_some() {
            self.state(hand).phase = OneOffPhase::Waiting;
            return Ok(Moved::On);
        }
        self.send(hand, sent, again).await
    }

    async fn send(
        &self,
        hand: &mut InHand,
        sent: Option<Timestamp>,
        again: Option<Timestamp>,
    ) -> Result<Moved, StepError> {
        let call = format!("RunTask {}", self.number);
        match hand.deploy.tries.turn(&call, self.now()) {
            CallTurn::Now => {}
            CallTurn::After(rest) => return Ok(Moved::Wait(rest)),
            CallTurn::Never(no) => {
                fail(self.state(hand), sent.is_some(), Reason::Aws(no));
                return Ok(Moved::On);
            }
        }
        // Written down before it is sent: a step that dies now leaves word that it may have been.
        let now = self.now();
        self.state(hand).phase = OneOffPhase::Starting {
            sent: Some(sent.unwrap_or(now)),
            again: sent.map(|_| now),
        };
        self.rolling.waiter.write(hand).await?;
        let revision = self.state(hand).revision.clone();
        let revision = revision.unwrap_or_default();
        let outcome = match self.rolling.hold(hand).await? {
            Some(held) => {
                let one_off = OneOff {
                    revision: &revision,
                    container: &self.task.container,
                    command: &self.task.command,
                    tags: tags(&hand.deploy, self.rolling.commit()),
                    number: self.number,
                };
                Some(self.rolling.reach.ecs.run_once(&held, one_off).await)
            }
            None => None,
        };
        let now = self.now();
        let state = self.state(hand);
        // Whether an earlier call may have started it.
        let ran = sent.is_some();
        match outcome {
            Some(RunOutcome::Started(arn)) => {
                state.begin(arn, now);
                hand.deploy.tries.went_through(&call);
            }
            Some(RunOutcome::Unknown(error) | RunOutcome::TryLater(error)) => {
                if !error.unknown_outcome() {
                    // For certain this call started nothing.
                    state.phase = OneOffPhase::Starting { sent, again };
                }
                return Ok(Moved::Wait(
                    match self.rolling.said_no(hand, &call, &error) {
                        CallTurn::After(rest) => rest,
                        CallTurn::Now | CallTurn::Never(_) => SOON,
                    },
                ));
            }
            Some(RunOutcome::NotPlaced(why)) => {
                fail(state, ran, OneOffReason::NoRoom(why).into());
            }
            Some(RunOutcome::Refused(error)) => {
                let no = no_of(&error, &self.rolling.plan.role_arn);
                fail(state, ran, Reason::Aws(no));
            }
            None => fail(state, ran, Reason::LeaseLost),
        }
        Ok(Moved::On)
    }

    async fn watch(
        &self,
        hand: &mut InHand,
        arn: &str,
        since: Timestamp,
        stopped: Option<TaskStop>,
    ) -> Result<Moved, StepError> {
        let now = self.now();
        let Some(seen) = self.rolling.reach.ecs.one_off(arn).await? else {
            if now.duration_since(since) <= APPEARS_WITHIN {
                return Ok(Moved::Wait(SOON));
            }
            let state = self.state(hand);
            fail(state, true, OneOffReason::NoLongerShown.into());
            return Ok(Moved::On);
        };
        let Some(ended) = seen.stopped else {
            return self.stop_or_wait(hand, arn, since, stopped).await;
        };
        let end = judge(&ended, &self.task.container, stopped);
        if let TaskEnd::Failed(_) | TaskEnd::NeverRan = &end {
            let revision = self.state(hand).revision.clone();
            let (reach, plan) = (self.rolling.reach, self.rolling.plan);
            let evidence = explain_task(reach, plan, &revision.unwrap_or_default(), ended).await;
            self.state(hand).evidence = Some(evidence);
        }
        if end == TaskEnd::Succeeded {
            // The services have all their time yet.
            let (started, deadline) = (hand.deploy.started_at, hand.deploy.deadline);
            let time = deadline
                .zip(started)
                .map(|(end, start)| end.duration_since(start));
            hand.deploy.deadline = time.and_then(|time| now.checked_add(time).ok());
        }
        let state = self.state(hand);
        state.phase = match end {
            TaskEnd::Succeeded => OneOffPhase::Succeeded {
                task: arn.to_owned(),
                took: Duration::try_from(now.duration_since(since)).unwrap_or_default(),
            },
            TaskEnd::Cancelled => OneOffPhase::Cancelled,
            TaskEnd::Failed(reason) => OneOffPhase::Failed {
                ran: true,
                reason: reason.into(),
            },
            TaskEnd::NeverRan => OneOffPhase::Failed {
                ran: false,
                reason: OneOffReason::NeverRan.into(),
            },
        };
        Ok(Moved::On)
    }

    /// It runs: it is stopped if that is wanted, and the lease is renewed.
    async fn stop_or_wait(
        &self,
        hand: &mut InHand,
        arn: &str,
        since: Timestamp,
        stopped: Option<TaskStop>,
    ) -> Result<Moved, StepError> {
        let now = self.now();
        let timeout = SignedDuration::try_from(self.task.timeout).unwrap_or(SignedDuration::MAX);
        let wait = Moved::Wait(rest(&hand.deploy, now).min(SLOWEST));
        let why = match &hand.deploy.cancel {
            Some(_) => Some(TaskStop::Cancelled),
            None if now.duration_since(since) >= timeout => Some(TaskStop::TimedOut),
            None => None,
        };
        let (Some(held), Some(why), None) = (self.rolling.hold(hand).await?, why, stopped) else {
            return Ok(wait);
        };
        let reason = match why {
            TaskStop::Cancelled => "Longshore: the deploy was cancelled",
            TaskStop::TimedOut => "Longshore: it took longer than it may",
        };
        let call = format!("{STOP_TASK}{arn}");
        match hand.deploy.tries.turn(&call, now) {
            CallTurn::Now => {}
            CallTurn::After(rest) => return Ok(Moved::Wait(rest)),
            CallTurn::Never(no) => {
                let by = hand.deploy.cancel.as_ref().map(|cancel| cancel.by.clone());
                hand.deploy
                    .notify(by.as_ref(), NoticeOf::TaskStopRefused(no));
                return Ok(wait);
            }
        }
        let ecs = &self.rolling.reach.ecs;
        if let Err(error) = ecs.stop_one_off(&held, arn, reason).await {
            // It may have ended: the next look says how.
            return Ok(Moved::Wait(
                match self.rolling.said_no(hand, &call, &error) {
                    CallTurn::After(rest) => rest,
                    CallTurn::Now | CallTurn::Never(_) => SOON,
                },
            ));
        }
        hand.deploy.tries.went_through(&call);
        self.state(hand).phase = OneOffPhase::Running {
            task: arn.to_owned(),
            since,
            stopped: Some(why),
        };
        Ok(Moved::Wait(SOON))
    }
}

fn fail(state: &mut OneOffState, ran: bool, reason: Reason) {
    state.phase = OneOffPhase::Failed { ran, reason };
}
