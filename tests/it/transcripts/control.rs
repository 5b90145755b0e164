//! In control of a rollout: every strategy watched, pauses answered, rollouts stopped and given up.

use std::time::Duration;

use insta::assert_snapshot;
use longshore_sim::ecs::Script;
use serde_json::json;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, EVE};

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
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    blue/green · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC
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
    linear · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:07 UTC
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:07 UTC
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    linear · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:07 UTC
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
    canary · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · baking: the old tasks stay, in case it has to go back · 100 % of the traffic on the new tasks · bakes until about 2026-03-02 09:06 UTC · alarms watched: `webapp-5xx`
    • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
    canary · stopping the old tasks · 100 % of the traffic on the new tasks · alarms watched: `webapp-5xx`
    Longshore in #deploys, in a thread
      @ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 6 min, 14 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_pauses_asks_on_its_card_and_goes_on_when_somebody_says_so() {
    let chat = playing(Bot::Token, Script::Pause, 90).await;
    chat.skips();
    chat.seconds(600).await;
    let read = chat.reads();
    assert_snapshot!(read.split("\n\n").last().unwrap(), @r"
    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
          rolling update · the new tasks run
      ✋ *`webapp` waits for a person:* the new tasks run. If nobody answers until 2026-03-02 09:30 UTC, ECS goes back to what ran before by itself.
      [ Continue ] [ Roll back ]
      – `id-1` · 10 min, 48 sec so far
      [ Cancel ]
    ");
    chat.clicks(BOB, "pause_continue").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
          rolling update · the new tasks run
      ✋ *`webapp` waits for a person:* the new tasks run. If nobody answers until 2026-03-02 09:30 UTC, ECS goes back to what ran before by itself. @bob pressed *Continue*.
      – `id-1` · 11 min, 30 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 11 min, 48 sec. Asked by @ada.
      – `id-1` · 2026-03-02 09:11 UTC
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 11 min, 48 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn without_a_token_a_pause_is_a_post_of_its_own() {
    let chat = playing(Bot::NoToken, Script::Pause, 30).await;
    chat.skips();
    chat.seconds(60).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying webapp to staging
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
          rolling update · the new tasks run
      ✋ *`webapp` waits for a person:* the new tasks run. If nobody answers until 2026-03-02 09:30 UTC, ECS goes back to what ran before by itself.
      [ Continue ] [ Roll back ]
      – Deploy `id-1`
    ");
    chat.clicks(BOB, "pause_continue").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      The pause of `webapp` in deploy `id-1` (the new tasks run): @bob pressed *Continue* at 2026-03-02 09:01 UTC.

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 1 min, 43 sec. Asked by @ada.
      – `id-1` · 2026-03-02 09:01 UTC
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_answered_with_a_rollback() {
    let chat = playing(Bot::NoToken, Script::BlueGreenPause, 90).await;
    chat.skips();
    chat.clicks(BOB, "pause_back").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys (edited)
      The pause of `webapp` in deploy `id-1` (the new tasks get the test traffic): @bob pressed *Roll back* at 2026-03-02 09:01 UTC.

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running. @bob stopped it after 2 min, 6 sec. Asked by @ada.
      tasks
      – `id-1` · 2026-03-02 09:02 UTC
      [ Retry ]
    ");
    let state = chat.world.state();
    let answers = state
        .calls
        .iter()
        .filter(|call| call.operation == "ContinueServiceDeployment");
    let said: Vec<_> = answers.map(|call| call.request["action"].clone()).collect();
    assert_eq!(said, ["ROLLBACK"]);
    assert!(
        state
            .calls
            .iter()
            .all(|call| call.operation != "StopServiceDeployment")
    );
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_nobody_answers_goes_back_and_later_clicks_are_told_so() {
    let chat = playing(Bot::Token, Script::Pause, 90).await;
    chat.skips();
    chat.seconds(29 * 60).await;
    let now = chat.world.now();
    let late = chat
        .world
        .state()
        .slack
        .click_newest(now, BOB, "pause_continue")
        .unwrap();
    chat.skips();
    chat.seconds(120).await;
    let read = chat.reads();
    let ended: Vec<_> = read.split("\n\n").collect();
    assert_snapshot!(ended[ended.len() - 2..].join("\n\n"), @r"
    Longshore in #deploys (edited)
      # webapp feature/signup-autocomplete@83a078a was taken back on staging
      ↩️ 5a91773 runs as before, 6 of 6 running. Nobody answered its pause in time, so ECS went back after 31 min, 41 sec. Asked by @ada.
      tasks
      – `id-1` · 2026-03-02 09:31 UTC
      [ Retry ] [ Definition diff ]

    Longshore in #deploys, in a thread
      @ada webapp: nobody answered a pause of the deploy of version `feature/signup-autocomplete@83a078a` to staging in time, so ECS rolled it back, 31 min, 41 sec after it began
    ");
    chat.posts(&late).await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, bob
      That pause of deploy `id-1` ran out before anybody answered, so ECS went back to what ran before. Nothing was changed by this click; `/deploy show id-1` tells how it goes on.
    ");
}

/// Between ECS's end of a pause and Longshore's next look at it, a click is taken and comes to nothing.
#[tokio::test(start_paused = true)]
async fn a_click_that_ecs_finds_too_late_is_told_so() {
    let chat = Chat::new(Bot::NoToken).await;
    let hooks = json!({ "lifecycleHooks": [{
        "targetType": "PAUSE",
        "lifecycleStages": ["PRE_SCALE_UP"],
        "timeoutConfiguration": { "timeoutInMinutes": 5, "action": "CONTINUE" },
    }] });
    chat.world
        .state()
        .ecs
        .configure("staging", "webapp", &hooks)
        .unwrap();
    chat.types(ADA, BRANCH).await;
    chat.seconds(60).await;
    let now = chat.world.now();
    let ends = now + jiff::SignedDuration::from_secs(246);
    while chat.world.now() < ends {
        chat.seconds(1).await;
        if chat.world.state().ecs.pauses("staging", "webapp") == 0 {
            break;
        }
    }
    chat.skips();
    chat.clicks(BOB, "pause_back").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      @ada webapp: nobody answered the pause of `webapp` in deploy `id-1` (about to start the new tasks) in time, so ECS went on by itself.

    Longshore in #deploys (edited)
      The pause of `webapp` in deploy `id-1` (about to start the new tasks): nobody answered in time, so ECS went on by itself.

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 8 sec. Asked by @ada.
      – `id-1` · 2026-03-02 09:06 UTC
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_ecs_goes_on_from_by_itself_is_told() {
    for bot in [Bot::NoToken, Bot::Token] {
        let chat = Chat::new(bot).await;
        let hooks = json!({ "lifecycleHooks": [{
            "targetType": "PAUSE",
            "lifecycleStages": ["PRE_SCALE_UP"],
            "timeoutConfiguration": { "timeoutInMinutes": 5, "action": "CONTINUE" },
        }] });
        chat.world
            .state()
            .ecs
            .configure("staging", "webapp", &hooks)
            .unwrap();
        chat.types(ADA, BRANCH).await;
        chat.seconds(30).await;
        chat.skips();
        chat.settles().await;
        match bot {
            Bot::NoToken => assert_snapshot!(chat.reads(), @r"
            Longshore in #deploys
              @ada webapp: nobody answered the pause of `webapp` in deploy `id-1` (about to start the new tasks) in time, so ECS went on by itself.

            Longshore in #deploys
              # webapp feature/signup-autocomplete@83a078a runs on staging
              ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 8 sec. Asked by @ada.
              – `id-1` · 2026-03-02 09:06 UTC
              [ Roll back ]
            "),
            Bot::Token => assert_snapshot!(chat.reads(), @r"
            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: rolling out; ECS has not counted its tasks yet
                  rolling update · about to start the new tasks
              ✋ *`webapp` waits for a person:* about to start the new tasks. If nobody answers until 2026-03-02 09:05 UTC, ECS goes on by itself.
              [ Continue ] [ Roll back ]
              – `id-1` · 1 min, 3 sec so far
              [ Cancel ]

            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: rolling out; ECS has not counted its tasks yet
                  rolling update · about to start the new tasks
              ✋ *`webapp` waits for a person:* about to start the new tasks. If nobody answers until 2026-03-02 09:05 UTC, ECS goes on by itself.
              [ Continue ] [ Roll back ]
              – `id-1` · 2 min, 3 sec so far
              [ Cancel ]

            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: rolling out; ECS has not counted its tasks yet
                  rolling update · about to start the new tasks
              ✋ *`webapp` waits for a person:* about to start the new tasks. If nobody answers until 2026-03-02 09:05 UTC, ECS goes on by itself.
              [ Continue ] [ Roll back ]
              – `id-1` · 3 min, 3 sec so far
              [ Cancel ]

            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: rolling out; ECS has not counted its tasks yet
                  rolling update · about to start the new tasks
              ✋ *`webapp` waits for a person:* about to start the new tasks. If nobody answers until 2026-03-02 09:05 UTC, ECS goes on by itself.
              [ Continue ] [ Roll back ]
              – `id-1` · 4 min, 3 sec so far
              [ Cancel ]

            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: rolling out; ECS has not counted its tasks yet
                  rolling update · about to start the new tasks
              – `id-1` · 5 min, 3 sec so far
              [ Cancel ]

            Longshore in #deploys, in a thread
              @ada webapp: nobody answered the pause of `webapp` in deploy `id-1` (about to start the new tasks) in time, so ECS went on by itself.

            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
                  rolling update · starting the new tasks
              – `id-1` · 5 min, 23 sec so far
              [ Cancel ]

            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
                  rolling update · stopping the old tasks
              – `id-1` · 5 min, 43 sec so far
              [ Cancel ]

            Longshore in #deploys (edited)
              # webapp feature/signup-autocomplete@83a078a runs on staging
              ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 4 sec. Asked by @ada.
              – `id-1` · 2026-03-02 09:06 UTC
              [ Roll back ]

            Longshore in #deploys, in a thread
              @ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 6 min, 4 sec
            "),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_who_answer_the_first_counts_and_the_second_is_told_who_it_was() {
    let chat = playing(Bot::Token, Script::BlueGreenPause, 90).await;
    chat.skips();
    chat.clicks(BOB, "pause_continue").await;
    chat.clicks(ADA, "pause_back").await;
    chat.settles().await;
    let read = chat.reads();
    let told: Vec<_> = read
        .split("\n\n")
        .filter(|part| part.contains("Only visible"))
        .collect();
    assert_snapshot!(told.join("\n\n"), @r"
    Longshore in #deploys · Only visible to you, ada
      @bob has let it go on already, at 2 Mar 09:01 UTC, and the first answer stands. `/deploy status` shows how it goes on.
    ");
    assert!(read.contains("deployed version"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn two_pauses_of_one_rollout_have_their_own_buttons() {
    let chat = playing(Bot::NoToken, Script::TwoPauses, 90).await;
    chat.skips();
    let now = chat.world.now();
    let first = chat
        .world
        .state()
        .slack
        .click_newest(now, BOB, "pause_continue")
        .unwrap();
    let late = chat
        .world
        .state()
        .slack
        .click_newest(now, ADA, "pause_back")
        .unwrap();
    chat.posts(&first).await;
    chat.seconds(90).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      The pause of `webapp` in deploy `id-1` (the new tasks get the test traffic): @bob pressed *Continue* at 2026-03-02 09:01 UTC.

    Longshore in #deploys
      # Deploying webapp to staging
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
          blue/green · the new tasks get the production traffic · 100 % of the traffic on the new tasks
      ✋ *`webapp` waits for a person:* the new tasks get the production traffic. If nobody answers until 2026-03-03 09:01 UTC, ECS goes back to what ran before by itself.
      [ Continue ] [ Roll back ]
      – Deploy `id-1`
    ");
    // The first pause's button does not answer the second.
    chat.posts(&late).await;
    chat.seconds(5).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      @bob has let it go on already, at 2 Mar 09:01 UTC, and the first answer stands. `/deploy status` shows how it goes on.
    ");
    let again = chat
        .world
        .state()
        .slack
        .click_newest(chat.world.now(), ADA, "pause_back")
        .unwrap();
    chat.posts(&again).await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys (edited)
      The pause of `webapp` in deploy `id-1` (the new tasks get the production traffic): @ada pressed *Roll back* at 2026-03-02 09:03 UTC.

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running. @ada stopped it after 3 min, 49 sec. Asked by @ada.
      tasks
      – `id-1` · 2026-03-02 09:03 UTC
      [ Retry ]
    ");
}

#[tokio::test(start_paused = true)]
async fn only_who_may_deploy_there_answers_a_pause() {
    let chat = Chat::new(Bot::Token).await;
    chat.script("production", "webapp", Script::BlueGreenPause);
    chat.types(ADA, "webapp to production").await;
    chat.seconds(10).await;
    chat.clicks(ADA, "confirm").await;
    chat.seconds(90).await;
    chat.skips();
    for button in ["pause_continue", "pause_back"] {
        chat.clicks(EVE, button).await;
    }
    chat.seconds(20).await;
    let read = chat.reads();
    let told: Vec<_> = read
        .split("\n\n")
        .filter(|part| part.contains("Only visible"))
        .collect();
    assert_snapshot!(told.join("\n\n"), @r"
    Longshore in #deploys · Only visible to you, eve
      You may not answer a pause of webapp in production. The team of webapp may; ask @ada or @bob, and they can do it for you.

    Longshore in #deploys · Only visible to you, eve
      You may not cancel a deploy of webapp in production. Ask @ada, @bob or @root.
    ");
    chat.clicks(BOB, "pause_continue").await;
    chat.settles().await;
    assert!(chat.reads().contains("deployed version"));
}

#[tokio::test(start_paused = true)]
async fn a_pause_answered_in_the_console_is_no_longer_asked_about() {
    let chat = playing(Bot::Token, Script::BlueGreenPause, 90).await;
    let now = chat.world.now();
    assert!(
        chat.world
            .state()
            .ecs
            .answer_pauses(now, "staging", "webapp", true)
    );
    // Somebody still sees the buttons.
    let click = chat
        .world
        .state()
        .slack
        .click_newest(now, BOB, "pause_back")
        .unwrap();
    chat.seconds(70).await;
    chat.skips();
    chat.posts(&click).await;
    chat.settles().await;
    let read = chat.reads();
    let told: Vec<_> = read
        .split("\n\n")
        .filter(|part| part.contains("Only visible"))
        .collect();
    assert_snapshot!(told.join("\n\n"), @r"
    Longshore in #deploys · Only visible to you, bob
      That pause of deploy `id-1` is over: it was answered outside of Longshore, or its rollout has ended. Nothing was changed by this click; `/deploy show id-1` tells how it goes on.
    ");
    assert!(read.contains("deployed version"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_a_person_does_not_make_a_deploy_overdue() {
    let chat = playing(Bot::Token, Script::BlueGreenPause, 3 * 3600).await;
    assert!(!chat.reads().contains("Overdue"));
    chat.clicks(ADA, "pause_continue").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        !read.contains("Overdue") && read.contains("deployed version"),
        "{read}"
    );
    let id = chat.newest_deploy();
    chat.types(ADA, &format!("show {id}")).await;
    let shown = chat.reads();
    assert_snapshot!(shown.lines().last().unwrap(), @r"  • `webapp` paused (the new tasks get the test traffic): @ada pressed *Continue* at 2026-03-02 12:00 UTC");
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
    assert_snapshot!(told.join("\n\n"), @"
    Longshore in #deploys · Only visible to you, ada
      Deploy `id-1` is not given up: ECS is still rolling out `webapp`, and nobody else could change it safely. Press *Roll back* first (or `/deploy cancel webapp on staging`), then *Abandon* again if it is still wanted.
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
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys (edited)
      # webapp feature/signup-autocomplete@83a078a was given up on staging
      ❔ *It is not certain what runs*: look at ECS before you rely on it. @bob gave it up after 33 min, without ECS saying how it ended. Asked by @ada.
      • `webapp`: was being brought to `webapp:2`; ECS shows no rollout of it any more
      *Why:* `78 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks
      – `id-1` · 2026-03-02 09:33 UTC
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
async fn a_pause_is_told_within_five_seconds_of_its_event() {
    let chat = playing(Bot::Token, Script::BlueGreenPause, 1).await;
    let mut driver = chat.driver().deliver_events();
    for _ in 0..120 {
        driver.run_for(Duration::from_secs(1)).await;
        if chat.world.state().ecs.pauses("staging", "webapp") > 0 {
            driver.run_for(Duration::from_secs(4)).await;
            let read = chat.reads();
            assert!(read.contains("waits for a person"), "{read}");
            return;
        }
    }
    panic!("it never paused");
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
    assert_snapshot!(verdict, @"
    *Runs now* on `webapp`: `webapp:1`: 6 of 6 running. It failed after 34 sec. Asked by @ada.
     *Why:* `6 × app exited with code 1`
     ```starting up
     configuration key DATABASE_URL is missing
     fatal: giving up```
     log stream · tasks
     – `id-2` · 2026-03-02 09:01 UTC
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
