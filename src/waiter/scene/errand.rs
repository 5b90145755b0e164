//! What a scene is read for: a deploy, or a look ahead at what one would do.

use std::sync::{Arc, Mutex, PoisonError};

use crate::gate::{Gate, LookedAt, Obstacle};

/// What a scene is read for.
#[derive(Clone, Debug)]
pub(crate) enum Errand {
    /// To deploy: what stands in the way ends it, and what is met is kept.
    Deploy,
    /// To tell what a deploy would do: nothing is kept, and what stands in the way is only noted.
    Look(Arc<Mutex<LookSeen>>),
}

/// What a look has seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct LookSeen {
    /// How far it got.
    pub(crate) reached: LookedAt,
    /// What stands in the way.
    pub(crate) held: Vec<Obstacle>,
}

impl Errand {
    /// A look that has seen nothing yet.
    pub(crate) fn look() -> Self {
        Self::Look(Arc::default())
    }

    /// Whether what is met is written down.
    pub(crate) fn keeps(&self) -> bool {
        matches!(self, Self::Deploy)
    }

    /// Takes what stands in the way so far; gives back what ends it here. There is no plan of services that are not
    /// there, so that a look ends at those too.
    pub(crate) fn stopped_by(&self, reached: LookedAt, obstacles: Vec<Obstacle>) -> Vec<Obstacle> {
        let Self::Look(seen) = self else {
            return obstacles;
        };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.reached = seen.reached.max(reached);
        let ends = |one: &Obstacle| one.gate() == Gate::Services;
        let (ending, held) = obstacles.into_iter().partition(ends);
        seen.held.extend::<Vec<_>>(held);
        ending
    }

    /// What a look has seen; nothing of a deploy.
    pub(crate) fn seen(&self) -> LookSeen {
        match self {
            Self::Deploy => LookSeen::default(),
            Self::Look(seen) => seen.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}
