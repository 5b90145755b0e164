//! Which verb asks for a command.

use super::reader::Reader;
use super::typed::Typed;
use super::{Command, CommandVerb, Misreading, Misunderstood, Vocabulary};
use crate::names::{AppName, DeployId, EnvName};

impl CommandVerb {
    /// The verb of a line that says nothing else: in a deploy's thread it is about that deploy.
    pub fn alone(text: &str, words: &Vocabulary) -> Option<Self> {
        let typed = Typed::read(text)?.without_courtesies(|word| words.is_name(word));
        Reader::new(&typed, words).verb_alone()
    }

    /// How it is said of one deploy; none of a verb that takes none.
    pub fn of_deploy(self) -> Option<fn(DeployId) -> Command> {
        Some(match self {
            Self::Rollback => |deploy| Command::RollbackOf { deploy },
            Self::Cancel => |deploy| Command::CancelOf { deploy },
            Self::Restart => |deploy| Command::RestartOf { deploy },
            Self::Show => |deploy| Command::Show { deploy },
            Self::WhyNot => |deploy| Command::WhyNotOf { deploy },
            _ => return None,
        })
    }

    /// How it shows one place; none of a verb that does not.
    pub fn of_place(self) -> Option<fn(AppName, EnvName) -> Command> {
        Some(match self {
            Self::Status => |app, env| Command::Status {
                app: Some(app),
                env: Some(env),
            },
            Self::Logs => |app, env| Command::Logs {
                app,
                image: None,
                env,
                service: None,
            },
            _ => return None,
        })
    }
}

impl Command {
    /// Says of a line what is wrong with it that the line itself does not show.
    pub fn misread(text: &str, words: &Vocabulary, problem: Misreading) -> Misunderstood {
        match Typed::read(text) {
            Some(typed) => Misunderstood::new(problem, &typed, words),
            None => Misunderstood::too_long(),
        }
    }

    /// The command's verb.
    pub fn verb(&self) -> CommandVerb {
        match self {
            Self::Deploy { .. } | Self::Form => CommandVerb::Deploy,
            Self::Promote { .. } => CommandVerb::Promote,
            Self::Plan { .. } => CommandVerb::Plan,
            Self::Diff { .. } => CommandVerb::Diff,
            Self::Rollback { .. } | Self::RollbackOf { .. } => CommandVerb::Rollback,
            Self::Cancel { .. } | Self::CancelOf { .. } => CommandVerb::Cancel,
            Self::Restart { .. } | Self::RestartOf { .. } => CommandVerb::Restart,
            Self::Status { .. } | Self::StatusAt { .. } => CommandVerb::Status,
            Self::Where { .. } => CommandVerb::Where,
            Self::Logs { .. } => CommandVerb::Logs,
            Self::History { .. } => CommandVerb::History,
            Self::Show { .. } | Self::ShowLast { .. } => CommandVerb::Show,
            Self::WhyNot { .. } | Self::WhyNotOf { .. } | Self::WhyNotLast { .. } => {
                CommandVerb::WhyNot
            }
            Self::Grant { .. } => CommandVerb::Grant,
            Self::Revoke { .. } => CommandVerb::Revoke,
            Self::Who { .. } => CommandVerb::Who,
            Self::Help { .. } => CommandVerb::Help,
        }
    }
}
