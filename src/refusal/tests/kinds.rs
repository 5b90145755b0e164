//! Refusals by what they are of, those that the list of every one takes in.

use super::every::no;
use super::names::{Names, instead, still_open};
use super::*;
use crate::command::{MAX_APPLICATIONS, Misreading};
use crate::plan::{Closed, Foreign};
use crate::policy::Stranger;
use crate::record::{Field, NoImage, NoPlatform, NoSchedule};
use crate::resolve::Unresolvable;
use crate::rollout::AfterPause;
use crate::running::{NoLines, Tail};

/// Before anything is planned, and while it is.
pub(super) fn of_plans(names: &Names) -> Vec<Refusal> {
    let (family, repository) = (names.family.clone(), names.repository.clone());
    let mut all = vec![
        Refused::NoTask {
            family: family.clone(),
        },
        Refused::NoTaskContainer { family, repository },
        Refused::TooManyOpen {
            environment: names.environment.clone(),
            open: still_open(names),
        },
        Refused::TooOld { at: at(0) },
        Refused::Ahead { at: at(0) },
        Refused::GithubLimit {
            reference: Some(names.reference.clone()),
            until: at(0),
        },
        Refused::GithubKept { until: at(0) },
        Refused::Gates(vec![Obstacle::Busy(Busy {
            id: "4f2k9x0a".parse().unwrap(),
            application: names.application.clone(),
            environment: names.environment.clone(),
            by: names.person.clone(),
            since: at(0),
            stopped_by: Some(names.person.clone()),
        })]),
        Refused::Gates(vec![Obstacle::Foreign(Foreign {
            service: names.service.clone(),
            rollout: "r".to_owned(),
            revision: names.revision.clone(),
            registered_by: None,
            since: None,
            counts: crate::record::Counts::default(),
        })]),
    ];
    all.extend(super::checks::of_proofs(names));
    for closed in [
        Closed::Revision(names.revision.clone()),
        Closed::Image("0123456789ab".to_owned()),
    ] {
        all.push(Refused::Gates(vec![Obstacle::NoWayBack {
            service: names.service.clone(),
            closed,
        }]));
    }
    for why in [
        NoSchedule::Missing,
        NoSchedule::NoTask,
        NoSchedule::Definition(names.revision.clone()),
        NoSchedule::Family(names.family.clone()),
        NoSchedule::Container(names.repository.clone()),
    ] {
        all.push(Refused::Schedule {
            schedule: names.service.clone(),
            why,
        });
    }
    for kind in [
        AwsNoKind::Throttled,
        AwsNoKind::Denied {
            action: "ecs:DescribeServices".to_owned(),
            role: names.role.clone(),
            said: names.text.clone(),
        },
        AwsNoKind::NotSent {
            said: names.text.clone(),
        },
    ] {
        all.push(Refused::AwsRefuses(no("DescribeServices", kind)));
    }
    all.into_iter().map(Refusal::from).collect()
}

/// Why no image is found, or not that one.
pub(super) fn of_images(names: &Names) -> Vec<Refusal> {
    let (image_repository, tag) = (names.repository.clone(), names.tag.clone());
    let image_repository = || image_repository.clone();
    let tag = || tag.clone();
    let mut all = Vec::new();
    for instead in instead(names) {
        let whys = [
            Unresolvable::UnknownRef {
                reference: names.reference.clone(),
                searched: vec!["acme/cms".to_owned(), image_repository()],
                suggestions: vec![],
            },
            Unresolvable::UnknownRef {
                reference: names.reference.clone(),
                searched: vec![image_repository()],
                suggestions: vec![tag(), "v1.0.9".to_owned()],
            },
            Unresolvable::NoRef {
                image_repository: image_repository(),
                newest: vec![],
            },
            Unresolvable::NoRef {
                image_repository: image_repository(),
                newest: vec![tag(), "v1.0.9".to_owned()],
            },
            super::unbuilt::no_image(names, None),
            Unresolvable::NotActive {
                image_repository: image_repository(),
                tag: tag(),
                state: "ARCHIVED".to_owned(),
            },
            Unresolvable::NotAnImage {
                image_repository: image_repository(),
                tag: tag(),
                what: "a Helm chart".to_owned(),
            },
            Unresolvable::Ambiguous {
                reference: names.reference.to_string(),
                one: format!("the branch `{}` (commit `1f0c9de`)", names.reference),
                other: format!(
                    "the git tag `{}` (commit `2a1b3c4`, without an image)",
                    names.reference
                ),
            },
            Unresolvable::NoRepository {
                repository: "acme/cms".to_owned(),
            },
            Unresolvable::ImageGone {
                image_repository: image_repository(),
                label: names.text.clone(),
            },
            Unresolvable::NoImageRepository {
                image_repository: image_repository(),
            },
        ];
        let whys = whys.into_iter().filter(|why| {
            let is_missing = !matches!(
                why,
                Unresolvable::NoRef { .. }
                    | Unresolvable::Ambiguous { .. }
                    | Unresolvable::NoRepository { .. }
                    | Unresolvable::NoImageRepository { .. }
            );
            instead.is_none() || is_missing
        });
        all.extend(whys.map(|why| Refused::Unresolvable {
            why,
            instead: instead.clone(),
        }));
    }
    all.extend(super::unbuilt::of_unbuilt(names));
    for configured in [true, false] {
        all.push(Refused::NoImage(NoImage {
            application: names.application.clone(),
            environment: names.environment.clone(),
            image: names.container.clone(),
            configured,
        }));
    }
    for has in [
        vec![],
        vec!["linux/amd64".to_owned(), "windows/amd64".to_owned()],
    ] {
        all.push(Refused::NoPlatform(NoPlatform {
            image: format!("{}:{}", names.repository, names.tag),
            has,
            wants: "linux/arm64".to_owned(),
            definition: format!("{}:12345", names.family),
        }));
    }
    all.into_iter().map(Refusal::from).collect()
}

/// Why nothing is gone back to.
pub(super) fn of_ways_back(names: &Names) -> Vec<Refusal> {
    let (application, environment) = (names.application.clone(), names.environment.clone());
    let one = (names.tag.clone(), names.text.clone());
    let mut all = vec![NoBack::NothingToRollBackTo {
        application: application.clone(),
        environment: environment.clone(),
        left: vec![],
    }];
    for (alike, ways) in [
        (vec![], vec![]),
        (vec![], vec![one.clone()]),
        (vec![one.clone()], vec![]),
    ] {
        all.push(NoBack::NoVersion {
            version: names.reference.clone(),
            application: application.clone(),
            environment: environment.clone(),
            alike,
            ways,
        });
    }
    for how in [
        Leaving::Deployed,
        Leaving::RolledBack,
        Leaving::TriedToDeploy,
        Leaving::TriedToRollBack,
        Leaving::Outside,
    ] {
        all.push(NoBack::IsGone {
            gone: Gone {
                label: Some(names.text.clone()),
                left: Some(Left {
                    how,
                    by: names.person.clone(),
                    at: at(0),
                    deploy: None,
                    label: names.text.clone(),
                }),
            },
            application: application.clone(),
            environment: environment.clone(),
            now: at(4),
        });
    }
    for why in [
        CannotRun::Revision(names.revision.clone()),
        CannotRun::Untold(names.revision.clone()),
        CannotRun::Unpullable {
            digest: names.text.clone(),
            state: "ARCHIVED".to_owned(),
        },
    ] {
        all.push(NoBack::NewestCannotRun {
            application: application.clone(),
            environment: environment.clone(),
            label: names.text.clone(),
            why,
            others: vec![],
        });
    }
    all.into_iter()
        .map(|why| Refused::NoBack(why).into())
        .collect()
}

/// Answers to questions and pauses that do not count, and the form.
pub(super) fn of_questions(names: &Names) -> Vec<Refusal> {
    let (application, environment) = (names.application.clone(), names.environment.clone());
    let id: DeployId = "4f2k9x0a".parse().unwrap();
    let version = crate::card::fixtures::goes_back("1.0.1").way.key;
    let mut all = vec![
        TurnedDown::Stranger(Stranger),
        TurnedDown::NotChosen(Field::Application),
        TurnedDown::NotChosen(Field::Environment),
        TurnedDown::NoRef,
        TurnedDown::OtherSuggestion {
            application: application.clone(),
            of: names.other.clone(),
            reference: names.reference.clone(),
        },
        TurnedDown::UnknownDeploy { id: id.clone() },
        TurnedDown::StillRolling {
            id: id.clone(),
            application: application.clone(),
            environment: environment.clone(),
            service: names.service.clone(),
        },
        TurnedDown::NotOverdue {
            id: id.clone(),
            application,
            environment,
        },
    ];
    for ran_out in [None, Some(AfterPause::Continue), Some(AfterPause::RollBack)] {
        for waits in [None, Some(names.service.clone())] {
            all.push(TurnedDown::PauseOver {
                id: id.clone(),
                ran_out,
                waits,
            });
        }
    }
    for choice in [Choice::Continue, Choice::RollBack] {
        all.push(TurnedDown::NewerPause {
            choice,
            by: names.person.clone(),
            at: at(0),
            service: names.service.clone(),
        });
    }
    for choice in [Choice::Another(version), Choice::Continue, Choice::RollBack] {
        all.push(TurnedDown::Answered {
            choice,
            by: names.person.clone(),
            at: at(0),
        });
    }
    all.into_iter().map(Refusal::from).collect()
}

/// Whatever cannot be read.
pub(super) fn of_the_grammar(names: &Names) -> Vec<Refusal> {
    let (app, other, env) = (&names.application, &names.other, &names.environment);
    let reference = &names.reference;
    let two: EnvName = "beta".parse().unwrap();
    let words = Vocabulary::new()
        .with_application(app, [])
        .with_repository(app, "acme/cms")
        .with_application(other, [])
        .with_environment(env, [])
        .with_environment(&two, []);
    let long = "x".repeat(200);
    let many: Vec<String> = (0..=MAX_APPLICATIONS).map(|n| format!("a{n}")).collect();
    let words = many.iter().fold(words, |words, name| {
        words.with_application(&name.parse().unwrap(), [])
    });
    let typed = [
        format!("{long} to {env}"),
        format!("{app} to {long}"),
        format!("{app}"),
        format!("{app}:{reference}"),
        format!("{app}/{long} to {env}"),
        format!("restart {app}/{long} on {env}"),
        format!("logs {app} on {env} {long}"),
        format!("{app} to {env} {two}"),
        format!("{app} to {env} and {two}"),
        format!("cancel {app},{other} on {env}"),
        format!("status {env} at 14:05"),
        format!("status {app} {env} on 29 February"),
        format!("{app},{app} to {env}"),
        format!("{} to {env}", many.join(",")),
        format!("{app}:{long}..x to {env}"),
        format!("show {long}"),
        format!("{app} {reference} to {env}"),
        format!("{app} pr 7 to {env}"),
        format!("{app}:acme/{long}@main to {env}"),
        format!("{app} to {env} {long} {long}"),
        format!("redeploy {app} on {env}"),
        format!("plan rollback {app} on {env}"),
        format!("why-not restart {app} on {env}"),
        format!("grant @maria {app} as admin"),
        format!("grant @maria {app} as {long}"),
        format!("grant {app}"),
        format!("revoke @maria {long}"),
        format!("grant @maria {app} because {long}x"),
        format!("who {app}"),
        format!("history since {long}"),
        long.clone(),
        "x".repeat(3_000),
    ];
    let refused = typed
        .iter()
        .filter_map(|text| Command::parse(text, &words).err());
    let threads = [Misreading::NoDeploysThread, Misreading::SeveralInThread];
    let threads = threads.map(|problem| Command::misread("rollback", &words, problem));
    refused.chain(threads).map(Refusal::from).collect()
}

/// Why there is no log to show; said beside refusals, and like them.
pub(super) fn no_logs(names: &Names) -> Vec<String> {
    let container = names.container.to_string();
    let whys = [
        NoLines::NoService,
        NoLines::NoTask { starting: 0 },
        NoLines::NoTask { starting: 1 },
        NoLines::NoTask { starting: 12 },
        NoLines::NoContainer {
            container: container.clone(),
        },
        NoLines::Elsewhere {
            container: container.clone(),
        },
        NoLines::NoPrefix {
            container: container.clone(),
        },
        NoLines::OtherRegion {
            container: container.clone(),
            region: "ap-southeast-2".to_owned(),
        },
        NoLines::Nothing {
            container,
            task: "0123456789abcdef0123456789abcdef".to_owned(),
            group: names.log_group.clone(),
        },
        NoLines::Denied {
            group: names.log_group.clone(),
            action: "logs:GetLogEvents".to_owned(),
        },
        NoLines::Unread {
            why: "AWS does not answer logs:GetLogEvents".to_owned(),
            role: None,
        },
        NoLines::Unread {
            why: "AWS does not allow sts:AssumeRole".to_owned(),
            role: Some(names.role.clone()),
        },
    ];
    whys.iter()
        .map(|why| {
            let tail = Tail {
                application: names.application.clone(),
                environment: names.environment.clone(),
                service: names.service.clone(),
                others: Vec::new(),
                found: Err(why.clone()),
            };
            no_lines(&tail, why).plain("/deploy")
        })
        .collect()
}
