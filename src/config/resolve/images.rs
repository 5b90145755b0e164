//! The images that single containers of an application run, beside the application's own: which
//! container runs which must be certain, and every name must be one that people can type.

use std::collections::BTreeMap;

use super::patterns::fits;
use super::{missing, parsed};
use crate::config::low::LowApplication;
use crate::config::problem::Findings;
use crate::config::values::check_ecr_name;
use crate::config::{ContainerImage, GithubRepository, TagPatterns};
use crate::names::ContainerName;

/// Resolves an application's `images`. `own` is the application's ECR repository, `tag` how its
/// commits are tagged, each if it has no problem.
pub(super) fn images(
    written: &LowApplication,
    own: Option<&str>,
    tag: Option<&TagPatterns>,
    findings: &mut Findings,
) -> BTreeMap<ContainerName, ContainerImage> {
    let mut images: BTreeMap<ContainerName, ContainerImage> = BTreeMap::new();
    for low in &written.images {
        let place = &low.container.place;
        let name: Option<ContainerName> = parsed(&low.container, findings);
        let container = low.container.value.as_str();
        let mut others = images.keys().map(ContainerName::as_str);
        if let Some(other) = others.find(|other| other.eq_ignore_ascii_case(container)) {
            findings.refuse(
                place,
                format!("differs from \"{other}\" in nothing but case, which people do not type"),
            );
        }
        let listed = written.containers.iter().flat_map(|list| &list.value);
        if let Some(listed) = listed.clone().find(|listed| listed.value == container) {
            findings.refuse(
                place,
                format!(
                    "\"{container}\" is listed in \"containers\" too (line {}), whose image is the application's; keep one of the two",
                    listed.place.line
                ),
            );
        }
        if low.image.is_none() {
            missing(place, "image", "name its ECR repository", findings);
        }
        let image = low.image.as_ref();
        let image = image.filter(|image| fits(image, check_ecr_name, findings));
        if let Some(image) = image
            && own == Some(image.value.as_str())
            && written.containers.is_none()
        {
            findings.refuse(
                &image.place,
                format!(
                    "is the application's own image too, so that its containers cannot be told from \"{container}\"; list them in \"containers\""
                ),
            );
        }
        let repository = low.repository.as_ref();
        let repository =
            repository.and_then(|written| parsed::<GithubRepository>(written, findings));
        let tag = match &low.tag {
            Some(own) => TagPatterns::read(own, findings),
            None => tag.cloned(),
        };
        if let (Some(name), Some(image), Some(tag)) = (name, image, tag) {
            let image = image.value.clone();
            images.insert(
                name,
                ContainerImage {
                    image,
                    repository,
                    tag,
                },
            );
        }
    }
    images
}
