//! The image of an earlier plan once more: no ref is asked about, only whether the registry has it still.

use super::LookupError;
use crate::aws::ecr::{ImageName, Images};
use crate::config::Source;
use crate::names::ContainerName;
use crate::names::version::Called;
use crate::plan::Share;
use crate::resolve::{Kind, Resolved, Unresolvable};

/// The image that the plan of another deploy named, by its digest, under the name it had there.
///
/// # Errors
///
/// Those of [`super::lookup`]: the registry may have it no more.
pub(crate) async fn once_more(
    (source, container): (&Source, Option<&ContainerName>),
    planned: &Share,
    images: &Images,
) -> Result<Resolved, LookupError> {
    let (repository, registry) = (source.image.uri(), &source.image.registry);
    // A container's own image is called by the container's name as well.
    let label = match container {
        Some(container) => planned.label.strip_prefix(&format!("{container}:")),
        None => None,
    };
    let label = label.unwrap_or(&planned.label);
    let planned_image = planned.image.as_ref();
    let tag = planned_image.and_then(|image| image.tag.clone());
    let tag = tag.unwrap_or_else(|| label.to_owned());
    let image = match planned_image {
        Some(image) => {
            let name = ImageName::Digest(&image.digest);
            images
                .describe(registry.id.as_str(), &source.image.name, name)
                .await?
        }
        None => None,
    };
    let Some(image) = image else {
        return Err(Unresolvable::ImageGone {
            image_repository: repository,
            label: label.to_owned(),
        }
        .into());
    };
    let image = image.pullable(&repository, &tag)?;
    Ok(Resolved {
        name: tag.clone(),
        // What it was called there stays its name.
        called: Called::Tag(label.to_owned()),
        kind: Kind::ImageTag,
        points_at: None,
        commit: planned.commit.clone(),
        tag,
        image,
        request: planned.request.clone(),
        git_unasked: false,
        since: planned.since.clone(),
    })
}
