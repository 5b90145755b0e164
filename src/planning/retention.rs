//! Whether the images that a deploy leaves people with stay: the one that will run, and the one that
//! a rollback would go back to. It only warns, so whatever goes wrong here leaves the warning out.

use std::time::Duration;

use super::Scene;
use crate::aws::AwsError;
use crate::names::ImageDigest;
use crate::plan::{Plan, ways_back};
use crate::retention::{Endangered, Outlook, Role, Rules};
use crate::task_definition::digest_of;

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
    let image = &scene.target.image;
    let (registry, repository) = (image.registry.id.as_str(), &image.name);
    let images = scene.reach.images(image.registry.region.as_str());
    let Some(policy) = images.lifecycle_policy(registry, repository).await? else {
        return Ok(Vec::new());
    };
    let Some(rules) = Rules::read(&policy) else {
        tracing::warn!(%repository, "the repository's lifecycle policy is not understood");
        return Ok(Vec::new());
    };
    let kept = kept(scene, plan);
    let digests: Vec<ImageDigest> = kept.iter().map(|(_, _, digest)| digest.clone()).collect();
    let found = images.stored(registry, repository, &digests).await?;
    let all = match found.iter().any(|image| rules.depends_on_others(image)) {
        true => images.all_stored(registry, repository).await?,
        false => None,
    };
    let now = scene.waiter.now();
    let judged = kept.into_iter().filter_map(|(role, label, digest)| {
        let image = found.iter().find(|image| image.digest == digest)?;
        match rules.outlook(image, all.as_deref(), now) {
            Outlook::Goes(removal) => Some(Endangered {
                role,
                label,
                digest,
                repository: repository.clone(),
                removal,
            }),
            Outlook::Stays | Outlook::Unclear => None,
        }
    });
    Ok(judged.collect())
}

/// What should stay: what the plan brings, and what a rollback would then go back to.
fn kept(scene: &Scene<'_>, plan: &Plan) -> Vec<(Role, String, ImageDigest)> {
    let mut live: Vec<(String, String)> = Vec::new();
    for service in &plan.services {
        for (container, image) in service.change.images() {
            let digest = digest_of(image).map(|digest| (container.clone(), digest.to_string()));
            live.extend(digest);
        }
    }
    let runs = live
        .iter()
        .map(|(_, digest)| (Role::Runs, plan.label.clone(), digest));
    let back = ways_back(&scene.history, &live, 1);
    let back = back.iter().flat_map(|past| {
        let digests = past.digests.iter();
        digests.map(|(_, digest)| (Role::WayBack, past.label.clone(), digest))
    });
    let mut kept: Vec<(Role, String, ImageDigest)> = Vec::new();
    for (role, label, digest) in runs.chain(back) {
        let Ok(digest) = digest.parse::<ImageDigest>() else {
            continue;
        };
        if !kept.iter().any(|(_, _, known)| *known == digest) {
            kept.push((role, label, digest));
        }
    }
    kept
}
