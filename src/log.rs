//! The log: one structured line per decision, readable alone, with its identifiers as fields.
//!
//! Never a body, never what people typed, never a URL that is a credential.

use crate::record::Deploy;

/// A request was accepted as a deploy.
pub fn accepted(deploy: &Deploy) {
    tracing::info!(
        deploy = %deploy.id,
        actor = %deploy.requester,
        application = %deploy.application(),
        environment = %deploy.environment,
        "accepted a deploy"
    );
}

/// A deploy moved to another phase.
pub fn phase(deploy: &Deploy) {
    tracing::info!(
        deploy = %deploy.id,
        application = %deploy.application(),
        environment = %deploy.environment,
        phase = ?deploy.phase,
        "a deploy moved on"
    );
}

/// A deploy got its verdict.
pub fn verdict(deploy: &Deploy) {
    let Some(ending) = &deploy.ending else {
        return;
    };
    tracing::info!(
        deploy = %deploy.id,
        actor = %deploy.requester,
        application = %deploy.application(),
        environment = %deploy.environment,
        verdict = ending.verdict.name(),
        seconds = deploy.elapsed(ending.at).as_secs(),
        "a deploy got its verdict"
    );
}
