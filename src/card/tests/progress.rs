//! Cards of deploys that are under way.

use insta::assert_snapshot;

use super::*;
use crate::record::{Evidence, Phase, ServiceEnding};

#[test]
fn a_deploy_that_starts_shows_its_services() {
    let mut deploy = planned(deploy_of("v1.0.2"));
    deploy.phase = Phase::Starting;
    deploy.started_at = Some(at(20));
    put(&mut deploy, 0, phase_starting());
    assert_snapshot!(seen(&progress(&deploy, &setting(21))), @r#"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Deploying Content Management System to staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    Starting.
    • `cms-api`: asked ECS; its rollout is not visible yet
    • `cms-worker`: waits for its turn
    – `4f2k9x0a` · 1 sec so far
    [Cancel: cancel 4f2k9x0a:8332faf9b951a646]
    "#);
}

#[test]
fn where_no_card_can_be_kept_current_the_start_is_told_for_good() {
    assert_snapshot!(seen(&started(&rolling(deploy_of("v1.0.2")))), @r#"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Deploying Content Management System to staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    One after the other: `cms-api`, `cms-worker`
    – Deploy `4f2k9x0a`. I post here again when it has ended.
    [Cancel: cancel 4f2k9x0a:8332faf9b951a646]
    "#);
}

#[test]
fn a_rollout_shows_how_far_each_service_is() {
    assert_snapshot!(seen(&progress(&rolling(deploy_of("v1.0.2")), &setting(143))), @r#"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Deploying Content Management System to staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending
    • `cms-worker`: waits for its turn
    – `4f2k9x0a` · 2 min, 3 sec so far
    [Cancel: cancel 4f2k9x0a:8332faf9b951a646]
    "#);
}

#[test]
fn a_rollback_and_a_restart_are_called_so_while_they_roll() {
    let mut deploy = rolling(Verb::rollback(None));
    put(&mut deploy, 0, phase_succeeded());
    put(&mut deploy, 1, phase_rolling());
    deploy.services[1].counts = Counts {
        desired: 3,
        running: 3,
        pending: 0,
        failed: 2,
    };
    assert_snapshot!(seen(&progress(&deploy, &setting(143))), @"
    (in_channel) Content Management System: rolling back to version 1.0.2 on staging, deploy `4f2k9x0a`
    # Rolling back Content Management System on staging
    1.0.1 → *1.0.2*, with 2 commits (maria, sam). Asked by <@U061F7AUR>.
    • `cms-api`: runs `cms-api:13`
    • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 3 of 3 running, 2 failed
    – `4f2k9x0a` · 2 min, 3 sec so far
    [Cancel: cancel 4f2k9x0a:9f7f7a9f24cb9734]
    ");
    let mut deploy = webapp_restart();
    deploy.phase = Phase::Rolling;
    put(&mut deploy, 0, phase_rolling());
    put(&mut deploy, 1, phase_going_back());
    assert_snapshot!(seen(&progress(&deploy, &setting(143))), @r#"
    (in_channel) Content Management System: restarting on staging, deploy `4f2k9x0a`
    # Stopping the restart of Content Management System on staging
    1.0.2. Asked by <@U061F7AUR>.
    • `cms-api`: rolling out; ECS has not counted its tasks yet
    • `cms-worker`: had come up; being taken back
    – `4f2k9x0a` · 2 min, 23 sec so far
    [Cancel: cancel 4f2k9x0a:6f0cae0829eceb0b]
    "#);
}

#[test]
fn a_deploy_that_is_being_stopped_says_who_wanted_that_and_has_no_cancel_button() {
    let deploy = cancelled_by(rolling(deploy_of("v1.0.2")), sam());
    assert_snapshot!(seen(&progress(&deploy, &setting(143))), @r"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Taking Content Management System back on staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    It is being stopped.
    :octagonal_sign: <@U0G9QF9C6> asked for it to stop; what has been started goes back.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending
    • `cms-worker`: not begun, and left alone
    – `4f2k9x0a` · 2 min, 3 sec so far
    ");
}

#[test]
fn an_overdue_deploy_is_told_as_a_post_and_on_the_card() {
    let mut deploy = rolling(deploy_of("v1.0.2"));
    deploy.phase = Phase::Overdue;
    assert_snapshot!(seen(&overdue(&deploy, &setting(1_900))), @"
    (in_channel) <@U061F7AUR> Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is overdue. It began 31 min, 20 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
    # Content Management System 1.0.2 is overdue on staging
    :warning: <@U061F7AUR> Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is overdue. It began 31 min, 20 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending
    • `cms-worker`: waits for its turn
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    `cms-worker`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-worker/tasks?region=eu-west-1|tasks>
    [Keep watching: keep_watching 4f2k9x0a:c270c69bbe77a740] [Roll back: stop_back 4f2k9x0a:68d89ea0076451cf] [Abandon: abandon 4f2k9x0a:95872c4e23ac8d13]
    ");
    assert_snapshot!(seen(&progress(&deploy, &setting(1_900))), @r"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Deploying Content Management System to staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    :warning: *Overdue*: still rolling out after its deadline. I keep watching, less often.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending
    • `cms-worker`: waits for its turn
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    `cms-worker`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-worker/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · 31 min, 20 sec so far
    [Keep watching: keep_watching 4f2k9x0a:c270c69bbe77a740] [Roll back: stop_back 4f2k9x0a:68d89ea0076451cf] [Abandon: abandon 4f2k9x0a:95872c4e23ac8d13]
    ");
}

#[test]
fn before_the_address_lapses_people_are_asked_to_stay() {
    assert_snapshot!(seen(&lapse(&rolling(deploy_of("v1.0.2")), &setting(1_520))), @r#"
    (in_channel) Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is still rolling out after 25 min. Slack lets me answer here for five more minutes only: press *Keep me posted* to hear how it ends.
    # Deploying Content Management System to staging
    :hourglass_flowing_sand: Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is still rolling out after 25 min. Slack lets me answer here for five more minutes only: press *Keep me posted* to hear how it ends.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending
    • `cms-worker`: waits for its turn
    [Keep me posted: keep_posted 4f2k9x0a:549992e027099c05]
    "#);
}

#[test]
fn a_rollout_that_fails_says_why_while_it_fails_and_offers_the_way_back() {
    let mut deploy = rolling(deploy_of("v1.0.2"));
    deploy.services[0].counts.failed = 3;
    deploy.services[0].evidence = Some(Evidence {
        event: Some("(service cms-api) was unable to place a task".to_owned()),
        ..crash()
    });
    assert_snapshot!(seen(&failing(&deploy, &setting(143))), @"
    (in_channel) <@U061F7AUR> Content Management System: deploy `4f2k9x0a` to staging fails while it rolls out, and ECS goes on trying. *Roll back* stops the rollout and goes back to what ran before.
    # Content Management System 1.0.2 keeps failing on staging
    :warning: <@U061F7AUR> Content Management System: deploy `4f2k9x0a` to staging fails while it rolls out, and ECS goes on trying. *Roll back* stops the rollout and goes back to what ran before.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending, 3 failed
        :warning: `3 tasks stopped: EssentialContainerExited, container app exited with 1`. Likely cause: The program ends by itself right after it starts. Read its last log lines. ECS says: `(service cms-api) was unable to place a task`
    • `cms-worker`: waits for its turn
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    [Roll back: stop_back 4f2k9x0a:68d89ea0076451cf]
    ");
    deploy.phase = Phase::Overdue;
    assert_snapshot!(seen(&progress(&deploy, &setting(1_900))), @"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Deploying Content Management System to staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    :warning: *Overdue*: still rolling out after its deadline. I keep watching, less often.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending, 3 failed
        :warning: `3 tasks stopped: EssentialContainerExited, container app exited with 1`. Likely cause: The program ends by itself right after it starts. Read its last log lines. ECS says: `(service cms-api) was unable to place a task`
    • `cms-worker`: waits for its turn
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    `cms-worker`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-worker/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · 31 min, 20 sec so far
    [Keep watching: keep_watching 4f2k9x0a:c270c69bbe77a740] [Roll back: stop_back 4f2k9x0a:68d89ea0076451cf] [Abandon: abandon 4f2k9x0a:95872c4e23ac8d13]
    ");
    // On the card's thread, the buttons are not shown a second time.
    deploy.told.card = Some(crate::record::CardPlace {
        channel: "C2147483705".parse().unwrap(),
        ts: "1.2".to_owned(),
        thread: None,
    });
    assert_snapshot!(seen(&overdue(&deploy, &setting(1_900))), @"
    (in_channel) <@U061F7AUR> Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is overdue. It began 31 min, 20 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
    # Content Management System 1.0.2 is overdue on staging
    :warning: <@U061F7AUR> Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is overdue. It began 31 min, 20 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending, 3 failed
        :warning: `3 tasks stopped: EssentialContainerExited, container app exited with 1`. Likely cause: The program ends by itself right after it starts. Read its last log lines. ECS says: `(service cms-api) was unable to place a task`
    • `cms-worker`: waits for its turn
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    `cms-worker`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-worker/tasks?region=eu-west-1|tasks>
    – Its buttons are on its card.
    ");
    deploy = cancelled_by(deploy, sam());
    put(&mut deploy, 0, phase_ended(ServiceEnding::Stopped, ""));
    let cancelled = ended(deploy, Verdict::Cancelled, "");
    assert_snapshot!(seen(&verdict(&cancelled, &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging was cancelled by <@U0G9QF9C6>, 6 min, 1 sec after it began
    # Content Management System 1.0.2 was cancelled on staging
    :octagonal_sign: 1.0.1 runs as before, without 2 commits (maria, sam). <@U0G9QF9C6> stopped it after 6 min, 1 sec. Asked by <@U061F7AUR>.
    • `cms-api`: stopped, and back on what ran before
    • `cms-worker`: not touched
    *Why, `cms-api`:* Likely cause: The program ends by itself right after it starts. Read its last log lines.
    • `3 tasks stopped: EssentialContainerExited, container app exited with 1`
    • ECS says: `(service cms-api) was unable to place a task`
    ```starting
    panicked at src/main.rs:7: DATABASE_URL is not set```
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:f486e324d286c6e9]
    ");
}

#[test]
fn a_circuit_breaker_that_is_off_is_warned_of() {
    let mut deploy = asking(deploy_of("v1.0.2"));
    let warning = "the circuit breaker of `cms-worker` is off";
    assert!(!seen(&ask(&deploy, &setting(10))).contains("circuit breaker"));
    deploy.plan.as_mut().unwrap().services[1].never_gives_up = true;
    assert!(seen(&ask(&deploy, &setting(10))).contains(warning));
    let mut rolls = rolling(deploy_of("v1.0.2"));
    rolls.plan.clone_from(&deploy.plan);
    assert!(seen(&progress(&rolls, &setting(30))).contains(warning));
    assert!(seen(&started(&rolls)).contains(warning));
}

#[test]
fn the_fingerprint_changes_with_what_is_shown_only() {
    let deploy = rolling(deploy_of("v1.0.2"));
    let print = |deploy: &Deploy| fingerprint(&progress(deploy, &setting(100)));
    let mut steps = deploy.clone();
    steps.steps = 9;
    assert_eq!(print(&deploy), print(&steps));
    steps.services[0].counts.running = 3;
    assert_ne!(print(&deploy), print(&steps));
}
