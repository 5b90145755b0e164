//! What is said is so: versions, counts, authors, ages and reasons, held against what ECS shows at
//! that moment, in the midst of rollouts and after they ended in every way.

use std::time::Duration;

use longshore_sim::ecs::Script;
use longshore_sim::fault::{Faults, Kind, Matcher};
use longshore_sim::github::Mode;
use serde_json::json;

use super::Chat;
use crate::rights::journeys::longshore;
use crate::town::{ADA, BOB, Bot, CONFIG, EVE};

const BRANCH: &str = "webapp:feature/signup-autocomplete to staging";

/// What `text` is answered with.
async fn answers(chat: &Chat, text: &str) -> String {
    chat.skips();
    chat.types(EVE, text).await;
    chat.seconds(3).await;
    chat.reads()
}

fn has(read: &str, all: &[&str]) {
    for part in all {
        assert!(read.contains(part), "no {part:?} in\n{read}");
    }
}

fn lacks(read: &str, all: &[&str]) {
    for part in all {
        assert!(!read.contains(part), "{part:?} in\n{read}");
    }
}

/// A deploy of the branch whose rollout goes like this, so many seconds later.
async fn playing(bot: Bot, script: Script, seconds: u64) -> Chat {
    let chat = Chat::new(bot).await;
    chat.script("staging", "webapp", script);
    chat.types(ADA, BRANCH).await;
    chat.seconds(seconds).await;
    chat
}

#[tokio::test(start_paused = true)]
async fn tasks_are_counted_for_the_revision_that_they_are_of() {
    let chat = playing(Bot::NoToken, Script::BreakerOff, 240).await;
    let status = answers(&chat, "status webapp staging").await;
    has(
        &status,
        &[
            "`webapp:2` (`feature/signup-autocomplete@83a078a`, @ada): 0 of 6 running",
            " failed; `webapp:1`: 6 running",
            "*rolling out*, by deploy `id-1`",
        ],
    );
    let board = answers(&chat, "status staging").await;
    has(
        &board,
        &[
            "5a91773 → `feature/signup-autocomplete@83a078a`, *0 of 6 tasks up*",
            " failed*, asked by @ada ",
        ],
    );
    chat.seconds(2_000).await;
    has(
        &answers(&chat, "status webapp staging").await,
        &["is overdue"],
    );
    chat.clicks(ADA, "stop_back").await;
    chat.settles().await;
    let ended = chat.reads();
    has(
        &ended,
        &[
            "exited with code 1",
            "5a91773 runs as before, 6 of 6 running",
        ],
    );
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn what_stands_where_it_was_stopped_is_not_called_live() {
    let chat = playing(Bot::NoToken, Script::BlueGreenPause, 120).await;
    for (asked, waits) in [
        ("status webapp staging", "*waits for a person*"),
        ("status staging", "*waits for Continue*"),
    ] {
        let read = answers(&chat, asked).await;
        has(&read, &[waits, "0 % of the traffic"]);
    }
    let now = chat.world.now();
    assert!(
        chat.world
            .state()
            .ecs
            .leave_standing(now, "staging", "webapp")
    );
    chat.settles().await;
    // The verdict itself says it already.
    has(
        &chat.reads(),
        &[
            "*Runs now* on `webapp`: `webapp:2`",
            "0 % of the traffic; `webapp:1`",
            "100 % of the traffic",
        ],
    );
    let board = answers(&chat, "status staging").await;
    has(
        &board,
        &[
            "5a91773 → `feature/signup-autocomplete@83a078a`",
            "0 % of the traffic",
            "did not finish",
        ],
    );
    let status = answers(&chat, "status webapp staging").await;
    has(
        &status,
        &[
            "not one version alone",
            "0 % of the traffic; `webapp:1`",
            "did not finish",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn who_restarts_is_not_the_author_and_a_first_look_is_no_age() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    chat.seconds(3 * 3600).await;
    chat.types(BOB, "restart webapp on staging").await;
    chat.settles().await;
    let board = answers(&chat, "status staging").await;
    has(&board, &["@ada, 3 h ago"]);
    lacks(&board, &["@bob"]);

    // What ECS went back to was found, and nobody knows how old it is.
    let chat = playing(Bot::NoToken, Script::CrashLoop, 1).await;
    chat.settles().await;
    let board = answers(&chat, "status staging").await;
    has(
        &board,
        &["5a91773, 6 of 6 tasks, found running, first seen"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_question_is_not_called_a_deploy_under_way() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.push(&CONFIG.replace("confirm  = false", "confirm  = true"))
        .await;
    chat.types(ADA, BRANCH).await;
    chat.seconds(30).await;
    for (asked, waits) in [
        ("status webapp staging", "waits for its confirmation"),
        ("status staging", "*question pending*, asked by @ada"),
    ] {
        let read = answers(&chat, asked).await;
        has(&read, &[waits]);
        lacks(&read, &["under way", "rolling out"]);
    }
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn an_alarm_is_named_and_what_had_come_up_is_said_to_have() {
    let chat = playing(Bot::NoToken, Script::Alarm, 1).await;
    chat.settles().await;
    let read = chat.reads();
    has(&read, &["because of the alarm `"]);
    lacks(&read, &["did not come up"]);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_does_not_lose_what_was_known_of_the_failure() {
    let chat = playing(Bot::Token, Script::BreakerOff, 90).await;
    let id = chat.newest_deploy();
    chat.types(ADA, "cancel webapp on staging").await;
    chat.seconds(5).await;
    chat.skips();
    chat.clicks(ADA, "stop_back").await;
    chat.settles().await;
    has(&chat.reads(), &["🛑 ", "app exited with code 1", "*Why:*"]);
    has(
        &answers(&chat, &format!("show {id}")).await,
        &["app exited with code 1"],
    );
}

#[tokio::test(start_paused = true)]
async fn why_it_fails_is_told_while_it_fails_once_with_the_way_back() {
    for (script, why) in [
        (Script::BreakerOff, "app exited with code 1"),
        (
            Script::UnableToPlace,
            "No Container Instances were found in your capacity provider",
        ),
        (Script::ImagePullError, "CannotPullContainerError"),
        (Script::UncountedDeaths, "app exited with code 1"),
    ] {
        for bot in [Bot::Token, Bot::NoToken] {
            let chat = Chat::new(bot).await;
            let off = json!({ "deploymentCircuitBreaker": { "enable": false, "rollback": false } });
            {
                let ecs = &mut chat.world.state().ecs;
                ecs.configure("staging", "webapp", &off).unwrap();
            }
            chat.script("staging", "webapp", script.clone());
            chat.types(ADA, BRANCH).await;
            chat.seconds(600).await;
            let read = chat.reads();
            has(&read, &[why]);
            assert_eq!(
                read.matches("fails while it rolls out").count(),
                1,
                "{script:?} {read}"
            );
            has(&read, &["@ada webapp:", "[ Roll back ]"]);
            chat.seconds(900).await;
            if matches!(bot, Bot::NoToken) {
                // Slack's address is about to lapse.
                chat.skips();
                chat.clicks(ADA, "keep_posted").await;
            }
            chat.seconds(600).await;
            let late = chat.reads();
            has(&late, &[why]);
            assert_eq!(
                late.matches("is overdue. It began").count(),
                1,
                "{script:?} {late}"
            );
            lacks(&late, &["fails while it rolls out, and"]);
            chat.clicks(ADA, "stop_back").await;
            chat.settles().await;
            has(&chat.reads(), &[why]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_operators_rollback_is_told_where_deploys_are_announced() {
    let chat = Chat::new(Bot::Token).await;
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    let announced = CONFIG.replace("command =", "announce = \"C0MGMT\", command =");
    chat.push(&announced).await;
    chat.passes(Duration::from_secs(120)).await;
    chat.skips();
    longshore(&chat, &["rollback", "--yes", "webapp", "staging"]).await;
    chat.settles().await;
    has(
        &chat.reads(),
        &["#management", "# Rolling back webapp", "rolled back to"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_github_is_said_after_ten_seconds_and_can_be_ended() {
    for bot in [Bot::NoToken, Bot::Token] {
        let silent = || Chat::new(bot);
        let chat = silent().await;
        chat.world.state().github.set_mode(Mode::Down);
        chat.types(ADA, "webapp to staging").await;
        chat.seconds(9).await;
        lacks(&chat.reads(), &["GitHub"]);
        chat.seconds(2).await;
        let read = chat.reads();
        has(
            &read,
            &[
                "Only visible to you, ada",
                "waits, and nothing has been started: GitHub cannot be reached: HTTP 503. I try until 10:03 today",
                "[ Cancel ]",
            ],
        );
        chat.seconds(60).await;
        lacks(&chat.reads(), &["GitHub"]);
        chat.clicks(ADA, "cancel").await;
        chat.seconds(15).await;
        has(&chat.reads(), &["🛑 "]);
        chat.assert_nothing_changed();

        // It comes back.
        let chat = silent().await;
        chat.world.state().github.set_mode(Mode::Down);
        chat.types(ADA, "webapp to staging").await;
        chat.seconds(70).await;
        chat.world.state().github.set_mode(Mode::Up);
        chat.settles().await;
        has(&chat.reads(), &["[ Cancel ]", "✅ "]);
    }
}

/// The services of AWS that a plan asks, each with a call of it, and what people call it.
const ASKED: [(&str, &str, &str); 5] = [
    ("ecs", "DescribeServices", "Amazon ECS"),
    ("ecs", "DescribeTaskDefinition", "Amazon ECS"),
    ("ecr", "DescribeImages", "Amazon ECR, which has the images,"),
    (
        "sts",
        "AssumeRole",
        "AWS STS, which lets Longshore into the account,",
    ),
    ("dynamodb", "Query", "Longshore's own table (DynamoDB)"),
];

#[tokio::test(start_paused = true)]
async fn whoever_of_aws_is_silent_is_named_after_ten_seconds_and_can_be_ended() {
    for (service, operation, name) in ASKED {
        for (kind, how) in [
            (Kind::Throttled, "takes no more requests for now"),
            (Kind::Before5xx, "does not answer"),
            (Kind::TimedOut, "does not answer"),
        ] {
            let case = format!("{service}:{operation} {kind:?}");
            let falls_ill = |chat: &Chat| {
                let calls = Matcher::operation(service, operation);
                let calls = match service {
                    // Of the table, what a plan reads: how it went there before.
                    "dynamodb" => calls.about("TARGET#webapp#staging"),
                    _ => calls,
                };
                chat.world.state().faults.plan(calls, kind);
            };
            let chat = Chat::new(Bot::NoToken).await;
            falls_ill(&chat);
            chat.types(ADA, BRANCH).await;
            chat.seconds(8).await;
            lacks(&chat.reads(), &["waits"]);
            chat.seconds(8).await;
            let read = chat.reads();
            let says = format!("waits, and nothing has been started: {name} {how} (AWS ");
            assert!(read.contains(&says), "{case}: {says:?} in {read}");
            assert!(
                read.contains(&format!(" {service}:{operation})")),
                "{case}: {read}"
            );
            has(
                &read,
                &[
                    "Only visible to you, ada",
                    ". I try until 10:03 today",
                    "[ Cancel ]",
                ],
            );
            chat.seconds(60).await;
            lacks(&chat.reads(), &["waits"]);
            chat.clicks(ADA, "cancel").await;
            chat.seconds(40).await;
            has(&chat.reads(), &["🛑 "]);
            chat.assert_nothing_changed();

            // It comes back; or it does not.
            for comes_back in [true, false] {
                let chat = Chat::new(Bot::Token).await;
                falls_ill(&chat);
                chat.types(ADA, BRANCH).await;
                chat.seconds(70).await;
                has(&chat.reads(), &["[ Cancel ]"]);
                if comes_back {
                    chat.world.state().faults = Faults::default();
                }
                chat.settles().await;
                let read = chat.reads();
                let ends = match comes_back {
                    true => "✅ ".to_owned(),
                    false => format!("Nothing was started.\n  {name} {how} ("),
                };
                assert!(read.contains(&ends), "{case} {comes_back}: {read}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_definite_no_of_aws_ends_a_plan_at_once_in_awss_words() {
    for (service, operation, code) in [
        ("ecs", "DescribeServices", "ClusterNotFoundException"),
        ("ecr", "DescribeImages", "InvalidParameterException"),
    ] {
        let chat = Chat::new(Bot::NoToken).await;
        let calls = Matcher::operation(service, operation);
        let no = Kind::Refused(code, "not today");
        chat.world.state().faults.plan(calls, no);
        chat.types(ADA, BRANCH).await;
        chat.seconds(8).await;
        let read = chat.reads();
        has(&read, &["⛔ Nothing was started.", code, "not today"]);
        chat.assert_nothing_changed();
    }
}
