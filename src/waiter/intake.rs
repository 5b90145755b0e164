//! What waits to be taken in: a request becomes a record here, and nowhere else.
//!
//! Whoever wrote the request, and whoever started the execution, is believed in nothing but what the
//! request's partition says: who may ask for what, and whether in time, is judged with the record, as
//! if nobody had judged it before.

use futures_util::future::BoxFuture;

use super::context::{StepError, Waiter};
use crate::aws::dynamodb::{Dossier, FoundRequest, Recorded, SaveOutcome, TakeInOutcome};
use crate::hearing::request::{BadRequest, Desk, Request};
use crate::names::{Actor, DeployId, ReadId};
use crate::record::job::Job;
use crate::record::{Cancel, Deploy};

impl Waiter {
    /// Everything about a deploy, with what counts of what was said. On the heap, because it lies at the
    /// bottom of everything else.
    pub(crate) fn dossier<'a>(
        &'a self,
        id: &'a DeployId,
    ) -> BoxFuture<'a, Result<Option<Dossier>, StepError>> {
        Box::pin(self.heard(id))
    }

    async fn heard(&self, id: &DeployId) -> Result<Option<Dossier>, StepError> {
        let Some(mut dossier) = self.store.load(id.as_str()).await? else {
            return Ok(None);
        };
        if dossier.is_spoken_to() {
            // Without a configuration nobody may say anything; a rollout is watched all the same.
            let speakers = dossier.speakers();
            let environment = dossier.environment().cloned();
            let judged = match &environment {
                Some(environment) => self.judged(&speakers, environment).await,
                None => return Ok(Some(dossier)),
            };
            match judged {
                Ok(judged) => dossier.judge(judged.policy()),
                Err(error) => {
                    tracing::error!(deploy = %id, %error, "what was said about a deploy cannot be judged");
                }
            }
        }
        Ok(Some(dossier))
    }

    /// The same of a deploy that may only have been asked for: then its record is made first.
    pub(super) async fn taken_in(&self, id: &DeployId) -> Result<Option<Dossier>, StepError> {
        if let Some(dossier) = self.dossier(id).await? {
            return Ok(Some(dossier));
        }
        let Some(found) = self.store.request(id.as_str()).await? else {
            return Ok(None);
        };
        let desk = found.desk;
        let Some(mut deploy) = self
            .readable(id.as_str(), found, |one| one.deploy(id))
            .await?
        else {
            return Ok(None);
        };
        deploy.requester = self.named(deploy.requester).await;
        deploy.taken_in_at = self.now();
        // Of its own time, whoever wrote it may have written anything.
        deploy.due = deploy.taken_in_at;
        match self.store.take_in(&deploy, desk).await? {
            TakeInOutcome::TakenIn => tracing::info!(deploy = %id, "took a request in"),
            // By another step, or by this very call, whose answer was lost.
            TakeInOutcome::WasThere => {}
        }
        self.dossier(id).await
    }

    /// The job of this id that is to be done.
    pub(super) async fn job(&self, id: &ReadId) -> Result<Option<Job>, StepError> {
        match self.store.request(id.as_str()).await? {
            Some(found) => {
                let mut job = self.readable(id.as_str(), found, |one| one.job(id)).await?;
                if let Some(job) = &mut job {
                    job.requester = self.named(job.requester.clone()).await;
                }
                Ok(job)
            }
            None => Ok(None),
        }
    }

    /// The actor by the name that the configuration has for them; without a configuration, by their own.
    async fn named(&self, actor: Actor) -> Actor {
        match self.settings.current(&self.store, self.now()).await {
            Ok(loaded) => loaded.config.named(actor),
            Err(_) => actor,
        }
    }

    /// What a request makes of itself; one that no version would have written is thrown away.
    async fn readable<T>(
        &self,
        id: &str,
        found: FoundRequest,
        made: impl FnOnce(&Request) -> Option<T>,
    ) -> Result<Option<T>, StepError> {
        let why = match found.request {
            Ok(request) => match made(&request) {
                Some(made) => return Ok(Some(made)),
                None => BadRequest::Impossible("it asks for something else than its id says"),
            },
            // The function that reads it is about to be replaced.
            Err(BadRequest::Newer) => return Err(StepError::Request(BadRequest::Newer)),
            Err(why) => why,
        };
        tracing::error!(id, desk = ?found.desk, %why, "threw a request away that nobody can have made");
        self.store.discard(found.desk, id).await?;
        Ok(None)
    }

    /// Marks a job done.
    pub(super) async fn close_job(&self, job: &Job) -> Result<(), StepError> {
        let desk = match job.requester {
            Actor::Operator { .. } => Desk::Operators,
            Actor::Ci { .. } => Desk::Pipelines,
            Actor::Slack { .. } | Actor::Longshore => Desk::Public,
        };
        Ok(self.store.discard(desk, job.id.as_str()).await?)
    }

    /// The deploy of this id, if it was taken in or can be.
    pub(crate) async fn deploy(&self, id: &DeployId) -> Result<Option<Deploy>, StepError> {
        if let Some(deploy) = self.store.deploy(id).await? {
            return Ok(Some(deploy));
        }
        let dossier = self.taken_in(id).await?;
        Ok(dossier.and_then(|dossier| match dossier.recorded {
            Recorded::Deploy(deploy) => Some(*deploy),
            Recorded::Job(_) => None,
        }))
    }

    /// The deploy of this id, if it has no verdict yet.
    pub(crate) async fn open_deploy(&self, id: &DeployId) -> Result<Option<Deploy>, StepError> {
        Ok(self
            .deploy(id)
            .await?
            .filter(|deploy| deploy.ending.is_none()))
    }

    /// Whether somebody has answered a pause by letting the rollout go on.
    pub(super) async fn said_continue(
        &self,
        id: &DeployId,
        nonce: &str,
        actor: &Actor,
    ) -> Result<bool, StepError> {
        let loaded = self.store.load(id.as_str()).await?;
        Ok(loaded.is_some_and(|dossier| dossier.says_continue(nonce, actor)))
    }

    /// Notes that somebody wishes once more what ECS refused. A step that is at work would not see it,
    /// so that then it has to be tried again.
    pub(crate) async fn wish_again(&self, id: &DeployId, wish: Cancel) -> Result<(), StepError> {
        let Some(loaded) = self.store.load(id.as_str()).await? else {
            return Ok(());
        };
        let Recorded::Deploy(deploy) = &loaded.recorded else {
            return Ok(());
        };
        let mut deploy = deploy.as_ref().clone();
        let now = self.now();
        if deploy.turn.as_ref().is_some_and(|turn| turn.until > now) {
            return Err(StepError::Overtaken);
        }
        deploy.wish_again(wish);
        match self.store.save(&deploy, loaded.rev).await? {
            SaveOutcome::Saved(_) => Ok(()),
            SaveOutcome::Lost => Err(StepError::Overtaken),
        }
    }
}
