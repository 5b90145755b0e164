//! Whether a build service's token shows that a pipeline asks: an [OpenID Connect](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)
//! token as bearer, from an issuer that the configuration trusts, for this Longshore, and of the very runs that it names.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, header};
use jiff::Timestamp;
use serde::Deserialize;

use super::delivery::{Delivery, ProvedBy};
use super::signature::{ID, SIGNATURE, TIMESTAMP};
use crate::aws::dynamodb::{Store, StoreError};
use crate::config::{Issuer, TokenOf, TokenTrust};
use crate::jwt::{self, IssuerKey};

/// How long a copy of an issuer's keys is good for.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// An unknown key is looked for in the table again after so long.
const LOOKED: Duration = Duration::from_secs(30);
/// Keys that an issuer published so long ago, and not since, are not believed any more.
const TRUSTED: Duration = Duration::from_secs(3 * 24 * 3600);
/// So often at most one function asks for an issuer's keys to be read anew.
const MARKED: Duration = Duration::from_secs(10 * 60);
/// The most bytes of what a token is called.
const MAX_ID: usize = 256;

/// What proof a request brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShownProof<'a> {
    /// A signature, or none at all.
    Signature,
    /// A token.
    Token(&'a str),
    /// Neither, or both.
    Unclear,
}

/// What proof is in these headers.
pub(super) fn shown(headers: &HeaderMap) -> ShownProof<'_> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return ShownProof::Signature,
        (Some(value), None) => value.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => return ShownProof::Unclear,
    };
    let signed = [ID, TIMESTAMP, SIGNATURE]
        .iter()
        .any(|name| headers.contains_key(name));
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !signed => {
            ShownProof::Token(token.trim())
        }
        _ => ShownProof::Unclear,
    }
}

/// Why a token proves nothing.
#[derive(Debug)]
pub(super) enum NoProof {
    /// It is not the pipeline's. The answer to all of them is the same.
    NotVerified,
    /// Its issuer is trusted, and the key that it names is not known yet: it may be soon.
    UnknownKey,
    /// The table could not be read.
    Unread(StoreError),
}

impl From<StoreError> for NoProof {
    fn from(error: StoreError) -> Self {
        Self::Unread(error)
    }
}

/// What the documented tokens say, as far as it is read.
#[derive(Deserialize)]
struct TokenClaims {
    jti: String,
    #[serde(default)]
    repository_id: Option<String>,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    event_name: Option<String>,
    #[serde(default)]
    pipeline_source: Option<String>,
    #[serde(default)]
    ref_protected: Option<String>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    environment_protected: Option<String>,
    #[serde(default)]
    job_workflow_ref: Option<String>,
    #[serde(default)]
    ci_config_ref_uri: Option<String>,
}

impl TokenClaims {
    /// Whether they are of a run that is trusted.
    fn fit(&self, trust: &TokenTrust) -> bool {
        let (of, event, workflow) = match &trust.of {
            TokenOf::Repository(id) => (
                self.repository_id.as_deref() == Some(id),
                &self.event_name,
                &self.job_workflow_ref,
            ),
            TokenOf::Project(id) => (
                self.project_id.as_deref() == Some(id),
                &self.pipeline_source,
                &self.ci_config_ref_uri,
            ),
        };
        let event = event
            .as_ref()
            .is_some_and(|event| trust.events.contains(event));
        let workflow = trust.workflow.is_none() || trust.workflow == *workflow;
        of && event && workflow && self.is_at_home(trust)
    }

    /// Whether what it is for, or where its code is from, is protected.
    fn is_at_home(&self, trust: &TokenTrust) -> bool {
        let yes = |said: &Option<String>| said.as_deref() == Some("true");
        match (&trust.environment, &trust.of) {
            (None, _) => yes(&self.ref_protected),
            // GitHub does not say whether it is protected.
            (Some(_), TokenOf::Repository(_)) => self.environment == trust.environment,
            (Some(_), TokenOf::Project(_)) => {
                self.environment == trust.environment && yes(&self.environment_protected)
            }
        }
    }
}

#[derive(Debug)]
struct KeysAtHand {
    read_at: Timestamp,
    keys: Vec<IssuerKey>,
}

/// The keys of issuers at hand, and when they were asked for anew.
#[derive(Debug, Default)]
pub(super) struct Issuers {
    copies: Mutex<BTreeMap<Issuer, KeysAtHand>>,
    marked: Mutex<BTreeMap<Issuer, Timestamp>>,
}

impl Issuers {
    /// Makes sure that a token is of a run that is trusted. What came with it is then the pipeline's.
    pub(super) async fn verify(
        &self,
        store: &Store,
        trust: Option<&TokenTrust>,
        token: &str,
        body: Bytes,
        now: Timestamp,
    ) -> Result<Delivery, NoProof> {
        let trust = trust.ok_or(NoProof::NotVerified)?;
        let kid = jwt::key_of(token).ok_or(NoProof::NotVerified)?;
        let issuer = &trust.issuer;
        let Some(key) = self.key(store, issuer, &kid, now).await? else {
            self.mark(store, issuer, now).await;
            return Err(NoProof::UnknownKey);
        };
        let audience = trust.audience.as_str();
        let claims: TokenClaims = jwt::checked(token, &key, issuer.as_str(), audience, now)
            .ok_or(NoProof::NotVerified)?;
        let named = (1..=MAX_ID).contains(&claims.jti.len())
            && claims.jti.bytes().all(|b| b.is_ascii_graphic());
        match named && claims.fit(trust) {
            true => Ok(Delivery {
                body,
                id: format!("{issuer}\n{}", claims.jti),
                at: now,
                proof: ProvedBy::Token,
            }),
            false => Err(NoProof::NotVerified),
        }
    }

    async fn key(
        &self,
        store: &Store,
        issuer: &Issuer,
        kid: &str,
        now: Timestamp,
    ) -> Result<Option<IssuerKey>, StoreError> {
        {
            let copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(copy) = copies.get(issuer) {
                let age = now.duration_since(copy.read_at).unsigned_abs();
                let found = copy.keys.iter().find(|key| key.kid == kid);
                if age < LOOKED || (found.is_some() && age < KEPT) {
                    return Ok(found.cloned());
                }
            }
        }
        let published = store.issuer_keys(issuer).await?;
        let is_fresh = |at: Timestamp| now.duration_since(at).unsigned_abs() < TRUSTED;
        let published = published.filter(|published| published.read_at.is_some_and(is_fresh));
        let keys = published
            .map(|published| published.keys)
            .unwrap_or_default();
        let found = keys.iter().find(|key| key.kid == kid).cloned();
        let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        copies.insert(issuer.clone(), KeysAtHand { read_at: now, keys });
        Ok(found)
    }

    /// Asks for the issuer's keys, whoever made up the one that is missing: they are read rarely.
    async fn mark(&self, store: &Store, issuer: &Issuer, now: Timestamp) {
        {
            let mut marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
            let lately = marked.get(issuer);
            if lately.is_some_and(|at| now.duration_since(*at).unsigned_abs() < MARKED) {
                return;
            }
            marked.insert(issuer.clone(), now);
        }
        if let Err(error) = store.miss_issuer_key(issuer, now).await {
            tracing::error!(%issuer, %error, "an issuer's keys could not be asked for");
            let mut marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
            marked.remove(issuer);
        }
    }
}

#[cfg(test)]
mod tests;
