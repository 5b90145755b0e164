//! Step Functions' operations: starting is idempotent by name and input, a closed execution keeps
//! its name, a task token answers once.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Execution, NAME_LIFE, PAYLOAD, Stage, States, Status, part};
use crate::{Answer, AwsError, Caller, State};

/// Answers one operation.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    operation: &str,
    request: &Value,
    _: &Caller,
) -> Result<Answer, AwsError> {
    let states = &mut state.states;
    match operation {
        "StartExecution" => start(states, now, request),
        "DescribeExecution" => describe(states, request),
        "StopExecution" => stop(states, now, request),
        "SendTaskSuccess" => send(states, now, request, "TaskSucceeded"),
        "SendTaskFailure" => send(states, now, request, "TaskFailed"),
        _ => Err(AwsError::unknown_operation(operation)),
    }
}

fn field<'a>(request: &'a Value, name: &str) -> &'a str {
    request
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn answered(body: Value, resource: &str) -> Answer {
    Answer {
        body,
        resources: vec![resource.to_owned()],
        ..Answer::default()
    }
}

/// Seconds since the epoch, with milliseconds, as AWS's JSON carries time.
fn epoch(at: Timestamp) -> Value {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of this century are exact"
    )]
    let seconds = at.as_millisecond() as f64 / 1000.0;
    json!(seconds)
}

/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
fn start(states: &mut States, now: Timestamp, request: &Value) -> Result<Answer, AwsError> {
    let machine = field(request, "stateMachineArn");
    if !states.machines.contains_key(machine) {
        let message = format!("State Machine Does Not Exist: '{machine}'");
        return Err(AwsError::new("StateMachineDoesNotExist", message));
    }
    let name = match field(request, "name") {
        "" => format!("00000000-0000-4000-8000-{:012x}", states.executions.len()),
        name => name.to_owned(),
    };
    let allowed =
        |c: char| !c.is_whitespace() && !c.is_control() && !"<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    if name.chars().count() > 80 || !name.chars().all(allowed) {
        return Err(AwsError::new(
            "InvalidName",
            format!("Invalid Name: '{name}'"),
        ));
    }
    let input = match request.get("input").and_then(Value::as_str) {
        None => "{}",
        Some(input) => input,
    };
    if input.len() > PAYLOAD || serde_json::from_str::<Value>(input).is_err() {
        return Err(AwsError::new(
            "InvalidExecutionInput",
            "Invalid State Machine Execution Input: 'not JSON, or too long'",
        ));
    }
    let arn = format!(
        "{}:{name}",
        machine.replacen(":stateMachine:", ":execution:", 1)
    );
    if let Some(earlier) = states.executions.get(&arn) {
        let same = earlier.status == Status::Running && earlier.input == input;
        let free = earlier
            .stopped
            .is_some_and(|stopped| now.duration_since(stopped) > NAME_LIFE);
        if same {
            let body = json!({"executionArn": arn, "startDate": epoch(earlier.started)});
            return Ok(answered(body, machine));
        }
        if !free {
            let message = format!("Execution Already Exists: '{arn}'");
            return Err(AwsError::new("ExecutionAlreadyExists", message));
        }
    }
    let mut execution = Execution {
        arn: arn.clone(),
        machine: machine.to_owned(),
        name,
        input: input.to_owned(),
        started: now,
        stopped: None,
        status: Status::Running,
        stage: Stage::Step { due: now },
        error: None,
        history: Vec::new(),
        events: 1,
        running: false,
        retries: Vec::new(),
    };
    execution.note(now, "ExecutionStarted", json!(input));
    states.executions.insert(arn.clone(), execution);
    states.announce(now, &arn);
    Ok(answered(
        json!({"executionArn": arn, "startDate": epoch(now)}),
        machine,
    ))
}

fn existing<'a>(states: &'a States, request: &Value) -> Result<&'a Execution, AwsError> {
    let arn = field(request, "executionArn");
    if part(arn, 5) != "execution" {
        return Err(AwsError::new("InvalidArn", format!("Invalid Arn: '{arn}'")));
    }
    let message = format!("Execution Does Not Exist: '{arn}'");
    let missing = || AwsError::new("ExecutionDoesNotExist", message);
    states.executions.get(arn).ok_or_else(missing)
}

fn describe(states: &States, request: &Value) -> Result<Answer, AwsError> {
    let execution = existing(states, request)?;
    let mut body = json!({
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine,
        "name": execution.name,
        "status": execution.status.name(),
        "startDate": epoch(execution.started),
        "input": execution.input,
        "inputDetails": {"included": true},
    });
    if let Some(stopped) = execution.stopped {
        body["stopDate"] = epoch(stopped);
    }
    if let Some((error, cause)) = &execution.error {
        body["error"] = json!(error);
        body["cause"] = json!(cause);
    }
    Ok(answered(body, &execution.arn))
}

fn stop(states: &mut States, now: Timestamp, request: &Value) -> Result<Answer, AwsError> {
    let execution = existing(states, request)?;
    let arn = execution.arn.clone();
    let stopped = execution.stopped.unwrap_or(now);
    if execution.status == Status::Running {
        let text = |name| field(request, name).to_owned();
        states.end(
            now,
            &arn,
            Status::Aborted,
            Some((text("error"), text("cause"))),
        );
    }
    Ok(answered(json!({"stopDate": epoch(stopped)}), &arn))
}

fn send(
    states: &mut States,
    now: Timestamp,
    request: &Value,
    kind: &'static str,
) -> Result<Answer, AwsError> {
    let payload = match kind {
        "TaskSucceeded" => {
            let output = field(request, "output");
            if output.len() > PAYLOAD || serde_json::from_str::<Value>(output).is_err() {
                return Err(AwsError::new(
                    "InvalidOutput",
                    "Invalid Output: 'not JSON, or too long'",
                ));
            }
            json!(output)
        }
        _ => json!({"error": field(request, "error"), "cause": field(request, "cause")}),
    };
    let machine = states.answer(now, field(request, "taskToken"), kind, payload)?;
    Ok(answered(json!({}), &machine))
}
