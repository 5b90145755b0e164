//! The low step: exactly which words were typed, once Slack's encodings and what keyboards do to
//! text are undone, and without the courtesies around them. It knows no names and no verbs.

use std::collections::BTreeMap;

use super::lexicon::{STOPS, is_forgiven};
use crate::names::{UserId, is_invisible, plain_spelling};

/// The longest text that is read, in characters. Slack allows more; nobody types more.
pub const MAX_CHARS: usize = 2000;

/// What is stripped from both ends of a word.
pub(super) const QUOTES: &[char] = &['"', '\'', '`'];

/// The words that were typed.
pub(super) struct Typed {
    words: Vec<String>,
    /// Whom a word names that Slack wrote down as a mention; `None` where it names two people.
    people: BTreeMap<String, Option<UserId>>,
}

impl Typed {
    /// `None` when the text is longer than [`MAX_CHARS`].
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_CHARS && text.chars().count() > MAX_CHARS {
            return None;
        }
        let mut people = BTreeMap::new();
        let words = tidy(text, &mut people)
            .split_whitespace()
            .map(|word| word.trim_matches(QUOTES).to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        Some(Self { words, people })
    }

    /// Every word but the courtesies at both ends and the stop behind the last one; what is somebody's
    /// name is none of these. Something is always left of what was something.
    pub(super) fn without_courtesies(mut self, is_name: impl Fn(&str) -> bool) -> Self {
        let words = &mut self.words;
        while words.len() > 1
            && words
                .first()
                .is_some_and(|word| is_courtesy(word, &is_name))
        {
            words.remove(0);
        }
        loop {
            let alone = words.len() == 1;
            let Some(last) = words.last_mut() else {
                return self;
            };
            // Git allows an exclamation mark in a ref, and a ref behind its sign is taken as it is.
            let stops = match last.starts_with([':', '@']) {
                true => &['.', '?', '…'][..],
                false => &STOPS,
            };
            let kept = last.trim_end_matches(stops).len();
            match kept {
                0 if alone => return self,
                0 => {
                    words.pop();
                    continue;
                }
                _ => last.truncate(kept),
            }
            match alone || !is_courtesy(last, &is_name) {
                true => return self,
                false => drop(words.pop()),
            }
            // "webapp to staging, please"
            if let Some(last) = words.last_mut()
                && last.len() > 1
                && last.ends_with(',')
            {
                last.pop();
            }
        }
    }

    /// The words, none of them empty.
    pub(super) fn words(&self) -> &[String] {
        &self.words
    }

    /// Whom a word names, where Slack says so.
    pub(super) fn mentioned(&self, word: &str) -> Option<&UserId> {
        self.people.get(word)?.as_ref()
    }
}

fn is_courtesy(word: &str, is_name: impl Fn(&str) -> bool) -> bool {
    let word = word.trim_end_matches([',', '.', '!']);
    is_forgiven(word) && !is_name(word)
}

/// Undoes, in one pass and once only, Slack's links and entities
/// (<https://docs.slack.dev/messaging/formatting-message-text>) and typographic characters.
fn tidy(text: &str, people: &mut BTreeMap<String, Option<UserId>>) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some((inside, after)) = rest[1..].split_once('>')
            && !inside.contains('<')
        {
            let said = linked(inside);
            note_person(inside, &said, people);
            push_plain(&mut tidied, &said);
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

/// Notes whom a mention names, under what is left of it.
fn note_person(inside: &str, said: &str, people: &mut BTreeMap<String, Option<UserId>>) {
    let target = inside.split('|').next().unwrap_or(inside);
    let user = target.strip_prefix('@');
    let user = user.and_then(|id| id.parse::<UserId>().ok());
    let Some(user) = user else {
        return;
    };
    let mut word = String::new();
    push_plain(&mut word, said);
    let named = people.entry(word).or_insert_with(|| Some(user.clone()));
    if named.as_ref() != Some(&user) {
        *named = None;
    }
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
