//! `APP:REF to ENV`, planned: the image CI built for the ref, copied into a new revision of each
//! service's task definition.

use crate::config::{Base, Source};
use crate::gate::LookedAt;
use crate::names::version::Part;
use crate::names::version::runs;
use crate::past::{Stack, is_known_bad};
use crate::plan::{
    Backward, Change, Image, Plan, PlannedService, PlannedTask, Unchanged, Unproved,
};
use crate::record::{Deploy, Refused};
use crate::resolve::{Kind, Resolved};
use crate::waiter::planning::between::{TwoCommits, with_lost};
use crate::waiter::planning::bring::{Brought, ToBring, bring, no_image};
use crate::waiter::planning::met;
use crate::waiter::scene::BroughtImage;
use crate::waiter::scene::Found;
use crate::waiter::scene::NoPlan;
use crate::waiter::scene::Scene;
use crate::waiter::scene::beside;
use crate::waiter::scene::denied;
use crate::waiter::scene::join_parts;
use crate::waiter::scene::kept;
use crate::waiter::scene::proofs::{ToProve, proofs};
use crate::waiter::scene::retention;
use crate::waiter::schedules;

/// Lines of task definition differences shown at most.
const DIFFERENCES: usize = 20;

/// The plan of a deploy: of the application's own image, or of the one that a container runs. One
/// without services where everything runs already.
pub(crate) async fn plan(
    scene: &Scene<'_>,
    deploy: &Deploy,
    wanted: ToBring<'_>,
) -> Result<Plan, NoPlan> {
    let (target, image, typed) = (&scene.target, wanted.image, wanted.reference);
    let github = scene.github().await;
    let Brought {
        source,
        before,
        found,
    } = bring(scene, deploy, wanted).await?;
    let digest = &found.image.digest;
    let commit = found.commit.as_ref().map(ToString::to_string);
    let part = Part::new(image, &found.version(), commit);
    let mut share = scene.share(part.label.clone());
    share.repository = source.repository.clone();
    share.commit = found.commit.clone();
    share.promoted = before.as_ref().and_then(|before| before.promoted.clone());
    share.unproved = match before {
        Some(before) => before.unproved.clone(),
        None => unproved(source, &found),
    };
    share.request = found.request.clone();
    share.since = found.since.clone();
    share.image = Some(Image {
        repository: source.image.uri(),
        tag: Some(found.tag.clone()),
        digest: digest.clone(),
    });
    share.rolled_back = Stack::of(&scene.history).mark_of_image(digest.as_str());
    let brought = BroughtImage::of(scene, (image, source), &found).await;
    let mut services = Vec::new();
    let mut differences = Vec::new();
    let mut all_live = true;
    let mut live_parts = Vec::new();
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
        let all = scene.containers(&base);
        if all.is_empty() {
            return Err(no_container(scene, &service.name).into());
        }
        let running = scene.running(service).await;
        let running = running.map_err(|error| denied(error, deploy))?;
        let version = scene.version_of(service, &running).await;
        let (live_label, parts) = version.map_err(|error| denied(error, deploy))?;
        join_parts(&mut live_parts, parts.clone());
        let containers = scene.containers_of(image, &base);
        if containers.is_empty() {
            share.unchanged.push(Unchanged {
                service: service.name.clone(),
                live: service.task_definition.clone(),
                digests: running,
                lacks_image: true,
            });
            continue;
        }
        // What was aborted on its way there, or failed, is not there.
        all_live &= !service.is_unfinished()
            && !service.in_flight()
            && !is_known_bad(&scene.history, &service.name, &live.arn)
            && all_run(&containers, &brought, &running);
        if base.arn != live.arn {
            differences.extend(
                live.differences(&base, DIFFERENCES)
                    .into_iter()
                    .map(|line| format!("{}: {line}", service.name)),
            );
        }
        let brings = match parts.is_empty() {
            true => part.label.clone(),
            false => runs("", &with(parts.clone(), &part)),
        };
        let live_commit = scene.commit_at(service, image, &parts);
        let then: Vec<_> = containers
            .iter()
            .map(|container| (container.clone(), digest.to_string()))
            .collect();
        let told_apart = scene.told_apart(
            (service, &parts, &running),
            (&live_label, &brings),
            (&then, &|_| found.commit.clone()),
        );
        let others: Vec<_> = all
            .into_iter()
            .filter(|name| !containers.contains(name))
            .collect();
        let kept = kept(&others, &base, &live, &running);
        let mut images = brought.in_copy_of(scene, &base)?;
        images.extend(kept);
        let pins = scene.pins(service, &live).await;
        let pins = pins.map_err(|error| denied(error, deploy))?;
        let beside = scene.or_what_it_means(beside(&base, &live, &images, &pins));
        let mut beside = beside.await.map_err(|error| denied(error, deploy))?;
        beside.pull(&mut images);
        let change = Change::Copy {
            base: base.arn,
            images,
        };
        let found = Found {
            service,
            definition: &live,
            running,
            label: live_label,
            pins,
        };
        let planned = scene.planned(found, (change, beside)).await;
        services.push(PlannedService {
            brings: (!parts.is_empty()).then_some(brings),
            live_commit,
            told_apart,
            ..planned.map_err(|error| denied(error, deploy))?
        });
    }
    if services.is_empty() {
        let service = scene.live.first().map_or("", |service| &service.name);
        return Err(match image {
            Some(name) => no_image(deploy, name, true),
            None => no_container(scene, service),
        }
        .into());
    }
    // Where services run different commits, nobody can say what all of them would lose.
    let from = services.first().and_then(|one| one.live_commit.clone());
    let runs_it = |one: &PlannedService| one.live_commit == from;
    let agree = services.iter().all(runs_it);
    let from = from.filter(|_| agree);
    if !target.images.is_empty() {
        share.live_parts.clone_from(&live_parts);
        share.parts = with(live_parts, &part);
    }
    let nothing_changes = all_live && differences.is_empty();
    if nothing_changes {
        share
            .unchanged
            .extend(services.drain(..).map(Unchanged::from));
    }
    let mut plan = scene.frame(share, services);
    plan.git_unasked
        .extend(found.git_unasked.then(|| found.tag.clone()));
    if nothing_changes {
        return Ok(plan);
    }
    let to_prove = ToProve {
        image,
        typed,
        ..ToProve::found(source, &found, &part.label)
    };
    let proved = proofs(scene, to_prove).await?;
    let obstacles = scene.errand.stopped_by(LookedAt::Proofs, proved.obstacles);
    if !obstacles.is_empty() {
        return Err(Refused::Gates(obstacles).into());
    }
    let share = plan.shares.first_mut();
    (share.checks, share.proved) = (proved.checks, proved.proved);
    plan.differences = differences;
    schedules::forward(scene, deploy, &brought, &mut plan).await?;
    if image.is_none() {
        plan.one_offs = one_off(scene, deploy, &brought)
            .await?
            .into_iter()
            .collect();
    }
    // None of them decides anything, and none waits for the others.
    let two = TwoCommits {
        source,
        base: from,
        head: found.commit.clone(),
        watch: target.watched_in(source),
    };
    let (between, endangered, ()) = tokio::join!(
        with_lost(&github, &two),
        retention::endangered(scene, &plan),
        met::keep(scene, image, &found),
    );
    plan.renamed = scene.conversation.old_names();
    let share = plan.shares.first_mut();
    if target.rules.forward_only {
        share.backward = Backward::of(between.commits.as_ref());
    }
    share.commits = between.commits;
    share.watched = between.watched;
    plan.endangered = endangered;
    Ok(plan)
}

/// What is known of the ref, where the image does not prove to be of the commit that it points to.
/// Without a repository a ref is an image's tag, and nothing else.
fn unproved(source: &Source, found: &Resolved) -> Option<Unproved> {
    source.repository.as_ref()?;
    let moves = found.kind != Kind::Commit;
    let points_at = found.points_at.clone().filter(|_| moves);
    let proved = found.commit.is_some()
        && points_at
            .as_ref()
            .is_none_or(|at| found.commit.as_ref() == Some(at));
    (!proved).then(|| Unproved {
        points_at: points_at.map(|commit| (found.name.clone(), commit)),
        pushed_at: found.image.pushed_at,
    })
}

/// Whether each of these containers runs that image, as far as they run at all.
fn all_run(
    containers: &[String],
    brought: &BroughtImage<'_>,
    running: &[(String, String)],
) -> bool {
    let own = running.iter();
    let mut own = own.filter(|(name, _)| containers.contains(name)).peekable();
    own.peek().is_some() && own.all(|(_, running)| brought.is(running))
}

/// What runs once one of the images is another.
fn with(mut parts: Vec<Part>, new: &Part) -> Vec<Part> {
    parts.retain(|part| part.image != new.image);
    parts.push(new.clone());
    parts.sort();
    parts
}

fn no_container(scene: &Scene<'_>, service: &str) -> Refused {
    Refused::NoContainer {
        service: service.to_owned(),
        repository: scene.target.registry_uri(),
    }
}

/// The one-off task that the application runs first: its family's newest revision, with the new image.
async fn one_off(
    scene: &Scene<'_>,
    deploy: &Deploy,
    brought: &BroughtImage<'_>,
) -> Result<Option<PlannedTask>, NoPlan> {
    let Some(task) = &scene.target.before else {
        return Ok(None);
    };
    let family = task.task.clone();
    let head = scene.reach.ecs.describe_task_definition(&family).await;
    let Some(head) = head.map_err(|error| denied(error, deploy))? else {
        return Err(Refused::NoTask { family }.into());
    };
    let head = head.definition();
    if let (false, Some(service)) = (
        head.launch_volumes.is_empty(),
        scene.target.services.first(),
    ) {
        let configured = scene.reach.ecs.launch_volumes(service).await;
        let configured = configured.map_err(|error| denied(error, deploy))?;
        let mut volumes = head.launch_volumes.iter();
        if let Some(volume) = volumes.find(|volume| !configured.contains(volume)) {
            return Err(Refused::NoVolume {
                family,
                volume: volume.clone(),
                service: service.clone(),
            }
            .into());
        }
    }
    let containers = scene.containers_of(None, head);
    let essential = |name: &&String| {
        let named = head.containers.iter().find(|one| one.name == **name);
        named.is_some_and(|one| one.essential)
    };
    let Some(container) = containers.iter().find(essential) else {
        return Err(Refused::NoTaskContainer {
            family,
            repository: scene.target.registry_uri(),
        }
        .into());
    };
    let mut images = brought.in_copy_of(scene, head)?;
    let as_it_was = scene.pins_of_task(head).await;
    let as_it_was = as_it_was.map_err(|error| denied(error, deploy))?;
    images.extend(as_it_was.beside(&images));
    Ok(Some(PlannedTask {
        family,
        base: head.arn.clone(),
        images,
        unpinned: as_it_was.unpinned,
        pins: as_it_was.pins,
        container: container.clone(),
        command: task.command.clone(),
        timeout: task.timeout,
        with: 0,
    }))
}
