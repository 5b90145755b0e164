//! The schedules of an application, planned: what each runs, and what it would run once the services
//! are out.

use crate::config::ScheduleTarget;
use crate::config::group_and_name;
use crate::past::ran_as;
use crate::plan::{CannotRun, Change, Plan, PlannedSchedule};
use crate::record::{Deploy, NoSchedule, NoWayBack, Past, Refused};
use crate::task_definition::{RevisionStatus, TaskDefinition};
use crate::waiter::scene::BroughtImage;
use crate::waiter::scene::NoPlan;
use crate::waiter::scene::Pins;
use crate::waiter::scene::Scene;
use crate::waiter::scene::both;
use crate::waiter::scene::denied;
use crate::waiter::scene::pin_by_name;

/// What each schedule would run after a deploy: a copy of what it runs, with the new image. One whose
/// containers run other images of the application is left alone, and so is one that has ended.
pub(crate) async fn forward(
    scene: &Scene<'_>,
    deploy: &Deploy,
    brought: &BroughtImage<'_>,
    plan: &mut Plan,
) -> Result<(), NoPlan> {
    let left = &mut plan.shares.first_mut().schedules_left;
    for schedule in &scene.target.schedules {
        let LiveSchedule { runs: live, ended } = live(scene, deploy, schedule).await?;
        if ended {
            left.push((schedule.schedule.clone(), live));
            continue;
        }
        let base = definition(scene, deploy, &live).await?;
        let base = base.ok_or_else(|| refusal(schedule, NoSchedule::Definition(live.clone())))?;
        if base.family != schedule.family {
            return Err(refusal(schedule, NoSchedule::Family(base.family)).into());
        }
        if scene.containers(&base).is_empty() {
            return Err(
                refusal(schedule, NoSchedule::Container(scene.target.registry_uri())).into(),
            );
        }
        let mut images = brought.in_copy_of(scene, &base)?;
        if images.is_empty() {
            left.push((schedule.schedule.clone(), live));
            continue;
        }
        let back = scene.pins_of_task(&base).await;
        let back = back.map_err(|error| denied(error, deploy))?;
        images.extend(back.beside(&images));
        plan.schedules.push(PlannedSchedule {
            schedule: schedule.schedule.clone(),
            live,
            revision: base.arn.clone(),
            unpinned: back.unpinned,
            pins: back.pins,
            family: base.family,
            change: Change::Copy {
                base: base.arn,
                images,
            },
            with: 0,
        });
    }
    Ok(())
}

/// What each schedule would run after a rollback: what it ran then, where that is known and is not
/// what it runs. `ran` is what services ran then, by the image's name.
pub(crate) async fn back(
    scene: &Scene<'_>,
    deploy: &Deploy,
    past: &Past,
    ran: &[(String, String)],
    no_way: impl Fn(NoWayBack) -> Refused,
) -> Result<Vec<PlannedSchedule>, NoPlan> {
    let mut planned = Vec::new();
    for schedule in &scene.target.schedules {
        let mut then = past.schedules.iter();
        let then = then.find(|(name, _)| *name == schedule.schedule);
        let Some((_, revision)) = then else {
            continue;
        };
        let LiveSchedule { runs: live, ended } = live(scene, deploy, schedule).await?;
        if ended || ran_as(&scene.history, &schedule.schedule, &live) == revision {
            continue;
        }
        let found = definition(scene, deploy, revision).await?;
        let Some(then) = found.filter(TaskDefinition::can_be_copied) else {
            return Err(no_way(NoWayBack::CannotRun(CannotRun::Revision(revision.clone()))).into());
        };
        let then_ran = pin_by_name(&then, ran);
        let change = match then.status {
            RevisionStatus::Active if then_ran.pins.is_empty() => Change::Exactly {
                revision: revision.clone(),
                images: Vec::new(),
            },
            _ => Change::Copy {
                base: then.arn.clone(),
                images: then_ran.pins,
            },
        };
        let runs = definition(scene, deploy, &live).await?;
        let back = match &runs {
            Some(runs) => scene.pins_of_task(runs).await,
            None => Ok(Pins::default()),
        };
        let back = back.map_err(|error| denied(error, deploy))?;
        planned.push(PlannedSchedule {
            schedule: schedule.schedule.clone(),
            revision: runs.map_or_else(|| live.clone(), |runs| runs.arn),
            live,
            family: then.family,
            change,
            unpinned: both(then_ran.unpinned, back.unpinned),
            pins: back.pins,
            with: 0,
        });
    }
    Ok(planned)
}

/// What every schedule runs, for the baseline.
pub(crate) async fn running(
    scene: &Scene<'_>,
    deploy: &Deploy,
) -> Result<Vec<(String, String)>, NoPlan> {
    let mut running = Vec::new();
    for schedule in &scene.target.schedules {
        let live = live(scene, deploy, schedule).await?;
        running.push((schedule.schedule.clone(), live.runs));
    }
    Ok(running)
}

/// A schedule as it is.
struct LiveSchedule {
    /// The task definition that it names.
    runs: String,
    /// Whether the schedule will never run again: writing it could only bring it back to life.
    ended: bool,
}

async fn live(
    scene: &Scene<'_>,
    deploy: &Deploy,
    schedule: &ScheduleTarget,
) -> Result<LiveSchedule, NoPlan> {
    let (group, name) = group_and_name(&schedule.schedule);
    let found = scene.reach.schedules.get(group, name).await;
    let found = found.map_err(|error| denied(error, deploy))?;
    let found = found.ok_or_else(|| refusal(schedule, NoSchedule::Missing))?;
    let runs = found.task_definition();
    let runs = runs.ok_or_else(|| refusal(schedule, NoSchedule::NoTask))?;
    let ended = found.has_ended(scene.waiter.now());
    Ok(LiveSchedule { runs, ended })
}

async fn definition(
    scene: &Scene<'_>,
    deploy: &Deploy,
    named: &str,
) -> Result<Option<TaskDefinition>, NoPlan> {
    let found = scene.reach.ecs.describe_task_definition(named).await;
    let found = found.map_err(|error| denied(error, deploy))?;
    Ok(found.map(|found| found.definition().clone()))
}

fn refusal(schedule: &ScheduleTarget, why: NoSchedule) -> Refused {
    Refused::Schedule {
        schedule: schedule.schedule.clone(),
        why,
    }
}
