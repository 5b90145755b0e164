//! Three deploys of one person are open in one environment at most, and whoever loses the right to those that wait
//! hears of it on their cards.

use std::time::Duration;

use insta::assert_snapshot;
use longshore_sim::fault::Matcher;
use longshore_sim::slack::Invocation;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, DEPLOYS};

/// The town's configuration, in which staging asks too.
fn asks_everywhere() -> String {
    let asks = CONFIG.replace("confirm  = false", "confirm  = true");
    assert_ne!(asks, CONFIG);
    asks
}

/// A town in which staging asks too, and Ada has three questions to answer there.
async fn with_three(bot: Bot) -> Chat {
    let chat = Chat::empty(bot).await;
    chat.push(&asks_everywhere()).await;
    for typed in [
        "webapp:main to staging",
        "cms:main to staging",
        "restart webapp on staging",
    ] {
        chat.types(ADA, typed).await;
        chat.seconds(10).await;
    }
    chat.skips();
    chat
}

const FULL: &str = "deploys open on staging, and nobody has more there at once";

#[tokio::test(start_paused = true)]
async fn a_fourth_deploy_is_refused_by_a_sentence_that_lists_the_three() {
    let chat = with_three(Bot::NoToken).await;
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms:1.0.2 was refused on staging
      ⛔ Nothing was started.
      You have 3 deploys open on staging, and nobody has more there at once:
      • `webapp:main`, deploy `id-1`
      • `cms:main`, deploy `id-2`
      • restart of `webapp`, deploy `id-3`
      Answer them, wait until one ends, or stop one: `/deploy cancel webapp on staging`. Rolling back is always possible.
      – `id-4` · 10:00 today
    ");
    // Elsewhere, and of somebody else, nothing is full.
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.types(BOB, "cms:1.0.2 to staging").await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert_eq!(read.matches("[ Confirm ]").count(), 2, "{read}");
    // One that ends makes room.
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
    for (typed, room) in [
        ("webapp:main", true),
        ("cms:main", true),
        ("cms:1.0.2", true),
        ("webapp:1.0.2", false),
    ] {
        chat.types(ADA, &format!("{typed} to staging")).await;
        chat.seconds(10).await;
        let read = chat.reads();
        assert_eq!(read.contains(FULL), !room, "{typed}: {read}");
    }
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn the_three_are_linked_where_their_cards_are() {
    let chat = with_three(Bot::Token).await;
    chat.clicks(ADA, "confirm").await;
    chat.seconds(10).await;
    chat.skips();
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert!(read.contains(FULL), "{read}");
    let messages = serde_json::to_string(chat.world.state().slack.messages()).unwrap();
    assert!(
        messages.contains("slack.com/archives/C0DEPLOYS/p"),
        "{messages}"
    );
    assert!(messages.contains("|open it>"), "{messages}");
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn the_way_back_waits_for_nobody() {
    let chat = with_three(Bot::NoToken).await;
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.skips();
    for typed in [
        "webapp:main to staging",
        "cms:main to staging",
        "cms:1.0.2 to staging",
    ] {
        chat.types(ADA, typed).await;
        chat.seconds(10).await;
    }
    for typed in ["rollback webapp on staging", "rollback webapp on staging"] {
        chat.skips();
        chat.types(ADA, typed).await;
        chat.seconds(10).await;
        let read = chat.reads();
        assert!(!read.contains(FULL), "{typed}: {read}");
    }
    chat.types(ADA, "cancel cms on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("🛑"), "{read}");
}

/// However the calls fall: each is counted by a write of its own.
#[tokio::test(start_paused = true)]
async fn of_eight_at_the_same_moment_three_get_through() {
    for delay in [0, 7, 40] {
        let chat = Chat::empty(Bot::NoToken).await;
        chat.push(&asks_everywhere()).await;
        {
            let each = Duration::from_millis(delay);
            let table = Matcher::service("dynamodb");
            chat.world.state().faults.delay(table, each);
        }
        let mut knocking = tokio::task::JoinSet::new();
        for number in 0..8 {
            let typed = match number % 2 {
                0 => "webapp:main to staging",
                _ => "cms:main to staging",
            };
            let typed = Invocation::new(ADA, DEPLOYS, typed);
            let now = chat.world.now();
            let request = chat.world.state().slack.command(now, &typed);
            let slash = std::sync::Arc::clone(&chat.slash);
            let event = crate::town::event(&request, now);
            knocking.spawn(async move { slash.handle(&event).await.status_code });
        }
        knocking.join_all().await;
        chat.seconds(20).await;
        let read = chat.reads();
        assert_eq!(read.matches("[ Confirm ]").count(), 3, "{delay}: {read}");
        assert_eq!(read.matches(FULL).count(), 5, "{delay}: {read}");
        chat.settles().await;
        chat.skips();
    }
}

/// What was counted by a step that came too late keeps nobody out.
#[tokio::test(start_paused = true)]
async fn what_has_ended_is_taken_out_of_the_count() {
    let chat = with_three(Bot::NoToken).await;
    let key = (format!("COUNTED#{ADA}#staging"), "OPEN".to_owned());
    let counted = |chat: &Chat| {
        let state = chat.world.state();
        let table = &state.dynamodb.tables["longshore"];
        table.items().get(&key).cloned()
    };
    let full = counted(&chat).unwrap();
    chat.settles().await;
    chat.skips();
    assert_eq!(counted(&chat).unwrap().get("ids"), None);
    {
        let now = chat.world.now();
        let mut state = chat.world.state();
        let table = state.dynamodb.tables.get_mut("longshore").unwrap();
        table.set(now, &key, Some(full));
    }
    chat.types(ADA, "webapp:main to staging").await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert!(read.contains("[ Confirm ]"), "{read}");
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_push_that_takes_a_right_away_is_said_on_the_cards_that_wait() {
    for bot in [Bot::NoToken, Bot::Token] {
        let chat = with_three(bot).await;
        // Bob's waits too, and he keeps his right.
        chat.types(BOB, "webapp:main to staging").await;
        chat.seconds(10).await;
        chat.skips();
        let only_bob = asks_everywhere().replacen("[\"everyone\"]", &format!("[{BOB:?}]"), 1);
        chat.push(&only_bob).await;
        chat.seconds(125).await;
        let read = chat.reads();
        let said = ["webapp", "cms"].map(|app| {
            let deploy = format!("You may not deploy {app} to staging.");
            let restart = format!("You may not restart {app} on staging.");
            read.matches(&deploy).count() + read.matches(&restart).count()
        });
        assert_eq!(said, [2, 1], "{bot:?}: {read}");
        assert_eq!(read.matches("refused on staging").count(), 3, "{read}");
        assert!(!read.contains("[ Confirm ]"), "{read}");
        // What applies to his has changed, so he is asked again.
        chat.clicks(BOB, "confirm").await;
        chat.seconds(10).await;
        chat.clicks(BOB, "confirm").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("✅ "), "{bot:?}: {read}");
    }
}

/// The public function still goes by what it read a minute ago: then the waiter judges.
#[tokio::test(start_paused = true)]
async fn an_answer_by_a_right_that_is_gone_counts_for_nothing_and_the_card_says_so() {
    let chat = with_three(Bot::NoToken).await;
    let question = chat.seen(ADA, "confirm");
    // The waiter has read the configuration half a minute before the public function, and reads it again sooner.
    chat.seconds(61).await;
    chat.seconds(30).await;
    chat.skips();
    chat.types(ADA, "help").await;
    chat.skips();
    let only_bob = asks_everywhere().replacen("[\"everyone\"]", &format!("[{BOB:?}]"), 1);
    chat.push(&only_bob).await;
    chat.seconds(35).await;
    chat.skips();
    chat.posts(&chat.press(ADA, &question, "confirm")).await;
    chat.seconds(80).await;
    let read = chat.reads();
    assert!(read.contains("refused on staging"), "{read}");
    let updates = {
        let state = chat.world.state();
        let calls = state.calls.iter();
        calls
            .filter(|call| call.operation == "UpdateService")
            .count()
    };
    assert_eq!(updates, 0);
    chat.settles().await;
    chat.skips();
}
