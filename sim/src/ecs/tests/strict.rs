//! What AWS refuses, and in which words, where people have met them.

mod services;

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
