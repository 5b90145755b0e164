//! What Slack's answers mean.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{PostError, Posted};
use crate::names::scope::AppScope;

/// What Slack answers to a call that asks for something.
#[derive(Deserialize)]
struct Replied<T> {
    ok: bool,
    error: Option<String>,
    #[serde(flatten)]
    said: T,
}

/// What was asked for, out of the answer to it; `lacks` is the scope that the call needs.
pub(super) fn said<T: DeserializeOwned>(
    answer: &Response<Bytes>,
    lacks: Option<AppScope>,
) -> Result<T, PostError> {
    if !answer.status().is_success() {
        let code = code(answer.body());
        return Err(failed(answer.status(), answer.headers(), code));
    }
    match serde_json::from_slice::<Replied<T>>(answer.body()) {
        Ok(replied) if replied.ok => Ok(replied.said),
        Ok(replied) => match (replied.error.as_deref(), lacks) {
            (Some("missing_scope"), Some(scope)) => Err(PostError::Lacks(scope)),
            (code, _) => Err(refused(code)),
        },
        Err(_) => Err(PostError::Unknown),
    }
}

/// What Slack answers, as far as it matters.
#[derive(Deserialize)]
pub(super) struct Answered {
    pub(super) ok: bool,
    pub(super) error: Option<String>,
    channel: Option<serde_json::Value>,
    ts: Option<String>,
}

/// The address of a message.
#[derive(Deserialize)]
pub(super) struct Permalink {
    pub(super) permalink: Option<String>,
}

/// A yes, and nothing else that matters.
#[derive(Deserialize)]
pub(super) struct Yes {}

pub(super) fn read(body: &Bytes) -> Option<Answered> {
    serde_json::from_slice(body).ok()
}

pub(super) fn posted(answered: Answered) -> Result<Posted, PostError> {
    let channel = answered
        .channel
        .as_ref()
        .and_then(serde_json::Value::as_str)
        .and_then(|id| id.parse().ok());
    match (channel, answered.ts) {
        (Some(channel), Some(ts)) => Ok(Posted { channel, ts }),
        // It is there, but nobody can find it again.
        _ => Err(PostError::Unknown),
    }
}

/// Slack said no with a 200.
pub(super) fn refused(error: Option<&str>) -> PostError {
    match error.unwrap_or_default() {
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => PostError::RateLimited {
            retry_after: Duration::from_secs(1),
        },
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => {
            PostError::Unknown
        }
        code => PostError::Refused(plain(code)),
    }
}

/// Slack said no by the status.
pub(super) fn failed(status: StatusCode, headers: &HeaderMap, code: String) -> PostError {
    if status == StatusCode::TOO_MANY_REQUESTS {
        let seconds = headers
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
            .unwrap_or(1);
        let retry_after = Duration::from_secs(seconds.clamp(1, 3600));
        return PostError::RateLimited { retry_after };
    }
    if status.is_server_error() {
        return PostError::Unknown;
    }
    if status.is_redirection() {
        return PostError::Refused("redirected".to_owned());
    }
    PostError::Refused(code)
}

/// The error code in a refusal's body, which is JSON or just the code.
pub(super) fn code(body: &Bytes) -> String {
    match read(body) {
        Some(answered) => plain(answered.error.as_deref().unwrap_or_default()),
        None => plain(std::str::from_utf8(body).unwrap_or_default().trim()),
    }
}

/// A code as it may stand in a log.
fn plain(code: &str) -> String {
    let fits = (1..=64).contains(&code.len())
        && code
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if fits { code } else { "unknown_error" }.to_owned()
}
