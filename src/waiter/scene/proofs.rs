//! What an image must have proved before it goes out: asked when a deploy is planned, and once more when it starts.

use super::{HISTORY, Scene, branches, checks, rules};
use crate::config::Source;
use crate::gate::{self, AfterFacts, BroughtThere, Facts, Obstacle, Stood};
use crate::names::image_reference::digest_part;
use crate::names::{Actor, AppName, CommitSha, ContainerName, EnvName, ImageDigest, Ref};
use crate::past::stood;
use crate::plan::{PlannedService, Proved, Share};
use crate::record::Deploy;
use crate::request::Verb;
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
    /// What else it has proved that it had to.
    pub(crate) proved: Vec<Proved>,
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

    /// The name that finds this very image once more; none where all that is known of it may move on: a branch, or a
    /// tag that tells neither the version nor the commit.
    fn reference(&self) -> Option<Ref> {
        let prefix = self.image.map(|container| format!("{container}:"));
        let label = prefix.and_then(|prefix| self.label.strip_prefix(&prefix));
        let label = label.unwrap_or(self.label);
        // That is no name by which anything is looked up.
        if label == self.digest.short() {
            return None;
        }
        let typed = self.typed.filter(|typed| typed.as_str() == label);
        let of_commit = |commit: &CommitSha| self.tag.contains(commit.short());
        let stays = self.tag == label || self.commit.is_some_and(of_commit);
        let tag = || stays.then(|| self.tag.parse().ok()).flatten();
        typed.cloned().or_else(tag)
    }
}

/// What an image has proved, and what it has not.
pub(crate) async fn proofs(scene: &Scene<'_>, image: ToProve<'_>) -> Result<Proofs, StepError> {
    // What GitHub says of a branch may tell the signature of its head.
    let in_branch = async {
        let branch = branches::found_in(scene, image).await;
        (branch, rules::signed(scene, image).await)
    };
    let (checks, (branch, signed), tag, scan, after) = tokio::join!(
        checks::passed(scene, image.source, image.commit),
        in_branch,
        rules::tag_stays(scene, image),
        rules::scanned(scene, image),
        not_yet(scene, image),
    );
    let (checks, mut obstacles) = match checks {
        Ok(names) => (names, Vec::new()),
        Err(obstacles) => (Vec::new(), obstacles),
    };
    let mut proved = Vec::new();
    for rule in [branch, signed, tag?, scan?] {
        match rule {
            Ok(one) => proved.extend(one),
            Err(all) => obstacles.extend(all),
        }
    }
    obstacles.extend(after?);
    Ok(Proofs {
        checks,
        proved,
        obstacles,
    })
}

/// Whether the same image has yet to succeed elsewhere, by the history of that place.
async fn not_yet(scene: &Scene<'_>, image: ToProve<'_>) -> Result<Vec<Obstacle>, StepError> {
    let Some(wanted) = &scene.target.after else {
        return Ok(Vec::new());
    };
    let application = &scene.target.application;
    let store = &scene.waiter.store;
    // Before the history: what ends between the two looks is in both.
    let leaving = leaving(scene, &wanted.environment, image.digest).await?;
    let history = store
        .history_at(application, &wanted.environment, HISTORY)
        .await?;
    let most = usize::try_from(HISTORY).unwrap_or_default();
    let stood = match (stood(&history, image.digest.as_str(), most), leaving) {
        (Stood::Succeeded { .. }, Some(by)) => Stood::Leaving { by },
        (stood, _) => stood,
    };
    Ok(gate::refused(&Facts {
        after: Some(AfterFacts {
            wanted,
            stood,
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

/// Who is about to go back from an image there: whoever asks for that does not trust it any more.
async fn leaving(
    scene: &Scene<'_>,
    environment: &EnvName,
    digest: &ImageDigest,
) -> Result<Option<Actor>, StepError> {
    let application = &scene.target.application;
    let waiter = scene.waiter;
    for asked in waiter.store.open_at(application, environment).await? {
        let Some(open) = waiter.open_deploy(&asked.id).await? else {
            continue;
        };
        if leaves(&open, application, digest) {
            return Ok(Some(open.requester));
        }
    }
    Ok(None)
}

/// Whether a deploy goes back from an image. What it will go back from, nobody knows before it is planned.
fn leaves(open: &Deploy, application: &AppName, digest: &ImageDigest) -> bool {
    if !matches!(open.verb(), Verb::Rollback { .. }) {
        return false;
    }
    let Some(plan) = &open.plan else {
        return true;
    };
    let own = plan.own(application);
    let services = own.map_or(&[][..], |(_, services)| services);
    let is = |image: &str| digest_part(image) == digest.as_str();
    let leaves = |planned: &PlannedService| {
        let mut live = planned.live_digests.iter();
        let mut then = planned.change.images().iter();
        live.any(|(_, runs)| is(runs)) && !then.any(|(_, image)| is(image))
    };
    services.iter().any(leaves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::plan::Change;

    #[test]
    fn a_rollback_leaves_what_runs_unless_it_goes_to_that_and_what_is_not_planned_may() {
        let digest: ImageDigest = format!("sha256:{}", "a".repeat(64)).parse().unwrap();
        let other = format!("sha256:{}", "b".repeat(64));
        let goes_to = |then: &str| {
            let mut open = fixtures::planned(Verb::rollback(None));
            let plan = open.plan.as_mut().unwrap();
            plan.services.truncate(1);
            plan.shares.first_mut().services = 1;
            plan.services[0].live_digests = vec![("app".to_owned(), digest.to_string())];
            plan.services[0].change = Change::Copy {
                base: fixtures::family("cms-api", 1),
                images: vec![("app".to_owned(), format!("r.example/cms@{then}"))],
            };
            open
        };
        let leaves = |open: &Deploy| leaves(open, open.application(), &digest);
        assert!(leaves(&goes_to(&other)));
        assert!(!leaves(&goes_to(digest.as_str())));
        assert!(leaves(&fixtures::asked(Verb::rollback(None))));
        assert!(!leaves(&fixtures::planned(Verb::deploy(None, None))));
    }
}
