//! An app that was not granted every scope: what it cannot do is done another way, and told once.

use insta::assert_snapshot;

use super::Chat;
use crate::door::capture_log;
use crate::town::{ADA, Bot, CONFIG, DEPLOYS};

const HOME: &str = "C0HOME001";

/// A deploy from the request to its verdict: what was read, and the warnings in the log.
async fn deploys(chat: &Chat) -> (String, Vec<String>) {
    let (log, _captured) = capture_log();
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    let log = log.text();
    let warnings = log
        .lines()
        .filter(|line| line.contains(r#""level":"WARN""#));
    (chat.reads(), warnings.map(str::to_owned).collect())
}

/// The word is in what was read once, and in one warning.
fn told_once(read: &str, warnings: &[String], scope: &str) {
    assert_eq!(read.matches(scope).count(), 1, "{read}");
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    let scope = format!(r#""scope":"{scope}""#);
    assert!(warnings[0].contains(&scope), "{warnings:#?}");
    assert!(!warnings[0].contains("xoxb"), "{warnings:#?}");
}

#[tokio::test(start_paused = true)]
async fn without_chat_write_a_deploy_is_told_by_the_addresses() {
    let chat = Chat::new(Bot::Token).await;
    chat.world.state().slack.forbid("chat:write");
    // Where verdicts are announced, too, it cannot post, and that is not warned of again.
    let announcing = CONFIG
        .replacen("command =", &format!("announce = {HOME:?}, command ="), 1)
        .replacen(
            "aliases  = [\"stg\"]\n",
            "aliases = [\"stg\"]\nannounce = true\n",
            1,
        );
    chat.push(&announcing).await;
    let (read, warnings) = deploys(&chat).await;
    told_once(&read, &warnings, "chat:write");
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *1.0.2*, 1 commit (bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      – There is no card here: the app lacks the scope `chat:write`. Reinstall it with the manifest of step 5 of the README.
      [ Cancel ]

    Longshore in #deploys
      # webapp 1.0.2 runs on staging
      ✅ 5a91773 → 1.0.2, 1 commit (bob), in 47 sec. Asked by @ada.
      – `id-1` · 10:00 today
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn in_a_channel_without_the_app_the_scope_that_would_do_is_named() {
    let chat = Chat::new(Bot::Token).await;
    {
        let slack = &mut chat.world.state().slack;
        slack.forbid("chat:write.public");
        slack.channel(DEPLOYS, "deploys").has_bot = false;
    }
    let (read, warnings) = deploys(&chat).await;
    told_once(&read, &warnings, "chat:write.public");
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *1.0.2*, 1 commit (bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      – There is no card here: the app is not in this channel and lacks the scope `chat:write.public`. Invite it, or reinstall it with the manifest of step 5 of the README.
      [ Cancel ]

    Longshore in #deploys
      # webapp 1.0.2 runs on staging
      ✅ 5a91773 → 1.0.2, 1 commit (bob), in 47 sec. Asked by @ada.
      – `id-1` · 10:00 today
      [ Roll back ]
    ");
    // Granted, it posts, and has nothing to say.
    chat.world.state().slack.allow("chat:write.public");
    chat.types(ADA, "restart webapp on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(!read.contains("scope"), "{read}");
    assert!(
        read.contains("Longshore in #deploys, in a thread"),
        "{read}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_home_without_the_app_is_told_of_on_the_card_that_stands_in() {
    let chat = Chat::new(Bot::Token).await;
    {
        let slack = &mut chat.world.state().slack;
        slack.forbid("chat:write.public");
        slack.channel(HOME, "home").has_bot = false;
    }
    let config = CONFIG.replacen(
        "aliases  = [\"stg\"]\n",
        &format!("aliases = [\"stg\"]\nhome = {HOME:?}\n"),
        1,
    );
    chat.push(&config).await;
    let (read, warnings) = deploys(&chat).await;
    told_once(&read, &warnings, "chat:write.public");
    assert!(read.contains("This card belongs in #home, but the app is not there and lacks the scope `chat:write.public`: invite it, or reinstall it with the manifest of step 5 of the README."), "{read}");
    assert!(read.contains("# webapp 1.0.2 runs on staging"), "{read}");
}

/// The card is up, and then the app is installed again with less.
#[tokio::test(start_paused = true)]
async fn a_scope_that_is_taken_away_takes_no_verdict_with_it() {
    let chat = Chat::new(Bot::Token).await;
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.seconds(5).await;
    chat.skips();
    chat.world.state().slack.forbid("chat:write");
    let (log, _captured) = capture_log();
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("# webapp 1.0.2 runs on staging"), "{read}");
    let log = log.text();
    assert_eq!(log.matches(r#""scope":"chat:write""#).count(), 1, "{log}");
}
