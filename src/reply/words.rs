//! How single things are written inside a sentence: people, commands, what somebody typed, spans of
//! time. Everything that goes into a sentence goes through [`Sayable`], so nothing gets there
//! unescaped.

use std::time::Duration;

use jiff::Timestamp;

use super::phrase::{Readers, Wording};
use crate::config::Member;
use crate::names::{Actor, AppName, DeployId, EnvName, UserId};
use crate::slack::text::{Mrkdwn, cut};

/// What may stand in a sentence.
pub(crate) trait Sayable {
    fn said(&self) -> Mrkdwn;
}

impl Sayable for Mrkdwn {
    fn said(&self) -> Mrkdwn {
        self.clone()
    }
}

impl Sayable for str {
    fn said(&self) -> Mrkdwn {
        Mrkdwn::of(self)
    }
}

impl Sayable for String {
    fn said(&self) -> Mrkdwn {
        Mrkdwn::of(self)
    }
}

impl<T: Sayable + ?Sized> Sayable for &T {
    fn said(&self) -> Mrkdwn {
        (**self).said()
    }
}

macro_rules! by_display {
    ($($name:ty),*) => {$(
        impl Sayable for $name {
            fn said(&self) -> Mrkdwn {
                Mrkdwn::new().shown(self)
            }
        }
    )*};
}

by_display!(AppName, EnvName, usize, u32, u64, i32);

impl Sayable for DeployId {
    fn said(&self) -> Mrkdwn {
        code(self.as_str())
    }
}

impl Sayable for UserId {
    fn said(&self) -> Mrkdwn {
        Mrkdwn::new().user(self)
    }
}

impl Sayable for Member {
    fn said(&self) -> Mrkdwn {
        match self {
            Self::User(user) => user.said(),
            Self::Group(group) => Mrkdwn::new().group(group),
        }
    }
}

impl Sayable for Actor {
    fn said(&self) -> Mrkdwn {
        self.text().said(Readers::One)
    }
}

impl Sayable for Timestamp {
    fn said(&self) -> Mrkdwn {
        Mrkdwn::new().time(*self)
    }
}

impl Sayable for Duration {
    fn said(&self) -> Mrkdwn {
        Mrkdwn::of(&duration(*self))
    }
}

/// Puts `parts` where `words` has `{}`.
pub(crate) fn say(words: &'static str, parts: &[&dyn Sayable]) -> Mrkdwn {
    let mut parts = parts.iter();
    let mut said = Mrkdwn::new();
    for (index, literal) in words.split("{}").enumerate() {
        if index > 0
            && let Some(part) = parts.next()
        {
            said = said.append(&part.said());
        }
        said = said.and(literal);
    }
    said
}

/// Like `format!`, with every argument escaped or rendered as what it is. Gives a [`Mrkdwn`].
macro_rules! said {
    ($words:literal $(, $part:expr)* $(,)?) => {
        $crate::reply::say($words, &[$(&$part as &dyn $crate::reply::Sayable),*])
    };
}
pub(crate) use said;

/// The pieces that say something, with `between` between them.
pub(crate) fn joined(pieces: impl IntoIterator<Item = Mrkdwn>, between: &'static str) -> Mrkdwn {
    Mrkdwn::join(
        pieces.into_iter().filter(|piece| !piece.is_empty()),
        between,
    )
}

/// `text` in a code span, where Slack neither links nor formats nor turns `:x:` into a picture.
pub fn code(text: &str) -> Mrkdwn {
    Mrkdwn::new().code(text)
}

/// Lines in a code block of at most `most` characters; the last ones are kept, because that is
/// where a log says why.
pub fn code_block(lines: &[String], most: usize) -> Mrkdwn {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| cut(line, 300).replace(['\n', '\r'], " "))
        .collect();
    Mrkdwn::new().code_block(&lines.join("\n"), most)
}

/// A whole command, ready to be typed; `slash` is the slash command's own name.
pub fn command(slash: &str, rest: &str) -> Mrkdwn {
    Mrkdwn::new().command_line(format!("{slash} {rest}").trim_end(), Mrkdwn::CAP)
}

/// Characters kept of one word of a sentence.
const WORD: usize = 300;

/// A sentence that was kept as plain text, for everybody: it names nobody.
pub fn for_all(sentence: &str) -> Mrkdwn {
    let words = sentence
        .split_whitespace()
        .map(|word| Mrkdwn::new().capped(word, WORD));
    Mrkdwn::join(words, " ")
}

/// `6 min, 1 sec`: the two largest units, without zeros.
pub fn duration(span: Duration) -> String {
    let seconds = span.as_secs();
    let unit = |count: u64, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        more => Some(format!("{more} {many}")),
    };
    let days = unit(seconds / 86_400, "day", "days");
    let hours = unit(seconds / 3_600 % 24, "hour", "hours");
    let minutes = unit(seconds / 60 % 60, "min", "min");
    let rest = unit(seconds % 60, "sec", "sec");
    let parts = match (days, hours, minutes, rest) {
        (Some(days), hours, _, _) => [Some(days), hours],
        (None, Some(hours), minutes, _) => [Some(hours), minutes],
        (None, None, Some(minutes), rest) => [Some(minutes), rest],
        (None, None, None, rest) => [rest, None],
    };
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.as_slice() {
        [] => "less than a second".to_owned(),
        parts => parts.join(", "),
    }
}

/// `22 Nov 14:05 UTC`, for plain text; Slack shows a [`Timestamp`] in each reader's own zone.
pub fn clock(at: Timestamp) -> String {
    at.strftime("%-d %b %H:%M UTC").to_string()
}
