//! The whole product under chance: days in which people type and press, ECS goes right and wrong,
//! calls fail, functions die and clocks are off, all out of one number. After each, the invariants
//! of `src/lib.rs` are held against what the world saw.
//!
//! `make simulate SEEDS=100 FIRST_SEED=7` plays other days than `make test` does. A day that breaks
//! a promise prints the command that plays it again.

mod beside;
mod choices;
mod ci;
mod day;
mod given;
mod haste;
mod holds;
mod logs;
mod luck;
mod moves;
mod people;
mod reads;
mod stack;
mod tags;
mod taken_over;
mod tally;

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use self::day::{Beginning, Day};

/// Days that once broke a promise, and are played for ever.
const KEPT: [u64; 4] = [425, 986, 1407, 2591];
/// Days in an ordinary run of the tests: everything that days are counted by happens on them; `make simulate` plays more.
const SEEDS: u64 = 300;
/// Messages after a hundred commands and clicks, at most: a deploy takes two, and a third where it is asked about, and
/// what ends without having begun is told to its requester too.
const MESSAGES: u64 = 140;
/// Threads that play them.
const THREADS: usize = 2;

/// A number out of the environment.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no number")),
    )
}

#[test]
fn the_invariants_hold_on_days_made_by_chance() {
    let first = number("FIRST_SEED").unwrap_or(1);
    let seeds = number("SEEDS").unwrap_or(SEEDS);
    let mut all: Vec<u64> = KEPT.to_vec();
    all.extend(first..first.saturating_add(seeds));
    let next = AtomicU64::new(0);
    let told = number("SEEDS").is_some();
    let done = AtomicU64::new(0);
    let began = std::time::Instant::now();
    let (failures, sum) = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| play(&all, &next, &|| progress(told, &done, all.len(), began))))
            .collect();
        let mut failures = Vec::new();
        let mut sum = tally::Tally::default();
        for thread in threads {
            let (failed, tally) = thread.join().unwrap();
            failures.extend(failed);
            sum += tally;
        }
        (failures, sum)
    });
    if told {
        let took = began.elapsed().as_secs();
        tell(&format!("{} days in {took} s: {sum}\n", all.len()));
    }
    // Where a person gets several messages after one command, each says something new.
    assert!(
        seeds < 100 || sum.messages * 100 <= sum.asked * MESSAGES,
        "too much is said: {sum}"
    );
    // One day alone may be an idle one.
    let enough = seeds < 100 || sum.deploys >= seeds;
    assert!(enough, "hardly anything was deployed: {sum}");
    assert!(
        seeds < 100 || sum.reads > seeds,
        "hardly anything was read: {sum}"
    );
    let chosen = [
        tally::LOGS,
        tally::SEVERAL,
        tally::BACK_AND_BACK,
        tally::CANCELS,
        people::BY_GROUP,
        given::BY_RIGHT,
        given::ALLOWED_ONCE,
        ci::GREEN,
        ci::PROMOTED,
        ci::TAKEN_BACK,
    ];
    for what in tally::BESIDE.into_iter().chain(chosen) {
        let happened = sum.beside.get(what).is_some_and(|times| *times > 0);
        assert!(seeds < 100 || happened, "{what} never happened: {sum}");
    }
    assert!(
        failures.is_empty(),
        "{} of {} days broke a promise:\n{}",
        failures.len(),
        all.len(),
        failures.join("\n")
    );
}

/// How many times an asked-for run says how far it is, where that makes a line each.
const TOLD: u64 = 20;

/// Counts one more day: in one line that is kept current on a terminal, in a line now and then elsewhere.
fn progress(told: bool, done: &AtomicU64, all: usize, began: std::time::Instant) {
    let (done, all) = (
        done.fetch_add(1, Ordering::Relaxed) + 1,
        u64::try_from(all).unwrap(),
    );
    let seconds = began.elapsed().as_secs();
    if told && std::io::stderr().is_terminal() {
        let end = if done == all { "\n" } else { "" };
        tell(&format!("\r{done} of {all} days, {seconds} s{end}"));
    } else if told && done.is_multiple_of((all / TOLD).max(1)) {
        tell(&format!("{done} of {all} days, {seconds} s\n"));
    }
}

/// Says something to whoever waits, past the test's own output. What the functions write on those days,
/// their metrics above all, goes to standard output, which `make simulate` keeps in a file.
fn tell(what: &str) {
    let mut to = std::io::stderr().lock();
    write!(to, "{what}").unwrap();
    to.flush().unwrap();
}

/// Plays days until there are none left; what broke, in words, and what happened in sum.
fn play(seeds: &[u64], next: &AtomicU64, done: &dyn Fn()) -> (Vec<String>, tally::Tally) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let mut failures = Vec::new();
    let mut sum = tally::Tally::default();
    let beginnings = runtime.block_on(Beginning::both());
    loop {
        let index = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
        let Some(&seed) = seeds.get(index) else {
            return (failures, sum);
        };
        runtime.block_on(async {
            let mut day = Day::begin(&beginnings, seed);
            day.passes().await;
            let problems = day.problems().await;
            sum += day.tally().await;
            done();
            if !problems.is_empty() {
                failures.push(format!(
                    "make simulate SEEDS=1 FIRST_SEED={seed}\n  {}\n{}",
                    problems.join("\n  "),
                    if failures.is_empty() {
                        day.story()
                    } else {
                        String::new()
                    }
                ));
            }
        });
    }
}
