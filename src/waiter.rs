//! Journey 2: one step of the state machine. A record in, one act on its phase, the record out, and
//! what comes next: wait, ask or done.
//!
//! Every step can run twice, and at any moment: a step takes its *turn* at the record before it
//! acts, writes down what it is about to send before it sends it, and reads ECS before it sends
//! anything again. All decisions are in the modules this one calls; it must never hold a rule.

mod event;
mod step;

mod work;

pub(crate) use step::InHand;
pub(crate) use work::{CELL_WITHIN, READ_AT_ONCE};
mod sweep;

pub use event::{Event, UnknownEvent};

use std::time::Duration;

use aws_smithy_async::time::SharedTimeSource;
use jiff::Timestamp;
use serde::Serialize;

use crate::aws::AwsError;
use crate::aws::dynamodb::{Store, StoreError};
use crate::aws::sfn::Machine;
use crate::github::GitHub;
use crate::notify::Notifier;
use crate::reach::Accounts;
use crate::settings::{NoSettings, Settings};

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
    /// No configuration to go by.
    #[error("{0}")]
    Settings(#[from] NoSettings),
    /// Another step wrote to the record: this one must not go on with what it read.
    #[error("another step has overtaken this one")]
    Overtaken,
    /// The event is none of those the waiter is called with.
    #[error("{0}")]
    Event(#[from] UnknownEvent),
}

impl From<StepError> for lambda_runtime::Diagnostic {
    fn from(error: StepError) -> Self {
        Self {
            error_type: StepError::NAME.to_owned(),
            error_message: error.to_string(),
        }
    }
}

impl StepError {
    /// The name the state machine's `ErrorEquals` knows it by.
    pub const NAME: &'static str = "Transient";
}

/// The waiter's clients, built once.
#[derive(Debug)]
pub struct Waiter {
    /// The table.
    pub(crate) store: Store,
    /// The state machine.
    pub(crate) machine: Machine,
    /// The way into each environment's account.
    pub(crate) accounts: Accounts,
    /// Refs, commits and what lies between them.
    pub(crate) github: GitHub,
    /// How people are told.
    pub(crate) notifier: Notifier,
    /// The configuration.
    pub(crate) settings: Settings,
    /// The clock.
    pub(crate) clock: SharedTimeSource,
}

impl Waiter {
    /// Handles one invocation. `invocation` names it, so that two invocations never take each
    /// other's turn.
    pub async fn handle(&self, event: Event, invocation: &str) -> Result<Next, StepError> {
        match event {
            Event::Step { id, execution } => self.step(&id, Some(&execution), invocation).await,
            Event::Ask { id, token, .. } => {
                self.ask(&id, &token).await?;
                Ok(Next::DONE)
            }
            Event::Sweep => {
                self.sweep(invocation).await?;
                Ok(Next::DONE)
            }
            Event::ExecutionEnded { id } => {
                self.look_after(&id).await?;
                Ok(Next::DONE)
            }
            Event::Ecs { service } => {
                self.on_ecs_event(&service, invocation).await?;
                Ok(Next::DONE)
            }
        }
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::try_from(self.clock.now()).unwrap_or(Timestamp::MAX)
    }
}
