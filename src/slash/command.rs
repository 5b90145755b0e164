//! What is typed: one line per command.

use bytes::Bytes;
use jiff::Timestamp;

use super::door::Answer;
use super::{About, No, Progress, Reached, Slash};
use crate::aws::dynamodb::{Accept, AcceptOutcome, Extra, StoreError};
use crate::command::{AppRef, Command};
use crate::hearing::request::{Asker, Person, Request};
use crate::hearing::{Said, What};
use crate::names::{Actor, AppName, ChannelId, DeployId, EnvName, ReadId};
use crate::policy::{Action, Authorized, authorize};
use crate::record::job::{Job, Task};
use crate::record::{Also, Deploy, Origin};
use crate::refusal::Refusal;
use crate::request::Verb;
use crate::settings::{Loaded, NoSettings};
use crate::slack::blocks::Message;
use crate::slack::payload::{BlockActions, SlashCommand};
use crate::slack::response_url::ResponseUrl;
use crate::slack::signature::Signed;
use crate::{cancel, card, history, log, reply, show};

/// Who asks, where, and what makes the request unique: everything a verb needs of it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Who, by the ids that the signature covered.
    pub(crate) person: Person,
    /// The same, as whoever acts.
    pub(crate) actor: Actor,
    /// In which conversation.
    pub(crate) channel: Option<ChannelId>,
    /// Where the answer goes.
    pub(crate) reply: Option<ResponseUrl>,
    /// When, by the signed timestamp.
    pub(crate) at: Timestamp,
    /// The signature's fingerprint: the same bytes, the same request.
    pub(crate) fingerprint: String,
    /// Slack's id of the interaction, the same when a request comes again.
    pub(crate) trigger: Option<String>,
}

impl Asked {
    pub(super) fn dedupe(&self) -> Vec<String> {
        let trigger = self.trigger.iter().map(|id| format!("trigger#{id}"));
        std::iter::once(format!("signature#{}", self.fingerprint))
            .chain(trigger)
            .collect()
    }

    /// What makes a repeat of this very request's transaction the same one.
    pub(super) fn token(&self) -> String {
        self.fingerprint.chars().take(36).collect()
    }

    /// Who clicked, where.
    pub(super) fn by_click(signed: &Signed<Bytes>, click: &BlockActions) -> Self {
        Self {
            person: Person::home(&click.sender()),
            actor: click.sender().actor(),
            channel: click.channel_id.clone(),
            reply: click.response_url.clone(),
            at: signed.at(),
            fingerprint: signed.fingerprint().to_owned(),
            trigger: click.trigger_id.clone(),
        }
    }

    /// A deploy of this request: of the first application, and of whatever others it names.
    pub(crate) fn deploy(
        &self,
        (verb, allowed): (Verb, Authorized),
        also: Vec<(Verb, Authorized)>,
    ) -> Deploy {
        let mut deploy = Deploy::new(
            DeployId::derive(self.fingerprint.as_bytes()),
            verb,
            (allowed.application().clone(), allowed.environment().clone()),
            self.actor.clone(),
            self.at,
            Origin {
                channel: self.channel.clone(),
            },
        );
        let also = also.into_iter().map(|(verb, allowed)| Also {
            application: allowed.application().clone(),
            verb,
        });
        deploy.also = also.collect();
        deploy
    }

    /// From here on, the person is who was admitted: by the team that the actor names.
    pub(super) fn admitted(&mut self, actor: Actor) {
        if let Actor::Slack { team, user } = &actor {
            self.person = Person {
                team: team.clone(),
                user: user.clone(),
            };
        }
        self.actor = actor;
    }

    /// What this person says about a deploy with this request.
    pub(crate) fn says(&self, deploy: &DeployId, what: What) -> Extra {
        let said = Said {
            by: self.person.clone(),
            channel: self.channel.clone(),
            at: self.at,
            what,
        };
        Extra::Said {
            deploy: deploy.clone(),
            said,
        }
    }

    /// Who it is for whoever takes the request in.
    pub(super) fn asker(&self) -> Asker {
        Asker::Person(self.person.clone())
    }

    /// A job of this request.
    pub(crate) fn job(&self, task: Task) -> Job {
        Job {
            id: ReadId::derive(self.fingerprint.as_bytes()),
            task,
            requester: self.actor.clone(),
            channel: self.channel.clone(),
            requested_at: self.at,
        }
    }
}

impl Slash {
    pub(super) async fn on_command(
        &self,
        signed: &Signed<Bytes>,
        typed: &SlashCommand,
        progress: &Progress,
    ) -> Answer {
        let mut asked = Asked {
            person: Person::home(&typed.sender()),
            actor: typed.sender().actor(),
            channel: Some(typed.channel_id.clone()),
            reply: typed.response_url.clone(),
            at: signed.at(),
            fingerprint: signed.fingerprint().to_owned(),
            trigger: Some(typed.trigger_id.clone()),
        };
        let loaded = match self.settings.current(&self.store, self.now()).await {
            Ok(loaded) => loaded,
            Err(error) => return self.no_settings(&error, progress),
        };
        let admitted = typed.sender().admitted(&loaded.config, None);
        let obeyed = match admitted {
            Ok(actor) => {
                asked.admitted(actor);
                self.obey(&asked, typed, &loaded, progress).await
            }
            Err(stranger) => Err(stranger.into()),
        };
        match obeyed {
            Ok(answer) => answer,
            Err(no) => {
                tracing::info!(actor = %asked.actor, stage = no.stage(), "refused a command");
                let command = &loaded.config.slack().command;
                Answer::message(&card::sentence(no.said(command)))
            }
        }
    }

    async fn obey(
        &self,
        asked: &Asked,
        typed: &SlashCommand,
        loaded: &Loaded,
        progress: &Progress,
    ) -> Result<Answer, No> {
        let config = &loaded.config;
        let may = |action: &Action, app: &AppName, env: &EnvName| {
            let channel = asked.channel.as_ref();
            authorize(config, &asked.actor, action, app, env, channel).map_err(No::from)
        };
        let change = async |verb: Verb, allowed: Authorized, also: Vec<(Verb, Authorized)>| {
            let (app, env) = (allowed.application().clone(), allowed.environment().clone());
            progress.is_about(About::Target(app, env));
            let deploy = asked.deploy((verb, allowed), also);
            self.record_deploy(asked, deploy, Vec::new(), progress)
                .await
        };
        match Command::parse(&typed.text, &config.vocabulary())? {
            Command::Deploy {
                app,
                image,
                reference,
                also,
                env,
            } => {
                let allowed = may(&Action::Deploy, &app, &env)?;
                let also = also.into_iter().map(
                    |AppRef {
                         app,
                         image,
                         reference,
                     }| {
                        let allowed = may(&Action::Deploy, &app, &env)?;
                        Ok((Verb::Deploy { reference, image }, allowed))
                    },
                );
                let also = also.collect::<Result<_, No>>()?;
                Ok(change(Verb::Deploy { reference, image }, allowed, also).await)
            }
            Command::Rollback { app, env, to } => {
                let allowed = may(&Action::Rollback, &app, &env)?;
                Ok(change(Verb::rollback(to), allowed, Vec::new()).await)
            }
            Command::Restart { app, env } => {
                let allowed = may(&Action::Restart, &app, &env)?;
                Ok(change(Verb::Restart, allowed, Vec::new()).await)
            }
            Command::Cancel { app, env } => {
                cancel::request(self, asked, config, (&app, &env), progress).await
            }
            Command::Status { app, env } => {
                let task = Task::Status {
                    application: app,
                    environment: env,
                };
                let said = card::sentence(reply::reading());
                self.record_job(asked, task, Vec::new(), said, progress)
                    .await
            }
            Command::History { app, env } => {
                history::answer(self, app.as_ref(), env.as_ref(), progress).await
            }
            Command::Show { deploy } => show::answer(self, &deploy, progress).await,
            Command::Help { about } => {
                let command = &config.slack().command;
                Ok(Answer::message(&card::help(about, command)))
            }
        }
    }

    /// Records a deploy and hands it on.
    pub(crate) async fn record_deploy(
        &self,
        asked: &Asked,
        deploy: Deploy,
        extra: Vec<Extra>,
        progress: &Progress,
    ) -> Answer {
        let id = deploy.id.to_string();
        let accept = Accept {
            id: id.clone(),
            dedupe: asked.dedupe(),
            request: Some(Request::for_deploy(asked.asker(), &deploy)),
            reply: asked.reply.clone(),
            extra,
            token: id,
            at: asked.at,
        };
        match self.accept(&accept, progress).await {
            Ok(AcceptOutcome::Accepted) => {
                log::accepted(&deploy);
                Answer::message(&card::sentence(reply::accepted(&deploy)))
            }
            Ok(AcceptOutcome::Duplicate { id }) if id == deploy.id.as_str() => {
                // The very same request: it gets the very same answer.
                Answer::message(&card::sentence(reply::accepted(&deploy)))
            }
            Ok(_) => Answer::message(&card::sentence(reply::accepted_before(&deploy.id))),
            Err(answer) => answer,
        }
    }

    /// Records a job and hands it on.
    pub(crate) async fn record_job(
        &self,
        asked: &Asked,
        task: Task,
        extra: Vec<Extra>,
        said: Message,
        progress: &Progress,
    ) -> Result<Answer, No> {
        let job = asked.job(task);
        let id = job.id.to_string();
        let accept = Accept {
            id: id.clone(),
            dedupe: asked.dedupe(),
            request: Some(Request::for_job(asked.asker(), &job)),
            reply: asked.reply.clone(),
            extra,
            token: id,
            at: asked.at,
        };
        match self.accept(&accept, progress).await {
            Ok(AcceptOutcome::Accepted | AcceptOutcome::Duplicate { .. }) => {
                Ok(Answer::message(&said))
            }
            Ok(AcceptOutcome::SaidBefore(Some(before))) => {
                Err(said_before(&before, nudged(&job.task)))
            }
            Ok(_) => Err(Refusal::ButtonStale {
                id: nudged(&job.task),
            }
            .into()),
            Err(answer) => Ok(answer),
        }
    }

    /// Records, then starts the execution. Whatever fails after the record is in the table is made
    /// good by the sweeper, and the reply says so.
    pub(super) async fn accept(
        &self,
        accept: &Accept,
        progress: &Progress,
    ) -> Result<AcceptOutcome, Answer> {
        progress.reach(Reached::Unknown);
        let outcome = match self.store.accept(accept).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(%error, "an accepted request could not be recorded for certain");
                if error.wrote_nothing() {
                    progress.reach(Reached::Nothing);
                }
                return Err(progress.late(&self.command_name()));
            }
        };
        let started = match (&outcome, &accept.request) {
            (AcceptOutcome::Accepted, Some(_)) => Some(accept.id.as_str()),
            // The same bytes once more: whoever was first may have died before handing on.
            (AcceptOutcome::Duplicate { id }, _) => Some(id.as_str()),
            _ => None,
        };
        if let Some(id) = started {
            progress.reach(Reached::Recorded);
            if let Err(error) = self.machine.start(id, id).await {
                tracing::error!(id, %error, "a recorded request could not be handed on; the sweeper will");
                return Err(progress.late(&self.command_name()));
            }
        }
        Ok(outcome)
    }
}

impl Slash {
    /// The table could not be read: nothing was done, and the person may try again.
    pub(crate) fn could_not_read(&self, error: &StoreError, progress: &Progress) -> Answer {
        tracing::error!(%error, "the table could not be read for a reply");
        progress.late(&self.command_name())
    }

    /// The reply when there is no configuration to act on.
    pub(super) fn no_settings(&self, error: &NoSettings, progress: &Progress) -> Answer {
        tracing::error!(%error, "there is no configuration to act on");
        let refusal = match error {
            NoSettings::NotPushed => Refusal::NoConfiguration,
            NoSettings::Unusable { .. } => Refusal::UnreadableConfiguration,
            NoSettings::Store(_) => Refusal::Unavailable,
        };
        progress.failed(&card::refused(&refusal, &self.command_name()))
    }
}

/// The deploy a job is about; a job about none never meets a record of one in its way.
fn nudged(task: &Task) -> DeployId {
    let about = task.deploy().cloned();
    about.unwrap_or_else(|| DeployId::derive(b""))
}

/// That the same person has said the like of this deploy before.
pub(super) fn said_before(before: &Said, id: DeployId) -> No {
    let (by, at) = (before.by.actor(), before.at);
    match before.what {
        What::Answer { choice, .. } => Refusal::Answered { choice, by, at },
        What::Stop => Refusal::CancelledBefore { id, by, at },
    }
    .into()
}
