//! `show DEPLOY`, `show last`: everything on record about one deploy. Read from the table, answered at once.

use super::asked::Visit;
use super::door::Answer;
use super::history;
use super::no::No;
use crate::card::{self, Setting};
use crate::names::{AppName, DeployId, EnvName};
use crate::record::TurnedDown;
use crate::reply;

/// The deploy of this id, as a card for the asker.
pub(super) async fn answer(visit: Visit<'_>, id: &DeployId) -> Result<Answer, No> {
    let slash = visit.slash;
    match slash.store.deploy_or_request(id).await {
        Ok(Some(deploy)) => {
            let setting = Setting {
                command: &slash.command_name(),
                now: slash.now(),
                on_call: &[],
            };
            Ok(Answer::message(card::show(&deploy, &setting)))
        }
        Ok(None) => Err(TurnedDown::UnknownDeploy { id: id.clone() }.into()),
        Err(error) => Ok(slash.could_not_read(&error, visit.progress)),
    }
}

/// The newest deploy there, as a card for the asker: where both names are given, also one that is under
/// way, which the history does not have yet.
pub(super) async fn last(
    visit: Visit<'_>,
    application: Option<&AppName>,
    environment: Option<&EnvName>,
) -> Result<Answer, No> {
    let slash = visit.slash;
    let open = async {
        match (application, environment) {
            (Some(application), Some(environment)) => {
                let now = slash.now();
                slash
                    .store
                    .open_or_asked_at(application, environment, now)
                    .await
            }
            _ => Ok(Vec::new()),
        }
    };
    let read = tokio::try_join!(open, history::read(visit, application, environment));
    let (open, (past, _)) = match read {
        Ok(read) => read,
        Err(error) => return Ok(slash.could_not_read(&error, visit.progress)),
    };
    // Of two of the same second, the one that has not ended came later.
    let open = open
        .iter()
        .map(|deploy| (deploy.requested_at, 1, &deploy.id));
    let ended = past
        .iter()
        .filter_map(|past| Some((past.requested_at, 0, past.id.as_ref()?)));
    match open.chain(ended).max() {
        Some((_, _, id)) => answer(visit, id).await,
        None => Ok(Answer::message(card::sentence(reply::no_history()))),
    }
}
