//! GitHub asked as an App: its private key signs a short-lived token, with which a token of the installation that
//! covers a repository is had. That one is kept while it is good, at most for an hour.
//!
//! <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation>

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{DOCUMENT, GitHubError, unusable};
use crate::config::{GithubApp, GithubRepository};
use crate::jwt;
use crate::names::secret::{Access, Secret};
use crate::resolve::GithubNo;

/// How long the App's own token is good for. GitHub takes ten minutes at most.
const SIGNED_FOR: SignedDuration = SignedDuration::from_mins(9);
/// It is dated back by as much, because GitHub's clock may be behind.
const BACK: SignedDuration = SignedDuration::from_mins(1);
/// An installation's token is renewed so long before its end: a question under way is not to outlive it.
const BEFORE_ITS_END: SignedDuration = SignedDuration::from_mins(5);
/// What is asked of an installation, to read: as much of it as the App was given.
const WANTED: [&str; 5] = [
    "checks",
    "contents",
    "metadata",
    "pull_requests",
    "statuses",
];

/// Who GitHub is asked as.
#[derive(Clone, Copy, Debug)]
pub(super) struct AsApp<'a> {
    /// The App.
    pub(super) app: &'a GithubApp,
    /// Its private key, as it was downloaded.
    pub(super) key: &'a Access,
    /// What time it is.
    pub(super) now: Timestamp,
}

/// A request of the App's own, which a token signed by its key goes with.
#[derive(Debug)]
pub(super) struct AppRequest {
    /// `GET` or `POST`.
    pub(super) method: Method,
    /// Where.
    pub(super) url: String,
    /// What is sent.
    pub(super) body: Bytes,
    /// As what the answer is wanted.
    pub(super) accept: &'static str,
    /// The App's token.
    pub(super) signed: Secret,
}

/// The tokens of installations, by the owner of what they cover. Whoever asks first fetches it, and the others wait.
#[derive(Debug, Default)]
pub struct Installations(Mutex<HashMap<Owner, Installed>>);

/// Whose repositories, where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Owner {
    app: GithubApp,
    api: String,
    owner: String,
    /// The repository, where another one's installation covers what is still called the owner's.
    alone: Option<String>,
}

#[derive(Clone, Debug)]
struct Installed {
    /// Of this key: another one may be of an App that may do less.
    key: Access,
    token: Secret,
    until: Timestamp,
    /// Whose installation it is.
    owner: Option<String>,
}

/// An installation, as far as it is read.
#[derive(Deserialize)]
struct Installation {
    id: u64,
    #[serde(default)]
    account: Option<InstalledBy>,
    permissions: BTreeMap<String, String>,
    #[serde(default)]
    suspended_at: Option<String>,
}

/// Whose it is; an enterprise has no login.
#[derive(Deserialize)]
struct InstalledBy {
    #[serde(default)]
    login: Option<String>,
}

/// What is asked of it.
#[derive(Serialize)]
struct WantedRights {
    permissions: BTreeMap<&'static str, &'static str>,
}

/// Its token.
#[derive(Deserialize)]
struct InstallationToken {
    token: String,
    expires_at: Timestamp,
}

/// What an App's token says.
#[derive(Serialize)]
struct Claims<'a> {
    iat: i64,
    exp: i64,
    iss: &'a str,
}

impl Owner {
    fn of(app: &GithubApp, repository: &GithubRepository) -> Self {
        Self {
            app: app.clone(),
            api: repository.api(),
            owner: repository.owner().to_ascii_lowercase(),
            alone: None,
        }
    }

    /// Of that repository alone.
    fn alone(self, repository: &GithubRepository) -> Self {
        Self {
            alone: Some(repository.name().to_ascii_lowercase()),
            ..self
        }
    }
}

impl Installations {
    /// The token of the installation that covers a repository; asked for by `ask` where none is at hand.
    pub(super) async fn token<F>(
        &self,
        by: AsApp<'_>,
        repository: &GithubRepository,
        ask: impl Fn(AppRequest) -> F,
    ) -> Result<Secret, GitHubError>
    where
        F: Future<Output = Result<Bytes, GitHubError>>,
    {
        let owner = Owner::of(by.app, repository);
        let alone = owner.clone().alone(repository);
        let mut kept = self.0.lock().await;
        for place in [&alone, &owner] {
            if let Some(known) = kept.get(place)
                && known.key == *by.key
                && by.now < known.until
            {
                return Ok(known.token.clone());
            }
        }
        let installed = fetch(by, repository, ask).await?;
        let token = installed.token.clone();
        let named = installed.owner.as_deref();
        let place = match named.is_none_or(|named| named.eq_ignore_ascii_case(&owner.owner)) {
            true => owner,
            // It opens nothing else of that owner's.
            false => alone,
        };
        kept.insert(place, installed);
        Ok(token)
    }

    /// Forgets a token that GitHub takes no more.
    pub(super) async fn forget(&self, app: &GithubApp, repository: &GithubRepository) {
        let owner = Owner::of(app, repository);
        let mut kept = self.0.lock().await;
        kept.remove(&owner.clone().alone(repository));
        kept.remove(&owner);
    }
}

async fn fetch<F>(
    by: AsApp<'_>,
    repository: &GithubRepository,
    ask: impl Fn(AppRequest) -> F,
) -> Result<Installed, GitHubError>
where
    F: Future<Output = Result<Bytes, GitHubError>>,
{
    let signed = sign(by)?;
    let request = |method, url, body| AppRequest {
        method,
        url,
        body,
        accept: DOCUMENT,
        signed: signed.clone(),
    };
    let api = repository.api();
    let place = format!(
        "{api}/repos/{}/{}/installation",
        repository.owner(),
        repository.name()
    );
    let answer = ask(request(Method::GET, place, Bytes::new())).await;
    let found: Installation =
        read(&answer.map_err(|error| denied(error, GithubNo::NotInstalled))?)?;
    if found.suspended_at.is_some() {
        return Err(GitHubError::App(GithubNo::Suspended));
    }
    let granted = WANTED.into_iter();
    let granted = granted.filter(|wanted| found.permissions.contains_key(*wanted));
    let narrowed = WantedRights {
        permissions: granted.map(|wanted| (wanted, "read")).collect(),
    };
    // Asked for nothing in particular, GitHub would give all that the App may do.
    if narrowed.permissions.is_empty() {
        return Err(GitHubError::App(GithubNo::Token));
    }
    let body = serde_json::to_vec(&narrowed)
        .map_err(|_| unusable("to a question that cannot be written"))?;
    let place = format!("{api}/app/installations/{}/access_tokens", found.id);
    let answer = ask(request(Method::POST, place, body.into())).await;
    let given: InstallationToken =
        read(&answer.map_err(|error| denied(error, GithubNo::NotInstalled))?)?;
    let end = given.expires_at.checked_sub(BEFORE_ITS_END);
    Ok(Installed {
        key: by.key.clone(),
        token: Secret::new(given.token),
        until: end.unwrap_or(Timestamp::MIN),
        owner: found.account.and_then(|account| account.login),
    })
}

/// What a refusal of the App's own token means; `missing` is what it means that there is nothing.
fn denied(error: GitHubError, missing: GithubNo) -> GitHubError {
    match error {
        GitHubError::NotFound => GitHubError::App(missing),
        GitHubError::Denied(status) if status == StatusCode::UNAUTHORIZED.as_u16() => {
            GitHubError::App(GithubNo::KeyNotTaken)
        }
        // Suspended meanwhile.
        GitHubError::Denied(_) => GitHubError::App(GithubNo::Suspended),
        error @ (GitHubError::Moved
        | GitHubError::OtherRepository { .. }
        | GitHubError::App(_)
        | GitHubError::RateLimited { .. }
        | GitHubError::Silent(_)
        | GitHubError::Unavailable(_)) => error,
    }
}

fn read<T: for<'d> Deserialize<'d>>(body: &[u8]) -> Result<T, GitHubError> {
    // Neither is repeated: one of them is a token.
    serde_json::from_slice(body).map_err(|error| unusable(&format!("at column {}", error.column())))
}

/// The App's own token.
fn sign(by: AsApp<'_>) -> Result<Secret, GitHubError> {
    let no_key = || GitHubError::App(GithubNo::NoKey);
    let key = match by.key {
        Access::With(key) => key,
        Access::Without => return Err(no_key()),
        Access::Unread => {
            let why = "the key of its App cannot be read from the parameter store";
            return Err(GitHubError::Unavailable(why.to_owned()));
        }
    };
    let der = PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).map_err(|_| no_key())?;
    let claims = Claims {
        iat: by
            .now
            .saturating_sub(BACK)
            .map_err(|_| no_key())?
            .as_second(),
        exp: by
            .now
            .saturating_add(SIGNED_FOR)
            .map_err(|_| no_key())?
            .as_second(),
        iss: by.app.as_str(),
    };
    let signed = jwt::sign(&claims, der.secret_der());
    signed.map(Secret::new).ok_or_else(no_key)
}

#[cfg(test)]
mod tests;
