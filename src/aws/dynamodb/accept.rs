//! One accepted request, written once: what recognises it when it comes again, its record, and
//! whatever came with it, all or nothing.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::Store;
use super::beside::reply_item;
use super::item::{Item, StoreError, body, item, json, s, seconds, text};
use super::record::{DEDUPE_KEPT, IS_NEW, Recorded, keyed, open_keys, record_item, record_key};
use super::write::{Transacted, Write};
use crate::names::{Actor, DeployId};
use crate::record::{Answer, Cancel};
use crate::slack::response_url::ResponseUrl;

/// The deploy is still open.
const IS_OPEN: &str = "attribute_exists(#open)";

/// What is written beside the record in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extra {
    /// An answer to a deploy's question; the deploy must still be open.
    Answer {
        /// The deploy.
        deploy: DeployId,
        /// The answer.
        answer: Answer,
    },
    /// A wish that a deploy stop; the deploy must still be open.
    Cancel {
        /// The deploy.
        deploy: DeployId,
        /// The wish.
        cancel: Cancel,
    },
    /// A fresh reply address for an existing deploy.
    Reply {
        /// The deploy.
        deploy: DeployId,
        /// The address.
        url: ResponseUrl,
    },
    /// A button that may be used once.
    Button {
        /// Its nonce.
        nonce: String,
        /// Who pressed it.
        by: Actor,
    },
}

/// One accepted request.
#[derive(Clone, Debug)]
pub struct Accept {
    /// The id that comes of it: the record's own, or of the deploy that it is about.
    pub id: String,
    /// Keys that make the request unique: the signature's fingerprint, the trigger id.
    pub dedupe: Vec<String>,
    /// What is recorded; `None` for a click that only says something about an existing deploy.
    pub recorded: Option<Recorded>,
    /// Where to answer, if Slack gave an address.
    pub reply: Option<ResponseUrl>,
    /// What else is written.
    pub extra: Vec<Extra>,
    /// Repeats of this very request carry the same token; at most 36 characters.
    pub token: String,
    /// The request's own time; everything written derives from it, so that a repeated transaction
    /// is byte-identical.
    pub at: Timestamp,
}

/// What became of an accepted request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcceptOutcome {
    /// It is recorded.
    Accepted,
    /// The same request was recorded before, under this id.
    Duplicate {
        /// That id.
        id: String,
    },
    /// The button was used before; this id came of it.
    ButtonUsed {
        /// That id.
        id: String,
        /// Who pressed it.
        by: Actor,
    },
    /// The question was answered before.
    Answered(Answer),
    /// Someone wanted it stopped before.
    CancelledBefore(Cancel),
    /// The deploy is no longer open.
    Closed,
}

impl Store {
    /// Records an accepted request: dedupe keys, record, reply address and whatever else came with
    /// it, in one transaction. Repeating it with the same request is a `Duplicate` of itself.
    pub async fn accept(&self, accept: &Accept) -> Result<AcceptOutcome, StoreError> {
        let id = accept.id.as_str();
        let mut writes = Vec::new();
        for key in &accept.dedupe {
            writes.push(Write::Put {
                item: item([
                    ("pk", s(format!("SEEN#{key}"))),
                    ("sk", s("SEEN")),
                    ("id", s(id)),
                    ("expires", seconds(accept.at + DEDUPE_KEPT)),
                ]),
                condition: IS_NEW,
            });
        }
        if let Some(recorded) = &accept.recorded {
            writes.push(Write::Put {
                item: record_item(recorded)?,
                condition: IS_NEW,
            });
        }
        let keys = writes.len();
        if let Some(Recorded::Deploy(deploy)) = &accept.recorded {
            for key in open_keys(deploy) {
                writes.push(Write::Put {
                    item: keyed(key, [("id", s(id)), ("body", json(deploy)?)]),
                    condition: IS_NEW,
                });
            }
        }
        if let Some(url) = &accept.reply {
            writes.push(reply_item(id, url, accept.at));
        }
        let extras = writes.len();
        for extra in &accept.extra {
            writes.push(extra_item(extra, id, accept.at)?);
            if let Extra::Answer { deploy, .. } | Extra::Cancel { deploy, .. } = extra {
                writes.push(Write::Check {
                    key: item(record_key(deploy.as_str())),
                    condition: IS_OPEN,
                    names_open: true,
                });
            }
        }
        let refused = match self.transact(Some(&accept.token), writes).await? {
            Transacted::Done => return Ok(AcceptOutcome::Accepted),
            Transacted::Refused(refused) => refused,
        };
        if let Some(before) = refused[..keys].iter().flatten().next() {
            let id = before.as_ref().and_then(|item| text(item, "id"));
            return Ok(AcceptOutcome::Duplicate {
                id: id.unwrap_or(&accept.id).to_owned(),
            });
        }
        for before in refused[extras..].iter().flatten() {
            let Some(before) = before else {
                return Ok(AcceptOutcome::Closed);
            };
            let sk = text(before, "sk").unwrap_or_default();
            if sk.starts_with("ANSWER#") {
                return Ok(AcceptOutcome::Answered(body(before)?));
            }
            if sk == "CANCEL" {
                return Ok(AcceptOutcome::CancelledBefore(body(before)?));
            }
            if sk == "BUTTON" {
                return Ok(AcceptOutcome::ButtonUsed {
                    id: text(before, "id").unwrap_or_default().to_owned(),
                    by: body(before)?,
                });
            }
        }
        Ok(AcceptOutcome::Closed)
    }
}

fn extra_item(extra: &Extra, id: &str, at: Timestamp) -> Result<Write, StoreError> {
    let (key, rest): ([(&str, AttributeValue); 2], Item) = match extra {
        Extra::Answer { deploy, answer } => (
            [
                ("pk", s(format!("DEPLOY#{deploy}"))),
                ("sk", s(format!("ANSWER#{}", answer.nonce))),
            ],
            item([("body", json(answer)?)]),
        ),
        Extra::Cancel { deploy, cancel } => (
            [("pk", s(format!("DEPLOY#{deploy}"))), ("sk", s("CANCEL"))],
            item([("body", json(cancel)?)]),
        ),
        Extra::Reply { deploy, url } => return Ok(reply_item(deploy.as_str(), url, at)),
        Extra::Button { nonce, by } => (
            [("pk", s(format!("BUTTON#{nonce}"))), ("sk", s("BUTTON"))],
            item([("id", s(id)), ("body", json(by)?)]),
        ),
    };
    let mut whole = item(key);
    whole.extend(rest);
    Ok(Write::Put {
        item: whole,
        condition: IS_NEW,
    })
}
