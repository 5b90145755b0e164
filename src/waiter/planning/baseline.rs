//! The baseline: what ran when an application was first seen, so that the first deploy can be rolled
//! back.

use crate::names::Actor;
use crate::names::version::{Called, runs, version};
use crate::past::Proof;
use crate::record::{Deploy, Past};
use crate::waiter::scene::{NoPlan, Scene, denied, join_parts};
use crate::waiter::schedules;

/// What runs before Longshore changes anything: so that the first deploy can be rolled back. What somebody is
/// rolling out right now is not that, but what ran before it; `None` where nobody knows what that was.
pub(super) async fn baseline(scene: &Scene<'_>, deploy: &Deploy) -> Result<Option<Past>, NoPlan> {
    let mut ran = Vec::new();
    for service in &scene.live {
        if !service.in_flight() {
            ran.push(service.clone());
            continue;
        }
        let before = scene.ran_before(service).await;
        match before.map_err(|error| denied(error, deploy))? {
            Some((service, _)) => ran.push(service),
            None => return Ok(None),
        }
    }
    let mut digests = Vec::new();
    let mut revisions = Vec::new();
    let mut parts = Vec::new();
    let mut proof = Proof::default();
    for service in &ran {
        let running = scene.running(service).await;
        let running = running.map_err(|error| denied(error, deploy))?;
        let version = scene.version_of(service, &running).await;
        let (_, more) = version.map_err(|error| denied(error, deploy))?;
        join_parts(&mut parts, more);
        proof.runs(&running, service.desired);
        for entry in running {
            if !digests.contains(&entry) {
                digests.push(entry);
            }
        }
        revisions.push((service.name.clone(), service.task_definition.clone()));
    }
    let commit = match (parts.first(), digests.first()) {
        (Some(part), _) => part.commit.as_ref().and_then(|commit| commit.parse().ok()),
        (None, Some((_, digest))) => scene
            .commit_of(digest)
            .await
            .map_err(|error| denied(error, deploy))?,
        (None, None) => None,
    };
    Ok(Some(Past {
        id: None,
        verb: None,
        application: deploy.application().clone(),
        environment: deploy.environment.clone(),
        requester: Actor::Longshore,
        requested_at: scene.waiter.now(),
        started_at: None,
        verdict: None,
        ended_at: None,
        label: match (&commit, digests.first()) {
            _ if !parts.is_empty() => runs("", &parts),
            (commit, digest) => {
                let digest = digest.map(|(_, digest)| digest.as_str());
                let known = version(&Called::Itself, commit.as_ref(), digest);
                known.unwrap_or_else(|| "what ran before Longshore".to_owned())
            }
        },
        repository: scene.target.source.repository.clone(),
        left_alone: Vec::new(),
        idle: proof.idle(),
        digests,
        commit: commit.map(String::from),
        parts,
        revisions,
        pins: scene
            .pins_of_all(&ran)
            .await
            .map_err(|error| denied(error, deploy))?,
        copies: Vec::new(),
        schedules: schedules::running(scene, deploy).await?,
        ran_task: None,
        left: Vec::new(),
        commits: None,
        back_to: None,
        ran_already: false,
        stopped: None,
        outside: None,
    }))
}
