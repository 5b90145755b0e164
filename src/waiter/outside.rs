//! Changes made outside of Longshore, at the console, by Terraform or by a pipeline: noticed when ECS
//! says that a rollout is over which is nobody's here, and whenever something is planned. Each is
//! recorded in the history once, so that what is live and what can be gone back to stay right.

use sha2::{Digest, Sha256};

use crate::aws::dynamodb::SayOutcome;
use crate::aws::sts::OnBehalf;
use crate::config::{Config, Target};
use crate::names::Actor;
use crate::names::digest::hex;
use crate::names::version::{Called, runs, version};
use crate::past::{self, Proof, Standing};
use crate::record::lease::ServiceKey;
use crate::record::{Deploy, Outside, Past};
use crate::reply::no_in_short;
use crate::rollout::LiveService;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::event::NamedService;
use crate::waiter::no::no_of;
use crate::waiter::scene::HISTORY;
use crate::waiter::scene::NoPlan;
use crate::waiter::scene::Scene;
use crate::waiter::scene::Visitor;
use crate::waiter::scene::denied;
use crate::waiter::scene::join_parts;
use crate::waiter::scene::keys;
use crate::waiter::scene::stage;

/// What such a look is called in the account's trail, where a deploy's has its id.
const ERRAND: &str = "outside";

/// Records what somebody else has changed before a plan is made, and plans with it.
pub(crate) async fn noticed_by_plan(scene: &mut Scene<'_>, deploy: &Deploy) -> Result<(), NoPlan> {
    match notice(scene).await {
        Ok(()) => Ok(()),
        Err(StepError::Aws(error)) => Err(denied(error, deploy)),
        Err(error) => Err(error.into()),
    }
}

/// ECS said something of a service whose lease nobody holds.
pub(crate) async fn noticed_by_event(
    waiter: &Waiter,
    service: &ServiceKey,
) -> Result<(), StepError> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    // Somebody else's service is none of ours.
    let Some(target) = place_of(&loaded.config, service) else {
        return Ok(());
    };
    let (services, role) = (keys(&target), target.deploy_role_arn());
    let visitor = Visitor {
        on_behalf: OnBehalf {
            deploy: ERRAND,
            actor: &Actor::Longshore,
        },
        policy_hash: String::new(),
        config_version: loaded.version,
        by_copy: None,
    };
    let looked = async {
        let mut scene = stage(waiter, target, visitor).await?;
        // Asked after ECS: what Longshore does there meanwhile is its own.
        for service in &services {
            let lease = waiter.store.lease(service).await?;
            if lease.and_then(|lease| lease.holder).is_some() {
                return Ok(());
            }
        }
        notice(&mut scene).await
    };
    match looked.await {
        Err(StepError::Aws(error)) if !error.is_transient() => {
            let why = no_in_short(&no_of(&error, &role));
            tracing::warn!(service = service.as_str(), %error, why, "a change could not be looked at");
            Ok(())
        }
        looked => looked,
    }
}

/// The configured services of that name in that account and region, whichever their clusters.
pub(crate) async fn services_named(
    waiter: &Waiter,
    named: &NamedService,
) -> Result<Vec<ServiceKey>, StepError> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let there = |target: &Target| {
        target.account.as_str() == named.account && target.region.as_str() == named.region
    };
    let mut found: Vec<ServiceKey> = places(&loaded.config)
        .filter(|target| there(target) && target.services.contains(&named.service))
        .map(|target| {
            let (account, region) = (target.account.as_str(), target.region.as_str());
            ServiceKey::new(account, region, &target.cluster, &named.service)
        })
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// Where a service is deployed. No two applications may deploy the same one.
fn place_of(config: &Config, service: &ServiceKey) -> Option<Target> {
    places(config).find(|target| keys(target).contains(service))
}

fn places(config: &Config) -> impl Iterator<Item = Target> {
    config.applications().flat_map(move |(application, known)| {
        let environments = known.environments.keys();
        environments.filter_map(move |environment| config.target(application, environment))
    })
}

/// Holds what runs against the history, and records what is not in it.
async fn notice(scene: &mut Scene<'_>) -> Result<(), StepError> {
    let mut changed = Vec::new();
    for service in &scene.live {
        if service.in_flight() || !service.is_active() {
            return Ok(());
        }
        if is_changed(scene, service).await? {
            changed.push(service.clone());
        }
    }
    if changed.is_empty() || scene.live.len() < scene.target.services.len() {
        return Ok(());
    }
    let mut successful = true;
    for service in &changed {
        let rollouts = scene.reach.ecs.newest_rollouts(&service.name).await?;
        match past::rollout_of(&rollouts, &service.task_definition) {
            Some(well) => successful &= well,
            None => return Ok(()),
        }
    }
    let outside = Outside {
        registered_by: registered_by(scene, &changed).await?,
        successful,
    };
    let past = entry(scene, outside).await?;
    if !scene.errand.keeps() {
        scene.history.insert(0, past);
        return Ok(());
    }
    let (app, env) = (&past.application, &past.environment);
    let store = &scene.waiter.store;
    if store.put_outside(&past, &mark(&scene.live)).await? == SayOutcome::Said {
        tracing::warn!(application = %app, environment = %env, version = past.label,
            "somebody changed what runs outside of Longshore");
    }
    scene.history = store.history_at(app, env, HISTORY).await?;
    Ok(())
}

/// Whether what a service runs was brought by nobody here.
async fn is_changed(scene: &Scene<'_>, service: &LiveService) -> Result<bool, StepError> {
    match past::standing(&scene.history, &service.name, &service.task_definition) {
        Standing::Unknown => Ok(false),
        Standing::Outside(_) => Ok(true),
        // What was deployed here is pinned. What was found may name a tag, and that moves.
        Standing::Ours(found) if found.id.is_none() => {
            let running = scene.running(service).await?;
            Ok(running.iter().any(|(container, digest)| {
                let mut known = found.digests.iter().filter(|(name, _)| name == container);
                known.clone().next().is_some() && known.all(|(_, known)| known != digest)
            }))
        }
        Standing::Ours(_) => Ok(false),
    }
}

/// Who registered what runs now, if that is not one of the history's own revisions.
async fn registered_by(
    scene: &Scene<'_>,
    changed: &[LiveService],
) -> Result<Option<String>, StepError> {
    for service in changed {
        let revision = &service.task_definition;
        let revision = past::ran_as(&scene.history, &service.name, revision);
        let known = |past: &Past| past.revisions.iter().any(|(_, known)| known == revision);
        if !scene.history.iter().any(known) {
            let definition = scene.reach.definition(revision).await?;
            if definition.registered_by.is_some() {
                return Ok(definition.registered_by);
            }
        }
    }
    Ok(None)
}

/// The history's entry of what runs now.
async fn entry(scene: &Scene<'_>, outside: Outside) -> Result<Past, StepError> {
    let mut digests = Vec::new();
    let mut revisions = Vec::new();
    let mut parts = Vec::new();
    let mut proof = Proof::default();
    for service in &scene.live {
        let all = scene.running(service).await?;
        let (_, more) = scene.version_of(service, &all).await?;
        join_parts(&mut parts, more);
        proof.runs(&all, service.desired);
        for running in all {
            if !digests.contains(&running) {
                digests.push(running);
            }
        }
        revisions.push((service.name.clone(), service.task_definition.clone()));
    }
    // An image that was here before keeps its name.
    let holds = |past: &&Past| {
        !digests.is_empty() && digests.iter().all(|digest| past.digests.contains(digest))
    };
    let before = scene.history.iter().find(holds);
    let commit = match (before, digests.first()) {
        _ if !parts.is_empty() => parts.first().and_then(|part| part.commit.clone()),
        (Some(past), _) => past.commit.clone(),
        (None, Some((_, digest))) => scene.commit_of(digest).await?.map(String::from),
        (None, None) => None,
    };
    let label = match (before, &commit, digests.first()) {
        _ if !parts.is_empty() => runs("", &parts),
        (Some(past), _, _) => past.label.clone(),
        (None, commit, digest) => {
            let commit = commit.as_ref().and_then(|commit| commit.parse().ok());
            let digest = digest.map(|(_, digest)| digest.as_str());
            let known = version(&Called::Itself, commit.as_ref(), digest);
            known.unwrap_or_else(|| "an unknown version".to_owned())
        }
    };
    let now = scene.waiter.now();
    Ok(Past {
        id: None,
        verb: None,
        application: scene.target.application.clone(),
        environment: scene.target.environment.clone(),
        requester: Actor::Longshore,
        requested_at: now,
        started_at: None,
        verdict: None,
        ended_at: Some(now),
        label,
        repository: scene.target.source.repository.clone(),
        left_alone: Vec::new(),
        idle: proof.idle(),
        digests,
        commit,
        parts,
        revisions,
        pins: scene.pins_of_all(&scene.live).await?,
        copies: Vec::new(),
        left: Vec::new(),
        commits: None,
        back_to: None,
        ran_already: false,
        stopped: None,
        outside: Some(outside),
        schedules: Vec::new(),
        ran_task: None,
    })
}

/// Tells one change from every other at its place: by what ECS calls the deployments that brought it.
fn mark(live: &[LiveService]) -> String {
    let mut seen = Sha256::new();
    for service in live {
        let primary = service.primary().map_or("", |primary| primary.id.as_str());
        for part in [&service.name, primary, &service.task_definition] {
            seen.update(part);
            seen.update([0]);
        }
    }
    let mut mark = hex(&seen.finalize());
    mark.truncate(32);
    mark
}
