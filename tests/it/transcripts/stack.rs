//! Whoever types `rollback` in a panic goes back, never forward: to what ran before the version that is
//! live was deployed. A card's button goes away from what the card brought, and from nothing else.

use std::time::Duration;

use insta::assert_snapshot;
use longshore_sim::ecs::Script;
use longshore_sim::slack::Message;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, PROD, REGION, digest_of};

const BRANCH: &str = "webapp:feature/signup-autocomplete to staging";

impl Chat {
    /// It goes well, and nobody reads it.
    async fn lets(&self, user: &str, typed: &str) -> String {
        self.types(user, typed).await;
        let id = self.newest_deploy();
        self.settles().await;
        self.skips();
        id
    }

    async fn presses(&self, user: &str, card: &Message) {
        self.posts(&self.press(user, card, "rollback")).await;
        self.settles().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_of_a_rollback_goes_further_back_and_says_what_it_passes_over() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&CONFIG.replace("confirm  = false", "")).await;
    chat.lets(ADA, "webapp:main to staging").await;
    chat.lets(ADA, BRANCH).await;
    chat.types(BOB, "rollback webapp on staging").await;
    chat.seconds(10).await;
    chat.clicks(BOB, "confirm").await;
    chat.settles().await;
    chat.seconds(300).await;
    chat.skips();
    chat.types(ADA, "rollback webapp on staging").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Roll back webapp to 5a91773 on staging?
      main@680af60 → *5a91773*, without 1 commit (bob)
      • `webapp`: `webapp:2` → `webapp:1`; 6 tasks wanted
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because @ada deployed `main@680af60` 6 min ago.
      *Rolled back before; a rollback goes to one of these only if you name it* (`/deploy rollback webapp on staging to id-2`):
      • `feature/signup-autocomplete@83a078a`, deploy `id-2` by @ada, 5 min ago: @bob rolled back 5 min ago, to `main@680af60`
      *Taken away from webapp:*
      ```680af60 Sell shoes (bob)```
      – `id-4` · asked by @ada · stands until 10:22 today · cluster `staging` in eu-west-1, account `222222222222`
      [ Do not roll back ] [ Confirm ]
    ");
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn what_was_rolled_back_from_is_gone_to_by_name_and_with_its_mark() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&CONFIG.replace("confirm  = false", "")).await;
    chat.lets(ADA, "webapp:main to staging").await;
    let bad = chat.lets(ADA, BRANCH).await;
    chat.types(BOB, "rollback webapp on staging").await;
    chat.seconds(10).await;
    chat.clicks(BOB, "confirm").await;
    chat.settles().await;
    chat.seconds(300).await;
    chat.skips();
    chat.types(ADA, &format!("rollback webapp on staging to {bad}"))
        .await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Roll back webapp to feature/signup-autocomplete@83a078a on staging?
      main@680af60 → *feature/signup-autocomplete@83a078a*, with 1 commit
      • `webapp`: `webapp:2` → `webapp:3`; 6 tasks wanted
      Goes back to `feature/signup-autocomplete@83a078a` (deploy `id-2`), exactly as it ran from 10:01 today on.
      ⚠️ *It was rolled back before:* @bob rolled back 5 min ago, to `main@680af60`. It is gone back to because you named it.
      – `id-4` · asked by @ada · stands until 10:22 today · cluster `staging` in eu-west-1, account `222222222222`
      [ Do not roll back ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.skips();
    // By somebody's wish it is live again, on what it lay on: the mark is gone.
    chat.types(ADA, "rollback webapp on staging").await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert!(
        read.contains("Roll back webapp to main@680af60 on staging?"),
        "{read}"
    );
    assert!(!read.contains("Rolled back from"), "{read}");
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn the_button_of_what_is_gone_says_so_and_brings_nothing() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.lets(ADA, "webapp:main to staging").await;
    chat.types(ADA, BRANCH).await;
    chat.settles().await;
    let card = chat.seen(BOB, "rollback");
    chat.lets(ADA, "rollback webapp on staging").await;
    let before = chat.world.state().ecs.update_calls("staging", "webapp");
    chat.presses(BOB, &card).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, bob
      # The rollback of webapp was refused on staging
      ⛔ Nothing was started.
      `feature/signup-autocomplete@83a078a` is gone: @ada rolled back 0 s ago, to `main@680af60`. Nothing was changed. `/deploy status webapp staging` shows what runs now.
      – `id-4` · 10:02 today
    ");
    let after = chat.world.state().ecs.update_calls("staging", "webapp");
    assert_eq!(before, after);
}

#[tokio::test(start_paused = true)]
async fn a_card_of_last_week_rolls_nothing_back_that_came_since() {
    let chat = Chat::new(Bot::Token).await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    let card = chat.seen(ADA, "rollback");
    // Nothing is open, so that nobody need look after anything meanwhile.
    tokio::time::sleep(Duration::from_secs(7 * 24 * 3600)).await;
    chat.lets(BOB, BRANCH).await;
    chat.presses(ADA, &card).await;
    let read = chat.reads();
    assert!(
        read.contains("main@680af60` is gone: @bob deployed `feature/signup-autocomplete@83a078a`"),
        "{read}"
    );
    let calls = chat.world.state().ecs.update_calls("staging", "webapp");
    assert_eq!(calls, 2);
}

#[tokio::test(start_paused = true)]
async fn the_button_stops_no_rollout_that_came_after_its_card() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    let card = chat.seen(ADA, "rollback");
    chat.types(BOB, BRANCH).await;
    chat.seconds(20).await;
    chat.skips();
    chat.posts(&chat.press(ADA, &card, "rollback")).await;
    chat.seconds(5).await;
    let read = chat.reads();
    assert!(read.contains("is still under way"), "{read}");
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn the_button_of_a_success_goes_back_from_it_though_something_failed_above_it() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    let card = chat.seen(ADA, "rollback");
    chat.script("staging", "webapp", Script::CrashLoop);
    chat.lets(BOB, BRANCH).await;
    chat.presses(ADA, &card).await;
    let read = chat.reads();
    assert!(read.contains("→ 5a91773 on staging"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn retrying_a_rollback_goes_to_what_it_went_to() {
    let chat = Chat::new(Bot::NoToken).await;
    let first = chat.lets(ADA, "webapp:main to staging").await;
    chat.lets(ADA, BRANCH).await;
    chat.script("staging", "webapp", Script::CrashLoop);
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    let card = chat.seen(ADA, "retry");
    // Something else comes in between, so that "back" would be another thing by now.
    {
        let now = chat.world.now();
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let commit = repo.commit("newer", "Sell boots", "ada");
        let digest = digest_of(&commit);
        let ecr = &mut state.ecr;
        ecr.push(PROD, REGION, "webapp", &[&commit], &digest, now);
    }
    chat.lets(BOB, "webapp:newer to staging").await;
    chat.posts(&chat.press(ADA, &card, "retry")).await;
    let retried = chat.newest_deploy();
    chat.settles().await;
    chat.skips();
    let deploy = chat.deploy(&retried).await;
    let back = deploy
        .plan
        .unwrap()
        .shares
        .first()
        .goes_back
        .clone()
        .unwrap();
    assert_eq!(back.way.id, Some(first));
}

#[tokio::test(start_paused = true)]
async fn the_history_marks_what_was_rolled_back_from_until_somebody_wants_it() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(CONFIG).await;
    chat.lets(ADA, "webapp:main to staging").await;
    chat.lets(ADA, BRANCH).await;
    chat.lets(BOB, "rollback webapp on staging").await;
    chat.types(ADA, "history webapp staging").await;
    chat.types(ADA, "history").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The latest 4 changes, newest first
      • `id-3` webapp staging: back to main@680af60, without 1 commit, @bob, 2026-03-02 10:02
      • `id-2` webapp staging: feature…@83a078a, later rolled back, @ada, 2026-03-02 10:01
      • `id-1` webapp staging: main@680af60, @ada, 2026-03-02 10:00, in 42 sec
      • found running, webapp staging: 5a91773, first seen 2026-03-02 10:00
      – `/deploy show id-3` tells everything about one.

    Longshore in #deploys · Only visible to you, ada
      # The latest 3 changes, newest first
      • `id-3` webapp staging: back to main@680af60, without 1 commit, @bob, 2026-03-02 10:02
      • `id-2` webapp staging: feature…@83a078a, later rolled back, @ada, 2026-03-02 10:01
      • `id-1` webapp staging: main@680af60, @ada, 2026-03-02 10:00, in 42 sec
      – `/deploy show id-3` tells everything about one.
    ");
    chat.lets(ADA, BRANCH).await;
    chat.types(ADA, "history webapp staging").await;
    assert!(!chat.reads().contains("later rolled back"));
}

#[tokio::test(start_paused = true)]
async fn the_history_says_of_a_rollback_what_it_stopped() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(CONFIG).await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.seconds(12).await;
    chat.types(BOB, "rollback webapp on staging").await;
    chat.settles().await;
    chat.skips();
    chat.types(ADA, "history webapp staging").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The latest 3 changes, newest first
      • `id-1` webapp staging: main@680af60, *cancelled*, @ada, 2026-03-02 10:01
      • `id-2` webapp staging: *stopped* `id-1`, @bob, 2026-03-02 10:00
      • found running, webapp staging: 5a91773, first seen 2026-03-02 10:00
      – `/deploy show id-1` tells everything about one.
    ");
}

#[tokio::test(start_paused = true)]
async fn of_a_card_of_several_what_is_gone_is_left_alone_and_the_others_go_back() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main,cms:1.0.2 to staging").await;
    chat.settles().await;
    let card = chat.seen(ADA, "rollback");
    chat.lets(BOB, "rollback webapp on staging").await;
    chat.presses(ADA, &card).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Rolling back Content Management System on staging
      Asked by @ada.
      • *webapp*: `main@680af60` is gone: it was rolled back at 10:03 today, to `5a91773`. Nothing is changed there
      • *Content Management System*: 1.0.2 → *5c42316*, without 1 commit (bob)
      Goes back to 5c42316, as it was found running when Longshore first looked, 10:00 today. It is not live any more because `1.0.2` was deployed just now.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-3`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System rolled back 1.0.2 → 5c42316 on staging
      ✅ Done in 1 min, 22 sec. Asked by @ada.
      • *webapp*: `main@680af60` is gone: it was rolled back at 10:03 today, to `5a91773`. Nothing is changed there
      • *Content Management System*: 1.0.2 → *5c42316*, without 1 commit (bob)
      – The next deploy brings back what was taken away, unless it was mended or reverted first. `/deploy history cms staging` lists what ran.
      – `id-3` · 10:04 today
      [ Deploy 1.0.2 again ]
    ");
    // Once nothing of it is there, nothing is changed.
    chat.types(ADA, "webapp:main,cms:1.0.2 to staging").await;
    chat.settles().await;
    let card = chat.seen(ADA, "rollback");
    chat.lets(BOB, "rollback webapp on staging").await;
    chat.lets(BOB, "rollback cms on staging").await;
    let calls = || chat.world.state().ecs.update_calls("staging", "webapp");
    let before = calls();
    chat.presses(ADA, &card).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The rollback of webapp and cms was refused on staging
      ⛔ Nothing was started.
      webapp: `main@680af60` is gone: @bob rolled back 1 min ago, to `5a91773`. Nothing was changed. `/deploy status webapp staging` shows what runs now.
      cms: `1.0.2` is gone: @bob rolled back 0 s ago, to `5c42316`. Nothing was changed. `/deploy status cms staging` shows what runs now.
      – `id-7` · 10:09 today
    ");
    assert_eq!(calls(), before);
}
