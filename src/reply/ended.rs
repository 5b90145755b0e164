//! How a deploy ended, in one clause for its card: who or what ended it, and after how long. What runs
//! since is said beside it.

use super::outcome::{ran_out, taken_back};
use super::{Mrkdwn, code, joined, said};
use crate::past;
use crate::record::{
    Choice, Deploy, Ending, OneOffPhase, SchedulePhase, ServiceEnding, ServicePhase, ServiceState,
    Verdict,
};
use crate::rollout::Trigger;

/// Whether what was taken back had come up, or was not taken back because it would not.
pub(super) fn came_up(deploy: &Deploy) -> bool {
    let own = |service: &ServiceState| ran_out(service) || taken_back(service).is_some();
    let schedule =
        |one: &crate::record::ScheduleState| matches!(one.phase, SchedulePhase::Failed { .. });
    deploy.services.iter().any(own) || deploy.schedules.iter().any(schedule)
}

/// `ECS went back after 34 sec`. Empty of what the heading says alone.
pub(crate) fn how(deploy: &Deploy, ending: &Ending) -> Mrkdwn {
    let took = deploy.elapsed(ending.at);
    let started = deploy.has_started();
    match ending.verdict {
        Verdict::Succeeded => {
            let wished = deploy
                .cancel
                .as_ref()
                .map(|cancel| said!("although {} had asked for it to stop", cancel.by));
            joined([said!("in {}", took)].into_iter().chain(wished), ", ")
        }
        Verdict::RolledBack => went_back(deploy, &took),
        Verdict::Failed if !past::left(deploy).is_empty() => {
            said!("It came up only in part, after {}", took)
        }
        Verdict::Failed if started => said!("It failed after {}", took),
        Verdict::Failed if deploy.ran_task() => said!(
            "Its one-off task {} after {}; no service was changed",
            Mrkdwn::raw(match ended_task(deploy) {
                true => "ended, and the rest failed",
                false => "failed",
            }),
            took
        ),
        Verdict::Failed => Mrkdwn::raw("Nothing was changed"),
        Verdict::Cancelled => {
            let by = stopped_by(deploy);
            match (started, deploy.ran_task()) {
                (true, _) => said!("{} stopped it after {}", by, took),
                (false, true) => said!(
                    "{} stopped it after {}; its one-off task had been started, no service was changed",
                    by,
                    took
                ),
                (false, false) if deploy.was_turned_away() => said!(
                    "{} said no this time, and nothing was changed; write to them if you need to know why",
                    by
                ),
                (false, false) => said!("{} stopped it before anything was changed", by),
            }
        }
        Verdict::Refused => Mrkdwn::new(),
        Verdict::Expired if deploy.pleads() => Mrkdwn::raw(
            "No admin answered in time, so nothing was changed; ask again if you still want it",
        ),
        Verdict::Expired => Mrkdwn::raw("Nobody confirmed it in time, so nothing was changed"),
        Verdict::Superseded => said!(
            "Another rollout, not Longshore's, took its place after {}",
            took
        ),
        Verdict::Abandoned => {
            let by = deploy.abandoned_by.as_ref();
            let by = by.map_or_else(|| Mrkdwn::raw("Somebody"), |by| said!("{}", by));
            said!(
                "{} gave it up after {}, without ECS saying how it ended",
                by,
                took
            )
        }
    }
}

/// Who wanted it stopped: by a command, or by a button at a pause.
fn stopped_by(deploy: &Deploy) -> Mrkdwn {
    match &deploy.cancel {
        Some(cancel) => said!("{}", cancel.by),
        None => Mrkdwn::raw("Somebody"),
    }
}

fn ended_task(deploy: &Deploy) -> bool {
    let mut tasks = deploy.one_offs.iter();
    tasks.all(|task| matches!(task.phase, OneOffPhase::Succeeded { .. }))
}

fn went_back(deploy: &Deploy, took: &std::time::Duration) -> Mrkdwn {
    let rolled_back = |service: &&ServiceState| {
        let phase = &service.phase;
        matches!(
            phase,
            ServicePhase::Unsuccessful {
                ending: ServiceEnding::RolledBack,
                ..
            }
        )
    };
    let back: Vec<&ServiceState> = deploy.services.iter().filter(rolled_back).collect();
    if back.iter().any(|service| ran_out(service)) {
        return said!(
            "Nobody answered its pause in time, so ECS went back after {}",
            *took
        );
    }
    let pressed = back.iter().find_map(|service| {
        let vote = service.pauses.last()?.answer.as_ref()?;
        (vote.choice == Choice::RollBack).then_some(&vote.by)
    });
    if let Some(by) = pressed {
        return said!(
            "{} pressed *Roll back*, so ECS went back after {}",
            by,
            *took
        );
    }
    let schedule = deploy.schedules.iter();
    if schedule
        .clone()
        .any(|one| matches!(one.phase, SchedulePhase::Failed { .. }))
    {
        return said!(
            "It came up, but a schedule could not be changed, so it went back after {}",
            *took
        );
    }
    match back.iter().find_map(|service| because(service)) {
        Some(why) => said!("ECS went back after {}{}", *took, why),
        None => said!("ECS went back after {}", *took),
    }
}

/// ` because of the alarm …`: where that is no failure of its tasks.
fn because(service: &ServiceState) -> Option<Mrkdwn> {
    Some(match service.trigger.as_ref()? {
        Trigger::Breaker | Trigger::Request => return None,
        Trigger::Alarms(names) if names.is_empty() => {
            Mrkdwn::raw(" because of an alarm that it does not name")
        }
        Trigger::Alarms(names) => {
            let named = joined(names.iter().map(|name| code(name)), ", ");
            match names.len() {
                1 => said!(" because of the alarm {}", named),
                _ => said!(" because of the alarms {}", named),
            }
        }
        Trigger::Hook => Mrkdwn::raw(" because of a lifecycle hook"),
        Trigger::Unknown => Mrkdwn::raw(", and does not say why"),
    })
}
