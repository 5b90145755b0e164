//! `rollback APP on ENV [to DEPLOY]`, planned: an earlier deploy exactly as it ran then. Never
//! needs GitHub.

mod named;
mod ways;

use jiff::{SignedDuration, Timestamp};

use self::named::Sought;
use self::ways::{Ran, RanWell, Then};
use crate::names::version::Gone;
use crate::names::version::Part;
use crate::names::version::runs;
use crate::names::{Actor, ContainerName, DeployId, Ref};
use crate::past::{Live, Stack, asked_for, crossed, deployed, ran_as};
use crate::plan::{Candidate, CannotRun, Change, GoesBack, Plan, PlannedService, Unchanged};
use crate::policy::Doubt;
use crate::record::{Cancel, Deploy, NoBack, NoWayBack, Past, Refused, Stops, Verdict};
use crate::request::{Entry, EntryKey, Verb};
use crate::waiter::context::Waiter;
use crate::waiter::planning::between::taken_away;
use crate::waiter::scene::Found;
use crate::waiter::scene::NoPlan;
use crate::waiter::scene::Scene;
use crate::waiter::scene::denied;
use crate::waiter::scene::join_parts;
use crate::waiter::schedules;

/// Slack's timestamps are whole seconds of its own clock.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(2);
/// Versions offered to go back to, at most; and of those that were rolled back from.
const OFFERED: usize = 5;
/// Lines of task definition differences shown at most.
const DIFFERENCES: usize = 20;

/// Where a rollback is to go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal<'a> {
    /// To this deploy.
    pub(crate) to: Option<&'a DeployId>,
    /// The same as it was typed, which may be a version that ran.
    pub(crate) version: Option<&'a Ref>,
    /// Away from what this entry brought.
    pub(crate) away_from: Option<&'a Entry>,
    /// To this one of those that the question listed.
    pub(crate) chosen: Option<EntryKey>,
    /// Whether other applications go back with it.
    pub(crate) several: bool,
}

impl Goal<'_> {
    /// Whether somebody named what to go back to.
    fn is_named(&self) -> bool {
        self.to.is_some() || self.version.is_some()
    }
}

/// The plan of a rollback.
pub(crate) async fn plan(
    scene: &Scene<'_>,
    deploy: &Deploy,
    wanted: Goal<'_>,
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
    let stack = Stack::of(&scene.history);
    let live = Live::Runs(&live_digests);
    let (pasts, known) = match wanted.away_from {
        None if wanted.is_named() => {
            let known = stack.ways(live, OFFERED);
            let place = Sought {
                scene,
                deploy,
                live: &live_digests,
                ways: &known.back,
            };
            (vec![place.named(wanted).await?], known)
        }
        Some(entry) => {
            match stack.there(entry, live) {
                Ok(()) => {}
                // The others go back all the same.
                Err(gone) if wanted.several => {
                    let label = gone.label.clone().unwrap_or_default();
                    let mut share = scene.share(label);
                    share.gone = Some(gone);
                    return Ok(scene.frame(share, Vec::new()));
                }
                Err(gone) => return Err(is_gone(deploy, gone, scene.waiter.now()).into()),
            }
            let known = stack.ways_away_from(entry, live, OFFERED);
            (known.back.iter().copied().cloned().collect(), known)
        }
        None if has_moved_on(scene, deploy) => {
            return Err(Refused::KeepsChanging {
                application: deploy.application().clone(),
                environment: deploy.environment.clone(),
            }
            .into());
        }
        None => {
            let known = stack.ways(live, OFFERED);
            (known.back.iter().copied().cloned().collect(), known)
        }
    };
    let left = known.left.iter().map(|(past, left)| Candidate {
        left: Some(left.clone()),
        ..stack.candidate(past)
    });
    let left: Vec<Candidate> = left.collect();
    let ways = ways::check(scene, deploy, pasts).await?;
    let candidates: Vec<Candidate> = ways.iter().map(|way| way.candidate(&stack)).collect();
    let (past, all_then) = chosen(scene, deploy, wanted, (ways, &left))?;
    let parts = parts(scene, &past, &all_then);
    let mut share = scene.share(runs(&past.label, &parts));
    share.parts = parts;
    share.repository.clone_from(&scene.target.source.repository);
    share.commit = past.own_commit().and_then(|commit| commit.parse().ok());
    share.goes_back = Some(GoesBack {
        to: past.entry(),
        leaves: known.from.map(Past::entry),
        way: stack.candidate(&past),
        marked: stack.mark(&past).is_some(),
        forward: known.from.and_then(|from| forward(scene, from)),
    });
    // Of several applications, nobody chooses for one of them.
    if !wanted.is_named() && !wanted.several {
        share.candidates = candidates;
        share.rolled_back_from = left;
    }
    let mut services = Vec::new();
    let mut all_differences = Vec::new();
    let mut all_live_parts = Vec::new();
    for (service, running) in scene.live.iter().zip(running) {
        let Some(then) = all_then.iter().find(|then| then.service == service.name) else {
            continue;
        };
        if then.definition.arn == ran_as(&scene.history, &service.name, &service.task_definition) {
            // ECS rolls nothing out where nothing changes, so there would be nothing to watch.
            share.unchanged.push(Unchanged {
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
        all_differences.extend(differences.into_iter().map(of));
        let images = then.images.iter().map(Ran::pinned).collect();
        let version = scene.version_of(service, &running).await;
        let (live_label, live_parts) = version.map_err(|error| denied(error, deploy))?;
        join_parts(&mut all_live_parts, live_parts.clone());
        let own = share.parts.iter().filter(|part| then.runs(scene, part));
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
        services.push(PlannedService {
            brings: (!own.is_empty()).then(|| runs("", &own)),
            live_commit: scene.commit_at(service, None, &live_parts),
            told_apart,
            ..planned.map_err(|error| denied(error, deploy))?
        });
    }
    let no_way = |why: NoWayBack| no_way(deploy, past.id.clone(), why);
    let ran: Vec<_> = all_then.iter().flat_map(Then::by_name).collect();
    let live = scene.live_commit(None, &all_live_parts);
    let then = share.own_commit().and_then(|commit| commit.parse().ok());
    let (schedules, away) = tokio::join!(
        schedules::back(scene, deploy, &past, &ran, no_way),
        taken_away(scene, live, then),
    );
    let schedules = schedules?;
    share.commits = away.commits;
    share.watched = away.watched;
    match services.is_empty() {
        true => Err(no_way(NoWayBack::CannotRun(CannotRun::Live)).into()),
        false => Ok(Plan {
            confirm: scene.target.confirm_rollback,
            differences: all_differences,
            crossed: crossed(&scene.history, &past),
            schedules,
            ..scene.frame(share, services)
        }),
    }
}

/// The deploy that brought what a rollback leaves, to be asked for once more: its own image, whatever its ref
/// names by then. None of what no deploy of ours brought.
fn forward(scene: &Scene<'_>, from: &Past) -> Option<Verb> {
    let service = &scene.live.first()?.name;
    let brought = deployed(&scene.history, from, service)?;
    match (brought.verb.clone(), &brought.id) {
        (
            Some(Verb::Deploy {
                reference, image, ..
            }),
            Some(id),
        ) => Some(Verb::Deploy {
            reference,
            image,
            again: Some(id.clone()),
            from: None,
        }),
        _ => None,
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
fn no_way(deploy: &Deploy, id: Option<DeployId>, why: NoWayBack) -> Refused {
    let (application, environment) = (deploy.application().clone(), deploy.environment.clone());
    match id {
        Some(id) => Refused::NoWayBack {
            id,
            application,
            environment,
            why,
        },
        None => NoBack::NothingToRollBackTo {
            application,
            environment,
            left: Vec::new(),
        }
        .into(),
    }
}

/// The way back that was chosen, else the newest one that works. Whoever is asked first is shown why a newer one does not; where
/// nobody is asked, the newest must, because further back than that is not what was meant.
fn chosen(
    scene: &Scene<'_>,
    deploy: &Deploy,
    wanted: Goal<'_>,
    (mut ways, left): (Vec<RanWell>, &[Candidate]),
) -> Result<(Past, Vec<Then>), NoPlan> {
    let is_chosen = |way: &RanWell| Some(way.past.entry().key()) == wanted.chosen;
    if let Some(at) = ways.iter().position(is_chosen)
        && ways[at].services.is_ok()
    {
        ways.swap(0, at);
    }
    let (application, environment) = (deploy.application().clone(), deploy.environment.clone());
    let others: Vec<(String, String)> = ways
        .iter()
        .filter(|way| way.services.is_ok())
        .filter_map(|way| Some((way.past.typed()?, way.past.runs())))
        .collect();
    // The question of several applications shows no list for each of them.
    // Nor is an operator, who agreed at the terminal to what was shown there.
    let asked = matches!(deploy.requester, Actor::Slack { .. });
    let further_back = scene.target.confirm_rollback && !wanted.several && asked;
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
        None => Refused::from(NoBack::NothingToRollBackTo {
            application,
            environment,
            left: left.to_vec(),
        }),
        Some((past, why)) if !wanted.is_named() => NoBack::NewestCannotRun {
            application,
            environment,
            label: past.runs(),
            why,
            others,
        }
        .into(),
        Some((past, why)) => no_way(deploy, past.id, NoWayBack::CannotRun(why)),
    }
    .into())
}

/// The refusal of going away from what is not there.
pub(crate) fn is_gone(deploy: &Deploy, gone: Gone, now: Timestamp) -> Refused {
    NoBack::IsGone {
        gone,
        application: deploy.application().clone(),
        environment: deploy.environment.clone(),
        now,
    }
    .into()
}

/// Whether something else has come up there since this was asked for. "Back" meant back from what
/// ran then: of two requests for it, the second would bring the bad one back.
fn has_moved_on(scene: &Scene<'_>, deploy: &Deploy) -> bool {
    let asked = deploy.requested_at + CLOCKS_DIFFER;
    scene.history.iter().any(|past| {
        past.verdict == Some(Verdict::Succeeded) && past.ended_at.is_some_and(|at| at > asked)
    })
}

/// A rollback while a deploy is still rolling out there: that deploy is asked to stop and go back,
/// and this request ends with saying so.
pub(crate) async fn instead(
    waiter: &Waiter,
    deploy: &Deploy,
    busy: &Deploy,
    by_copy: Option<Doubt>,
) -> Result<NoPlan, NoPlan> {
    let cancel = Cancel {
        by: deploy.requester.clone(),
        at: deploy.requested_at,
        by_copy,
    };
    match busy.is_stop_refused() {
        true => waiter.wish_again(&busy.id, cancel).await?,
        // Whoever was quicker wants the same.
        false => drop(waiter.store.put_cancel(&busy.id, &cancel).await?),
    }
    Ok(NoPlan::Stops(Box::new(stopped(busy))))
}

fn stopped(busy: &Deploy) -> Stops {
    let plan = busy.plan.as_ref();
    let back_to = plan.filter(|_| busy.has_begun());
    Stops {
        deploy: busy.id.clone(),
        label: plan.map_or_else(|| asked_for(busy), Plan::label),
        back_to: back_to.map(|plan| plan.live_label().to_owned()),
    }
}
