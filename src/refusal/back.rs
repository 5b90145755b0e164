//! Why nothing is gone back to, in words: nothing lies below, the next cannot run, or what was to be left is
//! gone.

use super::wording::verdict_word;
use crate::names::{AppName, DeployId, EnvName};
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
        } => phrase!(
            "There is nothing to go back to: `{}` on {} has no earlier deploy that succeeded with another image. {}",
            application,
            environment,
            only_by_name(application, environment, left)
        ),
        NoBack::IsGone {
            gone,
            application,
            environment,
            now,
        } => phrase!(
            "{}. Nothing was changed. To go back from what runs now: `{/} rollback {} on {}`.",
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
            let lines = lines.iter().map(|(name, label)| {
                let line = format!("rollback {application} on {environment} to {name}");
                match name == label {
                    true => phrase!("{}", Typeable(line)),
                    false => phrase!("{} ({})", Typeable(line), Code(label)),
                }
            });
            let lines = Phrase::listed(lines, "or");
            match (alike.is_empty(), lines.is_empty()) {
                (true, true) => phrase!(
                    "{} is no version that ran well of `{}` on {}, and no other can be gone back to. Deploy it: {}",
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
            "The newest good version of `{}` on {}, {}, cannot be gone back to: {}. {}",
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

/// What there is to go to all the same, by name.
fn only_by_name(application: &AppName, environment: &EnvName, left: &[Candidate]) -> Phrase {
    let named = left.iter().filter_map(|one| {
        let id = one.id.as_ref()?;
        Some(phrase!("{} (`{}`)", Code(&one.label), id))
    });
    let named = Phrase::join(named, ", ");
    match named.is_empty() {
        true => phrase!(
            "Deploy the version you want: `{/} {}:REF to {}`.",
            application,
            environment
        ),
        false => phrase!(
            "Rolled back from, and so gone to only by name: {}. Deploy the version you want, or name one of these: `{/} rollback {} on {} to DEPLOY`.",
            named,
            application,
            environment
        ),
    }
}

/// What is left when the newest good version cannot run again.
fn others_to_go_back_to(
    application: &AppName,
    environment: &EnvName,
    others: &[(DeployId, String)],
) -> Phrase {
    let named = others
        .iter()
        .map(|(id, label)| phrase!("`{}` ({})", id, Code(label)));
    let named = Phrase::join(named, ", ");
    match named.is_empty() {
        true => phrase!(
            "No older one that has a name can be either. Deploy the version you want: `{/} {}:REF to {}`.",
            application,
            environment
        ),
        false => phrase!(
            "Older ones that can: {}. Name one: `{/} rollback {} on {} to DEPLOY`.",
            named,
            application,
            environment
        ),
    }
}
