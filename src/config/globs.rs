//! Patterns of files in a repository: `services/cms/**`.
//!
//! The matcher is an own one: the `glob` crate is here for tests alone, reads the disk as well, and knows `[…]`, which a
//! pattern of a repository's files would have to escape; these few lines add nothing to what the public function links.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::problem::{At, Findings};
use super::values::BadValue;

/// So many patterns one list has at most.
const MOST: usize = 20;
/// Characters of a pattern.
const LONGEST: usize = 200;
/// Any folders, or none.
const FOLDERS: &str = "**";

/// Files of a repository, by their paths from its root: `*` stands for anything within one name, `?` for one
/// character of it, and `**` between slashes for any folders, or none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FilePattern(String);

impl FilePattern {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the file is one of them.
    pub fn fits(&self, file: &str) -> bool {
        let parts: Vec<&str> = self.0.split('/').collect();
        let names: Vec<&str> = file.split('/').collect();
        matches(
            &parts,
            &names,
            |part| *part == FOLDERS,
            |part, name| {
                let part: Vec<char> = part.chars().collect();
                let name: Vec<char> = name.chars().collect();
                matches(
                    &part,
                    &name,
                    |c| *c == '*',
                    |c, other| *c == '?' || c == other,
                )
            },
        )
    }
}

/// Whether a list fits a pattern in which some parts stand for any number of items. Of those parts, the last one that
/// was met takes one item more where the rest does not fit, which is enough: no way back to an earlier one.
fn matches<P, T>(
    pattern: &[P],
    items: &[T],
    is_any: impl Fn(&P) -> bool,
    fits: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut at, mut item) = (0, 0);
    let mut last: Option<(usize, usize)> = None;
    while item < items.len() {
        match pattern.get(at) {
            Some(part) if is_any(part) => {
                last = Some((at, item));
                at += 1;
            }
            Some(part) if items.get(item).is_some_and(|one| fits(part, one)) => {
                at += 1;
                item += 1;
            }
            Some(_) | None => {
                let Some((any, taken)) = last else {
                    return false;
                };
                last = Some((any, taken + 1));
                at = any + 1;
                item = taken + 1;
            }
        }
    }
    pattern.iter().skip(at).all(is_any)
}

impl std::str::FromStr for FilePattern {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        const RULE: &str = "files are written by their path in the repository, \"services/cms/**\"; * and ? stand for \
                            what is in one name, and ** alone between slashes for any folders";
        let plain = |c: char| !c.is_control() && !"\\[]{}!,".contains(c);
        let fits = (1..=LONGEST).contains(&text.chars().count())
            && text.chars().all(plain)
            && text.trim() == text
            && text.split('/').all(|part| {
                let whole = part == FOLDERS || !part.contains(FOLDERS);
                !part.is_empty() && part != "." && part != ".." && whole
            });
        match fits {
            true => Ok(Self(text.to_owned())),
            false => Err(BadValue(RULE.to_owned())),
        }
    }
}

impl TryFrom<String> for FilePattern {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        text.parse()
    }
}

impl From<FilePattern> for String {
    fn from(pattern: FilePattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for FilePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A list of patterns, as written; what is wrong with one is told where it stands.
pub(super) fn file_patterns(
    written: Option<&At<Vec<At<String>>>>,
    findings: &mut Findings,
) -> Vec<FilePattern> {
    let Some(list) = written else {
        return Vec::new();
    };
    if list.value.is_empty() {
        findings.refuse(
            &list.place,
            "name files, such as \"services/cms/**\", or remove it",
        );
    }
    if list.value.len() > MOST {
        let many = list.value.len();
        findings.refuse(
            &list.place,
            format!("lists {many} patterns, and {MOST} are looked at at most"),
        );
    }
    let mut all: Vec<FilePattern> = Vec::new();
    for one in &list.value {
        match one.value.parse::<FilePattern>() {
            Ok(pattern) if all.contains(&pattern) => {
                findings.refuse(&one.place, format!("\"{pattern}\" is listed twice"));
            }
            Ok(pattern) => all.push(pattern),
            Err(rule) => {
                findings.refuse(&one.place, format!("\"{}\" will not do: {rule}", one.value))
            }
        }
    }
    all
}

/// What an application watches for and what the environment does.
pub(super) fn both(own: &[FilePattern], there: &[FilePattern]) -> Vec<FilePattern> {
    let mut all = own.to_vec();
    all.extend(there.iter().filter(|one| !own.contains(one)).cloned());
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits(pattern: &str, file: &str) -> bool {
        pattern.parse::<FilePattern>().unwrap().fits(file)
    }

    #[test]
    fn a_star_stays_in_its_name_and_two_are_any_folders() {
        for (pattern, yes, no) in [
            (
                "Dockerfile",
                vec!["Dockerfile"],
                vec!["a/Dockerfile", "Dockerfile.dev", "dockerfile"],
            ),
            ("*.md", vec!["a.md", ".md"], vec!["docs/a.md", "a.mdx"]),
            (
                "**/*.md",
                vec!["a.md", "docs/a.md", "a/b/c.md"],
                vec!["a.txt", "a.md/b"],
            ),
            (
                "services/cms/**",
                vec!["services/cms/a", "services/cms/a/b.rs", "services/cms"],
                vec!["services/cmsx/a", "services/a", "x/services/cms/a"],
            ),
            (
                "a/**/z",
                vec!["a/z", "a/b/z", "a/b/c/z", "a/z/z"],
                vec!["a/zz", "b/a/z", "a/b"],
            ),
            ("a/*/z", vec!["a/b/z"], vec!["a/z", "a/b/c/z"]),
            ("a?c", vec!["abc", "aéc"], vec!["ac", "a/c", "abbc"]),
            ("*a*b*", vec!["ab", "xaybz", "aab"], vec!["ba", "a/b"]),
            ("**", vec!["a", "a/b"], vec![]),
            (
                "**/a/**/b",
                vec!["a/b", "x/a/y/b", "a/a/b"],
                vec!["a", "b", "a/b/c"],
            ),
        ] {
            for file in yes {
                assert!(fits(pattern, file), "{pattern} {file}");
            }
            for file in no {
                assert!(!fits(pattern, file), "{pattern} {file}");
            }
        }
    }

    #[test]
    fn what_means_something_elsewhere_is_refused() {
        for bad in [
            "",
            "/a",
            "a/",
            "a//b",
            "./a",
            "a/../b",
            "a**",
            "**a/b",
            "a/***",
            "!a",
            "[ab]",
            "{a,b}",
            "a\\b",
            " a",
            "a\n",
            &"a".repeat(201),
        ] {
            assert!(bad.parse::<FilePattern>().is_err(), "{bad:?}");
        }
        for good in ["a", "a/**", "**", "a b/c", "é/*", ".github/workflows/*.yml"] {
            assert!(good.parse::<FilePattern>().is_ok(), "{good:?}");
        }
    }

    /// The same by definition: the first part takes none, or one more.
    fn by_definition(pattern: &[&str], names: &[&str]) -> bool {
        match (pattern, names) {
            ([], []) => true,
            ([], _) => false,
            ([first, rest @ ..], _) if *first == FOLDERS => {
                by_definition(rest, names)
                    || names
                        .split_first()
                        .is_some_and(|(_, names)| by_definition(pattern, names))
            }
            (_, []) => false,
            ([first, rest @ ..], [name, names @ ..]) => {
                (*first == "*" || first == name) && by_definition(rest, names)
            }
        }
    }

    proptest! {
        #[test]
        fn folders_fit_as_defined(
            pattern in proptest::collection::vec(proptest::sample::select(vec!["**", "*", "a", "b"]), 1..6),
            names in proptest::collection::vec(proptest::sample::select(vec!["a", "b", "c"]), 1..7),
        ) {
            let written: FilePattern = pattern.join("/").parse().unwrap();
            prop_assert_eq!(written.fits(&names.join("/")), by_definition(&pattern, &names));
        }
    }
}
