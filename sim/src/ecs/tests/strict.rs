//! What AWS refuses, and in which words, where people have met them.

use serde_json::{Value, json};

use super::*;

fn definition() -> Value {
    task_definition(
        ACCOUNT,
        REGION,
        "api",
        &[("app", "nginx:1"), ("beside", "nginx:1")],
    )
}

/// The definition with these members at their places; `null` takes one away.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut request = definition();
    for (place, value) in changes {
        let (parent, name) = place.rsplit_once('/').unwrap();
        let parent = request.pointer_mut(parent).unwrap();
        parent
            .as_object_mut()
            .unwrap()
            .insert(name.to_owned(), value.clone());
    }
    request
}

#[test]
fn what_a_task_definition_says_must_fit_together() {
    let on =
        |name: &str, condition: &str| json!([{ "containerName": name, "condition": condition }]);
    let (app, beside) = ("/containerDefinitions/0", "/containerDefinitions/1");
    let at = |container: &str, member: &str| format!("{container}/{member}");
    let (app_on, beside_on) = (at(app, "dependsOn"), at(beside, "dependsOn"));
    let many: Vec<Value> = (0..11)
        .map(|at| json!({ "name": format!("c{at}"), "image": "nginx:1" }))
        .collect();
    let mount = |volume: Value| json!([{ "sourceVolume": volume, "containerPath": "/x" }]);
    let cases = [
        (
            with(&[(&app_on, on("gone", "START"))]),
            "Cannot depend on container + 'gone' because it does not exist",
        ),
        (
            with(&[(&app_on, on("beside", "SUCCESS"))]),
            "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
        ),
        (
            with(&[(&app_on, on("beside", "COMPLETE"))]),
            "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
        ),
        (
            with(&[(&app_on, on("beside", "HEALTHY"))]),
            "A dependency container with HEALTHY condition must have a health check",
        ),
        (
            with(&[(&app_on, on("app", "START"))]),
            "Container dependencies should not have a cycle",
        ),
        (
            with(&[
                (&app_on, on("beside", "START")),
                (&beside_on, on("app", "START")),
            ]),
            "Container dependencies should not have a cycle",
        ),
        (
            with(&[
                (&at(app, "links"), json!(["beside:x"])),
                (&at(beside, "links"), json!(["app"])),
            ]),
            "Container links should not have a cycle",
        ),
        (
            with(&[(&at(app, "mountPoints"), mount(json!("gone")))]),
            "Unknown volume 'gone'.",
        ),
        (
            with(&[(&at(app, "mountPoints"), mount(Value::Null))]),
            "Unknown volume 'null'.",
        ),
        (
            with(&[(
                &at(app, "volumesFrom"),
                json!([{ "sourceContainer": "gone" }]),
            )]),
            "Unknown container 'gone'.",
        ),
        (
            with(&[("/volumes", json!([{ "name": "a" }, { "name": "a" }]))]),
            "Duplicate volume name 'a'.",
        ),
        (
            with(&[("/volumes", json!([{ "host": {} }]))]),
            "Volume name can not be blank.",
        ),
        (
            with(&[(
                "/volumes",
                json!([{ "name": "a", "host": { "sourcePath": "/" } }]),
            )]),
            "Fargate compatible task definitions do not support sourcePath",
        ),
        (
            with(&[(&at(app, "privileged"), json!(true))]),
            "Fargate compatible task definitions do not support privileged containers",
        ),
        (
            with(&[("/containerDefinitions", json!(many))]),
            "Too many containers.",
        ),
        (
            with(&[(&at(app, "memory"), json!(513))]),
            "The 'memory' setting for container 'app' is greater than for the task.",
        ),
        (
            with(&[
                (&at(app, "memoryReservation"), json!(300)),
                (&at(beside, "memoryReservation"), json!(300)),
            ]),
            "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.",
        ),
        (
            with(&[
                (&at(app, "cpu"), json!(200)),
                (&at(beside, "cpu"), json!(57)),
            ]),
            "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
        ),
        (
            with(&[
                (&at(app, "memory"), json!(100)),
                (&at(app, "memoryReservation"), json!(101)),
            ]),
            "Invalid setting for container 'app'.",
        ),
        (
            with(&[(&at(app, "cpu"), json!(-1))]),
            "Invalid 'cpu' setting for container 'app'.",
        ),
        (
            with(&[(&at(app, "memory"), json!(3))]),
            "Invalid 'memory' setting for container 'app'.",
        ),
    ];
    let mut story = Story::new();
    for (request, expected) in cases {
        let refusal = story.refusal("RegisterTaskDefinition", request);
        let expected = format!("ClientException: {expected}");
        assert!(refusal.starts_with(&expected), "{refusal}, not {expected}");
    }
    let right = with(&[
        (&app_on, on("beside", "SUCCESS")),
        (&at(beside, "essential"), json!(false)),
        (&at(app, "mountPoints"), mount(json!("a"))),
        ("/volumes", json!([{ "name": "a" }])),
        (&at(app, "memory"), json!(512)),
        (&at(app, "cpu"), json!(256)),
    ]);
    story.call("RegisterTaskDefinition", right);
}

#[test]
fn a_role_is_named_by_its_arn() {
    let mut story = Story::new();
    for member in ["/taskRoleArn", "/executionRoleArn"] {
        for wrong in [
            "webapp-task",
            "",
            "role/webapp-task",
            "arn:aws:iam::111111111111:user/webapp",
            "arn:aws:iam::111111111111:role/",
            "arn:aws:iam::1111:role/webapp",
            "arn:aws:iam:eu-west-1:111111111111:role/webapp",
            "arn:aws:ecs::111111111111:role/webapp",
            "arn:aws:iam::111111111111:role/web app",
            "https://example.com/role/webapp",
        ] {
            let refusal = story.refusal("RegisterTaskDefinition", with(&[(member, json!(wrong))]));
            assert_eq!(refusal, "ClientException: Role is not valid", "{wrong}");
        }
        for right in [
            "arn:aws:iam::111111111111:role/webapp",
            "arn:aws-cn:iam::111111111111:role/service-role/a/webapp+=,.@-_",
        ] {
            story.call("RegisterTaskDefinition", with(&[(member, json!(right))]));
        }
    }
}

#[test]
fn sizes_have_units_and_become_numbers() {
    let mut story = Story::new();
    for (cpu, memory, units, mebibytes) in [
        ("1 vcpu", "2 GB", "1024", "2048"),
        ("1vCPU", "2GB", "1024", "2048"),
        (".25 vCPU", "0.5 gb", "256", "512"),
        ("0.5 VCPU", "1 GB", "512", "1024"),
        ("256", "512", "256", "512"),
        ("16 vCPU", "120 GB", "16384", "122880"),
    ] {
        let request = with(&[("/cpu", json!(cpu)), ("/memory", json!(memory))]);
        let answer = story.call("RegisterTaskDefinition", request);
        assert_eq!(answer["taskDefinition"]["cpu"], units, "{cpu}");
        assert_eq!(answer["taskDefinition"]["memory"], mebibytes, "{memory}");
    }
    for (member, wrong) in [
        ("/cpu", "one vCPU"),
        ("/cpu", "1 GB"),
        ("/cpu", "vcpu"),
        ("/cpu", "-1 vcpu"),
        ("/cpu", "64"),
        ("/cpu", "inf vcpu"),
        ("/cpu", ""),
        ("/memory", "2 MiB"),
        ("/memory", "0"),
        ("/memory", "2 vcpu"),
    ] {
        let refusal = story.refusal("RegisterTaskDefinition", with(&[(member, json!(wrong))]));
        let name = member.trim_start_matches('/');
        let expected = format!("InvalidParameterException: Invalid '{name}' setting for task.");
        assert_eq!(refusal, expected, "{wrong}");
    }
    for (cpu, memory) in [
        ("8 vcpu", "17 GB"),
        ("16 vcpu", "33 GB"),
        ("512", "8192"),
        ("300", "512"),
    ] {
        let request = with(&[("/cpu", json!(cpu)), ("/memory", json!(memory))]);
        let refusal = story.refusal("RegisterTaskDefinition", request);
        assert!(
            refusal.starts_with("ClientException: No Fargate configuration"),
            "{refusal}"
        );
    }
}

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
