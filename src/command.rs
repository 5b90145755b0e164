//! Every command: what people can type, what it means here, and what is said when it means nothing.
//! Reading is pure and in two steps, low then high: `Typed` holds exactly which words
//! were typed, a [`Command`] what they mean among the known applications and environments. It must
//! never guess: what is not understood in full is a [`Misunderstood`], and no environment is a default.
//!
//! ```text
//! APP[/IMAGE][:REF] to ENV  to: also on, in; `@REF` for `:REF`; a leading `deploy` is tolerated
//! APP[/IMAGE] ENV [REF]
//! APP[/IMAGE][:REF],APP[/IMAGE][:REF],… to ENV
//! rollback APP on ENV [to DEPLOY]
//! cancel APP on ENV         restart APP on ENV
//! status [APP] [ENV]        history [APP] [ENV]
//! show DEPLOY               help [COMMAND]
//! ```

mod misunderstood;
mod reader;
mod typed;
mod usage;
mod vocabulary;

use std::fmt;

pub use self::{
    misunderstood::{Expected, Misreading, Misunderstood},
    typed::MAX_CHARS,
    usage::{CommandVerb, USAGES, Usage, is_reserved},
    vocabulary::Vocabulary,
};
use self::{reader::Reader, typed::Typed};
use crate::names::{AppName, ContainerName, DeployId, EnvName, Ref};

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
    /// Go back to `to`, or, when `None`, to the newest good deploy before what runs.
    Rollback {
        /// The application.
        app: AppName,
        /// Where.
        env: EnvName,
        /// The deploy to go back to.
        to: Option<DeployId>,
    },
    /// Stop the deploy that is under way.
    Cancel {
        /// The application.
        app: AppName,
        /// Where.
        env: EnvName,
    },
    /// Start what runs anew, unchanged.
    Restart {
        /// The application.
        app: AppName,
        /// Where.
        env: EnvName,
    },
    /// What runs now.
    Status {
        /// Only this application.
        app: Option<AppName>,
        /// Only there.
        env: Option<EnvName>,
    },
    /// What was deployed.
    History {
        /// Only this application.
        app: Option<AppName>,
        /// Only there.
        env: Option<EnvName>,
    },
    /// Everything about one deploy.
    Show {
        /// Which.
        deploy: DeployId,
    },
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
    /// [`Misunderstood`] when any part of it is not understood, with the nearest usage line.
    pub fn parse(text: &str, words: &Vocabulary) -> Result<Self, Misunderstood> {
        let Some(typed) = Typed::read(text) else {
            return Err(Misunderstood::new(Misreading::TooLong, CommandVerb::Help));
        };
        let verb = match typed.verb() {
            Some(verb) => verb,
            None if typed.words().is_empty() && !typed.said_deploy() => CommandVerb::Help,
            None => CommandVerb::Deploy,
        };
        let mut reader = Reader::new(&typed, verb, words);
        let command = match verb {
            CommandVerb::Deploy => reader.deploy(),
            CommandVerb::Rollback => reader.rollback(),
            CommandVerb::Cancel => reader.target().map(|(app, env)| Self::Cancel { app, env }),
            CommandVerb::Restart => reader.target().map(|(app, env)| Self::Restart { app, env }),
            CommandVerb::Status => reader.filter().map(|(app, env)| Self::Status { app, env }),
            CommandVerb::History => reader.filter().map(|(app, env)| Self::History { app, env }),
            CommandVerb::Show => reader.deploy_id().map(|deploy| Self::Show { deploy }),
            CommandVerb::Help => reader.help(),
        }?;
        reader.end()?;
        Ok(command)
    }

    /// The command's verb.
    pub fn verb(&self) -> CommandVerb {
        match self {
            Self::Deploy { .. } => CommandVerb::Deploy,
            Self::Rollback { .. } => CommandVerb::Rollback,
            Self::Cancel { .. } => CommandVerb::Cancel,
            Self::Restart { .. } => CommandVerb::Restart,
            Self::Status { .. } => CommandVerb::Status,
            Self::History { .. } => CommandVerb::History,
            Self::Show { .. } => CommandVerb::Show,
            Self::Help { .. } => CommandVerb::Help,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = self.verb();
        match self {
            Self::Deploy {
                app,
                image,
                reference,
                also,
                env,
            } => {
                let mut first = AppRef {
                    app: app.clone(),
                    image: image.clone(),
                    reference: reference.clone(),
                };
                // What follows the comma in a ref may be an application's name.
                let comma = |reference: &mut Ref| reference.as_str().contains(',');
                let apart = first.reference.take_if(|one| also.is_empty() && comma(one));
                if let Some(reference) = apart {
                    return write!(f, "{first} {env} :{reference}");
                }
                write!(f, "{first}")?;
                also.iter().try_for_each(|one| write!(f, ",{one}"))?;
                write!(f, " to {env}")
            }
            Self::Rollback {
                app,
                env,
                to: Some(to),
            } => write!(f, "{verb} {app} on {env} to {to}"),
            Self::Rollback { app, env, to: None }
            | Self::Cancel { app, env }
            | Self::Restart { app, env } => write!(f, "{verb} {app} on {env}"),
            Self::Status { app, env } | Self::History { app, env } => {
                write!(f, "{verb}")?;
                app.iter().try_for_each(|app| write!(f, " {app}"))?;
                env.iter().try_for_each(|env| write!(f, " {env}"))
            }
            Self::Show { deploy } => write!(f, "{verb} {deploy}"),
            Self::Help { about: Some(about) } => write!(f, "{verb} {about}"),
            Self::Help { about: None } => write!(f, "{verb}"),
        }
    }
}

#[cfg(test)]
mod tests;
