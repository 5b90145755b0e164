//! Looking after what is open: executions that ended before their deploy did are resumed, answers
//! that never woke their execution wake it now. Nothing here invents a verdict.

use std::time::Duration;

use super::{StepError, Waiter};
use crate::aws::dynamodb::{Dossier, Recorded, SaveOutcome};
use crate::aws::sfn::Liveness;
use crate::lease::ServiceKey;
use crate::record::{Deploy, Phase};
use crate::{metrics, outside};

/// A request this young may still be handed on by the public function itself.
const YOUNG: Duration = Duration::from_secs(10);
/// Jobs nobody managed to do are given up after this long: their asker's reply address is dead.
const JOB_LASTS: Duration = Duration::from_secs(30 * 60);

impl Waiter {
    /// Looks after everything that is open. One that fails does not keep the others from their turn.
    pub(super) async fn sweep(&self, invocation: &str) -> Result<(), StepError> {
        let ids = self.store.open().await?;
        tracing::info!(open = ids.len(), invocation, "sweeping");
        let mut first_error = None;
        for id in ids {
            if let Err(error) = self.look_after(&id).await {
                tracing::error!(id, %error, "an open record could not be looked after");
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    /// Sees to it that one record has an execution that will get on with it.
    pub(super) async fn look_after(&self, id: &str) -> Result<(), StepError> {
        let Some(dossier) = self.store.load(id).await? else {
            return Ok(());
        };
        match &dossier.recorded {
            Recorded::Job(job) => {
                let age = self.now().duration_since(job.requested_at).unsigned_abs();
                if age > JOB_LASTS {
                    tracing::warn!(id, "a job was given up: nobody can be told any more");
                    return Ok(self.store.close_job(&job.id).await?);
                }
                if age < YOUNG || self.machine.liveness(id).await? == Liveness::Running {
                    return Ok(());
                }
                // Its first execution never began or failed; names are used once, so number it.
                let minute = age.as_secs() / 60;
                metrics::resume(self.now());
                let name = match self.machine.liveness(id).await? {
                    Liveness::Missing => id.to_owned(),
                    Liveness::Running | Liveness::Ended => format!("{id}-{minute}"),
                };
                Ok(self.machine.start(&name, id).await?)
            }
            Recorded::Deploy(deploy) if deploy.is_closed() => Ok(()),
            Recorded::Deploy(deploy) => self.resume(deploy, &dossier).await,
        }
    }

    async fn resume(&self, deploy: &Deploy, dossier: &Dossier) -> Result<(), StepError> {
        let id = deploy.id.as_str();
        let age = self
            .now()
            .duration_since(deploy.requested_at)
            .unsigned_abs();
        if age < YOUNG {
            return Ok(());
        }
        match self.machine.liveness(&execution_name(deploy)).await? {
            Liveness::Running => {
                let answered = deploy.phase == Phase::Asking
                    && (dossier.cancel.is_some()
                        || deploy.ask.as_ref().is_some_and(|ask| {
                            dossier
                                .answers
                                .iter()
                                .any(|answer| answer.nonce == ask.nonce)
                        }));
                if let (true, Some(token)) = (answered, &dossier.token) {
                    self.machine.wake(token).await?;
                }
                Ok(())
            }
            // The public function recorded it and could not hand it on.
            Liveness::Missing => {
                metrics::resume(self.now());
                tracing::warn!(id, "starting the execution that was never started");
                Ok(self.machine.start(&execution_name(deploy), id).await?)
            }
            Liveness::Ended => {
                let mut resumed = deploy.clone();
                resumed.resumes += 1;
                resumed.steps = 0;
                if let SaveOutcome::Lost = self.store.save(&resumed, dossier.rev).await? {
                    // A step is at work this very moment; the next sweep looks again.
                    return Ok(());
                }
                metrics::resume(self.now());
                tracing::warn!(
                    id,
                    resumes = resumed.resumes,
                    "resuming a deploy whose execution ended"
                );
                Ok(self.machine.start(&execution_name(&resumed), id).await?)
            }
        }
    }

    /// ECS said something about a service: whoever holds its lease takes a step at once. If nobody
    /// does, it may be somebody else's change.
    pub(super) async fn on_ecs_event(
        &self,
        service: &ServiceKey,
        invocation: &str,
    ) -> Result<(), StepError> {
        let holder = self
            .store
            .lease(service)
            .await?
            .and_then(|lease| lease.holder);
        match holder {
            Some(deploy) => self.step(deploy.as_str(), None, invocation).await.map(drop),
            None => outside::noticed_by_event(self, service).await,
        }
    }
}

/// The name of the execution that drives a deploy now.
pub(super) fn execution_name(deploy: &Deploy) -> String {
    match deploy.resumes {
        0 => deploy.id.to_string(),
        n => format!("{}-{n}", deploy.id),
    }
}
