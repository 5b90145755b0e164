//! What the gates are to know: read for planning, and once more for the start.

use super::{NoPlan, Scene, denied, foreign};
use crate::gate::{self, Busy, Facts, Obstacle};
use crate::record::lease::{Lease, ServiceKey};
use crate::record::{Deploy, Refused};
use crate::waiter::context::StepError;

/// Why nothing may begin there, by all gates that nobody may let a deploy through; `busy` is the deploy
/// that is at work there. What a commit's checks say is [`super::checks`]'s.
pub(crate) fn obstacles(scene: &Scene<'_>, busy: Option<&Deploy>) -> Vec<Obstacle> {
    gate::refused(&Facts {
        cluster: &scene.target.cluster,
        wanted: &scene.target.services,
        services: &scene.live,
        busy: busy.map(told),
        ..Facts::default()
    })
}

/// The refusal because another deploy is at work there.
pub(crate) fn refused_by(busy: &Deploy) -> Refused {
    Refused::Gates(vec![Obstacle::Busy(told(busy))])
}

fn told(busy: &Deploy) -> Busy {
    Busy {
        id: busy.id.clone(),
        application: busy.application().clone(),
        environment: busy.environment.clone(),
        by: busy.requester.clone(),
        since: busy.requested_at,
        stopped_by: busy.cancel.as_ref().map(|cancel| cancel.by.clone()),
    }
}

/// Reads what others are rolling out there, for the gate that lets a deploy through when its requester
/// confirms that.
pub(crate) async fn read_foreign(scene: &mut Scene<'_>, deploy: &Deploy) -> Result<(), NoPlan> {
    let seen = foreign::seen(scene).await;
    scene.foreign = seen.map_err(|error| denied(error, deploy))?;
    Ok(())
}

/// The open deploy that holds a lease on one of the services, if one does. An expired lease keeps
/// nobody out, as long as ECS is not rolling out there.
pub(crate) async fn busy(scene: &Scene<'_>, deploy: &Deploy) -> Result<Option<Deploy>, StepError> {
    let now = scene.waiter.now();
    let target = &scene.target;
    let (account, region) = (target.account.as_str(), target.region.as_str());
    for live in &scene.live {
        let key = ServiceKey::new(account, region, &target.cluster, &live.name);
        let lease = scene.waiter.store.lease(&key).await?;
        let counts = |lease: &Lease| now < lease.expires_at || live.in_flight();
        let holder = lease.filter(counts).and_then(|lease| lease.holder);
        if let Some(holder) = holder.filter(|holder| *holder != deploy.id)
            && let Some(open) = scene.waiter.open_deploy(&holder).await?
        {
            return Ok(Some(open));
        }
    }
    Ok(None)
}
