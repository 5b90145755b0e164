//! What an image must be to go out, beside what its checks say.

use serde::{Deserialize, Serialize};

use super::globs::{FilePattern, file_patterns};
use super::problem::{At, Findings, in_quotes};
use super::reader::Section;
use super::values::BadValue;
use crate::names::Ref;

/// So many patterns has `branches` at most: each is one more question to GitHub.
const MOST: usize = 10;

/// What an image must be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageRules {
    /// The branches of which one must have its commit; empty for any or none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<BranchPattern>,
    /// Whether its requester has to confirm what takes commits away that run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forward_only: bool,
    /// Whether its tag must be one that stays with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub immutable: bool,
    /// From which severity on nothing may have been found in it; nothing where no scan is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<Severity>,
    /// Whether its commit must be signed, or the tag by which it was asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
}

/// How bad a finding of a scan is: a severity of ECR's and Inspector's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// All of them, the least first.
    const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// As it is written in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// One by ECR's or Inspector's word.
    pub(crate) fn of(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|one| one.name().eq_ignore_ascii_case(word))
    }
}

impl ImageRules {
    /// The same with what an application asks of its own images.
    pub(super) fn also(&self, immutable: bool) -> Self {
        Self {
            immutable: self.immutable || immutable,
            ..self.clone()
        }
    }

    /// Whether nothing is asked.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Branches: one by its name, or all that begin alike, `hotfix/*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BranchPattern(String);

impl BranchPattern {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the names of all of them begin with; none for one branch.
    pub(crate) fn prefix(&self) -> Option<&str> {
        self.0.strip_suffix('*')
    }

    /// Whether a branch of this name is one of them.
    pub(crate) fn fits(&self, branch: &str) -> bool {
        match self.prefix() {
            Some(prefix) => branch.len() > prefix.len() && branch.starts_with(prefix),
            None => branch == self.0,
        }
    }
}

impl std::str::FromStr for BranchPattern {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        const RULE: &str = "a branch is written by its name, \"main\", or by what several begin with, \"hotfix/*\"";
        // What stands for the star is a name of its own, or the rest of one.
        let like = text.strip_suffix('*').map(|prefix| format!("{prefix}x"));
        let name = like.as_deref().unwrap_or(text);
        let whole = text.starts_with("refs/") || text == "*" || text.starts_with('#');
        match name.parse::<Ref>() {
            Ok(_) if !whole => Ok(Self(text.to_owned())),
            Ok(_) | Err(_) => Err(BadValue(RULE.to_owned())),
        }
    }
}

impl TryFrom<String> for BranchPattern {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        text.parse()
    }
}

impl From<BranchPattern> for String {
    fn from(pattern: BranchPattern) -> Self {
        pattern.0
    }
}

/// The same as written.
#[derive(Default)]
pub(super) struct LowRules {
    branches: Option<At<Vec<At<String>>>>,
    forward_only: Option<At<bool>>,
    immutable: Option<At<bool>>,
    scan: Option<At<String>>,
    signed: Option<At<bool>>,
    watch_files: Option<At<Vec<At<String>>>>,
}

/// What an application asks of its own images, and is watched for in what changes in them, as written.
pub(super) struct LowOwnRules {
    pub(super) immutable: Option<At<bool>>,
    pub(super) watch_files: Option<At<Vec<At<String>>>>,
}

impl LowOwnRules {
    /// Reads the keys of an application.
    pub(super) fn read(section: &mut Section<'_>, findings: &mut Findings) -> Self {
        Self {
            immutable: section.boolean("immutable", findings),
            watch_files: section.strings("watch_files", findings),
        }
    }
}

impl LowRules {
    /// Reads the keys of an environment.
    pub(super) fn read(section: &mut Section<'_>, findings: &mut Findings) -> Self {
        Self {
            branches: section.strings("branches", findings),
            forward_only: section.boolean("forward_only", findings),
            immutable: section.boolean("immutable", findings),
            scan: section.string("scan", findings),
            signed: section.boolean("signed", findings),
            watch_files: section.strings("watch_files", findings),
        }
    }

    /// The key that wants a commit which GitHub knows, if one does.
    pub(super) fn wants_commits(&self) -> Option<&'static str> {
        let branches = self.branches.as_ref().map(|_| "branches");
        branches.or(is(self.signed.as_ref()).then_some("signed"))
    }

    /// The files that are watched for.
    pub(super) fn watched(&self, findings: &mut Findings) -> Vec<FilePattern> {
        file_patterns(self.watch_files.as_ref(), findings)
    }

    /// What the keys mean.
    pub(super) fn resolve(&self, findings: &mut Findings) -> ImageRules {
        ImageRules {
            branches: branches(self.branches.as_ref(), findings),
            forward_only: is(self.forward_only.as_ref()),
            immutable: is(self.immutable.as_ref()),
            scan: self.scan.as_ref().and_then(|scan| severity(scan, findings)),
            signed: is(self.signed.as_ref()),
        }
    }
}

fn is(written: Option<&At<bool>>) -> bool {
    written.is_some_and(|written| written.value)
}

fn severity(written: &At<String>, findings: &mut Findings) -> Option<Severity> {
    let mut all = Severity::ALL.into_iter();
    let found = all.find(|one| one.name() == written.value);
    if found.is_none() {
        let words = in_quotes(Severity::ALL.map(Severity::name));
        findings.refuse(
            &written.place,
            format!("\"{}\" will not do: write one of {words}", written.value),
        );
    }
    found
}

fn branches(written: Option<&At<Vec<At<String>>>>, findings: &mut Findings) -> Vec<BranchPattern> {
    let Some(list) = written else {
        return Vec::new();
    };
    if list.value.is_empty() {
        findings.refuse(
            &list.place,
            "nothing could ever be deployed: the list is empty; name a branch, or remove it",
        );
    }
    if list.value.len() > MOST {
        let count = list.value.len();
        findings.refuse(
            &list.place,
            format!("lists {count}, and {MOST} are the most; name fewer"),
        );
    }
    let mut branches: Vec<BranchPattern> = Vec::new();
    for one in &list.value {
        match one.value.parse() {
            Ok(pattern) if branches.contains(&pattern) => {
                findings.refuse(
                    &one.place,
                    format!("lists \"{}\" twice; keep one", one.value),
                );
            }
            Ok(pattern) => branches.push(pattern),
            Err(rule) => {
                findings.refuse(&one.place, format!("\"{}\" will not do: {rule}", one.value))
            }
        }
    }
    branches
}
