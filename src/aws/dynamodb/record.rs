//! Operations on deploys and jobs: accept, load, save, end, and what people say beside them.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::Store;
use super::item::{
    Item, StoreError, body, item, json, millis, n, number, s, seconds, text, unreadable,
};
use super::write::{Transacted, Write, Written};
use crate::aws::AwsError;
use crate::job::Job;
use crate::lease::ServiceKey;
use crate::names::{Actor, AppName, DeployId, EnvName, ReadId};
use crate::plan::hex;
use crate::record::{Answer, Cancel, Deploy, Past};
use crate::slack::response_url::ResponseUrl;

/// No such item yet: what makes a dedupe key, a record or an answer the only one.
const IS_NEW: &str = "attribute_not_exists(pk)";
/// Nobody has written since we read.
const IS_UNCHANGED: &str = "rev = :rev";
const SAVE: &str = "SET body = :body, rev = :next";
const SAVE_AND_CLOSE: &str = "SET body = :body, rev = :next REMOVE #open";
/// The deploy is still open.
const IS_OPEN: &str = "attribute_exists(#open)";
/// The address has a use left beyond those kept back.
const HAS_USES: &str = "uses < :most";
const USE: &str = "SET uses = uses + :one";

/// How long dedupe keys are kept: beyond Slack's 300 s window and any retry of its.
const DEDUPE_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long a `response_url` works.
const REPLY_LASTS: SignedDuration = SignedDuration::from_mins(30);
/// How often it can be used.
pub(crate) const REPLY_USES: u64 = 5;

/// A deploy or a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// A deploy.
    Deploy(Box<Deploy>),
    /// A job.
    Job(Job),
}

impl Recorded {
    /// Its id, which is also its first execution's name.
    pub fn id(&self) -> &str {
        match self {
            Self::Deploy(deploy) => deploy.id.as_str(),
            Self::Job(job) => job.id.as_str(),
        }
    }
}

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

/// What became of a compare-and-swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveOutcome {
    /// Written; this is the new `rev`.
    Saved(u64),
    /// Someone else wrote first: read again.
    Lost,
}

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

/// Everything the table holds of one deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// The record.
    pub recorded: Recorded,
    /// Its `rev`, for the next write.
    pub rev: u64,
    /// The answers to its questions.
    pub answers: Vec<Answer>,
    /// The wish that it stop.
    pub cancel: Option<Cancel>,
    /// Its reply addresses, newest first.
    pub replies: Vec<ReplyAddress>,
    /// The task token of the execution that is waiting, if one is.
    pub token: Option<String>,
}

fn record_key(id: &str) -> [(&'static str, AttributeValue); 2] {
    [("pk", s(format!("DEPLOY#{id}"))), ("sk", s("RECORD"))]
}

fn target_pk(application: &AppName, environment: &EnvName) -> String {
    format!("TARGET#{application}#{environment}")
}

/// Where the open deploys of a target are listed: a partition that holds nothing else, so that the
/// right to delete from it reaches neither records nor history.
fn open_pk(application: &AppName, environment: &EnvName) -> String {
    format!("OPEN#{application}#{environment}")
}

fn open_key(deploy: &Deploy) -> [(&'static str, AttributeValue); 2] {
    let pk = open_pk(&deploy.application, &deploy.environment);
    [("pk", s(pk)), ("sk", s(deploy.id.as_str()))]
}

fn keyed<const N: usize>(
    key: [(&str, AttributeValue); 2],
    rest: [(&str, AttributeValue); N],
) -> Item {
    let mut whole = item(key);
    whole.extend(item(rest));
    whole
}

/// Fixed-width milliseconds, so that sort keys order by time.
fn sortable(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond().max(0))
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
            writes.push(Write::Put {
                item: keyed(open_key(deploy), [("id", s(id))]),
                condition: IS_NEW,
            });
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

    /// Everything about one deploy or job, read consistently in one call.
    pub async fn load(&self, id: &str) -> Result<Option<Dossier>, StoreError> {
        let items = self.newest(&format!("DEPLOY#{id}"), "", None).await?;
        let mut dossier: Option<(Recorded, u64)> = None;
        let (mut answers, mut cancel, mut replies, mut token) =
            (Vec::new(), None, Vec::new(), None);
        for entry in &items {
            match text(entry, "sk").unwrap_or_default() {
                "RECORD" => {
                    let rev = number(entry, "rev").and_then(|rev| u64::try_from(rev).ok());
                    let rev = rev.ok_or_else(|| unreadable(entry, "it has no rev"))?;
                    dossier = Some((recorded(entry)?, rev));
                }
                "CANCEL" => cancel = Some(body(entry)?),
                "TOKEN" => token = text(entry, "token").map(str::to_owned),
                sk if sk.starts_with("ANSWER#") => answers.push(body(entry)?),
                sk if sk.starts_with("REPLY#") => replies.extend(reply_address(entry)),
                _ => {}
            }
        }
        Ok(dossier.map(|(recorded, rev)| Dossier {
            recorded,
            rev,
            answers,
            cancel,
            replies,
            token,
        }))
    }

    /// Writes a deploy back if nobody has since `rev`. A closed one leaves the list of open ones.
    pub async fn save(&self, deploy: &Deploy, rev: u64) -> Result<SaveOutcome, StoreError> {
        let set = if deploy.is_closed() {
            SAVE_AND_CLOSE
        } else {
            SAVE
        };
        let written = self
            .update(
                item(record_key(deploy.id.as_str())),
                set,
                IS_UNCHANGED,
                save_values(deploy, rev)?,
            )
            .await?;
        self.saved(deploy, rev, matches!(written, Written::Done))
            .await
    }

    /// Writes the verdict, frees the leases and enters the deploy in the history, all or nothing.
    pub async fn end(
        &self,
        deploy: &Deploy,
        rev: u64,
        past: &Past,
        leases: &[(ServiceKey, u64)],
        now: Timestamp,
    ) -> Result<SaveOutcome, StoreError> {
        let mut leases = leases.to_vec();
        loop {
            let writes = ending_writes(deploy, rev, past, &leases, now)?;
            let before = writes.len() - leases.len();
            let refused = match self.transact(None, writes).await? {
                Transacted::Done => return Ok(SaveOutcome::Saved(rev + 1)),
                Transacted::Refused(refused) => refused,
            };
            if refused[..before].iter().any(Option::is_some) {
                return self.saved(deploy, rev, false).await;
            }
            // A lease that somebody took over meanwhile is theirs; it must not keep the verdict
            // from being written.
            let mut lost = refused[before..].iter().map(Option::is_some);
            leases.retain(|_| !lost.next().unwrap_or(false));
        }
    }

    /// Whether a write that was refused is our own of a moment ago: the SDK repeats a call whose
    /// answer was lost, and then its own success stands in its way.
    async fn saved(
        &self,
        deploy: &Deploy,
        rev: u64,
        done: bool,
    ) -> Result<SaveOutcome, StoreError> {
        if done {
            return Ok(SaveOutcome::Saved(rev + 1));
        }
        let Some(stored) = self.get(item(record_key(deploy.id.as_str()))).await? else {
            return Ok(SaveOutcome::Lost);
        };
        let ours = number(&stored, "rev") == i64::try_from(rev + 1).ok()
            && text(&stored, "body") == Some(serde_json::to_string(deploy)?.as_str());
        Ok(if ours {
            SaveOutcome::Saved(rev + 1)
        } else {
            SaveOutcome::Lost
        })
    }

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

    /// Ids of everything open: deploys without a settled verdict and jobs not done. From the index,
    /// so the newest may be missing for a moment.
    pub async fn open(&self) -> Result<Vec<String>, StoreError> {
        let mut ids = Vec::new();
        let mut from = None;
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("open")
                .key_condition_expression("#open = :open")
                .expression_attribute_names("#open", "open")
                .expression_attribute_values(":open", s("open"))
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| AwsError::from_sdk("dynamodb", "Query", error))?;
            ids.extend(
                output
                    .items
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|entry| text(entry, "id").map(str::to_owned)),
            );
            from = output.last_evaluated_key;
            if from.is_none() {
                return Ok(ids);
            }
        }
    }

    /// The open deploys of one application in one environment, each as it was accepted: what was
    /// asked and by whom, not how far it has got.
    pub async fn open_at(
        &self,
        application: &AppName,
        environment: &EnvName,
    ) -> Result<Vec<Deploy>, StoreError> {
        let items = self
            .newest(&target_pk(application, environment), "OPEN#", None)
            .await?;
        items.iter().map(body).collect()
    }

    /// The newest ended deploys of one application in one environment, the baseline among them.
    pub async fn history_at(
        &self,
        application: &AppName,
        environment: &EnvName,
        limit: i32,
    ) -> Result<Vec<Past>, StoreError> {
        let items = self
            .newest(&target_pk(application, environment), "DONE#", Some(limit))
            .await?;
        items.iter().map(body).collect()
    }

    /// The newest ended deploys of all.
    pub async fn history(&self, limit: i32) -> Result<Vec<Past>, StoreError> {
        let items = self.newest("HISTORY", "DONE#", Some(limit)).await?;
        items.iter().map(body).collect()
    }

    /// Records what was found running when an application was first seen, unless that is done.
    pub async fn put_baseline(&self, baseline: &Past) -> Result<SayOutcome, StoreError> {
        let pk = target_pk(&baseline.application, &baseline.environment);
        let entry = keyed(
            // Sorts before every deploy, so there is exactly one.
            [("pk", s(pk)), ("sk", s("DONE#000000000000000#baseline"))],
            [("body", json(baseline)?)],
        );
        Ok(match self.put(entry, IS_NEW).await? {
            Written::Done => SayOutcome::Said,
            Written::Refused => SayOutcome::WasThere,
        })
    }
}

fn ending_writes(
    deploy: &Deploy,
    rev: u64,
    past: &Past,
    leases: &[(ServiceKey, u64)],
    now: Timestamp,
) -> Result<Vec<Write>, StoreError> {
    let id = deploy.id.as_str();
    let pk = target_pk(&deploy.application, &deploy.environment);
    let mut writes = vec![
        Write::Update {
            key: item(record_key(id)),
            set: SAVE,
            condition: IS_UNCHANGED,
            values: save_values(deploy, rev)?,
            names_open: false,
        },
        Write::Delete {
            key: item(open_key(deploy)),
        },
        past_item(&pk, past)?,
        past_item("HISTORY", past)?,
    ];
    for (service, fence) in leases {
        writes.push(Write::Update {
            key: super::lease::key(service),
            set: super::lease::RELEASE,
            condition: super::lease::IS_HELD,
            values: item([
                (":holder", s(id)),
                (":fence", n(*fence)),
                (":now", millis(now)),
            ]),
            names_open: false,
        });
    }
    Ok(writes)
}

fn save_values(deploy: &Deploy, rev: u64) -> Result<Item, StoreError> {
    Ok(item([
        (":body", json(deploy)?),
        (":rev", n(rev)),
        (":next", n(rev + 1)),
    ]))
}

fn record_item(recorded: &Recorded) -> Result<Item, StoreError> {
    let (kind, body, at) = match recorded {
        Recorded::Deploy(deploy) => ("deploy", json(deploy)?, deploy.requested_at),
        Recorded::Job(job) => ("job", json(job)?, job.requested_at),
    };
    let mut entry = keyed(
        record_key(recorded.id()),
        [
            ("id", s(recorded.id())),
            ("kind", s(kind)),
            ("open", s("open")),
            ("rev", n(0)),
            ("body", body),
        ],
    );
    if let Recorded::Job(_) = recorded {
        entry.insert("expires".to_owned(), seconds(at + DEDUPE_KEPT));
    }
    Ok(entry)
}

fn recorded(entry: &Item) -> Result<Recorded, StoreError> {
    match text(entry, "kind") {
        Some("deploy") => Ok(Recorded::Deploy(Box::new(body(entry)?))),
        Some("job") => Ok(Recorded::Job(body(entry)?)),
        _ => Err(unreadable(entry, "it is neither a deploy nor a job")),
    }
}

fn reply_item(id: &str, url: &ResponseUrl, at: Timestamp) -> Write {
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

fn reply_address(entry: &Item) -> Option<ReplyAddress> {
    Some(ReplyAddress {
        sk: text(entry, "sk")?.to_owned(),
        url: text(entry, "url")?.parse().ok()?,
        uses: u64::try_from(number(entry, "uses")?).ok()?,
        expires_at: Timestamp::from_millisecond(number(entry, "until")?).ok()?,
    })
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

fn past_item(pk: &str, past: &Past) -> Result<Write, StoreError> {
    let at = sortable(past.ended_at.unwrap_or(past.requested_at));
    let id = past.id.as_ref().map_or("baseline", DeployId::as_str);
    Ok(Write::Put {
        item: keyed(
            [("pk", s(pk)), ("sk", s(format!("DONE#{at}#{id}")))],
            [("body", json(past)?)],
        ),
        condition: IS_NEW,
    })
}
