//! Whether the images that a deploy leaves people with stay: the one that will run, and the one that
//! a rollback would go back to. It only warns, so whatever goes wrong here leaves the warning out.

use std::time::Duration;

use super::Scene;
use crate::aws::AwsError;
use crate::config::ImageRepository;
use crate::names::image_reference::digest_of;
use crate::names::{ContainerName, ImageDigest};
use crate::past::Stack;
use crate::plan::Plan;
use crate::plan::retention::{Endangered, Outlook, Role, Rules};

/// How long a plan waits for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// The images that a lifecycle rule is about to take, as far as that can be told in time.
pub(crate) async fn endangered(scene: &Scene<'_>, plan: &Plan) -> Vec<Endangered> {
    match tokio::time::timeout(PATIENCE, look(scene, plan)).await {
        Ok(Ok(endangered)) => endangered,
        Ok(Err(error)) => {
            tracing::warn!(%error, "what the lifecycle policy does to the images could not be read");
            Vec::new()
        }
        Err(_) => {
            tracing::warn!("what the lifecycle policy does to the images was not read in time");
            Vec::new()
        }
    }
}

async fn look(scene: &Scene<'_>, plan: &Plan) -> Result<Vec<Endangered>, AwsError> {
    let kept = kept(scene, plan);
    let mut endangered = Vec::new();
    for (image, source) in scene.target.sources() {
        let own: Vec<&Kept> = kept
            .iter()
            .filter(|one| one.image.as_ref() == image)
            .collect();
        endangered.extend(among(scene, &source.image, &own).await?);
    }
    Ok(endangered)
}

/// Those of one repository's images that are about to go.
async fn among(
    scene: &Scene<'_>,
    image: &ImageRepository,
    kept: &[&Kept],
) -> Result<Vec<Endangered>, AwsError> {
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let (registry, repository) = (image.registry.id.as_str(), &image.name);
    let images = scene.reach.images(image.registry.region.as_str());
    let Some(policy) = images.lifecycle_policy(registry, repository).await? else {
        return Ok(Vec::new());
    };
    let Some(rules) = Rules::read(&policy) else {
        tracing::warn!(%repository, "the repository's lifecycle policy is not understood");
        return Ok(Vec::new());
    };
    let digests: Vec<ImageDigest> = kept.iter().map(|one| one.digest.clone()).collect();
    let found = images.stored(registry, repository, &digests).await?;
    let all = match found.iter().any(|image| rules.depends_on_others(image)) {
        true => images.all_stored(registry, repository).await?,
        false => None,
    };
    let now = scene.waiter.now();
    let judged = kept.iter().filter_map(|one| {
        let image = found.iter().find(|image| image.digest == one.digest)?;
        match rules.outlook(image, all.as_deref(), now) {
            Outlook::Goes(removal) => Some(Endangered {
                role: one.role,
                label: one.label.clone(),
                digest: one.digest.clone(),
                repository: repository.clone(),
                removal,
            }),
            Outlook::Stays | Outlook::Unclear => None,
        }
    });
    Ok(judged.collect())
}

/// An image that should stay.
struct Kept {
    /// The container that runs it, if that is not the application's own.
    image: Option<ContainerName>,
    role: Role,
    label: String,
    digest: ImageDigest,
}

/// What should stay: what the plan brings, and what a rollback would then go back to.
fn kept(scene: &Scene<'_>, plan: &Plan) -> Vec<Kept> {
    let mut brought: Vec<(String, String)> = Vec::new();
    let mut live: Vec<(String, String)> = Vec::new();
    for service in &plan.services {
        let images = service.change.images();
        for (container, image) in images {
            let digest = digest_of(image).map(|digest| (container.clone(), digest.to_string()));
            brought.extend(digest);
        }
        let is_left = |container: &String| !images.iter().any(|(named, _)| named == container);
        let left = service
            .live_digests
            .iter()
            .filter(|(name, _)| is_left(name));
        live.extend(left.cloned());
    }
    let unchanged = plan.unchanged().flat_map(|service| &service.digests);
    live.extend(unchanged.cloned());
    // Where there is one image, it is in every container.
    if scene.target.images.is_empty() {
        live.clear();
    }
    live.extend(brought.iter().cloned());
    let stack = Stack::of(&scene.history);
    let share = plan.shares.first();
    let to = share.goes_back.as_ref().map(|back| &back.to);
    let back = stack.way_back_from(to, &live);
    let runs = brought.iter().map(|(container, digest)| {
        let image = scene.image_in(container);
        let mut parts = share.parts.iter();
        let part = parts.find(|part| part.image.as_ref() == image);
        let label = part.map_or(&share.label, |part| &part.label);
        (image, Role::Runs, label.clone(), digest)
    });
    let back = back.iter().flat_map(|past| {
        past.digests.iter().map(|(container, digest)| {
            let image = scene.image_in(container);
            let part = past.part(image);
            let label = part.map_or_else(|| past.runs(), |part| part.label);
            (image, Role::WayBack, label, digest)
        })
    });
    let mut kept: Vec<Kept> = Vec::new();
    for (image, role, label, digest) in runs.chain(back) {
        let Ok(digest) = digest.parse::<ImageDigest>() else {
            continue;
        };
        if !kept.iter().any(|known| known.digest == digest) {
            kept.push(Kept {
                image: image.cloned(),
                role,
                label,
                digest,
            });
        }
    }
    kept
}
