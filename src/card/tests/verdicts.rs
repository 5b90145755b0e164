//! Cards of deploys that have ended, however they did.

use insta::assert_snapshot;

use super::*;
use crate::gate::{Busy, Obstacle};
use crate::record::{ServiceEnding, ServicePhase};
use crate::rollout::Reason;

#[test]
fn success_is_told_in_the_fields_sentence() {
    let phases = [phase_succeeded(), phase_succeeded()];
    let deploy = settled(deploy_of("v1.0.2"), Verdict::Succeeded, "", phases.clone());
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec
    # Content Management System 1.0.2 runs on staging
    :white_check_mark: 1.0.1 → 1.0.2, 2 commits (maria, sam), in 6 min, 1 sec. Asked by <@U061F7AUR>.
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:5bd886ea201854c8]
    ");
    assert_snapshot!(seen(&thread(&deploy, &setting(0))), @r#"
    (in_channel) <@U061F7AUR> Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec
    <@U061F7AUR> Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec
    "#);
    assert_snapshot!(seen(&announcement(&deploy)), @r#"
    (in_channel) :white_check_mark: Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec, asked for by <@U061F7AUR> (deploy `4f2k9x0a`)
    :white_check_mark: Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec, asked for by <@U061F7AUR> (deploy `4f2k9x0a`)
    "#);
    let deploy = settled(Verb::rollback(None), Verdict::Succeeded, "", phases.clone());
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: rolled back to version 1.0.2 on staging in 6 min, 1 sec, with 2 commits (maria, sam)
    # Content Management System rolled back 1.0.1 → 1.0.2 on staging
    :white_check_mark: Done in 6 min, 1 sec, with 2 commits (maria, sam). Asked by <@U061F7AUR>.
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    ");
    let mut deploy = settled(Verb::Restart, Verdict::Succeeded, "", phases);
    deploy.requester = operator();
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: restarted on staging in 6 min, 1 sec
    # Content Management System restarted on staging
    :white_check_mark: 1.0.2, in 6 min, 1 sec. Asked by `kim`.
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    ");
}

#[test]
fn success_without_tasks_says_that_nothing_runs() {
    let idle = ServicePhase::Succeeded {
        rollout: "sd/1".to_owned(),
        no_tasks: true,
    };
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Succeeded,
        "",
        [idle.clone(), idle.clone()],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec. No tasks run: the desired count is 0
    # Content Management System 1.0.2 is set on staging, and no tasks run
    :white_check_mark: 1.0.1 → 1.0.2, 2 commits (maria, sam), in 6 min, 1 sec. No tasks run: the desired count is 0; 1.0.2 is what would start. Asked by <@U061F7AUR>.
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:5bd886ea201854c8]
    ");
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Succeeded,
        "",
        [phase_succeeded(), idle],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec
    # Content Management System 1.0.2 runs on staging
    :white_check_mark: 1.0.1 → 1.0.2, 2 commits (maria, sam), in 6 min, 1 sec. Asked by <@U061F7AUR>.
    1.0.2 runs on `cms-api`
    No tasks run on `cms-worker`: the desired count is 0; 1.0.2 is what would start
    • `cms-api`: runs `cms-api:13`
    • `cms-worker`: on `cms-worker:13`; no tasks run: the desired count is 0
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:5bd886ea201854c8]
    ");
}

#[test]
fn a_rollback_by_ecs_explains_itself() {
    assert_snapshot!(seen(&verdict(&crashed(), &setting(381))), @r"
    (in_channel) Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began
    # Content Management System 1.0.2 did not come up on staging
    :leftwards_arrow_with_hook: 1.0.1 runs as before, without 2 commits (maria, sam). ECS went back after 6 min, 1 sec. Asked by <@U061F7AUR>.
    • `cms-api`: `cms-api:13` did not come up; ECS rolled it back: `deployment circuit breaker: tasks failed to start`
    • `cms-worker`: not touched
    *Why, `cms-api`:* `3 tasks stopped: EssentialContainerExited, container app exited with 1`. Likely cause: The program ends by itself right after it starts. Read its last log lines.
    ```starting
    panicked at src/main.rs:7: DATABASE_URL is not set```
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:b1c29ea83f8b6fae] [Definition diff: difference 4f2k9x0a:cddb80e2e35ef102]
    ");
}

#[test]
fn a_service_that_was_out_and_taken_back_is_named() {
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::RolledBack,
        "",
        [
            ServicePhase::WentBack,
            phase_ended(ServiceEnding::RolledBack, ""),
        ],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began
    # Content Management System 1.0.2 did not come up on staging
    :leftwards_arrow_with_hook: 1.0.1 runs as before, without 2 commits (maria, sam). ECS went back after 6 min, 1 sec. Asked by <@U061F7AUR>.
    • `cms-api`: had come up; runs what ran before
    • `cms-worker`: `cms-worker:13` did not come up; ECS rolled it back
    `cms-worker`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-worker/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:b1c29ea83f8b6fae] [Definition diff: difference 4f2k9x0a:cddb80e2e35ef102]
    ");
}

#[test]
fn a_failure_says_what_is_not_known() {
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Failed,
        "ECS could not go back: there was no earlier deployment that completed.",
        [
            phase_ended(ServiceEnding::Failed, "ROLLBACK_FAILED"),
            ServicePhase::StuckHalfway {
                reason: Reason::Said("throttled".to_owned()),
            },
        ],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging failed, 6 min, 1 sec after it began, and is not known to be undone
    # Content Management System 1.0.2 failed on staging
    :x: *It is not certain what runs*: look at ECS before you rely on it. It failed after 6 min, 1 sec. Asked by <@U061F7AUR>.
    *Why:* ECS could not go back: there was no earlier deployment that completed.
    • `cms-api`: `cms-api:13` failed; it is not known to be back on what ran before
    • `cms-worker`: had come up; taking it back did not work
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:03c1da04d3140966] [Retry: retry 4f2k9x0a:40850d8ca014e07e] [Definition diff: difference 4f2k9x0a:cddb80e2e35ef102]
    ");
    let refused = phase_ended(ServiceEnding::NotStarted, "ServiceNotActiveException");
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Failed,
        "",
        [refused, ServicePhase::Waiting],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging failed before anything was changed
    # Content Management System 1.0.2 failed on staging
    :x: Nothing was changed. Asked by <@U061F7AUR>.
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:40850d8ca014e07e]
    ");
}

#[test]
fn a_cancelled_deploy_says_who_stopped_it_and_what_runs() {
    let early = cancelled_by(
        ended(planned(deploy_of("v1.0.2")), Verdict::Cancelled, ""),
        sam(),
    );
    assert_snapshot!(seen(&verdict(&early, &setting(381))), @r"
    (ephemeral) Content Management System: the deploy of version 1.0.2 to staging was cancelled by <@U0G9QF9C6> before anything was changed
    # Content Management System 1.0.2 was cancelled on staging
    :octagonal_sign: <@U0G9QF9C6> stopped it before anything was changed.
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:f486e324d286c6e9]
    ");
    let late = settled(
        deploy_of("v1.0.2"),
        Verdict::Cancelled,
        "",
        [
            phase_ended(ServiceEnding::Stopped, ""),
            ServicePhase::Waiting,
        ],
    );
    assert_snapshot!(seen(&verdict(&cancelled_by(late, sam()), &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging was cancelled by <@U0G9QF9C6>, 6 min, 1 sec after it began
    # Content Management System 1.0.2 was cancelled on staging
    :octagonal_sign: 1.0.1 runs as before, without 2 commits (maria, sam). <@U0G9QF9C6> stopped it after 6 min, 1 sec. Asked by <@U061F7AUR>.
    • `cms-api`: stopped, and back on what ran before
    • `cms-worker`: not touched
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:f486e324d286c6e9]
    ");
}

#[test]
fn a_refusal_and_an_expiry_are_told_to_one_person() {
    let busy = Obstacle::Busy(Busy {
        id: "0a1b2c3d".parse().unwrap(),
        application: "cms".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        by: sam(),
        since: at(0),
        stopped_by: None,
    });
    let mut deploy = ended(asked(deploy_of("feature/a&b")), Verdict::Refused, "");
    if let Some(ending) = &mut deploy.ending {
        ending.why = Refused::Gates(vec![busy]).into();
    }
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (ephemeral) cms: the deploy of `cms:feature/a&amp;b` to staging was not started
    # cms:feature/a&b was refused on staging
    :no_entry: Nothing was started.
    Deploy `0a1b2c3d` of `cms` to staging is still under way. <@U0G9QF9C6> asked for it at <!date^1800000000^{time} {date_short_pretty}|2027-01-15 08:00 UTC>. Wait for its verdict, or stop it: `/deploy cancel cms on staging`. If you may not, ask <@U0G9QF9C6>.
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    ");
    let deploy = ended(asking(deploy_of("v1.0.2")), Verdict::Expired, "");
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (ephemeral) Content Management System: nobody confirmed the deploy of version 1.0.2 to staging in time, so nothing was changed
    # Content Management System 1.0.2 was not confirmed for staging
    :hourglass: Nobody confirmed it in time, so nothing was changed.
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:2f7a7396b8a05d9e]
    ");
}

#[test]
fn a_foreign_rollout_and_an_abandoned_watch_claim_nothing() {
    let foreign = phase_ended(ServiceEnding::Superseded, "");
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Superseded,
        "",
        [foreign, phase_succeeded()],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: another rollout, not Longshore's, took the place of the deploy of version 1.0.2 to staging, 6 min, 1 sec after it began
    # Content Management System 1.0.2 was superseded on staging
    :warning: Another rollout, not Longshore's, took its place after 6 min, 1 sec. Asked by <@U061F7AUR>.
    1.0.2 runs on `cms-worker`
    *It is not certain what runs on `cms-api`*: look at ECS before you rely on it
    • `cms-api`: another rollout, not Longshore's, replaced `cms-api:13`
    • `cms-worker`: runs `cms-worker:13`
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    ");
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Abandoned,
        "",
        [phase_rolling(), ServicePhase::Waiting],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging was given up, 6 min, 1 sec after it began, without ECS saying how it ended
    # Content Management System 1.0.2 was given up on staging
    :grey_question: Somebody gave it up after 6 min, 1 sec, without ECS saying how it ended. Asked by <@U061F7AUR>.
    1.0.1 runs as before on `cms-worker`
    *It is not certain what runs on `cms-api`*: look at ECS before you rely on it
    • `cms-api`: rolling out `cms-api:13`
    • `cms-worker`: not touched
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:77d1a387c71ae0f0]
    ");
}

/// What ECS showed right before the verdict, of the first service.
fn shows(mut deploy: Deploy, sides: &[(u32, i32, i32)]) -> Deploy {
    let sides = sides.iter().map(|(revision, running, failed)| Side {
        task_definition: family("cms-api", *revision),
        counts: Counts {
            desired: 4,
            running: *running,
            pending: 0,
            failed: *failed,
        },
        share: None,
    });
    deploy.services[0].shown = sides.collect();
    let mut beside = deploy.services[0].shown[0].clone();
    beside.task_definition = family("cms-worker", 12);
    (beside.counts.running, beside.counts.failed) = (4, 0);
    deploy.services[1].shown = vec![beside];
    deploy
}

#[test]
fn a_failure_says_what_ecs_showed_right_before_the_verdict() {
    let reason = "ECS could not go back: there was no earlier deployment that completed.";
    let phases = || {
        [
            phase_ended(ServiceEnding::Failed, reason),
            ServicePhase::Waiting,
        ]
    };
    let failed = || settled(deploy_of("v1.0.2"), Verdict::Failed, reason, phases());
    let stuck = shows(failed(), &[(13, 0, 16), (12, 4, 0)]);
    assert_snapshot!(seen(&verdict(&stuck, &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging failed, 6 min, 1 sec after it began
    # Content Management System 1.0.2 failed on staging
    :x: It failed after 6 min, 1 sec. Asked by <@U061F7AUR>.
    1.0.1 runs as before on `cms-worker`, 4 of 4 running
    *Runs now* on `cms-api`: `cms-api:13` (1.0.2): 0 of 4 running, 16 failed; `cms-api:12` (1.0.1): 4 running
    *Why:* ECS could not go back: there was no earlier deployment that completed.
    • `cms-api`: `cms-api:13` failed
    • `cms-worker`: not touched
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:03c1da04d3140966] [Retry: retry 4f2k9x0a:40850d8ca014e07e] [Definition diff: difference 4f2k9x0a:cddb80e2e35ef102]
    ");
    // Back after all.
    let back = shows(failed(), &[(12, 4, 0)]);
    assert_snapshot!(seen(&verdict(&back, &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging failed, 6 min, 1 sec after it began
    # Content Management System 1.0.2 failed on staging
    :x: It failed after 6 min, 1 sec. Asked by <@U061F7AUR>.
    1.0.1 runs as before on `cms-worker`, 4 of 4 running
    *Runs now* on `cms-api`: `cms-api:12` (1.0.1): 4 of 4 running
    *Why:* ECS could not go back: there was no earlier deployment that completed.
    • `cms-api`: `cms-api:13` failed
    • `cms-worker`: not touched
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:03c1da04d3140966] [Retry: retry 4f2k9x0a:40850d8ca014e07e] [Definition diff: difference 4f2k9x0a:cddb80e2e35ef102]
    ");
}

#[test]
fn what_had_come_up_is_said_to_have_and_the_alarm_is_named() {
    use crate::rollout::Trigger;
    let alarmed = |trigger, came_up| {
        let mut deploy = crashed();
        deploy.services[0].evidence = None;
        deploy.services[0].trigger = Some(trigger);
        deploy.services[0].came_up = came_up;
        crate::reply::completion(&deploy).as_str().to_owned()
    };
    let alarm = || Trigger::Alarms(vec!["cms-5xx".to_owned()]);
    let two = || Trigger::Alarms(vec!["cms-5xx".to_owned(), "cms-slow".to_owned()]);
    let said = [
        alarmed(alarm(), true),
        alarmed(alarm(), false),
        alarmed(two(), true),
        alarmed(Trigger::Hook, false),
        alarmed(Trigger::Unknown, false),
        alarmed(Trigger::Breaker, false),
    ];
    assert_snapshot!(said.join("\n"), @"
    Content Management System: the deploy of version 1.0.2 to staging had come up, and was rolled back because of the alarm `cms-5xx`, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging was rolled back because of the alarm `cms-5xx`, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging had come up, and was rolled back because of the alarms `cms-5xx`, `cms-slow`, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging was rolled back because of a lifecycle hook, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging was rolled back, and ECS does not say why, 6 min, 1 sec after it began
    Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began
    ");
}

#[test]
fn what_could_not_be_published_is_on_the_card() {
    let phases = [phase_succeeded(), phase_succeeded()];
    let mut deploy = settled(deploy_of("v1.0.2"), Verdict::Succeeded, "", phases);
    deploy.published = vec![crate::record::Published::Failed {
        parameter: "/longshore/cms/staging/image".to_owned(),
        why: crate::record::Unwritten::TooLong,
    }];
    let shown = seen(&verdict(&deploy, &setting(381)));
    assert!(shown.contains("could not be written"), "{shown}");
}
