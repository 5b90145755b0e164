//! Operations on records: load, save, end. How a record begins is in `requests`, what is said beside
//! it in `beside`, and where records are listed in `lists`.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use serde::Deserialize;

use super::Store;
use super::beside::{ANSWER, ReplyAddress, beside, said_pk};
use super::counted::no_longer_counts;
use super::grants::used_up;
use super::item::{Item, StoreError, body, item, json, millis, n, number, s, text, unreadable};
use super::lists::List;
use super::write::{Transacted, Write, WriteOutcome};
use crate::hearing::{self, Said, What};
use crate::names::{Actor, AppName, DeployId, EnvName};
use crate::policy::Policy;
use crate::record::job::Job;
use crate::record::lease::ServiceKey;
use crate::record::{Cancel, Choice, Deploy, Newer, Past, SCHEMA, Vote};

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
    /// Who asked for it.
    pub(crate) fn requester(&self) -> &Actor {
        match self {
            Self::Deploy(deploy) => &deploy.requester,
            Self::Job(job) => &job.requester,
        }
    }

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

/// Everything the table holds of one deploy or job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// The record.
    pub recorded: Recorded,
    /// Its `rev`, for the next write.
    pub rev: u64,
    /// The answers that count: those that the waiter wrote down itself, and after [`Self::judge`] the
    /// others too.
    pub answers: Vec<Vote>,
    /// The wish that it stop: of another deploy, or one that counts.
    pub cancel: Option<Cancel>,
    /// The newer request of its pipeline.
    pub newer: Option<Newer>,
    /// Its reply addresses, newest first.
    pub replies: Vec<ReplyAddress>,
    /// The task token of the execution that is waiting, if one is.
    pub token: Option<String>,
    /// What people said, as it was written down: nothing of it counts by itself.
    pub(super) said: Vec<Said>,
}

impl Dossier {
    /// Whether anybody said anything that may count.
    pub(crate) fn is_spoken_to(&self) -> bool {
        !self.said.is_empty()
    }

    /// Everybody who said something.
    pub(crate) fn speakers(&self) -> Vec<Actor> {
        self.said.iter().map(|said| said.by.actor()).collect()
    }

    /// Whether somebody has answered a pause by letting the rollout go on.
    pub(crate) fn says_continue(&self, pause: &str, actor: &Actor) -> bool {
        let goes_on = |what: &What| matches!(what, What::Answer { nonce, choice: Choice::Continue } if nonce == pause);
        let mut said = self.said.iter();
        said.any(|said| said.by.actor() == *actor && goes_on(&said.what))
    }

    /// Where the deploy is for.
    pub(crate) fn environment(&self) -> Option<&EnvName> {
        match &self.recorded {
            Recorded::Deploy(deploy) => Some(&deploy.environment),
            Recorded::Job(_) => None,
        }
    }

    /// Has what counts of what was said, by these rights, count.
    pub fn judge(&mut self, policy: Policy<'_>) {
        let Recorded::Deploy(deploy) = &self.recorded else {
            return;
        };
        let heard = hearing::judge(policy, deploy, &self.said);
        self.answers.extend(heard.answers);
        hearing::in_order(&mut self.answers);
        if self.cancel.is_none() {
            self.cancel = heard.cancel;
        }
    }
}

/// The partition of a record, which the waiter alone writes.
pub(super) fn deploy_pk(id: &str) -> String {
    format!("DEPLOY#{id}")
}

pub(super) fn record_key(id: &str) -> [(&'static str, AttributeValue); 2] {
    [("pk", s(deploy_pk(id))), ("sk", s("RECORD"))]
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
    /// Everything about one deploy, read consistently. Nothing of what was said counts yet.
    pub async fn load(&self, id: &str) -> Result<Option<Dossier>, StoreError> {
        let (pk, said_pk) = (deploy_pk(id), said_pk(id));
        let (items, said) = tokio::try_join!(self.newest(&pk, "", None), self.page(&said_pk))?;
        let mut found: Option<(Deploy, u64)> = None;
        let (mut cancel, mut newer, mut token, mut answers) = (None, None, None, Vec::new());
        for entry in &items {
            match text(entry, "sk").unwrap_or_default() {
                "RECORD" => {
                    let rev = number(entry, "rev").and_then(|rev| u64::try_from(rev).ok());
                    let rev = rev.ok_or_else(|| unreadable(entry, "it has no rev"))?;
                    found = Some((recorded(entry)?, rev));
                }
                "CANCEL" => cancel = Some(body(entry)?),
                "NEWER" => newer = Some(body(entry)?),
                "TOKEN" => token = text(entry, "token").map(str::to_owned),
                sk if sk.starts_with(ANSWER) => answers.push(body(entry)?),
                _ => {}
            }
        }
        let (said, replies) = beside(&said, &items);
        Ok(found.map(|(deploy, rev)| Dossier {
            recorded: Recorded::Deploy(Box::new(deploy)),
            rev,
            answers,
            cancel,
            newer,
            replies,
            token,
            said,
        }))
    }

    /// The record of one deploy alone.
    pub async fn deploy(&self, id: &DeployId) -> Result<Option<Deploy>, StoreError> {
        let found = self.get(item(record_key(id.as_str()))).await?;
        found.as_ref().map(recorded).transpose()
    }

    /// What a job needs beside its request: where to answer.
    pub async fn job_dossier(&self, job: &Job) -> Result<Dossier, StoreError> {
        let (pk, said_pk) = (deploy_pk(job.id.as_str()), said_pk(job.id.as_str()));
        let (used, said) = tokio::try_join!(self.newest(&pk, "USED#", None), self.page(&said_pk))?;
        Ok(Dossier {
            recorded: Recorded::Job(job.clone()),
            rev: 0,
            answers: Vec::new(),
            cancel: None,
            newer: None,
            replies: beside(&said, &used).1,
            token: None,
            said: Vec::new(),
        })
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
        self.saved(deploy, rev, matches!(written, WriteOutcome::Done))
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

    /// Tells a write that somebody else overtook from our own of a moment ago: the SDK repeats a call whose
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
    writes.extend(no_longer_counts(deploy));
    writes.extend(used_up(deploy, now));
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

pub(super) fn record_item(deploy: &Deploy) -> Result<Item, StoreError> {
    let id = deploy.id.as_str();
    Ok(keyed(
        record_key(id),
        [
            ("id", s(id)),
            ("kind", s("deploy")),
            ("open", s(List::Records.name())),
            ("due", s(sortable(deploy.due))),
            ("rev", n(0)),
            ("body", json(deploy)?),
        ],
    ))
}

fn recorded(entry: &Item) -> Result<Deploy, StoreError> {
    #[derive(Deserialize)]
    struct Layout {
        schema: u32,
    }
    let Layout { schema } = body(entry)?;
    match schema == SCHEMA {
        true => body(entry),
        false => Err(unreadable(entry, "another version of Longshore wrote it")),
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
