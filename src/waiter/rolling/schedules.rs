//! Scheduled tasks: once every service is out, each schedule is given the new revision; if one cannot
//! be, those that were are put back, and the services after them.
//!
//! A schedule is read before it is written, in the same step, so that doing this twice is doing it
//! once, and what somebody else made of it meanwhile is not overwritten.

use std::time::Duration;

use super::back::OwnCopy;
use super::course::{Course, course};
use super::launch::{Copying, Registering};
use super::service::Rolling;
use super::{SOON, restored_or_told};
use crate::aws::ecs::CommitTag;
use crate::config::group_and_name;
use crate::plan::{Change, Good, Plan, PlannedSchedule};
use crate::record::{CallTurn, Deploy, Head, Of, SchedulePhase, Why};
use crate::rollout::AwsNo;
use crate::rollout::Reason;
use crate::task_definition::family_of;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::no::no_of;
use crate::waiter::reach::Reach;

/// What became of giving a schedule another task definition.
enum Pointed {
    /// It runs it from now on.
    Yes,
    /// It does not, and why.
    No(Reason),
    /// It does not: somebody else has changed it, or removed it.
    Foreign(Reason),
    /// It is tried again after so long.
    Later(Duration),
}

/// Moves the schedules on, all of them as far as they go, and back where everything goes back. Services
/// that are to go back do so after.
pub(super) async fn run(
    waiter: &Waiter,
    reach: &Reach,
    plan: &Plan,
    hand: &mut InHand,
) -> Result<Option<Duration>, StepError> {
    let of = |index: usize| Rolling::of(waiter, reach, plan, plan.schedules[index].with);
    for index in 0..hand.deploy.schedules.len() {
        if has_failed(&hand.deploy) {
            break;
        }
        if hand.deploy.schedules[index].phase == SchedulePhase::Waiting {
            if let Some(rest) = forward(&of(index), hand, index).await? {
                return Ok(Some(rest));
            }
            waiter.write(hand).await?;
        }
    }
    if has_failed(&hand.deploy) && course(&hand.deploy) == Course::Back {
        for index in 0..hand.deploy.schedules.len() {
            if hand.deploy.schedules[index].phase == SchedulePhase::Updated {
                if let Some(rest) = back(&of(index), hand, index).await? {
                    return Ok(Some(rest));
                }
                waiter.write(hand).await?;
            }
        }
    }
    Ok(None)
}

/// Whether a schedule could not be changed, so that the deploy cannot succeed.
pub(super) fn has_failed(deploy: &Deploy) -> bool {
    deploy
        .schedules
        .iter()
        .any(|schedule| match schedule.phase {
            SchedulePhase::Waiting | SchedulePhase::Updated => false,
            SchedulePhase::Failed { .. } | SchedulePhase::PutBack | SchedulePhase::Stuck { .. } => {
                true
            }
        })
}

/// Why, and whether all schedules run again what they ran.
pub(super) fn failure(deploy: &Deploy) -> Option<(Why, bool)> {
    let mut stuck = false;
    let mut why = None;
    for schedule in &deploy.schedules {
        match &schedule.phase {
            SchedulePhase::Stuck { .. } => stuck = true,
            SchedulePhase::Failed { reason, .. } => {
                why = Some(Why::failed_of(
                    Of::Schedule(schedule.schedule.clone()),
                    reason.clone(),
                ));
            }
            SchedulePhase::Waiting | SchedulePhase::Updated | SchedulePhase::PutBack => {}
        }
    }
    Some((why?, !stuck))
}

async fn forward(
    rolling: &Rolling<'_>,
    hand: &mut InHand,
    index: usize,
) -> Result<Option<Duration>, StepError> {
    let planned = &rolling.plan.schedules[index];
    let revision = match hand.deploy.schedules[index].revision.clone() {
        Some(revision) => Ok(revision),
        None => revision(rolling, hand, planned).await?,
    };
    let pointed = match revision {
        Ok(revision) => {
            hand.deploy.schedules[index].revision = Some(revision.clone());
            rolling.waiter.write(hand).await?;
            point(rolling, hand, planned, &planned.live, &revision).await?
        }
        Err(pointed) => pointed,
    };
    hand.deploy.schedules[index].phase = match pointed {
        Pointed::Later(rest) => return Ok(Some(rest)),
        Pointed::Yes => SchedulePhase::Updated,
        Pointed::No(reason) => SchedulePhase::Failed {
            reason,
            as_before: true,
        },
        Pointed::Foreign(reason) => SchedulePhase::Failed {
            reason,
            as_before: false,
        },
    };
    Ok(None)
}

async fn back(
    rolling: &Rolling<'_>,
    hand: &mut InHand,
    index: usize,
) -> Result<Option<Duration>, StepError> {
    let planned = &rolling.plan.schedules[index];
    let ours = hand.deploy.schedules[index].revision.clone();
    let ours = ours.unwrap_or_default();
    let pointed = match way_back(rolling, hand, index).await? {
        Ok(back) => {
            hand.deploy.schedules[index].back = Some(back.clone());
            rolling.waiter.write(hand).await?;
            point(rolling, hand, planned, &ours, &back).await?
        }
        Err(pointed) => pointed,
    };
    hand.deploy.schedules[index].phase = match pointed {
        Pointed::Later(rest) => return Ok(Some(rest)),
        Pointed::Yes => SchedulePhase::PutBack,
        Pointed::No(reason) | Pointed::Foreign(reason) => SchedulePhase::Stuck { reason },
    };
    Ok(None)
}

/// What a schedule is put back to: what it ran, or a copy of that which names by digest what that names by
/// tag. `Err` says why there is none, or none yet.
async fn way_back(
    rolling: &Rolling<'_>,
    hand: &mut InHand,
    index: usize,
) -> Result<Result<String, Pointed>, StepError> {
    let planned = &rolling.plan.schedules[index];
    if let Some(back) = &hand.deploy.schedules[index].back {
        return Ok(Ok(back.clone()));
    }
    if planned.pins.is_empty() {
        return Ok(Ok(planned.live.clone()));
    }
    let ours = hand.deploy.schedules[index].revision.clone();
    let ours = ours.unwrap_or_default();
    let copy = Copying {
        base: &planned.revision,
        images: &planned.pins,
        commit: CommitTag::OfBase,
    };
    registered(rolling, hand, copy, &ours).await
}

/// The revision a schedule is given: one that exists, that of a service or of the one-off task of the
/// same family, or a copy of its own. `Err` says why there is none, or none yet.
async fn revision(
    rolling: &Rolling<'_>,
    hand: &mut InHand,
    planned: &PlannedSchedule,
) -> Result<Result<String, Pointed>, StepError> {
    let (base, images) = match &planned.change {
        Change::Exactly { revision, .. } => return Ok(Ok(revision.clone())),
        Change::Again | Change::Renewed { .. } => return Ok(Ok(planned.live.clone())),
        Change::Copy { base, images } => (base, images),
    };
    if let Some(shared) = shared(&hand.deploy, rolling.plan, planned) {
        return Ok(Ok(shared));
    }
    let copy = Copying {
        base,
        images,
        commit: rolling.commit(),
    };
    registered(rolling, hand, copy, "").await
}

/// A copy, registered once; never `but`.
async fn registered(
    rolling: &Rolling<'_>,
    hand: &mut InHand,
    copy: Copying<'_>,
    but: &str,
) -> Result<Result<String, Pointed>, StepError> {
    let no = |reason: Reason| Err(Pointed::No(reason));
    let registered = rolling.register(hand, copy, but).await;
    Ok(match allowed(rolling, registered)? {
        Ok(Registering::Done(revision)) => Ok(revision),
        Ok(Registering::NoBase) => no(Reason::DefinitionGone(copy.base.to_owned())),
        Ok(Registering::Later(rest)) => Err(Pointed::Later(rest)),
        Ok(Registering::Refused(said)) | Err(said) => no(Reason::Aws(said)),
        Ok(Registering::LeaseLost) => no(Reason::LeaseLost),
    })
}

/// The revision of the schedule's family that a service of its application, or the one-off task, has.
fn shared(deploy: &Deploy, plan: &Plan, planned: &PlannedSchedule) -> Option<String> {
    let services = deploy.services.iter().map(|service| &service.revision);
    let tasks = plan.one_offs.iter().zip(&deploy.one_offs);
    let tasks = tasks.map(|(task, state)| (task.with, &state.revision));
    let application = |at: usize| &plan.share_of(at).application;
    let registered = services.enumerate().chain(tasks);
    registered
        .filter(|(at, _)| application(*at) == application(planned.with))
        .filter_map(|(_, revision)| revision.as_ref())
        .find(|arn| family_of(arn) == planned.family)
        .cloned()
}

/// The answer to a read; `Err` says which right is missing, because then nothing can be changed either.
fn allowed<T>(
    rolling: &Rolling<'_>,
    read: Result<T, StepError>,
) -> Result<Result<T, AwsNo>, StepError> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(StepError::Aws(error)) if error.is_denied() => {
            Ok(Err(no_of(&error, &rolling.plan.role_arn)))
        }
        Err(error) => Err(error),
    }
}

/// Has a schedule run `to` that runs `from`.
async fn point(
    rolling: &Rolling<'_>,
    hand: &mut InHand,
    planned: &PlannedSchedule,
    from: &str,
    to: &str,
) -> Result<Pointed, StepError> {
    let schedules = &rolling.reach.schedules;
    let (group, name) = group_and_name(&planned.schedule);
    let call = format!("UpdateSchedule {} {to}", planned.schedule);
    match hand.deploy.tries.turn(&call, rolling.waiter.now()) {
        CallTurn::Now => {}
        CallTurn::After(rest) => return Ok(Pointed::Later(rest)),
        CallTurn::Never(no) => return Ok(Pointed::No(Reason::Aws(no))),
    }
    let read = schedules.get(group, name).await.map_err(StepError::from);
    let schedule = match allowed(rolling, read)? {
        Ok(Some(schedule)) => schedule,
        Ok(None) => return Ok(Pointed::Foreign(Reason::ScheduleGone)),
        Err(no) => return Ok(Pointed::No(Reason::Aws(no))),
    };
    match schedule.task_definition().as_deref() {
        Some(now) if now == to => return Ok(Pointed::Yes),
        Some(now) if now == from => {}
        Some(now) => {
            return Ok(Pointed::Foreign(Reason::ScheduleRuns(now.to_owned())));
        }
        None => {
            return Ok(Pointed::Foreign(Reason::ScheduleRunsNoTask));
        }
    }
    let Some(held) = rolling.hold(hand).await? else {
        return Ok(Pointed::No(Reason::LeaseLost));
    };
    let now = rolling.waiter.now();
    let error = match schedules.point_at(&held, &schedule, to, now).await {
        Ok(()) => {
            hand.deploy.tries.went_through(&call);
            return Ok(Pointed::Yes);
        }
        Err(error) => error,
    };
    Ok(match rolling.said_no(hand, &call, &error) {
        CallTurn::Now => Pointed::Later(SOON),
        CallTurn::After(rest) => Pointed::Later(rest),
        CallTurn::Never(no) => Pointed::No(Reason::Aws(no)),
    })
}

/// After anything but success: what [`super::restore_heads`] does for the families of services, for
/// those that only schedules run.
pub(super) async fn restore_heads(
    waiter: &Waiter,
    reach: &Reach,
    plan: &Plan,
    hand: &mut InHand,
) -> Result<Option<Duration>, StepError> {
    for (index, planned) in plan.schedules.iter().enumerate() {
        let state = &hand.deploy.schedules[index];
        let stays = match state.phase {
            SchedulePhase::Updated | SchedulePhase::Stuck { .. } => true,
            SchedulePhase::Waiting | SchedulePhase::Failed { .. } | SchedulePhase::PutBack => false,
        };
        // What is a service's or the one-off task's too is looked after with those.
        let shared = shared(&hand.deploy, plan, planned).is_some();
        let Change::Copy { base, images } = &planned.change else {
            continue;
        };
        let seen = state.head != Head::Unseen;
        if stays || shared || seen || !plan.share_of(planned.with).restore_head {
            continue;
        }
        let rolling = Rolling::of(waiter, reach, plan, planned.with);
        let before = Good {
            revision: planned.revision.clone(),
            pins: planned.pins.clone(),
        };
        let ours = OwnCopy {
            family: &planned.family,
            copy: Copying {
                base,
                images,
                commit: rolling.commit(),
            },
            recorded: state.revision.is_some(),
        };
        let restored = rolling.restore(hand, ours, &before).await?;
        match restored_or_told(hand, &planned.family, restored) {
            Ok(head) => hand.deploy.schedules[index].head = head,
            Err(rest) => return Ok(Some(rest)),
        }
        waiter.write(hand).await?;
    }
    Ok(None)
}
