//! `status [APP] [ENV]`: what runs, read from ECS, never from memory: service by service, and
//! revision by revision. A cell that cannot be read says so.

pub(crate) mod board;
pub(crate) mod live;
pub(crate) mod origin;

use std::time::Duration;

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::aws::dynamodb::Store;
use crate::aws::sts::OnBehalf;
use crate::card::{self, Board, Cell, LiveSide, Row, ServiceNow, Setting};
use crate::config::{Config, Target};
use crate::names::image_reference::digest_of;
use crate::names::{AppName, DeployId, EnvName};
use crate::past;
use crate::record::job::Job;
use crate::record::{Deploy, Open, Past};
use crate::rollout::Staged;
use crate::slack::blocks::Message;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::no::in_short;
use crate::waiter::reach::{Accounts, Destination};
use crate::waiter::status::board::brought_by;

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
                let behalf = OnBehalf {
                    deploy: &id,
                    actor: &requester,
                };
                let cell = match tokio::time::timeout(
                    CELL_WITHIN,
                    read_live(&accounts, &store, &target, behalf),
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
    on_behalf: OnBehalf<'_>,
) -> Result<Cell, String> {
    let (app, env) = (&target.application, &target.environment);
    // Labels help; without them the cell still tells what ECS says.
    let history = store.history_at(app, env, 50).await.unwrap_or_default();
    let mut open: Vec<Deploy> = Vec::new();
    for accepted in store.open_at(app, env).await.unwrap_or_default() {
        open.extend(open_deploy(store, &accepted.id).await);
    }
    let role_arn = target.deploy_role_arn();
    let place = Destination {
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
    if live.is_empty() {
        return Err("it has no services".to_owned());
    }
    let staged = reach.ecs.staged(&live.iter().collect::<Vec<_>>()).await;
    let staged = staged.map_err(words)?;
    let known = Known {
        history: &history,
        open: &open,
        several: !target.images.is_empty(),
    };
    let services: Vec<ServiceNow> = live
        .iter()
        .map(|service| known.shown(service, staged.get(&service.name)))
        .collect();
    let mut cell = Cell::Live {
        digest: None,
        services,
        open: open.iter().map(Open::of).collect(),
    };
    // Of several images, no one digest would say it.
    if let (false, Some((service, revision))) = (known.several, cell.runs_one()) {
        let of_all = match known.digest(&service, &revision) {
            Some(digest) => Some(digest),
            None => {
                let definition = reach.definition(&revision).await.map_err(words)?;
                let uri = target.registry_uri();
                let container = definition.containers_from(&uri).into_iter().next();
                let image = container.and_then(|name| definition.image(&name).map(str::to_owned));
                image
                    .and_then(|image| digest_of(&image))
                    .map(|digest| digest.to_string())
            }
        };
        if let Cell::Live { digest, .. } = &mut cell {
            *digest = of_all;
        }
    }
    Ok(cell)
}

/// What the table knows of the revisions at a place.
struct Known<'a> {
    history: &'a [Past],
    open: &'a [Deploy],
    /// Whether it runs images of its own beside the application's, so that no one commit says it.
    several: bool,
}

impl Known<'_> {
    fn shown(&self, service: &crate::rollout::LiveService, staged: Option<&Staged>) -> ServiceNow {
        let sides = service.sides(staged).into_iter().map(|side| {
            let (label, commit) = self.name(&service.name, &side.task_definition);
            LiveSide {
                side,
                label,
                commit: commit.filter(|_| !self.several),
            }
        });
        ServiceNow {
            service: service.name.clone(),
            sides: sides.collect(),
            rolling: service.in_flight(),
            unfinished: service.is_unfinished(),
            waits: staged.is_some_and(|staged| staged.waits),
        }
    }

    /// What people call a revision, and its commit, as far as the table knows.
    fn name(&self, service: &str, revision: &str) -> (Option<String>, Option<String>) {
        let mut open = self.open.iter();
        if let Some(brought) = open.find_map(|deploy| brought_by(deploy, service, revision)) {
            return (Some(brought.label), brought.commit);
        }
        let past = self.brought(service, revision);
        (past.map(Past::runs), past.and_then(Past::own_commit))
    }

    fn brought(&self, service: &str, revision: &str) -> Option<&Past> {
        let revision = past::ran_as(self.history, service, revision);
        let brings = |past: &&Past| past.revision_of(service) == Some(revision);
        self.history.iter().find(brings)
    }

    fn digest(&self, service: &str, revision: &str) -> Option<String> {
        let past = self.brought(service, revision)?;
        past.digests.first().map(|(_, digest)| digest.clone())
    }
}

pub(crate) async fn open_deploy(store: &Store, id: &DeployId) -> Option<Deploy> {
    store.deploy(id).await.ok()?
}

/// How many environments are read at the same time for a status board.
pub(crate) const READ_AT_ONCE: usize = 8;
/// How long one environment may take to read, before its cell says that it could not be.
pub(crate) const CELL_WITHIN: Duration = Duration::from_secs(8);
