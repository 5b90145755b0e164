//! What a step works with: the clients, the deploy in hand, what stops a step and what follows it.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_async::time::SharedTimeSource;
use jiff::Timestamp;
use serde::Serialize;

use super::directory::Directory;
use super::event::UnknownEvent;
use super::notify::Notifier;
use super::reach::{Accounts, Destination, Reach};
use super::tokens::Token;
use crate::aws::dynamodb::{Dossier, SaveOutcome, Store, StoreError};
use crate::aws::sfn::Machine;
use crate::aws::sts::OnBehalf;
use crate::aws::{Aws, AwsError};
use crate::config::GithubAccess;
use crate::github::{Conversation, GitHub, GitHubError, Installations, KnownRepositories, Memory};
use crate::hearing::request::BadRequest;
use crate::http::Http;
use crate::names::Actor;
use crate::plan::Plan;
use crate::policy::Denied;
use crate::record::Deploy;
use crate::settings::{NoSettings, Settings};
use crate::slack::client::SlackClient;
use crate::telemetry::Metrics;

/// What the state machine does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Next {
    next: NextKind,
    seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum NextKind {
    Wait,
    Ask,
    Done,
}

impl Next {
    /// Come back after so long.
    pub fn wait(after: Duration) -> Self {
        Self {
            next: NextKind::Wait,
            seconds: after.as_secs().max(1),
        }
    }

    /// How long the execution rests.
    pub(super) fn rest(self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Wait for an answer, by task token.
    pub(crate) const ASK: Self = Self {
        next: NextKind::Ask,
        seconds: 0,
    };

    /// This execution is over.
    pub const DONE: Self = Self {
        next: NextKind::Done,
        seconds: 0,
    };
}

/// What stops a step. The state machine tries the step again; nothing is lost, because everything
/// that was done is written down or can be read from ECS.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The table.
    #[error("the table: {0}")]
    Store(#[from] StoreError),
    /// Any other AWS call.
    #[error("{0}")]
    Aws(#[from] AwsError),
    /// GitHub.
    #[error("{0}")]
    GitHub(#[from] GitHubError),
    /// No configuration to go by.
    #[error("{0}")]
    Settings(#[from] NoSettings),
    /// The execution that waits for an answer could not be woken. It goes on at once: failing is the
    /// other way out of waiting.
    #[error("{0}")]
    Asleep(AwsError),
    /// Whether somebody may do it is not known.
    #[error("{0}")]
    NotKnown(Box<Denied>),
    /// What has to be announced is put off by Slack.
    #[error("an announcement is put off")]
    Unannounced,
    /// Another step wrote to the record: this one must not go on with what it read.
    #[error("another step has overtaken this one")]
    Overtaken,
    /// A request cannot be read yet.
    #[error("a request: {0}")]
    Request(#[from] BadRequest),
    /// The event is none of those the waiter is called with.
    #[error("{0}")]
    Event(#[from] UnknownEvent),
}

impl From<StepError> for lambda_runtime::Diagnostic {
    fn from(error: StepError) -> Self {
        Self {
            error_type: error.name().to_owned(),
            error_message: error.to_string(),
        }
    }
}

impl StepError {
    /// The name of what the state machine is to try again, in its `ErrorEquals`.
    pub const TRANSIENT: &'static str = "Transient";

    /// The name that the state machine sees.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Asleep(_) => "Asleep",
            Self::Store(_)
            | Self::Aws(_)
            | Self::GitHub(_)
            | Self::Settings(_)
            | Self::NotKnown(_)
            | Self::Unannounced
            | Self::Overtaken
            | Self::Request(_)
            | Self::Event(_) => Self::TRANSIENT,
        }
    }
}

/// What a waiter is made of.
#[derive(Debug)]
pub struct Clients {
    /// The waiter's own AWS.
    pub aws: Aws,
    /// The table.
    pub store: Store,
    /// The state machine.
    pub machine: Machine,
    /// Slack and GitHub.
    pub http: Http,
    /// The parameter that may hold the bot token.
    pub bot_token: String,
    /// The parameter that may hold the GitHub token.
    pub github_token: String,
    /// What the deploy roles ask for.
    pub external_id: String,
    /// Where metrics go.
    pub metrics: Metrics,
    /// The clock.
    pub clock: SharedTimeSource,
}

/// The waiter, built once.
#[derive(Debug)]
pub struct Waiter {
    /// The table.
    pub(crate) store: Store,
    /// The state machine.
    pub(crate) machine: Machine,
    /// The way into each environment's account.
    pub(crate) accounts: Accounts,
    /// How people are told.
    pub(crate) notifier: Notifier,
    /// The configuration.
    pub(crate) settings: Arc<Settings>,
    /// Who people are.
    pub(super) directory: Directory,
    /// Where metrics go.
    pub(super) metrics: Metrics,
    http: Http,
    github_token: Token,
    github_said: Arc<Memory>,
    github_installations: Arc<Installations>,
    clock: SharedTimeSource,
}

impl Waiter {
    /// A waiter over these clients.
    pub fn new(clients: Clients) -> Self {
        let parameters = clients.aws.parameters();
        let bot_token = Arc::new(Token::new(parameters.clone(), clients.bot_token));
        let slack = SlackClient::new(clients.http.clone(), clients.clock.clone());
        let settings = Arc::<Settings>::default();
        Self {
            directory: Directory::new(slack.clone(), Arc::clone(&bot_token), &clients.metrics),
            notifier: Notifier::new(slack, bot_token, Arc::clone(&settings), &clients.metrics),
            metrics: clients.metrics,
            accounts: Accounts::new(clients.aws, clients.external_id),
            github_token: Token::new(parameters, clients.github_token),
            github_said: Arc::default(),
            github_installations: Arc::default(),
            store: clients.store,
            machine: clients.machine,
            settings,
            http: clients.http,
            clock: clients.clock,
        }
    }

    /// What everything else is asked through.
    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// GitHub as it is configured, with the token or the key there is and what it said before.
    pub(crate) async fn github(
        &self,
        conversation: &Conversation,
        configured: &GithubAccess,
    ) -> GitHub {
        let now = self.now();
        let known = || async {
            let seen = self.store.repositories().await;
            seen.map_or_else(
                |error| {
                    tracing::error!(%error, "what repositories are known by cannot be read");
                    KnownRepositories::Unread
                },
                KnownRepositories::Read,
            )
        };
        let (token, known) = tokio::join!(self.github_token.get(now), conversation.known(known));
        GitHub::new(self.http.clone(), token)
            .configured(configured, &self.github_installations, now)
            .within(conversation.clone())
            .knowing(known)
            .remembering(Arc::clone(&self.github_said))
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::try_from(self.clock.now()).unwrap_or(Timestamp::MAX)
    }

    /// Writes the record down as it stands in hand.
    pub(crate) async fn write(&self, hand: &mut InHand) -> Result<(), StepError> {
        match self.store.save(&hand.deploy, hand.rev).await? {
            SaveOutcome::Saved(rev) => {
                hand.rev = rev;
                Ok(())
            }
            SaveOutcome::Lost => Err(StepError::Overtaken),
        }
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

    /// The way into the account that a plan was made for.
    pub(crate) async fn reach(&self, deploy: &Deploy, plan: &Plan) -> Result<Reach, AwsError> {
        let place = Destination {
            role_arn: &plan.role_arn,
            region: &plan.region,
            cluster: &plan.cluster,
        };
        let behalf = OnBehalf {
            deploy: deploy.id.as_str(),
            actor: &deploy.requester,
        };
        self.accounts.open(place, behalf).await
    }
}

/// A deploy in the hands of the step whose turn it is.
#[derive(Debug)]
pub(crate) struct InHand {
    /// The record as this step changes it.
    pub(crate) deploy: Deploy,
    /// Everything beside it, as read when the turn began.
    pub(crate) dossier: Dossier,
    /// The record's `rev` in the table.
    pub(crate) rev: u64,
    /// When the step began.
    pub(crate) now: Timestamp,
    /// Who gives it up with this step, if ECS shows no rollout of it.
    pub(crate) abandon: Option<Actor>,
}

/// Who has a step taken.
#[derive(Clone, Copy, Debug)]
pub(super) enum By<'a> {
    /// The execution of that name, which will take the next one too.
    Execution(&'a str),
    /// The sweeper, because that execution is late.
    Sweeper,
    /// Something that happened meanwhile: an event of ECS's, a click. The execution does not know.
    Event,
}

/// The name of the execution that drives a deploy now.
pub(super) fn execution_name(deploy: &Deploy) -> String {
    match deploy.resumes {
        0 => deploy.id.to_string(),
        n => format!("{}-{n}", deploy.id),
    }
}
