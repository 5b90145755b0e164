//! The bot is written to: by a mention in a channel or a thread, and in the conversation with it.

use insta::assert_snapshot;
use longshore_sim::slack::Utterance;
use serde_json::json;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, DEPLOYS, EVE, ROOT};

/// What people read of this mention in the deploys channel, and of what follows from it.
async fn mentions(chat: &Chat, user: &str, text: &str) -> String {
    chat.writes(&Utterance::mention(user, DEPLOYS, text)).await;
    chat.settles().await;
    chat.reads()
}

/// A town whose slash command has this name.
async fn called(command: &str) -> Chat {
    let chat = Chat::new(Bot::Token).await;
    let config = CONFIG.replacen("\"/deploy\"", &format!("{command:?}"), 1);
    chat.push(&config).await;
    chat
}

/// The question that ada reads of what she mentions.
async fn is_asked(chat: &Chat, text: &str) -> String {
    chat.writes(&Utterance::mention(ADA, DEPLOYS, text)).await;
    chat.seconds(3).await;
    chat.reads()
}

/// How many deploys were ever asked for.
fn asked(chat: &Chat) -> usize {
    chat.deploys().len()
}

#[tokio::test(start_paused = true)]
async fn walbot_deploys_webapp_to_production() {
    let chat = called("/walbot").await;
    assert_snapshot!(is_asked(&chat, "deploy webapp to production").await, @r"
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

    Longshore in #deploys, in a thread
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      Starting.
      • `webapp`: about to start
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 15 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 37 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # webapp main@680af60 runs on production
      ✅ 5a91773 → main@680af60, 1 commit (bob), in 47 sec. Asked by @ada.
      – `id-1` · 10:00 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada webapp: deployed version main@680af60 to production in 47 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn marvin_deploys_cms_to_staging() {
    let chat = called("/marvin").await;
    assert_snapshot!(mentions(&chat, ADA, "deploy cms staging 1.0.2").await, @r"
    Longshore in #deploys, in a thread
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      Starting.
      • `cms-api`: waits for its turn
      • `cms-worker`: waits for its turn
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `cms-api`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `cms-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 15 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: rolling out; ECS has not counted its tasks yet
      – `id-1` · 39 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      – `id-1` · 49 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 59 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 1 min, 10 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Content Management System 1.0.2 runs on staging
      ✅ 5c42316 → 1.0.2, 1 commit (bob), in 1 min, 26 sec. Asked by @ada.
      – `id-1` · 10:01 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada Content Management System: deployed version 1.0.2 to staging in 1 min, 26 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn bender_deploys_cms_to_production() {
    let chat = called("/bender").await;
    assert_snapshot!(is_asked(&chat, "/bender deploy cms production 1.0.2").await, @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy Content Management System 1.0.2 to production?
      5c42316 → *1.0.2*
      Commit `283fc73`, `cms`, digest `32451332ce17`
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      # Content Management System 1.0.2 was cancelled on production
      🛑 @ada stopped it before anything was changed.
      – `id-1` · 10:00 today
      [ Retry ]
    ");
}

#[tokio::test(start_paused = true)]
async fn no_right_is_given_by_mention() {
    let chat = called("/bender").await;
    let said = mentions(&chat, ROOT, "auth jbrueder cms").await;
    assert_snapshot!(said, @r"
    Longshore in #deploys · Only visible to you, root
      A mention neither gives rights nor takes them back. Type it as a command: `/bender help grant` shows how.
    ");
    for text in [
        "grant <@U0EVE0001> cms on production",
        "revoke <@U0EVE0001> cms",
        "/bender auth jbrueder cms",
    ] {
        assert_eq!(mentions(&chat, ROOT, text).await, said, "{text}");
    }
    assert_eq!(asked(&chat), 0);
}

#[tokio::test(start_paused = true)]
async fn reads_and_refusals_go_to_the_asker_alone() {
    let chat = Chat::new(Bot::Token).await;
    assert_snapshot!(mentions(&chat, EVE, "webapp to production").await, @r"
    Longshore in #deploys · Only visible to you, eve
      You may not deploy webapp to production. The team of webapp may. Ask @ada or @bob, and they can do it for you.
    ");
    assert_snapshot!(mentions(&chat, EVE, "status webapp staging").await, @r"
    Longshore in #deploys · Only visible to you, eve
      # What runs of webapp
      *webapp*
      staging: a version that Longshore does not know (digest `517460eebcab`), never deployed by Longshore
      • `webapp` on `webapp:1`: 6 of 6 running
      – As ECS said 10:00 today.
    ");
    assert_snapshot!(mentions(&chat, EVE, "dploy webapp").await, @r"
    Longshore in #deploys · Only visible to you, eve
      `dploy` is not a command or an application; there are `cms` and `webapp`. For instance: `/deploy webapp to staging`
    ");
    let help = mentions(&chat, EVE, "").await;
    chat.types(EVE, "help").await;
    assert_eq!(help, chat.reads());
}

#[tokio::test(start_paused = true)]
async fn in_a_conversation_with_it_no_mention_is_needed() {
    let chat = Chat::new(Bot::Token).await;
    chat.writes(&Utterance::words(ADA, "D", "status webapp staging"))
        .await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in @ada
      # What runs of webapp
      *webapp*
      staging: a version that Longshore does not know (digest `517460eebcab`), never deployed by Longshore
      • `webapp` on `webapp:1`: 6 of 6 running
      – As ECS said 10:00 today.
    ");
}

#[tokio::test(start_paused = true)]
async fn each_event_counts_once_however_often_slack_sends_it() {
    let chat = Chat::new(Bot::Token).await;
    let sent = chat
        .writes(&Utterance::mention(ADA, DEPLOYS, "webapp to staging"))
        .await;
    for (number, seconds) in [(1, 0), (2, 60), (3, 200), (4, 60)] {
        chat.seconds(seconds).await;
        let now = chat.world.now();
        let again = chat.world.state().slack.retried(now, &sent, number);
        chat.posts(&again).await;
    }
    chat.settles().await;
    assert_eq!(asked(&chat), 1);
    chat.reads();
}

#[tokio::test(start_paused = true)]
async fn what_comes_too_late_or_is_nobodys_own_is_passed_over() {
    let chat = Chat::new(Bot::Token).await;
    let said = Utterance::mention(ADA, DEPLOYS, "webapp to staging");
    let now = chat.world.now();
    let late = chat.world.state().slack.written(now, &said).unwrap();
    chat.seconds(301).await;
    let now = chat.world.now();
    let late = chat.world.state().slack.retried(now, &late, 3);
    chat.posts(&late).await;
    let app = json!({"id": "B0CI00001", "app_id": "A0CI00001"});
    let edit = json!({"user": ADA, "ts": "1772442000.000100"});
    for said in [
        // An assistant posts with her token.
        said.clone().with("app_id", json!("A0CI00001")),
        said.clone().with("bot_id", json!("B0CI00001")),
        said.clone().with("bot_profile", app),
        said.clone().with("subtype", json!("bot_message")),
        said.clone().with("subtype", json!("message_changed")),
        said.clone().with("edited", edit),
        said.clone().with("hidden", json!(true)),
        said.clone().with("user", json!("U0LONGSHORE")),
        said.with("type", json!("message")),
        Utterance::words(ADA, DEPLOYS, "&gt; <@U0LONGSHORE> webapp to staging"),
        Utterance::words(ADA, DEPLOYS, "`<@U0LONGSHORE> webapp to staging`"),
        Utterance::words(ADA, DEPLOYS, "```<@U0LONGSHORE> webapp to staging```"),
        Utterance::words(ADA, DEPLOYS, "webapp to staging, <@U0LONGSHORE>"),
        Utterance::words(
            ADA,
            DEPLOYS,
            "<@U0EVE0001> <@U0LONGSHORE> webapp to staging",
        ),
    ] {
        chat.writes(&said).await;
    }
    chat.settles().await;
    assert_eq!((asked(&chat), chat.reads().as_str()), (0, ""));
}

#[tokio::test(start_paused = true)]
async fn without_a_bot_token_nothing_can_be_said_and_a_metric_counts_it() {
    let chat = Chat::new(Bot::NoToken).await;
    for text in ["help", "webapp to production", "status"] {
        assert_eq!(mentions(&chat, EVE, text).await, "");
    }
    assert_eq!(chat.metrics("Unanswered").len(), 3);
    // One that would be asked about is not heard of either.
    assert_eq!(mentions(&chat, ADA, "webapp to production").await, "");
    assert_eq!(chat.metrics("Unanswered").len(), 4);
    // A command has its own address.
    chat.types(EVE, "webapp to production").await;
    assert_eq!(chat.metrics("Unanswered").len(), 4);
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn an_app_without_the_scopes_is_told_nothing() {
    let chat = Chat::new(Bot::Token).await;
    for (scope, said) in [
        (
            "app_mentions:read",
            Utterance::mention(ADA, DEPLOYS, "help"),
        ),
        ("im:history", Utterance::words(ADA, "D", "help")),
    ] {
        let now = chat.world.now();
        chat.world.state().slack.forbid(scope);
        assert!(chat.world.state().slack.written(now, &said).is_none());
        chat.world.state().slack.allow(scope);
        assert!(chat.world.state().slack.written(now, &said).is_some());
    }
    chat.skips();
}
