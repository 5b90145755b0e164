//! `status [APP] [ENV]`: what runs, read from ECS, never from memory. A cell that cannot be read
//! says so.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::aws::dynamodb::Store;
use crate::board;
use crate::card::{self, Board, Cell, LiveService, Row, Setting};
use crate::config::{Config, Target};
use crate::image_reference::digest_of;
use crate::job::Job;
use crate::names::{Actor, AppName, DeployId, EnvName};
use crate::no::in_short;
use crate::reach::{Accounts, Place};
use crate::record::{Deploy, Past};
use crate::slack::blocks::Message;
use crate::waiter::{CELL_WITHIN, READ_AT_ONCE, StepError, Waiter};

/// What was asked about: one application in detail, or everything a line each, in as many messages
/// as there is `room` for.
pub(crate) async fn answer(
    waiter: &Waiter,
    job: &Job,
    (application, environment): (Option<&AppName>, Option<&EnvName>),
    room: usize,
) -> Result<Vec<Message>, StepError> {
    match application {
        Some(_) => read(waiter, job, application, environment).await,
        None => board::read(waiter, job, environment, room).await,
    }
}

/// The board for what was asked.
async fn read(
    waiter: &Waiter,
    job: &Job,
    application: Option<&AppName>,
    environment: Option<&EnvName>,
) -> Result<Vec<Message>, StepError> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let targets = targets(&loaded.config, application, environment);
    let mut cells: BTreeMap<(AppName, EnvName), Cell> = BTreeMap::new();
    let mut reading = JoinSet::new();
    let mut waiting = targets.iter().cloned();
    loop {
        while reading.len() < READ_AT_ONCE {
            let Some(target) = waiting.next() else {
                break;
            };
            let accounts = waiter.accounts.clone();
            let store = waiter.store.clone();
            let (id, requester) = (job.id.to_string(), job.requester.clone());
            reading.spawn(async move {
                let (app, env) = (target.application.clone(), target.environment.clone());
                let cell = match tokio::time::timeout(
                    CELL_WITHIN,
                    read_live(&accounts, &store, &target, (&id, &requester)),
                )
                .await
                {
                    Ok(Ok(cell)) => cell,
                    Ok(Err(why)) => Cell::Unreadable { why },
                    Err(_) => Cell::Unreadable {
                        why: "it took too long".to_owned(),
                    },
                };
                ((app, env), cell)
            });
        }
        match reading.join_next().await {
            Some(Ok((place, cell))) => {
                cells.insert(place, cell);
            }
            Some(Err(error)) => tracing::error!(%error, "reading a cell of the board broke off"),
            None => break,
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    for target in &targets {
        let place = (target.application.clone(), target.environment.clone());
        let cell = cells.remove(&place).unwrap_or(Cell::Unreadable {
            why: "reading it broke off".to_owned(),
        });
        match rows
            .iter_mut()
            .find(|row| row.application == target.application)
        {
            Some(row) => row.cells.push((place.1, cell)),
            None => rows.push(Row {
                application: target.application.clone(),
                title: target.title.clone(),
                cells: vec![(place.1, cell)],
            }),
        }
    }
    let setting = Setting {
        command: &loaded.config.slack().command,
        now: waiter.now(),
    };
    Ok(vec![card::board(&Board { rows }, &setting)])
}

/// What was asked about: every application in each of its environments, or those that fit.
pub(crate) fn targets(
    config: &Config,
    application: Option<&AppName>,
    environment: Option<&EnvName>,
) -> Vec<Target> {
    let applications = config
        .applications()
        .filter(|(name, _)| application.is_none_or(|asked| asked == *name));
    applications
        .flat_map(|(name, app)| app.environments.keys().map(move |env| (name, env)))
        .filter(|(_, env)| environment.is_none_or(|asked| asked == *env))
        .filter_map(|(name, env)| config.target(name, env))
        .collect()
}

async fn read_live(
    accounts: &Accounts,
    store: &Store,
    target: &Target,
    on_behalf: (&str, &Actor),
) -> Result<Cell, String> {
    let (app, env) = (&target.application, &target.environment);
    // Labels help; without them the cell still tells what ECS says.
    let history = store.history_at(app, env, 50).await.unwrap_or_default();
    let open = match store.open_at(app, env).await.unwrap_or_default().first() {
        Some(accepted) => open_deploy(store, &accepted.id).await,
        None => None,
    };
    let role_arn = target.deploy_role_arn();
    let place = Place {
        role_arn: &role_arn,
        region: target.region.as_str(),
        cluster: &target.cluster,
    };
    let words = |error: crate::aws::AwsError| in_short(&error, &role_arn);
    let reach = accounts.open(place, on_behalf).await.map_err(words)?;
    let names: Vec<&str> = target.services.iter().map(String::as_str).collect();
    let live = reach.ecs.describe_services(&names).await.map_err(words)?;
    let missing = names
        .iter()
        .find(|name| !live.iter().any(|service| service.name == **name));
    if let Some(missing) = missing {
        return Err(format!("there is no service {missing}"));
    }
    let Some(first) = live.first() else {
        return Err("it has no services".to_owned());
    };
    let brought = history.iter().find(|past| {
        past.revisions
            .iter()
            .any(|(name, revision)| *name == first.name && *revision == first.task_definition)
    });
    let rolling_out = open.as_ref().and_then(|deploy| brought_by(deploy, first));
    let several = !target.images.is_empty();
    let digest = match brought.and_then(|past| past.digests.first()) {
        // No one digest would say it.
        _ if several => None,
        Some((_, digest)) => Some(digest.clone()),
        None => {
            let definition = reach
                .definition(&first.task_definition)
                .await
                .map_err(words)?;
            let uri = target.registry_uri();
            let container = definition.containers_from(&uri).into_iter().next();
            let image = container.and_then(|name| definition.image(&name).map(str::to_owned));
            image
                .and_then(|image| digest_of(&image))
                .map(|digest| digest.to_string())
        }
    };
    Ok(Cell::Live {
        label: rolling_out
            .as_ref()
            .map(|brought| brought.label.clone())
            .or_else(|| brought.map(Past::runs)),
        commit: match rolling_out {
            _ if several => None,
            Some(brought) => brought.commit,
            None => brought.and_then(Past::own_commit),
        },
        digest,
        services: live
            .iter()
            .map(|service| LiveService {
                service: service.name.clone(),
                revision: service.task_definition.clone(),
                running: service.running,
                desired: service.desired,
                pending: service.pending,
                rollout: service.in_flight().then(|| "IN_PROGRESS".to_owned()),
                unfinished: service.is_unfinished(),
            })
            .collect(),
        open: open.map(|deploy| deploy.id),
    })
}

pub(crate) async fn open_deploy(store: &Store, id: &DeployId) -> Option<Deploy> {
    store.deploy(id).await.ok()?
}

/// What a deploy under way has brought to a service.
pub(crate) struct Brought {
    /// What people call it, with every image that its application runs.
    pub(crate) label: String,
    /// The commit of the application's own image, where it is known.
    pub(crate) commit: Option<String>,
}

/// What a deploy under way has brought, if the service is on that deploy's revision already.
pub(crate) fn brought_by(deploy: &Deploy, live: &crate::rollout::LiveService) -> Option<Brought> {
    let at = deploy.services.iter().position(|service| {
        service.service == live.name
            && service.revision.as_deref() == Some(live.task_definition.as_str())
    })?;
    let plan = deploy.plan.as_ref()?;
    Some(Brought {
        label: plan.runs_at(at),
        commit: plan.own_commit_at(at).map(str::to_owned),
    })
}
