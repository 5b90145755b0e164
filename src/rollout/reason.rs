//! Why a service, a one-off task or a schedule did not do what it was to do, typed: judged here and where
//! it is carried out, kept in the record, put into words by [`crate::reply`].

mod aws_no;

use serde::{Deserialize, Serialize};

pub use self::aws_no::{AwsNo, AwsNoKind, Tried};

/// Why something that was to be changed is not as it was to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// In the words of ECS or of another service of AWS, masked and bounded where they are read. Empty where
    /// nothing was said that is worth repeating.
    Said(String),
    /// AWS said no to a call of Longshore's.
    Aws(AwsNo),
    /// ECS went back, and does not say why.
    WentBack,
    /// ECS could not go back, and does not say why.
    NotBack,
    /// ECS gave up, and does not say why.
    GaveUp,
    /// It was stopped, and nobody says why.
    Stopped,
    /// The rollout is not shown any more, and the service is back.
    Gone,
    /// The rollout is called successful, and brought something else.
    Brought {
        /// The revision, an ARN.
        revision: String,
        /// The one that was wanted.
        wanted: String,
    },
    /// The rollout is called successful, and a container runs something else.
    Runs {
        /// The container.
        container: String,
        /// The image that was accepted.
        wanted: String,
    },
    /// ECS went back to this revision, an ARN, which is not what ran before.
    WentElsewhere(String),
    /// Somebody else rolled out this revision, an ARN.
    TakenOver(String),
    /// Another deploy has taken over the lease, which ran out.
    LeaseLost,
    /// This task definition, an ARN, is gone.
    DefinitionGone(String),
    /// The same of the one that ran before.
    RanBeforeGone(String),
    /// The record of what to roll out is gone.
    PlanGone,
    /// Of a one-off task.
    OneOff(OneOffReason),
    /// Of a schedule: it is gone.
    ScheduleGone,
    /// Of a schedule: somebody else has it run this revision, an ARN.
    ScheduleRuns(String),
    /// Of a schedule: it runs something else than an ECS task.
    ScheduleRunsNoTask,
}

/// Why a one-off task did not do its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OneOffReason {
    /// It may have been started, and ECS does not show it.
    NeverShown,
    /// ECS does not show it any more.
    NoLongerShown,
    /// ECS has no room for it: in its words.
    NoRoom(String),
    /// It took longer than it may.
    TimedOut,
    /// It ended with this exit code.
    Exited(i32),
    /// Somebody else stopped it.
    StoppedByOthers,
    /// It stopped without ending: in ECS's words, if it has any.
    Stopped(Option<String>),
    /// None of its containers ever ran.
    NeverRan,
}

impl From<OneOffReason> for Reason {
    fn from(reason: OneOffReason) -> Self {
        Self::OneOff(reason)
    }
}

impl Reason {
    /// Whether there is nothing to say.
    pub fn is_silent(&self) -> bool {
        matches!(self, Self::Said(words) if words.trim().is_empty())
    }

    /// Its name, for counting.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Said(_) => "aws_said",
            Self::Aws(_) => "aws_refused",
            Self::WentBack => "went_back",
            Self::NotBack => "not_back",
            Self::GaveUp => "gave_up",
            Self::Stopped => "stopped",
            Self::Gone => "gone",
            Self::Brought { .. } | Self::Runs { .. } => "wrong_image",
            Self::WentElsewhere(_) => "went_elsewhere",
            Self::TakenOver(_) => "taken_over",
            Self::LeaseLost => "lease_lost",
            Self::DefinitionGone(_) | Self::RanBeforeGone(_) => "definition_gone",
            Self::PlanGone => "plan_gone",
            Self::OneOff(_) => "one_off_task",
            Self::ScheduleGone | Self::ScheduleRuns(_) | Self::ScheduleRunsNoTask => "schedule",
        }
    }
}
