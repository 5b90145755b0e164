//! Images: a tag's digest, whether it can be pulled, and the newest tags there are.

mod lifecycle;
mod settings;

use std::cmp::Reverse;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{
    DescribeImagesFilter, ImageDetail, ImageIdentifier, ImageStatusFilter, TagStatus,
};

use super::{AwsError, timestamp};
use crate::names::ImageDigest;
use crate::resolve::{Content, ImageState, Platform, PushedImage, platforms};

/// Images looked through for the newest tags, at most.
const LOOKED_THROUGH: usize = 3000;
/// Images described by their digests in one call.
const TOGETHER: usize = 100;

/// Manifests as they were pushed: indexes too, which ECR gives only to who accepts them.
const ACCEPTED: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// How an image is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageName<'a> {
    /// By a tag.
    Tag(&'a str),
    /// By its digest.
    Digest(&'a ImageDigest),
}

impl ImageName<'_> {
    fn id(self) -> ImageIdentifier {
        let id = ImageIdentifier::builder();
        match self {
            Self::Tag(tag) => id.image_tag(tag).build(),
            Self::Digest(digest) => id.image_digest(digest.as_str()).build(),
        }
    }
}

/// An index, with the images that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexImages {
    /// Its own digest.
    pub digest: ImageDigest,
    /// The tag by which it was asked for.
    pub tag: Option<String>,
    /// Its images.
    pub platforms: Vec<Platform>,
}

impl IndexImages {
    /// Whether the index lists an image of this digest.
    pub fn holds(&self, digest: &str) -> bool {
        let mut all = self.platforms.iter();
        all.any(|platform| platform.digest.as_str() == digest)
    }
}

/// The repositories of one region.
#[derive(Clone, Debug)]
pub struct Images {
    client: Client,
}

impl Images {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The image of that name in `repository` of the account `registry`; `None` where there is none
    /// that can be pulled. AWS says so by `ImageNotFoundException`, others by an empty list. What is
    /// in the archive is found by [`Self::resting`].
    ///
    /// # Errors
    ///
    /// A missing repository is `NotFound("RepositoryNotFoundException")`.
    pub async fn describe(
        &self,
        registry: &str,
        repository: &str,
        name: ImageName<'_>,
    ) -> Result<Option<PushedImage>, AwsError> {
        let detail = self.detail(registry, repository, name).await?;
        detail.map(image).transpose()
    }

    async fn detail(
        &self,
        registry: &str,
        repository: &str,
        name: ImageName<'_>,
    ) -> Result<Option<ImageDetail>, AwsError> {
        let answer = self
            .client
            .describe_images()
            .registry_id(registry)
            .repository_name(repository)
            .image_ids(name.id())
            .send()
            .await;
        match answer {
            Ok(output) => Ok(output.image_details.unwrap_or_default().into_iter().next()),
            Err(error) => match AwsError::from_sdk("ecr", "DescribeImages", error) {
                error if error.code() == Some("ImageNotFoundException") => Ok(None),
                error => Err(error),
            },
        }
    }

    /// Those of these images that are there, in whatever state, in as few calls as there are. One
    /// that is missing makes ECR refuse the whole call; then they are asked for one by one, and the
    /// archive is looked through.
    ///
    /// # Errors
    ///
    /// As [`Self::describe`].
    pub(crate) async fn describe_digests(
        &self,
        registry: &str,
        repository: &str,
        digests: &[ImageDigest],
    ) -> Result<Vec<PushedImage>, AwsError> {
        let details = self.details(registry, repository, digests).await?;
        let mut found: Vec<PushedImage> =
            details.into_iter().map(image).collect::<Result<_, _>>()?;
        let missing = |digest: &ImageDigest| !found.iter().any(|image| image.digest == *digest);
        if digests.iter().any(missing) {
            let resting = self.resting(registry, repository).await?;
            found.extend(
                resting
                    .into_iter()
                    .filter(|one| digests.contains(&one.digest)),
            );
        }
        Ok(found)
    }

    /// The images that are in the archive, or on their way back from it. Beside image ids ECR
    /// documents no filter, and without one only ACTIVE images are described:
    /// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImagesFilter.html>.
    ///
    /// # Errors
    ///
    /// As [`Self::describe`].
    pub async fn resting(
        &self,
        registry: &str,
        repository: &str,
    ) -> Result<Vec<PushedImage>, AwsError> {
        let of = |status: ImageStatusFilter| {
            let filter = DescribeImagesFilter::builder().image_status(status);
            self.listed(registry, repository, filter.build())
        };
        let (mut archived, activating) = tokio::try_join!(
            of(ImageStatusFilter::Archived),
            of(ImageStatusFilter::Activating)
        )?;
        archived.extend(activating);
        Ok(archived)
    }

    async fn listed(
        &self,
        registry: &str,
        repository: &str,
        filter: DescribeImagesFilter,
    ) -> Result<Vec<PushedImage>, AwsError> {
        let mut images = Vec::new();
        let mut page = None;
        loop {
            let output = self
                .client
                .describe_images()
                .registry_id(registry)
                .repository_name(repository)
                .filter(filter.clone())
                .max_results(1000)
                .set_next_token(page)
                .send()
                .await
                .map_err(|error| AwsError::from_sdk("ecr", "DescribeImages", error))?;
            for detail in output.image_details.unwrap_or_default() {
                images.push(image(detail)?);
            }
            page = output.next_token;
            if page.is_none() || images.len() >= LOOKED_THROUGH {
                return Ok(images);
            }
        }
    }

    /// The platforms of those of these images that are indexes, each under its digest. What is
    /// missing, and what does not tell, is left out.
    ///
    /// # Errors
    ///
    /// As [`Self::describe`].
    pub async fn indexes(
        &self,
        registry: &str,
        repository: &str,
        names: &[ImageName<'_>],
    ) -> Result<Vec<IndexImages>, AwsError> {
        let ids = names.iter().take(TOGETHER).map(|name| name.id());
        let answer = self
            .client
            .batch_get_image()
            .registry_id(registry)
            .repository_name(repository)
            .set_image_ids(Some(ids.collect()))
            .set_accepted_media_types(Some(ACCEPTED.map(str::to_owned).to_vec()))
            .send()
            .await
            .map_err(|error| AwsError::from_sdk("ecr", "BatchGetImage", error))?;
        let index = |image: aws_sdk_ecr::types::Image| {
            let id = image.image_id?;
            Some(IndexImages {
                digest: id.image_digest?.parse().ok()?,
                tag: id.image_tag,
                platforms: platforms(&image.image_manifest?)?,
            })
        };
        Ok(answer
            .images
            .unwrap_or_default()
            .into_iter()
            .filter_map(index)
            .collect())
    }

    async fn details(
        &self,
        registry: &str,
        repository: &str,
        digests: &[ImageDigest],
    ) -> Result<Vec<ImageDetail>, AwsError> {
        let mut found = Vec::new();
        for digests in digests.chunks(TOGETHER) {
            let id = |digest: &ImageDigest| ImageName::Digest(digest).id();
            let answer = self
                .client
                .describe_images()
                .registry_id(registry)
                .repository_name(repository)
                .set_image_ids(Some(digests.iter().map(id).collect()))
                .send()
                .await;
            match answer {
                Ok(output) => found.extend(output.image_details.unwrap_or_default()),
                Err(error) => match AwsError::from_sdk("ecr", "DescribeImages", error) {
                    error if error.code() == Some("ImageNotFoundException") => {
                        for digest in digests {
                            let name = ImageName::Digest(digest);
                            found.extend(self.detail(registry, repository, name).await?);
                        }
                    }
                    error => return Err(error),
                },
            }
        }
        Ok(found)
    }

    /// The tagged images that can be pulled and run, newest first. ECR lists in no order, so up to 3,000 are
    /// looked through.
    ///
    /// # Errors
    ///
    /// As [`Self::describe`].
    pub(crate) async fn newest(
        &self,
        registry: &str,
        repository: &str,
    ) -> Result<Vec<PushedImage>, AwsError> {
        let tagged = DescribeImagesFilter::builder().tag_status(TagStatus::Tagged);
        let mut images = self.listed(registry, repository, tagged.build()).await?;
        let runs = |image: &PushedImage| !matches!(image.content, Content::Other(_));
        images.retain(|image| image.state == ImageState::Active && runs(image));
        // Of those that were pushed at one moment, the highest version is the likeliest to be the newest.
        images.sort_by_cached_key(|image| Reverse((image.pushed_at, highest_version(&image.tags))));
        Ok(images)
    }
}

/// The highest of the tags that are versions, such as `1.4.10` or `v2.0`, as its numbers.
fn highest_version(tags: &[String]) -> Option<Vec<u64>> {
    let numbers = |tag: &String| {
        let digits = tag.strip_prefix('v').unwrap_or(tag);
        let numbers = digits.split('.').map(str::parse);
        numbers.collect::<Result<Vec<u64>, _>>().ok()
    };
    let versions = tags.iter().filter(|tag| tag.contains('.'));
    versions.filter_map(numbers).max()
}

fn digest(detail: &ImageDetail) -> Result<ImageDigest, AwsError> {
    let digest = detail.image_digest.as_deref();
    digest
        .and_then(|digest| digest.parse().ok())
        .ok_or_else(|| AwsError::incomplete("ecr", "DescribeImages", "image digest"))
}

fn image(detail: ImageDetail) -> Result<PushedImage, AwsError> {
    let content = Content::of(
        detail.image_manifest_media_type.as_deref(),
        detail.artifact_media_type.as_deref(),
        detail.subject_manifest_digest.as_deref(),
    );
    Ok(PushedImage {
        digest: digest(&detail)?,
        content,
        tags: detail.image_tags.unwrap_or_default(),
        pushed_at: detail.image_pushed_at.as_ref().and_then(timestamp),
        size: detail.image_size_in_bytes,
        // Registries from before there was an archive say nothing.
        state: match detail.image_status.as_ref().map(|status| status.as_str()) {
            None | Some("ACTIVE") => ImageState::Active,
            Some("ARCHIVED") => ImageState::Archived,
            Some("ACTIVATING") => ImageState::Activating,
            Some(other) => ImageState::Other(other.to_owned()),
        },
    })
}
