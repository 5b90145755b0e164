//! GitHub: what a branch or a tag points to, and what lies between two commits.
//!
//! Only reads, only of the repository an application names, and always bounded. A token is optional;
//! it is never logged, and no answer's body ever becomes part of an error.

mod wire;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use self::wire::{Branch, Comparison, Pointer, Repository, line};
use crate::config::GithubRepository;
use crate::http::{Http, SendError};
use crate::names::{CommitSha, Ref};
use crate::plan::Commits;
use crate::secret::Access;

/// How long one request may take.
const WITHIN: Duration = Duration::from_secs(5);
/// Commits shown of a comparison.
const SHOWN: u32 = 10;
/// Tag objects that may point to tag objects.
const NESTED: usize = 3;
/// Why GitHub gave no usable answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GitHubError {
    /// There is no such thing, or the token may not see it: GitHub does not tell the two apart.
    #[error("GitHub does not know it, or the token may not see it")]
    NotFound,
    /// The repository was renamed or moved.
    #[error("the repository has moved")]
    Moved,
    /// Too many requests.
    #[error("GitHub's rate limit is used up")]
    RateLimited {
        /// When it is renewed, if GitHub said so.
        until: Option<Timestamp>,
    },
    /// The token is not valid, or not allowed to.
    #[error("GitHub refuses the token, or refuses without one (HTTP {0})")]
    Denied(u16),
    /// No answer, or an error of theirs.
    #[error("GitHub cannot be reached: {0}")]
    Unavailable(String),
}

impl GitHubError {
    /// Whether trying again soon may help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Unavailable(_) => true,
            Self::NotFound | Self::Moved | Self::Denied(_) => false,
        }
    }
}

/// GitHub's REST API.
#[derive(Clone, Debug)]
pub struct GitHub {
    http: Http,
    access: Access,
}

impl GitHub {
    /// GitHub, as whoever the token is.
    pub fn new(http: Http, access: Access) -> Self {
        Self { http, access }
    }

    /// The default branch's name.
    ///
    /// # Errors
    ///
    /// [`GitHubError::NotFound`] also where the token may not see the repository.
    pub async fn default_branch(
        &self,
        repository: &GithubRepository,
    ) -> Result<String, GitHubError> {
        let found: Repository = self.get(repository, "").await?;
        Ok(found.default_branch)
    }

    /// The head of a branch; `None` where there is no such branch.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub async fn branch(
        &self,
        repository: &GithubRepository,
        name: &str,
    ) -> Result<Option<CommitSha>, GitHubError> {
        let path = format!("/git/ref/heads/{}", encoded(name));
        match found(self.get::<Pointer>(repository, &path).await)? {
            Some(pointer) => commit_sha(&pointer.object.sha).map(Some),
            None => Ok(None),
        }
    }

    /// The commit of a tag, annotated or not; `None` where there is no such tag, or it tags
    /// something else than a commit.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub async fn tag(
        &self,
        repository: &GithubRepository,
        name: &str,
    ) -> Result<Option<CommitSha>, GitHubError> {
        let mut path = format!("/git/ref/tags/{}", encoded(name));
        for _ in 0..=NESTED {
            let Some(pointer) = found(self.get::<Pointer>(repository, &path).await)? else {
                return Ok(None);
            };
            match pointer.object.r#type.as_str() {
                "commit" => return commit_sha(&pointer.object.sha).map(Some),
                "tag" => {
                    let object = commit_sha(&pointer.object.sha)?;
                    path = format!("/git/tags/{object}");
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The commit that a full SHA, or the first 7 to 39 digits of one, names; `None` where none
    /// does.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub async fn commit(
        &self,
        repository: &GithubRepository,
        sha: &str,
    ) -> Result<Option<CommitSha>, GitHubError> {
        let path = format!("/commits/{}", encoded(sha));
        let answer = self
            .ask(repository, &path, "application/vnd.github.sha")
            .await;
        let Some(answer) = found(answer)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(answer.body()).unwrap_or_default();
        let commit = commit_sha(text.trim())?;
        // The endpoint takes branches and tags as well, and prefers them.
        let named = commit.as_str().starts_with(&sha.to_ascii_lowercase());
        Ok(named.then_some(commit))
    }

    /// What `head` has that `base` has not, and how much the other way round; `None` where one of
    /// them is not known or they have nothing in common.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub async fn compare(
        &self,
        repository: &GithubRepository,
        base: &CommitSha,
        head: &CommitSha,
    ) -> Result<Option<Commits>, GitHubError> {
        // The first page alone carries the changed files, which may be megabytes; a second page of
        // single commits has the counts without them.
        let page =
            |size: u32, page: u32| format!("/compare/{base}...{head}?per_page={size}&page={page}");
        let Some(counts) = found(self.get::<Comparison>(repository, &page(1, 2)).await)? else {
            return Ok(None);
        };
        let mut commits = Vec::new();
        let last = counts.total_commits.div_ceil(SHOWN);
        // Oldest first: the newest are on the last page, and maybe the one before.
        for number in [last.saturating_sub(1), last] {
            let needed = number > 0 && (number == last || counts.total_commits % SHOWN != 0);
            if needed {
                match self
                    .get::<Comparison>(repository, &page(SHOWN, number))
                    .await
                {
                    Ok(part) => commits.extend(part.commits),
                    // Too much changed to be listed: the counts stand.
                    Err(GitHubError::Unavailable(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let newest = commits.into_iter().rev().take(SHOWN as usize);
        Ok(Some(Commits {
            ahead: counts.ahead_by,
            behind: counts.behind_by,
            newest: newest.map(line).collect(),
        }))
    }

    /// Names of branches, 100 at most, for "did you mean". Empty when they cannot be had.
    pub async fn branch_names(&self, repository: &GithubRepository) -> Vec<String> {
        let answer = self
            .get::<Vec<Branch>>(repository, "/branches?per_page=100")
            .await;
        let branches = answer.unwrap_or_default();
        branches.into_iter().map(|branch| branch.name).collect()
    }

    async fn get<T: DeserializeOwned>(
        &self,
        repository: &GithubRepository,
        path: &str,
    ) -> Result<T, GitHubError> {
        let answer = self
            .ask(repository, path, "application/vnd.github+json")
            .await?;
        // The body is not repeated: it is somebody else's text.
        serde_json::from_slice(answer.body())
            .map_err(|error| unusable(&format!("at column {}", error.column())))
    }

    async fn ask(
        &self,
        repository: &GithubRepository,
        path: &str,
        accept: &'static str,
    ) -> Result<Response<Bytes>, GitHubError> {
        let mut request = Request::get(format!("https://api.github.com/repos/{repository}{path}"))
            .header(header::ACCEPT, accept)
            .header("x-github-api-version", "2022-11-28");
        let token = match &self.access {
            Access::With(token) => Some(token),
            Access::Without => None,
            // As somebody unknown, GitHub would say that there is no such repository.
            Access::Unread => {
                let why = "its token cannot be read from the parameter store";
                return Err(GitHubError::Unavailable(why.to_owned()));
            }
        };
        if let Some(token) = token {
            let bearer = format!("Bearer {}", token.expose());
            let mut bearer =
                HeaderValue::from_str(&bearer).map_err(|_| GitHubError::Denied(401))?;
            bearer.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, bearer);
        }
        let request = request
            .body(Bytes::new())
            .map_err(|_| GitHubError::NotFound)?;
        let answer = self.http.send(request, WITHIN).await.map_err(|error| {
            let why = match error {
                SendError::TimedOut
                | SendError::Lost
                | SendError::TooLarge
                | SendError::Invalid => error.to_string(),
            };
            GitHubError::Unavailable(why)
        })?;
        judge(answer)
    }
}

/// The answer, or what its status and headers say is wrong:
/// [rate limits](https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api)
/// come as 403 or 429.
fn judge(answer: Response<Bytes>) -> Result<Response<Bytes>, GitHubError> {
    let number = |name: &str| {
        let value = answer.headers().get(name)?.to_str().ok()?;
        value.parse::<i64>().ok()
    };
    let status = answer.status();
    let exhausted = number("x-ratelimit-remaining") == Some(0);
    let told_to_wait =
        answer.headers().contains_key(header::RETRY_AFTER) || is_secondary_limit(answer.body());
    match status {
        StatusCode::OK => Ok(answer),
        StatusCode::FORBIDDEN if exhausted || told_to_wait => Err(GitHubError::RateLimited {
            until: until(number),
        }),
        StatusCode::TOO_MANY_REQUESTS => Err(GitHubError::RateLimited {
            until: until(number),
        }),
        // 409: the repository is empty. 422: no commit has these digits, or several have.
        StatusCode::NOT_FOUND
        | StatusCode::CONFLICT
        | StatusCode::GONE
        | StatusCode::UNPROCESSABLE_ENTITY => Err(GitHubError::NotFound),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(GitHubError::Denied(status.as_u16()))
        }
        status if status.is_redirection() => Err(GitHubError::Moved),
        status => Err(GitHubError::Unavailable(format!(
            "HTTP {}",
            status.as_u16()
        ))),
    }
}

/// The secondary limit may come without any header; then its message alone tells it apart. Nothing else of
/// the body is looked at.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
fn is_secondary_limit(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Refused {
        message: String,
    }
    let refused = serde_json::from_slice::<Refused>(body);
    refused.is_ok_and(|refused| {
        let message = refused.message.to_ascii_lowercase();
        message.contains("rate limit") || message.contains("abuse detection")
    })
}

fn until(number: impl Fn(&str) -> Option<i64>) -> Option<Timestamp> {
    let reset = number("x-ratelimit-reset")?;
    Timestamp::from_second(reset).ok()
}

/// What is not found is an answer, not an error.
fn found<T>(answer: Result<T, GitHubError>) -> Result<Option<T>, GitHubError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(GitHubError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn commit_sha(text: &str) -> Result<CommitSha, GitHubError> {
    text.parse()
        .map_err(|_| unusable("where a commit should be"))
}

fn unusable(where_: &str) -> GitHubError {
    GitHubError::Unavailable(format!("its answer cannot be read {where_}"))
}

/// A name as a path's parts: what RFC 3986 leaves unreserved and the slashes stay.
fn encoded(name: &str) -> String {
    use std::fmt::Write as _;
    name.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
        path
    })
}

/// Whether the text can be (the beginning of) a commit's SHA.
pub fn looks_like_sha(reference: &Ref) -> bool {
    let text = reference.as_str();
    (7..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &'static str)]) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        for (name, value) in headers {
            answer
                .headers_mut()
                .insert(*name, HeaderValue::from_static(value));
        }
        answer
    }

    #[test]
    fn a_refusal_is_told_apart_by_status_and_headers() {
        let kind = |status, headers: &[(&'static str, &'static str)]| {
            judge(answer(status, headers)).unwrap_err()
        };
        assert_eq!(kind(404, &[]), GitHubError::NotFound);
        assert_eq!(kind(422, &[]), GitHubError::NotFound);
        assert_eq!(kind(301, &[]), GitHubError::Moved);
        assert_eq!(kind(401, &[]), GitHubError::Denied(401));
        assert_eq!(
            kind(403, &[("x-ratelimit-remaining", "12")]),
            GitHubError::Denied(403)
        );
        assert_eq!(
            kind(
                403,
                &[
                    ("x-ratelimit-remaining", "0"),
                    ("x-ratelimit-reset", "1800000000")
                ]
            ),
            GitHubError::RateLimited {
                until: Timestamp::from_second(1_800_000_000).ok()
            }
        );
        assert_eq!(
            kind(403, &[("retry-after", "60")]),
            GitHubError::RateLimited { until: None }
        );
        let mut secondary = answer(403, &[]);
        *secondary.body_mut() = Bytes::from_static(
            br#"{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}"#,
        );
        assert_eq!(
            judge(secondary).unwrap_err(),
            GitHubError::RateLimited { until: None }
        );
        let mut forbidden = answer(403, &[]);
        *forbidden.body_mut() =
            Bytes::from_static(br#"{"message": "Resource not accessible by integration"}"#);
        assert_eq!(judge(forbidden).unwrap_err(), GitHubError::Denied(403));
        assert!(kind(503, &[]).is_transient());
        assert!(!kind(404, &[]).is_transient());
        assert!(judge(answer(200, &[])).is_ok());
    }

    #[test]
    fn a_name_cannot_leave_its_place_in_the_path() {
        assert_eq!(encoded("feature/a#b?c d"), "feature/a%23b%3Fc%20d");
        assert_eq!(encoded("fé"), "f%C3%A9");
    }

    #[test]
    fn seven_to_forty_hex_digits_may_be_a_commit() {
        let sha = |text: &str| looks_like_sha(&text.parse().unwrap());
        assert!(sha("abcdef0") && sha(&"A".repeat(40)));
        assert!(!sha("abcdef") && !sha("feature") && !sha(&"a".repeat(41)));
    }
}
