//! Services that stay out, or go on, where one fails or somebody else changed them.

use longshore::record::Verdict;

use super::*;

#[tokio::test(start_paused = true)]
async fn with_stop_what_is_out_stays_out_and_the_verdict_says_exactly_what_runs() {
    let chat = shop(Bot::NoToken, "on_failure = \"stop\"").await;
    chat.script("staging", "shop-web", Script::CrashLoop);
    chat.types(ADA, "shop:1.0.2 to staging").await;
    let id = chat.newest_deploy();
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      One after the other: `shop-api`, `shop-web`, `shop-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # shop 1.0.2 failed on staging
      ❌ It came up only in part, after 1 min, 22 sec. Asked by @ada.
      1.0.2 runs on `shop-api`
      14e1eb0 runs as before on `shop-web`, `shop-worker`, with all tasks
      • `shop-api`: runs `shop-api:2`
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks
      – `id-1` · 10:01 today
      [ Roll back ] [ Retry ] [ Definition diff ]
    ");
    chat.types(ADA, "history shop on staging").await;
    chat.types(ADA, &format!("show {id}")).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The latest 2 changes, newest first
      • `id-1` shop staging: 1.0.2, *failed*, in part, @ada, 2026-03-02 10:01
      • found running, shop staging: 14e1eb0, first seen 2026-03-02 10:00
      – `/deploy show id-1` tells everything about one.

    Longshore in #deploys · Only visible to you, ada
      # Deploy id-1: shop · staging
      *shop: the deploy of version 1.0.2 to staging came up only in part, 1 min, 22 sec after it began: `shop-api` runs 1.0.2, `shop-web` runs 14e1eb0, `shop-worker` runs 14e1eb0*
      │ *Asked for*: `shop:1.0.2` to staging
      │ *By*: @ada at 10:00 today
      │ *Where it is*: failed
      │ *Time*: started 10:00 today, less than a second after it was asked for; ended 10:01 today, took 1 min, 22 sec from its start
      │ *Confirmed*: was not asked for
      │ *Told*: verdict told in answer to the request
      │ *From*: 14e1eb0
      │ *To*: 1.0.2
      │ *Configuration*: version 1
      │ *Commit*: `8542987da1af70d5342cb41a6b97624789903067`
      │ *Commits*: 1 commit (bob)
      │ *Image*: `111111111111.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:d84d08abf7f32895fe509d7e61f09c01b8fabdeb794d5be33e36f0332dce0a0a`
      │ *Cluster*: `staging` in eu-west-1, account `222222222222`
      *Why:* shop-web: Service deployment rolled back because the circuit breaker threshold was exceeded.
      1.0.2 runs on `shop-api`
      14e1eb0 runs as before on `shop-web`, `shop-worker`, with all tasks
      • `shop-api`: runs `shop-api:2`; lease fence 1
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back; lease fence 1; the family's newest revision is the good one again
      • `shop-worker`: not touched; lease fence 1
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks
    ");
    {
        let state = &mut *chat.world.state();
        assert_eq!(state.ecs.update_calls("staging", "shop-api"), 1);
        assert_eq!(state.ecs.update_calls("staging", "shop-worker"), 0);
    }
    // Back to what ran before: the services that stayed on it are brought there once more.
    chat.script("staging", "shop-web", Script::Happy);
    chat.types(ADA, "rollback shop on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Rolling back shop on staging
      1.0.2 → *14e1eb0*. Asked by @ada.
      Goes back to 14e1eb0, as it was found running when Longshore first looked, 10:00 today.
      – Deploy `id-2`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # shop rolled back 1.0.2 → 14e1eb0 on staging
      ✅ Done in 43 sec. Asked by @ada.
      – The next deploy brings back what was taken away, unless it was mended or reverted first. `/deploy history shop staging` lists what ran.
      – `id-2` · 10:02 today
      [ Deploy 1.0.2 again ]
    ");
}

#[tokio::test(start_paused = true)]
async fn with_stop_in_parallel_what_rolls_out_goes_on() {
    let chat = shop(Bot::Token, "rollouts = \"parallel\"\non_failure = \"stop\"").await;
    chat.script("staging", "shop-api", Script::CrashLoop);
    chat.script("staging", "shop-worker", Script::Slow(SLOW));
    chat.types(ADA, "shop:1.0.2 to staging").await;
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
      • `shop-api`: rolling out; ECS has not counted its tasks yet
      • `shop-web`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 23 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `shop-api`: `shop-api:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-web`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      `shop-api`: log stream · tasks
      – `id-1` · 34 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `shop-api`: `shop-api:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-web`: runs `shop-web:2`
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      `shop-api`: log stream · tasks
      – `id-1` · 45 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `shop-api`: `shop-api:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-web`: runs `shop-web:2`
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      `shop-api`: log stream · tasks
      – `id-1` · 1 min, 8 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying shop to staging
      14e1eb0 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `shop-api`: `shop-api:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-web`: runs `shop-web:2`
      • `shop-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      `shop-api`: log stream · tasks
      – `id-1` · 1 min, 40 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # shop 1.0.2 failed on staging
      ❌ It came up only in part, after 2 min, 11 sec. Asked by @ada.
      1.0.2 runs on `shop-web`, `shop-worker`
      14e1eb0 runs as before on `shop-api`, 6 of 6 running
      • `shop-api`: `shop-api:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-web`: runs `shop-web:2`
      • `shop-worker`: runs `shop-worker:2`
      *Why, `shop-api`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-api`: log stream · tasks
      – `id-1` · 10:02 today
      [ Roll back ] [ Retry ] [ Definition diff ]

    Longshore in #deploys, in a thread
      @ada shop: the deploy of version 1.0.2 to staging came up only in part, 2 min, 11 sec after it began: `shop-api` runs 14e1eb0, `shop-web` runs 1.0.2, `shop-worker` runs 1.0.2
    ");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_rolled_out_before_its_turn_is_left_alone() {
    let chat = shop(Bot::NoToken, "").await;
    chat.script("staging", "shop-api", Script::Slow(SLOW));
    chat.types(ADA, "shop:1.0.2 to staging").await;
    let id = chat.newest_deploy();
    chat.seconds(60).await;
    chat.skips();
    // The second waits for its turn meanwhile.
    let now = chat.world.now();
    let before = {
        let ecs = &mut chat.world.state().ecs;
        ecs.foreign_update(now, "staging", "shop-web");
        ecs.update_calls("staging", "shop-web")
    };
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # shop 1.0.2 was superseded on staging
      ⚠️ Another rollout, not Longshore's, took its place after 2 min, 57 sec. Asked by @ada.
      14e1eb0 runs as before on `shop-api`, `shop-worker`, with all tasks
      *Runs now* on `shop-web`: `shop-web:2`: 6 of 6 running
      *Why:* shop-web: Somebody else rolled out shop-web:2 meanwhile.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: left alone: another rollout, not Longshore's, came first
      • `shop-worker`: not touched
      `shop-web`: tasks
      – `id-1` · 10:02 today
    ");
    let updates = chat.world.state().ecs.update_calls("staging", "shop-web");
    assert_eq!(updates, before, "the hotfix was overwritten");
    assert_eq!(chat.deploy(&id).await.verdict(), Some(Verdict::Superseded));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_rolled_out_after_it_is_not_taken_back() {
    let chat = shop(Bot::NoToken, "").await;
    chat.script("staging", "shop-web", Script::Slow(SLOW));
    chat.script("staging", "shop-worker", Script::CrashLoop);
    chat.types(ADA, "shop:1.0.2 to staging").await;
    let id = chat.newest_deploy();
    chat.seconds(60).await;
    chat.skips();
    // The first is out, and the last will fail.
    let now = chat.world.now();
    let before = {
        let ecs = &mut chat.world.state().ecs;
        ecs.foreign_update(now, "staging", "shop-api");
        ecs.update_calls("staging", "shop-api")
    };
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # shop 1.0.2 failed on staging
      ❌ It failed after 4 min, 16 sec. Asked by @ada.
      14e1eb0 runs as before on `shop-web`, `shop-worker`, with all tasks
      *Runs now* on `shop-api`: `shop-api:3`: 6 of 6 running
      • `shop-api`: had come up; somebody else rolled out `shop-api:3` before it was taken back
      • `shop-web`: had come up; runs what ran before
      • `shop-worker`: `shop-worker:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      *Why, `shop-worker`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-worker`: log stream · tasks
      – `id-1` · 10:04 today
      [ Roll back ] [ Retry ] [ Definition diff ]
    ");
    let updates = chat.world.state().ecs.update_calls("staging", "shop-api");
    assert_eq!(updates, before, "the hotfix was taken back");
    assert_eq!(chat.deploy(&id).await.verdict(), Some(Verdict::Failed));
}
