//! What is said beside a record, each in an item of its own, so that a click and a step never
//! overwrite each other: a wish that it stop, the task token of who waits, addresses to reply to.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::Store;
use super::item::{Item, StoreError, item, json, millis, n, number, s, seconds, text};
use super::record::{IS_NEW, keyed, record_key, sortable};
use super::write::{Write, Written};
use crate::names::{DeployId, ReadId};
use crate::plan::hex;
use crate::record::Cancel;
use crate::slack::response_url::ResponseUrl;

/// The address has a use left beyond those kept back.
const HAS_USES: &str = "uses < :most";
const USE: &str = "SET uses = uses + :one";
/// How long a `response_url` works.
const REPLY_LASTS: SignedDuration = SignedDuration::from_mins(30);
/// How often it can be used.
const REPLY_USES: u64 = 5;

/// What became of something said beside the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SayOutcome {
    /// Written.
    Said,
    /// It was there before.
    WasThere,
}

/// A `response_url` as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyAddress {
    sk: String,
    /// The address.
    pub url: ResponseUrl,
    /// How often it was used.
    pub uses: u64,
    /// Until when it works.
    pub expires_at: Timestamp,
}

impl ReplyAddress {
    /// When it was given to us.
    pub fn since(&self) -> Timestamp {
        self.expires_at - REPLY_LASTS
    }

    /// How often it can still be used.
    pub fn left(&self) -> usize {
        usize::try_from(REPLY_USES.saturating_sub(self.uses)).unwrap_or_default()
    }
}

impl Store {
    /// Records a wish that a deploy stop, unless there is one.
    pub async fn put_cancel(
        &self,
        deploy: &DeployId,
        cancel: &Cancel,
    ) -> Result<SayOutcome, StoreError> {
        let entry = keyed(
            [("pk", s(format!("DEPLOY#{deploy}"))), ("sk", s("CANCEL"))],
            [("body", json(cancel)?)],
        );
        Ok(match self.put(entry, IS_NEW).await? {
            Written::Done => SayOutcome::Said,
            Written::Refused => SayOutcome::WasThere,
        })
    }

    /// Marks a job done.
    pub async fn close_job(&self, id: &ReadId) -> Result<(), StoreError> {
        self.update(
            item(record_key(id.as_str())),
            "REMOVE #open",
            "attribute_exists(pk)",
            Item::new(),
        )
        .await
        .map(drop)
    }

    /// Keeps the task token of the execution that waits for an answer.
    pub async fn put_token(&self, deploy: &DeployId, token: &str) -> Result<(), StoreError> {
        self.put(
            keyed(
                [("pk", s(format!("DEPLOY#{deploy}"))), ("sk", s("TOKEN"))],
                [("token", s(token))],
            ),
            // Any earlier token is spent: an execution waits at one place only.
            "attribute_exists(pk) OR attribute_not_exists(pk)",
        )
        .await
        .map(drop)
    }

    /// Takes one use of a reply address, if one is left beyond `kept_back`. Counted before the
    /// post, so that a lost answer can never make a sixth.
    pub async fn use_reply(
        &self,
        deploy: &str,
        reply: &ReplyAddress,
        kept_back: u64,
    ) -> Result<bool, StoreError> {
        let written = self
            .update(
                item([("pk", s(format!("DEPLOY#{deploy}"))), ("sk", s(&reply.sk))]),
                USE,
                HAS_USES,
                item([
                    (":one", n(1)),
                    (":most", n(REPLY_USES.saturating_sub(kept_back))),
                ]),
            )
            .await?;
        Ok(matches!(written, Written::Done))
    }
}

pub(super) fn reply_item(id: &str, url: &ResponseUrl, at: Timestamp) -> Write {
    let expires = at + REPLY_LASTS;
    Write::Put {
        item: keyed(
            [
                ("pk", s(format!("DEPLOY#{id}"))),
                ("sk", s(format!("REPLY#{}#{}", sortable(at), url_mark(url)))),
            ],
            [
                ("url", s(url.expose())),
                ("uses", n(0)),
                ("until", millis(expires)),
                ("expires", seconds(expires)),
            ],
        ),
        condition: IS_NEW,
    }
}

/// Tells two addresses of one moment apart without showing either.
fn url_mark(url: &ResponseUrl) -> String {
    hex(&Sha256::digest(url.expose()))[..16].to_owned()
}

pub(super) fn reply_address(entry: &Item) -> Option<ReplyAddress> {
    Some(ReplyAddress {
        sk: text(entry, "sk")?.to_owned(),
        url: text(entry, "url")?.parse().ok()?,
        uses: u64::try_from(number(entry, "uses")?).ok()?,
        expires_at: Timestamp::from_millisecond(number(entry, "until")?).ok()?,
    })
}
