//! A rollback's question lets its requester choose among the versions that can be gone back to; what is
//! chosen is asked about anew, and only what is shown is agreed to.

use insta::assert_snapshot;
use longshore::record::{Deploy, Phase, Verdict};
use longshore_sim::slack::{Message, SignedRequest};

use super::Chat;
use crate::town::{ADA, BOB, Bot, PROD, REGION, digest_of};

impl Chat {
    /// Production has run what was found there, then `main`, then a branch; Ada asks to go back.
    async fn asks_to_go_back(bot: Bot) -> Self {
        let chat = Self::new(bot).await;
        for reference in ["main", "feature/signup-autocomplete"] {
            chat.types(ADA, &format!("webapp:{reference} to production"))
                .await;
            chat.seconds(10).await;
            chat.clicks(ADA, "confirm").await;
            chat.settles().await;
        }
        chat.types(ADA, "rollback webapp on production").await;
        chat.seconds(10).await;
        chat.skips();
        chat
    }

    /// The person chooses what begins so in the menu of a message as they saw it.
    async fn chooses(&self, user: &str, seen: &Message, version: &str) {
        self.posts(&self.choice(user, seen, version)).await;
    }

    /// Slack's request for that choice.
    fn choice(&self, user: &str, seen: &Message, version: &str) -> SignedRequest {
        let now = self.world.now();
        let slack = &mut self.world.state().slack;
        {
            let mut fields = seen.fields().into_iter();
            let menu = fields.find(|field| field.action_id == "choose").unwrap();
            let mut options = menu.options.iter();
            let text =
                |option: &serde_json::Value| option["text"]["text"].as_str().unwrap().to_owned();
            let option = options
                .find(|option| text(option).starts_with(version))
                .unwrap();
            let value = option["value"].as_str().unwrap();
            slack.chooses(now, user, seen, ("choose", value)).unwrap()
        }
    }

    async fn newest(&self) -> Deploy {
        self.deploy(&self.newest_deploy()).await
    }
}

#[tokio::test(start_paused = true)]
async fn another_version_is_asked_about_in_the_same_place_and_gone_back_to() {
    for bot in [Bot::NoToken, Bot::Token] {
        let chat = Chat::asks_to_go_back(bot).await;
        chat.chooses(ADA, &chat.seen(ADA, "confirm"), "5a91773")
            .await;
        chat.seconds(10).await;
        let read = chat.reads();
        if bot == Bot::NoToken {
            assert_snapshot!(read, @r"
            Longshore in #deploys · Only visible to you, ada (edited)
              # Roll back webapp to 5a91773 on production?
              feature/signup-autocomplete@83a078a → *5a91773*, without 2 commits (ada, bob)
              • `webapp`: `webapp:3` → `webapp:1`; 6 tasks wanted
              Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because @ada deployed `main@680af60` 1 min ago.
              *Good versions, newest first; choose another below:*
              • main@680af60, deploy `id-1` by @ada, 1 min ago
              • 5a91773, found running, first seen 1 min ago, *this one*
              *Taken away from webapp:*
              ```83a078a Complete addresses (ada)
              680af60 Sell shoes (bob)```
              – `id-3` · asked by @ada · stands until 10:16 today · cluster `production` in eu-west-1, account `111111111111`
              [ 5a91773 · found running ▾ main@680af60 · 1 min ago ]
              [ Do not roll back ] [ Confirm ]
            ");
        }
        chat.clicks(ADA, "confirm").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(
            read.contains("rolled back feature/signup-a…@83a078a → 5a91773"),
            "{read}"
        );
        let deploy = chat.newest().await;
        assert_eq!(deploy.verdict(), Some(Verdict::Succeeded));
        assert_eq!(deploy.ask.unwrap().number, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_changes_their_mind_comes_back_to_the_first() {
    let chat = Chat::asks_to_go_back(Bot::NoToken).await;
    for version in ["5a91773", "main@"] {
        chat.chooses(ADA, &chat.seen(ADA, "confirm"), version).await;
        chat.seconds(10).await;
    }
    // What is shown is no other choice.
    chat.chooses(ADA, &chat.seen(ADA, "confirm"), "main@").await;
    chat.seconds(10).await;
    assert_eq!(chat.newest().await.ask.unwrap().number, 3);
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("→ main@680af60 on production"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn nobody_else_chooses() {
    let chat = Chat::asks_to_go_back(Bot::NoToken).await;
    let hers = chat.choice(ADA, &chat.seen(ADA, "confirm"), "5a91773");
    chat.posts(&chat.pressed_by(BOB, &hers)).await;
    chat.seconds(10).await;
    let deploy = chat.newest().await;
    assert_eq!(
        (deploy.phase, deploy.ask.unwrap().number),
        (Phase::Asking, 1)
    );
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      Only @ada can confirm the rollback of webapp on production: they asked for it. To run your own, ask for it yourself.
    ");
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_late_choice_changes_nothing() {
    let chat = Chat::asks_to_go_back(Bot::NoToken).await;
    let seen = chat.seen(ADA, "confirm");
    chat.settles().await;
    chat.skips();
    chat.chooses(ADA, &seen, "5a91773").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys · Only visible to you, ada (edited)
      That question has lapsed: nobody answered it in time, so deploy `id-3` changed nothing. Ask again if it is still wanted.
    ");
    assert_eq!(chat.newest().await.verdict(), Some(Verdict::Expired));
}

#[tokio::test(start_paused = true)]
async fn of_two_clicks_at_once_the_first_counts_and_the_other_is_told() {
    // A choice, then a yes to what was shown before; a choice twice.
    for second in ["confirm", "choose"] {
        let chat = Chat::asks_to_go_back(Bot::NoToken).await;
        let seen = chat.seen(ADA, "confirm");
        chat.chooses(ADA, &seen, "5a91773").await;
        match second {
            "confirm" => chat.posts(&chat.press(ADA, &seen, "confirm")).await,
            _ => chat.chooses(ADA, &seen, "5a91773").await,
        }
        chat.seconds(10).await;
        let deploy = chat.newest().await;
        assert_eq!(
            (deploy.phase, deploy.ask.unwrap().number),
            (Phase::Asking, 2)
        );
        let read = chat.reads();
        assert!(read.contains("You chose another version at"), "{read}");
        assert!(read.contains("Roll back webapp to 5a91773"), "{read}");
        // The question before it is over.
        chat.posts(&chat.press(ADA, &seen, "confirm")).await;
        chat.seconds(10).await;
        let read = chat.reads();
        assert!(read.contains("That question is out of date"), "{read}");
        assert_eq!(chat.newest().await.phase, Phase::Asking);
        chat.clicks(ADA, "decline").await;
        chat.settles().await;
        chat.skips();
    }
}

#[tokio::test(start_paused = true)]
async fn a_yes_beside_a_menu_that_shows_another_version_is_no_yes() {
    let chat = Chat::asks_to_go_back(Bot::NoToken).await;
    let seen = chat.seen(ADA, "confirm");
    let value = |label: &str| {
        let fields = seen.fields();
        let mut options = fields.iter().flat_map(|field| &field.options);
        let found = options.find(|one| one["text"]["text"].as_str().unwrap().starts_with(label));
        found.unwrap()["value"].as_str().unwrap().to_owned()
    };
    // Slack could not bring the choice, and shows it all the same.
    chat.world
        .state()
        .slack
        .enters(ADA, "choose", &value("5a91773"))
        .unwrap();
    chat.posts(&chat.press(ADA, &seen, "confirm")).await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert!(
        read.contains("Roll back webapp to 5a91773 on production?"),
        "{read}"
    );
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_gone_meanwhile_is_not_gone_back_to() {
    let chat = Chat::asks_to_go_back(Bot::NoToken).await;
    let seen = chat.seen(ADA, "confirm");
    // From the first to the found one; then the first's image goes, and it is chosen.
    chat.chooses(ADA, &seen, "5a91773").await;
    chat.seconds(10).await;
    chat.skips();
    {
        let state = &mut *chat.world.state();
        let head = state.github.repo("acme/webapp").head("main").unwrap();
        state
            .ecr
            .delete_image(PROD, REGION, "webapp", &digest_of(&head));
    }
    chat.chooses(ADA, &chat.seen(ADA, "confirm"), "main@").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      # Roll back webapp to 5a91773 on production?
      ⚠️ *main@680af60 cannot be gone back to any more:* its image `48a55179e67c` is gone. Nothing was started. Here is the newest version that can be.
      feature/signup-autocomplete@83a078a → *5a91773*, without 2 commits (ada, bob)
      • `webapp`: `webapp:3` → `webapp:1`; 6 tasks wanted
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because @ada deployed `main@680af60` 1 min ago.
      *Good versions, newest first:*
      • main@680af60, deploy `id-1` by @ada, 1 min ago, cannot run again: its image `48a55179e67c` is gone
      • 5a91773, found running, first seen 2 min ago, *this one*
      *Taken away from webapp:*
      ```83a078a Complete addresses (ada)
      680af60 Sell shoes (bob)```
      – `id-3` · asked by @ada · stands until 10:17 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not roll back ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("→ 5a91773 on production"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_begins_to_roll_out_meanwhile_is_not_stopped_by_a_choice() {
    let chat = Chat::asks_to_go_back(Bot::NoToken).await;
    let seen = chat.seen(ADA, "confirm");
    let rollback = chat.newest_deploy();
    chat.types(BOB, "webapp:main to production").await;
    chat.seconds(10).await;
    chat.clicks(BOB, "confirm").await;
    chat.seconds(10).await;
    chat.skips();
    chat.chooses(ADA, &seen, "5a91773").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      # The rollback of webapp was refused on production
      ⛔ Nothing was started.
      Deploy `id-4` of `webapp` to production is still under way. @bob asked for it at 10:01 today. Wait for its verdict, or stop it: `/deploy cancel webapp on production`. If you may not, ask @bob.
      – `id-3` · 10:02 today

    Longshore in #deploys
      # webapp main@680af60 runs on production
      ✅ feature/signup-autocomplete@83a078a → main@680af60, ⚠️ goes back, without 1 commit (ada), in 42 sec. Asked by @bob.
      – `id-4` · 10:02 today
      [ Roll back ]
    ");
    assert_eq!(
        chat.deploy(&rollback).await.verdict(),
        Some(Verdict::Refused)
    );
}
