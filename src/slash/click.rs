//! What is clicked. A button says only which deploy and which nonce; who may, and whether it still
//! may, is judged against the stored record at the moment of the click.

use bytes::Bytes;

use super::again::{again, again_in, retried};
use super::asked::{Asked, Slash, Visit};
use super::cancel;
use super::control::{abandon, answer_pause};
use super::door::Answer;
use super::form;
use super::no::No;
use super::plea;
use super::progress::{About, Progress};
use super::right;
use super::vote::{allow, vote};
use crate::aws::dynamodb::{Dossier, Extra, Recorded};
use crate::card::{ButtonAction, ButtonValue};
use crate::policy::Action;
use crate::record::TurnedDown;
use crate::record::job::{Pressed, Task, WhoIsMeant};
use crate::record::{Choice, Deploy, Verdict, Vote};
use crate::request::{ChangeKind, Entry, EntryKey, Verb};
use crate::slack::payload::BlockActions;
use crate::slack::signature::Signed;

/// Answers a click.
pub(super) async fn on_click(
    slash: &Slash,
    signed: &Signed<Bytes>,
    click: &BlockActions,
    progress: &Progress,
) -> Answer {
    let mut asked = Asked::by_click(signed, click);
    progress.shows_its_status();
    let Some(pressed) = Press::read(click) else {
        tracing::warn!("ignored a click on a button that is not ours");
        return Answer::empty();
    };
    let now = slash.now();
    // It is about no deploy, or about none yet.
    let of_no_deploy = matches!(
        pressed.action,
        ButtonAction::Form
            | ButtonAction::Plead
            | ButtonAction::ThatPerson
            | ButtonAction::NotThatPerson
    );
    if !of_no_deploy {
        progress.is_about(About::Click(pressed.value.deploy().clone()));
    }
    let load = async {
        match of_no_deploy {
            true => Ok(None),
            false => slash.store.load(pressed.value.deploy().as_str()).await,
        }
    };
    // What sets something going is judged by what stands at this moment; both are read at once.
    let goes_ahead = matches!(
        pressed.action,
        ButtonAction::Confirm
            | ButtonAction::PauseContinue
            | ButtonAction::Plead
            | ButtonAction::AllowOnce
            | ButtonAction::AllowUntil
    );
    let settings = async {
        match goes_ahead {
            true => slash.settings.anew(&slash.store, now).await,
            false => slash.settings.current(&slash.store, now).await,
        }
    };
    let (loaded, dossier) = tokio::join!(settings, load);
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return slash.no_settings(&error, progress),
    };
    let mut dossier = match dossier {
        Ok(dossier) => dossier,
        Err(error) => return slash.could_not_read(&error, progress),
    };
    let requester = dossier
        .as_ref()
        .and_then(|dossier| match &dossier.recorded {
            Recorded::Deploy(deploy) => Some(&deploy.requester),
            Recorded::Job(_) => None,
        });
    let admitted = click.sender().admitted(&loaded.config, requester);
    if let Some(dossier) = &mut dossier {
        dossier.judge(loaded.policy(now));
    }
    let stranger = admitted.map(|actor| asked.admitted(actor)).err();
    let visit = Visit {
        slash,
        asked: &asked,
        loaded: &loaded,
        progress,
    };
    let answered = match stranger {
        None => match pressed.action {
            ButtonAction::Form => form::press(visit, &pressed, click).await,
            ButtonAction::Plead => plea::press(visit, &pressed).await,
            ButtonAction::ThatPerson => right::meant(visit, &pressed, WhoIsMeant::Yes).await,
            ButtonAction::NotThatPerson => right::meant(visit, &pressed, WhoIsMeant::No).await,
            _ => press(visit, &pressed, dossier).await,
        },
        Some(stranger) => Err(stranger.into()),
    };
    answer(visit, &pressed, answered).await
}

async fn answer(visit: Visit<'_>, pressed: &Press, answered: Result<Answer, No>) -> Answer {
    match answered {
        Ok(answer) => answer,
        // The reply to a click is not shown to anybody, so what it would say is handed on.
        Err(no) => {
            tracing::info!(actor = %visit.asked.actor, stage = no.stage(), "refused a click");
            let now = visit.slash.now();
            match no.turned_down().cloned() {
                Some(why) => {
                    let why = Box::new(why);
                    let closes = no.ends_question(pressed.action, now);
                    say(visit, Task::Tell { why, closes }).await
                }
                None => Answer::failed(),
            }
        }
    }
}

async fn press(visit: Visit<'_>, pressed: &Press, dossier: Option<Dossier>) -> Result<Answer, No> {
    let unknown = || TurnedDown::UnknownDeploy {
        id: pressed.value.deploy().clone(),
    };
    let dossier = dossier.ok_or_else(unknown)?;
    let Recorded::Deploy(deploy) = &dossier.recorded else {
        return Err(unknown().into());
    };
    let clicked = Clicked {
        pressed,
        deploy,
        dossier: &dossier,
    };
    match pressed.action {
        ButtonAction::Confirm | ButtonAction::Choose => {
            let action = Action::Confirm {
                requester: deploy.requester.clone(),
                change: deploy.verb().kind(),
            };
            visit.may(&action, deploy)?;
            match (pressed.other_version(deploy), pressed.action) {
                (Some(version), _) => match deploy.may_go_to(version) || deploy.ending.is_some() {
                    true => vote(visit, clicked, Choice::Another(version)).await,
                    false => Err(stale(deploy)),
                },
                (None, ButtonAction::Confirm) => vote(visit, clicked, Choice::Confirm).await,
                // What is asked about already was chosen once more.
                (None, _) => Ok(Answer::empty()),
            }
        }
        ButtonAction::Decline => {
            cancel::may(visit, deploy)?;
            vote(visit, clicked, Choice::Decline).await
        }
        ButtonAction::Cancel => {
            cancel::may(visit, deploy)?;
            refuse_stopped(deploy, &dossier)?;
            match deploy.has_started() {
                // The reply to a click is not shown, so the question is handed on as well.
                true => cancel::stop(visit, deploy).await,
                false => cancel::wish(visit, deploy).await,
            }
        }
        ButtonAction::StopBack => {
            cancel::may(visit, deploy)?;
            match (deploy.is_stop_refused(), deploy.verdict()) {
                // The wish is on record; whether ECS takes it is tried once more.
                (true, None) => cancel::stop(visit, deploy).await,
                (true, Some(_)) | (false, _) => {
                    refuse_stopped(deploy, &dossier)?;
                    cancel::wish(visit, deploy).await
                }
            }
        }
        ButtonAction::AllowOnce | ButtonAction::AllowUntil => allow(visit, clicked).await,
        ButtonAction::Form
        | ButtonAction::Plead
        | ButtonAction::ThatPerson
        | ButtonAction::NotThatPerson => Err(unknown().into()),
        ButtonAction::PauseContinue | ButtonAction::PauseBack => answer_pause(visit, clicked).await,
        ButtonAction::Difference => {
            // A definition may hold more than a card shows to everybody.
            visit.may(&Action::Change(ChangeKind::Deploy), deploy)?;
            let task = Task::Difference {
                deploy: deploy.id.clone(),
            };
            visit.record_job(task, Vec::new()).await
        }
        ButtonAction::Abandon => {
            cancel::may(visit, deploy)?;
            abandon(visit, deploy).await
        }
        ButtonAction::KeepPosted | ButtonAction::KeepWatching => {
            if let Some(verdict) = deploy.verdict() {
                return Err(ended(deploy, verdict));
            }
            let reply = visit.asked.reply.clone().map(|url| Extra::Reply {
                deploy: deploy.id.clone(),
                url,
            });
            let task = Task::Nudge {
                deploy: deploy.id.clone(),
                pressed: match pressed.action {
                    ButtonAction::KeepWatching => Pressed::KeepWatching,
                    _ => Pressed::KeepPosted,
                },
            };
            let extra = reply.into_iter().collect();
            visit.record_job(task, extra).await
        }
        ButtonAction::Rollback => {
            // Away from what this card brought, and from nothing that came later.
            let back = Verb::rollback_from(Entry::Deploy(deploy.id.clone()));
            let changed = deploy.changed().map(|name| (name.clone(), back.clone()));
            again(visit, clicked, changed.collect()).await
        }
        ButtonAction::Restart => {
            let each = deploy.applications().cloned();
            let wanted = each.map(|name| (name, Verb::Restart));
            again(visit, clicked, wanted.collect()).await
        }
        ButtonAction::Forward => {
            let wanted = deploy.forward().ok_or_else(|| stale(deploy))?;
            again(visit, clicked, wanted).await
        }
        ButtonAction::Promote => {
            let (next, wanted) = deploy.promotes().ok_or_else(|| stale(deploy))?;
            again_in(visit, clicked, &next, wanted).await
        }
        ButtonAction::DeployBefore => {
            let wanted = deploy.before_it().ok_or_else(|| stale(deploy))?;
            again(visit, clicked, wanted).await
        }
        ButtonAction::DeployThere => {
            let (there, wanted) = deploy.first_there().ok_or_else(|| stale(deploy))?;
            again_in(visit, clicked, &there, wanted).await
        }
        ButtonAction::Retry => {
            let each = deploy.each().into_iter();
            let wanted = each.map(|one| (one.application().clone(), retried(deploy, &one)));
            again(visit, clicked, wanted.collect()).await
        }
    }
}

/// Hands a sentence on to be said to whoever clicked; where it cannot be said, Slack shows that
/// the click came to nothing.
async fn say(visit: Visit<'_>, tell: Task) -> Answer {
    if visit.asked.reply.is_none() {
        return Answer::failed();
    }
    let told = visit.record_job(tell, Vec::new());
    told.await.unwrap_or_else(|_| Answer::failed())
}

/// One of our buttons, as pressed.
pub(super) struct Press {
    pub(super) action: ButtonAction,
    pub(super) value: ButtonValue,
    /// What the menu beside it shows.
    menu: Option<ButtonValue>,
}

/// A button of ours as it was pressed, and what it is about, as it is stored.
#[derive(Clone, Copy)]
pub(super) struct Clicked<'a> {
    pub(super) pressed: &'a Press,
    pub(super) deploy: &'a Deploy,
    pub(super) dossier: &'a Dossier,
}

impl Press {
    fn read(click: &BlockActions) -> Option<Self> {
        let pressed = click.actions.first()?;
        let action = pressed.action_id.parse().ok()?;
        let value = match action {
            ButtonAction::Choose => pressed.chosen.as_ref()?,
            _ => &pressed.value,
        };
        let menu = click.entered.get(ButtonAction::Choose.id());
        Some(Self {
            action,
            value: value.parse().ok()?,
            menu: menu.and_then(|value| value.parse().ok()),
        })
    }

    /// The version that was chosen in the question's menu, if it is not the one that the question is about.
    /// Also where **Confirm** was pressed: what the menu showed by then was not what the plan above it says.
    fn other_version(&self, deploy: &Deploy) -> Option<EntryKey> {
        let chosen = match self.action {
            ButtonAction::Choose => Some(&self.value),
            _ => self.menu.as_ref(),
        };
        let chosen = chosen.filter(|chosen| chosen.nonce() == self.value.nonce())?;
        let share = deploy.plan.as_ref().and_then(|plan| plan.only());
        let shown = share.and_then(|share| Some(share.goes_back.as_ref()?.way.key));
        chosen.version().filter(|version| Some(*version) != shown)
    }
}

pub(super) fn ended(deploy: &Deploy, verdict: Verdict) -> No {
    let id = deploy.id.clone();
    TurnedDown::Ended { id, verdict }.into()
}

/// A deploy that has ended, or that somebody has stopped, is not stopped again.
fn refuse_stopped(deploy: &Deploy, dossier: &Dossier) -> Result<(), No> {
    if let Some(verdict) = deploy.verdict() {
        return Err(ended(deploy, verdict));
    }
    match deploy.cancel.as_ref().or(dossier.cancel.as_ref()) {
        Some(before) => Err(TurnedDown::CancelledBefore {
            id: deploy.id.clone(),
            by: before.by.clone(),
            at: before.at,
        }
        .into()),
        None => Ok(()),
    }
}

pub(super) fn stale(deploy: &Deploy) -> No {
    let id = deploy.id.clone();
    TurnedDown::PlanStale { id }.into()
}

pub(super) fn answered(vote: &Vote) -> No {
    TurnedDown::Answered {
        choice: vote.choice,
        by: vote.by.clone(),
        at: vote.at,
    }
    .into()
}
