//! Who is mentioned when a deploy is in trouble, and who is not.

use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, EVE, ROOT};

/// A town in which these are on call: for everything, for staging, for the team.
async fn on_call(bot: Bot, all: &[&str], staging: Option<&[&str]>, team: Option<&[&str]>) -> Chat {
    let chat = Chat::new(bot).await;
    let list = |people: &[&str]| format!("oncall = {people:?}\n");
    let environment = staging.map_or_else(String::new, list);
    let of_team = team.map_or_else(String::new, list);
    let config = format!("{}{CONFIG}", list(all))
        .replacen(
            "aliases  = [\"stg\"]\n",
            &format!("aliases = [\"stg\"]\n{environment}"),
            1,
        )
        .replacen("[teams.web]\n", &format!("[teams.web]\n{of_team}"), 1);
    chat.push(&config).await;
    chat
}

/// How often each of Ada, Bob, Eve and root is mentioned in the messages that notify: new posts.
fn mentioned(read: &str) -> [usize; 4] {
    let posts = read.split("\n\n").filter(|post| {
        let head = post.lines().next().unwrap_or_default();
        !head.contains("(edited)")
    });
    let posts: String = posts.collect();
    ["On call: @ada", "@bob", "@eve", "@root"].map(|name| posts.matches(name).count())
}

async fn crashes(chat: &Chat, asks: &str) -> String {
    chat.script("staging", "webapp", Script::CrashLoop);
    chat.types(asks, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    chat.reads()
}

#[tokio::test(start_paused = true)]
async fn what_was_rolled_back_mentions_those_on_call_once() {
    for bot in [Bot::Token, Bot::NoToken] {
        let chat = on_call(bot, &[EVE, ROOT], None, None).await;
        let read = crashes(&chat, ADA).await;
        let told = read.matches("On call: @eve, @root.").count();
        let last = read.split("\n\n").last().unwrap();
        assert!(last.contains("On call: @eve, @root."), "{read}");
        // While it failed, a post of its own told them already.
        let failing = usize::from(read.contains("ECS goes on trying"));
        assert_eq!(told, 1 + failing, "{read}");
        assert_eq!(mentioned(&read), [0, 0, told, told], "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_asked_is_not_mentioned_twice() {
    let chat = on_call(Bot::Token, &[ADA, EVE], None, None).await;
    let read = crashes(&chat, ADA).await;
    let thread = read.split("\n\n").last().unwrap();
    assert_eq!(thread.matches("@ada").count(), 1, "{thread}");
    assert!(thread.contains("On call: @eve."), "{thread}");
    let alone = on_call(Bot::Token, &[ADA], None, None).await;
    let read = crashes(&alone, ADA).await;
    assert!(!read.contains("On call"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn the_nearest_list_counts_and_an_empty_one_means_nobody() {
    for (staging, team, who) in [
        (None, None, "On call: @root."),
        (None, Some(&[BOB][..]), "On call: @bob."),
        (Some(&[EVE][..]), Some(&[BOB][..]), "On call: @eve."),
    ] {
        let chat = on_call(Bot::NoToken, &[ROOT], staging, team).await;
        let read = crashes(&chat, ADA).await;
        assert!(read.contains(who), "{who} not in {read}");
    }
    let chat = on_call(Bot::NoToken, &[ROOT], Some(&[]), Some(&[BOB])).await;
    let read = crashes(&chat, ADA).await;
    assert!(!read.contains("On call"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn a_success_a_refusal_and_a_cancel_mention_nobody_else() {
    for bot in [Bot::Token, Bot::NoToken] {
        let chat = on_call(bot, &[EVE], None, None).await;
        chat.types(ADA, "webapp:1.0.2 to staging").await;
        chat.settles().await;
        chat.types(ADA, "webapp:nothing to staging").await;
        chat.settles().await;
        chat.types(ADA, "cms:1.0.2 to staging").await;
        chat.seconds(15).await;
        chat.types(BOB, "cancel cms staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(!read.contains("On call"), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn overdue_and_paused_mention_those_on_call() {
    for bot in [Bot::Token, Bot::NoToken] {
        let chat = on_call(bot, &[EVE], None, None).await;
        let slow = Script::Slow(std::time::Duration::from_secs(40 * 60));
        chat.script("staging", "webapp", slow);
        chat.types(ADA, "webapp:1.0.2 to staging").await;
        chat.seconds(31 * 60).await;
        if bot == Bot::NoToken {
            chat.skips();
        } else {
            let read = chat.reads();
            let (_, overdue) = read.split_once(" is overdue. It began").unwrap();
            assert!(overdue.contains("On call: @eve."), "{overdue}");
            assert_eq!(read.matches("On call: @eve.").count(), 1, "{read}");
        }
        chat.settles().await;
        chat.skips();
        chat.script("staging", "webapp", Script::BlueGreenPause);
        chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
            .await;
        chat.seconds(90).await;
        let read = chat.reads();
        assert_eq!(read.matches("On call: @eve.").count(), 1, "{read}");
        chat.clicks(ADA, "pause_continue").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(!read.contains("On call"), "{read}");
    }
}
