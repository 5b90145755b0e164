//! Where records are found again: what is open, and what has ended where.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::Store;
use super::beside::SayOutcome;
use super::item::{Item, StoreError, body, json, s, text};
use super::record::{IS_NEW, keyed, open_pk, past_item, sortable, target_pk};
use super::write::{Transacted, Write, WriteOutcome};
use crate::aws::AwsError;
use crate::hearing::request::Desk;
use crate::names::{AppName, EnvName};
use crate::record::{Deploy, LogRead, Past};

/// Something that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItem {
    /// Its id.
    pub id: String,
    /// Where its request stands, if it is one still.
    pub request: Option<Desk>,
}

/// The lists in the index: whoever writes requests cannot put one before a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Records without a settled verdict.
    Records,
    /// Requests that nobody has taken in or done.
    Requests,
}

impl List {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Records => "open",
            Self::Requests => "asked",
        }
    }

    /// What a key in this list stands for, by its partition. Whatever else stands there was put there by
    /// somebody who may not, and is nothing.
    fn entry(self, key: &Item) -> Option<OpenItem> {
        let (pk, sk) = (text(key, "pk")?, text(key, "sk")?);
        let (request, id) = match (self, sk) {
            (Self::Records, "RECORD") => (None, pk.strip_prefix("DEPLOY#")?),
            (Self::Requests, "REQUEST") => Desk::of(pk).map(|(desk, id)| (Some(desk), id))?,
            (Self::Records | Self::Requests, _) => return None,
        };
        Some(OpenItem {
            id: id.to_owned(),
            request,
        })
    }
}

/// In the index of open records, whose sort key is when each is to be looked at.
const IS_OPEN: &str = "#open = :open";
/// The same, if that time has come.
const IS_DUE: &str = "#open = :open AND due <= :until";

/// Where a page of open records ended.
#[derive(Clone, Debug)]
pub struct From(Item);

/// One page of open records: as many keys as fit into DynamoDB's megabyte, some thousands.
#[derive(Clone, Debug)]
pub struct Due {
    /// The entries of the page, in the order of their times.
    pub open: Vec<OpenItem>,
    /// Where the next page begins, if there may be one.
    pub next: Option<From>,
}

impl Store {
    /// Everything open: deploys without a settled verdict, then requests that nobody has taken in or
    /// done. From the index, so the newest may be missing for a moment.
    pub async fn open(&self) -> Result<Vec<OpenItem>, StoreError> {
        let (mut open, requests) =
            tokio::try_join!(self.all_open(List::Records), self.all_open(List::Requests))?;
        open.extend(requests);
        Ok(open)
    }

    async fn all_open(&self, list: List) -> Result<Vec<OpenItem>, StoreError> {
        let (mut open, mut from) = (Vec::new(), None);
        loop {
            let page = self.open_page(list, IS_OPEN, &[], from).await?;
            open.extend(page.open);
            from = page.next;
            if from.is_none() {
                return Ok(open);
            }
        }
    }

    /// The next page of what is open and was to be looked at by `until`, the longest overdue first.
    /// From the index: a look of a moment ago may not show yet.
    pub async fn due(
        &self,
        list: List,
        until: Timestamp,
        from: Option<From>,
    ) -> Result<Due, StoreError> {
        let until = (":until", s(sortable(until)));
        self.open_page(list, IS_DUE, &[until], from).await
    }

    async fn open_page(
        &self,
        list: List,
        condition: &'static str,
        values: &[(&str, AttributeValue)],
        from: Option<From>,
    ) -> Result<Due, StoreError> {
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("open")
            .key_condition_expression(condition)
            .expression_attribute_names("#open", "open")
            .expression_attribute_values(":open", s(list.name()))
            .set_exclusive_start_key(from.map(|from| from.0));
        for (name, value) in values {
            query = query.expression_attribute_values(*name, value.clone());
        }
        let output = query
            .send()
            .await
            .map_err(|error| AwsError::from_sdk("dynamodb", "Query", error))?;
        let keys = output.items.unwrap_or_default();
        Ok(Due {
            open: keys.iter().filter_map(|key| list.entry(key)).collect(),
            next: output.last_evaluated_key.map(From),
        })
    }

    /// The open deploys of one application in one environment, each as it was accepted: what was
    /// asked and by whom, not how far it has got.
    pub(crate) async fn open_at(
        &self,
        application: &AppName,
        environment: &EnvName,
    ) -> Result<Vec<Deploy>, StoreError> {
        let pk = open_pk(application, environment);
        let items = self.newest(&pk, "", None).await?;
        items.iter().map(body).collect()
    }

    /// The same, and those that were asked for and are not taken in yet. One that is taken in between the
    /// two looks is in neither: whoever acts on there being none looks again.
    pub async fn open_or_asked_at(
        &self,
        application: &AppName,
        environment: &EnvName,
        now: Timestamp,
    ) -> Result<Vec<Deploy>, StoreError> {
        let (mut open, asked) = tokio::try_join!(
            self.open_at(application, environment),
            self.asked_at(application, environment, now)
        )?;
        open.extend(asked);
        Ok(open)
    }

    /// The newest ended deploys of one application in one environment, the baseline among them.
    pub(crate) async fn history_at(
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

    /// Records a change that was made outside of Longshore, unless this one, which `mark` tells from
    /// every other at that place, has been: however many plans and events notice it.
    pub(crate) async fn put_outside(
        &self,
        past: &Past,
        mark: &str,
    ) -> Result<SayOutcome, StoreError> {
        let pk = target_pk(&past.application, &past.environment);
        let noticed = keyed(
            [("pk", s(&pk)), ("sk", s(format!("OUTSIDE#{mark}")))],
            [("body", json(past)?)],
        );
        let writes = vec![
            Write::Put {
                item: noticed,
                condition: IS_NEW,
            },
            past_item(&pk, past)?,
            past_item("HISTORY", past)?,
        ];
        Ok(match self.transact(None, writes).await? {
            Transacted::Done => SayOutcome::Said,
            Transacted::Refused(_) => SayOutcome::WasThere,
        })
    }

    /// Records that somebody read a log, before it is shown; once, however often the request is carried out.
    pub(crate) async fn put_log_read(&self, read: &LogRead) -> Result<SayOutcome, StoreError> {
        let pk = target_pk(&read.application, &read.environment);
        let sk = format!("READ#{}#{}", sortable(read.at), read.id);
        let entry = keyed([("pk", s(pk)), ("sk", s(sk))], [("body", json(read)?)]);
        Ok(match self.put(entry, IS_NEW).await? {
            WriteOutcome::Done => SayOutcome::Said,
            WriteOutcome::Refused => SayOutcome::WasThere,
        })
    }

    /// Records what was found running when an application was first seen, unless that is done.
    pub(crate) async fn put_baseline(&self, baseline: &Past) -> Result<SayOutcome, StoreError> {
        let pk = target_pk(&baseline.application, &baseline.environment);
        let entry = keyed(
            // Sorts before every deploy, so there is exactly one.
            [("pk", s(pk)), ("sk", s("DONE#000000000000000#baseline"))],
            [("body", json(baseline)?)],
        );
        Ok(match self.put(entry, IS_NEW).await? {
            WriteOutcome::Done => SayOutcome::Said,
            WriteOutcome::Refused => SayOutcome::WasThere,
        })
    }
}
