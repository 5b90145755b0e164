//! A commit looked up in the registry: by the tags that CI gives its image.

use super::{Lookup, LookupError};
use crate::config::TagOf;
use crate::names::{CommitSha, Ref};
use crate::resolve::{Kind, Meaning, PushedImage, Sign, signs};

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
            is_anybodys: kind == Kind::PullRequest,
        };
        let mut missing = Vec::new();
        let mut found = None;
        for tag in self.source.tag.render(of) {
            match self.image(&tag).await? {
                Some(image) if !self.is_of_another(&image, &commit) => {
                    found = Some((tag, image));
                    break;
                }
                // A branch's tag that lags behind: what was pushed last is not built yet.
                Some(_) | None => missing.push(tag),
            }
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

    /// Whether an image's tags say that it is of other commits, where CI names them.
    fn is_of_another(&self, image: &PushedImage, commit: &CommitSha) -> bool {
        let signs = signs(&image.tags, &self.source.tag).into_iter();
        // A few digits that nobody's pattern makes may be anything.
        let certain: Vec<Sign> = signs
            .filter(|sign| !matches!(sign, Sign::OtherShort(_)))
            .collect();
        let names_it = certain.iter().any(|sign| sign.names(commit));
        self.source.tag.names_commits() && !certain.is_empty() && !names_it
    }
}
