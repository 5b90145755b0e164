//! What planning met of each application: one item each, which the waiter alone writes.

use super::Store;
use super::item::{Item, StoreError, body, item, json, s, text};
use super::record::keyed;
use crate::names::AppName;
use crate::record::Met;

const PARTITION: &str = "MET";

fn key(application: &AppName) -> Item {
    item([("pk", s(PARTITION)), ("sk", s(application.as_str()))])
}

impl Store {
    /// What was met of one application.
    pub(crate) async fn met_of(&self, application: &AppName) -> Result<Vec<Met>, StoreError> {
        let found = self.get(key(application)).await?;
        found
            .as_ref()
            .map(body)
            .transpose()
            .map(Option::unwrap_or_default)
    }

    /// What was met of every application, as much as one answer holds.
    pub(crate) async fn met(&self) -> Result<Vec<(AppName, Vec<Met>)>, StoreError> {
        let items = self.page(PARTITION).await?;
        let of = |item: &Item| Some((text(item, "sk")?.parse().ok()?, body(item).ok()?));
        Ok(items.iter().filter_map(of).collect())
    }

    /// Keeps what was met of an application.
    pub(crate) async fn put_met(
        &self,
        application: &AppName,
        met: &[Met],
    ) -> Result<(), StoreError> {
        let entry = keyed(
            [("pk", s(PARTITION)), ("sk", s(application.as_str()))],
            [("body", json(&met)?)],
        );
        self.put_over(entry).await
    }
}
