//! Refusals: what a person is told when the answer is no. Each says what was refused, why, and what
//! to do next, in plain words.
//!
//! A refusal is typed until somebody reads it: [`Refusal::said`] is its sentence for Slack, and `Display`
//! the same as plain text, for the log and for a terminal, where what somebody typed stands in backticks and
//! people are `@U…`. What a deploy was refused for is kept in its record ([`crate::record::Refused`]); its
//! words are here too. A sentence that follows an unknown outcome never says that nothing was started.

mod back;
mod denied;
mod gate;
mod image;
mod logs;
mod misunderstood;
mod refused;
mod right;
mod turned_down;
pub(crate) mod why;
mod wording;

use std::fmt;

use jiff::Timestamp;

pub(crate) use self::gate::obstacle;
pub(crate) use self::logs::no_lines;
pub(crate) use self::why::why;
pub(crate) use self::wording::verdict_word;
use crate::command::Misunderstood;
use crate::config::Member;
use crate::hearing::request::Timing;
use crate::names::{AppName, DeployId, EnvName, UserId};
use crate::record::{Refused, TurnedDown};
use crate::reply::phrase::{Phrase, Readers, phrase};
use crate::slack::text::Mrkdwn;

/// How refusals say that nothing was started, for those who said it before.
pub(crate) const NOTHING_STARTED: &[&str] = &[
    " Nothing was started.",
    "Nothing was started: ",
    "; nothing was started",
    ", so nothing was started",
    ", and nothing was started",
];

/// How it ended where what was asked for ran there already: that is news, and no refusal.
pub(crate) const NOTHING_TO_DO: &str = "nothing to do";

/// What the slash command is called where nobody knows its own name.
const USUAL_COMMAND: &str = "/deploy";

/// The person's problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What was typed is no command.
    Misunderstood(Misunderstood),
    /// What was asked of a deploy that is there is not done.
    TurnedDown(TurnedDown),
    /// A reason for which a deploy is refused too.
    Refused(Refused),
    /// AWS could not be reached, and a write may have happened.
    Unknown {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
    },
    /// The same after a click.
    UnknownClick {
        /// The deploy.
        id: DeployId,
    },
    /// Only read, and AWS could not be reached.
    NothingRead,
    /// A mention neither gives rights nor takes them.
    NotByMention,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().plain(USUAL_COMMAND))
    }
}

impl std::error::Error for Refusal {}

impl From<Misunderstood> for Refusal {
    fn from(misunderstood: Misunderstood) -> Self {
        Self::Misunderstood(misunderstood)
    }
}

impl<T: Into<TurnedDown>> From<T> for Refusal {
    fn from(turned_down: T) -> Self {
        Self::TurnedDown(turned_down.into())
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Why what was asked for at one time is not carried out at another, if it is not.
pub(crate) fn untimely(at: Timestamp, taken_in_at: Timestamp) -> Option<Refused> {
    match Timing::of(at, taken_in_at) {
        Timing::Fresh => None,
        Timing::TooOld => Some(Refused::TooOld { at }),
        Timing::Ahead => Some(Refused::Ahead { at }),
    }
}

impl Refusal {
    /// The sentence in plain text, with the slash command's own name in it.
    pub fn plain(&self, slash: &str) -> String {
        self.text().plain(slash)
    }

    /// The sentence for the person in Slack; `admins` are named where they can help.
    pub fn said(&self, slash: &str, admins: &[Member]) -> Mrkdwn {
        self.said_to(slash, admins, None)
    }

    /// The same for one whose name is known: nobody is told to ask themselves.
    pub(crate) fn said_to(
        &self,
        slash: &str,
        admins: &[Member],
        reader: Option<&UserId>,
    ) -> Mrkdwn {
        let text = self.text().naming(admins, reader);
        text.mrkdwn(slash, Readers::One)
    }

    fn text(&self) -> Phrase {
        match self {
            Self::Misunderstood(problem) => misunderstood::words(problem),
            Self::TurnedDown(turned_down) => self::turned_down::words(turned_down),
            Self::Refused(refused) => self::refused::words(refused),
            Self::Unknown {
                application,
                environment,
            } => phrase!(
                "AWS did not answer in time, and I can not tell whether this was accepted. `{/} status {} {}` shows it, or repeat the command: while one is under way, a second one is refused.",
                application,
                environment
            ),
            Self::UnknownClick { id } => phrase!(
                "AWS did not answer in time, and I can not tell whether this click was accepted. `{/} show {}` tells, or press again: it counts once.",
                id
            ),
            Self::NothingRead => phrase!(
                "Longshore could not reach AWS, so there is nothing to show. Try again in a minute."
            ),
            Self::NotByMention => phrase!(
                "A mention neither gives rights nor takes them back. Type it as a command: `{/} help grant` shows how."
            ),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
