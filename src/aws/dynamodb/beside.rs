//! What stands beside a record, each in an item of its own, so that a click and a step never
//! overwrite each other. In the record's partition: the task token of who waits, the wish to stop that
//! comes of another deploy or of an operator, an operator's answer, how often an address was used. In the public function's own: addresses to
//! reply to, and what people said.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use super::Store;
use super::item::{Item, StoreError, item, json, n, number, s, seconds, text};
use super::record::{IS_NEW, deploy_pk, keyed, sortable};
use super::write::{Write, WriteOutcome};
use crate::hearing::{self, Said};
use crate::names::DeployId;
use crate::names::digest::sha256;
use crate::record::{Cancel, Newer, Vote};
use crate::slack::response_url::ResponseUrl;

/// The address has a use left beyond those kept back.
const HAS_USES: &str = "attribute_not_exists(uses) OR uses < :most";
const USE: &str = "SET uses = if_not_exists(uses, :zero) + :one, expires = :expires";
/// How long uses are remembered: longer than an address works, however its time was written down.
const USES_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long a `response_url` works.
const REPLY_LASTS: SignedDuration = SignedDuration::from_mins(30);
/// How often it can be used.
pub(crate) const REPLY_USES: u64 = 5;

/// How the sort key of an answer begins that the waiter writes down.
pub(super) const ANSWER: &str = "ANSWER#";

/// The most addresses of one deploy that are tried, the newest first.
const MOST_REPLIES: usize = 16;

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
    mark: String,
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
    pub(crate) async fn put_cancel(
        &self,
        deploy: &DeployId,
        cancel: &Cancel,
    ) -> Result<SayOutcome, StoreError> {
        let entry = keyed(
            [("pk", s(deploy_pk(deploy.as_str()))), ("sk", s("CANCEL"))],
            [("body", json(cancel)?)],
        );
        Ok(match self.put(entry, IS_NEW).await? {
            WriteOutcome::Done => SayOutcome::Said,
            WriteOutcome::Refused => SayOutcome::WasThere,
        })
    }

    /// Records that the same pipeline asked for a newer deploy; of several, the first that is recorded.
    pub(crate) async fn put_newer(
        &self,
        deploy: &DeployId,
        newer: &Newer,
    ) -> Result<SayOutcome, StoreError> {
        let entry = keyed(
            [("pk", s(deploy_pk(deploy.as_str()))), ("sk", s("NEWER"))],
            [("body", json(newer)?)],
        );
        Ok(match self.put(entry, IS_NEW).await? {
            WriteOutcome::Done => SayOutcome::Said,
            WriteOutcome::Refused => SayOutcome::WasThere,
        })
    }

    /// Records an operator's answer to a question, unless there is one.
    pub(crate) async fn put_answer(
        &self,
        deploy: &DeployId,
        answer: &Vote,
    ) -> Result<SayOutcome, StoreError> {
        let sk = format!("{ANSWER}{}", answer.nonce);
        let entry = keyed(
            [("pk", s(deploy_pk(deploy.as_str()))), ("sk", s(sk))],
            [("body", json(answer)?)],
        );
        Ok(match self.put(entry, IS_NEW).await? {
            WriteOutcome::Done => SayOutcome::Said,
            WriteOutcome::Refused => SayOutcome::WasThere,
        })
    }

    /// Keeps the task token of the execution that waits for an answer.
    pub(crate) async fn put_token(&self, deploy: &DeployId, token: &str) -> Result<(), StoreError> {
        let token = keyed(
            [("pk", s(deploy_pk(deploy.as_str()))), ("sk", s("TOKEN"))],
            [("token", s(token))],
        );
        // Any earlier token is spent: an execution waits at one place only.
        self.put_over(token).await
    }

    /// Takes one use of a reply address, if one is left beyond `kept_back`. Counted before the
    /// post, so that a lost answer can never make a sixth.
    pub async fn use_reply(
        &self,
        deploy: &str,
        reply: &ReplyAddress,
        kept_back: u64,
    ) -> Result<bool, StoreError> {
        let most = REPLY_USES.saturating_sub(kept_back);
        if most == 0 {
            return Ok(false);
        }
        self.count_use(deploy, reply, 1, most).await
    }

    /// Gives a use back that Slack did not take: it asked for a pause instead.
    pub(crate) async fn give_use_back(
        &self,
        deploy: &str,
        reply: &ReplyAddress,
    ) -> Result<(), StoreError> {
        let any = REPLY_USES + 1;
        self.count_use(deploy, reply, -1, any).await.map(drop)
    }

    async fn count_use(
        &self,
        deploy: &str,
        reply: &ReplyAddress,
        more: i64,
        most: u64,
    ) -> Result<bool, StoreError> {
        let used = format!("USED#{}", reply.mark);
        let written = self
            .update(
                item([("pk", s(deploy_pk(deploy))), ("sk", s(used))]),
                USE,
                HAS_USES,
                item([
                    (":zero", n(0)),
                    (":one", AttributeValue::N(more.to_string())),
                    (":most", n(most)),
                    (":expires", seconds(reply.expires_at + USES_KEPT)),
                ]),
            )
            .await?;
        Ok(matches!(written, WriteOutcome::Done))
    }
}

/// Where the public function writes down what people say about a deploy, and where to answer.
pub(super) fn said_pk(id: &str) -> String {
    format!("SAID#{id}")
}

pub(super) fn reply_item(id: &str, url: &ResponseUrl, at: Timestamp) -> Write {
    Write::Put {
        item: keyed(
            [
                ("pk", s(said_pk(id))),
                ("sk", s(format!("REPLY#{}#{}", sortable(at), url_mark(url)))),
            ],
            [
                ("url", s(url.expose())),
                ("expires", seconds(at + REPLY_LASTS)),
            ],
        ),
        condition: IS_NEW,
    }
}

/// Tells two addresses of one moment apart without showing either.
fn url_mark(url: &ResponseUrl) -> String {
    sha256(url.expose())[..16].to_owned()
}

/// What the public function wrote down about one id, and how often the waiter used the addresses, of
/// which `record` is the partition. What cannot have been written by it is passed over.
pub(super) fn beside(said: &[Item], record: &[Item]) -> (Vec<Said>, Vec<ReplyAddress>) {
    let (mut things, mut replies) = (Vec::new(), Vec::new());
    for entry in said {
        match text(entry, "sk").unwrap_or_default() {
            sk if sk.starts_with("REPLY#") => replies.extend(reply_address(sk, entry, record)),
            _ => things.extend(thing_said(entry)),
        }
    }
    replies.truncate(MOST_REPLIES);
    (things, replies)
}

pub(super) fn thing_said(entry: &Item) -> Option<Said> {
    let body = text(entry, "body").filter(|body| body.len() <= hearing::MAX_BYTES)?;
    crate::hearing::request::strictly(body)
}

fn reply_address(sk: &str, entry: &Item, record: &[Item]) -> Option<ReplyAddress> {
    let url: ResponseUrl = text(entry, "url")?.parse().ok()?;
    let since = sk.split('#').nth(1)?.parse().ok()?;
    let since = Timestamp::from_millisecond(since).ok()?;
    let expires_at = since.checked_add(REPLY_LASTS).ok()?;
    // By the address itself, so that writing it down twice does not make it last longer.
    let mark = url_mark(&url);
    let used = format!("USED#{mark}");
    let mut counts = record.iter();
    let count = counts.find(|entry| text(entry, "sk") == Some(used.as_str()));
    let uses = count.and_then(|entry| number(entry, "uses"));
    Some(ReplyAddress {
        mark,
        url,
        uses: uses.and_then(|uses| u64::try_from(uses).ok()).unwrap_or(0),
        expires_at: expires_at
            .checked_add(USES_KEPT)
            .is_ok()
            .then_some(expires_at)?,
    })
}
