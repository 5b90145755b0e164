use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{Caller, Clock, World};

const MACHINE: &str = "arn:aws:states:eu-west-1:111111111111:stateMachine:deploys";

fn world() -> World {
    let world = World::new(Clock::starting_at(Timestamp::UNIX_EPOCH));
    world
        .state()
        .states
        .create_machine("deploys", Machine::default());
    world
}

fn ask(world: &World, operation: &str, request: &Value) -> Result<Value, AwsError> {
    let now = world.now();
    let caller = Caller::default();
    handle(&mut world.state(), now, operation, request, &caller).map(|answer| answer.body)
}

fn start(world: &World, name: &str, input: &str) -> Result<Value, AwsError> {
    let request = json!({"stateMachineArn": MACHINE, "name": name, "input": input});
    ask(world, "StartExecution", &request)
}

/// What a waiter was asked, and at which second.
type Log = Arc<Mutex<Vec<(i64, Value)>>>;

/// What a scripted waiter answers.
type Told = std::future::Ready<Result<Value, (String, String)>>;

/// A waiter that answers from a list, then that all is done.
fn scripted(
    world: &World,
    answers: Vec<Result<Value, (&'static str, &'static str)>>,
) -> (Log, impl Fn(Value) -> Told + Send + Sync + use<>) {
    let log = Log::default();
    let answers = Mutex::new(VecDeque::from(answers));
    let (noted, clock) = (log.clone(), world.clone());
    let waiter = move |payload: Value| {
        noted
            .lock()
            .unwrap()
            .push((clock.now().as_second(), payload));
        let answer = answers
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or_else(|| Ok(done()));
        std::future::ready(answer.map_err(|(error, cause)| (error.to_owned(), cause.to_owned())))
    };
    (log, waiter)
}

fn wait(seconds: u64) -> Value {
    json!({"next": "wait", "seconds": seconds})
}

fn done() -> Value {
    json!({"next": "done", "seconds": 0})
}

fn step() -> Value {
    json!({"id": "abc", "execution": "abc"})
}

fn times(log: &Log) -> Vec<i64> {
    log.lock().unwrap().iter().map(|(at, _)| *at).collect()
}

#[tokio::test(start_paused = true)]
async fn the_same_start_while_running_succeeds_and_any_other_is_refused_for_ninety_days() {
    let world = world();
    let first = start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
    assert_eq!(start(&world, "abc", r#"{"id":"abc"}"#).unwrap(), first);
    let error = start(&world, "abc", r#"{"id": "abc"}"#).unwrap_err();
    assert_eq!(error.code, "ExecutionAlreadyExists");
    let (_, waiter) = scripted(&world, vec![]);
    assert!(
        world
            .drive(waiter)
            .run_to_the_end(Duration::from_secs(1))
            .await
    );
    let error = start(&world, "abc", r#"{"id":"abc"}"#).unwrap_err();
    assert_eq!(error.code, "ExecutionAlreadyExists");
    tokio::time::advance(Duration::from_secs(91 * 24 * 3600)).await;
    start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_start_is_checked_as_aws_checks_it() {
    let world = world();
    for (name, input, code) in [
        ("a b", "{}", "InvalidName"),
        ("a:b", "{}", "InvalidName"),
        (&"x".repeat(81), "{}", "InvalidName"),
        ("ok", "{", "InvalidExecutionInput"),
    ] {
        assert_eq!(start(&world, name, input).unwrap_err().code, code);
    }
    let request =
        json!({"stateMachineArn": "arn:aws:states:eu-west-1:111111111111:stateMachine:other"});
    assert_eq!(
        ask(&world, "StartExecution", &request).unwrap_err().code,
        "StateMachineDoesNotExist"
    );
}

#[tokio::test(start_paused = true)]
async fn steps_run_at_once_and_after_each_wait() {
    let world = world();
    start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
    let (log, waiter) = scripted(&world, vec![Ok(wait(10)), Ok(wait(30))]);
    let mut drive = world.drive(waiter);
    drive.run_for(Duration::from_secs(9)).await;
    assert_eq!(times(&log), [0]);
    drive.run_for(Duration::from_secs(60)).await;
    assert_eq!(
        *log.lock().unwrap(),
        [(0, step()), (10, step()), (40, step())]
    );
    let state = world.state();
    let execution = state.states.executions.values().next().unwrap();
    assert_eq!(
        (execution.status, execution.stage.clone()),
        (Status::Succeeded, Stage::Ended)
    );
    let statuses: Vec<&Value> = state
        .states
        .events
        .iter()
        .map(|event| &event["detail"]["status"])
        .collect();
    assert_eq!(statuses, ["RUNNING", "SUCCEEDED"]);
}

#[tokio::test(start_paused = true)]
async fn named_errors_are_retried_with_backoff_and_others_end_the_execution() {
    let world = world();
    start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
    let transient = || Err(("Transient", "slow down"));
    let (log, waiter) = scripted(
        &world,
        vec![transient(), transient(), Err(("Odd", "a bug"))],
    );
    assert!(
        world
            .drive(waiter)
            .run_to_the_end(Duration::from_secs(60))
            .await
    );
    assert_eq!(times(&log), [0, 2, 6]);
    let state = world.state();
    let execution = state.states.executions.values().next().unwrap();
    assert_eq!(execution.status, Status::Failed);
    assert_eq!(
        execution.error,
        Some(("Odd".to_owned(), "a bug".to_owned()))
    );
}

#[tokio::test(start_paused = true)]
async fn retries_run_out_after_six() {
    let world = world();
    start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
    let (log, waiter) = scripted(&world, vec![Err(("Transient", "")); 9]);
    world
        .drive(waiter)
        .run_to_the_end(Duration::from_secs(600))
        .await;
    assert_eq!(times(&log), [0, 2, 6, 14, 30, 60, 90]);
}

#[tokio::test(start_paused = true)]
async fn a_token_wakes_the_machine_once() {
    let world = world();
    start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
    let (log, waiter) = scripted(
        &world,
        vec![Ok(json!({"next": "ask", "seconds": 0})), Ok(json!({}))],
    );
    let mut drive = world.drive(waiter);
    drive.run_for(Duration::from_secs(5)).await;
    let token = log.lock().unwrap()[1].1["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        log.lock().unwrap()[1].1,
        json!({"id": "abc", "execution": "abc", "token": token})
    );
    let answer = json!({"taskToken": token, "output": "{}"});
    ask(&world, "SendTaskSuccess", &answer).unwrap();
    assert_eq!(
        ask(&world, "SendTaskSuccess", &answer).unwrap_err().code,
        "TaskTimedOut"
    );
    let unknown = json!({"taskToken": format!("{TOKEN}99999999"), "output": "{}"});
    assert_eq!(
        ask(&world, "SendTaskFailure", &unknown).unwrap_err().code,
        "TaskDoesNotExist"
    );
    let garbage = json!({"taskToken": "x", "output": "{}"});
    assert_eq!(
        ask(&world, "SendTaskSuccess", &garbage).unwrap_err().code,
        "InvalidToken"
    );
    assert!(drive.run_to_the_end(Duration::from_secs(5)).await);
    assert_eq!(times(&log), [0, 0, 5]);
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_question_steps_again_after_fifteen_minutes() {
    let world = world();
    start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
    let (log, waiter) = scripted(&world, vec![Ok(json!({"next": "ask", "seconds": 0}))]);
    assert!(
        world
            .drive(waiter)
            .run_to_the_end(Duration::from_secs(3600))
            .await
    );
    assert_eq!(times(&log), [0, 0, 900]);
    let token = log.lock().unwrap()[1].1["token"].clone();
    let late = json!({"taskToken": token, "output": "{}"});
    assert_eq!(
        ask(&world, "SendTaskSuccess", &late).unwrap_err().code,
        "TaskTimedOut"
    );
}

#[tokio::test(start_paused = true)]
async fn a_question_whose_function_fails_steps_again() {
    let world = world();
    start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
    let (log, waiter) = scripted(
        &world,
        vec![Ok(json!({"next": "ask", "seconds": 0})), Err(("Odd", ""))],
    );
    assert!(
        world
            .drive(waiter)
            .run_to_the_end(Duration::from_secs(3600))
            .await
    );
    assert_eq!(times(&log), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_the_machine_does_not_know_fails_it() {
    for answer in [
        json!({"next": "wait"}),
        json!({"next": "sleep", "seconds": 1}),
        json!({"next": "wait", "seconds": -1}),
    ] {
        let world = world();
        start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
        let (_, waiter) = scripted(&world, vec![Ok(answer)]);
        assert!(
            world
                .drive(waiter)
                .run_to_the_end(Duration::from_secs(60))
                .await
        );
        let state = world.state();
        let execution = state.states.executions.values().next().unwrap();
        assert_eq!(execution.error.as_ref().unwrap().0, "States.Runtime");
    }
}

#[tokio::test(start_paused = true)]
async fn sweeps_and_ended_executions_reach_the_waiter() {
    let world = world();
    start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
    let (log, waiter) = scripted(&world, vec![Err(("Odd", "a bug"))]);
    let mut drive = world
        .drive(waiter)
        .sweep_every(Duration::from_secs(60))
        .deliver_events();
    drive.run_for(Duration::from_secs(150)).await;
    let log = log.lock().unwrap();
    assert_eq!(log[1].1["detail"]["status"], "FAILED");
    assert_eq!(log[1].1["detail"]["name"], "abc");
    let sweeps: Vec<i64> = log
        .iter()
        .filter(|(_, payload)| payload.get("sweep").is_some())
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(sweeps, [60, 120]);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_execution_ignores_what_its_step_says_later() {
    let world = world();
    start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
    let inner = world.clone();
    let waiter = move |_| {
        let arn = format!("{}:abc", MACHINE.replace(":stateMachine:", ":execution:"));
        ask(
            &inner,
            "StopExecution",
            &json!({"executionArn": arn, "error": "stopped"}),
        )
        .unwrap();
        std::future::ready(Ok(wait(1)))
    };
    assert!(
        world
            .drive(waiter)
            .run_to_the_end(Duration::from_secs(60))
            .await
    );
    let state = world.state();
    assert_eq!(
        state.states.executions.values().next().unwrap().status,
        Status::Aborted
    );
}

#[tokio::test(start_paused = true)]
async fn a_function_past_its_timeout_is_retried() {
    let world = world();
    start(&world, "abc", r#"{"id":"abc"}"#).unwrap();
    let calls = Arc::new(Mutex::new(0));
    let counted = calls.clone();
    let waiter = move |_| {
        *counted.lock().unwrap() += 1;
        let first = *counted.lock().unwrap() == 1;
        async move {
            if first {
                std::future::pending::<()>().await;
            }
            Ok(done())
        }
    };
    assert!(
        world
            .drive(waiter)
            .run_to_the_end(Duration::from_secs(120))
            .await
    );
    assert_eq!((*calls.lock().unwrap(), world.now().as_second()), (2, 62));
}
