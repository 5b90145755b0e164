//! A commit looked up in the registry: by the tags that CI gives its image.

use super::{Lookup, LookupError};
use crate::config::TagOf;
use crate::names::{CommitSha, Ref};
use crate::resolve::{Kind, Meaning};

impl Lookup<'_> {
    /// The image of a commit under whichever of its tags there is one, in the order of the patterns.
    pub(super) async fn of_commit(
        &self,
        kind: Kind,
        reference: &Ref,
        commit: CommitSha,
    ) -> Result<Meaning, LookupError> {
        let of = TagOf {
            commit: &commit,
            name: reference.as_str(),
            is_branch: matches!(kind, Kind::Branch | Kind::PullRequest),
            is_tag: kind == Kind::GitTag,
        };
        let mut missing = Vec::new();
        let mut found = None;
        for tag in self.source.tag.render(of) {
            if let Some(image) = self.image(&tag).await? {
                found = Some((tag, image));
                break;
            }
            missing.push(tag);
        }
        let (tag, image) = match found {
            Some((tag, image)) => (Some(tag), Some(image)),
            None => (None, None),
        };
        let name = reference.to_string();
        Ok(Meaning {
            kind,
            tag: tag.unwrap_or_else(|| missing.first().unwrap_or(&name).clone()),
            name,
            image,
            commit: Some(commit),
            missing,
            request: None,
        })
    }
}
