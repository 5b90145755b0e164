//! Questions: who may answer them, how often, until when, and what an answer is bound to.

use insta::assert_snapshot;
use longshore_sim::slack::{Message, SignedRequest};
use longshore_sim::transcript::Transcript;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, EVE};

impl Chat {
    /// The question that this person sees, to be answered later, also when it has changed since.
    pub(super) fn seen(&self, user: &str, action: &str) -> Message {
        let state = self.world.state();
        state.slack.newest_with(user, action).unwrap().clone()
    }

    /// Slack's request for a press of that button, as it was seen then.
    pub(super) fn press(&self, user: &str, seen: &Message, action: &str) -> SignedRequest {
        let now = self.world.now();
        let slack = &mut self.world.state().slack;
        slack.click(now, user, seen, action).unwrap()
    }

    /// The same press, signed as if another person had made it.
    pub(super) fn pressed_by(&self, whom: &str, request: &SignedRequest) -> SignedRequest {
        let body = String::from_utf8(request.body.to_vec()).unwrap();
        let body = body.replace(ADA, whom);
        let form = "application/x-www-form-urlencoded";
        let now = self.world.now();
        self.world
            .state()
            .slack
            .sign(now, &request.path, form, body)
    }

    async fn asked(bot: Bot) -> Self {
        let chat = Self::new(bot).await;
        chat.types(ADA, "webapp to production").await;
        chat.seconds(10).await;
        chat
    }
}

#[tokio::test(start_paused = true)]
async fn production_asks_first_and_one_click_starts_it() {
    let chat = Chat::asked(Bot::NoToken).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy webapp main@680af60 to production?
      5a91773 → *main@680af60*
      `webapp`, digest `48a55179e67c`
      • `webapp`: `webapp:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```680af60 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.assert_nothing_changed();
    chat.clicks(ADA, "confirm").await;
    chat.seconds(15).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      @ada confirmed `webapp` to production, deploy `id-1`.

    Longshore in #deploys
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]
    ");
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # webapp main@680af60 runs on production
      ✅ 5a91773 → main@680af60, 1 commit (bob), in 44 sec. Asked by @ada.
      – `id-1` · 10:00 today
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn with_a_bot_token_the_question_is_still_for_the_asker_alone() {
    let chat = Chat::asked(Bot::Token).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy webapp main@680af60 to production?
      5a91773 → *main@680af60*
      `webapp`, digest `48a55179e67c`
      • `webapp`: `webapp:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```680af60 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      @ada confirmed `webapp` to production, deploy `id-1`.

    Longshore in #deploys
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      Starting.
      • `webapp`: about to start
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 14 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 37 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # webapp main@680af60 runs on production
      ✅ 5a91773 → main@680af60, 1 commit (bob), in 49 sec. Asked by @ada.
      – `id-1` · 10:00 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada webapp: deployed version main@680af60 to production in 49 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn the_asker_may_decide_against_it() {
    let chat = Chat::asked(Bot::NoToken).await;
    chat.skips();
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      # webapp main@680af60 was cancelled on production
      🛑 @ada stopped it before anything was changed.
      – `id-1` · 10:00 today
      [ Retry ]
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn nobody_else_may_confirm() {
    let chat = Chat::asked(Bot::NoToken).await;
    chat.skips();
    let question = chat.seen(ADA, "confirm");
    for other in [BOB, EVE] {
        let press = chat.pressed_by(other, &chat.press(ADA, &question, "confirm"));
        chat.posts(&press).await;
        chat.seconds(10).await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      Only @ada can confirm the deploy of webapp to production: they asked for it. To run your own, ask for it yourself.

    Longshore in #deploys · Only visible to you, ada
      Only @ada can confirm the deploy of webapp to production: they asked for it. To run your own, ask for it yourself.
    ");
    chat.assert_nothing_changed();
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn two_presses_are_one_answer() {
    let chat = Chat::asked(Bot::NoToken).await;
    chat.skips();
    let question = chat.seen(ADA, "confirm");
    let (one, two) = (
        chat.press(ADA, &question, "confirm"),
        chat.press(ADA, &question, "confirm"),
    );
    chat.posts(&one).await;
    chat.posts(&two).await;
    chat.seconds(5).await;
    chat.posts(&chat.press(ADA, &question, "decline")).await;
    chat.seconds(5).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      @ada confirmed `webapp` to production, deploy `id-1`.

    Longshore in #deploys
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys · Only visible to you, ada
      You have confirmed it already, at 10:00 today, and the first answer stands. `/deploy status` shows how it goes on.

    Longshore in #deploys · Only visible to you, ada
      You have confirmed it already, at 10:00 today, and the first answer stands. `/deploy status` shows how it goes on.
    ");
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
    assert_eq!(
        chat.world.state().ecs.update_calls("production", "webapp"),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn fifty_presses_at_once_are_one_answer() {
    let chat = Chat::asked(Bot::NoToken).await;
    chat.skips();
    let question = chat.seen(ADA, "confirm");
    let presses: Vec<_> = (0..50)
        .map(|_| chat.press(ADA, &question, "confirm"))
        .collect();
    let mut knocking = tokio::task::JoinSet::new();
    for press in presses {
        let slash = std::sync::Arc::clone(&chat.slash);
        let event = crate::town::event(&press, chat.world.now());
        knocking.spawn(async move { slash.handle(&event).await.status_code });
    }
    assert!(
        knocking
            .join_all()
            .await
            .into_iter()
            .all(|status| status == 200)
    );
    chat.settles().await;
    let read = chat.reads();
    assert_eq!(read.matches("✅ ").count(), 1, "{read}");
    assert_eq!(
        read.matches("You have confirmed it already").count(),
        49,
        "{read}"
    );
    assert_eq!(
        chat.world.state().ecs.update_calls("production", "webapp"),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_command_a_hundred_times_at_once_is_one_deploy() {
    let chat = Chat::new(Bot::NoToken).await;
    let typed =
        longshore_sim::slack::Invocation::new(ADA, crate::town::DEPLOYS, "webapp to staging");
    let request = chat.world.state().slack.command(chat.world.now(), &typed);
    let mut knocking = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let slash = std::sync::Arc::clone(&chat.slash);
        let event = crate::town::event(&request, chat.world.now());
        knocking.spawn(async move { slash.handle(&event).await.body });
    }
    let said: std::collections::BTreeSet<String> = knocking
        .join_all()
        .await
        .into_iter()
        .map(|body| format!("{body:?}"))
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
    chat.settles().await;
    assert_eq!(chat.deploys().len(), 1);
    assert_eq!(chat.world.state().ecs.update_calls("staging", "webapp"), 1);
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_question_lapses_after_a_quarter_of_an_hour() {
    let chat = Chat::asked(Bot::NoToken).await;
    chat.skips();
    let question = chat.seen(ADA, "confirm");
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp main@680af60 was not confirmed for production
      ⌛ Nobody confirmed it in time, so nothing was changed.
      – `id-1` · 10:15 today
      [ Retry ]
    ");
    chat.posts(&chat.press(ADA, &question, "confirm")).await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys · Only visible to you, ada (edited)
      That question has lapsed: nobody answered it in time, so deploy `id-1` changed nothing. Ask again if it is still wanted.
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn what_runs_may_change_while_people_think_and_then_they_are_asked_again() {
    let chat = Chat::asked(Bot::NoToken).await;
    chat.skips();
    let first = chat.seen(ADA, "confirm");
    chat.world
        .state()
        .ecs
        .foreign_update(chat.world.now(), "production", "webapp");
    chat.seconds(120).await;
    chat.posts(&chat.press(ADA, &first, "confirm")).await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      # Deploy webapp main@680af60 to production?
      What runs on production has changed since the question for deploy `id-1` was put, so nothing was started. Here is the plan as it is now.
      5a91773 → *main@680af60*
      `webapp`, digest `48a55179e67c`
      • `webapp`: `webapp:2` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```680af60 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:17 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    assert_eq!(
        chat.world.state().ecs.update_calls("production", "webapp"),
        0
    );
    // The old question is worth nothing any more; the new one is.
    chat.posts(&chat.press(ADA, &first, "confirm")).await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys · Only visible to you, ada
      That question is out of date: what runs there has changed since, or another version was chosen. Nothing was started by this click; answer the newest question of deploy `id-1`.
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn who_has_lost_the_right_meanwhile_cannot_confirm() {
    let chat = Chat::asked(Bot::NoToken).await;
    chat.skips();
    chat.push(&CONFIG.replace("members      = [\"U0ADA0001\"]", "members      = []"))
        .await;
    chat.seconds(61).await;
    chat.clicks(ADA, "confirm").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp main@680af60 was refused on production
      ⛔ Nothing was started.
      You may not deploy webapp to production. The team of webapp may. Ask @bob, and they can do it for you.
      – `id-1` · 10:01 today

    Longshore in #deploys · Only visible to you, ada
      You may not confirm the deploy of webapp to production. The team of webapp may. Ask @bob, and they can do it for you.
    ");
    chat.assert_nothing_changed();
    chat.settles().await;
    chat.skips();
}

/// Its first word comes from a press on another deploy's verdict, and that verdict is not its own.
#[tokio::test(start_paused = true)]
async fn a_retry_that_is_cancelled_leaves_the_verdict_that_it_was_pressed_on() {
    let chat = Chat::asked(Bot::NoToken).await;
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    let first = chat.newest_deploy();
    chat.seconds(60).await;
    chat.clicks(ADA, "retry").await;
    chat.seconds(10).await;
    chat.types(ADA, "cancel webapp on production").await;
    chat.settles().await;
    let second = chat.newest_deploy();
    assert_ne!(first, second);
    chat.skips();
    let state = chat.world.state();
    for id in [&first, &second] {
        let transcript = Transcript::new(&state.slack);
        let mut shown = state
            .slack
            .messages()
            .iter()
            .map(|message| transcript.message(message));
        let footer = format!("– `{id}` · ");
        let is_verdict = |shown: String| shown.contains("🛑 ") && shown.contains(&footer);
        assert!(shown.any(is_verdict), "{id}");
    }
}
