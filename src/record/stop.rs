//! The wish that a deploy stop: what has been started goes back to what ran before.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Deploy;
use crate::names::{Actor, DeployId};
use crate::policy::Doubt;
use crate::rollout::AwsNo;

/// Someone's wish that a deploy stop, its own item beside the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The old copy of what Slack said, by which they may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_copy: Option<Doubt>,
}

/// The newer request of the same pipeline, which takes a deploy's place for as long as that has not begun: its own item
/// beside the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newer {
    /// The deploy that it asks for.
    pub id: DeployId,
    /// When it was asked for.
    pub at: Timestamp,
}

/// What a rollback stops while it rolls out: going back from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stops {
    /// The deploy.
    pub deploy: DeployId,
    /// What people call what it brings.
    pub label: String,
    /// What people call what it goes back to; none where it had changed nothing yet.
    pub back_to: Option<String>,
}

/// What stopping a rollout is tried under, before the service's name.
pub const STOP_ROLLOUT: &str = "StopServiceDeployment ";
/// What stopping a one-off task is tried under, before the task's name.
pub const STOP_TASK: &str = "StopTask ";

/// Whether ECS was asked to stop a rollout.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It was not.
    #[default]
    Unasked,
    /// It was, and took it.
    Asked,
    /// It was, and refused. It can be asked again, where somebody wishes it again.
    Refused(AwsNo),
}

impl Deploy {
    /// Whether ECS has refused to stop something of it.
    pub fn is_stop_refused(&self) -> bool {
        self.stops_refused().next().is_some() || self.is_task_stop_refused()
    }

    /// Whether ECS has refused to stop its one-off task.
    pub fn is_task_stop_refused(&self) -> bool {
        self.is_at_its_tasks() && self.tries.is_over(STOP_TASK)
    }

    /// Somebody wishes once more what ECS refused: it is to be asked again.
    pub fn wish_again(&mut self, wish: Cancel) {
        for service in &mut self.services {
            if let Stop::Refused(_) = service.stop {
                service.stop = Stop::Unasked;
            }
        }
        self.tries.forget(STOP_TASK);
        self.tries.forget(STOP_ROLLOUT);
        // The same words are news again.
        self.notices.retain(|notice| !notice.told.is_settled());
        self.cancel = Some(wish);
    }

    /// The services that ECS has refused to stop, each with its no.
    pub fn stops_refused(&self) -> impl Iterator<Item = (&str, &AwsNo)> {
        self.services
            .iter()
            .filter_map(|service| match &service.stop {
                Stop::Refused(no) => Some((service.service.as_str(), no)),
                Stop::Unasked | Stop::Asked => None,
            })
    }
}
