//! A commit without an image, where CI builds one only when files of the application change: the image of the nearest
//! commit before it, if none has changed since.

use super::{Lookup, LookupError};
use crate::names::version::Called;
use crate::resolve::{Kind, Resolved, Unbuilt, Unresolvable, built_before, unchanged_since};

/// Commits that are looked at: those on one page.
pub(super) const ANCESTORS: u32 = 100;

impl Lookup<'_> {
    /// The image of the nearest commit before it that has one, if nothing of the application changed since; else the
    /// reason, with what was seen.
    pub(super) async fn unchanged(&self, why: Unresolvable) -> Result<Resolved, LookupError> {
        let paths = &self.source.paths;
        let (false, Some(repository)) = (paths.is_empty(), &self.source.repository) else {
            return Err(why.into());
        };
        let Unresolvable::NoImage {
            name,
            commit: asked,
            image_repository,
            tags,
            request,
            ..
        } = why
        else {
            return Err(why.into());
        };
        let chain = self.github.ancestors(repository, &asked, ANCESTORS).await?;
        let image = &self.source.image;
        let images = self.images.newest(image.registry.id.as_str(), &image.name);
        let images = images.await.map_err(|error| self.no_repository(error))?;
        let found = built_before(&chain, &images, &self.source.tag);
        let (mut nearest, mut changed) = (None, None);
        if let Some((before, image)) = found {
            let files = self
                .github
                .changed_files(repository, &before.commit, &asked)
                .await?;
            match unchanged_since(&name, &asked, &before, paths, &files) {
                Ok(since) => {
                    return Ok(Resolved {
                        name: name.clone(),
                        called: Called::Itself,
                        kind: Kind::Commit,
                        points_at: Some(before.commit),
                        commit: None,
                        tag: before.reference.to_string(),
                        image: image.clone(),
                        request: request.map(|request| *request),
                        git_unasked: false,
                        since: Some(since),
                    });
                }
                Err(why) => changed = Some(why),
            }
            nearest = Some(before);
        }
        let unbuilt = chain.first().map(|own| {
            Box::new(Unbuilt {
                title: own.title.clone(),
                author: own.author.clone(),
                ci: None,
                before: nearest,
                changed,
            })
        });
        Err(Unresolvable::NoImage {
            name,
            commit: asked,
            image_repository,
            tags,
            request,
            unbuilt,
        }
        .into())
    }
}
