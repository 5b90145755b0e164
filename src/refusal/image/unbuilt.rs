//! That there is no image yet, in words: of which commit, how far CI got, and what could be deployed meanwhile.

use std::time::Duration;

use super::{line, or_newest};
use crate::names::CommitSha;
use crate::record::Instead;
use crate::reply;
use crate::reply::phrase::{Code, Phrase, Typeable, phrase};
use crate::resolve::{BuiltBefore, ChangedSince, CiStands, Unbuilt};
use crate::slack::text::cut;

/// Characters of a commit's title.
const TITLE: usize = 60;
/// Characters of whoever wrote it, and of what CI runs.
const NAME: usize = 30;

pub(super) fn unbuilt(
    name: &str,
    commit: &CommitSha,
    known: &Unbuilt,
    wanted: Phrase,
    instead: Option<&Instead>,
) -> Phrase {
    let typed = match commit.begins_with(name) {
        true => Phrase::default(),
        false => phrase!("{}, ", Code(name)),
    };
    let first = phrase!(
        "No image yet for {}{} {} ({}).",
        typed,
        Code(commit.short()),
        Code(cut(&known.title, TITLE)),
        cut(&known.author, NAME).replace('`', "'")
    );
    let (stands, next) = known.ci.as_ref().map_or_else(
        || (Phrase::default(), "Look at its build"),
        |ci| (ci_stands(ci), next(ci)),
    );
    let tail = match (&known.before, instead) {
        (Some(before), Some(instead)) => or_before(next, before, instead),
        (Some(_) | None, _) => or_newest(next, instead),
    };
    let changed = known.changed.as_ref().zip(known.before.as_ref());
    let changed = changed.map(|(why, before)| changed_since(why, &before.commit));
    let changed = changed.unwrap_or_default();
    // Perhaps nobody will ever build it by that name.
    let may_be_built = matches!(
        known.ci,
        Some(CiStands::Running { .. } | CiStands::Failed { .. })
    );
    let wanted = match known.before.is_none() && !may_be_built {
        true => wanted,
        false => Phrase::default(),
    };
    let all = [first, stands, changed, wanted, tail].into_iter();
    Phrase::join(all.filter(|one| !one.is_empty()), " ")
}

fn ci_stands(ci: &CiStands) -> Phrase {
    match ci {
        CiStands::Running {
            name,
            seconds,
            usual,
        } => {
            let usual = match usual {
                Some(usual) => phrase!(", usually {}", about(*usual)),
                None => Phrase::default(),
            };
            match seconds {
                Some(seconds) => {
                    phrase!("CI {} has run for {}{}.", run(name), about(*seconds), usual)
                }
                None => phrase!("CI {} has not ended{}.", run(name), usual),
            }
        }
        CiStands::Failed { name, seconds } => match seconds {
            Some(seconds) => phrase!("CI {} failed {} ago.", run(name), about(*seconds)),
            None => phrase!("CI {} failed.", run(name)),
        },
        CiStands::Ended => phrase!("What GitHub shows of its CI has ended."),
    }
}

/// Why an earlier image will not do, where one of an unchanged application would.
fn changed_since(why: &ChangedSince, before: &CommitSha) -> Phrase {
    let before = Code(before.short());
    match why {
        ChangedSince::File(file) => phrase!("{} has changed since {}.", Code(file), before),
        ChangedSince::Untold => phrase!(
            "Whether it has changed since {} cannot be told: GitHub does not list all files that have.",
            before
        ),
    }
}

/// What to do about it first.
fn next(ci: &CiStands) -> &'static str {
    match ci {
        CiStands::Running { .. } => "Wait for it",
        CiStands::Failed { .. } => "Mend it",
        CiStands::Ended => "Look at its build",
    }
}

/// What to do first, or the nearest commit before it with an image, as a line that deploys it.
fn or_before(first: &'static str, before: &BuiltBefore, instead: &Instead) -> Phrase {
    let reference = before.reference.as_str();
    let commit = &before.commit;
    let typed = match reference == commit.as_str() {
        true => commit.short(),
        false => reference,
    };
    let commits = match before.steps {
        1 => phrase!("1 commit"),
        more => phrase!("{} commits", more),
    };
    phrase!(
        "{}, or deploy {}, {} before it: {}",
        first,
        Code(commit.short()),
        commits,
        Typeable(line(instead, typed))
    )
}

fn run(name: &str) -> Code<String> {
    Code(cut(name, NAME).into_owned())
}

/// A span of time; in whole minutes where it is one or more.
fn about(seconds: u64) -> String {
    let rounded = match seconds {
        0..60 => seconds,
        more => more.saturating_add(30) / 60 * 60,
    };
    reply::duration(Duration::from_secs(rounded))
}
