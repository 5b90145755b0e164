//! Pauses: a rollout that waits for a person, what they answered, how the pause ended, and what people
//! were told of it.
//!
//! What ECS shows decides whether a pause waits; its clock and ours are never compared for that.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Telling, Vote};
use crate::names::DeployId;
use crate::names::digest::sha256;
use crate::rollout::AwsNo;
use crate::rollout::{AfterPause, HookStatus, Rollout, Status};

/// How a pause ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseEnd {
    /// ECS took the answer that was clicked.
    Answered,
    /// Nobody answered in time.
    RanOut,
    /// It was answered outside of Longshore, or its rollout ended.
    Elsewhere,
}

/// One pause of one rollout, written down as soon as it is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The hook's id.
    pub hook: String,
    /// Opaque, in its buttons: bound to the deploy and the hook.
    pub nonce: String,
    /// The stage it waits at, in ECS's word.
    pub stage: Option<String>,
    /// When it was first seen, by our clock.
    pub since: Timestamp,
    /// When it runs out, by ECS's clock.
    pub expires_at: Option<Timestamp>,
    /// What ECS does then.
    pub on_timeout: AfterPause,
    /// The click that stands, once a step has seen it.
    pub answer: Option<Vote>,
    /// Why the answer could not be given to ECS.
    pub trouble: Option<AwsNo>,
    /// How it ended; `None` while it waits.
    pub end: Option<PauseEnd>,
    /// That somebody has to decide.
    pub asked: Telling,
    /// That it ran out, where no verdict says so.
    pub reported: Telling,
}

impl Pause {
    /// Whether the pause waits for an answer.
    pub fn waits(&self) -> bool {
        self.end.is_none()
    }

    /// Whether people have to be told that ECS went on by itself.
    pub fn went_on_alone(&self) -> bool {
        self.end == Some(PauseEnd::RanOut) && self.on_timeout == AfterPause::Continue
    }
}

/// Brings what is known of a rollout's pauses up to date with a look at it.
pub fn follow(pauses: &mut Vec<Pause>, rollout: &Rollout, deploy: &DeployId, now: Timestamp) {
    let under_way = rollout.status == Status::InProgress;
    let shown = |id: &str| rollout.hooks.iter().find(|hook| hook.id == id);
    for pause in pauses.iter_mut().filter(|pause| pause.waits()) {
        let status = shown(&pause.hook).map(|hook| hook.status);
        let late = pause.expires_at.is_some_and(|at| at <= now);
        pause.end = match status {
            Some(HookStatus::AwaitingAction) if under_way => None,
            Some(HookStatus::TimedOut) => Some(PauseEnd::RanOut),
            _ if pause.answer.is_some() && pause.trouble.is_none() => Some(PauseEnd::Answered),
            // ECS no longer shows it: its own time is all there is to go by.
            None if late && pause.answer.is_none() => Some(PauseEnd::RanOut),
            _ => Some(PauseEnd::Elsewhere),
        };
    }
    if !under_way {
        return;
    }
    for hook in rollout.waiting_hooks() {
        if pauses.iter().any(|pause| pause.hook == hook.id) {
            continue;
        }
        pauses.push(Pause {
            hook: hook.id.clone(),
            nonce: nonce(deploy, &hook.id),
            stage: rollout.stage.clone(),
            since: now,
            expires_at: hook.expires_at,
            on_timeout: hook.on_timeout,
            answer: None,
            trouble: None,
            end: None,
            asked: Telling::Due,
            reported: Telling::Due,
        });
    }
}

/// Opaque, and the same for the same pause.
fn nonce(deploy: &DeployId, hook: &str) -> String {
    let mut nonce = sha256(format!("{deploy}\npause\n{hook}"));
    nonce.truncate(20);
    nonce
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::names::Actor;
    use crate::record::Choice;
    use crate::rollout::{Hook, fixture};

    const T: Timestamp = Timestamp::UNIX_EPOCH;

    fn hook(id: &str, status: HookStatus) -> Hook {
        Hook {
            id: id.to_owned(),
            status,
            expires_at: Some(T + SignedDuration::from_mins(30)),
            on_timeout: AfterPause::RollBack,
        }
    }

    fn look(pauses: &mut Vec<Pause>, status: Status, hooks: &[Hook], minutes: i64) {
        let mut seen = fixture("IN_PROGRESS");
        seen.status = status;
        seen.hooks = hooks.to_vec();
        let deploy = DeployId::derive(b"a request");
        follow(
            pauses,
            &seen,
            &deploy,
            T + SignedDuration::from_mins(minutes),
        );
    }

    fn waiting() -> Vec<Pause> {
        let mut pauses = Vec::new();
        let waits = hook("h1", HookStatus::AwaitingAction);
        look(&mut pauses, Status::InProgress, &[waits], 0);
        assert!(pauses[0].waits());
        pauses
    }

    fn answer() -> Option<Vote> {
        Some(Vote {
            nonce: String::new(),
            choice: Choice::Continue,
            by: Actor::Longshore,
            at: T,
            by_copy: None,
        })
    }

    #[test]
    fn a_pause_waits_until_ecs_shows_that_it_does_not() {
        use HookStatus::{AwaitingAction, Other, TimedOut};
        let going = Status::InProgress;
        for (answered, status, shown, minutes, end) in [
            (false, going.clone(), Some(AwaitingAction), 31, None),
            (true, going.clone(), Some(AwaitingAction), 1, None),
            (
                true,
                going.clone(),
                Some(Other),
                1,
                Some(PauseEnd::Answered),
            ),
            (true, going.clone(), None, 1, Some(PauseEnd::Answered)),
            // The answer came too late: ECS's word stands.
            (
                true,
                going.clone(),
                Some(TimedOut),
                31,
                Some(PauseEnd::RanOut),
            ),
            (
                false,
                going.clone(),
                Some(TimedOut),
                31,
                Some(PauseEnd::RanOut),
            ),
            (false, going.clone(), None, 31, Some(PauseEnd::RanOut)),
            (false, going.clone(), None, 5, Some(PauseEnd::Elsewhere)),
            (false, going, Some(Other), 5, Some(PauseEnd::Elsewhere)),
            (
                false,
                Status::RollbackRequested,
                Some(AwaitingAction),
                5,
                Some(PauseEnd::Elsewhere),
            ),
        ] {
            let mut pauses = waiting();
            pauses[0].answer = if answered { answer() } else { None };
            let hooks: Vec<Hook> = shown.map(|status| hook("h1", status)).into_iter().collect();
            look(&mut pauses, status.clone(), &hooks, minutes);
            assert_eq!(
                pauses[0].end, end,
                "{answered} {status:?} {shown:?} {minutes}"
            );
        }
    }

    #[test]
    fn each_pause_has_a_nonce_of_its_own_and_is_noted_once() {
        let mut pauses = waiting();
        let hooks = [
            hook("h1", HookStatus::Other),
            hook("h2", HookStatus::AwaitingAction),
        ];
        for _ in 0..2 {
            look(&mut pauses, Status::InProgress, &hooks, 1);
        }
        assert_eq!(pauses.len(), 2);
        assert_ne!(pauses[0].nonce, pauses[1].nonce);
        assert_eq!(pauses.iter().filter(|pause| pause.waits()).count(), 1);
    }
}
