//! `history [APP] [ENV]`: who deployed what, where, and how it ended. Read from the table, answered
//! at once.

use super::asked::Visit;
use super::door::Answer;
use crate::card::{self, Setting};
use crate::names::{AppName, EnvName};
use crate::past;

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
    let slash = visit.slash;
    let read = match (application, environment) {
        (Some(application), Some(environment)) => {
            slash.store.history_at(application, environment, READ).await
        }
        _ => slash.store.history(READ).await,
    };
    let mut history = match read {
        Ok(history) => history,
        Err(error) => return slash.could_not_read(&error, visit.progress),
    };
    history.retain(|past| {
        application.is_none_or(|name| *name == past.application)
            && environment.is_none_or(|name| *name == past.environment)
    });
    let mut history = past::marked(history);
    history.truncate(LISTED);
    let setting = Setting {
        command: &slash.command_name(),
        now: slash.now(),
    };
    Answer::message(&card::history(&history, &setting))
}
