//! What planning met, kept to be offered in the form.

use crate::names::ContainerName;
use crate::record::{Met, MetKind};
use crate::resolve::{Kind, Resolved};
use crate::waiter::scene::Scene;

/// Keeps the name by which the image was found, to be offered in the form, which deploys the application's own image.
/// Helps people to choose and decides nothing, so a silent table only leaves it out.
pub(super) async fn keep(scene: &Scene<'_>, image: Option<&ContainerName>, found: &Resolved) {
    let kind = match found.kind {
        Kind::ImageTag | Kind::GitTag => MetKind::Tag,
        Kind::Branch => MetKind::Branch,
        Kind::Commit => return,
    };
    let (None, Ok(reference)) = (image, found.name.parse()) else {
        return;
    };
    let (store, application) = (&scene.waiter.store, &scene.target.application);
    let at = scene.waiter.now();
    let new = Met {
        reference,
        kind,
        at,
    };
    let kept = async {
        let met = Met::last(store.met_of(application).await?, [new]);
        store.put_met(application, &met).await
    };
    if let Err(error) = kept.await {
        tracing::warn!(%error, %application, "what was met could not be kept for the form");
    }
}
