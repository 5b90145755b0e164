//! Where records are found again: what is open, and what has ended where.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::Store;
use super::beside::SayOutcome;
use super::item::{Item, StoreError, body, json, s, text};
use super::record::{IS_NEW, keyed, open_pk, past_item, sortable, target_pk};
use super::write::{Transacted, Write, Written};
use crate::aws::AwsError;
use crate::names::{AppName, EnvName};
use crate::record::{Deploy, Past};

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
    /// Their ids, in the order of their times.
    pub ids: Vec<String>,
    /// Where the next page begins, if there may be one.
    pub next: Option<From>,
}

impl Store {
    /// Ids of everything open: deploys without a settled verdict and jobs not done. From the index,
    /// so the newest may be missing for a moment.
    pub async fn open(&self) -> Result<Vec<String>, StoreError> {
        let mut ids = Vec::new();
        let mut from = None;
        loop {
            let page = self.open_page(IS_OPEN, &[], from).await?;
            ids.extend(page.ids);
            from = page.next;
            if from.is_none() {
                return Ok(ids);
            }
        }
    }

    /// The next page of what is open and was to be looked at by `until`, the longest overdue first.
    /// From the index: a look of a moment ago may not show yet.
    pub async fn due(&self, until: Timestamp, from: Option<From>) -> Result<Due, StoreError> {
        let until = (":until", s(sortable(until)));
        self.open_page(IS_DUE, &[until], from).await
    }

    async fn open_page(
        &self,
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
            .expression_attribute_values(":open", s("open"))
            .set_exclusive_start_key(from.map(|from| from.0));
        for (name, value) in values {
            query = query.expression_attribute_values(*name, value.clone());
        }
        let output = query
            .send()
            .await
            .map_err(|error| AwsError::from_sdk("dynamodb", "Query", error))?;
        let keys = output.items.unwrap_or_default();
        let id = |key: &Item| Some(text(key, "pk")?.split_once('#')?.1.to_owned());
        Ok(Due {
            ids: keys.iter().filter_map(id).collect(),
            next: output.last_evaluated_key.map(From),
        })
    }

    /// The open deploys of one application in one environment, each as it was accepted: what was
    /// asked and by whom, not how far it has got.
    pub async fn open_at(
        &self,
        application: &AppName,
        environment: &EnvName,
    ) -> Result<Vec<Deploy>, StoreError> {
        let items = self
            .newest(&open_pk(application, environment), "", None)
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

    /// Records a change that was made outside of Longshore, unless this one, which `mark` tells from
    /// every other at that place, has been: however many plans and events notice it.
    pub async fn put_outside(&self, past: &Past, mark: &str) -> Result<SayOutcome, StoreError> {
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
