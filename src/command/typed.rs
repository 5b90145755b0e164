//! The low step: exactly which words were typed, once Slack's encodings and what keyboards do to
//! text are undone. It knows verbs, because they decide how the rest reads, but no names.

use super::usage::CommandVerb;
use crate::names::{is_invisible, plain_spelling};

/// The longest text that is read, in characters. Slack allows more; nobody types more.
pub const MAX_CHARS: usize = 2000;

/// What is stripped from both ends of a word.
pub(super) const QUOTES: &[char] = &['"', '\'', '`'];

/// The words that were typed, and the verb they begin with.
pub(super) struct Typed {
    verb: Option<CommandVerb>,
    said_deploy: bool,
    words: Vec<String>,
}

impl Typed {
    /// `None` when the text is longer than [`MAX_CHARS`].
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_CHARS && text.chars().count() > MAX_CHARS {
            return None;
        }
        let mut words: Vec<String> = tidy(text)
            .split_whitespace()
            .map(|word| word.trim_matches(QUOTES).to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        let mut verb = take_verb(&mut words);
        let said_deploy = verb == Some(CommandVerb::Deploy);
        if said_deploy {
            // `/deploy deploy webapp` and `/deploy deploy rollback webapp` both happen.
            verb = take_verb(&mut words);
        }
        Some(Self {
            verb,
            said_deploy,
            words,
        })
    }

    /// The verb other than a leading `deploy`, if there is one.
    pub(super) fn verb(&self) -> Option<CommandVerb> {
        self.verb
    }

    /// Whether the text began with `deploy`.
    pub(super) fn said_deploy(&self) -> bool {
        self.said_deploy
    }

    /// Everything after the verb, never empty words.
    pub(super) fn words(&self) -> &[String] {
        &self.words
    }
}

fn take_verb(words: &mut Vec<String>) -> Option<CommandVerb> {
    let verb = words.first()?.parse().ok()?;
    words.remove(0);
    Some(verb)
}

/// Undoes, in one pass and once only, Slack's links and entities
/// (<https://docs.slack.dev/messaging/formatting-message-text>) and typographic characters.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some((inside, after)) = rest[1..].split_once('>')
            && !inside.contains('<')
        {
            push_plain(&mut tidied, &linked(inside));
            rest = after;
        } else {
            let start = c.len_utf8();
            let plain = rest[start..].find('<').map_or(rest.len(), |at| at + start);
            push_plain(&mut tidied, &rest[..plain]);
            rest = &rest[plain..];
        }
    }
    tidied
}

/// What a person typed where Slack now has `<inside>`.
fn linked(inside: &str) -> String {
    let (target, label) = match inside.split_once('|') {
        Some((target, label)) => (target, Some(label)),
        None => (inside, None),
    };
    // A mention's label leaves out the sign that was typed; a user group's has it.
    let sign = target.chars().next().filter(|c| "@#".contains(*c));
    match (sign, label.filter(|label| !label.is_empty())) {
        (Some(sign), Some(label)) => format!("{sign}{label}"),
        (_, Some(label)) => label.to_owned(),
        // `<!channel>` and its like are nobody's ref or name: kept as they are, to be refused.
        (_, None) if target.starts_with('!') => format!("<{inside}>"),
        (_, None) => target.to_owned(),
    }
}

fn push_plain(tidied: &mut String, encoded: &str) {
    let mut rest = encoded;
    while let Some(c) = rest.chars().next() {
        let entity = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')]
            .into_iter()
            .find(|(entity, _)| rest.starts_with(entity));
        if let Some((entity, meant)) = entity {
            tidied.push(meant);
            rest = &rest[entity.len()..];
            continue;
        }
        match plain_spelling(c) {
            Some(plain) => tidied.push_str(plain),
            None if is_invisible(c) => {}
            None => tidied.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
}
