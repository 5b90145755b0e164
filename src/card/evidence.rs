//! What explains a failure: what happened to the tasks, the likely cause, the last log lines and
//! where to look on.

use super::page::Page;
use crate::record::{Deploy, Evidence, OneOffState, ServiceState};
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
    if let Some(url) = &evidence.link {
        page.section(Mrkdwn::new().link(url, "Its tasks in the AWS console"));
    }
}
