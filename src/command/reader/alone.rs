//! A verb and nothing else, which says something where it is plain what it is about.

use super::{CommandVerb, Reader};

impl Reader<'_> {
    /// The verb, where no other word says anything: `rollback`, `why not`, `cancel this`.
    pub(in crate::command) fn verb_alone(&mut self) -> Option<CommandVerb> {
        self.take_verb().ok()?;
        if self.verb == CommandVerb::WhyNot {
            self.skip(&["not"]);
        }
        if !self.names_next() {
            self.skip(&["this", "that", "it"]);
        }
        let alone = self.rest.is_empty() && !self.led_by_name;
        alone.then_some(self.verb)
    }
}
