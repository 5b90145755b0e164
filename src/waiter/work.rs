//! Jobs: what the public function may not do itself, done in one step and told to the asker.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::step::By;
use super::{StepError, Waiter};
use crate::aws::AwsError;
use crate::aws::dynamodb::{Dossier, Recorded};
use crate::names::{DeployId, ReadId};
use crate::plan::Plan;
use crate::policy::{Action, admit};
use crate::reach::{Place, Reach};
use crate::record::Deploy;
use crate::record::job::{Job, Pressed, Task};
use crate::refusal::Refusal;
use crate::reply::{self, for_one};
use crate::{card, hearing, status};

impl Waiter {
    /// Does the job of this id, if it is still to be done, and marks it done. Doing it twice tells the
    /// asker twice, and changes nothing.
    pub(super) fn do_job<'a>(
        &'a self,
        id: &'a ReadId,
        invocation: &'a str,
    ) -> BoxFuture<'a, Result<(), StepError>> {
        Box::pin(self.do_it(id, invocation))
    }

    async fn do_it(&self, id: &ReadId, invocation: &str) -> Result<(), StepError> {
        let Some(job) = self.job(id).await? else {
            return Ok(());
        };
        let dossier = self.store.job_dossier(&job).await?;
        match self.refusal(&job).await? {
            Some(refusal) => self.say_no(&refusal, &dossier).await?,
            None => self.work(&job, &dossier, invocation).await?,
        }
        self.close_job(&job).await
    }

    /// Why a job is not done, if it is not: whoever asks must be listened to, in time, and may do to
    /// the deploy what the job does.
    async fn refusal(&self, job: &Job) -> Result<Option<Refusal>, StepError> {
        if let Some(untimely) = Refusal::untimely(job.requested_at, self.now()) {
            return Ok(Some(untimely));
        }
        let loaded = self.settings.current(&self.store, self.now()).await?;
        if let Err(stranger) = admit(&loaded.config, &job.requester) {
            return Ok(Some(stranger.into()));
        }
        let (Task::Stop { deploy: id }
        | Task::Abandon { deploy: id }
        | Task::Difference { deploy: id }) = &job.task
        else {
            // To read is everybody's. The rest has a step look at what was said, which is judged there.
            return Ok(None);
        };
        let Some(deploy) = self.deploy(id).await? else {
            let id = id.clone();
            return Ok(Some(Refusal::UnknownDeploy { id }));
        };
        let action = match &job.task {
            // A definition may hold more than a card shows to everybody.
            Task::Difference { .. } => Action::Deploy,
            _ => Action::Cancel {
                requester: deploy.requester.clone(),
            },
        };
        let who = (&job.requester, job.channel.as_ref());
        let denied = hearing::may(&loaded.config, who, &action, &deploy).err();
        Ok(denied.map(Refusal::from))
    }

    async fn work(&self, job: &Job, dossier: &Dossier, invocation: &str) -> Result<(), StepError> {
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
            Task::Tell { text, closes } => {
                let message = card::sentence(for_one(text));
                let message = match closes {
                    true => message.replacing(),
                    false => message,
                };
                self.notifier
                    .answer_click(&self.store, dossier, &message, self.now())
                    .await?;
            }
            Task::Difference { deploy } => {
                if let Some(deploy) = self.deploy(deploy).await? {
                    let message = card::difference(&deploy);
                    self.notifier
                        .answer(&self.store, dossier, &message, self.now())
                        .await?;
                }
            }
            Task::Stop { deploy } => self.stop_or_ask(job, deploy, dossier, invocation).await?,
            Task::StopAt {
                application,
                environment,
            } => {
                let place = (application, environment);
                self.stop_at(job, place, dossier, invocation).await?;
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
        self.step(deploy.as_str(), By::Event, invocation).await?;
        if let Some(dossier) = self.dossier(deploy).await? {
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
