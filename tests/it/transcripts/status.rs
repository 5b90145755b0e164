//! `status` in every way of asking: of one application in one environment, of one in all of its
//! environments, and of everything. Whatever the way, the same is said of the same, in the same words.

use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, Bot, DEV, EVE};

/// What is answered to the three ways of asking of an application on staging.
async fn asked(chat: &Chat, application: &str) -> [(String, String); 3] {
    let ways = [
        format!("status {application} staging"),
        format!("status {application}"),
        "status".to_owned(),
    ];
    let mut answers = Vec::new();
    for way in ways {
        chat.skips();
        chat.types(EVE, &way).await;
        chat.seconds(3).await;
        answers.push((way, chat.reads()));
    }
    answers.try_into().unwrap()
}

/// Each way of asking says all of `says` and nothing of `never`. What the board says in fewer words stands behind
/// [`BOARD`].
async fn each_way_says(chat: &Chat, application: &str, says: &[&str], never: &[&str]) {
    for (way, read) in asked(chat, application).await {
        for words in says {
            let (full, short) = words.split_once(BOARD).unwrap_or((words, words));
            let words = match way.as_str() {
                "status" => short,
                _ => full,
            };
            assert!(read.contains(words), "{way}: no {words:?} in\n{read}");
        }
        for words in never {
            assert!(!read.contains(words), "{way}: {words:?} in\n{read}");
        }
    }
}

/// Cms, deployed to staging by Ada: two services.
async fn deployed() -> Chat {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.settles().await;
    chat.seconds(3 * 3600).await;
    chat
}

/// Somebody rolls out a service of cms by hand, and so much time passes.
async fn by_hand(chat: &Chat, service: &str, script: Script, seconds: u64) {
    let now = chat.world.now();
    let rolls_out = |state: &mut longshore_sim::State| {
        state.ecs.foreign_rollout(now, "staging", service, &script);
    };
    rolls_out(&mut chat.world.state());
    chat.seconds(seconds).await;
}

const SETTLED: &[&str] = &["rolling out", "did not finish", "waits for"];
const BOARD: &str = " || ";

#[tokio::test(start_paused = true)]
async fn what_a_deploy_brought_is_said_with_age_and_author() {
    let chat = deployed().await;
    let says = ["1.0.2", "`283fc73`", "3 h ago, @ada || @ada, 3 h ago"];
    each_way_says(&chat, "cms", &says, SETTLED).await;
    each_way_says(&chat, "cms", &[], &["outside of Longshore", "⚠️"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_failed_and_went_nowhere_did_not_finish() {
    let chat = deployed().await;
    by_hand(&chat, "cms-api", Script::BreakerWithoutRollback, 600).await;
    let says = [
        "*the last rollout of `cms-api` did not finish* || *last rollout did not finish*",
        "0 of 6 running || *0 of 6 tasks up*",
        " failed",
        "1.0.2",
        "`cms-worker`",
    ];
    each_way_says(&chat, "cms", &says, &["rolling out"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_ecs_never_gives_up_is_said_to_roll_out() {
    let chat = deployed().await;
    let off =
        serde_json::json!({ "deploymentCircuitBreaker": { "enable": false, "rollback": false } });
    let configured = chat
        .world
        .state()
        .ecs
        .configure("staging", "cms-api", &off)
        .is_ok();
    assert!(configured);
    by_hand(&chat, "cms-api", Script::BreakerOff, 600).await;
    let says = [
        "*rolling out* `cms-api`, not by Longshore || *rolling out, not by Longshore*",
        "*changed outside of Longshore* (last deployed: 1.0.2) || *changed outside*",
        "0 of 6 running || *0 of 6 tasks up*",
        " failed",
    ];
    each_way_says(&chat, "cms", &says, &["did not finish"]).await;
}

#[tokio::test(start_paused = true)]
async fn one_service_that_somebody_changed_by_hand_does_not_speak_for_the_other() {
    let chat = deployed().await;
    by_hand(&chat, "cms-api", Script::Happy, 300).await;
    let says = [
        "*changed outside of Longshore* (last deployed: 1.0.2) || *changed outside*",
        "`cms-api:3`",
        "`cms-worker`",
        "1.0.2",
    ];
    each_way_says(&chat, "cms", &says, SETTLED).await;
}

#[tokio::test(start_paused = true)]
async fn one_service_at_no_tasks_does_not_speak_for_the_other() {
    let chat = deployed().await;
    let now = chat.world.now();
    let scales = |state: &mut longshore_sim::State| {
        state.ecs.set_desired_count(now, "staging", "cms-worker", 0);
    };
    scales(&mut chat.world.state());
    chat.seconds(300).await;
    let says = [
        "no tasks run: the desired count is 0 || no tasks: the desired count is 0",
        "`cms-api`",
        "`cms-worker`",
    ];
    each_way_says(&chat, "cms", &says, SETTLED).await;
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_said_with_what_it_waits_for() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("staging", "cms-api", Script::BlueGreenPause);
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.seconds(120).await;
    let says = [
        "*rolling out* `cms-api`, by deploy `id-1` || staging: asked by @ada 2 min ago",
        "*waits for a person* at `cms-api` (the new tasks get the test traffic), until 10:00 tomorrow || `cms-api`: 5c42316 → 1.0.2 `283fc73`, 6 of 6 tasks up, 0 % of the traffic, *waits for Continue* until 10:00 tomorrow",
        ", when ECS goes back to what ran before || until",
        "0 % of the traffic",
        "100 % of the traffic || 0 % of the traffic",
        "1.0.2",
        "5c42316",
    ];
    each_way_says(&chat, "cms", &says, &["did not finish", "not by Longshore"]).await;
    chat.clicks(ADA, "pause_back").await;
    chat.seconds(15).await;
    // On its way back, ECS still names the stage that it had reached.
    let says = ["*going back* `cms-api`, by deploy `id-1` || *going back*"];
    let never = ["rolling out", "test traffic", "waits for"];
    each_way_says(&chat, "cms", &says, &never).await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_service_that_ecs_does_not_have_leaves_the_others_to_be_told() {
    let chat = deployed().await;
    chat.world.state().ecs.delete("staging", "cms-worker");
    let says = [
        "⚠️ *there is no service `cms-worker`* || `cms-worker`: ⚠️ *no such service*",
        "1.0.2",
        "3 h ago, @ada || @ada, 3 h ago",
    ];
    each_way_says(&chat, "cms", &says, &["could not be read"]).await;
    chat.world.state().ecs.delete("staging", "cms-api");
    let says = [
        "staging could not be read",
        "there is no service cms-api, there is no service cms-worker",
        "Nothing is claimed about it.",
    ];
    each_way_says(&chat, "cms", &says, &["1.0.2", "⚠️ *"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_role_that_refuses_is_named_and_keeps_nothing_else_from_being_told() {
    let chat = deployed().await;
    let (role, other) = ("longshore-staging", Some("another external id"));
    chat.world.state().sts.add_role(DEV, role, other);
    let says = [
        "⚠️ staging could not be read",
        "AWS does not allow sts:AssumeRole: step 4 of the README (role `",
        "longshore-staging`). Nothing is claimed about it.",
    ];
    each_way_says(&chat, "cms", &says, &["1.0.2"]).await;
    for (way, read) in asked(&chat, "cms").await.into_iter().skip(1) {
        let production = read.contains("never deployed by Longshore");
        assert!(production, "{way}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_application_takes_few_calls_of_aws() {
    let chat = deployed().await;
    for (way, environments, definitions) in [
        ("status cms staging", 1, 0),
        // Of one service that was never deployed here, the digest is looked up.
        ("status webapp staging", 1, 1),
        ("status webapp", 2, 2),
        ("status", 2, 0),
    ] {
        chat.skips();
        chat.world.state().calls.clear();
        chat.types(EVE, way).await;
        chat.seconds(3).await;
        chat.skips();
        let calls = |operation: &str| {
            let state = chat.world.state();
            let made = state.calls.iter();
            made.filter(|call| call.operation == operation).count()
        };
        assert_eq!(calls("AssumeRole"), environments, "{way}");
        assert_eq!(calls("DescribeServices"), environments, "{way}");
        assert_eq!(calls("DescribeTaskDefinition"), definitions, "{way}");
        assert_eq!(calls("DescribeServiceDeployments"), 0, "{way}");
        println!(
            "{way}: {} Query, {} GetItem",
            calls("Query"),
            calls("GetItem")
        );
    }
}
