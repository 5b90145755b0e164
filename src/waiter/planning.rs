//! Planning: what a deploy would do, read from the configuration, ECS, ECR and GitHub, and every
//! reason not to. Changes nothing in the account.
//!
//! Each verb plans in its own file, on the scene that is read for all of them ([`crate::waiter::scene`]). Here
//! is what comes before and after: the gates, and one plan of several.

mod again;
mod baseline;
mod between;
mod bring;
pub(crate) mod deploy;
pub(crate) mod diff;
pub(crate) mod limit;
pub(crate) mod look;
mod met;
pub(crate) mod newer;
pub(crate) mod restart;
pub(crate) mod rollback;
mod waiting;

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use self::baseline::baseline;
use crate::config::Rollouts;
use crate::gate::LookedAt;
use crate::github::Conversation;
use crate::hearing;
use crate::names::AppName;
use crate::plan::Plan;
use crate::policy::{Action, Doubt};
use crate::record::{
    Ask, Deploy, OneOffState, Past, Phase, Refused, ScheduleState, ServiceState, Verdict, Why,
};
use crate::refusal;
use crate::request::Verb;
use crate::telemetry;
use crate::waiter::act::Act;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::outside;
use crate::waiter::scene::{Errand, HISTORY, NoPlan, gates, no_access, scene};

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
        return Ok(Act::End(Verdict::Cancelled, Why::Said));
    }
    let (asked, taken_in) = (hand.deploy.requested_at, hand.deploy.taken_in_at);
    if let Some(refused) = refusal::untimely(asked, taken_in) {
        return Ok(Act::End(Verdict::Refused, refused.into()));
    }
    if let Some(end) = newer::replace_others(waiter, hand).await? {
        return Ok(end);
    }
    if waiting::is_to_be_told(&hand.deploy, hand.now) {
        return Ok(Act::Again);
    }
    if let Some(refused) = limit::refused(waiter, &hand.deploy).await? {
        return Ok(Act::End(Verdict::Refused, refused.into()));
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
            telemetry::phase(&hand.deploy);
            Ok(Act::Again)
        }
        Err(Unmade::Each(each)) => Ok(Act::End(Verdict::Refused, Why::RefusedEach(each))),
        Err(Unmade::One(no_plan)) => not_made(waiter, hand, no_plan).await,
    }
}

/// How it goes on without a plan.
async fn not_made(waiter: &Waiter, hand: &mut InHand, no_plan: NoPlan) -> Result<Act, StepError> {
    match no_plan {
        NoPlan::Refused(refused) => Ok(Act::End(Verdict::Refused, Why::Refused(refused))),
        NoPlan::Stops(stops) => {
            let id = stops.deploy.clone();
            hand.deploy.stops = Some(*stops);
            let refused = Refused::StoppedInstead { id };
            Ok(Act::End(Verdict::Refused, refused.into()))
        }
        NoPlan::Denied(error) => {
            let refused = no_access(waiter, &hand.deploy, &error).await;
            Ok(Act::End(Verdict::Refused, refused.into()))
        }
        NoPlan::Failed(error) => waiting::or_give_up(hand, error),
    }
}

/// Why there is no plan of all that was asked for.
enum Unmade {
    /// For one reason.
    One(NoPlan),
    /// Of several applications, for the reasons of those that cannot be.
    Each(Vec<(AppName, Refused)>),
}

impl<T: Into<NoPlan>> From<T> for Unmade {
    fn from(no_plan: T) -> Self {
        Self::One(no_plan.into())
    }
}

/// The plan of every application that was asked for, as one: either there is one for all of them, or
/// the reasons of those that cannot be.
async fn make(waiter: &Waiter, hand: &mut InHand) -> Result<Plan, Unmade> {
    let each = hand.deploy.each();
    let several = each.len() > 1;
    // They may be of one repository, and no question is asked twice.
    let conversation = Conversation::default();
    let made = each
        .iter()
        .map(|one| make_one(waiter, (one, &conversation, &Errand::Deploy), several));
    let made = join_all(made).await;
    met::keep_repositories(waiter, &conversation).await?;
    let mut plans = Vec::new();
    let mut reasons = Vec::new();
    for (one, made) in each.iter().zip(made) {
        match made {
            Ok(plan) => plans.push(plan),
            Err(NoPlan::Refused(refused)) if several => {
                reasons.push((one.application().clone(), *refused));
            }
            Err(no_plan) => return Err(no_plan.into()),
        }
    }
    if !reasons.is_empty() {
        return Err(Unmade::Each(reasons));
    }
    as_one(&hand.deploy, plans, hand.now)
}

/// One plan of all, in the order in which they were asked for.
fn as_one(deploy: &Deploy, plans: Vec<Plan>, now: Timestamp) -> Result<Plan, Unmade> {
    let each = deploy.each();
    let several = each.len() > 1;
    if several && plans.iter().all(|plan| plan.services.is_empty()) {
        let planned = each.iter().zip(&plans);
        let gone = planned.filter_map(|(one, plan)| {
            let gone = rollback::is_gone(one, plan.shares.first().gone.clone()?, now);
            Some((one.application().clone(), gone))
        });
        let gone: Vec<_> = gone.collect();
        if !gone.is_empty() {
            return Err(Unmade::Each(gone));
        }
        let environment = deploy.environment.clone();
        let applications = each.iter().map(|one| one.application().clone()).collect();
        return Err(Refused::AllLive {
            environment,
            applications,
        }
        .into());
    }
    // A request names at least one application.
    let whole = Plan::together(plans).ok_or(Refused::NoConfiguration)?;
    match too_many(whole.services.len(), whole.rollouts) {
        Some(refused) => Err(refused.into()),
        None => Ok(whole),
    }
}

/// The refusal of a plan of more services than one transaction can lease and free.
fn too_many(services: usize, rollouts: Rollouts) -> Option<Refused> {
    let most = match rollouts {
        Rollouts::InOrder => MOST_SERVICES,
        Rollouts::Parallel => MOST_AT_ONCE,
    };
    (services > most).then_some(Refused::TooManyServices { services, most })
}

/// The plan of one application, by itself or as one of several.
async fn make_one(
    waiter: &Waiter,
    (deploy, conversation, errand): (&Deploy, &Conversation, &Errand),
    several: bool,
) -> Result<Plan, NoPlan> {
    let mut scene = scene(waiter, deploy).await?;
    scene.conversation = conversation.clone();
    scene.errand = errand.clone();
    let busy = gates::busy(&scene, deploy).await?;
    if let Some(busy) = &busy {
        // But not if that is what it does already: asked twice, it would bring the bad one back.
        if *deploy.verb() == Verb::rollback(None)
            && !matches!(busy.verb(), Verb::Rollback { .. })
            && busy.is_about(deploy.application(), &deploy.environment)
            && !several
            // Whoever was asked has seen nothing that rolls out, and has agreed to stop nothing.
            && deploy.ask.is_none()
            && let Some(by_copy) = may_take_back(waiter, deploy, busy).await?
        {
            // Going back during a rollout means: stop it and go back.
            return Err(rollback::instead(waiter, deploy, busy, by_copy).await?);
        }
    }
    let obstacles = gates::obstacles(&scene, busy.as_ref());
    let mut obstacles = errand.stopped_by(LookedAt::Place, obstacles);
    if !obstacles.is_empty() {
        if let Verb::Deploy {
            reference,
            image,
            again,
            from,
        } = deploy.verb()
        {
            let wanted = bring::ToBring {
                image: image.as_ref(),
                reference: reference.as_ref(),
                again: again.as_ref(),
                from: from.as_ref(),
            };
            obstacles.extend(bring::not_proved(&scene, deploy, wanted).await);
        }
        return Err(Refused::Gates(obstacles).into());
    }
    // What rolls out where a deploy is at work is that deploy's.
    if busy.is_none() {
        gates::read_foreign(&mut scene, deploy).await?;
    }
    let whole = scene.history.len() < usize::try_from(HISTORY).unwrap_or_default();
    let known = scene.history.iter().any(Past::is_baseline);
    let found = match whole && !known {
        true => baseline(&scene, deploy).await?,
        false => None,
    };
    match found {
        Some(baseline) => {
            if errand.keeps() {
                waiter.store.put_baseline(&baseline).await?;
            }
            scene.history.push(baseline);
        }
        None => outside::noticed_by_plan(&mut scene, deploy).await?,
    }
    match deploy.verb() {
        Verb::Deploy {
            reference,
            image,
            again,
            from,
        } => {
            let wanted = bring::ToBring {
                image: image.as_ref(),
                reference: reference.as_ref(),
                again: again.as_ref(),
                from: from.as_ref(),
            };
            let plan = deploy::plan(&scene, deploy, wanted).await?;
            match plan.services.is_empty() && !several {
                true => Err(Refused::AlreadyLive {
                    application: deploy.application().clone(),
                    environment: deploy.environment.clone(),
                    label: plan.shares.first().label.clone(),
                }
                .into()),
                false => Ok(plan),
            }
        }
        Verb::Rollback {
            to,
            version,
            away_from,
        } => {
            let wanted = rollback::Goal {
                to: to.as_ref(),
                version: version.as_ref(),
                away_from: away_from.as_ref(),
                chosen: deploy.ask.as_ref().and_then(Ask::chosen),
                several,
            };
            rollback::plan(&scene, deploy, wanted).await
        }
        Verb::Restart => restart::plan(&scene, deploy).await,
    }
}

/// Whether whoever wants one application back may stop all of those that are under way with it, by the rule of a
/// cancel; and by which old copy of what Slack said, if it needs one.
async fn may_take_back(
    waiter: &Waiter,
    deploy: &Deploy,
    busy: &Deploy,
) -> Result<Option<Option<Doubt>>, StepError> {
    let asker = &deploy.requester;
    let judged = waiter.judged([asker], &busy.environment).await?;
    let action = Action::Cancel {
        requester: busy.requester.clone(),
    };
    let channel = deploy.origin.channel.as_ref();
    Ok(hearing::may(judged.policy(), asker, channel, &action, busy).ok())
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
