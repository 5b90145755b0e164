//! What a card named, for whoever presses its **Retry**.

use crate::config::Source;
use crate::names::DeployId;
use crate::plan::Share;
use crate::waiter::scene::source::with_image;
use crate::waiter::scene::{NoPlan, Scene};

/// What the plan of another deploy there says of the same application.
pub(super) async fn planned_before(
    scene: &Scene<'_>,
    id: &DeployId,
    source: &Source,
) -> Result<Share, NoPlan> {
    with_image(scene, &[&scene.target.environment], id, source).await
}
