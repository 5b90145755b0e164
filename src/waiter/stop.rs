//! Stopping and giving up: what is asked of a deploy whose state only its record and ECS know.

use super::context::{By, StepError, Waiter};
use super::step::{self};
use crate::aws::dynamodb::{Dossier, Recorded};
use crate::config::Member;
use crate::names::{Actor, AppName, DeployId, EnvName};
use crate::policy::Action;
use crate::record::TurnedDown;
use crate::record::job::Job;
use crate::record::{Cancel, Deploy, Vote, What};
use crate::refusal::Refusal;
use crate::reply;
use crate::slack::blocks::Message;
use crate::waiter::scene;
use crate::{card, hearing};

/// Stops a deploy that has not begun; of one that has, asks whether it shall go back.
pub(super) async fn stop_or_ask(
    waiter: &Waiter,
    job: &Job,
    id: &DeployId,
    dossier: &Dossier,
    invocation: &str,
) -> Result<(), StepError> {
    let message = match stopped(waiter, job, id, invocation).await? {
        Stopped::Silently => return Ok(()),
        Stopped::Asked(deploy) => card::sentence(reply::cancelling(&deploy)),
        Stopped::Told(message) => message,
    };
    say(waiter, dossier, &message).await
}

/// What came of a wish that a deploy stop.
enum Stopped {
    /// Whoever wished it asked for the deploy too, and hears of it by its verdict.
    Silently,
    /// The wish is recorded.
    Asked(Box<Deploy>),
    /// This is to be said.
    Told(Message),
}

async fn stopped(
    waiter: &Waiter,
    job: &Job,
    id: &DeployId,
    invocation: &str,
) -> Result<Stopped, StepError> {
    let Some((deploy, wish)) = with_wish(waiter, id).await? else {
        return Ok(Stopped::Silently);
    };
    let message = if let Some(verdict) = deploy.verdict() {
        let id = deploy.id.clone();
        refused(waiter, TurnedDown::Ended { id, verdict }, &job.requester).await
    } else if deploy.is_stop_refused() {
        let wish = own_wish(waiter, job, &deploy).await?;
        waiter.wish_again(id, wish).await?;
        step::nudge(waiter, id, invocation).await?;
        return Ok(Stopped::Asked(Box::new(deploy)));
    } else if let Some(wish) = wish.or_else(|| deploy.cancel.clone()) {
        let id = deploy.id.clone();
        let (by, at) = (wish.by, wish.at);
        refused(
            waiter,
            TurnedDown::CancelledBefore { id, by, at },
            &job.requester,
        )
        .await
    } else if deploy.has_started() {
        card::shall_it_go_back(&deploy)
    } else {
        let cancel = own_wish(waiter, job, &deploy).await?;
        waiter.store.put_cancel(id, &cancel).await?;
        step::nudge(waiter, id, invocation).await?;
        return Ok(match is_told_by_its_verdict(waiter, job, &deploy).await? {
            true => Stopped::Silently,
            false => Stopped::Asked(Box::new(deploy)),
        });
    };
    Ok(Stopped::Told(message))
}

/// Whether a deploy has ended, and whoever wished that asked for it too.
async fn is_told_by_its_verdict(
    waiter: &Waiter,
    job: &Job,
    deploy: &Deploy,
) -> Result<bool, StepError> {
    let is_own = job.requester == deploy.requester;
    Ok(is_own && waiter.open_deploy(&deploy.id).await?.is_none())
}

/// The wish of whoever asks, who was found to have the right to it, with the old copy that this goes by.
async fn own_wish(waiter: &Waiter, job: &Job, deploy: &Deploy) -> Result<Cancel, StepError> {
    let (by, channel) = (&job.requester, job.channel.as_ref());
    let judged = waiter.judged([by], &deploy.environment).await?;
    let action = Action::Cancel {
        requester: deploy.requester.clone(),
    };
    let allowed = hearing::may(judged.policy(), by, channel, &action, deploy);
    Ok(Cancel {
        by: by.clone(),
        at: job.requested_at,
        by_copy: allowed.ok().flatten(),
    })
}

/// Stops everything that is open there and may be stopped by whoever asks: what has not begun first,
/// so that it never does. Also what was being taken in while the public function looked.
pub(super) async fn stop_at(
    waiter: &Waiter,
    job: &Job,
    application: &AppName,
    environment: &EnvName,
    dossier: &Dossier,
    invocation: &str,
) -> Result<(), StepError> {
    let now = waiter.now();
    let store = &waiter.store;
    let mut open = store
        .open_or_asked_at(application, environment, now)
        .await?;
    if open.is_empty() {
        open = store.open_at(application, environment).await?;
    }
    let mut begun = Vec::new();
    for open in open {
        // As it stands, not as it was asked for.
        match waiter.deploy(&open.id).await? {
            Some(deploy) if deploy.verdict().is_some() => {}
            Some(deploy) => begun.push(deploy),
            None => {}
        }
    }
    begun.sort_by_key(Deploy::has_started);
    if begun.is_empty() {
        return not_ours(waiter, job, application, environment, dossier).await;
    }
    let judged = waiter.judged([&job.requester], environment).await?;
    let mut asked: Vec<Deploy> = Vec::new();
    for deploy in begun {
        let action = Action::Cancel {
            requester: deploy.requester.clone(),
        };
        let (actor, channel) = (&job.requester, job.channel.as_ref());
        match hearing::may(judged.policy(), actor, channel, &action, &deploy) {
            Ok(_) => match stopped(waiter, job, &deploy.id, invocation).await? {
                Stopped::Silently => {}
                Stopped::Asked(deploy) => asked.push(*deploy),
                Stopped::Told(message) => say(waiter, dossier, &message).await?,
            },
            Err(denied) => say_no(waiter, denied, dossier).await?,
        }
    }
    // All of them in one message, but for those that ended meanwhile.
    let mut left: Vec<Deploy> = Vec::new();
    for deploy in asked {
        if !is_told_by_its_verdict(waiter, job, &deploy).await? {
            left.push(deploy);
        }
    }
    match left.as_slice() {
        [] => Ok(()),
        [one] => say(waiter, dossier, &card::sentence(reply::cancelling(one))).await,
        several => {
            let words = reply::cancelling_several(several);
            say(waiter, dossier, &card::sentence(words)).await
        }
    }
}

/// Nothing of Longshore's is under way there: names what somebody else is rolling out.
async fn not_ours(
    waiter: &Waiter,
    job: &Job,
    application: &AppName,
    environment: &EnvName,
    dossier: &Dossier,
) -> Result<(), StepError> {
    let place = (application, environment);
    let found = match scene::foreign::at(waiter, job, place).await {
        Err(StepError::Aws(error)) if !error.is_transient() => {
            tracing::warn!(job = %job.id, %error, "what others roll out could not be looked at");
            None
        }
        found => found?,
    };
    let message = match found.filter(|found| !found.is_empty()) {
        Some(found) => {
            let (command, _) = spoken(waiter, &job.requester).await;
            card::not_ours(application, environment, &found, &command, waiter.now())
        }
        None => {
            let (application, environment) = (application.clone(), environment.clone());
            let refusal = TurnedDown::NothingToCancel {
                application,
                environment,
            };
            refused(waiter, refusal, &job.requester).await
        }
    };
    say(waiter, dossier, &message).await
}

/// Writes down what an operator said, which counts, and has the deploy see it.
pub(super) async fn heed(
    waiter: &Waiter,
    job: &Job,
    id: &DeployId,
    what: &What,
    invocation: &str,
) -> Result<(), StepError> {
    let (by, at) = (job.requester.clone(), job.requested_at);
    match what {
        What::Stop => {
            // An operator is judged by no copy.
            let by_copy = None;
            let wish = Cancel { by, at, by_copy };
            let deploy = waiter.open_deploy(id).await?;
            match deploy.is_some_and(|deploy| deploy.is_stop_refused()) {
                true => waiter.wish_again(id, wish).await?,
                false => drop(waiter.store.put_cancel(id, &wish).await?),
            }
        }
        What::Answer { nonce, choice } => {
            let answer = Vote {
                nonce: nonce.clone(),
                choice: *choice,
                by,
                at,
                by_copy: None,
            };
            waiter.store.put_answer(id, &answer).await?;
        }
    }
    step::nudge(waiter, id, invocation).await
}

/// Where a pause has its own post, the answer takes the place of its buttons.
pub(super) async fn close_pause(
    waiter: &Waiter,
    id: &DeployId,
    nonce: &str,
    dossier: &Dossier,
) -> Result<(), StepError> {
    let Some(deploy) = waiter.deploy(id).await? else {
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
            say(
                waiter,
                dossier,
                &card::pause_answered(&deploy, service, pause),
            )
            .await
        }
        Some(_) | None => Ok(()),
    }
}

/// Gives an overdue deploy up, if ECS shows no rollout of it; else says why not.
pub(super) async fn abandon(
    waiter: &Waiter,
    job: &Job,
    id: &DeployId,
    dossier: &Dossier,
    invocation: &str,
) -> Result<(), StepError> {
    let Some(loaded) = waiter.dossier(id).await? else {
        return Ok(());
    };
    if let Recorded::Deploy(deploy) = &loaded.recorded
        && deploy.ending.is_none()
    {
        let deploy = deploy.as_ref().clone();
        let who = Some(&job.requester);
        let turn = step::turn(waiter, deploy, loaded, By::Event, invocation, who);
        Box::pin(turn).await?;
    }
    let Some(deploy) = waiter.deploy(id).await? else {
        return Ok(());
    };
    if let (None, Some(blind)) = (&deploy.ending, &deploy.blind) {
        let message = card::sentence(reply::cannot_look(blind));
        return say(waiter, dossier, &message).await;
    }
    let refusal = match deploy.verdict() {
        // Its verdict says so.
        Some(_) if deploy.abandoned_by.as_ref() == Some(&job.requester) => return Ok(()),
        Some(verdict) => TurnedDown::Ended {
            id: deploy.id.clone(),
            verdict,
        },
        None => TurnedDown::StillRolling {
            id: deploy.id.clone(),
            application: deploy.application().clone(),
            environment: deploy.environment.clone(),
            service: under_way(&deploy).to_owned(),
        },
    };
    let message = refused(waiter, refusal, &job.requester).await;
    say(waiter, dossier, &message).await
}

async fn with_wish(
    waiter: &Waiter,
    id: &DeployId,
) -> Result<Option<(Deploy, Option<Cancel>)>, StepError> {
    let loaded = waiter.taken_in(id).await?;
    Ok(loaded.and_then(|dossier| match dossier.recorded {
        Recorded::Deploy(deploy) => Some((*deploy, dossier.cancel)),
        Recorded::Job(_) => None,
    }))
}

/// The refusal, as this person reads it.
pub(super) async fn refused(
    waiter: &Waiter,
    refusal: impl Into<Refusal>,
    reader: &Actor,
) -> Message {
    let (command, admins) = spoken(waiter, reader).await;
    card::refused_to(&refusal.into(), &command, &admins, reader.user())
}

/// The slash command's own name, and the admins who are named.
pub(super) async fn spoken(waiter: &Waiter, reader: &Actor) -> (String, Vec<Member>) {
    let now = waiter.now();
    match waiter.settings.current(&waiter.store, now).await {
        Ok(loaded) => {
            let command = loaded.config.slack().command.clone();
            (command, loaded.admins_told(reader, now))
        }
        Err(_) => ("/deploy".to_owned(), Vec::new()),
    }
}

/// Tells whoever asked why the answer is no.
pub(super) async fn say_no(
    waiter: &Waiter,
    refusal: impl Into<Refusal>,
    dossier: &Dossier,
) -> Result<(), StepError> {
    let reader = dossier.recorded.requester();
    say(waiter, dossier, &refused(waiter, refusal, reader).await).await
}

async fn say(waiter: &Waiter, dossier: &Dossier, message: &Message) -> Result<(), StepError> {
    let told = waiter
        .notifier
        .answer(&waiter.store, dossier, message, waiter.now());
    Ok(told.await?)
}

/// The service that is not through yet.
fn under_way(deploy: &Deploy) -> &str {
    let mut services = deploy.services.iter();
    let first = services.find(|service| !service.phase.is_final());
    first.map_or("", |service| &service.service)
}
