//! Going away from what a card brought: whether that is there at all.

use super::{Live, Stack, runs_already};
use crate::names::version::Gone;
use crate::record::Past;
use crate::request::Entry;

impl Stack<'_> {
    /// Makes sure that a rollback can go away from what an entry brought; the error says why there is
    /// nothing to go away from.
    ///
    /// # Errors
    ///
    /// [`Gone`], with what came instead.
    pub fn there(&self, entry: &Entry, live: Live<'_>) -> Result<(), Gone> {
        let newest = || self.history.iter().find(|past| past.took_effect());
        let Some(past) = self.entry(entry) else {
            return Err(Gone {
                label: None,
                left: newest().map(Past::leaves),
            });
        };
        let gone = |by: Option<&Past>| {
            Err(Gone {
                label: Some(past.runs()),
                left: by.map(Past::leaves),
            })
        };
        let live = match live {
            Live::Runs(live) if !live.is_empty() => live,
            // Nobody can tell: then it is what the history says.
            Live::Runs(_) | Live::NotSeen => &[],
        };
        if runs_already(past, live) {
            return Ok(());
        }
        let top = self.top.map(|top| self.layers[top].ran);
        if past.took_effect() {
            return match self.layer_of(entry) {
                Some(layer) if self.top == Some(layer) && live.is_empty() => Ok(()),
                Some(layer) if self.top == Some(layer) => gone(self.attempts.first().copied()),
                Some(layer) => gone(self.layers[layer].left_for),
                None => gone(newest()),
            };
        }
        let place = self.attempts.iter().position(|one| one.entry() == *entry);
        let Some(place) = place else {
            return gone(newest());
        };
        let own = |entry: &&(String, String)| top.is_none_or(|top| !top.digests.contains(entry));
        let mut brought = past.digests.iter().filter(own).peekable();
        // A restart brings nothing of its own.
        let nothing = brought.peek().is_none();
        match nothing || live.is_empty() || brought.any(|entry| live.contains(entry)) {
            true => Ok(()),
            false => gone(self.attempts[..place].first().copied()),
        }
    }
}
