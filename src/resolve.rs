//! From what a person typed to one image: what a ref may mean, when that is clear, and when it is
//! refused.
//!
//! Pure: `waiter/lookup.rs` gathers the meanings, and this decides between them. A ref that means two
//! different things is never guessed at.

mod checks;
mod content;
mod denied;
mod proof;
mod request;
mod scan;
mod signature;
mod tag_setting;
mod unbuilt;
mod unchanged;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::checks::{
    CheckOutcome, CheckState, CheckTrouble, SeenCheck, SeenChecks, judge_checks,
};
pub use self::content::{Content, Platform, is_of_another, platforms};
pub use self::denied::GithubNo;
pub use self::proof::{Sign, choose, signs};
pub use self::request::{ByRequest, CommitOfRequest, PullRequest, PullRequestState};
pub use self::scan::{Finding, ImageScan, ScanTrouble};
pub(crate) use self::scan::{judge_scan, judge_scans};
pub use self::signature::Signature;
pub use self::tag_setting::TagSetting;
pub use self::unbuilt::{Ancestor, BuiltBefore, CiRun, CiStands, Unbuilt, built_before};
pub use self::unchanged::{ChangedFiles, ChangedSince, UnchangedSince, unchanged_since};
use crate::names::version::{Called, version};
use crate::names::{CommitSha, ImageDigest, Ref};

/// An image as its registry describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedImage {
    /// Its digest. Of a multi-architecture image, the index's: that is what is pinned.
    pub digest: ImageDigest,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed_at: Option<Timestamp>,
    /// Its size in bytes, as stored.
    pub size: Option<i64>,
    /// The registry's word on whether the image can be pulled.
    pub state: ImageState,
    /// The kind of content: an image, or something else that a registry holds.
    pub content: Content,
}

impl PushedImage {
    /// The image, if ECS can pull it.
    ///
    /// # Errors
    ///
    /// [`Unresolvable::NotActive`], which names it by its repository and this tag.
    pub fn pullable(self, image_repository: &str, tag: &str) -> Result<Self, Unresolvable> {
        match self.state {
            ImageState::Active => Ok(self),
            state => Err(Unresolvable::NotActive {
                image_repository: image_repository.to_owned(),
                tag: tag.to_owned(),
                state: state.name().to_owned(),
            }),
        }
    }
}

/// Whether an image can be pulled. Only `Active` can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageState {
    /// It can.
    Active,
    /// It was archived.
    Archived,
    /// It is being brought back from the archive.
    Activating,
    /// A state this version does not know, in ECR's word: taken as "cannot".
    Other(String),
}

impl ImageState {
    /// ECR's word.
    pub fn name(&self) -> &str {
        match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
            Self::Activating => "ACTIVATING",
            Self::Other(name) => name,
        }
    }
}

/// What a ref was found to be. In this order one is preferred where several mean the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A commit's SHA, whole or shortened.
    Commit,
    /// The tag of an image.
    ImageTag,
    /// A git tag.
    GitTag,
    /// A branch.
    Branch,
    /// A pull request, by its number.
    PullRequest,
}

impl Kind {
    /// For sentences.
    pub fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::ImageTag => "image tag",
            Self::GitTag => "git tag",
            Self::Branch => "branch",
            Self::PullRequest => "pull request",
        }
    }
}

/// One thing that a ref means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The kind of name that the ref turned out to be.
    pub kind: Kind,
    /// Under which name: the ref, or the default branch's name.
    pub name: String,
    /// Its commit; an image tag has none.
    pub commit: Option<CommitSha>,
    /// The image tag that was looked for.
    pub tag: String,
    /// The image under that tag; `None` where there is none.
    pub image: Option<PushedImage>,
    /// The tags of the commit under which there is no image.
    pub missing: Vec<String>,
    /// The pull request, of which this is one commit.
    pub request: Option<ByRequest>,
}

impl Meaning {
    fn describe(&self) -> String {
        let Self { kind, name, .. } = self;
        let what = match (&self.commit, &self.image) {
            (Some(commit), Some(_)) if *kind != Kind::ImageTag => {
                format!("commit `{}`", commit.short())
            }
            (Some(commit), None) => format!("commit `{}`, without an image", commit.short()),
            (_, Some(image)) => format!("image `{}`", image.digest.short()),
            (None, None) => "nothing that was built".to_owned(),
        };
        format!("the {} `{name}` ({what})", kind.name())
    }

    /// The content under the tag, if that is no image.
    fn other(&self) -> Option<String> {
        match self.image.as_ref()?.content.under(&self.tag) {
            Content::Other(what) => Some(what),
            Content::Image | Content::Index => None,
        }
    }

    /// Whether both lead to the same image. An image on one side and none on the other are two
    /// different things: the one without is what somebody pushed and CI has not built yet.
    fn agrees_with(&self, other: &Self) -> bool {
        let same_commit = match (&self.commit, &other.commit) {
            (Some(one), Some(two)) => one == two,
            (Some(_), None) | (None, Some(_)) | (None, None) => true,
        };
        let same_image = match (&self.image, &other.image) {
            (Some(one), Some(two)) => one.digest == two.digest,
            (None, None) => self.commit.is_some() && self.commit == other.commit,
            (Some(_), None) | (None, Some(_)) => false,
        };
        // The same digest is the same image, whatever its tags say about its commit.
        let same_digest = self.image.is_some() && same_image;
        same_digest || (same_commit && same_image)
    }
}

/// The image or commit that a ref was found to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// By which name it was found: the ref as typed, or the default branch's.
    pub name: String,
    /// What that name is to people.
    pub called: Called,
    /// The kind of name that the ref turned out to be.
    pub kind: Kind,
    /// What the ref points to, which is not yet what the image is of.
    pub points_at: Option<CommitSha>,
    /// The commit that the image proves to be of. [`decide`] leaves it open.
    pub commit: Option<CommitSha>,
    /// The image tag.
    pub tag: String,
    /// The image, to be pinned by its digest.
    pub image: PushedImage,
    /// The pull request that was asked for, and which of its commits was found.
    pub request: Option<ByRequest>,
    /// Whether git was not asked, so that nobody knows what a branch or a tag of that name points to.
    pub git_unasked: bool,
    /// That it is of an earlier commit, since which nothing of the application changed.
    pub since: Option<UnchangedSince>,
}

impl Resolved {
    /// What people call it, by what the image proves.
    pub fn version(&self) -> String {
        let digest = Some(self.image.digest.as_str());
        version(&self.called, self.commit.as_ref(), digest).unwrap_or_default()
    }
}

/// Why there is nothing to deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unresolvable {
    /// Nothing has that name.
    UnknownRef {
        /// What was typed.
        reference: Ref,
        /// Where it was looked for: `acme/cms` and the image repository, or that alone.
        searched: Vec<String>,
        /// Near ones.
        suggestions: Vec<String>,
    },
    /// No ref was given, and without a repository there is no default branch.
    NoRef {
        /// Where the images are.
        image_repository: String,
        /// The newest tags there.
        newest: Vec<String>,
    },
    /// The commit is known, and no image was built of it.
    NoImage {
        /// What was asked for.
        name: String,
        /// Its commit.
        commit: CommitSha,
        /// Where the image should be.
        image_repository: String,
        /// Under which tags it was looked for; none where the patterns are for other kinds of names.
        tags: Vec<String>,
        /// The pull request whose commit it is, where one was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<Box<ByRequest>>,
        /// What else is known of the commit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unbuilt: Option<Box<Unbuilt>>,
    },
    /// The image is there, and cannot be pulled.
    NotActive {
        /// Where the image is.
        image_repository: String,
        /// Under which tag.
        tag: String,
        /// ECR's word for its state.
        state: String,
    },
    /// The registry has something else than an image there.
    NotAnImage {
        /// Where it is.
        image_repository: String,
        /// Under which tag.
        tag: String,
        /// What the registry has there instead.
        what: String,
    },
    /// The ref means two different things.
    Ambiguous {
        /// What was typed.
        reference: String,
        /// One thing.
        one: String,
        /// The other.
        other: String,
    },
    /// GitHub shows no such repository, or not to us.
    NoRepository {
        /// `owner/name`.
        repository: String,
    },
    /// The image that a deploy brought, or was to, is not there any more.
    ImageGone {
        /// Where it was.
        image_repository: String,
        /// What people call it.
        label: String,
    },
    /// There is no such image repository.
    NoImageRepository {
        /// Where the images should be.
        image_repository: String,
    },
}

/// Decides between the meanings of a ref. `name` is what was asked for, for sentences;
/// `image_repository` is where the images are.
///
/// # Errors
///
/// [`Unresolvable::Ambiguous`], `NoImage` and `NotActive`; `Ok(None)` where there is no meaning at
/// all, so that the caller can look for near ones.
pub fn decide(
    name: &str,
    image_repository: &str,
    mut meanings: Vec<Meaning>,
) -> Result<Option<Resolved>, Unresolvable> {
    meanings.sort_by_key(|meaning| meaning.kind);
    // A build cache may have a branch's name, and nobody means it.
    if meanings.iter().any(|meaning| meaning.other().is_none()) {
        meanings.retain(|meaning| meaning.other().is_none());
    }
    let called = called(&meanings);
    let mut meanings = meanings.into_iter();
    let Some(first) = meanings.next() else {
        return Ok(None);
    };
    // An image's tags are looked at afterwards: what they say is not what a ref points to.
    let mut commit = first
        .commit
        .clone()
        .filter(|_| first.kind != Kind::ImageTag);
    for other in meanings {
        if !first.agrees_with(&other) {
            return Err(Unresolvable::Ambiguous {
                reference: name.to_owned(),
                one: first.describe(),
                other: other.describe(),
            });
        }
        commit = commit.or(other.commit);
    }
    let image_repository = image_repository.to_owned();
    if let Some(what) = first.other() {
        return Err(Unresolvable::NotAnImage {
            image_repository,
            tag: first.tag,
            what,
        });
    }
    let tag = first.tag;
    match (first.image, commit) {
        (Some(image), commit) => Ok(Some(Resolved {
            name: first.name,
            called,
            kind: first.kind,
            points_at: commit,
            commit: None,
            image: image.pullable(&image_repository, &tag)?,
            request: first.request,
            tag,
            git_unasked: false,
            since: None,
        })),
        (None, Some(commit)) => Err(Unresolvable::NoImage {
            name: first.name,
            commit,
            image_repository,
            tags: first.missing,
            request: first.request.map(Box::new),
            unbuilt: None,
        }),
        (None, None) => Ok(None),
    }
}

/// What the name is to people that has all these meanings.
fn called(meanings: &[Meaning]) -> Called {
    let named = |kind: Kind| meanings.iter().find(|meaning| meaning.kind == kind);
    if named(Kind::Commit).is_some() {
        Called::Itself
    } else if let Some(tag) = named(Kind::GitTag) {
        Called::Tag(tag.name.clone())
    } else if let Some(moving) = named(Kind::Branch).or(named(Kind::PullRequest)) {
        Called::Branch(moving.name.clone())
    } else {
        let tag = named(Kind::ImageTag);
        tag.map_or(Called::Itself, |tag| Called::by_image_tag(&tag.name))
    }
}

#[cfg(test)]
mod tests;
