//! The commits that lie between what runs and what would: as GitHub compares them, and as many words
//! as a line has room for.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::names::Ref;

/// What lies between two commits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commits {
    /// Commits that would be added.
    pub ahead: u32,
    /// Commits that would be taken away.
    pub behind: u32,
    /// The newest few of those that would be added, first line and author.
    pub newest: Vec<CommitLine>,
    /// The same of those that would be taken away, where they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<CommitLine>,
}

impl Commits {
    /// The same, seen from the other end.
    #[must_use]
    pub fn turned_round(self) -> Self {
        Self {
            ahead: self.behind,
            behind: self.ahead,
            newest: self.lost,
            lost: self.newest,
        }
    }

    /// Whether the newer one runs, and the older one is to be brought.
    pub fn goes_back(&self) -> bool {
        self.ahead == 0 && self.behind > 0
    }

    /// Who wrote those that would be added.
    pub fn authors(&self) -> Vec<String> {
        authors(&self.newest)
    }

    /// Who wrote those that would be taken away.
    pub fn authors_lost(&self) -> Vec<String> {
        authors(&self.lost)
    }

    /// The pull requests that the titles of those name which would be added, each once.
    pub fn requests(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = Vec::new();
        for (number, _) in self.newest.iter().filter_map(CommitLine::request) {
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers
    }

    /// How many they are, and who wrote those that are known: of a way back, those that go.
    pub fn counted(&self) -> CountedCommits {
        let by = match self.newest.is_empty() {
            true => self.authors_lost(),
            false => self.authors(),
        };
        CountedCommits {
            ahead: self.ahead,
            behind: self.behind,
            by,
        }
    }
}

/// Each once.
fn authors(commits: &[CommitLine]) -> Vec<String> {
    let mut by: Vec<String> = Vec::new();
    for commit in commits {
        if !by.contains(&commit.author) {
            by.push(commit.author.clone());
        }
    }
    by
}

/// How many commits lie between two, and whose they are: as much of [`Commits`] as a line has room for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedCommits {
    /// Commits that would be added.
    pub ahead: u32,
    /// Commits that would be taken away.
    pub behind: u32,
    /// Who wrote the newest of them, each once.
    pub by: Vec<String>,
}

/// One commit as the plan shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitLine {
    /// Seven characters.
    pub short: String,
    /// First line of the message, as people typed it.
    pub summary: String,
    /// Who wrote it, as GitHub names them.
    pub author: String,
}

impl CommitLine {
    /// The pull request by which it came, where its summary says so as GitHub writes it, and where in the summary
    /// that is: `Sell shoes (#42)` of one that was squashed, `Merge pull request #42 from …`.
    pub fn request(&self) -> Option<(u32, Range<usize>)> {
        const MERGE: &str = "Merge pull request ";
        let summary = &self.summary;
        let (start, end) = match summary.strip_prefix(MERGE) {
            Some(rest) => {
                let length = rest.find(' ').unwrap_or(rest.len());
                (MERGE.len(), MERGE.len() + length)
            }
            None => {
                let inner = summary.strip_suffix(')')?;
                (inner.rfind("(#")? + 1, inner.len())
            }
        };
        let reference: Ref = summary.get(start..end)?.parse().ok()?;
        Some((reference.pull_request()?, start..end))
    }
}

impl CountedCommits {
    /// The same, seen from the other end.
    #[must_use]
    pub fn turned_round(self) -> Self {
        Self {
            ahead: self.behind,
            behind: self.ahead,
            by: self.by,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_request_is_read_of_a_title_as_github_writes_it() {
        for (summary, expected) in [
            ("Sell shoes (#42)", Some(42)),
            ("Sell (shoes) (#7)", Some(7)),
            ("Merge pull request #9 from acme/feature", Some(9)),
            ("Merge pull request #9", Some(9)),
            ("Sell shoes, see #42", None),
            ("Sell shoes (#42) again", None),
            ("Sell shoes (#x)", None),
            ("Merge pull request nine from acme/feature", None),
            ("(#é)", None),
            ("", None),
        ] {
            let line = CommitLine {
                short: "0123456".to_owned(),
                summary: summary.to_owned(),
                author: "ada".to_owned(),
            };
            let found = line.request();
            assert_eq!(
                found.as_ref().map(|(number, _)| *number),
                expected,
                "{summary}"
            );
            if let Some((number, place)) = found {
                assert_eq!(summary[place], format!("#{number}"));
            }
        }
    }
}
