//! How refusals write names, lists and verdicts: plain text, with what somebody typed in backticks.

use std::fmt;

use crate::command::{CommandVerb, Expected, MAX_APPLICATIONS, Misreading, Misunderstood};
use crate::names::{Actor, AppName, EnvName, Ref};
use crate::record::{Choice, Verdict};
use crate::reply::last_part;
use crate::reply::plain::{Code, Name};
use crate::rollout::AfterPause;
use crate::slack::text::cut;

/// What keeps an earlier deploy from running again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoWayBack {
    /// It is another application's, or another environment's.
    Elsewhere {
        /// Of this application.
        application: AppName,
        /// Where.
        environment: EnvName,
    },
    /// It did not succeed.
    Ended(Verdict),
    /// It is still under way.
    Open,
    /// It is what runs.
    Live,
    /// Its task definition revision is gone, or being deleted.
    Revision(String),
    /// Its image is gone.
    Image(String),
    /// Which image a revision ran is not known.
    Untold(String),
    /// Its image is there, and cannot be pulled.
    Unpullable {
        /// Its digest.
        digest: String,
        /// The image's state, which is not ACTIVE, in ECR's word.
        state: String,
    },
}

impl fmt::Display for NoWayBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere {
                application,
                environment,
            } => write!(f, "it is one of `{application}` to {environment}"),
            Self::Ended(verdict) => write!(f, "it did not succeed ({})", verdict_word(*verdict)),
            Self::Open => f.write_str("it is still under way"),
            Self::Live => f.write_str("it is what runs now"),
            Self::Revision(arn) => {
                write!(f, "its task definition {} is gone", Code(last_part(arn)))
            }
            Self::Image(digest) => write!(f, "its image {} is gone", Code(digest)),
            Self::Untold(arn) => write!(
                f,
                "which image its task definition {} ran cannot be told",
                Code(last_part(arn))
            ),
            Self::Unpullable { digest, state } => write!(
                f,
                "its image {} is {} in the registry and cannot be pulled until it is restored",
                Code(digest),
                Code(state)
            ),
        }
    }
}

/// What keeps a schedule from being given a new revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSchedule {
    /// There is none of that name.
    Missing,
    /// It runs something else than an ECS task.
    NoTask,
    /// It names a task definition that is not there.
    Definition(String),
    /// It runs a task of a family that nobody configured.
    Family(String),
    /// None of its containers runs an image of this repository.
    Container(String),
}

impl fmt::Display for NoSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is none of that name in EventBridge Scheduler"),
            Self::NoTask => f.write_str("it runs no ECS task"),
            Self::Definition(arn) => {
                write!(f, "its task definition {} is gone", Code(last_part(arn)))
            }
            Self::Family(family) => write!(
                f,
                "it runs the task definition family {}; add that to its entry in `schedules`, after a colon",
                Code(family)
            ),
            Self::Container(repository) => write!(
                f,
                "no container of its task runs an image of {}",
                Code(repository)
            ),
        }
    }
}

/// What a verdict is called in a sentence.
pub(crate) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Succeeded => "succeeded",
        Verdict::RolledBack => "rolled back",
        Verdict::Failed => "failed",
        Verdict::Cancelled => "cancelled",
        Verdict::Refused => "refused",
        Verdict::Expired => "lapsed unanswered",
        Verdict::Superseded => "superseded by another rollout",
        Verdict::Replaced => "replaced by a newer request",
        Verdict::Abandoned => "given up watching",
    }
}

/// A ref, or the default branch.
pub(super) struct DefaultOr<'a>(pub(super) Option<&'a Ref>);

impl fmt::Display for DefaultOr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(reference) => Code(reference.as_str()).fmt(f),
            None => f.write_str("the default branch"),
        }
    }
}

pub(super) fn answered(choice: Choice, by: &Actor) -> String {
    match choice {
        Choice::Confirm => format!("{} has confirmed it already,", Name(by)),
        Choice::Decline => format!("{} has decided against it already,", Name(by)),
        Choice::Continue => format!("{} has let it go on already,", Name(by)),
        Choice::RollBack => format!("{} has had it rolled back already,", Name(by)),
    }
}

/// How a pause ended that was not answered by a click.
pub(super) fn went(ran_out: Option<AfterPause>) -> &'static str {
    match ran_out {
        Some(AfterPause::Continue) => "ran out before anybody answered, so ECS went on by itself",
        Some(AfterPause::RollBack) => {
            "ran out before anybody answered, so ECS went back to what ran before"
        }
        None => "is over: it was answered outside of Longshore, or its rollout has ended",
    }
}

pub(super) fn but_on(environments: &[String]) -> String {
    match environments {
        [] => String::new(),
        environments => format!(", but on {}", listed(environments)),
    }
}

/// The first ten.
pub(super) fn listed(names: &[String]) -> String {
    const LISTED: usize = 10;
    let shown: Vec<String> = names
        .iter()
        .take(LISTED)
        .map(|name| Code(cut(name, 80)).to_string())
        .collect();
    match names.len() {
        all if all > LISTED => format!("{} and {} more", shown.join(", "), all - LISTED),
        _ => shown.join(", "),
    }
}

/// What was typed is no command: what is wrong with it, what may have been meant, how it is used.
pub(super) fn misunderstood(misunderstood: &Misunderstood) -> String {
    let problem = match misunderstood.problem() {
        Misreading::TooLong => {
            "That is longer than a command may be, so it was not read.".to_owned()
        }
        Misreading::Unknown { what, word } => format!("{} is not {what}.", Code(word)),
        Misreading::UnknownImage { app, word } if misunderstood.names().is_empty() => format!(
            "{} has one image only, so {} names none.",
            Code(app),
            Code(word)
        ),
        Misreading::UnknownImage { app, word } => {
            format!("{} is not an image of {}.", Code(word), Code(app))
        }
        Misreading::OneImage { app, word } => format!(
            "{} names one image, but {} is for all of {}.",
            Code(word),
            misunderstood.usage().verb,
            Code(app)
        ),
        Misreading::Missing {
            what: Expected::Environment,
        } => "That does not say which environment, and none is the default.".to_owned(),
        Misreading::Missing { what } => format!("That ends where {what} should follow."),
        Misreading::Bad { word, why, .. } => format!("{} cannot be read: {why}.", Code(word)),
        Misreading::Repeated { word } => format!(
            "{} is named twice; say once what is to run of it.",
            Code(word)
        ),
        Misreading::TooMany => format!(
            "Those are more than the {MAX_APPLICATIONS} applications that one command can name."
        ),
        Misreading::Trailing { words } => format!(
            "{} at the end was not understood, so nothing was done.",
            Code(words)
        ),
    };
    let hint = match (misunderstood.suggestion(), misunderstood.names()) {
        (Some(suggestion), _) => format!(" Did you mean {}?", Code(suggestion)),
        (None, names) if (1..=12).contains(&names.len()) => {
            format!(" There are: {}.", listed(names))
        }
        (None, _) => String::new(),
    };
    let usage = misunderstood.usage();
    let line = match usage.verb {
        CommandVerb::Help => "`/deploy help` shows all commands".to_owned(),
        _ => format!("Usage: `/deploy {}`", usage.line),
    };
    format!("{problem}{hint} {line}.")
}
