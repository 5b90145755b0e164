//! Every state that a service may be in, and what is said of it.

use super::*;
use crate::card::fixtures::{asking, deploy_of, phase_rolling, rolling};
use crate::record::Outside;
use crate::rollout::{AfterPause, HookStatus};

/// A state: what makes it of the settled one, what both drawings say then, and what neither does.
type State = (
    &'static str,
    fn(&mut Said),
    &'static [&'static str],
    &'static [&'static str],
);

const STATES: &[State] = &[
    (
        "settled",
        |_| {},
        &[
            "1.0.2",
            "`2f0c9de`",
            "5 min ago, <@U061F7AUR> || <@U061F7AUR>, 5 min ago",
        ],
        &[
            "1.0.1",
            "rolling out",
            "not finish",
            "outside",
            "not one version",
            "waits",
            ":warning:",
        ],
    ),
    (
        "failed tasks",
        |said| {
            said.moving("IN_PROGRESS");
            said.api().service.rollouts[0].counts = Counts {
                desired: 2,
                running: 0,
                pending: 1,
                failed: 16,
            };
        },
        &[
            "0 of 2 running || *0 of 2 tasks up*",
            "1 pending, 16 failed || *16 failed*",
            "2 running || 1.0.2",
            "1.0.2",
        ],
        &["not finish"],
    ),
    (
        "a rollout of ours",
        |said| {
            said.moving("IN_PROGRESS");
            said.open = vec![rolling(deploy_of("main"))];
            put(&mut said.open[0], 0, phase_rolling());
            said.open[0].services[0].revision = Some(family("cms-api", 3));
            said.holders = vec![said.open[0].id.clone()];
        },
        &[
            "1.0.2",
            "*rolling out* `cms-api`, by deploy `4f2k9x0a` || staging: asked by <@",
        ],
        &["not by Longshore", "outside"],
    ),
    (
        "somebody else's rollout",
        |said| said.moving("IN_PROGRESS"),
        &[
            "`cms-api:3`",
            "*changed outside of Longshore* (last deployed: 1.0.2) || *changed outside*",
            "*rolling out* `cms-api`, not by Longshore || *rolling out, not by Longshore*",
        ],
        &["deploy `4f2k9x0a`"],
    ),
    (
        "a stage of a rollout",
        |said| {
            said.moving("IN_PROGRESS");
            said.api().staged = Some(Staged {
                shares: vec![(family("cms-api", 3), 100), (family("cms-api", 2), 900)],
                stage: Some("PRODUCTION_TRAFFIC_SHIFT".to_owned()),
                pause: None,
                ..Staged::default()
            });
        },
        &[
            "*rolling out* `cms-api` (moving production traffic to the new tasks) || *rolling out, not by Longshore*",
            "10 % of the traffic",
            "90 % of the traffic || 10 % of the traffic",
        ],
        &["waits"],
    ),
    (
        "a rollout at a pause hook",
        |said| {
            said.moving("IN_PROGRESS");
            said.api().staged = Some(Staged {
                stage: Some("POST_TEST_TRAFFIC_SHIFT".to_owned()),
                pause: Some(Hook {
                    id: "h1".to_owned(),
                    status: HookStatus::AwaitingAction,
                    expires_at: Some(at(1_800)),
                    on_timeout: AfterPause::RollBack,
                }),
                ..Staged::default()
            });
        },
        &[
            "*rolling out* `cms-api`,  || `cms-api`",
            "*waits for a person* at `cms-api` (the new tasks get the test traffic), until <!date^1800001800^ || *waits for Continue* until <!date^1800001800^",
            ", when ECS goes back to what ran before || `cms-api`",
        ],
        &[],
    ),
    (
        "an unfinished rollout",
        |said| said.moving("FAILED"),
        &[
            "`cms-api:3`",
            "1.0.2",
            "*the last rollout of `cms-api` did not finish* || *last rollout did not finish*",
        ],
        &["rolling out"],
    ),
    (
        "changed from outside, to what nobody knows",
        |said| *said.api() = runs("cms-api", 9),
        &[
            "`cms-api:9`",
            "*changed outside of Longshore* (last deployed: 1.0.2) || *changed outside*",
            "1.0.2",
            "`cms-worker`",
        ],
        &["rolling out"],
    ),
    (
        "changed from outside, to what ran before",
        |said| *said.api() = runs("cms-api", 1),
        &[
            "1.0.1",
            "*changed outside of Longshore* (last deployed: 1.0.2) || *changed outside*",
        ],
        &[],
    ),
    (
        "changed from outside, and noticed",
        |said| {
            let outside = Outside {
                registered_by: Some("arn:aws:iam::222222222222:user/kim".to_owned()),
                successful: true,
            };
            *said.api() = runs("cms-api", 9);
            said.history.insert(
                0,
                Past {
                    id: None,
                    requested_at: at(-900),
                    revisions: vec![("cms-api".to_owned(), family("cms-api", 9))],
                    outside: Some(outside),
                    ..past("1.0.3", false, None)
                },
            );
        },
        &[
            "1.0.3",
            "`cms-api:9`",
            "*changed outside of Longshore*, noticed 15 min ago, registered by `kim` || *changed outside*, noticed 15 min ago",
        ],
        &["last deployed"],
    ),
    (
        "services at different versions",
        |said| {
            *said.api() = runs("cms-api", 3);
            let failed = Past {
                verdict: Some(Verdict::Failed),
                ..brought("1.0.3", 3, -60)
            };
            said.history.insert(0, failed);
        },
        &[
            "1.0.3",
            "1.0.2",
            "`cms-api`",
            "`cms-worker`",
            "1 min ago",
            "5 min ago",
        ],
        &["outside"],
    ),
    (
        "one label of two images",
        |said| {
            *said.api() = runs("cms-api", 3);
            let failed = Past {
                verdict: Some(Verdict::Failed),
                digests: vec![("app".to_owned(), "sha256:other".to_owned())],
                revisions: vec![("cms-api".to_owned(), family("cms-api", 3))],
                commit: said.history[0].commit.clone(),
                ..brought("1.0.2", 3, -300)
            };
            said.history.insert(0, failed);
        },
        &["`cms-api`", "`cms-worker`", "1.0.2"],
        &[],
    ),
    (
        "found when first seen",
        |said| {
            said.history.truncate(1);
            said.history[0].id = None;
            said.history[0].verdict = None;
        },
        &["1.0.2", "found running, first seen "],
        &["<@U061F7AUR>", "outside"],
    ),
    (
        "never deployed",
        |said| said.history.clear(),
        &[
            "`cms-api:2`",
            "`cms-worker:2`",
            "never deployed by Longshore",
        ],
        &["outside"],
    ),
    (
        "one of which no task runs, and one of which too few do",
        |said| {
            for (name, running) in [("cms-api", 0), ("cms-worker", 1)] {
                let read = said.services.get_mut(name).unwrap();
                let service = &mut read.as_mut().unwrap().as_mut().unwrap().service;
                service.desired = 2;
                service.rollouts[0].counts = Counts {
                    desired: 2,
                    running,
                    ..Counts::default()
                };
            }
        },
        &[
            "0 of 2 running || *0 of 2 tasks up*",
            "1 of 2 running || *1 of 2 tasks up*",
            "`cms-api`",
            "`cms-worker`",
        ],
        &["1 of 4"],
    ),
    (
        "a rollout that goes back",
        |said| {
            said.moving("IN_PROGRESS");
            said.api().staged = Some(Staged {
                goes_back: true,
                ..Staged::default()
            });
        },
        &["*going back* `cms-api`, not by Longshore || *going back, not by Longshore*"],
        &["rolling out"],
    ),
    (
        "a hook of a rollout that is over",
        |said| {
            said.moving("FAILED");
            said.api().staged = Some(Staged {
                pause: Some(Hook {
                    id: "h1".to_owned(),
                    status: HookStatus::AwaitingAction,
                    expires_at: None,
                    on_timeout: AfterPause::RollBack,
                }),
                ..Staged::default()
            });
        },
        &["did not finish"],
        &["waits for", "rolling out"],
    ),
    (
        "one at no tasks",
        |said| {
            said.api().service.desired = 0;
            said.api().service.rollouts[0].counts.running = 0;
        },
        &[
            "no tasks run: the desired count is 0 || no tasks: the desired count is 0",
            "`cms-api`",
            "`cms-worker`",
            "1.0.2",
        ],
        &["not one version", "rolling out"],
    ),
    (
        "one with too few tasks",
        |said| said.api().service.rollouts[0].counts.running = 1,
        &[
            "1 of 2 running || *1 of 2 tasks up*",
            "`cms-api`",
            "`cms-worker`",
        ],
        &["4 running", "rolling out"],
    ),
    (
        "one that ECS does not have",
        |said| {
            said.services.insert("cms-worker".to_owned(), Ok(None));
        },
        &[
            "1.0.2",
            ":warning: *there is no service `cms-worker`* || `cms-worker`: :warning: *no such service*",
        ],
        &["could not be read", "not ACTIVE"],
    ),
    (
        "one that is not active",
        |said| said.api().service.status = "DRAINING".to_owned(),
        &[
            "1.0.2",
            ":warning: *`cms-api` is not ACTIVE* || `cms-api`: :warning: *not ACTIVE*",
        ],
        &["could not be read", "there is no service"],
    ),
    (
        "none that ECS has",
        |said| {
            said.services.insert("cms-worker".to_owned(), Ok(None));
            said.api().service.status = "INACTIVE".to_owned();
        },
        &[
            "staging could not be read",
            "the service cms-api is not ACTIVE, there is no service cms-worker (role `",
            "Nothing is claimed about it.",
        ],
        &["1.0.2"],
    ),
    (
        "one that could not be read",
        |said| {
            let unread = Unread {
                word: "denied",
                why: "AWS does not allow ecs:DescribeServices".to_owned(),
            };
            said.services.insert("cms-worker".to_owned(), Err(unread));
        },
        &[
            "staging could not be read",
            ": AWS does not allow ecs:DescribeServices (role `",
            "longshore-staging`). Nothing is claimed about it.",
        ],
        &["1.0.2"],
    ),
    (
        "a question",
        |said| said.open = vec![asking(deploy_of("main"))],
        &["deploy `4f2k9x0a` waits for its confirmation || *question pending*, asked by <@"],
        &["rolling out", "under way"],
    ),
    (
        "a deploy before its rollout",
        |said| {
            said.open = vec![rolling(deploy_of("main"))];
            said.holders = vec![said.open[0].id.clone()];
        },
        &[
            "1.0.2",
            "deploy `4f2k9x0a` is at work || *under way*, asked by <@",
        ],
        &["rolling out"],
    ),
    (
        "a deploy whose lease nobody has",
        |said| said.open = vec![rolling(deploy_of("main"))],
        &["deploy `4f2k9x0a` is under way || *under way*, asked by <@"],
        &["lease"],
    ),
];

/// Stands before what the board says in fewer words.
const BOARD: &str = " || ";

#[test]
fn both_drawings_say_of_every_state_what_it_is() {
    for (name, make, says, never) in STATES {
        let mut said = Said::new();
        make(&mut said);
        for (at, drawn) in said.drawn().into_iter().enumerate() {
            for words in *says {
                let (full, short) = words.split_once(BOARD).unwrap_or((words, words));
                let words = [full, short][at];
                assert!(drawn.contains(words), "{name}: no {words:?} in\n{drawn}");
            }
            for words in *never {
                assert!(!drawn.contains(words), "{name}: {words:?} in\n{drawn}");
            }
        }
    }
}
