//! Planning: what a deploy would do, read from the configuration, ECS, ECR and GitHub, and every
//! reason not to. Changes nothing in the account.
//!
//! Each verb plans in its own file, on the scene that is read for all of them ([`crate::waiter::scene`]). Here
//! is what comes before and after: who is busy there, what cannot be touched, and one plan of several.

mod baseline;
pub(crate) mod deploy;
pub(crate) mod restart;
pub(crate) mod rollback;
mod waiting;

use std::time::Duration;

use futures_util::future::join_all;

use self::baseline::baseline;
use crate::config::Rollouts;
use crate::github::Conversation;
use crate::log;
use crate::plan::Plan;
use crate::policy::{Action, authorize};
use crate::record::lease::Lease;
use crate::record::{Deploy, OneOffState, Past, Phase, ScheduleState, ServiceState, Verdict};
use crate::refusal::Refusal;
use crate::request::Verb;
use crate::rollout::Controller;
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::outside;
use crate::waiter::scene::{HISTORY, NoPlan, Scene, denied, foreign, keys, no_access, scene};

/// How long planning is tried against AWS and GitHub before the request is refused. Nothing has
/// been changed by then, so refusing is safe.
pub(crate) const GIVE_UP_AFTER: Duration = Duration::from_secs(3 * 60);

/// The most services in one plan. A verdict and all leases are written in one transaction, which takes
/// 100 items: with ten applications it has 31 of its own.
const MOST_SERVICES: usize = 60;
/// The most that roll out at the same time: of each, a record of 400 KB holds the rollouts that were
/// there before.
const MOST_AT_ONCE: usize = 30;

/// Plans a requested deploy.
pub(crate) async fn plan(waiter: &Waiter, hand: &mut InHand) -> Result<Act, StepError> {
    if let Some(cancel) = &hand.dossier.cancel {
        hand.deploy.cancel = Some(cancel.clone());
        return Ok(Act::End(Verdict::Cancelled, String::new()));
    }
    let (asked, taken_in) = (hand.deploy.requested_at, hand.deploy.taken_in_at);
    if let Some(refusal) = Refusal::untimely(asked, taken_in) {
        return Ok(Act::End(Verdict::Refused, refusal.to_string()));
    }
    if waiting::is_to_be_told(&hand.deploy, hand.now) {
        return Ok(Act::Again);
    }
    match make(waiter, hand).await {
        Ok(plan) => {
            hand.deploy.waiting = None;
            hand.deploy.services = plan
                .services
                .iter()
                .map(|service| ServiceState::new(&service.service))
                .collect();
            let schedules = plan.schedules.iter();
            hand.deploy.schedules = schedules
                .map(|schedule| ScheduleState::new(&schedule.schedule))
                .collect();
            hand.deploy.one_offs = plan.one_offs.iter().map(|_| OneOffState::new()).collect();
            hand.deploy.plan = Some(plan);
            hand.deploy.phase = Phase::Planned;
            log::phase(&hand.deploy);
            Ok(Act::Again)
        }
        Err(NoPlan::Refused(refusal)) => Ok(Act::End(Verdict::Refused, refusal)),
        Err(NoPlan::Stops(stops, why)) => {
            hand.deploy.stops = Some(*stops);
            Ok(Act::End(Verdict::Refused, why))
        }
        Err(NoPlan::Denied(error)) => {
            let refusal = no_access(waiter, &hand.deploy, &error).await;
            Ok(Act::End(Verdict::Refused, refusal.to_string()))
        }
        Err(NoPlan::Failed(error)) => waiting::or_give_up(hand, error),
    }
}

/// The plan of every application that was asked for, as one: either there is one for all of them, or
/// the reasons of those that cannot be.
async fn make(waiter: &Waiter, hand: &mut InHand) -> Result<Plan, NoPlan> {
    let each = hand.deploy.each();
    let several = each.len() > 1;
    // They may be of one repository, and no question is asked twice.
    let conversation = Conversation::default();
    let made = each
        .iter()
        .map(|one| make_one(waiter, (one, &conversation), several));
    let made = join_all(made).await;
    let mut plans = Vec::new();
    let mut refusals = Vec::new();
    for (one, made) in each.iter().zip(made) {
        match made {
            Ok(plan) => plans.push(plan),
            Err(NoPlan::Refused(why)) if several => {
                refusals.push(format!("{}: {why}", one.application()));
            }
            Err(no_plan) => return Err(no_plan),
        }
    }
    if !refusals.is_empty() {
        return Err(NoPlan::Refused(refusals.join("\n")));
    }
    if several && plans.iter().all(|plan| plan.services.is_empty()) {
        let each = each.iter().zip(&plans);
        let gone = each.filter_map(|(one, plan)| {
            let refusal = rollback::is_gone(one, plan.shares.first().gone.clone()?, hand.now);
            Some(format!("{}: {refusal}", one.application()))
        });
        let gone: Vec<String> = gone.collect();
        if !gone.is_empty() {
            return Err(NoPlan::Refused(gone.join("\n")));
        }
        let environment = hand.deploy.environment.clone();
        return Err(Refusal::AllLive { environment }.into());
    }
    // A request names at least one application.
    let whole = Plan::together(plans).ok_or_else(|| NoPlan::Refused(String::new()))?;
    match too_many(whole.services.len(), whole.rollouts) {
        Some(refusal) => Err(refusal.into()),
        None => Ok(whole),
    }
}

/// The refusal of a plan of more services than one transaction can lease and free.
fn too_many(services: usize, rollouts: Rollouts) -> Option<Refusal> {
    let most = match rollouts {
        Rollouts::InOrder => MOST_SERVICES,
        Rollouts::Parallel => MOST_AT_ONCE,
    };
    (services > most).then_some(Refusal::TooManyServices { services, most })
}

/// The plan of one application, by itself or as one of several.
async fn make_one(
    waiter: &Waiter,
    (deploy, conversation): (&Deploy, &Conversation),
    several: bool,
) -> Result<Plan, NoPlan> {
    let mut scene = scene(waiter, deploy).await?;
    scene.conversation = conversation.clone();
    if let Some(busy) = busy(&scene, deploy).await? {
        // But not if that is what it does already: asked twice, it would bring the bad one back.
        if *deploy.verb() == Verb::rollback(None)
            && !matches!(busy.verb(), Verb::Rollback { .. })
            && busy.is_about(deploy.application(), &deploy.environment)
            && !several
            && may_take_back(waiter, deploy, &busy).await?
        {
            // Going back during a rollout means: stop it and go back.
            return Err(rollback::instead(waiter, deploy, &busy).await?);
        }
        return Err(refuse_busy(&busy).into());
    }
    refuse_unfit(&scene)?;
    let seen = foreign::seen(&scene).await;
    scene.foreign = seen.map_err(|error| denied(error, deploy))?;
    let whole = scene.history.len() < usize::try_from(HISTORY).unwrap_or_default();
    let known = scene.history.iter().any(Past::is_baseline);
    let found = match whole && !known {
        true => baseline(&scene, deploy).await?,
        false => None,
    };
    match found {
        Some(baseline) => {
            waiter.store.put_baseline(&baseline).await?;
            scene.history.push(baseline);
        }
        None => outside::noticed_by_plan(&mut scene, deploy).await?,
    }
    match deploy.verb() {
        Verb::Deploy { reference, image } => {
            let wanted = (image.as_ref(), reference.as_ref());
            let plan = deploy::plan(&scene, deploy, wanted).await?;
            match plan.services.is_empty() && !several {
                true => Err(Refusal::AlreadyLive {
                    application: deploy.application().clone(),
                    environment: deploy.environment.clone(),
                    label: plan.shares.first().label.clone(),
                }
                .into()),
                false => Ok(plan),
            }
        }
        Verb::Rollback { to, away_from } => {
            let wanted = rollback::Goal {
                to: to.as_ref(),
                away_from: away_from.as_ref(),
                several,
            };
            rollback::plan(&scene, deploy, wanted).await
        }
        Verb::Restart => restart::plan(&scene, deploy).await,
    }
}

/// Whether whoever wants one application back may stop all of those that are under way with it: by the
/// rule of a cancel.
async fn may_take_back(waiter: &Waiter, deploy: &Deploy, busy: &Deploy) -> Result<bool, StepError> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let mut each = busy.applications();
    Ok(each.all(|application| {
        let action = Action::Cancel {
            requester: busy.requester.clone(),
        };
        let channel = deploy.origin.channel.as_ref();
        let environment = &busy.environment;
        let asker = &deploy.requester;
        authorize(
            &loaded.config,
            asker,
            &action,
            application,
            environment,
            channel,
        )
        .is_ok()
    }))
}

/// The open deploy that holds a lease on one of the services, if one does. An expired lease keeps
/// nobody out, as long as ECS is not rolling out there.
pub(crate) async fn busy(scene: &Scene<'_>, deploy: &Deploy) -> Result<Option<Deploy>, StepError> {
    let now = scene.waiter.now();
    for (key, live) in keys(&scene.target).into_iter().zip(&scene.live) {
        let lease = scene.waiter.store.lease(&key).await?;
        let counts = |lease: &Lease| now < lease.expires_at || live.in_flight();
        let holder = lease.filter(counts).and_then(|lease| lease.holder);
        if let Some(holder) = holder.filter(|holder| *holder != deploy.id)
            && let Some(open) = scene.waiter.open_deploy(&holder).await?
        {
            return Ok(Some(open));
        }
    }
    Ok(None)
}

/// The refusal because another deploy is at work there.
pub(crate) fn refuse_busy(holder: &Deploy) -> Refusal {
    Refusal::Busy {
        id: holder.id.clone(),
        application: holder.application().clone(),
        environment: holder.environment.clone(),
        by: holder.requester.clone(),
        since: holder.requested_at,
    }
}

/// Services Longshore must not touch.
fn refuse_unfit(scene: &Scene<'_>) -> Result<(), Refusal> {
    for service in &scene.live {
        match service.controller {
            Controller::Ecs => {}
            Controller::Express => {
                return Err(Refusal::ExpressMode {
                    service: service.name.clone(),
                });
            }
            Controller::CodeDeploy | Controller::External | Controller::Other(_) => {
                return Err(Refusal::ForeignController {
                    service: service.name.clone(),
                    controller: service.controller.name().to_owned(),
                });
            }
        }
        if !service.is_active() {
            return Err(Refusal::InactiveService {
                service: service.name.clone(),
                status: service.status.clone(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_no_larger_than_one_transaction_and_one_record() {
        use Rollouts::{InOrder, Parallel};
        for (services, rollouts, refused) in [
            (1, InOrder, false),
            (MOST_SERVICES, InOrder, false),
            (MOST_SERVICES + 1, InOrder, true),
            (MOST_AT_ONCE, Parallel, false),
            (MOST_AT_ONCE + 1, Parallel, true),
        ] {
            let refusal = too_many(services, rollouts);
            assert_eq!(refusal.is_some(), refused, "{services} {rollouts:?}");
        }
    }
}
