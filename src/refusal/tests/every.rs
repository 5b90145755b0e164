//! Every refusal there is.

use super::kinds::{of_images, of_plans, of_questions, of_the_grammar, of_ways_back};
use super::names::Names;
use super::of_the_policy::of_the_policy;
use super::rights::of_rights;
use super::*;
use crate::resolve::GithubNo;

/// Every refusal there is, once, with `text` wherever somebody's words go.
pub(crate) fn every(names: &Names) -> Vec<Refusal> {
    let Names {
        application,
        environment,
        reference,
        ..
    } = names.clone();
    let id: DeployId = "4f2k9x0a".parse().unwrap();
    let text = || names.text.clone();
    let by = || names.person.clone();
    let mut all: Vec<Refusal> = vec![
        Refused::NoConfiguration.into(),
        Refused::UnreadableConfiguration.into(),
        Refused::NotThere {
            application: application.clone(),
            environment: environment.clone(),
            there: names.environments.clone(),
        }
        .into(),
        at_the_gate(Obstacle::ForeignController {
            service: names.service.clone(),
            controller: "CODE_DEPLOY".to_owned(),
        }),
        at_the_gate(Obstacle::ForeignController {
            service: names.service.clone(),
            controller: "EXTERNAL".to_owned(),
        }),
        at_the_gate(Obstacle::UnknownController {
            service: names.service.clone(),
            controller: text(),
        }),
        at_the_gate(Obstacle::ExpressMode {
            service: names.service.clone(),
        }),
        Refused::NoVolume {
            family: names.family.clone(),
            volume: names.volume.clone(),
            service: names.service.clone(),
        }
        .into(),
        at_the_gate(Obstacle::NoService {
            service: names.service.clone(),
            cluster: names.cluster.clone(),
        }),
        at_the_gate(Obstacle::Inactive {
            service: names.service.clone(),
            status: "DRAINING".to_owned(),
        }),
        Refused::NoContainer {
            service: names.service.clone(),
            repository: names.repository.clone(),
        }
        .into(),
        Refused::AlreadyLive {
            application: application.clone(),
            environment: environment.clone(),
            label: text(),
        }
        .into(),
        Refused::AllLive {
            environment: environment.clone(),
            applications: vec![application.clone(), "webapp".parse().unwrap()],
        }
        .into(),
        Refused::TooManyServices {
            services: 61,
            most: 60,
        }
        .into(),
        Refused::NoBack(NoBack::NothingToRollBackTo {
            application: application.clone(),
            environment: environment.clone(),
            left: vec![Candidate {
                key: Entry::Deploy(id.clone()).key(),
                by: None,
                id: Some(id.to_string()),
                label: text(),
                at: Timestamp::UNIX_EPOCH,
                outside: false,
                left: None,
                why_not: None,
            }],
        })
        .into(),
        Refused::NoBack(NoBack::IsGone {
            gone: Gone {
                label: Some(text()),
                left: Some(Left {
                    how: Leaving::RolledBack,
                    by: Actor::Longshore,
                    at: Timestamp::UNIX_EPOCH,
                    deploy: None,
                    label: text(),
                }),
            },
            application: application.clone(),
            environment: environment.clone(),
            now: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(4),
        })
        .into(),
        Refused::StoppedInstead { id: id.clone() }.into(),
        Refused::Newer { id: id.clone() }.into(),
        Refused::KeepsChanging {
            application: application.clone(),
            environment: environment.clone(),
        }
        .into(),
        Refused::RestartOfFailed {
            service: names.service.clone(),
            revision: format!("{}:8", names.service),
            application: application.clone(),
            environment: environment.clone(),
        }
        .into(),
        Refused::UnknownDeploy { id: id.clone() }.into(),
        TurnedDown::NothingToCancel {
            application: application.clone(),
            environment: environment.clone(),
        }
        .into(),
        TurnedDown::StillToCome {
            time: "23:05".to_owned(),
            zone: "Europe/Vienna".parse().unwrap(),
            again: "history since 14:05 yesterday".to_owned(),
        }
        .into(),
        TurnedDown::ConsentExpired { id: id.clone() }.into(),
        TurnedDown::PlanStale { id: id.clone() }.into(),
        TurnedDown::Answered {
            choice: Choice::Confirm,
            by: by(),
            at: at(0),
        }
        .into(),
        TurnedDown::Answered {
            choice: Choice::Decline,
            by: by(),
            at: at(0),
        }
        .into(),
        TurnedDown::CancelledBefore {
            id: id.clone(),
            by: by(),
            at: at(0),
        }
        .into(),
        TurnedDown::ButtonUsed {
            id: id.clone(),
            by: by(),
        }
        .into(),
        TurnedDown::ButtonStale { id: id.clone() }.into(),
        Refused::NoAccess {
            environment: environment.clone(),
            action: "ecs:DescribeServices".to_owned(),
            role: names.role.clone(),
        }
        .into(),
        Refused::NoGithub {
            reference: Some(reference.clone()),
            no: None,
        }
        .into(),
        Refused::NoGithub {
            reference: None,
            no: None,
        }
        .into(),
        no_github(GithubNo::Token),
        no_github(GithubNo::NoKey),
        no_github(GithubNo::KeyNotTaken),
        no_github(GithubNo::NotInstalled),
        no_github(GithubNo::Suspended),
        no_github(GithubNo::OtherRepository),
        Refused::GithubLimit {
            reference: None,
            until: at(0),
        }
        .into(),
        Refused::AwsRefuses(no(
            "DescribeImages",
            AwsNoKind::Refused {
                code: "InvalidParameterException".to_owned(),
                said: text(),
            },
        ))
        .into(),
        Refused::NoAnswer(Silent::Aws(no("DescribeServices", AwsNoKind::Silent))).into(),
        Refused::NoAnswer(Silent::GithubLimit).into(),
        Refused::NoAnswer(Silent::Github("HTTP 503".to_owned())).into(),
        Refused::Unavailable.into(),
        Refusal::Unknown {
            application: application.clone(),
            environment: environment.clone(),
        },
        Refusal::UnknownClick { id: id.clone() },
        Refusal::NothingRead,
        Refusal::NotByMention,
    ];
    for by in [by(), operator(), Actor::Longshore] {
        let busy = Obstacle::Busy(Busy {
            id: id.clone(),
            application: application.clone(),
            environment: environment.clone(),
            by,
            since: at(0),
            stopped_by: None,
        });
        all.push(at_the_gate(busy));
    }
    for verdict in Verdict::ALL {
        let id = id.clone();
        all.push(TurnedDown::Ended { id, verdict }.into());
    }
    for why in [
        NoWayBack::Elsewhere {
            application: names.other.clone(),
            environment: environment.clone(),
        },
        NoWayBack::Ended(Verdict::Failed),
        NoWayBack::Open,
        NoWayBack::CannotRun(CannotRun::Live),
        NoWayBack::CannotRun(CannotRun::Revision(names.revision.clone())),
        NoWayBack::CannotRun(CannotRun::Image(text())),
        NoWayBack::CannotRun(CannotRun::Untold(names.revision.clone())),
        NoWayBack::CannotRun(CannotRun::Unpullable {
            digest: text(),
            state: "ARCHIVED".to_owned(),
        }),
    ] {
        all.push(
            Refused::NoWayBack {
                id: id.clone(),
                application: application.clone(),
                environment: environment.clone(),
                why,
            }
            .into(),
        );
    }
    for others in [vec![], vec![(id.to_string(), text())]] {
        all.push(
            Refused::NoBack(NoBack::NewestCannotRun {
                application: application.clone(),
                environment: environment.clone(),
                label: text(),
                why: CannotRun::Image(text()),
                others,
            })
            .into(),
        );
    }
    all.extend(of_plans(names));
    all.extend(of_images(names));
    all.extend(of_ways_back(names));
    all.extend(of_questions(names));
    all.extend(of_the_policy(names));
    all.extend(of_rights(names));
    all.extend(of_the_grammar(names));
    all
}

pub(super) fn no(operation: &str, kind: AwsNoKind) -> AwsNo {
    AwsNo {
        service: "ecs".to_owned(),
        operation: operation.to_owned(),
        kind,
        tried: None,
    }
}

fn no_github(no: GithubNo) -> Refusal {
    Refused::NoGithub {
        reference: None,
        no: Some(no),
    }
    .into()
}
