//! What runs after the verdict, and what does not: as much of it as the record shows.

use super::shown::{runs_now_on, wanted};
use super::{code, joined, label, last_part, said, version};
use crate::record::{Deploy, Ending, ServiceEnding, ServicePhase, ServiceState, Verdict};
use crate::slack::text::Mrkdwn;

/// What is known to run after the verdict, and what is known not to: one line each, for the whole
/// deploy.
pub fn runs_now(deploy: &Deploy, ending: &Ending) -> Vec<Mrkdwn> {
    let mut new = Vec::new();
    let mut old = Vec::new();
    let mut unclear = Vec::new();
    let mut mixed = Vec::new();
    let mut empty = Vec::new();
    for service in &deploy.services {
        match &service.phase {
            // What ECS showed a moment ago is more than what a phase says.
            ServicePhase::WentBack | ServicePhase::Unsuccessful { .. }
                if is_elsewhere(deploy, service) =>
            {
                unclear.push(service);
            }
            ServicePhase::Succeeded { no_tasks: true, .. } => empty.push(service),
            ServicePhase::Succeeded {
                no_tasks: false, ..
            } => new.push(service),
            ServicePhase::WentBack | ServicePhase::Waiting => old.push(service),
            ServicePhase::Unsuccessful { ending, .. } => match ending {
                ServiceEnding::RolledBack | ServiceEnding::Stopped | ServiceEnding::NotStarted => {
                    old.push(service);
                }
                ServiceEnding::Aborted => mixed.push(service),
                ServiceEnding::Failed | ServiceEnding::Superseded => unclear.push(service),
            },
            ServicePhase::Starting { .. }
            | ServicePhase::Rolling { .. }
            | ServicePhase::GoingBack { .. }
            | ServicePhase::StuckHalfway { .. } => unclear.push(service),
        }
    }
    let what = version(deploy);
    let mut lines = Vec::new();
    // That it came up everywhere, the heading says.
    if ending.verdict != Verdict::Succeeded || new.len() < deploy.services.len() {
        for (what, services) in by_label(deploy, &new) {
            lines.push(said!("{} runs{}", what, names(deploy, &services)));
        }
    }
    for (what, services) in by_label(deploy, &empty) {
        lines.push(said!(
            "No tasks run{}: the desired count is 0; {} is what would start",
            names(deploy, &services),
            what
        ));
    }
    for (live, services) in by_live(deploy, &old) {
        lines.push(said!(
            "{} runs as before{}{}",
            live,
            names(deploy, &services),
            tasks(&services)
        ));
    }
    let told = |all: &mut Vec<&ServiceState>| {
        let mut told = Vec::new();
        all.retain(|state| match runs_now_on(deploy, state) {
            Some(line) => {
                told.push(line);
                false
            }
            None => true,
        });
        told
    };
    lines.extend(told(&mut mixed));
    lines.extend(told(&mut unclear));
    if !mixed.is_empty() {
        lines.push(said!(
            "*Left where it stood:* tasks of {} and of what ran before may both run{}, until the next deploy or rollback",
            what,
            names(deploy, &mixed)
        ));
    }
    if !unclear.is_empty() {
        lines.push(said!(
            "*It is not certain what runs{}*: look at ECS before you rely on it",
            names(deploy, &unclear)
        ));
    }
    lines
}

/// Whether every service runs what ran before this deploy, as far as its record shows.
pub(crate) fn is_as_before(deploy: &Deploy) -> bool {
    let back = |service: &ServiceState| {
        let back = matches!(
            service.phase,
            ServicePhase::WentBack
                | ServicePhase::Waiting
                | ServicePhase::Unsuccessful {
                    ending: ServiceEnding::RolledBack
                        | ServiceEnding::Stopped
                        | ServiceEnding::NotStarted,
                    ..
                }
        );
        back && !is_elsewhere(deploy, service)
    };
    deploy.services.iter().all(back)
}

/// Whether ECS showed a service meant to run something else than what ran before this deploy.
fn is_elsewhere(deploy: &Deploy, state: &ServiceState) -> bool {
    let planned = deploy.plan.iter().flat_map(|plan| &plan.services);
    let mut planned = planned.filter(|planned| planned.service == state.service);
    let shown = state.shown.first();
    shown
        .zip(planned.next())
        .is_some_and(|(shown, planned)| !state.ran_before(planned, &shown.task_definition))
}

/// How many tasks of it run, where ECS showed that right before the verdict was written, and what
/// else still runs there.
fn tasks(services: &[&ServiceState]) -> Mrkdwn {
    let counts = services.iter().filter_map(|service| {
        let (first, others) = service.shown.split_first()?;
        let others = others.iter().map(|side| {
            let revision = code(last_part(&side.task_definition));
            said!("{} still has {} running", revision, side.counts.running)
        });
        let told = joined(std::iter::once(wanted(first)).chain(others), "; ");
        Some(match services.len() {
            1 => told,
            _ => said!("{} on {}", told, code(&service.service)),
        })
    });
    let counts: Vec<Mrkdwn> = counts.collect();
    let full = |service: &&ServiceState| match service.shown.as_slice() {
        [one] => one.counts.desired > 0 && one.counts.running == one.counts.desired,
        _ => false,
    };
    if services.len() > 1 && services.iter().all(full) {
        return Mrkdwn::raw(", with all tasks");
    }
    match counts.is_empty() {
        true => Mrkdwn::new(),
        false => said!(", {}", joined(counts, ", ")),
    }
}

/// ` on `cms-api`, `cms-worker``: nothing where there is one service alone, and so no other.
fn names(deploy: &Deploy, services: &[&ServiceState]) -> Mrkdwn {
    const NAMED: usize = 5;
    if deploy.services.len() == services.len() {
        return Mrkdwn::new();
    }
    let shown: Vec<Mrkdwn> = services
        .iter()
        .take(NAMED)
        .map(|service| code(&service.service))
        .collect();
    let row = joined(shown, ", ");
    match services.len() {
        all if all > NAMED => said!(" on {} and {} more", row, all - NAMED),
        _ => said!(" on {}", row),
    }
}

/// Services by what the deploy brings to them.
fn by_label<'a>(
    deploy: &Deploy,
    services: &[&'a ServiceState],
) -> Vec<(Mrkdwn, Vec<&'a ServiceState>)> {
    let mut groups: Vec<(Mrkdwn, Vec<&ServiceState>)> = Vec::new();
    for service in services {
        let place = deploy.services.iter().position(|state| state == *service);
        let what = match (&deploy.plan, place) {
            (Some(plan), Some(at)) => label(plan.brings(at)),
            _ => version(deploy),
        };
        add(&mut groups, what, service);
    }
    groups
}

/// Services by what ran on them when the plan was made.
fn by_live<'a>(
    deploy: &Deploy,
    services: &[&'a ServiceState],
) -> Vec<(Mrkdwn, Vec<&'a ServiceState>)> {
    let mut groups: Vec<(Mrkdwn, Vec<&ServiceState>)> = Vec::new();
    for service in services {
        let live = deploy
            .plan
            .iter()
            .flat_map(|plan| &plan.services)
            .find(|planned| planned.service == service.service)
            .map_or_else(
                || Mrkdwn::raw("what ran"),
                |planned| label(&planned.live_label),
            );
        add(&mut groups, live, service);
    }
    groups
}

fn add<'a>(
    groups: &mut Vec<(Mrkdwn, Vec<&'a ServiceState>)>,
    of: Mrkdwn,
    service: &'a ServiceState,
) {
    match groups.iter_mut().find(|(known, _)| *known == of) {
        Some((_, group)) => group.push(service),
        None => groups.push((of, vec![service])),
    }
}

/// ``cms-api` runs 1.0.2, `cms-worker` runs 5c42316`: service by service.
pub fn left_running(left: &[(String, Option<String>)]) -> Mrkdwn {
    let services = left.iter().map(|(service, runs)| match runs {
        Some(runs) => said!("{} runs {}", code(service), label(runs)),
        None => said!("what {} runs is not certain", code(service)),
    });
    joined(services, ", ")
}
