//! The gate of what is promoted: it must still run where it comes from.

use serde::{Deserialize, Serialize};

use super::{Facts, Obstacle, Outcome};
use crate::names::{AppName, EnvName, ImageDigest};

/// What is known of the place that something is promoted from.
#[derive(Clone, Debug)]
pub(crate) struct PromotionFacts<'a> {
    /// Of which application.
    pub(crate) application: &'a AppName,
    /// From where.
    pub(crate) from: &'a EnvName,
    /// The image that is promoted, and what people call it; none while nobody has named one.
    pub(crate) wanted: Option<(&'a ImageDigest, &'a str)>,
    /// What runs there, and what people call it.
    pub(crate) runs: Result<(&'a ImageDigest, &'a str), NoSource>,
}

/// That something cannot be promoted, or not any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotPromoted {
    /// Of which application.
    pub application: AppName,
    /// From where.
    pub from: EnvName,
    /// Why.
    pub why: NoSource,
}

/// Why nothing is promoted from a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoSource {
    /// The application does not run there.
    Elsewhere,
    /// Something is rolling out there.
    Rolling,
    /// No task of it runs there.
    Nothing,
    /// Its services run different images.
    Mixed,
    /// What runs there has not succeeded through Longshore, or somebody went back from it.
    NotGood,
    /// Something else runs there by now.
    MovedOn {
        /// What was to be promoted.
        label: String,
        /// What runs.
        runs: String,
    },
}

pub(super) fn promotion(facts: &Facts<'_>) -> Outcome {
    let Some(facts) = &facts.promotion else {
        return Outcome::Pass;
    };
    let why = match (&facts.runs, facts.wanted) {
        (Err(why), _) => why.clone(),
        (Ok((runs, runs_as)), Some((wanted, label))) if *runs != wanted => NoSource::MovedOn {
            label: label.to_owned(),
            runs: (*runs_as).to_owned(),
        },
        (Ok(_), _) => return Outcome::Pass,
    };
    let unknown = matches!(why, NoSource::Rolling | NoSource::Mixed | NoSource::Nothing);
    let obstacle = Obstacle::Promotion(Box::new(NotPromoted {
        application: facts.application.clone(),
        from: facts.from.clone(),
        why,
    }));
    match unknown {
        true => Outcome::Unknown(vec![obstacle]),
        false => Outcome::Fail(vec![obstacle]),
    }
}
