//! Every way in which ECS may play a rollout, for an application of one service and for one of
//! three, of which the second has it: how the deploy ends, what its card says, and what it costs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use insta::assert_snapshot;
use longshore::record::Verdict::{self, Cancelled, Failed, RolledBack, Succeeded, Superseded};
use longshore_sim::ecs::Script;

use super::budget::price;
use super::town::{ADA, BOB, Bot, Town};

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

static TABLE: [Row; 27] = {
    use People::{GoBack, GoOn, Stop, Wait};
    [
        row("happy", Script::Happy, Wait, Succeeded),
        row(
            "slow, 29 minutes",
            Script::Slow(minutes(29)),
            Wait,
            Succeeded,
        ),
        row(
            "slow, 31 minutes",
            Script::Slow(minutes(31)),
            Wait,
            Succeeded,
        ),
        row(
            "slow, 65 minutes",
            Script::Slow(minutes(65)),
            Wait,
            Succeeded,
        ),
        row(
            "crash loop with breaker rollback",
            Script::CrashLoop,
            Wait,
            RolledBack,
        ),
        row(
            "breaker on with no earlier good revision",
            Script::NoGoodRevision,
            Wait,
            Failed,
        ),
        row(
            "breaker on without rollback",
            Script::BreakerWithoutRollback,
            Wait,
            Failed,
        ),
        row(
            "the rollback itself failing",
            Script::RollbackFails,
            Wait,
            Failed,
        ),
        row(
            "breaker off, never ending",
            Script::BreakerOff,
            Stop,
            Cancelled,
        ),
        row(
            "tasks dying uncounted",
            Script::UncountedDeaths,
            Stop,
            Cancelled,
        ),
        row(
            "unable to place tasks",
            Script::UnableToPlace,
            Wait,
            RolledBack,
        ),
        row("image pull error", Script::ImagePullError, Wait, RolledBack),
        row(
            "a foreign rollout superseding ours",
            Script::Foreign,
            Wait,
            Superseded,
        ),
        row("stale reads for 30 s", Script::StaleReads, Wait, Succeeded),
        row(
            "rolled back between two polls",
            Script::BetweenPolls,
            Wait,
            RolledBack,
        ),
        row("scaled to zero", Script::ScaledToZero, Wait, Succeeded),
        row("alarm rollback", Script::Alarm, Wait, RolledBack),
        row("blue/green", Script::BlueGreen, Wait, Succeeded),
        row("linear", Script::Linear, Wait, Succeeded),
        row("canary", Script::Canary, Wait, Succeeded),
        row(
            "rolling update with a pause hook",
            Script::Pause,
            GoOn,
            Succeeded,
        ),
        row(
            "rolling update with a pause hook that nobody answers",
            Script::Pause,
            Wait,
            RolledBack,
        ),
        row(
            "blue/green with a pause hook",
            Script::BlueGreenPause,
            GoOn,
            Succeeded,
        ),
        row(
            "blue/green with a pause hook, rolled back",
            Script::BlueGreenPause,
            GoBack,
            Cancelled,
        ),
        row(
            "blue/green with two pause hooks",
            Script::TwoPauses,
            GoOn,
            Succeeded,
        ),
        row(
            "linear with a pause hook",
            Script::LinearPause,
            GoOn,
            Succeeded,
        ),
        row(
            "canary with a pause hook",
            Script::CanaryPause,
            GoOn,
            Succeeded,
        ),
    ]
};

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

fn cards(services: usize) -> String {
    let mut cards = String::new();
    for (row, played) in TABLE.iter().zip(plays()) {
        let _ = writeln!(cards, "{}\n{}\n", row.words, played[services].card);
    }
    cards
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

#[test]
fn the_cards_of_one_service() {
    assert_snapshot!(cards(0), @"
    happy
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 48 sec. Asked by @ada.

    slow, 29 minutes
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 29 min, 26 sec. Asked by @ada.

    slow, 31 minutes
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 31 min, 23 sec. Asked by @ada.

    slow, 65 minutes
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 1 hour, 5 min. Asked by @ada.

    crash loop with breaker rollback
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 36 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    breaker on with no earlier good revision
      # webapp feature/signup-autocomplete@83a078a failed on staging
      ❌ *Runs now* on `webapp`: `webapp:2` (`feature/signup-autocomplete@83a078a`): 0 of 6 running, 6 failed; `webapp:1` (5a91773): 6 running. It failed after 25 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    breaker on without rollback
      # webapp feature/signup-autocomplete@83a078a failed on staging
      ❌ *Runs now* on `webapp`: `webapp:2` (`feature/signup-autocomplete@83a078a`): 0 of 6 running, 6 failed; `webapp:1` (5a91773): 6 running. It failed after 25 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    the rollback itself failing
      # webapp feature/signup-autocomplete@83a078a failed on staging
      ❌ *Runs now* on `webapp`: `webapp:1` (5a91773): 6 of 6 running, 3 failed. It failed after 36 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    breaker off, never ending
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running. @bob stopped it after 41 min, 33 sec. Asked by @ada.
      *Why:* `108 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    tasks dying uncounted
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running. @bob stopped it after 41 min, 33 sec. Asked by @ada.
      *Why:* `588 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    unable to place tasks
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 48 sec. Asked by @ada.
      *Why:* ECS says: `was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your capacity provider.`. Likely cause: The cluster has no room for the new tasks: add capacity, or lower what they ask for.
      tasks

    image pull error
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 25 sec. Asked by @ada.
      *Why:* `3 × did not start: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp@sha256:3ebc682504d389d22f7c02afd…`. Likely cause: The image is not there (any more): has a lifecycle rule deleted it?
      tasks

    a foreign rollout superseding ours
      # webapp feature/signup-autocomplete@83a078a was superseded on staging
      ⚠️ *Runs now* on `webapp`: `webapp:3`: 0 of 6 running; `webapp:2` (`feature/signup-autocomplete@83a078a`): 6 running; `webapp:1` (5a91773): 6 running. Another rollout, not Longshore's, took its place after 25 sec. Asked by @ada.
      *Why:* Somebody else rolled out webapp:3 meanwhile.
      tasks

    stale reads for 30 s
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 42 sec. Asked by @ada.

    rolled back between two polls
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 3 sec. Asked by @ada.
      *Why:* ECS says: `deployment failed: tasks failed to start.`
      tasks

    scaled to zero
      # webapp feature/signup-autocomplete@83a078a is set on staging, and no tasks run
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 14 sec. No tasks run: the desired count is 0; `feature/signup-autocomplete@83a078a` is what would start. Asked by @ada.

    alarm rollback
      # webapp feature/signup-autocomplete@83a078a was taken back on staging
      ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 25 sec because of the alarm `webapp-5xx`. Asked by @ada.
      *Why:* ECS says: `deployment failed: alarm detected.`
      tasks

    blue/green
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 14 sec. Asked by @ada.

    linear
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 35 sec. Asked by @ada.

    canary
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 14 sec. Asked by @ada.

    rolling update with a pause hook
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 1 min, 48 sec. Asked by @ada.

    rolling update with a pause hook that nobody answers
      # webapp feature/signup-autocomplete@83a078a was taken back on staging
      ↩️ 5a91773 runs as before, 6 of 6 running. Nobody answered its pause in time, so ECS went back after 31 min, 41 sec. Asked by @ada.
      tasks

    blue/green with a pause hook
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 42 sec. Asked by @ada.

    blue/green with a pause hook, rolled back
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running. @bob stopped it after 1 min, 36 sec. Asked by @ada.
      tasks

    blue/green with two pause hooks
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 7 min, 40 sec. Asked by @ada.

    linear with a pause hook
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 7 min, 2 sec. Asked by @ada.

    canary with a pause hook
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 42 sec. Asked by @ada.
    ");
}

#[test]
fn the_cards_of_three_services_of_which_the_second_has_the_script() {
    assert_snapshot!(cards(1), @"
    happy
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 2 min, 12 sec. Asked by @ada.

    slow, 29 minutes
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 31 min, 1 sec. Asked by @ada.

    slow, 31 minutes
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 32 min, 57 sec. Asked by @ada.

    slow, 65 minutes
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 1 hour, 6 min. Asked by @ada.

    crash loop with breaker rollback
      # shop feature/signup-autocomplete@e7a7cf1 did not come up on staging
      ↩️ 14e1eb0 runs as before, with all tasks. ECS went back after 2 min, 12 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    breaker on with no earlier good revision
      # shop feature/signup-autocomplete@e7a7cf1 failed on staging
      ❌ It failed after 1 min, 57 sec. Asked by @ada.
      14e1eb0 runs as before on `shop-api`, `shop-worker`, with all tasks
      *Runs now* on `shop-web`: `shop-web:2` (`feature/signup-autocomplete@e7a7cf1`): 0 of 6 running, 6 failed; `shop-web:1` (14e1eb0): 6 running
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` failed: `No rollback candidate was found to run the rollback.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    breaker on without rollback
      # shop feature/signup-autocomplete@e7a7cf1 failed on staging
      ❌ It failed after 1 min, 57 sec. Asked by @ada.
      14e1eb0 runs as before on `shop-api`, `shop-worker`, with all tasks
      *Runs now* on `shop-web`: `shop-web:2` (`feature/signup-autocomplete@e7a7cf1`): 0 of 6 running, 6 failed; `shop-web:1` (14e1eb0): 6 running
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` failed: `Service deployment stopped because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    the rollback itself failing
      # shop feature/signup-autocomplete@e7a7cf1 failed on staging
      ❌ It failed after 2 min, 12 sec. Asked by @ada.
      14e1eb0 runs as before on `shop-api`, `shop-worker`, with all tasks
      *Runs now* on `shop-web`: `shop-web:1` (14e1eb0): 3 of 6 running, 6 failed
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` failed: `The rollback's tasks failed to start.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    breaker off, never ending
      # shop feature/signup-autocomplete@e7a7cf1 was cancelled on staging
      🛑 14e1eb0 runs as before, with all tasks. @bob stopped it after 42 min, 41 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: stopped, and back on what ran before: `Service deployment rolled back because of a stop request.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `108 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    tasks dying uncounted
      # shop feature/signup-autocomplete@e7a7cf1 was cancelled on staging
      🛑 14e1eb0 runs as before, with all tasks. @bob stopped it after 42 min, 41 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: stopped, and back on what ran before: `Service deployment rolled back because of a stop request.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `582 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    unable to place tasks
      # shop feature/signup-autocomplete@e7a7cf1 did not come up on staging
      ↩️ 14e1eb0 runs as before, with all tasks. ECS went back after 2 min, 27 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* ECS says: `was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your capacity provider.`. Likely cause: The cluster has no room for the new tasks: add capacity, or lower what they ask for.
      `shop-web`: tasks

    image pull error
      # shop feature/signup-autocomplete@e7a7cf1 did not come up on staging
      ↩️ 14e1eb0 runs as before, with all tasks. ECS went back after 2 min, 12 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `3 × did not start: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 111111111111.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:e40fc78159599ce813b5c24402c…`. Likely cause: The image is not there (any more): has a lifecycle rule deleted it?
      `shop-web`: tasks

    a foreign rollout superseding ours
      # shop feature/signup-autocomplete@e7a7cf1 was superseded on staging
      ⚠️ Another rollout, not Longshore's, took its place after 1 min, 57 sec. Asked by @ada.
      14e1eb0 runs as before on `shop-api`, `shop-worker`, with all tasks
      *Runs now* on `shop-web`: `shop-web:3`: 6 of 6 running
      *Why:* shop-web: Somebody else rolled out shop-web:3 meanwhile.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: another rollout, not Longshore's, replaced `shop-web:2`
      • `shop-worker`: not touched
      `shop-web`: tasks

    stale reads for 30 s
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 2 min, 23 sec. Asked by @ada.

    rolled back between two polls
      # shop feature/signup-autocomplete@e7a7cf1 did not come up on staging
      ↩️ 14e1eb0 runs as before, with all tasks. ECS went back after 1 min, 42 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* ECS says: `deployment failed: tasks failed to start.`
      `shop-web`: tasks

    scaled to zero
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 1 min, 42 sec. Asked by @ada.
      `feature/signup-autocomplete@e7a7cf1` runs on `shop-api`, `shop-worker`
      No tasks run on `shop-web`: the desired count is 0; `feature/signup-autocomplete@e7a7cf1` is what would start
      • `shop-api`: runs `shop-api:2`
      • `shop-web`: on `shop-web:2`; no tasks run: the desired count is 0
      • `shop-worker`: runs `shop-worker:2`

    alarm rollback
      # shop feature/signup-autocomplete@e7a7cf1 was taken back on staging
      ↩️ 14e1eb0 runs as before, with all tasks. ECS went back after 1 min, 57 sec because of the alarm `shop-web-5xx`. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` was rolled back because of the alarm `shop-web-5xx`: `Service deployment rolled back because of a CloudWatch alarm.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* ECS says: `deployment failed: alarm detected.`
      `shop-web`: tasks

    blue/green
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 7 min, 46 sec. Asked by @ada.

    linear
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 8 min, 8 sec. Asked by @ada.

    canary
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 7 min, 46 sec. Asked by @ada.

    rolling update with a pause hook
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 3 min, 33 sec. Asked by @ada.

    rolling update with a pause hook that nobody answers
      # shop feature/signup-autocomplete@e7a7cf1 was taken back on staging
      ↩️ 14e1eb0 runs as before, with all tasks. Nobody answered its pause in time, so ECS went back after 33 min, 27 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: nobody answered its pause in time; ECS rolled it back: `Service deployment rolled back because a lifecycle hook timed out.`
      • `shop-worker`: not touched
      `shop-web`: tasks

    blue/green with a pause hook
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 8 min, 23 sec. Asked by @ada.

    blue/green with a pause hook, rolled back
      # shop feature/signup-autocomplete@e7a7cf1 was cancelled on staging
      🛑 14e1eb0 runs as before, with all tasks. @bob stopped it after 3 min, 10 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: stopped, and back on what ran before: `Service deployment rolled back because of a ContinueServiceDeployment request.`
      • `shop-worker`: not touched
      `shop-web`: tasks

    blue/green with two pause hooks
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 9 min, 18 sec. Asked by @ada.

    linear with a pause hook
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 8 min, 44 sec. Asked by @ada.

    canary with a pause hook
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 8 min, 23 sec. Asked by @ada.
    ");
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
    assert_snapshot!(table, @"
    happy
      1:  0:48 min, ecs  32 (register 1, update 1, stop 0, continue 0), dynamodb  67, states  1, 0.0008 USD
      3:  2:12 min, ecs  81 (register 3, update 3, stop 0, continue 0), dynamodb 127, states  1, 0.0015 USD
    slow, 29 minutes
      1: 29:26 min, ecs 241 (register 1, update 1, stop 0, continue 0), dynamodb 562, states  1, 0.0078 USD
      3: 31:01 min, ecs 284 (register 3, update 3, stop 0, continue 0), dynamodb 624, states  1, 0.0083 USD
    slow, 31 minutes
      1: 31:23 min, ecs 253 (register 1, update 1, stop 0, continue 0), dynamodb 592, states  1, 0.0082 USD
      3: 32:57 min, ecs 296 (register 3, update 3, stop 0, continue 0), dynamodb 651, states  1, 0.0087 USD
    slow, 65 minutes
      1: 65:12 min, ecs 463 (register 1, update 1, stop 0, continue 0), dynamodb 1105, states  1, 0.0153 USD
      3: 66:50 min, ecs 506 (register 3, update 3, stop 0, continue 0), dynamodb 1181, states  1, 0.0159 USD
    crash loop with breaker rollback
      1:  0:36 min, ecs  38 (register 2, update 1, stop 0, continue 0), dynamodb  63, states  1, 0.0007 USD
      3:  2:12 min, ecs  92 (register 4, update 3, stop 0, continue 0), dynamodb 131, states  1, 0.0015 USD
    breaker on with no earlier good revision
      1:  0:25 min, ecs  35 (register 2, update 1, stop 0, continue 0), dynamodb  57, states  1, 0.0006 USD
      3:  1:57 min, ecs  89 (register 4, update 3, stop 0, continue 0), dynamodb 122, states  1, 0.0014 USD
    breaker on without rollback
      1:  0:25 min, ecs  35 (register 2, update 1, stop 0, continue 0), dynamodb  57, states  1, 0.0006 USD
      3:  1:57 min, ecs  89 (register 4, update 3, stop 0, continue 0), dynamodb 122, states  1, 0.0014 USD
    the rollback itself failing
      1:  0:36 min, ecs  38 (register 2, update 1, stop 0, continue 0), dynamodb  63, states  1, 0.0007 USD
      3:  2:12 min, ecs  92 (register 4, update 3, stop 0, continue 0), dynamodb 131, states  1, 0.0015 USD
    breaker off, never ending
      1: 41:33 min, ecs 351 (register 2, update 1, stop 1, continue 0), dynamodb 767, states  2, 0.0105 USD
      3: 42:41 min, ecs 387 (register 4, update 3, stop 1, continue 0), dynamodb 827, states  2, 0.0110 USD
    tasks dying uncounted
      1: 41:33 min, ecs 373 (register 2, update 1, stop 1, continue 0), dynamodb 767, states  2, 0.0105 USD
      3: 42:41 min, ecs 415 (register 4, update 3, stop 1, continue 0), dynamodb 827, states  2, 0.0110 USD
    unable to place tasks
      1:  0:48 min, ecs  41 (register 2, update 1, stop 0, continue 0), dynamodb  69, states  1, 0.0008 USD
      3:  2:27 min, ecs  95 (register 4, update 3, stop 0, continue 0), dynamodb 137, states  1, 0.0016 USD
    image pull error
      1:  0:25 min, ecs  34 (register 2, update 1, stop 0, continue 0), dynamodb  57, states  1, 0.0006 USD
      3:  2:12 min, ecs  91 (register 4, update 3, stop 0, continue 0), dynamodb 131, states  1, 0.0015 USD
    a foreign rollout superseding ours
      1:  0:25 min, ecs  33 (register 1, update 1, stop 0, continue 0), dynamodb  56, states  1, 0.0006 USD
      3:  1:57 min, ecs  86 (register 3, update 3, stop 0, continue 0), dynamodb 121, states  1, 0.0014 USD
    stale reads for 30 s
      1:  0:42 min, ecs  28 (register 1, update 1, stop 0, continue 0), dynamodb  83, states  1, 0.0012 USD
      3:  2:23 min, ecs  83 (register 3, update 3, stop 0, continue 0), dynamodb 155, states  1, 0.0021 USD
    rolled back between two polls
      1:  0:03 min, ecs  28 (register 2, update 1, stop 0, continue 0), dynamodb  45, states  1, 0.0004 USD
      3:  1:42 min, ecs  85 (register 4, update 3, stop 0, continue 0), dynamodb 116, states  1, 0.0013 USD
    scaled to zero
      1:  0:14 min, ecs  24 (register 1, update 1, stop 0, continue 0), dynamodb  49, states  1, 0.0005 USD
      3:  1:42 min, ecs  75 (register 3, update 3, stop 0, continue 0), dynamodb 112, states  1, 0.0013 USD
    alarm rollback
      1:  0:25 min, ecs  34 (register 2, update 1, stop 0, continue 0), dynamodb  57, states  1, 0.0006 USD
      3:  1:57 min, ecs  88 (register 4, update 3, stop 0, continue 0), dynamodb 122, states  1, 0.0014 USD
    blue/green
      1:  6:14 min, ecs  86 (register 1, update 1, stop 0, continue 0), dynamodb 193, states  1, 0.0026 USD
      3:  7:46 min, ecs 132 (register 3, update 3, stop 0, continue 0), dynamodb 246, states  1, 0.0032 USD
    linear
      1:  6:35 min, ecs  89 (register 1, update 1, stop 0, continue 0), dynamodb 199, states  1, 0.0027 USD
      3:  8:08 min, ecs 135 (register 3, update 3, stop 0, continue 0), dynamodb 254, states  1, 0.0033 USD
    canary
      1:  6:14 min, ecs  86 (register 1, update 1, stop 0, continue 0), dynamodb 193, states  1, 0.0026 USD
      3:  7:46 min, ecs 132 (register 3, update 3, stop 0, continue 0), dynamodb 246, states  1, 0.0032 USD
    rolling update with a pause hook
      1:  1:48 min, ecs  39 (register 1, update 1, stop 0, continue 1), dynamodb 124, states  2, 0.0011 USD
      3:  3:33 min, ecs  91 (register 3, update 3, stop 0, continue 1), dynamodb 186, states  2, 0.0019 USD
    rolling update with a pause hook that nobody answers
      1: 31:41 min, ecs 136 (register 2, update 1, stop 0, continue 0), dynamodb 353, states  1, 0.0041 USD
      3: 33:27 min, ecs 187 (register 4, update 3, stop 0, continue 0), dynamodb 430, states  1, 0.0048 USD
    blue/green with a pause hook
      1:  6:42 min, ecs  84 (register 1, update 1, stop 0, continue 1), dynamodb 224, states  2, 0.0026 USD
      3:  8:23 min, ecs 133 (register 3, update 3, stop 0, continue 1), dynamodb 284, states  2, 0.0033 USD
    blue/green with a pause hook, rolled back
      1:  1:36 min, ecs  41 (register 2, update 1, stop 0, continue 1), dynamodb 120, states  2, 0.0010 USD
      3:  3:10 min, ecs  95 (register 4, update 3, stop 0, continue 1), dynamodb 184, states  2, 0.0018 USD
    blue/green with two pause hooks
      1:  7:40 min, ecs  88 (register 1, update 1, stop 0, continue 2), dynamodb 245, states  3, 0.0028 USD
      3:  9:18 min, ecs 137 (register 3, update 3, stop 0, continue 2), dynamodb 305, states  3, 0.0035 USD
    linear with a pause hook
      1:  7:02 min, ecs  87 (register 1, update 1, stop 0, continue 1), dynamodb 230, states  2, 0.0027 USD
      3:  8:44 min, ecs 136 (register 3, update 3, stop 0, continue 1), dynamodb 291, states  2, 0.0034 USD
    canary with a pause hook
      1:  6:42 min, ecs  84 (register 1, update 1, stop 0, continue 1), dynamodb 224, states  2, 0.0026 USD
      3:  8:23 min, ecs 133 (register 3, update 3, stop 0, continue 1), dynamodb 284, states  2, 0.0033 USD
    ");
}

/// A script that is added does not compile here until somebody has given it its words.
#[test]
fn no_script_is_missing() {
    for script in Script::all() {
        let words = match script {
            Script::Happy => "happy",
            Script::Slow(_) => "slow, 31 minutes",
            Script::CrashLoop => "crash loop with breaker rollback",
            Script::NoGoodRevision => "breaker on with no earlier good revision",
            Script::BreakerWithoutRollback => "breaker on without rollback",
            Script::BreakerOff => "breaker off, never ending",
            Script::RollbackFails => "the rollback itself failing",
            Script::UncountedDeaths => "tasks dying uncounted",
            Script::UnableToPlace => "unable to place tasks",
            Script::ImagePullError => "image pull error",
            Script::Foreign => "a foreign rollout superseding ours",
            Script::StaleReads => "stale reads for 30 s",
            Script::BetweenPolls => "rolled back between two polls",
            Script::ScaledToZero => "scaled to zero",
            Script::Alarm => "alarm rollback",
            Script::BlueGreen => "blue/green",
            Script::Linear => "linear",
            Script::Canary => "canary",
            Script::Pause => "rolling update with a pause hook",
            Script::BlueGreenPause => "blue/green with a pause hook",
            Script::TwoPauses => "blue/green with two pause hooks",
            Script::LinearPause => "linear with a pause hook",
            Script::CanaryPause => "canary with a pause hook",
        };
        let row = TABLE.iter().find(|row| row.words == words);
        assert_eq!(row.map(|row| &row.script), Some(&script), "{words}");
    }
}
