//! What the table says of many places: what is open there, their histories, and who holds the leases
//! where something happens.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::try_join_all;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::live::Environments;
use crate::aws::dynamodb::StoreError;
use crate::config::Target;
use crate::names::{AppName, DeployId, EnvName};
use crate::record::lease::ServiceKey;
use crate::record::{Deploy, Past};
use crate::running::Known;
use crate::waiter::context::{StepError, Waiter};
use crate::waiter::scene::keys;

/// Reads of the table at the same time.
const TABLE_AT_ONCE: usize = 32;
/// Entries of a place's history looked through for what runs there.
const HISTORY: i32 = 50;

/// Where, by application and environment.
type Where = (AppName, EnvName);

/// What the table said.
#[derive(Default)]
pub(super) struct Table {
    histories: HashMap<Where, Vec<Past>>,
    open: Vec<Deploy>,
    holders: HashMap<ServiceKey, DeployId>,
}

/// What the table said of one place.
struct PlaceRead {
    place: Where,
    history: Vec<Past>,
    holders: Vec<(ServiceKey, DeployId)>,
}

impl Table {
    /// Asks for what is open, for the histories, and for the leases where something happens. What is
    /// open is asked for at once, or place by place where the places are those of one application.
    pub(super) async fn read(
        waiter: &Waiter,
        application: Option<&AppName>,
        targets: &[Target],
        live: &Environments,
    ) -> Result<Self, StepError> {
        let at_once = Arc::new(Semaphore::new(TABLE_AT_ONCE));
        let mut ids: Vec<DeployId> = Vec::new();
        match application {
            None => {
                let open = waiter.store.open().await?.into_iter();
                let records = open.filter(|one| one.request.is_none());
                ids.extend(records.filter_map(|one| one.id.parse().ok()));
            }
            Some(application) => {
                let places = targets.iter().map(|target| &target.environment);
                let open = places.map(|env| waiter.store.open_at(application, env));
                let open = try_join_all(open).await?.into_iter().flatten();
                ids.extend(open.map(|accepted| accepted.id));
            }
        }
        let mut table = Self {
            open: read_open(waiter, ids, &at_once).await?,
            ..Self::default()
        };
        let mut reading: JoinSet<Result<PlaceRead, StoreError>> = JoinSet::new();
        for target in targets {
            let place = (target.application.clone(), target.environment.clone());
            let is_open = table
                .open
                .iter()
                .any(|deploy| deploy.is_about(&place.0, &place.1));
            let services = live.get(&target.environment);
            let in_flight = |name: &String| {
                let service = services.and_then(|one| one.services.get(name));
                matches!(service, Some(Ok(Some(read))) if read.service.in_flight())
            };
            let leases: Vec<ServiceKey> = keys(target)
                .into_iter()
                .zip(&target.services)
                .filter(|(_, name)| is_open || in_flight(name))
                .map(|(key, _)| key)
                .collect();
            let (store, at_once) = (waiter.store.clone(), Arc::clone(&at_once));
            reading.spawn(async move {
                let _turn = at_once.acquire().await;
                let history = store.history_at(&place.0, &place.1, HISTORY).await?;
                let mut holders = Vec::new();
                for key in leases {
                    let holder = store.lease(&key).await?.and_then(|lease| lease.holder);
                    holders.extend(holder.map(|holder| (key, holder)));
                }
                Ok(PlaceRead {
                    place,
                    history,
                    holders,
                })
            });
        }
        while let Some(read) = reading.join_next().await {
            match read {
                Ok(Ok(at)) => {
                    table.histories.insert(at.place, at.history);
                    table.holders.extend(at.holders);
                }
                // It stays so: its place says that it could not be read, and the others are told.
                Ok(Err(error @ StoreError::Unreadable { .. })) => {
                    tracing::error!(%error, "a history cannot be read");
                }
                Ok(Err(error)) => return Err(error.into()),
                Err(error) => tracing::error!(%error, "reading a history broke off"),
            }
        }
        Ok(table)
    }

    /// What it said of one place; `None` where its history was not read.
    pub(super) fn at(&self, target: &Target) -> Option<Known<'_>> {
        let place = (target.application.clone(), target.environment.clone());
        let open = self.open.iter();
        let mut holders: Vec<DeployId> = Vec::new();
        for holder in keys(target).iter().filter_map(|key| self.holders.get(key)) {
            if !holders.contains(holder) {
                holders.push(holder.clone());
            }
        }
        Some(Known {
            history: self.histories.get(&place)?,
            open: open
                .filter(|deploy| deploy.is_about(&place.0, &place.1))
                .collect(),
            holders,
        })
    }
}

/// Those of these deploys that have no verdict yet, the oldest first.
async fn read_open(
    waiter: &Waiter,
    ids: Vec<DeployId>,
    at_once: &Arc<Semaphore>,
) -> Result<Vec<Deploy>, StepError> {
    let mut reading: JoinSet<Result<Option<Deploy>, StoreError>> = JoinSet::new();
    for id in ids {
        let (store, at_once) = (waiter.store.clone(), Arc::clone(at_once));
        reading.spawn(async move {
            let _turn = at_once.acquire().await;
            store.deploy(&id).await
        });
    }
    let mut open = Vec::new();
    while let Some(read) = reading.join_next().await {
        match read {
            Ok(Ok(read)) => open.extend(read.filter(|deploy| deploy.ending.is_none())),
            Ok(Err(error @ StoreError::Unreadable { .. })) => {
                tracing::error!(%error, "an open deploy cannot be read");
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(error) => tracing::error!(%error, "reading an open deploy broke off"),
        }
    }
    open.sort_by_key(|deploy| deploy.requested_at);
    Ok(open)
}
