use super::super::{
    AfterPause, Breaker, Controller, Hook, HookStatus, LiveRollout, RunningImage, Strategy, WayBack,
};
use super::*;

const OURS: &str = "arn:aws:ecs:eu-west-1:1:task-definition/web:8";
const BEFORE: &str = "arn:aws:ecs:eu-west-1:1:task-definition/web:7";
const FOREIGN: &str = "arn:aws:ecs:eu-west-1:1:task-definition/web:9";
const ARN: &str = "arn:aws:ecs:eu-west-1:1:service-deployment/c/web/1";

fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn ours() -> Ours {
    Ours {
        task_definition: OURS.to_owned(),
        before: BEFORE.to_owned(),
        images: vec![("app".to_owned(), format!("r.example/web@{}", digest('a')))],
        rollout: Some(ARN.to_owned()),
        since: at(0),
    }
}

pub(crate) fn live(task_definition: &str, state: &str) -> LiveService {
    LiveService {
        name: "web".to_owned(),
        arn: "arn:aws:ecs:eu-west-1:1:service/c/web".to_owned(),
        status: "ACTIVE".to_owned(),
        task_definition: task_definition.to_owned(),
        desired: 2,
        running: 2,
        pending: 0,
        controller: Controller::Ecs,
        strategy: Strategy::Rolling,
        breaker: Breaker::default(),
        current: None,
        rollouts: vec![LiveRollout {
            id: "ecs-svc/1".to_owned(),
            status: "PRIMARY".to_owned(),
            task_definition: task_definition.to_owned(),
            state: Some(state.to_owned()),
            reason: None,
            counts: Counts::default(),
            created: None,
        }],
        events: Vec::new(),
    }
}

pub(crate) fn live_rollout(status: &str, task_definition: &str, counts: Counts) -> LiveRollout {
    LiveRollout {
        id: format!("ecs-svc/{status}"),
        status: status.to_owned(),
        task_definition: task_definition.to_owned(),
        state: None,
        reason: None,
        counts,
        created: None,
    }
}

pub(crate) fn rollout(status: &str) -> Rollout {
    Rollout {
        arn: ARN.to_owned(),
        status: Status::new(status),
        reason: None,
        created: None,
        finished: None,
        target: None,
        counts: Counts {
            desired: 2,
            running: 1,
            pending: 1,
            failed: 0,
        },
        old_running: 1,
        rollback: None,
        breaker_triggered: false,
        breaker_threshold: 3,
        alarms_triggered: Vec::new(),
        stage: None,
        strategy: Strategy::Rolling,
        share: None,
        bake_minutes: None,
        alarms_watched: Vec::new(),
        hooks: Vec::new(),
    }
}

fn hook(status: HookStatus) -> Hook {
    Hook {
        id: "hook-1".to_owned(),
        status,
        expires_at: None,
        on_timeout: AfterPause::RollBack,
    }
}

fn revision(task_definition: &str, digest: &str) -> Revision {
    Revision {
        arn: "arn:aws:ecs:eu-west-1:1:service-revision/c/web/1".to_owned(),
        task_definition: task_definition.to_owned(),
        images: vec![RunningImage {
            container: "app".to_owned(),
            image: Some(format!("r.example/web@{digest}")),
            digest: Some(digest.to_owned()),
        }],
    }
}

fn seen(status: &str) -> Observed {
    Observed {
        service: Some(live(OURS, "IN_PROGRESS")),
        rollout: Some(rollout(status)),
        revision: Some(revision(OURS, &digest('a'))),
    }
}

fn rolling(stage: Stage) -> Judgement {
    Judgement::Rolling {
        counts: rollout("PENDING").counts,
        stage,
    }
}

#[test]
fn each_of_the_nine_statuses_has_its_judgement() {
    let table = [
        ("PENDING", rolling(Stage::Pending)),
        ("IN_PROGRESS", rolling(Stage::Forward)),
        ("STOP_REQUESTED", rolling(Stage::Stopping)),
        ("ROLLBACK_REQUESTED", rolling(Stage::GoingBack)),
        ("ROLLBACK_IN_PROGRESS", rolling(Stage::GoingBack)),
        ("SUCCESSFUL", Judgement::Succeeded { no_tasks: false }),
        (
            "STOPPED",
            Judgement::Stopped {
                reason: Reason::Stopped,
            },
        ),
        (
            "ROLLBACK_SUCCESSFUL",
            Judgement::RolledBack {
                by: Trigger::Request,
                reason: Reason::WentBack,
            },
        ),
        (
            "ROLLBACK_FAILED",
            Judgement::Failed {
                reason: Reason::NotBack,
            },
        ),
        ("SOMETHING_NEW", rolling(Stage::Forward)),
    ];
    for (status, expected) in table {
        // Neither the passing of time nor what the service shows otherwise changes it.
        for now in [at(1), at(59), at(61), at(4000)] {
            for service in [None, Some(live(OURS, "COMPLETED"))] {
                let mut seen = seen(status);
                seen.service = service;
                assert_eq!(judge(now, &ours(), &seen), expected, "{status}");
            }
        }
        assert_eq!(
            Status::new(status).is_final(),
            expected.is_final(),
            "{status}"
        );
    }
}

#[test]
fn a_stable_service_is_never_a_success() {
    // Our own task definition, COMPLETED, all tasks running: but the rollout is not to be seen.
    for now in [at(10), at(61), at(100_000)] {
        let mut seen = seen("SUCCESSFUL");
        seen.rollout = None;
        seen.service = Some(live(OURS, "COMPLETED"));
        let judgement = judge(now, &ours(), &seen);
        assert!(!judgement.is_final(), "{judgement:?}");
    }
}

#[test]
fn what_is_not_seen_is_tolerated_for_sixty_seconds() {
    let unseen = |service: Option<LiveService>| Observed {
        service,
        rollout: None,
        revision: None,
    };
    let early = unseen(Some(live(BEFORE, "COMPLETED")));
    assert_eq!(judge(at(60), &ours(), &early), Judgement::NotVisibleYet);
    assert!(matches!(
        judge(at(61), &ours(), &early),
        Judgement::RolledBack {
            by: Trigger::Unknown,
            ..
        }
    ));
    let never = Ours {
        rollout: None,
        ..ours()
    };
    assert_eq!(judge(at(61), &never, &early), Judgement::NeverBegan);
    let foreign = unseen(Some(live(FOREIGN, "COMPLETED")));
    assert_eq!(
        judge(at(61), &ours(), &foreign),
        Judgement::Superseded {
            by: FOREIGN.to_owned()
        }
    );
    assert_eq!(
        judge(at(9999), &ours(), &unseen(None)),
        Judgement::NotVisibleYet
    );
}

#[test]
fn success_needs_our_task_definition_and_the_accepted_image() {
    let mut other = seen("SUCCESSFUL");
    other.revision = Some(revision(FOREIGN, &digest('a')));
    assert!(matches!(
        judge(at(1), &ours(), &other),
        Judgement::Failed { .. }
    ));

    let mut other = seen("SUCCESSFUL");
    other.revision = Some(revision(OURS, &digest('b')));
    assert!(matches!(
        judge(at(1), &ours(), &other),
        Judgement::Failed { .. }
    ));

    // Nothing shows which image it is: that is neither success nor failure.
    let mut untold = revision(OURS, &digest('a'));
    untold.images.clear();
    let mut other = seen("SUCCESSFUL");
    other.revision = Some(untold);
    assert_eq!(judge(at(1), &ours(), &other), rolling(Stage::Verifying));

    let mut other = seen("SUCCESSFUL");
    other.revision = None;
    assert_eq!(judge(at(1), &ours(), &other), rolling(Stage::Verifying));

    // One architecture's digest beside the pinned index.
    let mut index = revision(OURS, &digest('a'));
    index.images[0].digest = Some(digest('c'));
    let mut other = seen("SUCCESSFUL");
    other.revision = Some(index);
    assert_eq!(
        judge(at(1), &ours(), &other),
        Judgement::Succeeded { no_tasks: false }
    );

    // By the resolved digest, where a plain digest was accepted.
    let mut tagged = revision(OURS, &digest('a'));
    tagged.images[0].image = Some("r.example/web:v1".to_owned());
    let mut other = seen("SUCCESSFUL");
    other.revision = Some(tagged);
    let plain = Ours {
        images: vec![("app".to_owned(), digest('a'))],
        ..ours()
    };
    assert_eq!(
        judge(at(1), &plain, &other),
        Judgement::Succeeded { no_tasks: false }
    );
}

#[test]
fn success_of_nothing_says_that_nothing_runs() {
    let mut seen = seen("SUCCESSFUL");
    if let Some(rollout) = &mut seen.rollout {
        rollout.counts = Counts::default();
    }
    if let Some(service) = &mut seen.service {
        service.desired = 0;
    }
    assert_eq!(
        judge(at(1), &ours(), &seen),
        Judgement::Succeeded { no_tasks: true }
    );
}

#[test]
fn who_stopped_a_rollout_is_read_from_the_rest() {
    let stopped = |primary: &str, state: &str, reason: Option<&str>| {
        let mut seen = seen("STOPPED");
        seen.service = Some(live(primary, state));
        if let Some(rollout) = &mut seen.rollout {
            rollout.reason = reason.map(str::to_owned);
        }
        seen
    };
    let replaced = "Service deployment stopped because a new service deployment was started.";
    for (primary, reason) in [
        (FOREIGN, None),
        (FOREIGN, Some(replaced)),
        (BEFORE, Some(replaced)),
    ] {
        assert_eq!(
            judge(at(5), &ours(), &stopped(primary, "IN_PROGRESS", reason)),
            Judgement::Superseded {
                by: primary.to_owned()
            }
        );
    }
    for primary in [OURS, BEFORE] {
        assert!(matches!(
            judge(at(5), &ours(), &stopped(primary, "FAILED", None)),
            Judgement::Stopped { .. }
        ));
    }
    let mut tripped = stopped(OURS, "FAILED", Some("the circuit breaker threshold"));
    if let Some(rollout) = &mut tripped.rollout {
        rollout.breaker_triggered = true;
    }
    assert_eq!(
        judge(at(5), &ours(), &tripped),
        Judgement::Failed {
            reason: Reason::Said("the circuit breaker threshold".to_owned())
        }
    );
}

#[test]
fn a_rollback_names_what_made_it() {
    let back = |change: fn(&mut Rollout)| {
        let mut seen = seen("ROLLBACK_SUCCESSFUL");
        if let Some(rollout) = &mut seen.rollout {
            change(rollout);
        }
        match judge(at(5), &ours(), &seen) {
            Judgement::RolledBack { by, reason } => (by, reason),
            other => panic!("{other:?}"),
        }
    };
    let (by, reason) = back(|rollout| {
        rollout.breaker_triggered = true;
        rollout.reason = Some("3 tasks failed".to_owned());
    });
    assert_eq!(
        (by, reason.to_string().as_str()),
        (Trigger::Breaker, "3 tasks failed")
    );
    let (by, reason) = back(|rollout| {
        rollout.alarms_triggered = vec!["errors".to_owned()];
        rollout.rollback = Some(WayBack {
            reason: Some("alarm".to_owned()),
            revision: None,
        });
    });
    assert_eq!(
        (by, reason.to_string().as_str()),
        (Trigger::Alarms(vec!["errors".to_owned()]), "alarm")
    );
    let failed = |rollout: &mut Rollout| rollout.hooks = vec![hook(HookStatus::Failed)];
    assert_eq!(back(failed).0, Trigger::Hook);
    assert_eq!(back(|_| {}).0, Trigger::Request);
}

#[test]
fn a_rollout_that_was_left_where_it_stood_is_not_in_flight() {
    let mut service = live(OURS, "FAILED");
    service.rollouts.push(LiveRollout {
        status: "ACTIVE".to_owned(),
        state: Some("COMPLETED".to_owned()),
        ..service.rollouts[0].clone()
    });
    assert!(!service.in_flight());
    service.rollouts[0].state = None;
    assert!(service.in_flight(), "behind a Classic Load Balancer");
    service.rollouts[0].state = Some("IN_PROGRESS".to_owned());
    assert!(service.in_flight());
}

#[test]
fn a_pause_that_waits_for_an_answer_is_told_apart() {
    let mut seen = seen("IN_PROGRESS");
    if let Some(rollout) = &mut seen.rollout {
        rollout.hooks = vec![hook(HookStatus::AwaitingAction)];
    }
    assert_eq!(judge(at(5), &ours(), &seen), rolling(Stage::Paused));
}
