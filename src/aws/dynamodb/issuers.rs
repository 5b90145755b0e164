//! The keys of those who issue tokens: one item each, which the waiter alone writes, and the marks by which the function
//! that pipelines speak to asks for them anew.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Store;
use super::item::{Item, StoreError, body, item, json, s, seconds};
use super::record::keyed;
use crate::config::Issuer;
use crate::jwt::IssuerKey;

const PARTITION: &str = "ISSUERS";
const MARKS: &str = "PIPELINE#KEYS";
/// How long a mark stands.
const MARK_KEPT: SignedDuration = SignedDuration::from_hours(1);

/// What an issuer publishes, as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerKeys {
    /// When it was last asked.
    pub asked_at: Timestamp,
    /// When it last answered; none if it never has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// Its keys.
    pub keys: Vec<IssuerKey>,
}

fn key(partition: &str, issuer: &Issuer) -> Item {
    item([("pk", s(partition)), ("sk", s(issuer.as_str()))])
}

impl Store {
    /// The keys of an issuer, as they were last read.
    pub(crate) async fn issuer_keys(
        &self,
        issuer: &Issuer,
    ) -> Result<Option<IssuerKeys>, StoreError> {
        let found = self.get(key(PARTITION, issuer)).await?;
        found.as_ref().map(body).transpose()
    }

    /// Keeps the keys of an issuer.
    pub(crate) async fn put_issuer_keys(
        &self,
        issuer: &Issuer,
        keys: &IssuerKeys,
    ) -> Result<(), StoreError> {
        let entry = keyed(
            [("pk", s(PARTITION)), ("sk", s(issuer.as_str()))],
            [("body", json(keys)?)],
        );
        self.put_over(entry).await
    }

    /// Asks for an issuer's keys to be read anew.
    pub(crate) async fn miss_issuer_key(
        &self,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = keyed(
            [("pk", s(MARKS)), ("sk", s(issuer.as_str()))],
            [("body", json(&now)?), ("expires", seconds(now + MARK_KEPT))],
        );
        self.put_over(entry).await
    }

    /// When an issuer's keys were last asked for.
    pub(crate) async fn issuer_key_missed(
        &self,
        issuer: &Issuer,
    ) -> Result<Option<Timestamp>, StoreError> {
        let found = self.get(key(MARKS, issuer)).await?;
        found.as_ref().map(body).transpose()
    }
}
