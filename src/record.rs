//! The deploy record: everything one deploy is, from what was asked to its verdict.
//!
//! Pure data with the transitions that keep it honest: a verdict is written once and never
//! changes. What happens to a record is decided in [`crate::waiter`] and the verbs; how it is
//! stored is [`crate::aws::dynamodb`]'s business; how it looks is [`crate::card`]'s.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::{Actor, AppName, ChannelId, DeployId, EnvName, Ref};
use crate::plan::Plan;
pub use crate::rollout::Counts;

/// The version of the record's layout. A newer function reads the older layouts it lists, so that
/// deploys in flight survive an upgrade.
pub const SCHEMA: u32 = 1;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Verb {
    /// Bring this ref (the default branch's head when `None`) to the environment.
    Deploy {
        /// What the person typed after the colon.
        reference: Option<Ref>,
    },
    /// Go back to an earlier deploy, exactly as it ran then.
    Rollback {
        /// Which one; the newest that succeeded and is not live when `None`.
        to: Option<DeployId>,
    },
    /// Replace the running tasks by new ones of the same revision.
    Restart,
}

/// Where a deploy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Accepted; nothing looked up yet.
    Requested,
    /// The plan is made; consent is next, or the start.
    Planned,
    /// Waiting for consent.
    Asking,
    /// Taking the leases and registering task definitions.
    Starting,
    /// ECS is rolling out.
    Rolling,
    /// Past its deadline and still rolling: watched more slowly, never ended.
    Overdue,
    /// It has its verdict.
    Ended,
}

/// How a deploy ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What was asked for runs.
    Succeeded,
    /// ECS (or Longshore, for services that were already out) went back.
    RolledBack,
    /// It did not work, and nothing says that the old revision is back everywhere.
    Failed,
    /// A person stopped it.
    Cancelled,
    /// The plan could not be made, or a rule said no.
    Refused,
    /// Nobody consented in time.
    Expired,
    /// A rollout that is not ours took over.
    Superseded,
    /// A newer request took its place.
    Replaced,
    /// A person gave up watching.
    Abandoned,
}

impl Verdict {
    /// Every verdict, for tables and metrics.
    pub const ALL: [Self; 9] = [
        Self::Succeeded,
        Self::RolledBack,
        Self::Failed,
        Self::Cancelled,
        Self::Refused,
        Self::Expired,
        Self::Superseded,
        Self::Replaced,
        Self::Abandoned,
    ];

    /// The name in records, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::RolledBack => "RolledBack",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Refused => "Refused",
            Self::Expired => "Expired",
            Self::Superseded => "Superseded",
            Self::Replaced => "Replaced",
            Self::Abandoned => "Abandoned",
        }
    }
}

/// The end of a deploy, written once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// How.
    pub verdict: Verdict,
    /// When.
    pub at: Timestamp,
    /// Why, as a sentence for people: plain text, not yet escaped. Empty where the verdict says it all.
    pub why: String,
}

/// Where the conversation takes place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The channel of the command; `None` for an operator at a terminal.
    pub channel: Option<ChannelId>,
}

/// The question put to people, and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Opaque, in the buttons; a plan that went stale gets a new one.
    pub nonce: String,
    /// The hash of the plan that was shown: consent is bound to it.
    pub plan_hash: String,
    /// The how-manieth question of this deploy it is, from 1.
    pub number: u32,
    /// When it was put.
    pub asked_at: Timestamp,
    /// When it lapses, by the stored time.
    pub expires_at: Timestamp,
    /// Whether the card that asks has been posted.
    pub shown: bool,
    /// Who consented, once the step has seen it.
    pub consented_by: Option<Actor>,
}

/// What a click on the question's buttons said. The first answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Go ahead with exactly this plan.
    Confirm,
    /// Do not.
    Decline,
}

/// A recorded click, its own item beside the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which question.
    pub nonce: String,
    /// What was chosen.
    pub choice: Choice,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Someone's wish that a deploy stop, its own item beside the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Where one service of a deploy is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServicePhase {
    /// Not touched yet.
    Waiting,
    /// The update may have been sent; ECS has not shown our rollout yet.
    Starting {
        /// When this deploy set out to update the service.
        since: Timestamp,
        /// When the update was last sent, written down before it is: its answer may be lost, and
        /// ECS may take a while to show the rollout.
        sent: Option<Timestamp>,
        /// The service deployments ECS knew before: none of these is ours.
        before: Vec<String>,
    },
    /// Our rollout is in flight.
    Rolling {
        /// When the update was sent.
        since: Timestamp,
        /// The service deployment's ARN.
        rollout: String,
        /// The service deployments ECS knew before.
        before: Vec<String>,
    },
    /// Our rollout is SUCCESSFUL with our revision and the accepted digest.
    Succeeded {
        /// The service deployment's ARN.
        rollout: String,
        /// The desired count was 0: nothing runs.
        no_tasks: bool,
    },
    /// Our rollout ended otherwise, or never began.
    Unsuccessful {
        /// What ended it.
        ending: ServiceEnding,
        /// ECS's words, or ours.
        reason: String,
    },
    /// It had succeeded, another service failed, and it is being taken back.
    GoingBack {
        /// When the way back was set out on.
        since: Timestamp,
        /// When the update was last sent, as for [`Self::Starting`].
        sent: Option<Timestamp>,
        /// The service deployments ECS knew before.
        before: Vec<String>,
        /// The service deployment of the way back, once visible.
        rollout: Option<String>,
    },
    /// It is back on the revision it had before.
    WentBack,
    /// Taking it back did not work.
    StuckHalfway {
        /// Why.
        reason: String,
    },
}

/// How one service's rollout ended when it did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceEnding {
    /// ECS rolled it back by itself (circuit breaker, alarm).
    RolledBack,
    /// A person asked for it to go back, and it did.
    Stopped,
    /// It failed and the old revision is not back by ECS's doing.
    Failed,
    /// A foreign rollout replaced it.
    Superseded,
    /// ECS refused the update: nothing was changed.
    NotStarted,
}

impl ServicePhase {
    /// Whether nothing more will happen to this service.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Succeeded { .. }
            | Self::Unsuccessful { .. }
            | Self::WentBack
            | Self::StuckHalfway { .. } => true,
            Self::Waiting
            | Self::Starting { .. }
            | Self::Rolling { .. }
            | Self::GoingBack { .. } => false,
        }
    }
}

/// What explains a failure, in plain text as gathered; escaped where it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What happened to the tasks: stop code, exit code and its meaning, ECS's reason.
    pub what: Vec<String>,
    /// The likely cause and what to do, for the common ones.
    pub cause: Option<String>,
    /// The last lines the failing container wrote, where the environment allows logs in Slack.
    pub log_lines: Vec<String>,
    /// Where to look on, an https URL of the console.
    pub link: Option<String>,
}

/// One service of a deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceState {
    /// The ECS service's name.
    pub service: String,
    /// The fence of the lease held on it, once held.
    pub fence: Option<u64>,
    /// The task definition's ARN that this deploy rolls out, once known.
    pub revision: Option<String>,
    /// Where it is.
    pub phase: ServicePhase,
    /// Counts for the card.
    pub counts: Counts,
    /// What explains a failure, gathered while it exists.
    pub evidence: Option<Evidence>,
    /// Whether the family's newest revision has been made a good one again.
    pub head_restored: bool,
    /// Whether we asked ECS to stop this rollout.
    pub stop_sent: bool,
}

impl ServiceState {
    /// A service nobody has touched.
    pub fn new(service: &str) -> Self {
        Self {
            service: service.to_owned(),
            fence: None,
            revision: None,
            phase: ServicePhase::Waiting,
            counts: Counts::default(),
            evidence: None,
            head_restored: false,
            stop_sent: false,
        }
    }
}

/// One thing people are told, and how far the telling got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// Not yet.
    #[default]
    Due,
    /// It was tried and may have arrived; to be tried again.
    Tried {
        /// How often.
        attempts: u32,
        /// Not before.
        again_at: Timestamp,
    },
    /// It arrived.
    Told {
        /// By which way.
        way: Way,
    },
    /// No way was left.
    Undeliverable,
}

impl Telling {
    /// Whether nothing more will be tried.
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Told { .. } | Self::Undeliverable => true,
            Self::Due | Self::Tried { .. } => false,
        }
    }
}

/// A way by which people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The card was edited, and its thread answered where that mattered.
    Card,
    /// A `response_url`.
    ResponseUrl,
    /// A new post in the channel.
    Channel,
    /// A direct message.
    Direct,
    /// A terminal follows the record itself.
    Terminal,
}

/// What people have been told so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The card's place, where a bot token posts it.
    pub card: Option<CardPlace>,
    /// When the card was last edited.
    pub edited_at: Option<Timestamp>,
    /// The fingerprint of what the card last showed.
    pub shown: Option<String>,
    /// That it started.
    pub start: Telling,
    /// That it is overdue.
    pub overdue: Telling,
    /// That the reply address runs out ("Keep me posted").
    pub lapse: Telling,
    /// The verdict.
    pub verdict: Telling,
}

/// Where a card is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardPlace {
    /// The channel.
    pub channel: ChannelId,
    /// The message's timestamp, Slack's name for it.
    pub ts: String,
}

/// A step's exclusive turn at the record: one step acts at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The invocation that has it.
    pub by: String,
    /// When it lapses, so that a killed step holds nobody up for long.
    pub until: Timestamp,
}

/// One request and everything that happens to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deploy {
    /// [`SCHEMA`] when it was written.
    pub schema: u32,
    /// Its short, typeable id.
    pub id: DeployId,
    /// What was asked.
    #[serde(flatten)]
    pub verb: Verb,
    /// Of which application.
    pub application: AppName,
    /// Where.
    pub environment: EnvName,
    /// By whom.
    pub requester: Actor,
    /// When, by the request's own timestamp.
    pub requested_at: Timestamp,
    /// Where to answer.
    pub origin: Origin,
    /// Where it is.
    pub phase: Phase,
    /// What it would do, once computed.
    pub plan: Option<Plan>,
    /// The question, where consent is needed.
    pub ask: Option<Ask>,
    /// Its services, in order.
    pub services: Vec<ServiceState>,
    /// Who wanted it stopped, once a step has seen it.
    pub cancel: Option<Cancel>,
    /// When the first service was set out on.
    pub started_at: Option<Timestamp>,
    /// When it counts as overdue.
    pub deadline: Option<Timestamp>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// What people know.
    pub told: Told,
    /// How many executions have been started beyond the first.
    pub resumes: u32,
    /// Steps taken in the current execution, so that it is continued before its history is full.
    pub steps: u32,
    /// How often the plan went stale before the start.
    pub replans: u32,
    /// Whose turn it is.
    pub turn: Option<Turn>,
}

impl Deploy {
    /// A deploy that has just been asked for.
    pub fn new(
        id: DeployId,
        verb: Verb,
        (application, environment): (AppName, EnvName),
        requester: Actor,
        requested_at: Timestamp,
        origin: Origin,
    ) -> Self {
        Self {
            schema: SCHEMA,
            id,
            verb,
            application,
            environment,
            requester,
            requested_at,
            origin,
            phase: Phase::Requested,
            plan: None,
            ask: None,
            services: Vec::new(),
            cancel: None,
            started_at: None,
            deadline: None,
            ending: None,
            told: Told::default(),
            resumes: 0,
            steps: 0,
            replans: 0,
            turn: None,
        }
    }

    /// Gives the deploy its verdict. The first one stands: a second call changes nothing.
    pub fn end(&mut self, verdict: Verdict, at: Timestamp, why: impl Into<String>) {
        if self.ending.is_none() {
            self.ending = Some(Ending {
                verdict,
                at,
                why: why.into(),
            });
            self.phase = Phase::Ended;
        }
    }

    /// Whether it has its verdict.
    pub fn verdict(&self) -> Option<Verdict> {
        self.ending.as_ref().map(|ending| ending.verdict)
    }

    /// Whether nothing more is to be done: the verdict stands, and people know or cannot be reached.
    pub fn is_closed(&self) -> bool {
        self.ending.is_some() && self.told.verdict.is_settled()
    }

    /// Whether anything of this deploy may have reached ECS.
    pub fn has_started(&self) -> bool {
        self.services.iter().any(|service| match service.phase {
            ServicePhase::Waiting => false,
            ServicePhase::Unsuccessful { ending, .. } => ending != ServiceEnding::NotStarted,
            ServicePhase::Starting { .. }
            | ServicePhase::Rolling { .. }
            | ServicePhase::Succeeded { .. }
            | ServicePhase::GoingBack { .. }
            | ServicePhase::WentBack
            | ServicePhase::StuckHalfway { .. } => true,
        })
    }

    /// From the first service set out on to the verdict, or to `now`.
    pub fn elapsed(&self, now: Timestamp) -> Duration {
        let end = self.ending.as_ref().map_or(now, |ending| ending.at);
        let start = self.started_at.unwrap_or(self.requested_at);
        Duration::try_from(end.duration_since(start)).unwrap_or_default()
    }
}

/// What the history keeps of an ended deploy, and what a rollback goes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The deploy; `None` for the baseline found running when the application was first seen.
    pub id: Option<DeployId>,
    /// What was asked; `None` for the baseline.
    pub verb: Option<Verb>,
    /// Of which application.
    pub application: AppName,
    /// Where.
    pub environment: EnvName,
    /// Who asked.
    pub requester: Actor,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// How it ended; `None` while it is open.
    pub verdict: Option<Verdict>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What people call what ran: tag, branch or short commit.
    pub label: String,
    /// The digest that ran, by container; empty where nothing was planned.
    pub digests: Vec<(String, String)>,
    /// The commit, where it is known.
    pub commit: Option<String>,
    /// Service → task definition ARN that ran.
    pub revisions: Vec<(String, String)>,
    /// Why it ended so.
    pub why: String,
}
