//! The deploys that one person has open in one environment: their ids, in one item, so that of two that come at the
//! same moment the second finds the first.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use super::Store;
use super::item::{Item, StoreError, item, n, s};
use super::write::{Write, WriteOutcome};
use crate::names::{Actor, DeployId, EnvName, UserId};
use crate::record::Deploy;
use crate::request::ChangeKind;

/// It is counted already, or there is room for one more.
const HAS_ROOM: &str = "attribute_not_exists(ids) OR contains(ids, :id) OR size(ids) < :most";
const ADD: &str = "ADD ids :ids";
const TAKE_OUT: &str = "DELETE ids :ids";

/// What became of counting a deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CountOutcome {
    /// It is one of those that are open.
    Counted,
    /// So many are open already: these.
    Full(Vec<DeployId>),
}

/// Whose open deploys a deploy counts among. The way back is counted nowhere, and neither is what operators ask for.
pub(crate) fn counts_for(deploy: &Deploy) -> Option<&UserId> {
    match (&deploy.requester, deploy.verb().kind()) {
        (Actor::Slack { user, .. }, ChangeKind::Deploy | ChangeKind::Restart) => Some(user),
        (Actor::Slack { .. }, ChangeKind::Rollback)
        | (Actor::Operator { .. } | Actor::Ci { .. } | Actor::Longshore, _) => None,
    }
}

fn key(user: &UserId, environment: &EnvName) -> Item {
    let pk = format!("COUNTED#{user}#{environment}");
    item([("pk", s(pk)), ("sk", s("OPEN"))])
}

fn ids<'a>(ids: impl IntoIterator<Item = &'a DeployId>) -> AttributeValue {
    AttributeValue::Ss(ids.into_iter().map(ToString::to_string).collect())
}

/// Takes a deploy that ends out of the count, if it counts.
pub(super) fn no_longer_counts(deploy: &Deploy) -> Option<Write> {
    Some(Write::Change {
        key: key(counts_for(deploy)?, &deploy.environment),
        set: TAKE_OUT,
        values: item([(":ids", ids([&deploy.id]))]),
    })
}

impl Store {
    /// Counts a deploy among those that its requester has open there, if there are fewer than `most`. Counting it
    /// again changes nothing.
    pub(crate) async fn count(
        &self,
        user: &UserId,
        deploy: &Deploy,
        most: u64,
    ) -> Result<CountOutcome, StoreError> {
        let key = key(user, &deploy.environment);
        let values = item([
            (":ids", ids([&deploy.id])),
            (":id", s(deploy.id.as_str())),
            (":most", n(most)),
        ]);
        match self.update(key.clone(), ADD, HAS_ROOM, values).await? {
            WriteOutcome::Done => Ok(CountOutcome::Counted),
            WriteOutcome::Refused => {
                let entry = self.get(key).await?.unwrap_or_default();
                let ids = entry.get("ids").and_then(|ids| ids.as_ss().ok());
                let ids = ids.into_iter().flatten();
                Ok(CountOutcome::Full(
                    ids.filter_map(|id| id.parse().ok()).collect(),
                ))
            }
        }
    }

    /// Takes out of the count what is not open any more.
    pub(crate) async fn take_out_of_count(
        &self,
        user: &UserId,
        environment: &EnvName,
        over: &[DeployId],
    ) -> Result<(), StoreError> {
        let values = item([(":ids", ids(over))]);
        let set = TAKE_OUT;
        match self
            .update(key(user, environment), set, "attribute_exists(ids)", values)
            .await?
        {
            WriteOutcome::Done | WriteOutcome::Refused => Ok(()),
        }
    }
}

/// What became of counting a question to an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PleaOutcome {
    /// It is one of those of the last hour.
    Counted,
    /// As many as anybody may ask were asked; the oldest of them counts until then.
    Full(Timestamp),
}

/// So many questions to admins one person has put within [`PLEAS_WITHIN`] at most.
const MOST_PLEAS: usize = 3;
/// So long a question to an admin counts.
const PLEAS_WITHIN: SignedDuration = SignedDuration::from_hours(1);

fn pleas_key(user: &UserId) -> Item {
    item([("pk", s(format!("COUNTED#{user}"))), ("sk", s("PLEAS"))])
}

/// As one of them stands in the set: its time, then its deploy.
fn plea_entry(at: Timestamp, deploy: &DeployId) -> String {
    format!("{}#{deploy}", at.as_second())
}

fn plea_ends(entry: &str) -> Option<Timestamp> {
    let (at, _) = entry.split_once('#')?;
    let at = Timestamp::from_second(at.parse().ok()?).ok()?;
    at.checked_add(PLEAS_WITHIN).ok()
}

impl Store {
    /// Counts the question that a deploy puts to an admin, if fewer than [`MOST_PLEAS`] were put within the hour.
    /// Counting it again changes nothing.
    pub(crate) async fn count_plea(
        &self,
        user: &UserId,
        deploy: &Deploy,
        now: Timestamp,
    ) -> Result<PleaOutcome, StoreError> {
        let entry = plea_entry(deploy.requested_at, &deploy.id);
        let set = |entries: &[String]| AttributeValue::Ss(entries.to_vec());
        let most = u64::try_from(MOST_PLEAS).unwrap_or_default();
        let values = item([
            (":ids", set(std::slice::from_ref(&entry))),
            (":id", s(&entry)),
            (":most", n(most)),
        ]);
        let mut ends = None;
        // What is over is taken out, and then it is tried once more.
        for _ in 0..2 {
            let key = pleas_key(user);
            let counted = self.update(key.clone(), ADD, HAS_ROOM, values.clone());
            if let WriteOutcome::Done = counted.await? {
                return Ok(PleaOutcome::Counted);
            }
            let kept = self.get(key.clone()).await?.unwrap_or_default();
            let kept = kept.get("ids").and_then(|ids| ids.as_ss().ok());
            let kept = kept.into_iter().flatten();
            let (live, over): (Vec<&String>, Vec<&String>) =
                kept.partition(|entry| plea_ends(entry).is_some_and(|ends| ends > now));
            ends = live.into_iter().filter_map(|entry| plea_ends(entry)).min();
            let over: Vec<String> = over.into_iter().cloned().collect();
            if over.is_empty() {
                break;
            }
            let values = item([(":ids", set(&over))]);
            match self
                .update(key, TAKE_OUT, "attribute_exists(ids)", values)
                .await?
            {
                WriteOutcome::Done | WriteOutcome::Refused => {}
            }
        }
        Ok(PleaOutcome::Full(ends.unwrap_or(now)))
    }
}
