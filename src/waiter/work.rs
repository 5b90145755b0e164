//! Jobs: what the public function may not do itself, done in one step and told to the asker.

use futures_util::future::BoxFuture;

use super::context::{By, Next, StepError, Waiter};
use super::given;
use super::step;
use super::stop::{self};
use crate::aws::dynamodb::Dossier;
use crate::hearing::Voice;
use crate::names::{DeployId, ReadId};
use crate::policy::{Action, admit, authorize};
use crate::record::TurnedDown;
use crate::record::job::{Job, Pressed, Task};
use crate::refusal::{self, Refusal};
use crate::reply;
use crate::request::ChangeKind;
use crate::slack::blocks::Message;
use crate::waiter::diff;
use crate::waiter::logs;
use crate::waiter::patience::meanwhile;
use crate::waiter::preview;
use crate::waiter::status;
use crate::{card, hearing};

/// Takes one step of a deploy, or does a job: whichever this id names.
pub(super) async fn take(
    waiter: &Waiter,
    id: &str,
    by: By<'_>,
    invocation: &str,
) -> Result<Next, StepError> {
    match id.parse::<ReadId>() {
        Ok(job) => do_job(waiter, &job, invocation).await.map(|()| Next::DONE),
        Err(_) => step::step(waiter, id, by, invocation).await,
    }
}

/// Does the job of this id, if it is still to be done, and marks it done. Doing it twice tells the
/// asker twice, and changes nothing.
pub(super) fn do_job<'a>(
    waiter: &'a Waiter,
    id: &'a ReadId,
    invocation: &'a str,
) -> BoxFuture<'a, Result<(), StepError>> {
    Box::pin(do_it(waiter, id, invocation))
}

async fn do_it(waiter: &Waiter, id: &ReadId, invocation: &str) -> Result<(), StepError> {
    let Some(job) = waiter.job(id).await? else {
        return Ok(());
    };
    let dossier = waiter.store.job_dossier(&job).await?;
    if given::told_already(waiter, &job, &dossier).await? {
        return waiter.close_job(&job).await;
    }
    match refusal(waiter, &job).await? {
        Some(refusal) => stop::say_no(waiter, refusal, &dossier).await?,
        None => {
            let (asker, at) = (&job.requester, job.requested_at);
            let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
            let work = work(waiter, &job, &dossier, invocation);
            match loaded.is_long(&job.task) {
                // The public function said so.
                true => work.await?,
                false => {
                    let words = reply::takes_long();
                    meanwhile(waiter, &dossier, asker, at, words, work)
                        .await
                        .0?;
                }
            }
        }
    }
    waiter.close_job(&job).await
}

/// Why a job is not done, if it is not: whoever asks must be listened to, in time, and may do to
/// the deploy what the job does.
async fn refusal(waiter: &Waiter, job: &Job) -> Result<Option<Refusal>, StepError> {
    if let Some(untimely) = refusal::untimely(job.requested_at, waiter.now()) {
        return Ok(Some(untimely.into()));
    }
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    if let Err(stranger) = admit(&loaded.config, &job.requester) {
        return Ok(Some(stranger.into()));
    }
    let (actor, channel) = (&job.requester, job.channel.as_ref());
    if let Task::Logs(of) = &job.task {
        let (application, environment) = (&of.application, &of.environment);
        let judged = waiter.judged([actor], environment).await?;
        let (policy, action) = (judged.policy(), Action::ReadLogs);
        let allowed = authorize(policy, actor, &action, application, environment, channel);
        return Ok(allowed.err().map(Refusal::from));
    }
    if let Task::Preview(of) = &job.task {
        let Some(deploy) = preview::deploy_of(job, of) else {
            return Ok(None);
        };
        let judged = waiter.judged([actor], &deploy.environment).await?;
        let (policy, action) = (judged.policy(), Action::Change(ChangeKind::Deploy));
        let denied = hearing::may(policy, actor, channel, &action, &deploy).err();
        return Ok(denied.map(Refusal::from));
    }
    if let Some(denied) = given::denied(&loaded, &job.task, actor, waiter.now()) {
        return Ok(Some(denied));
    }
    let (Task::Stop { deploy: id }
    | Task::Abandon { deploy: id }
    | Task::Say { deploy: id, .. }
    | Task::AnswerPause { deploy: id, .. }
    | Task::Nudge {
        deploy: id,
        pressed: Pressed::Cancel | Pressed::Decline,
    }
    | Task::Difference { deploy: id }) = &job.task
    else {
        // To read is everybody's. The rest has a step look at what was said, which is judged there.
        return Ok(None);
    };
    let Some(deploy) = waiter.deploy(id).await? else {
        let id = id.clone();
        return Ok(Some(TurnedDown::UnknownDeploy { id }.into()));
    };
    let judged = waiter.judged([actor], &deploy.environment).await?;
    if let Task::Say { what, .. } = &job.task {
        let voice = Voice {
            by: job.requester.clone(),
            channel: job.channel.as_ref(),
            at: job.requested_at,
            what,
        };
        let counts = hearing::counts(judged.policy(), &deploy, &voice);
        let id = id.clone();
        return Ok(counts
            .is_none()
            .then_some(TurnedDown::ButtonStale { id }.into()));
    }
    let goes_on = match &job.task {
        Task::AnswerPause { nonce, .. } => waiter.said_continue(id, nonce, actor).await?,
        _ => false,
    };
    let action = match &job.task {
        // Whoever lets a rollout go on may deploy there; whoever has it go back may stop it.
        _ if goes_on => Action::AnswerPause,
        // A definition may hold more than a card shows to everybody.
        Task::Difference { .. } => Action::Change(ChangeKind::Deploy),
        _ => Action::Cancel {
            requester: deploy.requester.clone(),
        },
    };
    let denied = hearing::may(judged.policy(), actor, channel, &action, &deploy).err();
    Ok(denied.map(Refusal::from))
}

async fn work(
    waiter: &Waiter,
    job: &Job,
    dossier: &Dossier,
    invocation: &str,
) -> Result<(), StepError> {
    match &job.task {
        Task::Status {
            application,
            environment,
        } => {
            let asked = (application.as_ref(), environment.as_ref());
            let messages = status::answer(waiter, job, asked, dossier).await?;
            for message in messages {
                waiter
                    .notifier
                    .answer(&waiter.store, dossier, &message, waiter.now())
                    .await?;
            }
        }
        Task::Logs(of) => {
            let message = logs::answer(waiter, job, of).await?;
            waiter
                .notifier
                .answer_alone(&waiter.store, dossier, &message, waiter.now())
                .await?;
        }
        Task::Preview(of) => {
            if let Some(message) = preview::answer(waiter, job, of).await? {
                waiter
                    .notifier
                    .answer_alone(&waiter.store, dossier, &message, waiter.now())
                    .await?;
            }
        }
        Task::Diff(of) => {
            let message = diff::answer(waiter, job, of).await?;
            waiter
                .notifier
                .answer_alone(&waiter.store, dossier, &message, waiter.now())
                .await?;
        }
        Task::Where(of) => {
            let message = status::whereabouts(waiter, job, of).await?;
            waiter
                .notifier
                .answer_alone(&waiter.store, dossier, &message, waiter.now())
                .await?;
        }
        Task::Grant(_) | Task::Revoke(_) => {
            given::change(waiter, job, &job.task, dossier).await?;
        }
        Task::MeantPerson { question, answer } => {
            given::meant(waiter, job, question, *answer, dossier).await?;
        }
        Task::Words(words) => {
            let message = Message::saying(words);
            waiter
                .notifier
                .answer(&waiter.store, dossier, &message, waiter.now())
                .await?;
        }
        Task::Tell { why, closes } => {
            let message = stop::refused(waiter, why.as_ref().clone(), &job.requester).await;
            let message = match closes {
                true => message.replacing(),
                false => message,
            };
            waiter
                .notifier
                .answer_click(&waiter.store, dossier, &message, waiter.now())
                .await?;
        }
        Task::Difference { deploy } => {
            if let Some(deploy) = waiter.deploy(deploy).await? {
                let message = card::difference(&deploy);
                waiter
                    .notifier
                    .answer(&waiter.store, dossier, &message, waiter.now())
                    .await?;
            }
        }
        Task::Stop { deploy } => {
            stop::stop_or_ask(waiter, job, deploy, dossier, invocation).await?
        }
        Task::StopAt {
            application,
            environment,
        } => {
            stop::stop_at(waiter, job, application, environment, dossier, invocation).await?;
        }
        Task::AnswerPause { deploy, nonce } => {
            step::nudge(waiter, deploy, invocation).await?;
            stop::close_pause(waiter, deploy, nonce, dossier).await?;
        }
        Task::Say { deploy, what } => stop::heed(waiter, job, deploy, what, invocation).await?,
        Task::Abandon { deploy } => stop::abandon(waiter, job, deploy, dossier, invocation).await?,
        Task::Nudge { deploy, pressed } => {
            step::nudge(waiter, deploy, invocation).await?;
            answer_press(waiter, *pressed, deploy, dossier).await?;
        }
    }
    Ok(())
}

/// Says to whoever pressed a button that it was heard, unless the deploy shows it already.
async fn answer_press(
    waiter: &Waiter,
    pressed: Pressed,
    deploy: &DeployId,
    dossier: &Dossier,
) -> Result<(), StepError> {
    let Some(deploy) = waiter.open_deploy(deploy).await? else {
        return Ok(());
    };
    let said = match pressed {
        Pressed::Cancel if deploy.told.card.is_some() => return Ok(()),
        // Its verdict says so.
        Pressed::Decline => return Ok(()),
        Pressed::Cancel => reply::cancelling(&deploy),
        Pressed::KeepWatching if deploy.told.card.is_some() => reply::keeping_watch(&deploy),
        Pressed::KeepPosted | Pressed::KeepWatching => reply::keeping_posted(&deploy),
    };
    waiter
        .notifier
        .answer(&waiter.store, dossier, &card::sentence(said), waiter.now())
        .await?;
    Ok(())
}
