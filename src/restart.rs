//! `restart APP on ENV`, planned: the live revisions once more, with new tasks.

use crate::plan::{Change, Plan, PlannedService};
use crate::planning::{NoPlan, Scene, denied};
use crate::record::Deploy;

/// The plan of a restart.
pub(crate) async fn plan(scene: &Scene<'_>, deploy: &Deploy) -> Result<Plan, NoPlan> {
    let mut plan = scene.frame(String::new());
    plan.commit = scene.live_commit();
    for service in &scene.live {
        let running = scene.running(service).await;
        let running = running.map_err(|error| denied(error, deploy))?;
        plan.services.push(PlannedService {
            service: service.name.clone(),
            live: service.task_definition.clone(),
            live_label: scene.label_of(service, &running),
            live_digests: running,
            desired: service.desired,
            change: Change::Again,
        });
    }
    plan.label = plan.live_label().to_owned();
    Ok(plan)
}
