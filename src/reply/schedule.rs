//! Schedules in words: what one would run, and what it runs.

use super::{code, last_part, said};
use crate::plan::{Change, PlannedSchedule};
use crate::record::{Deploy, SchedulePhase, ScheduleState};
use crate::slack::text::Mrkdwn;

/// One line of the question; `image` is what a copy names.
pub fn schedule_planned(schedule: &PlannedSchedule, image: &'static str) -> Mrkdwn {
    let to = match &schedule.change {
        Change::Copy { .. } => said!("a copy with {}", Mrkdwn::raw(image)),
        Change::Exactly { revision, .. } => code(last_part(revision)),
        Change::Again | Change::Renewed { .. } => said!("the same"),
    };
    said!(
        "• schedule {}: {} → {}, after the services",
        code(&schedule.schedule),
        code(last_part(&schedule.live)),
        to
    )
}

/// One line per schedule: which runs what.
pub fn schedules_now(deploy: &Deploy) -> Vec<Mrkdwn> {
    let planned = deploy.plan.iter().flat_map(|plan| &plan.schedules);
    let pairs = planned.zip(&deploy.schedules);
    pairs.map(|(planned, state)| now(planned, state)).collect()
}

fn now(planned: &PlannedSchedule, state: &ScheduleState) -> Mrkdwn {
    let before = code(last_part(&planned.live));
    let after = state.revision.as_deref();
    let after = after.map_or_else(|| said!("the new revision"), |arn| code(last_part(arn)));
    let what = match &state.phase {
        SchedulePhase::Waiting => said!("not touched, runs {}", before),
        SchedulePhase::Updated => said!("runs {} from now on", after),
        SchedulePhase::Failed {
            reason,
            as_before: true,
        } => {
            said!(
                "could not be changed, runs {}: {}",
                before,
                code(&reason.to_string())
            )
        }
        SchedulePhase::Failed {
            reason,
            as_before: false,
        } => said!("could not be changed: {}", code(&reason.to_string())),
        SchedulePhase::PutBack => said!("had been changed; runs {} again", before),
        SchedulePhase::Stuck { reason } => {
            said!(
                "had been given {} and could not be put back: {}",
                after,
                code(&reason.to_string())
            )
        }
    };
    said!("• schedule {}: {}", code(&planned.schedule), what)
}
