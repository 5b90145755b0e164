//! The time that somebody may have meant.

use super::super::Vocabulary;
use super::super::lexicon::{self, sense};
use super::super::moment::{self, Moment, Period};
use crate::names::near;

/// The words, without slips in the words of days.
pub(super) fn plain(words: &[String], vocabulary: &Vocabulary) -> Vec<String> {
    let days = [lexicon::SINCE, lexicon::TODAY, lexicon::YESTERDAY];
    let plain = words.iter().map(|word| {
        let word = word.trim_matches([',', '(', ')']);
        let lower = word.to_ascii_lowercase();
        let known = vocabulary.is_name(word) || sense(word).is_some() || word.len() < 4;
        let near = near::nearest(&lower, days.map(|day| (day, day)));
        // A weekday ends like today, and is another day.
        near.filter(|near| !known && lower.starts_with(&near[..1]))
            .map_or_else(|| word.to_owned(), str::to_owned)
    });
    plain.collect()
}

/// The first time among the plain words.
pub(super) fn period(plain: &[String]) -> Option<Period> {
    (0..plain.len()).find_map(|at| {
        let since = plain[at].eq_ignore_ascii_case(lexicon::SINCE);
        let (read, _) = moment::read(&plain[at + usize::from(since)..])?;
        Some(match (read.day, read.time) {
            (Some(day), None) if !since => Period::Day(day),
            _ => Period::Since(read),
        })
    })
}

/// The first time of a day among them, unless it is one from which on something is asked for.
pub(super) fn moment(plain: &[String]) -> Option<Moment> {
    let since = |word: &String| word.eq_ignore_ascii_case(lexicon::SINCE);
    if plain.iter().any(since) {
        return None;
    }
    let mut moments = (0..plain.len()).filter_map(|at| moment::read(&plain[at..]));
    let found = moments.find(|(moment, _)| moment.time.is_some());
    found.map(|(moment, _)| moment)
}
