//! Where records are found again: what is open, and what has ended where.

use super::Store;
use super::beside::SayOutcome;
use super::item::{StoreError, body, json, s, text};
use super::record::{IS_NEW, keyed, open_pk, past_item, target_pk};
use super::write::{Transacted, Write, Written};
use crate::aws::AwsError;
use crate::names::{AppName, EnvName};
use crate::record::{Deploy, Past};

impl Store {
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
