//! The form that the command alone is answered with.

use std::fmt::Write as _;
use std::time::Duration;

use insta::assert_snapshot;
use longshore::record::Verdict;
use longshore_sim::ecr;
use longshore_sim::fault::{Kind, Matcher};

use super::Chat;
use crate::town::{ADA, BOB, Bot, EVE, PROD, REGION};

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
            assert_snapshot!(asked, @r"
            Longshore in #deploys · Only visible to you, ada
              # Deploy
              Application: [ Choose… ▾ ]
              Environment: [ Choose… ▾ ]
              Version: [ Branch, tag, commit or image tag; empty for the default branch ]
              [ Deploy ]
              – `/deploy help deploy` shows how to type the same in one line.
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
        read.contains("You may not deploy webapp to production."),
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
    let call = Duration::from_millis(20);
    for service in ["dynamodb", "ssm", "states"] {
        chat.world
            .state()
            .faults
            .delay(Matcher::service(service), call);
    }
    let asked = chat.world.now();
    chat.types(ADA, "").await;
    let took = chat.world.now().duration_since(asked);
    assert!(Duration::try_from(took).unwrap() <= 3 * call, "{took:#}");
    assert_eq!(offered(&chat, "application").len(), 202);
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

/// Deploys to staging, a minute apart, and forgets what was said of it.
async fn has_deployed(chat: &Chat, typed: &[&str]) {
    for text in typed {
        chat.types(ADA, text).await;
        chat.settles().await;
        chat.seconds(60).await;
    }
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn what_was_met_lately_is_suggested_and_deployed_like_what_is_typed() {
    let chat = Chat::new(Bot::NoToken).await;
    let typed = [
        "webapp:1.0.2 to staging",
        "webapp:feature/signup-autocomplete to staging",
        "cms:1.0.2 to staging",
    ];
    has_deployed(&chat, &typed).await;
    chat.types(ADA, "").await;
    let suggested = [
        "cms:1.0.2",
        "webapp:feature/signup-autocomplete",
        "webapp:1.0.2",
    ];
    assert_eq!(offered(&chat, "suggestion"), suggested);
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy
      Application: [ Choose… ▾ ]
      Environment: [ Choose… ▾ ]
      Recent version: [ Choose… ▾ ]
      Version: [ Branch, tag, commit or image tag; empty for the default branch ]
      [ Deploy ]
      – `/deploy help deploy` shows how to type the same in one line.
      – A version that you type counts, whatever is chosen among the recent ones.
    ");
    fills(&chat, &STAGING[..2]);
    fills(&chat, &[("suggestion", "webapp:1.0.2")]);
    let before = chat.deploys().len();
    chat.clicks(ADA, "form").await;
    chat.clicks(ADA, "form").await;
    chat.settles().await;
    let read = chat.reads();
    assert_eq!(
        read.matches("That button was used before").count(),
        1,
        "{read}"
    );
    assert_eq!(chat.deploys().len(), before + 1);
    let deploy = chat.deploy(&chat.newest_deploy()).await;
    assert_eq!(deploy.verdict(), Some(Verdict::Succeeded), "{read}");
    let asked = "`webapp:1.0.2` to staging";
    assert_eq!(longshore::reply::request(&deploy).as_str(), asked);
}

/// What a refusal offers instead of what is not there was met as well; a commit's tag says nothing to who chooses.
#[tokio::test(start_paused = true)]
async fn the_newest_tags_that_a_refusal_offers_are_suggested() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.seconds(60).await;
    let now = chat.world.now();
    let tags = ["0123456789abcdef0123456789abcdef01234567", "1.2.3"];
    let digest = ecr::digest("1.2.3");
    chat.world
        .state()
        .ecr
        .push(PROD, REGION, "webapp", &tags, &digest, now);
    chat.types(ADA, "webapp:9.9.9 to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("deploy the newest image there (`1.2.3`"),
        "{read}"
    );
    chat.types(ADA, "").await;
    assert_eq!(offered(&chat, "suggestion"), ["webapp:1.2.3"]);
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_suggestion_of_another_application_starts_nothing_and_what_is_typed_counts_over_it() {
    let chat = Chat::new(Bot::NoToken).await;
    has_deployed(&chat, &["cms:1.0.2 to staging"]).await;
    chat.types(ADA, "").await;
    chat.skips();
    fills(&chat, &STAGING[..2]);
    fills(&chat, &[("suggestion", "cms:1.0.2")]);
    let before = chat.deploys().len();
    chat.clicks(ADA, "form").await;
    chat.seconds(5).await;
    assert_eq!(chat.deploys().len(), before);
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys · Only visible to you, ada
      Nothing was deployed: `cms:1.0.2` was chosen, but the application is `webapp`. Choose or type a version of `webapp`, then press *Deploy* again.
    ");
    fills(&chat, &[("reference", "feature/signup-autocomplete")]);
    chat.clicks(ADA, "form").await;
    chat.settles().await;
    chat.skips();
    let deploy = chat.deploy(&chat.newest_deploy()).await;
    let asked = "`webapp:feature/signup-autocomplete` to staging";
    assert_eq!(longshore::reply::request(&deploy).as_str(), asked);
}

#[tokio::test(start_paused = true)]
async fn what_the_asker_may_not_deploy_is_not_suggested() {
    let chat = Chat::new(Bot::NoToken).await;
    has_deployed(&chat, &["cms:1.0.2 to staging", "webapp:1.0.2 to staging"]).await;
    let config = crate::town::CONFIG.replace(
        "[applications.webapp]\nenvironments = [\"staging\", \"production\"]",
        "[applications.webapp]\nenvironments = [\"production\"]",
    );
    chat.push(&config).await;
    chat.seconds(61).await;
    chat.types(EVE, "").await;
    assert_eq!(offered(&chat, "suggestion"), ["cms:1.0.2"]);
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_table_that_keeps_no_suggestions_stops_no_plan_and_no_form() {
    for (operation, kind) in [
        ("GetItem", Kind::Denied),
        ("PutItem", Kind::Denied),
        ("Query", Kind::Denied),
        ("Query", Kind::TimedOut),
    ] {
        let chat = Chat::new(Bot::NoToken).await;
        let met = Matcher::operation("dynamodb", operation)
            .about("\"MET\"")
            .every(1);
        chat.world.state().faults.plan(met, kind);
        has_deployed(&chat, &["webapp:1.0.2 to staging"]).await;
        let deploy = chat.deploy(&chat.newest_deploy()).await;
        assert_eq!(deploy.verdict(), Some(Verdict::Succeeded), "{operation}");
        chat.types(ADA, "").await;
        assert_eq!(offered(&chat, "application"), ["cms", "webapp"]);
        assert!(offered(&chat, "suggestion").is_empty(), "{operation}");
        assert!(chat.world.state().faults.fired() > 0, "{operation}");
        chat.skips();
    }
}
