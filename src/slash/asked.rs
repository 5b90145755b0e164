//! What every verb of the public function works with: the clients, who asks, with which configuration,
//! how far the request has got; and the one place where something is accepted and handed on.

use std::fmt::Display;

use aws_smithy_async::time::SharedTimeSource;
use bytes::Bytes;
use jiff::Timestamp;

use super::door::Answer;
use super::no::No;
use super::progress::{Progress, Reached};
use super::secrets::SigningSecrets;
use crate::aws::dynamodb::{Accept, AcceptOutcome, Extra, Store, StoreError};
use crate::aws::sfn::Machine;
use crate::hearing::request::{Asker, Person, Request};
use crate::hearing::{self, Said, What};
use crate::names::{Actor, AppName, ChannelId, DeployId, EnvName, ReadId};
use crate::policy::{Action, Authorized, Policy, authorize};
use crate::record::TurnedDown;
use crate::record::job::{Job, Task};
use crate::record::{Deploy, Mention, Origin, Refused};
use crate::request::{AskedOf, Verb};
use crate::settings::{Loaded, NoSettings, Settings};
use crate::slack::payload::BlockActions;
use crate::slack::response_url::ResponseUrl;
use crate::slack::signature::Signed;
use crate::slack::text::Mrkdwn;
use crate::telemetry::Metrics;
use crate::{card, reply, telemetry};

/// The public function's clients, built once.
#[derive(Debug)]
pub struct Slash {
    /// The table.
    pub(crate) store: Store,
    /// The state machine.
    pub(crate) machine: Machine,
    /// The signing secrets.
    pub(crate) secrets: SigningSecrets,
    /// The configuration.
    pub(crate) settings: Settings,
    /// Where metrics go.
    pub(super) metrics: Metrics,
    /// The clock.
    pub(crate) clock: SharedTimeSource,
}

impl Slash {
    /// The public function over these clients.
    pub fn new(
        store: Store,
        machine: Machine,
        secrets: SigningSecrets,
        metrics: Metrics,
        clock: SharedTimeSource,
    ) -> Self {
        Self {
            store,
            machine,
            secrets,
            settings: Settings::default(),
            metrics,
            clock,
        }
    }

    /// The slash command's own name, as far as the configuration has been seen.
    pub(crate) fn command_name(&self) -> String {
        self.settings.command_name()
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::try_from(self.clock.now()).unwrap_or(Timestamp::MAX)
    }

    /// The table could not be read: nothing was done, and the person may try again.
    pub(crate) fn could_not_read(&self, error: &StoreError, progress: &Progress) -> Answer {
        tracing::error!(%error, "the table could not be read for a reply");
        progress.late(&self.command_name())
    }

    /// The reply when there is no configuration to act on.
    pub(super) fn no_settings(&self, error: &NoSettings, progress: &Progress) -> Answer {
        tracing::error!(%error, "there is no configuration to act on");
        let refusal = match error {
            NoSettings::NotPushed => Refused::NoConfiguration,
            NoSettings::Unusable { .. } => Refused::UnreadableConfiguration,
            NoSettings::Store(_) => Refused::Unavailable,
        };
        let said = card::refused(&refusal.into(), &self.command_name(), &[]);
        progress.failed(&said)
    }
}

/// Who asks, where, and what makes the request unique: everything a verb needs of it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Who, by the ids that the signature covered.
    pub(crate) person: Person,
    /// The same, as whoever acts.
    pub(crate) actor: Actor,
    /// In which conversation.
    pub(crate) channel: Option<ChannelId>,
    /// The message to the bot that asks, which is answered by the waiter alone.
    pub(crate) mention: Option<Mention>,
    /// Where the answer goes.
    pub(crate) reply: Option<ResponseUrl>,
    /// When, by the signed timestamp.
    pub(crate) at: Timestamp,
    /// The signature's fingerprint: the same bytes, the same request.
    pub(crate) fingerprint: String,
    /// Slack's id of the interaction or of the event, the same when a request comes again.
    pub(crate) trigger: Option<String>,
}

impl Asked {
    pub(super) fn dedupe(&self) -> Vec<String> {
        let kind = match &self.mention {
            Some(_) => "event",
            None => "trigger",
        };
        let trigger = self.trigger.iter().map(|id| format!("{kind}#{id}"));
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
            mention: None,
            reply: click.response_url.clone(),
            at: signed.at(),
            fingerprint: signed.fingerprint().to_owned(),
            trigger: click.trigger_id.clone(),
        }
    }

    /// A deploy of this request: of the first application, and of whatever others it names.
    pub(crate) fn deploy(
        &self,
        verb: Verb,
        allowed: &Authorized,
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
                mention: self.mention.clone(),
            },
        );
        let also = also.into_iter().map(|(verb, allowed)| AskedOf {
            application: allowed.application().clone(),
            verb,
        });
        deploy.asked.extend(also);
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

    /// Something new that is asked for, with what else is written.
    pub(crate) fn accept(&self, id: impl Display, request: Request, extra: Vec<Extra>) -> Accept {
        Accept {
            dedupe: self.dedupe(),
            reply: self.reply.clone(),
            extra,
            ..Accept::new(id.to_string(), Some(request), self.at)
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
            mention: self.mention.clone().map(Box::new),
            requested_at: self.at,
        }
    }
}

/// One request in hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit<'a> {
    /// The clients.
    pub(super) slash: &'a Slash,
    /// Who asks, once admitted.
    pub(super) asked: &'a Asked,
    /// The configuration.
    pub(super) loaded: &'a Loaded,
    /// How far it has got.
    pub(super) progress: &'a Progress,
}

impl<'a> Visit<'a> {
    /// What rights are judged by.
    pub(super) fn policy(&self) -> Policy<'a> {
        self.loaded.policy(self.slash.now())
    }

    /// Holds an action on a deploy against the policy: the asker needs the right for each application.
    pub(super) fn may(&self, action: &Action, deploy: &Deploy) -> Result<(), No> {
        let (actor, channel) = (&self.asked.actor, self.asked.channel.as_ref());
        hearing::may(self.policy(), actor, channel, action, deploy)?;
        Ok(())
    }

    pub(super) fn may_one(
        &self,
        action: &Action,
        application: &AppName,
        environment: &EnvName,
    ) -> Result<Authorized, No> {
        let (actor, channel) = (&self.asked.actor, self.asked.channel.as_ref());
        let policy = self.policy();
        let allowed = authorize(policy, actor, action, application, environment, channel);
        Ok(allowed?)
    }

    /// The reply to what was recorded and handed on: nothing, because the waiter's answer follows and is the
    /// only message. Where it has no address to answer to, this reply is.
    fn handed_on(&self, words: Mrkdwn) -> Answer {
        match (&self.asked.reply, &self.asked.mention) {
            (Some(_), _) | (_, Some(_)) => Answer::empty(),
            (None, None) => Answer::message(card::sentence(words)),
        }
    }

    /// Records a deploy and hands it on.
    pub(crate) async fn record_deploy(&self, deploy: Deploy) -> Answer {
        let request = Request::for_deploy(self.asked.asker(), &deploy);
        let accept = self.asked.accept(&deploy.id, request, Vec::new());
        match self.accept(&accept).await {
            Ok(AcceptOutcome::Accepted) => {
                telemetry::accepted(&deploy);
                self.handed_on(reply::accepted(&deploy))
            }
            Ok(AcceptOutcome::Duplicate { id }) if id == deploy.id.as_str() => {
                // The very same request: it gets the very same answer.
                self.handed_on(reply::accepted(&deploy))
            }
            Ok(_) => Answer::message(card::sentence(reply::accepted_before(&deploy.id))),
            Err(answer) => answer,
        }
    }

    /// Records a job and hands it on.
    pub(crate) async fn record_job(&self, task: Task, extra: Vec<Extra>) -> Result<Answer, No> {
        let job = self.asked.job(task);
        let request = Request::for_job(self.asked.asker(), &job);
        let accept = self.asked.accept(&job.id, request, extra);
        match self.accept(&accept).await {
            Ok(AcceptOutcome::Accepted | AcceptOutcome::Duplicate { .. }) => {
                // An address takes five messages, and that answer may need them all; a reply is none of them.
                Ok(match self.loaded.is_long(&job.task) {
                    true => Answer::message(card::sentence(reply::status::asks_about_much())),
                    false => self.handed_on(reply::takes_long()),
                })
            }
            Ok(AcceptOutcome::SaidBefore(Some(before))) => {
                Err(said_before(&before, nudged(&job.task)))
            }
            Ok(_) => Err(TurnedDown::ButtonStale {
                id: nudged(&job.task),
            }
            .into()),
            Err(answer) => Ok(answer),
        }
    }

    /// Records, then starts the execution. Whatever fails after the record is in the table is made
    /// good by the sweeper, and the reply says so.
    pub(super) async fn accept(&self, accept: &Accept) -> Result<AcceptOutcome, Answer> {
        self.progress.reach(Reached::Unknown);
        let outcome = match self.slash.store.accept(accept).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(%error, "an accepted request could not be recorded for certain");
                if error.wrote_nothing() {
                    self.progress.reach(Reached::Nothing);
                }
                return Err(self.progress.late(&self.slash.command_name()));
            }
        };
        let started = match (&outcome, &accept.request) {
            (AcceptOutcome::Accepted, Some(_)) => Some(accept.id.as_str()),
            // The same bytes once more: whoever was first may have died before handing on.
            (AcceptOutcome::Duplicate { id }, _) => Some(id.as_str()),
            _ => None,
        };
        if let Some(id) = started {
            self.progress.reach(Reached::Recorded);
            if let Err(error) = self.slash.machine.start(id, id).await {
                tracing::error!(id, %error, "a recorded request could not be handed on; the sweeper will");
                return Err(self.progress.late(&self.slash.command_name()));
            }
        }
        Ok(outcome)
    }

    /// Accepts the deploy that a message's button asks for, which works once.
    pub(super) async fn accept_once(&self, deploy: Deploy, nonce: String) -> Result<Answer, No> {
        let extra = vec![Extra::Button {
            nonce,
            by: self.asked.actor.clone(),
        }];
        let request = Request::for_deploy(self.asked.asker(), &deploy);
        let accept = self.asked.accept(&deploy.id, request, extra);
        match self.accept(&accept).await {
            Ok(AcceptOutcome::Accepted) => {
                telemetry::accepted(&deploy);
                Ok(Answer::empty())
            }
            Ok(AcceptOutcome::ButtonUsed { id, by }) => {
                let id = id.parse().unwrap_or(deploy.id);
                Err(TurnedDown::ButtonUsed { id, by }.into())
            }
            Ok(_) => Ok(Answer::empty()),
            Err(answer) => Ok(answer),
        }
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
        What::Answer { choice, .. } => TurnedDown::Answered { choice, by, at },
        What::Stop => TurnedDown::CancelledBefore { id, by, at },
    }
    .into()
}
