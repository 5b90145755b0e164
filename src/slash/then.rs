//! `status APP [ENV] at TIME`: what ran there then. Read from the table, answered at once.

use futures_util::future::{try_join, try_join_all};

use super::asked::Visit;
use super::door::Answer;
use super::no::No;
use crate::aws::dynamodb::StoreError;
use crate::card::{self, AskedThen, PlaceThen, Setting};
use crate::command::Command;
use crate::command::moment::{Moment, StillToCome};
use crate::names::{AppName, EnvName};
use crate::past::{self, IsAll};
use crate::record::{Deploy, TurnedDown};
use crate::reply;

/// How many entries of a place are read.
const READ: i32 = 200;

/// What ran of the application, in one environment or in each that it has.
pub(super) async fn answer(
    visit: Visit<'_>,
    application: &AppName,
    environment: Option<&EnvName>,
    at: &Moment,
) -> Result<Answer, No> {
    let slash = visit.slash;
    let config = &visit.loaded.config;
    let (now, zone) = (slash.now(), config.slack().zone());
    let meant = at.resolve(&zone, now).map_err(|StillToCome| {
        let again = Command::StatusAt {
            app: application.clone(),
            env: environment.cloned(),
            at: Moment::EXAMPLE,
        };
        TurnedDown::StillToCome {
            time: at.to_string(),
            zone: zone.clone(),
            again: again.to_string(),
        }
    })?;
    let own = config.application(application);
    let own = own.map(|application| application.environments.keys());
    let environments: Vec<&EnvName> = match environment {
        Some(one) => vec![one],
        None => own.into_iter().flatten().collect(),
    };
    let places = environments.into_iter();
    let places = places.map(|environment| place(visit, application, environment));
    let places = match try_join_all(places).await {
        Ok(places) => places,
        Err(error) => return Ok(slash.could_not_read(&error, visit.progress)),
    };
    if places.is_empty() {
        return Ok(Answer::message(card::sentence(reply::nothing_to_show())));
    }
    let asked = AskedThen {
        application,
        typed: &at.to_string(),
        meant,
        zone: &zone,
    };
    let setting = Setting {
        command: &slash.command_name(),
        admins: &[],
        now,
        on_call: &[],
    };
    Ok(Answer::message(card::then(&places, &asked, &setting)))
}

/// The history of a place, and what is under way there.
async fn place(
    visit: Visit<'_>,
    application: &AppName,
    environment: &EnvName,
) -> Result<PlaceThen, StoreError> {
    let store = &visit.slash.store;
    let (open, history) = try_join(
        store.open_at(application, environment),
        store.history_at(application, environment, READ),
    )
    .await?;
    // Beside the records stands only what was asked for, and not how far it has got.
    let open = open.iter().map(|deploy| store.deploy(&deploy.id));
    let open: Vec<Deploy> = try_join_all(open).await?.into_iter().flatten().collect();
    let is_all = IsAll::of(&history, READ);
    Ok(PlaceThen {
        environment: environment.clone(),
        history: past::with_open(history, &open, application),
        is_all,
    })
}
