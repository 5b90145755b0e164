//! The gate of what takes away commits that run, where a deploy is to go forward only.

use serde::{Deserialize, Serialize};

use super::{Facts, Obstacle, Outcome};
use crate::names::AppName;
use crate::plan::Backward;

/// That an application goes back, or may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoesBackward {
    /// Which.
    pub application: AppName,
    /// How far, as far as that is known.
    pub backward: Backward,
}

pub(super) fn forward(facts: &Facts<'_>) -> Outcome {
    let obstacle = |(application, backward): &(&AppName, Backward)| {
        Obstacle::Backward(GoesBackward {
            application: (*application).clone(),
            backward: *backward,
        })
    };
    let all: Vec<Obstacle> = facts.backward.iter().map(obstacle).collect();
    let known = |(_, backward): &(&AppName, Backward)| matches!(backward, Backward::Commits(_));
    match facts.backward.iter().any(known) {
        true => Outcome::Fail(all),
        false if all.is_empty() => Outcome::Pass,
        false => Outcome::Unknown(all),
    }
}
