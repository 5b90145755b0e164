//! Which of the files that are watched for change, as far as GitHub lists what changes.

use serde::{Deserialize, Serialize};

use crate::config::FilePattern;

/// Files that are named.
const NAMED: usize = 3;
/// Files of a comparison that GitHub lists.
/// <https://docs.github.com/en/rest/commits/commits#compare-two-commits>
pub const LISTED: usize = 300;

/// The files that differ between two commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DifferingFiles {
    /// Their paths: of one that was renamed, the former one too.
    pub paths: Vec<String>,
    /// Whether these are all.
    pub whole: FilesListed,
}

/// Whether all files that differ are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilesListed {
    /// They are.
    #[default]
    All,
    /// GitHub lists no more.
    Cut,
    /// GitHub did not say.
    NotTold,
    /// What comes back was not compared.
    OneWay,
    /// Nobody knows which two commits to compare.
    NoCommits,
}

/// The files that are watched for, of those that change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// What is watched for.
    pub patterns: Vec<FilePattern>,
    /// The first of the files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// How many there are beside.
    #[serde(default)]
    pub more: usize,
    /// Whether others may be among what was not listed.
    #[serde(default)]
    pub listed: FilesListed,
}

impl Watched {
    /// What `patterns` watch for in these files; nothing where nothing is watched for.
    pub fn of(patterns: &[FilePattern], changed: &DifferingFiles) -> Option<Self> {
        if patterns.is_empty() {
            return None;
        }
        let fits = |path: &&String| patterns.iter().any(|pattern| pattern.fits(path));
        let mut files: Vec<String> = changed.paths.iter().filter(fits).cloned().collect();
        files.sort();
        files.dedup();
        let more = files.len().saturating_sub(NAMED);
        files.truncate(NAMED);
        Some(Self {
            patterns: patterns.to_vec(),
            files,
            more,
            listed: changed.whole,
        })
    }

    /// Whether it is certain that none changes.
    pub fn is_none(&self) -> bool {
        self.files.is_empty() && self.listed == FilesListed::All
    }
}

impl DifferingFiles {
    /// The same where nothing is known of them.
    pub fn unknown(why: FilesListed) -> Self {
        Self {
            paths: Vec::new(),
            whole: why,
        }
    }

    /// With those of another comparison.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        if self.whole == FilesListed::All {
            self.whole = other.whole;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_listed_is_never_said_not_to_change() {
        let patterns: Vec<FilePattern> = vec!["migrations/**".parse().unwrap()];
        let changed = |paths: &[&str], whole| DifferingFiles {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            whole,
        };
        let watched =
            |paths: &[&str], whole| Watched::of(&patterns, &changed(paths, whole)).unwrap();
        assert!(watched(&["src/a.rs"], FilesListed::All).is_none());
        for whole in [
            FilesListed::Cut,
            FilesListed::NotTold,
            FilesListed::OneWay,
            FilesListed::NoCommits,
        ] {
            assert!(!watched(&["src/a.rs"], whole).is_none());
            let both = changed(&[], FilesListed::All).and(changed(&[], whole));
            assert_eq!(both.whole, whole);
            let both = changed(&[], whole).and(changed(&[], FilesListed::All));
            assert_eq!(both.whole, whole);
        }
        let many = [
            "migrations/5",
            "migrations/1",
            "a",
            "migrations/2",
            "migrations/1",
            "migrations/9",
        ];
        let found = watched(&many, FilesListed::All);
        assert_eq!(
            found.files,
            ["migrations/1", "migrations/2", "migrations/5"]
        );
        assert_eq!(found.more, 1);
        assert_eq!(Watched::of(&[], &changed(&many, FilesListed::Cut)), None);
    }
}
