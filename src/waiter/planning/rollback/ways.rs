//! The ways back: what ran well before, each checked for whether it can run again. Its task
//! definitions must be ACTIVE, or INACTIVE and so fit for being copied, and its images must be there to be
//! pulled, by digest.

use std::collections::BTreeMap;

use crate::names::ImageDigest;
use crate::names::image_reference::{digest_of, is_from, pinned, repository_of};
use crate::names::version::Part;
use crate::past::Stack;
use crate::plan::{Candidate, CannotRun};
use crate::record::{Deploy, Past};
use crate::resolve::{ImageState, PushedImage};
use crate::task_definition::{RevisionStatus, TaskDefinition};
use crate::waiter::scene::NoPlan;
use crate::waiter::scene::Pins;
use crate::waiter::scene::Scene;
use crate::waiter::scene::beside;
use crate::waiter::scene::by_name;
use crate::waiter::scene::denied;

/// Something that ran well, and whether it can again.
pub(super) struct RanWell {
    /// What the history has of it.
    pub(super) past: Past,
    /// Each service as it ran then, or what keeps it from running so again.
    pub(super) services: Result<Vec<Then>, CannotRun>,
}

/// One service as it ran then.
pub(super) struct Then {
    /// Its name.
    pub(super) service: String,
    /// Its task definition.
    pub(super) definition: TaskDefinition,
    /// The images it ran.
    pub(super) images: Vec<Ran>,
    /// Whether the task definition can be given to the service as it is: it is ACTIVE and names what ran.
    pub(super) as_it_is: bool,
    /// What it names by tag of containers that are not the application's.
    pub(super) beside: Pins,
}

/// The image that one container ran.
pub(super) struct Ran {
    /// The container.
    pub(super) container: String,
    /// Which.
    pub(super) digest: ImageDigest,
    /// Where it was pulled from.
    pub(super) repository: String,
}

impl Ran {
    /// The container, and the digest that it ran.
    pub(super) fn digest(&self) -> (String, String) {
        (self.container.clone(), self.digest.to_string())
    }

    /// The container with its image.
    pub(super) fn pinned(&self) -> (String, String) {
        let image = pinned(&self.repository, &self.digest);
        (self.container.clone(), image)
    }
}

impl Then {
    /// What it ran, pinned, by the image that its definition names.
    pub(super) fn by_name(&self) -> Vec<(String, String)> {
        let images = self.images.iter().map(Ran::pinned);
        let all: Vec<_> = images.chain(self.beside.pins.iter().cloned()).collect();
        by_name(&self.definition, &all)
    }

    /// Whether one of its containers runs that image.
    pub(super) fn runs(&self, scene: &Scene<'_>, part: &Part) -> bool {
        let mut images = self.images.iter();
        images.any(|ran| scene.image_in(&ran.container) == part.image.as_ref())
    }
}

impl RanWell {
    /// As people are shown it.
    pub(super) fn candidate(&self, stack: &Stack<'_>) -> Candidate {
        Candidate {
            why_not: self.services.as_ref().err().cloned(),
            ..stack.candidate(&self.past)
        }
    }
}

/// Checks all of these, newest first: the revisions one by one, the images in one call a repository.
pub(super) async fn check(
    scene: &Scene<'_>,
    deploy: &Deploy,
    pasts: Vec<Past>,
) -> Result<Vec<RanWell>, NoPlan> {
    let mut ways = Vec::with_capacity(pasts.len());
    for past in pasts {
        let services = revisions(scene, deploy, &past).await?;
        ways.push(RanWell { past, services });
    }
    let repositories = scene.target.sources().map(|(_, source)| &source.image);
    let repositories: BTreeMap<String, _> =
        repositories.map(|image| (image.uri(), image)).collect();
    for (uri, image) in repositories {
        let mut digests: Vec<ImageDigest> = ways
            .iter()
            .flat_map(|way| way.services.iter().flatten())
            .flat_map(|then| &then.images)
            .filter(|ran| is_from(&ran.repository, &uri))
            .map(|ran| ran.digest.clone())
            .collect();
        digests.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        digests.dedup();
        let images = scene.reach.images(image.registry.region.as_str());
        let found = images
            .describe_digests(image.registry.id.as_str(), &image.name, &digests)
            .await
            .map_err(|error| denied(error, deploy))?;
        for way in &mut ways {
            let missing = way
                .services
                .iter()
                .flatten()
                .flat_map(|then| &then.images)
                .filter(|ran| is_from(&ran.repository, &uri))
                .find_map(|ran| unfit(&ran.digest, &found));
            if let Some(why) = missing {
                way.services = Err(why);
            }
        }
    }
    Ok(ways)
}

/// What keeps an image from running again.
fn unfit(digest: &ImageDigest, found: &[PushedImage]) -> Option<CannotRun> {
    let short = digest.short().to_owned();
    match found.iter().find(|image| image.digest == *digest) {
        None => Some(CannotRun::Image(short)),
        Some(image) if image.state == ImageState::Active => None,
        Some(image) => Some(CannotRun::Unpullable {
            digest: short,
            state: image.state.name().to_owned(),
        }),
    }
}

/// The services as they ran then. One that was not part of the application then is left out: there
/// is nothing to go back to.
async fn revisions(
    scene: &Scene<'_>,
    deploy: &Deploy,
    past: &Past,
) -> Result<Result<Vec<Then>, CannotRun>, NoPlan> {
    let mut services = Vec::new();
    for service in &scene.live {
        let ran = past
            .revisions
            .iter()
            .find(|(name, _)| *name == service.name);
        let Some((_, revision)) = ran else {
            continue;
        };
        let found = scene.reach.ecs.describe_task_definition(revision).await;
        let found = found.map_err(|error| denied(error, deploy))?;
        let definition = found.map(|found| found.definition().clone());
        let Some(definition) = definition.filter(TaskDefinition::can_be_copied) else {
            return Ok(Err(CannotRun::Revision(revision.clone())));
        };
        let mut images = Vec::new();
        let mut as_it_is = definition.status == RevisionStatus::Active;
        for container in scene.containers(&definition) {
            let named = definition.image(&container).unwrap_or_default();
            let own = scene.image_in(&container).is_some();
            let recorded = past.digest_of(&container);
            let digest = match (digest_of(named), recorded) {
                (Some(digest), _) => digest,
                (None, Some(digest)) => {
                    as_it_is = false;
                    digest
                }
                // It was nobody's to deploy yet: it runs what the revision names.
                (None, None) if own => continue,
                (None, None) => return Ok(Err(CannotRun::Image(container))),
            };
            // From where it was pulled then, by that name: another may not be reached from there, and
            // it may have come from elsewhere before.
            images.push(Ran {
                container,
                digest,
                repository: repository_of(named).to_owned(),
            });
        }
        // Without a digest, success would be whatever the revision's tags mean today.
        if images.is_empty() {
            return Ok(Err(CannotRun::Untold(revision.clone())));
        }
        let ran = Pins {
            pins: past.pins_of(&service.name),
            unpinned: Vec::new(),
        };
        let named: Vec<(String, String)> = images.iter().map(Ran::pinned).collect();
        let beside = beside(&definition, &definition, &named, &ran);
        services.push(Then {
            service: service.name.clone(),
            as_it_is: as_it_is && beside.pins.is_empty(),
            definition,
            images,
            beside,
        });
    }
    Ok(match services.is_empty() {
        true => Err(CannotRun::Live),
        false => Ok(services),
    })
}
