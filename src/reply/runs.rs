//! What runs after the verdict, and what does not: as much of it as the record shows.

use super::{code, joined, label, said, version};
use crate::record::{Deploy, Ending, ServiceEnding, ServicePhase, ServiceState, Verb, Verdict};
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
    for (what, services) in by_label(deploy, &new) {
        lines.push(said!("*Runs now:* {} on {}", what, names(&services)));
    }
    for (what, services) in by_label(deploy, &empty) {
        lines.push(said!(
            "*No tasks run:* the desired count is 0 on {}; {} is what would start",
            names(&services),
            what
        ));
    }
    for (live, services) in by_live(deploy, &old) {
        let verb = match ending.verdict {
            Verdict::Succeeded => "*Unchanged:*",
            _ => "*Runs as before:*",
        };
        lines.push(said!(
            "{} {} on {}{}",
            Mrkdwn::raw(verb),
            live,
            names(&services),
            tasks(&services)
        ));
    }
    if !mixed.is_empty() {
        lines.push(said!(
            "*Left where it stood:* tasks of {} and of what ran before may both run on {}, until the next deploy or rollback",
            what,
            names(&mixed)
        ));
    }
    if !unclear.is_empty() {
        lines.push(said!(
            "*Not certain:* what runs on {}; look at ECS before you rely on it",
            names(&unclear)
        ));
    }
    let nowhere = new.is_empty() && empty.is_empty() && unclear.is_empty() && mixed.is_empty();
    if nowhere && !matches!(deploy.verb, Verb::Restart) && !old.is_empty() {
        lines.push(said!("*NOT on {}:* {}", deploy.environment, what));
    }
    lines
}

/// How many tasks of it run, where that was read as the rollout failed.
fn tasks(services: &[&ServiceState]) -> Mrkdwn {
    let read = services.iter().filter_map(|service| {
        let (running, desired) = service.evidence.as_ref()?.back?;
        Some((service, running, desired))
    });
    let counts: Vec<Mrkdwn> = read
        .map(|(service, running, desired)| match services.len() {
            1 => said!("{} of {} running", running, desired),
            _ => said!(
                "{} of {} running on {}",
                running,
                desired,
                code(&service.service)
            ),
        })
        .collect();
    match counts.is_empty() {
        true => Mrkdwn::new(),
        false => said!(", {}", joined(counts, ", ")),
    }
}

fn names(services: &[&ServiceState]) -> Mrkdwn {
    const NAMED: usize = 5;
    let shown: Vec<Mrkdwn> = services
        .iter()
        .take(NAMED)
        .map(|service| code(&service.service))
        .collect();
    let row = joined(shown, ", ");
    match services.len() {
        all if all > NAMED => said!("{} and {} more", row, all - NAMED),
        _ => row,
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
            (Some(plan), Some(at)) => said!("version {}", label(plan.brings(at))),
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
                |planned| said!("version {}", label(&planned.live_label)),
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
