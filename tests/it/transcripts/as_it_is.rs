//! AWS as it is, not as one would wish it: reads that fail for a while, services of a kind that nobody
//! thought of, members that are missing.

use longshore_sim::fault::{Faults, Kind, Matcher};
use serde_json::json;

use super::Chat;
use crate::town::{ADA, Bot};

fn posts(chat: &Chat, operation: &str) -> usize {
    let state = chat.world.state();
    let all = state.calls.iter();
    all.filter(|call| call.operation.contains(operation))
        .count()
}

/// People get their card and the answer in its thread all the same, a little later.
#[tokio::test(start_paused = true)]
async fn a_bot_token_that_cannot_be_read_for_a_while_is_waited_for() {
    let chat = Chat::new(Bot::Token).await;
    let reads = Matcher::operation("ssm", "GetParameter").about("bot-token");
    chat.world.state().faults.plan(reads, Kind::Throttled);
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.seconds(12).await;
    assert_eq!(posts(&chat, "chat.postMessage"), 0);
    chat.world.state().faults = Faults::default();
    chat.settles().await;
    assert_eq!(
        posts(&chat, "chat.postMessage"),
        2,
        "the card, and its thread"
    );
    let read = chat.reads();
    assert!(read.contains("# Deploying"), "{read}");
    assert!(read.contains("✅"), "{read}");
}

/// What GitHub shows to nobody in particular is not asked for instead.
#[tokio::test(start_paused = true)]
async fn a_github_token_that_cannot_be_read_for_a_while_is_waited_for() {
    const GITHUB: &str = "github_pat_planted_0001";
    let chat = Chat::new(Bot::NoToken).await;
    {
        let now = chat.world.now();
        let state = &mut *chat.world.state();
        state.ssm.put_secret(now, "/longshore/github-token", GITHUB);
        state.github.accept_token(GITHUB);
        state.github.repo("acme/webapp").set_private(true);
        let reads = Matcher::operation("ssm", "GetParameter").about("github-token");
        state.faults.plan(reads, Kind::Throttled);
    }
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    chat.seconds(20).await;
    chat.world.state().faults = Faults::default();
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("✅ ") || read.contains("deployed version"),
        "{read}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_express_mode_service_is_left_to_ecs() {
    let chat = Chat::new(Bot::NoToken).await;
    for (environment, managed) in [("staging", "ECS"), ("production", "CUSTOMER")] {
        let ecs = &mut chat.world.state().ecs;
        ecs.set_member(
            environment,
            "webapp",
            "resourceManagementType",
            &json!(managed),
        );
    }
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("is an Express Mode service, which ECS manages by itself"),
        "{read}"
    );
    assert_eq!(posts(&chat, "UpdateService"), 0);
    assert_eq!(posts(&chat, "RegisterTaskDefinition"), 0);
    chat.types(ADA, "webapp:1.0.2 to production").await;
    chat.seconds(20).await;
    let read = chat.reads();
    assert!(read.contains("Confirm"), "a service of one's own: {read}");
}

/// A volume that nobody configured keeps the one-off task from running, and is named in the plan.
#[tokio::test(start_paused = true)]
async fn a_one_off_task_without_its_volume_is_refused_by_name() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&crate::town::with_before()).await;
    {
        let now = chat.world.now();
        let state = &mut *chat.world.state();
        let home = (crate::town::DEV, crate::town::REGION);
        let known = crate::town::digest_of("anything");
        let image = format!("111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms@{known}");
        let mut definition =
            longshore_sim::ecs::task_definition(home.0, home.1, "cms-migrate", &[("app", &image)]);
        definition["volumes"] = json!([{ "name": "scratch", "configuredAtLaunch": true }]);
        state.ecs.add_definition(now, home, &definition).unwrap();
    }
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("its volume `scratch` is configured at launch"),
        "{read}"
    );
    assert_eq!(posts(&chat, "RunTask"), 0);
}
