//! Jobs: what the public function may not do itself, done in one step and told to the asker.

use std::time::Duration;

use super::step::By;
use super::{StepError, Waiter};
use crate::aws::AwsError;
use crate::aws::dynamodb::{Dossier, Recorded};
use crate::card;
use crate::job::{Job, Pressed, Task};
use crate::names::DeployId;
use crate::plan::Plan;
use crate::reach::{Place, Reach};
use crate::record::Deploy;
use crate::reply::{self, for_one};
use crate::status;

impl Waiter {
    /// Does a job and marks it done. Doing it twice tells the asker twice, and changes nothing.
    pub(super) async fn work(
        &self,
        job: &Job,
        dossier: &Dossier,
        invocation: &str,
    ) -> Result<(), StepError> {
        match &job.task {
            Task::Status {
                application,
                environment,
            } => {
                let room = self.notifier.room(dossier, self.now()).await;
                let asked = (application.as_ref(), environment.as_ref());
                let messages = status::answer(self, job, asked, room).await?;
                for message in messages {
                    self.notifier
                        .answer(&self.store, dossier, &message, self.now())
                        .await?;
                }
            }
            Task::Tell { text } => {
                let message = card::sentence(for_one(text));
                self.notifier
                    .answer(&self.store, dossier, &message, self.now())
                    .await?;
            }
            Task::Difference { deploy } => {
                if let Some(of) = self.store.load(deploy.as_str()).await?
                    && let Recorded::Deploy(deploy) = &of.recorded
                {
                    let message = card::difference(deploy);
                    self.notifier
                        .answer(&self.store, dossier, &message, self.now())
                        .await?;
                }
            }
            Task::Stop { deploy } => self.stop_or_ask(job, deploy, dossier, invocation).await?,
            Task::NotOurs {
                application,
                environment,
            } => {
                self.not_ours(job, (application, environment), dossier)
                    .await?;
            }
            Task::AnswerPause { deploy, nonce } => {
                self.nudge(deploy, invocation).await?;
                self.close_pause(deploy, nonce, dossier).await?;
            }
            Task::Abandon { deploy } => self.abandon(job, deploy, dossier, invocation).await?,
            Task::Nudge { deploy, pressed } => {
                self.nudge(deploy, invocation).await?;
                if let Some(pressed) = pressed {
                    self.answer_press(*pressed, deploy, dossier).await?;
                }
            }
        }
        self.store.close_job(&job.id).await?;
        Ok(())
    }

    /// Says to whoever pressed a button that it was heard, unless the deploy shows it already.
    async fn answer_press(
        &self,
        pressed: Pressed,
        deploy: &DeployId,
        dossier: &Dossier,
    ) -> Result<(), StepError> {
        let Some(deploy) = self.open_deploy(deploy).await? else {
            return Ok(());
        };
        let said = match pressed {
            Pressed::Cancel if deploy.told.card.is_some() => return Ok(()),
            Pressed::Cancel => reply::cancelling(&deploy),
            Pressed::KeepWatching if deploy.told.card.is_some() => reply::keeping_watch(&deploy),
            Pressed::KeepPosted | Pressed::KeepWatching => reply::keeping_posted(&deploy),
        };
        self.notifier
            .answer(&self.store, dossier, &card::sentence(said), self.now())
            .await?;
        Ok(())
    }

    /// Takes a step of a deploy now, outside of its execution, and wakes that if it waits for an
    /// answer.
    pub(super) async fn nudge(&self, deploy: &DeployId, invocation: &str) -> Result<(), StepError> {
        // Another step may have the turn; what was recorded is seen by the next one at the latest.
        Box::pin(self.step(deploy.as_str(), By::Event, invocation)).await?;
        if let Some(dossier) = self.store.load(deploy.as_str()).await? {
            self.wake(&dossier).await;
        }
        Ok(())
    }

    /// Wakes the execution that waits for an answer, if one does. Waking only spares people a wait:
    /// the steps that are due meanwhile, the sweeper has taken.
    pub(super) async fn wake(&self, dossier: &Dossier) {
        if let Some(token) = &dossier.token
            && let Err(error) = self.machine.wake(token).await
        {
            let id = dossier.recorded.id();
            tracing::warn!(id, %error, "an execution could not be woken; the sweeper goes on without it");
        }
    }

    /// The deploy of this id, if there is one.
    pub(crate) async fn deploy(&self, id: &DeployId) -> Result<Option<Deploy>, StepError> {
        Ok(self
            .store
            .load(id.as_str())
            .await?
            .and_then(|dossier| match dossier.recorded {
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

    /// The way into the account that a plan was made for.
    pub(crate) async fn reach(&self, deploy: &Deploy, plan: &Plan) -> Result<Reach, AwsError> {
        let place = Place {
            role_arn: &plan.role_arn,
            region: &plan.region,
            cluster: &plan.cluster,
        };
        self.accounts
            .open(place, (deploy.id.as_str(), &deploy.requester))
            .await
    }
}

/// How many environments are read at the same time for a status board.
pub(crate) const READ_AT_ONCE: usize = 8;
/// How long one environment may take to read, before its cell says that it could not be.
pub(crate) const CELL_WITHIN: Duration = Duration::from_secs(8);
