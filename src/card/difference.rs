//! What a deploy changed in the task definitions, for whoever asks why it failed.

use super::page::{Page, about};
use crate::names::ImageDigest;
use crate::names::image_reference::digest_part;
use crate::plan::Change;
use crate::record::Deploy;
use crate::reply::{code, code_block, last_part, said};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// Characters of the differences.
const LIST: usize = 2_500;

/// From which revision to which, which images, and what else differs.
pub fn difference(deploy: &Deploy) -> Message {
    let mut page = Page::new(said!("What deploy {} changes", deploy.id));
    page.header(&format!(
        "Task definitions of deploy {}: {}",
        deploy.id,
        about(deploy)
    ));
    let Some(plan) = &deploy.plan else {
        page.section(said!("Nothing: it had no plan."));
        return page.only_for_one();
    };
    for (planned, state) in plan.services.iter().zip(&deploy.services) {
        let to = match (&state.revision, &planned.change) {
            (Some(revision), _) => code(last_part(revision)),
            (None, Change::Exactly { revision, .. }) => code(last_part(revision)),
            (None, Change::Copy { base, .. }) => said!("a copy of {}", code(last_part(base))),
            (None, Change::Again | Change::Renewed { .. }) => said!("the same once more"),
        };
        let from = code(last_part(&planned.live));
        let mut lines = vec![said!("• {}: {} → {}", code(&planned.service), from, to)];
        lines.extend(planned.change.images().iter().map(|(container, image)| {
            let before = planned
                .live_digests
                .iter()
                .find(|(name, _)| name == container);
            let before = before.map_or_else(|| said!("not known"), |(_, digest)| short(digest));
            said!(
                "   image of {}: {} → {}",
                code(container),
                before,
                short(image)
            )
        }));
        page.lines(lines);
    }
    let others = &plan.differences;
    page.section(match others.is_empty() {
        true => Mrkdwn::raw("Nothing else differs."),
        false => said!("*Besides the images:*\n{}", code_block(others, LIST)),
    });
    page.only_for_one()
}

/// An image or its digest, as people read it.
fn short(image: &str) -> Mrkdwn {
    match digest_part(image).parse::<ImageDigest>() {
        Ok(digest) => code(digest.short()),
        Err(_) => code(last_part(image)),
    }
}
