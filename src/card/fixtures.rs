//! Deploys in every state, for the tests of what is said about them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Setting;
use crate::names::version::Leaving;
use crate::names::version::Left;
use crate::names::{Actor, DeployId};
use crate::plan::{Candidate, GoesBack, Plan};
use crate::record::{
    Ask, Cancel, Counts, Deploy, Ending, Evidence, Origin, Past, Phase, ServiceEnding,
    ServicePhase, ServiceState, Verdict, Why,
};
use crate::request::Entry;
use crate::request::Verb;
use crate::rollout::Reason;

pub(crate) const COMMIT: &str = "1f0c9de5b0a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5";

/// `seconds` after the request.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

pub(crate) fn setting(seconds: i64) -> Setting<'static> {
    Setting {
        command: "/deploy",
        admins: &[],
        now: at(seconds),
        on_call: &[],
    }
}

pub(crate) fn slack(user: &str) -> Actor {
    Actor::Slack {
        team: "T0001".parse().unwrap(),
        user: user.parse().unwrap(),
    }
}

pub(crate) fn maria() -> Actor {
    slack("U061F7AUR")
}

pub(crate) fn sam() -> Actor {
    slack("U0G9QF9C6")
}

pub(crate) fn operator() -> Actor {
    Actor::Operator {
        arn: "arn:aws:sts::111111111111:assumed-role/ops/kim".to_owned(),
        name: None,
    }
}

pub(crate) fn foreign(service: &str) -> crate::plan::Foreign {
    crate::plan::Foreign {
        service: service.to_owned(),
        rollout: "ecs-svc/1234567890".to_owned(),
        revision: family(service, 13),
        registered_by: Some("arn:aws:iam::222222222222:user/<!channel>".to_owned()),
        since: Some(at(-720)),
        counts: Counts {
            desired: 2,
            running: 0,
            pending: 1,
            failed: 14,
        },
    }
}

pub(crate) fn family(service: &str, revision: u32) -> String {
    format!("arn:aws:ecs:eu-west-1:222222222222:task-definition/{service}:{revision}")
}

fn digest(of: char) -> String {
    format!("sha256:{}", of.to_string().repeat(64))
}

/// A plan as JSON, so that it holds whatever a plan holds.
pub(crate) fn plan_json(label: &str, services: &[&str]) -> Value {
    let services: Vec<Value> = services
        .iter()
        .map(|service| {
            json!({
                "service": service,
                "live": family(service, 12),
                "live_label": "1.0.1",
                "live_digests": [["app", digest('a')]],
                "desired": 4,
                "back": {},
                "change": {
                    "change": "copy",
                    "base": family(service, 12),
                    "images": [["app", format!("222222222222.dkr.ecr.eu-west-1.amazonaws.com/cms@{}", digest('b'))]],
                },
            })
        })
        .collect();
    json!({
        "shares": [{
            "application": "cms",
            "title": "Content Management System",
            "label": label,
            "commit": COMMIT,
            "image": {
                "repository": "222222222222.dkr.ecr.eu-west-1.amazonaws.com/cms",
                "tag": "v1.0.2",
                "digest": digest('b'),
            },
            "services": services.len(),
            "commits": {
                "ahead": 2,
                "behind": 0,
                "newest": [
                    {"short": "1f0c9de", "summary": "Fix the signup form", "author": "maria"},
                    {"short": "0aa11bb", "summary": "Complete addresses", "author": "sam"},
                ],
            },
            "restore_head": true,
        }],
        "account": "222222222222",
        "role_arn": "arn:aws:iam::222222222222:role/longshore-staging",
        "region": "eu-west-1",
        "cluster": "staging",
        "one_offs": [],
        "services": services,
        "schedules": [],
        "rollouts": "in_order",
        "on_failure": "rollback_all",
        "crossed": [],
        "endangered": [],
        "publish": false,
        "differences": [],
        "policy_hash": "p",
        "config_version": 7,
        "evidence": "logs",
        "confirm": true,
    })
}

pub(crate) fn plan(label: &str, services: &[&str]) -> Plan {
    serde_json::from_value(plan_json(label, services)).unwrap()
}

/// Asked for by Maria a moment ago.
pub(crate) fn asked(verb: Verb) -> Deploy {
    Deploy::new(
        "4f2k9x0a".parse().unwrap(),
        verb,
        ("cms".parse().unwrap(), "staging".parse().unwrap()),
        maria(),
        at(0),
        Origin::typed(Some("C2147483705".parse().unwrap())),
    )
}

pub(crate) fn deploy_of(reference: &str) -> Verb {
    Verb::Deploy {
        reference: Some(reference.parse().unwrap()),
        image: None,
        again: None,
        from: None,
    }
}

/// The same with its plan: version 1.0.2 to two services.
pub(crate) fn planned(verb: Verb) -> Deploy {
    let mut deploy = asked(verb);
    deploy.phase = Phase::Planned;
    deploy.plan = Some(plan("1.0.2", &["cms-api", "cms-worker"]));
    deploy.services = ["cms-api", "cms-worker"].map(ServiceState::new).into();
    deploy
}

/// The same, waiting for confirmation.
pub(crate) fn asking(verb: Verb) -> Deploy {
    let mut deploy = planned(verb);
    deploy.phase = Phase::Asking;
    deploy.ask = Some(question(1));
    deploy
}

pub(crate) fn question(number: u32) -> Ask {
    serde_json::from_value(json!({
        "nonce": "n0nce",
        "plan_hash": "h",
        "number": number,
        "occasion": if number == 1 { "first" } else { "changed" },
        "asked_at": at(10),
        "expires_at": at(910),
        "shown": false,
        "closed": false,
        "consented_by": null,
    }))
    .unwrap()
}

/// The same, rolling out: the first service has half its tasks, the second waits.
pub(crate) fn rolling(verb: Verb) -> Deploy {
    let mut deploy = planned(verb);
    deploy.phase = Phase::Rolling;
    deploy.started_at = Some(at(20));
    put(&mut deploy, 0, phase_rolling());
    deploy.services[0].counts = Counts {
        desired: 4,
        running: 2,
        pending: 1,
        failed: 0,
    };
    deploy
}

pub(crate) fn phase_rolling() -> ServicePhase {
    serde_json::from_value(json!({"rolling": {"since": at(20), "rollout": "sd/1", "before": []}}))
        .unwrap()
}

pub(crate) fn phase_starting() -> ServicePhase {
    serde_json::from_value(json!({"starting": {"since": at(20), "sent": null, "before": []}}))
        .unwrap()
}

pub(crate) fn phase_going_back() -> ServicePhase {
    let way = json!({"since": at(20), "sent": null, "before": [], "rollout": null});
    serde_json::from_value(json!({ "going_back": way })).unwrap()
}

pub(crate) fn phase_succeeded() -> ServicePhase {
    ServicePhase::Succeeded {
        rollout: "sd/1".to_owned(),
        no_tasks: false,
    }
}

pub(crate) fn phase_ended(ending: ServiceEnding, reason: &str) -> ServicePhase {
    ServicePhase::Unsuccessful {
        ending,
        reason: Reason::Said(reason.to_owned()),
    }
}

/// Puts a service into a phase, its new revision known.
pub(crate) fn put(deploy: &mut Deploy, index: usize, phase: ServicePhase) {
    let service = &mut deploy.services[index];
    service.revision = Some(family(&service.service, 13));
    service.fence = Some(3);
    service.phase = phase;
}

/// Ended after 6 min, 1 sec.
pub(crate) fn ended(mut deploy: Deploy, verdict: Verdict, why: &str) -> Deploy {
    deploy.phase = Phase::Ended;
    deploy.ending = Some(Ending {
        verdict,
        at: at(381),
        why: match why {
            "" => Why::Said,
            why => Why::failed(Reason::Said(why.to_owned())),
        },
    });
    deploy
}

/// Started, with its two services in these phases, and ended.
pub(crate) fn settled(
    verb: Verb,
    verdict: Verdict,
    why: &str,
    phases: [ServicePhase; 2],
) -> Deploy {
    let mut deploy = rolling(verb);
    for (index, phase) in phases.into_iter().enumerate() {
        put(&mut deploy, index, phase);
    }
    ended(deploy, verdict, why)
}

pub(crate) fn cancelled_by(mut deploy: Deploy, by: Actor) -> Deploy {
    deploy.cancel = Some(Cancel {
        by,
        at: at(60),
        by_copy: None,
    });
    deploy
}

pub(crate) fn crash() -> Evidence {
    Evidence {
        what: vec![
            "3 tasks stopped: EssentialContainerExited, container app exited with 1".to_owned(),
        ],
        cause: Some(
            "The program ends by itself right after it starts. Read its last log lines.".to_owned(),
        ),
        log_lines: vec![
            "starting".to_owned(),
            "panicked at src/main.rs:7: DATABASE_URL is not set".to_owned(),
        ],
        link: Some(
            "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api"
                .to_owned(),
        ),
        log: None,
        event: None,
    }
}

/// A deploy that ECS rolled back: the first service crashed, the second was never touched.
pub(crate) fn crashed() -> Deploy {
    let reason = "deployment circuit breaker: tasks failed to start";
    let mut deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::RolledBack,
        "",
        [
            phase_ended(ServiceEnding::RolledBack, reason),
            ServicePhase::Waiting,
        ],
    );
    deploy.services[0].evidence = Some(crash());
    deploy.services[1].revision = None;
    deploy.services[1].fence = None;
    deploy
}

/// A rollback to what people call so, which Maria left by deploying something else.
pub(crate) fn goes_back(label: &str) -> GoesBack {
    let left = Left {
        how: Leaving::Deployed,
        by: asked(Verb::Restart).requester,
        at: at(0),
        deploy: Some(DeployId::derive(b"next")),
        label: label.to_owned(),
    };
    GoesBack {
        to: Entry::Deploy(DeployId::derive(b"good")),
        leaves: None,
        way: Candidate {
            key: Entry::Deploy(DeployId::derive(b"good")).key(),
            by: None,
            id: Some("0a1b2c3d".to_owned()),
            label: label.to_owned(),
            at: at(0),
            outside: false,
            left: Some(left),
            why_not: None,
        },
        forward: None,
        marked: false,
    }
}

/// What the history has of webapp on staging: of a deploy, or of what nobody here brought.
pub(crate) fn past(label: &str, is_deploy: bool, verdict: Option<Verdict>) -> Past {
    Past {
        id: is_deploy.then(|| DeployId::derive(label.as_bytes())),
        verb: is_deploy.then_some(Verb::Deploy {
            reference: None,
            image: None,
            again: None,
            from: None,
        }),
        application: "webapp".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        requester: Actor::Longshore,
        requested_at: Timestamp::UNIX_EPOCH,
        started_at: verdict
            .filter(|verdict| *verdict != Verdict::Refused)
            .map(|_| Timestamp::UNIX_EPOCH),
        verdict,
        ended_at: None,
        label: label.to_owned(),
        repository: None,
        digests: Vec::new(),
        left_alone: Vec::new(),
        idle: Vec::new(),
        commit: None,
        commits: None,
        parts: Vec::new(),
        revisions: Vec::new(),
        pins: Vec::new(),
        copies: Vec::new(),
        schedules: Vec::new(),
        ran_task: None,
        left: Vec::new(),
        back_to: None,
        ran_already: false,
        stopped: None,
        outside: None,
    }
}
