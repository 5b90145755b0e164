//! The gates: what must hold where something is about to change, asked when a deploy is planned and once
//! more when it starts, of the same list.
//!
//! Pure. Whoever reads ECS and the table gives `Facts`; each gate passes, fails, or cannot tell, and says
//! who may let a deploy through all the same. The words are [`crate::refusal`]'s. A new gate is a decision
//! in this file, an [`Obstacle`] with its sentence, a member of [`Gate`] and a line in `GATES`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::RequiredCheck;
use crate::names::{Actor, AppName, CommitSha, DeployId, EnvName};
use crate::plan::{Closed, Foreign, Plan};
use crate::resolve::{CheckOutcome, CheckTrouble, SeenChecks, judge_checks};
use crate::rollout::{Controller, LiveService};

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
}

/// What is known of a commit's checks.
#[derive(Clone, Debug)]
pub(crate) struct CheckFacts<'a> {
    /// Those that must have passed; at least one.
    pub(crate) required: &'a [RequiredCheck],
    /// The commit that the image proves to be of, and what GitHub shows of it.
    pub(crate) seen: Result<(&'a CommitSha, &'a SeenChecks), ChecksUnread>,
}

/// Why nobody can tell what a commit's checks say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChecksUnread {
    /// The image proves no commit.
    NoCommit,
    /// GitHub gave no answer.
    Silent,
    /// The token may not see them.
    Denied,
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
    /// A check of the commit has not passed.
    Check(Box<NotPassed>),
    /// What the checks say cannot be told.
    ChecksUnread(ChecksUnread),
    /// What runs could not come back.
    NoWayBack {
        /// The service.
        service: String,
        /// Why.
        closed: Closed,
    },
}

/// A check that must have passed, and has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotPassed {
    /// Which.
    pub check: RequiredCheck,
    /// Of this commit.
    pub commit: CommitSha,
    /// How it stands.
    pub trouble: CheckTrouble,
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
    /// Who wants it stopped, if somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<Actor>,
}

/// Decides one gate.
type Check = fn(&Facts<'_>) -> Outcome;

/// The gates, in the order in which people hear of them.
const GATES: [(Gate, Check); 6] = [
    (Gate::Services, services),
    (Gate::Controller, controller),
    (Gate::Busy, busy),
    (Gate::Foreign, foreign),
    (Gate::Checks, checks),
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
    pub(crate) fn waiver(self) -> Waiver {
        match self {
            Self::Services | Self::Controller | Self::Busy | Self::Checks => Waiver::Nobody,
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
            Self::Checks => "checks",
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
            Self::Check(_) | Self::ChecksUnread(_) => Gate::Checks,
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
    pub(crate) fn obstacles(self) -> Vec<Obstacle> {
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

fn checks(facts: &Facts<'_>) -> Outcome {
    let Some(facts) = &facts.checks else {
        return Outcome::Pass;
    };
    let (commit, seen) = match &facts.seen {
        Ok(seen) => *seen,
        Err(why) => return Outcome::Unknown(vec![Obstacle::ChecksUnread(why.clone())]),
    };
    let judged = judge_checks(facts.required, seen).into_iter();
    Outcome::of(judged.filter_map(|(check, outcome)| {
        let CheckOutcome::Not(trouble) = outcome else {
            return None;
        };
        Some(Obstacle::Check(Box::new(NotPassed {
            check: check.clone(),
            commit: commit.clone(),
            trouble,
        })))
    }))
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
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::plan::Back;
    use crate::rollout::live;

    fn names(obstacles: &[Obstacle]) -> Vec<(&'static str, String)> {
        let name = |one: &Obstacle| match one {
            Obstacle::NoService { service, .. }
            | Obstacle::Inactive { service, .. }
            | Obstacle::ForeignController { service, .. }
            | Obstacle::ExpressMode { service }
            | Obstacle::UnknownController { service, .. }
            | Obstacle::NoWayBack { service, .. } => service.clone(),
            Obstacle::Busy(busy) => busy.id.to_string(),
            Obstacle::Foreign(foreign) => foreign.service.clone(),
            Obstacle::Check(not_passed) => not_passed.check.to_string(),
            Obstacle::ChecksUnread(why) => format!("{why:?}"),
        };
        let named = obstacles.iter().map(|one| (one.gate().name(), name(one)));
        named.collect()
    }

    fn service(name: &str, status: &str, controller: Controller) -> LiveService {
        LiveService {
            name: name.to_owned(),
            status: status.to_owned(),
            controller,
            ..live("arn:aws:ecs:eu-west-1:1:task-definition/cms:9", "COMPLETED")
        }
    }

    fn busy() -> Busy {
        Busy {
            id: "4f2k9x0a".parse().unwrap(),
            application: "cms".parse().unwrap(),
            environment: "staging".parse().unwrap(),
            by: Actor::Longshore,
            since: Timestamp::UNIX_EPOCH,
            stopped_by: None,
        }
    }

    fn somebodys() -> Foreign {
        Foreign {
            service: "cms-api".to_owned(),
            rollout: "ecs-svc/1".to_owned(),
            revision: "arn:aws:ecs:eu-west-1:1:task-definition/cms:9".to_owned(),
            registered_by: None,
            since: None,
            counts: crate::rollout::Counts::default(),
        }
    }

    #[test]
    fn all_that_keeps_a_deploy_from_starting_is_found_at_once() {
        let wanted = ["gone", "old", "blue", "express", "new", "fine"].map(str::to_owned);
        let services = [
            service("old", "DRAINING", Controller::Ecs),
            service("blue", "ACTIVE", Controller::CodeDeploy),
            service("express", "ACTIVE", Controller::Express),
            service("new", "ACTIVE", Controller::Other("NEXT".to_owned())),
            service("fine", "ACTIVE", Controller::Ecs),
        ];
        let found = refused(&Facts {
            cluster: "staging",
            wanted: &wanted,
            services: &services,
            busy: Some(busy()),
            ..Facts::default()
        });
        let wanted = [
            ("services", "gone"),
            ("services", "old"),
            ("controller", "blue"),
            ("controller", "express"),
            ("controller", "new"),
            ("busy", "4f2k9x0a"),
        ];
        let wanted: Vec<_> = wanted.map(|(gate, who)| (gate, who.to_owned())).into();
        assert_eq!(names(&found), wanted);
    }

    #[test]
    fn where_nothing_is_known_to_stand_in_the_way_every_gate_passes() {
        let wanted = ["fine".to_owned()];
        let services = [service("fine", "ACTIVE", Controller::Ecs)];
        let checked = check(&Facts {
            wanted: &wanted,
            services: &services,
            ..Facts::default()
        });
        assert_eq!(checked.len(), GATES.len());
        assert!(checked.iter().all(|(_, outcome)| *outcome == Outcome::Pass));
    }

    #[test]
    fn a_controller_that_nobody_knows_is_no_pass() {
        let services = [service(
            "new",
            "ACTIVE",
            Controller::Other("NEXT".to_owned()),
        )];
        let facts = Facts {
            services: &services,
            ..Facts::default()
        };
        assert!(matches!(controller(&facts), Outcome::Unknown(_)));
        assert_eq!(refused(&facts).len(), 1);
    }

    #[test]
    fn somebody_elses_rollout_is_asked_about_and_a_closed_way_back_told_and_neither_refuses() {
        let mut plan = fixtures::plan("main", &["cms-api"]);
        plan.confirm = false;
        assert!(!asks(&plan) && told(&plan).is_empty());
        plan.services[0].back = Back {
            closed: Some(Closed::Image("48a55179e67c".to_owned())),
            ..Back::default()
        };
        assert!(!asks(&plan));
        assert_eq!(names(&told(&plan)), [("way_back", "cms-api".to_owned())]);
        plan.foreign = vec![somebodys()];
        assert!(asks(&plan));
        assert!(refused(&facts(&plan)).is_empty());
        plan.foreign.clear();
        plan.confirm = true;
        assert!(asks(&plan));
    }

    #[test]
    fn every_obstacle_stands_at_a_gate_of_the_list() {
        let gates: Vec<Gate> = GATES.iter().map(|(gate, _)| *gate).collect();
        let mut once = gates.clone();
        once.dedup();
        assert_eq!(gates, once);
        for obstacle in [Obstacle::Busy(busy()), Obstacle::Foreign(somebodys())] {
            assert!(gates.contains(&obstacle.gate()));
        }
    }
}
