//! What an image must have proved before it goes out: asked when a deploy is planned, and once more when it starts.

use super::{HISTORY, Scene, checks};
use crate::config::Source;
use crate::gate::{self, AfterFacts, BroughtThere, Facts, Obstacle};
use crate::names::{CommitSha, ContainerName, ImageDigest, Ref};
use crate::past::stood;
use crate::plan::Share;
use crate::resolve::Resolved;
use crate::waiter::context::StepError;

/// An image that is to go out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToProve<'a> {
    /// Where it comes from.
    pub(crate) source: &'a Source,
    /// The container whose image it is; none for the application's own.
    pub(crate) image: Option<&'a ContainerName>,
    /// Its digest.
    pub(crate) digest: &'a ImageDigest,
    /// The commit that it proves to be of.
    pub(crate) commit: Option<&'a CommitSha>,
    /// What people call it.
    pub(crate) label: &'a str,
    /// The tag that it was found by.
    pub(crate) tag: &'a str,
    /// As it was typed.
    pub(crate) typed: Option<&'a Ref>,
}

/// What it has proved.
#[derive(Debug, Default)]
pub(crate) struct Proofs {
    /// The checks that passed.
    pub(crate) checks: Vec<String>,
    /// What stands in the way.
    pub(crate) obstacles: Vec<Obstacle>,
}

impl<'a> ToProve<'a> {
    /// What was found for a deploy.
    pub(crate) fn found(source: &'a Source, found: &'a Resolved, label: &'a str) -> Self {
        Self {
            source,
            image: None,
            digest: &found.image.digest,
            commit: found.commit.as_ref(),
            label,
            tag: &found.tag,
            typed: None,
        }
    }

    /// What was planned; nothing where the plan has no image.
    pub(crate) fn planned(source: &'a Source, share: &'a Share) -> Option<Self> {
        let planned = share.image.as_ref()?;
        Some(Self {
            source,
            image: None,
            digest: &planned.digest,
            commit: share.commit.as_ref(),
            label: &share.label,
            tag: planned.tag.as_deref().unwrap_or(&share.label),
            typed: None,
        })
    }

    /// A branch moves on, and so does a tag that tells no version.
    fn reference(&self) -> Option<Ref> {
        let typed = self.typed.filter(|typed| typed.as_str() == self.label);
        typed.cloned().or_else(|| self.tag.parse().ok())
    }
}

/// What an image has proved, and what it has not.
pub(crate) async fn proofs(scene: &Scene<'_>, image: ToProve<'_>) -> Result<Proofs, StepError> {
    let (checks, after) = tokio::join!(
        checks::passed(scene, image.source, image.commit),
        not_yet(scene, image),
    );
    let (checks, mut obstacles) = match checks {
        Ok(names) => (names, Vec::new()),
        Err(obstacles) => (Vec::new(), obstacles),
    };
    obstacles.extend(after?);
    Ok(Proofs { checks, obstacles })
}

/// Whether the same image has yet to succeed elsewhere, by the history of that place.
async fn not_yet(scene: &Scene<'_>, image: ToProve<'_>) -> Result<Vec<Obstacle>, StepError> {
    let Some(wanted) = &scene.target.after else {
        return Ok(Vec::new());
    };
    let application = &scene.target.application;
    let store = &scene.waiter.store;
    let history = store
        .history_at(application, &wanted.environment, HISTORY)
        .await?;
    let most = usize::try_from(HISTORY).unwrap_or_default();
    Ok(gate::refused(&Facts {
        after: Some(AfterFacts {
            wanted,
            stood: stood(&history, image.digest.as_str(), most),
            brings: BroughtThere {
                application: application.clone(),
                image: image.image.cloned(),
                label: image.label.to_owned(),
                reference: image.reference(),
            },
            now: scene.waiter.now(),
        }),
        ..Facts::default()
    }))
}
