//! Journey 2: one step of the state machine. A record in, one act on its phase, the record out, and
//! what comes next: wait, ask or done.
//!
//! Every step can run twice, and at any moment: a step takes its *turn* at the record before it
//! acts, writes down what it is about to send before it sends it, and reads ECS before it sends
//! anything again. All decisions are in the modules this one calls; it must never hold a rule.

mod event;
mod intake;
mod step;
mod stop;
mod trouble;

mod work;

pub(crate) use step::InHand;
pub use step::TURN_LASTS;
pub(crate) use work::{CELL_WITHIN, READ_AT_ONCE};
mod sweep;

pub use event::{Event, NamedService, UnknownEvent};
use step::By;
use sweep::Why;

use std::time::Duration;

use aws_smithy_async::time::SharedTimeSource;
use jiff::Timestamp;
use serde::Serialize;

use crate::aws::dynamodb::{Open, Store, StoreError};
use crate::aws::sfn::Machine;
use crate::aws::{Aws, AwsError};
use crate::github::{GitHub, GitHubError};
use crate::hearing::request::BadRequest;
use crate::http::Http;
use crate::notify::Notifier;
use crate::reach::Accounts;
use crate::settings::{NoSettings, Settings};
use crate::slack::client::SlackClient;
use crate::tokens::Token;

/// What the state machine does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Next {
    next: Kind,
    seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Wait,
    Ask,
    Done,
}

impl Next {
    /// Come back after so long.
    pub fn wait(after: Duration) -> Self {
        Self {
            next: Kind::Wait,
            seconds: after.as_secs().max(1),
        }
    }

    /// How long the execution rests.
    fn rest(self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Wait for an answer, by task token.
    pub const ASK: Self = Self {
        next: Kind::Ask,
        seconds: 0,
    };

    /// This execution is over.
    pub const DONE: Self = Self {
        next: Kind::Done,
        seconds: 0,
    };
}

/// What stops a step. The state machine tries the step again; nothing is lost, because everything
/// that was done is written down or can be read from ECS.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The table.
    #[error("the table: {0}")]
    Store(#[from] StoreError),
    /// Any other AWS call.
    #[error("{0}")]
    Aws(#[from] AwsError),
    /// GitHub.
    #[error("{0}")]
    GitHub(#[from] GitHubError),
    /// No configuration to go by.
    #[error("{0}")]
    Settings(#[from] NoSettings),
    /// The execution that waits for an answer could not be woken. It goes on at once: failing is the
    /// other way out of waiting.
    #[error("{0}")]
    Asleep(AwsError),
    /// Another step wrote to the record: this one must not go on with what it read.
    #[error("another step has overtaken this one")]
    Overtaken,
    /// A request cannot be read yet.
    #[error("a request: {0}")]
    Request(#[from] BadRequest),
    /// The event is none of those the waiter is called with.
    #[error("{0}")]
    Event(#[from] UnknownEvent),
}

impl From<StepError> for lambda_runtime::Diagnostic {
    fn from(error: StepError) -> Self {
        Self {
            error_type: error.name().to_owned(),
            error_message: error.to_string(),
        }
    }
}

impl StepError {
    /// The name of what the state machine is to try again, in its `ErrorEquals`.
    pub const TRANSIENT: &'static str = "Transient";

    /// The name that the state machine sees.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Asleep(_) => "Asleep",
            Self::Store(_)
            | Self::Aws(_)
            | Self::GitHub(_)
            | Self::Settings(_)
            | Self::Overtaken
            | Self::Request(_)
            | Self::Event(_) => Self::TRANSIENT,
        }
    }
}

/// What a waiter is made of.
#[derive(Debug)]
pub struct Clients {
    /// The waiter's own AWS.
    pub aws: Aws,
    /// The table.
    pub store: Store,
    /// The state machine.
    pub machine: Machine,
    /// Slack and GitHub.
    pub http: Http,
    /// The parameter that may hold the bot token.
    pub bot_token: String,
    /// The parameter that may hold the GitHub token.
    pub github_token: String,
    /// What the deploy roles ask for.
    pub external_id: String,
    /// The clock.
    pub clock: SharedTimeSource,
}

/// The waiter, built once.
#[derive(Debug)]
pub struct Waiter {
    /// The table.
    pub(crate) store: Store,
    /// The state machine.
    pub(crate) machine: Machine,
    /// The way into each environment's account.
    pub(crate) accounts: Accounts,
    /// How people are told.
    pub(crate) notifier: Notifier,
    /// The configuration.
    pub(crate) settings: Settings,
    http: Http,
    github_token: Token,
    clock: SharedTimeSource,
}

impl Waiter {
    /// A waiter over these clients.
    pub fn new(clients: Clients) -> Self {
        let parameters = clients.aws.parameters();
        let bot_token = Token::new(parameters.clone(), clients.bot_token);
        Self {
            notifier: Notifier::new(SlackClient::new(clients.http.clone()), bot_token),
            accounts: Accounts::new(clients.aws, clients.external_id),
            github_token: Token::new(parameters, clients.github_token),
            store: clients.store,
            machine: clients.machine,
            settings: Settings::default(),
            http: clients.http,
            clock: clients.clock,
        }
    }

    /// GitHub, with the token there is.
    pub(crate) async fn github(&self) -> GitHub {
        let token = self.github_token.get(self.now()).await;
        GitHub::new(self.http.clone(), token)
    }

    /// Handles one invocation. `invocation` names it, so that two invocations never take each
    /// other's turn.
    pub async fn handle(&self, event: Event, invocation: &str) -> Result<Next, StepError> {
        match event {
            Event::Step { id, execution } => {
                self.step(&id, By::Execution(&execution), invocation).await
            }
            Event::Ask { id, token, .. } => {
                self.ask(&id, &token).await?;
                Ok(Next::DONE)
            }
            Event::Sweep => {
                self.sweep(invocation).await?;
                Ok(Next::DONE)
            }
            Event::ExecutionEnded { id } => {
                let open = Open { id, request: None };
                self.look_after(&open, Why::ExecutionEnded, invocation)
                    .await?;
                Ok(Next::DONE)
            }
            Event::Ecs { service } => {
                self.on_ecs_event(&service, invocation).await?;
                Ok(Next::DONE)
            }
            Event::Ignored => Ok(Next::DONE),
        }
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::try_from(self.clock.now()).unwrap_or(Timestamp::MAX)
    }
}
