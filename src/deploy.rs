//! `APP:REF to ENV`, planned: the image CI built for the ref, copied into a new revision of each
//! service's task definition.

use crate::config::Base;
use crate::github::{GitHub, GitHubError};
use crate::lookup::{LookupError, lookup};
use crate::names::{CommitSha, Ref};
use crate::plan::{Change, Commits, Image, Plan, PlannedService, PlannedTask, Unchanged};
use crate::planning::{NoPlan, Scene, denied, retention};
use crate::record::Deploy;
use crate::refusal::Refusal;
use crate::schedules;

/// Lines of task definition differences shown at most.
const DIFFERENCES: usize = 20;

/// The plan of a deploy; one without services where everything runs already.
pub(crate) async fn plan(
    scene: &Scene<'_>,
    deploy: &Deploy,
    reference: Option<&Ref>,
) -> Result<Plan, NoPlan> {
    let target = &scene.target;
    let images = scene.reach.images(target.image.registry.region.as_str());
    let github = scene.waiter.github().await;
    let found = match lookup(target, reference, &github, &images).await {
        Ok(found) => found,
        Err(LookupError::Unresolvable(why)) => return Err(NoPlan::Refused(why.to_string())),
        Err(LookupError::Aws(error)) => return Err(denied(error, deploy)),
        Err(LookupError::GitHub(error)) => return Err(no_github(error, reference)),
    };
    let digest = &found.image.digest;
    let pinned = target.image.pinned(digest);
    let mut plan = scene.frame(found.label.clone());
    plan.commit = found.commit.clone();
    plan.image = Some(Image {
        repository: target.registry_uri(),
        tag: Some(found.tag.clone()),
        digest: digest.clone(),
    });
    let mut all_live = true;
    for service in &scene.live {
        let reach = &scene.reach;
        let live = reach.definition(&service.task_definition).await;
        let live = live.map_err(|error| denied(error, deploy))?;
        let base = match target.base {
            Base::Live => live.clone(),
            Base::Head => {
                let head = reach.definition(&live.family).await;
                head.map_err(|error| denied(error, deploy))?
            }
        };
        let containers = scene.containers(&base);
        if containers.is_empty() {
            return Err(Refusal::NoContainer {
                service: service.name.clone(),
                repository: target.registry_uri(),
            }
            .into());
        }
        let running = scene.running(service).await;
        let running = running.map_err(|error| denied(error, deploy))?;
        all_live &= !running.is_empty()
            && running
                .iter()
                .all(|(_, running)| running == digest.as_str());
        if base.arn != live.arn {
            plan.differences.extend(
                live.differences(&base, DIFFERENCES)
                    .into_iter()
                    .map(|line| format!("{}: {line}", service.name)),
            );
        }
        plan.services.push(PlannedService {
            service: service.name.clone(),
            live: service.task_definition.clone(),
            live_label: scene.label_of(service, &running),
            live_digests: running,
            desired: service.desired,
            change: Change::Copy {
                base: base.arn,
                images: containers
                    .into_iter()
                    .map(|container| (container, pinned.clone()))
                    .collect(),
            },
        });
    }
    if all_live && plan.differences.is_empty() {
        let live = std::mem::take(&mut plan.services).into_iter();
        plan.unchanged = live.map(Unchanged::from).collect();
        return Ok(plan);
    }
    plan.schedules = schedules::forward(scene, deploy, &pinned).await?;
    plan.before = one_off(scene, deploy, &pinned).await?.into_iter().collect();
    // Neither decides anything, and neither waits for the other.
    let (commits, endangered) = tokio::join!(
        between(scene, &github, found.commit.as_ref()),
        retention::endangered(scene, &plan),
    );
    plan.commits = commits;
    plan.endangered = endangered;
    Ok(plan)
}

/// The one-off task that the application runs first: its family's newest revision, with the new image.
async fn one_off(
    scene: &Scene<'_>,
    deploy: &Deploy,
    pinned: &str,
) -> Result<Option<PlannedTask>, NoPlan> {
    let Some(task) = &scene.target.before else {
        return Ok(None);
    };
    let family = task.task.clone();
    let head = scene.reach.ecs.describe_task_definition(&family).await;
    let Some(head) = head.map_err(|error| denied(error, deploy))? else {
        return Err(Refusal::NoTask { family }.into());
    };
    let head = head.definition();
    let containers = scene.containers(head);
    let essential = |name: &&String| {
        let named = head.containers.iter().find(|one| one.name == **name);
        named.is_some_and(|one| one.essential)
    };
    let Some(container) = containers.iter().find(essential).cloned() else {
        return Err(Refusal::NoTaskContainer {
            family,
            repository: scene.target.registry_uri(),
        }
        .into());
    };
    Ok(Some(PlannedTask {
        family,
        base: head.arn.clone(),
        images: containers
            .into_iter()
            .map(|container| (container, pinned.to_owned()))
            .collect(),
        container,
        command: task.command.clone(),
        timeout: task.timeout,
        with: 0,
    }))
}

/// GitHub did not say: worth another try, or the installer's to mend.
fn no_github(error: GitHubError, reference: Option<&Ref>) -> NoPlan {
    if error.is_transient() {
        return NoPlan::Failed(error.into());
    }
    tracing::error!(%error, "GitHub refuses to say what a ref is");
    silent_github(reference).into()
}

/// The refusal when GitHub does not say what a ref is.
pub(crate) fn silent_github(reference: Option<&Ref>) -> Refusal {
    let reference = reference.cloned();
    Refusal::NoGithub { reference }
}

/// What lies between what is live and what would be. Helps people to decide and decides nothing,
/// so a silent GitHub only leaves it out.
async fn between(scene: &Scene<'_>, github: &GitHub, to: Option<&CommitSha>) -> Option<Commits> {
    let repository = scene.target.repository.as_ref()?;
    let (from, to) = (scene.live_commit()?, to?);
    match github.compare(repository, &from, to).await {
        Ok(commits) => commits,
        Err(error) => {
            tracing::warn!(%error, "the commits between could not be read");
            None
        }
    }
}
