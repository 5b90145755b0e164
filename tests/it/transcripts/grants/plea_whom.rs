//! Whom somebody asks for a right: they choose among the admins whom Longshore knows by name, and an answer that came too
//! late to be heard is given once more.

use longshore_sim::fault::{Faults, Kind, Matcher};

use super::plea::{asking, live, pleads};
use super::*;

const DEPLOY: &str = "cms:1.0.2 to production";

#[tokio::test(start_paused = true)]
async fn whoever_asks_chooses_whom() {
    let chat = asking().await;
    chat.types(EVE, DEPLOY).await;
    chat.seconds(3).await;
    let read = chat.reads();
    assert!(read.contains("[ Ask @bob ] [ Ask @root ]"), "{read}");
    chat.clicks(EVE, "plead_2").await;
    chat.seconds(20).await;
    let read = chat.reads();
    assert!(read.contains("Longshore in @root"), "{read}");
    assert!(read.contains("@root was asked for"), "{read}");
    chat.clicks(ROOT, "allow_once").await;
    chat.seconds(20).await;
    let read = chat.reads();
    assert!(read.contains("@root lets @eve deploy cms"), "{read}");
}

/// Three are offered at most: the others are asked where those cannot be.
#[tokio::test(start_paused = true)]
async fn three_admins_are_offered_at_most() {
    let admins = ["U0AMY0001", "U0BEN0001", "U0CAT0001", "U0DAN0001"];
    let chat = announcing().await;
    for (admin, name) in admins.iter().zip(["amy", "ben", "cat", "dan"]) {
        chat.world.state().slack.user(admin, name);
    }
    let named = format!("admins = {admins:?}");
    let config = CONFIG.replacen("admins = [\"U0ROOT001\"]", &named, 1);
    chat.push(&config).await;
    chat.passes(Duration::from_secs(130)).await;
    chat.skips();
    let read = asks(&chat, EVE, DEPLOY).await;
    assert!(
        read.contains("[ Ask @amy ] [ Ask @ben ] [ Ask @cat ]"),
        "{read}"
    );
    // Whoever is chosen and is no admin any more is not asked, but one who is.
    let fewer = format!("admins = {:?}", &admins[3..4]);
    chat.push(&CONFIG.replacen("admins = [\"U0ROOT001\"]", &fewer, 1))
        .await;
    // The functions follow a push within a minute.
    chat.passes(Duration::from_secs(70)).await;
    chat.clicks(EVE, "plead_2").await;
    chat.seconds(20).await;
    let read = chat.reads();
    assert!(read.contains("@dan was asked for"), "{read}");
}

/// Where Slack names nobody, somebody is asked all the same.
#[tokio::test(start_paused = true)]
async fn without_names_one_button_asks_an_admin() {
    let chat = announcing().await;
    let look = Matcher::operation("slack", "POST /api/users.info");
    chat.world.state().faults.plan(look, Kind::TimedOut);
    chat.passes(Duration::from_secs(120)).await;
    chat.skips();
    let read = asks(&chat, EVE, DEPLOY).await;
    assert!(read.contains("[ Ask an admin ]"), "{read}");
    // Once Slack says it again, they have names.
    chat.world.state().faults = Faults::default();
    chat.passes(Duration::from_secs(15 * 60)).await;
    chat.skips();
    let read = asks(&chat, EVE, DEPLOY).await;
    assert!(read.contains("[ Ask @bob ] [ Ask @root ]"), "{read}");
}

/// Nothing was at work for so long that the yes is too old to be believed: the same admin says it once more.
#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_heard_in_time_is_given_once_more() {
    for action in ["allow_once", "allow_until"] {
        let chat = asking().await;
        pleads(&chat).await;
        let press = |chat: &Chat| {
            let now = chat.world.now();
            let mut state = chat.world.state();
            state.slack.click_newest(now, BOB, action).unwrap()
        };
        chat.posts(&press(&chat)).await;
        tokio::time::advance(Duration::from_secs(16 * 60)).await;
        chat.passes(Duration::from_secs(180)).await;
        let read = chat.reads();
        assert!(!read.contains("lets @eve"), "{read}");
        assert_eq!(live(&chat), 0);
        chat.posts(&press(&chat)).await;
        chat.seconds(20).await;
        let read = chat.reads();
        assert!(read.contains("@bob lets @eve deploy cms"), "{read}");
        assert_eq!((on_record(&chat).len(), live(&chat)), (1, 1));
        // And not a third time.
        chat.clicks(EVE, "confirm").await;
        chat.settles().await;
        chat.skips();
        assert_eq!(on_record(&chat).len(), 1);
    }
}
