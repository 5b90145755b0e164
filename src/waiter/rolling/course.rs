//! The course of a deploy of one or more services: whose turn it is, and what they come to.
//!
//! Pure: decided from the record alone, which holds the plan that people agreed to.

use super::schedules;
use crate::config::{OnFailure, Rollouts};
use crate::record::{Deploy, Of, ServiceEnding, ServicePhase, ServiceState, Verdict, Why};
use crate::rollout::Reason;
use crate::task_definition::family_of;

/// Where a deploy as a whole is heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// Out with it.
    Forward,
    /// One failed: what has not begun is left alone, what is out stays, what rolls out goes on.
    Halt,
    /// One failed, or somebody wants it stopped: what has not begun is left alone, and the rest is
    /// taken back.
    Back,
}

/// Where the deploy is heading. A person's wish that it stop counts, whatever is configured for
/// failures.
pub(super) fn course(deploy: &Deploy) -> Course {
    let failed = deploy
        .services
        .iter()
        .any(|service| matches!(service.phase, ServicePhase::Unsuccessful { .. }));
    let failed = failed || schedules::has_failed(deploy);
    match on_failure(deploy) {
        _ if deploy.cancel.is_some() => Course::Back,
        _ if !failed => Course::Forward,
        OnFailure::RollbackAll => Course::Back,
        OnFailure::Stop => Course::Halt,
    }
}

/// The services on whose turn it is, in order; none when nothing more will happen.
///
/// In order, that is the first that is not through; in parallel, all of them. What is to be stopped
/// is stopped before anything that is out is taken back.
pub(super) fn due(deploy: &Deploy) -> Vec<usize> {
    let course = course(deploy);
    let too_late = all_succeeded(deploy);
    let due = deploy
        .services
        .iter()
        .enumerate()
        .filter(|(index, service)| match service.phase {
            ServicePhase::Waiting => course == Course::Forward,
            ServicePhase::Starting { .. }
            | ServicePhase::Rolling { .. }
            | ServicePhase::GoingBack { .. } => true,
            ServicePhase::Succeeded { .. } => {
                course == Course::Back && !too_late && has_way_back(deploy, *index)
            }
            ServicePhase::Unsuccessful { .. }
            | ServicePhase::WentBack
            | ServicePhase::StuckHalfway { .. } => false,
        })
        .map(|(index, _)| index);
    let due: Vec<usize> = due.collect();
    match deploy.plan.as_ref().map(|plan| plan.rollouts) {
        Some(Rollouts::Parallel) => due,
        Some(Rollouts::InOrder) | None => {
            let rolls_out = |index: &&usize| {
                let phase = &deploy.services[**index].phase;
                matches!(
                    phase,
                    ServicePhase::Starting { .. } | ServicePhase::Rolling { .. }
                )
            };
            let to_be_stopped = due
                .iter()
                .find(rolls_out)
                .filter(|_| course == Course::Back);
            to_be_stopped.or(due.first()).copied().into_iter().collect()
        }
    }
}

/// Whether the service at this place can be taken back. Where it cannot, it stays on what this deploy
/// brought, which the plan has said.
fn has_way_back(deploy: &Deploy, index: usize) -> bool {
    let plan = deploy.plan.as_ref();
    let planned = plan.and_then(|plan| plan.services.get(index));
    planned.is_none_or(|planned| planned.back.closed.is_none())
}

/// A cancel that comes after everything is out comes too late: it is a success, and rolling back
/// is another request.
pub(super) fn all_succeeded(deploy: &Deploy) -> bool {
    services_out(deploy) && !schedules::has_failed(deploy)
}

/// Whether every service runs what it was to run, so that the schedules may follow.
pub(super) fn services_out(deploy: &Deploy) -> bool {
    deploy.services.iter().all(ServiceState::is_out)
}

/// The families whose newest revision is what a service goes on running.
pub(super) fn families_that_stay(deploy: &Deploy) -> Vec<String> {
    let out = deploy.services.iter().filter(|service| service.is_out());
    out.filter_map(|service| service.revision.as_deref())
        .map(|revision| family_of(revision).to_owned())
        .collect()
}

fn on_failure(deploy: &Deploy) -> OnFailure {
    let plan = deploy.plan.as_ref();
    plan.map(|plan| plan.on_failure).unwrap_or_default()
}

/// The deploy's verdict from its services', all of which are final or were never begun.
pub(super) fn verdict(deploy: &Deploy) -> (Verdict, Why) {
    if all_succeeded(deploy) {
        return (Verdict::Succeeded, Why::Said);
    }
    // One service needs no name.
    let of = |service: &str, reason: &Reason| match deploy.services.len() {
        _ if reason.is_silent() => Why::Said,
        1 => Why::failed(reason.clone()),
        _ => Why::failed_of(Of::Service(service.to_owned()), reason.clone()),
    };
    let stuck = deploy
        .services
        .iter()
        .find_map(|service| match &service.phase {
            ServicePhase::StuckHalfway { reason } => Some(of(&service.service, reason)),
            _ => None,
        });
    if let Some(why) = stuck {
        return (Verdict::Failed, why);
    }
    let failed = deploy.services.iter().rev();
    let worst = failed
        .filter_map(|service| match &service.phase {
            ServicePhase::Unsuccessful { ending, reason } => Some((service, *ending, reason)),
            _ => None,
        })
        .max_by_key(|(_, ending, _)| severity(*ending));
    let Some((service, ending, reason)) = worst else {
        let out = deploy.services.iter().any(ServiceState::is_out);
        return match schedules::failure(deploy) {
            None => (Verdict::Cancelled, Why::Said),
            Some((why, true)) if !out => (Verdict::RolledBack, why),
            Some((why, _)) => (Verdict::Failed, why),
        };
    };
    let verdict = match ending {
        _ if deploy.services.iter().any(ServiceState::is_out) => Verdict::Failed,
        ServiceEnding::RolledBack | ServiceEnding::Stopped if deploy.cancel.is_some() => {
            Verdict::Cancelled
        }
        ServiceEnding::RolledBack | ServiceEnding::Stopped => Verdict::RolledBack,
        ServiceEnding::Failed | ServiceEnding::NotStarted | ServiceEnding::Aborted => {
            Verdict::Failed
        }
        ServiceEnding::Superseded => Verdict::Superseded,
    };
    (verdict, of(&service.service, reason))
}

/// Which of several endings is the whole deploy's. One that was stopped was stopped because of
/// another.
fn severity(ending: ServiceEnding) -> u8 {
    match ending {
        ServiceEnding::Stopped => 0,
        ServiceEnding::RolledBack => 1,
        ServiceEnding::NotStarted => 2,
        ServiceEnding::Aborted => 3,
        ServiceEnding::Superseded => 4,
        ServiceEnding::Failed => 5,
    }
}

#[cfg(test)]
mod tests;
