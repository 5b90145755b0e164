use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::card::fixtures;
use crate::config::{After, CheckSource, Config, Leniency, Severity, SourceFile};
use crate::names::{Actor, EnvName};
use crate::plan::{Back, Backward};
use crate::request::Verb;
use crate::resolve::{CheckState, ScanTrouble, SeenCheck, Signature, TagSetting};
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
        Obstacle::ChecksUnread(why)
        | Obstacle::BranchesUnread(why)
        | Obstacle::SignatureUnread(why) => format!("{why:?}"),
        Obstacle::Signature(not_signed) => not_signed.reason.clone(),
        Obstacle::LooseTag(loose) => loose.tag.clone(),
        Obstacle::Scan(scan) => format!("{:?}", scan.trouble),
        Obstacle::Branches(not_in) => format!("{:?}", not_in.why),
        Obstacle::Promotion(not_promoted) => format!("{:?}", not_promoted.why),
        Obstacle::Backward(backward) => format!("{:?}", backward.backward),
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

fn read_as(state: CheckState) -> SeenChecks {
    let (name, source) = ("test".to_owned(), CheckSource::App("ci".to_owned()));
    let checks = vec![SeenCheck {
        name,
        source,
        state,
    }];
    SeenChecks {
        checks,
        ..SeenChecks::default()
    }
}

/// What the gates of the place come to, one way to be held at a time.
fn held_by_the_place() -> Vec<Outcome> {
    let wanted = ["cms-api".to_owned()];
    let mut all = vec![services(&Facts {
        wanted: &wanted,
        ..Facts::default()
    })];
    for (status, of) in [
        ("DRAINING", Controller::Ecs),
        ("ACTIVE", Controller::CodeDeploy),
        ("ACTIVE", Controller::External),
        ("ACTIVE", Controller::Express),
        ("ACTIVE", Controller::Other("NEXT".to_owned())),
    ] {
        let found = [service("cms-api", status, of)];
        let facts = Facts {
            wanted: &wanted,
            services: &found,
            ..Facts::default()
        };
        all.extend([services(&facts), controller(&facts)]);
    }
    let closed = Closed::Image("48a55179e67c".to_owned());
    let found = [somebodys()];
    let facts = Facts {
        busy: Some(busy()),
        foreign: &found,
        closed: vec![("cms-api", &closed)],
        ..Facts::default()
    };
    all.extend([decide::busy(&facts), foreign(&facts), way_back(&facts)]);
    all
}

/// The same of the gates of the commit.
fn held_by_the_commit() -> Vec<Outcome> {
    let mut all = Vec::new();
    let commit: CommitSha = "283fc731b0b5ba8c4e2f0a8d7a4f3c2b1a09f8e7".parse().unwrap();
    let untold = || {
        [
            NotTold::NoCommit,
            NotTold::Silent,
            NotTold::Denied,
            NotTold::OtherRepository,
            NotTold::Limit(None),
        ]
    };
    let required = [RequiredCheck {
        name: Some("test".to_owned()),
        source: CheckSource::App("ci".to_owned()),
        accept: BTreeSet::new(),
    }];
    let mut too_many = SeenChecks::default();
    (too_many.more_runs, too_many.more_statuses) = (true, true);
    let seen = [
        SeenChecks::default(),
        too_many,
        read_as(CheckState::Undecided(Leniency::Skipped)),
        read_as(CheckState::Running),
        read_as(CheckState::Failed("failure".to_owned())),
        read_as(CheckState::Other("next".to_owned())),
    ];
    let seen = seen.iter().map(|seen| Ok((&commit, seen)));
    all.extend(seen.chain(untold().map(Err)).map(|seen| {
        let required = &required;
        checks(&Facts {
            checks: Some(CheckFacts { required, seen }),
            ..Facts::default()
        })
    }));
    let environment = "staging".parse().unwrap();
    let patterns = ["main".parse().unwrap()];
    let found = [FoundIn::None, FoundIn::NoneSeen, FoundIn::NoBranch];
    let found = found.map(|found| Ok((&commit, found))).into_iter();
    all.extend(found.chain(untold().map(Err)).map(|seen| {
        branches(&Facts {
            branches: Some(BranchFacts {
                environment: &environment,
                wanted: &patterns,
                seen,
            }),
            ..Facts::default()
        })
    }));
    all
}

/// The same of the gates of the image itself, and of what it takes away.
fn held_by_the_image() -> Vec<Outcome> {
    let commit: CommitSha = "283fc731b0b5ba8c4e2f0a8d7a4f3c2b1a09f8e7".parse().unwrap();
    let setting = |word: &str| TagSetting {
        word: word.to_owned(),
        exclusions: None,
    };
    let settings = [None, Some(setting("MUTABLE")), Some(setting("NEXT"))];
    let mut all: Vec<Outcome> = settings
        .iter()
        .map(|setting| {
            immutable(&Facts {
                tag: Some(TagFacts {
                    repository: "cms",
                    tag: "main",
                    is_its: true,
                    setting: setting.as_ref(),
                }),
                ..Facts::default()
            })
        })
        .collect();
    let found = ScanTrouble::Found {
        count: 1,
        worst: Vec::new(),
    };
    let scans = [
        found,
        ScanTrouble::Missing,
        ScanTrouble::Running,
        ScanTrouble::Stands("FAILED".to_owned()),
        ScanTrouble::NotShown,
        ScanTrouble::Platforms,
    ];
    all.extend(scans.map(|trouble| {
        scan(&Facts {
            scan: Some(ScanFacts {
                from: Severity::High,
                judged: Err(trouble),
            }),
            ..Facts::default()
        })
    }));
    let not = |reason: &str| Ok((&commit, Signature::Not(reason.to_owned())));
    let seen = [
        not("unsigned"),
        not("gpgverify_error"),
        Err(NotTold::NoCommit),
        Err(NotTold::Denied),
    ];
    all.extend(seen.map(|seen| {
        signed(&Facts {
            signature: Some(SignatureFacts { seen }),
            ..Facts::default()
        })
    }));
    let application = "cms".parse().unwrap();
    all.extend([Backward::Commits(2), Backward::Unknown].map(|backward| {
        forward(&Facts {
            backward: vec![(&application, backward)],
            ..Facts::default()
        })
    }));
    all
}

/// A label that stands in a tag's place, or a tag that was moved away.
#[test]
fn a_name_that_is_not_on_the_image_is_no_tag_that_stays() {
    let setting = TagSetting {
        word: "IMMUTABLE".to_owned(),
        exclusions: None,
    };
    let judged = |is_its| {
        immutable(&Facts {
            tag: Some(TagFacts {
                repository: "cms",
                tag: "283fc73",
                is_its,
                setting: Some(&setting),
            }),
            ..Facts::default()
        })
    };
    assert_eq!(judged(true), Outcome::Pass);
    assert!(matches!(judged(false), Outcome::Fail(_)));
}

/// The same of the gates of what ran elsewhere.
fn held_by_other_places() -> Vec<Outcome> {
    let mut all = Vec::new();
    let environment: EnvName = "staging".parse().unwrap();
    let (by, at) = (Actor::Longshore, Timestamp::UNIX_EPOCH);
    let wanted = After {
        environment: environment.clone(),
        soak: Duration::from_mins(5),
    };
    let stood = [
        Stood::Never,
        Stood::NotSeen,
        Stood::NothingRan,
        Stood::TakenBack { by: by.clone(), at },
        Stood::TriedBack { by: by.clone(), at },
        Stood::Leaving { by: by.clone() },
        Stood::Succeeded { by, since: at },
    ];
    all.extend(stood.map(|stood| {
        after(&Facts {
            after: Some(AfterFacts {
                wanted: &wanted,
                stood,
                brings: BroughtThere {
                    application: "cms".parse().unwrap(),
                    image: None,
                    label: "main".to_owned(),
                    reference: None,
                },
                now: at,
            }),
            ..Facts::default()
        })
    }));
    let application = "cms".parse().unwrap();
    let none = [
        NoSource::Elsewhere,
        NoSource::Rolling,
        NoSource::Nothing,
        NoSource::Mixed,
        NoSource::NotGood,
        NoSource::MovedOn {
            label: "1.0.1".to_owned(),
            runs: "1.0.2".to_owned(),
        },
    ];
    all.extend(none.map(|why| {
        promotion(&Facts {
            promotion: Some(PromotionFacts {
                application: &application,
                from: &environment,
                wanted: None,
                runs: Err(why),
            }),
            ..Facts::default()
        })
    }));
    all
}

#[test]
fn a_look_ahead_doubts_exactly_what_the_gates_cannot_tell() {
    let mut doubted = Vec::new();
    let mut failed = Vec::new();
    let place = held_by_the_place().into_iter();
    let all = place.chain(held_by_the_commit()).chain(held_by_the_image());
    for outcome in all.chain(held_by_other_places()) {
        let (unknown, all) = match outcome {
            Outcome::Pass => continue,
            Outcome::Fail(all) => (false, all),
            Outcome::Unknown(all) => (true, all),
        };
        for one in all {
            assert_eq!(one.is_doubt(), unknown, "{one:?}");
            match unknown {
                true => doubted.push(one),
                false => failed.push(one),
            }
        }
    }
    let gates = |all: &[Obstacle]| all.iter().map(Obstacle::gate).collect::<BTreeSet<_>>();
    let both = &gates(&doubted) | &gates(&failed);
    assert!(GATES.iter().all(|(gate, _)| both.contains(gate)));
    assert_eq!((doubted.len(), failed.len()), (28, 28));
}

const EVERY_GATE: &str = r#"
slack    = { teams = ["T0001"], admins = ["U024BE7LH"] }
accounts = { dev = { id = "222222222222", region = "eu-west-1" } }
defaults = { registry = "dev" }
[environments.staging]
account = "dev"
cluster = "staging"
request = ["everyone"]
[environments.production]
account  = "dev"
cluster  = "production"
request  = ["everyone"]
branches = ["main"]
checks   = [{ name = "test", app = "github-actions" }]
after    = { environment = "staging" }
signed   = true
scan     = "critical"
immutable = true
forward_only = true
[applications.cms]
environments = ["staging", "production"]
source       = { repository = "acme/cms", image = "cms" }
"#;

#[test]
fn a_look_ahead_asks_every_gate_that_is_configured_and_no_other() {
    let checked = Config::compile(&[SourceFile::new("longshore.toml", EVERY_GATE)]).unwrap();
    let there = |environment: &str, from: Option<&str>| {
        let verb = Verb::Deploy {
            reference: None,
            image: None,
            again: None,
            from: from.map(|from| from.parse().unwrap()),
        };
        let place = ("cms".parse().unwrap(), environment.parse().unwrap());
        asked(&checked.config.target(&place.0, &place.1).unwrap(), &verb)
    };
    let all = BTreeSet::from_iter(GATES.map(|(gate, _)| gate));
    assert_eq!(there("production", Some("staging")), all);
    let configured = [
        Gate::Checks,
        Gate::Branches,
        Gate::Signed,
        Gate::Immutable,
        Gate::Scan,
        Gate::After,
        Gate::Promotion,
        Gate::Forward,
    ];
    let always = &all - &BTreeSet::from(configured);
    assert_eq!(there("staging", None), always);
}
