//! The commits that lie between what runs and what would: as GitHub compares them, and as many words
//! as a line has room for.

use serde::{Deserialize, Serialize};

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
