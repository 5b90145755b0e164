//! `status [ENV]`: the truth board, read from ECS in as few calls as there are: one role and one
//! cluster at a time, ten services a call, so many calls at once. A place that cannot be read says
//! so; nothing is filled in from memory.

mod live;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use self::live::{Services, Unread, read_ecs};
use crate::aws::dynamodb::StoreError;
use crate::card::{self, Origin, Overview, OverviewRow, Problem, Runs, Setting, There, Version};
use crate::config::{Config, Target};
use crate::job::Job;
use crate::lease::ServiceKey;
use crate::names::{Actor, AppName, DeployId, EnvName};
use crate::past::{self, Standing};
use crate::planning::keys;
use crate::record::{Deploy, Past};
use crate::rollout::LiveService;
use crate::slack::blocks::Message;
use crate::status::{brought_by, targets};
use crate::waiter::{StepError, Waiter};

/// Reads of the table at the same time.
const TABLE_AT_ONCE: usize = 32;
/// Entries of a place's history looked through for what runs there.
const HISTORY: i32 = 25;

/// Where, by application and environment.
type Where = (AppName, EnvName);

/// What the table said.
#[derive(Default)]
struct Table {
    histories: HashMap<Where, Vec<Past>>,
    open: Vec<Deploy>,
    holders: HashMap<ServiceKey, DeployId>,
}

/// What the table said of one place.
struct At {
    place: Where,
    history: Vec<Past>,
    holders: Vec<(ServiceKey, DeployId)>,
}

/// The board, in `room` messages at most.
pub(crate) async fn read(
    waiter: &Waiter,
    job: &Job,
    environment: Option<&EnvName>,
    room: usize,
) -> Result<Vec<Message>, StepError> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let targets = targets(&loaded.config, None, environment);
    let live = read_ecs(waiter, job, &targets).await;
    let table = read_table(waiter, &targets, &live).await?;
    let board = compose(&loaded.config, &job.requester, &targets, &live, &table);
    let board = Overview {
        environment: environment.cloned(),
        ..board
    };
    let setting = Setting {
        command: &loaded.config.slack().command,
        now: waiter.now(),
    };
    Ok(card::overview(&board, &setting, room))
}

/// Asks the table for what is open, for the histories, and for the leases where something happens.
async fn read_table(
    waiter: &Waiter,
    targets: &[Target],
    live: &HashMap<EnvName, Services>,
) -> Result<Table, StepError> {
    let at_once = Arc::new(Semaphore::new(TABLE_AT_ONCE));
    let mut table = Table {
        open: read_open(waiter, &at_once).await?,
        ..Table::default()
    };
    let mut reading: JoinSet<Result<At, StoreError>> = JoinSet::new();
    for target in targets {
        let place = (target.application.clone(), target.environment.clone());
        let is_open = table
            .open
            .iter()
            .any(|deploy| deploy.is_about(&place.0, &place.1));
        let services = live.get(&target.environment);
        let in_flight = |name: &String| {
            let service = services.and_then(|services| services.get(name));
            matches!(service, Some(Ok(Some(service))) if service.in_flight())
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
            Ok(At {
                place,
                history,
                holders,
            })
        });
    }
    while let Some(read) = reading.join_next().await {
        match read {
            Ok(read) => {
                let at = read?;
                table.histories.insert(at.place, at.history);
                table.holders.extend(at.holders);
            }
            Err(error) => tracing::error!(%error, "reading a history broke off"),
        }
    }
    Ok(table)
}

/// Every deploy that has no verdict yet.
async fn read_open(waiter: &Waiter, at_once: &Arc<Semaphore>) -> Result<Vec<Deploy>, StepError> {
    let mut reading: JoinSet<Result<Option<Deploy>, StoreError>> = JoinSet::new();
    for one in waiter.store.open().await? {
        let (Ok(id), None) = (one.id.parse::<DeployId>(), one.request) else {
            continue;
        };
        let (store, at_once) = (waiter.store.clone(), Arc::clone(at_once));
        reading.spawn(async move {
            let _turn = at_once.acquire().await;
            store.deploy(&id).await
        });
    }
    let mut open = Vec::new();
    while let Some(read) = reading.join_next().await {
        match read {
            Ok(read) => open.extend(read?.filter(|deploy| deploy.ending.is_none())),
            Err(error) => tracing::error!(%error, "reading an open deploy broke off"),
        }
    }
    open.sort_by_key(|deploy| deploy.requested_at);
    Ok(open)
}

/// The board of what was read, the asker's own applications first.
fn compose(
    config: &Config,
    asker: &Actor,
    targets: &[Target],
    live: &HashMap<EnvName, Services>,
    table: &Table,
) -> Overview {
    let mut rows: Vec<OverviewRow> = Vec::new();
    let mut problems: Vec<Problem> = Vec::new();
    for target in targets {
        let there = match there(target, live.get(&target.environment), table) {
            Ok(runs) => There::Read(runs),
            Err(unread) => {
                note(&mut problems, target, &unread);
                There::Unreadable {
                    why: unread.word.to_owned(),
                }
            }
        };
        let place = (target.environment.clone(), there);
        match rows.last_mut() {
            Some(row) if row.application == target.application => row.places.push(place),
            Some(_) | None => rows.push(OverviewRow {
                application: target.application.clone(),
                title: target.title.clone(),
                places: vec![place],
            }),
        }
    }
    let is_own = |application: &AppName| match (asker, config.team_of(application)) {
        (Actor::Slack { user, .. }, Some((_, team))) => {
            team.members.contains(user) || team.leads.contains(user)
        }
        _ => false,
    };
    rows.sort_by_key(|row| !is_own(&row.application));
    Overview {
        own: rows.iter().filter(|row| is_own(&row.application)).count(),
        rows,
        environment: None,
        problems,
    }
}

/// One application in one environment, or why it is not known.
fn there(target: &Target, services: Option<&Services>, table: &Table) -> Result<Runs, Unread> {
    let broke_off = || Unread {
        word: "broke off",
        why: "reading it broke off".to_owned(),
    };
    let services = services.ok_or_else(broke_off)?;
    let place = (target.application.clone(), target.environment.clone());
    let history = table.histories.get(&place).ok_or_else(broke_off)?;
    let open: Vec<&Deploy> = table
        .open
        .iter()
        .filter(|deploy| deploy.is_about(&place.0, &place.1))
        .collect();
    let mut runs = Runs {
        open: open.iter().map(|deploy| deploy.id.clone()).collect(),
        ..Runs::default()
    };
    for name in &target.services {
        let service = match services.get(name).ok_or_else(broke_off)? {
            Ok(Some(service)) if service.is_active() => service,
            Ok(Some(_)) => {
                return Err(Unread {
                    word: "not active",
                    why: format!("the service {name} is not ACTIVE"),
                });
            }
            Ok(None) => {
                return Err(Unread {
                    word: "no such service",
                    why: format!("there is no service {name}"),
                });
            }
            Err(unread) => return Err(unread.clone()),
        };
        runs.tasks.0 += service.running;
        runs.tasks.1 += service.desired;
        if service.in_flight() {
            runs.rolling.push(name.clone());
        }
        let origin = origin(service, history, &open);
        let alike = runs.versions.iter_mut().find(|v| v.origin == origin);
        match alike.filter(|_| !matches!(origin, Origin::Outside { .. })) {
            Some(version) => version.services.push(name.clone()),
            None => runs.versions.push(Version {
                services: vec![name.clone()],
                revision: service.task_definition.clone(),
                origin,
            }),
        }
    }
    for key in keys(target) {
        let holder = table.holders.get(&key);
        if let Some(holder) = holder.filter(|holder| !runs.leases.contains(holder)) {
            runs.leases.push(holder.clone());
        }
    }
    Ok(runs)
}

fn origin(service: &LiveService, history: &[Past], open: &[&Deploy]) -> Origin {
    let rolling_out = open
        .iter()
        .find_map(|deploy| Some((deploy, brought_by(deploy, service)?)));
    if let Some((deploy, brought)) = rolling_out {
        return Origin::Ours {
            label: brought.label,
            commit: brought.commit,
            since: None,
            by: Some(deploy.requester.clone()),
        };
    }
    match past::standing(history, &service.name, &service.task_definition) {
        Standing::Ours(past) if past.outside.is_some() => Origin::Noticed {
            label: past.runs(),
            at: past.ended_at.unwrap_or(past.requested_at),
            by: past
                .outside
                .as_ref()
                .and_then(|outside| outside.registered_by.clone()),
        },
        Standing::Ours(past) => Origin::Ours {
            label: past.runs(),
            commit: past.own_commit(),
            since: past.ended_at.or(Some(past.requested_at)),
            by: past.id.as_ref().map(|_| past.requester.clone()),
        },
        Standing::Outside(past) => Origin::Outside {
            instead_of: past.runs(),
        },
        Standing::Unknown => Origin::Unknown,
    }
}

/// Counts an application among those that could not be read for this reason.
fn note(problems: &mut Vec<Problem>, target: &Target, unread: &Unread) {
    let known = problems
        .iter_mut()
        .find(|problem| problem.environment == target.environment && problem.why == unread.why);
    match known {
        Some(problem) => problem.applications += 1,
        None => problems.push(Problem {
            environment: target.environment.clone(),
            role: target.deploy_role_arn(),
            why: unread.why.clone(),
            applications: 1,
        }),
    }
}
