//! Stopping and giving up: what is asked of a deploy whose state only its record and ECS know.

use super::step::By;
use super::{StepError, Waiter};
use crate::aws::dynamodb::{Dossier, Recorded, SaveOutcome};
use crate::names::{AppName, DeployId, EnvName};
use crate::policy::Action;
use crate::record::job::Job;
use crate::record::{Cancel, Deploy};
use crate::refusal::Refusal;
use crate::reply;
use crate::slack::blocks::Message;
use crate::{card, hearing, planning};

impl Waiter {
    /// Stops a deploy that has not begun; of one that has, asks whether it shall go back.
    pub(super) async fn stop_or_ask(
        &self,
        job: &Job,
        id: &DeployId,
        dossier: &Dossier,
        invocation: &str,
    ) -> Result<(), StepError> {
        let Some((deploy, wish)) = self.with_wish(id).await? else {
            return Ok(());
        };
        let message = if let Some(verdict) = deploy.verdict() {
            let id = deploy.id.clone();
            self.refused(&Refusal::Ended { id, verdict }).await
        } else if deploy.is_stop_refused() {
            let wish = Cancel {
                by: job.requester.clone(),
                at: job.requested_at,
            };
            self.wish_again(id, wish).await?;
            self.nudge(id, invocation).await?;
            card::sentence(reply::cancelling(&deploy))
        } else if let Some(wish) = wish.or_else(|| deploy.cancel.clone()) {
            let id = deploy.id.clone();
            let (by, at) = (wish.by, wish.at);
            self.refused(&Refusal::CancelledBefore { id, by, at }).await
        } else if deploy.has_started() {
            card::shall_it_go_back(&deploy)
        } else {
            let cancel = Cancel {
                by: job.requester.clone(),
                at: job.requested_at,
            };
            self.store.put_cancel(id, &cancel).await?;
            self.nudge(id, invocation).await?;
            // Whoever asked for both hears of it by the verdict.
            let over = self.open_deploy(id).await?.is_none();
            if over && job.requester == deploy.requester {
                return Ok(());
            }
            card::sentence(reply::cancelling(&deploy))
        };
        self.say(dossier, &message).await
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

    /// Stops everything that is open there and may be stopped by whoever asks: what has not begun first,
    /// so that it never does. Also what was being taken in while the public function looked.
    pub(super) async fn stop_at(
        &self,
        job: &Job,
        (application, environment): (&AppName, &EnvName),
        dossier: &Dossier,
        invocation: &str,
    ) -> Result<(), StepError> {
        let now = self.now();
        let store = &self.store;
        let mut open = store
            .open_or_asked_at(application, environment, now)
            .await?;
        if open.is_empty() {
            open = store.open_at(application, environment).await?;
        }
        let mut begun = Vec::new();
        for open in open {
            // As it stands, not as it was asked for.
            match self.deploy(&open.id).await? {
                Some(deploy) if deploy.verdict().is_some() => {}
                Some(deploy) => begun.push(deploy),
                None => {}
            }
        }
        begun.sort_by_key(Deploy::has_started);
        if begun.is_empty() {
            return self
                .not_ours(job, (application, environment), dossier)
                .await;
        }
        let loaded = self.settings.current(store, now).await?;
        for deploy in begun {
            let action = Action::Cancel {
                requester: deploy.requester.clone(),
            };
            let who = (&job.requester, job.channel.as_ref());
            match hearing::may(&loaded.config, who, &action, &deploy) {
                Ok(()) => {
                    let id = &deploy.id;
                    self.stop_or_ask(job, id, dossier, invocation).await?;
                }
                Err(denied) => self.say_no(&denied.into(), dossier).await?,
            }
        }
        Ok(())
    }

    /// Nothing of Longshore's is under way there: names what somebody else is rolling out.
    async fn not_ours(
        &self,
        job: &Job,
        place: (&AppName, &EnvName),
        dossier: &Dossier,
    ) -> Result<(), StepError> {
        let (application, environment) = place;
        let found = match planning::foreign::at(self, job, place).await {
            Err(StepError::Aws(error)) if !error.is_transient() => {
                tracing::warn!(job = %job.id, %error, "what others roll out could not be looked at");
                None
            }
            found => found?,
        };
        let message = match found.filter(|found| !found.is_empty()) {
            Some(found) => {
                let command = self.command().await;
                card::not_ours(place, &found, &command, self.now())
            }
            None => {
                let (application, environment) = (application.clone(), environment.clone());
                let refusal = Refusal::NothingToCancel {
                    application,
                    environment,
                };
                self.refused(&refusal).await
            }
        };
        self.say(dossier, &message).await
    }

    /// Where a pause has its own post, the answer takes the place of its buttons.
    pub(super) async fn close_pause(
        &self,
        id: &DeployId,
        nonce: &str,
        dossier: &Dossier,
    ) -> Result<(), StepError> {
        let Some(deploy) = self.deploy(id).await? else {
            return Ok(());
        };
        let mut services = deploy.services.iter();
        let found = services.find_map(|service| {
            let pause = service.pauses.iter().find(|pause| pause.nonce == nonce)?;
            Some((service.service.as_str(), pause))
        });
        match found {
            // Nothing to say where the card shows it, nor before a step has seen the answer.
            Some((service, pause)) if deploy.told.card.is_none() => {
                self.say(dossier, &card::pause_answered(&deploy, service, pause))
                    .await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Gives an overdue deploy up, if ECS shows no rollout of it; else says why not.
    pub(super) async fn abandon(
        &self,
        job: &Job,
        id: &DeployId,
        dossier: &Dossier,
        invocation: &str,
    ) -> Result<(), StepError> {
        let Some(loaded) = self.dossier(id).await? else {
            return Ok(());
        };
        if let Recorded::Deploy(deploy) = &loaded.recorded
            && deploy.ending.is_none()
        {
            let deploy = deploy.as_ref().clone();
            let turn = (invocation, Some(&job.requester));
            Box::pin(self.turn(deploy, loaded, By::Event, turn)).await?;
        }
        let Some(deploy) = self.deploy(id).await? else {
            return Ok(());
        };
        if let (None, Some(blind)) = (&deploy.ending, &deploy.blind) {
            let message = card::sentence(reply::cannot_look(blind));
            return self.say(dossier, &message).await;
        }
        let refusal = match deploy.verdict() {
            // Its verdict says so.
            Some(_) if deploy.abandoned_by.as_ref() == Some(&job.requester) => return Ok(()),
            Some(verdict) => Refusal::Ended {
                id: deploy.id.clone(),
                verdict,
            },
            None => Refusal::StillRolling {
                id: deploy.id.clone(),
                application: deploy.application.clone(),
                environment: deploy.environment.clone(),
                service: under_way(&deploy).to_owned(),
            },
        };
        let message = self.refused(&refusal).await;
        self.say(dossier, &message).await
    }

    async fn with_wish(
        &self,
        id: &DeployId,
    ) -> Result<Option<(Deploy, Option<Cancel>)>, StepError> {
        let loaded = self.taken_in(id).await?;
        Ok(loaded.and_then(|dossier| match dossier.recorded {
            Recorded::Deploy(deploy) => Some((*deploy, dossier.cancel)),
            Recorded::Job(_) => None,
        }))
    }

    async fn refused(&self, refusal: &Refusal) -> Message {
        card::refused(refusal, &self.command().await)
    }

    /// The slash command's own name.
    async fn command(&self) -> String {
        let loaded = self.settings.current(&self.store, self.now()).await.ok();
        let command = loaded.map(|loaded| loaded.config.slack().command.clone());
        command.unwrap_or_else(|| "/deploy".to_owned())
    }

    /// Tells whoever asked why the answer is no.
    pub(super) async fn say_no(
        &self,
        refusal: &Refusal,
        dossier: &Dossier,
    ) -> Result<(), StepError> {
        self.say(dossier, &self.refused(refusal).await).await
    }

    async fn say(&self, dossier: &Dossier, message: &Message) -> Result<(), StepError> {
        let told = self
            .notifier
            .answer(&self.store, dossier, message, self.now());
        Ok(told.await?)
    }
}

/// The service that is not through yet.
fn under_way(deploy: &Deploy) -> &str {
    let mut services = deploy.services.iter();
    let first = services.find(|service| !service.phase.is_final());
    first.map_or("", |service| &service.service)
}
