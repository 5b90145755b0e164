//! Every script goes its own way and is seen to.

use std::time::Duration;

use super::*;

#[test]
fn a_slow_rollout_takes_as_long_as_it_was_told() {
    for minutes in [29, 31, 65] {
        let mut story = Story::new();
        story.script(&Script::Slow(Duration::from_secs(minutes * 60)));
        story.deploy();
        story.wait(i64::try_from(minutes).unwrap() * 60 - 1);
        assert_eq!(story.status(), "IN_PROGRESS");
        story.wait(2);
        assert_eq!(story.status(), "SUCCESSFUL");
    }
}

#[test]
fn the_speed_shortens_scripts() {
    let mut story = Story::new();
    story.state.ecs.set_speed(100.0);
    story.deploy();
    story.wait(1);
    assert_eq!(story.status(), "SUCCESSFUL");
}

#[test]
fn a_crash_loop_trips_the_breaker_and_rolls_back() {
    let mut story = Story::new();
    let before = text(&story.service(), "/taskDefinition");
    story.script(&Script::CrashLoop);
    story.deploy();
    assert_eq!(
        story.watch(300),
        [
            "PENDING",
            "IN_PROGRESS",
            "ROLLBACK_IN_PROGRESS",
            "ROLLBACK_SUCCESSFUL"
        ]
    );
    let rollout = story.rollout();
    assert_eq!(
        rollout["deploymentCircuitBreaker"],
        json!({ "status": "TRIGGERED", "failureCount": 3, "threshold": 3 })
    );
    assert_eq!(
        rollout["rollback"]["serviceRevisionArn"],
        rollout["sourceServiceRevisions"][0]["arn"]
    );
    assert!(text(&rollout, "/statusReason").contains("circuit breaker threshold was exceeded"));
    assert_eq!(text(&story.service(), "/taskDefinition"), before);
    let stopped = story.tasks("STOPPED");
    let task = stopped
        .iter()
        .find(|task| task["stopCode"] == "EssentialContainerExited")
        .unwrap();
    assert_eq!(task["containers"][0]["exitCode"], 1);
    let id = text(task, "/taskArn")
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let request = json!({ "logGroupName": "/ecs/webapp", "logStreamName": format!("ecs/app/{id}"), "limit": 1 });
    let caller = Caller {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        ..Caller::default()
    };
    let logs = crate::logs::handle(
        &mut story.state,
        story.now,
        "GetLogEvents",
        &request,
        &caller,
    )
    .unwrap();
    assert_eq!(logs.body["events"][0]["message"], "fatal: giving up");
    story.wait(3601);
    assert_eq!(
        story.tasks("STOPPED"),
        Vec::<serde_json::Value>::new(),
        "stopped tasks are gone after an hour"
    );
}

#[test]
fn the_threshold_is_half_the_desired_count_within_bounds() {
    for (desired, threshold) in [(1, 3), (7, 4), (10, 5), (500, 200)] {
        let mut story = Story::with(Breaker::RollsBack, desired);
        story.deploy();
        assert_eq!(
            story.rollout()["deploymentCircuitBreaker"]["threshold"],
            threshold
        );
    }
}

#[test]
fn without_a_good_revision_the_rollback_fails() {
    let mut story = Story::new();
    story.script(&Script::NoGoodRevision);
    let definition = story.deploy();
    assert_eq!(
        story.watch(300),
        ["PENDING", "IN_PROGRESS", "ROLLBACK_FAILED"]
    );
    assert_eq!(
        text(&story.rollout(), "/statusReason"),
        "No rollback candidate was found to run the rollback."
    );
    story.wait(3000);
    let service = story.service();
    assert_eq!(service["deployments"][0]["rolloutState"], "FAILED");
    assert_eq!(
        service["taskDefinition"],
        json!(definition),
        "stays where it failed"
    );
}

#[test]
fn a_breaker_without_rollback_stops() {
    let mut story = Story::new();
    story.script(&Script::BreakerWithoutRollback);
    story.deploy();
    assert_eq!(story.watch(300), ["PENDING", "IN_PROGRESS", "STOPPED"]);
    let rollout = story.rollout();
    assert!(rollout["stoppedAt"].is_number() && rollout["rollback"].is_null());
    assert_eq!(story.service()["deployments"][0]["rolloutState"], "FAILED");
}

#[test]
fn a_rollback_can_fail() {
    let mut story = Story::new();
    story.script(&Script::RollbackFails);
    story.deploy();
    assert_eq!(
        story.watch(600),
        [
            "PENDING",
            "IN_PROGRESS",
            "ROLLBACK_IN_PROGRESS",
            "ROLLBACK_FAILED"
        ]
    );
    assert!(story.rollout()["rollback"]["startedAt"].is_number());
}

#[test]
fn with_the_breaker_off_it_never_ends() {
    let mut story = Story::new();
    story.script(&Script::BreakerOff);
    story.deploy();
    story.wait(2 * 3600);
    assert_eq!(story.status(), "IN_PROGRESS");
    assert!(
        story.service()["deployments"][0]["failedTasks"]
            .as_i64()
            .unwrap()
            > 3
    );
    assert_eq!(
        story.rollout()["deploymentCircuitBreaker"]["status"],
        "DISABLED"
    );
}

#[test]
fn tasks_that_die_late_are_not_counted() {
    let mut story = Story::new();
    story.script(&Script::UncountedDeaths);
    story.deploy();
    for _ in 0..60 {
        story.wait(7);
        assert_eq!(story.service()["deployments"][0]["failedTasks"], 0);
        assert_eq!(story.status(), "IN_PROGRESS");
    }
    assert!(story.tasks("STOPPED").len() > 4);
}

#[test]
fn tasks_that_cannot_be_placed_trip_the_breaker_without_a_task() {
    let mut story = Story::new();
    story.script(&Script::UnableToPlace);
    story.deploy();
    assert_eq!(story.watch(300).last().unwrap(), "ROLLBACK_SUCCESSFUL");
    assert_eq!(story.tasks("STOPPED").len(), 0);
    let service = story.service();
    assert!(
        service["events"]
            .to_string()
            .contains("was unable to place a task")
    );
    assert_eq!(service["runningCount"], 2);
}

#[test]
fn an_image_that_cannot_be_pulled_says_so_in_its_tasks() {
    let mut story = Story::new();
    story.script(&Script::ImagePullError);
    story.deploy();
    assert_eq!(story.watch(300).last().unwrap(), "ROLLBACK_SUCCESSFUL");
    let task = story.tasks("STOPPED").remove(0);
    assert_eq!(task["stopCode"], "TaskFailedToStart");
    assert!(text(&task, "/stoppedReason").starts_with("CannotPullContainerError: "));
}

#[test]
fn an_image_that_was_deleted_cannot_be_pulled_whatever_the_script() {
    let mut story = Story::new();
    let image = story.image("v2");
    let definition = story.register(&image);
    story
        .state
        .ecr
        .delete_image(ACCOUNT, REGION, "webapp", &crate::ecr::digest("v2"));
    story.update(&definition);
    assert_eq!(story.watch(300).last().unwrap(), "ROLLBACK_SUCCESSFUL");
    assert_eq!(story.tasks("STOPPED")[0]["stopCode"], "TaskFailedToStart");
}

#[test]
fn a_foreign_rollout_supersedes_ours() {
    let mut story = Story::new();
    story.script(&Script::Foreign);
    let ours = story.deploy();
    let arn = text(&story.list()[0], "/serviceDeploymentArn");
    story.wait(20);
    assert_ne!(text(&story.list()[0], "/serviceDeploymentArn"), arn);
    let answer = story.call(
        "DescribeServiceDeployments",
        json!({ "serviceDeploymentArns": [arn] }),
    );
    assert_eq!(answer["serviceDeployments"][0]["status"], "STOPPED");
    let service = story.service();
    assert_ne!(service["deployments"][0]["taskDefinition"], json!(ours));
    assert_eq!(service["deployments"][0]["status"], "PRIMARY");
    assert_eq!(story.watch(120).last().unwrap(), "SUCCESSFUL");
    let described = story.call(
        "DescribeTaskDefinition",
        json!({ "taskDefinition": "webapp" }),
    );
    assert_eq!(described["taskDefinition"]["revision"], 3);
}

#[test]
fn stale_reads_show_the_service_as_it_was_for_half_a_minute() {
    let mut story = Story::new();
    let before = story.service();
    story.script(&Script::StaleReads);
    story.deploy();
    story.wait(29);
    assert_eq!(story.service(), before);
    assert_eq!(story.list().len(), 1);
    story.wait(1);
    assert_eq!(story.list().len(), 2);
    assert_eq!(story.watch(60).last().unwrap(), "SUCCESSFUL");
}

#[test]
fn a_rollback_between_two_polls_leaves_only_the_service_deployment_to_tell() {
    let mut story = Story::new();
    let before = text(&story.service(), "/taskDefinition");
    story.script(&Script::BetweenPolls);
    let answer = story.deploy();
    story.wait(4);
    let service = story.service();
    assert_eq!(text(&service, "/taskDefinition"), before);
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert!(!service["deployments"].to_string().contains(&answer));
    assert_eq!(story.status(), "ROLLBACK_SUCCESSFUL");
}

#[test]
fn scaled_to_zero_completes_at_once_with_no_tasks() {
    let mut story = Story::new();
    story.script(&Script::ScaledToZero);
    story.wait(60);
    assert_eq!(story.service()["runningCount"], 0);
    story.deploy();
    story.wait(3);
    assert_eq!(story.status(), "SUCCESSFUL");
    assert_eq!(
        story.rollout()["targetServiceRevision"]["requestedTaskCount"],
        0
    );
}

#[test]
fn an_alarm_fails_the_rollout_within_seconds() {
    let mut story = Story::with(Breaker::Off, 2);
    story.script(&Script::Alarm);
    story.deploy();
    story.wait(8);
    let rollout = story.rollout();
    assert_eq!(rollout["alarms"]["status"], "TRIGGERED");
    assert_eq!(
        rollout["alarms"]["triggeredAlarmNames"],
        json!(["webapp-5xx"])
    );
    assert_eq!(story.watch(120).last().unwrap(), "ROLLBACK_SUCCESSFUL");
}

#[test]
fn every_script_has_a_name_and_events_reach_the_bus() {
    for name in [
        "happy",
        "crash-loop",
        "no-good-revision",
        "foreign",
        "between-polls",
        "alarm",
    ] {
        assert!(name.parse::<Script>().is_ok());
    }
    assert_eq!(
        "slow:65".parse(),
        Ok(Script::Slow(Duration::from_secs(3900)))
    );
    assert!(
        "sloow"
            .parse::<Script>()
            .unwrap_err()
            .to_string()
            .contains("crash-loop")
    );
    let mut story = Story::new();
    story.deploy();
    story.watch(120);
    let names: Vec<_> = story
        .state
        .ecs
        .take_events()
        .iter()
        .map(|event| text(event, "/detail/eventName"))
        .collect();
    assert_eq!(
        names,
        [
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "SERVICE_DEPLOYMENT_COMPLETED"
        ]
    );
}
