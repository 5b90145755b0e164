//! One-off tasks: what they take over from the service that they run like, and finding them again.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Play, held};
use crate::aws::ecs::{OneOff, RunOutcome};
use crate::aws::tests::{CLUSTER, requests};
use crate::names::DeployId;

fn one_off<'a>(play: &'a Play, revision: &'a str, number: usize) -> OneOff<'a> {
    OneOff {
        revision,
        container: "app",
        command: &[],
        tags: play.tags(),
        number,
    }
}

/// The service as it is set up, in ECS's words, and then the task that runs like it.
async fn run_like(service: &[(&str, Value)], volumes: &Value) -> (Play, RunOutcome) {
    let play = Play::new().await;
    let revision = {
        let state = &mut *play.world.state();
        for (member, value) in service {
            state.ecs.set_member(CLUSTER, "webapp", member, value);
        }
        let home = (crate::aws::tests::ACCOUNT, crate::aws::tests::REGION);
        let mut definition = longshore_sim::ecs::task_definition(
            home.0,
            home.1,
            "migrate",
            &[("app", &crate::aws::tests::image("v1"))],
        );
        definition["volumes"] = volumes.clone();
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        state.ecs.add_definition(now, home, &definition).unwrap()
    };
    let outcome = play
        .ecs
        .run_once(&held(), one_off(&play, &revision, 0))
        .await;
    (play, outcome)
}

/// What botocore's model has of both a service's managed volume and a task's.
fn managed() -> Value {
    json!({
        "encrypted": true,
        "kmsKeyId": "alias/disks",
        "volumeType": "gp3",
        "sizeInGiB": 20,
        "snapshotId": "snap-1",
        "volumeInitializationRate": 200,
        "iops": 3000,
        "throughput": 125,
        "tagSpecifications": [{ "resourceType": "volume", "tags": [{ "key": "a", "value": "b" }] }],
        "roleArn": "arn:aws:iam::111111111111:role/disks",
        "filesystemType": "xfs",
    })
}

#[tokio::test(start_paused = true)]
async fn a_task_is_placed_tagged_and_given_disks_like_the_services_own() {
    let constraints = json!([{ "type": "memberOf", "expression": "attribute:zone == a" }]);
    let strategy = json!([{ "type": "binpack", "field": "memory" }]);
    let volume = json!([{ "name": "scratch", "managedEBSVolume": managed() }]);
    let service = [
        ("launchType", json!("EC2")),
        ("platformVersion", Value::Null),
        ("placementConstraints", constraints.clone()),
        ("placementStrategy", strategy.clone()),
        ("volumeConfigurations", volume),
        ("propagateTags", json!("TASK_DEFINITION")),
        ("enableECSManagedTags", json!(true)),
        ("serviceConnectConfiguration", json!({ "enabled": true })),
    ];
    let volumes = json!([{ "name": "scratch", "configuredAtLaunch": true }]);
    let (play, outcome) = run_like(&service, &volumes).await;
    assert!(matches!(outcome, RunOutcome::Started(_)), "{outcome:?}");
    let asked = requests(&play.world, "RunTask").pop().unwrap();
    assert_eq!(asked["placementConstraints"], constraints);
    assert_eq!(asked["placementStrategy"], strategy);
    assert_eq!(asked["propagateTags"], "TASK_DEFINITION");
    assert_eq!(asked["enableECSManagedTags"], true);
    let mut disk = managed();
    disk["terminationPolicy"] = json!({ "deleteOnTermination": true });
    let wanted = json!([{ "name": "scratch", "managedEBSVolume": disk }]);
    assert_eq!(asked["volumeConfigurations"], wanted);
    assert!(asked.get("serviceConnectConfiguration").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_task_takes_no_more_than_it_may() {
    let volume = json!([{ "name": "scratch", "managedEBSVolume": managed() }]);
    let service = [
        ("volumeConfigurations", volume),
        ("propagateTags", json!("SERVICE")),
    ];
    let (play, outcome) = run_like(&service, &json!([{ "name": "config" }])).await;
    assert!(matches!(outcome, RunOutcome::Started(_)), "{outcome:?}");
    let asked = requests(&play.world, "RunTask").pop().unwrap();
    for left_out in [
        "volumeConfigurations",
        "propagateTags",
        "placementConstraints",
        "placementStrategy",
    ] {
        assert!(asked.get(left_out).is_none(), "{asked}");
    }
}

/// A task is found among those of its family by who started it, however many there are.
#[tokio::test(start_paused = true)]
async fn a_task_is_found_again_among_many_running_and_stopped() {
    let play = Play::new().await;
    let revision = play.ours.task_definition.clone();
    for number in 0..150 {
        let outcome = play
            .ecs
            .run_once(&held(), one_off(&play, &revision, number))
            .await;
        assert!(matches!(outcome, RunOutcome::Started(_)), "{outcome:?}");
    }
    let find = |number| play.ecs.find_one_off("webapp", &play.deploy, number);
    for number in [0, 99, 149] {
        assert!(find(number).await.unwrap().unwrap().stopped.is_none());
    }
    assert_eq!(find(150).await.unwrap(), None);
    tokio::time::sleep(Duration::from_secs(120)).await;
    let before = requests(&play.world, "ListTasks").len();
    for number in [0, 99, 149] {
        assert!(find(number).await.unwrap().unwrap().stopped.is_some());
    }
    let asked = requests(&play.world, "ListTasks");
    assert_eq!(
        asked.len() - before,
        3 * 3,
        "one for running, two pages of stopped"
    );
    let others = DeployId::derive(b"another request");
    let found = play.ecs.find_one_off("webapp", &others, 0).await;
    assert_eq!(found.unwrap(), None);
}

/// AWS's newest model has every member of a service's managed volume on a task's too, and every member
/// that is taken over on `RunTask`.
#[test]
fn what_a_task_takes_over_is_what_the_newest_model_lets_it() {
    let model = longshore_sim::models::model("ecs").unwrap();
    let members = |shape: &str| -> std::collections::BTreeSet<String> {
        let members = model["shapes"][shape]["members"].as_object().unwrap();
        members.keys().cloned().collect()
    };
    let of_service = members("ServiceManagedEBSVolumeConfiguration");
    let of_task = members("TaskManagedEBSVolumeConfiguration");
    let only: Vec<_> = of_service.difference(&of_task).collect();
    assert!(only.is_empty(), "a task's volume has no {only:?}");
    let more: Vec<_> = of_task.difference(&of_service).collect();
    assert_eq!(more, ["terminationPolicy"]);
    let given: std::collections::BTreeSet<String> =
        managed().as_object().unwrap().keys().cloned().collect();
    assert_eq!(given, of_service, "a new member: give it in this test");
    assert_eq!(
        members("ServiceVolumeConfiguration"),
        members("TaskVolumeConfiguration")
    );
    let (service, task) = (members("Service"), members("RunTaskRequest"));
    for member in [
        "networkConfiguration",
        "platformVersion",
        "enableECSManagedTags",
        "placementConstraints",
        "placementStrategy",
        "propagateTags",
        "capacityProviderStrategy",
        "launchType",
    ] {
        assert!(
            service.contains(member) && task.contains(member),
            "{member}"
        );
    }
    assert!(task.contains("volumeConfigurations"));
    assert!(members("Deployment").contains("volumeConfigurations"));
}
