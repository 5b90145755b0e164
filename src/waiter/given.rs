//! Rights given and taken back in chat: who it is about is looked up, the change is written with its entry, everybody is
//! told, and whoever asked. The admin's right was judged with the job; here nothing is given to whom Slack does not know
//! as a full member.

mod question;

use std::time::Duration;

use jiff::Timestamp;

pub(super) use self::question::meant;

use super::context::{StepError, Waiter};
use super::notify::Announced;
use super::rights::MOST_GRANTS;
use super::stop;
use crate::aws::dynamodb::{Dossier, RightOutcome};
use crate::card;
use crate::command::RightOf;
use crate::names::{Actor, EnvName, Somebody, UserId};
use crate::policy::{Action, Grant, may_change_rights};
use crate::record::TurnedDown;
use crate::record::job::{GrantAsked, Job, RevokeAsked, Task, WhoIsMeant};
use crate::record::{ChangedRight, Refused, RightChange, RightKey, RightRefused};
use crate::refusal::{Refusal, untimely};
use crate::reply;
use crate::request::GrantedRight;
use crate::settings::Loaded;
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// So long everybody is owed the word of what an operator did: Slack may be down for hours.
pub(super) const OWED_FOR: Duration = Duration::from_secs(12 * 3_600);

/// How a change was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AskedBy {
    /// By a line.
    Line,
    /// By the answer to a question, whose place is taken by what came of it.
    Button,
}

impl AskedBy {
    fn answer(self, words: Mrkdwn) -> Message {
        match self {
            Self::Line => card::sentence(words),
            Self::Button => card::sentence(words).replacing(),
        }
    }
}

/// Tells of the change that a step before this one made for the same request; whether there is one. What was done is
/// told of however late it is, and whatever its admin may by now.
pub(super) async fn told_already(
    waiter: &Waiter,
    job: &Job,
    dossier: &Dossier,
) -> Result<bool, StepError> {
    let (id, at, way) = match &job.task {
        Task::Grant(_) | Task::Revoke(_) => (&job.id, job.requested_at, AskedBy::Line),
        Task::MeantPerson { question, .. } => {
            let Some(wish) = waiter.store.right_wish(question).await? else {
                return Ok(false);
            };
            (question, wish.at, AskedBy::Button)
        }
        _ => return Ok(false),
    };
    let made = waiter.store.right_change(id, at).await?;
    let Some((change, outcome)) = made.filter(|(change, _)| change.by == job.requester) else {
        return Ok(false);
    };
    match &job.task {
        Task::MeantPerson {
            answer: WhoIsMeant::No,
            ..
        } => {
            let (slash, _) = stop::spoken(waiter, &job.requester).await;
            let words = reply::right::done_already(&change, &slash);
            say(waiter, &way.answer(words), dossier).await?;
        }
        _ => tell(waiter, &change, outcome, dossier, way).await?,
    }
    Ok(true)
}

/// Why rights may not be changed so, if they may not.
pub(super) fn denied(
    loaded: &Loaded,
    task: &Task,
    actor: &Actor,
    now: Timestamp,
) -> Option<Refusal> {
    let of = right_of(task)?;
    let action = match task {
        Task::Grant(_) => Action::Grant,
        _ => Action::Revoke,
    };
    let place = of.env.as_ref();
    match may_change_rights(loaded.policy(now), actor, &action, &of.app, place) {
        Some(decision) => decision.err().map(Refusal::from),
        None => Some(Refused::NoConfiguration.into()),
    }
}

/// Changes a right; of somebody who was only named, asks first whether they are meant.
pub(super) async fn change(
    waiter: &Waiter,
    job: &Job,
    task: &Task,
    dossier: &Dossier,
) -> Result<(), StepError> {
    change_by(waiter, job, task, dossier, AskedBy::Line).await
}

async fn change_by(
    waiter: &Waiter,
    job: &Job,
    task: &Task,
    dossier: &Dossier,
    way: AskedBy,
) -> Result<(), StepError> {
    let Some(of) = right_of(task) else {
        return Ok(());
    };
    match &of.to {
        Somebody::Mentioned(user) => {
            let change = match prepared(waiter, job, task, user).await? {
                Ok(change) => change,
                Err(refused) => return say_no(waiter, refused, dossier).await,
            };
            carry_out(waiter, &change, dossier, way).await
        }
        Somebody::Called(name) => {
            let now = waiter.now();
            let loaded = waiter.settings.current(&waiter.store, now).await?;
            let directory = &waiter.directory;
            let found = directory.called(&waiter.store, &loaded, name, now).await?;
            let mut found = found.into_iter();
            let name = name.clone();
            let refused = match (found.next(), found.next()) {
                (Some(found), None) => {
                    return question::ask(waiter, job, task, &found, dossier).await;
                }
                (Some(_), Some(_)) => RightRefused::Several { name },
                (None, _) => RightRefused::Nobody { name },
            };
            say_no(waiter, refused, dossier).await
        }
    }
}

fn right_of(task: &Task) -> Option<&RightOf> {
    match task {
        Task::Grant(asked) => Some(&asked.of),
        Task::Revoke(asked) => Some(&asked.of),
        _ => None,
    }
}

/// The change that is to be written, or why there is none.
async fn prepared(
    waiter: &Waiter,
    job: &Job,
    task: &Task,
    user: &UserId,
) -> Result<Result<RightChange, RightRefused>, StepError> {
    let what = match (task, &job.requester) {
        (Task::Grant(asked), Actor::Slack { user: by, .. }) => {
            to_give(waiter, job.requested_at, asked, by, user).await?
        }
        (Task::Revoke(asked), _) => to_take(waiter, job.requested_at, asked, user).await?,
        _ => Err(RightRefused::Lapsed),
    };
    Ok(what.map(|what| RightChange {
        id: job.id.clone(),
        by: job.requester.clone(),
        channel: job.channel.clone(),
        at: job.requested_at,
        what,
    }))
}

async fn to_give(
    waiter: &Waiter,
    at: Timestamp,
    asked: &GrantAsked,
    by: &UserId,
    to: &UserId,
) -> Result<Result<ChangedRight, RightRefused>, StepError> {
    let now = waiter.now();
    let given = waiter.store.grants().await?;
    if let Some(refused) = waiter.no_full_member(to).await? {
        return Ok(Err(refused));
    }
    let grant = Grant {
        to: to.clone(),
        application: asked.of.app.clone(),
        environment: asked.of.env.clone(),
        right: asked.of.right.unwrap_or(GrantedRight::Request),
        by: by.clone(),
        at,
        until: asked.until,
        why: asked.why.clone(),
        seconded_by: None,
        once: None,
    };
    let key = RightKey::of(&grant);
    let before = given.live(now).find(|before| RightKey::of(before) == key);
    let is_second = |before: &&Grant| {
        let others = before.by != *by && before.to != *by;
        before.right == GrantedRight::Approve && before.seconded_by.is_none() && others
    };
    if let Some(before) = before.filter(is_second) {
        return Ok(Ok(ChangedRight::Seconded(Grant {
            seconded_by: Some(by.clone()),
            // Both have said yes to no more than the shorter.
            until: before.until.min(asked.until),
            ..before.clone()
        })));
    }
    if before.is_none() && given.live(now).count() >= MOST_GRANTS {
        return Ok(Err(RightRefused::TooMany));
    }
    Ok(Ok(ChangedRight::Given(grant)))
}

async fn to_take(
    waiter: &Waiter,
    at: Timestamp,
    asked: &RevokeAsked,
    user: &UserId,
) -> Result<Result<ChangedRight, RightRefused>, StepError> {
    let now = waiter.now();
    let of = &asked.of;
    let loaded = waiter.settings.current(&waiter.store, now).await?;
    // First, so that whatever is written meanwhile is either read below or not written.
    for key in barred(&loaded, of, user) {
        waiter.store.bar_right(&key, at, now).await?;
    }
    let given = waiter.store.grants().await?;
    Ok(ChangedRight::taking(asked, user, &given, now))
}

/// The rights that a request takes back, whether or not they were given: one from before it may still be on its way.
fn barred(loaded: &Loaded, of: &RightOf, user: &UserId) -> Vec<RightKey> {
    let places: Vec<Option<EnvName>> = match &of.env {
        Some(there) => vec![Some(there.clone())],
        None => {
            let own = loaded.config.application(&of.app).into_iter();
            let own = own.flat_map(|own| own.environments.keys().cloned());
            own.map(Some).chain([None]).collect()
        }
    };
    let rights = [GrantedRight::Request, GrantedRight::Approve].into_iter();
    let rights = rights.filter(|right| of.right.is_none_or(|named| named == *right));
    let keys = rights.flat_map(|right| {
        places.iter().map(move |place| RightKey {
            application: of.app.clone(),
            environment: place.clone(),
            to: user.clone(),
            right,
            once: None,
        })
    });
    keys.collect()
}

/// Writes a change down and tells of it; each once, however often this is done.
async fn carry_out(
    waiter: &Waiter,
    change: &RightChange,
    dossier: &Dossier,
    way: AskedBy,
) -> Result<(), StepError> {
    let (change, outcome) = waiter.store.change_right(change).await?;
    tell(waiter, &change, outcome, dossier, way).await
}

async fn tell(
    waiter: &Waiter,
    change: &RightChange,
    outcome: RightOutcome,
    dossier: &Dossier,
    way: AskedBy,
) -> Result<(), StepError> {
    let now = waiter.now();
    let (slash, _) = stop::spoken(waiter, &change.by).await;
    let words = reply::right::changed(change, &slash);
    match outcome {
        RightOutcome::Overtaken => {
            // A second yes to what is no longer there is a first one.
            if let ChangedRight::Seconded(_) = change.what {
                return Err(StepError::Overtaken);
            }
            return say_no(waiter, RightRefused::Overtaken, dossier).await;
        }
        RightOutcome::Announced => return say(waiter, &way.answer(words), dossier).await,
        RightOutcome::Changed => {}
    }
    let loaded = waiter.settings.current(&waiter.store, now).await?;
    let message = card::sentence_for_all(words.clone());
    let announced = waiter
        .notifier
        .announce(&loaded.config, &message, now)
        .await;
    match announced {
        Announced::There(channel) => {
            waiter.store.note_announced(change, now).await?;
            // Whoever asked there reads it there.
            match way {
                AskedBy::Line if change.channel.as_ref() == Some(&channel) => Ok(()),
                // At a terminal they have read it too.
                AskedBy::Line if is_operator(&change.by) => Ok(()),
                AskedBy::Line | AskedBy::Button => say(waiter, &way.answer(words), dossier).await,
            }
        }
        Announced::Later(_) if is_tried_again(change, now) => Err(StepError::Unannounced),
        Announced::Later(_) | Announced::Nowhere if is_operator(&change.by) => Ok(()),
        // Everybody where it was asked for is told instead.
        Announced::Later(_) | Announced::Nowhere => {
            say(waiter, &message, dossier).await?;
            match way {
                AskedBy::Line => Ok(()),
                // What is for one person alone does not become what everybody reads.
                AskedBy::Button => say(waiter, &way.answer(reply::right::done()), dossier).await,
            }
        }
    }
}

fn is_operator(actor: &Actor) -> bool {
    matches!(actor, Actor::Operator { .. })
}

/// Whether what cannot be announced now is to be announced later: as long as anybody expects anything of what was asked
/// for. Operators act when Slack is down, and nobody else says what they did.
fn is_tried_again(change: &RightChange, now: Timestamp) -> bool {
    let age = now.duration_since(change.at).unsigned_abs();
    untimely(change.at, now).is_none() || (is_operator(&change.by) && age <= OWED_FOR)
}

async fn say_no(
    waiter: &Waiter,
    refused: RightRefused,
    dossier: &Dossier,
) -> Result<(), StepError> {
    stop::say_no(waiter, TurnedDown::from(refused), dossier).await
}

async fn say(waiter: &Waiter, message: &Message, dossier: &Dossier) -> Result<(), StepError> {
    let told = waiter
        .notifier
        .answer(&waiter.store, dossier, message, waiter.now());
    Ok(told.await?)
}
