//! `status [APP] [ENV]`: what runs, read from ECS at that moment, never from memory: in as few calls as
//! there are, judged once by [`crate::running`], and drawn as a board or as one application in detail.
//! A place that cannot be read says so; nothing is filled in.

mod live;
mod table;
mod whereabouts;

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};

use self::live::{Environments, read_ecs};
use self::table::Table;
pub(crate) use self::whereabouts::whereabouts;
use crate::aws::dynamodb::Dossier;
use crate::card::{self, Board, Setting};
use crate::config::{Config, Target};
use crate::names::image_reference::digest_of;
use crate::names::{Actor, AppName, EnvName};
use crate::policy::{Policy, is_own};
use crate::record::job::Job;
use crate::running::{Row, There, Unread, judge};
use crate::slack::blocks::Message;
use crate::waiter::context::{StepError, Waiter};
use crate::waiter::patience;

/// How long ECS may take to answer, before a place says that it could not be read.
const READ_WITHIN: Duration = Duration::from_secs(8);

/// What was asked about: one application in detail, or everything a line each, in as many messages
/// as there is room for.
pub(crate) async fn answer(
    waiter: &Waiter,
    job: &Job,
    (application, environment): (Option<&AppName>, Option<&EnvName>),
    dossier: &Dossier,
) -> Result<Vec<Message>, StepError> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let until = Instant::now() + READ_WITHIN;
    let targets = targets(&loaded.config, application, environment);
    let live = read_ecs(waiter, job, &targets, until).await;
    let table = Table::read(waiter, application, &targets, &live).await?;
    let mut places: Vec<(&Target, There)> = targets
        .iter()
        .map(|target| (target, there(target, &live, &table)))
        .collect();
    if application.is_some() {
        let each = places.iter_mut();
        join_all(each.map(|(target, there)| add_digest(target, there, &live, until))).await;
    }
    let rows = rows(places);
    let setting = Setting {
        command: &loaded.config.slack().command,
        admins: &[],
        now: waiter.now(),
        on_call: &[],
    };
    Ok(match (application, rows.as_slice()) {
        (Some(_), [row]) => vec![card::status(row, &setting)],
        _ => {
            let now = waiter.now();
            // It took so long that something was said meanwhile.
            let is_over = patience::is_over(job.requested_at, now);
            let said = usize::from(is_over && !loaded.is_long(&job.task));
            let room = waiter.notifier.room(dossier, said, now).await;
            let board = board(loaded.policy(now), &job.requester, rows, environment);
            card::board(&board, &setting, room)
        }
    })
}

/// What was asked about: every application in each of its environments, or those that fit.
fn targets(
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

fn there(target: &Target, live: &Environments, table: &Table) -> There {
    match (live.get(&target.environment), table.at(target)) {
        (Some(environment), Some(known)) => judge(target, &environment.services, &known),
        _ => There::Unreadable {
            unread: Unread::broke_off(),
            role: target.deploy_role_arn(),
        },
    }
}

/// Looks up the digest of the application's image where the history does not have it.
async fn add_digest(target: &Target, there: &mut There, live: &Environments, until: Instant) {
    let There::Read(runs) = there else {
        return;
    };
    let environment = live.get(&target.environment);
    let (Some(side), Some(reach), true) = (
        runs.without_digest(),
        environment.and_then(|environment| environment.reach.as_ref()),
        // Of several images, no one digest would say it.
        target.images.is_empty(),
    ) else {
        return;
    };
    let definition = reach.definition(&side.side.task_definition);
    let unread = match timeout_at(until, definition).await {
        Ok(Ok(definition)) => {
            let own = definition.containers_from(&target.registry_uri());
            let image = own.first().and_then(|name| definition.image(name));
            side.version.digest = image.and_then(digest_of).map(|digest| digest.to_string());
            return;
        }
        Ok(Err(error)) => Unread::of(&error),
        Err(_) => Unread::too_slow(),
    };
    *there = There::Unreadable {
        unread,
        role: target.deploy_role_arn(),
    };
}

fn rows(places: Vec<(&Target, There)>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (target, there) in places {
        let place = (target.environment.clone(), there);
        match rows.last_mut() {
            Some(row) if row.application == target.application => row.places.push(place),
            Some(_) | None => rows.push(Row {
                application: target.application.clone(),
                title: target.title.clone(),
                places: vec![place],
            }),
        }
    }
    rows
}

/// The board of what was read, the asker's own applications first.
fn board(
    policy: Policy<'_>,
    asker: &Actor,
    mut rows: Vec<Row>,
    environment: Option<&EnvName>,
) -> Board {
    let is_own = |application: &AppName| is_own(policy, asker, application);
    rows.sort_by_key(|row| !is_own(&row.application));
    Board {
        own: rows.iter().filter(|row| is_own(&row.application)).count(),
        rows,
        environment: environment.cloned(),
    }
}
