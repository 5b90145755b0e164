//! Rights given in chat: one item for each right of somebody's in one place, which the waiter alone writes.

use super::Store;
use super::item::{Item, StoreError, body};
use crate::policy::{Grant, Grants};

const GRANTS: &str = "GRANTS";

impl Store {
    /// The rights that were given in chat. What cannot be read gives nothing.
    pub(crate) async fn grants(&self) -> Result<Grants, StoreError> {
        let items = self.newest(GRANTS, "", None).await?;
        // A right that was taken back leaves its item behind without a body.
        let given = items.iter().filter(|item| item.contains_key("body"));
        let grant = |item: &Item| {
            let read = body::<Grant>(item);
            let logged =
                read.inspect_err(|error| tracing::error!(%error, "a grant cannot be read"));
            logged.ok()
        };
        Ok(Grants(given.filter_map(grant).collect()))
    }
}
