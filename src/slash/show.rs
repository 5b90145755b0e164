//! `show DEPLOY`, `show last`: everything on record about one deploy; `why-not`: why one was refused. Read from the
//! table, answered at once.

use super::asked::Visit;
use super::door::Answer;
use super::no::No;
use crate::card::{self, Setting};
use crate::names::{AppName, DeployId, EnvName};
use crate::record::TurnedDown;
use crate::reply;
use crate::slack::blocks::Message;

/// The deploy of this id, as a card for the asker.
pub(super) async fn answer(visit: Visit<'_>, id: &DeployId) -> Result<Answer, No> {
    let slash = visit.slash;
    match slash.store.deploy_or_request(id).await {
        Ok(Some(deploy)) => Ok(drawn(visit, |setting| card::show(&deploy, setting))),
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

/// Why this deploy was refused, if it was.
pub(super) async fn why_not(visit: Visit<'_>, id: &DeployId) -> Result<Answer, No> {
    let slash = visit.slash;
    match slash.store.deploy_or_request(id).await {
        Ok(Some(deploy)) => Ok(drawn(visit, |setting| {
            card::refused_for(&deploy, setting, visit.asked.actor.user())
        })),
        Ok(None) => Err(TurnedDown::UnknownDeploy { id: id.clone() }.into()),
        Err(error) => Ok(slash.could_not_read(&error, visit.progress)),
    }
}

/// Why the last one was that was refused there.
pub(super) async fn why_not_last(
    visit: Visit<'_>,
    application: Option<&AppName>,
    environment: Option<&EnvName>,
) -> Result<Answer, No> {
    let slash = visit.slash;
    match slash.store.refused_last(application, environment).await {
        Ok(Some(id)) => why_not(visit, &id).await,
        Ok(None) => Ok(Answer::message(
            card::sentence(reply::gates::none_refused()),
        )),
        Err(error) => Ok(slash.could_not_read(&error, visit.progress)),
    }
}

fn drawn(visit: Visit<'_>, card: impl FnOnce(&Setting<'_>) -> Message) -> Answer {
    let setting = Setting {
        command: &visit.slash.command_name(),
        admins: &visit
            .loaded
            .admins_told(&visit.asked.actor, visit.slash.now()),
        now: visit.slash.now(),
        on_call: &[],
    };
    Answer::message(card(&setting))
}
