//! What a promotion brings: what runs in another environment, and has succeeded there.

use jiff::Timestamp;

use super::{HISTORY, NoPlan, Scene, Visitor, stage};
use crate::aws::sts::OnBehalf;
use crate::config::Source;
use crate::gate::{self, Facts, NoSource, Obstacle, PromotionFacts, Stood};
use crate::names::{Actor, ContainerName, DeployId, EnvName, ImageDigest};
use crate::past::stood;
use crate::plan::{Image, Promoted, Share};
use crate::record::{Deploy, Past, Refused};
use crate::request::Verb;
use crate::resolve::Unresolvable;
use crate::waiter::context::StepError;

/// Where something is promoted from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PromotedFrom<'a> {
    /// The environment.
    pub(crate) environment: &'a EnvName,
    /// The container whose image it is; none for the application's own.
    pub(crate) image: Option<&'a ContainerName>,
}

/// What runs there.
#[derive(Debug)]
struct RunsThere {
    digest: ImageDigest,
    since: Timestamp,
    by: Actor,
    /// The entry that brought it.
    brought: Past,
}

/// What the plan of a promotion brings: the share of the plan that brought it there, or what the history has of it.
/// `named` is the deploy whose image is meant, where a card named it: one there, or an earlier promotion to here.
pub(crate) async fn promoted(
    scene: &Scene<'_>,
    deploy: &Deploy,
    from: PromotedFrom<'_>,
    source: &Source,
    named: Option<&DeployId>,
) -> Result<Share, NoPlan> {
    let wanted = match named {
        Some(id) => {
            let either = [from.environment, &scene.target.environment];
            Some(with_image(scene, &either, id, source).await?)
        }
        None => None,
    };
    let wanted = wanted.as_ref().and_then(|share| {
        let image = share.image.as_ref()?;
        Some((&image.digest, share.label.as_str()))
    });
    let runs = runs(scene, deploy, from).await?;
    let obstacles = judge(scene, from, wanted, &runs);
    let runs = match runs {
        Ok(runs) if obstacles.is_empty() => runs,
        Ok(_) | Err(_) => return Err(Refused::Gates(obstacles).into()),
    };
    let before = match &runs.brought.id {
        Some(id) => planned(scene, &[from.environment], id).await?,
        None => None,
    };
    let same = |share: &Share| {
        let image = share.image.as_ref();
        image.is_some_and(|image| image.digest == runs.digest)
    };
    let part = runs.brought.part(from.image);
    let label = part.as_ref().map(|part| part.label.clone());
    let label = label.unwrap_or_else(|| runs.digest.short().to_owned());
    let mut share = before.filter(same).unwrap_or_else(|| Share {
        commit: part
            .and_then(|part| part.commit)
            .and_then(|sha| sha.parse().ok()),
        image: Some(Image {
            repository: source.image.uri(),
            tag: None,
            digest: runs.digest.clone(),
        }),
        ..scene.share(label)
    });
    share.promoted = Some(Promoted {
        from: from.environment.clone(),
        since: runs.since,
        by: runs.by,
        deploy: runs.brought.id.clone(),
    });
    Ok(share)
}

/// Why what was planned cannot be promoted any more: something else may run there by now.
pub(crate) async fn moved_on(
    scene: &Scene<'_>,
    deploy: &Deploy,
    from: PromotedFrom<'_>,
    share: &Share,
) -> Result<Vec<Obstacle>, StepError> {
    let runs = runs(scene, deploy, from).await?;
    let image = share.image.as_ref();
    let wanted = image.map(|image| (&image.digest, share.label.as_str()));
    Ok(judge(scene, from, wanted, &runs))
}

fn judge(
    scene: &Scene<'_>,
    from: PromotedFrom<'_>,
    wanted: Option<(&ImageDigest, &str)>,
    runs: &Result<RunsThere, NoSource>,
) -> Vec<Obstacle> {
    let label = match runs {
        Ok(runs) => runs.brought.runs(),
        Err(_) => String::new(),
    };
    gate::refused(&Facts {
        promotion: Some(PromotionFacts {
            application: &scene.target.application,
            from: from.environment,
            wanted,
            runs: match runs {
                Ok(runs) => Ok((&runs.digest, &label)),
                Err(why) => Err(why.clone()),
            },
        }),
        ..Facts::default()
    })
}

/// What the plan of a deploy says of the same application, if it says of an image. Where that is not known any more,
/// nothing else is brought instead.
pub(crate) async fn with_image(
    scene: &Scene<'_>,
    environments: &[&EnvName],
    id: &DeployId,
    source: &Source,
) -> Result<Share, NoPlan> {
    let share = planned(scene, environments, id).await?;
    share.filter(|share| share.image.is_some()).ok_or_else(|| {
        let why = Unresolvable::ImageGone {
            image_repository: source.image.uri(),
            label: id.to_string(),
        };
        let instead = None;
        Refused::Unresolvable { why, instead }.into()
    })
}

/// What the plan of a deploy to one of these environments says of the same application.
async fn planned(
    scene: &Scene<'_>,
    environments: &[&EnvName],
    id: &DeployId,
) -> Result<Option<Share>, NoPlan> {
    let before = scene.waiter.store.deploy(id).await?;
    let there = before.filter(|before| environments.contains(&&before.environment));
    let plan = there.and_then(|before| before.plan);
    let mut shares = plan.map(|plan| plan.shares).into_iter().flatten();
    Ok(shares.find(|share| share.application == scene.target.application))
}

/// What runs there of an image, and since when it is known to be good.
async fn runs(
    scene: &Scene<'_>,
    deploy: &Deploy,
    from: PromotedFrom<'_>,
) -> Result<Result<RunsThere, NoSource>, StepError> {
    let waiter = scene.waiter;
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let application = &scene.target.application;
    let Some(target) = loaded.config.target(application, from.environment) else {
        return Ok(Err(NoSource::Elsewhere));
    };
    let visitor = Visitor {
        on_behalf: OnBehalf {
            deploy: deploy.id.as_str(),
            actor: &deploy.requester,
        },
        policy_hash: String::new(),
        config_version: scene.config_version,
        by_copy: None,
    };
    let there = stage(waiter, target, visitor).await?;
    let mut digests: Vec<String> = Vec::new();
    for service in &there.live {
        if service.in_flight() || service.is_unfinished() {
            return Ok(Err(NoSource::Rolling));
        }
        let definition = there.reach.definition(&service.task_definition).await?;
        let own = there.containers_of(from.image, &definition);
        let running = there.running(service).await?.into_iter();
        let running = running.filter(|(name, _)| own.contains(name));
        digests.extend(running.map(|(_, digest)| digest));
    }
    digests.sort();
    digests.dedup();
    let digest = match digests.as_slice() {
        [digest] => digest,
        [] => return Ok(Err(NoSource::Nothing)),
        [_, ..] => return Ok(Err(NoSource::Mixed)),
    };
    let most = usize::try_from(HISTORY).unwrap_or_default();
    let (Stood::Succeeded { since, by }, Ok(parsed)) =
        (stood(&there.history, digest, most), digest.parse())
    else {
        return Ok(Err(NoSource::NotGood));
    };
    let brings = |past: &&Past| past.is_good() && past.digests.iter().any(|(_, own)| own == digest);
    // A deploy of another image leaves this one as it was, and its plan is not of it.
    let is_deploy = |past: &&Past| match &past.verb {
        Some(Verb::Deploy { image, .. }) => image.as_ref() == from.image,
        _ => false,
    };
    let mut good = there.history.iter().filter(brings);
    let newest = good.clone().find(is_deploy).or_else(|| good.next());
    Ok(match newest {
        Some(past) => Ok(RunsThere {
            digest: parsed,
            since,
            by,
            brought: past.clone(),
        }),
        None => Err(NoSource::NotGood),
    })
}
