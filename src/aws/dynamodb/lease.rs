//! Operations on leases. A lease is never deleted, so that its fence only grows.

use jiff::Timestamp;

use super::Store;
use super::item::{Item, StoreError, item, millis, n, number, s, text, unreadable};
use super::write::{Transacted, Write, WriteOutcome};
use crate::names::DeployId;
use crate::record::lease::{LEASE_LASTS, Lease, LeaseHeld, ServiceKey};

/// Free, or ours already.
const IS_FREE: &str = "attribute_not_exists(holder) OR holder = :me";
/// Free, ours, or still with exactly the holder whose rollout we found to be over. A holder that
/// has come back since has renewed it, which the expiry shows.
const IS_AS_SEEN: &str = "attribute_not_exists(holder) OR holder = :me OR (holder = :seen AND fence = :seen_fence AND expires_at = :seen_until)";
const TAKE: &str = "SET holder = :me, expires_at = :until, fence = if_not_exists(fence, :zero) + :one, step = :zero";
/// We hold it under this fence, and no later step of ours has come by: a step that slept through
/// its turn finds a higher number here.
const HOLDS: &str = "holder = :me AND fence = :fence AND step <= :step";
const RENEW: &str = "SET expires_at = :until, step = :step";

pub(super) const RELEASE: &str = "REMOVE holder SET released_at = :now";
pub(super) const IS_HELD: &str = "holder = :holder AND fence = :fence";

/// What became of taking leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakeOutcome {
    /// All are ours, under these fences, in the order asked for.
    Taken(Vec<u64>),
    /// This one is someone else's; none is ours.
    Held {
        /// The service.
        service: ServiceKey,
        /// The lease as it stood.
        lease: Lease,
    },
}

/// An expired lease whose holder was found to have no rollout in flight, exactly as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeOver {
    service: ServiceKey,
    holder: DeployId,
    fence: u64,
    expires_at: Timestamp,
}

impl TakeOver {
    /// Of this lease, as long as nothing about it changes; `None` if nobody holds it.
    pub fn of(service: &ServiceKey, lease: &Lease) -> Option<Self> {
        Some(Self {
            service: service.clone(),
            holder: lease.holder.clone()?,
            fence: lease.fence,
            expires_at: lease.expires_at,
        })
    }
}

pub(super) fn key(service: &ServiceKey) -> Item {
    item([
        ("pk", s(format!("LEASE#{}", service.as_str()))),
        ("sk", s("LEASE")),
    ])
}

fn read(entry: &Item) -> Result<Lease, StoreError> {
    let holder = match text(entry, "holder") {
        None => None,
        Some(id) => Some(
            id.parse()
                .map_err(|_| unreadable(entry, "its holder is no deploy id"))?,
        ),
    };
    let fence = number(entry, "fence").and_then(|fence| u64::try_from(fence).ok());
    let expires_at =
        number(entry, "expires_at").and_then(|at| Timestamp::from_millisecond(at).ok());
    Ok(Lease {
        holder,
        fence: fence.ok_or_else(|| unreadable(entry, "it has no fence"))?,
        expires_at: expires_at.ok_or_else(|| unreadable(entry, "it has no expiry"))?,
    })
}

impl Store {
    /// The lease on a service, if it was ever taken.
    pub async fn lease(&self, service: &ServiceKey) -> Result<Option<Lease>, StoreError> {
        self.get(key(service)).await?.as_ref().map(read).transpose()
    }

    /// Takes all these leases for a deploy, or none. Leases it holds already count as taken, with
    /// a new fence. `over` names expired ones that may be taken from their holder.
    pub async fn take_leases(
        &self,
        me: &DeployId,
        services: &[ServiceKey],
        over: &[TakeOver],
        now: Timestamp,
    ) -> Result<TakeOutcome, StoreError> {
        let writes = services
            .iter()
            .map(|service| {
                let mut values = item([
                    (":me", s(me.as_str())),
                    (":until", millis(now + LEASE_LASTS)),
                    (":zero", n(0)),
                    (":one", n(1)),
                ]);
                let seen = over.iter().find(|over| over.service == *service);
                if let Some(seen) = seen {
                    values.insert(":seen".to_owned(), s(seen.holder.as_str()));
                    values.insert(":seen_fence".to_owned(), n(seen.fence));
                    values.insert(":seen_until".to_owned(), millis(seen.expires_at));
                }
                Write::Update {
                    key: key(service),
                    set: TAKE,
                    condition: if seen.is_some() { IS_AS_SEEN } else { IS_FREE },
                    values,
                    names_open: false,
                }
            })
            .collect();
        if let Transacted::Refused(refused) = self.transact(None, writes).await? {
            let held = refused.iter().zip(services).find_map(|(item, service)| {
                item.as_ref()
                    .and_then(Option::as_ref)
                    .map(|item| (item, service))
            });
            if let Some((entry, service)) = held {
                return Ok(TakeOutcome::Held {
                    service: service.clone(),
                    lease: read(entry)?,
                });
            }
        }
        let mut fences = Vec::with_capacity(services.len());
        for service in services {
            match self.lease(service).await? {
                Some(lease) if lease.holder.as_ref() == Some(me) => fences.push(lease.fence),
                Some(lease) => {
                    return Ok(TakeOutcome::Held {
                        service: service.clone(),
                        lease,
                    });
                }
                None => {
                    return Err(StoreError::Unreadable {
                        key: service.as_str().to_owned(),
                        why: "the lease that was just taken is not there".to_owned(),
                    });
                }
            }
        }
        Ok(TakeOutcome::Taken(fences))
    }

    /// Gives leases back. One that is not held any more is left as it is.
    pub async fn release_leases(
        &self,
        me: &DeployId,
        leases: &[(ServiceKey, u64)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (service, fence) in leases {
            let values = item([
                (":holder", s(me.as_str())),
                (":fence", n(*fence)),
                (":now", millis(now)),
            ]);
            self.update(key(service), RELEASE, IS_HELD, values).await?;
        }
        Ok(())
    }

    /// Shows that the lease is ours under `fence` in this step (`step` is the record's `rev`), and
    /// renews it. `None`: it is not ours any more, and nothing may be changed.
    pub async fn hold_lease<'step>(
        &self,
        me: &DeployId,
        service: &ServiceKey,
        name: &'step str,
        fence: u64,
        step: u64,
        now: Timestamp,
    ) -> Result<Option<LeaseHeld<'step>>, StoreError> {
        let written = self
            .update(
                key(service),
                RENEW,
                HOLDS,
                item([
                    (":me", s(me.as_str())),
                    (":fence", n(fence)),
                    (":step", n(step)),
                    (":until", millis(now + LEASE_LASTS)),
                ]),
            )
            .await?;
        Ok(match written {
            WriteOutcome::Done => Some(LeaseHeld::shown(name, fence)),
            WriteOutcome::Refused => None,
        })
    }
}
