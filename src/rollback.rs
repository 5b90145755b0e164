//! `rollback APP on ENV [to DEPLOY]`, planned: an earlier deploy exactly as it ran then. Never
//! needs GitHub.

mod ways;

use jiff::SignedDuration;

use self::ways::{Ran, Then, Way};
use crate::names::{ContainerName, DeployId};
use crate::past::ran_as;
use crate::plan::{
    Candidate, Change, Plan, PlannedService, Unchanged, crossed, runs_already, ways_back,
};
use crate::planning::{Found, NoPlan, Scene, denied};
use crate::record::{Cancel, Deploy, Part, Past, Verdict, runs};
use crate::refusal::{NoWayBack, Refusal};
use crate::schedules;
use crate::waiter::Waiter;

/// Slack's timestamps are whole seconds of its own clock.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(2);
/// Versions offered to go back to, at most.
const OFFERED: usize = 5;
/// Lines of task definition differences shown at most.
const DIFFERENCES: usize = 20;

/// The plan of a rollback.
pub(crate) async fn plan(
    scene: &Scene<'_>,
    deploy: &Deploy,
    (to, several): (Option<&DeployId>, bool),
) -> Result<Plan, NoPlan> {
    let mut live_digests = Vec::new();
    let mut running = Vec::new();
    for service in &scene.live {
        let digests = scene.running(service).await;
        let digests = digests.map_err(|error| denied(error, deploy))?;
        live_digests.extend(digests.iter().cloned());
        running.push(digests);
    }
    // Back means to what last ran well, whatever image somebody else is rolling out just now.
    if !scene.foreign.is_empty() {
        live_digests.clear();
    }
    let pasts = match to {
        Some(id) => vec![named(scene, deploy, id, &live_digests).await?],
        None if has_moved_on(scene, deploy) => {
            return Err(Refusal::KeepsChanging {
                application: deploy.application.clone(),
                environment: deploy.environment.clone(),
            }
            .into());
        }
        None => ways_back(&scene.history, &live_digests, OFFERED)
            .into_iter()
            .cloned()
            .collect(),
    };
    let ways = ways::check(scene, deploy, pasts).await?;
    let candidates: Vec<Candidate> = ways.iter().map(Way::candidate).collect();
    let (past, services) = chosen(scene, deploy, (to.is_none(), several), ways)?;
    let parts = parts(scene, &past, &services);
    let mut plan = scene.frame(runs(&past.label, &parts));
    plan.parts = parts;
    plan.confirm = scene.target.confirm_rollback;
    plan.commit = past.own_commit().and_then(|commit| commit.parse().ok());
    plan.goes_back_to = past.id.as_ref().map(ToString::to_string);
    plan.crossed = crossed(&scene.history, &past);
    if to.is_none() {
        plan.candidates = candidates;
    }
    for (service, running) in scene.live.iter().zip(running) {
        let Some(then) = services.iter().find(|then| then.service == service.name) else {
            continue;
        };
        if then.definition.arn == ran_as(&scene.history, &service.name, &service.task_definition) {
            // ECS rolls nothing out where nothing changes, so there would be nothing to watch.
            plan.unchanged.push(Unchanged {
                service: service.name.clone(),
                live: service.task_definition.clone(),
                digests: running,
                lacks_image: false,
            });
            continue;
        }
        let live = scene.reach.definition(&service.task_definition).await;
        let live = live.map_err(|error| denied(error, deploy))?;
        let differences = live.differences(&then.definition, DIFFERENCES);
        let of = |line: String| format!("{}: {line}", service.name);
        plan.differences.extend(differences.into_iter().map(of));
        let images = then.images.iter().map(Ran::pinned).collect();
        let version = scene.version_of(service, &running).await;
        let (live_label, live_parts) = version.map_err(|error| denied(error, deploy))?;
        let own = plan.parts.iter().filter(|part| then.runs(scene, part));
        let own: Vec<Part> = own.cloned().collect();
        let label = runs(&past.label, &own);
        let then_ran: Vec<_> = then.images.iter().map(Ran::digest).collect();
        let told_apart = scene.told_apart(
            (service, &live_parts, &running),
            (&live_label, &label),
            (&then_ran, &|image| past.part(image)?.commit?.parse().ok()),
        );
        // A revision that names a tag would run whatever the tag means today, and one that was
        // deregistered cannot be given to a service: then a copy is, with the digest that ran.
        let revision = then.definition.arn.clone();
        let change = match then.as_it_is {
            true => Change::Exactly { revision, images },
            false => Change::Copy {
                base: revision,
                images,
            },
        };
        let pins = scene.pins(service, &live).await;
        let found = Found {
            service,
            definition: &live,
            running,
            label: live_label,
            pins: pins.map_err(|error| denied(error, deploy))?,
        };
        let planned = scene.planned(found, (change, then.beside.clone())).await;
        plan.services.push(PlannedService {
            brings: (!own.is_empty()).then(|| runs("", &own)),
            told_apart,
            ..planned.map_err(|error| denied(error, deploy))?
        });
    }
    let no_way = |why: NoWayBack| no_way(deploy, past.id.clone(), why);
    let ran: Vec<_> = services.iter().flat_map(Then::by_name).collect();
    plan.schedules = schedules::back(scene, deploy, (&past, &ran), no_way).await?;
    match plan.services.is_empty() {
        true => Err(no_way(NoWayBack::Live).into()),
        false => Ok(plan),
    }
}

/// Every image that would run, where the application has several.
fn parts(scene: &Scene<'_>, past: &Past, services: &[Then]) -> Vec<Part> {
    if scene.target.images.is_empty() {
        return Vec::new();
    }
    let part = |image: Option<&ContainerName>| {
        let images = || services.iter().flat_map(|then| &then.images);
        let ran = images().find(|ran| scene.image_in(&ran.container) == image)?;
        let unknown = || Part::new(image, ran.digest.short(), None);
        Some(past.part(image).unwrap_or_else(unknown))
    };
    let sources = scene.target.sources();
    sources.filter_map(|(image, _)| part(image)).collect()
}

/// The refusal of one way back: what was found at first has no name to be refused by.
fn no_way(deploy: &Deploy, id: Option<DeployId>, why: NoWayBack) -> Refusal {
    let (application, environment) = (deploy.application.clone(), deploy.environment.clone());
    match id {
        Some(id) => Refusal::NoWayBack {
            id,
            application,
            environment,
            why,
        },
        None => Refusal::NothingToRollBackTo {
            application,
            environment,
        },
    }
}

/// The newest way back that works. Whoever is asked first is shown why a newer one does not; where
/// nobody is asked, the newest must, because further back than that is not what was meant.
fn chosen(
    scene: &Scene<'_>,
    deploy: &Deploy,
    (unnamed, several): (bool, bool),
    ways: Vec<Way>,
) -> Result<(Past, Vec<Then>), NoPlan> {
    let (application, environment) = (deploy.application.clone(), deploy.environment.clone());
    let others: Vec<(DeployId, String)> = ways
        .iter()
        .filter(|way| way.services.is_ok())
        .filter_map(|way| Some((way.past.id.clone()?, way.past.runs())))
        .collect();
    // The question of several applications shows no list for each of them.
    let further_back = scene.target.confirm_rollback && !several;
    let mut newest = None;
    for way in ways {
        let why = match way.services {
            Ok(services) if newest.is_none() || further_back => {
                return Ok((way.past, services));
            }
            Ok(_) => continue,
            Err(why) => why,
        };
        newest.get_or_insert((way.past, why));
    }
    Err(match newest {
        None => Refusal::NothingToRollBackTo {
            application,
            environment,
        },
        Some((past, why)) if unnamed => Refusal::NewestCannotRun {
            application,
            environment,
            label: past.runs(),
            why,
            others,
        },
        Some((past, why)) => no_way(deploy, past.id, why),
    }
    .into())
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
            Some(other) if !other.is_about(&deploy.application, &deploy.environment) => {
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
    };
    match busy.is_stop_refused() {
        true => waiter.wish_again(&busy.id, cancel).await?,
        // Whoever was quicker wants the same.
        false => drop(waiter.store.put_cancel(&busy.id, &cancel).await?),
    }
    Ok(Refusal::StoppedInstead {
        id: busy.id.clone(),
        application: busy.application.clone(),
        environment: busy.environment.clone(),
    }
    .into())
}
