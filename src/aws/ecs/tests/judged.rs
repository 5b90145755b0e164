//! Rollouts are found, read and judged as what they are.

use longshore_sim::ecs::{Script, ServiceSeed, add_service};
use longshore_sim::fault::Kind;

use super::*;
use crate::aws::tests::{ACCOUNT, REGION, break_calls, mend, requests, script};
use crate::evidence::explain;
use crate::rollout::Trigger;

/// ECS resolves images when it starts tasks, and so shows none where there are none.
#[tokio::test(start_paused = true)]
async fn a_service_at_no_tasks_succeeds_by_what_its_task_definition_pins() {
    let mut play = Play::new().await;
    script(&play.world, &Script::ScaledToZero);
    play.start().await;
    assert_eq!(play.watch().await, Judgement::Succeeded { no_tasks: true });
}

/// ... and a tag proves nothing: that is neither success nor failure.
#[tokio::test(start_paused = true)]
async fn a_tag_that_nothing_has_resolved_proves_nothing() {
    let mut play = Play::new().await;
    script(&play.world, &Script::ScaledToZero);
    let tagged = image("v2").split('@').next().unwrap().to_owned() + ":v2";
    let accepted = std::mem::replace(&mut play.ours.images[0].1, tagged);
    let new = play.register().await.unwrap();
    play.ours.images[0].1 = accepted;
    play.ours.task_definition.clone_from(&new.definition().arn);
    play.ours.since = play.world.now();
    assert_eq!(play.update(Force::No).await, UpdateOutcome::Started);
    let judgement = play.watch().await;
    let verifying = matches!(
        judgement,
        Judgement::Rolling {
            stage: crate::rollout::Stage::Verifying,
            ..
        }
    );
    assert!(verifying, "{judgement:?}");
}

/// ECS promises no order, and gives a hundred at a time.
#[tokio::test(start_paused = true)]
async fn our_rollout_is_found_among_a_hundred_and_more() {
    let mut play = Play::new().await;
    for _ in 0..130 {
        assert_eq!(play.update(Force::NewTasks).await, UpdateOutcome::Started);
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let known = play.ecs.service_deployments("webapp").await.unwrap();
    assert_eq!(known.len(), 130);
    let newest_first = known
        .windows(2)
        .all(|pair| pair[0].created >= pair[1].created);
    assert!(newest_first);
    play.known = known.into_iter().map(|brief| brief.arn).collect();
    let before = requests(&play.world, "ListServiceDeployments").len();
    play.ours.since = play.world.now();
    assert_eq!(play.update(Force::NewTasks).await, UpdateOutcome::Started);
    assert!(play.ecs.is_rolling("webapp").await.unwrap());
    play.ours.images.clear();
    assert_eq!(play.watch().await, Judgement::Succeeded { no_tasks: false });
    let asked = requests(&play.world, "ListServiceDeployments");
    assert!(asked.len() - before < 10, "{} calls", asked.len() - before);
    assert!(asked[before]["createdAt"]["after"].is_number());
    assert!(!play.ecs.is_rolling("webapp").await.unwrap());
}

/// A rollout that is older than what is looked at by date still counts as under way.
#[tokio::test(start_paused = true)]
async fn a_rollout_that_never_ends_is_under_way_after_days() {
    let mut play = Play::new().await;
    script(&play.world, &Script::BreakerOff);
    play.start().await;
    tokio::time::sleep(HOUR * 50).await;
    assert!(
        play.ecs
            .service_deployments("webapp")
            .await
            .unwrap()
            .is_empty()
    );
    assert!(play.ecs.is_rolling("webapp").await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_tasks_of_a_large_service_are_all_looked_at() {
    let play = Play::new().await;
    let now = play.world.now();
    let definition = play.ours.task_definition.clone().into();
    let seed = ServiceSeed::new(ACCOUNT, REGION, CLUSTER, "large", definition).desired(250);
    add_service(&mut play.world.state(), now, seed).unwrap();
    let revision = &play.ours.task_definition;
    let running = play.ecs.running_images("large", revision).await.unwrap();
    assert_eq!(running.len(), 1);
    assert_eq!(requests(&play.world, "ListTasks").len(), 3);
    let described = requests(&play.world, "DescribeTasks");
    let described = described
        .iter()
        .map(|call| call["tasks"].as_array().unwrap().len());
    assert_eq!(described.collect::<Vec<_>>(), [100, 100, 50]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_is_rolled_back_and_explained() {
    let mut play = Play::new().await;
    script(&play.world, &Script::CrashLoop);
    play.start().await;
    let judgement = play.watch().await;
    assert!(
        matches!(
            &judgement,
            Judgement::RolledBack {
                by: Trigger::Breaker,
                ..
            }
        ),
        "{judgement:?}"
    );
    let tasks = play
        .ecs
        .stopped_tasks("webapp", &play.ours.task_definition)
        .await
        .unwrap();
    let explained = explain(&tasks, &[], None);
    assert!(
        explained.what[0].contains("exited with code 1"),
        "{explained:?}"
    );
    let culprit = explained.culprit.unwrap();
    let definition = play
        .ecs
        .describe_task_definition(&play.ours.task_definition)
        .await
        .unwrap()
        .unwrap();
    let logs = definition.definition().containers[0].logs.clone().unwrap();
    let lines = aws(&play.world)
        .logs()
        .last_lines(&logs, &culprit.container, &culprit.task, 15)
        .await
        .unwrap();
    assert!(!lines.is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_script_is_judged_as_what_it_is() {
    let word = |judgement: &Judgement| match judgement {
        Judgement::NotVisibleYet => "not visible",
        Judgement::NeverBegan => "never began",
        Judgement::Rolling { .. } => "rolling",
        Judgement::Succeeded { no_tasks: true } => "succeeded, no tasks",
        Judgement::Succeeded { no_tasks: false } => "succeeded",
        Judgement::RolledBack { by, .. } => match by {
            Trigger::Breaker => "rolled back by the breaker",
            Trigger::Alarms(_) => "rolled back by alarms",
            Trigger::Hook => "rolled back by a hook",
            Trigger::Request => "rolled back by request",
            Trigger::Unknown => "rolled back",
        },
        Judgement::Failed { .. } => "failed",
        Judgement::Superseded { .. } => "superseded",
        Judgement::Stopped { .. } => "stopped",
    };
    let table = [
        (Script::Happy, "succeeded"),
        (Script::Slow(31 * Duration::from_secs(60)), "succeeded"),
        (Script::CrashLoop, "rolled back by the breaker"),
        (Script::NoGoodRevision, "failed"),
        (Script::BreakerWithoutRollback, "failed"),
        (Script::BreakerOff, "rolling"),
        (Script::RollbackFails, "failed"),
        (Script::UncountedDeaths, "rolling"),
        (Script::UnableToPlace, "rolled back by the breaker"),
        (Script::ImagePullError, "rolled back by the breaker"),
        (Script::Foreign, "superseded"),
        (Script::StaleReads, "succeeded"),
        (Script::BetweenPolls, "rolled back by the breaker"),
        (Script::ScaledToZero, "succeeded, no tasks"),
        (Script::Alarm, "rolled back by alarms"),
    ];
    for (story, expected) in table {
        let mut play = Play::new().await;
        script(&play.world, &story);
        play.start().await;
        let judgement = play.watch().await;
        assert_eq!(word(&judgement), expected, "{story:?}: {judgement:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_others_left_where_it_stood_is_read_as_such() {
    let mut play = Play::new().await;
    play.start().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    play.look().await;
    let now = play.world.now();
    assert!(
        play.world
            .state()
            .ecs
            .leave_standing(now, CLUSTER, "webapp")
    );
    assert!(matches!(play.watch().await, Judgement::Stopped { .. }));
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_told_apart_from_what_fails() {
    let play = Play::new().await;
    let none = play.ecs.describe_services(&["webapp", "gone"]).await;
    assert_eq!(none.unwrap().len(), 1);
    let nowhere = aws(&play.world).ecs("nowhere");
    let error = nowhere.describe_services(&["webapp"]).await.unwrap_err();
    assert_eq!(error.code(), Some("ClusterNotFoundException"));
    let none = play.ecs.describe_task_definition("nothing").await.unwrap();
    assert!(none.is_none());
    let arn = "arn:aws:ecs:eu-west-1:111111111111:service-deployment/production/webapp/nothing";
    let none = play.ecs.describe_service_deployment(arn).await.unwrap();
    assert!(none.is_none());
    play.world.state().ecs.deactivate(CLUSTER, "webapp");
    let outcome = play.update(Force::NewTasks).await;
    assert!(
        matches!(&outcome, UpdateOutcome::Refused(error) if error.code() == Some("ServiceNotActiveException")),
        "{outcome:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn reads_are_tried_again_and_give_up_within_five_seconds() {
    let play = Play::new().await;
    let before = play.world.state().faults.fired();
    break_calls(&play.world, "ecs", "DescribeServices", Kind::Throttled);
    let error = play.ecs.describe_services(&["webapp"]).await.unwrap_err();
    assert_eq!(error.kind(), &crate::aws::ErrorKind::Throttled);
    assert_eq!(play.world.state().faults.fired() - before, 3);
    mend(&play.world);
    break_calls(&play.world, "ecs", "DescribeServices", Kind::TimedOut);
    let start = tokio::time::Instant::now();
    let error = play.ecs.describe_services(&["webapp"]).await.unwrap_err();
    assert_eq!(error.kind(), &crate::aws::ErrorKind::Timeout);
    assert!(start.elapsed() <= Duration::from_millis(5100));
}
