//! Every state that three services can be in together, and a table of those worth naming.

use jiff::Timestamp;

use super::*;
use crate::card::fixtures;
use crate::names::{Actor, DeployId};
use crate::record::{Cancel, Origin};
use crate::request::Verb;

const T: Timestamp = Timestamp::UNIX_EPOCH;

fn deploy(phases: &[ServicePhase], cancelled: bool) -> Deploy {
    let place = ("cms".parse().unwrap(), "staging".parse().unwrap());
    let origin = Origin::typed(None);
    let id = DeployId::derive(b"a request");
    let mut deploy = Deploy::new(id, Verb::Restart, place, Actor::Longshore, T, origin);
    deploy.services = phases
        .iter()
        .enumerate()
        .map(|(index, phase)| ServiceState {
            phase: phase.clone(),
            revision: Some(format!("family-{index}:2")),
            ..ServiceState::new(&format!("s{index}"))
        })
        .collect();
    deploy.cancel = cancelled.then_some(Cancel {
        by: Actor::Longshore,
        at: T,
        by_copy: None,
    });
    deploy
}

fn planned(mut deploy: Deploy, rollouts: Rollouts, on_failure: OnFailure) -> Deploy {
    let mut plan = fixtures::plan("1.0.2", &["s0", "s1", "s2"]);
    (plan.rollouts, plan.on_failure) = (rollouts, on_failure);
    deploy.plan = Some(plan);
    deploy
}

fn good() -> ServicePhase {
    ServicePhase::Succeeded {
        rollout: String::new(),
        no_tasks: false,
    }
}

fn bad(ending: ServiceEnding) -> ServicePhase {
    ServicePhase::Unsuccessful {
        ending,
        reason: Reason::Said("it crashed".to_owned()),
    }
}

fn under_way() -> ServicePhase {
    ServicePhase::Rolling {
        since: T,
        rollout: String::new(),
        before: Vec::new(),
    }
}

fn stuck() -> ServicePhase {
    ServicePhase::StuckHalfway {
        reason: Reason::Said("no way back".to_owned()),
    }
}

#[test]
fn services_go_in_order_and_back_when_one_fails() {
    use ServiceEnding::RolledBack;
    use ServicePhase::{Waiting, WentBack};
    for (phases, cancelled, next) in [
        (vec![Waiting, Waiting], false, Some(0)),
        (vec![under_way(), Waiting], false, Some(0)),
        (vec![good(), Waiting], false, Some(1)),
        (vec![good(), good()], false, None),
        // One failed: what is out goes back, what has not begun stays.
        (vec![good(), bad(RolledBack), Waiting], false, Some(0)),
        (vec![WentBack, bad(RolledBack), Waiting], false, None),
        (vec![bad(RolledBack), Waiting], false, None),
        // Somebody wants it stopped.
        (vec![Waiting, Waiting], true, None),
        (vec![good(), under_way()], true, Some(1)),
        (vec![good(), bad(RolledBack)], true, Some(0)),
        // Too late: everything is out.
        (vec![good(), good()], true, None),
    ] {
        let due = due(&deploy(&phases, cancelled));
        assert_eq!(due, Vec::from_iter(next), "{phases:?}");
    }
}

#[test]
fn in_parallel_all_are_due_at_once_and_with_stop_what_is_out_stays() {
    use OnFailure::{RollbackAll, Stop};
    use ServiceEnding::RolledBack;
    use ServicePhase::{Waiting, WentBack};
    for (phases, cancelled, on_failure, wanted) in [
        (
            vec![Waiting, Waiting, Waiting],
            false,
            RollbackAll,
            &[0, 1, 2][..],
        ),
        (
            vec![under_way(), good(), Waiting],
            false,
            RollbackAll,
            &[0, 2],
        ),
        (
            vec![under_way(), bad(RolledBack), good()],
            false,
            RollbackAll,
            &[0, 2],
        ),
        (
            vec![under_way(), bad(RolledBack), good()],
            false,
            Stop,
            &[0],
        ),
        (vec![Waiting, bad(RolledBack), good()], false, Stop, &[]),
        (vec![good(), bad(RolledBack), WentBack], false, Stop, &[]),
        // A person's wish that it stop is no failure.
        (vec![good(), bad(RolledBack), good()], true, Stop, &[0, 2]),
    ] {
        let deploy = planned(deploy(&phases, cancelled), Rollouts::Parallel, on_failure);
        assert_eq!(
            due(&deploy),
            wanted,
            "{phases:?} {cancelled} {on_failure:?}"
        );
    }
}

#[test]
fn the_verdict_is_what_became_of_the_services() {
    use OnFailure::{RollbackAll, Stop};
    use ServiceEnding::{Failed, NotStarted, RolledBack, Stopped, Superseded};
    use ServicePhase::{Waiting, WentBack};
    for (phases, cancelled, on_failure, verdict_wanted, why) in [
        (vec![good()], false, RollbackAll, Verdict::Succeeded, ""),
        (
            vec![good(), good()],
            true,
            RollbackAll,
            Verdict::Succeeded,
            "",
        ),
        (
            vec![bad(RolledBack)],
            false,
            RollbackAll,
            Verdict::RolledBack,
            "it crashed",
        ),
        (
            vec![WentBack, bad(RolledBack)],
            false,
            RollbackAll,
            Verdict::RolledBack,
            "s1: it crashed",
        ),
        (
            vec![bad(Failed), Waiting],
            false,
            RollbackAll,
            Verdict::Failed,
            "s0: it crashed",
        ),
        (
            vec![bad(NotStarted)],
            false,
            RollbackAll,
            Verdict::Failed,
            "it crashed",
        ),
        (
            vec![bad(Superseded)],
            true,
            RollbackAll,
            Verdict::Superseded,
            "it crashed",
        ),
        (
            vec![bad(Stopped)],
            true,
            RollbackAll,
            Verdict::Cancelled,
            "it crashed",
        ),
        (
            vec![bad(Stopped)],
            false,
            RollbackAll,
            Verdict::RolledBack,
            "it crashed",
        ),
        (
            vec![Waiting, Waiting],
            true,
            RollbackAll,
            Verdict::Cancelled,
            "",
        ),
        (
            vec![WentBack, Waiting],
            true,
            RollbackAll,
            Verdict::Cancelled,
            "",
        ),
        (
            vec![stuck(), bad(RolledBack)],
            false,
            RollbackAll,
            Verdict::Failed,
            "s0: no way back",
        ),
        // In parallel: the one that was stopped was stopped because of the other.
        (
            vec![bad(Stopped), bad(RolledBack)],
            false,
            RollbackAll,
            Verdict::RolledBack,
            "s1: it crashed",
        ),
        (
            vec![bad(Stopped), bad(Superseded)],
            false,
            RollbackAll,
            Verdict::Superseded,
            "s1: it crashed",
        ),
        (
            vec![bad(RolledBack), bad(Failed)],
            false,
            RollbackAll,
            Verdict::Failed,
            "s1: it crashed",
        ),
        // What is out stays out: not everything that was asked for, and not nothing either.
        (
            vec![good(), bad(RolledBack), Waiting],
            false,
            Stop,
            Verdict::Failed,
            "s1: it crashed",
        ),
        (
            vec![good(), bad(Superseded)],
            false,
            Stop,
            Verdict::Failed,
            "s1: it crashed",
        ),
        (
            vec![bad(RolledBack), Waiting],
            false,
            Stop,
            Verdict::RolledBack,
            "s0: it crashed",
        ),
    ] {
        let judged = verdict(&planned(
            deploy(&phases, cancelled),
            Rollouts::InOrder,
            on_failure,
        ));
        let judged = (judged.0, judged.1.to_string());
        let wanted = (verdict_wanted, why.to_owned());
        assert_eq!(judged, wanted, "{phases:?} {on_failure:?}");
    }
}

/// Every phase a service can be in.
fn phases() -> Vec<ServicePhase> {
    use ServiceEnding::{Failed, NotStarted, RolledBack, Stopped, Superseded};
    let starting = ServicePhase::Starting {
        since: T,
        sent: None,
        before: Vec::new(),
    };
    let going_back = ServicePhase::GoingBack {
        since: T,
        sent: None,
        before: Vec::new(),
        rollout: None,
    };
    let mut phases = vec![
        ServicePhase::Waiting,
        starting,
        under_way(),
        good(),
        going_back,
        ServicePhase::WentBack,
        stuck(),
    ];
    phases.extend([RolledBack, Stopped, Failed, Superseded, NotStarted].map(bad));
    phases
}

#[test]
fn whatever_three_services_are_in_the_rules_of_turns_and_verdicts_hold() {
    let all = phases();
    let each = |of: &dyn Fn(&Deploy)| {
        for one in &all {
            for two in &all {
                for three in &all {
                    for cancelled in [false, true] {
                        let phases = [one.clone(), two.clone(), three.clone()];
                        of(&deploy(&phases, cancelled));
                    }
                }
            }
        }
    };
    each(&|deploy| {
        for on_failure in [OnFailure::RollbackAll, OnFailure::Stop] {
            let parallel = planned(deploy.clone(), Rollouts::Parallel, on_failure);
            let in_order = planned(deploy.clone(), Rollouts::InOrder, on_failure);
            let at_once = due(&parallel);
            // In order is parallel, one at a time, and what is to be stopped comes first.
            let rolls_out = |index: &&usize| {
                let phase = &deploy.services[**index].phase;
                matches!(
                    phase,
                    ServicePhase::Starting { .. } | ServicePhase::Rolling { .. }
                )
            };
            let stopped = at_once.iter().find(rolls_out);
            let first = match course(&in_order) == Course::Back {
                true => stopped.or(at_once.first()),
                false => at_once.first(),
            };
            assert_eq!(due(&in_order), Vec::from_iter(first.copied()));
            let failed = deploy
                .services
                .iter()
                .any(|service| matches!(service.phase, ServicePhase::Unsuccessful { .. }));
            for (index, service) in deploy.services.iter().enumerate() {
                let is_due = at_once.contains(&index);
                match service.phase {
                    ServicePhase::Starting { .. }
                    | ServicePhase::Rolling { .. }
                    | ServicePhase::GoingBack { .. } => assert!(is_due, "never left alone"),
                    ServicePhase::Waiting => {
                        assert_eq!(is_due, !failed && deploy.cancel.is_none());
                    }
                    ServicePhase::Succeeded { .. } => {
                        let wanted_back = deploy.cancel.is_some()
                            || failed && on_failure == OnFailure::RollbackAll;
                        assert_eq!(is_due, wanted_back && !all_succeeded(deploy));
                    }
                    ServicePhase::Unsuccessful { .. }
                    | ServicePhase::WentBack
                    | ServicePhase::StuckHalfway { .. } => assert!(!is_due, "final is final"),
                }
            }
            let rolls = Rollouts::InOrder;
            assert_eq!(verdict(&parallel), verdict(&in_order), "{rolls:?} or not");
            // Nothing goes back for no reason.
            if at_once.is_empty() && (failed || deploy.cancel.is_some() || all_succeeded(deploy)) {
                let (verdict, _) = verdict(&in_order);
                let out = deploy.services.iter().filter(|service| service.is_out());
                match (verdict, out.count()) {
                    (Verdict::Succeeded, out) => assert_eq!(out, 3, "{deploy:#?}"),
                    // Something of it runs, so nothing says that it was undone.
                    (verdict, 1..) => assert_eq!(verdict, Verdict::Failed, "{deploy:#?}"),
                    (verdict, 0) => assert_ne!(verdict, Verdict::Succeeded),
                }
            }
        }
    });
}

#[test]
fn what_stays_out_keeps_its_family() {
    let deploy = deploy(&[good(), bad(ServiceEnding::RolledBack)], false);
    assert_eq!(families_that_stay(&deploy), ["family-0"]);
}

#[test]
fn what_others_left_standing_is_not_known_to_be_undone() {
    for cancelled in [true, false] {
        let phases = [good(), bad(ServiceEnding::Aborted), ServicePhase::Waiting];
        assert_eq!(due(&deploy(&phases, cancelled)), [0]);
        let phases = [
            ServicePhase::WentBack,
            bad(ServiceEnding::Aborted),
            ServicePhase::Waiting,
        ];
        let taken_back = deploy(&phases, cancelled);
        assert!(due(&taken_back).is_empty());
        assert_eq!(verdict(&taken_back).0, Verdict::Failed);
    }
}
