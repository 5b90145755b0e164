//! Applications whose containers run several images: which containers run which, and what people
//! call each of those that run now.

use super::Scene;
use crate::aws::AwsError;
use crate::config::Source;
use crate::names::arn::last_part;
use crate::names::image_reference::{pinned, tag_of};
use crate::names::short_digest;
use crate::names::version::Part;
use crate::names::version::runs;
use crate::names::{ContainerName, ImageDigest};
use crate::past::ran_as;
use crate::record::Past;
use crate::rollout::LiveService;
use crate::task_definition::TaskDefinition;

/// Digests by container.
type Digests = [(String, String)];

impl Scene<'_> {
    /// Every container whose image belongs to the application, whichever image that is.
    pub(crate) fn containers(&self, definition: &TaskDefinition) -> Vec<String> {
        let images = self.target.sources();
        images
            .flat_map(|(image, _)| self.containers_of(image, definition))
            .collect()
    }

    /// The containers whose image a deploy of `image` exchanges: those configured, else those that
    /// run an image of the application's repository and none of their own.
    pub(crate) fn containers_of(
        &self,
        image: Option<&ContainerName>,
        definition: &TaskDefinition,
    ) -> Vec<String> {
        let Some(source) = self.target.source_of(image) else {
            return Vec::new();
        };
        let names = match &source.containers {
            Some(names) => names.clone(),
            None => definition.containers_from(&source.image.uri()),
        };
        names
            .into_iter()
            .filter(|name| definition.image(name).is_some() && self.image_in(name) == image)
            .collect()
    }

    /// What a deploy of `image` exchanges in a copy of `definition`: its containers, each with the
    /// image that has this digest. A registry keeps the name by which the definition reaches it.
    pub(crate) fn exchanged(
        &self,
        image: Option<&ContainerName>,
        definition: &TaskDefinition,
        digest: &ImageDigest,
    ) -> Vec<(String, String)> {
        let Some(source) = self.target.source_of(image) else {
            return Vec::new();
        };
        let pin = |container: String| {
            let named = definition.image(&container).unwrap_or_default();
            let pinned = source.image.pinned_like(named, digest);
            (container, pinned)
        };
        let containers = self.containers_of(image, definition);
        containers.into_iter().map(pin).collect()
    }

    /// The image of its own that a container runs; `None` for the application's.
    pub(crate) fn image_in(&self, container: &str) -> Option<&ContainerName> {
        let mut own = self.target.images.keys();
        own.find(|name| name.as_str() == container)
    }

    /// What people call what a service runs, and each of its images where there are several.
    pub(crate) async fn version_of(
        &self,
        service: &LiveService,
        running: &Digests,
    ) -> Result<(String, Vec<Part>), AwsError> {
        if self.target.images.is_empty() {
            return Ok((self.label_of(service, running), Vec::new()));
        }
        let definition = self.reach.definition(&service.task_definition).await?;
        let parts = self.parts_of(service, &definition, running).await?;
        let label = runs(last_part(&service.task_definition), &parts);
        Ok((label, parts))
    }

    async fn parts_of(
        &self,
        service: &LiveService,
        definition: &TaskDefinition,
        running: &Digests,
    ) -> Result<Vec<Part>, AwsError> {
        let mut parts = Vec::new();
        for (image, source) in self.target.sources() {
            let names = self.containers_of(image, definition);
            let Some(container) = names.first() else {
                continue;
            };
            let of_these = running.iter().filter(|(name, _)| names.contains(name));
            let own: Vec<_> = of_these.cloned().collect();
            let known = self.known(service, image, &own);
            parts.push(match (known, own.first()) {
                (Some(part), _) => part,
                (None, Some((_, digest))) => {
                    let named = definition.image(container).unwrap_or_default();
                    self.named(image, source, (named, digest)).await?
                }
                (None, None) => Part::new(image, "an unknown version", None),
            });
        }
        Ok(parts)
    }

    /// What the history calls an image that runs: in the entry that brought the service's revision,
    /// else in the newest that had the same digests.
    fn known(
        &self,
        service: &LiveService,
        image: Option<&ContainerName>,
        own: &Digests,
    ) -> Option<Part> {
        let holds = |past: &&Past| own.iter().all(|entry| past.digests.contains(entry));
        let runs = ran_as(&self.history, &service.name, &service.task_definition);
        let brought = |past: &&Past| past.revision_of(&service.name) == Some(runs);
        let history = &self.history;
        let by_revision = history.iter().filter(brought).filter(holds);
        let by_digest = history.iter().filter(|_| !own.is_empty()).filter(holds);
        by_revision
            .chain(by_digest)
            .find_map(|past| past.part(image))
    }

    /// What its registry tells of an image that the history does not know: the commit that it proves
    /// to be of, or its tag where a ref is nothing else; failing that, its digest.
    async fn named(
        &self,
        image: Option<&ContainerName>,
        source: &Source,
        (named, digest): (&str, &str),
    ) -> Result<Part, AwsError> {
        let short = || Part::new(image, short_digest(digest), None);
        if !source.image.holds(named) {
            return Ok(short());
        }
        let (commit, tags) = self.proved(source, digest).await?;
        let tag = tags
            .iter()
            .find(|tag| tag_of(named) == Some(tag.as_str()))
            .or_else(|| tags.iter().filter(|tag| *tag != "latest").max());
        Ok(match (commit, tag) {
            (Some(commit), _) => Part::new(image, commit.short(), Some(commit.to_string())),
            (None, Some(tag)) if source.repository.is_none() => Part::new(image, tag, None),
            (None, _) => short(),
        })
    }
}

/// Adds the images that are not among `parts` yet, the application's own first.
pub(crate) fn join_parts(parts: &mut Vec<Part>, more: Vec<Part>) {
    for part in more {
        if !parts.iter().any(|known| known.image == part.image) {
            parts.push(part);
        }
    }
    parts.sort();
}

/// The other containers' images in a copy of `base`, where the copy would not run what runs now: the
/// base may name something else, and a tag something else than it did.
pub(crate) fn kept(
    others: &[String],
    base: &TaskDefinition,
    live: &TaskDefinition,
    running: &Digests,
) -> Vec<(String, String)> {
    let image = |container: &String| {
        let named = live.image(container)?;
        let runs = running.iter().find(|(name, _)| name == container);
        let image = match runs {
            Some((_, digest)) => pinned(named, digest),
            None => named.to_owned(),
        };
        let differs = base.image(container) != Some(image.as_str());
        differs.then(|| (container.clone(), image))
    };
    others.iter().filter_map(image).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::task_definition::{Registered, RevisionName, RevisionStatus};

    fn definition(nginx: Option<&str>) -> TaskDefinition {
        let mut containers = vec![json!({"name": "app", "image": "registry/web:1"})];
        containers.extend(nginx.map(|image| json!({"name": "nginx", "image": image})));
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
    fn a_copy_keeps_what_the_other_containers_run() {
        let (one, two) = (format!("sha256:{}", "1".repeat(64)), "2".repeat(64));
        let pinned = format!("registry/nginx@{one}");
        let elsewhere = format!("mirror/nginx@sha256:{two}");
        let tag = "registry/nginx:3";
        for (base, live, runs, keeps) in [
            // It names that very image.
            (Some(&*pinned), Some(&*pinned), true, None),
            // Another one, or a tag.
            (Some(&*elsewhere), Some(&*pinned), true, Some(&*pinned)),
            (Some(tag), Some(tag), true, Some(&*pinned)),
            // Nobody can say what a tag means where no task runs.
            (Some(tag), Some(tag), false, None),
            (Some(&*elsewhere), Some(tag), false, Some(tag)),
            // A container that is not there yet.
            (Some(tag), None, false, None),
        ] {
            let running: Vec<_> = runs
                .then(|| ("nginx".to_owned(), one.clone()))
                .into_iter()
                .collect();
            let others = ["nginx".to_owned()];
            let kept = kept(&others, &definition(base), &definition(live), &running);
            let keeps: Vec<_> = keeps
                .map(|image| ("nginx".to_owned(), image.to_owned()))
                .into_iter()
                .collect();
            assert_eq!(kept, keeps, "{base:?} {live:?} {runs}");
        }
    }

    #[test]
    fn the_applications_own_image_comes_first_and_each_once() {
        let nginx = "nginx".parse().unwrap();
        let mut parts = vec![Part::new(Some(&nginx), "3.1.0", None)];
        let own = Part::new(None, "1f0c9de", None);
        join_parts(
            &mut parts,
            vec![Part::new(Some(&nginx), "3.0.0", None), own],
        );
        assert_eq!(runs("", &parts), "1f0c9de + nginx:3.1.0");
    }
}
