//! Images for several platforms: whether one is there for the tasks that would run it, and which index
//! it is that a task reports one image of. An index is one digest everywhere else. Reading manifests
//! only ever helps, so whatever goes wrong here leaves it out.

use super::Scene;
use crate::aws::ecr::{ImageName, IndexImages};
use crate::config::Source;
use crate::names::arn::last_part;
use crate::names::image_reference::{LATEST, digest_of, tag_of};
use crate::names::{ContainerName, ImageDigest};
use crate::record::{NoPlatform, Refused};
use crate::resolve::{Content, Platform, Resolved};
use crate::task_definition::{TaskDefinition, TaskPlatform};

/// Indexes of earlier deploys that a reported digest is held against, at most.
const EARLIER: usize = 50;

/// The image that a deploy brings.
pub(crate) struct BroughtImage<'a> {
    image: Option<&'a ContainerName>,
    digest: &'a ImageDigest,
    /// As people name it.
    name: String,
    /// The platforms that the image is for, where its manifest tells.
    platforms: Option<Vec<Platform>>,
}

impl<'a> BroughtImage<'a> {
    /// What was found for `source`; an index is asked what it is for.
    pub(crate) async fn of(
        scene: &Scene<'_>,
        (image, source): (Option<&'a ContainerName>, &Source),
        found: &'a Resolved,
    ) -> Self {
        let digest = &found.image.digest;
        let platforms = match found.image.content {
            Content::Index => {
                let indexes = scene.indexes(source, &[ImageName::Digest(digest)]).await;
                let mut indexes = indexes.into_iter();
                let own = indexes.find(|index| index.digest == *digest);
                own.map(|index| index.platforms)
            }
            Content::Image | Content::Other(_) => None,
        };
        Self {
            image,
            digest,
            name: format!("{}:{}", source.image.name, found.tag),
            platforms,
        }
    }

    /// What is exchanged in a copy of `definition`: its containers, each with this image.
    pub(crate) fn in_copy_of(
        &self,
        scene: &Scene<'_>,
        definition: &TaskDefinition,
    ) -> Result<Vec<(String, String)>, Refused> {
        let images = scene.exchanged(self.image, definition, self.digest);
        let platforms = self.platforms.as_ref().filter(|_| !images.is_empty());
        match platforms.and_then(|has| missing(has, &definition.platform)) {
            None => Ok(images),
            Some(wants) => Err(NoPlatform {
                image: self.name.clone(),
                has: platforms.into_iter().flatten().map(word).collect(),
                wants,
                definition: last_part(&definition.arn).to_owned(),
            }
            .into()),
        }
    }

    /// Whether a container that reports this digest runs it: an index, or the one of its images that
    /// is for that task.
    pub(crate) fn is(&self, digest: &str) -> bool {
        let mut own = self.platforms.iter().flatten();
        self.digest.as_str() == digest || own.any(|one| one.digest.as_str() == digest)
    }
}

fn word(platform: &Platform) -> String {
    format!("{}/{}", platform.os, platform.architecture)
}

/// The platform that a task definition wants and an index lacks. Nothing, where the definition does
/// not tell what it wants.
fn missing(has: &[Platform], wants: &TaskPlatform) -> Option<String> {
    let architecture = wants.architecture.as_deref()?;
    let fits = |one: &&Platform| {
        one.architecture == architecture && wants.os.is_none_or(|os| one.os == os)
    };
    let lacks = !has.iter().any(|one| fits(&one));
    let os = wants.os.unwrap_or("linux");
    lacks.then(|| format!("{os}/{architecture}"))
}

impl Scene<'_> {
    /// What these names are indexes of; empty where that cannot be read.
    async fn indexes(&self, source: &Source, names: &[ImageName<'_>]) -> Vec<IndexImages> {
        let image = &source.image;
        let images = self.reach.images(image.registry.region.as_str());
        let found = images.indexes(image.registry.id.as_str(), &image.name, names);
        found.await.unwrap_or_else(|error| {
            tracing::warn!(%error, repository = %image.name, "manifests could not be read, so nothing is said of platforms");
            Vec::new()
        })
    }

    /// What tasks of `definition` report, with an index in place of the one of its images that each
    /// machine pulled: the index that the definition's tag stands for, else one of an earlier deploy.
    pub(crate) async fn whole(
        &self,
        definition: &TaskDefinition,
        mut reported: Vec<(String, String)>,
    ) -> Vec<(String, String)> {
        for (image, source) in self.target.sources() {
            let named = |container: &String| {
                let image = definition.image(container).unwrap_or_default();
                (digest_of(image).is_none() && source.image.holds(image)).then_some(image)
            };
            let names = self.containers_of(image, definition);
            let open: Vec<&str> = names.iter().filter_map(named).collect();
            let Some(&first) = open.first() else {
                continue;
            };
            let tag = tag_of(first).unwrap_or(LATEST);
            let mut earlier: Vec<ImageDigest> = Vec::new();
            for past in &self.history {
                let own = past.digests.iter().filter(|(name, _)| names.contains(name));
                for digest in own.filter_map(|(_, digest)| digest.parse().ok()) {
                    if earlier.len() < EARLIER && !earlier.contains(&digest) {
                        earlier.push(digest);
                    }
                }
            }
            let asked: Vec<ImageName<'_>> = std::iter::once(ImageName::Tag(tag))
                .chain(earlier.iter().map(ImageName::Digest))
                .collect();
            let mut indexes = self.indexes(source, &asked).await;
            let place = |index: &IndexImages| match index.tag.as_deref() == Some(tag) {
                true => None,
                false => earlier.iter().position(|digest| *digest == index.digest),
            };
            indexes.sort_by_key(place);
            let own = reported.iter_mut().filter(|(name, _)| names.contains(name));
            for (_, digest) in own {
                let mut all = indexes.iter();
                if let Some(index) = all.find(|index| index.holds(digest)) {
                    *digest = index.digest.to_string();
                }
            }
        }
        reported
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_missed_only_where_both_sides_tell() {
        let has: Vec<Platform> = ["linux/amd64", "windows/arm64"]
            .map(|word| {
                let (os, architecture) = word.split_once('/').unwrap();
                Platform {
                    os: os.to_owned(),
                    architecture: architecture.to_owned(),
                    digest: format!("sha256:{}", "0".repeat(64)).parse().unwrap(),
                }
            })
            .into();
        for (os, architecture, lacks) in [
            (Some("linux"), Some("amd64"), None),
            (Some("linux"), Some("arm64"), Some("linux/arm64")),
            (Some("windows"), Some("amd64"), Some("windows/amd64")),
            (None, Some("arm64"), None),
            (None, Some("s390x"), Some("linux/s390x")),
            (None, None, None),
            (Some("linux"), None, None),
        ] {
            let wants = TaskPlatform {
                os,
                architecture: architecture.map(str::to_owned),
            };
            assert_eq!(missing(&has, &wants).as_deref(), lacks, "{wants:?}");
        }
    }
}
