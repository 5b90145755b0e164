//! Operations on records: load, save, end. What a record begins with is in `accept`, what is said
//! beside it in `beside`, and where records are listed in `lists`.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use super::Store;
use super::beside::{ReplyAddress, reply_address};
use super::item::{
    Item, StoreError, body, item, json, millis, n, number, s, seconds, text, unreadable,
};
use super::write::{Transacted, Write, Written};
use crate::job::Job;
use crate::lease::ServiceKey;
use crate::names::{AppName, DeployId, EnvName};
use crate::record::{Answer, Cancel, Deploy, Past, SCHEMA};

/// No such item yet: what makes a dedupe key, a record or an answer the only one.
pub(super) const IS_NEW: &str = "attribute_not_exists(pk)";
/// Nobody has written since we read.
const IS_UNCHANGED: &str = "rev = :rev";
const SAVE: &str = "SET body = :body, rev = :next, due = :due";
const SAVE_AND_CLOSE: &str = "SET body = :body, rev = :next, due = :due REMOVE #open";
/// How long dedupe keys are kept: beyond Slack's 300 s window and any retry of its.
pub(super) const DEDUPE_KEPT: SignedDuration = SignedDuration::from_hours(24);
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

/// What became of a compare-and-swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveOutcome {
    /// Written; this is the new `rev`.
    Saved(u64),
    /// Someone else wrote first: read again.
    Lost,
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

pub(super) fn record_key(id: &str) -> [(&'static str, AttributeValue); 2] {
    [("pk", s(format!("DEPLOY#{id}"))), ("sk", s("RECORD"))]
}

pub(super) fn target_pk(application: &AppName, environment: &EnvName) -> String {
    format!("TARGET#{application}#{environment}")
}

/// Where the open deploys of a target are listed: a partition that holds nothing else, so that the
/// right to delete from it reaches neither records nor history.
pub(super) fn open_pk(application: &AppName, environment: &EnvName) -> String {
    format!("OPEN#{application}#{environment}")
}

/// One for each of its applications.
pub(super) fn open_keys(
    deploy: &Deploy,
) -> impl Iterator<Item = [(&'static str, AttributeValue); 2]> {
    deploy.applications().map(|application| {
        let pk = open_pk(application, &deploy.environment);
        [("pk", s(pk)), ("sk", s(deploy.id.as_str()))]
    })
}

pub(super) fn keyed<const N: usize>(
    key: [(&str, AttributeValue); 2],
    rest: [(&str, AttributeValue); N],
) -> Item {
    let mut whole = item(key);
    whole.extend(item(rest));
    whole
}

/// Fixed-width milliseconds, so that sort keys order by time.
pub(super) fn sortable(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond().max(0))
}

impl Store {
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
        pasts: &[Past],
        leases: &[(ServiceKey, u64)],
        now: Timestamp,
    ) -> Result<SaveOutcome, StoreError> {
        let mut leases = leases.to_vec();
        loop {
            let writes = ending_writes(deploy, rev, pasts, &leases, now)?;
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
}

fn ending_writes(
    deploy: &Deploy,
    rev: u64,
    pasts: &[Past],
    leases: &[(ServiceKey, u64)],
    now: Timestamp,
) -> Result<Vec<Write>, StoreError> {
    let id = deploy.id.as_str();
    let mut writes = vec![Write::Update {
        key: item(record_key(id)),
        set: SAVE,
        condition: IS_UNCHANGED,
        values: save_values(deploy, rev)?,
        names_open: false,
    }];
    writes.extend(open_keys(deploy).map(|key| Write::Delete { key: item(key) }));
    for past in pasts {
        let pk = target_pk(&past.application, &past.environment);
        writes.push(past_item(&pk, past)?);
        writes.push(past_item("HISTORY", past)?);
    }
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
        (":due", s(sortable(deploy.due))),
    ]))
}

pub(super) fn record_item(recorded: &Recorded) -> Result<Item, StoreError> {
    let (kind, body, due) = match recorded {
        Recorded::Deploy(deploy) => ("deploy", json(deploy)?, deploy.due),
        Recorded::Job(job) => ("job", json(job)?, job.due()),
    };
    let mut entry = keyed(
        record_key(recorded.id()),
        [
            ("id", s(recorded.id())),
            ("kind", s(kind)),
            ("open", s("open")),
            ("due", s(sortable(due))),
            ("rev", n(0)),
            ("body", body),
        ],
    );
    if let Recorded::Job(job) = recorded {
        let expires = seconds(job.requested_at + DEDUPE_KEPT);
        entry.insert("expires".to_owned(), expires);
    }
    Ok(entry)
}

fn recorded(entry: &Item) -> Result<Recorded, StoreError> {
    match text(entry, "kind") {
        Some("deploy") => {
            let deploy: Deploy = body(entry)?;
            // What this version does not know of, it would drop with its first write.
            match deploy.schema > SCHEMA {
                true => Err(unreadable(entry, "a newer version of Longshore wrote it")),
                false => Ok(Recorded::Deploy(Box::new(deploy))),
            }
        }
        Some("job") => Ok(Recorded::Job(body(entry)?)),
        _ => Err(unreadable(entry, "it is neither a deploy nor a job")),
    }
}

pub(super) fn past_item(pk: &str, past: &Past) -> Result<Write, StoreError> {
    let at = sortable(past.ended_at.unwrap_or(past.requested_at));
    let id = past.id.as_ref().map_or("outside", DeployId::as_str);
    // A deploy of several applications has an entry for each.
    let application = &past.application;
    Ok(Write::Put {
        item: keyed(
            [
                ("pk", s(pk)),
                ("sk", s(format!("DONE#{at}#{id}#{application}"))),
            ],
            [("body", json(past)?)],
        ),
        condition: IS_NEW,
    })
}
