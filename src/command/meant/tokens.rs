//! The words of a text one by one, as what was meant is looked for among them.

use super::super::Vocabulary;
use super::super::lexicon::{self, sense};
use super::MARKS;

/// What divides one word from the next, where people type no space.
const BETWEEN: &[char] = &[',', '&', '+', ';', '=', '→', '>', '|'];

/// A word by itself.
pub(super) struct Spoken {
    pub(super) text: String,
    /// It is the first of all, where a verb stands, and no place follows.
    pub(super) leads: bool,
    /// It is the first of all.
    pub(super) first: bool,
    /// A comma stands around it, as in a list of applications.
    pub(super) listed: bool,
    /// A preposition stands before it.
    pub(super) placed: bool,
}

/// The words one by one. What a flag is called says nothing, what it is given does.
pub(super) fn tokens(words: &[String], vocabulary: &Vocabulary) -> Vec<Spoken> {
    let mut tokens: Vec<Spoken> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let word = &narrow(word);
        let is_known = |word: &str| sense(word).is_some();
        let parts = match word.split_once([':', '-']) {
            _ if is_known(word) => vec![word.as_str()],
            // `deploy-production`
            Some((verb, name)) if is_known(verb) && vocabulary.is_name(name) => vec![verb, name],
            // `releases:rollback`, `deploy-lock`
            Some((topic, verb))
                if is_known(verb)
                    && !topic.is_empty()
                    && (word.contains(':') || is_known(topic)) =>
            {
                vec![verb]
            }
            _ => word.split(BETWEEN).collect(),
        };
        for part in parts {
            let text = match is_known(part) {
                true => part,
                false => part.trim_matches(MARKS),
            };
            let is_emoji = at > 0 && part.len() > 2 && part.starts_with(':') && part.ends_with(':');
            if text.is_empty() || is_flag(part) || is_emoji {
                continue;
            }
            let place_follows = words
                .get(at + 1)
                .is_some_and(|next| lexicon::is_preposition(next));
            tokens.push(Spoken {
                text: text.to_owned(),
                leads: at == 0 && tokens.is_empty() && !place_follows,
                first: at == 0 && tokens.is_empty(),
                listed: word.contains(','),
                placed: false,
            });
        }
    }
    tokens
}

/// A word as a keyboard for narrow letters would have typed it.
/// <https://www.unicode.org/charts/PDF/UFF00.pdf>
fn narrow(word: &str) -> String {
    word.chars()
        .map(|c| match u32::from(c) {
            wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// `--environment`, `-e`; not `-h`, which is a verb.
fn is_flag(word: &str) -> bool {
    word.starts_with('-') && word.len() > 1 && sense(word).is_none()
}
