//! What ECS says of many services, in few calls: environment by environment, ten services a call, so
//! many calls at once. What does not answer in time is unread.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::aws::AwsError;
use crate::aws::ecs::EcsTarget;
use crate::aws::sts::OnBehalf;
use crate::config::Target;
use crate::names::EnvName;
use crate::record::job::Job;
use crate::reply::{ROLE_STEP, no_in_short};
use crate::running::{Read, Services, Unread};
use crate::waiter::context::Waiter;
use crate::waiter::no::no_of;
use crate::waiter::reach::{Destination, Reach};

/// Calls of ECS at the same time.
const READ_AT_ONCE: usize = 8;
/// Services that ECS describes in one call.
const TOGETHER: usize = 10;

impl Unread {
    pub(super) fn of(error: &AwsError) -> Self {
        Self {
            word: error.in_a_word(),
            why: match (error.is_denied(), no_in_short(&no_of(error, ""))) {
                // The role is told beside it.
                (true, no) => format!("{no}: step {ROLE_STEP} of the README"),
                (false, no) => no,
            },
        }
    }

    pub(super) fn too_slow() -> Self {
        Self {
            word: "too slow",
            why: "it took too long".to_owned(),
        }
    }
}

/// What ECS said in one environment.
#[derive(Default)]
pub(super) struct EnvironmentRead {
    /// Of its services.
    pub(super) services: Services,
    /// The way in, where it is open.
    pub(super) reach: Option<Reach>,
}

/// What ECS said, environment by environment.
pub(super) type Environments = HashMap<EnvName, EnvironmentRead>;

/// Asks ECS, environment by environment, ten services a call, and no longer than this.
pub(super) async fn read_ecs(
    waiter: &Waiter,
    job: &Job,
    targets: &[Target],
    until: Instant,
) -> Environments {
    let at_once = Arc::new(Semaphore::new(READ_AT_ONCE));
    let mut environments: BTreeMap<EnvName, Vec<Target>> = BTreeMap::new();
    for target in targets {
        let of = environments.entry(target.environment.clone()).or_default();
        of.push(target.clone());
    }
    let mut reading = JoinSet::new();
    for (environment, targets) in environments {
        let accounts = waiter.accounts.clone();
        let at_once = Arc::clone(&at_once);
        let (id, actor) = (job.id.to_string(), job.requester.clone());
        reading.spawn(async move {
            let services: Vec<String> = targets.iter().flat_map(|t| t.services.clone()).collect();
            let all = |unread: Unread| {
                let each = services.iter();
                let each = each.map(|name| (name.clone(), Err(unread.clone())));
                EnvironmentRead {
                    services: each.collect(),
                    reach: None,
                }
            };
            let Some(first) = targets.first() else {
                return (environment, EnvironmentRead::default());
            };
            let role_arn = first.deploy_role_arn();
            let place = Destination {
                role_arn: &role_arn,
                region: first.region.as_str(),
                cluster: &first.cluster,
            };
            let behalf = OnBehalf {
                deploy: &id,
                actor: &actor,
            };
            let opened = timeout_at(until, accounts.open(place, behalf)).await;
            let reach = match opened {
                Ok(Ok(reach)) => reach,
                Ok(Err(error)) => return (environment, all(Unread::of(&error))),
                Err(_) => return (environment, all(Unread::too_slow())),
            };
            let mut calls = JoinSet::new();
            for names in services.chunks(TOGETHER) {
                let (ecs, at_once) = (reach.ecs.clone(), Arc::clone(&at_once));
                let names = names.to_vec();
                calls.spawn(async move {
                    let _turn = at_once.acquire().await;
                    let asked: Vec<&str> = names.iter().map(String::as_str).collect();
                    let said = match timeout_at(until, describe(&ecs, &asked)).await {
                        Ok(said) => said.map_err(|error| Unread::of(&error)),
                        Err(_) => Err(Unread::too_slow()),
                    };
                    (names, said)
                });
            }
            let mut read = Services::new();
            while let Some(call) = calls.join_next().await {
                let Ok((names, said)) = call else { continue };
                for name in names {
                    let found = said.as_ref().map_err(Clone::clone);
                    let one =
                        |all: &Vec<Read>| all.iter().find(|one| one.service.name == name).cloned();
                    read.insert(name.clone(), found.map(one));
                }
            }
            let read = EnvironmentRead {
                services: read,
                reach: Some(reach),
            };
            (environment, read)
        });
    }
    let mut live = HashMap::new();
    while let Some(read) = reading.join_next().await {
        match read {
            Ok((environment, services)) => {
                live.insert(environment, services);
            }
            Err(error) => tracing::error!(%error, "reading an environment broke off"),
        }
    }
    live
}

/// The services, and where their newest service deployments stand.
async fn describe(ecs: &EcsTarget, names: &[&str]) -> Result<Vec<Read>, AwsError> {
    let services = ecs.describe_services(names).await?;
    let mut staged = ecs.staged(&services.iter().collect::<Vec<_>>()).await?;
    let read = services.into_iter().map(|service| Read {
        staged: staged.remove(&service.name),
        service,
    });
    Ok(read.collect())
}
