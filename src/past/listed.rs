//! Which entries of a history are listed, and how many are not.

use super::{Marked, changed_something};
use crate::command::HistoryScope;

/// The entries that are listed, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// They.
    pub entries: Vec<Marked>,
    /// How many among them, and before the first, changed nothing and are left out for that.
    pub left_out: usize,
    /// How many are older, and would be listed if there were room.
    pub older: usize,
}

/// The newest `most` of these entries that are asked for.
pub fn listed(history: Vec<Marked>, scope: HistoryScope, most: usize) -> Listed {
    let mut listed = Listed::default();
    for one in history {
        let wanted = match scope {
            HistoryScope::Changes => changed_something(&one.past),
            HistoryScope::All => true,
        };
        match (wanted, listed.entries.len() < most) {
            (true, true) => listed.entries.push(one),
            (true, false) => listed.older += 1,
            (false, true) => listed.left_out += 1,
            // It is older than all that is listed.
            (false, false) => {}
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::past::marked;
    use crate::record::Verdict;

    #[test]
    fn what_changed_nothing_is_left_out_and_counted_down_to_the_last_that_is_listed() {
        let entry = |name: &str, verdict| {
            let mut past = fixtures::past(name, true, Some(verdict));
            past.started_at = (verdict != Verdict::Refused).then_some(past.requested_at);
            past
        };
        let refused = || entry("no", Verdict::Refused);
        let history = [
            refused(),
            entry("3", Verdict::Succeeded),
            refused(),
            entry("2", Verdict::Failed),
            refused(),
            entry("1", Verdict::Succeeded),
        ];
        for (scope, most, names, left_out, older) in [
            (HistoryScope::Changes, 9, "3 2 1", 3, 0),
            (HistoryScope::Changes, 3, "3 2 1", 3, 0),
            (HistoryScope::Changes, 2, "3 2", 2, 1),
            (HistoryScope::All, 9, "no 3 no 2 no 1", 0, 0),
            (HistoryScope::All, 2, "no 3", 0, 4),
        ] {
            let listed = listed(marked(history.to_vec()), scope, most);
            let entries = listed.entries.iter().map(|one| one.past.label.as_str());
            assert_eq!(entries.collect::<Vec<_>>().join(" "), names);
            assert_eq!((listed.left_out, listed.older), (left_out, older));
        }
    }
}
