//! What can be deployed instead of what is not there: the newest image of the repository, as far as that is
//! quickly told.

use crate::aws::ecr::Images;
use crate::config::Source;
use crate::names::{CommitSha, ContainerName, Ref};
use crate::record::{Deploy, Instead};
use crate::resolve::{PushedImage, Unresolvable, is_of_another};

/// The images there, newest first, for a refusal that they help with. A courtesy: where they cannot be told, the
/// refusal stands.
pub(crate) async fn newest(
    source: &Source,
    images: &Images,
    why: &Unresolvable,
) -> Option<Vec<PushedImage>> {
    match why {
        Unresolvable::NoImage { .. }
        | Unresolvable::UnknownRef { .. }
        | Unresolvable::NotActive { .. }
        | Unresolvable::NotAnImage { .. }
        | Unresolvable::ImageGone { .. } => {}
        Unresolvable::NoRef { .. }
        | Unresolvable::Ambiguous { .. }
        | Unresolvable::NoRepository { .. }
        | Unresolvable::NoImageRepository { .. } => return None,
    }
    let at = &source.image;
    let found = images.newest(at.registry.id.as_str(), &at.name).await;
    found
        .inspect_err(|error| tracing::info!(%error, "no newest image is offered"))
        .ok()
}

/// The newest of them.
pub(crate) fn instead(
    deploy: &Deploy,
    image: Option<&ContainerName>,
    found: &[PushedImage],
) -> Instead {
    let named = |tags: &[String]| {
        let mut tags = usable_tags(tags);
        // An image may have a thousand, and the record holds what is said.
        tags.truncate(TAGS);
        tags
    };
    let each = found.iter().map(|one| (one.pushed_at, named(&one.tags)));
    let mut each = each.filter(|(_, tags)| !tags.is_empty());
    let (pushed_at, tags) = each.next().unwrap_or_default();
    // Which of those that were pushed at one moment is the newest, nobody knows.
    let beside = each.take_while(|(at, _)| pushed_at.is_some() && *at == pushed_at);
    let beside = u32::try_from(beside.count()).unwrap_or(u32::MAX);
    Instead {
        application: deploy.application().clone(),
        image: image.cloned(),
        environment: deploy.environment.clone(),
        pushed_at,
        tags,
        beside,
    }
}

/// The tags of an image that can be typed, the clearest first.
pub(super) fn usable_tags(tags: &[String]) -> Vec<String> {
    let tags = tags.iter().filter(|tag| !is_of_another(tag));
    let mut tags: Vec<String> = tags
        .filter(|tag| tag.parse::<Ref>().is_ok())
        .cloned()
        .collect();
    tags.sort_by_key(|tag| clarity(tag));
    tags
}

/// So many tags of the newest image are named.
const TAGS: usize = 2;

/// How clearly a tag names an image, the clearest first: a version, a whole commit, and last what a branch may be
/// called as well.
fn clarity(tag: &str) -> u8 {
    let digits = tag.strip_prefix('v').unwrap_or(tag);
    if digits.starts_with(|c: char| c.is_ascii_digit()) && digits.contains('.') {
        0
    } else if tag.parse::<CommitSha>().is_ok() {
        1
    } else {
        2
    }
}
