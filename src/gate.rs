//! The gates: what must hold where something is about to change, asked when a deploy is planned and once
//! more when it starts, of the same list.
//!
//! Pure. Whoever reads ECS and the table gives [`Facts`]; each gate passes, fails, or cannot tell, and says
//! who may let a deploy through all the same. The words are [`crate::refusal`]'s. A new gate is a decision
//! in this file, an [`Obstacle`] with its sentence, a member of [`Gate`] and a line in [`GATES`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::names::{Actor, AppName, DeployId, EnvName};
use crate::plan::{Closed, Foreign, Plan};
use crate::rollout::{Controller, LiveService};

/// What is known where a deploy is to begin.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    /// The cluster.
    pub cluster: &'a str,
    /// The services that are configured, in order.
    pub wanted: &'a [String],
    /// Those that ECS shows.
    pub services: &'a [LiveService],
    /// The deploy that is at work on one of them.
    pub busy: Option<Busy>,
    /// What others are rolling out on them.
    pub foreign: &'a [Foreign],
    /// The services whose way back is known to be closed, and why.
    pub closed: Vec<(&'a str, &'a Closed)>,
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
    /// What runs could come back.
    WayBack,
}

/// Who may let a deploy through a gate that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiver {
    /// Nobody: nothing is started.
    Nobody,
    /// Its requester, by confirming a question that says so.
    Requester,
    /// Nobody has to: it is said with the plan, and that is all.
    Told,
}

/// What a gate comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not, because of these.
    Fail(Vec<Obstacle>),
    /// Nobody can tell, because of these; counts as failing.
    Unknown(Vec<Obstacle>),
}

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// No such service.
    NoService {
        /// The service.
        service: String,
        /// The cluster.
        cluster: String,
    },
    /// The service is being deleted, or was.
    Inactive {
        /// The service.
        service: String,
        /// ECS's word.
        status: String,
    },
    /// Another controller rolls the service out.
    ForeignController {
        /// The service.
        service: String,
        /// `CODE_DEPLOY` or `EXTERNAL`.
        controller: String,
    },
    /// ECS manages the service, its load balancer and its revisions by itself.
    ExpressMode {
        /// The service.
        service: String,
    },
    /// A controller that was not there when this was written: whose it is, nobody can tell.
    UnknownController {
        /// The service.
        service: String,
        /// ECS's word.
        controller: String,
    },
    /// Another deploy has the service.
    Busy(Busy),
    /// Somebody else rolls out there.
    Foreign(Foreign),
    /// What runs could not come back.
    NoWayBack {
        /// The service.
        service: String,
        /// Why.
        closed: Closed,
    },
}

/// A deploy that is at work somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Busy {
    /// That deploy.
    pub id: DeployId,
    /// Of this application.
    pub application: AppName,
    /// Where.
    pub environment: EnvName,
    /// Who asked for it.
    pub by: Actor,
    /// When.
    pub since: Timestamp,
}

/// Decides one gate.
type Check = fn(&Facts<'_>) -> Outcome;

/// The gates, in the order in which people hear of them.
const GATES: [(Gate, Check); 5] = [
    (Gate::Services, services),
    (Gate::Controller, controller),
    (Gate::Busy, busy),
    (Gate::Foreign, foreign),
    (Gate::WayBack, way_back),
];

/// What every gate comes to.
pub fn check(facts: &Facts<'_>) -> Vec<(Gate, Outcome)> {
    let gates = GATES.iter();
    gates.map(|(gate, check)| (*gate, check(facts))).collect()
}

/// Everything that keeps a deploy from being started, whoever agrees. Empty where it may be.
pub fn refused(facts: &Facts<'_>) -> Vec<Obstacle> {
    failing(check(facts), Waiver::Nobody)
}

/// Whether somebody must say yes to a plan first: where the environment asks, and always before a gate is
/// passed that its requester must let it through.
pub fn asks(plan: &Plan) -> bool {
    plan.confirm || !failing(check(&facts(plan)), Waiver::Requester).is_empty()
}

/// What a plan says of the gates that it passes all the same.
pub fn told(plan: &Plan) -> Vec<Obstacle> {
    failing(check(&facts(plan)), Waiver::Told)
}

/// What a plan itself says of the gates.
fn facts(plan: &Plan) -> Facts<'_> {
    let closed = plan.services.iter();
    Facts {
        cluster: &plan.cluster,
        foreign: &plan.foreign,
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
    pub fn waiver(self) -> Waiver {
        match self {
            Self::Services | Self::Controller | Self::Busy => Waiver::Nobody,
            Self::Foreign => Waiver::Requester,
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
            Self::WayBack => "way_back",
        }
    }
}

impl Obstacle {
    /// The gate it stands at.
    pub fn gate(&self) -> Gate {
        match self {
            Self::NoService { .. } | Self::Inactive { .. } => Gate::Services,
            Self::ForeignController { .. }
            | Self::ExpressMode { .. }
            | Self::UnknownController { .. } => Gate::Controller,
            Self::Busy(_) => Gate::Busy,
            Self::Foreign(_) => Gate::Foreign,
            Self::NoWayBack { .. } => Gate::WayBack,
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
    pub fn obstacles(self) -> Vec<Obstacle> {
        match self {
            Self::Pass => Vec::new(),
            Self::Fail(obstacles) | Self::Unknown(obstacles) => obstacles,
        }
    }
}

fn services(facts: &Facts<'_>) -> Outcome {
    Outcome::of(facts.wanted.iter().filter_map(|name| {
        let found = facts.services.iter().find(|found| found.name == *name);
        match found {
            None => Some(Obstacle::NoService {
                service: name.clone(),
                cluster: facts.cluster.to_owned(),
            }),
            Some(found) if !found.is_active() => Some(Obstacle::Inactive {
                service: name.clone(),
                status: found.status.clone(),
            }),
            Some(_) => None,
        }
    }))
}

fn controller(facts: &Facts<'_>) -> Outcome {
    let obstacle = |found: &LiveService| {
        let service = found.name.clone();
        let controller = found.controller.name().to_owned();
        match &found.controller {
            Controller::Ecs => None,
            Controller::Express => Some(Obstacle::ExpressMode { service }),
            Controller::CodeDeploy | Controller::External => Some(Obstacle::ForeignController {
                service,
                controller,
            }),
            Controller::Other(_) => Some(Obstacle::UnknownController {
                service,
                controller,
            }),
        }
    };
    let unknown = |one: &Obstacle| matches!(one, Obstacle::UnknownController { .. });
    match Outcome::of(facts.services.iter().filter_map(obstacle)) {
        Outcome::Fail(all) if all.iter().all(unknown) => Outcome::Unknown(all),
        outcome => outcome,
    }
}

fn busy(facts: &Facts<'_>) -> Outcome {
    Outcome::of(facts.busy.iter().cloned().map(Obstacle::Busy))
}

fn foreign(facts: &Facts<'_>) -> Outcome {
    Outcome::of(facts.foreign.iter().cloned().map(Obstacle::Foreign))
}

fn way_back(facts: &Facts<'_>) -> Outcome {
    Outcome::of(
        facts
            .closed
            .iter()
            .map(|(service, closed)| Obstacle::NoWayBack {
                service: (*service).to_owned(),
                closed: (*closed).clone(),
            }),
    )
}

#[cfg(test)]
mod tests;
