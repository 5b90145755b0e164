//! A sentence before it is known where it is read: in a terminal, by one person in Slack, or by a channel.
//! Who and what is named in it stays typed until then, so that nothing is taken for a name that is none.

mod reader;

use jiff::Timestamp;

use super::clock;
use crate::command::CommandVerb;
use crate::config::Member;
use crate::names::arn::last_part;
use crate::names::list::before;
use crate::names::{
    Actor, AppName, ChannelId, ContainerName, DeployId, EnvName, GroupId, Ref, UserId,
};
use crate::slack::text::{Mrkdwn, cut};

/// Characters kept of one thing that somebody typed or reported.
const KEPT: usize = 300;
/// Characters kept of what somebody says in words of their own: as much as is read of AWS, and more.
const WORDS: usize = 1_000;
/// Stands for the slash command's own name in words of ours.
const COMMAND: &str = "{/}";
/// Stands for whoever runs Longshore in words of ours.
const ADMINS: &str = "{admins}";
/// What they are called where nobody names them.
const UNNAMED: &str = "the people who run Longshore";

/// Who reads a sentence: only where that is one person, others are named in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Whoever asked. A mention notifies nobody else, because nobody else sees the message.
    One,
    /// The channel.
    All,
}

/// A sentence, or some of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Phrase(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Words of ours, in which [`COMMAND`] may stand.
    Ours(&'static str),
    /// Whoever runs Longshore.
    Admins,
    /// What is said to this person, and to everybody else.
    Either(UserId, Phrase, Phrase),
    /// Somebody else's words, or a name or number: escaped where that is needed.
    Plain(String),
    /// Something typed or reported, marked as such.
    Code(String),
    /// What follows the slash command's own name in a whole command.
    Command(String),
    /// A word that leads to a page of Slack's.
    Link(String, &'static str),
    /// A person.
    User(UserId),
    /// A user group.
    Group(GroupId),
    /// A channel.
    Channel(ChannelId),
    /// A time, which Slack shows in each reader's own zone.
    Time(Timestamp),
}

/// Something typed or reported, in backticks that it cannot end.
pub(crate) struct Code<T: AsRef<str>>(pub(crate) T);

/// A whole command without the slash command's own name, which is put before it.
pub(crate) struct Typeable<T: AsRef<str>>(pub(crate) T);

/// A word of ours that leads to a page; a terminal shows the page's address.
pub(crate) struct Linked<T: AsRef<str>>(pub(crate) T, pub(crate) &'static str);

/// What may stand in a sentence.
pub(crate) trait Wording {
    fn text(&self) -> Phrase;
}

impl Phrase {
    /// Words of ours.
    pub(crate) fn ours(words: &'static str) -> Self {
        let mut whole = Vec::new();
        for (index, literal) in words.split(ADMINS).enumerate() {
            if index > 0 {
                whole.push(Piece::Admins);
            }
            if !literal.is_empty() {
                whole.push(Piece::Ours(literal));
            }
        }
        Self(whole)
    }

    /// Puts `parts` where `words` has `{}`.
    pub(crate) fn of(words: &'static str, parts: &[&dyn Wording]) -> Self {
        debug_assert_eq!(words.matches("{}").count(), parts.len(), "{words}");
        let mut parts = parts.iter();
        let mut whole = Vec::new();
        for (index, literal) in words.split("{}").enumerate() {
            if index > 0
                && let Some(part) = parts.next()
            {
                whole.extend(part.text().0);
            }
            whole.extend(Self::ours(literal).0);
        }
        Self(whole)
    }

    /// Several with `between` between them.
    pub(crate) fn join(pieces: impl IntoIterator<Item = Self>, between: &'static str) -> Self {
        let mut whole = Vec::new();
        for piece in pieces {
            if !whole.is_empty() {
                whole.push(Piece::Ours(between));
            }
            whole.extend(piece.0);
        }
        Self(whole)
    }

    /// `a, b and c`, or `a, b or c`.
    pub(crate) fn listed(all: impl IntoIterator<Item = Self>, word: &'static str) -> Self {
        let all: Vec<Self> = all.into_iter().collect();
        let count = all.len();
        let each = all.into_iter().enumerate().flat_map(|(at, one)| {
            let before = before(at, count, word).into_iter();
            let before = before.filter(|words| !words.is_empty());
            before.map(Piece::Ours).chain(one.0)
        });
        Self(each.collect())
    }

    /// The same, beginning with a capital.
    #[must_use]
    pub(crate) fn capitalized(mut self) -> Self {
        if let Some(Piece::Ours(words)) = self.0.first()
            && let Some(letter) = words.chars().next()
        {
            let rest = words.strip_prefix(letter).unwrap_or_default();
            self.0[0] = Piece::Plain(format!("{}{rest}", letter.to_uppercase()));
        }
        self
    }

    /// The same without these words of ours.
    #[must_use]
    pub(crate) fn without(self, left_out: &[&str]) -> Self {
        let mut whole = Vec::new();
        for piece in self.0 {
            let Piece::Ours(mut words) = piece else {
                whole.push(piece);
                continue;
            };
            let found = |words: &'static str| {
                let each = left_out.iter().filter_map(|out| words.split_once(out));
                each.min_by_key(|(before, _)| before.len())
            };
            while let Some((before, after)) = found(words) {
                whole.push(Piece::Ours(before));
                words = after;
            }
            whole.push(Piece::Ours(words));
        }
        whole.retain(|piece| *piece != Piece::Ours(""));
        Self(whole)
    }

    /// Whether nothing is said.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For a terminal or the log; `slash` is the slash command's own name, or the program's.
    pub(crate) fn plain(&self, slash: &str) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Either(_, _, other) => other.plain(slash),
            Piece::Ours(words) => {
                let mut parts = words.split(COMMAND);
                let first = parts.next().unwrap_or_default().to_owned();
                parts.fold(first, |said, part| {
                    said + slash + verb_before(part, slash) + part
                })
            }
            Piece::Admins => UNNAMED.to_owned(),
            Piece::Plain(text) => text.clone(),
            Piece::Code(text) => format!("`{}`", cut(text, KEPT).replace('`', "'").trim()),
            Piece::Command(line) => {
                let verb = verb_before(line, slash);
                format!("`{slash}{verb} {}`", line.replace('`', "'"))
            }
            Piece::Link(url, _) => url.clone(),
            Piece::User(user) => format!("@{user}"),
            Piece::Group(group) => format!("@{group}"),
            Piece::Channel(channel) => format!("#{channel}"),
            Piece::Time(at) => clock(*at),
        });
        pieces.collect()
    }

    /// For Slack, where no command is named in it.
    pub(crate) fn said(&self, readers: Readers) -> Mrkdwn {
        let names = |piece: &Piece| match piece {
            Piece::Ours(words) => words.contains(COMMAND),
            Piece::Command(_) => true,
            _ => false,
        };
        debug_assert!(!self.0.iter().any(names), "a command is named: {self:?}");
        self.mrkdwn("", readers)
    }

    /// For Slack, and for what a terminal shows of a card.
    pub(crate) fn mrkdwn(&self, slash: &str, readers: Readers) -> Mrkdwn {
        self.0
            .iter()
            .fold(Mrkdwn::new(), |said, piece| match piece {
                Piece::Ours(words) => {
                    let mut parts = words.split(COMMAND);
                    let first = parts.next().unwrap_or_default();
                    let named = |part| Mrkdwn::of(slash).and(verb_before(part, slash)).and(part);
                    let rest = parts.map(named);
                    rest.fold(said.and(first), |said, part| said.append(&part))
                }
                Piece::Admins => said.and(UNNAMED),
                Piece::Either(_, _, other) => said.append(&other.mrkdwn(slash, readers)),
                Piece::Plain(text) => said.capped(text, WORDS),
                Piece::Code(text) => said.append(&Mrkdwn::new().code_capped(text.trim(), KEPT)),
                Piece::Command(line) => {
                    let line = format!("{slash}{} {line}", verb_before(line, slash));
                    said.command_line(&line, KEPT)
                }
                Piece::Link(url, word) => said.link(url, word),
                Piece::User(user) if readers == Readers::One => said.user(user),
                Piece::Group(group) if readers == Readers::One => said.group(group),
                Piece::Channel(channel) if readers == Readers::One => said.channel(channel),
                Piece::User(user) => said.text(&format!("@{user}")),
                Piece::Group(group) => said.text(&format!("@{group}")),
                Piece::Channel(channel) => said.text(&format!("#{channel}")),
                Piece::Time(at) => said.time(*at),
            })
    }
}

/// What a program's name needs before the rest of a command that leaves out its verb, as Slack's command may.
fn verb_before(rest: &str, slash: &str) -> &'static str {
    let word = rest.split_whitespace().next().unwrap_or_default();
    let has_verb = word
        .trim_matches(|c: char| !c.is_alphanumeric())
        .parse::<CommandVerb>()
        .is_ok();
    match slash.starts_with('/') || has_verb {
        true => "",
        false => " deploy",
    }
}

/// Like `format!`, with every argument kept as what it is; `{/}` is the slash command's name. Gives a
/// [`Phrase`].
macro_rules! phrase {
    ($words:literal $(, $part:expr)* $(,)?) => {
        $crate::reply::phrase::Phrase::of($words, &[$(&$part as &dyn $crate::reply::phrase::Wording),*])
    };
}
pub(crate) use phrase;

impl Wording for Phrase {
    fn text(&self) -> Phrase {
        self.clone()
    }
}

impl<T: AsRef<str>> Wording for Code<T> {
    fn text(&self) -> Phrase {
        Phrase(vec![Piece::Code(self.0.as_ref().to_owned())])
    }
}

impl<T: AsRef<str>> Wording for Typeable<T> {
    fn text(&self) -> Phrase {
        Phrase(vec![Piece::Command(self.0.as_ref().to_owned())])
    }
}

impl<T: AsRef<str>> Wording for Linked<T> {
    fn text(&self) -> Phrase {
        Phrase(vec![Piece::Link(self.0.as_ref().to_owned(), self.1)])
    }
}

impl Wording for Actor {
    fn text(&self) -> Phrase {
        match self {
            Self::Slack { user, .. } => user.text(),
            Self::Operator {
                name: Some(name), ..
            } => name.text(),
            Self::Operator { arn, name: None } => Code(last_part(arn)).text(),
            Self::Ci { name } => phrase!("pipeline `{}`", name.as_str()),
            Self::Longshore => Phrase::ours("Longshore"),
        }
    }
}

impl Wording for UserId {
    fn text(&self) -> Phrase {
        Phrase(vec![Piece::User(self.clone())])
    }
}

impl Wording for GroupId {
    fn text(&self) -> Phrase {
        Phrase(vec![Piece::Group(self.clone())])
    }
}

impl Wording for Member {
    fn text(&self) -> Phrase {
        match self {
            Self::User(user) => user.text(),
            Self::Group(group) => group.text(),
        }
    }
}

impl Wording for ChannelId {
    fn text(&self) -> Phrase {
        Phrase(vec![Piece::Channel(self.clone())])
    }
}

impl Wording for Timestamp {
    fn text(&self) -> Phrase {
        Phrase(vec![Piece::Time(*self)])
    }
}

impl<T: Wording + ?Sized> Wording for &T {
    fn text(&self) -> Phrase {
        (**self).text()
    }
}

impl Wording for str {
    fn text(&self) -> Phrase {
        Phrase(vec![Piece::Plain(self.to_owned())])
    }
}

impl Wording for String {
    fn text(&self) -> Phrase {
        self.as_str().text()
    }
}

macro_rules! by_display {
    ($($name:ty),*) => {$(
        impl Wording for $name {
            fn text(&self) -> Phrase {
                Phrase(vec![Piece::Plain(self.to_string())])
            }
        }
    )*};
}

by_display!(AppName, ContainerName, DeployId, EnvName, Ref, usize, u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_mention_only_where_one_person_reads_it() {
        let user: UserId = "U024BE7LH".parse().unwrap();
        let text = phrase!("Ask {} in {}.", user, "C1&2".to_owned());
        assert_eq!(text.plain("/deploy"), "Ask @U024BE7LH in C1&2.");
        let one = text.mrkdwn("/deploy", Readers::One);
        assert_eq!(one.as_str(), "Ask <@U024BE7LH> in C1&amp;2.");
        let all = text.mrkdwn("/deploy", Readers::All);
        assert_eq!(all.as_str(), "Ask @U024BE7LH in C1&amp;2.");
    }

    #[test]
    fn what_aws_says_is_not_cut_short() {
        let said = "AWS says: ".to_owned() + &"x".repeat(490);
        let text = phrase!("Nothing was started: {}", said);
        let shown = text.mrkdwn("/deploy", Readers::All);
        assert!(shown.as_str().ends_with("xxx"), "{shown:?}");
        let code = phrase!("{}", Code("x".repeat(300))).mrkdwn("/deploy", Readers::One);
        assert_eq!(code.as_str().matches('x').count(), 300);
    }

    #[test]
    fn whoever_runs_longshore_is_named_where_somebody_knows_them() {
        let member = |id: &str| id.parse::<Member>().unwrap();
        let text = phrase!("{}: ask {admins} to mend it.", Code("{admins}"));
        assert_eq!(
            text.plain("/ship"),
            "`{admins}`: ask the people who run Longshore to mend it."
        );
        let admins = [member("U024BE7LH"), member("@S0614TZR7")];
        let read = |reader: Option<&str>| {
            let reader = reader.map(|id| id.parse().unwrap());
            let named = text.clone().naming(&admins, reader.as_ref());
            named.mrkdwn("/ship", Readers::One).as_str().to_owned()
        };
        let named = "`{admins}`: ask <@U024BE7LH> or <!subteam^S0614TZR7> to mend it.";
        assert_eq!(read(None), named);
        assert_eq!(read(Some("U061F7AUR")), named);
        assert_eq!(read(Some("U024BE7LH")), "`{admins}`: as an admin, mend it.");
        let alone = phrase!("Tell {admins}. Ask {admins} to add it.");
        let alone = alone.naming(&admins[..1], Some(&"U024BE7LH".parse().unwrap()));
        assert_eq!(
            alone.plain("/ship"),
            "Tell the people who run Longshore. As an admin, add it."
        );
    }

    #[test]
    fn words_of_ours_are_left_out_and_nobody_elses() {
        let out = &[" Gone.", "; gone"];
        for (text, left) in [
            (
                phrase!("A. Gone. B {}; gone. Gone.", " Gone."),
                "A. B  Gone..",
            ),
            (phrase!("{} stays", Code("x; gone")), "`x; gone` stays"),
            (phrase!(" Gone."), ""),
        ] {
            assert_eq!(text.without(out).plain("/ship"), left);
        }
        assert!(phrase!(" Gone.").without(out).is_empty());
    }

    /// In Slack a command without a verb deploys; a program wants it said.
    #[test]
    fn a_line_for_a_terminal_has_its_verb() {
        let line = Typeable("webapp:1.0.2 to staging");
        let text = phrase!("Type {}, `{/} {} to beta` or `{/} help`.", line, "cms");
        let here = "Type `longshore deploy webapp:1.0.2 to staging`, `longshore deploy cms to beta` or `longshore help`.";
        assert_eq!(text.plain("longshore"), here);
        assert_eq!(text.mrkdwn("longshore", Readers::One).as_str(), here);
        let there = here
            .replace("longshore deploy", "/ship")
            .replace("longshore", "/ship");
        assert_eq!(text.plain("/ship"), there);
    }

    #[test]
    fn only_our_own_words_name_the_command_and_only_names_are_mentions() {
        let typed = "`{/} @U024BE7LH <!here> `/deploy x`";
        let text = phrase!("{} is no command: `{/} help`.", Code(typed));
        assert_eq!(
            text.plain("/ship"),
            "`'{/} @U024BE7LH <!here> '/deploy x'` is no command: `/ship help`."
        );
        assert_eq!(
            text.mrkdwn("/ship", Readers::One).as_str(),
            "`'{/} @U024BE7LH &lt;!here&gt; '/deploy x'` is no command: `/ship help`."
        );
    }
}
