//! Journey 2: one step of the state machine. A record in, one act on its phase, the record out, and
//! what comes next: wait, ask or done.
//!
//! Every step can run twice, and at any moment: a step takes its *turn* at the record before it
//! acts, writes down what it is about to send before it sends it, and reads ECS before it sends
//! anything again. All decisions are in the modules this one calls; it must never hold a rule.

pub(crate) mod act;
pub(crate) mod consent;
pub(crate) mod context;
mod diff;
mod directory;
mod event;
mod given;
mod intake;
mod issuers;
pub(crate) mod logs;
pub(crate) mod lookup;
pub(crate) mod no;
pub mod notify;
pub(crate) mod one_off;
pub(crate) mod outside;
mod patience;
pub(crate) mod planning;
mod pleading;
mod preview;
pub(crate) mod publish;
pub(crate) mod reach;
mod rights;
pub(crate) mod rolling;
pub(crate) mod scene;
pub(crate) mod schedules;
pub(crate) mod starting;
pub(crate) mod status;
mod step;
mod stop;
mod sweep;
pub mod tokens;
mod trouble;
mod work;

pub use context::{Clients, Next, StepError, Waiter};
pub use event::{Event, NamedService, UnknownEvent};
pub use step::TURN_LASTS;

use self::context::By;
use self::sweep::Cause;
use crate::aws::dynamodb::OpenItem;

impl Waiter {
    /// Handles one invocation. `invocation` names it, so that two invocations never take each
    /// other's turn.
    pub async fn handle(&self, event: Event, invocation: &str) -> Result<Next, StepError> {
        match event {
            Event::Step { id, execution } => {
                work::take(self, &id, By::Execution(&execution), invocation).await
            }
            Event::Ask { id, token, .. } => {
                step::ask(self, &id, &token).await?;
                Ok(Next::DONE)
            }
            Event::Sweep => {
                sweep::sweep(self, invocation).await?;
                Ok(Next::DONE)
            }
            Event::ExecutionEnded { id } => {
                let open = OpenItem { id, request: None };
                sweep::look_after(self, &open, Cause::ExecutionEnded, invocation).await?;
                Ok(Next::DONE)
            }
            Event::Ecs { service } => {
                sweep::on_ecs_event(self, &service, invocation).await?;
                Ok(Next::DONE)
            }
            Event::Ignored => Ok(Next::DONE),
        }
    }
}
