//! `show DEPLOY`, `show last`: everything on record about one deploy. Read from the table, answered at once.

use super::asked::Visit;
use super::door::Answer;
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
                admins: &visit.loaded.admins_told(&visit.asked.actor, slash.now()),
                now: slash.now(),
                on_call: &[],
            };
            Ok(Answer::message(card::show(&deploy, &setting)))
        }
        Ok(None) => Err(TurnedDown::UnknownDeploy { id: id.clone() }.into()),
        Err(error) => Ok(slash.could_not_read(&error, visit.progress)),
    }
}

/// The deploy that was asked for last there, as a card for the asker.
pub(super) async fn last(
    visit: Visit<'_>,
    application: Option<&AppName>,
    environment: Option<&EnvName>,
) -> Result<Answer, No> {
    let slash = visit.slash;
    let now = slash.now();
    let last = slash.store.asked_for_last(application, environment, now);
    match last.await {
        Ok(Some(id)) => answer(visit, &id).await,
        Ok(None) => Ok(Answer::message(card::sentence(reply::no_history()))),
        Err(error) => Ok(slash.could_not_read(&error, visit.progress)),
    }
}
