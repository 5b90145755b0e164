use std::time::Duration;

use serde_json::json;

use super::*;

#[test]
fn a_happy_rollout_replaces_the_tasks_and_completes() {
    let mut story = Story::new();
    let definition = story.deploy();
    assert_eq!(story.watch(120), ["PENDING", "IN_PROGRESS", "SUCCESSFUL"]);
    let service = story.service();
    assert_eq!(service["taskDefinition"], json!(definition));
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(
        (&service["runningCount"], &service["pendingCount"]),
        (&json!(2), &json!(0))
    );
    let rollout = story.rollout();
    let one = |arn: &serde_json::Value| json!({ "arn": arn, "requestedTaskCount": 2, "runningTaskCount": 2, "pendingTaskCount": 0 });
    assert_eq!(
        rollout["targetServiceRevision"],
        one(&rollout["targetServiceRevision"]["arn"])
    );
    assert_eq!(
        rollout["deploymentCircuitBreaker"],
        json!({ "status": "MONITORING_COMPLETE", "failureCount": 0, "threshold": 3 })
    );
    for task in story.tasks("RUNNING") {
        assert_eq!(task["taskDefinitionArn"], json!(definition));
        assert_eq!(
            task["containers"][0]["imageDigest"],
            json!(crate::ecr::digest("v2"))
        );
    }
    let messages: Vec<_> = service["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(event, "/message"))
        .collect();
    assert!(
        messages[0].ends_with("has reached a steady state."),
        "{messages:?}"
    );
    assert!(
        messages[1].contains("deployment completed."),
        "{messages:?}"
    );
    assert!(
        messages
            .iter()
            .any(|message| message.contains("has started 2 tasks: (task ")),
        "{messages:?}"
    );
}

#[test]
fn counts_progress_and_old_tasks_leave_only_when_new_ones_run() {
    let mut story = Story::new();
    story.deploy();
    story.wait(5);
    let service = story.service();
    let primary = &service["deployments"][0];
    assert_eq!(
        (&primary["pendingCount"], &primary["runningCount"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(service["deployments"][1]["runningCount"], 2);
    story.wait(11);
    let service = story.service();
    assert_eq!(service["deployments"][0]["runningCount"], 2);
    assert_eq!(service["deployments"][1]["runningCount"], 2, "draining");
    assert_eq!(story.tasks("STOPPED").len(), 2);
}

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
fn stopping_rolls_back_even_without_a_breaker() {
    let mut story = Story::with(Breaker::Off, 2);
    let before = text(&story.service(), "/taskDefinition");
    story.deploy();
    story.wait(10);
    let arn = text(&story.list()[0], "/serviceDeploymentArn");
    let answer = story.call(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" }),
    );
    assert_eq!(answer, json!({ "serviceDeploymentArn": arn }));
    assert_eq!(story.status(), "ROLLBACK_REQUESTED");
    story.call(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn }),
    );
    assert_eq!(
        story.watch(120),
        [
            "ROLLBACK_REQUESTED",
            "ROLLBACK_IN_PROGRESS",
            "ROLLBACK_SUCCESSFUL"
        ]
    );
    assert_eq!(text(&story.service(), "/taskDefinition"), before);
    let refusal = story.refusal(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn }),
    );
    assert!(refusal.starts_with("ConflictException"), "{refusal}");
}

#[test]
fn a_pending_rollout_can_be_stopped_and_an_unknown_one_cannot() {
    let mut story = Story::new();
    story.deploy();
    let arn = text(&story.list()[0], "/serviceDeploymentArn");
    assert_eq!(story.status(), "PENDING");
    let refusal = story.refusal(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn, "stopType": "ABORT" }),
    );
    assert!(
        refusal.starts_with("InvalidParameterException"),
        "{refusal}"
    );
    story.call(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" }),
    );
    let seen = story.watch(60);
    assert_eq!(seen.last().unwrap(), "ROLLBACK_SUCCESSFUL", "{seen:?}");
    let unknown = format!("{arn}x");
    let refusal = story.refusal(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": unknown }),
    );
    assert!(
        refusal.starts_with("ServiceDeploymentNotFoundException"),
        "{refusal}"
    );
}

#[test]
fn the_same_task_definition_starts_a_rollout_only_when_forced() {
    let mut story = Story::new();
    let live = text(&story.service(), "/taskDefinition");
    story.update(&live);
    assert_eq!(story.list().len(), 1);
    story.call(
        "UpdateService",
        json!({ "cluster": "production", "service": "webapp", "desiredCount": 4 }),
    );
    assert_eq!(story.list().len(), 1);
    story.wait(30);
    assert_eq!(story.service()["runningCount"], 4);
    story.call(
        "UpdateService",
        json!({ "cluster": "production", "service": "webapp", "forceNewDeployment": true }),
    );
    assert_eq!(story.list().len(), 2);
    assert_eq!(story.watch(120).last().unwrap(), "SUCCESSFUL");
    assert_eq!(story.state.ecs.update_calls("production", "webapp"), 3);
}

#[test]
fn updates_are_refused_as_ecs_refuses_them() {
    let mut story = Story::new();
    let update = |definition: &str| json!({ "cluster": "production", "service": "webapp", "taskDefinition": definition });
    assert_eq!(
        story.refusal("UpdateService", update("webapp:7")),
        "ClientException: TaskDefinition not found."
    );
    let image = story.image("v2");
    let definition = story.register(&image);
    story.call(
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": definition }),
    );
    assert_eq!(
        story.refusal("UpdateService", update(&definition)),
        "ClientException: TaskDefinition is inactive"
    );
    let refusal = story.refusal(
        "UpdateService",
        json!({ "cluster": "nowhere", "service": "webapp" }),
    );
    assert_eq!(refusal, "ClusterNotFoundException: Cluster not found.");
    let refusal = story.refusal(
        "UpdateService",
        json!({ "cluster": "production", "service": "nothing" }),
    );
    assert_eq!(refusal, "ServiceNotFoundException: Service not found.");
    let elsewhere = definition.replace(ACCOUNT, "222222222222");
    assert!(
        story
            .refusal("UpdateService", update(&elsewhere))
            .contains("Your accountId is 111111111111")
    );
    story.state.ecs.deactivate("production", "webapp");
    let refusal = story.refusal("UpdateService", update("webapp"));
    assert_eq!(
        refusal,
        "ServiceNotActiveException: Service was not ACTIVE."
    );
}

#[test]
fn service_deployments_are_filtered_and_paged() {
    let mut story = Story::new();
    for _ in 0..3 {
        story.call(
            "UpdateService",
            json!({ "cluster": "production", "service": "webapp", "forceNewDeployment": true }),
        );
        story.wait(120);
    }
    let list = |more: serde_json::Value| {
        let mut request = json!({ "cluster": "production", "service": "webapp" });
        request
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        request
    };
    let first = story.call("ListServiceDeployments", list(json!({ "maxResults": 3 })));
    assert_eq!(first["serviceDeployments"].as_array().unwrap().len(), 3);
    let second = story.call(
        "ListServiceDeployments",
        list(json!({ "maxResults": 3, "nextToken": first["nextToken"] })),
    );
    assert_eq!(second["serviceDeployments"].as_array().unwrap().len(), 1);
    assert!(second["nextToken"].is_null());
    let newest = story.list();
    let after = newest[1]["createdAt"].as_f64().unwrap();
    let newer = story.call(
        "ListServiceDeployments",
        list(json!({ "createdAt": { "after": after } })),
    );
    assert_eq!(newer["serviceDeployments"].as_array().unwrap().len(), 1);
    let none = story.call(
        "ListServiceDeployments",
        list(json!({ "status": ["IN_PROGRESS"] })),
    );
    assert_eq!(none["serviceDeployments"], json!([]));
}

#[test]
fn revisions_show_the_digest_each_container_resolved_to() {
    let mut story = Story::new();
    story.image("v2");
    let tagged = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/webapp:v2");
    let definition = story.register(&tagged);
    story.update(&definition);
    let revision = story.rollout()["targetServiceRevision"]["arn"].take();
    let answer = story.call(
        "DescribeServiceRevisions",
        json!({ "serviceRevisionArns": [revision] }),
    );
    let image = &answer["serviceRevisions"][0]["containerImages"][0];
    assert_eq!(
        *image,
        json!({ "containerName": "app", "image": tagged, "imageDigest": crate::ecr::digest("v2") })
    );
    let missing = story.call(
        "DescribeServiceRevisions",
        json!({ "serviceRevisionArns": [format!("{}9", revision.as_str().unwrap())] }),
    );
    assert_eq!(missing["failures"][0]["reason"], "MISSING");
}

#[test]
fn other_controllers_refuse_task_definitions_by_name() {
    let mut story = Story::new();
    let definition = task_definition(ACCOUNT, REGION, "webapp", &[("app", "nginx:1")]);
    let seed = ServiceSeed::new(ACCOUNT, REGION, "production", "blue", definition)
        .controller(super::super::Controller::CodeDeploy);
    add_service(&mut story.state, story.now, seed).unwrap();
    let refusal = story.refusal(
        "UpdateService",
        json!({ "cluster": "production", "service": "blue", "taskDefinition": "webapp:2" }),
    );
    assert!(
        refusal.contains("CODE_DEPLOY deployment controller"),
        "{refusal}"
    );
    let answer = story.call(
        "DescribeServices",
        json!({ "cluster": "production", "services": ["blue", "gone"], "include": ["TAGS"] }),
    );
    assert_eq!(
        answer["services"][0]["deploymentController"]["type"],
        "CODE_DEPLOY"
    );
    assert_eq!(answer["failures"][0]["reason"], "MISSING");
}

#[test]
fn iam_would_see_the_service_its_cluster_and_the_task_definition() {
    let mut story = Story::new();
    let request =
        json!({ "cluster": "production", "service": "webapp", "taskDefinition": "webapp:1" });
    let answer = story.try_call("UpdateService", request).unwrap();
    assert_eq!(
        answer.resources,
        ["arn:aws:ecs:eu-west-1:111111111111:service/production/webapp"]
    );
    let conditions = [
        (
            "ecs:cluster",
            "arn:aws:ecs:eu-west-1:111111111111:cluster/production",
        ),
        (
            "ecs:task-definition",
            "arn:aws:ecs:eu-west-1:111111111111:task-definition/webapp:1",
        ),
    ];
    assert_eq!(
        answer.conditions,
        conditions.map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
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

#[test]
fn a_service_can_be_created_and_its_first_rollout_has_no_way_back() {
    let mut story = Story::new();
    story.call("CreateCluster", json!({ "clusterName": "staging" }));
    let request = json!({ "cluster": "staging", "serviceName": "api", "taskDefinition": "webapp", "desiredCount": 1 });
    let created = story.call("CreateService", request.clone());
    assert_eq!(
        created["service"]["deployments"][0]["rolloutState"],
        "IN_PROGRESS"
    );
    assert!(
        story
            .refusal("CreateService", request)
            .contains("not idempotent")
    );
    let listed = story.call(
        "ListServiceDeployments",
        json!({ "cluster": "staging", "service": "api" }),
    );
    let arn = listed["serviceDeployments"][0]["serviceDeploymentArn"].clone();
    story.call(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn }),
    );
    story.wait(5);
    let answer = story.call(
        "DescribeServiceDeployments",
        json!({ "serviceDeploymentArns": [arn] }),
    );
    assert_eq!(answer["serviceDeployments"][0]["status"], "ROLLBACK_FAILED");
    let clusters = story.call(
        "DescribeClusters",
        json!({ "clusters": ["production", "staging", "none"] }),
    );
    assert_eq!(clusters["clusters"][0]["runningTasksCount"], 2);
    assert_eq!(clusters["failures"][0]["reason"], "MISSING");
    let services = story.call("ListServices", json!({ "cluster": "staging" }));
    assert_eq!(
        services["serviceArns"],
        json!(["arn:aws:ecs:eu-west-1:111111111111:service/staging/api"])
    );
}
