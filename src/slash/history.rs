//! `history [APP] [ENV] [all]`: who changed what, where, and how it ended. Read from the table, answered
//! at once.

use super::asked::Visit;
use super::door::Answer;
use super::no::No;
use crate::aws::dynamodb::StoreError;
use crate::card::{self, AskedHistory, Setting};
use crate::command::Command;
use crate::command::moment::StillToCome;
use crate::names::{AppName, EnvName};
use crate::past::{self, IsAll, WantedEntries};
use crate::record::{Past, TurnedDown};
use crate::reply;

/// How many entries are listed, and how many where a time says which.
const LISTED: usize = 10;
const LISTED_WITHIN: usize = 25;
/// How many are read where the table cannot filter by what was asked for.
const READ: i32 = 200;

/// The newest entries that were asked for, newest first.
pub(super) async fn answer(visit: Visit<'_>, asked: &Command) -> Result<Answer, No> {
    let Command::History {
        app,
        env,
        scope,
        period,
    } = asked
    else {
        return Ok(Answer::message(card::sentence(reply::no_history())));
    };
    let slash = visit.slash;
    let (now, zone) = (slash.now(), visit.loaded.config.slack().zone());
    let within = period.map(|period| {
        let still_to_come = |StillToCome| TurnedDown::StillToCome {
            time: period.moment(),
            zone: zone.clone(),
            again: asked.with_a_time_that_passed().to_string(),
        };
        period.resolve(&zone, now).map_err(still_to_come)
    });
    let wanted = WantedEntries {
        scope: *scope,
        within: within.transpose()?,
        most: period.map_or(LISTED, |_| LISTED_WITHIN),
    };
    let history = match read(visit, app.as_ref(), env.as_ref()).await {
        Ok(history) => history,
        Err(error) => return Ok(slash.could_not_read(&error, visit.progress)),
    };
    let is_all = history.1;
    let listed = past::listed(past::marked(history.0), &wanted, is_all);
    let asked = AskedHistory {
        command: asked,
        zone: &zone,
        within: wanted.within,
    };
    let setting = Setting {
        command: &slash.command_name(),
        admins: &[],
        now,
        on_call: &[],
    };
    Ok(Answer::message(card::history(&listed, &asked, &setting)))
}

/// What has ended there, newest first, and whether that is all of it.
pub(super) async fn read(
    visit: Visit<'_>,
    application: Option<&AppName>,
    environment: Option<&EnvName>,
) -> Result<(Vec<Past>, IsAll), StoreError> {
    let store = &visit.slash.store;
    let mut history = match (application, environment) {
        (Some(application), Some(environment)) => {
            store.history_at(application, environment, READ).await?
        }
        _ => store.history(READ).await?,
    };
    let is_all = IsAll::of(&history, READ);
    history.retain(|past| {
        application.is_none_or(|name| *name == past.application)
            && environment.is_none_or(|name| *name == past.environment)
    });
    Ok((history, is_all))
}
