//! What GitHub says where it gives no answer: by the status, the headers and, for one limit, the message.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use jiff::Timestamp;

use crate::config::RepositoryId;
use crate::resolve::GithubNo;

/// Why GitHub gave no usable answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GitHubError {
    /// There is no such thing, or the token may not see it: GitHub does not tell the two apart.
    #[error("GitHub does not know it, or the token may not see it")]
    NotFound,
    /// The repository was renamed or moved.
    #[error("the repository has moved")]
    Moved,
    /// Another repository has the name by now.
    #[error("the name belongs to repository {found}, and not to {known} any more")]
    OtherRepository {
        /// What the one that is meant is known by.
        known: RepositoryId,
        /// What that one is.
        found: RepositoryId,
    },
    /// Too many requests.
    #[error("GitHub's rate limit is used up")]
    RateLimited {
        /// When it is renewed, if GitHub said so.
        until: Option<Timestamp>,
    },
    /// The token is not valid, or not allowed to.
    #[error("GitHub refuses the token, or refuses without one (HTTP {0})")]
    Denied(u16),
    /// It cannot be asked as the App that is configured.
    #[error("GitHub does not let the App ask: {0:?}")]
    App(GithubNo),
    /// No answer at all.
    #[error("GitHub cannot be reached: {0}")]
    Silent(String),
    /// An error of theirs, or nothing that can be read.
    #[error("GitHub cannot be reached: {0}")]
    Unavailable(String),
}

impl GitHubError {
    /// Whether trying again soon may help.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Silent(_) | Self::Unavailable(_) => true,
            Self::NotFound
            | Self::Moved
            | Self::OtherRepository { .. }
            | Self::Denied(_)
            | Self::App(_) => false,
        }
    }

    /// Whether any other question would end in the same way for now.
    pub(super) fn ends_the_conversation(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Silent(_)
            | Self::App(GithubNo::NoKey | GithubNo::KeyNotTaken) => true,
            Self::Unavailable(_)
            | Self::Denied(_)
            | Self::App(_)
            | Self::NotFound
            | Self::Moved
            | Self::OtherRepository { .. } => false,
        }
    }

    /// What an admin has to mend, if that is what it takes.
    pub(crate) fn no(&self) -> Option<GithubNo> {
        match self {
            Self::App(no) => Some(*no),
            Self::Denied(_) => Some(GithubNo::Token),
            Self::OtherRepository { .. } => Some(GithubNo::OtherRepository),
            Self::NotFound
            | Self::Moved
            | Self::RateLimited { .. }
            | Self::Silent(_)
            | Self::Unavailable(_) => None,
        }
    }
}

/// The answer, or what its status and headers say is wrong:
/// [rate limits](https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api)
/// come as 403 or 429.
pub(super) fn judge(answer: Response<Bytes>) -> Result<Response<Bytes>, GitHubError> {
    let number = |name: &str| {
        let value = answer.headers().get(name)?.to_str().ok()?;
        value.parse::<i64>().ok()
    };
    let status = answer.status();
    let exhausted = number("x-ratelimit-remaining") == Some(0);
    // Whoever asks too fast has requests left, and the hour's end is not what they wait for.
    let limited = || GitHubError::RateLimited {
        until: until(number).filter(|_| exhausted),
    };
    let told_to_wait =
        answer.headers().contains_key(header::RETRY_AFTER) || is_secondary_limit(answer.body());
    match status {
        StatusCode::OK | StatusCode::CREATED | StatusCode::NOT_MODIFIED => Ok(answer),
        StatusCode::FORBIDDEN if exhausted || told_to_wait => Err(limited()),
        StatusCode::TOO_MANY_REQUESTS => Err(limited()),
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

#[cfg(test)]
mod tests {
    use http::HeaderValue;

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
        for status in [403, 429] {
            let left = ("x-ratelimit-remaining", "12");
            let reset = ("x-ratelimit-reset", "1800000000");
            assert_eq!(
                kind(status, &[("retry-after", "60"), left, reset]),
                GitHubError::RateLimited { until: None }
            );
        }
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
        assert!(judge(answer(200, &[])).is_ok() && judge(answer(304, &[])).is_ok());
    }
}
