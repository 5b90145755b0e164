//! How something came to be no longer live, that it is gone, and why it cannot run again: for refusals, for
//! questions and for cards.

use std::time::Duration;

use jiff::Timestamp;

use super::ago;
use super::phrase::{Code, Phrase, Readers, Wording, phrase};
use crate::names::arn::last_part;
use crate::names::version::{Gone, Leaving, Left};
use crate::plan::CannotRun;

/// How something came to be no longer live, as a clause: `@U1 rolled back 4 s ago, to `1.4.0``.
pub(crate) fn how_left(left: &Left, ago: &dyn Wording, readers: Readers) -> Phrase {
    let (by, label) = (&left.by, Code(&left.label));
    if readers == Readers::All {
        return match left.how {
            Leaving::Deployed => phrase!("{} was deployed {}", label, ago),
            Leaving::RolledBack => phrase!("it was rolled back {}, to {}", ago, label),
            Leaving::TriedToDeploy => {
                phrase!("the deploy of {} ended {} without success", label, ago)
            }
            Leaving::TriedToRollBack => {
                phrase!("a rollback to {} ended {} without success", label, ago)
            }
            Leaving::Outside => {
                phrase!(
                    "{} was rolled out outside of Longshore, noticed {}",
                    label,
                    ago
                )
            }
        };
    }
    match left.how {
        Leaving::Deployed => phrase!("{} deployed {} {}", by, label, ago),
        Leaving::RolledBack => phrase!("{} rolled back {}, to {}", by, ago, label),
        Leaving::TriedToDeploy => {
            phrase!(
                "{} asked for {}, whose deploy ended {} without success",
                by,
                label,
                ago
            )
        }
        Leaving::TriedToRollBack => {
            phrase!(
                "{} asked for a rollback to {}, which ended {} without success",
                by,
                label,
                ago
            )
        }
        Leaving::Outside => {
            phrase!(
                "somebody rolled out {} outside of Longshore, noticed {}",
                label,
                ago
            )
        }
    }
}

/// `4 s ago`: to the second where that says how close it was.
fn to_the_second(at: Timestamp, now: Timestamp) -> String {
    let span = Duration::try_from(now.duration_since(at)).unwrap_or_default();
    match span.as_secs() {
        seconds @ 0..60 => format!("{seconds} s ago"),
        _ => ago(span),
    }
}

/// What a card brought is not there, so that there is nothing to go away from.
pub(crate) fn gone_now(gone: &Gone, now: Timestamp) -> Phrase {
    let how = |left: &Left| how_left(left, &to_the_second(left.at, now), Readers::One);
    is_gone(gone, how)
}

/// The same for everybody, and for good: it names nobody, and says when.
pub(crate) fn gone_already(gone: &Gone) -> Phrase {
    let how = |left: &Left| how_left(left, &phrase!("at {}", left.at), Readers::All);
    is_gone(gone, how)
}

fn is_gone(gone: &Gone, how: impl Fn(&Left) -> Phrase) -> Phrase {
    let what = match &gone.label {
        Some(label) => phrase!("{}", Code(label)),
        None => phrase!("What that card brought"),
    };
    match &gone.left {
        Some(left) => {
            let how = how(left);
            match left.how {
                Leaving::TriedToDeploy | Leaving::TriedToRollBack => {
                    phrase!(
                        "{} is not what runs there any more. {}",
                        what,
                        how.capitalized()
                    )
                }
                Leaving::Deployed | Leaving::RolledBack | Leaving::Outside => {
                    phrase!("{} is gone: {}", what, how)
                }
            }
        }
        None => phrase!("{} is gone: what ran before it runs again", what),
    }
}

/// What keeps something that ran well from running again, as a clause.
pub(crate) fn cannot_run(why: &CannotRun) -> Phrase {
    match why {
        CannotRun::Live => phrase!("it is what runs now"),
        CannotRun::Revision(arn) => phrase!("its task definition {} is gone", Code(last_part(arn))),
        CannotRun::Image(digest) => phrase!("its image {} is gone", Code(digest)),
        CannotRun::Untold(arn) => phrase!(
            "which image its task definition {} ran cannot be told",
            Code(last_part(arn))
        ),
        CannotRun::Unpullable { digest, state } => phrase!(
            "its image {} is {} and cannot be pulled until it is restored",
            Code(digest),
            Code(state)
        ),
    }
}
