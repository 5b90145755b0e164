//! The way back: to the last good deploy, to a named one, by a button, and during a rollout.

use insta::assert_snapshot;
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, EVE, PROD, REGION, digest_of};

const BRANCH: &str = "webapp:feature/signup-autocomplete to staging";

impl Chat {
    /// A deploy that goes well, unread.
    async fn has_deployed(&self, typed: &str) -> String {
        self.types(ADA, typed).await;
        let id = self.newest_deploy();
        self.settles().await;
        self.skips();
        id
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_goes_to_what_ran_before_exactly_as_it_ran() {
    let chat = Chat::new(Bot::NoToken).await;
    for reference in ["main", "feature/signup-autocomplete"] {
        chat.types(ADA, &format!("webapp:{reference} to production"))
            .await;
        chat.seconds(10).await;
        chat.clicks(ADA, "confirm").await;
        chat.settles().await;
    }
    chat.skips();
    chat.types(ADA, "rollback webapp on production").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Roll back webapp to main@680af60 on production?
      feature/signup-autocomplete@83a078a → *main@680af60*, without 1 commit (ada)
      • `webapp`: `webapp:3` → `webapp:2`; 6 tasks wanted
      Goes back to main@680af60 (deploy `id-1`), exactly as it ran from 10:00 today on. It is not live any more because @ada deployed `feature/signup-autocomplete@83a078a` just now.
      *Good versions, newest first; choose another below:*
      • main@680af60, deploy `id-1` by @ada, just now, *this one*
      • 5a91773, found running, first seen 1 min ago
      *Taken away from webapp:*
      ```83a078a Complete addresses (ada)```
      – `id-3` · asked by @ada · stands until 10:16 today · cluster `production` in eu-west-1, account `111111111111`
      [ main@680af60 · just now ▾ 5a91773 · found running ]
      [ Do not roll back ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      @ada confirmed rollback of `webapp` on production, deploy `id-3`.

    Longshore in #deploys
      # Rolling back webapp on production
      feature/signup-autocomplete@83a078a → *main@680af60*, without 1 commit (ada). Asked by @ada.
      Goes back to main@680af60 (deploy `id-1`), exactly as it ran from 10:00 today on. It is not live any more because `feature/signup-autocomplete@83a078a` was deployed just now.
      – Deploy `id-3`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp rolled back feature/signup-a…@83a078a → main@680af60 on production
      ✅ Done in 42 sec, without 1 commit (ada). Asked by @ada.
      – Deploying `feature/signup-autocomplete` again brings back what was taken away, unless it was mended or reverted there. `/deploy history webapp production` lists what ran.
      – `id-3` · 10:02 today
      [ Deploy feature/signup-…@83a078a again ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_rollback_asks_first_also_where_a_deploy_does_not() {
    let chat = Chat::empty(Bot::Token).await;
    chat.push(&CONFIG.replace("confirm  = false", "")).await;
    chat.has_deployed(BRANCH).await;
    chat.types(ADA, "rollback webapp on staging").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Roll back webapp to 5a91773 on staging?
      feature/signup-autocomplete@83a078a → *5a91773*, without 2 commits (ada, bob)
      • `webapp`: `webapp:2` → `webapp:1`; 6 tasks wanted
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because @ada deployed `feature/signup-autocomplete@83a078a` just now.
      *Taken away from webapp:*
      ```83a078a Complete addresses (ada)
      680af60 Sell shoes (bob)```
      – `id-2` · asked by @ada · stands until 10:15 today · cluster `staging` in eu-west-1, account `222222222222`
      [ Do not roll back ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn the_first_deploy_can_be_rolled_back_to_what_ran_before_longshore() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.has_deployed(BRANCH).await;
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Rolling back webapp on staging
      feature/signup-autocomplete@83a078a → *5a91773*, without 2 commits (ada, bob). Asked by @ada.
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because `feature/signup-autocomplete@83a078a` was deployed just now.
      – Deploy `id-2`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp rolled back feature/signup-a…@83a078a → 5a91773 on staging
      ✅ Done in 44 sec, without 2 commits (ada, bob). Asked by @ada.
      – Deploying `feature/signup-autocomplete` again brings back what was taken away, unless it was mended or reverted there. `/deploy history webapp staging` lists what ran.
      – `id-2` · 10:01 today
      [ Deploy feature/signup-…@83a078a again ]
    ");
    // Not forward again: that is what somebody has just fled from.
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The rollback of webapp was refused on staging
      ⛔ Nothing was started.
      There is nothing else to go back to. What ran well of `webapp` on staging was rolled back before. To return to it all the same: `/deploy rollback webapp on staging to id-1` (`feature/signup-autocomplete@83a078a`)
      – `id-3` · 10:01 today
    ");
}

#[tokio::test(start_paused = true)]
async fn a_rollback_may_name_the_deploy() {
    let chat = Chat::new(Bot::NoToken).await;
    let first = chat.has_deployed("webapp:main to staging").await;
    chat.has_deployed(BRANCH).await;
    chat.types(BOB, &format!("rollback webapp on staging to {first}"))
        .await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Rolling back webapp on staging
      feature/signup-autocomplete@83a078a → *main@680af60*, without 1 commit (ada). Asked by @bob.
      Goes back to main@680af60 (deploy `id-1`), exactly as it ran from 10:00 today on. It is not live any more because `feature/signup-autocomplete@83a078a` was deployed just now.
      – Deploy `id-3`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp rolled back feature/signup-a…@83a078a → main@680af60 on staging
      ✅ Done in 45 sec, without 1 commit (ada). Asked by @bob.
      – Deploying `feature/signup-autocomplete` again brings back what was taken away, unless it was mended or reverted there. `/deploy history webapp staging` lists what ran.
      – `id-3` · 10:02 today
      [ Deploy feature/signup-…@83a078a again ]
    ");
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_says_nothing_of_a_version_of_that_name() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.has_deployed("webapp:main to staging").await;
    chat.has_deployed(BRANCH).await;
    chat.types(ADA, "webapp:9.9.9 to staging").await;
    chat.settles().await;
    chat.skips();
    chat.types(ADA, "rollback webapp on staging to 9.9.9").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("`9.9.9` is no version that ran well"),
        "{read}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deploy_that_cannot_be_gone_back_to_is_refused_with_the_reason() {
    let chat = Chat::new(Bot::NoToken).await;
    let other = chat.has_deployed("cms:1.0.2 to staging").await;
    chat.script("staging", "webapp", Script::CrashLoop);
    let failed = chat.has_deployed(BRANCH).await;
    let live = chat.has_deployed("webapp:main to staging").await;
    for id in [&other, &failed, &live] {
        chat.types(ADA, &format!("rollback webapp on staging to {id}"))
            .await;
        chat.settles().await;
    }
    {
        assert_snapshot!(chat.reads(), @r"
        Longshore in #deploys · Only visible to you, ada
          # The rollback of webapp was refused on staging
          ⛔ Nothing was started.
          Deploy `id-1` cannot be gone back to: it is one of `cms` to staging. `/deploy history all webapp staging` lists what ran there.
          – `id-4` · 10:02 today

        Longshore in #deploys · Only visible to you, ada
          # The rollback of webapp was refused on staging
          ⛔ Nothing was started.
          Deploy `id-2` cannot be gone back to: it did not succeed (rolled back). `/deploy history all webapp staging` lists what ran there.
          – `id-5` · 10:02 today

        Longshore in #deploys · Only visible to you, ada
          # The rollback of webapp was refused on staging
          ⛔ Nothing was started.
          Deploy `id-3` cannot be gone back to: it is what runs now. `/deploy history all webapp staging` lists what ran there.
          – `id-6` · 10:02 today
        ");
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_gone_is_no_way_back() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.has_deployed("webapp:main to staging").await;
    chat.has_deployed(BRANCH).await;
    {
        let state = &mut *chat.world.state();
        let head = state.github.repo("acme/webapp").head("main").unwrap();
        state
            .ecr
            .delete_image(PROD, REGION, "webapp", &digest_of(&head));
    }
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The rollback of webapp was refused on staging
      ⛔ Nothing was started.
      The newest good version of `webapp` on staging is `main@680af60`. It cannot be gone back to: its image `48a55179e67c` is gone. Older ones can: `/deploy rollback webapp on staging to 5a91773`
      – `id-3` · 10:01 today
    ");
}

#[tokio::test(start_paused = true)]
async fn the_button_of_a_success_goes_back_once() {
    for bot in [Bot::NoToken, Bot::Token] {
        let chat = Chat::new(bot).await;
        chat.has_deployed("webapp:main to staging").await;
        chat.has_deployed(BRANCH).await;
        let card = chat.seen(ADA, "rollback");
        chat.posts(&chat.press(ADA, &card, "rollback")).await;
        chat.seconds(10).await;
        let asked = chat.reads();
        chat.posts(&chat.press(BOB, &card, "rollback")).await;
        chat.seconds(10).await;
        let used = chat.reads();
        if bot == Bot::NoToken {
            assert_snapshot!(asked, @r"
            Longshore in #deploys
              # Rolling back webapp on staging
              feature/signup-autocomplete@83a078a → *main@680af60*, without 1 commit (ada). Asked by @ada.
              Goes back to main@680af60 (deploy `id-1`), exactly as it ran from 10:00 today on. It is not live any more because `feature/signup-autocomplete@83a078a` was deployed just now.
              – Deploy `id-3`. I post here again when it has ended.
              [ Cancel ]
            ");
            assert_snapshot!(used, @r"
            Longshore in #deploys · Only visible to you, bob
              That button was used before: deploy `id-3`, asked for by @ada, came of it. `/deploy show id-3` tells how it went.
            ");
        } else {
            assert!(used.contains("That button was used before"), "{used}");
        }
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("✅ "), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_can_be_tried_again_by_its_button() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("staging", "webapp", Script::CrashLoop);
    chat.has_deployed(BRANCH).await;
    chat.clicks(BOB, "retry").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @bob.
      – Deploy `id-2`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 43 sec. Asked by @bob.
      – `id-2` · 10:01 today
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_rollback_during_a_rollout_stops_it_and_goes_back() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.has_deployed("webapp:main to staging").await;
    chat.types(ADA, BRANCH).await;
    chat.seconds(20).await;
    chat.skips();
    chat.types(BOB, "rollback webapp on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, bob
      # webapp on staging: stopping what rolls out
      ↩️ webapp: stopping version `feature/signup-autocomplete@83a078a`, which is being rolled out to staging, and going back to main@680af60.
      Deploy `id-2` was under way: it is stopped, which brings back what ran before, and its card says how that ends. Ask for a rollback again only to go further back.
      – `id-3` · 10:01 today

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 main@680af60 runs as before, 6 of 6 running, without 1 commit (ada). @bob stopped it after 1 min, 11 sec. Asked by @ada.
      tasks
      – `id-2` · 10:01 today
      [ Retry ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_rollback_never_needs_github() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.has_deployed("webapp:main to staging").await;
    chat.has_deployed(BRANCH).await;
    chat.world
        .state()
        .github
        .set_mode(longshore_sim::github::Mode::Down);
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_a_failed_deploy_changes_in_the_definition_is_a_press_away() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("production", "webapp", Script::CrashLoop);
    chat.types(ADA, "webapp:1.0.2 to production").await;
    chat.seconds(10).await;
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.skips();
    chat.clicks(EVE, "difference").await;
    chat.settles().await;
    chat.clicks(ADA, "difference").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      You may not deploy webapp to production. The team of webapp may. Ask @ada or @bob, and they can do it for you.

    Longshore in #deploys · Only visible to you, ada
      # Task definitions of deploy id-1: webapp · production
      • `webapp`: `webapp:1` → `webapp:2`
         image of `app`: `517460eebcab` → `48a55179e67c`
      Nothing else differs.
    ");
}

/// A branch moves on and its image does not: whoever deploys it again is told that somebody has just left it.
#[tokio::test(start_paused = true)]
async fn what_was_rolled_back_is_said_to_have_been_when_it_goes_out_again() {
    let chat = Chat::new(Bot::NoToken).await;
    let asks = async |typed: &str| {
        chat.types(ADA, typed).await;
        chat.seconds(8).await;
        chat.reads()
    };
    let confirms = async || {
        chat.clicks(ADA, "confirm").await;
        chat.settles().await;
        chat.reads()
    };
    for typed in ["webapp:main to production", "rollback webapp on production"] {
        asks(typed).await;
        confirms().await;
    }
    chat.seconds(600).await;
    let mut read = asks("plan webapp:main to production").await;
    read += &asks("webapp:main to production").await;
    read += &confirms().await;
    let lines = read.lines().map(str::trim);
    let lines = lines.filter(|line| line.contains("olled back") || line.starts_with('#'));
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    # Plan: webapp · production
    ⚠️ *Rolled back here before:* @ada rolled back 10 min ago, to `5a91773`.
    # Deploy webapp main@680af60 to production?
    ⚠️ *Rolled back here before:* @ada rolled back 10 min ago, to `5a91773`.
    # Deploying webapp to production
    ⚠️ *Rolled back here before:* it was rolled back 10 min ago, to `5a91773`.
    # webapp main@680af60 runs on production
    ");
    // Somebody wants it after all.
    asks("webapp:feature/signup-autocomplete to production").await;
    confirms().await;
    let read = asks("plan webapp:main to production").await;
    assert!(!read.contains("olled back"), "{read}");
}
