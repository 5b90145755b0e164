//! A build system asks, and everyone can see what is happening.

use std::time::Duration;

use insta::assert_snapshot;

use super::Chat;
use crate::ci::{asks, with_pipelines};
use crate::town::{ADA, EVE};

async fn with_a_build_system() -> Chat {
    let chat = Chat::of(with_pipelines().await);
    chat.skips();
    chat
}

#[tokio::test(start_paused = true)]
async fn a_build_systems_message_starts_the_staging_deploy() {
    let chat = with_a_build_system().await;
    let heard = asks("msg_1", "cms", "staging", "1.0.2").to(&chat).await;
    assert_eq!(heard.status, 202, "{heard:?}");
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      Starting.
      • `cms-api`: waits for its turn
      • `cms-worker`: waits for its turn
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 14 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      • `cms-worker`: waits for its turn
      – `id-1` · 37 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: rolling out; ECS has not counted its tasks yet
      – `id-1` · 49 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      – `id-1` · 59 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 1 min, 9 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 1 min, 25 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Content Management System 1.0.2 runs on staging
      ✅ 5c42316 → 1.0.2, 1 commit (bob), in 1 min, 41 sec. Asked by pipeline `build-cms`.
      – `id-1` · 10:01 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      Content Management System: deployed version 1.0.2 to staging in 1 min, 41 sec
    ");
    chat.types(ADA, &format!("show {}", heard.deploy())).await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy id-1: Content Management System · staging
      *Content Management System: deployed version 1.0.2 to staging in 1 min, 41 sec*
      │ *Asked for*: `cms:1.0.2` to staging
      │ *By*: pipeline `build-cms` at 10:00 today
      │ *Where it is*: succeeded
      │ *Time*: started 10:00 today, less than a second after it was asked for; ended 10:01 today, took 1 min, 41 sec from its start
      │ *Confirmed*: was not asked for
      │ *Told*: verdict told on the card and in its thread
      │ *From*: 5c42316
      │ *To*: 1.0.2
      │ *Configuration*: version 2
      │ *Commit*: `283fc7344efef71edc9fbb9668135ded4579fbf7`
      │ *Commits*: 1 commit (bob)
      │ *Image*: `111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms@sha256:32451332ce1707f293b5bae4d9794629331bc7df1b76565108b9181a143a6373`
      │ *Cluster*: `staging` in eu-west-1, account `222222222222`
      • `cms-api`: runs `cms-api:2`; lease fence 1
      • `cms-worker`: runs `cms-worker:2`; lease fence 1
    ");
}

#[tokio::test(start_paused = true)]
async fn where_the_requester_is_asked_a_person_is_who_may_deploy_there() {
    let chat = with_a_build_system().await;
    let heard = asks("msg_1", "cms", "production", "1.0.2").to(&chat).await;
    chat.passes(Duration::from_secs(20)).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploy Content Management System 1.0.2 to production?
      5c42316 → *1.0.2*
      Commit `283fc73`, `cms`, digest `32451332ce17`
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-1` · asked by pipeline `build-cms` · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    // Whoever may not deploy there has no say.
    chat.clicks(EVE, "confirm").await;
    chat.passes(Duration::from_secs(5)).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      You may not confirm the deploy of cms to production. The team of cms may. Ask @ada or @bob, and they can do it for you.
    ");
    assert_eq!(chat.deploy(&heard.deploy()).await.verdict(), None);
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      @ada confirmed `cms:1.0.2` to production, deploy `id-1`.

    Longshore in #deploys
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      Starting.
      • `cms-api`: waits for its turn
      • `cms-worker`: waits for its turn
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 14 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: rolling out; ECS has not counted its tasks yet
      – `id-1` · 38 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      – `id-1` · 48 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 58 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by pipeline `build-cms`.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 1 min, 9 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Content Management System 1.0.2 runs on production
      ✅ 5c42316 → 1.0.2, 1 commit (bob), in 1 min, 25 sec. Asked by pipeline `build-cms`.
      – `id-1` · 10:01 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      Content Management System: deployed version 1.0.2 to production in 1 min, 25 sec
    ");
    // The record names who consented.
    let record = chat.deploy(&heard.deploy()).await;
    let consented = record.ask.and_then(|ask| ask.consented_by);
    assert_eq!(
        consented.map(|by| by.to_string()).as_deref(),
        Some("slack:T0001:U0ADA0001")
    );
}

#[tokio::test(start_paused = true)]
async fn a_newer_request_says_so_on_the_card_of_the_older_one_and_in_status() {
    let chat = with_a_build_system().await;
    let older = asks("msg_1", "cms", "production", "1.0.2").to(&chat).await;
    chat.passes(Duration::from_secs(20)).await;
    chat.skips();
    let newer = asks("msg_2", "cms", "production", "feature/signup-autocomplete");
    newer.to(&chat).await;
    chat.passes(Duration::from_secs(20)).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploy Content Management System feature/signup-autocomplete@677e2bc to production?
      5c42316 → *feature/signup-autocomplete@677e2bc*
      `cms`, digest `f12984d981ee`
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 2 commits · compare
      ```677e2bc Complete addresses (ada)
      283fc73 Sell shoes (bob)```
      – `id-2` · asked by pipeline `build-cms` · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]

    Longshore in #deploys (edited)
      Content Management System: the deploy of version 1.0.2 to production gave way to the newer deploy `id-2` before anything was changed
    ");
    for words in [
        format!("show {}", older.deploy()),
        "status cms on production".to_owned(),
    ] {
        chat.types(ADA, &words).await;
    }
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy id-1: Content Management System · production
      *Content Management System: the deploy of version 1.0.2 to production gave way to the newer deploy `id-2` before anything was changed*
      │ *Asked for*: `cms:1.0.2` to production
      │ *By*: pipeline `build-cms` at 10:00 today
      │ *Where it is*: cancelled
      │ *Time*: never started; ended 10:00 today
      │ *Confirmed*: not yet; lapses 10:15 today
      │ *Told*: verdict told at the terminal
      │ *From*: 5c42316
      │ *To*: 1.0.2
      │ *Configuration*: version 2
      │ *Commit*: `283fc7344efef71edc9fbb9668135ded4579fbf7`
      │ *Commits*: 1 commit (bob)
      │ *Image*: `111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms@sha256:32451332ce1707f293b5bae4d9794629331bc7df1b76565108b9181a143a6373`
      │ *Cluster*: `production` in eu-west-1, account `111111111111`
      *Why:* The pipeline asked for a newer deploy, `id-2`, which takes its place: `/deploy show id-2` says how that one ends.
      • `cms-api`: not touched
      • `cms-worker`: not touched

    Longshore in #deploys · Only visible to you, ada
      # What runs of Content Management System
      *Content Management System* (`cms`)
      production: version 5c42316 (digest `79045005e8b3`), found running, first seen just now; deploy `id-2` waits for its confirmation
      • `cms-api` on `cms-api:1`: 6 of 6 running
      • `cms-worker` on `cms-worker:1`: 6 of 6 running
      – As ECS said 10:00 today.

    Longshore in #deploys (edited)
      Content Management System: nobody confirmed the deploy of version `feature/signup-autocomplete@677e2bc` to production in time, so nothing was changed
    ");
}
