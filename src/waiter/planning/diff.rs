//! What lies between what runs and a ref, or what runs elsewhere, read as for a plan. Nothing is kept of it, and it asks
//! for no right but to see what runs.

use std::time::Duration;

use super::between::{HowRead, both_ways};
use super::bring::{self, Brought, ToBring};
use super::look::told;
use crate::aws::sts::OnBehalf;
use crate::command::DiffWith;
use crate::config::GithubRepository;
use crate::gate::{Gate, Obstacle};
use crate::github::{Conversation, GitHub, GitHubError};
use crate::hearing;
use crate::names::version::{Called, version};
use crate::names::{ContainerName, EnvName, short_digest};
use crate::plan::{DifferingFiles, FilesListed, Watched};
use crate::policy::Action;
use crate::record::job::DiffOf;
use crate::record::{Deploy, Refused};
use crate::request::ChangeKind;
use crate::resolve::Unresolvable;
use crate::running::{Between, Definitions, Diff, DiffEnd, DiffPair, EndIs, NotBetween};
use crate::waiter::context::{StepError, Waiter};
use crate::waiter::scene::{Errand, NoPlan, Scene, Visitor, gates, stage};

/// How the commits are read: there is time, and room for more of them than in a plan.
const READING: HowRead = HowRead {
    shown: 20,
    patience: Duration::from_secs(10),
};
/// Lines of what differs in a task definition, at most.
const DIFFERENCES: usize = 20;
/// Pairs of versions that are compared, at most, where services run different ones.
const PAIRS: usize = 3;

/// Reads what lies between. `deploy`, which is on no record, says who looks.
pub(crate) async fn diff(waiter: &Waiter, deploy: &Deploy, of: &DiffOf) -> Result<Diff, Refused> {
    let conversation = Conversation::default();
    let image = of.image.as_ref();
    let here = side(waiter, deploy, &conversation, image).await?;
    let github = here.scene.github().await;
    let source = here.scene.target.source_of(image);
    let Some(source) = source else {
        let container = image.cloned();
        let no_image = container.map(|image| bring::no_image(deploy, &image, false));
        return Err(no_image.unwrap_or(Refused::Unavailable));
    };
    let mut definitions = Definitions::NotCompared;
    let (pairs, rolling) = match &of.with {
        DiffWith::Ref(reference) => {
            let wanted = ToBring {
                image,
                reference: reference.as_ref(),
                again: None,
                from: None,
            };
            let to = named(waiter, &here.scene, deploy, wanted).await?;
            let pairs = here.runs.iter();
            let pairs = pairs
                .filter_map(|(service, from)| Some((service.clone(), from.clone()?, to.clone())));
            (pairs.collect(), here.rolling())
        }
        DiffWith::Place(place) => {
            let elsewhere = Deploy {
                environment: place.clone(),
                ..deploy.clone()
            };
            let there = side(waiter, &elsewhere, &conversation, image).await?;
            let mut rolling = here.rolling();
            rolling.extend(there.rolling());
            definitions = match may_both(waiter, [deploy, &elsewhere]).await {
                true => compared(waiter, deploy, &there, &here).await?,
                false => Definitions::NotShown,
            };
            (beside(&there, &here), rolling)
        }
    };
    let pairs: Vec<(String, DiffEnd, DiffEnd)> = pairs;
    if let (true, Some(image)) = (pairs.is_empty(), image) {
        return Err(bring::no_image(deploy, image, true));
    }
    let mut grouped: Vec<DiffPair> = Vec::new();
    for (service, from, to) in pairs {
        match grouped
            .iter_mut()
            .find(|pair| pair.from == from && pair.to == to)
        {
            Some(pair) => pair.services.push(service),
            None => grouped.push(DiffPair {
                services: vec![service],
                from,
                to,
                between: Between::NotCompared,
                watched: None,
            }),
        }
    }
    let repository = source.repository.as_ref();
    let watch = here.scene.target.watched_in(source);
    for pair in grouped.iter_mut().take(PAIRS) {
        let (commits, files) = between(&github, repository, pair).await;
        pair.between = commits;
        pair.watched = Watched::of(watch, &files).filter(|_| repository.is_some());
    }
    Ok(Diff {
        application: of.application.clone(),
        title: here.scene.target.title.clone(),
        environment: of.environment.clone(),
        with: of.with.clone(),
        repository: repository.cloned(),
        pairs: grouped,
        definitions,
        rolling,
    })
}

/// What runs of an application in an environment.
struct DiffSide<'a> {
    scene: Scene<'a>,
    /// Service by service; nothing of one that does not run the image.
    runs: Vec<(String, Option<DiffEnd>)>,
}

impl DiffSide<'_> {
    /// The environment, if a rollout is under way there.
    fn rolling(&self) -> Vec<EnvName> {
        let mut live = self.scene.live.iter();
        let rolls = live.any(|service| service.in_flight());
        let environment = rolls.then(|| self.scene.target.environment.clone());
        environment.into_iter().collect()
    }
}

async fn side<'a>(
    waiter: &'a Waiter,
    deploy: &Deploy,
    conversation: &Conversation,
    image: Option<&ContainerName>,
) -> Result<DiffSide<'a>, Refused> {
    match read(waiter, deploy, conversation, image).await {
        Ok(side) => Ok(side),
        Err(no_plan) => Err(told(waiter, deploy, no_plan).await),
    }
}

async fn read<'a>(
    waiter: &'a Waiter,
    deploy: &Deploy,
    conversation: &Conversation,
    image: Option<&ContainerName>,
) -> Result<DiffSide<'a>, NoPlan> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await;
    let loaded = loaded.map_err(StepError::from)?;
    let (application, environment) = (deploy.application(), &deploy.environment);
    let Some(target) = loaded.config.target(application, environment) else {
        return Err(Refused::NotThere {
            application: application.clone(),
            environment: environment.clone(),
            there: Vec::new(),
        }
        .into());
    };
    let visitor = Visitor {
        on_behalf: OnBehalf {
            deploy: deploy.id.as_str(),
            actor: &deploy.requester,
        },
        policy_hash: String::new(),
        config_version: loaded.version,
        by_copy: None,
    };
    let mut scene = stage(waiter, target, visitor).await?;
    scene.conversation = conversation.clone();
    scene.errand = Errand::look();
    let missing = |one: &Obstacle| one.gate() == Gate::Services;
    let obstacles = gates::obstacles(&scene, None).into_iter().filter(missing);
    let obstacles: Vec<Obstacle> = obstacles.collect();
    if !obstacles.is_empty() {
        return Err(Refused::Gates(obstacles).into());
    }
    let mut runs = Vec::new();
    for service in &scene.live {
        let running = scene.running(service).await?;
        let (whole, parts) = scene.version_of(service, &running).await?;
        let own = parts.iter().find(|part| part.image.as_ref() == image);
        if own.is_none() && !scene.target.images.is_empty() {
            runs.push((service.name.clone(), None));
            continue;
        }
        let own_digests = running.iter();
        let own_digests = own_digests.filter(|(container, _)| scene.image_in(container) == image);
        let mut digests: Vec<String> = own_digests.map(|(_, digest)| digest.clone()).collect();
        digests.sort();
        digests.dedup();
        let mut end = DiffEnd {
            label: own.map_or(whole, |part| part.label.clone()),
            commit: scene.commit_at(service, image, &parts),
            digests,
            is: EndIs::Proved,
        };
        prove(&scene, image, &mut end).await?;
        runs.push((service.name.clone(), Some(end)));
    }
    Ok(DiffSide { scene, runs })
}

/// Of what the history does not know, the image's tags may tell the commit.
async fn prove(
    scene: &Scene<'_>,
    image: Option<&ContainerName>,
    end: &mut DiffEnd,
) -> Result<(), NoPlan> {
    let (None, [digest], Some(source)) = (
        &end.commit,
        end.digests.as_slice(),
        scene.target.source_of(image),
    ) else {
        return Ok(());
    };
    let (commit, _) = scene.proved(source, digest).await?;
    if end.label == short_digest(digest)
        && let Some(named) = version(&Called::Itself, commit.as_ref(), Some(digest))
    {
        end.label = named;
    }
    end.commit = commit;
    Ok(())
}

/// What a ref names: its image, or where there is none yet, its commit alone.
async fn named(
    waiter: &Waiter,
    scene: &Scene<'_>,
    deploy: &Deploy,
    wanted: ToBring<'_>,
) -> Result<DiffEnd, Refused> {
    let not_found = match bring::find(scene, deploy, wanted).await {
        Ok(Brought { found, .. }) => {
            let label = found.version();
            let (commit, is) = match (found.commit, found.points_at) {
                (Some(commit), _) => (Some(commit), EndIs::Proved),
                (None, Some(at)) => (Some(at), EndIs::PointedAt),
                (None, None) => (None, EndIs::Proved),
            };
            return Ok(DiffEnd {
                label,
                commit,
                digests: vec![found.image.digest.to_string()],
                is,
            });
        }
        Err(not_found) => not_found,
    };
    match not_found {
        bring::NotBrought::Unresolvable(why, _) => match *why {
            Unresolvable::NoImage { name, commit, .. } => Ok(DiffEnd {
                label: match commit.begins_with(&name) {
                    true => commit.short().to_owned(),
                    false => format!("{name}@{}", commit.short()),
                },
                commit: Some(commit),
                digests: Vec::new(),
                is: EndIs::NotBuilt,
            }),
            why => Err(Refused::Unresolvable { why, instead: None }),
        },
        bring::NotBrought::NoPlan(no_plan) => Err(told(waiter, deploy, no_plan).await),
    }
}

/// Whether whoever looks may deploy to both; what is not known is no.
async fn may_both(waiter: &Waiter, both: [&Deploy; 2]) -> bool {
    for deploy in both {
        let judged = waiter
            .judged([&deploy.requester], &deploy.environment)
            .await;
        let action = Action::Change(ChangeKind::Deploy);
        let channel = deploy.origin.channel.as_ref();
        let may = judged.is_ok_and(|judged| {
            hearing::may(judged.policy(), &deploy.requester, channel, &action, deploy).is_ok()
        });
        if !may {
            return false;
        }
    }
    true
}

/// In what the definitions of two environments differ, service by service.
async fn compared(
    waiter: &Waiter,
    deploy: &Deploy,
    from: &DiffSide<'_>,
    to: &DiffSide<'_>,
) -> Result<Definitions, Refused> {
    let mut all = Vec::new();
    for (one, other) in from.scene.live.iter().zip(&to.scene.live) {
        let read = async {
            let one = from.scene.reach.definition(&one.task_definition).await?;
            let other = to.scene.reach.definition(&other.task_definition).await?;
            Ok::<_, NoPlan>(one.differences(&other, DIFFERENCES))
        };
        let lines = match read.await {
            Ok(lines) => lines,
            Err(no_plan) => return Err(told(waiter, deploy, no_plan).await),
        };
        if !lines.is_empty() {
            all.push((other.name.clone(), lines));
        }
    }
    Ok(Definitions::Differ(all))
}

/// The services of two environments that both run the image, side by side, in their order.
fn beside(from: &DiffSide<'_>, to: &DiffSide<'_>) -> Vec<(String, DiffEnd, DiffEnd)> {
    let pairs = from.runs.iter().zip(&to.runs);
    let pairs = pairs.filter_map(|((_, from), (service, to))| {
        Some((service.clone(), from.clone()?, to.clone()?))
    });
    pairs.collect()
}

async fn between(
    github: &GitHub,
    repository: Option<&GithubRepository>,
    pair: &DiffPair,
) -> (Between, DifferingFiles) {
    if pair.from.is_the_image_of(&pair.to) {
        return (Between::SameImage, DifferingFiles::default());
    }
    let no_commits = |why| {
        let unknown = DifferingFiles::unknown(FilesListed::NoCommits);
        (Between::NotKnown(why), unknown)
    };
    let not_told = |why| {
        let unknown = DifferingFiles::unknown(FilesListed::NotTold);
        (Between::NotKnown(why), unknown)
    };
    let Some(repository) = repository else {
        return no_commits(NotBetween::NoRepository);
    };
    let (from, to) = match (&pair.from.commit, &pair.to.commit) {
        (Some(from), Some(to)) => (from, to),
        (None, _) => return no_commits(NotBetween::NoCommit(pair.from.label.clone())),
        (_, None) => return no_commits(NotBetween::NoCommit(pair.to.label.clone())),
    };
    match both_ways(github, repository, [from, to], READING).await {
        Ok(Some((commits, files))) => (Between::Commits(commits), files),
        Ok(None) => not_told(NotBetween::Unrelated),
        Err(error) => not_told(why_not(&error)),
    }
}

fn why_not(error: &GitHubError) -> NotBetween {
    tracing::warn!(%error, "the commits between could not be read");
    match error {
        GitHubError::RateLimited { until } => NotBetween::Limit(*until),
        GitHubError::NotFound
        | GitHubError::Moved
        | GitHubError::Denied(_)
        | GitHubError::App(_) => NotBetween::Denied,
        GitHubError::OtherRepository { .. } => NotBetween::OtherRepository,
        GitHubError::Silent(_) | GitHubError::Unavailable(_) => NotBetween::Silent,
    }
}
