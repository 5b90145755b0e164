use insta::assert_snapshot;

use super::*;
use crate::card::fixtures::{COMMIT, at, family, maria, sam, setting};
use crate::names::DeployId;
use crate::record::{Doing, Open};
use crate::rollout::{AfterPause, Counts, Hook, HookStatus, Side};
use crate::running::{BroughtFrom, LiveSide, Moves, Runs, ServiceNow, Version};
use crate::slack::blocks::check_limits;

fn ours(seconds: i64) -> BroughtFrom {
    BroughtFrom::Ours {
        since: Some(at(seconds)),
        by: Some(maria()),
    }
}

fn version(label: &str, from: BroughtFrom) -> Version {
    Version {
        label: Some(label.to_owned()),
        commit: Some(COMMIT.to_owned()),
        digest: None,
        from,
    }
}

fn unknown(from: BroughtFrom) -> Version {
    Version {
        label: None,
        commit: None,
        digest: None,
        from,
    }
}

fn service(name: &str, version: Version, tasks: (i32, i32)) -> ServiceNow {
    ServiceNow {
        service: name.to_owned(),
        sides: vec![side((name, 7), version, tasks)],
        moves: Moves::Settled,
    }
}

fn side((service, revision): (&str, u32), version: Version, tasks: (i32, i32)) -> LiveSide {
    LiveSide {
        side: Side {
            task_definition: family(service, revision),
            counts: Counts {
                running: tasks.0,
                desired: tasks.1,
                ..Counts::default()
            },
            share: None,
        },
        version,
    }
}

fn runs(services: Vec<ServiceNow>) -> Runs {
    Runs {
        services,
        ..Runs::default()
    }
}

fn row(name: &str, places: Vec<(&str, There)>) -> Row {
    Row {
        application: name.parse().unwrap(),
        title: name.to_owned(),
        places: places
            .into_iter()
            .map(|(env, there)| (env.parse().unwrap(), there))
            .collect(),
    }
}

fn all(rows: Vec<Row>, own: usize) -> Board {
    Board {
        rows,
        own,
        environment: None,
    }
}

/// What all the messages say, one after the other.
fn seen(messages: &[Message]) -> String {
    let texts = messages.iter().map(|message| {
        check_limits(message.content()).unwrap();
        let blocks = serde_json::to_value(message.content()).unwrap();
        let mut said = vec![format!("({})", message.text())];
        for block in blocks.as_array().unwrap() {
            let elements = block["elements"].as_array().into_iter().flatten();
            let texts = std::iter::once(&block["text"]).chain(elements);
            said.extend(texts.filter_map(|text| Some(text["text"].as_str()?.to_owned())));
        }
        said.join("\n")
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_place_tells_what_runs_there_since_when_by_whom_and_what_happens_to_it() {
    let id = |id: &str| id.parse::<DeployId>().unwrap();
    let outside = || {
        unknown(BroughtFrom::Outside {
            instead_of: "1.0.1".to_owned(),
        })
    };
    let two = runs(vec![
        service("cms-api", version("1.0.2", ours(-300)), (2, 2)),
        service("cms-worker", outside(), (3, 3)),
        service("cms-mail", outside(), (1, 1)),
    ]);
    let mut rolling = runs(vec![service(
        "webapp",
        version("main", ours(-90_000)),
        (1, 2),
    )]);
    rolling.services[0].moves = Moves::RollingOut(None);
    rolling.leases = vec![id("4f2k9x0a")];
    let open = |name, doing| Open {
        id: id(name),
        doing,
        by: sam(),
        since: at(-80),
    };
    rolling.open = vec![
        open("4f2k9x0a", Doing::UnderWay),
        open("5g3m8y1b", Doing::Preparing),
    ];
    let mut foreign = runs(vec![service(
        "webapp",
        version("1f0c9de", ours(-200_000)),
        (2, 2),
    )]);
    foreign.services[0].moves = Moves::RollingOut(None);
    let mut none = runs(vec![service(
        "webapp",
        unknown(BroughtFrom::Unknown),
        (0, 0),
    )]);
    none.leases = vec![id("4f2k9x0a")];
    let there = There::Read;
    let unreadable = There::Unreadable {
        unread: Unread {
            word: "denied",
            why: "AWS does not allow ecs:DescribeServices".to_owned(),
        },
        role: "arn:aws:iam::111111111111:role/longshore-beta".to_owned(),
    };
    let board = all(
        vec![
            row("cms", vec![("staging", there(two)), ("beta", unreadable)]),
            row(
                "webapp",
                vec![
                    ("staging", there(rolling)),
                    ("beta", there(foreign)),
                    ("production", there(none)),
                ],
            ),
        ],
        1,
    );
    assert_snapshot!(seen(&super::board(&board, &setting(0), 5)), @r"
    (What runs, but for one place that could not be read)
    What runs
    :warning: beta could not be read for 1 application: AWS does not allow ecs:DescribeServices (role `longshore-beta`). Nothing is claimed about it.
    *cms*
    • staging:
        ◦ `cms-api`: 1.0.2 `1f0c9de`, 2 of 2 tasks, <@U061F7AUR>, 5 min ago
        ◦ `cms-worker`, `cms-mail`: `cms-worker:7`, `cms-mail:7`, 4 of 4 tasks, *changed outside*, last deployed 1.0.1
    • beta: :warning: unreadable (denied)
    *webapp*
    • staging: main `1f0c9de`, *1 of 2 tasks up*, *rolling out*, asked by <@U0G9QF9C6> 1 min ago; *not begun*, asked by <@U0G9QF9C6> 1 min ago
    • beta: 1f0c9de, 2 of 2 tasks, *rolling out, not by Longshore*
    • production: `webapp:7`, no tasks: the desired count is 0, never deployed by Longshore, deploy `4f2k9x0a` is at work
    Your team's applications first. As ECS said <!date^1800000000^{time} {date_short_pretty}|2027-01-15 08:00 UTC>. `/deploy status cms` shows one application in detail.
    ");
}

#[test]
fn each_revision_of_a_service_has_its_own_tasks_and_its_share_of_the_traffic() {
    let two = |new: (i32, i32), old: (i32, i32), shares: Option<(u16, u16)>| {
        let found = Version {
            commit: None,
            ..version(
                "1.0.1",
                BroughtFrom::Found {
                    known_since: at(-7_300),
                },
            )
        };
        let mut webapp = service("webapp", version("1.0.2", ours(0)), new);
        webapp.sides.push(side(("webapp", 6), found, old));
        webapp.sides[0].side.share = shares.map(|(new, _)| new);
        webapp.sides[1].side.share = shares.map(|(_, old)| old);
        runs(vec![webapp])
    };
    let mut stuck = two((0, 2), (2, 2), None);
    stuck.services[0].sides[0].side.counts.failed = 16;
    stuck.services[0].moves = Moves::RollingOut(None);
    stuck.leases = vec!["4f2k9x0a".parse().unwrap()];
    stuck.open = vec![Open {
        id: "4f2k9x0a".parse().unwrap(),
        doing: Doing::Overdue,
        by: sam(),
        since: at(-35 * 60),
    }];
    let mut stopped = two((2, 2), (2, 2), Some((0, 1000)));
    stopped.services[0].moves = Moves::Unfinished;
    let mut paused = two((2, 2), (2, 2), Some((100, 900)));
    let hook = Hook {
        id: "h1".to_owned(),
        status: HookStatus::AwaitingAction,
        expires_at: Some(at(720)),
        on_timeout: AfterPause::RollBack,
    };
    paused.services[0].moves = Moves::Waiting(None, hook);
    let mut several = two((0, 2), (2, 2), None);
    let worker = service("worker", version("1.0.1", ours(-300)), (2, 2));
    several.services.push(worker);
    let mut back = two((1, 2), (1, 2), None);
    back.services[0].moves = Moves::GoingBack;
    back.leases = vec!["4f2k9x0a".parse().unwrap()];
    let places = [stuck, stopped, paused, several, back];
    let places = places.map(|runs| ("staging", There::Read(runs)));
    let board = all(vec![row("webapp", places.into())], 0);
    assert_snapshot!(seen(&super::board(&board, &setting(0), 5)), @r"
    (What runs of one application)
    What runs
    *webapp*
    • staging: 1.0.1 → 1.0.2 `1f0c9de`, *0 of 2 tasks up*, *16 failed*, *overdue*, asked by <@U0G9QF9C6> 35 min ago
    • staging: 1.0.1 → 1.0.2 `1f0c9de`, 2 of 2 tasks up, 0 % of the traffic, *last rollout did not finish*
    • staging: 1.0.1 → 1.0.2 `1f0c9de`, 2 of 2 tasks up, 10 % of the traffic, *waits for Continue* until <!date^1800000720^{time} {date_short_pretty}|2027-01-15 08:12 UTC>
    • staging:
        ◦ `webapp`: 1.0.1 → 1.0.2 `1f0c9de`, *0 of 2 tasks up*
        ◦ `worker`: 1.0.1 `1f0c9de`, 2 of 2 tasks, <@U061F7AUR>, 5 min ago
    • staging: 1.0.1 → 1.0.2 `1f0c9de`, *1 of 2 tasks up*, *going back*, deploy `4f2k9x0a` is at work
    As ECS said <!date^1800000000^{time} {date_short_pretty}|2027-01-15 08:00 UTC>. `/deploy status webapp` shows one application in detail.
    ");
}

/// Long names, and far more of them than fit.
fn many() -> Board {
    let rows = (0..300).map(|number| {
        let name = format!("application-with-a-long-name-{number}");
        let place = || {
            let version = version("feature/signup-autocomplete", ours(-7_300));
            There::Read(runs(vec![service(&name, version, (2, 2))]))
        };
        let places = vec![("staging", place()), ("production", place())];
        row(&name, places)
    });
    all(rows.collect(), 2)
}

#[test]
fn the_board_takes_as_many_messages_as_it_needs_and_each_keeps_slacks_limits() {
    let messages = super::board(&many(), &setting(0), 10);
    assert!(messages.len() > 3, "{}", messages.len());
    let seen = seen(&messages);
    for number in 0..300 {
        let heading = format!("*application-with-a-long-name-{number}*");
        assert_eq!(seen.matches(&heading).count(), 1, "{heading}");
    }
    assert!(!seen.contains("not shown"), "{seen}");
}

#[test]
fn what_finds_no_room_is_counted_and_named_never_cut_in_silence() {
    for room in [1, 2, 3] {
        let messages = super::board(&many(), &setting(0), room);
        assert_eq!(messages.len(), room);
        let seen = seen(&messages);
        let shown = seen.matches("*application-with-a-long-name-").count();
        let told = format!("*{} applications are not shown*", 300 - shown);
        assert!(seen.contains(&told), "{told}: {seen}");
        assert!(!seen.contains("…"), "{seen}");
        let next = format!("`application-with-a-long-name-{shown}`");
        assert!(seen.contains(&next), "{next}: {seen}");
        let named = seen.matches("`application-with-a-long-name-").count();
        let rest = format!("and {} more", 300 - shown - named);
        assert!(seen.contains(&rest), "{rest}: {seen}");
    }
}

#[test]
fn a_board_of_nothing_says_so() {
    assert_snapshot!(seen(&super::board(&all(Vec::new(), 0), &setting(0), 5)), @r"
    (The configuration has no application there.)
    The configuration has no application there.
    ");
}
