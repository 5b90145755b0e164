//! Operations on the configuration: immutable versions, and the one that is current. Each is one
//! item, compressed.

use jiff::Timestamp;

use super::Store;
use super::item::{
    Item, StoreError, binary, bytes, item, json, millis, n, number, s, text, unreadable,
};
use super::write::{Transacted, Write};
use crate::config::Packed;
use crate::names::Actor;

const IS_NEW: &str = "attribute_not_exists(pk)";
/// The current version is still the one we read.
const IS_AS_SEEN: &str = "attribute_not_exists(pk) OR config_version = :seen";
const MAKE_CURRENT: &str =
    "SET config_version = :next, body = :body, sha256 = :sha256, pushed_at = :at";

/// A configuration as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredConfiguration {
    /// Counts from 1.
    pub version: u64,
    /// The SHA-256 of the body, in hex.
    pub sha256: String,
    /// Canonical JSON.
    pub body: String,
}

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    /// It is stored as this version, and current.
    Pushed(u64),
    /// The current version is the same, to the byte.
    Unchanged(u64),
    /// Someone else pushed at the same moment.
    Raced,
}

fn current_key() -> Item {
    item([("pk", s("CONFIG")), ("sk", s("CURRENT"))])
}

impl Store {
    /// The current configuration, if one was ever pushed.
    pub async fn configuration(&self) -> Result<Option<StoredConfiguration>, StoreError> {
        let Some(entry) = self.get(current_key()).await? else {
            return Ok(None);
        };
        let version =
            number(&entry, "config_version").and_then(|version| u64::try_from(version).ok());
        let body = bytes(&entry, "body").and_then(Packed::unpack);
        let (Some(version), Some(sha256), Some(body)) = (version, text(&entry, "sha256"), body)
        else {
            return Err(unreadable(
                &entry,
                "config_version, sha256 or body is missing or broken",
            ));
        };
        Ok(Some(StoredConfiguration {
            version,
            sha256: sha256.to_owned(),
            body,
        }))
    }

    /// Stores a new immutable version, makes it current and enters it in the audit trail.
    pub async fn put_configuration(
        &self,
        body: &Packed,
        sha256: &str,
        by: &Actor,
        now: Timestamp,
    ) -> Result<PushOutcome, StoreError> {
        let seen = self.configuration().await?;
        if let Some(seen) = &seen
            && seen.sha256 == sha256
        {
            return Ok(PushOutcome::Unchanged(seen.version));
        }
        let seen = seen.map_or(0, |seen| seen.version);
        let next = seen + 1;
        let version = item([
            ("pk", s("CONFIG")),
            ("sk", s(format!("VERSION#{next:010}"))),
            ("body", binary(body.bytes())),
            ("sha256", s(sha256)),
            ("by", json(by)?),
            ("at", millis(now)),
        ]);
        let audit = item([
            ("pk", s("AUDIT")),
            (
                "sk",
                s(format!("{:015}#config#{next}", now.as_millisecond())),
            ),
            ("what", s("configuration pushed")),
            ("config_version", n(next)),
            ("sha256", s(sha256)),
            ("by", json(by)?),
        ]);
        let transacted = self
            .transact(
                None,
                vec![
                    Write::Put {
                        item: version,
                        condition: IS_NEW,
                    },
                    Write::Update {
                        key: current_key(),
                        set: MAKE_CURRENT,
                        condition: IS_AS_SEEN,
                        values: item([
                            (":seen", n(seen)),
                            (":next", n(next)),
                            (":body", binary(body.bytes())),
                            (":sha256", s(sha256)),
                            (":at", millis(now)),
                        ]),
                        names_open: false,
                    },
                    Write::Put {
                        item: audit,
                        condition: IS_NEW,
                    },
                ],
            )
            .await?;
        if let Transacted::Done = transacted {
            return Ok(PushOutcome::Pushed(next));
        }
        // Our own push, repeated after its answer was lost, stands in its own way.
        Ok(match self.configuration().await? {
            Some(now) if now.sha256 == sha256 => PushOutcome::Pushed(now.version),
            Some(_) | None => PushOutcome::Raced,
        })
    }
}
