//! A repository's lifecycle policy, and its images as that policy sees them.

use aws_sdk_ecr::types::ImageDetail;

use super::{Images, digest};
use crate::aws::{AwsError, timestamp};
use crate::names::ImageDigest;
use crate::plan::retention::Stored;

/// Images listed at most, which is what one page holds.
const LISTED: i32 = 1000;

impl Images {
    /// The text of a repository's lifecycle policy; `None` where it has none.
    ///
    /// # Errors
    ///
    /// A missing repository is `NotFound("RepositoryNotFoundException")`.
    pub(crate) async fn lifecycle_policy(
        &self,
        registry: &str,
        repository: &str,
    ) -> Result<Option<String>, AwsError> {
        let answer = self
            .client
            .get_lifecycle_policy()
            .registry_id(registry)
            .repository_name(repository)
            .send()
            .await;
        match answer {
            Ok(output) => Ok(output.lifecycle_policy_text),
            Err(error) => match AwsError::from_sdk("ecr", "GetLifecyclePolicy", error) {
                error if error.code() == Some("LifecyclePolicyNotFoundException") => Ok(None),
                error => Err(error),
            },
        }
    }

    /// Those of these images that are there.
    ///
    /// # Errors
    ///
    /// As [`Self::describe`].
    pub async fn stored(
        &self,
        registry: &str,
        repository: &str,
        digests: &[ImageDigest],
    ) -> Result<Vec<Stored>, AwsError> {
        let details = self.details(registry, repository, digests).await?;
        details.into_iter().map(stored).collect()
    }

    /// All images that can be pulled; `None` where there are more than a thousand.
    ///
    /// # Errors
    ///
    /// As [`Self::describe`].
    pub(crate) async fn all_stored(
        &self,
        registry: &str,
        repository: &str,
    ) -> Result<Option<Vec<Stored>>, AwsError> {
        let output = self
            .client
            .describe_images()
            .registry_id(registry)
            .repository_name(repository)
            .max_results(LISTED)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk("ecr", "DescribeImages", error))?;
        if output.next_token.is_some() {
            return Ok(None);
        }
        let details = output.image_details.unwrap_or_default();
        let all = details.into_iter().map(stored).collect::<Result<_, _>>()?;
        Ok(Some(all))
    }
}

fn stored(detail: ImageDetail) -> Result<Stored, AwsError> {
    let digest = digest(&detail)?;
    // An image that was in the archive counts from the day on which it came back.
    let since = detail.last_activated_at.or(detail.image_pushed_at);
    let is_list = detail
        .image_manifest_media_type
        .is_some_and(|kind| kind.contains(".image.index.") || kind.contains(".manifest.list."));
    Ok(Stored {
        digest,
        tags: detail.image_tags.unwrap_or_default(),
        since: since.as_ref().and_then(timestamp),
        is_list,
    })
}
