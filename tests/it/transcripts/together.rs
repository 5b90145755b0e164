//! Several applications in one command: one plan, one consent, one card, one verdict; a history of
//! its own for each.

mod halted;

use insta::assert_snapshot;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, with_before};

/// The town's configuration, in which cms is the business of Eve alone.
fn apart() -> String {
    let own = "applications = [\"webapp\"]\n\n[teams.content]\nmembers = [\"U0EVE0001\"]\napplications = [\"cms\"]";
    CONFIG.replace("applications = [\"webapp\", \"cms\"]", own)
}

#[tokio::test(start_paused = true)]
async fn several_applications_go_out_as_one_plan_with_one_consent() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main, cms:1.0.2 to production")
        .await;
    chat.seconds(10).await;
    chat.assert_nothing_changed();
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy webapp and Content Management System to production?
      • *webapp*: 5a91773 → *main@680af60*, `webapp`, digest `48a55179e67c`
      • *Content Management System*: 5c42316 → *1.0.2*, commit `283fc73`, `cms`, digest `32451332ce17`
      • `webapp`: `webapp:1` → a copy with the new image; 6 tasks wanted
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits of webapp:* brings 1 commit · compare
      ```680af60 Sell shoes (bob)```
      *Commits of Content Management System:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]

    Longshore in #deploys · Only visible to you, ada (edited)
      @ada confirmed `webapp:main` and `cms:1.0.2` to production, deploy `id-1`.

    Longshore in #deploys
      # Deploying webapp and Content Management System to production
      Asked by @ada.
      • *webapp*: 5a91773 → *main@680af60*, `webapp`, digest `48a55179e67c`
      • *Content Management System*: 5c42316 → *1.0.2*, commit `283fc73`, `cms`, digest `32451332ce17`
      One after the other: `webapp`, `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp and Content Management System were deployed to production
      ✅ Done in 2 min, 26 sec. Asked by @ada.
      • *webapp*: 5a91773 → *main@680af60*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      – `id-1` · 10:02 today
      [ Roll back ]
    ");
    for command in [
        "history webapp production",
        "history cms production",
        "history",
        "status webapp production",
    ] {
        chat.types(ADA, command).await;
        chat.settles().await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The latest 2 changes, newest first
      • `id-1` webapp production: main@680af60, @ada, 2026-03-02 10:02, in 2 min, 26 sec
      • found running, webapp production: 5a91773, first seen 2026-03-02 10:00
      – `/deploy show id-1` tells everything about one.

    Longshore in #deploys · Only visible to you, ada
      # The latest 2 changes, newest first
      • `id-1` cms production: 1.0.2, @ada, 2026-03-02 10:02, in 2 min, 26 sec
      • found running, cms production: 5c42316, first seen 2026-03-02 10:00
      – `/deploy show id-1` tells everything about one.

    Longshore in #deploys · Only visible to you, ada
      # The latest 2 changes, newest first
      • `id-1` webapp production: main@680af60, @ada, 2026-03-02 10:02, in 2 min, 26 sec
      • `id-1` cms production: 1.0.2, @ada, 2026-03-02 10:02, in 2 min, 26 sec
      – `/deploy show id-1` tells everything about one.

    Longshore in #deploys · Only visible to you, ada
      # What runs of webapp
      *webapp*
      production: version main@680af60 (digest `48a55179e67c`), just now, @ada
      • `webapp` on `webapp:2`: 6 of 6 running
      – As ECS said 10:02 today.
    ");
}

#[tokio::test(start_paused = true)]
async fn the_card_of_several_applications_names_each() {
    let chat = Chat::new(Bot::Token).await;
    chat.types(ADA, "webapp,cms staging 1.0.2").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      Starting.
      • `webapp`: waits for its turn
      • `cms-api`: waits for its turn
      • `cms-worker`: waits for its turn
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      • `cms-api`: waits for its turn
      • `cms-worker`: waits for its turn
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `cms-api`: waits for its turn
      • `cms-worker`: waits for its turn
      – `id-1` · 14 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • `webapp`: runs `webapp:2`
      • `cms-api`: rolling out; ECS has not counted its tasks yet
      • `cms-worker`: waits for its turn
      – `id-1` · 38 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • `webapp`: runs `webapp:2`
      • `cms-api`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 48 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • `webapp`: runs `webapp:2`
      • `cms-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 58 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • `webapp`: runs `webapp:2`
      • `cms-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      • `cms-worker`: waits for its turn
      – `id-1` · 1 min, 8 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • `webapp`: runs `webapp:2`
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: rolling out; ECS has not counted its tasks yet
      – `id-1` · 1 min, 24 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • `webapp`: runs `webapp:2`
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 1 min, 40 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • `webapp`: runs `webapp:2`
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 1 min, 57 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # webapp and Content Management System run 1.0.2 on staging
      ✅ Done in 2 min, 14 sec. Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      – `id-1` · 10:02 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada webapp and Content Management System: deployed version 1.0.2 to staging in 2 min, 14 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn one_that_runs_it_already_is_left_alone() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.skips();
    chat.types(ADA, "webapp:main,cms:1.0.2 to staging").await;
    chat.settles().await;
    chat.types(ADA, "webapp:main,cms:1.0.2 to staging").await;
    chat.settles().await;
    chat.types(ADA, "history webapp staging").await;
    // Going back takes back what it changed, and nothing else.
    chat.clicks(ADA, "rollback").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying Content Management System to staging
      Asked by @ada.
      • *webapp*: main@680af60 runs there already, and is left alone
      • *Content Management System*: 5c42316 → *1.0.2*, commit `283fc73`, `cms`, digest `32451332ce17`
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-2`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System run 1.0.2 on staging
      ✅ Done in 1 min, 37 sec. Asked by @ada.
      • *webapp*: main@680af60 runs there already, and is left alone
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      – `id-2` · 10:02 today
      [ Roll back ]

    Longshore in #deploys · Only visible to you, ada
      # webapp:main, cms:1.0.2 run on staging already
      ℹ️ Nothing was started.
      All of these run on staging what you asked for, the very same images. To replace their tasks by new ones: `/deploy restart webapp,cms on staging`
      – `id-3` · 10:02 today
      [ Restart ]

    Longshore in #deploys · Only visible to you, ada
      # The latest 2 changes, newest first
      • `id-1` webapp staging: main@680af60, @ada, 2026-03-02 10:00, in 42 sec
      • found running, webapp staging: 5a91773, first seen 2026-03-02 10:00
      – 1 that changed nothing is left out: `/deploy history webapp staging all` lists it. `/deploy show id-1` tells everything about one.

    Longshore in #deploys
      # Rolling back Content Management System on staging
      1.0.2 → *5c42316*, without 1 commit (bob). Asked by @ada.
      Goes back to 5c42316, as it was found running when Longshore first looked, 10:00 today. It is not live any more because `1.0.2` was deployed just now.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-4`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System rolled back 1.0.2 → 5c42316 on staging
      ✅ Done in 1 min, 38 sec, without 1 commit (bob). Asked by @ada.
      – The next deploy brings back what was taken away, unless it was mended or reverted first. `/deploy history cms staging` lists what ran.
      – `id-4` · 10:03 today
      [ Deploy 1.0.2 again ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_several_that_went_stale_is_asked_again() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:1.0.2,cms:1.0.2 to production")
        .await;
    chat.seconds(10).await;
    chat.skips();
    chat.world
        .state()
        .ecs
        .foreign_update(chat.world.now(), "production", "cms-worker");
    chat.seconds(120).await;
    chat.clicks(ADA, "confirm").await;
    chat.seconds(15).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      # Deploy webapp and Content Management System 1.0.2 to production?
      What runs on production has changed since the question for deploy `id-1` was put, so nothing was started. Here is the plan as it is now.
      • *webapp*: 5a91773 → *1.0.2*, commit `680af60`, `webapp`, digest `48a55179e67c`
      • *Content Management System*: 5c42316 → *1.0.2*, commit `283fc73`, `cms`, digest `32451332ce17`
      • `webapp`: `webapp:1` → a copy with the new image; 6 tasks wanted
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:2` → a copy with the new image; 6 tasks wanted
      *Commits of webapp:* brings 1 commit · compare
      ```680af60 Sell shoes (bob)```
      *Commits of Content Management System:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:17 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
}

#[tokio::test(start_paused = true)]
async fn the_one_off_task_of_each_runs_like_its_own_services() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&with_before()).await;
    chat.types(ADA, "webapp:1.0.2,cms:1.0.2 to staging").await;
    let id = chat.newest_deploy();
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, commit `680af60`, `webapp`, digest `48a55179e67c`
      • *Content Management System*: 5c42316 → *1.0.2*, commit `283fc73`, `cms`, digest `32451332ce17`
      *First, once:* `./migrate --all` of `cms-migrate` runs in a copy of `cms-migrate:1` with the new image, for 20 min at most. Unless it ends well, nothing is switched.
      One after the other: `webapp`, `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp and Content Management System run 1.0.2 on staging
      ✅ Done in 2 min, 57 sec. Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • one-off task `cms-migrate`: ended well after 34 sec
      – `id-1` · 10:02 today
      [ Roll back ]
    ");
    let deploy = chat.deploy(&id).await;
    let plan = deploy.plan.unwrap();
    let with = &plan.services[plan.one_offs[0].with];
    assert_eq!(with.service, "cms-api");
}
