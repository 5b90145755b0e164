//! `show DEPLOY`: everything on record about one deploy. Read from the table, answered at once.

use crate::card::{self, Setting};
use crate::names::DeployId;
use crate::refusal::Refusal;
use crate::slash::{Answer, No, Progress, Slash};

/// The deploy of this id, as a card for the asker.
pub(crate) async fn answer(
    slash: &Slash,
    id: &DeployId,
    progress: &Progress,
) -> Result<Answer, No> {
    match slash.store.deploy_or_request(id).await {
        Ok(Some(deploy)) => {
            let setting = Setting {
                command: &slash.command_name(),
                now: slash.now(),
            };
            Ok(Answer::message(&card::show(&deploy, &setting)))
        }
        Ok(None) => Err(Refusal::UnknownDeploy { id: id.clone() }.into()),
        Err(error) => Ok(slash.could_not_read(&error, progress)),
    }
}
