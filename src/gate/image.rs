//! The gates of the image itself: its tag stays with it, its scan found nothing so bad, its commit is signed.

use serde::{Deserialize, Serialize};

use super::{Facts, NotTold, Obstacle, Outcome};
use crate::config::Severity;
use crate::names::CommitSha;
use crate::resolve::{ScanTrouble, Signature, TagSetting};

/// What is known of the tag by which an image was found.
#[derive(Clone, Debug)]
pub(crate) struct TagFacts<'a> {
    /// The repository.
    pub(crate) repository: &'a str,
    /// The tag.
    pub(crate) tag: &'a str,
    /// Whether the registry shows it on the image.
    pub(crate) is_its: bool,
    /// What the repository says; nothing where there is none.
    pub(crate) setting: Option<&'a TagSetting>,
}

/// A tag that does not stay with its image, or may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LooseTag {
    /// The repository.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// What the repository says, where nobody can tell what that means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unheard: Option<String>,
}

/// What is known of an image's scan.
#[derive(Clone, Debug)]
pub(crate) struct ScanFacts {
    /// From which severity on nothing may have been found.
    pub(crate) from: Severity,
    /// What was.
    pub(crate) judged: Result<(), ScanTrouble>,
}

/// A scan that does not let an image out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotClean {
    /// From which severity on nothing may have been found.
    pub from: Severity,
    /// Why.
    pub trouble: ScanTrouble,
}

/// What is known of a commit's signature.
#[derive(Clone, Debug)]
pub(crate) struct SignatureFacts<'a> {
    /// The commit that the image proves to be of, and what GitHub says of its signature.
    pub(crate) seen: Result<(&'a CommitSha, Signature), NotTold>,
}

/// A commit that is not signed as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotSigned {
    /// The commit.
    pub commit: CommitSha,
    /// Why not, in GitHub's word.
    pub reason: String,
}

/// GitHub's words for a signature that it could not check.
const NOT_CHECKED: [&str; 2] = ["gpgverify_error", "gpgverify_unavailable"];

impl NotSigned {
    /// Whether nobody can tell, because GitHub itself could not.
    pub(super) fn could_not_be_checked(&self) -> bool {
        NOT_CHECKED.contains(&self.reason.as_str())
    }
}

pub(super) fn immutable(facts: &Facts<'_>) -> Outcome {
    let Some(facts) = &facts.tag else {
        return Outcome::Pass;
    };
    // A name that is not on the image is no tag of its own, or was moved away from it.
    let stays = match facts.is_its {
        true => facts.setting.and_then(|setting| setting.stays(facts.tag)),
        false => Some(false),
    };
    if stays == Some(true) {
        return Outcome::Pass;
    }
    let word = || facts.setting.map_or("", |setting| &setting.word).to_owned();
    let obstacle = Obstacle::LooseTag(Box::new(LooseTag {
        repository: facts.repository.to_owned(),
        tag: facts.tag.to_owned(),
        unheard: stays.is_none().then(word),
    }));
    match stays {
        Some(_) => Outcome::Fail(vec![obstacle]),
        None => Outcome::Unknown(vec![obstacle]),
    }
}

pub(super) fn scan(facts: &Facts<'_>) -> Outcome {
    let Some(ScanFacts { from, judged }) = &facts.scan else {
        return Outcome::Pass;
    };
    let Err(trouble) = judged else {
        return Outcome::Pass;
    };
    let found = matches!(trouble, ScanTrouble::Found { .. });
    let obstacle = Obstacle::Scan(Box::new(NotClean {
        from: *from,
        trouble: trouble.clone(),
    }));
    match found {
        true => Outcome::Fail(vec![obstacle]),
        false => Outcome::Unknown(vec![obstacle]),
    }
}

pub(super) fn signed(facts: &Facts<'_>) -> Outcome {
    let Some(facts) = &facts.signature else {
        return Outcome::Pass;
    };
    let (commit, reason) = match &facts.seen {
        Ok((_, Signature::Verified)) => return Outcome::Pass,
        Ok((commit, Signature::Not(reason))) => (*commit, reason),
        Err(why) => return Outcome::Unknown(vec![Obstacle::SignatureUnread(why.clone())]),
    };
    let not_signed = NotSigned {
        commit: commit.clone(),
        reason: reason.clone(),
    };
    let unknown = not_signed.could_not_be_checked();
    let obstacle = vec![Obstacle::Signature(Box::new(not_signed))];
    match unknown {
        true => Outcome::Unknown(obstacle),
        false => Outcome::Fail(obstacle),
    }
}
