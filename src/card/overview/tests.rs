use insta::assert_snapshot;

use super::*;
use crate::card::fixtures::{COMMIT, at, family, maria, setting};
use crate::record::Open;
use crate::rollout::Counts;
use crate::slack::blocks::check_limits;

fn ours(label: &str, seconds: i64) -> BroughtFrom {
    BroughtFrom::Ours {
        label: label.to_owned(),
        commit: Some(COMMIT.to_owned()),
        since: Some(at(seconds)),
        by: Some(maria()),
    }
}

fn runs(service: &str, origin: BroughtFrom) -> Runs {
    Runs {
        versions: vec![Version {
            services: vec![service.to_owned()],
            revision: family(service, 7),
            origin,
            tasks: counts(2, 2),
            share: None,
            place: Place::Alone,
        }],
        ..Runs::default()
    }
}

fn counts(running: i32, desired: i32) -> Counts {
    Counts {
        desired,
        running,
        ..Counts::default()
    }
}

fn row(name: &str, places: Vec<(&str, There)>) -> OverviewRow {
    OverviewRow {
        application: name.parse().unwrap(),
        title: name.to_owned(),
        places: places
            .into_iter()
            .map(|(env, there)| (env.parse().unwrap(), there))
            .collect(),
    }
}

fn board(rows: Vec<OverviewRow>, own: usize) -> Overview {
    Overview {
        rows,
        own,
        environment: None,
        problems: Vec::new(),
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
    let mut two = runs("cms-api", ours("1.0.2", -300));
    two.versions.push(Version {
        services: vec!["cms-worker".to_owned(), "cms-mail".to_owned()],
        revision: family("cms-worker", 3),
        origin: BroughtFrom::Outside {
            instead_of: "1.0.1".to_owned(),
        },
        tasks: counts(3, 3),
        share: None,
        place: Place::Alone,
    });
    let mut rolling = runs("webapp", ours("main", -90_000));
    rolling.versions[0].tasks = counts(1, 2);
    rolling.rolling = vec!["webapp".to_owned()];
    rolling.leases = vec![id("4f2k9x0a")];
    let open = |name, doing| Open {
        id: id(name),
        doing,
    };
    rolling.open = vec![
        open("4f2k9x0a", Doing::UnderWay),
        open("5g3m8y1b", Doing::Preparing),
    ];
    let mut foreign = runs("webapp", ours("1f0c9de", -200_000));
    foreign.rolling = rolling.rolling.clone();
    let mut none = runs("webapp", BroughtFrom::Unknown);
    none.versions[0].tasks = counts(0, 0);
    none.leases = vec![id("4f2k9x0a")];
    let there = There::Read;
    let unreadable = There::Unreadable {
        why: "denied".to_owned(),
    };
    let mut board = board(
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
    board.problems = vec![CellTrouble {
        environment: "beta".parse().unwrap(),
        role: "arn:aws:iam::111111111111:role/longshore-beta".to_owned(),
        why: "AWS does not allow ecs:DescribeServices".to_owned(),
        applications: 1,
    }];
    assert_snapshot!(seen(&overview(&board, &setting(0), 5)), @r"
    (What runs, but for one place that could not be read)
    What runs
    :warning: beta could not be read for 1 application: AWS does not allow ecs:DescribeServices (role `longshore-beta`). Nothing is claimed about it.
    *cms*
    • staging: `cms-api`: 1.0.2 `1f0c9de`, 5 min ago, <@U061F7AUR>; `cms-worker`, `cms-mail`: `cms-worker:3`, *changed outside of Longshore* (last deployed: 1.0.1)
    • beta: :warning: unreadable (denied)
    *webapp*
    • staging: main `1f0c9de`, 25 h ago, <@U061F7AUR>; *1 of 2 running*; *rolling out*, deploy `4f2k9x0a` holds the lease; deploy `5g3m8y1b` is asked for
    • beta: 1f0c9de, 2 days ago, <@U061F7AUR>; *rolling out*, not by Longshore
    • production: `webapp:7`, never deployed by Longshore; no tasks: the desired count is 0; deploy `4f2k9x0a` holds the lease
    Your team's applications first. As ECS said <!date^1800000000^{date_short_pretty} at {time}|2027-01-15 08:00 UTC>. `/deploy status APP` tells more about one.
    ");
}

#[test]
fn each_revision_of_a_service_has_its_own_tasks_and_its_share_of_the_traffic() {
    let two = |new: Counts, old: Counts, shares: Option<(u16, u16)>| {
        let mut runs = runs("webapp", ours("1.0.2", 0));
        runs.versions[0].place = Place::Coming;
        runs.versions[0].tasks = new;
        runs.versions.push(Version {
            services: vec!["webapp".to_owned()],
            revision: family("webapp", 6),
            origin: BroughtFrom::Found {
                label: "1.0.1".to_owned(),
                commit: None,
                known_since: at(-7_300),
            },
            tasks: old,
            share: shares.map(|(_, old)| old),
            place: Place::Beside,
        });
        runs.versions[0].share = shares.map(|(new, _)| new);
        runs
    };
    let mut stuck = two(counts(0, 2), counts(2, 2), None);
    stuck.versions[0].tasks.failed = 16;
    stuck.rolling = vec!["webapp".to_owned()];
    stuck.leases = vec!["4f2k9x0a".parse().unwrap()];
    stuck.open = vec![Open {
        id: "4f2k9x0a".parse().unwrap(),
        doing: Doing::Overdue,
    }];
    let mut stopped = two(counts(2, 2), counts(2, 2), Some((0, 1000)));
    stopped.unfinished = vec!["webapp".to_owned()];
    let mut paused = two(counts(2, 2), counts(2, 2), Some((100, 900)));
    paused.rolling = vec!["webapp".to_owned()];
    paused.waiting = vec!["webapp".to_owned()];
    let mut several = two(counts(0, 2), counts(2, 2), None);
    several.versions.push(Version {
        services: vec!["worker".to_owned()],
        ..runs("worker", ours("1.0.1", -300)).versions.remove(0)
    });
    let places = [stuck, stopped, paused, several];
    let places = places.map(|runs| ("staging", There::Read(runs)));
    let board = board(vec![row("webapp", places.into())], 0);
    assert_snapshot!(seen(&overview(&board, &setting(0), 5)), @"
    (What runs of one application)
    What runs
    *webapp*
    • staging: 1.0.2 `1f0c9de`, just now, <@U061F7AUR>, *0 of 2 running*, 16 failed; 1.0.1, found running, age not known (first seen 2 h ago), 2 running; *rolling out*, deploy `4f2k9x0a` holds the lease; deploy `4f2k9x0a` is overdue
    • staging: 1.0.2 `1f0c9de`, just now, <@U061F7AUR>, *2 of 2 running*, 0 % of the traffic; 1.0.1, found running, age not known (first seen 2 h ago), 2 running, 100 % of the traffic; *the last rollout of `webapp` did not finish*
    • staging: 1.0.2 `1f0c9de`, just now, <@U061F7AUR>, *2 of 2 running*, 10 % of the traffic; 1.0.1, found running, age not known (first seen 2 h ago), 2 running, 90 % of the traffic; *rolling out*, not by Longshore; *waits for a person* at `webapp`
    • staging: `webapp`: 1.0.2 `1f0c9de`, just now, <@U061F7AUR>, *0 of 2 running*; `webapp`: 1.0.1, found running, age not known (first seen 2 h ago), 2 running; `worker`: 1.0.1 `1f0c9de`, 5 min ago, <@U061F7AUR>
    As ECS said <!date^1800000000^{date_short_pretty} at {time}|2027-01-15 08:00 UTC>. `/deploy status APP` tells more about one.
    ");
}

/// Long names, and far more of them than fit.
fn many() -> Overview {
    let rows = (0..300).map(|number| {
        let name = format!("application-with-a-long-name-{number}");
        let place = || There::Read(runs(&name, ours("feature/signup-autocomplete", -7_300)));
        let places = vec![("staging", place()), ("production", place())];
        row(&name, places)
    });
    board(rows.collect(), 2)
}

#[test]
fn the_board_takes_as_many_messages_as_it_needs_and_each_keeps_slacks_limits() {
    let messages = overview(&many(), &setting(0), 10);
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
        let messages = overview(&many(), &setting(0), room);
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
    assert_snapshot!(seen(&overview(&board(Vec::new(), 0), &setting(0), 5)), @r"
    (The configuration has no application there.)
    The configuration has no application there.
    ");
}
