//! Step Functions, as the wire shows it: Standard executions of the trampoline machine, task tokens,
//! and the status events EventBridge would forward.
//!
//! The service only answers and remembers; [`crate::World::drive`] makes executions move.

mod api;
mod drive;
mod transition;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::AwsError;
pub(crate) use api::handle;
pub use drive::{Drive, Failure};

/// The largest input, output or token output, in bytes.
const PAYLOAD: usize = 256 * 1024;

/// The most events one execution may have.
const HISTORY: u64 = 25_000;

/// What every task token begins with.
const TOKEN: &str = "AQCEAAAAKgAAAAMAAAAAAAAAAS";

/// How long a closed execution keeps its name.
const NAME_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One entry of `Retry`.
#[derive(Clone, Debug)]
pub struct Retry {
    /// `ErrorEquals`.
    pub errors: Vec<String>,
    /// `IntervalSeconds`.
    pub interval: Duration,
    /// `MaxAttempts`.
    pub attempts: u32,
    /// `BackoffRate`.
    pub backoff: f64,
    /// `MaxDelaySeconds`.
    pub longest: Duration,
}

/// What the template says about the machine, as far as the trampoline leaves anything open.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The retry rules of Step and Ask, in order.
    pub retry: Vec<Retry>,
    /// The Ask state's `TimeoutSeconds`.
    pub ask_timeout: Duration,
    /// The waiter function's own timeout.
    pub function_timeout: Duration,
}

impl Default for Machine {
    fn default() -> Self {
        let errors = [
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.TooManyRequestsException",
            "Lambda.ClientExecutionTimeoutException",
            "Lambda.Unknown",
            "Sandbox.Timedout",
            "Transient",
        ];
        Self {
            retry: vec![Retry {
                errors: errors.map(str::to_owned).to_vec(),
                interval: Duration::from_secs(2),
                attempts: 6,
                backoff: 2.0,
                longest: Duration::from_secs(30),
            }],
            ask_timeout: Duration::from_secs(900),
            function_timeout: Duration::from_secs(60),
        }
    }
}

/// An execution's status, in Step Functions' words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// `RUNNING`.
    Running,
    /// `SUCCEEDED`.
    Succeeded,
    /// `FAILED`.
    Failed,
    /// `ABORTED`.
    Aborted,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Aborted => "ABORTED",
        }
    }
}

/// Which state of the machine an execution is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The Step state: due, or waiting to retry.
    Step {
        /// When the (next) attempt starts.
        due: Timestamp,
    },
    /// The Wait state.
    Waiting {
        /// When it ends.
        until: Timestamp,
    },
    /// The Ask state: its function is due or has run, the token is unanswered.
    Asking {
        /// The task token.
        token: String,
        /// When the function is called.
        due: Timestamp,
        /// Whether it has been called.
        called: bool,
        /// When `TimeoutSeconds` is over.
        deadline: Timestamp,
    },
    /// No state any more.
    Ended,
}

/// One execution.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// Its machine's ARN.
    pub machine: String,
    /// Its name.
    pub name: String,
    /// The input, byte for byte.
    pub input: String,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub stopped: Option<Timestamp>,
    /// Its status.
    pub status: Status,
    /// Where it is.
    pub stage: Stage,
    /// Error name and cause, if it failed or was stopped with them.
    pub error: Option<(String, String)>,
    /// Everything a reader of the history sees: when, what kind of event, and its payload.
    pub history: Vec<(Timestamp, &'static str, Value)>,
    /// How many events the real history would hold.
    pub events: u64,
    running: bool,
    retries: Vec<u32>,
}

impl Execution {
    fn note(&mut self, now: Timestamp, kind: &'static str, payload: Value) {
        self.history.push((now, kind, payload));
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.retries.clear();
    }

    /// The deploy id in the input, `$.id`.
    fn id(&self) -> Value {
        let input: Value = serde_json::from_str(&self.input).unwrap_or_default();
        input["id"].clone()
    }
}

/// What Step Functions remembers.
#[derive(Clone, Debug, Default)]
pub struct States {
    /// Machines by ARN.
    pub machines: BTreeMap<String, Machine>,
    /// Executions by ARN.
    pub executions: BTreeMap<String, Execution>,
    /// Status change events nobody has taken yet, in EventBridge's envelope.
    pub events: VecDeque<Value>,
    /// What the waiter answered to sweeps and events, which nobody waits for.
    pub asynchronous: Vec<(Timestamp, Value, Result<Value, Failure>)>,
    tokens: u64,
    spent: BTreeSet<String>,
}

impl States {
    /// Creates the machine `name` and returns its ARN.
    pub fn create_machine(&mut self, name: &str, machine: Machine) -> String {
        let arn = format!("arn:aws:states:eu-west-1:111111111111:stateMachine:{name}");
        self.machines.insert(arn.clone(), machine);
        arn
    }

    /// Ends an execution and says so to EventBridge.
    fn end(&mut self, now: Timestamp, arn: &str, status: Status, error: Option<(String, String)>) {
        let Some(execution) = self.executions.get_mut(arn) else {
            return;
        };
        if let Stage::Asking { token, .. } = &execution.stage {
            self.spent.insert(token.clone());
        }
        execution.status = status;
        execution.stage = Stage::Ended;
        execution.stopped = Some(now);
        let cause = error
            .as_ref()
            .map(|(error, cause)| json!({"error": error, "cause": cause}));
        execution.note(now, "ExecutionEnded", cause.unwrap_or_default());
        execution.error = error;
        self.announce(now, arn);
    }

    fn announce(&mut self, now: Timestamp, arn: &str) {
        let Some(execution) = self.executions.get(arn) else {
            return;
        };
        let succeeded = execution.status == Status::Succeeded;
        let event = json!({
            "version": "0",
            "id": format!("00000000-0000-4000-8000-{:012x}", self.events.len() + 1),
            "detail-type": "Step Functions Execution Status Change",
            "source": "aws.states",
            "account": part(arn, 4),
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": part(arn, 3),
            "resources": [arn],
            "detail": {
                "executionArn": arn,
                "stateMachineArn": execution.machine,
                "name": execution.name,
                "status": execution.status.name(),
                "startDate": execution.started.as_millisecond(),
                "stopDate": execution.stopped.map(Timestamp::as_millisecond),
                "input": execution.input,
                "inputDetails": {"included": true},
                "output": succeeded.then_some("{}"),
                "outputDetails": succeeded.then(|| json!({"included": true})),
                "error": execution.error.as_ref().map(|(error, _)| error),
                "cause": execution.error.as_ref().map(|(_, cause)| cause),
            },
        });
        self.events.push_back(event);
    }

    fn fresh_token(&mut self) -> String {
        self.tokens += 1;
        format!("{TOKEN}{:08}", self.tokens)
    }

    /// Takes a token's answer, if its task still waits.
    fn answer(
        &mut self,
        now: Timestamp,
        token: &str,
        kind: &'static str,
        payload: Value,
    ) -> Result<String, AwsError> {
        let holds = |execution: &&mut Execution| match &execution.stage {
            Stage::Asking { token: held, .. } => held == token,
            _ => false,
        };
        let Some(execution) = self.executions.values_mut().find(holds) else {
            return Err(if self.spent.contains(token) {
                timed_out()
            } else if token.starts_with(TOKEN) {
                AwsError::new(
                    "TaskDoesNotExist",
                    "Task Does Not Exist: 'Task does not exist'",
                )
            } else {
                AwsError::new("InvalidToken", "Invalid Token: 'Invalid token'")
            });
        };
        if matches!(&execution.stage, Stage::Asking { deadline, .. } if *deadline <= now) {
            return Err(timed_out());
        }
        execution.note(now, kind, payload);
        execution.enter(Stage::Step { due: now });
        let machine = execution.machine.clone();
        self.spent.insert(token.to_owned());
        Ok(machine)
    }
}

fn timed_out() -> AwsError {
    let message = "Task Timed Out: 'Provided task does not exist anymore'";
    AwsError::new("TaskTimedOut", message)
}

fn part(arn: &str, at: usize) -> &str {
    arn.split(':').nth(at).unwrap_or_default()
}

#[cfg(test)]
mod tests;
