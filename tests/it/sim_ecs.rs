//! The simulated ECS, ECR and Logs as AWS's own Rust SDK reads them: if a shape were wrong, the
//! SDK's deserializers would say so here.

use std::time::Duration;

use aws_sdk_ecs::types::{
    DeploymentRolloutState, DesiredStatus, ServiceDeploymentRollbackMonitorsStatus,
    ServiceDeploymentStatus, StopServiceDeploymentStopType, TaskDefinitionField, TaskStopCode,
};
use aws_sdk_ecs::{Client, error::ProvideErrorMetadata};
use longshore_sim::ecs::{Script, ServiceSeed, add_service, every_field, task_definition};
use longshore_sim::{Clock, World, ecr};

const ACCOUNT: &str = "111111111111";
const REGION: &str = "eu-west-1";

fn world() -> World {
    let start = tokio::time::Instant::now();
    let base = "2026-03-01T12:00:00Z".parse().unwrap();
    let world = World::new(Clock::Virtual { start, base });
    let now = world.now();
    let mut state = world.state();
    for tag in ["v1", "v2"] {
        let digest = ecr::digest(tag);
        state
            .ecr
            .push(ACCOUNT, REGION, "webapp", &[tag], &digest, now);
    }
    let definition = task_definition(ACCOUNT, REGION, "webapp", &[("app", &image("v1"))]);
    let seed = ServiceSeed::new(ACCOUNT, REGION, "production", "webapp", definition);
    add_service(&mut state, now, seed).unwrap();
    drop(state);
    world
}

fn image(tag: &str) -> String {
    let digest = ecr::digest(tag);
    format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/webapp@{digest}")
}

/// What every client is configured with. An access key of twelve digits is that account's.
async fn configuration(world: &World) -> aws_config::SdkConfig {
    let keys = aws_credential_types::Credentials::from_keys(ACCOUNT, "not-a-secret", None);
    aws_config::defaults(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new(REGION))
        .credentials_provider(keys)
        .http_client(world.http_client())
        .time_source(world.time_source())
        .load()
        .await
}

async fn ecs(world: &World) -> Client {
    Client::new(&configuration(world).await)
}

async fn register(ecs: &Client, image: &str) -> String {
    let live = ecs
        .describe_task_definition()
        .task_definition("webapp")
        .send()
        .await
        .unwrap();
    let live = live.task_definition.unwrap();
    let mut containers = live.container_definitions.unwrap();
    containers[0].image = Some(image.to_owned());
    let answer = ecs
        .register_task_definition()
        .family("webapp")
        .set_container_definitions(Some(containers))
        .set_cpu(live.cpu)
        .set_memory(live.memory)
        .set_network_mode(live.network_mode)
        .set_requires_compatibilities(live.requires_compatibilities)
        .set_execution_role_arn(live.execution_role_arn)
        .send()
        .await
        .unwrap();
    answer.task_definition.unwrap().task_definition_arn.unwrap()
}

async fn update(ecs: &Client, definition: &str) {
    let update = ecs.update_service().cluster("production").service("webapp");
    update.task_definition(definition).send().await.unwrap();
}

/// The newest service deployment, in full.
async fn newest(ecs: &Client) -> aws_sdk_ecs::types::ServiceDeployment {
    let listed = ecs
        .list_service_deployments()
        .cluster("production")
        .service("webapp")
        .send()
        .await;
    let listed = listed.unwrap().service_deployments.unwrap();
    let newest = listed.into_iter().max_by_key(|one| one.created_at);
    let arn = newest.unwrap().service_deployment_arn;
    let described = ecs
        .describe_service_deployments()
        .service_deployment_arns(arn.unwrap())
        .send()
        .await;
    described.unwrap().service_deployments.unwrap().remove(0)
}

#[tokio::test(start_paused = true)]
async fn the_sdk_reads_a_rollout_from_start_to_end() {
    let world = world();
    let ecs = ecs(&world).await;
    let definition = register(&ecs, &image("v2")).await;
    assert!(definition.ends_with(":task-definition/webapp:2"));
    update(&ecs, &definition).await;
    assert_eq!(
        newest(&ecs).await.status,
        Some(ServiceDeploymentStatus::Pending)
    );
    tokio::time::sleep(Duration::from_secs(5)).await;
    let rollout = newest(&ecs).await;
    assert_eq!(rollout.status, Some(ServiceDeploymentStatus::InProgress));
    let target = rollout.target_service_revision.unwrap();
    assert_eq!(
        (target.requested_task_count, target.pending_task_count),
        (2, 2)
    );
    assert_eq!(
        rollout.source_service_revisions.unwrap()[0].running_task_count,
        2
    );
    let breaker = rollout.deployment_circuit_breaker.unwrap();
    assert_eq!(
        breaker.status,
        Some(ServiceDeploymentRollbackMonitorsStatus::Monitoring)
    );
    assert_eq!(
        rollout.created_at.unwrap().secs(),
        world.now().as_second() - 5
    );

    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(
        newest(&ecs).await.status,
        Some(ServiceDeploymentStatus::Successful)
    );
    let services = ecs
        .describe_services()
        .cluster("production")
        .services("webapp")
        .send()
        .await
        .unwrap();
    let service = &services.services()[0];
    assert_eq!(service.task_definition(), Some(definition.as_str()));
    assert_eq!(
        service.deployments()[0].rollout_state(),
        Some(&DeploymentRolloutState::Completed)
    );
    assert!(
        service.events()[0]
            .message()
            .unwrap()
            .ends_with("has reached a steady state.")
    );
    let revision = ecs
        .describe_service_revisions()
        .service_revision_arns(target.arn.unwrap())
        .send()
        .await
        .unwrap();
    let images = revision.service_revisions()[0].container_images();
    assert_eq!(images[0].image_digest(), Some(ecr::digest("v2").as_str()));
    let tasks = ecs
        .list_tasks()
        .cluster("production")
        .service_name("webapp")
        .send()
        .await
        .unwrap();
    let tasks = ecs
        .describe_tasks()
        .cluster("production")
        .set_tasks(tasks.task_arns)
        .send()
        .await
        .unwrap();
    for task in tasks.tasks() {
        assert_eq!(task.last_status(), Some("RUNNING"));
        assert_eq!(
            task.containers()[0].image_digest(),
            Some(ecr::digest("v2").as_str())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_sdk_reads_a_rollback_and_its_evidence() {
    let world = world();
    let ecs = ecs(&world).await;
    world
        .state()
        .ecs
        .set_script(world.now(), "production", "webapp", &Script::CrashLoop);
    let definition = register(&ecs, &image("v2")).await;
    update(&ecs, &definition).await;
    tokio::time::sleep(Duration::from_secs(180)).await;
    let rollout = newest(&ecs).await;
    assert_eq!(
        rollout.status,
        Some(ServiceDeploymentStatus::RollbackSuccessful)
    );
    assert!(rollout.rollback.unwrap().started_at.is_some());
    let stopped = ecs
        .list_tasks()
        .cluster("production")
        .desired_status(DesiredStatus::Stopped)
        .send()
        .await;
    let stopped = ecs
        .describe_tasks()
        .cluster("production")
        .set_tasks(stopped.unwrap().task_arns)
        .send()
        .await;
    let stopped = stopped.unwrap().tasks.unwrap();
    let crashed = stopped
        .iter()
        .find(|task| task.stop_code == Some(TaskStopCode::EssentialContainerExited))
        .unwrap();
    assert_eq!(crashed.containers()[0].exit_code(), Some(1));
    let id = crashed.task_arn().unwrap().rsplit('/').next().unwrap();
    let logs = aws_sdk_cloudwatchlogs::Client::new(&configuration(&world).await);
    let ask = || logs.get_log_events().log_group_name("/ecs/webapp");
    let lines = ask()
        .log_stream_name(format!("ecs/app/{id}"))
        .limit(2)
        .send()
        .await
        .unwrap();
    assert_eq!(lines.events()[1].message(), Some("fatal: giving up"));
    let error = ask()
        .log_stream_name("none")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_resource_not_found_exception());
}

#[tokio::test(start_paused = true)]
async fn the_sdk_recognises_every_refusal() {
    let world = world();
    let ecs = ecs(&world).await;
    let update = || ecs.update_service().cluster("production").service("webapp");
    let error = update()
        .task_definition("webapp:9")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_client_exception());
    let error = update()
        .service("none")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_service_not_found_exception());
    let error = update()
        .cluster("none")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_cluster_not_found_exception());
    let arn = newest(&ecs).await.service_deployment_arn.unwrap();
    let stop = |arn: String| {
        ecs.stop_service_deployment()
            .service_deployment_arn(arn)
            .stop_type(StopServiceDeploymentStopType::Rollback)
    };
    let error = stop(arn.clone())
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_conflict_exception());
    let error = stop(format!("{arn}x"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_service_deployment_not_found_exception());
    let error = ecs
        .describe_task_definition()
        .task_definition("none")
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        error.into_service_error().message(),
        Some("Unable to describe task definition.")
    );
}

#[tokio::test(start_paused = true)]
#[expect(
    deprecated,
    reason = "what is deprecated can still be registered, and must not be lost"
)]
async fn the_sdk_carries_every_field_of_a_task_definition_that_it_knows() {
    let world = world();
    let ecs = ecs(&world).await;
    let request = every_field();
    let raw = http::Request::post("https://ecs.eu-west-1.amazonaws.com/")
        .header(
            "x-amz-target",
            "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition",
        )
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260301/{REGION}/ecs/aws4_request"),
        )
        .body(request.to_string().into())
        .unwrap();
    assert_eq!(world.handle(&raw).status(), 200);
    let described = ecs
        .describe_task_definition()
        .task_definition("every-field")
        .include(TaskDefinitionField::Tags)
        .send()
        .await
        .unwrap();
    let known = described.task_definition.unwrap();
    let again = ecs
        .register_task_definition()
        .family("every-field-again")
        .set_task_role_arn(known.task_role_arn)
        .set_execution_role_arn(known.execution_role_arn)
        .set_network_mode(known.network_mode)
        .set_container_definitions(known.container_definitions)
        .set_volumes(known.volumes)
        .set_placement_constraints(known.placement_constraints)
        .set_requires_compatibilities(known.requires_compatibilities)
        .set_cpu(known.cpu)
        .set_memory(known.memory)
        .set_tags(described.tags)
        .set_pid_mode(known.pid_mode)
        .set_ipc_mode(known.ipc_mode)
        .set_proxy_configuration(known.proxy_configuration)
        .set_inference_accelerators(known.inference_accelerators)
        .set_ephemeral_storage(known.ephemeral_storage)
        .set_runtime_platform(known.runtime_platform)
        .set_enable_fault_injection(known.enable_fault_injection)
        .send()
        .await;
    again.unwrap();
    // What the SDK sent the second time is what was registered the first time: no field is lost on the way.
    let state = world.state();
    let sent = &state.calls.last().unwrap().request;
    // But what this SDK does not know yet: the product copies past it.
    let unknown = ["trustedExecutionConfiguration"];
    let members = request.as_object().unwrap().iter();
    let known = members.filter(|(member, _)| *member != "family");
    for (member, value) in known.filter(|(member, _)| !unknown.contains(&member.as_str())) {
        assert_eq!(&sent[member], value, "{member}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_sdk_reads_images_and_their_absence() {
    let world = world();
    let client = aws_sdk_ecr::Client::new(&configuration(&world).await);
    let id = |tag: &str| {
        aws_sdk_ecr::types::ImageIdentifier::builder()
            .image_tag(tag)
            .build()
    };
    let ask = || client.describe_images().repository_name("webapp");
    let found = ask().image_ids(id("v2")).send().await.unwrap();
    let image = &found.image_details()[0];
    assert_eq!(image.image_digest(), Some(ecr::digest("v2").as_str()));
    assert_eq!(
        image.image_status().map(|status| status.as_str()),
        Some("ACTIVE")
    );
    assert_eq!(image.image_tags(), ["v2"]);
    let error = ask()
        .image_ids(id("v3"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_image_not_found_exception());
    let error = ask()
        .repository_name("none")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_repository_not_found_exception());
    let page = ask().max_results(1).send().await.unwrap();
    assert_eq!(page.image_details().len(), 1);
    let rest = ask()
        .max_results(1)
        .set_next_token(page.next_token)
        .send()
        .await
        .unwrap();
    assert!(rest.next_token().is_none());
}
