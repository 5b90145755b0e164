use super::*;
use crate::card::fixtures;
use crate::names::Actor;
use crate::plan::Back;
use crate::rollout::{Controller, live};

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
        Obstacle::ChecksUnread(why) | Obstacle::BranchesUnread(why) => format!("{why:?}"),
        Obstacle::Branches(not_in) => format!("{:?}", not_in.why),
        Obstacle::Promotion(not_promoted) => format!("{:?}", not_promoted.why),
        Obstacle::After(not_proven) => format!("{:?}", not_proven.why),
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
