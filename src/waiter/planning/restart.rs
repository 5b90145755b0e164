//! `restart APP on ENV`, planned: what runs once more, with new tasks, every image named by the digest
//! that runs. A tag is resolved anew at every rollout, so that naming one would bring what it means today.

use crate::names::arn::last_part;
use crate::past::is_known_bad;
use crate::plan::{Change, Plan, PlannedService, live_label};
use crate::record::{Deploy, Refused};
use crate::rollout::LiveService;
use crate::task_definition::RevisionStatus;
use crate::waiter::scene::Found;
use crate::waiter::scene::NoPlan;
use crate::waiter::scene::Pins;
use crate::waiter::scene::Scene;
use crate::waiter::scene::denied;
use crate::waiter::scene::join_parts;

/// The plan of a restart.
pub(crate) async fn plan(scene: &Scene<'_>, deploy: &Deploy) -> Result<Plan, NoPlan> {
    for service in &scene.live {
        refuse_failed(scene, deploy, service)?;
    }
    let mut share = scene.share(String::new());
    let mut services: Vec<PlannedService> = Vec::new();
    for service in &scene.live {
        let running = scene.running(service).await;
        let running = running.map_err(|error| denied(error, deploy))?;
        let version = scene.version_of(service, &running).await;
        let (label, parts) = version.map_err(|error| denied(error, deploy))?;
        join_parts(&mut share.parts, parts.clone());
        let live = scene.reach.definition(&service.task_definition).await;
        let live = live.map_err(|error| denied(error, deploy))?;
        let pins = scene.pins(service, &live).await;
        let pins = pins.map_err(|error| denied(error, deploy))?;
        let change = match (pins.pins.is_empty(), live.status) {
            (true, RevisionStatus::Active) => Change::Again,
            // It names a tag, or cannot be given to a service any more.
            _ => Change::Renewed {
                images: pins.pins.clone(),
            },
        };
        let found = Found {
            service,
            definition: &live,
            running,
            label: label.clone(),
            pins,
        };
        let planned = scene.planned(found, (change, Pins::default())).await;
        services.push(PlannedService {
            brings: (!parts.is_empty()).then_some(label),
            ..planned.map_err(|error| denied(error, deploy))?
        });
    }
    share.commit = scene.live_commit(None, &share.parts);
    share.label = live_label(&services).to_owned();
    Ok(scene.frame(share, services))
}

/// A restart brings what a service names to all of its tasks, and must not do that with what failed.
fn refuse_failed(scene: &Scene<'_>, deploy: &Deploy, service: &LiveService) -> Result<(), Refused> {
    let revision = &service.task_definition;
    if !service.is_unfinished() && !is_known_bad(&scene.history, &service.name, revision) {
        return Ok(());
    }
    Err(Refused::RestartOfFailed {
        service: service.name.clone(),
        revision: last_part(revision).to_owned(),
        application: deploy.application().clone(),
        environment: deploy.environment.clone(),
    })
}
