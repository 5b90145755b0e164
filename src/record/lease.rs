//! The lease: Longshore's exclusive right to change one ECS service, and the proof of holding it.
//!
//! Pure values; [`crate::aws::dynamodb`] is the only place that can show that a lease is held, and
//! so the only one that makes a [`LeaseHeld`].

use super::Deploy;
use crate::plan::Plan;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::DeployId;

/// How long a lease lasts without being renewed. Every poll renews it; the slowest poll comes
/// every five minutes.
pub const LEASE_LASTS: Duration = Duration::from_secs(15 * 60);

/// One ECS service, named so that no two services share a lease.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServiceKey(String);

impl ServiceKey {
    /// The key of one of a plan's services.
    pub fn of(plan: &Plan, service: &str) -> Self {
        Self::new(&plan.account, &plan.region, &plan.cluster, service)
    }

    /// The service of this name in that account, region and cluster.
    pub fn new(account: &str, region: &str, cluster: &str, service: &str) -> Self {
        Self(format!("{account}/{region}/{cluster}/{service}"))
    }

    /// As it stands in the table.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A lease as the table holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it; `None` when it is free.
    pub holder: Option<DeployId>,
    /// Grows by one with every holder, and never shrinks.
    pub fence: u64,
    /// Until when, by the stored time.
    pub expires_at: Timestamp,
}

/// Proof that the lease on a service was ours a moment ago, in this very step. Mutating ECS calls
/// ask for it; it cannot be made elsewhere, nor kept across steps.
#[derive(Debug)]
pub struct LeaseHeld<'step> {
    service: &'step str,
    fence: u64,
}

impl<'step> LeaseHeld<'step> {
    pub(crate) fn shown(service: &'step str, fence: u64) -> Self {
        Self { service, fence }
    }

    /// The ECS service it is for.
    pub fn service(&self) -> &str {
        self.service
    }

    /// The fence under which it is held.
    pub fn fence(&self) -> u64 {
        self.fence
    }
}

/// The leases that a deploy holds, for releasing them with its verdict.
pub(crate) fn leases_of(deploy: &Deploy) -> Vec<(ServiceKey, u64)> {
    let Some(plan) = &deploy.plan else {
        return Vec::new();
    };
    let services = deploy.services.iter();
    services
        .filter_map(|service| Some((ServiceKey::of(plan, &service.service), service.fence?)))
        .collect()
}
