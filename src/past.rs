//! What the history keeps of a deploy once it has its verdict, and what it says of a revision that
//! is found running: whose it is, or that nobody here brought it.

mod author;
mod entry;
mod listed;
mod proof;
mod stack;
mod stood;
mod ways;

pub use self::author::{author, deployed};
pub use self::listed::{IsAll, Listed, WantedEntries, listed};
pub(crate) use self::proof::Proof;
pub use self::stack::{
    Live, Marked, RanThen, RanWhat, Stack, Ways, marked, ran_at, runs_already, with_open,
};
pub use self::stood::stood;
pub(crate) use self::ways::is_called;
pub use self::ways::{counted_between, crossed};
use std::iter;

use crate::names::image_reference::digest_part;
use crate::plan::{PlannedSchedule, PlannedService, Share};
use crate::record::{
    Copied, Deploy, Past, PastCommits, ScheduleState, ServiceEnding, ServicePhase, ServiceState,
    Verdict,
};
use crate::request::Verb;
use crate::rollout::Status;
use crate::task_definition::family_of;

/// Authors of commits that an entry keeps: one more than a line names.
const AUTHORS: usize = 4;

/// What the history says of the revision that a service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It knows nothing of this service.
    Unknown,
    /// This entry brought it, or left it there when it failed.
    Ours(&'a Past),
    /// Nothing here did; by the history, what this entry brought should run.
    Outside(&'a Past),
}

/// Holds what a service runs against the history, newest first. What did not succeed may have left
/// its revision behind; what came before the last success may not.
pub fn standing<'a>(history: &'a [Past], service: &str, revision: &str) -> Standing<'a> {
    let revision = ran_as(history, service, revision);
    for past in history {
        let brought = past.revisions.iter().find(|(name, _)| name == service);
        match brought {
            Some((_, brought)) if brought == revision => return Standing::Ours(past),
            Some(_) if past.took_effect() => return Standing::Outside(past),
            Some(_) | None => {}
        }
    }
    Standing::Unknown
}

/// What a revision is a copy of, if it was registered so that a service could go on as it ran; else
/// itself. `history` is newest first, and a copy may have been copied again.
pub fn ran_as<'a>(history: &'a [Past], service: &str, revision: &'a str) -> &'a str {
    let copies = history.iter().flat_map(|past| &past.copies);
    let own = copies.filter(|copied| copied.service == service);
    own.fold(revision, |revision, copied| {
        match copied.revision == revision {
            true => &copied.of,
            false => revision,
        }
    })
}

/// Whether what a service runs is known to have failed: it was brought here, and nothing says that it
/// ever came up.
pub(crate) fn is_known_bad(history: &[Past], service: &str, revision: &str) -> bool {
    let revision = ran_as(history, service, revision);
    let brought = history
        .iter()
        .filter(|past| past.revision_of(service) == Some(revision));
    let mut bad = false;
    for past in brought {
        let mut left = past.left.iter();
        let came_up = left.any(|(name, runs)| name == service && runs.is_some());
        if past.is_good() || came_up {
            return false;
        }
        bad |= match past.verdict {
            Some(Verdict::Failed | Verdict::RolledBack | Verdict::Cancelled) => true,
            // How these ended, the history does not say.
            Some(_) => false,
            None => past.outside.is_some(),
        };
    }
    bad
}

/// The newest entry whose revision of the service is of that family and came up, with that revision.
pub fn last_good<'a>(
    history: &'a [Past],
    service: &str,
    family: &str,
) -> Option<(&'a Past, &'a str)> {
    let good = history.iter().filter(|past| past.is_good());
    let mut good = good.filter_map(|past| Some((past, past.revision_of(service)?)));
    good.find(|(_, revision)| family_of(revision) == family)
}

/// The history's entries for this deploy: one for each of its applications that it was to change.
pub fn of(deploy: &Deploy) -> Vec<Past> {
    let plan = deploy.plan.as_ref();
    let changes = |one: &Deploy| plan.is_none_or(|plan| plan.changes(one.application()));
    let each = deploy.each().into_iter().filter(changes);
    each.map(|one| of_one(deploy, &one)).collect()
}

/// The entry for one application, `one` being what was asked of it.
fn of_one(deploy: &Deploy, one: &Deploy) -> Past {
    let plan = deploy.plan.as_ref();
    let places = plan.map_or(0..0, |plan| plan.places_of(one.application()));
    let own = plan.and_then(|plan| plan.own(one.application()));
    let (share, services) = own.map_or((None, &[][..]), |(share, own)| (Some(share), own));
    let parts = share.map_or(&[][..], |share| &share.parts);
    let mut digests: Vec<(String, String)> = Vec::new();
    let mut proof = Proof::default();
    let rolled_out = deploy.services.iter().skip(places.start);
    let rolled_out = rolled_out.take(places.len());
    let states = rolled_out.clone().map(Some);
    for (service, state) in services.iter().zip(states.chain(iter::repeat(None))) {
        let mut brings = Vec::new();
        let images = service.change.images();
        // A deploy leaves alone the containers that it does not name.
        let kept = service.live_digests.iter().filter(|(container, _)| {
            let named = images.iter().any(|(named, _)| named == container);
            match one.verb() {
                Verb::Deploy { .. } => !parts.is_empty() && !named,
                Verb::Restart => true,
                Verb::Rollback { .. } => false,
            }
        });
        for (container, image) in images.iter().chain(kept) {
            let digest = digest_part(image);
            let entry = (container.clone(), digest.to_owned());
            if !digests.contains(&entry) {
                digests.push(entry.clone());
            }
            brings.push(entry);
        }
        match state {
            Some(state) if state.ran_nothing() => proof.runs(&brings, 0),
            _ => proof.runs(&brings, 1),
        }
    }
    let unchanged = share.map_or(&[][..], |share| &share.unchanged);
    for entry in unchanged.iter().flat_map(|service| &service.digests) {
        proof.left_alone(entry);
        if !digests.contains(entry) {
            digests.push(entry.clone());
        }
    }
    // What was left alone is not brought by what did not succeed.
    let succeeded = deploy.verdict() == Some(Verdict::Succeeded);
    let left_alone = unchanged.iter().filter(|_| succeeded);
    let revisions = rolled_out
        .filter_map(|service| Some((service.service.clone(), service.revision.clone()?)))
        .chain(left_alone.map(|s| (s.service.clone(), s.live.clone())))
        .collect();
    let schedules: Vec<_> = plan
        .iter()
        .flat_map(|plan| &plan.schedules)
        .zip(&deploy.schedules)
        .filter(|(planned, _)| places.contains(&planned.with))
        .collect();
    let schedules_left = share.map_or(&[][..], |share| &share.schedules_left);
    let goes_back = share.and_then(|share| share.goes_back.as_ref());
    Past {
        id: Some(deploy.id.clone()),
        verb: Some(one.verb().clone()),
        application: one.application().clone(),
        environment: deploy.environment.clone(),
        requester: deploy.requester.clone(),
        requested_at: deploy.requested_at,
        started_at: deploy.started_at.filter(|_| deploy.has_begun()),
        verdict: deploy.verdict(),
        ended_at: deploy.ending.as_ref().map(|ending| ending.at),
        label: share.map_or_else(|| asked_for(one), |share| share.label.clone()),
        repository: share.and_then(|share| share.repository.clone()),
        digests,
        left_alone: proof.only_left_alone(),
        idle: proof.idle(),
        commit: share.and_then(|share| share.commit.as_ref().map(ToString::to_string)),
        commits: share.and_then(|share| commits(share, services)),
        parts: parts.to_vec(),
        revisions,
        pins: Vec::new(),
        copies: copies(services, &schedules, deploy),
        schedules: schedules
            .iter()
            .filter_map(|(_, state)| Some((state.schedule.clone(), state.revision.clone()?)))
            .chain(schedules_left.iter().cloned())
            .collect(),
        ran_task: plan.and_then(|plan| {
            let mut tasks = plan.one_offs.iter().zip(&deploy.one_offs);
            let ran =
                tasks.find(|(task, state)| state.may_have_run() && places.contains(&task.with));
            ran.map(|(task, _)| task.family.clone())
        }),
        left: left(deploy)
            .into_iter()
            .filter(|(name, _)| services.iter().any(|planned| planned.service == *name))
            .collect(),
        back_to: goes_back.map(|back| back.to.clone()),
        stopped: deploy.stops.as_ref().map(|stops| stops.deploy.clone()),
        outside: None,
        ran_already: deploy.ran_already(),
    }
}

/// What lay between what ran and what this brought, where the plan compared them.
fn commits(share: &Share, services: &[PlannedService]) -> Option<PastCommits> {
    let mut counted = share.commits.as_ref()?.counted();
    counted.by.truncate(AUTHORS);
    let since = services.first()?.live_commit.as_ref()?.to_string();
    Some(PastCommits { since, counted })
}

/// The copies that services and schedules were taken back to.
fn copies(
    services: &[PlannedService],
    schedules: &[(&PlannedSchedule, &ScheduleState)],
    deploy: &Deploy,
) -> Vec<Copied> {
    let copied = |name: &str, back: Option<&String>, live: &str| {
        let back = back.filter(|back| *back != live)?;
        Some(Copied {
            service: name.to_owned(),
            revision: back.clone(),
            of: live.to_owned(),
        })
    };
    let service = |planned: &PlannedService| {
        let mut states = deploy.services.iter();
        let state = states.find(|state| state.service == planned.service)?;
        copied(&state.service, state.back.as_ref(), planned.back_to())
    };
    let of_schedules = schedules
        .iter()
        .filter_map(|(planned, state)| copied(&state.schedule, state.back.as_ref(), &planned.live));
    services
        .iter()
        .filter_map(service)
        .chain(of_schedules)
        .collect()
}

/// What each service runs, where the deploy came up on some of them only; `None` for one of which
/// that is not certain. Empty where one word says it for all.
pub fn left(deploy: &Deploy) -> Vec<(String, Option<String>)> {
    let out = deploy
        .services
        .iter()
        .filter(|state| state.is_out())
        .count();
    let Some(plan) = deploy.plan.as_ref().filter(|_| out > 0) else {
        return Vec::new();
    };
    if out == deploy.services.len() {
        return Vec::new();
    }
    let live = |name: &str| {
        let planned = plan.services.iter().find(|planned| planned.service == name);
        planned.map(|planned| planned.live_label.clone())
    };
    // What ECS showed right before the verdict: one revision, all of whose tasks ran, and whose it is.
    let shown = |at: usize, state: &ServiceState| {
        let planned = plan.services.get(at)?;
        let mut running = state.shown.iter().filter(|side| side.has_tasks());
        let only = running.next().filter(|_| running.next().is_none())?;
        let wanted = state.shown.first().map_or(0, |side| side.counts.desired);
        if only.counts.running < wanted {
            return None;
        }
        match &only.task_definition {
            revision if Some(revision) == state.revision.as_ref() => {
                Some(plan.brings(at).to_owned())
            }
            revision if state.ran_before(planned, revision) => Some(planned.live_label.clone()),
            _ => None,
        }
    };
    let services = deploy.services.iter().enumerate().map(|(at, state)| {
        let runs = match &state.phase {
            ServicePhase::Succeeded { .. } => Some(plan.brings(at).to_owned()),
            ServicePhase::Waiting | ServicePhase::WentBack => live(&state.service),
            ServicePhase::Unsuccessful { ending, .. } => match ending {
                ServiceEnding::RolledBack | ServiceEnding::Stopped | ServiceEnding::NotStarted => {
                    live(&state.service)
                }
                ServiceEnding::Aborted | ServiceEnding::Failed | ServiceEnding::Superseded => {
                    shown(at, state)
                }
            },
            ServicePhase::Starting { .. }
            | ServicePhase::Rolling { .. }
            | ServicePhase::GoingBack { .. }
            | ServicePhase::StuckHalfway { .. } => shown(at, state),
        };
        (state.service.clone(), runs)
    });
    services.collect()
}

/// What was asked for, as it is typed, where no plan says what it came to.
pub(crate) fn asked_for(deploy: &Deploy) -> String {
    match deploy.verb() {
        Verb::Deploy {
            reference, image, ..
        } => {
            let image = image.iter().map(|image| format!("/{image}"));
            let reference = reference.iter().map(|reference| format!(":{reference}"));
            let typed: String = image.chain(reference).collect();
            format!("{}{typed}", deploy.application())
        }
        Verb::Rollback { .. } | Verb::Restart => String::new(),
    }
}

/// Whether anything became another by it, or may have: not what was refused, lapsed or was stopped before
/// it began.
pub fn changed_something(past: &Past) -> bool {
    past.id.is_none() || past.stopped.is_some() || past.started_at.is_some()
}

/// What became of the rollout that brought a revision: `None` while that cannot be told, because one
/// is under way or what was read is older than the newest success. `rollouts` are a service's, newest
/// first, each with the task definition it was to bring.
pub(crate) fn rollout_of(rollouts: &[(Status, Option<String>)], revision: &str) -> Option<bool> {
    for (status, brings) in rollouts {
        let successful = *status == Status::Successful;
        match brings.as_deref() == Some(revision) {
            _ if !status.is_final() => return None,
            true => return Some(successful),
            false if successful => return None,
            false => {}
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::gate::Stood;
    use crate::record::Outside;

    fn past(verdict: Option<Verdict>, revision: &str) -> Past {
        Past {
            revisions: vec![("webapp".to_owned(), revision.to_owned())],
            ..fixtures::past(revision, verdict.is_some(), verdict)
        }
    }

    #[test]
    fn what_a_deploy_left_alone_or_no_task_ran_is_not_proved_by_it() {
        let both = [fixtures::phase_succeeded(), fixtures::phase_succeeded()];
        let verb = fixtures::deploy_of("v1.0.2");
        let mut deploy = fixtures::settled(verb, Verdict::Succeeded, "", both);
        let plan = deploy.plan.as_mut().unwrap();
        let brought = digest_part(&plan.services[0].change.images()[0].1).to_owned();
        let left = |digest: &str| crate::plan::Unchanged {
            service: "other".to_owned(),
            live: fixtures::family("other", 1),
            digests: vec![("app".to_owned(), digest.to_owned())],
            lacks_image: true,
        };
        plan.shares.first_mut().unchanged = vec![left("sha256:old"), left(&brought)];
        let entry = of(&deploy).remove(0);
        assert_eq!(entry.left_alone, ["sha256:old"]);
        assert!(entry.idle.is_empty());
        let mut failed = past(Some(Verdict::Failed), "1");
        failed.digests = vec![("app".to_owned(), "sha256:old".to_owned())];
        let history = [entry, failed];
        assert_eq!(stood(&history, "sha256:old", 100), Stood::Never);
        assert_ne!(stood(&history, &brought, 100), Stood::Never);
        let asleep = |state: &mut ServiceState| {
            let rollout = "sd/1".to_owned();
            let no_tasks = true;
            state.phase = ServicePhase::Succeeded { rollout, no_tasks };
        };
        asleep(&mut deploy.services[0]);
        assert!(of(&deploy)[0].idle.is_empty(), "the other service ran it");
        asleep(&mut deploy.services[1]);
        let entry = of(&deploy).remove(0);
        assert_eq!(entry.idle, std::slice::from_ref(&brought));
        assert_eq!(stood(&[entry], &brought, 100), Stood::NothingRan);
    }

    #[test]
    fn what_runs_is_ours_or_somebody_elses() {
        use Verdict::{Failed, RolledBack, Succeeded};
        let baseline = || past(None, "1");
        let entry = |verdict, revision| past(Some(verdict), revision);
        let mut refused = entry(Verdict::Refused, "?");
        refused.revisions.clear();
        for (history, runs, is) in [
            (vec![], "1", "unknown"),
            (vec![baseline()], "1", "ours 1"),
            (vec![baseline()], "9", "outside, not 1"),
            (vec![entry(Succeeded, "2"), baseline()], "2", "ours 2"),
            // Somebody put the revision from before back.
            (
                vec![entry(Succeeded, "2"), baseline()],
                "1",
                "outside, not 2",
            ),
            // ECS went back, or could not.
            (vec![entry(RolledBack, "2"), baseline()], "1", "ours 1"),
            (vec![entry(Failed, "2"), baseline()], "2", "ours 2"),
            (vec![entry(Failed, "2"), baseline()], "9", "outside, not 1"),
            (vec![refused, baseline()], "1", "ours 1"),
        ] {
            let said = match standing(&history, "webapp", runs) {
                Standing::Unknown => "unknown".to_owned(),
                Standing::Ours(past) => format!("ours {}", past.label),
                Standing::Outside(past) => format!("outside, not {}", past.label),
            };
            assert_eq!(said, is, "{runs} {history:#?}");
            let other = standing(&history, "another", runs);
            assert_eq!(other, Standing::Unknown);
        }
    }

    #[test]
    fn a_copy_that_a_service_went_back_to_is_what_it_is_a_copy_of() {
        use Verdict::{Failed, Succeeded};
        let copied = |revision: &str, of: &str| Copied {
            service: "webapp".to_owned(),
            revision: revision.to_owned(),
            of: of.to_owned(),
        };
        let mut first = past(Some(Failed), "3");
        first.copies = vec![copied("4", "2")];
        let mut second = past(Some(Failed), "5");
        // Copied again: the copy was deregistered meanwhile.
        second.copies = vec![copied("6", "4")];
        let history = [second, first, past(Some(Succeeded), "2"), past(None, "1")];
        for (runs, is) in [("6", "2"), ("4", "2"), ("2", "2"), ("5", "5"), ("9", "9")] {
            assert_eq!(ran_as(&history, "webapp", runs), is);
        }
        assert_eq!(ran_as(&history, "another", "6"), "6");
        let standing = standing(&history, "webapp", "6");
        assert_eq!(standing, Standing::Ours(&history[2]));
        assert!(!is_known_bad(&history, "webapp", "6"));
    }

    #[test]
    fn what_is_known_to_have_failed_is_what_nothing_says_came_up() {
        use Verdict::{Abandoned, Cancelled, Failed, RolledBack, Succeeded, Superseded};
        let entry = |verdict, revision: &str| past(Some(verdict), revision);
        let mut out = entry(Failed, "2");
        out.left = vec![("webapp".to_owned(), Some("main".to_owned()))];
        let mut foreign = past(None, "2");
        foreign.outside = Some(Outside {
            registered_by: None,
            successful: false,
        });
        for (history, bad) in [
            (vec![], false),
            (vec![past(None, "2")], false),
            (vec![entry(Failed, "2"), past(None, "1")], true),
            (vec![entry(RolledBack, "2")], true),
            (vec![entry(Cancelled, "2")], true),
            // It may have come up after nobody watched any more.
            (vec![entry(Abandoned, "2")], false),
            (vec![entry(Superseded, "2")], false),
            // A restart of it failed; it had come up before.
            (vec![entry(Failed, "2"), entry(Succeeded, "2")], false),
            // It came up there, and not on another service.
            (vec![out], false),
            (vec![foreign], true),
            (vec![entry(Failed, "3"), entry(Succeeded, "2")], false),
        ] {
            assert_eq!(is_known_bad(&history, "webapp", "2"), bad, "{history:?}");
        }
        let history = [
            entry(Failed, "web:4"),
            entry(Failed, "web:3"),
            entry(Succeeded, "other:2"),
            entry(Succeeded, "web:1"),
        ];
        let found = last_good(&history, "webapp", "web");
        assert_eq!(found.map(|(_, revision)| revision), Some("web:1"));
        assert!(last_good(&history, "webapp", "none").is_none());
    }

    #[test]
    fn who_restarts_has_not_brought_what_runs() {
        let digest = |digest: &str| vec![("app".to_owned(), digest.to_owned())];
        let entry = |verdict, revision, digests: &str| Past {
            digests: digest(digests),
            ..past(Some(verdict), revision)
        };
        let restart = |revision, digests| Past {
            verb: Some(Verb::Restart),
            ..entry(Verdict::Succeeded, revision, digests)
        };
        let is = |history: &[Past], label: Option<&str>| {
            let found = author(history, &history[0], "webapp").map(|past| past.label.as_str());
            assert_eq!(found, label, "{history:#?}");
        };
        let deployed = || entry(Verdict::Succeeded, "2", "b");
        let failed = || entry(Verdict::RolledBack, "3", "c");
        is(&[deployed()], Some("2"));
        is(&[restart("2", "b"), failed(), deployed()], Some("2"));
        is(
            &[restart("2", "b"), restart("2", "b"), deployed()],
            Some("2"),
        );
        // With its images pinned.
        is(&[restart("4", "b"), failed(), deployed()], Some("2"));
        // What failed, but was left there.
        is(&[restart("3", "c"), failed(), deployed()], Some("3"));
        is(&[restart("4", "b")], None);
    }

    #[test]
    fn what_runs_is_worth_going_back_to_only_if_its_rollout_was_successful() {
        use Status::{InProgress, RollbackFailed, RollbackSuccessful, Stopped, Successful};
        let of = |rollouts: &[(Status, &str)]| {
            let rollouts: Vec<_> = rollouts
                .iter()
                .map(|(status, brings)| (status.clone(), Some((*brings).to_owned())))
                .collect();
            rollout_of(&rollouts, "9")
        };
        for (rollouts, found) in [
            (&[(Successful, "9"), (Successful, "2")][..], Some(true)),
            // Under way, or on its way back.
            (&[(InProgress, "9"), (Successful, "2")], None),
            (&[(InProgress, "2"), (Successful, "9")], None),
            // A read that is older than the newest success.
            (&[(Successful, "2"), (Successful, "9")], None),
            // Stopped or failed on the way, and what it brought runs all the same.
            (&[(Stopped, "9"), (Successful, "2")], Some(false)),
            (&[(RollbackFailed, "9"), (Successful, "2")], Some(false)),
            // A later one was taken back, to this.
            (&[(RollbackSuccessful, "3"), (Successful, "9")], Some(true)),
            (&[], Some(false)),
        ] {
            assert_eq!(of(rollouts), found, "{rollouts:?}");
        }
    }

    #[test]
    fn what_ran_by_somebody_elses_doing_is_good_if_it_came_up() {
        for (successful, good) in [(true, true), (false, false)] {
            let mut outside = past(None, "9");
            outside.outside = Some(Outside {
                registered_by: None,
                successful,
            });
            assert_eq!(outside.is_good(), good);
            assert!(outside.took_effect() && !outside.is_baseline());
        }
        assert!(past(None, "1").is_good() && past(None, "1").is_baseline());
    }

    #[test]
    fn a_record_of_the_previous_version_is_read_as_a_change_of_ours() {
        let mut json = serde_json::to_value(past(Some(Verdict::Succeeded), "2")).unwrap();
        json.as_object_mut().unwrap().remove("outside");
        let read: Past = serde_json::from_value(json).unwrap();
        assert_eq!(read.outside, None);
    }
}
