//! Images: a tag's digest, whether it can be pulled, and the newest tags there are.

mod lifecycle;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{
    DescribeImagesFilter, ImageDetail, ImageIdentifier, ImageStatusFilter, TagStatus,
};

use super::{AwsError, timestamp};
use crate::names::ImageDigest;
use crate::resolve::{Image, ImageState};

/// Images looked through for the newest tags, at most.
const LOOKED_THROUGH: usize = 3000;
/// Images described by their digests in one call.
const TOGETHER: usize = 100;

/// How an image is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageName<'a> {
    /// By a tag.
    Tag(&'a str),
    /// By its digest.
    Digest(&'a ImageDigest),
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

    /// The image of that name in `repository` of the account `registry`; `None` where there is none.
    /// AWS says so by `ImageNotFoundException`, others by an empty list.
    ///
    /// # Errors
    ///
    /// A missing repository is `NotFound("RepositoryNotFoundException")`.
    pub async fn describe(
        &self,
        registry: &str,
        repository: &str,
        name: ImageName<'_>,
    ) -> Result<Option<Image>, AwsError> {
        let detail = self.detail(registry, repository, name).await?;
        detail.map(image).transpose()
    }

    async fn detail(
        &self,
        registry: &str,
        repository: &str,
        name: ImageName<'_>,
    ) -> Result<Option<ImageDetail>, AwsError> {
        let id = match name {
            ImageName::Tag(tag) => ImageIdentifier::builder().image_tag(tag),
            ImageName::Digest(digest) => ImageIdentifier::builder().image_digest(digest.as_str()),
        };
        let answer = self
            .client
            .describe_images()
            .registry_id(registry)
            .repository_name(repository)
            .image_ids(id.build())
            .filter(any_state())
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
    /// that is missing makes ECR refuse the whole call; then they are asked for one by one.
    ///
    /// # Errors
    ///
    /// As [`Self::describe`].
    pub async fn describe_digests(
        &self,
        registry: &str,
        repository: &str,
        digests: &[ImageDigest],
    ) -> Result<Vec<Image>, AwsError> {
        let details = self.details(registry, repository, digests).await?;
        details.into_iter().map(image).collect()
    }

    async fn details(
        &self,
        registry: &str,
        repository: &str,
        digests: &[ImageDigest],
    ) -> Result<Vec<ImageDetail>, AwsError> {
        let mut found = Vec::new();
        for digests in digests.chunks(TOGETHER) {
            let id = |digest: &ImageDigest| {
                let id = ImageIdentifier::builder();
                id.image_digest(digest.as_str()).build()
            };
            let answer = self
                .client
                .describe_images()
                .registry_id(registry)
                .repository_name(repository)
                .set_image_ids(Some(digests.iter().map(id).collect()))
                .filter(any_state())
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

    /// The tags of the newest images that can be pulled, newest first, `count` at most. ECR lists
    /// in no order, so up to 3,000 images are looked through.
    ///
    /// # Errors
    ///
    /// A missing repository is `NotFound("RepositoryNotFoundException")`.
    pub async fn newest_tags(
        &self,
        registry: &str,
        repository: &str,
        count: usize,
    ) -> Result<Vec<String>, AwsError> {
        let mut images = Vec::new();
        let mut page = None;
        loop {
            let output = self
                .client
                .describe_images()
                .registry_id(registry)
                .repository_name(repository)
                .filter(
                    DescribeImagesFilter::builder()
                        .tag_status(TagStatus::Tagged)
                        .build(),
                )
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
                break;
            }
        }
        images.retain(|image| image.state == ImageState::Active);
        images.sort_by_key(|image| std::cmp::Reverse(image.pushed_at));
        Ok(images
            .into_iter()
            .flat_map(|image| image.tags)
            .take(count)
            .collect())
    }
}

/// Without a filter ECR describes ACTIVE images only, and one in the archive would look missing:
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImagesFilter.html>.
fn any_state() -> DescribeImagesFilter {
    DescribeImagesFilter::builder()
        .image_status(ImageStatusFilter::Any)
        .build()
}

fn digest(detail: &ImageDetail) -> Result<ImageDigest, AwsError> {
    let digest = detail.image_digest.as_deref();
    digest
        .and_then(|digest| digest.parse().ok())
        .ok_or_else(|| AwsError::incomplete("ecr", "DescribeImages", "image digest"))
}

fn image(detail: ImageDetail) -> Result<Image, AwsError> {
    Ok(Image {
        digest: digest(&detail)?,
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
