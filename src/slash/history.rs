//! `history [APP] [ENV] [all]`: who changed what, where, and how it ended. Read from the table, answered
//! at once.

use super::asked::Visit;
use super::door::Answer;
use crate::aws::dynamodb::StoreError;
use crate::card::{self, Setting};
use crate::command::{Command, HistoryScope};
use crate::names::{AppName, EnvName};
use crate::past::{self, Listed};
use crate::record::Past;

/// How many entries are listed.
const LISTED: usize = 10;
/// How many are read where the table cannot filter by what was asked for.
const READ: i32 = 200;

/// The newest entries that were asked for, newest first.
pub(super) async fn answer(
    visit: Visit<'_>,
    application: Option<&AppName>,
    environment: Option<&EnvName>,
    scope: HistoryScope,
) -> Answer {
    let read = read(visit, application, environment).await;
    let asked = Command::History {
        app: application.cloned(),
        env: environment.cloned(),
        scope,
    };
    match read {
        Ok(history) => {
            let listed = past::listed(past::marked(history), scope, LISTED);
            card(visit, &listed, &asked)
        }
        Err(error) => visit.slash.could_not_read(&error, visit.progress),
    }
}

/// What has ended there, newest first.
pub(super) async fn read(
    visit: Visit<'_>,
    application: Option<&AppName>,
    environment: Option<&EnvName>,
) -> Result<Vec<Past>, StoreError> {
    let store = &visit.slash.store;
    let mut history = match (application, environment) {
        (Some(application), Some(environment)) => {
            store.history_at(application, environment, READ).await?
        }
        _ => store.history(READ).await?,
    };
    history.retain(|past| {
        application.is_none_or(|name| *name == past.application)
            && environment.is_none_or(|name| *name == past.environment)
    });
    Ok(history)
}

/// The list for the asker.
pub(super) fn card(visit: Visit<'_>, listed: &Listed, asked: &Command) -> Answer {
    let slash = visit.slash;
    let setting = Setting {
        command: &slash.command_name(),
        now: slash.now(),
        on_call: &[],
    };
    Answer::message(&card::history(listed, asked, &setting))
}
