//! How a deploy ended, in words: the completion sentence, what runs now and what does not, service
//! by service. A sentence says only what the record shows; where it does not know, it says that.

use super::plea::not_allowed;
use super::reason::{because, halfway};
use super::runs::left_running;
use super::{code, joined, label, last_part, link, said, title, version};
use crate::past;
use crate::record::PauseEnd;
use crate::record::{
    Deploy, SchedulePhase, ServiceEnding, ServicePhase, ServiceState, Stops, Verdict,
};
use crate::request::Verb;
use crate::rollout::{AfterPause, Reason, Trigger};
use crate::slack::text::Mrkdwn;

/// `webapp: stopping version main, which was rolling out to staging, and going back to 1.0.2`
fn stopping(deploy: &Deploy, stops: &Stops) -> Mrkdwn {
    let what = match stops.label.as_str() {
        "" => said!("deploy {}", code(stops.deploy.as_str())),
        known => said!("version {}", label(known)),
    };
    let (title, env) = (title(deploy), &deploy.environment);
    match &stops.back_to {
        Some(back) => said!(
            "{}: stopping {}, which is being rolled out to {}, and going back to {}",
            title,
            what,
            env,
            label(back)
        ),
        None => said!(
            "{}: stopping {} before anything is changed on {}",
            title,
            what,
            env
        ),
    }
}

/// `Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec`, and its kin for
/// the other eight verdicts. Empty while there is no verdict.
pub fn completion(deploy: &Deploy) -> Mrkdwn {
    let Some(ending) = &deploy.ending else {
        return Mrkdwn::new();
    };
    if let Some(stops) = &deploy.stops {
        return stopping(deploy, stops);
    }
    let (title, env, what) = (title(deploy), &deploy.environment, version(deploy));
    let elapsed = deploy.elapsed(ending.at);
    let it = undertaking(deploy);
    let started = deploy.has_started();
    match (ending.verdict, deploy.verb()) {
        (Verdict::Succeeded, verb) => {
            let done = match verb {
                Verb::Deploy { .. } => said!("deployed {} to {}", what, env),
                Verb::Rollback { .. } => said!("rolled back to {} on {}", what, env),
                Verb::Restart => said!("restarted on {}", env),
            };
            let without = match (verb, &deploy.plan) {
                (Verb::Rollback { .. }, Some(plan)) => link::commits(plan, verb),
                _ => Mrkdwn::new(),
            };
            let none = match without_tasks(deploy) {
                true => ". No tasks run: the desired count is 0",
                false => "",
            };
            let wished = deploy.cancel.as_ref().map_or_else(Mrkdwn::new, |cancel| {
                said!(", although {} had asked for it to stop", cancel.by)
            });
            let done = joined([said!("{} in {}", done, elapsed), without], ", ");
            said!("{}: {}{}{}", title, done, wished, Mrkdwn::raw(none))
        }
        (Verdict::RolledBack, _) if deploy.services.iter().any(ran_out) => said!(
            "{}: nobody answered a pause of {} in time, so ECS rolled it back, {} after it began",
            title,
            it,
            elapsed
        ),
        (Verdict::RolledBack, _) if told_back(deploy).is_some() => said!(
            "{}: {} {}, {} after it began",
            title,
            it,
            told_back(deploy).unwrap_or_default(),
            elapsed
        ),
        (Verdict::RolledBack, Verb::Restart) => {
            said!(
                "{}: {} did not work and was rolled back, {} after it began",
                title,
                it,
                elapsed
            )
        }
        (Verdict::RolledBack, _)
            if deploy
                .schedules
                .iter()
                .any(|one| matches!(one.phase, SchedulePhase::Failed { .. })) =>
        {
            said!(
                "{}: {} came up on {}, but a schedule could not be changed, so it was rolled back, {} after it began",
                title,
                what,
                env,
                elapsed
            )
        }
        (Verdict::RolledBack, Verb::Deploy { .. } | Verb::Rollback { .. }) => said!(
            "{}: {} did not come up on {} and was rolled back, {} after it began",
            title,
            what,
            env,
            elapsed
        ),
        (Verdict::Failed, _) if !past::left(deploy).is_empty() => said!(
            "{}: {} came up only in part, {} after it began: {}",
            title,
            it,
            elapsed,
            left_running(&past::left(deploy))
        ),
        (Verdict::Failed, _) if started && is_shown(deploy) => {
            said!("{}: {} failed, {} after it began", title, it, elapsed)
        }
        (Verdict::Failed, _) if started => said!(
            "{}: {} failed, {} after it began, and is not known to be undone",
            title,
            it,
            elapsed
        ),
        (Verdict::Failed, _) if deploy.ran_task() => said!(
            "{}: {} failed with its one-off task, {} after it began; no service was changed",
            title,
            it,
            elapsed
        ),
        (Verdict::Failed, _) => said!("{}: {} failed before anything was changed", title, it),
        (Verdict::Cancelled | Verdict::Expired, _) if deploy.pleads() => not_allowed(deploy, &it),
        (Verdict::Cancelled, _) => {
            if let Some(newer) = ending.why.newer() {
                return said!(
                    "{}: {} gave way to the newer deploy {} before anything was changed",
                    title,
                    it,
                    newer
                );
            }
            let by = match &deploy.cancel {
                Some(cancel) => said!(" by {}", cancel.by),
                None => Mrkdwn::new(),
            };
            match started {
                true => said!(
                    "{}: {} was cancelled{}, {} after it began",
                    title,
                    it,
                    by,
                    elapsed
                ),
                false if deploy.ran_task() => said!(
                    "{}: {} was cancelled{}, {} after it began; its one-off task had been started, no service was changed",
                    title,
                    it,
                    by,
                    elapsed
                ),
                false => said!(
                    "{}: {} was cancelled{} before anything was changed",
                    title,
                    it,
                    by
                ),
            }
        }
        (Verdict::Refused, _) => said!("{}: {} was not started", title, it),
        (Verdict::Expired, _) => {
            said!(
                "{}: nobody confirmed {} in time, so nothing was changed",
                title,
                it
            )
        }
        (Verdict::Superseded, _) => said!(
            "{}: another rollout, not Longshore's, took the place of {}, {} after it began",
            title,
            it,
            elapsed
        ),
        (Verdict::Abandoned, _) => {
            let by = match &deploy.abandoned_by {
                Some(by) => said!(" by {}", by),
                None => Mrkdwn::new(),
            };
            said!(
                "{}: {} was given up{}, {} after it began, without ECS saying how it ended",
                title,
                it,
                by,
                elapsed
            )
        }
    }
}

/// `the deploy of version 1.0.2 to staging`.
fn undertaking(deploy: &Deploy) -> Mrkdwn {
    let env = &deploy.environment;
    match deploy.verb() {
        Verb::Deploy { .. } => said!("the deploy of {} to {}", version(deploy), env),
        Verb::Rollback { .. } => said!("the rollback to {} on {}", version(deploy), env),
        Verb::Restart => said!("the restart on {}", env),
    }
}

/// ECS went back because nobody answered a pause.
pub(super) fn ran_out(service: &ServiceState) -> bool {
    let rolled_back = matches!(
        service.phase,
        ServicePhase::Unsuccessful {
            ending: ServiceEnding::RolledBack,
            ..
        }
    );
    let last = service.pauses.last();
    rolled_back
        && last.is_some_and(|pause| {
            pause.end == Some(PauseEnd::RanOut) && pause.on_timeout == AfterPause::RollBack
        })
}

/// Why ECS took it back, where that was not that its tasks kept failing.
fn told_back(deploy: &Deploy) -> Option<Mrkdwn> {
    let mut services = deploy.services.iter();
    services.find_map(|service| match service.phase {
        ServicePhase::Unsuccessful {
            ending: ServiceEnding::RolledBack,
            ..
        } => taken_back(service),
        _ => None,
    })
}

/// `had come up, and was rolled back because of the alarm …`. None where its tasks kept failing, of
/// which the breaker's reason tells.
pub(super) fn taken_back(service: &ServiceState) -> Option<Mrkdwn> {
    let why = match service.trigger.as_ref()? {
        Trigger::Breaker | Trigger::Request => return None,
        Trigger::Alarms(names) if names.is_empty() => {
            Mrkdwn::raw(" because of an alarm that ECS does not name")
        }
        Trigger::Alarms(names) => {
            let named = joined(names.iter().map(|name| code(name)), ", ");
            match names.len() {
                1 => said!(" because of the alarm {}", named),
                _ => said!(" because of the alarms {}", named),
            }
        }
        Trigger::Hook => Mrkdwn::raw(" because of a lifecycle hook"),
        Trigger::Unknown => Mrkdwn::raw(", and ECS does not say why"),
    };
    Some(match service.came_up {
        true => said!("had come up, and was rolled back{}", why),
        false => said!("was rolled back{}", why),
    })
}

/// Whether ECS showed what runs on every service of which the phase does not say it.
fn is_shown(deploy: &Deploy) -> bool {
    let mut services = deploy.services.iter();
    services.all(|service| !service.shown.is_empty())
}

/// Every service succeeded, and none of them runs a task.
pub(super) fn without_tasks(deploy: &Deploy) -> bool {
    !deploy.services.is_empty()
        && deploy.services.iter().all(|service| {
            matches!(
                service.phase,
                ServicePhase::Succeeded { no_tasks: true, .. }
            )
        })
}

/// Where one service is, in a clause, and why: `did not come up; ECS rolled it back: …`.
pub fn service_now(service: &ServiceState) -> Mrkdwn {
    let stands = service_stands(service);
    match &service.phase {
        // Said already, in words of ours: what ECS says of a wish to stop is that there was one.
        ServicePhase::Unsuccessful { .. } if service.trigger == Some(Trigger::Request) => stands,
        ServicePhase::StuckHalfway {
            reason: Reason::TakenOver(_),
        } => stands,
        ServicePhase::Unsuccessful { reason, .. } | ServicePhase::StuckHalfway { reason } => {
            because(stands, reason)
        }
        ServicePhase::Waiting
        | ServicePhase::Starting { .. }
        | ServicePhase::Rolling { .. }
        | ServicePhase::Succeeded { .. }
        | ServicePhase::GoingBack { .. }
        | ServicePhase::WentBack => stands,
    }
}

/// Where one service is, in a clause: `did not come up; ECS rolled it back`.
pub fn service_stands(service: &ServiceState) -> Mrkdwn {
    let revision = service.revision.as_deref().map_or_else(
        || Mrkdwn::raw("the new revision"),
        |arn| code(last_part(arn)),
    );
    match &service.phase {
        ServicePhase::Waiting => Mrkdwn::raw("not touched"),
        ServicePhase::Starting { .. } => Mrkdwn::raw("asked ECS; its rollout is not visible yet"),
        ServicePhase::Rolling { .. } => said!("rolling out {}", revision),
        ServicePhase::Succeeded { no_tasks: true, .. } => {
            said!("on {}; no tasks run: the desired count is 0", revision)
        }
        ServicePhase::Succeeded {
            no_tasks: false, ..
        } => said!("runs {}", revision),
        ServicePhase::Unsuccessful { ending, .. } => match ending {
            ServiceEnding::RolledBack if ran_out(service) => {
                said!("nobody answered its pause in time; ECS rolled it back")
            }
            ServiceEnding::RolledBack => match taken_back(service) {
                Some(told) => said!("{} {}", revision, told),
                None => said!("{} did not come up; ECS rolled it back", revision),
            },
            ServiceEnding::Stopped => said!("stopped, and back on what ran before"),
            ServiceEnding::Aborted => {
                said!("stopped where it stood on the way to {}", revision)
            }
            ServiceEnding::Failed if !service.shown.is_empty() => {
                said!("{} failed{}", revision, alarms(service))
            }
            ServiceEnding::Failed => {
                said!(
                    "{} failed; it is not known to be back on what ran before",
                    revision
                )
            }
            ServiceEnding::Superseded if service.revision.is_none() => {
                said!("left alone: another rollout, not Longshore's, came first")
            }
            ServiceEnding::Superseded => {
                said!("another rollout, not Longshore's, replaced {}", revision)
            }
            ServiceEnding::NotStarted => said!("not started; nothing was changed"),
        },
        ServicePhase::GoingBack { .. } => said!("had come up; being taken back"),
        ServicePhase::WentBack => said!("had come up; runs what ran before"),
        ServicePhase::StuckHalfway { reason } => halfway(reason),
    }
}

/// The alarms that ECS names, where it gave up because of them.
fn alarms(service: &ServiceState) -> Mrkdwn {
    match &service.trigger {
        Some(Trigger::Alarms(names)) if !names.is_empty() => {
            let names = joined(names.iter().map(|name| code(name)), ", ");
            said!(" because of {}", names)
        }
        _ => Mrkdwn::new(),
    }
}
