//! Every refusal, with its words.

mod linted;

use insta::assert_snapshot;
use jiff::SignedDuration;

use super::*;
use crate::card;
use crate::card::fixtures::{at, maria, operator, sam};
use crate::command::{Command, Vocabulary};
use crate::gate::{Busy, Obstacle};
use crate::names::version::{Gone, Leaving, Left};
use crate::names::{Actor, Ref};
use crate::plan::{Candidate, CannotRun};
use crate::record::{Choice, NoBack, NoWayBack, Silent, Verdict};
use crate::request::Entry;
use crate::rollout::{AwsNo, AwsNoKind};

fn words() -> Vocabulary {
    Vocabulary::new()
        .with_application(&"webapp".parse().unwrap(), ["shop"])
        .with_application(&"cms".parse().unwrap(), ["content"])
        .with_environment(&"staging".parse().unwrap(), ["stg"])
        .with_environment(&"production".parse().unwrap(), ["prod"])
}

fn at_the_gate(obstacle: Obstacle) -> Refusal {
    Refused::Gates(vec![obstacle]).into()
}

/// Every refusal there is, once, with `text` wherever somebody's words go.
fn every(text: &str) -> Vec<Refusal> {
    let application: AppName = "cms".parse().unwrap();
    let environment: EnvName = "production".parse().unwrap();
    let id: DeployId = "4f2k9x0a".parse().unwrap();
    let reference: Ref = "feature/a&b".parse().unwrap();
    let text = || text.to_owned();
    let mut all: Vec<Refusal> = vec![
        Refused::NoConfiguration.into(),
        Refused::UnreadableConfiguration.into(),
        Refused::NotThere {
            application: application.clone(),
            environment: environment.clone(),
            there: vec!["staging".to_owned()],
        }
        .into(),
        at_the_gate(Obstacle::ForeignController {
            service: "cms-api".to_owned(),
            controller: "CODE_DEPLOY".to_owned(),
        }),
        at_the_gate(Obstacle::ForeignController {
            service: "cms-api".to_owned(),
            controller: "EXTERNAL".to_owned(),
        }),
        at_the_gate(Obstacle::UnknownController {
            service: "cms-api".to_owned(),
            controller: text(),
        }),
        at_the_gate(Obstacle::ExpressMode {
            service: "cms-api".to_owned(),
        }),
        Refused::NoVolume {
            family: "cms-migrate".to_owned(),
            volume: "scratch".to_owned(),
            service: "cms-api".to_owned(),
        }
        .into(),
        at_the_gate(Obstacle::NoService {
            service: "cms-api".to_owned(),
            cluster: "production".to_owned(),
        }),
        at_the_gate(Obstacle::Inactive {
            service: "cms-api".to_owned(),
            status: "DRAINING".to_owned(),
        }),
        Refused::NoContainer {
            service: "cms-api".to_owned(),
            repository: "cms".to_owned(),
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
        Refused::KeepsChanging {
            application: application.clone(),
            environment: environment.clone(),
        }
        .into(),
        Refused::RestartOfFailed {
            service: "cms-api".to_owned(),
            revision: "cms-api:8".to_owned(),
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
            by: maria(),
            at: at(0),
        }
        .into(),
        TurnedDown::Answered {
            choice: Choice::Decline,
            by: maria(),
            at: at(0),
        }
        .into(),
        TurnedDown::CancelledBefore {
            id: id.clone(),
            by: sam(),
            at: at(0),
        }
        .into(),
        TurnedDown::ButtonUsed {
            id: id.clone(),
            by: sam(),
        }
        .into(),
        TurnedDown::ButtonStale { id: id.clone() }.into(),
        Refused::NoAccess {
            environment: environment.clone(),
            action: "ecs:DescribeServices".to_owned(),
            role: "arn:aws:iam::222222222222:role/longshore-staging".to_owned(),
        }
        .into(),
        Refused::NoGithub {
            reference: Some(reference),
        }
        .into(),
        Refused::NoGithub { reference: None }.into(),
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
    ];
    for by in [sam(), operator(), Actor::Longshore] {
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
            application: "webapp".parse().unwrap(),
            environment: environment.clone(),
        },
        NoWayBack::Ended(Verdict::Failed),
        NoWayBack::Open,
        NoWayBack::CannotRun(CannotRun::Live),
        NoWayBack::CannotRun(CannotRun::Revision(
            "arn:aws:ecs:eu-west-1:1:task-definition/cms:9".to_owned(),
        )),
        NoWayBack::CannotRun(CannotRun::Image(text())),
        NoWayBack::CannotRun(CannotRun::Untold(
            "arn:aws:ecs:eu-west-1:1:task-definition/cms:9".to_owned(),
        )),
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
    all
}

fn no(operation: &str, kind: AwsNoKind) -> AwsNo {
    AwsNo {
        service: "ecs".to_owned(),
        operation: operation.to_owned(),
        kind,
        tried: None,
    }
}

#[test]
fn every_refusal_says_what_why_and_what_next() {
    let said: Vec<String> = every("v<9>").iter().map(ToString::to_string).collect();
    assert_snapshot!(said.join("\n"), @r#"
    No configuration has been pushed yet, so nobody may do anything here. Whoever runs Longshore writes `longshore.toml` and runs `longshore push`; then ask again.
    Longshore cannot read its configuration, and without one nobody may do anything; nothing was started. Whoever runs it checks `longshore.toml` with `longshore check` and publishes it with `longshore push`.
    `cms` does not run on production, but on `staging`. Ask the people who run Longshore to add it there.
    The service `cms-api` is rolled out by `CODE_DEPLOY`, not by ECS itself, so Longshore must keep its hands off. Deploy it with that, or recreate it with the deployment controller `ECS`.
    The service `cms-api` is rolled out by `EXTERNAL`, not by ECS itself, so Longshore must keep its hands off. Deploy it with that, or recreate it with the deployment controller `ECS`.
    The service `cms-api` names the deployment controller `v<9>`, which this version of Longshore does not know, so it keeps its hands off. Deploy it as before, or upgrade Longshore.
    The service `cms-api` is an Express Mode service, which ECS manages by itself. Whether it can be given a task definition is not verified, so Longshore keeps its hands off. Deploy it with `aws ecs update-express-gateway-service`, or run the application in a service of your own.
    I can not run the one-off task `cms-migrate` first: its volume `scratch` is configured at launch, and the service `cms-api` does not configure it. Give the service one, or take `configuredAtLaunch` out of the task definition. Nothing was started.
    There is no service `cms-api` in the cluster `production`. Nothing was started. Create it, or ask the people who run Longshore to correct `services`.
    The service `cms-api` is `DRAINING`, not ACTIVE, so nothing can be deployed to it. Create it again, or ask the people who run Longshore to take it out.
    No container of `cms-api` uses an image of `cms`, so there is nothing to exchange. Ask the people who run Longshore to name them in `containers`.
    `cms` on production runs `v<9>`, the very same image. To replace its tasks by new ones, press *Restart*, or type `/deploy restart cms on production`.
    All of these run on production what you asked for, the very same images. To replace their tasks by new ones, press *Restart*, or type `/deploy restart APP on production` for one.
    Those are 61 services, and one plan takes 60 at most. Deploy fewer applications with one command; nothing was started.
    There is nothing else to go back to: what ran well of `cms` on production was rolled back from before. To return to it all the same: `/deploy rollback cms on production to 4f2k9x0a` (`v<9>`)
    `v<9>` is gone: Longshore rolled back 4 s ago, to `v<9>`. Nothing was changed. `/deploy status cms production` shows what runs now.
    Deploy `4f2k9x0a` was under way: it is stopped, which brings back what ran before, and its card says how that ends. Ask for a rollback again only to go further back.
    What runs of `cms` on production keeps changing while this deploy gets ready, so nothing was started. See who else deploys there (`/deploy status cms production`), then ask again.
    Nothing was restarted: the service `cms-api` was last given `cms-api:8`, which did not come up, and a restart would bring that to all of its tasks. Roll back (`/deploy rollback cms on production`), or deploy a version that works: `/deploy cms:REF to production`.
    There is no deploy `4f2k9x0a`. `/deploy history` lists the latest; ids are eight letters and digits.
    No deploy of `cms` to production is under way, so there is nothing to cancel. To undo the last one: `/deploy rollback cms on production`.
    `23:05` is still to come in `Europe/Vienna`, where typed times are read. Name a time that has passed: `/deploy history since 14:05 yesterday`.
    That question has lapsed: nobody answered it in time, so deploy `4f2k9x0a` changed nothing. Ask again if it is still wanted.
    That question is out of date: what runs there has changed since, or another version was chosen. Nothing was started by this click; answer the newest question of deploy `4f2k9x0a`.
    @U061F7AUR has confirmed it already, at 15 Jan 08:00 UTC, and the first answer stands. `/deploy status` shows how it goes on.
    @U061F7AUR has decided against it already, at 15 Jan 08:00 UTC, and the first answer stands. `/deploy status` shows how it goes on.
    @U0G9QF9C6 has asked deploy `4f2k9x0a` to stop already, at 15 Jan 08:00 UTC. Wait for its verdict: it comes as soon as ECS has gone back.
    That button was used before: deploy `4f2k9x0a`, asked for by @U0G9QF9C6, came of it. `/deploy show 4f2k9x0a` tells how it went.
    That button no longer fits deploy `4f2k9x0a`: it has moved on. `/deploy show 4f2k9x0a` tells where it is.
    AWS does not let Longshore `ecs:DescribeServices` on production, so nothing was changed there. The role `arn:aws:iam::222222222222:role/longshore-staging` does not allow it. Whoever runs it deploys the stack that `longshore target production` writes, in that account: step 4 of the README.
    GitHub could not be asked what `feature/a&b` is, so nothing was started. Try again in a minute, or name an image tag or a full commit.
    GitHub could not be asked what the default branch is, so nothing was started. Try again in a minute, or name an image tag or a full commit.
    GitHub's rate limit is used up until 15 Jan 08:00 UTC, so it could not be asked what the default branch is; nothing was started. Name an image tag or a full commit, which needs no GitHub. With a GitHub token Longshore may ask far more often.
    Nothing was started: `AWS refuses ecs:DescribeImages: v<9>`. Mend that first, then ask again.
    Nothing was started: Amazon ECS does not answer (AWS does not answer ecs:DescribeServices). Longshore tried for three minutes; ask again once that has passed. https://health.aws.amazon.com/health/status shows whether it is known there.
    Nothing was started: GitHub's rate limit is used up. Longshore tried for three minutes; ask again once that has passed. https://www.githubstatus.com shows whether it is known there.
    Nothing was started: GitHub cannot be reached: HTTP 503. Longshore tried for three minutes; ask again once that has passed. https://www.githubstatus.com shows whether it is known there.
    Longshore could not reach AWS; nothing was started. Try again in a minute.
    AWS did not answer in time, and I can not tell whether this was accepted. `/deploy status cms production` shows it, or repeat the command: while one is under way, a second one is refused.
    AWS did not answer in time, and I can not tell whether this click was accepted. `/deploy show 4f2k9x0a` tells, or press again: it counts once.
    Longshore could not reach AWS, so there is nothing to show. Try again in a minute.
    Deploy `4f2k9x0a` of `cms` to production, asked for by @U0G9QF9C6 at 15 Jan 08:00 UTC, is still under way. Wait for its verdict, or stop it: `/deploy cancel cms on production`.
    Deploy `4f2k9x0a` of `cms` to production, asked for by `kim` at 15 Jan 08:00 UTC, is still under way. Wait for its verdict, or stop it: `/deploy cancel cms on production`.
    Deploy `4f2k9x0a` of `cms` to production, asked for by Longshore at 15 Jan 08:00 UTC, is still under way. Wait for its verdict, or stop it: `/deploy cancel cms on production`.
    Deploy `4f2k9x0a` has ended already: succeeded. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: rolled back. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: failed. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: cancelled. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: refused. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: lapsed unanswered. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: superseded by another rollout. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: replaced by a newer request. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: given up watching. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` cannot be gone back to: it is one of `webapp` to production. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: it did not succeed (failed). `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: it is still under way. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: it is what runs now. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: its task definition `cms:9` is gone. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: its image `v<9>` is gone. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: which image its task definition `cms:9` ran cannot be told. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: its image `v<9>` is `ARCHIVED` in the registry and cannot be pulled until it is restored. `/deploy history all cms production` lists what ran there.
    The newest good version of `cms` on production, `v<9>`, cannot be gone back to: its image `v<9>` is gone. No older one can be either. Deploy the version you want: `/deploy cms:REF to production`.
    The newest good version of `cms` on production, `v<9>`, cannot be gone back to: its image `v<9>` is gone. Older ones can: `/deploy rollback cms on production to 4f2k9x0a` (`v<9>`)
    "#);
}

#[test]
fn what_is_no_command_is_answered_with_the_nearest_usage() {
    let typed = [
        "webap to staging",
        "webapp to stagging",
        "webapp",
        "frobnicate",
        "webapp to staging twice",
        "show me",
        "webapp:a..b to staging",
        "rollbak webapp on staging",
        "help frobnicate",
        &"x".repeat(3_000),
    ];
    let said: Vec<String> = typed
        .iter()
        .map(|text| Command::parse(text, &words()).unwrap_err())
        .map(|misunderstood| Refusal::from(misunderstood).said("/ship").to_string())
        .collect();
    assert_snapshot!(said.join("\n"), @r#"
    `webap` is not an application. Did you mean `/ship webapp to staging`?
    `stagging` is not an environment. Did you mean `/ship webapp to staging`?
    That does not say which environment, and none is the default; there are `production` and `staging`. For instance: `/ship webapp to production`
    `frobnicate` is not a command or an application; there are `cms` and `webapp`. For instance: `/ship help`
    `twice` at the end was not understood, so nothing was done. Did you mean `/ship webapp:twice to staging`?
    `me` is no deploy's id, which is eight letters and digits. Did you mean `/ship show last`?
    `a..b` cannot be read as a ref; name its commit. For instance: `/ship webapp:4f2c9e1 to staging`
    `rollbak` is not a command or an application. Did you mean `/ship rollback webapp on staging`?
    `frobnicate` is not a command. For instance: `/ship help`
    That is longer than a command may be, so it was not read. For instance: `/ship help`
    "#);
}

#[test]
fn a_refusal_uses_the_commands_own_name() {
    let refusal: Refusal = TurnedDown::NothingToCancel {
        application: "cms".parse().unwrap(),
        environment: "staging".parse().unwrap(),
    }
    .into();
    assert!(refusal.to_string().contains("`/deploy rollback cms"));
    let said = refusal.said("/ship").to_string();
    assert!(said.contains("`/ship rollback cms") && !said.contains("/deploy"));
}

#[test]
fn after_an_unknown_outcome_nothing_is_denied() {
    for refusal in [
        Refusal::Unknown {
            application: "cms".parse().unwrap(),
            environment: "staging".parse().unwrap(),
        },
        Refusal::UnknownClick {
            id: "4f2k9x0a".parse().unwrap(),
        },
    ] {
        let said = refusal.to_string();
        assert!(said.contains("can not tell"), "{said}");
        assert!(!said.contains("nothing was") && !said.contains("Nothing was"));
    }
}
