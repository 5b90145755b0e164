//! Rights given and taken back in chat: who it is about is looked up, the change is written with its entry, everybody is
//! told, and whoever asked. The admin's right was judged with the job; here nothing is given to whom Slack does not know
//! as a full member.

use jiff::{SignedDuration, Timestamp};

use super::context::{StepError, Waiter};
use super::directory::Seen;
use super::stop;
use crate::aws::dynamodb::{Dossier, RightOutcome};
use crate::card;
use crate::command::{Command, RightOf};
use crate::names::{Actor, ReadId, Somebody, UserId};
use crate::policy::{Action, Grant, PersonKind, may_change_rights};
use crate::record::TurnedDown;
use crate::record::job::{Job, Task, WhoIsMeant};
use crate::record::{ChangedRight, Refused, RightChange, RightKey, RightRefused, RightWish};
use crate::refusal::Refusal;
use crate::reply;
use crate::request::GrantedRight;
use crate::settings::Loaded;
use crate::slack::blocks::Message;

/// So long the question stands whether somebody was meant.
const ASK_LASTS: SignedDuration = SignedDuration::from_mins(15);
/// Rights that are kept at most: whoever judges one reads all of them.
const MOST: usize = 500;

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
    let Some(of) = right_of(task) else {
        return Ok(());
    };
    match &of.to {
        Somebody::Mentioned(user) => {
            // A step before this one may have got so far.
            let written = waiter.store.right_change(&job.id, job.requested_at).await?;
            if let Some((change, outcome)) = written {
                return tell(waiter, &change, outcome, dossier).await;
            }
            let change = match prepared(waiter, job, task, user).await? {
                Ok(change) => change,
                Err(refused) => return say_no(waiter, refused, dossier).await,
            };
            carry_out(waiter, &change, dossier).await
        }
        Somebody::Called(name) => {
            let now = waiter.now();
            let loaded = waiter.settings.current(&waiter.store, now).await?;
            let directory = &waiter.directory;
            let found = directory.called(&waiter.store, &loaded, name, now).await?;
            let mut found = found.into_iter();
            let name = name.clone();
            let refused = match (found.next(), found.next()) {
                (Some(user), None) => {
                    return ask(waiter, job, task, &user, dossier).await;
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

/// Asks whoever typed a name whether the person who was found is meant.
async fn ask(
    waiter: &Waiter,
    job: &Job,
    task: &Task,
    user: &UserId,
    dossier: &Dossier,
) -> Result<(), StepError> {
    let mut task = task.clone();
    let line = match &mut task {
        Task::Grant(asked) => {
            asked.of.to = Somebody::Mentioned(user.clone());
            let (of, why) = (asked.of.clone(), asked.why.clone());
            let term = None;
            Command::Grant { of, term, why }.to_string()
        }
        Task::Revoke(asked) => {
            asked.of.to = Somebody::Mentioned(user.clone());
            let (of, why) = (asked.of.clone(), asked.why.clone());
            Command::Revoke { of, why }.to_string()
        }
        _ => return Ok(()),
    };
    let wish = RightWish {
        by: job.requester.clone(),
        at: job.requested_at,
        task,
    };
    waiter.store.put_right_wish(&job.id, &wish).await?;
    let Some(of) = right_of(&wish.task) else {
        return Ok(());
    };
    let message = card::is_it(job.id.as_deploy(), user, of, &line);
    say(waiter, &message, dossier).await
}

/// Carries out what waited for the answer, by whoever asked for it and by nobody else.
pub(super) async fn meant(
    waiter: &Waiter,
    job: &Job,
    question: &ReadId,
    answer: WhoIsMeant,
    dossier: &Dossier,
) -> Result<(), StepError> {
    let now = waiter.now();
    let wish = waiter.store.right_wish(question).await?;
    let own = wish
        .filter(|wish| wish.by == job.requester && now.duration_since(wish.at).abs() <= ASK_LASTS);
    let Some(wish) = own else {
        return say_no(waiter, RightRefused::Lapsed, dossier).await;
    };
    if answer == WhoIsMeant::No {
        let message = card::sentence(reply::right::left_as_it_was()).replacing();
        return say(waiter, &message, dossier).await;
    }
    let loaded = waiter.settings.current(&waiter.store, now).await?;
    if let Some(denied) = denied(&loaded, &wish.task, &job.requester, now) {
        return stop::say_no(waiter, denied, dossier).await;
    }
    // As the request that was asked about, so that it is carried out once, however often this is pressed.
    let asked = Job {
        id: question.clone(),
        task: wish.task.clone(),
        requested_at: wish.at,
        ..job.clone()
    };
    change(waiter, &asked, &wish.task, dossier).await
}

/// The change that is to be written, or why there is none.
async fn prepared(
    waiter: &Waiter,
    job: &Job,
    task: &Task,
    user: &UserId,
) -> Result<Result<RightChange, RightRefused>, StepError> {
    let now = waiter.now();
    let change = |what| RightChange {
        id: job.id.clone(),
        by: job.requester.clone(),
        channel: job.channel.clone(),
        at: job.requested_at,
        what,
    };
    let given = waiter.store.grants().await?;
    let of_them = given.live(now).filter(|grant| grant.to == *user);
    match task {
        Task::Grant(asked) => {
            let Actor::Slack { user: by, .. } = &job.requester else {
                return Ok(Err(RightRefused::Lapsed));
            };
            if let Some(refused) = no_full_member(waiter, user).await? {
                return Ok(Err(refused));
            }
            let grant = Grant {
                to: user.clone(),
                application: asked.of.app.clone(),
                environment: asked.of.env.clone(),
                right: asked.of.right,
                by: by.clone(),
                at: job.requested_at,
                until: asked.until,
                why: asked.why.clone(),
                seconded_by: None,
                once: None,
            };
            let key = RightKey::of(&grant);
            let mut of_them = of_them;
            let before = of_them.find(|before| RightKey::of(before) == key);
            let is_second = |before: &&Grant| {
                let others = before.by != *by && before.to != *by;
                before.right == GrantedRight::Approve && before.seconded_by.is_none() && others
            };
            if let Some(before) = before.filter(is_second) {
                let seconded = Grant {
                    seconded_by: Some(by.clone()),
                    ..before.clone()
                };
                return Ok(Ok(change(ChangedRight::Seconded(seconded))));
            }
            if before.is_none() && given.live(now).count() >= MOST {
                return Ok(Err(RightRefused::TooMany));
            }
            Ok(Ok(change(ChangedRight::Given(grant))))
        }
        Task::Revoke(asked) => {
            let of = &asked.of;
            let (application, environment) = (of.app.clone(), of.env.clone());
            let to = user.clone();
            let rights: Vec<Grant> = of_them
                .filter(|grant| grant.application == of.app)
                // Without a place, whatever they were given.
                .filter(|grant| of.env.is_none() || grant.right == of.right)
                .cloned()
                .collect();
            let here = |grant: &&Grant| of.env.is_none() || grant.environment == of.env;
            let grants: Vec<Grant> = rights.iter().filter(here).cloned().collect();
            if !grants.is_empty() {
                let why = asked.why.clone();
                return Ok(Ok(change(ChangedRight::Taken { grants, why })));
            }
            if rights.iter().any(|grant| grant.environment.is_none()) {
                return Ok(Err(RightRefused::GivenEverywhere { to, application }));
            }
            Ok(Err(RightRefused::NothingGiven {
                to,
                application,
                environment,
            }))
        }
        _ => Ok(Err(RightRefused::Lapsed)),
    }
}

/// Why somebody gets no right in chat: they are no full member, as far as anybody may look.
async fn no_full_member(waiter: &Waiter, user: &UserId) -> Result<Option<RightRefused>, StepError> {
    let now = waiter.now();
    let loaded = waiter.settings.current(&waiter.store, now).await?;
    let to = user.clone();
    let seen = waiter.directory.see(&waiter.store, &loaded, user, now);
    Ok(match seen.await {
        Seen::Now(copy) if copy.kind == PersonKind::Member => None,
        Seen::Now(copy) => Some(RightRefused::NoFullMember {
            to,
            kind: copy.kind,
        }),
        Seen::Silent(_) => Some(RightRefused::NotSaid),
        Seen::Unseen => Some(RightRefused::Unseen { to }),
        // Without a token nobody can look, and everybody is taken for a full member.
        Seen::MayNotLook => None,
    })
}

/// Writes a change down and tells of it; each once, however often this is done.
async fn carry_out(
    waiter: &Waiter,
    change: &RightChange,
    dossier: &Dossier,
) -> Result<(), StepError> {
    let outcome = waiter.store.change_right(change).await?;
    tell(waiter, change, outcome, dossier).await
}

async fn tell(
    waiter: &Waiter,
    change: &RightChange,
    outcome: RightOutcome,
    dossier: &Dossier,
) -> Result<(), StepError> {
    let now = waiter.now();
    let words = reply::right::changed(change);
    match outcome {
        RightOutcome::Overtaken => {
            // A second yes to what is no longer there is a first one.
            if let ChangedRight::Seconded(_) = change.what {
                return Err(StepError::Overtaken);
            }
            return say_no(waiter, RightRefused::Overtaken, dossier).await;
        }
        RightOutcome::Announced => return say(waiter, &card::sentence(words), dossier).await,
        RightOutcome::Changed => {}
    }
    let loaded = waiter.settings.current(&waiter.store, now).await?;
    let message = card::sentence_for_all(words.clone());
    let announced = waiter
        .notifier
        .announce(&loaded.config, &message, now)
        .await;
    match announced {
        Some(channel) => {
            waiter.store.note_announced(change, now).await?;
            // Whoever asked there reads it there.
            match change.channel.as_ref() == Some(&channel) {
                true => Ok(()),
                false => say(waiter, &card::sentence(words), dossier).await,
            }
        }
        // Everybody where it was asked for is told instead.
        None => say(waiter, &message, dossier).await,
    }
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
