//! The one stateful world: who may be asked what, when it is, and what has been asked so far.
//!
//! Every simulated service is a module with a plain synchronous `handle`; the world routes requests
//! to them, keeps the call log and holds the clock. It never does I/O.

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

use crate::fault::Faults;
use crate::{
    dynamodb, ecr, ecs, github, issuer, logs, route, scheduler, slack, ssm, states, sts, throttle,
};

/// What time it is in the world.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock, for the HTTP mount.
    Wall,
    /// Tokio's (paused) clock, counted from a fixed start, for tests.
    Virtual {
        /// The instant that counts as `base`.
        start: tokio::time::Instant,
        /// What the time was then.
        base: Timestamp,
    },
}

impl Clock {
    /// A virtual clock that shows `base` now. Needs a tokio runtime.
    pub fn starting_at(base: Timestamp) -> Self {
        Self::Virtual {
            start: tokio::time::Instant::now(),
            base,
        }
    }
}

/// Who makes an AWS call, read from the request's credential scope and the access keys handed out.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The access key id in the `Authorization` header.
    pub access_key: String,
    /// The role session or user ARN behind that key, empty when the key was not handed out here.
    pub arn: String,
    /// The account that owns the principal; empty when unknown, which services take as "any".
    pub account: String,
    /// The region in the credential scope.
    pub region: String,
    /// The session tags given when the role was assumed.
    pub session_tags: Vec<(String, String)>,
}

/// One call that reached the world, for assertions and for the replay against IAM policies.
#[derive(Clone, Debug)]
pub struct Call {
    /// Service in IAM's spelling: `ecs`, `ecr`, `dynamodb`, `states`, `ssm`, `sts`, `logs`, `slack`, `github`.
    pub service: &'static str,
    /// Operation in IAM's spelling (`UpdateService`), or method and path for Slack and GitHub.
    pub operation: String,
    /// The IAM actions needed, `dynamodb:PutItem`; a transaction needs those of its items.
    pub actions: Vec<String>,
    /// ARNs (or URLs) acted upon.
    pub resources: Vec<String>,
    /// IAM condition keys that AWS would have filled in for this call.
    pub conditions: Vec<(String, String)>,
    /// Who called.
    pub caller: Caller,
    /// The request body as JSON, `Null` if it is none.
    pub request: Value,
    /// HTTP status answered.
    pub status: u16,
    /// When.
    pub at: Timestamp,
}

/// An error as AWS's JSON protocols carry it.
#[derive(Clone, Debug)]
pub struct AwsError {
    /// HTTP status, 400 or 500.
    pub status: u16,
    /// The `__type`, for instance `ClusterNotFoundException`.
    pub code: String,
    /// The message.
    pub message: String,
    /// Further members of the error document, for instance `CancellationReasons`.
    pub extra: serde_json::Map<String, Value>,
}

impl AwsError {
    /// A client error (HTTP 400) with this code and message.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            code: code.to_owned(),
            message: message.into(),
            extra: serde_json::Map::new(),
        }
    }

    /// What every service says to an operation it does not have.
    pub fn unknown_operation(operation: &str) -> Self {
        let message = format!("the simulated world has no operation {operation}");
        Self::new("UnknownOperationException", message)
    }
}

/// What a service answers to one operation, and what the call log should say of it.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The response document.
    pub body: Value,
    /// ARNs acted upon, as IAM would see them.
    pub resources: Vec<String>,
    /// IAM condition keys AWS would have filled in.
    pub conditions: Vec<(String, String)>,
}

/// Everything the world remembers. Each service owns one field and may read the others'.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Every call so far, in order.
    pub calls: Vec<Call>,
    /// What is planned to go wrong on the way.
    pub faults: Faults,
    /// How often AWS lets itself be called.
    pub throttle: throttle::Throttle,
    /// Amazon ECS.
    pub ecs: ecs::Ecs,
    /// Amazon ECR.
    pub ecr: ecr::Ecr,
    /// CloudWatch Logs.
    pub logs: logs::Logs,
    /// DynamoDB.
    pub dynamodb: dynamodb::DynamoDb,
    /// Step Functions.
    pub states: states::States,
    /// EventBridge Scheduler.
    pub scheduler: scheduler::Scheduler,
    /// SSM's parameter store.
    pub ssm: ssm::Ssm,
    /// STS.
    pub sts: sts::Sts,
    /// Slack.
    pub slack: slack::Slack,
    /// GitHub.
    pub github: github::GitHub,
    /// Build services as issuers of tokens.
    pub issuers: issuer::Issuers,
}

/// A handle to the world; clones share it.
#[derive(Clone, Debug)]
pub struct World {
    state: Arc<Mutex<State>>,
    clock: Clock,
    changed: Arc<Notify>,
}

impl World {
    /// A world on this clock, with nothing in it.
    pub fn new(clock: Clock) -> Self {
        Self {
            state: Arc::default(),
            clock,
            changed: Arc::default(),
        }
    }

    /// The world's time.
    pub fn now(&self) -> Timestamp {
        match &self.clock {
            Clock::Wall => Timestamp::now(),
            Clock::Virtual { start, base } => {
                let elapsed = tokio::time::Instant::now().saturating_duration_since(*start);
                *base + jiff::SignedDuration::try_from(elapsed).unwrap_or_default()
            }
        }
    }

    /// The state, for arranging a test and for asserting afterwards.
    pub fn state(&self) -> MutexGuard<'_, State> {
        match self.state.lock() {
            Ok(state) => state,
            Err(poisoned) => poisoned.into_inner(),
        }
    }

    /// Answers one HTTP request, whichever vendor it is for, and logs it.
    pub fn handle(&self, request: &http::Request<Bytes>) -> http::Response<Bytes> {
        let now = self.now();
        let response = route::answer(&mut self.state(), now, request);
        self.changed.notify_one();
        response
    }

    /// Rung after every request, for the driver that moves executions.
    pub(crate) fn changed(&self) -> Arc<Notify> {
        self.changed.clone()
    }
}
