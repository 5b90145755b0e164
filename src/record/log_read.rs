//! That somebody read a log: who, whose, when. Never what stood in it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::{Actor, AppName, ChannelId, EnvName, ReadId};

/// Somebody was shown the last lines of a running task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRead {
    /// The request's id.
    pub id: ReadId,
    /// Who.
    pub by: Actor,
    /// In which conversation it was asked for.
    pub channel: Option<ChannelId>,
    /// When, by the request's own timestamp.
    pub at: Timestamp,
    /// The application.
    pub application: AppName,
    /// The environment.
    pub environment: EnvName,
    /// The ECS service.
    pub service: String,
    /// The task's id.
    pub task: String,
    /// The container.
    pub container: String,
}
