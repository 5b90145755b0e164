//! The names that mean something here, and the nearest one to a word that means nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::names::{AppName, ContainerName, EnvName, near};

/// The known applications and environments with their aliases. Built from the configuration;
/// lookups ignore case and a leading `#` or `@`, which Slack's completion puts before names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    applications: BTreeMap<String, AppName>,
    environments: BTreeMap<String, EnvName>,
    images: BTreeMap<AppName, BTreeMap<String, ContainerName>>,
    places: BTreeMap<AppName, Vec<EnvName>>,
    services: BTreeMap<(AppName, EnvName), Vec<String>>,
    repositories: BTreeMap<AppName, String>,
    before: BTreeMap<(AppName, EnvName), EnvName>,
    shows_logs: BTreeSet<EnvName>,
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

    /// Adds where an application runs, the place for an example first.
    #[must_use]
    pub(crate) fn with_places<'a>(
        mut self,
        application: &AppName,
        environments: impl IntoIterator<Item = &'a EnvName>,
    ) -> Self {
        let environments = environments.into_iter().cloned().collect();
        self.places.insert(application.clone(), environments);
        self
    }

    /// Adds the ECS services that an application has in one of its environments.
    #[must_use]
    pub(crate) fn with_services<'a>(
        mut self,
        application: &AppName,
        environment: &EnvName,
        services: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let place = (application.clone(), environment.clone());
        let services = services.into_iter().map(str::to_owned).collect();
        self.services.insert(place, services);
        self
    }

    /// Adds which environment comes before one, from which is promoted.
    #[must_use]
    pub(crate) fn with_before(
        mut self,
        application: &AppName,
        environment: &EnvName,
        before: &EnvName,
    ) -> Self {
        let place = (application.clone(), environment.clone());
        self.before.insert(place, before.clone());
        self
    }

    /// Adds an environment whose logs are shown.
    #[must_use]
    pub(crate) fn with_logs(mut self, environment: &EnvName) -> Self {
        self.shows_logs.insert(environment.clone());
        self
    }

    /// Adds where an application's commits are: `owner/repository`.
    #[must_use]
    pub(crate) fn with_repository(mut self, application: &AppName, repository: &str) -> Self {
        let repository = repository.to_ascii_lowercase();
        self.repositories.insert(application.clone(), repository);
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

    /// Whether a word is an application's or environment's name, or begins with one and goes on with what
    /// may follow it.
    pub(super) fn is_name(&self, word: &str) -> bool {
        let (name, _) = name_and_rest(word);
        let name = name.split('/').next().unwrap_or(name);
        self.application(name).is_some() || self.environment(word).is_some()
    }

    /// The applications' names, without aliases, in order.
    pub(crate) fn application_names(&self) -> impl Iterator<Item = String> {
        own_names(&self.applications)
    }

    /// The environments' names, without aliases, in order.
    pub(crate) fn environment_names(&self) -> impl Iterator<Item = String> {
        own_names(&self.environments)
    }

    /// The first application, or the first that runs there.
    pub(super) fn application_in(&self, environment: Option<&EnvName>) -> Option<&AppName> {
        let known = self.applications.iter();
        let mut own = known.filter(|(spelling, name)| *spelling == name.as_str());
        let is_there =
            |name: &AppName| environment.is_none_or(|there| self.places(name).contains(there));
        own.find(|(_, name)| is_there(name)).map(|(_, name)| name)
    }

    /// Where an application runs, the place for an example first; everywhere, if that is not known.
    pub(super) fn places(&self, application: &AppName) -> Vec<EnvName> {
        match self.places.get(application) {
            Some(places) if !places.is_empty() => places.clone(),
            _ => {
                let known = self.environments.iter();
                let own = known.filter(|(spelling, name)| *spelling == name.as_str());
                own.map(|(_, name)| name.clone()).collect()
            }
        }
    }

    /// The place for an example of showing logs.
    pub(super) fn place_with_logs(&self, application: &AppName) -> Option<EnvName> {
        let mut places = self.places(application).into_iter();
        places.find(|place| self.shows_logs.contains(place))
    }

    /// The place for an example of promoting: what comes after `from`, or the first that has something before it.
    pub(super) fn place_after(
        &self,
        application: &AppName,
        from: Option<&EnvName>,
    ) -> Option<EnvName> {
        let places = self.places(application);
        let before = |place: &&EnvName| {
            let before = self.before.get(&(application.clone(), (*place).clone()));
            before.is_some_and(|before| from.is_none_or(|from| from == before))
        };
        let other = |place: &&EnvName| from.is_some_and(|from| from != *place);
        let found = places.iter().find(before);
        found.or_else(|| places.iter().find(other)).cloned()
    }

    /// The ECS services of `application` in `environment`, in the order in which they roll out.
    pub(super) fn services(&self, application: &AppName, environment: &EnvName) -> &[String] {
        let place = (application.clone(), environment.clone());
        self.services.get(&place).map_or(&[], Vec::as_slice)
    }

    /// The application that alone has an ECS service of that name, wherever.
    pub(super) fn application_of(&self, service: &str) -> Option<&AppName> {
        let has = |names: &[String]| names.iter().any(|name| name.eq_ignore_ascii_case(service));
        let places = self.services.iter().filter(|(_, names)| has(names));
        let mut owners = places.map(|((application, _), _)| application);
        let first = owners.next()?;
        owners.all(|other| other == first).then_some(first)
    }

    /// Where the commits of `application` are.
    pub(super) fn repository(&self, application: &AppName) -> Option<&str> {
        self.repositories.get(application).map(String::as_str)
    }

    /// The applications whose commits are there.
    pub(super) fn built_from(&self, repository: &str) -> impl Iterator<Item = &AppName> {
        let repositories = self.repositories.iter();
        repositories
            .filter(move |(_, known)| known.eq_ignore_ascii_case(repository))
            .map(|(application, _)| application)
    }

    /// The application meant by `word`, if one is near.
    pub(super) fn near_application(&self, word: &str) -> Option<&AppName> {
        near::nearest(&plain(word), spelt(&self.applications))
    }

    /// The environment meant by `word`, if one is near.
    pub(super) fn near_environment(&self, word: &str) -> Option<&EnvName> {
        near::nearest(&plain(word), spelt(&self.environments))
    }

    /// The one of these services that `word` means, if one is near, or if it alone ends or begins with it:
    /// `worker` for `cms-worker`.
    pub(super) fn near_service(
        &self,
        application: &AppName,
        environment: &EnvName,
        word: &str,
    ) -> Option<&str> {
        let services = self.services(application, environment);
        let low: Vec<String> = services
            .iter()
            .map(|one| one.to_ascii_lowercase())
            .collect();
        let spelt = || low.iter().map(String::as_str).zip(services);
        let word = plain(word);
        let part = |(low, _): &(&str, &String)| low.starts_with(&word) || low.ends_with(&word);
        let mut parts = spelt().filter(part);
        let near = match (parts.next(), parts.next()) {
            (Some((_, one)), None) => Some(one),
            _ => near::nearest(&word, spelt()),
        };
        near.map(String::as_str)
    }

    /// The image of `application` meant by `word`, if one is near.
    pub(super) fn near_image(&self, application: &AppName, word: &str) -> Option<&ContainerName> {
        near::nearest(&plain(word), spelt(self.images.get(application)?))
    }
}

/// A word up to what may follow an application's name, and that with what leads it.
pub(super) fn name_and_rest(word: &str) -> (&str, Option<(char, &str)>) {
    // Names hold none of these characters, refs may hold all: the first one is the boundary.
    let boundary = word
        .char_indices()
        .skip(1)
        .find(|(_, c)| ":@,".contains(*c));
    match boundary {
        Some((at, c)) => (&word[..at], Some((c, &word[at + 1..]))),
        None => (word, None),
    }
}

fn plain(word: &str) -> String {
    word.trim_start_matches(['#', '@']).to_ascii_lowercase()
}

fn spelt<N>(names: &BTreeMap<String, N>) -> impl Iterator<Item = (&str, &N)> {
    names
        .iter()
        .map(|(spelling, name)| (spelling.as_str(), name))
}

fn own_names<N: AsRef<str>>(names: &BTreeMap<String, N>) -> impl Iterator<Item = String> {
    names
        .iter()
        .filter(|(spelling, name)| *spelling == name.as_ref())
        .map(|(spelling, _)| spelling.clone())
}
