//! `APP:REF to ENV`, planned: the image CI built for the ref, copied into a new revision of each
//! service's task definition.

use crate::config::Base;
use crate::names::{CommitSha, Ref};
use crate::plan::{Change, CommitLine, Commits, Image, Plan, PlannedService};
use crate::planning::{NoPlan, Scene, denied};
use crate::record::Deploy;
use crate::refusal::Refusal;
use crate::resolve;

/// Lines of task definition differences shown at most.
const DIFFERENCES: usize = 20;

/// The plan of a deploy.
pub(crate) async fn plan(
    scene: &Scene<'_>,
    deploy: &Deploy,
    reference: Option<&Ref>,
) -> Result<Plan, NoPlan> {
    let target = &scene.target;
    let images = scene.reach.images(target.image.region.as_str());
    let found = resolve::resolve(&scene.waiter.github, &images, target, reference).await?;
    let pinned = target.image.pinned(&found.digest);
    let mut plan = scene.frame(found.label.clone());
    plan.commit = found.commit.clone();
    plan.image = Some(Image {
        repository: target.registry_uri(),
        tag: found.tag.clone(),
        digest: found.digest.clone(),
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
            && running.iter().all(|(_, digest)| digest == found.digest.as_str());
        if base.arn != live.arn {
            plan.differences
                .extend(live.differences(&base, DIFFERENCES).into_iter().map(|line| {
                    format!("{}: {line}", service.name)
                }));
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
        return Err(Refusal::AlreadyLive {
            application: deploy.application.clone(),
            environment: deploy.environment.clone(),
            label: found.label,
        }
        .into());
    }
    plan.commits = between(scene, found.commit.as_ref()).await;
    Ok(plan)
}

/// What lies between what is live and what would be. Helps people to decide and decides nothing,
/// so a silent GitHub only leaves it out.
async fn between(scene: &Scene<'_>, to: Option<&CommitSha>) -> Option<Commits> {
    let repository = scene.target.repository.as_ref()?;
    let (from, to) = (scene.live_commit()?, to?);
    match scene.waiter.github.compare(repository, &from, to).await {
        Ok(comparison) => Some(Commits {
            ahead: comparison.ahead,
            behind: comparison.behind,
            newest: comparison
                .commits
                .into_iter()
                .map(|commit| CommitLine {
                    short: commit.sha.short().to_owned(),
                    summary: commit.summary,
                    author: commit.author,
                })
                .collect(),
        }),
        Err(error) => {
            tracing::warn!(%error, "the commits between could not be read");
            None
        }
    }
}
