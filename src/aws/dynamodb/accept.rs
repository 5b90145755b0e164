//! One accepted request, written once: what recognises it when it comes again, what is asked for, and
//! whatever came with it, all or nothing. All of it stands in partitions of whoever asks; the waiter
//! makes the record of it.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::Store;
use super::beside::{reply_item, said_pk, thing_said};
use super::item::{Item, StoreError, body, item, json, s, seconds, text};
use super::record::{DEDUPE_KEPT, IS_NEW, record_key};
use super::requests::{request_item, waiting_items};
use super::write::{Transacted, Write};
use crate::hearing::request::{FRESH, Request};
use crate::hearing::{Said, What};
use crate::names::{Actor, DeployId, PipelineName};
use crate::slack::response_url::ResponseUrl;

/// The deploy is still open.
const IS_OPEN: &str = "attribute_exists(#open)";

/// What is written beside the request in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extra {
    /// What a person said about a deploy; it must still be open.
    Said {
        /// The deploy.
        deploy: DeployId,
        /// An answer, or a wish that it stop.
        said: Said,
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
    /// One of those that a pipeline may ask for in a minute.
    Slot {
        /// The pipeline.
        pipeline: PipelineName,
        /// Which minute since 1970.
        minute: i64,
        /// Which of them.
        number: usize,
    },
}

/// One accepted request.
#[derive(Clone, Debug)]
pub struct Accept {
    /// The id that comes of it: the request's own, or of the deploy that it is about.
    pub id: String,
    /// Keys that make the request unique: the signature's fingerprint, the trigger id.
    pub dedupe: Vec<String>,
    /// What is asked for; `None` for a click that only says something about an existing deploy.
    pub request: Option<Request>,
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
    /// The same person has said the like before; none if that cannot be read.
    SaidBefore(Option<Said>),
    /// The slot was taken in the meantime.
    SlotTaken,
    /// The deploy is no longer open.
    Closed,
}

impl Store {
    /// Records an accepted request: dedupe keys, the request, reply address and whatever else came
    /// with it, in one transaction. Repeating it with the same request is a `Duplicate` of itself.
    pub async fn accept(&self, accept: &Accept) -> Result<AcceptOutcome, StoreError> {
        match self.accept_at(accept, SaidAt::Own).await? {
            // What somebody else wrote there keeps nobody from speaking, nor what was said too long ago to count.
            AcceptOutcome::SaidBefore(before) if !accept.says_like(before.as_ref()) => {
                self.accept_at(accept, SaidAt::Another).await
            }
            outcome => Ok(outcome),
        }
    }

    async fn accept_at(&self, accept: &Accept, place: SaidAt) -> Result<AcceptOutcome, StoreError> {
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
        if let Some(request) = &accept.request {
            writes.push(request_item(id, request)?);
            // An id is never given twice, also after the keys above are gone.
            writes.push(Write::Check {
                key: item(record_key(id)),
                condition: IS_NEW,
                values: Item::new(),
                names_open: false,
            });
        }
        let keys = writes.len();
        if let Some(request) = &accept.request {
            writes.extend(waiting_items(id, request)?);
        }
        if let Some(url) = &accept.reply {
            writes.push(reply_item(id, url, accept.at));
        }
        let extras = writes.len();
        for extra in &accept.extra {
            writes.push(extra_item(extra, accept, place)?);
            if let Extra::Said { deploy, .. } = extra {
                writes.push(Write::Check {
                    key: item(record_key(deploy.as_str())),
                    condition: IS_OPEN,
                    values: Item::new(),
                    names_open: true,
                });
            }
        }
        let token = match place {
            SaidAt::Own => Some(accept.token.as_str()),
            SaidAt::Another => None,
        };
        let refused = match self.transact(token, writes).await? {
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
            let pk = text(before, "pk").unwrap_or_default();
            if pk.starts_with("SAID#") {
                return Ok(AcceptOutcome::SaidBefore(thing_said(before)));
            }
            if pk.starts_with(SLOTS) {
                return Ok(AcceptOutcome::SlotTaken);
            }
            if pk.starts_with("BUTTON#") {
                return Ok(AcceptOutcome::ButtonUsed {
                    id: text(before, "id").unwrap_or_default().to_owned(),
                    by: body(before)?,
                });
            }
        }
        Ok(AcceptOutcome::Closed)
    }
}

/// What the partitions begin with in which the requests of pipelines are counted.
const SLOTS: &str = "PIPELINE#MINUTE#";

fn slots_pk(pipeline: &PipelineName, minute: i64) -> String {
    format!("{SLOTS}{pipeline}#{minute}")
}

impl Store {
    /// How many requests of a pipeline were recorded in a minute.
    pub(crate) async fn slots_taken(
        &self,
        pipeline: &PipelineName,
        minute: i64,
    ) -> Result<usize, StoreError> {
        Ok(self.page(&slots_pk(pipeline, minute)).await?.len())
    }
}

/// Where what a person says is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SaidAt {
    /// In the person's own place, so that the same is not said twice.
    Own,
    /// In one of this request's own.
    Another,
}

impl Accept {
    /// A request that nothing comes with, and that its id makes unique.
    pub fn new(id: String, request: Option<Request>, at: Timestamp) -> Self {
        Self {
            token: id.clone(),
            id,
            dedupe: Vec::new(),
            request,
            reply: None,
            extra: Vec::new(),
            at,
        }
    }

    /// Whether one of the things that it says is by the same person about the same as `before`, which still counts.
    fn says_like(&self, before: Option<&Said>) -> bool {
        let Some(before) = before.filter(|before| !before.is_past(self.at)) else {
            return false;
        };
        let mut said = self.extra.iter().filter_map(|extra| match extra {
            Extra::Said { said, .. } => Some(said),
            Extra::Reply { .. } | Extra::Button { .. } | Extra::Slot { .. } => None,
        });
        said.any(|said| said.by == before.by && place_of(&said.what) == place_of(&before.what))
    }
}

/// What a thing is said about.
fn place_of(what: &What) -> String {
    match what {
        What::Answer { nonce, .. } => format!("ANSWER#{nonce}"),
        What::Stop => "CANCEL".to_owned(),
    }
}

fn extra_item(extra: &Extra, accept: &Accept, place: SaidAt) -> Result<Write, StoreError> {
    let (id, at) = (accept.id.as_str(), accept.at);
    let (key, rest): ([(&str, AttributeValue); 2], Item) = match extra {
        // By person: what somebody says who may not never takes the place of who may.
        Extra::Said { deploy, said } => {
            let mut sk = format!("{}#{}#{}", place_of(&said.what), said.by.team, said.by.user);
            if place == SaidAt::Another {
                sk.push_str(&format!("#{}", accept.token));
            }
            (
                [("pk", s(said_pk(deploy.as_str()))), ("sk", s(sk))],
                item([("body", json(said)?)]),
            )
        }
        Extra::Reply { deploy, url } => return Ok(reply_item(deploy.as_str(), url, at)),
        Extra::Button { nonce, by } => (
            [("pk", s(format!("BUTTON#{nonce}"))), ("sk", s("BUTTON"))],
            item([("id", s(id)), ("body", json(by)?)]),
        ),
        Extra::Slot {
            pipeline,
            minute,
            number,
        } => (
            [
                ("pk", s(slots_pk(pipeline, *minute))),
                ("sk", s(number.to_string())),
            ],
            item([("id", s(id)), ("expires", seconds(at + FRESH))]),
        ),
    };
    let mut whole = item(key);
    whole.extend(rest);
    Ok(Write::Put {
        item: whole,
        condition: IS_NEW,
    })
}
