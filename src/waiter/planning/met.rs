//! What planning met: names, kept to be offered in the form, and repositories, kept to be known again.

use crate::github::Conversation;
use crate::names::{AppName, CommitSha, ContainerName};
use crate::record::{Instead, Met, MetKind};
use crate::resolve::{Kind, Resolved};
use crate::waiter::context::{StepError, Waiter};
use crate::waiter::scene::Scene;

/// Keeps the name by which the image was found, to be offered in the form, which deploys the application's own image.
/// Helps people to choose and decides nothing, so a silent table only leaves it out.
pub(super) async fn keep(scene: &Scene<'_>, image: Option<&ContainerName>, found: &Resolved) {
    let kind = match found.kind {
        Kind::ImageTag | Kind::GitTag => MetKind::Tag,
        Kind::Branch => MetKind::Branch,
        // They are for a while, and what a choice is made of lasts.
        Kind::PullRequest | Kind::Commit => return,
    };
    let (None, Ok(reference)) = (image, found.name.parse()) else {
        return;
    };
    if !scene.errand.keeps() {
        return;
    }
    let at = scene.waiter.now();
    let new = Met {
        reference,
        kind,
        at,
    };
    keep_all(scene.waiter, &scene.target.application, vec![new]).await;
}

/// Keeps the tags of the newest image, which a refusal offers.
pub(super) async fn keep_newest(scene: &Scene<'_>, instead: &Instead) {
    // A commit says nothing to who chooses.
    let tags = instead
        .tags
        .iter()
        .filter(|tag| tag.parse::<CommitSha>().is_err());
    let at = scene.waiter.now();
    let met = tags.filter_map(|tag| {
        let reference = tag.parse().ok()?;
        let kind = MetKind::Tag;
        Some(Met {
            reference,
            kind,
            at,
        })
    });
    let met: Vec<Met> = met.collect();
    if instead.image.is_none() && !met.is_empty() && scene.errand.keeps() {
        keep_all(scene.waiter, &instead.application, met).await;
    }
}

/// Keeps what repositories are known by that were seen for the first time, so that no other is taken for them later.
pub(super) async fn keep_repositories(
    waiter: &Waiter,
    conversation: &Conversation,
) -> Result<(), StepError> {
    for (repository, id) in conversation.new_repositories() {
        waiter.store.put_repository(&repository, id).await?;
    }
    Ok(())
}

async fn keep_all(waiter: &Waiter, application: &AppName, new: Vec<Met>) {
    let store = &waiter.store;
    let kept = async {
        let met = Met::last(store.met_of(application).await?, new);
        store.put_met(application, &met).await
    };
    if let Err(error) = kept.await {
        tracing::warn!(%error, %application, "what was met could not be kept for the form");
    }
}
