//! AWS away for a while, or only half there: nothing is lost, and the truth is told afterwards.

use std::time::Duration;

use longshore_sim::ecs::Script;
use longshore_sim::fault::{Faults, Kind, Matcher};

use super::journey::Journey;
use super::story::Story;

/// Two minutes without the table, from the middle of the rollout on.
#[tokio::test(start_paused = true)]
async fn a_deploy_outlives_two_minutes_without_its_table() {
    for kind in [
        Kind::Before5xx,
        Kind::Throttled,
        Kind::TimedOut,
        Kind::LostLate,
    ] {
        for with_events in [true, false] {
            let mut story = Story::begin(Journey::Deploy).await;
            if with_events {
                story = story.with_events();
            }
            story
                .types("webapp:feature/signup-autocomplete to staging")
                .await;
            story.passes(5).await;
            story.plan(Matcher::service("dynamodb"), kind);
            story.passes(120).await;
            let fired = story.town.world.state().faults.fired();
            assert!(fired > 10, "the table was asked only {fired} times");
            story.town.world.state().faults = Faults::default();
            story.settles().await;
            let problems = story.problems(None).await;
            assert!(
                problems.is_empty(),
                "{kind:?}: {problems:#?}\n{}",
                story.transcript()
            );
        }
    }
}

/// Every service throttles three calls of ten, for as long as it takes.
#[tokio::test(start_paused = true)]
async fn a_deploy_gets_through_heavy_throttling() {
    for (seed, journey) in [
        (1, Journey::Deploy),
        (2, Journey::Confirm),
        (3, Journey::Rollback),
        (4, Journey::Cancel),
        (14, Journey::Cancel),
        (5, Journey::TakenBack),
        (6, Journey::Restart),
    ] {
        let mut story = Story::begin(journey).await;
        if journey == Journey::Cancel {
            // Whoever types it again and again still comes in time.
            let slow = Script::Slow(Duration::from_secs(600));
            story.town.script("staging", "webapp", slow);
        }
        let mut dice = fastrand::Rng::with_seed(seed);
        for nth in 1..1_500 {
            // A call that is throttled is not counted by the plans after it: 3 of 10 remain.
            if dice.f64() < 0.43 {
                story.plan(Matcher::any().nth(nth), Kind::Throttled);
            }
        }
        story.play().await;
        let (fired, answered) = {
            let state = story.town.world.state();
            (state.faults.fired(), state.calls.len())
        };
        println!("{journey:?}: {fired} calls throttled, {answered} answered");
        assert!(
            fired * 4 > answered as u64,
            "{fired} throttled, {answered} answered"
        );
        let problems = story.problems(None).await;
        assert!(
            problems.is_empty(),
            "{journey:?}: {problems:#?}\n{}",
            story.transcript()
        );
    }
}
