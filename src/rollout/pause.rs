//! Pause hooks as ECS shows them: where a rollout waits for an answer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What happens to a paused rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterPause {
    /// It goes on.
    Continue,
    /// It goes back.
    RollBack,
}

/// Where a lifecycle hook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookStatus {
    /// It waits for an answer.
    AwaitingAction,
    /// Nobody answered in time.
    TimedOut,
    /// It failed.
    Failed,
    /// Under way or done.
    Other,
}

/// A lifecycle hook that a rollout has reached, as ECS shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// Its id, of this rollout alone.
    pub id: String,
    /// Where it is.
    pub status: HookStatus,
    /// When it runs out, by ECS's clock.
    pub expires_at: Option<Timestamp>,
    /// What ECS does then.
    pub on_timeout: AfterPause,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::fixture;

    #[test]
    fn a_hook_that_ran_out_made_a_rollout_go_back_only_if_it_was_to() {
        let mut seen = fixture("ROLLBACK_SUCCESSFUL");
        for (on_timeout, failed) in [(AfterPause::RollBack, true), (AfterPause::Continue, false)] {
            seen.hooks = vec![Hook {
                on_timeout,
                id: "h1".to_owned(),
                status: HookStatus::TimedOut,
                expires_at: None,
            }];
            assert_eq!(seen.hook_failed(), failed);
        }
    }
}
