//! One environment after another: what has not succeeded on staging does not go to production, however it came not to.

use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, PROD, REGION, digest_of};

/// Production after staging.
fn config(after: &str) -> String {
    let table = "[environments.production]\n";
    assert!(CONFIG.contains(table));
    CONFIG.replace(table, &format!("{table}after = {after}\n"))
}

async fn town(after: &str) -> Chat {
    let chat = Chat::new(Bot::NoToken).await;
    chat.push(&config(after)).await;
    chat
}

/// Production's account was only looked at.
fn assert_untouched(chat: &Chat) {
    let state = chat.world.state();
    let mut calls = state.calls.iter();
    let changed =
        calls.find(|call| call.operation == "UpdateService" && call.resources[0].contains(PROD));
    assert!(changed.is_none(), "{changed:?}");
}

const AT_ONCE: &str = r#"{ environment = "staging" }"#;
const SOAKED: &str = r#"{ environment = "staging", soak = "30m" }"#;

#[tokio::test(start_paused = true)]
async fn what_never_ran_on_staging_is_deployed_there_by_one_click_and_then_goes_on() {
    let chat = town(AT_ONCE).await;
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms:1.0.2 was refused on production
      ⛔ Nothing was started.
      `1.0.2` has not succeeded on staging, where it must first. Deploy it there, then ask again.
      – `id-1` · 10:00 today
      [ Deploy 1.0.2 to staging ]
    ");
    chat.assert_nothing_changed();
    chat.clicks(ADA, "deploy_there").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-2`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System 1.0.2 runs on staging
      ✅ 5c42316 → 1.0.2, 1 commit (bob), in 1 min, 37 sec. Asked by @ada.
      – `id-2` · 10:01 today
      [ Roll back ]
    ");
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.seconds(10).await;
    chat.skips();
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_has_not_run_for_long_enough_waits() {
    let chat = town(SOAKED).await;
    chat.does("cms:1.0.2 to staging").await;
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms:1.0.2 was refused on production
      ⛔ Nothing was started.
      `1.0.2` succeeded on staging less than a second ago, and may go on 30 min after that. Ask again at 10:31 today.
      – `id-2` · 10:01 today
    ");
    assert_untouched(&chat);
    chat.seconds(30 * 60).await;
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.seconds(10).await;
    chat.skips();
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_took_back_on_staging_does_not_go_on() {
    let chat = town(AT_ONCE).await;
    chat.does("cms:1.0.2 to staging").await;
    chat.does("rollback cms on staging").await;
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms:1.0.2 was refused on production
      ⛔ Nothing was started.
      `1.0.2` was rolled back on staging, by @ada at 10:02 today. Deploy it there once more if it is good after all, then ask again.
      – `id-3` · 10:02 today
    ");
    assert_untouched(&chat);
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_back_while_people_are_asked_does_not_start() {
    let chat = town(AT_ONCE).await;
    chat.does("cms:1.0.2 to staging").await;
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.seconds(10).await;
    chat.skips();
    chat.types(BOB, "rollback cms on staging").await;
    chat.seconds(420).await;
    chat.skips();
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("was rolled back on staging"), "{read}");
    assert_untouched(&chat);
}

#[tokio::test(start_paused = true)]
async fn what_is_on_its_way_back_on_staging_does_not_go_on() {
    let chat = town(AT_ONCE).await;
    chat.does("cms:1.0.2 to staging").await;
    chat.types(BOB, "rollback cms on staging").await;
    chat.seconds(20).await;
    chat.skips();
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.seconds(10).await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms:1.0.2 was refused on production
      ⛔ Nothing was started.
      @bob is rolling `1.0.2` back on staging. Wait until that is over, then ask again.
      – `id-3` · 10:01 today
    ");
    chat.settles().await;
    chat.skips();
    assert_untouched(&chat);
}

#[tokio::test(start_paused = true)]
async fn what_begins_to_go_back_while_people_are_asked_does_not_start() {
    let chat = town(AT_ONCE).await;
    chat.does("cms:1.0.2 to staging").await;
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.seconds(10).await;
    chat.skips();
    chat.types(BOB, "rollback cms on staging").await;
    chat.seconds(20).await;
    chat.skips();
    chat.clicks(ADA, "confirm").await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert!(read.contains("is rolling `1.0.2` back"), "{read}");
    chat.settles().await;
    chat.skips();
    assert_untouched(&chat);
}

/// A rollback that leads to an image does not lead away from it.
#[tokio::test(start_paused = true)]
async fn what_somebody_goes_back_to_on_staging_may_go_on() {
    let chat = town(AT_ONCE).await;
    chat.does("cms:1.0.2 to staging").await;
    chat.does("cms:feature/signup-autocomplete to staging")
        .await;
    chat.types(BOB, "rollback cms on staging").await;
    chat.seconds(20).await;
    chat.skips();
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert!(read.contains("[ Confirm ]"), "{read}");
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_success_without_a_task_proves_nothing_until_one_ran() {
    let chat = town(AT_ONCE).await;
    for service in ["cms-api", "cms-worker"] {
        chat.script("staging", service, Script::ScaledToZero);
    }
    chat.does("cms:1.0.2 to staging").await;
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms:1.0.2 was refused on production
      ⛔ Nothing was started.
      No task of `1.0.2` ran on staging, so nobody can tell whether it works. Scale `cms` up and restart it there, then ask again.
      – `id-2` · 10:00 today
    ");
    assert_untouched(&chat);
    let now = chat.world.now();
    for service in ["cms-api", "cms-worker"] {
        chat.script("staging", service, Script::Happy);
        let ecs = &mut chat.world.state().ecs;
        ecs.set_desired_count(now, "staging", service, 2);
    }
    chat.seconds(120).await;
    let read = chat.does("restart cms on staging").await;
    assert!(read.contains("✅ "), "{read}");
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert!(read.contains("[ Confirm ]"), "{read}");
    chat.settles().await;
    chat.skips();
}

/// What a tag means that moves on is another image by the time somebody clicks.
#[tokio::test(start_paused = true)]
async fn what_is_known_by_a_tag_that_moves_alone_is_not_offered() {
    let chat = town(AT_ONCE).await;
    let now = chat.world.now();
    let digest = digest_of("edge");
    chat.world
        .state()
        .ecr
        .push(PROD, REGION, "cms", &["edge"], &digest, now);
    chat.types(ADA, "cms:edge to production").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms:edge was refused on production
      ⛔ Nothing was started.
      `edge@a1cb100f57e9` has not succeeded on staging, where it must first. Deploy it there, then ask again.
      – `id-1` · 10:00 today
    ");
    // A branch is found by the tag of its commit, which stays.
    chat.types(ADA, "cms:feature/signup-autocomplete to production")
        .await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms:feature/signup-autocomplete was refused on production
      ⛔ Nothing was started.
      `feature/signup-autocomplete@677e2bc` has not succeeded on staging, where it must first. Deploy it there, then ask again.
      – `id-2` · 10:00 today
      [ Deploy feature/signup-…@677e2bc to staging ]
    ");
}

#[tokio::test(start_paused = true)]
async fn the_way_back_and_a_restart_go_after_nothing() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.does("cms:1.0.2 to staging").await;
    let table = "[environments.staging]\n";
    let after = format!("{table}after = {{ environment = \"production\" }}\n");
    chat.push(&CONFIG.replace(table, &after)).await;
    chat.seconds(60).await;
    let read = chat
        .does("cms:feature/signup-autocomplete to staging")
        .await;
    assert!(read.contains("has not succeeded on production"), "{read}");
    let read = chat.does("restart cms on staging").await;
    assert!(read.contains("✅ "), "{read}");
    let read = chat.does("rollback cms on staging").await;
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn the_button_is_for_those_who_may_deploy_there() {
    let staging = "request  = [\"everyone\"]";
    let chat = Chat::new(Bot::NoToken).await;
    let text = config(AT_ONCE).replace(staging, "request  = [\"U0BOB0001\"]");
    assert_ne!(text, config(AT_ONCE));
    chat.push(&text).await;
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.settles().await;
    chat.skips();
    chat.clicks(ADA, "deploy_there").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("may not deploy"), "{read}");
    chat.assert_nothing_changed();
}
