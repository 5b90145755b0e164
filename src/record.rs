//! The deploy record: everything one deploy is, from what was asked to its verdict.
//!
//! Pure data with the transitions that keep it honest: a verdict is written once and never
//! changes. What happens to a record is decided in [`crate::waiter`] and the verbs; how it is
//! stored is [`crate::aws::dynamodb`]'s business; how it looks is [`crate::card`]'s.

mod ask;
mod asked;
mod head;
mod instead;
pub mod job;
pub mod lease;
mod log_read;
mod mention;
mod met;
mod notice;
mod one_off;
mod open;
mod past;
mod pause;
mod plea;
mod published;
mod refused;
mod right_change;
mod right_refused;
mod schedule;
mod service;
mod stop;
mod told;
mod tries;
mod turn;
mod turned_down;
mod why;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use vec1::{Vec1, vec1};

pub use self::ask::{Ask, Choice, Occasion, Vote, What};
pub use self::head::Head;
pub use self::instead::Instead;
pub use self::log_read::LogRead;
pub use self::mention::Mention;
pub use self::met::{Met, MetKind};
pub use self::notice::{Blind, Notice, NoticeOf, Silent, Waiting};
pub use self::one_off::{OneOffPhase, OneOffState, TaskStop};
pub use self::open::{Doing, Open, StillOpen};
pub use self::past::{Copied, Outside, Past, PastCommits, Pin};
pub use self::pause::{Pause, PauseEnd, follow};
pub use self::plea::{Allowed, LastDay, Leave, Plea, PleaPut};
pub use self::published::{Published, Unwritten};
pub use self::refused::{NoBack, NoImage, NoPlatform, NoSchedule, NoWayBack, Refused};
pub use self::right_change::{ChangedRight, RightChange, RightKey, RightWish};
pub use self::right_refused::{PlanMoved, RightRefused};
pub use self::schedule::{SchedulePhase, ScheduleState};
pub use self::service::{Evidence, Looked, ServiceEnding, ServicePhase, ServiceState};
pub use self::stop::{Cancel, Newer, STOP_ROLLOUT, STOP_TASK, Stop, Stops};
pub use self::told::{CardPlace, Telling, Told, Way};
pub use self::tries::{CallTurn, TRIED_FOR, Tries};
pub use self::turn::Turn;
pub use self::turned_down::{Field, TurnedDown};
pub use self::why::{FailedPart, Of, Why};
use crate::names::{Actor, AppName, ChannelId, DeployId, EnvName};
use crate::plan::Plan;
use crate::request::{AskedOf, Verb};
pub use crate::rollout::Counts;

/// The version of the record's layout. A record of another one is not read: what a function does not know
/// of, it would drop with its first write.
pub const SCHEMA: u32 = 5;

/// So long the public function may take to hand on what it recorded; then the sweeper does.
pub const HANDED_ON_WITHIN: SignedDuration = SignedDuration::from_secs(10);

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
    /// A person gave up watching.
    Abandoned,
}

impl Verdict {
    /// Every verdict, for tables and metrics.
    pub const ALL: [Self; 8] = [
        Self::Succeeded,
        Self::RolledBack,
        Self::Failed,
        Self::Cancelled,
        Self::Refused,
        Self::Expired,
        Self::Superseded,
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
    /// Why.
    #[serde(default, skip_serializing_if = "Why::is_said")]
    pub why: Why,
}

/// Where the conversation takes place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The channel of the command; `None` for an operator at a terminal.
    pub channel: Option<ChannelId>,
    /// The message to the bot that asked for it; none of a command or a click.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mention: Option<Mention>,
}

impl Origin {
    /// A command or a click in this channel, or none at a terminal.
    pub fn typed(channel: Option<ChannelId>) -> Self {
        Self {
            channel,
            mention: None,
        }
    }
}

/// One request and everything that happens to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deploy {
    /// [`SCHEMA`] when it was written.
    pub schema: u32,
    /// Its short, typeable id.
    pub id: DeployId,
    /// What was asked, of each application in the order in which they were named: of all of them the
    /// same kind of thing.
    pub asked: Vec1<AskedOf>,
    /// Where.
    pub environment: EnvName,
    /// By whom.
    pub requester: Actor,
    /// When, by the request's own timestamp.
    pub requested_at: Timestamp,
    /// When it began to be planned anew; none of a first plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_anew_at: Option<Timestamp>,
    /// When the waiter made this record of the request.
    pub taken_in_at: Timestamp,
    /// Where to answer.
    pub origin: Origin,
    /// Where it is.
    pub phase: Phase,
    /// What it would do, once computed.
    pub plan: Option<Plan>,
    /// The question, where consent is needed.
    pub ask: Option<Ask>,
    /// That its requester asks for the right to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plea: Option<Plea>,
    /// The one-off tasks that run before the services, where the plan has any.
    pub one_offs: Vec<OneOffState>,
    /// Its services, in order.
    pub services: Vec<ServiceState>,
    /// Its schedules, which follow once all services are out.
    pub schedules: Vec<ScheduleState>,
    /// What it stops in place of what was asked for: a rollback while something rolls out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stops: Option<Stops>,
    /// Who wanted it stopped, once a step has seen it.
    pub cancel: Option<Cancel>,
    /// When the first service was set out on.
    pub started_at: Option<Timestamp>,
    /// When it counts as overdue.
    pub deadline: Option<Timestamp>,
    /// Since when a rollout has been waiting for a person; that time does not count for the deadline.
    pub waiting_since: Option<Timestamp>,
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
    /// What became of publishing each image that it brought, where that is wanted and it succeeded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub published: Vec<Published>,
    /// Who gave up watching it.
    pub abandoned_by: Option<Actor>,
    /// When the sweeper is to look after it, unless a step has moved this on by then: some time after
    /// the next look that its execution takes.
    pub due: Timestamp,
    /// When the leases of services that nothing is sent to were last renewed.
    pub leases_kept_at: Option<Timestamp>,
    /// The calls that did not go through.
    #[serde(default, skip_serializing_if = "Tries::is_empty")]
    pub tries: Tries,
    /// Since when AWS keeps Longshore from looking at its rollouts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blind: Option<Blind>,
    /// Families whose newest revision could not be made a good one again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bad_heads: Vec<FailedPart>,
    /// What its plan waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// What people are told beside the card.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
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
            asked: vec1![AskedOf { application, verb }],
            environment,
            requester,
            requested_at,
            planned_anew_at: None,
            taken_in_at: requested_at,
            origin,
            phase: Phase::Requested,
            plan: None,
            ask: None,
            plea: None,
            one_offs: Vec::new(),
            services: Vec::new(),
            schedules: Vec::new(),
            stops: None,
            cancel: None,
            started_at: None,
            deadline: None,
            waiting_since: None,
            ending: None,
            told: Told::default(),
            resumes: 0,
            steps: 0,
            replans: 0,
            turn: None,
            due: requested_at
                .saturating_add(HANDED_ON_WITHIN)
                .unwrap_or(Timestamp::MAX),
            leases_kept_at: None,
            published: Vec::new(),
            abandoned_by: None,
            tries: Tries::default(),
            blind: None,
            waiting: None,
            bad_heads: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Gives the deploy its verdict. The first one stands: a second call changes nothing.
    pub fn end(&mut self, verdict: Verdict, at: Timestamp, why: Why) {
        if self.ending.is_none() {
            self.ending = Some(Ending { verdict, at, why });
            self.phase = Phase::Ended;
        }
    }

    /// The verdict, once the deploy has one.
    pub fn verdict(&self) -> Option<Verdict> {
        self.ending.as_ref().map(|ending| ending.verdict)
    }

    /// Whether nothing was to do: what was asked for runs there already.
    pub fn ran_already(&self) -> bool {
        let ending = self.ending.as_ref();
        ending.is_some_and(|ending| ending.why.runs_already())
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

    /// Whether a one-off task was started, or may have been: going back does not undo what that did.
    pub fn ran_task(&self) -> bool {
        self.one_offs.iter().any(OneOffState::may_have_run)
    }

    /// Whether the deploy may have changed anything: only then does its record know what runs.
    pub fn has_begun(&self) -> bool {
        self.has_started() || self.ran_task()
    }

    /// Whether its services still wait for a one-off task.
    pub fn is_at_its_tasks(&self) -> bool {
        self.one_offs.iter().any(OneOffState::is_under_way)
    }

    /// Since when its plan is being made.
    pub fn planning_since(&self) -> Timestamp {
        self.planned_anew_at.unwrap_or(self.requested_at)
    }

    /// Has it planned anew, from now on.
    pub fn plan_anew(&mut self, now: Timestamp) {
        self.plan = None;
        self.phase = Phase::Requested;
        self.planned_anew_at = Some(now);
    }

    /// From the first service set out on to the verdict, or to `now`.
    pub fn elapsed(&self, now: Timestamp) -> Duration {
        let end = self.ending.as_ref().map_or(now, |ending| ending.at);
        let start = self.started_at.unwrap_or(self.requested_at);
        Duration::try_from(end.duration_since(start)).unwrap_or_default()
    }
}
