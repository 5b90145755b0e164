//! A rollout that waits at a pause hook: what people answered goes to ECS, with the lease shown and
//! the action named, and the time they take does not count for the deadline.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::service::Rolling;
use super::{RARELY, SOON, course};
use crate::record::NoticeOf;
use crate::record::{CallTurn, Cancel, Choice, Deploy, Stop, Vote, follow};
use crate::rollout::{AfterPause, Rollout, View};
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;

/// How often a rollout is looked at that waits for a person.
const PATIENTLY: Duration = Duration::from_secs(60);
/// After this time, only every [`RARELY`].
const LONG_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// How soon after a pause runs out ECS is looked at: its clock is not ours.
const AFTER_EXPIRY: SignedDuration = SignedDuration::from_secs(5);

/// How soon to look again at a deploy that has been waiting for a person for so long.
pub(super) fn rest(deploy: &Deploy, waited: SignedDuration, now: Timestamp) -> Duration {
    let usual = match waited >= LONG_WAIT {
        true => RARELY,
        false => PATIENTLY,
    };
    let pauses = deploy.services.iter().flat_map(|s| s.waiting_pauses());
    let expiries = pauses.filter_map(|pause| pause.expires_at);
    let left = expiries.map(|at| at.duration_since(now) + AFTER_EXPIRY);
    let soonest = left.filter_map(|left| Duration::try_from(left).ok()).min();
    usual.min(soonest.unwrap_or(usual)).max(SOON)
}

/// Starts or stops the clock that the deadline goes by, when a wait for a person begins or ends.
pub(super) fn keep_time(deploy: &mut Deploy, now: Timestamp) {
    let waits = deploy
        .services
        .iter()
        .any(|service| !service.phase.is_final() && service.waiting_pauses().next().is_some());
    match (waits, deploy.waiting_since) {
        (true, None) => deploy.waiting_since = Some(now),
        (false, Some(since)) => {
            deploy.waiting_since = None;
            let waited = now.duration_since(since);
            let deadline = deploy.deadline;
            deploy.deadline = deadline.and_then(|at| at.checked_add(waited).ok());
        }
        (true, Some(_)) | (false, None) => {}
    }
}

impl Rolling<'_> {
    /// Writes into the record in hand what a look at a rollout showed.
    pub(super) fn note(&self, hand: &mut InHand, seen: &Rollout) {
        let now = self.waiter.now();
        let id = hand.deploy.id.clone();
        let state = self.state(hand);
        state.counts = seen.counts;
        state.view = Some(View::of(seen, state.view.as_ref(), now));
        follow(&mut state.pauses, seen, &id, now);
        keep_time(&mut hand.deploy, now);
    }

    /// Gives ECS what people answered to the pauses of this rollout, and what to do next if
    /// anything was answered.
    pub(super) async fn answer_pauses(
        &self,
        hand: &mut InHand,
        rollout: &str,
    ) -> Result<Option<Act>, StepError> {
        for at in 0..self.state(hand).pauses.len() {
            let pause = self.state(hand).pauses[at].clone();
            let answers = &hand.dossier.answers;
            let found = answers.iter().find(|answer| answer.nonce == pause.nonce);
            let (true, Some(answer)) = (pause.waits(), found.cloned()) else {
                continue;
            };
            let action = match answer.choice {
                // Going back was decided otherwise: it is stopped.
                Choice::Continue if course::course(&hand.deploy) == course::Course::Back => {
                    continue;
                }
                Choice::Continue => AfterPause::Continue,
                Choice::RollBack => AfterPause::RollBack,
                Choice::Confirm
                | Choice::Decline
                | Choice::Another(_)
                | Choice::AllowOnce
                | Choice::AllowUntil => continue,
            };
            return self.answer_one(hand, rollout, at, answer, action).await;
        }
        Ok(None)
    }

    /// On the way back nobody is asked: what is gone back to ran before.
    pub(super) async fn pass_pauses(
        &self,
        hand: &mut InHand,
        rollout: &Rollout,
    ) -> Result<(), StepError> {
        for hook in rollout.waiting_hooks() {
            let call = format!("ContinueServiceDeployment {}", hook.id);
            if hand.deploy.tries.turn(&call, self.waiter.now()) != CallTurn::Now {
                continue;
            }
            if let Some(held) = self.hold(hand).await? {
                let ecs = &self.reach.ecs;
                let passed = ecs
                    .continue_service_deployment(
                        &held,
                        &rollout.arn,
                        &hook.id,
                        AfterPause::Continue,
                    )
                    .await;
                if let Err(error) = passed
                    && let CallTurn::Never(no) = self.said_no(hand, &call, &error)
                {
                    let service = self.planned().service.clone();
                    hand.deploy
                        .notify(None, NoticeOf::WayBackPauses { service, no });
                }
            }
        }
        Ok(())
    }

    async fn answer_one(
        &self,
        hand: &mut InHand,
        rollout: &str,
        at: usize,
        answer: Vote,
        action: AfterPause,
    ) -> Result<Option<Act>, StepError> {
        let hook = self.state(hand).pauses[at].hook.clone();
        let call = format!("ContinueServiceDeployment {hook}");
        match hand.deploy.tries.turn(&call, self.waiter.now()) {
            CallTurn::Now => {}
            CallTurn::After(rest) => return Ok(Some(Act::Wait(rest))),
            CallTurn::Never(no) => {
                let service = self.planned().service.clone();
                let refused = NoticeOf::AnswerRefused { service, no };
                hand.deploy.notify(Some(&answer.by), refused);
                return Ok(None);
            }
        }
        // Written down before it is sent: a step that dies now leaves word of whose answer it was.
        if action == AfterPause::RollBack && hand.deploy.cancel.is_none() {
            hand.deploy.cancel = Some(Cancel {
                by: answer.by.clone(),
                at: answer.at,
                by_copy: answer.by_copy.clone(),
            });
        }
        self.state(hand).pauses[at].answer = Some(answer);
        self.waiter.write(hand).await?;
        let Some(held) = self.hold(hand).await? else {
            // Still watched, but not touched any more.
            return Ok(None);
        };
        let ecs = &self.reach.ecs;
        let given = ecs
            .continue_service_deployment(&held, rollout, &hook, action)
            .await;
        match given {
            Ok(()) => {
                hand.deploy.tries.went_through(&call);
                self.state(hand).pauses[at].trouble = None;
                if action == AfterPause::RollBack {
                    self.state(hand).stop = Stop::Asked;
                }
                Ok(Some(Act::Wait(SOON)))
            }
            Err(error) => Ok(Some(match self.said_no(hand, &call, &error) {
                CallTurn::After(rest) => Act::Wait(rest),
                CallTurn::Now => Act::Wait(SOON),
                // It ran out, or was answered elsewhere: the next look says which. Or Longshore may not.
                CallTurn::Never(no) => {
                    self.state(hand).pauses[at].trouble = Some(no);
                    Act::Wait(SOON)
                }
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::record::Pause;
    use crate::record::PauseEnd;
    use crate::record::Telling;

    const T: Timestamp = Timestamp::UNIX_EPOCH;

    fn minutes(minutes: i64) -> Timestamp {
        T + SignedDuration::from_mins(minutes)
    }

    fn waiting(expires_at: Timestamp) -> Deploy {
        let mut deploy = fixtures::rolling(crate::request::Verb::Restart);
        deploy.deadline = Some(minutes(30));
        deploy.services[0].pauses = vec![Pause {
            hook: "h1".to_owned(),
            nonce: String::new(),
            stage: None,
            since: T,
            expires_at: Some(expires_at),
            on_timeout: AfterPause::RollBack,
            answer: None,
            trouble: None,
            end: None,
            asked: Telling::Due,
            reported: Telling::Due,
        }];
        deploy
    }

    #[test]
    fn the_time_of_a_pause_is_added_to_the_deadline_once() {
        let mut deploy = waiting(minutes(600));
        keep_time(&mut deploy, minutes(1));
        keep_time(&mut deploy, minutes(2));
        assert_eq!(deploy.waiting_since, Some(minutes(1)));
        assert_eq!(deploy.deadline, Some(minutes(30)));
        deploy.services[0].pauses[0].end = Some(PauseEnd::Answered);
        for at in [11, 12] {
            keep_time(&mut deploy, minutes(at));
            assert_eq!(deploy.waiting_since, None);
            assert_eq!(deploy.deadline, Some(minutes(40)));
        }
    }

    #[test]
    fn a_pause_is_looked_at_rarely_and_when_it_runs_out() {
        let rest = |expires, waited, now| {
            let waited = SignedDuration::from_mins(waited);
            super::rest(&waiting(minutes(expires)), waited, minutes(now)).as_secs()
        };
        assert_eq!(rest(600, 1, 1), 60);
        assert_eq!(rest(600, 61, 61), 300);
        assert_eq!(rest(62, 61, 61), 65);
        assert_eq!(rest(60, 60, 61), 300, "ECS has not noticed yet");
    }
}
