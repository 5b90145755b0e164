//! What an image itself must be: its tag stays with it, its scan found nothing so bad, its commit is signed.

use futures_util::future::try_join_all;

use super::Scene;
use super::asked::asked;
use super::proofs::ToProve;
use crate::aws::AwsError;
use crate::aws::ecr::{ImageName, Images};
use crate::config::{ImageRepository, Severity};
use crate::gate::{self, Facts, NotTold, Obstacle, ScanFacts, SignatureFacts, TagFacts};
use crate::github::GitHub;
use crate::names::ImageDigest;
use crate::plan::Proved;
use crate::resolve::{ImageScan, ScanTrouble, judge_scan, judge_scans};

/// Platforms of one image whose scans are read, at most.
const PLATFORMS: usize = 8;

/// What was proved, or what stands in the way; nothing of either where nothing is asked.
pub(super) type Ruled = Result<Option<Proved>, Vec<Obstacle>>;

fn ruled(facts: &Facts<'_>, proved: Proved) -> Ruled {
    let obstacles = gate::refused(facts);
    match obstacles.is_empty() {
        true => Ok(Some(proved)),
        false => Err(obstacles),
    }
}

/// Whether the tag stays with the image.
pub(super) async fn tag_stays(scene: &Scene<'_>, image: ToProve<'_>) -> Result<Ruled, AwsError> {
    if !scene.target.rules.immutable {
        return Ok(Ok(None));
    }
    let ImageRepository { registry, name } = &image.source.image;
    let images = scene.reach.images(registry.region.as_str());
    let setting = images.tag_setting(registry.id.as_str(), name).await?;
    let digest = ImageName::Digest(image.digest);
    let pushed = images.describe(registry.id.as_str(), name, digest).await?;
    let is_its = pushed.is_some_and(|pushed| pushed.tags.iter().any(|tag| tag == image.tag));
    let facts = Facts {
        tag: Some(TagFacts {
            repository: name,
            tag: image.tag,
            is_its,
            setting: setting.as_ref(),
        }),
        ..Facts::default()
    };
    Ok(ruled(&facts, Proved::TagStays))
}

/// Whether its scan found nothing so bad.
pub(super) async fn scanned(scene: &Scene<'_>, image: ToProve<'_>) -> Result<Ruled, AwsError> {
    let Some(from) = scene.target.rules.scan else {
        return Ok(Ok(None));
    };
    let repository = &image.source.image;
    let images = scene.reach.images(repository.registry.region.as_str());
    let judged = judged(&images, repository, image.digest, from).await?;
    let facts = Facts {
        scan: Some(ScanFacts { from, judged }),
        ..Facts::default()
    };
    Ok(ruled(&facts, Proved::Scanned(from)))
}

async fn judged(
    images: &Images,
    repository: &ImageRepository,
    digest: &ImageDigest,
    from: Severity,
) -> Result<Result<(), ScanTrouble>, AwsError> {
    let (registry, name) = (repository.registry.id.as_str(), &repository.name);
    let own = images.scan(registry, name, digest).await?;
    let judged = judge_scan(&own, from);
    // An index is not scanned itself.
    let of_index = match &judged {
        Err(ScanTrouble::Missing) => true,
        Err(ScanTrouble::Stands(word)) => word == "UNSUPPORTED_IMAGE",
        _ => false,
    };
    if !of_index {
        return Ok(judged);
    }
    let indexes = images
        .indexes(registry, name, &[ImageName::Digest(digest)])
        .await?;
    let Some(index) = indexes.into_iter().find(|index| index.digest == *digest) else {
        return Ok(judged);
    };
    if index.platforms.len() > PLATFORMS {
        return Ok(Err(ScanTrouble::Platforms));
    }
    let each = index.platforms.iter();
    let each = each.map(|platform| images.scan(registry, name, &platform.digest));
    let scans: Vec<ImageScan> = try_join_all(each).await?;
    Ok(judge_scans(&scans, from))
}

/// Whether its commit is signed, or the tag by which it was asked for.
pub(super) async fn signed(scene: &Scene<'_>, image: ToProve<'_>) -> Ruled {
    if !scene.target.rules.signed {
        return Ok(None);
    }
    let typed = image.typed.map(AsRef::as_ref);
    let seen = match image.commit.zip(image.source.repository.as_ref()) {
        Some((commit, repository)) => {
            let ask =
                |github: GitHub| async move { github.signature(repository, commit, typed).await };
            let seen = asked(scene, "the signature of a commit", ask).await;
            seen.map(|signature| (commit, signature))
        }
        None => Err(NotTold::NoCommit),
    };
    let facts = Facts {
        signature: Some(SignatureFacts { seen }),
        ..Facts::default()
    };
    ruled(&facts, Proved::Signed)
}
