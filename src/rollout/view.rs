//! What a rollout looked like when it was last looked at: strategy, stage, traffic, old tasks, alarms.
//!
//! For people only; nothing is decided by it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Rollout, Strategy};

/// One look at a rollout, as the card shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// How new tasks take the old ones' place.
    pub strategy: Strategy,
    /// The lifecycle stage, in ECS's word.
    pub stage: Option<String>,
    /// When that stage was first seen, by our clock.
    pub stage_since: Timestamp,
    /// The new revision's share of the production traffic, in tenths of a per cent.
    pub share: Option<u16>,
    /// When it was first looked at, by our clock.
    pub began: Option<Timestamp>,
    /// When it was made, by ECS's clock: what its events are held against.
    pub created: Option<Timestamp>,
    /// Tasks that still run of the revisions before.
    pub old_running: i32,
    /// The CloudWatch alarms that watch it.
    pub alarms: Vec<String>,
    /// How long both revisions run after the traffic has moved.
    pub bake_minutes: Option<u32>,
}

impl View {
    /// Of this look, after the one before.
    pub fn of(rollout: &Rollout, before: Option<&Self>, now: Timestamp) -> Self {
        let same = before.filter(|before| before.stage == rollout.stage);
        Self {
            strategy: rollout.strategy.clone(),
            stage: rollout.stage.clone(),
            stage_since: same.map_or(now, |before| before.stage_since),
            share: rollout.share,
            began: before.and_then(|before| before.began).or(Some(now)),
            created: rollout.created,
            old_running: rollout.old_running,
            alarms: rollout.alarms_watched.clone(),
            bake_minutes: rollout.bake_minutes,
        }
    }

    /// Whether the view says more of the rollout than how many tasks run.
    pub(crate) fn has_stages(&self) -> bool {
        self.stage.is_some() || self.strategy != Strategy::Rolling
    }

    /// About how much of the bake time is left, while it bakes: ECS does not say when it began.
    pub(crate) fn bake_left(&self, now: Timestamp) -> Option<Duration> {
        if self.stage.as_deref() != Some("BAKE_TIME") {
            return None;
        }
        let whole = Duration::from_secs(60 * u64::from(self.bake_minutes?));
        let passed = now.duration_since(self.stage_since);
        Some(whole.saturating_sub(Duration::try_from(passed).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::rollout::fixture;

    const T: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_stage_lasts_from_when_it_was_first_seen_and_bakes_for_its_time() {
        let minutes = |minutes| T + SignedDuration::from_mins(minutes);
        let mut seen = fixture("IN_PROGRESS");
        seen.stage = Some("SCALE_UP".to_owned());
        seen.bake_minutes = Some(5);
        let first = View::of(&seen, None, T);
        assert_eq!(first.bake_left(minutes(1)), None);
        seen.stage = Some("BAKE_TIME".to_owned());
        let second = View::of(&seen, Some(&first), minutes(3));
        let third = View::of(&seen, Some(&second), minutes(4));
        assert_eq!(third.stage_since, minutes(3));
        assert_eq!(third.bake_left(minutes(4)), Some(Duration::from_secs(240)));
        assert_eq!(third.bake_left(minutes(9)), Some(Duration::ZERO));
    }
}
