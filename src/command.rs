//! Every command: what people can type, what it means here, and what is said when it means nothing.
//! Reading is pure and in two steps, low then high: `Typed` holds exactly which words
//! were typed, a [`Command`] what they mean among the known applications and environments. It must
//! never guess: what is not understood in full is a [`Misunderstood`], and no environment is a default.
//!
//! ```text
//! APP[/IMAGE][:REF] to ENV  to: also on, in; `@REF` for `:REF`; a leading `deploy` is tolerated
//! APP[/IMAGE] ENV [REF]     also ENV APP[/IMAGE] [REF], as for every verb
//! APP[/IMAGE][:REF],APP[/IMAGE][:REF],… to ENV
//! promote APP[/IMAGE] [from ENV] to ENV
//! plan …                    a deploy or a promotion, in the words of either
//! diff APP[/IMAGE][:REF] ENV                     diff APP[/IMAGE] ENV ENV
//! rollback APP,… on ENV [to DEPLOY|VERSION]      rollback DEPLOY
//! cancel APP on ENV         cancel DEPLOY
//! restart APP,… on ENV      restart DEPLOY
//! status [APP] [ENV]        status APP [ENV] at TIME
//! history [APP] [ENV] [all] [today|yesterday|DATE|since TIME]
//! where [APP] COMMIT         where APP, which is status APP
//! logs APP[/IMAGE] on ENV [SERVICE]
//! show DEPLOY               show last [APP] [ENV]
//! why-not …                 as plan, or why-not DEPLOY, why-not last [APP] [ENV]
//! grant @PERSON APP [on ENV] [as approver] [for 7d|until DAY] [because REASON]
//! revoke @PERSON APP [on ENV] [as approver] [because REASON]
//! who APP ENV
//! help [COMMAND]
//! (nothing, or deploy)      a form to choose from
//! ```

mod lexicon;
mod meant;
mod misunderstood;
pub mod moment;
mod reader;
mod typed;
mod usage;
mod verb;
mod vocabulary;
mod written;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::moment::{Moment, Period, Term};
pub use self::{
    lexicon::Sense,
    misunderstood::{Expected, Misreading, Misunderstood, Suggestion},
    typed::MAX_CHARS,
    usage::{CommandVerb, USAGES, Usage, is_reserved},
    vocabulary::Vocabulary,
};
use self::{reader::Reader, typed::Typed};
use crate::names::{AppName, ContainerName, DeployId, EnvName, GivenReason, Ref, Somebody};
use crate::request::GrantedRight;

/// The most applications that one command can name.
pub const MAX_APPLICATIONS: usize = 10;

/// An application, and which of its images is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRef {
    /// The application.
    pub app: AppName,
    /// The container whose image it is about; `None` for the application's own.
    pub image: Option<ContainerName>,
    /// What to deploy, as typed; the default branch's head when `None`.
    pub reference: Option<Ref>,
}

impl AppRef {
    /// All of an application, as it would be deployed by default.
    pub(crate) fn whole(app: &AppName) -> Self {
        Self {
            app: app.clone(),
            image: None,
            reference: None,
        }
    }
}

impl fmt::Display for AppRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.app)?;
        let mut image = self.image.iter();
        image.try_for_each(|image| write!(f, "/{image}"))?;
        self.reference
            .iter()
            .try_for_each(|reference| write!(f, ":{reference}"))
    }
}

/// A right of somebody's, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightOf {
    /// Whose.
    pub to: Somebody,
    /// To which application.
    pub app: AppName,
    /// Where; everywhere that it runs when `None`.
    pub env: Option<EnvName>,
    /// To do what, if that was named: else to deploy where it is given, and whatever it is where it is taken back.
    #[serde(default)]
    pub right: Option<GrantedRight>,
}

/// What is compared with what runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffWith {
    /// What a deploy of it would bring; of the default branch's head when `None`.
    Ref(Option<Ref>),
    /// What runs there.
    Place(EnvName),
}

/// Which entries of the history are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HistoryScope {
    /// Those by which something became another.
    #[default]
    Changes,
    /// Also what was refused, lapsed or was stopped before it began.
    All,
}

/// What a person asks for, every name resolved. Its `Display` is the plainest way to type it, which
/// parses to the same command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Bring `reference` (or, when `None`, the default branch's head) to an environment.
    Deploy {
        /// The application.
        app: AppName,
        /// The container whose image it is about; `None` for the application's own.
        image: Option<ContainerName>,
        /// What to deploy, as typed.
        reference: Option<Ref>,
        /// The other applications, in order, each once.
        also: Vec<AppRef>,
        /// Where to.
        env: EnvName,
    },
    /// Bring what runs in one environment to another.
    Promote {
        /// The application.
        app: AppName,
        /// The container whose image it is about; `None` for the application's own.
        image: Option<ContainerName>,
        /// From where; the environment before it when `None`.
        from: Option<EnvName>,
        /// Where to.
        env: EnvName,
    },
    /// What a deploy or a promotion would do.
    Plan {
        /// Which: a [`Command::Deploy`] or a [`Command::Promote`].
        of: Box<Command>,
    },
    /// What lies between what runs and something else.
    Diff {
        /// The application.
        app: AppName,
        /// The container whose image it is about; `None` for the application's own.
        image: Option<ContainerName>,
        /// Where it runs.
        env: EnvName,
        /// The something else.
        with: DiffWith,
    },
    /// Go back to `to`, or, when `None`, to the newest good deploy before what runs.
    Rollback {
        /// The application.
        app: AppName,
        /// The deploy to go back to, or the version, as typed.
        to: Option<Ref>,
        /// The other applications, in order, each once, with the version to go back to.
        also: Vec<AppRef>,
        /// Where.
        env: EnvName,
    },
    /// Go back from what one deploy brought.
    RollbackOf {
        /// Which.
        deploy: DeployId,
    },
    /// Stop the deploy that is under way.
    Cancel {
        /// The application.
        app: AppName,
        /// Where.
        env: EnvName,
    },
    /// Stop this deploy.
    CancelOf {
        /// Which.
        deploy: DeployId,
    },
    /// Start what runs anew, unchanged.
    Restart {
        /// The application.
        app: AppName,
        /// The other applications, in order, each once.
        also: Vec<AppName>,
        /// Where.
        env: EnvName,
    },
    /// Start anew what runs where one deploy went.
    RestartOf {
        /// Which.
        deploy: DeployId,
    },
    /// What runs now.
    Status {
        /// Only this application.
        app: Option<AppName>,
        /// Only there.
        env: Option<EnvName>,
    },
    /// What ran at a time.
    StatusAt {
        /// Of this application.
        app: AppName,
        /// Only there.
        env: Option<EnvName>,
        /// When; with a time of the day.
        at: Moment,
    },
    /// Where a change runs.
    Where {
        /// Only of this application.
        app: Option<AppName>,
        /// A commit, or a pull request.
        change: Ref,
    },
    /// The last lines that a running task wrote.
    Logs {
        /// The application.
        app: AppName,
        /// The container that runs an image of its own; `None` for the application's own.
        image: Option<ContainerName>,
        /// Where.
        env: EnvName,
        /// The ECS service, where one was named.
        service: Option<String>,
    },
    /// What was changed.
    History {
        /// Only this application.
        app: Option<AppName>,
        /// Only there.
        env: Option<EnvName>,
        /// Which entries.
        scope: HistoryScope,
        /// Only of that time.
        period: Option<Period>,
    },
    /// Everything about one deploy.
    Show {
        /// Which.
        deploy: DeployId,
    },
    /// Everything about the newest deploy.
    ShowLast {
        /// Of this application only.
        app: Option<AppName>,
        /// Only there.
        env: Option<EnvName>,
    },
    /// What keeps a deploy or a promotion from being started.
    WhyNot {
        /// Which: a [`Command::Deploy`] or a [`Command::Promote`].
        of: Box<Command>,
    },
    /// Why one deploy was refused.
    WhyNotOf {
        /// Which.
        deploy: DeployId,
    },
    /// Why the newest that was refused was.
    WhyNotLast {
        /// Of this application only.
        app: Option<AppName>,
        /// Only there.
        env: Option<EnvName>,
    },
    /// Give somebody a right.
    Grant {
        /// What, to whom.
        of: RightOf,
        /// For how long; the usual if nobody said.
        term: Option<Term>,
        /// Why.
        why: Option<GivenReason>,
    },
    /// Take a right back that was given so.
    Revoke {
        /// What, of whom; without an environment, everywhere.
        of: RightOf,
        /// Why.
        why: Option<GivenReason>,
    },
    /// Who may do what.
    Who {
        /// To this application.
        app: AppName,
        /// There.
        env: EnvName,
    },
    /// What may be deployed where, to choose from: the command alone, and `deploy` alone.
    Form,
    /// How to type commands.
    Help {
        /// Only about this one.
        about: Option<CommandVerb>,
    },
}

impl Command {
    /// Reads `text` (what follows the slash command, as Slack sends it) among the names in `words`.
    ///
    /// # Errors
    ///
    /// [`Misunderstood`] when any part of it is not understood, with one line that would be.
    pub fn parse(text: &str, words: &Vocabulary) -> Result<Self, Misunderstood> {
        let Some(typed) = Typed::read(text) else {
            return Err(Misunderstood::too_long());
        };
        let typed = typed.without_courtesies(|word| words.is_name(word));
        let read = Reader::new(&typed, words).command();
        read.map_err(|problem| Misunderstood::new(problem, &typed, words))
    }

    /// The same without looking for what was meant.
    fn read(text: &str, words: &Vocabulary) -> Result<Self, Misreading> {
        let typed = Typed::read(text).ok_or(Misreading::TooLong)?;
        let typed = typed.without_courtesies(|word| words.is_name(word));
        Reader::new(&typed, words).command()
    }

    /// The same with a time that has passed, where it has a time.
    pub(crate) fn with_a_time_that_passed(&self) -> Self {
        let mut again = self.clone();
        match &mut again {
            Self::StatusAt { at, .. } => *at = Moment::EXAMPLE,
            Self::History {
                period: Some(period),
                ..
            } => *period = Period::Since(Moment::EXAMPLE),
            _ => {}
        }
        again
    }

    /// The same as a question about it, where the verb asks for one.
    fn asked_with(self, verb: CommandVerb) -> Self {
        match verb {
            CommandVerb::Plan => Self::Plan { of: Box::new(self) },
            CommandVerb::WhyNot => Self::WhyNot { of: Box::new(self) },
            CommandVerb::Diff => match self {
                Self::Deploy {
                    app,
                    image,
                    reference,
                    env,
                    ..
                } => Self::Diff {
                    app,
                    image,
                    env,
                    with: DiffWith::Ref(reference),
                },
                other => other,
            },
            _ => self,
        }
    }

    /// What would be planned, of a command that only asks for that; else the command itself.
    fn planned(&self) -> &Self {
        match self {
            Self::Plan { of } | Self::WhyNot { of } => of,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests;
