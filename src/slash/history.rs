//! `history [APP] [ENV]`: who deployed what, where, and how it ended. Read from the table, answered
//! at once.

use super::asked::Visit;
use super::door::Answer;
use crate::aws::dynamodb::StoreError;
use crate::card::{self, Setting};
use crate::names::{AppName, EnvName};
use crate::past;
use crate::record::Past;

/// How many deploys are listed.
const LISTED: usize = 10;
/// How many are read where the table cannot filter by what was asked for.
const READ: i32 = 200;

/// The newest deploys that fit, newest first.
pub(super) async fn answer(
    visit: Visit<'_>,
    application: Option<&AppName>,
    environment: Option<&EnvName>,
) -> Answer {
    match read(visit, application, environment).await {
        Ok(history) => listed(visit, history),
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

/// The newest of these, as a list for the asker.
pub(super) fn listed(visit: Visit<'_>, history: Vec<Past>) -> Answer {
    let slash = visit.slash;
    let mut history = past::marked(history);
    history.truncate(LISTED);
    let setting = Setting {
        command: &slash.command_name(),
        now: slash.now(),
    };
    Answer::message(&card::history(&history, &setting))
}
