//! What a service refuses: load balancers, launch types, too many deployments, percentages.

use super::*;

impl Story {
    fn try_update(&mut self, definition: &str) -> Result<Answer, AwsError> {
        let request =
            json!({ "cluster": "production", "service": "webapp", "taskDefinition": definition });
        self.try_call("UpdateService", request)
    }

    fn registers(&mut self, request: Value) -> String {
        let answer = self.call("RegisterTaskDefinition", request);
        text(&answer, "/taskDefinition/taskDefinitionArn")
    }

    fn set(&mut self, member: &str, value: &Value) {
        self.state
            .ecs
            .set_member("production", "webapp", member, value);
    }
}

#[test]
fn what_a_load_balancer_points_to_must_be_in_the_task_definition() {
    let mut story = Story::new();
    let target = |name: &str, port: u32| json!([{ "targetGroupArn": "arn:x", "containerName": name, "containerPort": port }]);
    story.set("loadBalancers", &target("app", 8080));
    let without = task_definition(ACCOUNT, REGION, "webapp", &[("web", "nginx:1")]);
    let without = story.registers(without);
    let refused = story.try_update(&without).unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.message.as_str()),
        (
            "InvalidParameterException",
            "The container app does not exist in the task definition."
        )
    );
    let mut other_port = task_definition(ACCOUNT, REGION, "webapp", &[("app", "nginx:1")]);
    other_port["containerDefinitions"][0]["portMappings"][0]["containerPort"] = json!(9090);
    let other_port = story.registers(other_port);
    let refused = story.try_update(&other_port).unwrap_err();
    assert_eq!(
        refused.message,
        "The container app did not have a container port 8080 defined."
    );
    let update = json!({ "cluster": "production", "service": "webapp", "loadBalancers": target("web", 8080) });
    let refusal = story.refusal("UpdateService", update);
    assert!(
        refusal.contains("The container web does not exist"),
        "{refusal}"
    );
    assert_eq!(story.list().len(), 1, "nothing was rolled out");
    story.deploy();
    story.set("loadBalancers", &Value::Null);
    story.set(
        "serviceRegistries",
        &json!([{ "registryArn": "arn:x", "containerName": "gone" }]),
    );
    let right = task_definition(ACCOUNT, REGION, "webapp", &[("app", "nginx:1")]);
    let right = story.registers(right);
    let refused = story.try_update(&right).unwrap_err();
    assert!(
        refused
            .message
            .contains("The container gone does not exist")
    );
}

#[test]
fn a_launch_type_must_be_one_that_the_task_definition_is_for() {
    let mut story = Story::new();
    for (changes, named) in [
        (
            vec![("/requiresCompatibilities", json!(["EC2"]))],
            "FARGATE",
        ),
        (
            vec![
                ("/requiresCompatibilities", Value::Null),
                ("/networkMode", json!("bridge")),
                ("/containerDefinitions/0/memory", json!(128)),
                ("/containerDefinitions/1/memory", json!(128)),
            ],
            "FARGATE",
        ),
        (
            vec![
                ("/requiresCompatibilities", Value::Null),
                ("/cpu", Value::Null),
            ],
            "FARGATE",
        ),
    ] {
        let definition = story.registers(with(&changes));
        let refused = story.try_update(&definition).unwrap_err();
        let expected = format!("Task definition does not support launch_type {named}.");
        assert_eq!(refused.code, "InvalidParameterException");
        assert_eq!(refused.message, expected);
        let run =
            json!({ "cluster": "production", "taskDefinition": definition, "launchType": named });
        assert!(story.refusal("RunTask", run).contains(&expected));
        let create = json!({ "cluster": "production", "serviceName": "other", "taskDefinition": definition, "launchType": named });
        assert!(story.refusal("CreateService", create).contains(&expected));
    }
    story.set("launchType", &json!("EXTERNAL"));
    let definition = story.registers(definition());
    let refused = story.try_update(&definition).unwrap_err();
    assert_eq!(
        refused.message,
        "Task definition does not support launch_type EXTERNAL."
    );
    // A strategy of Fargate's stands for the launch type.
    story.set("launchType", &Value::Null);
    story.set(
        "capacityProviderStrategy",
        &json!([{ "capacityProvider": "FARGATE_SPOT" }]),
    );
    story.try_update(&definition).unwrap();
    let answer = story.call(
        "DescribeTaskDefinition",
        json!({ "taskDefinition": definition }),
    );
    assert_eq!(
        answer["taskDefinition"]["compatibilities"],
        json!(["EC2", "FARGATE"])
    );
}

#[test]
fn five_deployments_are_the_most_and_those_without_tasks_are_over() {
    let mut story = Story::with(Breaker::Off, 10);
    let update = |story: &mut Story, number: u32| {
        story.script(&Script::UnableToPlace);
        let image = story.image(&format!("n{number}"));
        let definition = story.register(&image);
        story.try_update(&definition)
    };
    for number in 0..4 {
        update(&mut story, number).unwrap();
    }
    let there = story.service()["deployments"].as_array().unwrap().len();
    assert_eq!(there, 5, "what ran before, and four");
    let refused = update(&mut story, 4).unwrap_err();
    assert_eq!(refused.code, "InvalidParameterException");
    assert_eq!(
        refused.message,
        "5 active deployments exist, unable to create new deployment."
    );
    assert_eq!(story.list().len(), 5, "the one that is over, and four");
    let scale = json!({ "cluster": "production", "service": "webapp", "desiredCount": 11 });
    story.call("UpdateService", scale);
    // Those that were replaced have no tasks: only what ran before has, and the newest is asked for.
    for number in 5..15 {
        story.wait(30);
        update(&mut story, number).unwrap();
        story.wait(30);
        let there = story.service()["deployments"].as_array().unwrap().len();
        assert_eq!(there, 2);
    }
}

#[test]
fn percentages_that_allow_no_step_are_told_as_an_event_once() {
    for (desired, most, least, stuck) in [
        (2, 100, 100, true),
        (1, 100, 100, true),
        (1, 150, 100, true),
        (2, 150, 100, false),
        (2, 100, 50, false),
        (1, 200, 100, false),
        (1, 100, 0, false),
    ] {
        let mut story = Story::with(Breaker::RollsBack, desired);
        let percentages = json!({ "maximumPercent": most, "minimumHealthyPercent": least });
        story
            .state
            .ecs
            .configure("production", "webapp", &percentages)
            .unwrap();
        story.deploy();
        story.wait(600);
        let service = story.service();
        let messages: Vec<&str> = service["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["message"].as_str().unwrap())
            .filter(|message| message.contains("because of the service deployment configuration"))
            .collect();
        let said = "(service webapp) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";
        let expected: &[&str] = if stuck { &[said] } else { &[] };
        assert_eq!(messages, expected, "{desired} {most} {least}");
        let status = story.status();
        assert_eq!(status == "IN_PROGRESS", stuck, "{status}");
    }
}

#[test]
fn a_rollout_is_stopped_by_rolling_back_and_no_other_way() {
    let mut story = Story::new();
    story.deploy();
    story.wait(5);
    let arn = text(&story.list()[0], "/serviceDeploymentArn");
    for other in ["ABORT", "abort", "STOP", ""] {
        let request = json!({ "serviceDeploymentArn": arn, "stopType": other });
        let refusal = story.refusal("StopServiceDeployment", request);
        assert_eq!(
            refusal,
            format!("InvalidParameterException: Invalid stop type: {other}")
        );
    }
    assert_eq!(story.status(), "IN_PROGRESS");
}
