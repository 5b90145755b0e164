//! In control of a rollout: every strategy watched, pauses answered, rollouts stopped and given up.

mod paused;

use std::time::Duration;

use insta::assert_snapshot;
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG};

const BRANCH: &str = "webapp:feature/signup-autocomplete to staging";

/// A deploy of the branch whose rollout goes like this, up to the first time somebody has to decide.
async fn playing(bot: Bot, script: Script, seconds: u64) -> Chat {
    let chat = Chat::new(bot).await;
    chat.script("staging", "webapp", script);
    chat.types(ADA, BRANCH).await;
    chat.seconds(seconds).await;
    chat
}

/// What the rollout's line on the card said, each time it said something else.
fn lines(read: &str) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for line in read.lines().map(str::trim) {
        let tells = line.contains(" running") || line.starts_with("blue/green");
        let tells = tells || line.starts_with("linear") || line.starts_with("canary");
        if tells && seen.last() != Some(&line) {
            seen.push(line);
        }
    }
    seen.join("\n")
}

async fn watched(script: Script) -> String {
    let chat = playing(Bot::Token, script, 1).await;
    chat.settles().await;
    let read = chat.reads();
    let last = read.split("\n\n").last().unwrap().to_owned();
    format!("{}\n{last}", lines(&read))
}

#[tokio::test(start_paused = true)]
async fn a_blue_green_rollout_is_told_stage_by_stage() {
    assert_snapshot!(watched(Script::BlueGreen).await, @r"
    blue/green · about to start the new tasks · 0 % of the traffic on the new tasks
    • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
    blue/green · starting the new tasks · 0 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · starting the new tasks · 0 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · moving production traffic to the new tasks · 100 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · stopping the old tasks · 100 % of the traffic on the new tasks
    Longshore in #deploys, in a thread
      @ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 6 min, 14 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn a_linear_rollout_is_told_with_its_traffic() {
    assert_snapshot!(watched(Script::Linear).await, @r"
    linear · about to start the new tasks · 0 % of the traffic on the new tasks
    • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
    linear · starting the new tasks · 0 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · starting the new tasks · 0 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · moving production traffic to the new tasks · 25 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · moving production traffic to the new tasks · 25 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · moving production traffic to the new tasks · 50 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · moving production traffic to the new tasks · 50 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · moving production traffic to the new tasks · 75 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · moving production traffic to the new tasks · 75 % of the traffic on the new tasks
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:07 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:07 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:07 today
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
    linear · stopping the old tasks · 100 % of the traffic on the new tasks
    Longshore in #deploys, in a thread
      @ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 6 min, 35 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn a_canary_is_told_with_its_traffic_and_its_alarm() {
    assert_snapshot!(watched(Script::Canary).await, @r"
    canary · about to start the new tasks · 0 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
    canary · starting the new tasks · 0 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · starting the new tasks · 0 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · moving production traffic to the new tasks · 10 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · moving production traffic to the new tasks · 10 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · moving production traffic to the new tasks · 10 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · moving production traffic to the new tasks · 10 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · moving production traffic to the new tasks · 10 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · moving production traffic to the new tasks · 10 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 10:06 today · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · stopping the old tasks · 100 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    Longshore in #deploys, in a thread
      @ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 6 min, 14 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn the_test_traffics_address_is_shown_where_one_is_configured() {
    let chat = Chat::new(Bot::Token).await;
    let url = "service = \"{app}\", test_url = \"https://{app}.{env}-test.example.com/\"";
    chat.push(&CONFIG.replace("service = \"{app}\"", url)).await;
    chat.script("staging", "webapp", Script::BlueGreenPause);
    chat.types(ADA, BRANCH).await;
    chat.seconds(90).await;
    let read = chat.reads();
    assert!(
        read.contains("https://webapp.staging-test.example.com/"),
        "{read}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_others_left_standing_is_told_as_it_is() {
    for cancelled in [false, true] {
        let chat = Chat::left_standing(cancelled).await;
        let read = chat.reads();
        let (_, verdict) = read.split_once("❌").unwrap();
        let left = "*Runs now* on `webapp`: `webapp:2` (1.0.2): 0 of 6 running; `webapp:1` (5a91773): 6 running";
        assert!(verdict.contains(left), "{verdict}");
        assert!(read.contains("[ Roll back ] [ Retry ]"), "{read}");
        // What was left there can be rolled back.
        chat.types(ADA, "rollback webapp on staging").await;
        chat.seconds(10).await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("webapp rolled back "), "{read}");
    }
}

/// A deploy that is overdue and will never end.
async fn overdue(bot: Bot) -> Chat {
    let chat = playing(bot, Script::BreakerOff, 31 * 60).await;
    assert!(chat.reads().contains(" is overdue. It began"));
    chat
}

#[tokio::test(start_paused = true)]
async fn keep_watching_says_that_it_is_watched_on() {
    for bot in [Bot::NoToken, Bot::Token] {
        let chat = playing(bot, Script::BreakerOff, 24 * 60).await;
        if bot == Bot::NoToken {
            chat.seconds(120).await;
            chat.clicks(ADA, "keep_posted").await;
        }
        chat.seconds(8 * 60).await;
        chat.skips();
        chat.clicks(BOB, "keep_watching").await;
        chat.seconds(5).await;
        match bot {
            Bot::NoToken => assert_snapshot!(chat.reads(), @r"
            Longshore in #deploys · Only visible to you, bob
              I keep posting here about version `feature/signup-autocomplete@83a078a`, deploy `id-1`, for another half hour.
            "),
            Bot::Token => assert_snapshot!(chat.reads(), @"
            Longshore in #deploys · Only visible to you, bob
              I keep watching deploy `id-1`; its card says how it ends.
            "),
        }
        chat.seconds(60).await;
        chat.skips();
    }
}

#[tokio::test(start_paused = true)]
async fn an_overdue_deploy_is_rolled_back_by_its_button() {
    let chat = overdue(Bot::Token).await;
    chat.clicks(ADA, "stop_back").await;
    chat.settles().await;
    let read = chat.reads();
    assert_snapshot!(read.split("\n\n").last().unwrap(), @r"
    Longshore in #deploys, in a thread
      @ada webapp: the deploy of version `feature/signup-autocomplete@83a078a` to staging was cancelled by @ada, 31 min, 23 sec after it began
    ");
}

#[tokio::test(start_paused = true)]
async fn a_deploy_is_not_given_up_while_ecs_is_at_it() {
    let chat = overdue(Bot::Token).await;
    chat.clicks(ADA, "abandon").await;
    chat.seconds(5).await;
    let read = chat.reads();
    let told: Vec<_> = read
        .split("\n\n")
        .filter(|part| part.contains("Only visible"))
        .collect();
    assert_snapshot!(told.join("\n\n"), @r"
    Longshore in #deploys · Only visible to you, ada
      ECS is still rolling out `webapp`, so deploy `id-1` cannot be given up yet. Press *Roll back* first (or `/deploy cancel webapp on staging`), then *Abandon* again.
    ");
    // The lease is still its own.
    chat.types(BOB, "webapp:1.0.2 to staging").await;
    chat.seconds(5).await;
    assert!(chat.reads().contains("is still under way"));
}

#[tokio::test(start_paused = true)]
async fn a_deploy_whose_service_is_gone_is_given_up_and_its_lease_is_free() {
    let chat = overdue(Bot::Token).await;
    chat.world.state().ecs.delete("staging", "webapp");
    chat.seconds(120).await;
    chat.skips();
    chat.clicks(BOB, "abandon").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      # webapp feature/signup-autocomplete@83a078a was given up on staging
      ❔ *It is not certain what runs*: look at ECS before you rely on it. @bob gave it up after 33 min, without ECS saying how it ended. Asked by @ada.
      • `webapp`: was being brought to `webapp:2`; ECS shows no rollout of it any more
      *Why:* `78 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks
      – `id-1` · 10:33 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada webapp: the deploy of version `feature/signup-autocomplete@83a078a` to staging was given up by @bob, 33 min after it began, without ECS saying how it ended
    ");
    let held = {
        let state = chat.world.state();
        let items = state.dynamodb.tables["longshore"].items().values();
        items.filter(|item| item.contains_key("holder")).count()
    };
    assert_eq!(held, 0);
}

#[tokio::test(start_paused = true)]
async fn ecss_final_event_brings_the_verdict_within_five_seconds() {
    for script in [
        Script::Slow(Duration::from_secs(500)),
        Script::CrashLoop,
        Script::Alarm,
    ] {
        let chat = Chat::new(Bot::Token).await;
        chat.script("staging", "webapp", script.clone());
        chat.types(ADA, BRANCH).await;
        let mut driver = chat.driver().deliver_events();
        driver.run_to_the_end(Duration::from_secs(3600)).await;
        chat.skips();
        let state = chat.world.state();
        let told = state
            .calls
            .iter()
            .rfind(|call| call.operation.contains("chat.postMessage"));
        let told = told.unwrap().at;
        let ended = state.ecs.newest_end("staging", "webapp").unwrap();
        let took = told.duration_since(ended);
        assert!(took.as_secs() < 5, "{script:?} took {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_left_standing_can_be_deployed_again() {
    let chat = Chat::left_standing(false).await;
    let read = chat.reads();
    assert!(read.contains("[ Roll back ] [ Retry ]"), "{read}");
    chat.types(ADA, "status webapp staging").await;
    chat.settles().await;
    let read = chat.reads();
    let unfinished = "*the last rollout of `webapp` did not finish*";
    assert!(read.contains(unfinished), "{read}");
    chat.script("staging", "webapp", Script::Happy);
    chat.clicks(ADA, "retry").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn where_ecs_goes_back_to_something_else_than_what_ran_nobody_is_told_otherwise() {
    let chat = Chat::left_standing(false).await;
    chat.skips();
    // ECS goes back to what last came up, and that is not what the plan found there.
    chat.script("staging", "webapp", Script::CrashLoop);
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    chat.settles().await;
    let read = chat.reads();
    let (_, verdict) = read.split_once("❌").unwrap();
    assert_snapshot!(verdict, @r"
    *Runs now* on `webapp`: `webapp:1`: 6 of 6 running. It failed after 34 sec. Asked by @ada.
     *Why:* `6 × app exited with code 1`
     ```starting up
     configuration key DATABASE_URL is missing
     fatal: giving up```
     log stream · tasks
     – `id-2` · 10:01 today
     [ Roll back ] [ Retry ] [ Definition diff ]
    ");
}

impl Chat {
    /// A town in which others had the rollout of 1.0.2 stopped where it stood; somebody here may have
    /// wished just before that it go back.
    async fn left_standing(cancelled: bool) -> Self {
        let chat = Self::new(Bot::NoToken).await;
        let slow = Script::Slow(Duration::from_secs(600));
        chat.script("staging", "webapp", slow);
        chat.types(ADA, "webapp:1.0.2 to staging").await;
        chat.seconds(60).await;
        let now = chat.world.now();
        if cancelled {
            chat.types(ADA, "cancel webapp on staging").await;
            chat.seconds(5).await;
        }
        let left = chat
            .world
            .state()
            .ecs
            .leave_standing(now, "staging", "webapp");
        assert!(left);
        if cancelled {
            chat.clicks(ADA, "stop_back").await;
        }
        chat.settles().await;
        chat
    }
}
