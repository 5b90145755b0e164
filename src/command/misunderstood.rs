//! What was not understood, in parts, so that a reply can word it; its `Display` is a plain sentence
//! for logs and terminals. The words in it are a person's: escape before they reach Slack.

use std::fmt;

use super::{
    MAX_APPLICATIONS,
    typed::MAX_CHARS,
    usage::{CommandVerb, Usage},
};
use crate::names::{AppName, BadName, is_invisible};

/// A text that is no command. Nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misunderstood {
    problem: Misreading,
    suggestion: Option<String>,
    known: Vec<String>,
    usage: &'static Usage,
}

/// What is wrong. Words are as typed, but cut to 80 characters and without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misreading {
    /// More than [`MAX_CHARS`] characters.
    TooLong,
    /// `word` is not the name of any `what`.
    Unknown {
        /// What stands at its place in the grammar.
        what: Expected,
        /// What was typed there.
        word: String,
    },
    /// `word` is none of the images that containers of the application run beside its own; it may
    /// have none.
    UnknownImage {
        /// The application.
        app: AppName,
        /// What was typed after the slash.
        word: String,
    },
    /// `word` names one image, where only the whole application can be meant.
    OneImage {
        /// The application.
        app: AppName,
        /// What was typed.
        word: String,
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
    /// `word` is named twice.
    Repeated {
        /// The application.
        word: String,
    },
    /// More than [`MAX_APPLICATIONS`] applications.
    TooMany,
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
}

impl Misunderstood {
    pub(super) fn new(problem: Misreading, verb: CommandVerb) -> Self {
        let problem = match problem {
            Misreading::Unknown { what, word } => Misreading::Unknown {
                what,
                word: shown(&word),
            },
            Misreading::Bad { what, word, why } => Misreading::Bad {
                what,
                word: shown(&word),
                why,
            },
            Misreading::Trailing { words } => Misreading::Trailing {
                words: shown(&words),
            },
            Misreading::UnknownImage { app, word } => Misreading::UnknownImage {
                app,
                word: shown(&word),
            },
            Misreading::OneImage { app, word } => Misreading::OneImage {
                app,
                word: shown(&word),
            },
            Misreading::TooLong
            | Misreading::Missing { .. }
            | Misreading::Repeated { .. }
            | Misreading::TooMany => problem,
        };
        Self {
            problem,
            suggestion: None,
            known: Vec::new(),
            usage: verb.usage(),
        }
    }

    pub(super) fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }

    pub(super) fn known(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.known = names.into_iter().collect();
        self
    }

    pub(super) fn about(mut self, verb: CommandVerb) -> Self {
        self.usage = verb.usage();
        self
    }

    /// What is wrong.
    pub fn problem(&self) -> &Misreading {
        &self.problem
    }

    /// "Did you mean": a known name, or a whole command without the slash command's own name.
    pub(crate) fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }

    /// The names that would have been understood at that place, in order; may be empty.
    pub fn names(&self) -> &[String] {
        &self.known
    }

    /// The nearest usage.
    pub fn usage(&self) -> &'static Usage {
        self.usage
    }
}

impl std::error::Error for Misunderstood {}

impl fmt::Display for Misunderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Misreading::TooLong => write!(
                f,
                "That is longer than {MAX_CHARS} characters, so it was not read."
            )?,
            Misreading::Unknown { what, word } => write!(f, "\"{word}\" is not {what}.")?,
            Misreading::UnknownImage { app, word } if self.known.is_empty() => {
                write!(f, "{app} has one image only, so \"{word}\" names none.")?;
            }
            Misreading::UnknownImage { app, word } => {
                write!(f, "\"{word}\" is not an image of {app}.")?;
            }
            Misreading::OneImage { app, word } => write!(
                f,
                "\"{word}\" names one image, but {} is for all of {app}.",
                self.usage.verb
            )?,
            Misreading::Missing {
                what: Expected::Environment,
            } => f.write_str("That does not say which environment, and none is the default.")?,
            Misreading::Missing { what } => write!(f, "That ends where {what} should follow.")?,
            Misreading::Bad { word, why, .. } => {
                write!(f, "\"{word}\" cannot be read: {why}.")?;
            }
            Misreading::Repeated { word } => write!(f, "\"{word}\" is named twice.")?,
            Misreading::TooMany => write!(
                f,
                "Those are more than the {MAX_APPLICATIONS} applications that one command can name."
            )?,
            Misreading::Trailing { words } => write!(
                f,
                "\"{words}\" at the end was not understood, so nothing was done."
            )?,
        }
        match (&self.suggestion, self.known.as_slice()) {
            (Some(suggestion), _) => write!(f, " Did you mean \"{suggestion}\"?")?,
            (None, known @ [_, ..]) if known.len() <= 12 => {
                write!(f, " Known: {}.", known.join(", "))?;
            }
            (None, _) => {}
        }
        write!(f, " Usage: {}", self.usage.line)
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
        })
    }
}

/// `text` as it may be repeated: one line, nothing invisible, not long.
fn shown(text: &str) -> String {
    const MAX: usize = 80;
    let mut shown: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(MAX + 1)
        .collect();
    if let Some((cut, _)) = shown.char_indices().nth(MAX) {
        shown.truncate(cut);
        shown.push('…');
    }
    shown
}
