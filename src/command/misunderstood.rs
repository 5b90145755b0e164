//! What was not understood, in parts, so that a reply can word it. The words in it are a person's:
//! escape before they reach Slack.

use std::fmt;

use super::lexicon::Sense;
use super::meant::Meant;
use super::typed::Typed;
use super::usage::CommandVerb;
use super::{Command, RightOf, Vocabulary};
use crate::names::{AppName, BadName, EnvName, Somebody, is_invisible};

/// A text that is no command. Nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misunderstood {
    problem: Misreading,
    line: Suggestion,
    known: Vec<String>,
}

/// A command that works when it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suggestion {
    /// Everything in it was typed, or is the nearest to what was.
    Meant(Box<Command>),
    /// Something in it stands for what was left out.
    Instance(Box<Command>),
    /// It changes nothing and shows what there is to choose from.
    Look(Box<Command>),
}

/// What is wrong. Words are as typed, but cut to 40 characters and without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misreading {
    /// More than [`super::MAX_CHARS`] characters.
    TooLong,
    /// `word` is not the name of any `what`.
    Unknown {
        /// What stands at its place in the grammar.
        what: Expected,
        /// What was typed there.
        word: String,
    },
    /// `word` is no verb here, and may be meant for one.
    Word {
        /// What was typed.
        word: String,
        /// What it may say.
        sense: Sense,
    },
    /// What is not planned without being asked for: only a deploy and a promotion are.
    NotPlanned {
        /// What looks ahead: `plan`, or `why-not`.
        looks: CommandVerb,
        /// What was typed behind it.
        verb: CommandVerb,
    },
    /// `word` is none of the images that containers of the application run beside its own; it may
    /// have none.
    UnknownImage {
        /// The application.
        app: AppName,
        /// What was typed after the slash.
        word: String,
    },
    /// `word` is none of the ECS services that the application has there.
    UnknownService {
        /// The application.
        app: AppName,
        /// The environment.
        env: EnvName,
        /// What was typed.
        word: String,
    },
    /// `word` names one image, where only the whole application can be meant.
    OneImage {
        /// The application.
        app: AppName,
        /// What was typed.
        word: String,
        /// What was asked for.
        verb: CommandVerb,
    },
    /// The text ended before `what`.
    Missing {
        /// What was left out.
        what: Expected,
    },
    /// `word` cannot be a ref, or a deploy's id.
    Bad {
        /// Which of the two.
        what: Expected,
        /// What was typed there.
        word: String,
        /// The rule that it breaks.
        why: BadName,
    },
    /// `word` stands where a ref may, and more likely says something else.
    NoRef {
        /// What was typed.
        word: String,
    },
    /// A ref of another repository than the application's.
    OtherRepository {
        /// The application.
        app: AppName,
        /// Its repository.
        own: String,
        /// The repository that was typed.
        word: String,
    },
    /// Two environments, where one can be meant.
    TwoEnvironments {
        /// The first.
        one: EnvName,
        /// The second.
        other: EnvName,
    },
    /// No application, where one must be named.
    NoApplication,
    /// A whole day, where one time can be meant.
    WholeDay {
        /// What was typed.
        day: String,
    },
    /// Somebody was to be made an admin, which nobody is in chat.
    Admins,
    /// A reason that is longer than one may be.
    LongReason,
    /// Several applications, where the verb takes one.
    OneAtATime {
        /// The verb.
        verb: CommandVerb,
    },
    /// `word` is named twice.
    Repeated {
        /// The application.
        word: String,
    },
    /// More than [`super::MAX_APPLICATIONS`] applications.
    TooMany,
    /// A verb alone, in a thread that is no deploy's.
    NoDeploysThread,
    /// A verb alone, in a thread of deploys of different things.
    SeveralInThread,
    /// Everything was understood but `words` at the end.
    Trailing {
        /// What was not understood.
        words: String,
    },
}

/// What the grammar wants at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A verb.
    Command,
    /// A verb or an application: the first word.
    CommandOrApplication,
    /// An application.
    Application,
    /// An environment.
    Environment,
    /// Either, as a filter.
    ApplicationOrEnvironment,
    /// A ref.
    Ref,
    /// A deploy's id.
    Deploy,
    /// A deploy's id, or a version that ran.
    Version,
    /// A time, or a day.
    Time,
    /// Somebody.
    Person,
    /// What a right is for.
    Right,
    /// Why.
    Reason,
    /// A time that is still to come.
    End,
}

/// Stands for somebody at a terminal, where nobody is sought by a name.
const SOMEBODY_BY_ID: &str = "@U061F7AUR";

/// The longest word that is repeated to whoever typed it, in characters.
pub(super) const LONGEST: usize = 40;

impl Misunderstood {
    pub(super) fn new(problem: Misreading, typed: &Typed, words: &Vocabulary) -> Self {
        let line = Meant::by(typed.words(), words).line(&problem, words);
        let known = known(&problem, &line, words);
        Self {
            problem: problem.shown(),
            line,
            known,
        }
    }

    pub(super) fn too_long() -> Self {
        let help = Command::Help { about: None };
        Self {
            problem: Misreading::TooLong,
            line: Suggestion::Instance(Box::new(help)),
            known: Vec::new(),
        }
    }

    /// What is wrong.
    pub fn problem(&self) -> &Misreading {
        &self.problem
    }

    /// One line that works.
    pub fn line(&self) -> &Suggestion {
        &self.line
    }

    /// The same where there is no form to choose from and only some verbs, whose place help takes, and where people are named by their ids.
    #[must_use]
    pub fn at_a_terminal(mut self, has: impl Fn(CommandVerb) -> bool) -> Self {
        let line = self.line.command();
        let about = match line {
            Command::Help { about } => *about,
            _ => None,
        };
        if *line == Command::Form || !has(line.verb()) || about.is_some_and(|about| !has(about)) {
            let about = Some(CommandVerb::Deploy);
            self.line = Suggestion::Look(Box::new(Command::Help { about }));
        }
        if let Command::Revoke { of, why } = self.line.command()
            && let (Somebody::Called(_), Ok(to)) = (&of.to, SOMEBODY_BY_ID.parse())
        {
            let (of, why) = (RightOf { to, ..of.clone() }, why.clone());
            self.line = Suggestion::Instance(Box::new(Command::Revoke { of, why }));
        }
        self
    }

    /// The names that would have been understood at that place, in order; may be empty.
    pub fn names(&self) -> &[String] {
        &self.known
    }
}

impl Suggestion {
    /// The command.
    pub fn command(&self) -> &Command {
        match self {
            Self::Meant(command) | Self::Instance(command) | Self::Look(command) => command,
        }
    }
}

/// The names that would have been understood.
fn known(problem: &Misreading, line: &Suggestion, words: &Vocabulary) -> Vec<String> {
    match problem {
        Misreading::UnknownImage { app, .. } => words.images_of(app).collect(),
        Misreading::UnknownService { app, env, .. } => words.services(app, env).to_vec(),
        Misreading::NoApplication => words.application_names().collect(),
        Misreading::Unknown { what, .. } | Misreading::Missing { what } => match what {
            Expected::Environment => match line.command().planned() {
                Command::Deploy { app, .. } | Command::Diff { app, .. } => {
                    let mut places: Vec<_> =
                        words.places(app).iter().map(ToString::to_string).collect();
                    places.sort();
                    places
                }
                _ => words.environment_names().collect(),
            },
            Expected::Application | Expected::CommandOrApplication => {
                words.application_names().collect()
            }
            Expected::ApplicationOrEnvironment => words
                .application_names()
                .chain(words.environment_names())
                .collect(),
            Expected::Command => CommandVerb::ALL.map(|verb| verb.to_string()).to_vec(),
            Expected::Ref
            | Expected::Deploy
            | Expected::Version
            | Expected::Time
            | Expected::Person
            | Expected::Right
            | Expected::Reason
            | Expected::End => Vec::new(),
        },
        _ => Vec::new(),
    }
}

impl Misreading {
    /// The same with every word as it may be repeated.
    fn shown(mut self) -> Self {
        let (Self::Unknown { word, .. }
        | Self::Word { word, .. }
        | Self::UnknownImage { word, .. }
        | Self::UnknownService { word, .. }
        | Self::OneImage { word, .. }
        | Self::Bad { word, .. }
        | Self::NoRef { word }
        | Self::OtherRepository { word, .. }
        | Self::Repeated { word }
        | Self::WholeDay { day: word }
        | Self::Trailing { words: word }) = &mut self
        else {
            return self;
        };
        *word = shown(word);
        self
    }
}

impl std::error::Error for Misunderstood {}

/// For a log: the reply words it for people.
impl fmt::Display for Misunderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not a command; the nearest is \"{}\"",
            self.line.command()
        )
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Command => "a command",
            Self::CommandOrApplication => "a command or an application",
            Self::Application => "an application",
            Self::Environment => "an environment",
            Self::ApplicationOrEnvironment => "an application or an environment",
            Self::Ref => "a ref",
            Self::Deploy => "a deploy's id",
            Self::Version => "a version or a deploy's id",
            Self::Person => "a person",
            Self::Right => "a right, which is `approver` or none",
            Self::Reason => "a reason",
            Self::End => "an end, such as friday, 18:00 or 2026-12-01",
            Self::Time => "a time, such as 14:05, yesterday or 2026-11-20",
        })
    }
}

/// `text` as it may be repeated: one line, nothing invisible, not long.
fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(LONGEST + 1)
        .collect();
    if let Some((cut, _)) = shown.char_indices().nth(LONGEST) {
        shown.truncate(cut);
        shown.push('…');
    }
    shown
}
