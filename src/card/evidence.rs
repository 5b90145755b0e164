//! What explains a failure: what happened to the tasks, the likely cause, the last log lines and
//! where to look on.

use super::page::Page;
use crate::record::{Deploy, Evidence};
use crate::reply::{code, code_block, for_all, said};
use crate::slack::text::Mrkdwn;

/// Characters of log lines shown per service.
const LOG: usize = 1_500;
/// Services whose evidence is shown; a failure of many services has one cause, mostly.
const EXPLAINED: usize = 3;
/// Things said about one service's tasks.
const FINDINGS: usize = 8;

/// Adds the evidence of the one-off task and of the services that have some.
pub(super) fn explain(page: &mut Page, deploy: &Deploy) {
    for evidence in deploy
        .one_offs
        .iter()
        .filter_map(|task| task.evidence.as_ref())
    {
        explain_one(page, &Mrkdwn::raw("the one-off task"), evidence);
    }
    let found = deploy
        .services
        .iter()
        .filter_map(|service| Some((service, service.evidence.as_ref()?)));
    for (service, evidence) in found.take(EXPLAINED) {
        explain_one(page, &code(&service.service), evidence);
    }
}

fn explain_one(page: &mut Page, name: &Mrkdwn, evidence: &Evidence) {
    let mut lines: Vec<Mrkdwn> = Vec::new();
    if evidence.tells() {
        lines.push(said!("*What happened to {}:*", name));
    }
    let findings = evidence.what.iter().take(FINDINGS);
    lines.extend(findings.map(|what| said!("• {}", code(what))));
    if let Some(event) = &evidence.event {
        lines.push(said!("• ECS says: {}", code(event)));
    }
    if let Some(cause) = &evidence.cause {
        lines.push(said!("*Likely cause:* {}", for_all(cause)));
    }
    page.lines(lines);
    if !evidence.log_lines.is_empty() {
        page.section(said!(
            "*Last log lines of {}:*\n{}",
            name,
            code_block(&evidence.log_lines, LOG)
        ));
    }
    if let Some(url) = &evidence.link {
        page.section(Mrkdwn::new().link(url, "Look at it in the AWS console"));
    }
}
