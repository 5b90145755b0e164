//! What runs, named by digest: of which images a revision names only a tag, what they are while they
//! run, and whether they could come back.

use super::Scene;
use crate::aws::AwsError;
use crate::image_reference::{digest_of, is_from, pinned};
use crate::names::ImageDigest;
use crate::past::{is_known_bad, last_good};
use crate::plan::{Back, Change, Closed, Good, PlannedService};
use crate::record::Pin;
use crate::resolve::ImageState;
use crate::rollout::LiveService;
use crate::task_definition::{RevisionStatus, TaskDefinition};

/// Container → image.
type Images = Vec<(String, String)>;

/// What runs of images that a revision does not name by digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pins {
    /// Those whose digest ECS reports, pinned.
    pub(crate) pins: Images,
    /// Those of which nobody knows it, as they are named: of other registries than ECR, or where no task
    /// runs.
    pub(crate) unpinned: Images,
}

/// A service as a plan finds it: what it runs, and by which names.
pub(crate) struct Found<'a> {
    pub(crate) service: &'a LiveService,
    pub(crate) definition: &'a TaskDefinition,
    /// The digests of the application's containers.
    pub(crate) running: Images,
    pub(crate) label: String,
    pub(crate) pins: Pins,
}

impl Scene<'_> {
    /// What a service runs of images that its revision does not name by digest: the application's and
    /// all others beside them.
    pub(crate) async fn pins(
        &self,
        service: &LiveService,
        live: &TaskDefinition,
    ) -> Result<Pins, AwsError> {
        let tagged: Vec<_> = live
            .containers
            .iter()
            .filter(|one| digest_of(&one.image).is_none())
            .collect();
        if tagged.is_empty() {
            return Ok(Pins::default());
        }
        let ecs = &self.reach.ecs;
        let running = ecs.running_images(&service.name, &live.arn).await?;
        let mut pins = Pins::default();
        for container in tagged {
            let mut runs = running.iter();
            let runs = runs.find(|image| image.container == container.name);
            let name = container.name.clone();
            match runs.and_then(|image| image.digest.as_deref()) {
                Some(digest) => pins.pins.push((name, pinned(&container.image, digest))),
                None => pins.unpinned.push((name, container.image.clone())),
            }
        }
        Ok(pins)
    }

    /// The same for the history's entry of what runs.
    pub(crate) async fn pins_of_all(&self) -> Result<Vec<Pin>, AwsError> {
        let mut all = Vec::new();
        for service in &self.live {
            let live = self.reach.definition(&service.task_definition).await?;
            let pins = self.pins(service, &live).await?.pins.into_iter();
            all.extend(pins.map(|(container, image)| Pin {
                service: service.name.clone(),
                container,
                image,
            }));
        }
        Ok(all)
    }

    /// A service's place in a plan.
    pub(crate) async fn planned(
        &self,
        found: Found<'_>,
        (change, copy): (Change, Pins),
    ) -> Result<PlannedService, AwsError> {
        let mut unpinned = found.pins.unpinned.clone();
        for one in copy.unpinned {
            if !unpinned.contains(&one) {
                unpinned.push(one);
            }
        }
        let closed = match change.is_restart() {
            // What runs stays.
            true => None,
            false => self.closed(&found).await?,
        };
        Ok(PlannedService {
            service: found.service.name.clone(),
            live: found.definition.arn.clone(),
            live_label: found.label.clone(),
            brings: None,
            told_apart: None,
            desired: found.service.desired,
            change,
            beside: copy.pins,
            unpinned,
            good: self.good(&found),
            live_digests: found.running,
            back: Back {
                pins: found.pins.pins,
                closed,
            },
        })
    }

    /// The newest revision of the family that is known to have worked: what runs, unless the history
    /// or ECS knows better.
    fn good(&self, found: &Found<'_>) -> Option<Good> {
        let (name, live) = (&found.service.name, &found.definition.arn);
        if !found.service.is_unfinished() && !is_known_bad(&self.history, name, live) {
            return Some(Good {
                revision: live.clone(),
                pins: found.pins.pins.clone(),
            });
        }
        let (past, revision) = last_good(&self.history, name, &found.definition.family)?;
        Some(Good {
            revision: revision.to_owned(),
            pins: past.pins_of(name),
        })
    }

    /// Why what a service runs could not come back.
    async fn closed(&self, found: &Found<'_>) -> Result<Option<Closed>, AwsError> {
        match found.definition.status {
            RevisionStatus::Active | RevisionStatus::Inactive => {}
            RevisionStatus::DeleteInProgress | RevisionStatus::Other => {
                return Ok(Some(Closed::Revision(found.definition.arn.clone())));
            }
        }
        let sources: Vec<_> = self.target.sources().collect();
        for (_, source) in sources {
            let image = &source.image;
            let digests = from(found, &image.uri());
            if digests.is_empty() {
                continue;
            }
            let images = self.reach.images(image.registry.region.as_str());
            let registry = image.registry.id.as_str();
            let there = images.describe_digests(registry, &image.name, &digests);
            let there = there.await?;
            let gone = digests.iter().find(|digest| {
                let mut there = there.iter();
                let found = there.find(|image| image.digest == **digest);
                found.is_none_or(|image| image.state != ImageState::Active)
            });
            if let Some(gone) = gone {
                return Ok(Some(Closed::Image(gone.short().to_owned())));
            }
        }
        Ok(None)
    }
}

impl Scene<'_> {
    /// What a copy of a task's definition names by tag beside the images in `named`: pinned to what a
    /// service of the application runs under that very name.
    pub(crate) async fn beside_task(
        &self,
        base: &TaskDefinition,
        named: &[(String, String)],
    ) -> Result<Pins, AwsError> {
        let tagged: Vec<_> = base
            .containers
            .iter()
            .filter(|one| digest_of(&one.image).is_none())
            .filter(|one| !named.iter().any(|(exchanged, _)| *exchanged == one.name))
            .collect();
        if tagged.is_empty() {
            return Ok(Pins::default());
        }
        let mut runs: Images = Vec::new();
        for service in &self.live {
            let live = self.reach.definition(&service.task_definition).await?;
            let pins = self.pins(service, &live).await?.pins.into_iter();
            let by_name =
                pins.filter_map(|(container, pin)| Some((live.image(&container)?.to_owned(), pin)));
            runs.extend(by_name);
        }
        let mut found = Pins::default();
        for container in tagged {
            let (name, image) = (container.name.clone(), &container.image);
            match runs.iter().find(|(known, _)| known == image) {
                Some((_, pin)) => found.pins.push((name, pin.clone())),
                None => found.unpinned.push((name, image.clone())),
            }
        }
        Ok(found)
    }
}

/// The digests that a service runs of one repository.
fn from(found: &Found<'_>, repository: &str) -> Vec<ImageDigest> {
    let own = found.running.iter().filter(|(container, _)| {
        let named = found.definition.image(container).unwrap_or_default();
        is_from(named, repository)
    });
    own.filter_map(|(_, digest)| digest.parse().ok()).collect()
}

/// What a copy of `base` names by tag beside the images in `named`: pinned to what runs, where `live`
/// names the same.
pub(crate) fn beside(
    base: &TaskDefinition,
    live: &TaskDefinition,
    named: &[(String, String)],
    runs: &Pins,
) -> Pins {
    let mut pins = Pins::default();
    for container in &base.containers {
        let name = &container.name;
        let exchanged = named.iter().find(|(exchanged, _)| exchanged == name);
        let image = exchanged.map_or(&container.image, |(_, image)| image);
        if digest_of(image).is_some() {
            continue;
        }
        let same = live.image(name) == Some(image);
        match runs.pins.iter().find(|(running, _)| running == name) {
            Some(pin) if same => pins.pins.push(pin.clone()),
            Some(_) | None => pins.unpinned.push((name.clone(), image.clone())),
        }
    }
    pins
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::task_definition::Registered;

    fn definition(containers: &[(&str, &str)]) -> TaskDefinition {
        let containers: Vec<_> = containers
            .iter()
            .map(|(name, image)| json!({ "name": name, "image": image }))
            .collect();
        TaskDefinition::new(
            ("arn".to_owned(), "web".to_owned(), 1),
            RevisionStatus::Active,
            BTreeMap::new(),
            Registered::default(),
            &json!({ "containerDefinitions": containers }),
        )
    }

    #[test]
    fn a_copy_names_no_tag_of_which_the_digest_is_known() {
        let digest = format!("sha256:{}", "1".repeat(64));
        let pinned = format!("ecr/envoy@{digest}");
        let runs = Pins {
            pins: vec![("envoy".to_owned(), pinned.clone())],
            unpinned: Vec::new(),
        };
        let app = [("app".to_owned(), format!("ecr/web@{digest}"))];
        let live = definition(&[("app", "ecr/web:1"), ("envoy", "ecr/envoy:1")]);
        for (envoy, is) in [
            // What runs under that name.
            ("ecr/envoy:1", (Some(&*pinned), None)),
            // Another tag than the one that runs: nobody has run it here.
            ("ecr/envoy:2", (None, Some("ecr/envoy:2"))),
            // It names a digest itself.
            (&*pinned, (None, None)),
        ] {
            let base = definition(&[("app", "ecr/web:1"), ("envoy", envoy)]);
            let found = beside(&base, &live, &app, &runs);
            let image = |images: &Images| images.first().map(|(_, image)| image.clone());
            let found = (image(&found.pins), image(&found.unpinned));
            assert_eq!((found.0.as_deref(), found.1.as_deref()), is, "{envoy}");
        }
    }
}
