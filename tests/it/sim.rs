//! The simulated DynamoDB, Step Functions, SSM and STS as AWS's own Rust SDK sees them, and every
//! fault as a caller with timeouts and retries of its own sees it.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValue,
    ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem, Update,
};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use longshore_sim::ecs::{ServiceSeed, add_service, task_definition};
use longshore_sim::fault::{Kill, Kind, Matcher};
use longshore_sim::states::Machine;
use longshore_sim::{Clock, World, ecr, until_killed};

const START: &str = "2026-03-01T12:00:00Z";

fn world() -> World {
    let world = World::new(Clock::starting_at(START.parse().unwrap()));
    world.state().dynamodb.create_table("t");
    world
}

/// One attempt of at most half a second, so that what a fault does is seen as it is.
async fn configuration(world: &World, access_key: &str) -> SdkConfig {
    let keys = aws_credential_types::Credentials::from_keys(access_key, "not-a-secret", None);
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(500));
    aws_config::defaults(BehaviorVersion::latest())
        .region(aws_config::Region::new("eu-west-1"))
        .credentials_provider(keys)
        .http_client(world.http_client())
        .time_source(world.time_source())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build())
        .load()
        .await
}

async fn dynamodb(world: &World) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(&configuration(world, "111111111111").await)
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn n(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Adds one to a counter, and says what it is then.
async fn count(
    client: &aws_sdk_dynamodb::Client,
) -> Result<String, SdkError<aws_sdk_dynamodb::operation::update_item::UpdateItemError>> {
    let answer = client
        .update_item()
        .table_name("t")
        .key("pk", s("counter"))
        .key("sk", s("-"))
        .update_expression("ADD hits :one")
        .expression_attribute_values(":one", n(1))
        .return_values(ReturnValue::UpdatedNew)
        .send()
        .await?;
    Ok(answer.attributes().unwrap()["hits"].as_n().unwrap().clone())
}

#[tokio::test(start_paused = true)]
async fn the_sdk_reads_and_writes_the_simulated_dynamodb() {
    let world = world();
    let client = dynamodb(&world).await;
    let put = |pk: &str| {
        Put::builder()
            .table_name("t")
            .item("pk", s(pk))
            .item("sk", s("-"))
            .item("open", s("open"))
            .item("id", s(pk))
            .item("due", s("1"))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .build()
            .unwrap()
    };
    let transact = |pk: &str| {
        let item = TransactWriteItem::builder().put(put(pk)).build();
        client.transact_write_items().transact_items(item)
    };
    transact("a")
        .client_request_token("one")
        .send()
        .await
        .unwrap();
    transact("a")
        .client_request_token("one")
        .send()
        .await
        .unwrap();
    let error = transact("b")
        .client_request_token("one")
        .send()
        .await
        .unwrap_err();
    assert!(
        error
            .as_service_error()
            .unwrap()
            .is_idempotent_parameter_mismatch_exception()
    );
    let error = transact("a")
        .client_request_token("two")
        .send()
        .await
        .unwrap_err();
    let error = error.into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        panic!("{error:?}");
    };
    let reason = &cancelled.cancellation_reasons()[0];
    assert_eq!(reason.code(), Some("ConditionalCheckFailed"));
    assert_eq!(reason.item().unwrap()["id"], s("a"));
    let open = client
        .query()
        .table_name("t")
        .index_name("open")
        .key_condition_expression("#open = :open")
        .expression_attribute_names("#open", "open")
        .expression_attribute_values(":open", s("open"))
        .send()
        .await
        .unwrap();
    assert_eq!(open.items()[0]["pk"], s("a"));
    let update = Update::builder()
        .table_name("t")
        .key("pk", s("a"))
        .key("sk", s("-"))
        .update_expression("REMOVE #open SET rev = if_not_exists(rev, :zero) + :one")
        .expression_attribute_names("#open", "open")
        .expression_attribute_values(":zero", n(0))
        .expression_attribute_values(":one", n(1))
        .build()
        .unwrap();
    let check = ConditionCheck::builder()
        .table_name("t")
        .key("pk", s("b"))
        .key("sk", s("-"))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .unwrap();
    client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().update(update).build())
        .transact_items(TransactWriteItem::builder().condition_check(check).build())
        .send()
        .await
        .unwrap();
    let got = client
        .get_item()
        .table_name("t")
        .key("pk", s("a"))
        .key("sk", s("-"))
        .send()
        .await;
    assert_eq!(got.unwrap().item().unwrap()["rev"], n(1));
    let state = world.state();
    let last = state.calls.iter().rev().nth(1).unwrap();
    assert_eq!(
        last.actions,
        ["dynamodb:ConditionCheckItem", "dynamodb:UpdateItem"]
    );
    assert_eq!((last.at, last.status), (START.parse().unwrap(), 200));
}

#[tokio::test(start_paused = true)]
async fn every_fault_does_to_the_call_what_its_name_says() {
    // How often the request was executed, and what the caller saw.
    for (kind, executed, seen) in [
        (Kind::Before5xx, 0, "500"),
        (Kind::Throttled, 0, "ThrottlingException"),
        (Kind::TimedOut, 0, "timeout"),
        (Kind::Lost, 1, "dispatch"),
        (Kind::LostLate, 1, "timeout"),
        (Kind::Duplicated, 2, "2"),
    ] {
        let world = world();
        let matcher = Matcher::operation("dynamodb", "UpdateItem").nth(2);
        world.state().faults.plan(matcher, kind);
        let client = dynamodb(&world).await;
        count(&client).await.unwrap();
        let saw = match count(&client).await {
            Ok(hits) => (hits.parse::<u64>().unwrap() - 1).to_string(),
            Err(SdkError::TimeoutError(_)) => "timeout".to_owned(),
            Err(SdkError::DispatchFailure(_)) => "dispatch".to_owned(),
            Err(error) if error.code() == Some("InternalServerError") => "500".to_owned(),
            Err(error) => error.code().unwrap_or("?").to_owned(),
        };
        assert_eq!(saw, seen, "{kind:?}");
        let after = count(&client).await.unwrap();
        assert_eq!(after, (executed + 2).to_string(), "{kind:?}");
        assert_eq!(world.state().faults.fired(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_sdk_retries_what_a_fault_broke_once() {
    for kind in [Kind::Before5xx, Kind::Throttled, Kind::TimedOut] {
        let world = world();
        world
            .state()
            .faults
            .plan(Matcher::service("dynamodb").nth(1), kind);
        let mut configuration = configuration(&world, "111111111111").await.into_builder();
        configuration.set_retry_config(Some(RetryConfig::standard().with_max_attempts(2)));
        let client = aws_sdk_dynamodb::Client::new(&configuration.build());
        assert_eq!(count(&client).await.unwrap(), "1", "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn latency_passes_in_the_world_s_time_and_the_caller_s_timeout_sees_it() {
    let world = world();
    let client = dynamodb(&world).await;
    let slow = Matcher::service("dynamodb");
    world
        .state()
        .faults
        .delay(slow.clone().nth(1), Duration::from_millis(400));
    count(&client).await.unwrap();
    let base: jiff::Timestamp = START.parse().unwrap();
    assert_eq!(world.now().duration_since(base).as_millis(), 400);
    world
        .state()
        .faults
        .delay(slow.nth(1), Duration::from_millis(600));
    let error = count(&client).await.unwrap_err();
    assert!(matches!(error, SdkError::TimeoutError(_)), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_killed_caller_stops_where_it_stands() {
    for (when, executed) in [(Kill::Before, "2"), (Kill::After, "3")] {
        let world = world();
        world.state().faults.kill(Matcher::any().nth(2), when);
        let client = dynamodb(&world).await;
        let caller = async {
            for _ in 0..5 {
                count(&client).await.unwrap();
            }
        };
        assert_eq!(until_killed(caller).await, None);
        assert_eq!(count(&client).await.unwrap(), executed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_killed_at_a_call_fails_the_execution_as_lambda_would() {
    let world = world();
    let machine = world
        .state()
        .states
        .create_machine("deploys", Machine::default());
    let states = aws_sdk_sfn::Client::new(&configuration(&world, "111111111111").await);
    let start = states
        .start_execution()
        .state_machine_arn(machine)
        .name("abc")
        .input(r#"{"id":"abc"}"#);
    let started = start.clone().send().await.unwrap();
    assert_eq!(start.send().await.unwrap(), started);
    world
        .state()
        .faults
        .kill(Matcher::operation("dynamodb", "UpdateItem"), Kill::After);
    let client = dynamodb(&world).await;
    let mut drive = world.drive(move |_| {
        let client = client.clone();
        async move {
            count(&client).await.unwrap();
            Ok(serde_json::json!({"next": "done", "seconds": 0}))
        }
    });
    assert!(drive.run_to_the_end(Duration::from_secs(60)).await);
    let described = states
        .describe_execution()
        .execution_arn(started.execution_arn())
        .send()
        .await
        .unwrap();
    assert_eq!(described.status().as_str(), "FAILED");
    assert_eq!(described.error(), Some("Runtime.ExitError"));
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_read_and_a_missing_one_is_named_so() {
    let world = world();
    world
        .state()
        .ssm
        .put_secret(START.parse().unwrap(), "/longshore/signing", "first");
    let client = aws_sdk_ssm::Client::new(&configuration(&world, "111111111111").await);
    let put = client
        .put_parameter()
        .name("/longshore/signing")
        .value("second")
        .overwrite(true);
    assert_eq!(put.send().await.unwrap().version(), 2);
    for (name, value) in [
        ("/longshore/signing", "second"),
        ("/longshore/signing:1", "first"),
    ] {
        let got = client
            .get_parameter()
            .name(name)
            .with_decryption(true)
            .send()
            .await
            .unwrap();
        assert_eq!(got.parameter().unwrap().value(), Some(value));
    }
    let got = client
        .get_parameter()
        .name("/longshore/signing")
        .send()
        .await
        .unwrap();
    assert_ne!(got.parameter().unwrap().value(), Some("second"));
    let error = client
        .get_parameter()
        .name("/none")
        .send()
        .await
        .unwrap_err();
    assert!(error.as_service_error().unwrap().is_parameter_not_found());
}

#[tokio::test(start_paused = true)]
async fn an_assumed_role_is_known_by_its_keys_until_they_expire() {
    let world = world();
    world
        .state()
        .sts
        .add_role("222222222222", "longshore-staging", Some("secret-id"));
    let sts = aws_sdk_sts::Client::new(&configuration(&world, "111111111111").await);
    let tag = |key: &str, value: &str| {
        aws_sdk_sts::types::Tag::builder()
            .key(key)
            .value(value)
            .build()
            .unwrap()
    };
    let assume = sts
        .assume_role()
        .role_arn("arn:aws:iam::222222222222:role/longshore-staging")
        .role_session_name("deploy-abc")
        .tags(tag("longshore:deploy", "abc"))
        .tags(tag("longshore:actor", "T1:U1"));
    let error = assume
        .clone()
        .external_id("wrong")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("AccessDenied"));
    let session = assume.external_id("secret-id").send().await.unwrap();
    let session = session.credentials().unwrap();
    let client = aws_sdk_sts::Client::new(&configuration(&world, session.access_key_id()).await);
    let who = client.get_caller_identity().send().await.unwrap();
    assert_eq!(who.account(), Some("222222222222"));
    assert_eq!(
        who.arn(),
        Some("arn:aws:sts::222222222222:assumed-role/longshore-staging/deploy-abc")
    );
    let tags = world
        .state()
        .calls
        .last()
        .unwrap()
        .caller
        .session_tags
        .clone();
    assert_eq!(tags[0], ("longshore:deploy".to_owned(), "abc".to_owned()));
    tokio::time::advance(Duration::from_secs(3601)).await;
    let error = client.get_caller_identity().send().await.unwrap_err();
    assert_eq!(error.code(), Some("ExpiredTokenException"));
}

#[tokio::test(start_paused = true)]
async fn a_rollout_s_events_reach_the_waiter_as_it_happens() {
    let (account, region) = ("111111111111", "eu-west-1");
    let world = world();
    let digest = ecr::digest("v1");
    let now = world.now();
    {
        let mut state = world.state();
        state
            .ecr
            .push(account, region, "webapp", &["v1"], &digest, now);
        let image = format!("{account}.dkr.ecr.{region}.amazonaws.com/webapp@{digest}");
        let definition = task_definition(account, region, "webapp", &[("app", &image)]);
        let seed = ServiceSeed::new(account, region, "production", "webapp", definition);
        add_service(&mut state, now, seed).unwrap();
    }
    let ecs = aws_sdk_ecs::Client::new(&configuration(&world, account).await);
    let update = ecs.update_service().cluster("production").service("webapp");
    update.force_new_deployment(true).send().await.unwrap();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let waiter = move |payload: serde_json::Value| {
        told.send(payload["detail"]["eventName"].clone()).unwrap();
        std::future::ready(Ok(serde_json::Value::Null))
    };
    let mut drive = world.drive(waiter).deliver_events();
    drive.run_for(Duration::from_secs(1800)).await;
    let mut names = Vec::new();
    while let Ok(name) = heard.try_recv() {
        names.push(name);
    }
    assert_eq!(
        names,
        [
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "SERVICE_DEPLOYMENT_COMPLETED"
        ]
    );
}
