//! What runs, in words, and how something came to be no longer live.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::{Actor, CommitSha, ContainerName, DeployId, Ref, short_digest};

/// How people came by an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// By a name that stays: a tag.
    Tag(String),
    /// By a name that moves on, and so says nothing alone: a branch, or an image tag like `latest`.
    Branch(String),
    /// By its commit or digest.
    Itself,
}

impl Called {
    /// An image tag that nobody knows more of: only what has a digit in it tells one version from another.
    pub fn by_image_tag(tag: &str) -> Self {
        match tag.bytes().any(|byte| byte.is_ascii_digit()) {
            true => Self::Tag(tag.to_owned()),
            false => Self::Branch(tag.to_owned()),
        }
    }
}

/// What people call what runs, everywhere: `1.6.0` where that is a tag, else `main@84e18a0`, else
/// `84e18a0`, else the beginning of its digest; never a branch alone. None where nothing is known of it.
pub fn version(
    called: &Called,
    commit: Option<&CommitSha>,
    digest: Option<&str>,
) -> Option<String> {
    let exactly = commit.map(CommitSha::short).or(digest.map(short_digest));
    match (called, exactly) {
        // A commit's own tag says nothing that its commit does not.
        (Called::Tag(tag), _) if !commit.is_some_and(|commit| is_of(tag, commit)) => {
            Some(tag.clone())
        }
        (Called::Branch(branch), Some(exactly)) => Some(format!("{branch}@{exactly}")),
        (Called::Branch(_), None) => None,
        (Called::Tag(_) | Called::Itself, exactly) => exactly.map(str::to_owned),
    }
}

impl Ref {
    /// Whether it names a pull request, or (the beginning of) a commit's SHA: what is a change and no version.
    pub fn is_change(&self) -> bool {
        let text = self.as_str();
        let digits = (7..=40).contains(&text.len());
        let digits = digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits || self.pull_request().is_some()
    }
}

/// Whether a tag is the beginning of a commit's SHA.
fn is_of(tag: &str, commit: &CommitSha) -> bool {
    tag.len() >= 7 && commit.begins_with(tag)
}

/// One image of an application whose containers run several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// The container that runs it; `None` for the application's own.
    pub image: Option<ContainerName>,
    /// What people call it by [`version`]: `1f0c9de`, `nginx:3.1.0`.
    pub label: String,
    /// The commit, where it is known.
    pub commit: Option<String>,
}

impl Part {
    /// That image under that label.
    pub fn new(image: Option<&ContainerName>, label: &str, commit: Option<String>) -> Self {
        Self {
            image: image.cloned(),
            label: match image {
                None => label.to_owned(),
                Some(container) => format!("{container}:{label}"),
            },
            commit,
        }
    }
}

/// Stands between the images in what people call all that runs; no ref holds a space.
pub(crate) const PLUS: &str = " + ";

/// `1f0c9de + nginx:3.1.0`: everything that runs; `label` where that is one image.
pub fn runs(label: &str, parts: &[Part]) -> String {
    match parts {
        [] => label.to_owned(),
        parts => {
            let labels: Vec<&str> = parts.iter().map(|part| part.label.as_str()).collect();
            labels.join(PLUS)
        }
    }
}

/// How something came to be no longer live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// In which way.
    pub how: Leaving,
    /// By whom; of what others did, nobody knows.
    pub by: Actor,
    /// When that was done, or noticed.
    pub at: Timestamp,
    /// The deploy that did it, if one did.
    pub deploy: Option<DeployId>,
    /// What people call what came instead, or was to.
    pub label: String,
}

/// In which way something came to be no longer live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaving {
    /// Something else was deployed.
    Deployed,
    /// It was rolled back from.
    RolledBack,
    /// Somebody tried to deploy something else, and that may have come up in part.
    TriedToDeploy,
    /// Somebody tried to roll back from it, and that may have come up in part.
    TriedToRollBack,
    /// Somebody changed what runs outside of Longshore.
    Outside,
}

/// Something that is not live any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// What people call it; none of what is older than the history that was read.
    pub label: Option<String>,
    /// What came instead, if that was something of this history.
    pub left: Option<Left>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_one_form_and_is_never_a_branch_alone() {
        let commit: CommitSha = "84e18a0c1b2a39485766758493a2b1c0d9e8f7a6".parse().unwrap();
        let digest = format!("sha256:{}", "48a55179e67c".repeat(6).get(..64).unwrap());
        let (commit, digest) = (Some(&commit), Some(digest.as_str()));
        let tag = |name: &str| Called::Tag(name.to_owned());
        let branch = |name: &str| Called::Branch(name.to_owned());
        for (called, commit, digest, expected) in [
            (tag("1.6.0"), commit, digest, Some("1.6.0")),
            (tag("1.6.0"), None, None, Some("1.6.0")),
            (tag("84e18a0c1b2a"), commit, digest, Some("84e18a0")),
            (branch("main"), commit, digest, Some("main@84e18a0")),
            (branch("main"), None, digest, Some("main@48a55179e67c")),
            (branch("main"), None, None, None),
            (Called::Itself, commit, digest, Some("84e18a0")),
            (Called::Itself, None, digest, Some("48a55179e67c")),
            (Called::Itself, None, None, None),
        ] {
            let said = version(&called, commit, digest);
            assert_eq!(said.as_deref(), expected, "{called:?}");
        }
        assert_eq!(Called::by_image_tag("release-7"), tag("release-7"));
        assert_eq!(Called::by_image_tag("latest"), branch("latest"));
    }
}
