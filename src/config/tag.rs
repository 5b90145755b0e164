//! How the images of commits are tagged: what CI made of a commit, a branch or a git tag.

use std::fmt;

use serde::{Deserialize, Serialize};
use vec1::{Vec1, vec1};

use super::problem::{At, Findings, Location};
use super::values::{BadValue, TagPattern, is_tag_char};
use crate::names::CommitSha;

/// So many patterns have an application's tags at most: each is one more question to the registry.
const MOST: usize = 5;
/// How long a tag is at most, and of what it consists:
/// [ECR's rules](https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html).
const LONGEST: usize = 128;
/// What stands for a name that people give: `{ref}` for any, the others for one kind each.
const NAMES: [&str; 3] = ["{ref}", "{branch}", "{version}"];
/// All that a pattern can hold.
pub(super) const PLACES: [&str; 5] = ["{sha}", "{short}", "{ref}", "{branch}", "{version}"];

/// The patterns of an application's tags, in the order in which an image is looked for under them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TagsWritten", into = "TagsWritten")]
pub struct TagPatterns(Vec1<TagPattern>);

/// One pattern is written alone, so that a configuration of one has the hash that it always had.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum TagsWritten {
    One(TagPattern),
    Several(Vec1<TagPattern>),
}

/// What an image is looked for by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TagOf<'a> {
    /// The commit.
    pub(crate) commit: &'a CommitSha,
    /// The name by which it was found.
    pub(crate) name: &'a str,
    /// Whether that is a branch's.
    pub(crate) is_branch: bool,
    /// Whether that is a git tag's.
    pub(crate) is_tag: bool,
    /// Whether the name says nothing without the commit, because anybody may give it: a pull request's branch.
    pub(crate) is_anybodys: bool,
}

impl TagOf<'_> {
    /// The version that a git tag says: `1.0.2` of `v1.0.2`.
    fn version(&self) -> Option<&str> {
        let digits = self.name.strip_prefix('v').unwrap_or(self.name);
        let begins = digits.starts_with(|c: char| c.is_ascii_digit());
        (self.is_tag && begins).then_some(digits)
    }
}

impl TagPatterns {
    /// The tags under which the image may be, in order, each once. None where no pattern is for such a name.
    pub(crate) fn render(&self, of: TagOf<'_>) -> Vec<String> {
        let mut tags: Vec<String> = Vec::new();
        for tag in self.0.iter().filter_map(|pattern| render(pattern, of)) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        tags
    }

    /// Whether CI says in a tag of which commit an image is.
    pub(crate) fn names_commits(&self) -> bool {
        self.0.iter().any(|pattern| digits_of(pattern).is_some())
    }

    /// Whether the names of branches and of git tags are in one of them.
    pub(crate) fn has_ref(&self) -> bool {
        let mut all = self.0.iter();
        all.any(|pattern| NAMES.iter().any(|name| pattern.as_str().contains(name)))
    }

    /// The digits of a commit, 40 or 7, that a tag of one of these patterns holds; `None` where the tag is of
    /// none of them, or they have no digits.
    pub(crate) fn digits_in<'t>(&self, tag: &'t str) -> Option<&'t str> {
        self.0.iter().find_map(|pattern| digits_in(pattern, tag))
    }

    /// Those that are written, if they have no problem.
    pub(super) fn read(written: &At<Vec<At<String>>>, findings: &mut Findings) -> Option<Self> {
        let read = Self::of(written);
        read.map_err(|(place, rule)| findings.refuse(&place, rule))
            .ok()
    }

    /// Those that are written; what is wrong with them, and where.
    pub(super) fn of(written: &At<Vec<At<String>>>) -> Result<Self, (Location, String)> {
        let mut all: Vec<TagPattern> = Vec::new();
        for one in &written.value {
            let refused = |rule: String| (one.place.clone(), rule);
            let pattern: TagPattern = one.value.parse().map_err(|rule: BadValue| {
                refused(format!("\"{}\" will not do: {rule}", one.value))
            })?;
            if all.contains(&pattern) {
                return Err(refused(format!("\"{pattern}\" is listed twice")));
            }
            all.push(pattern);
        }
        let refused = |rule: String| (written.place.clone(), rule);
        if all.len() > MOST {
            let many = all.len();
            return Err(refused(format!(
                "lists {many} patterns, and an image is looked for under {MOST} at most"
            )));
        }
        let all = Vec1::try_from_vec(all);
        all.map(Self)
            .map_err(|_| refused("name a pattern, or remove it".to_owned()))
    }
}

impl Default for TagPatterns {
    fn default() -> Self {
        Self(vec1![TagPattern::default()])
    }
}

impl fmt::Display for TagPatterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each: Vec<&str> = self.0.iter().map(TagPattern::as_str).collect();
        f.pad(&each.join(", "))
    }
}

impl From<TagsWritten> for TagPatterns {
    fn from(written: TagsWritten) -> Self {
        Self(match written {
            TagsWritten::One(pattern) => vec1![pattern],
            TagsWritten::Several(patterns) => patterns,
        })
    }
}

impl From<TagPatterns> for TagsWritten {
    fn from(patterns: TagPatterns) -> Self {
        match patterns.0.as_slice() {
            [one] => Self::One(one.clone()),
            _ => Self::Several(patterns.0),
        }
    }
}

/// The image tag by one pattern, as ECR accepts it.
fn render(pattern: &TagPattern, of: TagOf<'_>) -> Option<String> {
    let fits = |c: char| if is_tag_char(c) { c } else { '-' };
    let name = |text: &str| -> String { text.chars().map(fits).collect() };
    let mut tag = pattern.as_str().to_owned();
    for (place, value) in [
        ("{sha}", Some(of.commit.to_string())),
        ("{short}", Some(of.commit.short().to_owned())),
        ("{ref}", Some(name(of.name))),
        ("{branch}", of.is_branch.then(|| name(of.name))),
        ("{version}", of.version().map(name)),
    ] {
        if tag.contains(place) {
            tag = tag.replace(place, &value?);
        }
    }
    let tag = tag.trim_start_matches(['.', '-']);
    let has_digits = digits_of(pattern).is_some();
    // Without all of its digits it would be the tag of other commits as well.
    if has_digits && tag.len() > LONGEST || of.is_anybodys && !has_digits {
        return None;
    }
    Some(tag.chars().take(LONGEST).collect())
}

/// How many digits of a commit a pattern has: 40, 7, or none.
fn digits_of(pattern: &TagPattern) -> Option<usize> {
    let has = |place: &str| pattern.as_str().contains(place);
    match (has("{sha}"), has("{short}")) {
        (true, _) => Some(40),
        (false, true) => Some(7),
        (false, false) => None,
    }
}

fn digits_in<'t>(pattern: &TagPattern, tag: &'t str) -> Option<&'t str> {
    let length = digits_of(pattern)?;
    let starts = 0..=tag.len().checked_sub(length)?;
    let mut windows = starts.filter_map(|start| tag.get(start..start + length));
    windows.find(|digits| {
        let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex && makes(pattern, tag, digits)
    })
}

/// Whether the tag is what the pattern makes of a commit with these digits, and of any name.
fn makes(pattern: &TagPattern, tag: &str, digits: &str) -> bool {
    const ANY: &str = "{ref}";
    let short = digits.get(..7).unwrap_or(digits);
    let filled = pattern.as_str().replace("{sha}", digits);
    let filled = filled.replace("{short}", short);
    let filled = NAMES
        .iter()
        .fold(filled, |filled, name| filled.replace(name, ANY));
    let mut parts = filled.split(ANY);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = tag.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

    fn tags(patterns: &[&str], name: &str, (is_branch, is_tag): (bool, bool)) -> Vec<String> {
        let commit: CommitSha = SHA.parse().unwrap();
        let patterns: Vec<TagPattern> = patterns.iter().map(|one| one.parse().unwrap()).collect();
        let patterns = TagPatterns(patterns.try_into().unwrap());
        patterns.render(TagOf {
            commit: &commit,
            name,
            is_branch,
            is_tag,
            is_anybodys: false,
        })
    }

    #[test]
    fn tags_are_rendered_as_ecr_accepts_them() {
        for (pattern, name, tag) in [
            ("{sha}", "main", SHA),
            ("{short}", "main", "0123456"),
            ("sha-{short}", "main", "sha-0123456"),
            ("{ref}", "v1.0.2", "v1.0.2"),
            ("{ref}-{short}", "feature/a+b", "feature-a-b-0123456"),
            ("{ref}", "@feature", "feature"),
        ] {
            assert_eq!(tags(&[pattern], name, (true, false)), [tag]);
        }
        let long = "r".repeat(200);
        assert_eq!(tags(&["{ref}"], &long, (true, false))[0].len(), LONGEST);
        // Cut, it would not say of which commit it is.
        assert_eq!(tags(&["{ref}-{short}"], &long, (true, false)), [""; 0]);
    }

    #[test]
    fn a_pattern_of_a_branch_is_for_branches_and_one_of_a_version_for_git_tags_that_are_one() {
        let patterns = ["{branch}-{short}", "v{version}", "{short}"];
        let (branch, tag, neither) = ((true, false), (false, true), (false, false));
        assert_eq!(
            tags(&patterns, "feature/x", branch),
            ["feature-x-0123456", "0123456"]
        );
        assert_eq!(tags(&patterns, "v1.0.2", tag), ["v1.0.2", "0123456"]);
        assert_eq!(tags(&patterns, "1.0.2", tag), ["v1.0.2", "0123456"]);
        assert_eq!(tags(&patterns, "summer", tag), ["0123456"]);
        assert_eq!(tags(&patterns, "0123456", neither), ["0123456"]);
        assert_eq!(tags(&["v{version}"], "main", branch), [""; 0]);
        assert_eq!(tags(&["{short}", "{ref}"], "0123456", branch), ["0123456"]);
    }

    #[test]
    fn a_commits_digits_are_found_by_whichever_pattern_made_the_tag() {
        let patterns: Vec<TagPattern> = ["{branch}-{short}", "v{version}", "{sha}"]
            .iter()
            .map(|one| one.parse().unwrap())
            .collect();
        let patterns = TagPatterns(patterns.try_into().unwrap());
        for (tag, digits) in [
            ("main-0123456", Some("0123456")),
            (SHA, Some(SHA)),
            ("v1.0.2", None),
            ("main-12345", None),
        ] {
            assert_eq!(patterns.digits_in(tag), digits, "{tag}");
        }
    }

    #[test]
    fn one_pattern_is_written_as_it_always_was() {
        let one: TagPatterns = serde_json::from_str(r#""{sha}""#).unwrap();
        assert_eq!(one, TagPatterns::default());
        assert_eq!(serde_json::to_string(&one).unwrap(), r#""{sha}""#);
        let several = r#"["{sha}","v{version}"]"#;
        let read: TagPatterns = serde_json::from_str(several).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), several);
        assert!(serde_json::from_str::<TagPatterns>("[]").is_err());
    }
}
