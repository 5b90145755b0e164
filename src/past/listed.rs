//! Which entries of a history are listed, and how many are not.

use jiff::Timestamp;

use super::{Marked, changed_something};
use crate::command::HistoryScope;
use crate::command::moment::Within;
use crate::record::Past;

/// The entries that are listed, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// They.
    pub entries: Vec<Marked>,
    /// How many among them, and before the first, changed nothing and are left out for that.
    pub left_out: usize,
    /// How many are older, and would be listed if there were room.
    pub older: usize,
    /// When the oldest entry ended that was looked at, where older ones may be what was asked for.
    pub looked_back_to: Option<Timestamp>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct WantedEntries {
    /// Which entries.
    pub scope: HistoryScope,
    /// Only those of that time.
    pub within: Option<Within>,
    /// So many at most.
    pub most: usize,
}

/// The newest of these entries that are wanted. `is_all` says whether they are all that there are.
pub fn listed(history: Vec<Marked>, wanted: &WantedEntries, is_all: IsAll) -> Listed {
    let mut listed = Listed::default();
    let within = |one: &Marked| {
        let within = wanted.within.as_ref();
        within.is_none_or(|within| within.holds(one.past.when()))
    };
    for one in history.into_iter().filter(within) {
        let is_wanted = match wanted.scope {
            HistoryScope::Changes => changed_something(&one.past),
            HistoryScope::All => true,
        };
        match (is_wanted, listed.entries.len() < wanted.most) {
            (true, true) => listed.entries.push(one),
            (true, false) => listed.older += 1,
            (false, true) => listed.left_out += 1,
            // It is older than all that is listed.
            (false, false) => {}
        }
    }
    if let IsAll::DownTo(oldest) = is_all {
        let older_fit = match &wanted.within {
            Some(within) => oldest >= within.from.at,
            None => listed.entries.len() < wanted.most,
        };
        listed.looked_back_to = older_fit.then_some(oldest);
    }
    listed
}

/// Whether a history that was read has an end that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsAll {
    /// It has, and it was.
    Yes,
    /// As many entries were read as are read at most, whosever they are: the oldest ended then, and nobody looked
    /// at what is older.
    DownTo(Timestamp),
}

impl IsAll {
    /// Of what was read, `most` at most, newest first, before anything was left out of it.
    pub fn of(read: &[Past], most: i32) -> Self {
        match (usize::try_from(most), read.last()) {
            (Ok(most), Some(oldest)) if read.len() >= most => Self::DownTo(oldest.when()),
            _ => Self::Yes,
        }
    }

    /// Of both together: what is older than the less complete one reaches was not looked at there.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, other) | (other, Self::Yes) => other,
            (Self::DownTo(one), Self::DownTo(two)) => Self::DownTo(one.max(two)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::command::moment::{Clock, MomentMeant};
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
            let wanted = WantedEntries {
                scope,
                within: None,
                most,
            };
            let listed = listed(marked(history.to_vec()), &wanted, IsAll::Yes);
            let entries = listed.entries.iter().map(|one| one.past.label.as_str());
            assert_eq!(entries.collect::<Vec<_>>().join(" "), names);
            assert_eq!((listed.left_out, listed.older), (left_out, older));
        }
    }
    #[test]
    fn only_what_ended_within_a_time_is_listed_and_what_may_be_older_is_told() {
        let entry = |at: i64| {
            let mut past = fixtures::past(&at.to_string(), true, Some(Verdict::Succeeded));
            past.ended_at = Some(fixtures::at(at));
            past
        };
        let history = [entry(40), entry(30), entry(20), entry(10)];
        let from = |at| MomentMeant {
            at: fixtures::at(at),
            clock: Clock::Once,
        };
        let within = |start, end: Option<i64>| {
            Some(Within {
                from: from(start),
                until: end.map(fixtures::at),
            })
        };
        let down_to = |at| IsAll::DownTo(fixtures::at(at));
        for (within, most, is_all, names, older, back_to) in [
            (within(20, None), 9, down_to(10), "40 30 20", 0, None),
            (within(20, Some(40)), 9, IsAll::Yes, "30 20", 0, None),
            (within(20, None), 2, IsAll::Yes, "40 30", 1, None),
            (within(10, None), 9, down_to(10), "40 30 20 10", 0, Some(10)),
            (within(0, None), 2, down_to(10), "40 30", 2, Some(10)),
            (within(0, None), 9, IsAll::Yes, "40 30 20 10", 0, None),
            (within(50, None), 9, down_to(10), "", 0, None),
            (None, 4, down_to(10), "40 30 20 10", 0, None),
            (None, 5, down_to(10), "40 30 20 10", 0, Some(10)),
            // Of others' entries were so many that nobody looked any further back.
            (within(20, None), 9, down_to(35), "40 30 20", 0, Some(35)),
            (within(41, None), 9, down_to(45), "", 0, Some(45)),
        ] {
            let wanted = WantedEntries {
                scope: HistoryScope::Changes,
                within,
                most,
            };
            let listed = listed(marked(history.to_vec()), &wanted, is_all);
            let entries = listed.entries.iter().map(|one| one.past.label.as_str());
            assert_eq!(entries.collect::<Vec<_>>().join(" "), names);
            assert_eq!(listed.older, older, "{names}");
            assert_eq!(listed.looked_back_to, back_to.map(fixtures::at), "{names}");
        }
    }

    #[test]
    fn what_is_read_of_several_places_reaches_as_far_back_as_the_least_of_them() {
        let entry = |at: i64| {
            let mut past = fixtures::past(&at.to_string(), true, Some(Verdict::Succeeded));
            past.ended_at = Some(fixtures::at(at));
            past
        };
        let down_to = |at| IsAll::DownTo(fixtures::at(at));
        let busy = IsAll::of(&[entry(40), entry(30)], 2);
        let quiet = IsAll::of(&[entry(10)], 2);
        assert_eq!((busy, quiet), (down_to(30), IsAll::Yes));
        assert_eq!(busy.and(quiet), down_to(30));
        assert_eq!(quiet.and(busy), down_to(30));
        assert_eq!(busy.and(down_to(35)), down_to(35));
        assert_eq!(IsAll::of(&[], 2), IsAll::Yes);
    }
}
