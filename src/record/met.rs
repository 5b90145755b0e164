//! The tags and branches of an application that planning met, to be offered to whoever fills in the form. They
//! prove nothing and decide nothing: what is chosen is a ref like one that was typed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::Ref;

/// How many are kept of an application.
const KEPT: usize = 20;

/// A ref that meant something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// By its name.
    #[serde(rename = "ref")]
    pub reference: Ref,
    /// What the name is one of.
    pub kind: MetKind,
    /// When it was last met.
    pub at: Timestamp,
}

/// What a name is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetKind {
    /// A tag, of an image or in git.
    Tag,
    /// A branch.
    Branch,
}

impl Met {
    /// The last twenty that were met, the newest first, each name once.
    pub fn last(known: Vec<Self>, new: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut all: Vec<Self> = new.into_iter().chain(known).collect();
        // Stable: of what was met at the same moment, the order given is kept.
        all.sort_by_key(|met| std::cmp::Reverse(met.at));
        let mut last: Vec<Self> = Vec::new();
        for met in all {
            let is_known = last.iter().any(|one| one.reference == met.reference);
            if !is_known && last.len() < KEPT {
                last.push(met);
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(name: &str, second: i64) -> Met {
        Met {
            reference: name.parse().unwrap(),
            kind: MetKind::Tag,
            at: Timestamp::from_second(second).unwrap(),
        }
    }

    fn names(all: &[Met]) -> Vec<&str> {
        all.iter().map(|met| met.reference.as_str()).collect()
    }

    #[test]
    fn the_newest_come_first_and_each_name_once() {
        let known = vec![met("1.0.2", 20), met("1.0.1", 10)];
        let last = Met::last(known.clone(), [met("1.0.1", 30)]);
        assert_eq!(names(&last), ["1.0.1", "1.0.2"]);
        // An older look, repeated, changes nothing.
        assert_eq!(Met::last(known.clone(), [met("1.0.2", 5)]), known);
    }

    #[test]
    fn the_oldest_is_forgotten_once_there_are_too_many() {
        let mut all = Vec::new();
        for number in 0..50 {
            all = Met::last(all, [met(&format!("1.0.{number}"), number)]);
            assert!(all.len() <= KEPT);
        }
        assert_eq!(names(&all)[0], "1.0.49");
        assert_eq!(names(&all)[KEPT - 1], "1.0.30");
    }
}
