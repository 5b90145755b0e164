mod scripts;

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
