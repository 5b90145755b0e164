//! `status [ENV]`: the truth board, read from ECS in as few calls as there are: one role and one
//! cluster at a time, ten services a call, so many calls at once. A place that cannot be read says
//! so; nothing is filled in from memory.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::live::{Read, Services, Unread, read_ecs};
pub(crate) use super::origin::brought_by;
use super::origin::origin;
use crate::aws::dynamodb::StoreError;
use crate::card::{self, CellTrouble, Overview, OverviewRow, Place, Runs, Setting, There, Version};
use crate::config::{Config, Target};
use crate::names::{Actor, AppName, DeployId, EnvName};
use crate::record::job::Job;
use crate::record::lease::ServiceKey;
use crate::record::{Deploy, Open, Past};
use crate::slack::blocks::Message;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::scene::keys;
use crate::waiter::status::targets;

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
struct PlaceRead {
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
    let mut reading: JoinSet<Result<PlaceRead, StoreError>> = JoinSet::new();
    for target in targets {
        let place = (target.application.clone(), target.environment.clone());
        let is_open = table
            .open
            .iter()
            .any(|deploy| deploy.is_about(&place.0, &place.1));
        let services = live.get(&target.environment);
        let in_flight = |name: &String| {
            let service = services.and_then(|services| services.get(name));
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
    let mut problems: Vec<CellTrouble> = Vec::new();
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
        (Actor::Slack { user, .. }, Some((_, team))) => team.has(user),
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
        open: open.iter().map(|deploy| Open::of(deploy)).collect(),
        ..Runs::default()
    };
    for name in &target.services {
        let read = match services.get(name).ok_or_else(broke_off)? {
            Ok(Some(read)) if read.service.is_active() => read,
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
        if read.service.in_flight() {
            runs.rolling.push(name.clone());
        }
        if read.service.is_unfinished() {
            runs.unfinished.push(name.clone());
        }
        if read.staged.as_ref().is_some_and(|staged| staged.waits) {
            runs.waiting.push(name.clone());
        }
        for version in versions(read, history, &open) {
            let alike = runs
                .versions
                .iter_mut()
                .find(|known| known.is_like(&version));
            match alike {
                Some(known) => known.join(version),
                None => runs.versions.push(version),
            }
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

/// What one service runs, revision by revision.
fn versions(read: &Read, history: &[Past], open: &[&Deploy]) -> Vec<Version> {
    let sides = read.service.sides(read.staged.as_ref());
    let several = sides.len() > 1;
    let sides = sides.into_iter().enumerate();
    let versions = sides.map(|(at, side)| Version {
        services: vec![read.service.name.clone()],
        origin: origin((&read.service.name, &side.task_definition), history, open),
        revision: side.task_definition,
        tasks: side.counts,
        share: side.share,
        place: match (several, at) {
            (false, _) => Place::Alone,
            (true, 0) => Place::Coming,
            (true, _) => Place::Beside,
        },
    });
    versions.collect()
}

/// Counts an application among those that could not be read for this reason.
fn note(problems: &mut Vec<CellTrouble>, target: &Target, unread: &Unread) {
    let known = problems
        .iter_mut()
        .find(|problem| problem.environment == target.environment && problem.why == unread.why);
    match known {
        Some(problem) => problem.applications += 1,
        None => problems.push(CellTrouble {
            environment: target.environment.clone(),
            role: target.deploy_role_arn(),
            why: unread.why.clone(),
            applications: 1,
        }),
    }
}
