//! The marks of what was rolled back from, for whoever reads the history.

use std::collections::BTreeMap;

use super::Stack;
use crate::names::version::Left;
use crate::names::{AppName, EnvName};
use crate::record::Past;

/// An entry of the history, with its mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The entry.
    pub past: Past,
    /// How it was rolled back from, if it was and nobody has wanted it since.
    pub left: Option<Left>,
}

impl Stack<'_> {
    /// The rollback that left what this very entry brought, unless somebody has deployed the same again since: another
    /// entry that brought the same was not rolled back.
    fn own_mark(&self, past: &Past) -> Option<Left> {
        let layer = self.layer_of(&past.entry())?;
        let mut marks = self.marks.iter().rev();
        let mark = marks.find(|mark| mark.layer == layer)?;
        Some(mark.by.leaves())
    }

    /// The rollback that left an image, in the same way.
    pub(crate) fn mark_of_image(&self, digest: &str) -> Option<Left> {
        let mut marks = self.marks.iter().rev();
        let mark = marks.find(|mark| {
            let mut digests = self.layers[mark.layer].ran.digests.iter();
            digests.any(|(_, own)| own == digest)
        })?;
        Some(mark.by.leaves())
    }
}

/// Marks entries of any places, newest first, as far as these entries tell.
pub fn marked(history: Vec<Past>) -> Vec<Marked> {
    let mut places: BTreeMap<(AppName, EnvName), Vec<Past>> = BTreeMap::new();
    for past in &history {
        let place = (past.application.clone(), past.environment.clone());
        places.entry(place).or_default().push(past.clone());
    }
    let stacks = places
        .iter()
        .map(|(place, history)| (place, Stack::of(history)));
    let stacks: BTreeMap<_, _> = stacks.collect();
    let marked = history.iter().map(|past| {
        let place = (past.application.clone(), past.environment.clone());
        let stack = stacks.get(&place).filter(|_| past.took_effect());
        stack.and_then(|stack| stack.own_mark(past))
    });
    let marks: Vec<Option<Left>> = marked.collect();
    let entries = history.into_iter().zip(marks);
    entries.map(|(past, left)| Marked { past, left }).collect()
}
