//! Rights given in chat, through the front door: to whom, by whom, for how long, and what becomes of them.

mod asked;
mod plea;
mod plea_finished;
mod plea_often;
mod plea_whom;
mod put_off;
mod refused;
mod taken;

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::Value;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, DEPLOYS, EVE, ROOT};

const A_DAY: Duration = Duration::from_secs(24 * 3_600);
const MANAGEMENT: &str = "C0MGMT";

/// A town that announces in a channel of its own.
async fn announcing() -> Chat {
    let chat = Chat::new(Bot::Token).await;
    chat.world
        .state()
        .slack
        .channel(MANAGEMENT, "management")
        .has_bot = true;
    let config = CONFIG.replacen(
        "admins = [\"U0ROOT001\"]",
        &format!("admins = [\"U0ROOT001\", {BOB:?}], announce = {MANAGEMENT:?}"),
        1,
    );
    assert_ne!(config, CONFIG);
    chat.push(&config).await;
    chat
}

async fn asks(chat: &Chat, user: &str, text: &str) -> String {
    chat.types(user, text).await;
    chat.seconds(3).await;
    chat.reads()
}

/// What the table keeps of who gave what to whom.
fn on_record(chat: &Chat) -> Vec<Value> {
    let state = chat.world.state();
    let items = state.dynamodb.tables["longshore"].items();
    let kept = items.iter().filter(|((pk, _), _)| pk == "GRANTED");
    kept.map(|(_, item)| serde_json::from_str(item["body"]["S"].as_str().unwrap()).unwrap())
        .collect()
}

fn updates(chat: &Chat) -> usize {
    let state = chat.world.state();
    let calls = state.calls.iter();
    calls
        .filter(|call| call.operation == "UpdateService")
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_right_is_given_used_shown_and_taken_back() {
    let chat = announcing().await;
    let no = asks(&chat, EVE, "cms:1.0.2 to production").await;
    assert!(no.contains("You may not deploy cms to production."), "{no}");
    let typed = format!("grant <@{EVE}|eve> cms on production for 2d because of the release");
    assert_snapshot!(asks(&chat, ROOT, &typed).await, @r"
    Longshore in #management
      :key: @root lets @eve deploy cms to production until 10:00 Mar 4. Because of the release

    Longshore in #deploys · Only visible to you, root
      :key: @root lets @eve deploy cms to production until 10:00 Mar 4. Because of the release
    ");
    // At once, although the public function has a copy of before.
    chat.types(EVE, "cms:1.0.2 to production").await;
    chat.seconds(20).await;
    chat.clicks(EVE, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("# Content Management System 1.0.2 runs on production"),
        "{read}"
    );
    assert_snapshot!(asks(&chat, ADA, "who cms production").await, @r"
    Longshore in #deploys · Only visible to you, ada
      # Who may what: cms · production
      *Deploy and restart*
      • the application's team: @ada, @bob
      • @eve: given by @root 10:00 today, until 10:00 Mar 4, because of the release
      *Roll back*: the same people
      *Read logs*: nobody
      – Admins may do all of it: @bob, @root. It is asked for only in #deploys.
    ");
    let typed = format!("revoke <@{EVE}|eve> cms on production");
    assert_snapshot!(asks(&chat, BOB, &typed).await, @r"
    Longshore in #management
      🚫 @bob takes back what @eve was given in chat: to deploy cms to production.

    Longshore in #deploys · Only visible to you, bob
      🚫 @bob takes back what @eve was given in chat: to deploy cms to production.
    ");
    let no = asks(&chat, EVE, "restart cms on production").await;
    assert!(
        no.contains("You may not restart cms on production."),
        "{no}"
    );
    let kept = on_record(&chat);
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0]["by"]["user"], ROOT);
    assert_eq!(kept[0]["what"]["given"]["why"], "of the release");
    assert_eq!(kept[1]["by"]["user"], BOB);
    assert_eq!(kept[1]["what"]["taken"]["grants"][0]["to"], EVE);
}

#[tokio::test(start_paused = true)]
async fn a_right_ends_by_itself() {
    let chat = announcing().await;
    for (typed, days) in [
        (format!("grant <@{EVE}> webapp on production"), 7),
        (format!("auth <@{EVE}|eve> webapp production for 2d"), 2),
    ] {
        asks(&chat, ROOT, &typed).await;
        chat.passes(A_DAY * days - Duration::from_secs(60)).await;
        let read = asks(&chat, EVE, "who webapp production").await;
        assert!(read.contains("given by @root"), "{read}");
        chat.passes(Duration::from_secs(120)).await;
        let read = asks(&chat, EVE, "who webapp production").await;
        assert!(
            read.contains("Nobody was given a right there in chat."),
            "{read}"
        );
        let no = asks(&chat, EVE, "restart webapp on production").await;
        assert!(
            no.contains("You may not restart webapp on production."),
            "{no}"
        );
    }
}

/// As it was typed where this was first done: `auth jbrueder cms`.
#[tokio::test(start_paused = true)]
async fn a_bare_name_is_sought_and_whoever_is_found_is_asked_about() {
    let chat = announcing().await;
    {
        let mut state = chat.world.state();
        state.slack.user("U0JBR0001", "jbrueder");
    }
    let read = asks(&chat, ROOT, "auth jbrueder cms").await;
    assert!(
        read.contains("Longshore knows nobody called `jbrueder`."),
        "{read}"
    );
    // They are seen once they ask for something that full members may.
    asks(&chat, "U0JBR0001", "restart webapp on staging").await;
    chat.settles().await;
    chat.skips();
    assert_snapshot!(asks(&chat, ROOT, "auth jbrueder cms").await, @r"
    Longshore in #deploys · Only visible to you, root
      # Is this who you mean?
      Is it @jbrueder? Nothing is changed before you say so: */deploy grant @jbrueder cms*, until 10:00 Mar 9
      [ Give the right ] [ Change nothing ]
    ");
    // Nothing is given before.
    assert_eq!(on_record(&chat).len(), 0);
    chat.clicks(ROOT, "that_person").await;
    chat.seconds(3).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #management
      :key: @root lets @jbrueder deploy cms everywhere until 10:00 Mar 9.

    Longshore in #deploys · Only visible to you, root (edited)
      :key: @root lets @jbrueder deploy cms everywhere until 10:00 Mar 9.
    ");
    assert_eq!(on_record(&chat).len(), 1);
    let read = asks(&chat, ADA, "who cms staging").await;
    assert!(read.contains("@jbrueder: given by @root"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn the_answer_no_gives_nothing() {
    let chat = announcing().await;
    asks(&chat, ADA, "restart webapp on staging").await;
    chat.settles().await;
    chat.skips();
    asks(&chat, ROOT, "grant ada cms on production as approver").await;
    chat.clicks(ROOT, "not_that_person").await;
    chat.seconds(3).await;
    let read = chat.reads();
    assert!(read.contains("Nothing was changed."), "{read}");
    assert_eq!(on_record(&chat).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_approvers_right_counts_a_day_later_or_with_a_second_admins_yes() {
    let chat = announcing().await;
    let typed = format!("grant <@{EVE}|eve> cms on production as approver for 3 days");
    assert_snapshot!(asks(&chat, ROOT, &typed).await, @r"
    Longshore in #management
      :key: @root lets @eve approve deploys of cms to production until 10:00 Mar 5. It counts from 10:00 tomorrow on, or once another admin types the same. No deploy asks for approvals yet.

    Longshore in #deploys · Only visible to you, root
      :key: @root lets @eve approve deploys of cms to production until 10:00 Mar 5. It counts from 10:00 tomorrow on, or once another admin types the same. No deploy asks for approvals yet.
    ");
    let read = asks(&chat, ADA, "who cms production").await;
    assert!(read.contains("counts from"), "{read}");
    // Both say yes to no more than the shorter.
    let typed = typed.replace("3 days", "2 days");
    assert_snapshot!(asks(&chat, BOB, &typed).await, @r"
    Longshore in #management
      :key: @bob agrees with @root: from now on @eve may approve deploys of cms to production, until 10:00 Mar 4.

    Longshore in #deploys · Only visible to you, bob
      :key: @bob agrees with @root: from now on @eve may approve deploys of cms to production, until 10:00 Mar 4.
    ");
    let read = asks(&chat, ADA, "who cms production").await;
    assert!(!read.contains("counts from"), "{read}");
    // It gives no right to deploy.
    let no = asks(&chat, EVE, "cms:1.0.2 to production").await;
    assert!(no.contains("You may not deploy cms to production."), "{no}");
}

#[tokio::test(start_paused = true)]
async fn a_deploy_that_waits_at_its_question_is_judged_again_when_it_starts() {
    let chat = announcing().await;
    asks(&chat, ROOT, &format!("grant <@{EVE}> webapp on production")).await;
    chat.types(EVE, "webapp:1.0.2 to production").await;
    chat.seconds(20).await;
    asks(
        &chat,
        ROOT,
        &format!("revoke <@{EVE}> webapp on production"),
    )
    .await;
    chat.clicks(EVE, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("You may not confirm the deploy of webapp to production."),
        "{read}"
    );
    assert_eq!(updates(&chat), 0);
}

#[tokio::test(start_paused = true)]
async fn of_two_admins_at_once_the_last_stands() {
    for (first, second, given) in [("grant", "revoke", false), ("revoke", "grant", true)] {
        let chat = announcing().await;
        asks(
            &chat,
            ROOT,
            &format!("grant <@{EVE}> webapp on production for 1d"),
        )
        .await;
        chat.types(ROOT, &format!("{first} <@{EVE}> webapp on production"))
            .await;
        tokio::time::advance(Duration::from_secs(1)).await;
        chat.types(BOB, &format!("{second} <@{EVE}> webapp on production"))
            .await;
        chat.seconds(5).await;
        let read = chat.reads();
        let who = asks(&chat, ADA, "who webapp production").await;
        assert_eq!(who.contains("@eve: given by"), given, "{read}{who}");
        chat.types(EVE, "restart webapp on production").await;
        chat.seconds(20).await;
        let read = chat.reads();
        assert_eq!(read.contains("You may not restart"), !given, "{read}");
        chat.types(ROOT, "cancel webapp on production").await;
        chat.settles().await;
        chat.skips();
    }
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_announced_everybody_there_is_told() {
    for bot in [Bot::Token, Bot::NoToken] {
        let chat = Chat::new(bot).await;
        let read = asks(&chat, ROOT, &format!("grant <@{EVE}> webapp on production")).await;
        assert!(
            read.contains("@root lets @eve deploy webapp to production"),
            "{bot:?}: {read}"
        );
        assert!(!read.contains("Only visible"), "{bot:?}: {read}");
        chat.types_in(EVE, DEPLOYS, "restart webapp on production")
            .await;
        chat.seconds(20).await;
        let read = chat.reads();
        assert!(!read.contains("You may not"), "{bot:?}: {read}");
        chat.types(ROOT, "cancel webapp on production").await;
        chat.settles().await;
        chat.skips();
    }
}
