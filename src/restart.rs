//! `restart APP on ENV`, planned: the live revisions once more, with new tasks.

use crate::plan::{Change, Plan, PlannedService};
use crate::planning::{NoPlan, Scene, denied, join_parts};
use crate::record::Deploy;

/// The plan of a restart.
pub(crate) async fn plan(scene: &Scene<'_>, deploy: &Deploy) -> Result<Plan, NoPlan> {
    let mut plan = scene.frame(String::new());
    for service in &scene.live {
        let running = scene.running(service).await;
        let running = running.map_err(|error| denied(error, deploy))?;
        let version = scene.version_of(service, &running).await;
        let (label, parts) = version.map_err(|error| denied(error, deploy))?;
        join_parts(&mut plan.parts, parts.clone());
        plan.services.push(PlannedService {
            service: service.name.clone(),
            live: service.task_definition.clone(),
            brings: (!parts.is_empty()).then(|| label.clone()),
            live_label: label,
            live_digests: running,
            told_apart: None,
            desired: service.desired,
            change: Change::Again,
        });
    }
    plan.commit = scene.live_commit(None, &plan.parts);
    plan.label = plan.live_label().to_owned();
    Ok(plan)
}
