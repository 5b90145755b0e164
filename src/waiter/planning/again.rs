//! What a card named, for whoever presses its **Retry**.

use crate::config::Source;
use crate::names::DeployId;
use crate::plan::Share;
use crate::record::Refused;
use crate::resolve::Unresolvable;
use crate::waiter::scene::{NoPlan, Scene};

/// What the plan of another deploy there says of the same application. Where that is not known any more, nothing
/// else is brought instead.
pub(super) async fn planned_before(
    scene: &Scene<'_>,
    id: &DeployId,
    source: &Source,
) -> Result<Share, NoPlan> {
    let before = scene.waiter.store.deploy(id).await?;
    let there = before.filter(|before| before.environment == scene.target.environment);
    let plan = there.and_then(|before| before.plan);
    let shares = plan.map(|plan| plan.shares).into_iter().flatten();
    let mut own = shares.filter(|share| share.application == scene.target.application);
    own.find(|share| share.image.is_some()).ok_or_else(|| {
        let why = Unresolvable::ImageGone {
            image_repository: source.image.uri(),
            label: id.to_string(),
        };
        let instead = None;
        Refused::Unresolvable { why, instead }.into()
    })
}
