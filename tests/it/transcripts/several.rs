//! Several services at the same time: in order or in parallel, with either policy when one fails.

mod stopped;

use std::time::Duration;

use insta::assert_snapshot;
use longshore::record::ServicePhase;
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, Bot};

/// A town with the shop of three services, whose keys are these.
async fn shop(bot: Bot, keys: &str) -> Chat {
    let chat = Chat::empty(bot).await;
    chat.opens_shop(keys).await;
    chat
}

const SLOW: Duration = Duration::from_secs(120);

#[tokio::test(start_paused = true)]
async fn three_services_in_parallel_take_no_longer_than_the_slowest_of_them() {
    let alone = shop(Bot::Token, "").await;
    alone.script("staging", "webapp", Script::Slow(SLOW));
    alone.types(ADA, "webapp:1.0.2 to staging").await;
    let id = alone.newest_deploy();
    alone.settles().await;
    alone.skips();
    let slowest = alone.deploy(&id).await;
    let slowest = slowest.elapsed(alone.world.now());

    let chat = shop(Bot::Token, "rollouts = \"parallel\"").await;
    for service in ["shop-api", "shop-worker"] {
        chat.script("staging", service, Script::Slow(SLOW));
    }
    chat.types(ADA, "shop:1.0.2 to staging").await;
    let id = chat.newest_deploy();
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      Starting.
      • `shop-api`: about to start
      • `shop-web`: about to start
      • `shop-worker`: about to start
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `shop-api`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      • `shop-web`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      • `shop-worker`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `shop-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `shop-web`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 23 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `shop-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `shop-web`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 34 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `shop-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `shop-web`: runs `shop-web:2`
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 45 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `shop-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      • `shop-web`: runs `shop-web:2`
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 1 min, 8 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `shop-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      • `shop-web`: runs `shop-web:2`
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 1 min, 40 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # shop 1.0.2 runs on staging
      ✅ 14e1eb0 → 1.0.2, 1 commit (bob), in 2 min, 11 sec. Asked by @ada.
      – `id-1` · 10:02 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada shop: deployed version 1.0.2 to staging in 2 min, 11 sec
    ");
    let deploy = chat.deploy(&id).await;
    let poll = Duration::from_secs(17);
    let took = deploy.elapsed(chat.world.now());
    assert!(took <= slowest + poll, "{took:?} instead of {slowest:?}");
    let state = &mut *chat.world.state();
    for service in ["shop-api", "shop-web", "shop-worker"] {
        assert_eq!(state.ecs.update_calls("staging", service), 1);
    }
    // One look at all of them is one call.
    let looks = |operation: &str| {
        let calls = state.calls.iter();
        calls.filter(|call| call.operation == operation).count()
    };
    let (services, rollouts) = (
        looks("DescribeServices"),
        looks("DescribeServiceDeployments"),
    );
    assert!(
        services < rollouts,
        "{services} looks at services, {rollouts} at rollouts"
    );
}

#[tokio::test(start_paused = true)]
async fn in_parallel_one_that_fails_takes_the_others_back() {
    let chat = shop(Bot::NoToken, "rollouts = \"parallel\"").await;
    chat.script("staging", "shop-web", Script::CrashLoop);
    chat.script("staging", "shop-worker", Script::Slow(SLOW));
    chat.types(ADA, "shop:1.0.2 to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      All at the same time: `shop-api`, `shop-web`, `shop-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # shop 1.0.2 did not come up on staging
      ↩️ 14e1eb0 runs as before, with all tasks, without 1 commit (bob). ECS went back after 2 min, 13 sec. Asked by @ada.
      • `shop-api`: stopped, and back on what ran before
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-worker`: stopped, and back on what ran before
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-api`: tasks
      `shop-web`: log stream · tasks
      `shop-worker`: tasks
      – `id-1` · 10:02 today
      [ Retry ] [ Definition diff ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_cancel_takes_back_everything_that_rolls_out_in_parallel() {
    let chat = shop(Bot::Token, "rollouts = \"parallel\"\non_failure = \"stop\"").await;
    for service in ["shop-api", "shop-worker"] {
        chat.script("staging", service, Script::Slow(SLOW));
    }
    chat.types(ADA, "shop:1.0.2 to staging").await;
    chat.seconds(70).await;
    chat.skips();
    chat.types(ADA, "cancel shop on staging").await;
    chat.seconds(2).await;
    chat.skips();
    chat.clicks(ADA, "stop_back").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      # Taking shop back on staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      It is being stopped.
      🛑 @ada asked for it to stop; what has been started goes back.
      • `shop-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      • `shop-web`: had come up; being taken back
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 1 min, 12 sec so far

    Longshore in #deploys (edited)
      # Taking shop back on staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      It is being stopped.
      🛑 @ada asked for it to stop; what has been started goes back.
      • `shop-api`: rolling out; ECS has not counted its tasks yet
      • `shop-web`: had come up; being taken back
      • `shop-worker`: rolling out; ECS has not counted its tasks yet
      – `id-1` · 1 min, 40 sec so far

    Longshore in #deploys (edited)
      # Taking shop back on staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      It is being stopped.
      🛑 @ada asked for it to stop; what has been started goes back.
      • `shop-api`: rolling out; ECS has not counted its tasks yet
      • `shop-web`: had come up; runs what ran before
      • `shop-worker`: rolling out; ECS has not counted its tasks yet
      – `id-1` · 1 min, 55 sec so far

    Longshore in #deploys (edited)
      # shop 1.0.2 was cancelled on staging
      🛑 14e1eb0 runs as before, with all tasks, without 1 commit (bob). @ada stopped it after 2 min, 27 sec. Asked by @ada.
      • `shop-api`: stopped, and back on what ran before
      • `shop-web`: had come up; runs what ran before
      • `shop-worker`: stopped, and back on what ran before
      `shop-api`: tasks
      `shop-worker`: tasks
      – `id-1` · 10:02 today
      [ Retry ]

    Longshore in #deploys, in a thread
      @ada shop: the deploy of version 1.0.2 to staging was cancelled by @ada, 2 min, 27 sec after it began
    ");
}

/// Its rollout waits for a person, who wants it back, and what is out never comes back.
#[tokio::test(start_paused = true)]
async fn what_rolls_out_is_stopped_before_what_is_out_is_taken_back() {
    let chat = shop(Bot::Token, "").await;
    chat.script("staging", "shop-web", Script::BlueGreenPause);
    chat.types(ADA, "shop:1.0.2 to staging").await;
    chat.seconds(120).await;
    chat.script("staging", "shop-api", Script::UncountedDeaths);
    chat.skips();
    chat.clicks(ADA, "pause_back").await;
    chat.seconds(60).await;
    assert_eq!(chat.world.state().ecs.pauses("staging", "shop-web"), 0);
    let deploy = chat.deploy(&chat.newest_deploy()).await;
    let phases = deploy.services.iter().map(|service| &service.phase);
    let phases: Vec<&ServicePhase> = phases.collect();
    assert!(
        matches!(
            phases[..],
            [
                ServicePhase::GoingBack { .. },
                ServicePhase::Unsuccessful { .. },
                ServicePhase::Waiting
            ]
        ),
        "{phases:?}"
    );
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_question_about_several_services_says_how_they_roll_out() {
    let chat = shop(
        Bot::NoToken,
        "rollouts = \"parallel\"\non_failure = \"stop\"",
    )
    .await;
    chat.types(ADA, "shop:1.0.2 to production").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy shop 1.0.2 to production?
      14e1eb0 → *1.0.2*
      Commit `8542987`, `shop`, digest `d84d08abf7f3`
      • `shop-api`: `shop-api:1` → a copy with the new image; 6 tasks wanted
      • `shop-web`: `shop-web:1` → a copy with the new image; 6 tasks wanted
      • `shop-worker`: `shop-worker:1` → a copy with the new image; 6 tasks wanted
      All services roll out at the same time. If one fails, those that are out stay out.
      *Commits:* brings 1 commit · compare
      ```8542987 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
}
