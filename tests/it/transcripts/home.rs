//! The card at home: where it goes, what stands where it was asked for, and what becomes of it where the
//! home does not take it.

use insta::assert_snapshot;
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, DEPLOYS, EVE};

const HOME: &str = "C0HOME001";
const OTHER: &str = "C0OTHER01";

/// A town in which webapp has this home, and staging that one.
async fn with_homes(bot: Bot, application: Option<&str>, staging: Option<&str>) -> Chat {
    let chat = Chat::new(bot).await;
    for (id, name) in [(HOME, "home"), (OTHER, "other")] {
        chat.world.state().slack.channel(id, name).has_bot = true;
    }
    let home = |home: Option<&str>| home.map_or_else(String::new, |id| format!("home = {id:?}\n"));
    let config = CONFIG
        .replacen(
            "[applications.webapp]\n",
            &format!("[applications.webapp]\n{}", home(application)),
            1,
        )
        .replacen(
            "aliases  = [\"stg\"]\n",
            &format!("aliases = [\"stg\"]\n{}", home(staging)),
            1,
        );
    chat.push(&config).await;
    chat
}

async fn deploys(chat: &Chat) -> String {
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    chat.reads()
}

#[tokio::test(start_paused = true)]
async fn the_card_is_at_home_and_a_link_where_it_was_asked_for() {
    let chat = with_homes(Bot::Token, None, Some(HOME)).await;
    let read = deploys(&chat).await;
    assert_snapshot!(read, @r"
    Longshore in #home
      # Deploying webapp to staging
      5a91773 → *1.0.2*, 1 commit (bob). Asked by @ada.
      Starting.
      • `webapp`: about to start
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys
      Deploying webapp to staging: its card is in #home (open it). Its verdict comes there.

    Longshore in #home (edited)
      # Deploying webapp to staging
      5a91773 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #home (edited)
      # Deploying webapp to staging
      5a91773 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 15 sec so far
      [ Cancel ]

    Longshore in #home (edited)
      # webapp 1.0.2 runs on staging
      ✅ 5a91773 → 1.0.2, 1 commit (bob), in 39 sec. Asked by @ada.
      – `id-1` · 10:00 today
      [ Roll back ]

    Longshore in #home, in a thread
      @ada webapp: deployed version 1.0.2 to staging in 39 sec
    ");
    let messages = serde_json::to_string(chat.world.state().slack.messages()).unwrap();
    let link = "<https://acme.slack.com/archives/C0HOME001/p";
    let (_, linked) = messages.split_once(link).unwrap();
    assert!(
        linked.split('>').next().unwrap().ends_with("|open it"),
        "{linked}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_applications_home_counts_before_the_environments() {
    let chat = with_homes(Bot::Token, Some(OTHER), Some(HOME)).await;
    let read = deploys(&chat).await;
    assert!(
        read.contains("Longshore in #other\n  # Deploying"),
        "{read}"
    );
    assert!(!read.contains("Longshore in #home"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn asked_for_at_home_there_is_one_card_and_no_link() {
    let chat = with_homes(Bot::Token, Some(DEPLOYS), None).await;
    let read = deploys(&chat).await;
    assert!(!read.contains("its card is in"), "{read}");
    assert_eq!(read.matches("Longshore in #deploys\n").count(), 1, "{read}");
}

#[tokio::test(start_paused = true)]
async fn where_verdicts_are_announced_at_home_there_is_one_card() {
    for (announce, announced) in [(HOME, 0), (OTHER, 1), (DEPLOYS, 1)] {
        let chat = with_homes(Bot::Token, Some(HOME), None).await;
        let config = CONFIG
            .replacen(
                "[applications.webapp]\n",
                &format!("[applications.webapp]\nhome = {HOME:?}\n"),
                1,
            )
            .replacen(
                "command =",
                &format!("announce = {announce:?}, command ="),
                1,
            )
            .replacen(
                "aliases  = [\"stg\"]\n",
                "aliases = [\"stg\"]\nannounce = true\n",
                1,
            );
        chat.push(&config).await;
        let read = deploys(&chat).await;
        assert_eq!(read.matches("Longshore in #home\n").count(), 1, "{read}");
        let line = "asked for by @ada (deploy";
        assert_eq!(read.matches(line).count(), announced, "{announce}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_home_that_does_not_take_the_card_is_told_of_once_where_it_was_asked_for() {
    for (kind, said) in [
        (
            "gone",
            "but the app is not there: invite it, or change `home` in the configuration.",
        ),
        (
            "archived",
            "which is archived: change `home` in the configuration.",
        ),
    ] {
        let chat = with_homes(Bot::Token, None, Some(HOME)).await;
        match kind {
            "archived" => chat.world.state().slack.channel(HOME, "home").archived = true,
            _ => {
                let config = CONFIG.replacen(
                    "aliases  = [\"stg\"]\n",
                    "aliases = [\"stg\"]\nhome = \"C0NOWHERE\"\n",
                    1,
                );
                chat.push(&config).await;
            }
        }
        let read = deploys(&chat).await;
        assert_eq!(read.matches(said).count(), 1, "{read}");
        assert!(
            read.contains("Longshore in #deploys\n  # Deploying webapp to staging"),
            "{read}"
        );
        assert!(
            read.contains("Longshore in #deploys, in a thread\n  @ada webapp: deployed"),
            "{read}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn without_its_address_the_card_is_named_by_its_channel() {
    let chat = with_homes(Bot::Token, None, Some(HOME)).await;
    chat.world
        .state()
        .slack
        .refuse_permalinks("message_not_found");
    let read = deploys(&chat).await;
    assert!(
        read.contains("its card is in #home. Its verdict comes there."),
        "{read}"
    );
    assert!(!read.contains("open it"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn without_a_bot_token_a_home_changes_nothing() {
    let chat = with_homes(Bot::NoToken, None, Some(HOME)).await;
    let read = deploys(&chat).await;
    assert!(!read.contains("#home"), "{read}");
    assert!(read.contains("# webapp 1.0.2 runs on staging"), "{read}");
}

/// The card is lost right before its verdict: that is told where it was asked for, once, and to those on call.
#[tokio::test(start_paused = true)]
async fn a_card_whose_channel_is_archived_before_its_verdict_costs_no_mention_and_no_second_post() {
    for announce in [DEPLOYS, OTHER] {
        let chat = with_homes(Bot::Token, None, None).await;
        let config = CONFIG
            .replacen(
                "command =",
                &format!("announce = {announce:?}, command ="),
                1,
            )
            .replacen(
                "aliases  = [\"stg\"]\n",
                &format!(
                    "aliases = [\"stg\"]\nannounce = true\nhome = {HOME:?}\noncall = [{EVE:?}]\n"
                ),
                1,
            );
        chat.push(&config).await;
        chat.script("staging", "webapp", Script::CrashLoop);
        chat.types(ADA, "webapp:1.0.2 to staging").await;
        chat.seconds(15).await;
        chat.skips();
        chat.world.state().slack.channel(HOME, "home").archived = true;
        chat.settles().await;
        let read = chat.reads();
        let verdict = "# webapp 1.0.2 did not come up on staging";
        assert_eq!(read.matches(verdict).count(), 1, "{announce}: {read}");
        let (_, told) = read.split_once(verdict).unwrap();
        assert!(told.contains("On call: @eve."), "{announce}: {read}");
        let line = "asked for by @ada (deploy";
        let elsewhere = usize::from(announce == OTHER);
        assert_eq!(read.matches(line).count(), elsewhere, "{announce}: {read}");
    }
}
