//! Call × fault: each journey is played once undisturbed, and then once more for every call it made,
//! with exactly one fault. The first call of an operation meets every kind of fault, each later one
//! a kind in turn; with `EVERY_FAULT` set in the environment, each call meets every kind.

use std::collections::{BTreeMap, BTreeSet};

use longshore_sim::fault::{Kind, Matcher};

use super::journey::Journey;
use super::story::Story;

/// One call of a journey.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Point {
    pub(super) service: &'static str,
    pub(super) operation: String,
    pub(super) nth: u64,
}

impl Point {
    pub(super) fn matcher(&self) -> Matcher {
        Matcher::operation(self.service, &self.operation).nth(self.nth)
    }

    /// Whether it has no effect.
    pub(super) fn is_read(&self) -> bool {
        const READS: [&str; 6] = ["Get", "Query", "Describe", "List", "AssumeRole", "GET "];
        READS.iter().any(|verb| self.operation.starts_with(verb))
    }
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} #{}", self.service, self.operation, self.nth)
    }
}

/// An operation as a fault plan names it: addresses that are new every time become one.
fn named(operation: &str) -> String {
    for prefix in ["POST /commands/", "POST /actions/"] {
        if operation.starts_with(prefix) {
            return format!("{prefix}*");
        }
    }
    operation.to_owned()
}

/// The calls a story has made so far.
pub(super) fn points(story: &Story) -> Vec<Point> {
    let state = story.town.world.state();
    let mut count: BTreeMap<(&str, String), u64> = BTreeMap::new();
    let calls = state.calls.iter();
    calls
        .map(|call| {
            let operation = named(&call.operation);
            let nth = count.entry((call.service, operation.clone())).or_default();
            *nth += 1;
            Point {
                service: call.service,
                operation,
                nth: *nth,
            }
        })
        .collect()
}

/// The faults a call meets in this run.
fn faults(journey: Journey, point: &Point) -> Vec<Kind> {
    let all = kinds(point);
    if journey.is_long() && point.is_read() && !every_fault() {
        return match point.nth {
            1 => vec![Kind::TimedOut],
            _ => Vec::new(),
        };
    }
    let turn = usize::try_from(point.nth).unwrap() % all.len();
    match point.nth == 1 || every_fault() {
        true => all.to_vec(),
        false => vec![all[turn]],
    }
}

/// Whether nothing is left out, however long it takes.
pub(super) fn every_fault() -> bool {
    std::env::var_os("EVERY_FAULT").is_some()
}

/// The faults that make a difference to a call. A read has no effect, so that one whose answer is
/// lost late is one that timed out, and one sent twice is one sent once.
pub(super) fn kinds(point: &Point) -> &'static [Kind] {
    match point.is_read() {
        true => &[Kind::Throttled, Kind::Before5xx, Kind::TimedOut, Kind::Lost],
        false => &Kind::ALL,
    }
}

async fn under_every_fault(journey: Journey) {
    let beginning = journey.beginning().await;
    let mut clean = beginning.story();
    clean.play().await;
    let points = points(&clean);
    let problems = clean.problems(None).await;
    assert!(
        problems.is_empty(),
        "undisturbed: {problems:#?}\n{}",
        clean.transcript()
    );

    let named = |point: Point| (point.service, point.operation);
    let faulted: BTreeSet<_> = points.iter().cloned().map(named).collect();
    // Calls that are made only because another one failed, and which fault made them be made.
    let mut further: BTreeMap<(&str, String), (&Point, Kind)> = BTreeMap::new();
    let (mut covered, mut failures) = (0, Vec::new());
    for point in &points {
        for kind in faults(journey, point) {
            let mut story = beginning.story();
            story.plan(point.matcher(), kind);
            story.play().await;
            let fired = story.town.world.state().faults.fired();
            for call in self::points(&story).into_iter().map(named) {
                // How people are told when one way fails is held in `notify`.
                if call.0 != "slack" && !faulted.contains(&call) {
                    further.entry(call).or_insert((point, kind));
                }
            }
            let duplicated = (kind == Kind::Duplicated).then_some(point.operation.as_str());
            let mut problems = story.problems(duplicated).await;
            if fired != 1 {
                problems.push(format!("the fault happened {fired} times"));
            }
            covered += 1;
            if !problems.is_empty() {
                failures.push(format!("{point} {kind:?}: {problems:#?}"));
            }
        }
    }
    for ((service, operation), (point, first)) in &further {
        let second = Point {
            service,
            operation: operation.clone(),
            nth: 1,
        };
        for &kind in kinds(&second) {
            let mut story = beginning.story();
            story.plan(point.matcher(), *first);
            story.plan(second.matcher(), kind);
            story.play().await;
            let fired = story.town.world.state().faults.fired();
            let duplicated = (kind == Kind::Duplicated).then_some(operation.as_str());
            let mut problems = story.problems(duplicated).await;
            if fired != 2 {
                problems.push(format!("{fired} faults happened"));
            }
            covered += 1;
            if !problems.is_empty() {
                failures.push(format!(
                    "{point} {first:?}, then {second} {kind:?}: {problems:#?}"
                ));
            }
        }
    }
    let all: usize = points.iter().map(|point| kinds(point).len()).sum();
    println!(
        "{journey:?}: {covered} points of {all}, {} calls of {} operations, and {} operations more \
         that faults led to",
        points.len(),
        faulted.len(),
        further.len()
    );
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[tokio::test(start_paused = true)]
async fn a_deploy_keeps_its_word_under_every_fault() {
    under_every_fault(Journey::Deploy).await;
}

#[tokio::test(start_paused = true)]
async fn a_confirmed_deploy_keeps_its_word_under_every_fault() {
    under_every_fault(Journey::Confirm).await;
}

#[tokio::test(start_paused = true)]
async fn a_rollback_keeps_its_word_under_every_fault() {
    under_every_fault(Journey::Rollback).await;
}

#[tokio::test(start_paused = true)]
async fn a_cancel_keeps_its_word_under_every_fault() {
    under_every_fault(Journey::Cancel).await;
}

#[tokio::test(start_paused = true)]
async fn a_pause_keeps_its_word_under_every_fault() {
    under_every_fault(Journey::Pause).await;
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_goes_back_keeps_its_word_under_every_fault() {
    under_every_fault(Journey::PauseBack).await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_keeps_its_word_under_every_fault() {
    under_every_fault(Journey::Restart).await;
}

#[tokio::test(start_paused = true)]
async fn a_one_off_task_runs_once_under_every_fault() {
    under_every_fault(Journey::Before).await;
}

#[tokio::test(start_paused = true)]
async fn several_applications_keep_their_word_under_every_fault() {
    under_every_fault(Journey::Together).await;
}

#[tokio::test(start_paused = true)]
async fn services_taken_back_keep_their_word_under_every_fault() {
    under_every_fault(Journey::TakenBack).await;
}

#[tokio::test(start_paused = true)]
async fn services_in_parallel_keep_their_word_under_every_fault() {
    under_every_fault(Journey::Parallel).await;
}

#[tokio::test(start_paused = true)]
async fn a_promotion_keeps_its_word_under_every_fault() {
    under_every_fault(Journey::Promote).await;
}
