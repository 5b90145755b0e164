//! What explains a failure: what happened to the tasks, the likely cause, the last log lines and
//! where to look on.

use super::page::Page;
use crate::config::OwnLink;
use crate::names::console;
use crate::record::{Deploy, Evidence, OneOffState, Phase, ServicePhase, ServiceState};
use crate::reply::{code, code_block, for_all, joined, said};
use crate::slack::text::Mrkdwn;

/// Characters of log lines shown per service.
const LOG: usize = 1_500;
/// Services whose evidence is shown; a failure of many services has one cause, mostly.
const EXPLAINED: usize = 3;
/// Things said about one service's tasks.
const FINDINGS: usize = 8;

/// Adds the evidence of the one-off task and of the services that have some. What is named once needs no
/// name.
pub(super) fn explain(page: &mut Page, deploy: &Deploy) {
    let task = |task: &OneOffState| {
        let evidence = task.evidence.clone()?;
        Some((Mrkdwn::raw("its one-off task"), evidence))
    };
    let tasks = deploy.one_offs.iter().filter_map(task);
    let service =
        |service: &ServiceState| Some((code(&service.service), service.evidence.clone()?));
    let services = deploy.services.iter().filter_map(service).take(EXPLAINED);
    let all: Vec<(Mrkdwn, Evidence)> = tasks.chain(services).collect();
    let alone = deploy.services.len() == 1 && deploy.one_offs.is_empty();
    for (name, evidence) in &all {
        explain_one(page, Some(name).filter(|_| !alone), evidence);
    }
    page.lines(look_on(deploy));
}

/// Where to look on, a line for each that fails, is overdue or did not come up: `log stream · tasks`. What
/// is named once needs no name.
pub(super) fn look_on(deploy: &Deploy) -> Vec<Mrkdwn> {
    let task = |task: &OneOffState| {
        let evidence = task.evidence.as_ref()?;
        let pages = pages(evidence.log.as_deref(), evidence.link.as_deref(), "task");
        Some((Mrkdwn::raw("its one-off task"), pages))
    };
    let overdue = deploy.phase == Phase::Overdue && deploy.ending.is_none();
    let service = |service: &ServiceState| {
        let troubled = service.evidence.is_some()
            || matches!(service.phase, ServicePhase::Unsuccessful { .. })
            || (overdue && !service.phase.is_final());
        let plan = deploy.plan.as_ref().filter(|_| troubled)?;
        let evidence = service.evidence.as_ref();
        let tasks = console::service_tasks(&plan.region, &plan.cluster, &service.service);
        let log = evidence.and_then(|evidence| evidence.log.as_deref());
        let pages = pages(log, tasks.as_deref(), "tasks");
        Some((code(&service.service), pages))
    };
    let tasks = deploy.one_offs.iter().filter_map(task);
    let services = deploy.services.iter().filter_map(service).take(EXPLAINED);
    let all = tasks.chain(services).filter(|(_, pages)| !pages.is_empty());
    let alone = deploy.services.len() == 1 && deploy.one_offs.is_empty();
    all.map(|(name, pages)| match alone {
        true => pages,
        false => said!("{}: {}", name, pages),
    })
    .collect()
}

/// Why a service fails, in a line.
pub(super) fn why_it_fails(evidence: &Evidence) -> Mrkdwn {
    let what = evidence.what.first().map(|what| code(what));
    let cause = evidence.cause.as_deref();
    let cause = cause.map(|cause| said!("Likely cause: {}", for_all(cause.trim_end_matches('.'))));
    let event = evidence.event.as_deref();
    let event = event.map(|event| said!("ECS says: {}", code(event)));
    let told: Vec<Mrkdwn> = [what, cause, event].into_iter().flatten().collect();
    match told.is_empty() {
        true => Mrkdwn::new(),
        false => said!(":warning: {}", joined(told, ". ")),
    }
}

fn pages(log: Option<&str>, tasks: Option<&str>, label: &str) -> Mrkdwn {
    let link = |url: &str, label: &str| Mrkdwn::new().link(url, label);
    let log = log.map(|url| link(url, "log stream"));
    let tasks = tasks.map(|url| link(url, label));
    joined(log.into_iter().chain(tasks), " · ")
}

/// The applications' own pages, a line for each application: of several, under its title.
pub(super) fn own_pages(deploy: &Deploy) -> Vec<Mrkdwn> {
    let shares = deploy.plan.iter().flat_map(|plan| &plan.shares);
    let shares = shares.filter(|share| !share.links.is_empty());
    shares
        .map(|share| match deploy.is_of_several() {
            true => said!("{}: {}", share.title, named_pages(&share.links)),
            false => named_pages(&share.links),
        })
        .collect()
}

/// `dashboard · runbook`
pub(super) fn named_pages(links: &[OwnLink]) -> Mrkdwn {
    let links = links.iter();
    joined(
        links.map(|one| Mrkdwn::new().link(&one.url, &one.name)),
        " · ",
    )
}

fn explain_one(page: &mut Page, name: Option<&Mrkdwn>, evidence: &Evidence) {
    let heading = match name {
        Some(name) => said!("*Why, {}:*", name),
        None => Mrkdwn::raw("*Why:*"),
    };
    let findings = evidence.what.iter().take(FINDINGS);
    let event = evidence.event.iter();
    let event = event.map(|event| said!("ECS says: {}", code(event)));
    let found: Vec<Mrkdwn> = findings.map(|what| code(what)).chain(event).collect();
    let cause = evidence.cause.as_deref();
    let cause = cause.map_or_else(Mrkdwn::new, |cause| {
        said!("Likely cause: {}", for_all(cause))
    });
    let lines = match found.as_slice() {
        [] if cause.is_empty() => Vec::new(),
        [] => vec![said!("{} {}", heading, cause)],
        [one] => vec![joined([said!("{} {}", heading, one), cause], ". ")],
        several => {
            let several = several.iter().map(|one| said!("• {}", one));
            let first = joined([heading, cause], " ");
            std::iter::once(first).chain(several).collect()
        }
    };
    page.lines(lines);
    page.section(code_block(&evidence.log_lines, LOG));
}
