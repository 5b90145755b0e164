//! `rollback APP on ENV [to DEPLOY]`, planned: an earlier deploy exactly as it ran then. Never
//! needs GitHub.

use jiff::SignedDuration;

use crate::aws::ecr::ImageName;
use crate::names::{DeployId, ImageDigest};
use crate::plan::{
    Change, Plan, PlannedService, Unchanged, choose_rollback, crossed, runs_already,
};
use crate::planning::{NoPlan, Scene, denied};
use crate::record::{Cancel, Deploy, Halt, Past, Verdict};
use crate::refusal::{NoWayBack, Refusal};
use crate::resolve::ImageState;
use crate::schedules;
use crate::task_definition::{RevisionStatus, digest_of};
use crate::waiter::Waiter;

/// Slack's timestamps are whole seconds of its own clock.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(2);
/// Lines of task definition differences shown at most.
const DIFFERENCES: usize = 20;

/// The plan of a rollback.
pub(crate) async fn plan(
    scene: &Scene<'_>,
    deploy: &Deploy,
    to: Option<&DeployId>,
) -> Result<Plan, NoPlan> {
    let mut live_digests = Vec::new();
    let mut running = Vec::new();
    for service in &scene.live {
        let digests = scene.running(service).await;
        let digests = digests.map_err(|error| denied(error, deploy))?;
        live_digests.extend(digests.iter().cloned());
        running.push(digests);
    }
    let past = match to {
        Some(id) => named(scene, deploy, id, &live_digests).await?,
        None if has_moved_on(scene, deploy) => {
            return Err(Refusal::KeepsChanging {
                application: deploy.application.clone(),
                environment: deploy.environment.clone(),
            }
            .into());
        }
        None => choose_rollback(&scene.history, &live_digests)
            .cloned()
            .ok_or_else(|| Refusal::NothingToRollBackTo {
                application: deploy.application.clone(),
                environment: deploy.environment.clone(),
            })?,
    };
    let no_way = |why: NoWayBack| match &past.id {
        Some(id) => Refusal::NoWayBack {
            id: id.clone(),
            application: deploy.application.clone(),
            environment: deploy.environment.clone(),
            why,
        },
        None => Refusal::NothingToRollBackTo {
            application: deploy.application.clone(),
            environment: deploy.environment.clone(),
        },
    };
    let mut plan = scene.frame(past.label.clone());
    plan.confirm = scene.target.confirm_rollback;
    plan.commit = past.commit.as_ref().and_then(|commit| commit.parse().ok());
    plan.goes_back_to = past.id.as_ref().map(ToString::to_string);
    plan.crossed = crossed(&scene.history, &past);
    for (service, running) in scene.live.iter().zip(running) {
        let revision = past
            .revisions
            .iter()
            .find(|(name, _)| *name == service.name);
        let Some((_, revision)) = revision else {
            // The service was not part of the application then: there is nothing to go back to.
            continue;
        };
        let reach = &scene.reach;
        let then = reach.definition(revision).await;
        let then = then.map_err(|error| denied(error, deploy))?;
        if then.status != RevisionStatus::Active {
            return Err(no_way(NoWayBack::Revision(revision.clone())).into());
        }
        if then.arn == service.task_definition {
            // ECS rolls nothing out where nothing changes, so there would be nothing to watch.
            plan.unchanged.push(Unchanged {
                service: service.name.clone(),
                live: then.arn,
                digests: running,
            });
            continue;
        }
        let mut images = Vec::new();
        let mut pinned = true;
        for container in scene.containers(&then) {
            let named = then.image(&container).and_then(digest_of);
            pinned &= named.is_some();
            let recorded = past.digests.iter().find(|(name, _)| *name == container);
            let digest = named.or_else(|| recorded.and_then(|(_, digest)| digest.parse().ok()));
            let Some(digest) = digest else {
                return Err(no_way(NoWayBack::Image(container)).into());
            };
            check_image(scene, deploy, &digest)
                .await?
                .map_err(&no_way)?;
            images.push((container, scene.target.image.pinned(&digest)));
        }
        let live = reach.definition(&service.task_definition).await;
        let live = live.map_err(|error| denied(error, deploy))?;
        plan.differences.extend(
            live.differences(&then, DIFFERENCES)
                .into_iter()
                .map(|line| format!("{}: {line}", service.name)),
        );
        plan.services.push(PlannedService {
            service: service.name.clone(),
            live: service.task_definition.clone(),
            live_label: scene.label_of(service, &running),
            live_digests: running,
            desired: service.desired,
            // A revision that names a tag would run whatever the tag means today: then the digest
            // that ran is pinned in a copy.
            change: if pinned {
                Change::Exactly {
                    revision: then.arn,
                    images,
                }
            } else {
                Change::Copy {
                    base: then.arn,
                    images,
                }
            },
        });
    }
    plan.schedules = schedules::back(scene, deploy, &past, no_way).await?;
    if plan.services.is_empty() {
        return Err(no_way(NoWayBack::Live).into());
    }
    Ok(plan)
}

/// Whether something else has come up there since this was asked for. "Back" meant back from what
/// ran then: of two requests for it, the second would bring the bad one back.
fn has_moved_on(scene: &Scene<'_>, deploy: &Deploy) -> bool {
    let asked = deploy.requested_at + CLOCKS_DIFFER;
    scene.history.iter().any(|past| {
        past.verdict == Some(Verdict::Succeeded) && past.ended_at.is_some_and(|at| at > asked)
    })
}

/// The deploy that was named, if it can be gone back to.
async fn named(
    scene: &Scene<'_>,
    deploy: &Deploy,
    id: &DeployId,
    live_digests: &[(String, String)],
) -> Result<Past, NoPlan> {
    let no_way = |why| Refusal::NoWayBack {
        id: id.clone(),
        application: deploy.application.clone(),
        environment: deploy.environment.clone(),
        why,
    };
    let found = scene
        .history
        .iter()
        .find(|past| past.id.as_ref() == Some(id));
    let Some(past) = found else {
        return Err(match scene.waiter.deploy(id).await? {
            None => Refusal::UnknownDeploy { id: id.clone() },
            Some(other)
                if other.application != deploy.application
                    || other.environment != deploy.environment =>
            {
                no_way(NoWayBack::Elsewhere {
                    application: other.application,
                    environment: other.environment,
                })
            }
            Some(other) => match other.verdict() {
                None => no_way(NoWayBack::Open),
                Some(verdict) => no_way(NoWayBack::Ended(verdict)),
            },
        }
        .into());
    };
    match past.verdict {
        Some(Verdict::Succeeded) => {}
        Some(verdict) => return Err(no_way(NoWayBack::Ended(verdict)).into()),
        None => return Err(no_way(NoWayBack::Open).into()),
    }
    if runs_already(past, live_digests) {
        return Err(no_way(NoWayBack::Live).into());
    }
    Ok(past.clone())
}

async fn check_image(
    scene: &Scene<'_>,
    deploy: &Deploy,
    digest: &ImageDigest,
) -> Result<Result<(), NoWayBack>, NoPlan> {
    let image = &scene.target.image;
    let images = scene.reach.images(image.registry.region.as_str());
    let found = images
        .describe(
            image.registry.id.as_str(),
            &image.name,
            ImageName::Digest(digest),
        )
        .await
        .map_err(|error| denied(error, deploy))?;
    Ok(match found {
        Some(found) if found.state == ImageState::Active => Ok(()),
        Some(_) | None => Err(NoWayBack::Image(digest.short().to_owned())),
    })
}

/// A rollback while a deploy is still rolling out there: that deploy is asked to stop and go back,
/// and this request ends with saying so.
pub(crate) async fn instead(
    waiter: &Waiter,
    deploy: &Deploy,
    busy: &Deploy,
) -> Result<NoPlan, NoPlan> {
    let cancel = Cancel {
        by: deploy.requester.clone(),
        at: deploy.requested_at,
        how: Halt::RollBack,
    };
    waiter.store.put_cancel(&busy.id, &cancel).await?;
    Ok(Refusal::StoppedInstead {
        id: busy.id.clone(),
        application: busy.application.clone(),
        environment: busy.environment.clone(),
    }
    .into())
}
