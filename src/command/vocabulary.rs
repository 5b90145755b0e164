//! The names that mean something here, and the nearest one to a word that means nothing.

use std::collections::BTreeMap;

use super::usage::CommandVerb;
use crate::names::{AppName, ContainerName, EnvName, near};

/// The known applications and environments with their aliases. Built from the configuration;
/// lookups ignore case and a leading `#` or `@`, which Slack's completion puts before names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    applications: BTreeMap<String, AppName>,
    environments: BTreeMap<String, EnvName>,
    images: BTreeMap<AppName, BTreeMap<String, ContainerName>>,
}

impl Vocabulary {
    /// Knows no names.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an application that also answers to `aliases`.
    #[must_use]
    pub(crate) fn with_application<'a>(
        mut self,
        name: &AppName,
        aliases: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let aliases = aliases.into_iter().map(str::to_ascii_lowercase);
        for spelling in aliases.chain([name.as_str().to_owned()]) {
            self.applications.insert(spelling, name.clone());
        }
        self
    }

    /// Adds an environment that also answers to `aliases`.
    #[must_use]
    pub(crate) fn with_environment<'a>(
        mut self,
        name: &EnvName,
        aliases: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let aliases = aliases.into_iter().map(str::to_ascii_lowercase);
        for spelling in aliases.chain([name.as_str().to_owned()]) {
            self.environments.insert(spelling, name.clone());
        }
        self
    }

    /// Adds the images of their own that some of an application's containers run.
    #[must_use]
    pub(crate) fn with_images<'a>(
        mut self,
        application: &AppName,
        images: impl IntoIterator<Item = &'a ContainerName>,
    ) -> Self {
        let known = self.images.entry(application.clone()).or_default();
        for image in images {
            known.insert(image.as_str().to_ascii_lowercase(), image.clone());
        }
        self
    }

    /// The image of `application` that `word` names.
    pub fn image(&self, application: &AppName, word: &str) -> Option<&ContainerName> {
        self.images.get(application)?.get(&plain(word))
    }

    /// The images of `application` beside its own, in order.
    pub fn images_of(&self, application: &AppName) -> impl Iterator<Item = String> {
        let images = self.images.get(application).into_iter().flatten();
        images.map(|(_, name)| name.to_string())
    }

    /// The application that `word` names.
    pub fn application(&self, word: &str) -> Option<&AppName> {
        self.applications.get(&plain(word))
    }

    /// The environment that `word` names.
    pub fn environment(&self, word: &str) -> Option<&EnvName> {
        self.environments.get(&plain(word))
    }

    /// The applications' names, without aliases, in order.
    pub(crate) fn application_names(&self) -> impl Iterator<Item = String> {
        own_names(&self.applications)
    }

    /// The environments' names, without aliases, in order.
    pub(crate) fn environment_names(&self) -> impl Iterator<Item = String> {
        own_names(&self.environments)
    }

    pub(super) fn applications(&self) -> Candidates<'_> {
        Candidates::of(&self.applications)
    }

    pub(super) fn images(&self, application: &AppName) -> Candidates<'_> {
        let images = self.images.get(application);
        images.map_or(Candidates(Vec::new()), Candidates::of)
    }

    pub(super) fn environments(&self) -> Candidates<'_> {
        Candidates::of(&self.environments)
    }
}

fn plain(word: &str) -> String {
    word.trim_start_matches(['#', '@']).to_ascii_lowercase()
}

fn own_names<N: AsRef<str>>(names: &BTreeMap<String, N>) -> impl Iterator<Item = String> {
    names
        .iter()
        .filter(|(spelling, name)| *spelling == name.as_ref())
        .map(|(spelling, _)| spelling.clone())
}

/// What a misspelt word may have been meant to be: spelling → name.
pub(super) struct Candidates<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Candidates<'a> {
    fn of<N: AsRef<str>>(names: &'a BTreeMap<String, N>) -> Self {
        let pairs = names.iter();
        Self(pairs.map(|(s, n)| (s.as_str(), n.as_ref())).collect())
    }

    pub(super) fn verbs() -> Self {
        Self(
            CommandVerb::ALL
                .map(|verb| (verb.as_str(), verb.as_str()))
                .into(),
        )
    }

    pub(super) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }
}

/// The name meant by `word`, if one is near.
pub(super) fn nearest(word: &str, candidates: &Candidates<'_>) -> Option<String> {
    near::nearest(&plain(word), candidates.0.iter().copied()).map(str::to_owned)
}
