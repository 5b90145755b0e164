//! The decisions, one for each gate: each is given all that is known, and says what its gate comes to.

use super::obstacle::{NotPassed, Obstacle};
use super::{Facts, Outcome};
use crate::resolve::{CheckOutcome, judge_checks};
use crate::rollout::{Controller, LiveService};

pub(super) fn services(facts: &Facts<'_>) -> Outcome {
    Outcome::of(facts.wanted.iter().filter_map(|name| {
        let found = facts.services.iter().find(|found| found.name == *name);
        match found {
            None => Some(Obstacle::NoService {
                service: name.clone(),
                cluster: facts.cluster.to_owned(),
            }),
            Some(found) if !found.is_active() => Some(Obstacle::Inactive {
                service: name.clone(),
                status: found.status.clone(),
            }),
            Some(_) => None,
        }
    }))
}

pub(super) fn controller(facts: &Facts<'_>) -> Outcome {
    let obstacle = |found: &LiveService| {
        let service = found.name.clone();
        let controller = found.controller.name().to_owned();
        match &found.controller {
            Controller::Ecs => None,
            Controller::Express => Some(Obstacle::ExpressMode { service }),
            Controller::CodeDeploy | Controller::External => Some(Obstacle::ForeignController {
                service,
                controller,
            }),
            Controller::Other(_) => Some(Obstacle::UnknownController {
                service,
                controller,
            }),
        }
    };
    let unknown = |one: &Obstacle| matches!(one, Obstacle::UnknownController { .. });
    match Outcome::of(facts.services.iter().filter_map(obstacle)) {
        Outcome::Fail(all) if all.iter().all(unknown) => Outcome::Unknown(all),
        outcome => outcome,
    }
}

pub(super) fn busy(facts: &Facts<'_>) -> Outcome {
    Outcome::of(facts.busy.iter().cloned().map(Obstacle::Busy))
}

pub(super) fn foreign(facts: &Facts<'_>) -> Outcome {
    Outcome::of(facts.foreign.iter().cloned().map(Obstacle::Foreign))
}

pub(super) fn checks(facts: &Facts<'_>) -> Outcome {
    let Some(facts) = &facts.checks else {
        return Outcome::Pass;
    };
    let (commit, seen) = match &facts.seen {
        Ok(seen) => *seen,
        Err(why) => return Outcome::Unknown(vec![Obstacle::ChecksUnread(why.clone())]),
    };
    let judged = judge_checks(facts.required, seen).into_iter();
    Outcome::of(judged.filter_map(|(check, outcome)| {
        let CheckOutcome::Not(trouble) = outcome else {
            return None;
        };
        Some(Obstacle::Check(Box::new(NotPassed {
            check: check.clone(),
            commit: commit.clone(),
            trouble,
        })))
    }))
}

pub(super) fn way_back(facts: &Facts<'_>) -> Outcome {
    Outcome::of(
        facts
            .closed
            .iter()
            .map(|(service, closed)| Obstacle::NoWayBack {
                service: (*service).to_owned(),
                closed: (*closed).clone(),
            }),
    )
}
