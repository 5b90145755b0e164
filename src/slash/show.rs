//! `show DEPLOY`: everything on record about one deploy. Read from the table, answered at once.

use super::asked::Visit;
use super::door::Answer;
use super::no::No;
use crate::card::{self, Setting};
use crate::names::DeployId;
use crate::record::TurnedDown;

/// The deploy of this id, as a card for the asker.
pub(super) async fn answer(visit: Visit<'_>, id: &DeployId) -> Result<Answer, No> {
    let slash = visit.slash;
    match slash.store.deploy_or_request(id).await {
        Ok(Some(deploy)) => {
            let setting = Setting {
                command: &slash.command_name(),
                now: slash.now(),
            };
            Ok(Answer::message(&card::show(&deploy, &setting)))
        }
        Ok(None) => Err(TurnedDown::UnknownDeploy { id: id.clone() }.into()),
        Err(error) => Ok(slash.could_not_read(&error, visit.progress)),
    }
}
