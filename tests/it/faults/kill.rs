//! The end of a function at any await, of an execution at any moment, and everything that can take
//! a step doing so at once.

use std::time::Duration;

use longshore::waiter::Event;
use longshore_sim::fault::{Kill, Matcher};
use serde_json::json;

use super::enumerate::{every_fault, points};
use super::journey::Journey;
use super::story::Story;
use crate::town::{ADA, DEV, REGION};

/// Plays the journey once for every call, killing whoever makes it, before or after it took effect:
/// both for an operation's first call, in turn for the later ones unless `EVERY_FAULT` is set, and
/// for reads, where the side makes no difference.
async fn killed_at_every_await(journey: Journey) {
    let beginning = journey.beginning().await;
    let mut clean = beginning.story().with_events();
    clean.play().await;
    let points = points(&clean);
    let problems = clean.problems(None).await;
    assert!(problems.is_empty(), "undisturbed: {problems:#?}");
    let (mut covered, mut failures) = (0, Vec::new());
    for (number, point) in points.iter().enumerate() {
        let sides = [Kill::Before, Kill::After];
        let sides = match !point.is_read() && (point.nth == 1 || every_fault()) {
            true => &sides[..],
            false => &sides[number % 2..][..1],
        };
        for &side in sides {
            let mut story = beginning.story().with_events();
            story.plan_death(point.matcher(), side);
            story.play().await;
            let fired = story.town.world.state().faults.fired();
            let mut problems = story.problems(None).await;
            if fired != 1 {
                problems.push(format!("the kill happened {fired} times"));
            }
            covered += 1;
            if !problems.is_empty() {
                failures.push(format!("{side:?} {point}: {problems:#?}"));
            }
        }
    }
    println!("{journey:?}: killed at {covered} points");
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[tokio::test(start_paused = true)]
async fn an_answered_pause_outlives_whoever_works_on_it() {
    killed_at_every_await(Journey::Pause).await;
}

#[tokio::test(start_paused = true)]
async fn a_deploy_outlives_whoever_works_on_it() {
    killed_at_every_await(Journey::Deploy).await;
}

#[tokio::test(start_paused = true)]
async fn a_one_off_task_outlives_whoever_works_on_it() {
    killed_at_every_await(Journey::Before).await;
}

#[tokio::test(start_paused = true)]
async fn a_rollback_outlives_whoever_works_on_it() {
    killed_at_every_await(Journey::Rollback).await;
}

/// Somebody stops the execution in the console, at several moments of the journey.
#[tokio::test(start_paused = true)]
async fn an_aborted_execution_is_resumed() {
    for with_events in [true, false] {
        for seconds in [0, 1, 3, 8, 14] {
            let mut story = Story::begin(Journey::Confirm).await;
            if with_events {
                story = story.with_events();
            }
            story.types("webapp production 1.0.2").await;
            story.until_seen("confirm").await;
            story.stops_executions().await;
            story.passes(90).await;
            // Without word of it, the sweeper acts on the answer, or when the question has lapsed.
            assert!(
                !with_events || !story.executing().is_empty(),
                "nobody waits for the answer any more"
            );
            story.clicks(ADA, "confirm").await;
            story.passes(seconds).await;
            story.stops_executions().await;
            story.settles().await;
            let problems = story.problems(None).await;
            let what = format!("aborted {seconds} s after the click, events: {with_events}");
            assert!(
                problems.is_empty(),
                "{what}: {problems:#?}\n{}",
                story.transcript()
            );
            let deploy = &story.own_deploys().await[0];
            assert!(deploy.resumes >= 1, "{what}: never resumed");
        }
    }
}

/// The poller, the sweeper and ECS's events all step, again and again, at the same moments.
#[tokio::test(start_paused = true)]
async fn many_steps_at_once_are_as_good_as_one() {
    for (journey, delay) in [
        (Journey::Deploy, 0),
        (Journey::Deploy, 7),
        (Journey::Deploy, 90),
        (Journey::Rollback, 30),
        (Journey::TakenBack, 20),
    ] {
        let mut story = Story::begin(journey).await.with_events();
        let pause = Duration::from_millis(delay);
        story.town.world.state().faults.delay(Matcher::any(), pause);
        let waiter = story.town.waiter.clone();
        let services = journey.services();
        let storm = async move {
            for round in 0..150 {
                let names = services.iter().copied();
                let arn = |name| format!("arn:aws:ecs:{REGION}:{DEV}:service/staging/{name}");
                let ecs = |name| json!({"source": "aws.ecs", "resources": [arn(name)]});
                let payloads = names
                    .map(ecs)
                    .chain([json!({"sweep": {}}), json!({"sweep": {}})]);
                let calls = payloads.enumerate().map(|(number, payload)| {
                    let event = Event::read(&payload).unwrap();
                    let invocation = format!("storm-{round}-{number}");
                    let waiter = waiter.clone();
                    tokio::spawn(async move { waiter.handle(event, &invocation).await })
                });
                for call in calls.collect::<Vec<_>>() {
                    // One that was overtaken says so, and that is all it may do.
                    let _ = call.await.unwrap();
                }
                tokio::time::sleep(Duration::from_millis(400)).await;
            }
        };
        let storm = tokio::spawn(storm);
        story.play().await;
        storm.abort();
        let problems = story.problems(None).await;
        let what = format!("{journey:?} with {delay} ms a call");
        assert!(
            problems.is_empty(),
            "{what}: {problems:#?}\n{}",
            story.transcript()
        );
    }
}
