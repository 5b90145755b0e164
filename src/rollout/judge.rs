//! What one look at ECS means for the rollout that we started, and what several mean together.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Counts, LiveService, Reason, Revision, Rollout, Status};
use crate::names::image_reference::{digest_of, digest_part};

/// ECS's reads lag behind its writes. For so long after the update, that our rollout is not to be
/// seen says nothing.
pub const APPEARS_WITHIN: Duration = Duration::from_secs(60);

/// What we rolled out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// The task definition's ARN.
    pub task_definition: String,
    /// The task definition's ARN that was live before.
    pub before: String,
    /// Container → accepted digest (`sha256:…`) or pinned image (`repository@sha256:…`); empty for
    /// a restart.
    pub images: Vec<(String, String)>,
    /// The service deployment's ARN, once ECS has shown it.
    pub rollout: Option<String>,
    /// When we set out to update the service, by our clock.
    pub since: Timestamp,
}

/// One look at ECS. Each part may be missing: not visible yet, or gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The service.
    pub service: Option<LiveService>,
    /// Our rollout.
    pub rollout: Option<Rollout>,
    /// The service revision it brings.
    pub revision: Option<Revision>,
}

/// What the look means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// ECS does not show our rollout, and that is no wonder yet.
    NotVisibleYet,
    /// ECS shows no trace of it though it should by now, and never did: the update did not arrive.
    /// It may be sent again.
    NeverBegan,
    /// It is under way, forwards or backwards.
    Rolling {
        /// Its tasks.
        counts: Counts,
        /// How it goes.
        stage: Stage,
    },
    /// It is SUCCESSFUL, and brings our task definition with the accepted images.
    Succeeded {
        /// The desired count is 0: nothing runs.
        no_tasks: bool,
    },
    /// It went back to the revision before.
    RolledBack {
        /// What made it.
        by: Trigger,
        /// In ECS's words, or ours.
        reason: Reason,
    },
    /// It failed, and the revision before is not back by ECS's doing.
    Failed {
        /// In ECS's words, or ours.
        reason: Reason,
    },
    /// Somebody else's rollout took its place.
    Superseded {
        /// The task definition's ARN that the service is brought to now.
        by: String,
    },
    /// A person stopped it where it was.
    Stopped {
        /// In ECS's words, or ours.
        reason: Reason,
    },
}

impl Judgement {
    /// Whether the rollout is over.
    #[cfg(test)]
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::NotVisibleYet | Self::NeverBegan | Self::Rolling { .. } => false,
            Self::Succeeded { .. }
            | Self::RolledBack { .. }
            | Self::Failed { .. }
            | Self::Superseded { .. }
            | Self::Stopped { .. } => true,
        }
    }
}

/// How a rollout goes that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not begun.
    Pending,
    /// New tasks come, old ones go.
    Forward,
    /// Halted by a pause hook that waits for an answer.
    Paused,
    /// Being stopped, or replaced.
    Stopping,
    /// Going back.
    GoingBack,
    /// ECS calls it successful, but does not show yet that it brought what we asked for.
    Verifying,
}

/// What made a rollout go back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The circuit breaker: its tasks kept failing.
    Breaker,
    /// CloudWatch alarms, by name.
    Alarms(Vec<String>),
    /// A lifecycle hook failed, or nobody answered a pause.
    Hook,
    /// Somebody asked for it.
    Request,
    /// It is gone, and the revision before is back: nothing says why.
    Unknown,
}

/// Judges one look at one service.
pub fn judge(now: Timestamp, ours: &Ours, seen: &Observed) -> Judgement {
    let Some(rollout) = &seen.rollout else {
        return judge_unseen(now, ours, seen.service.as_ref());
    };
    let rolling = |stage| Judgement::Rolling {
        counts: rollout.counts,
        stage,
    };
    match &rollout.status {
        Status::Pending => rolling(Stage::Pending),
        Status::InProgress if rollout.waiting_hooks().next().is_some() => rolling(Stage::Paused),
        Status::InProgress | Status::Other(_) => rolling(Stage::Forward),
        Status::StopRequested => rolling(Stage::Stopping),
        Status::RollbackRequested | Status::RollbackInProgress => rolling(Stage::GoingBack),
        Status::Successful => match &seen.revision {
            None => rolling(Stage::Verifying),
            Some(revision) => judge_successful(ours, seen, rollout, revision),
        },
        Status::Stopped => judge_stopped(ours, seen.service.as_ref(), rollout),
        Status::RollbackSuccessful => Judgement::RolledBack {
            by: trigger(rollout),
            reason: reason(rollout, Reason::WentBack),
        },
        Status::RollbackFailed => Judgement::Failed {
            reason: reason(rollout, Reason::NotBack),
        },
    }
}

/// ECS does not show our rollout: too early, or it never was, or it is gone.
fn judge_unseen(now: Timestamp, ours: &Ours, service: Option<&LiveService>) -> Judgement {
    let waited = now.duration_since(ours.since);
    if waited <= jiff::SignedDuration::try_from(APPEARS_WITHIN).unwrap_or_default() {
        return Judgement::NotVisibleYet;
    }
    let Some(service) = service else {
        return Judgement::NotVisibleYet;
    };
    let shown = service
        .primary()
        .map_or(service.task_definition.as_str(), |primary| {
            primary.task_definition.as_str()
        });
    if shown == ours.task_definition {
        // It is there, but not provably the one we started: never success, and not failure either.
        let counts = service.primary().map(|primary| primary.counts);
        return Judgement::Rolling {
            counts: counts.unwrap_or_default(),
            stage: Stage::Verifying,
        };
    }
    if shown == ours.before && ours.rollout.is_none() {
        return Judgement::NeverBegan;
    }
    if shown == ours.before {
        return Judgement::RolledBack {
            by: Trigger::Unknown,
            reason: Reason::Gone,
        };
    }
    Judgement::Superseded {
        by: shown.to_owned(),
    }
}

fn judge_successful(
    ours: &Ours,
    seen: &Observed,
    rollout: &Rollout,
    revision: &Revision,
) -> Judgement {
    if revision.task_definition != ours.task_definition {
        return Judgement::Failed {
            reason: Reason::Brought {
                revision: revision.task_definition.clone(),
                wanted: ours.task_definition.clone(),
            },
        };
    }
    let untold = |(container, _): &(String, String)| !is_told(revision, container);
    if ours.images.iter().any(untold) {
        // ECS names no image of it, and its task definition no digest: nothing shows that the accepted
        // one runs, nor that another does.
        return Judgement::Rolling {
            counts: rollout.counts,
            stage: Stage::Verifying,
        };
    }
    let wrong = ours
        .images
        .iter()
        .find(|(container, accepted)| !runs(revision, container, accepted));
    if let Some((container, accepted)) = wrong {
        return Judgement::Failed {
            reason: Reason::Runs {
                container: container.clone(),
                wanted: accepted.clone(),
            },
        };
    }
    let wanted = seen
        .service
        .as_ref()
        .map_or(rollout.counts.desired, |service| {
            service.desired.max(rollout.counts.desired)
        });
    Judgement::Succeeded {
        no_tasks: wanted == 0,
    }
}

/// Whether ECS tells which image a container of the revision runs.
fn is_told(revision: &Revision, container: &str) -> bool {
    let image = revision.images.iter().find(|i| i.container == container);
    image.is_some_and(|image| {
        image.digest.is_some() || image.image.as_deref().and_then(digest_of).is_some()
    })
}

/// Whether the revision names the accepted image for that container. Of a multi-architecture image
/// ECS may show the digest of one architecture, so being pinned to the accepted one is enough.
fn runs(revision: &Revision, container: &str, accepted: &str) -> bool {
    let accepted = digest_part(accepted);
    let image = revision.images.iter().find(|i| i.container == container);
    image.is_some_and(|image| {
        let pinned = image.image.as_deref().and_then(digest_of);
        pinned.as_ref().map(|digest| digest.as_str()) == Some(accepted)
            || image.digest.as_deref() == Some(accepted)
    })
}

/// STOPPED says nothing about who stopped it: the circuit breaker without rollback, a newer
/// rollout, or a person.
fn judge_stopped(ours: &Ours, service: Option<&LiveService>, rollout: &Rollout) -> Judgement {
    if rollout.breaker_triggered || !rollout.alarms_triggered.is_empty() || rollout.hook_failed() {
        return Judgement::Failed {
            reason: reason(rollout, Reason::GaveUp),
        };
    }
    let reason = reason(rollout, Reason::Stopped);
    let replaced = matches!(&reason, Reason::Said(said) if said.contains("new service deployment"));
    let primary = service.and_then(LiveService::primary);
    match primary {
        Some(primary)
            if primary.task_definition != ours.task_definition
                && (replaced || primary.task_definition != ours.before) =>
        {
            Judgement::Superseded {
                by: primary.task_definition.clone(),
            }
        }
        Some(_) | None => Judgement::Stopped { reason },
    }
}

fn trigger(rollout: &Rollout) -> Trigger {
    made_it_go_back(rollout).unwrap_or(Trigger::Request)
}

/// What ECS names as the reason, if it was not somebody's wish.
pub(super) fn made_it_go_back(rollout: &Rollout) -> Option<Trigger> {
    Some(if rollout.breaker_triggered {
        Trigger::Breaker
    } else if !rollout.alarms_triggered.is_empty() {
        let named = |name: &&String| !name.is_empty();
        Trigger::Alarms(
            rollout
                .alarms_triggered
                .iter()
                .filter(named)
                .cloned()
                .collect(),
        )
    } else if rollout.hook_failed() {
        Trigger::Hook
    } else {
        return None;
    })
}

fn reason(rollout: &Rollout, otherwise: Reason) -> Reason {
    let back = rollout
        .rollback
        .as_ref()
        .and_then(|back| back.reason.as_ref());
    rollout
        .reason
        .as_ref()
        .or(back)
        .map_or(otherwise, |said| Reason::Said(said.clone()))
}

#[cfg(test)]
pub(super) mod tests;
