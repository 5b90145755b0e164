//! How a deploy ended, in words: the completion sentence, what runs now and what does not, service
//! by service. A sentence says only what the record shows; where it does not know, it says that.

use super::{code, joined, label, last_part, said, title, version};
use crate::past;
use crate::record::{
    Deploy, Ending, SchedulePhase, ServiceEnding, ServicePhase, ServiceState, Verb, Verdict,
};
use crate::rollout::{AfterPause, PauseEnd};
use crate::slack::text::Mrkdwn;

/// `Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec`, and its kin for
/// the other eight verdicts. Empty while there is no verdict.
pub fn completion(deploy: &Deploy) -> Mrkdwn {
    let Some(ending) = &deploy.ending else {
        return Mrkdwn::new();
    };
    let (title, env, what) = (title(deploy), &deploy.environment, version(deploy));
    let elapsed = deploy.elapsed(ending.at);
    let it = undertaking(deploy);
    let started = deploy.has_started();
    match (ending.verdict, &deploy.verb) {
        (Verdict::Succeeded, verb) => {
            let done = match verb {
                Verb::Deploy { .. } => said!("deployed {} to {}", what, env),
                Verb::Rollback { .. } => said!("rolled back to {} on {}", what, env),
                Verb::Restart => said!("restarted on {}", env),
            };
            let none = match without_tasks(deploy) {
                true => ". No tasks run: the desired count is 0",
                false => "",
            };
            said!("{}: {} in {}{}", title, done, elapsed, Mrkdwn::raw(none))
        }
        (Verdict::RolledBack, _) if deploy.services.iter().any(ran_out) => said!(
            "{}: nobody answered a pause of {} in time, so ECS rolled it back, {} after it began",
            title,
            it,
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
        (Verdict::Cancelled, _) => {
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
        (Verdict::Replaced, _) => said!("{}: a newer request took the place of {}", title, it),
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

/// ``cms-api` runs 1.0.2, `cms-worker` runs 5c42316`: service by service.
pub fn left_running(left: &[(String, Option<String>)]) -> Mrkdwn {
    let services = left.iter().map(|(service, runs)| match runs {
        Some(runs) => said!("{} runs {}", code(service), label(runs)),
        None => said!("what {} runs is not certain", code(service)),
    });
    joined(services, ", ")
}

/// `the deploy of version 1.0.2 to staging`.
fn undertaking(deploy: &Deploy) -> Mrkdwn {
    let env = &deploy.environment;
    match deploy.verb {
        Verb::Deploy { .. } => said!("the deploy of {} to {}", version(deploy), env),
        Verb::Rollback { .. } => said!("the rollback to {} on {}", version(deploy), env),
        Verb::Restart => said!("the restart on {}", env),
    }
}

/// ECS went back because nobody answered a pause.
fn ran_out(service: &ServiceState) -> bool {
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

/// Every service succeeded, and none of them runs a task.
fn without_tasks(deploy: &Deploy) -> bool {
    !deploy.services.is_empty()
        && deploy.services.iter().all(|service| {
            matches!(
                service.phase,
                ServicePhase::Succeeded { no_tasks: true, .. }
            )
        })
}

/// What is known to run after the verdict, and what is known not to: one line each, for the whole
/// deploy.
pub fn runs_now(deploy: &Deploy, ending: &Ending) -> Vec<Mrkdwn> {
    let mut new = Vec::new();
    let mut old = Vec::new();
    let mut unclear = Vec::new();
    let mut mixed = Vec::new();
    let mut empty = Vec::new();
    for service in &deploy.services {
        match &service.phase {
            ServicePhase::Succeeded { no_tasks: true, .. } => empty.push(service),
            ServicePhase::Succeeded {
                no_tasks: false, ..
            } => new.push(service),
            ServicePhase::WentBack | ServicePhase::Waiting => old.push(service),
            ServicePhase::Unsuccessful { ending, .. } => match ending {
                ServiceEnding::RolledBack | ServiceEnding::Stopped | ServiceEnding::NotStarted => {
                    old.push(service);
                }
                ServiceEnding::Aborted => mixed.push(service),
                ServiceEnding::Failed | ServiceEnding::Superseded => unclear.push(service),
            },
            ServicePhase::Starting { .. }
            | ServicePhase::Rolling { .. }
            | ServicePhase::GoingBack { .. }
            | ServicePhase::StuckHalfway { .. } => unclear.push(service),
        }
    }
    let what = version(deploy);
    let mut lines = Vec::new();
    if !new.is_empty() {
        lines.push(said!("*Runs now:* {} on {}", what, names(&new)));
    }
    if !empty.is_empty() {
        lines.push(said!(
            "*No tasks run:* the desired count is 0 on {}; {} is what would start",
            names(&empty),
            what
        ));
    }
    for (live, services) in by_live(deploy, &old) {
        let verb = match ending.verdict {
            Verdict::Succeeded => "*Unchanged:*",
            _ => "*Runs as before:*",
        };
        lines.push(said!(
            "{} {} on {}{}",
            Mrkdwn::raw(verb),
            live,
            names(&services),
            tasks(&services)
        ));
    }
    if !mixed.is_empty() {
        lines.push(said!(
            "*Left where it stood:* tasks of {} and of what ran before may both run on {}, until the next deploy or rollback",
            what,
            names(&mixed)
        ));
    }
    if !unclear.is_empty() {
        lines.push(said!(
            "*Not certain:* what runs on {}; look at ECS before you rely on it",
            names(&unclear)
        ));
    }
    let nowhere = new.is_empty() && empty.is_empty() && unclear.is_empty() && mixed.is_empty();
    if nowhere && !matches!(deploy.verb, Verb::Restart) && !old.is_empty() {
        lines.push(said!("*NOT on {}:* {}", deploy.environment, what));
    }
    lines
}

/// How many tasks of it run, where that was read as the rollout failed.
fn tasks(services: &[&ServiceState]) -> Mrkdwn {
    let read = services.iter().filter_map(|service| {
        let (running, desired) = service.evidence.as_ref()?.back?;
        Some((service, running, desired))
    });
    let counts: Vec<Mrkdwn> = read
        .map(|(service, running, desired)| match services.len() {
            1 => said!("{} of {} running", running, desired),
            _ => said!(
                "{} of {} running on {}",
                running,
                desired,
                code(&service.service)
            ),
        })
        .collect();
    match counts.is_empty() {
        true => Mrkdwn::new(),
        false => said!(", {}", joined(counts, ", ")),
    }
}

fn names(services: &[&ServiceState]) -> Mrkdwn {
    const NAMED: usize = 5;
    let shown: Vec<Mrkdwn> = services
        .iter()
        .take(NAMED)
        .map(|service| code(&service.service))
        .collect();
    let row = joined(shown, ", ");
    match services.len() {
        all if all > NAMED => said!("{} and {} more", row, all - NAMED),
        _ => row,
    }
}

/// Services by what ran on them when the plan was made.
fn by_live<'a>(
    deploy: &Deploy,
    services: &[&'a ServiceState],
) -> Vec<(Mrkdwn, Vec<&'a ServiceState>)> {
    let mut groups: Vec<(Mrkdwn, Vec<&ServiceState>)> = Vec::new();
    for service in services {
        let live = deploy
            .plan
            .iter()
            .flat_map(|plan| &plan.services)
            .find(|planned| planned.service == service.service)
            .map_or_else(
                || Mrkdwn::raw("what ran"),
                |planned| said!("version {}", label(&planned.live_label)),
            );
        match groups.iter_mut().find(|(known, _)| *known == live) {
            Some((_, group)) => group.push(service),
            None => groups.push((live, vec![service])),
        }
    }
    groups
}

/// Where one service is, in a clause: `rolled back by ECS`.
pub fn service_now(service: &ServiceState) -> Mrkdwn {
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
        ServicePhase::Unsuccessful { ending, reason } => {
            let what = match ending {
                ServiceEnding::RolledBack if ran_out(service) => {
                    said!("nobody answered its pause in time; ECS rolled it back")
                }
                ServiceEnding::RolledBack => {
                    said!("{} did not come up; ECS rolled it back", revision)
                }
                ServiceEnding::Stopped => said!("stopped, and back on what ran before"),
                ServiceEnding::Aborted => {
                    said!("stopped where it stood on the way to {}", revision)
                }
                ServiceEnding::Failed => {
                    said!(
                        "{} failed; it is not known to be back on what ran before",
                        revision
                    )
                }
                ServiceEnding::Superseded => {
                    said!("another rollout, not Longshore's, replaced {}", revision)
                }
                ServiceEnding::NotStarted => said!("ECS refused the update; nothing was changed"),
            };
            because(what, reason)
        }
        ServicePhase::GoingBack { .. } => said!("had come up; being taken back"),
        ServicePhase::WentBack => said!("had come up; runs what ran before"),
        ServicePhase::StuckHalfway { reason } => {
            because(said!("had come up; taking it back did not work"), reason)
        }
    }
}

fn because(what: Mrkdwn, reason: &str) -> Mrkdwn {
    match reason.trim() {
        "" => what,
        reason => said!("{}: {}", what, code(reason)),
    }
}
