//! The keys of those who issue tokens, read from where they publish them
//! (<https://openid.net/specs/openid-connect-discovery-1_0.html>): once a day, and sooner, but never more often than
//! every ten minutes, where a token came with a key that is not known.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::context::{StepError, Waiter};
use crate::aws::dynamodb::IssuerKeys;
use crate::config::{Config, Issuer};
use crate::http::Http;
use crate::jwt::IssuerKey;

/// How long keys are good without being looked at.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// So often at most an issuer is asked, whoever wants it.
const AT_MOST: SignedDuration = SignedDuration::from_mins(10);
/// How long one answer may take.
const WITHIN: Duration = Duration::from_secs(5);
/// The most keys that are kept: GitHub and GitLab publish two or three.
const MOST: usize = 20;

/// What an issuer says of itself, as far as it is read.
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

/// Why an issuer's keys are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum NoKeys {
    #[error("it did not answer")]
    Silent,
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("it calls itself by another name, or keeps its keys at another host")]
    Elsewhere,
    #[error("its answer has no keys that can be used")]
    Unusable,
}

/// Reads the keys that are due.
pub(super) async fn refresh(
    waiter: &Waiter,
    config: &Config,
    until: Timestamp,
) -> Result<(), StepError> {
    for issuer in config.issuers() {
        let now = waiter.now();
        if now >= until {
            break;
        }
        let known = waiter.store.issuer_keys(issuer).await?;
        let missed = waiter.store.issuer_key_missed(issuer).await?;
        if !is_due(known.as_ref(), missed, now) {
            continue;
        }
        let read = match read(waiter.http(), issuer).await {
            Ok(keys) => IssuerKeys {
                asked_at: now,
                read_at: Some(now),
                keys,
            },
            Err(error) => {
                tracing::error!(%issuer, %error, "the keys of an issuer of tokens could not be read");
                IssuerKeys {
                    asked_at: now,
                    read_at: known.as_ref().and_then(|known| known.read_at),
                    keys: known.map(|known| known.keys).unwrap_or_default(),
                }
            }
        };
        waiter.store.put_issuer_keys(issuer, &read).await?;
    }
    Ok(())
}

fn is_due(known: Option<&IssuerKeys>, missed: Option<Timestamp>, now: Timestamp) -> bool {
    let Some(known) = known else {
        return true;
    };
    if now.duration_since(known.asked_at) < AT_MOST {
        return false;
    }
    let old = known
        .read_at
        .is_none_or(|at| now.duration_since(at) >= A_DAY);
    old || missed.is_some_and(|at| at > known.asked_at)
}

async fn read(http: &Http, issuer: &Issuer) -> Result<Vec<IssuerKey>, NoKeys> {
    let place = format!("{issuer}/.well-known/openid-configuration");
    let said = get(http, &place).await?;
    let said: Discovered = serde_json::from_slice(&said).map_err(|_| NoKeys::Unusable)?;
    if said.issuer != issuer.as_str() || !issuer.has(&said.jwks_uri) {
        return Err(NoKeys::Elsewhere);
    }
    let mut keys = IssuerKey::of_set(&get(http, &said.jwks_uri).await?).ok_or(NoKeys::Unusable)?;
    keys.truncate(MOST);
    match keys.is_empty() {
        true => Err(NoKeys::Unusable),
        false => Ok(keys),
    }
}

async fn get(http: &Http, url: &str) -> Result<Bytes, NoKeys> {
    let request = Request::get(url)
        .body(Bytes::new())
        .map_err(|_| NoKeys::Elsewhere)?;
    let answer = http
        .send(request, WITHIN)
        .await
        .map_err(|_| NoKeys::Silent)?;
    match answer.status() {
        StatusCode::OK => Ok(answer.into_body()),
        other => Err(NoKeys::Status(other.as_u16())),
    }
}
