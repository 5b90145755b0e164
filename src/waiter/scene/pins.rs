//! What runs, named by digest: of which images a revision names only a tag, what they are while they
//! run, and whether they could come back.

use super::Scene;
use crate::aws::AwsError;
use crate::aws::ecr::ImageName;
use crate::names::ImageDigest;
use crate::names::image_reference::{LATEST, digest_of, is_from, pinned, tag_of};
use crate::past::{is_known_bad, last_good, ran_as};
use crate::plan::{Back, Change, Closed, ContainerImages, Good, PlannedService};
use crate::record::{Past, Pin};
use crate::resolve::ImageState;
use crate::rollout::LiveService;
use crate::task_definition::{Container, RevisionStatus, TaskDefinition, family_of};

/// What runs of images that a revision does not name by digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pins {
    /// Those whose digest is known, pinned.
    pub(crate) pins: ContainerImages,
    /// Those of which nobody knows it, as they are named: of other repositories than the application's, where
    /// ECS reports none.
    pub(crate) unpinned: ContainerImages,
}

impl Pins {
    /// Those of containers that are not among `images`.
    pub(crate) fn beside(&self, images: &[(String, String)]) -> ContainerImages {
        let other = |(name, _): &&(String, String)| !images.iter().any(|(one, _)| one == name);
        self.pins.iter().filter(other).cloned().collect()
    }

    /// Pins those of `images` that it knows, and knows them no more.
    pub(crate) fn pull(&mut self, images: &mut ContainerImages) {
        for (container, image) in images {
            let place = self.pins.iter().position(|(name, _)| name == container);
            if let Some(place) = place {
                *image = self.pins.swap_remove(place).1;
            }
        }
    }
}

/// A service as a plan finds it: what it runs, and by which names.
pub(crate) struct Found<'a> {
    pub(crate) service: &'a LiveService,
    pub(crate) definition: &'a TaskDefinition,
    /// The digests of the application's containers.
    pub(crate) running: ContainerImages,
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
        if live.is_pinned() {
            return Ok(Pins::default());
        }
        let reported = self.reported(service, live).await?;
        let mut pins = Pins::default();
        for container in live.tagged() {
            let (name, image) = (container.name.clone(), &container.image);
            let mut all = reported.iter();
            let runs = all.find(|(reported, _)| *reported == name);
            let ran = match runs {
                Some((_, digest)) => Some(pinned(image, digest)),
                None => self.ran(service, live, container),
            };
            let pin = match ran {
                None => self.means_now(image).await?,
                ran => ran,
            };
            match pin {
                Some(pin) => pins.pins.push((name, pin)),
                None => pins.unpinned.push((name, image.clone())),
            }
        }
        Ok(pins)
    }

    /// The same for the history's entry of what these services run.
    pub(crate) async fn pins_of_all(&self, services: &[LiveService]) -> Result<Vec<Pin>, AwsError> {
        let mut all = Vec::new();
        for service in services {
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
        let live = found.definition.arn.clone();
        let ran = match found.service.in_flight() {
            true => self.ran_before(found.service).await?,
            false => None,
        };
        let (found, revision) = match &ran {
            Some((service, definition)) => {
                let ran = self.as_it_ran(service, definition).await?;
                (ran, Some(definition.arn.clone()))
            }
            None => (found, None),
        };
        let closed = match change.is_restart() {
            // What runs stays.
            true => None,
            false => self.closed(&found).await?,
        };
        Ok(PlannedService {
            service: found.service.name.clone(),
            live,
            live_label: found.label.clone(),
            brings: None,
            live_commit: None,
            told_apart: None,
            desired: found.service.desired,
            never_gives_up: !found.service.breaker.enable,
            change,
            beside: copy.pins,
            unpinned: both(found.pins.unpinned.clone(), copy.unpinned),
            good: self.good(&found),
            live_digests: found.running,
            back: Back {
                revision,
                pins: found.pins.pins,
                closed,
            },
        })
    }

    /// A service as it was before what somebody else is rolling out there: what ECS says came up last, else
    /// the history.
    pub(crate) async fn ran_before(
        &self,
        service: &LiveService,
    ) -> Result<Option<(LiveService, TaskDefinition)>, AwsError> {
        let foreign = &service.task_definition;
        let mut rollouts = service.rollouts.iter();
        let came_up = rollouts.find(|rollout| {
            let failed = rollout.state.as_deref() == Some("FAILED");
            !rollout.is_primary() && !failed && rollout.task_definition != *foreign
        });
        let by_ecs = came_up.map(|rollout| rollout.task_definition.clone());
        let by_history = || {
            let (_, revision) = last_good(&self.history, &service.name, family_of(foreign))?;
            (revision != foreign).then(|| revision.to_owned())
        };
        let Some(arn) = by_ecs.or_else(by_history) else {
            return Ok(None);
        };
        let found = self.reach.ecs.describe_task_definition(&arn).await?;
        Ok(found.map(|found| {
            let as_it_was = LiveService {
                task_definition: arn,
                rollouts: Vec::new(),
                ..service.clone()
            };
            (as_it_was, found.definition().clone())
        }))
    }

    /// What a good version ran, and by which names.
    async fn as_it_ran<'a>(
        &self,
        service: &'a LiveService,
        definition: &'a TaskDefinition,
    ) -> Result<Found<'a>, AwsError> {
        let running = self.running(service).await?;
        let (label, _) = self.version_of(service, &running).await?;
        Ok(Found {
            pins: self.pins(service, definition).await?,
            service,
            definition,
            running,
            label,
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
    /// The digests of all containers that a service runs of a revision: as its tasks report them, else, where
    /// none runs, as ECS resolved them when it rolled the revision out.
    async fn reported(
        &self,
        service: &LiveService,
        definition: &TaskDefinition,
    ) -> Result<ContainerImages, AwsError> {
        let (ecs, name) = (&self.reach.ecs, &service.name);
        let mut images = ecs.running_images(name, &definition.arn).await?;
        if images.is_empty() {
            images = ecs.resolved_images(name, &definition.arn).await?;
        }
        let digests = images.into_iter().filter_map(|image| image.resolved());
        Ok(self.whole(definition, digests.collect()).await)
    }

    /// What a container ran when the history heard of its revision, pinned.
    fn ran(
        &self,
        service: &LiveService,
        live: &TaskDefinition,
        container: &Container,
    ) -> Option<String> {
        let (service, name) = (&service.name, &container.name);
        let runs = ran_as(&self.history, service, &live.arn);
        let brought = |past: &&Past| past.revision_of(service) == Some(runs);
        self.history.iter().filter(brought).find_map(|past| {
            let mut pins = past.pins_of(service).into_iter();
            let pin = pins.find(|(pinned, _)| pinned == name);
            let own = || Some(pinned(&container.image, past.digest_of(name)?));
            pin.map(|(_, pin)| pin).or_else(own)
        })
    }

    /// What an image of one of the application's repositories means now, pinned: what would run if
    /// nothing were deployed. Nobody may ask that of other repositories.
    async fn means_now(&self, image: &str) -> Result<Option<String>, AwsError> {
        let sources = self.target.sources().map(|(_, source)| &source.image);
        let Some(source) = { sources }.find(|source| source.holds(image)) else {
            return Ok(None);
        };
        let tag = ImageName::Tag(tag_of(image).unwrap_or(LATEST));
        let images = self.reach.images(source.registry.region.as_str());
        let registry = source.registry.id.as_str();
        let found = images.describe(registry, &source.name, tag).await?;
        Ok(found.map(|found| pinned(image, found.digest.as_str())))
    }

    /// What a task's definition names by tag: pinned to what a service of the application runs under that very
    /// name, else to what the tag means now.
    pub(crate) async fn pins_of_task(&self, base: &TaskDefinition) -> Result<Pins, AwsError> {
        if base.is_pinned() {
            return Ok(Pins::default());
        }
        let mut runs: ContainerImages = Vec::new();
        for service in &self.live {
            let live = self.reach.definition(&service.task_definition).await?;
            let pins = self.pins(service, &live).await?.pins;
            runs.extend(by_name(&live, &pins));
        }
        self.or_what_it_means(pin_by_name(base, &runs)).await
    }

    /// The same, where what nobody has run is what its tag means now.
    pub(crate) async fn or_what_it_means(&self, mut pins: Pins) -> Result<Pins, AwsError> {
        for (name, image) in std::mem::take(&mut pins.unpinned) {
            match self.means_now(&image).await? {
                Some(pin) => pins.pins.push((name, pin)),
                None => pins.unpinned.push((name, image)),
            }
        }
        Ok(pins)
    }
}

/// Those of both, each once.
pub(crate) fn both(mut images: ContainerImages, more: ContainerImages) -> ContainerImages {
    for one in more {
        if !images.contains(&one) {
            images.push(one);
        }
    }
    images
}

/// What is pinned, by the image that the definition names.
pub(crate) fn by_name(definition: &TaskDefinition, pins: &[(String, String)]) -> ContainerImages {
    let name = |(container, pin): &(String, String)| {
        let image = definition.image(container)?;
        Some((image.to_owned(), pin.clone()))
    };
    pins.iter().filter_map(name).collect()
}

/// What `base` names by tag, pinned to what ran under that very name.
pub(crate) fn pin_by_name(base: &TaskDefinition, ran: &[(String, String)]) -> Pins {
    let mut found = Pins::default();
    for container in base.tagged() {
        let (name, image) = (container.name.clone(), &container.image);
        match ran.iter().find(|(known, _)| known == image) {
            Some((_, pin)) => found.pins.push((name, pin.clone())),
            None => found.unpinned.push((name, image.clone())),
        }
    }
    found
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
    use crate::task_definition::RevisionName;

    fn definition(containers: &[(&str, &str)]) -> TaskDefinition {
        let containers: Vec<_> = containers
            .iter()
            .map(|(name, image)| json!({ "name": name, "image": image }))
            .collect();
        TaskDefinition::new(
            RevisionName {
                arn: "arn".to_owned(),
                family: "web".to_owned(),
                revision: 1,
            },
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
            let image = |images: &ContainerImages| images.first().map(|(_, image)| image.clone());
            let found = (image(&found.pins), image(&found.unpinned));
            assert_eq!((found.0.as_deref(), found.1.as_deref()), is, "{envoy}");
        }
    }
}
