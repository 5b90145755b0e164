//! What one entry of the history says of what ran.

use crate::names::version::Part;
use crate::names::version::runs;
use crate::names::{ContainerName, ImageDigest, Ref};
use crate::record::{Past, Verdict};

impl Past {
    /// Whether the entry is the baseline: what ran when Longshore first saw the application.
    pub(crate) fn is_baseline(&self) -> bool {
        self.id.is_none() && self.outside.is_none()
    }

    /// Whether the version is known to have worked, so that a rollback may go to it.
    pub fn is_good(&self) -> bool {
        match (&self.id, &self.outside) {
            (Some(_), _) => self.verdict == Some(Verdict::Succeeded),
            (None, Some(outside)) => outside.successful,
            (None, None) => true,
        }
    }

    /// What it is gone back to by, as it is typed: what was found running has no id, and is named by its version.
    pub(crate) fn typed(&self) -> Option<String> {
        let id = self.id.as_ref().map(ToString::to_string);
        let label = self.label.parse::<Ref>().ok();
        id.or_else(|| label.map(String::from))
    }

    /// What people call all that ran: `1f0c9de + nginx:3.1.0`.
    pub fn runs(&self) -> String {
        runs(&self.label, &self.parts)
    }

    /// The version that the entry has of one image, if any.
    pub fn part(&self, image: Option<&ContainerName>) -> Option<Part> {
        if self.parts.is_empty() {
            let own = || Part::new(None, &self.label, self.commit.clone());
            return image.is_none().then(own);
        }
        let mut parts = self.parts.iter();
        parts.find(|part| part.image.as_ref() == image).cloned()
    }

    /// The commit that ran of the application's own image, where it is known.
    pub(crate) fn own_commit(&self) -> Option<String> {
        self.part(None)?.commit
    }

    /// What a service ran of images that its revision names by tag: container → `repository@digest`.
    pub(crate) fn pins_of(&self, service: &str) -> Vec<(String, String)> {
        let own = self.pins.iter().filter(|pin| pin.service == service);
        own.map(|pin| (pin.container.clone(), pin.image.clone()))
            .collect()
    }

    /// The digest that a container ran; none where services ran different ones in containers of that name,
    /// because then it does not say which service ran which.
    pub fn digest_of(&self, container: &str) -> Option<ImageDigest> {
        let mut all = self.digests.iter().filter(|(name, _)| name == container);
        let (_, digest) = all.next()?;
        match all.next() {
            None => digest.parse().ok(),
            Some(_) => None,
        }
    }

    /// The revision that a service ran.
    pub(crate) fn revision_of(&self, service: &str) -> Option<&str> {
        let mut revisions = self.revisions.iter();
        let found = revisions.find(|(name, _)| name == service);
        found.map(|(_, revision)| revision.as_str())
    }

    /// Whether a service runs what this entry says, unless something came after it.
    pub(crate) fn took_effect(&self) -> bool {
        self.id.is_none() || self.verdict == Some(Verdict::Succeeded)
    }
}
