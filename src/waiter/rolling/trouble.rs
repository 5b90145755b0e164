//! Why a rollout fails, while it fails: what the service's own events say, which every look reads
//! anyway, and what became of its tasks, which is asked only where ECS shows a failed task or a
//! rollout that does not move.

use jiff::{SignedDuration, Timestamp};

use super::explain::explain;
use super::service::Rolling;
use crate::evidence;
use crate::record::{Looked, ServiceState};
use crate::rollout::Observed;
use crate::waiter::context::InHand;

/// How long a rollout may have no task of the new revision more than before, until its stopped tasks
/// are read though none is counted as failed.
const UNMOVED: SignedDuration = SignedDuration::from_mins(4);
/// The shortest time between two reads of the stopped tasks: what kills one mostly kills the next.
const SELDOM: SignedDuration = SignedDuration::from_mins(10);

impl Rolling<'_> {
    /// Writes into the record in hand why the rollout fails, as far as ECS tells by now.
    pub(super) async fn note_trouble(&self, hand: &mut InHand, seen: &Observed) {
        let (Some(service), Some(rollout)) = (&seen.service, &seen.rollout) else {
            return;
        };
        let now = self.waiter.now();
        let state = self.state(hand);
        let revision = state.revision.clone().unwrap_or_default();
        // Without a circuit breaker only the service itself counts its failures.
        let sides = service.sides(None);
        let own = sides.iter().find(|side| side.task_definition == revision);
        let failed = own.map_or(0, |side| side.counts.failed);
        state.counts.failed = state.counts.failed.max(failed);
        state.came_up |= rollout.is_up();
        state.trigger = rollout.trigger();
        if let Some(event) = evidence::telling(&service.events, rollout.created) {
            let event = evidence::event_in_short(event);
            state.evidence.get_or_insert_default().event = Some(event);
        }
        if !is_due(state, now) || rollout.status.is_final() {
            return;
        }
        state.looked = Some(Looked {
            at: now,
            failed: state.counts.failed,
        });
        let began = rollout.created;
        let found = explain(self.reach, self.plan, self.planned(), &revision, began).await;
        let state = self.state(hand);
        if found.tells() {
            state.evidence = Some(found);
        }
    }
}

/// Whether the stopped tasks are worth reading now.
fn is_due(state: &ServiceState, now: Timestamp) -> bool {
    let counts = state.counts;
    let Some(view) = &state.view else {
        return false;
    };
    if state.waiting_pauses().next().is_some() || counts.desired == 0 {
        return false;
    }
    let unmoved = counts.running < counts.desired
        && view
            .began
            .is_some_and(|began| now.duration_since(began) >= UNMOVED);
    match state.looked {
        None => counts.failed > 0 || unmoved,
        Some(looked) => {
            let more = counts.failed > looked.failed || unmoved;
            more && now.duration_since(looked.at) >= SELDOM
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::{Counts, Strategy, View};

    const T: Timestamp = Timestamp::UNIX_EPOCH;

    fn state(running: i32, failed: i32) -> ServiceState {
        let mut state = ServiceState::new("web");
        state.counts = Counts {
            desired: 2,
            running,
            pending: 0,
            failed,
        };
        state.view = Some(View {
            strategy: Strategy::Rolling,
            stage: None,
            stage_since: T,
            share: None,
            began: Some(T),
            created: None,
            old_running: 0,
            alarms: Vec::new(),
            bake_minutes: None,
        });
        state
    }

    #[test]
    fn stopped_tasks_are_read_when_one_failed_or_nothing_moves_and_seldom_again() {
        let after = |minutes: i64| T + SignedDuration::from_mins(minutes);
        assert!(!is_due(&state(0, 0), after(1)));
        assert!(is_due(&state(0, 1), after(1)));
        assert!(is_due(&state(0, 0), after(4)));
        assert!(!is_due(&state(2, 0), after(20)));
        let mut looked = state(0, 3);
        looked.looked = Some(Looked {
            at: after(1),
            failed: 1,
        });
        assert!(!is_due(&looked, after(10)));
        assert!(is_due(&looked, after(11)));
        looked.counts.desired = 0;
        assert!(!is_due(&looked, after(11)));
    }
}
