//! `rollback DEPLOY`, `cancel DEPLOY`, `restart DEPLOY`: what is wanted of one deploy by its id. A rollback is
//! that of the deploy's card: away from what it brought, and from nothing that came later.

use super::asked::Visit;
use super::command::change;
use super::door::Answer;
use super::no::No;
use super::progress::About;
use crate::names::DeployId;
use crate::record::{Deploy, TurnedDown};
use crate::request::{AskedOf, Entry, Verb};

/// Goes back from what the deploy brought; one that is still under way stops and goes back.
pub(super) async fn rollback(visit: Visit<'_>, id: &DeployId) -> Result<Answer, No> {
    let deploy = match find(visit, id).await? {
        Ok(deploy) => deploy,
        Err(answer) => return Ok(answer),
    };
    if deploy.verdict().is_none() {
        return stop(visit, &deploy).await;
    }
    let back = Verb::rollback_from(Entry::Deploy(id.clone()));
    each(visit, &deploy, &back).await
}

/// Starts anew what runs where the deploy went.
pub(super) async fn restart(visit: Visit<'_>, id: &DeployId) -> Result<Answer, No> {
    match find(visit, id).await? {
        Ok(deploy) => each(visit, &deploy, &Verb::Restart).await,
        Err(answer) => Ok(answer),
    }
}

/// Stops the deploy.
pub(super) async fn cancel(visit: Visit<'_>, id: &DeployId) -> Result<Answer, No> {
    let deploy = match find(visit, id).await? {
        Ok(deploy) => deploy,
        Err(answer) => return Ok(answer),
    };
    match deploy.verdict() {
        None => stop(visit, &deploy).await,
        Some(verdict) => Err(TurnedDown::Ended {
            id: id.clone(),
            verdict,
        }
        .into()),
    }
}

async fn stop(visit: Visit<'_>, deploy: &Deploy) -> Result<Answer, No> {
    super::cancel::may(visit, deploy)?;
    visit.progress.is_about(About::Click(deploy.id.clone()));
    super::cancel::stop(visit, deploy).await
}

/// Asks the same of every application that the deploy changed.
async fn each(visit: Visit<'_>, deploy: &Deploy, verb: &Verb) -> Result<Answer, No> {
    let mut changed = deploy.changed().map(|app| AskedOf {
        application: app.clone(),
        verb: verb.clone(),
    });
    let environment = deploy.environment.clone();
    match changed.next() {
        Some(first) => change(visit, environment, first, changed).await,
        None => Err(TurnedDown::UnknownDeploy {
            id: deploy.id.clone(),
        }
        .into()),
    }
}

/// The deploy, or the answer where the table could not be read.
async fn find(visit: Visit<'_>, id: &DeployId) -> Result<Result<Deploy, Answer>, No> {
    match visit.slash.store.deploy_or_request(id).await {
        Ok(Some(deploy)) => Ok(Ok(deploy)),
        Ok(None) => Err(TurnedDown::UnknownDeploy { id: id.clone() }.into()),
        Err(error) => Ok(Err(visit.slash.could_not_read(&error, visit.progress))),
    }
}
