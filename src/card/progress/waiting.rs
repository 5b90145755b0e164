//! What a service waits for that has not begun.

use super::rollouts;
use crate::config::Rollouts;
use crate::record::{Deploy, ServicePhase};
use crate::slack::text::Mrkdwn;

/// What a service that has not begun waits for.
pub(super) fn waiting(deploy: &Deploy) -> Mrkdwn {
    let failed = deploy
        .services
        .iter()
        .any(|service| matches!(service.phase, ServicePhase::Unsuccessful { .. }));
    Mrkdwn::raw(match rollouts(deploy) {
        _ if failed || deploy.cancel.is_some() => "not begun, and left alone",
        Rollouts::InOrder if deploy.services.len() > 1 => "waits for its turn",
        Rollouts::InOrder if deploy.is_at_its_tasks() => "waits for the one-off task",
        Rollouts::InOrder => "about to start",
        Rollouts::Parallel => "about to start",
    })
}
