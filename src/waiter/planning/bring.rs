//! What a deploy is to bring: the image that CI built for what was asked for, or why there is none.

use jiff::{SignedDuration, Timestamp};

use crate::config::Source;
use crate::gate::{LookedAt, Obstacle};
use crate::github::GitHubError;
use crate::names::{ContainerName, DeployId, EnvName, Ref};
use crate::plan::Share;
use crate::record::{Deploy, NoImage, Refused};
use crate::resolve::{GithubNo, Resolved, Unresolvable};
use crate::waiter::lookup::{LookupError, instead, lookup, newest, once_more, with_what_is_known};
use crate::waiter::planning::GIVE_UP_AFTER;
use crate::waiter::planning::again::planned_before;
use crate::waiter::planning::met;
use crate::waiter::scene::proofs::{ToProve, proofs};
use crate::waiter::scene::source::{PromotedFrom, promoted};
use crate::waiter::scene::{NoPlan, Scene, denied};

/// What is to be brought.
pub(crate) struct ToBring<'a> {
    /// The container whose image it is; `None` for the application's own.
    pub(crate) image: Option<&'a ContainerName>,
    /// The ref that was named.
    pub(crate) reference: Option<&'a Ref>,
    /// The deploy whose image it is, whatever the ref names by now.
    pub(crate) again: Option<&'a DeployId>,
    /// The environment from which it is promoted.
    pub(crate) from: Option<&'a EnvName>,
}

/// What was found to bring.
pub(crate) struct Brought<'s> {
    pub(crate) source: &'s Source,
    /// What the deploy planned whose image it is.
    pub(crate) before: Option<Share>,
    pub(crate) found: Resolved,
}

/// Why nothing was found to bring.
pub(crate) enum NotBrought<'s> {
    /// There is no image of it.
    Unresolvable(Box<Unresolvable>, &'s Source),
    /// Anything else.
    NoPlan(NoPlan),
}

impl From<NoPlan> for NotBrought<'_> {
    fn from(no_plan: NoPlan) -> Self {
        Self::NoPlan(no_plan)
    }
}

/// Looks for it, and says what helps where it is not there.
pub(crate) async fn bring<'s>(
    scene: &'s Scene<'_>,
    deploy: &Deploy,
    wanted: ToBring<'_>,
) -> Result<Brought<'s>, NoPlan> {
    let image = wanted.image;
    let (why, source) = match find(scene, deploy, wanted).await {
        Ok(brought) => return Ok(brought),
        Err(NotBrought::NoPlan(no_plan)) => return Err(no_plan),
        Err(NotBrought::Unresolvable(why, source)) => (*why, source),
    };
    let images = scene.reach.images(source.image.registry.region.as_str());
    let newest = newest(source, &images, &why).await;
    let github = scene.github().await;
    let there = newest.as_deref().unwrap_or_default();
    let why = with_what_is_known(why, source, there, &github, scene.waiter.now()).await;
    let instead = newest.map(|newest| instead(deploy, image, &newest));
    if let Some(instead) = &instead {
        met::keep_newest(scene, instead).await;
    }
    Err(Refused::Unresolvable { why, instead }.into())
}

/// Looks for it; what helps where it is not there is not looked for.
pub(crate) async fn find<'s>(
    scene: &'s Scene<'_>,
    deploy: &Deploy,
    wanted: ToBring<'_>,
) -> Result<Brought<'s>, NotBrought<'s>> {
    let ToBring {
        image,
        reference,
        again,
        from,
    } = wanted;
    let source = match image {
        None => &scene.target.source,
        Some(name) => {
            let source = scene.target.images.get(name);
            source.ok_or_else(|| NoPlan::from(no_image(deploy, name, false)))?
        }
    };
    let images = scene.reach.images(source.image.registry.region.as_str());
    let before = match (from, again) {
        (Some(environment), named) => {
            let from = PromotedFrom { environment, image };
            Some(promoted(scene, deploy, from, source, named).await?)
        }
        (None, Some(id)) => Some(planned_before(scene, id, source).await?),
        (None, None) => None,
    };
    let found = match &before {
        Some(share) => once_more((source, image), share, &images).await,
        None => lookup(source, reference, &scene.github().await, &images).await,
    };
    match found {
        Ok(found) => Ok(Brought {
            source,
            before,
            found,
        }),
        Err(LookupError::Unresolvable(why)) => Err(NotBrought::Unresolvable(Box::new(why), source)),
        Err(LookupError::Aws(error)) => Err(denied(error, deploy).into()),
        Err(LookupError::GitHub(error)) => {
            Err(no_github(error, reference, scene.waiter.now()).into())
        }
    }
}

/// What the image has not proved of what is refused anyway, so that all of it is said at once.
pub(crate) async fn not_proved(
    scene: &Scene<'_>,
    deploy: &Deploy,
    wanted: ToBring<'_>,
) -> Vec<Obstacle> {
    let asks = scene.target.source_of(wanted.image);
    let checks = asks.is_some_and(|source| !source.checks.is_empty());
    let rules = scene.target.after.is_some() || !scene.target.rules.is_empty();
    if !checks && !rules && wanted.from.is_none() {
        return Vec::new();
    }
    let (image, typed) = (wanted.image, wanted.reference);
    match find(scene, deploy, wanted).await {
        Ok(Brought { source, found, .. }) => {
            let label = found.version();
            let to_prove = ToProve {
                image,
                typed,
                ..ToProve::found(source, &found, &label)
            };
            let Ok(proved) = proofs(scene, to_prove).await else {
                return Vec::new();
            };
            let mut obstacles = proved.obstacles;
            obstacles.extend(scene.errand.stopped_by(LookedAt::Proofs, Vec::new()));
            obstacles
        }
        Err(NotBrought::NoPlan(NoPlan::Refused(refused))) => match *refused {
            Refused::Gates(obstacles) => obstacles,
            _ => Vec::new(),
        },
        Err(_) => Vec::new(),
    }
}

pub(crate) fn no_image(deploy: &Deploy, image: &ContainerName, configured: bool) -> Refused {
    let no_image = NoImage {
        application: deploy.application().clone(),
        environment: deploy.environment.clone(),
        image: image.clone(),
        configured,
    };
    no_image.into()
}

/// GitHub did not say: worth another try, or the installer's to mend.
fn no_github(error: GitHubError, reference: Option<&Ref>, now: Timestamp) -> NoPlan {
    if let GitHubError::RateLimited { until: Some(until) } = error
        && until.duration_since(now) > SignedDuration::try_from(GIVE_UP_AFTER).unwrap_or_default()
    {
        tracing::warn!(%until, "GitHub's rate limit is used up for longer than anybody waits");
        let reference = reference.cloned();
        return Refused::GithubLimit { reference, until }.into();
    }
    if error.is_transient() {
        return NoPlan::Failed(error.into());
    }
    tracing::error!(%error, "GitHub refuses to say what a ref is");
    silent_github(reference, error.no()).into()
}

/// The refusal when GitHub does not say what a ref is.
pub(crate) fn silent_github(reference: Option<&Ref>, no: Option<GithubNo>) -> Refused {
    let reference = reference.cloned();
    Refused::NoGithub { reference, no }
}
