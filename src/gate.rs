//! The gates: what must hold where something is about to change, asked when a deploy is planned and once
//! more when it starts, of the same list.
//!
//! Pure. Whoever reads ECS and the table gives `Facts`; each gate passes, fails, or cannot tell, and says
//! who may let a deploy through all the same. The words are [`crate::refusal`]'s. A new gate is a decision
//! in `decide`, an [`Obstacle`] with its sentence, a member of [`Gate`] and a line in `GATES`.

mod after;
mod backward;
mod branches;
mod decide;
mod image;
mod obstacle;
mod outlook;
mod promotion;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use self::after::AfterFacts;
use self::after::after;
pub use self::after::{BroughtThere, NotProven, NotYet, Stood};
pub use self::backward::GoesBackward;
use self::backward::forward;
pub(crate) use self::branches::BranchFacts;
use self::branches::branches;
pub use self::branches::{FoundIn, NotInBranch, WhyNotIn};
use self::decide::{busy, checks, controller, foreign, services, way_back};
pub use self::image::{LooseTag, NotClean, NotSigned};
pub(crate) use self::image::{ScanFacts, SignatureFacts, TagFacts};
use self::image::{immutable, scan, signed};
pub use self::obstacle::{Busy, NotPassed, Obstacle};
pub use self::outlook::LookedAt;
pub(crate) use self::outlook::{GateStands, asked, standings};
pub(crate) use self::promotion::PromotionFacts;
use self::promotion::promotion;
pub use self::promotion::{NoSource, NotPromoted};
use crate::config::RequiredCheck;
use crate::names::{AppName, CommitSha};
use crate::plan::{Backward, Closed, Foreign, Plan};
use crate::resolve::SeenChecks;
use crate::rollout::LiveService;

/// What is known where a deploy is to begin.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts<'a> {
    /// The cluster.
    pub(crate) cluster: &'a str,
    /// The services that are configured, in order.
    pub(crate) wanted: &'a [String],
    /// Those that ECS shows.
    pub(crate) services: &'a [LiveService],
    /// The deploy that is at work on one of them.
    pub(crate) busy: Option<Busy>,
    /// What others are rolling out on them.
    pub(crate) foreign: &'a [Foreign],
    /// The services whose way back is known to be closed, and why.
    pub(crate) closed: Vec<(&'a str, &'a Closed)>,
    /// What its commit's checks say, where some must have passed.
    pub(crate) checks: Option<CheckFacts<'a>>,
    /// Which branches have it, where it must be in some.
    pub(crate) branches: Option<BranchFacts<'a>>,
    /// Whether its commit is signed, where it must be.
    pub(crate) signature: Option<SignatureFacts<'a>>,
    /// Whether its tag stays with it, where it must.
    pub(crate) tag: Option<TagFacts<'a>>,
    /// What its scan found, where it must have been scanned.
    pub(crate) scan: Option<ScanFacts>,
    /// How it stood where it must have succeeded first.
    pub(crate) after: Option<AfterFacts<'a>>,
    /// The applications that go back where they are to go forward only, and how far.
    pub(crate) backward: Vec<(&'a AppName, Backward)>,
    /// What runs where it is promoted from.
    pub(crate) promotion: Option<PromotionFacts<'a>>,
}

/// What is known of a commit's checks.
#[derive(Clone, Debug)]
pub(crate) struct CheckFacts<'a> {
    /// Those that must have passed; at least one.
    pub(crate) required: &'a [RequiredCheck],
    /// The commit that the image proves to be of, and what GitHub shows of it.
    pub(crate) seen: Result<(&'a CommitSha, &'a SeenChecks), NotTold>,
}

/// Why nobody can tell what GitHub would say of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotTold {
    /// The image proves no commit.
    NoCommit,
    /// GitHub gave no answer.
    Silent,
    /// The token may not see it.
    Denied,
    /// Another repository has the name by now.
    OtherRepository,
    /// GitHub answers no more questions until then, if it said until when.
    Limit(Option<Timestamp>),
}

/// One thing that must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// The services are there, and ACTIVE.
    Services,
    /// ECS itself rolls them out.
    Controller,
    /// No other deploy is at work on them.
    Busy,
    /// Nobody else rolls something out on them.
    Foreign,
    /// The checks of the commit have passed.
    Checks,
    /// A branch has it from which it may go out.
    Branches,
    /// Its commit is signed.
    Signed,
    /// Its tag stays with it.
    Immutable,
    /// Its scan found nothing so bad.
    Scan,
    /// The same image has succeeded where it must have first.
    After,
    /// What is promoted runs where it comes from.
    Promotion,
    /// Nothing is taken away that runs.
    Forward,
    /// What runs could come back.
    WayBack,
}

/// Who may let a deploy through a gate that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiver {
    /// Nobody: nothing is started.
    Nobody,
    /// Its requester, by confirming a question that says so.
    Requester,
    /// Nobody has to: it is said with the plan, and that is all.
    Told,
}

/// What a gate comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It holds.
    Pass,
    /// It does not, because of these.
    Fail(Vec<Obstacle>),
    /// Nobody can tell, because of these; counts as failing.
    Unknown(Vec<Obstacle>),
}

/// Decides one gate.
type Check = fn(&Facts<'_>) -> Outcome;

/// The gates, in the order in which people hear of them.
const GATES: [(Gate, Check); 13] = [
    (Gate::Services, services),
    (Gate::Controller, controller),
    (Gate::Busy, busy),
    (Gate::Foreign, foreign),
    (Gate::Checks, checks),
    (Gate::Branches, branches),
    (Gate::Signed, signed),
    (Gate::Immutable, immutable),
    (Gate::Scan, scan),
    (Gate::After, after),
    (Gate::Promotion, promotion),
    (Gate::Forward, forward),
    (Gate::WayBack, way_back),
];

/// What every gate comes to.
pub(crate) fn check(facts: &Facts<'_>) -> Vec<(Gate, Outcome)> {
    let gates = GATES.iter();
    gates.map(|(gate, check)| (*gate, check(facts))).collect()
}

/// Everything that keeps a deploy from being started, whoever agrees. Empty where it may be.
pub(crate) fn refused(facts: &Facts<'_>) -> Vec<Obstacle> {
    failing(check(facts), Waiver::Nobody)
}

/// Whether somebody must say yes to a plan first: where the environment asks, and always before a gate is
/// passed that its requester must let it through.
pub(crate) fn asks(plan: &Plan) -> bool {
    plan.confirm || !failing(check(&facts(plan)), Waiver::Requester).is_empty()
}

/// What a plan says of the gates that it passes all the same.
pub(crate) fn told(plan: &Plan) -> Vec<Obstacle> {
    failing(check(&facts(plan)), Waiver::Told)
}

/// What a plan says of all gates that somebody may let it through.
pub(crate) fn of_plan(plan: &Plan) -> Vec<Obstacle> {
    let gates = check(&facts(plan)).into_iter();
    gates.flat_map(|(_, outcome)| outcome.obstacles()).collect()
}

/// What the question of a plan says of the gates through which its requester must let it, beside what others roll out,
/// which has words of its own.
pub(crate) fn asked_about(plan: &Plan) -> Vec<Obstacle> {
    let mut asked = failing(check(&facts(plan)), Waiver::Requester);
    asked.retain(|obstacle| obstacle.gate() != Gate::Foreign);
    asked
}

/// What a plan itself says of the gates.
fn facts(plan: &Plan) -> Facts<'_> {
    let closed = plan.services.iter();
    Facts {
        cluster: &plan.cluster,
        foreign: &plan.foreign,
        backward: plan.backward().collect(),
        closed: closed
            .filter_map(|one| Some((one.service.as_str(), one.back.closed.as_ref()?)))
            .collect(),
        ..Facts::default()
    }
}

/// The obstacles at the gates that `waiver` may let a deploy through.
fn failing(checked: Vec<(Gate, Outcome)>, waiver: Waiver) -> Vec<Obstacle> {
    let gates = checked.into_iter();
    let failing = gates.filter(|(gate, _)| gate.waiver() == waiver);
    failing
        .flat_map(|(_, outcome)| outcome.obstacles())
        .collect()
}

impl Gate {
    /// Who may let a deploy through where this fails.
    pub(crate) fn waiver(self) -> Waiver {
        match self {
            Self::Services
            | Self::Controller
            | Self::Busy
            | Self::Checks
            | Self::Branches
            | Self::Signed
            | Self::Immutable
            | Self::Scan
            | Self::After
            | Self::Promotion => Waiver::Nobody,
            Self::Foreign | Self::Forward => Waiver::Requester,
            Self::WayBack => Waiver::Told,
        }
    }

    /// Its name, for counting.
    pub fn name(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Controller => "controller",
            Self::Busy => "busy",
            Self::Foreign => "foreign",
            Self::Checks => "checks",
            Self::Branches => "branches",
            Self::Signed => "signed",
            Self::Immutable => "immutable",
            Self::Scan => "scan",
            Self::After => "after",
            Self::Promotion => "promotion",
            Self::Forward => "forward",
            Self::WayBack => "way_back",
        }
    }
}

impl Outcome {
    fn of(obstacles: impl Iterator<Item = Obstacle>) -> Self {
        let obstacles: Vec<Obstacle> = obstacles.collect();
        match obstacles.is_empty() {
            true => Self::Pass,
            false => Self::Fail(obstacles),
        }
    }

    /// What stands in the way; nothing where it holds.
    pub(crate) fn obstacles(self) -> Vec<Obstacle> {
        match self {
            Self::Pass => Vec::new(),
            Self::Fail(obstacles) | Self::Unknown(obstacles) => obstacles,
        }
    }
}

#[cfg(test)]
mod tests;
