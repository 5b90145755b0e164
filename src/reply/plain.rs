//! How plain text says who, what and how something was left: for refusals, for what ends a deploy, for
//! a terminal. What somebody typed stands in backticks that it cannot end; people are `@U…`.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::last_part;
use super::words::{ago, clock};
use crate::names::Actor;
use crate::slack::text::cut;
use crate::version::{Gone, Leaving, Left};

/// Something typed or reported, in backticks that it cannot end.
pub(crate) struct Code<T: AsRef<str>>(pub(crate) T);

impl<T: AsRef<str>> fmt::Display for Code<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = cut(self.0.as_ref(), 300).replace('`', "'");
        write!(f, "`{}`", text.trim())
    }
}

/// A person as plain text.
pub(crate) struct Name<'a>(pub(crate) &'a Actor);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Actor::Slack { user, .. } => write!(f, "@{user}"),
            Actor::Operator { arn } => write!(f, "{}", Code(last_part(arn))),
            Actor::Longshore => f.write_str("Longshore"),
        }
    }
}

/// Who reads a sentence: only where that is one person, others are named in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Whoever asked.
    One,
    /// The channel.
    All,
}

/// How something came to be no longer live, as a clause: `@U1 rolled back 4 s ago, to `1.4.0``.
pub(crate) fn how_left(left: &Left, ago: &str, readers: Readers) -> String {
    let (by, label) = (Name(&left.by), Code(&left.label));
    if readers == Readers::All {
        return match left.how {
            Leaving::Deployed => format!("{label} was deployed {ago}"),
            Leaving::RolledBack => format!("it was rolled back from {ago}, to {label}"),
            Leaving::TriedToDeploy => format!("the deploy of {label} ended {ago} without success"),
            Leaving::TriedToRollBack => {
                format!("a rollback to {label} ended {ago} without success")
            }
            Leaving::Outside => {
                format!("{label} was rolled out outside of Longshore, noticed {ago}")
            }
        };
    }
    match left.how {
        Leaving::Deployed => format!("{by} deployed {label} {ago}"),
        Leaving::RolledBack => format!("{by} rolled back {ago}, to {label}"),
        Leaving::TriedToDeploy => {
            format!("{by} asked for {label}, whose deploy ended {ago} without success")
        }
        Leaving::TriedToRollBack => {
            format!("{by} asked for a rollback to {label}, which ended {ago} without success")
        }
        Leaving::Outside => {
            format!("somebody rolled out {label} outside of Longshore, noticed {ago}")
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
pub(crate) fn gone_now(gone: &Gone, now: Timestamp) -> String {
    let how = |left: &Left| how_left(left, &to_the_second(left.at, now), Readers::One);
    is_gone(gone, how)
}

/// The same for everybody, and for good: it names nobody, and says when.
pub(crate) fn gone_already(gone: &Gone) -> String {
    let how = |left: &Left| how_left(left, &format!("at {}", clock(left.at)), Readers::All);
    is_gone(gone, how)
}

fn is_gone(gone: &Gone, how: impl Fn(&Left) -> String) -> String {
    let what = match &gone.label {
        Some(label) => Code(label).to_string(),
        None => "What that card brought".to_owned(),
    };
    match &gone.left {
        Some(left) => {
            let how = how(left);
            match left.how {
                Leaving::TriedToDeploy | Leaving::TriedToRollBack => {
                    format!("{what} is not what runs there any more: {how}")
                }
                Leaving::Deployed | Leaving::RolledBack | Leaving::Outside => {
                    format!("{what} is gone: {how}")
                }
            }
        }
        None => format!("{what} is gone: what ran before it runs again"),
    }
}
