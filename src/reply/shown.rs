//! What ECS showed a service running, revision by revision, when its deploy ended.

use super::{code, joined, label, last_part, said, share};
use crate::plan::PlannedService;
use crate::record::{Deploy, ServiceState};
use crate::rollout::Side;
use crate::slack::text::Mrkdwn;

/// `*Runs now* on `web`: `web:13` (1.0.2): 0 of 2 running, 16 failed; `web:12` (1.0.1): 2 running`.
/// None where that was not read.
pub(super) fn runs_now_on(deploy: &Deploy, state: &ServiceState) -> Option<Mrkdwn> {
    if state.shown.is_empty() {
        return None;
    }
    let sides = state.shown.iter().enumerate();
    let sides = sides.map(|(at, side)| {
        let revision = code(last_part(&side.task_definition));
        let named = name(deploy, state, &side.task_definition)
            .map_or_else(Mrkdwn::new, |name| said!(" ({})", label(&name)));
        let tasks = match at {
            0 => wanted(side),
            _ => said!("{} running", side.counts.running),
        };
        let share = side.share.map_or_else(Mrkdwn::new, share);
        said!("{}{}: {}", revision, named, joined([tasks, share], ", "))
    });
    Some(said!(
        "*Runs now* on {}: {}",
        code(&state.service),
        joined(sides, "; ")
    ))
}

/// `2 of 4 running`, of the revision that a service is meant to run.
pub(super) fn wanted(side: &Side) -> Mrkdwn {
    let counts = side.counts;
    let running = match (counts.running, counts.desired) {
        (0, 0) => Mrkdwn::raw("no tasks, the desired count is 0"),
        (running, desired) => said!("{} of {} running", running, desired),
    };
    let failed = match counts.failed {
        ..=0 => Mrkdwn::new(),
        failed => said!("{} failed", failed),
    };
    joined([running, failed], ", ")
}

/// What people call a revision, where this deploy knows it.
fn name(deploy: &Deploy, state: &ServiceState, revision: &str) -> Option<String> {
    let plan = deploy.plan.as_ref()?;
    let at = plan
        .services
        .iter()
        .position(|planned| planned.service == state.service)?;
    let planned: &PlannedService = plan.services.get(at)?;
    if state.revision.as_deref() == Some(revision) {
        return Some(plan.brings(at).to_owned());
    }
    let before = state.ran_before(planned, revision);
    before.then(|| planned.live_label.clone())
}
