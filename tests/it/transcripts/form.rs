//! The form that the command alone is answered with.

use std::fmt::Write as _;

use insta::assert_snapshot;
use longshore::record::Verdict;

use super::Chat;
use crate::town::{ADA, BOB, Bot, EVE};

fn fills(chat: &Chat, fields: &[(&str, &str)]) {
    let slack = &mut chat.world.state().slack;
    for (field, value) in fields {
        slack.enters(ADA, field, value).unwrap();
    }
}

const STAGING: [(&str, &str); 3] = [
    ("application", "webapp"),
    ("environment", "staging"),
    ("reference", " 1.0.2 "),
];

#[tokio::test(start_paused = true)]
async fn the_command_alone_is_answered_with_a_form_that_deploys_once() {
    for bot in [Bot::Token, Bot::NoToken] {
        let chat = Chat::new(bot).await;
        chat.types(ADA, "").await;
        let asked = chat.reads();
        if bot == Bot::NoToken {
            assert_snapshot!(asked, @"
            Longshore in #deploys · Only visible to you, ada
              # Deploy
              Application: [ Choose… ▾ ]
              Environment: [ Choose… ▾ ]
              Version: [ Branch, tag, commit or image tag; empty for the default branch ]
              [ Deploy ]
              – The same in one line: `/deploy APP:REF to ENV` · `/deploy help` shows all commands
            ");
        }
        fills(&chat, &STAGING);
        chat.clicks(ADA, "form").await;
        chat.clicks(ADA, "form").await;
        chat.settles().await;
        let read = chat.reads();
        let [id] = chat.deploys().try_into().unwrap();
        let deploy = chat.deploy(&id).await;
        assert_eq!(deploy.verdict(), Some(Verdict::Succeeded), "{read}");
        let command = "`webapp:1.0.2` to staging";
        assert_eq!(longshore::reply::request(&deploy).as_str(), command);
        assert_eq!(
            read.matches("That button was used before").count(),
            1,
            "{read}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_form_that_is_not_filled_in_says_what_is_missing_and_can_be_pressed_again() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "  ").await;
    chat.skips();
    for (field, value, said) in [
        (None, "", "choose an application"),
        (Some("application"), "webapp", "choose an environment"),
        (Some("environment"), "staging", "Deploying webapp"),
    ] {
        if let Some(field) = field {
            fills(&chat, &[(field, value)]);
        }
        chat.clicks(ADA, "form").await;
        chat.seconds(5).await;
        let read = chat.reads();
        assert!(read.contains(said), "{read}");
    }
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn what_is_entered_is_read_like_what_is_typed() {
    for (entered, read_as) in [
        ("“1.0.2”", None),
        ("a b", None),
        ("<!channel>", None),
        (
            "feature/signup\u{2010}autocomplete",
            Some("feature/signup-autocomplete"),
        ),
        ("", None),
    ] {
        let chat = Chat::new(Bot::NoToken).await;
        chat.types(ADA, "").await;
        fills(&chat, &STAGING[..2]);
        fills(&chat, &[("reference", entered)]);
        chat.clicks(ADA, "form").await;
        chat.settles().await;
        let read = chat.reads();
        match (read_as, entered) {
            (Some(reference), _) => {
                let deploy = chat.deploy(&chat.newest_deploy()).await;
                let asked = format!("`webapp:{reference}` to staging");
                assert_eq!(longshore::reply::request(&deploy).as_str(), asked);
            }
            (None, "") => assert_eq!(chat.deploys().len(), 1),
            (None, _) => {
                assert!(read.contains("the version is no branch"), "{read}");
                assert!(chat.deploys().is_empty(), "{read}");
            }
        }
    }
}

/// Names what is offered in a field.
fn offered(chat: &Chat, name: &str) -> Vec<String> {
    let state = chat.world.state();
    let form = state.slack.messages().last().unwrap();
    let fields = form.fields().into_iter();
    let field = fields.filter(|field| field.action_id == name);
    let options = field.flat_map(|field| field.options);
    options
        .map(|option| option["value"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_somebody_may_not_do_is_not_offered_and_a_right_that_went_is_asked_for_again() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(EVE, "").await;
    assert_eq!(offered(&chat, "environment"), ["staging"]);
    chat.types(ADA, "").await;
    assert_eq!(offered(&chat, "application"), ["cms", "webapp"]);
    assert_eq!(offered(&chat, "environment"), ["production", "staging"]);
    fills(
        &chat,
        &[("application", "webapp"), ("environment", "production")],
    );
    chat.skips();
    let config = crate::town::CONFIG.replace(ADA, BOB);
    chat.push(&config).await;
    chat.seconds(61).await;
    chat.clicks(ADA, "form").await;
    chat.seconds(5).await;
    let read = chat.reads();
    assert!(
        read.contains("You may not deploy webapp in production."),
        "{read}"
    );
    assert!(chat.deploys().is_empty());
}

#[tokio::test(start_paused = true)]
async fn two_hundred_applications_are_offered_in_three_round_trips() {
    let chat = Chat::new(Bot::NoToken).await;
    let mut config = crate::town::CONFIG.to_owned();
    for number in 0..200 {
        let _ = write!(
            config,
            "[applications.app-{number}]\ntitle = \"Application number {number}\"\nenvironments = [\"staging\"]\n"
        );
    }
    chat.push(&config).await;
    chat.seconds(61).await;
    chat.world.state().calls.clear();
    chat.types(ADA, "").await;
    assert_eq!(offered(&chat, "application").len(), 202);
    assert!(chat.world.state().calls.len() <= 3);
    chat.skips();
    for number in 200..2_000 {
        let _ = write!(
            config,
            "[applications.app-{number}]\nenvironments = [\"staging\"]\n"
        );
    }
    chat.push(&config).await;
    chat.seconds(61).await;
    chat.types(ADA, "").await;
    let read = chat.reads();
    assert!(read.contains("# How to use /deploy"), "{read}");
}
