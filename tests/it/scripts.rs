//! Every way in which ECS may play a rollout, for an application of one service and for one of
//! three, of which the second has it: how the deploy ends, what its card says, and what it costs.

mod cards;
mod table;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use insta::assert_snapshot;
use longshore::record::Verdict;
use longshore_sim::ecs::Script;

use super::budget::price;
use super::town::{ADA, BOB, Bot, Town};
use table::TABLE;

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// What people do about a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum People {
    /// They wait.
    Wait,
    /// They let every pause go on.
    GoOn,
    /// They have it go back at the first pause.
    GoBack,
    /// They have it go back ten minutes after it is overdue.
    Stop,
}

/// A script by its words, with what people do, and how a deploy of one service and one of three end.
struct Row {
    words: &'static str,
    script: Script,
    people: People,
    ends: [Verdict; 2],
}

const fn row(words: &'static str, script: Script, people: People, end: Verdict) -> Row {
    Row {
        words,
        script,
        people,
        ends: [end, end],
    }
}

/// One service, three services.
const SERVICES: [&[&str]; 2] = [&["webapp"], &["shop-api", "shop-web", "shop-worker"]];

/// How a row was played with one or three services.
struct Played {
    verdict: Option<Verdict>,
    took: Duration,
    card: String,
    calls: BTreeMap<String, usize>,
    usd: f64,
}

impl Played {
    /// How many calls a service of AWS answered, and with `of` that operation alone.
    fn count(&self, service: &str, of: &str) -> usize {
        let wanted = |call: &&String| {
            let operation = call
                .strip_prefix(service)
                .and_then(|call| call.strip_prefix(' '));
            operation.is_some_and(|operation| of.is_empty() || operation == of)
        };
        let calls = self.calls.keys().filter(wanted);
        calls.map(|call| self.calls[call]).sum()
    }
}

/// The whole table, played once for all tests.
fn plays() -> &'static [[Played; 2]] {
    static PLAYS: OnceLock<Vec<[Played; 2]>> = OnceLock::new();
    PLAYS.get_or_init(|| {
        let play = |row: &Row, services| {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_time().start_paused(true).build().unwrap();
            fastrand::seed(9);
            runtime.block_on(play(row, services))
        };
        let both = |row| SERVICES.map(|services| play(row, services));
        TABLE.iter().map(both).collect()
    })
}

async fn play(row: &Row, services: &[&str]) -> Played {
    let town = Town::empty(Bot::Token).await;
    town.opens_shop("").await;
    let (application, scripted) = match services {
        [_, second, ..] => ("shop", *second),
        one => ("webapp", one[0]),
    };
    town.script("staging", scripted, row.script.clone());
    town.world.state().calls.clear();
    let asked = format!("{application}:feature/signup-autocomplete to staging");
    town.types(ADA, &asked).await;
    acts(&town, row.people, scripted).await;
    town.settles().await;
    let id = {
        let state = town.world.state();
        let runs = state.states.executions.values();
        let mut names: Vec<&str> = runs.map(|run| run.name.as_str()).collect();
        names.retain(|name| !name.starts_with("r-"));
        names[0].split('-').next().unwrap().to_owned()
    };
    let deploy = town.deploy(&id).await;
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    for call in &town.world.state().calls {
        *calls
            .entry(format!("{} {}", call.service, call.operation))
            .or_default() += 1;
    }
    let ended = deploy.ending.as_ref().unwrap().at;
    Played {
        verdict: deploy.verdict(),
        took: ended.duration_since(deploy.requested_at).unsigned_abs(),
        card: card(&town.reads()),
        calls,
        usd: price(&town),
    }
}

/// What people do, until nothing is left to be done.
async fn acts(town: &Town, people: People, service: &str) {
    let button = match people {
        People::Wait => return,
        People::Stop => {
            let overdue = |town: &Town| town.reads().contains(" is overdue. It began");
            while !overdue(town) {
                town.passes(minutes(1)).await;
            }
            town.passes(minutes(10)).await;
            return town.clicks(BOB, "stop_back").await;
        }
        People::GoOn => "pause_continue",
        People::GoBack => "pause_back",
    };
    // Long enough for everything that comes before a pause, or between two.
    for _ in 0..15 {
        town.passes(minutes(1)).await;
        if town.world.state().ecs.pauses("staging", service) > 0 {
            town.clicks(BOB, button).await;
        }
    }
}

/// The verdict's card, without what every card has.
fn card(read: &str) -> String {
    let edited = |said: &&str| {
        said.lines()
            .next()
            .is_some_and(|head| head.ends_with("(edited)"))
    };
    let card = read.split("\n\n").filter(edited).last().unwrap();
    let says = |line: &&str| {
        let line = line.trim_start();
        !["│", "–", "["].iter().any(|mark| line.starts_with(mark))
    };
    card.lines()
        .skip(1)
        .filter(says)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_script_ends_in_its_verdict() {
    for (row, played) in TABLE.iter().zip(plays()) {
        for ((services, end), played) in SERVICES.iter().zip(row.ends).zip(played) {
            let card = &played.card;
            assert_eq!(
                played.verdict,
                Some(end),
                "{}, {services:?}: {card}",
                row.words
            );
        }
    }
}

/// Calls to each service of AWS, those of ECS that change something by themselves, and what it costs.
#[test]
fn what_every_script_costs() {
    let mut table = String::new();
    for (row, played) in TABLE.iter().zip(plays()) {
        let _ = writeln!(table, "{}", row.words);
        for (services, played) in SERVICES.iter().zip(played) {
            let count = |service, of| played.count(service, of);
            let _ = writeln!(
                table,
                "  {}: {:>2}:{:02} min, ecs {:>3} (register {}, update {}, stop {}, continue {}), dynamodb {:>3}, states {:>2}, {:.4} USD",
                services.len(),
                played.took.as_secs() / 60,
                played.took.as_secs() % 60,
                count("ecs", ""),
                count("ecs", "RegisterTaskDefinition"),
                count("ecs", "UpdateService"),
                count("ecs", "StopServiceDeployment"),
                count("ecs", "ContinueServiceDeployment"),
                count("dynamodb", ""),
                count("states", ""),
                played.usd,
            );
            let most = match played.took <= minutes(10) {
                true => 0.005,
                false => 0.02,
            };
            assert!(played.usd < most, "{}: {} USD", row.words, played.usd);
        }
    }
    println!("{table}");
    assert_snapshot!(table, @r"
    happy
      1:  0:48 min, ecs  32 (register 1, update 1, stop 0, continue 0), dynamodb  76, states  1, 0.0008 USD
      3:  2:12 min, ecs  81 (register 3, update 3, stop 0, continue 0), dynamodb 144, states  1, 0.0015 USD
    slow, 29 minutes
      1: 29:26 min, ecs 241 (register 1, update 1, stop 0, continue 0), dynamodb 612, states  1, 0.0078 USD
      3: 31:01 min, ecs 284 (register 3, update 3, stop 0, continue 0), dynamodb 676, states  1, 0.0084 USD
    slow, 31 minutes
      1: 31:23 min, ecs 253 (register 1, update 1, stop 0, continue 0), dynamodb 644, states  1, 0.0082 USD
      3: 32:57 min, ecs 296 (register 3, update 3, stop 0, continue 0), dynamodb 704, states  1, 0.0088 USD
    slow, 65 minutes
      1: 65:12 min, ecs 463 (register 1, update 1, stop 0, continue 0), dynamodb 1200, states  1, 0.0154 USD
      3: 66:50 min, ecs 506 (register 3, update 3, stop 0, continue 0), dynamodb 1276, states  1, 0.0160 USD
    crash loop with breaker rollback
      1:  0:36 min, ecs  38 (register 2, update 1, stop 0, continue 0), dynamodb  72, states  1, 0.0007 USD
      3:  2:12 min, ecs  92 (register 4, update 3, stop 0, continue 0), dynamodb 148, states  1, 0.0015 USD
    breaker on with no earlier good revision
      1:  0:25 min, ecs  35 (register 2, update 1, stop 0, continue 0), dynamodb  66, states  1, 0.0006 USD
      3:  1:57 min, ecs  89 (register 4, update 3, stop 0, continue 0), dynamodb 138, states  1, 0.0014 USD
    breaker on without rollback
      1:  0:25 min, ecs  35 (register 2, update 1, stop 0, continue 0), dynamodb  66, states  1, 0.0006 USD
      3:  1:57 min, ecs  89 (register 4, update 3, stop 0, continue 0), dynamodb 138, states  1, 0.0014 USD
    the rollback itself failing
      1:  0:36 min, ecs  38 (register 2, update 1, stop 0, continue 0), dynamodb  72, states  1, 0.0007 USD
      3:  2:12 min, ecs  92 (register 4, update 3, stop 0, continue 0), dynamodb 148, states  1, 0.0015 USD
    breaker off, never ending
      1: 41:33 min, ecs 351 (register 2, update 1, stop 1, continue 0), dynamodb 839, states  2, 0.0106 USD
      3: 42:41 min, ecs 387 (register 4, update 3, stop 1, continue 0), dynamodb 901, states  2, 0.0110 USD
    tasks dying uncounted
      1: 41:33 min, ecs 373 (register 2, update 1, stop 1, continue 0), dynamodb 839, states  2, 0.0106 USD
      3: 42:41 min, ecs 415 (register 4, update 3, stop 1, continue 0), dynamodb 901, states  2, 0.0110 USD
    unable to place tasks
      1:  0:48 min, ecs  41 (register 2, update 1, stop 0, continue 0), dynamodb  78, states  1, 0.0008 USD
      3:  2:27 min, ecs  95 (register 4, update 3, stop 0, continue 0), dynamodb 154, states  1, 0.0016 USD
    image pull error
      1:  0:25 min, ecs  34 (register 2, update 1, stop 0, continue 0), dynamodb  66, states  1, 0.0006 USD
      3:  2:12 min, ecs  91 (register 4, update 3, stop 0, continue 0), dynamodb 148, states  1, 0.0015 USD
    a foreign rollout superseding ours
      1:  0:25 min, ecs  33 (register 1, update 1, stop 0, continue 0), dynamodb  65, states  1, 0.0006 USD
      3:  1:57 min, ecs  86 (register 3, update 3, stop 0, continue 0), dynamodb 137, states  1, 0.0014 USD
    stale reads for 30 s
      1:  0:42 min, ecs  28 (register 1, update 1, stop 0, continue 0), dynamodb  92, states  1, 0.0012 USD
      3:  2:23 min, ecs  83 (register 3, update 3, stop 0, continue 0), dynamodb 172, states  1, 0.0021 USD
    rolled back between two polls
      1:  0:03 min, ecs  28 (register 2, update 1, stop 0, continue 0), dynamodb  54, states  1, 0.0004 USD
      3:  1:42 min, ecs  85 (register 4, update 3, stop 0, continue 0), dynamodb 132, states  1, 0.0013 USD
    scaled to zero
      1:  0:14 min, ecs  24 (register 1, update 1, stop 0, continue 0), dynamodb  58, states  1, 0.0005 USD
      3:  1:42 min, ecs  75 (register 3, update 3, stop 0, continue 0), dynamodb 128, states  1, 0.0013 USD
    alarm rollback
      1:  0:25 min, ecs  34 (register 2, update 1, stop 0, continue 0), dynamodb  66, states  1, 0.0006 USD
      3:  1:57 min, ecs  88 (register 4, update 3, stop 0, continue 0), dynamodb 138, states  1, 0.0014 USD
    blue/green
      1:  6:14 min, ecs  86 (register 1, update 1, stop 0, continue 0), dynamodb 214, states  1, 0.0027 USD
      3:  7:46 min, ecs 132 (register 3, update 3, stop 0, continue 0), dynamodb 268, states  1, 0.0032 USD
    linear
      1:  6:35 min, ecs  89 (register 1, update 1, stop 0, continue 0), dynamodb 220, states  1, 0.0028 USD
      3:  8:08 min, ecs 135 (register 3, update 3, stop 0, continue 0), dynamodb 278, states  1, 0.0033 USD
    canary
      1:  6:14 min, ecs  86 (register 1, update 1, stop 0, continue 0), dynamodb 214, states  1, 0.0027 USD
      3:  7:46 min, ecs 132 (register 3, update 3, stop 0, continue 0), dynamodb 268, states  1, 0.0032 USD
    rolling update with a pause hook
      1:  1:48 min, ecs  39 (register 1, update 1, stop 0, continue 1), dynamodb 177, states  2, 0.0011 USD
      3:  3:33 min, ecs  91 (register 3, update 3, stop 0, continue 1), dynamodb 240, states  2, 0.0019 USD
    rolling update with a pause hook that nobody answers
      1: 31:41 min, ecs 136 (register 2, update 1, stop 0, continue 0), dynamodb 400, states  1, 0.0041 USD
      3: 33:27 min, ecs 187 (register 4, update 3, stop 0, continue 0), dynamodb 479, states  1, 0.0049 USD
    blue/green with a pause hook
      1:  6:42 min, ecs  84 (register 1, update 1, stop 0, continue 1), dynamodb 283, states  2, 0.0027 USD
      3:  8:23 min, ecs 133 (register 3, update 3, stop 0, continue 1), dynamodb 343, states  2, 0.0034 USD
    blue/green with a pause hook, rolled back
      1:  1:36 min, ecs  41 (register 2, update 1, stop 0, continue 1), dynamodb 173, states  2, 0.0011 USD
      3:  3:10 min, ecs  95 (register 4, update 3, stop 0, continue 1), dynamodb 238, states  2, 0.0018 USD
    blue/green with two pause hooks
      1:  7:40 min, ecs  88 (register 1, update 1, stop 0, continue 2), dynamodb 309, states  3, 0.0029 USD
      3:  9:18 min, ecs 137 (register 3, update 3, stop 0, continue 2), dynamodb 369, states  3, 0.0035 USD
    linear with a pause hook
      1:  7:02 min, ecs  87 (register 1, update 1, stop 0, continue 1), dynamodb 290, states  2, 0.0028 USD
      3:  8:44 min, ecs 136 (register 3, update 3, stop 0, continue 1), dynamodb 350, states  2, 0.0035 USD
    canary with a pause hook
      1:  6:42 min, ecs  84 (register 1, update 1, stop 0, continue 1), dynamodb 283, states  2, 0.0027 USD
      3:  8:23 min, ecs 133 (register 3, update 3, stop 0, continue 1), dynamodb 343, states  2, 0.0034 USD
    ");
}
