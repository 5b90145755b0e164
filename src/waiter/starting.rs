//! Starting: the leases on every service, all or none, and one more look at what the plan stands
//! on. Only after both may anything be changed.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::aws::dynamodb::{TakeOutcome, TakeOver};
use crate::gate::Obstacle;
use crate::plan::{Plan, policies};
use crate::record::lease::leases_of;
use crate::record::lease::{Lease, ServiceKey};
use crate::record::{
    Deploy, Leave, Phase, PlanMoved, Refused, RightRefused, ServicePhase, Verdict, Why,
};
use crate::request::Verb;
use crate::telemetry;
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::reach::Reach;
use crate::waiter::rolling;
use crate::waiter::scene::proofs::{ToProve, proofs};
use crate::waiter::scene::source::{PromotedFrom, moved_on};
use crate::waiter::scene::{NoPlan, Scene, gates, scene};

/// How often a plan may go stale without being asked about before the request is refused.
const REPLANS: u32 = 3;
/// How soon to look again while an expired lease's holder is still rolling out.
const SOON: Duration = Duration::from_secs(10);

/// Takes the leases, checks the plan once more, and opens the way for the rollout.
pub(crate) async fn start(waiter: &Waiter, hand: &mut InHand) -> Result<Act, StepError> {
    if let Some(cancel) = &hand.dossier.cancel {
        hand.deploy.cancel = Some(cancel.clone());
        find_leases(waiter, hand).await?;
        return Ok(Act::End(Verdict::Cancelled, Why::Said));
    }
    let Some(plan) = hand.deploy.plan.clone() else {
        hand.deploy.plan_anew(waiter.now());
        return Ok(Act::Again);
    };
    if !has_leases(&hand.deploy) {
        match take(waiter, hand, &plan).await? {
            Taking::Taken => waiter.write(hand).await?,
            Taking::Later => return Ok(Act::Wait(SOON)),
            Taking::Busy(holder) => {
                let refused = gates::refused_by(&holder);
                return Ok(Act::End(Verdict::Refused, refused.into()));
            }
        }
    }
    // Looked at only now: nobody of ours can change anything there any more.
    let each = hand.deploy.each();
    let mut scenes = Vec::new();
    for scene in join_all(each.iter().map(|one| scene(waiter, one))).await {
        match scene {
            Ok(scene) => scenes.push(scene),
            Err(NoPlan::Refused(refused)) => {
                return Ok(Act::End(Verdict::Refused, Why::Refused(refused)));
            }
            Err(NoPlan::Stops(stops)) => {
                let refused = Refused::StoppedInstead { id: stops.deploy };
                return Ok(Act::End(Verdict::Refused, refused.into()));
            }
            Err(NoPlan::Denied(error)) => return Err(error.into()),
            // Nobody waits with leases in hand for what Slack says.
            Err(NoPlan::Failed(StepError::NotKnown(denied))) => {
                let refused = Refused::Denied(*denied);
                return Ok(Act::End(Verdict::Refused, refused.into()));
            }
            Err(NoPlan::Failed(error)) => return Err(error),
        }
    }
    // Before anything is planned again: what keeps a deploy out now, keeps it out for good.
    let refused = at_the_gates(&hand.deploy, &plan, &scenes).await?;
    if !refused.is_said() {
        return Ok(Act::End(Verdict::Refused, refused));
    }
    if let Some(moved) = moved(&plan, &scenes) {
        return stale(waiter, hand, moved).await;
    }
    let now = waiter.now();
    // It is the environment's, and so the same for all of them.
    let deadline = scenes.first().map(|scene| scene.target.deadline);
    let deadline = SignedDuration::try_from(deadline.unwrap_or_default());
    let deadline = deadline.unwrap_or(SignedDuration::MAX);
    hand.deploy.started_at = Some(now);
    hand.deploy.deadline = now.checked_add(deadline).ok();
    hand.deploy.phase = Phase::Rolling;
    telemetry::phase(&hand.deploy);
    Ok(Act::Again)
}

/// Why nothing may begin any more, by the same gates as when it was planned.
async fn at_the_gates(
    deploy: &Deploy,
    plan: &Plan,
    scenes: &[Scene<'_>],
) -> Result<Why, StepError> {
    let mut each = Vec::new();
    for (one, scene) in deploy.each().iter().zip(scenes) {
        // What is left alone has no lease of ours. Of two deploys that begin at once, each leaving alone
        // what the other changes, one at least finds the other's here.
        let busy = match plan.unchanged().next() {
            None => None,
            Some(_) => gates::busy(scene, deploy).await?,
        };
        let mut obstacles = gates::obstacles(scene, busy.as_ref());
        obstacles.extend(not_proved(one, plan, scene).await?);
        if !obstacles.is_empty() {
            let refused = Refused::Gates(obstacles);
            each.push((scene.target.application.clone(), refused));
        }
    }
    Ok(match (each.as_slice(), scenes.len()) {
        ([], _) => Why::Said,
        ([(_, refused)], 1) => refused.clone().into(),
        _ => Why::RefusedEach(each),
    })
}

/// What the image has not proved any more: a check may have been run again meanwhile, or somebody took it back where
/// it had succeeded.
async fn not_proved(
    one: &Deploy,
    plan: &Plan,
    scene: &Scene<'_>,
) -> Result<Vec<Obstacle>, StepError> {
    let Verb::Deploy {
        image,
        reference,
        from,
        ..
    } = one.verb()
    else {
        return Ok(Vec::new());
    };
    let image = image.as_ref();
    let share = plan.own(one.application()).map(|(share, _)| share);
    let changed = share.filter(|share| share.services > 0);
    let source = scene.target.source_of(image);
    let planned = changed.zip(source);
    match planned.and_then(|(share, source)| ToProve::planned(source, share)) {
        Some(planned) => {
            let typed = reference.as_ref();
            let to_prove = ToProve {
                image,
                typed,
                ..planned
            };
            let mut obstacles = proofs(scene, to_prove).await?.obstacles;
            if let (Some(environment), Some(share)) = (from, changed) {
                let from = PromotedFrom { environment, image };
                obstacles.extend(moved_on(scene, one, from, share).await?);
            }
            Ok(obstacles)
        }
        None => Ok(Vec::new()),
    }
}

fn has_leases(deploy: &Deploy) -> bool {
    deploy
        .services
        .iter()
        .all(|service| service.fence.is_some())
}

/// A step before this one may have taken the leases and died before it wrote that down. What it
/// took is found by taking it again, so that the verdict frees it.
async fn find_leases(waiter: &Waiter, hand: &mut InHand) -> Result<(), StepError> {
    let Some(plan) = &hand.deploy.plan else {
        return Ok(());
    };
    if has_leases(&hand.deploy) {
        return Ok(());
    }
    let keys = keys_of(&hand.deploy, plan);
    let taken = waiter
        .store
        .take_leases(&hand.deploy.id, &keys, &[], waiter.now())
        .await?;
    if let TakeOutcome::Taken(fences) = taken {
        note_fences(&mut hand.deploy, fences);
    }
    Ok(())
}

/// The leases a deploy needs, in its services' order.
fn keys_of(deploy: &Deploy, plan: &Plan) -> Vec<ServiceKey> {
    let services = deploy.services.iter();
    services
        .map(|state| ServiceKey::of(plan, &state.service))
        .collect()
}

fn note_fences(deploy: &mut Deploy, fences: Vec<u64>) {
    for (service, fence) in deploy.services.iter_mut().zip(fences) {
        service.fence = Some(fence);
    }
}

enum Taking {
    Taken,
    Later,
    /// By this deploy.
    Busy(Box<Deploy>),
}

async fn take(waiter: &Waiter, hand: &mut InHand, plan: &Plan) -> Result<Taking, StepError> {
    let me = hand.deploy.id.clone();
    let keys = keys_of(&hand.deploy, plan);
    let now = waiter.now();
    let mut over = Vec::new();
    // Every round either takes all, or learns of one more lease that may be taken over.
    for _ in 0..=keys.len() {
        match waiter.store.take_leases(&me, &keys, &over, now).await? {
            TakeOutcome::Taken(fences) => {
                note_fences(&mut hand.deploy, fences);
                return Ok(Taking::Taken);
            }
            TakeOutcome::Held { service, lease } => {
                match may_take_over(waiter, &service, &lease, hand).await? {
                    Held::Over(take) => over.push(take),
                    Held::Busy(holder) => return Ok(Taking::Busy(holder)),
                    Held::StillRolling => return Ok(Taking::Later),
                }
            }
        }
    }
    Ok(Taking::Later)
}

enum Held {
    /// Its holder is done, or expired with nothing in flight.
    Over(TakeOver),
    /// Its holder is at work.
    Busy(Box<Deploy>),
    /// It expired, but ECS still shows its holder's rollout.
    StillRolling,
}

/// Judges whether a lease may be taken from its holder: expired by the stored time, and ECS shows no
/// rollout of the holder's in flight.
async fn may_take_over(
    waiter: &Waiter,
    service: &ServiceKey,
    lease: &Lease,
    hand: &InHand,
) -> Result<Held, StepError> {
    let (Some(holder), Some(over)) = (&lease.holder, TakeOver::of(service, lease)) else {
        return Ok(Held::StillRolling);
    };
    let over = Held::Over(over);
    let Some(open) = waiter.open_deploy(holder).await? else {
        // A verdict frees its leases in the same transaction; a record that is gone frees none.
        return Ok(over);
    };
    if waiter.now() < lease.expires_at {
        return Ok(Held::Busy(Box::new(open)));
    }
    if let (Some(plan), true) = (&open.plan, open.has_started() || open.ran_task()) {
        let reach = waiter.reach(&hand.deploy, plan).await?;
        if rolling::runs_task(&reach, plan, &open).await? {
            return Ok(Held::StillRolling);
        }
        for state in &open.services {
            if ServiceKey::of(plan, &state.service) == *service
                && is_moving(&reach, &state.service).await?
            {
                return Ok(Held::StillRolling);
            }
        }
    }
    tracing::warn!(
        deploy = %hand.deploy.id,
        holder = %holder,
        fence = lease.fence,
        "taking over an expired lease"
    );
    Ok(over)
}

/// Whether ECS shows any rollout that is not over: forwards, or on the holder's way back.
async fn is_moving(reach: &Reach, service: &str) -> Result<bool, StepError> {
    Ok(reach.ecs.is_rolling(service).await?)
}

/// What has changed of that on which the plan stands: a live revision, what others roll out, or the policy.
fn moved(plan: &Plan, scenes: &[Scene<'_>]) -> Option<PlanMoved> {
    let runs = |name: &String, revision: &String| {
        let mut all = scenes.iter().flat_map(|scene| &scene.live);
        all.any(|live| live.name == *name && live.task_definition == *revision)
    };
    let planned = plan.services.iter().map(|one| (&one.service, &one.live));
    let unchanged = plan.unchanged().map(|one| (&one.service, &one.live));
    let mut all = planned.chain(unchanged);
    if let Some((service, _)) = all.find(|(service, live)| !runs(service, live)) {
        return Some(PlanMoved::Live(service.clone()));
    }
    let live = scenes.iter().flat_map(|scene| &scene.live);
    let policies = policies(scenes.iter().map(|scene| scene.policy_hash.as_str()));
    match (plan.knows_foreign(live), plan.policy_hash == policies) {
        (false, _) => Some(PlanMoved::Foreign),
        (true, false) => Some(PlanMoved::Rules),
        (true, true) => None,
    }
}

/// Plans again, and asks again where people were asked. What was allowed once is allowed no more.
async fn stale(waiter: &Waiter, hand: &mut InHand, moved: PlanMoved) -> Result<Act, StepError> {
    if let Some(refused) = not_as_allowed(&hand.deploy, moved) {
        return Ok(Act::End(Verdict::Refused, refused.into()));
    }
    tracing::info!(deploy = %hand.deploy.id, "the plan went stale; planning again");
    let leases = leases_of(&hand.deploy);
    waiter
        .store
        .release_leases(&hand.deploy.id, &leases, waiter.now())
        .await?;
    for service in &mut hand.deploy.services {
        service.fence = None;
        service.phase = ServicePhase::Waiting;
    }
    hand.deploy.replans += 1;
    if hand.deploy.replans > REPLANS {
        return Ok(Act::End(
            Verdict::Refused,
            Refused::KeepsChanging {
                application: hand.deploy.application().clone(),
                environment: hand.deploy.environment.clone(),
            }
            .into(),
        ));
    }
    let now = hand.now;
    hand.deploy.plan_anew(now);
    Ok(Act::Again)
}

fn not_as_allowed(deploy: &Deploy, what: PlanMoved) -> Option<Refused> {
    let allowed = deploy.plea.as_ref()?.allowed.as_ref()?;
    (allowed.leave == Leave::Once).then(|| {
        let by = allowed.by.clone();
        RightRefused::Moved { by, what }.into()
    })
}
