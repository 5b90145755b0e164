//! Which GitHub is asked, and as whom.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Application;
use super::values::BadValue;

/// Characters of a host name: <https://datatracker.ietf.org/doc/html/rfc1035#section-2.3.4>.
const HOST: usize = 253;
const LABEL: usize = 63;
/// The hosts of everybody's GitHub, which need not be named.
const EVERYBODYS: [&str; 3] = ["github.com", "www.github.com", "api.github.com"];
/// What ends the host of an organisation whose data GitHub keeps in one region.
const RESIDENT: &str = ".ghe.com";
/// Characters of an App's id, which GitHub says nothing about; those of today are 20.
const APP: usize = 64;

/// The GitHub that repositories are at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GithubAccess {
    /// A host of one's own; `None`: github.com.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<GithubHost>,
    /// The App as which it is asked; `None`: as whoever a token is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<GithubApp>,
    /// What repositories are known by, whatever was seen of them before; each by its name as it is compared.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub repository_ids: BTreeMap<GithubRepository, RepositoryId>,
}

/// A repository's id: a number that stays when it is renamed or moved, and that no other one gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryId(u64);

impl RepositoryId {
    /// As GitHub and the table have it.
    pub(crate) fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

impl FromStr for RepositoryId {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits => Ok(Self(number)),
            _ => Err(BadValue(
                "a repository's id is a number in quotes, as `longshore check --live` prints it"
                    .to_owned(),
            )),
        }
    }
}

impl fmt::Display for RepositoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A host of GitHub Enterprise: a server of one's own, or `NAME.ghe.com`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GithubHost(String);

impl GithubHost {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GithubHost {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let label = |label: &str| {
            (1..=LABEL).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        // The last label of an address is a number, and that of a name is not.
        let is_name = |text: &str| {
            let last = text.rsplit('.').next().unwrap_or_default();
            last.bytes().any(|b| b.is_ascii_alphabetic())
        };
        if EVERYBODYS.contains(&text) {
            return Err(BadValue(
                "everybody's GitHub is asked without it; remove \"host\"".to_owned(),
            ));
        }
        let labels = text.split('.');
        let fits = text.len() <= HOST
            && labels.clone().count() > 1
            && labels.clone().all(label)
            && is_name(text)
            && !(text.starts_with("api.") && text.ends_with(RESIDENT));
        match fits {
            true => Ok(Self(text.to_owned())),
            false => Err(BadValue(
                "a host of GitHub Enterprise is written as in the browser, without https://, such as \"github.example.com\" or \"example.ghe.com\"".to_owned(),
            )),
        }
    }
}

impl TryFrom<String> for GithubHost {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        text.parse()
    }
}

impl From<GithubHost> for String {
    fn from(host: GithubHost) -> Self {
        host.0
    }
}

impl fmt::Display for GithubHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A GitHub App, by its client id or its number.
/// <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GithubApp(String);

impl GithubApp {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GithubApp {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let fits = (1..=APP).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
        match fits {
            true => Ok(Self(text.to_owned())),
            false => Err(BadValue(
                "a GitHub App is named by its client id, such as \"Iv23liExample\", or its number in quotes"
                    .to_owned(),
            )),
        }
    }
}

impl TryFrom<String> for GithubApp {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        text.parse()
    }
}

impl From<GithubApp> for String {
    fn from(app: GithubApp) -> Self {
        app.0
    }
}

/// A GitHub repository. People write and read `owner/name`; records also keep the host, so that what they link to
/// stays where it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GithubRepository {
    host: Option<GithubHost>,
    path: String,
}

impl GithubRepository {
    /// The same at another host.
    #[must_use]
    pub(crate) fn at(self, host: Option<&GithubHost>) -> Self {
        Self {
            host: host.cloned(),
            ..self
        }
    }

    /// The same as names are compared: GitHub takes capital letters for small ones.
    #[must_use]
    pub(crate) fn folded(&self) -> Self {
        Self {
            host: self.host.clone(),
            path: self.path.to_ascii_lowercase(),
        }
    }

    /// The host, if it is not github.com.
    pub(crate) fn host(&self) -> Option<&GithubHost> {
        self.host.as_ref()
    }

    /// The part before the slash.
    pub fn owner(&self) -> &str {
        self.path.split_once('/').map_or("", |(owner, _)| owner)
    }

    /// The part after the slash.
    pub fn name(&self) -> &str {
        self.path.split_once('/').map_or("", |(_, name)| name)
    }

    /// Its page.
    pub(crate) fn page(&self) -> String {
        let host = self.host.as_ref().map_or("github.com", GithubHost::as_str);
        format!("https://{host}/{}", self.path)
    }

    /// Where its host's API is. A server of one's own has it
    /// [under its own name](https://docs.github.com/en/enterprise-server/rest/quickstart), the others
    /// [have a host for it](https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/about-github-enterprise-cloud-with-data-residency).
    pub(crate) fn api(&self) -> String {
        match &self.host {
            None => "https://api.github.com".to_owned(),
            Some(host) if host.as_str().ends_with(RESIDENT) => format!("https://api.{host}"),
            Some(host) => format!("https://{host}/api/v3"),
        }
    }
}

impl FromStr for GithubRepository {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        match is_repository(text) {
            true => Ok(Self {
                host: None,
                path: text.to_owned(),
            }),
            false => Err(BadValue(
                "a GitHub repository is written \"owner/name\"".to_owned(),
            )),
        }
    }
}

impl TryFrom<String> for GithubRepository {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        let parts: Vec<&str> = text.splitn(3, '/').collect();
        match parts.as_slice() {
            [host, owner, name] => {
                let host: GithubHost = host.parse()?;
                let repository: Self = format!("{owner}/{name}").parse()?;
                Ok(repository.at(Some(&host)))
            }
            _ => text.parse(),
        }
    }
}

impl From<GithubRepository> for String {
    fn from(repository: GithubRepository) -> Self {
        match repository.host {
            Some(host) => format!("{host}/{}", repository.path),
            None => repository.path,
        }
    }
}

impl fmt::Display for GithubRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.path)
    }
}

fn is_repository(text: &str) -> bool {
    let word = |word: &str| {
        (1..=100).contains(&word.len())
            && !word.starts_with('.')
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    match text.split_once('/') {
        Some((owner, name)) => word(owner) && word(name),
        None => false,
    }
}

impl Application {
    /// Its repositories: its own, and those of the images beside it.
    pub(crate) fn repositories(&self) -> impl Iterator<Item = &GithubRepository> {
        let others = self.images.values();
        let others = others.filter_map(|image| image.repository.as_ref());
        self.repository.iter().chain(others)
    }

    /// Its repositories are at that host.
    pub(super) fn move_repositories(&mut self, host: Option<&GithubHost>) {
        let images = self.images.values_mut();
        let others = images.map(|image| &mut image.repository);
        for repository in std::iter::once(&mut self.repository).chain(others) {
            *repository = repository.take().map(|repository| repository.at(host));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(kept: &str) -> GithubRepository {
        GithubRepository::try_from(kept.to_owned()).unwrap()
    }

    #[test]
    fn each_host_has_its_pages_and_its_api() {
        for (kept, page, api) in [
            (
                "acme/cms",
                "https://github.com/acme/cms",
                "https://api.github.com",
            ),
            (
                "acme.ghe.com/acme/cms",
                "https://acme.ghe.com/acme/cms",
                "https://api.acme.ghe.com",
            ),
            (
                "git.acme.example/acme/cms",
                "https://git.acme.example/acme/cms",
                "https://git.acme.example/api/v3",
            ),
        ] {
            let repository = repository(kept);
            assert_eq!(repository.page(), page);
            assert_eq!(repository.api(), api);
            assert_eq!(repository.to_string(), "acme/cms");
            assert_eq!(
                (repository.owner(), repository.name()),
                ("acme", "cms"),
                "{kept}"
            );
            assert_eq!(String::from(repository), kept);
        }
    }

    #[test]
    fn a_file_names_no_host_but_in_one_place() {
        for text in ["git.acme.example/acme/cms", "acme", "acme/../x", "/x", ""] {
            assert!(text.parse::<GithubRepository>().is_err(), "{text}");
        }
        for kept in [
            "evil@host.example/a/b",
            "10.0.0.1/a/b",
            "a.b/c",
            "h.example/a/b/c",
        ] {
            let read = GithubRepository::try_from(kept.to_owned());
            assert!(read.is_err() || read.unwrap().host().is_none(), "{kept}");
        }
    }

    #[test]
    fn a_host_is_a_name_of_somebodys_own() {
        for host in ["git.acme.example", "acme.ghe.com", "g1t.acme-corp.internal"] {
            assert!(host.parse::<GithubHost>().is_ok(), "{host}");
        }
        for host in [
            "github.com",
            "api.github.com",
            "api.acme.ghe.com",
            "localhost",
            "10.0.0.1",
            "https://git.acme.example",
            "git.acme.example/api/v3",
            "git.acme.example:8443",
            "user@git.acme.example",
            "Git.acme.example",
            "-git.acme.example",
            "git..example",
            "",
        ] {
            assert!(host.parse::<GithubHost>().is_err(), "{host}");
        }
        for app in ["123456", "Iv23liExample", "Iv1.8a61f9b3a7aba766"] {
            assert!(app.parse::<GithubApp>().is_ok(), "{app}");
        }
        for app in ["", "my app", "\"", &"x".repeat(65)] {
            assert!(app.parse::<GithubApp>().is_err(), "{app}");
        }
    }
}
