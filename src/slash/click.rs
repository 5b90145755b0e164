//! What is clicked. A button says only which deploy and which nonce; who may, and whether it still
//! may, is judged against the stored record at the moment of the click.

use bytes::Bytes;

use super::again::retried;
use super::command::said_before;
use super::{About, Answer, Asked, No, Progress, Reached, Slash};
use crate::aws::dynamodb::{Accept, AcceptOutcome, Dossier, Extra, Recorded};
use crate::card::{self, ButtonAction, ButtonValue};
use crate::hearing::{self, What, change_of};
use crate::names::{AppName, EnvName};
use crate::policy::{Action, Authorized, authorize};
use crate::record::job::{Pressed, Task};
use crate::record::{Answer as Vote, Choice, Deploy, Phase, Verdict};
use crate::refusal::Refusal;
use crate::request::Entry;
use crate::request::Verb;
use crate::settings::Loaded;
use crate::slack::payload::BlockActions;
use crate::slack::signature::Signed;
use crate::{cancel, reply};

impl Slash {
    pub(super) async fn on_click(
        &self,
        signed: &Signed<Bytes>,
        click: &BlockActions,
        progress: &Progress,
    ) -> Answer {
        let mut asked = Asked::by_click(signed, click);
        progress.is_a_click();
        let Some(pressed) = Press::read(click) else {
            tracing::warn!("ignored a click on a button that is not ours");
            return Answer::empty();
        };
        progress.is_about(About::Click(pressed.value.deploy().clone()));
        let now = self.now();
        let (loaded, dossier) = tokio::join!(
            self.settings.current(&self.store, now),
            self.store.load(pressed.value.deploy().as_str())
        );
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(error) => return self.no_settings(&error, progress),
        };
        let mut dossier = match dossier {
            Ok(dossier) => dossier,
            Err(error) => return self.could_not_read(&error, progress),
        };
        let requester = dossier
            .as_ref()
            .and_then(|dossier| match &dossier.recorded {
                Recorded::Deploy(deploy) => Some(&deploy.requester),
                Recorded::Job(_) => None,
            });
        let admitted = click.sender().admitted(&loaded.config, requester);
        if let Some(dossier) = &mut dossier {
            dossier.judge(&loaded.config, now);
        }
        let answered = match admitted {
            Ok(actor) => {
                asked.admitted(actor);
                self.press(&asked, &pressed, &loaded, dossier, progress)
                    .await
            }
            Err(stranger) => Err(stranger.into()),
        };
        match answered {
            Ok(answer) => answer,
            // The reply to a click is not shown to anybody, so what it would say is handed on.
            Err(no) => {
                tracing::info!(actor = %asked.actor, stage = no.stage(), "refused a click");
                let tell = Task::Tell {
                    text: no.plain(&loaded.config.slack().command),
                    closes: no.ends_question(pressed.action, now),
                };
                self.say(&asked, tell, progress).await
            }
        }
    }

    async fn press(
        &self,
        asked: &Asked,
        pressed: &Press,
        loaded: &Loaded,
        dossier: Option<Dossier>,
        progress: &Progress,
    ) -> Result<Answer, No> {
        let unknown = || Refusal::UnknownDeploy {
            id: pressed.value.deploy().clone(),
        };
        let dossier = dossier.ok_or_else(unknown)?;
        let Recorded::Deploy(deploy) = &dossier.recorded else {
            return Err(unknown().into());
        };
        match pressed.action {
            ButtonAction::Confirm => {
                let action = Action::Confirm {
                    requester: deploy.requester.clone(),
                    change: change_of(&deploy.verb),
                };
                self.may(asked, loaded, &action, deploy)?;
                self.vote(asked, pressed, deploy, &dossier, Choice::Confirm, progress)
                    .await
            }
            ButtonAction::Decline => {
                cancel::may(&loaded.config, asked, deploy)?;
                self.vote(asked, pressed, deploy, &dossier, Choice::Decline, progress)
                    .await
            }
            ButtonAction::Cancel => {
                cancel::may(&loaded.config, asked, deploy)?;
                refuse_stopped(deploy, &dossier)?;
                match deploy.has_started() {
                    // The reply to a click is not shown, so the question is handed on as well.
                    true => cancel::stop(self, asked, deploy, progress).await,
                    false => cancel::wish(self, asked, deploy, progress).await,
                }
            }
            ButtonAction::StopBack => {
                cancel::may(&loaded.config, asked, deploy)?;
                match (deploy.is_stop_refused(), deploy.verdict()) {
                    // The wish is on record; whether ECS takes it is tried once more.
                    (true, None) => cancel::stop(self, asked, deploy, progress).await,
                    (true, Some(_)) | (false, _) => {
                        refuse_stopped(deploy, &dossier)?;
                        cancel::wish(self, asked, deploy, progress).await
                    }
                }
            }
            ButtonAction::PauseContinue | ButtonAction::PauseBack => {
                self.answer_pause(asked, pressed, loaded, (deploy, &dossier), progress)
                    .await
            }
            ButtonAction::Difference => {
                // A definition may hold more than a card shows to everybody.
                self.may(asked, loaded, &Action::Deploy, deploy)?;
                let task = Task::Difference {
                    deploy: deploy.id.clone(),
                };
                let said = card::sentence(reply::reading());
                self.record_job(asked, task, Vec::new(), said, progress)
                    .await
            }
            ButtonAction::Abandon => {
                cancel::may(&loaded.config, asked, deploy)?;
                self.abandon(asked, deploy, progress).await
            }
            ButtonAction::KeepPosted | ButtonAction::KeepWatching => {
                if let Some(verdict) = deploy.verdict() {
                    return Err(ended(deploy, verdict));
                }
                let reply = asked.reply.clone().map(|url| Extra::Reply {
                    deploy: deploy.id.clone(),
                    url,
                });
                let task = Task::Nudge {
                    deploy: deploy.id.clone(),
                    pressed: Some(match pressed.action {
                        ButtonAction::KeepWatching => Pressed::KeepWatching,
                        _ => Pressed::KeepPosted,
                    }),
                };
                let extra = reply.into_iter().collect();
                let said = card::sentence(reply::keeping_posted(deploy));
                self.record_job(asked, task, extra, said, progress).await
            }
            ButtonAction::Rollback => {
                // Away from what this card brought, and from nothing that came later.
                let back = Verb::rollback_from(Entry::Deploy(deploy.id.clone()));
                let changed = deploy.changed().map(|name| (name.clone(), back.clone()));
                let wanted = (Action::Rollback, changed.collect());
                self.again(asked, pressed, loaded, deploy, wanted, progress)
                    .await
            }
            ButtonAction::Retry => {
                let action = match deploy.verb {
                    Verb::Deploy { .. } => Action::Deploy,
                    Verb::Rollback { .. } => Action::Rollback,
                    Verb::Restart => Action::Restart,
                };
                let each = deploy.each().into_iter();
                let wanted = (
                    action,
                    each.map(|one| (one.application.clone(), retried(deploy, one)))
                        .collect(),
                );
                self.again(asked, pressed, loaded, deploy, wanted, progress)
                    .await
            }
        }
    }

    /// Whether the asker may do this to every application of a deploy.
    pub(super) fn may(
        &self,
        asked: &Asked,
        loaded: &Loaded,
        action: &Action,
        deploy: &Deploy,
    ) -> Result<(), No> {
        let who = (&asked.actor, asked.channel.as_ref());
        Ok(hearing::may(&loaded.config, who, action, deploy)?)
    }

    pub(super) fn may_one(
        &self,
        asked: &Asked,
        loaded: &Loaded,
        action: &Action,
        (application, environment): (&AppName, &EnvName),
    ) -> Result<Authorized, No> {
        let (actor, channel) = (&asked.actor, asked.channel.as_ref());
        let config = &loaded.config;
        let allowed = authorize(config, actor, action, application, environment, channel);
        Ok(allowed?)
    }

    /// Records an answer to the question that stands, then wakes the execution that waits for it.
    async fn vote(
        &self,
        asked: &Asked,
        pressed: &Press,
        deploy: &Deploy,
        dossier: &Dossier,
        choice: Choice,
        progress: &Progress,
    ) -> Result<Answer, No> {
        let ask = deploy
            .ask
            .as_ref()
            .filter(|ask| ask.nonce == pressed.value.nonce());
        let Some(ask) = ask else {
            return Err(stale(deploy));
        };
        let before = dossier.answers.iter().find(|vote| vote.nonce == ask.nonce);
        if let Some(vote) = before {
            return Err(answered(vote));
        }
        if asked.at > ask.expires_at || deploy.verdict() == Some(Verdict::Expired) {
            return Err(Refusal::ConsentExpired {
                id: deploy.id.clone(),
            }
            .into());
        }
        if let Some(verdict) = deploy.verdict() {
            return Err(ended(deploy, verdict));
        }
        if deploy.phase != Phase::Asking {
            return Err(stale(deploy));
        }
        let nonce = ask.nonce.clone();
        let mut extra = vec![asked.says(&deploy.id, What::Answer { nonce, choice })];
        extra.extend(asked.reply.clone().map(|url| Extra::Reply {
            deploy: deploy.id.clone(),
            url,
        }));
        let accept = Accept {
            id: deploy.id.to_string(),
            dedupe: asked.dedupe(),
            request: None,
            reply: None,
            extra,
            token: asked.token(),
            at: asked.at,
        };
        match self.accept(&accept, progress).await {
            Ok(AcceptOutcome::Accepted | AcceptOutcome::Duplicate { .. }) => {}
            Ok(AcceptOutcome::SaidBefore(Some(before))) => {
                return Err(said_before(&before, deploy.id.clone()));
            }
            Ok(_) => return Err(stale(deploy)),
            Err(answer) => return Ok(answer),
        }
        progress.reach(Reached::Recorded);
        // The record decides; waking only spares people the wait for the next look. Without a
        // token yet, the execution looks for an answer itself before it waits.
        if let Some(token) = &dossier.token
            && let Err(error) = self.machine.wake(token).await
        {
            tracing::warn!(deploy = %deploy.id, %error, "an answer could not wake its execution; the sweeper will");
        }
        Ok(Answer::empty())
    }

    /// Hands a sentence on to be said to whoever clicked; where it cannot be said, Slack shows that
    /// the click came to nothing.
    async fn say(&self, asked: &Asked, tell: Task, progress: &Progress) -> Answer {
        if asked.reply.is_none() {
            return Answer::failed();
        }
        let said = card::sentence(reply::reading());
        let told = self.record_job(asked, tell, Vec::new(), said, progress);
        told.await.unwrap_or_else(|_| Answer::failed())
    }
}

/// One of our buttons, as pressed.
pub(super) struct Press {
    pub(super) action: ButtonAction,
    pub(super) value: ButtonValue,
}

impl Press {
    fn read(click: &BlockActions) -> Option<Self> {
        let pressed = click.actions.first()?;
        Some(Self {
            action: pressed.action_id.parse().ok()?,
            value: pressed.value.parse().ok()?,
        })
    }
}

pub(super) fn ended(deploy: &Deploy, verdict: Verdict) -> No {
    let id = deploy.id.clone();
    Refusal::Ended { id, verdict }.into()
}

/// A deploy that has ended, or that somebody has stopped, is not stopped again.
fn refuse_stopped(deploy: &Deploy, dossier: &Dossier) -> Result<(), No> {
    if let Some(verdict) = deploy.verdict() {
        return Err(ended(deploy, verdict));
    }
    match deploy.cancel.as_ref().or(dossier.cancel.as_ref()) {
        Some(before) => Err(Refusal::CancelledBefore {
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
    Refusal::PlanStale { id }.into()
}

pub(super) fn answered(vote: &Vote) -> No {
    Refusal::Answered {
        choice: vote.choice,
        by: vote.by.clone(),
        at: vote.at,
    }
    .into()
}
