//! Why nothing is gone back to, in words: nothing lies below, the next cannot run, or what was to be left is
//! gone.

use super::wording::verdict_word;
use crate::names::{AppName, EnvName};
use crate::plan::Candidate;
use crate::record::{NoBack, NoWayBack};
use crate::reply::gone::{cannot_run, gone_now};
use crate::reply::phrase::{Code, Phrase, Typeable, phrase};

pub(super) fn no_back(why: &NoBack) -> Phrase {
    match why {
        NoBack::NothingToRollBackTo {
            application,
            environment,
            left,
        } => nothing(application, environment, left),
        NoBack::IsGone {
            gone,
            application,
            environment,
            now,
        } => phrase!(
            "{}. Nothing was changed. `{/} status {} {}` shows what runs now.",
            gone_now(gone, *now),
            application,
            environment
        ),
        NoBack::NoVersion {
            version,
            application,
            environment,
            alike,
            ways,
        } => {
            let lines = match alike.is_empty() {
                true => ways,
                false => alike,
            };
            let lines = lines_to(application, environment, lines);
            match (alike.is_empty(), lines.is_empty()) {
                (true, true) => phrase!(
                    "{} is no version that ran well of `{}` on {}. No other can be gone back to. Deploy it: {}",
                    Code(version.as_str()),
                    application,
                    environment,
                    Typeable(format!("{application}:{version} to {environment}"))
                ),
                (true, false) => phrase!(
                    "{} is no version that ran well of `{}` on {}. These can be gone back to: {}",
                    Code(version.as_str()),
                    application,
                    environment,
                    lines
                ),
                (false, _) => phrase!(
                    "{} was more than one version of `{}` on {}. Say which: {}",
                    Code(version.as_str()),
                    application,
                    environment,
                    lines
                ),
            }
        }
        NoBack::NewestCannotRun {
            application,
            environment,
            label,
            why,
            others,
        } => phrase!(
            "The newest good version of `{}` on {} is {}. It cannot be gone back to: {}. {}",
            application,
            environment,
            Code(label),
            cannot_run(why),
            others_to_go_back_to(application, environment, others)
        ),
    }
}

/// What keeps a deploy from being gone back to, as a clause.
pub(super) fn no_way_back(why: &NoWayBack) -> Phrase {
    match why {
        NoWayBack::Elsewhere {
            application,
            environment,
        } => phrase!("it is one of `{}` to {}", application, environment),
        NoWayBack::Ended(verdict) => phrase!("it did not succeed ({})", verdict_word(*verdict)),
        NoWayBack::Open => phrase!("it is still under way"),
        NoWayBack::CannotRun(why) => cannot_run(why),
    }
}

/// Nothing lies below what runs; what there is to go to all the same, by name.
fn nothing(application: &AppName, environment: &EnvName, left: &[Candidate]) -> Phrase {
    let named = left
        .iter()
        .filter_map(|one| Some((one.id.clone()?, one.label.clone())));
    let named: Vec<(String, String)> = named.collect();
    match named.is_empty() {
        true => phrase!(
            "There is nothing to go back to. `{}` on {} has no earlier deploy that succeeded with another image. Deploy the version you want; `{/} history {} {}` shows what ran.",
            application,
            environment,
            application,
            environment
        ),
        false => phrase!(
            "There is nothing else to go back to. What ran well of `{}` on {} was rolled back before. To return to it all the same: {}",
            application,
            environment,
            lines_to(application, environment, &named)
        ),
    }
}

/// Lines that go back to these, each by the name it is typed by, with what people call it.
fn lines_to(application: &AppName, environment: &EnvName, named: &[(String, String)]) -> Phrase {
    let lines = named.iter().map(|(name, label)| {
        let line = format!("rollback {application} on {environment} to {name}");
        match name == label {
            true => phrase!("{}", Typeable(line)),
            false => phrase!("{} ({})", Typeable(line), Code(label)),
        }
    });
    Phrase::listed(lines, "or")
}

/// What is left when the newest good version cannot run again.
fn others_to_go_back_to(
    application: &AppName,
    environment: &EnvName,
    others: &[(String, String)],
) -> Phrase {
    match others.is_empty() {
        true => phrase!(
            "No older one can be either. Deploy the version you want; `{/} history {} {}` shows what ran.",
            application,
            environment
        ),
        false => phrase!(
            "Older ones can: {}",
            lines_to(application, environment, others)
        ),
    }
}
