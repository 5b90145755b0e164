//! A message at a terminal: the same words, without Slack's markup, pictures and buttons, and without
//! characters of ours that a terminal may lack. What people wrote stays as it is.

use std::iter::Peekable;
use std::str::Chars;

use super::{Message, Shape, Text};
use crate::slack::text::Mrkdwn;

/// Characters of ours, and how a terminal spells them.
const SPELT: [(char, &str); 7] = [
    ('→', "->"),
    ('…', "..."),
    ('·', "-"),
    ('•', "-"),
    ('¦', "|"),
    ('▓', "#"),
    ('░', "."),
];

/// The longest name of a picture, `:hourglass_flowing_sand:`, with room for more.
const PICTURE: usize = 40;

impl Message {
    /// What the message says, line by line. Headings stand as they are, facts as `name: value`; buttons
    /// are left out, because there is nothing to press.
    pub fn plain(&self) -> Vec<String> {
        if self.blocks.is_empty() {
            return lines(&self.text.plain());
        }
        let blocks = self.blocks.iter().map(|block| block.0.plain());
        blocks.flatten().collect()
    }
}

impl Mrkdwn {
    /// The same words at a terminal.
    pub fn plain(&self) -> String {
        unmarked(self.as_str())
    }
}

impl Shape {
    fn plain(&self) -> Vec<String> {
        match self {
            Self::Header { text } => lines(&text.words()),
            Self::Section { text, fields } => {
                let text = text.iter().flat_map(|text| lines(&text.words()));
                let facts = fields.iter().map(|fact| {
                    let fact = fact.words();
                    match fact.split_once('\n') {
                        Some((name, value)) => {
                            format!("{name}: {}", value.replace('\n', " "))
                        }
                        None => fact,
                    }
                });
                text.chain(facts).collect()
            }
            Self::Input(input) => lines(&input.label().words()),
            Self::Context { elements } => {
                let all = elements.iter().flat_map(|text| lines(&text.words()));
                all.collect()
            }
            Self::Actions { .. } | Self::Divider => Vec::new(),
        }
    }
}

impl Text {
    fn words(&self) -> String {
        match self {
            Self::PlainText { text, .. } => text.chars().map(spelt).collect(),
            Self::Mrkdwn { text, .. } => unmarked(text),
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.trim_end().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

fn spelt(c: char) -> String {
    let known = SPELT.iter().find(|(ours, _)| *ours == c);
    known.map_or_else(|| c.to_string(), |(_, spelt)| (*spelt).to_owned())
}

/// Slack's markup (<https://docs.slack.dev/messaging/formatting-message-text>) as words: links as
/// their labels, mentions as `@U…`, times in UTC. A span of code keeps its backticks where it holds a
/// space, so that one sees where it ends.
fn unmarked(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let (said, left) = match c {
            '`' => code(rest),
            '<' => match after.split_once('>') {
                Some((inside, left)) => (entity(inside), left),
                None => ("<".to_owned(), after),
            },
            '*' if is_bold(&words, after) => (String::new(), after),
            ':' => match picture(after) {
                Some(left) => (String::new(), left.strip_prefix(' ').unwrap_or(left)),
                None => (":".to_owned(), after),
            },
            c => (spelt(c), after),
        };
        words.push_str(&said);
        rest = left;
    }
    unescaped(&words)
}

/// A span or a block of code at the front of `text`, and what follows it.
fn code(text: &str) -> (String, &str) {
    if let Some((inside, rest)) = text
        .strip_prefix("```")
        .and_then(|text| text.split_once("```"))
    {
        let indented = inside.lines().map(|line| format!("\n  {line}"));
        return (indented.chain(["\n".to_owned()]).collect(), rest);
    }
    match text[1..].split_once('`') {
        Some((inside, rest)) if inside.contains(' ') => (format!("`{inside}`"), rest),
        Some((inside, rest)) => (inside.to_owned(), rest),
        None => ("`".to_owned(), &text[1..]),
    }
}

/// What stands between `<` and `>`.
fn entity(inside: &str) -> String {
    let (target, label) = match inside.split_once('|') {
        Some((target, label)) => (target, Some(label)),
        None => (inside, None),
    };
    match (target.strip_prefix("!subteam^"), label) {
        (Some(group), _) => format!("@{group}"),
        (None, Some(label)) if target.starts_with("https://") => format!("{label} ({target})"),
        (None, Some(label)) => label.to_owned(),
        (None, None) => target.to_owned(),
    }
}

/// Whether an asterisk begins or ends something bold: it stands at the edge of a word.
fn is_bold(before: &str, after: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let (before, after) = (before.chars().next_back(), after.chars().next());
    let apart = |c: Option<char>| c.is_none_or(char::is_whitespace);
    (edge(before) || edge(after)) && !(apart(before) && apart(after))
}

/// What follows a picture's name whose first colon has been read.
fn picture(text: &str) -> Option<&str> {
    let (name, rest) = text.split_once(':')?;
    let named = |c: char| c.is_ascii_lowercase() || c == '_';
    let is_name = (1..PICTURE).contains(&name.len()) && name.chars().all(named);
    is_name.then_some(rest)
}

/// Slack's three entities as the characters that they stand for, once.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '&' => escaped(&mut chars),
            c => c,
        });
    }
    plain
}

fn escaped(chars: &mut Peekable<Chars<'_>>) -> char {
    for (entity, meant) in [("amp;", '&'), ("lt;", '<'), ("gt;", '>')] {
        if chars.clone().take(entity.len()).eq(entity.chars()) {
            for _ in 0..entity.len() {
                chars.next();
            }
            return meant;
        }
    }
    '&'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::blocks::Block;
    use proptest::prelude::*;

    #[test]
    fn markup_becomes_words() {
        let user = "U024BE7LH".parse().unwrap();
        let channel = "C0MGMT".parse().unwrap();
        let at = jiff::Timestamp::from_second(1_392_734_382).unwrap();
        for (said, plain) in [
            (
                Mrkdwn::raw(":warning: *Rolled back.* by ").user(&user),
                "Rolled back. by @U024BE7LH",
            ),
            (
                Mrkdwn::raw("in ").channel(&channel).and(" at ").time(at),
                "in #C0MGMT at 2014-02-18 14:39 UTC",
            ),
            (Mrkdwn::new().code("1.0.2").and(" runs"), "1.0.2 runs"),
            (
                Mrkdwn::raw("Type ").code("longshore show x"),
                "Type `longshore show x`",
            ),
            (Mrkdwn::of("<!channel> & *x*"), "<!channel> & x"),
            (Mrkdwn::of("&lt;"), "&lt;"),
            (Mrkdwn::of("2 * 3 : 4"), "2 * 3 : 4"),
            (Mrkdwn::raw("• a → b · c…"), "- a -> b - c..."),
            (
                Mrkdwn::new().link("https://github.com/a?b=1&c=2", "log"),
                "log (https://github.com/a?b=1&c=2)",
            ),
            (
                Mrkdwn::raw("Logs: ").code_block("one\ntwo", 100),
                "Logs: \n  one\n  two\n",
            ),
        ] {
            assert_eq!(said.plain(), plain, "{said}");
        }
    }

    #[test]
    fn a_message_is_read_line_by_line() {
        let message = Message::new(Mrkdwn::raw("unread")).blocks([
            Block::header("Deploy: webapp · staging"),
            Block::section(Mrkdwn::raw("*Succeeded.*\n\nAnd more")),
            Block::fields([Mrkdwn::raw("*From*\n1.0.1"), Mrkdwn::raw("*To*\n1.0.2")]),
            Block::divider(),
            Block::context([Mrkdwn::raw("Deploy "), Mrkdwn::new().code("4f2k9x0a")]),
        ]);
        insta::assert_snapshot!(message.plain().join("\n"), @r"
        Deploy: webapp - staging
        Succeeded.
        And more
        From: 1.0.1
        To: 1.0.2
        Deploy
        4f2k9x0a
        ");
        let bare = Message::new(Mrkdwn::raw("*Just* this"));
        assert_eq!(bare.plain(), ["Just this"]);
    }

    proptest! {
        #[test]
        fn nothing_that_people_write_controls_a_terminal(text in any::<String>()) {
            let said = Mrkdwn::of(&text).code(&text).code_block(&text, 300);
            let plain = said.plain();
            prop_assert!(!plain.contains(|c: char| c.is_control() && c != '\n'));
        }

        #[test]
        fn what_is_harmless_is_kept(text in "[a-zA-Z0-9<>&.,()-]{0,60}") {
            prop_assert_eq!(Mrkdwn::of(&text).plain(), text);
        }
    }
}
