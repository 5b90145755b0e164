//! Jobs: accepted requests that are no deploys but need rights the public function does not have.
//!
//! A job is asked for and handed on exactly like a deploy; the waiter does it in one step, and nothing
//! is kept of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::What;
use super::{Mention, TurnedDown};
use crate::command::{DiffWith, RightOf};
use crate::names::spoken::HandedOn;
use crate::names::{
    Actor, AppName, ChannelId, ContainerName, DeployId, EnvName, GivenReason, ReadId, Ref,
};
use crate::request::AskedOf;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Read what is live from ECS and tell the asker.
    Status {
        /// Only this application.
        application: Option<AppName>,
        /// Only this environment.
        environment: Option<EnvName>,
    },
    /// Read the last lines of a running task's log and tell the asker.
    Logs(Box<LogsOf>),
    /// Plan what was asked for, change nothing, and tell the asker.
    Preview(Box<PreviewOf>),
    /// Compare what runs with something else, and tell the asker.
    Diff(Box<DiffOf>),
    /// Look where a change runs, and tell the asker.
    Where(Box<WhereOf>),
    /// Take one step of a deploy now, because something was recorded beside it.
    Nudge {
        /// The deploy.
        deploy: DeployId,
        /// The button that was pressed for it.
        pressed: Pressed,
    },
    /// Show what a deploy changes in the task definitions.
    Difference {
        /// The deploy.
        deploy: DeployId,
    },
    /// Stop a deploy: at once if it has not begun, else ask how.
    Stop {
        /// The deploy.
        deploy: DeployId,
    },
    /// Stop everything that is open there, if anything is; else say whether somebody else's rollout is
    /// what is under way.
    StopAt {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
    },
    /// Give ECS the answer that was recorded for a pause.
    AnswerPause {
        /// The deploy.
        deploy: DeployId,
        /// The pause's nonce.
        nonce: String,
    },
    /// Give up watching an overdue deploy, if ECS shows no rollout of it.
    Abandon {
        /// The deploy.
        deploy: DeployId,
    },
    /// Hear what an operator says about a deploy, as if it had been clicked. Nobody in Slack has this.
    Say {
        /// The deploy.
        deploy: DeployId,
        /// What is said.
        what: What,
    },
    /// Give somebody a right in chat.
    Grant(Box<GrantAsked>),
    /// Take rights back that were given so.
    Revoke(Box<RevokeAsked>),
    /// Hear whether the person who was found is the one who was meant.
    MeantPerson {
        /// The request that asked.
        question: ReadId,
        /// What was answered.
        answer: WhoIsMeant,
    },
    /// Say to whoever wrote to the bot what a command's reply would have said.
    Words(Box<HandedOn>),
    /// Say one prepared sentence to the person who clicked, where the reply itself cannot.
    Tell {
        /// Why.
        why: Box<TurnedDown>,
        /// Whether it takes the place of the question whose button was clicked, because no answer to
        /// that counts any more.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        closes: bool,
    },
}

/// Whose log somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogsOf {
    /// The application.
    pub application: AppName,
    /// The container that runs an image of its own; the application's own where `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ContainerName>,
    /// Where.
    pub environment: EnvName,
    /// The ECS service; the application's first where `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// What somebody wants planned and not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewOf {
    /// Where.
    pub environment: EnvName,
    /// Of which applications, in order, each with what would be asked of it.
    pub each: Vec<AskedOf>,
    /// What of it is wanted.
    #[serde(default, skip_serializing_if = "Shows::is_all")]
    pub shows: Shows,
}

/// What somebody wants to see of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// All of it.
    #[default]
    All,
    /// What stands in its way.
    WhyNot,
}

impl Shows {
    fn is_all(&self) -> bool {
        *self == Self::All
    }
}

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhereOf {
    /// Only of this application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<AppName>,
    /// A commit, or a pull request.
    pub change: Ref,
}

/// What somebody wants compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffOf {
    /// The application.
    pub application: AppName,
    /// The container that runs an image of its own; the application's own where `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ContainerName>,
    /// Where it runs.
    pub environment: EnvName,
    /// With what.
    pub with: DiffWith,
}

impl Task {
    /// The deploy that it is about; none of those about none.
    pub fn deploy(&self) -> Option<&DeployId> {
        match self {
            Self::Nudge { deploy, .. }
            | Self::Stop { deploy }
            | Self::Difference { deploy }
            | Self::AnswerPause { deploy, .. }
            | Self::Say { deploy, .. }
            | Self::Abandon { deploy } => Some(deploy),
            Self::Status { .. }
            | Self::Logs(_)
            | Self::Preview(_)
            | Self::Diff(_)
            | Self::Where(_)
            | Self::StopAt { .. }
            | Self::Grant(_)
            | Self::Revoke(_)
            | Self::MeantPerson { .. }
            | Self::Words(_)
            | Self::Tell { .. } => None,
        }
    }
}

/// A right that is to be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantAsked {
    /// What, to whom.
    pub of: RightOf,
    /// From when on it counts no more.
    pub until: Timestamp,
    /// Why.
    pub why: Option<GivenReason>,
}

/// Rights that are to be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeAsked {
    /// What, of whom; without an environment, everywhere.
    pub of: RightOf,
    /// Why.
    pub why: Option<GivenReason>,
}

/// Whether somebody was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhoIsMeant {
    /// They were.
    Yes,
    /// They were not.
    No,
}

/// A button whose press is answered with a sentence, because the reply to a press is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pressed {
    /// **Cancel**
    Cancel,
    /// **Do not deploy**, by somebody else than whoever asked for it
    Decline,
    /// **Keep me posted**
    KeepPosted,
    /// **Keep watching**
    KeepWatching,
}

/// A job, made of the request for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id, `r-…`.
    pub id: ReadId,
    /// What is to be done.
    pub task: Task,
    /// Who asked.
    pub requester: Actor,
    /// Where.
    pub channel: Option<ChannelId>,
    /// The message to the bot that asked for it; none of a command or a click.
    pub mention: Option<Box<Mention>>,
    /// When, by the request's own timestamp.
    pub requested_at: Timestamp,
}
