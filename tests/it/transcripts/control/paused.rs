//! Rollouts that pause and ask on their card.

use serde_json::json;

use super::*;
use crate::town::EVE;

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
      – `id-1` · 10 min, 48 sec so far
      ✋ *`webapp` waits for a person:* the new tasks run. If nobody answers until 10:30 today, ECS goes back to what ran before by itself.
      [ Continue ] [ Roll back ]
    ");
    chat.clicks(BOB, "pause_continue").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
          rolling update · the new tasks run
      – `id-1` · 11 min, 30 sec so far
      ✋ *`webapp` paused:* the new tasks run. @bob pressed *Continue*.
      [ Cancel ]

    Longshore in #deploys (edited)
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 11 min, 48 sec. Asked by @ada.
      – `id-1` · 10:11 today
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
      – Deploy `id-1`
      ✋ *`webapp` waits for a person:* the new tasks run. If nobody answers until 10:30 today, ECS goes back to what ran before by itself.
      [ Continue ] [ Roll back ]
    ");
    chat.clicks(BOB, "pause_continue").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      The pause of `webapp` in deploy `id-1` (the new tasks run): @bob pressed *Continue*, 10:01 today.

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 1 min, 43 sec. Asked by @ada.
      – `id-1` · 10:01 today
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_answered_with_a_rollback() {
    let chat = playing(Bot::NoToken, Script::BlueGreenPause, 90).await;
    chat.skips();
    chat.clicks(BOB, "pause_back").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      The pause of `webapp` in deploy `id-1` (the new tasks get the test traffic): @bob pressed *Roll back*, 10:01 today.

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). @bob stopped it after 2 min, 6 sec. Asked by @ada.
      tasks
      – `id-1` · 10:02 today
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
      ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). Nobody answered its pause in time, so ECS went back after 31 min, 41 sec. Asked by @ada.
      tasks
      – `id-1` · 10:31 today
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
      – `id-1` · 10:06 today
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
              – `id-1` · 10:06 today
              [ Roll back ]
            "),
            Bot::Token => assert_snapshot!(chat.reads(), @r"
            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: rolling out; ECS has not counted its tasks yet
                  rolling update · about to start the new tasks
              – `id-1` · 1 min, 3 sec so far
              ✋ *`webapp` waits for a person:* about to start the new tasks. If nobody answers until 10:05 today, ECS goes on by itself.
              [ Continue ] [ Roll back ]

            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: rolling out; ECS has not counted its tasks yet
                  rolling update · about to start the new tasks
              – `id-1` · 2 min, 3 sec so far
              ✋ *`webapp` waits for a person:* about to start the new tasks. If nobody answers until 10:05 today, ECS goes on by itself.
              [ Continue ] [ Roll back ]

            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: rolling out; ECS has not counted its tasks yet
                  rolling update · about to start the new tasks
              – `id-1` · 3 min, 3 sec so far
              ✋ *`webapp` waits for a person:* about to start the new tasks. If nobody answers until 10:05 today, ECS goes on by itself.
              [ Continue ] [ Roll back ]

            Longshore in #deploys (edited)
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              • `webapp`: rolling out; ECS has not counted its tasks yet
                  rolling update · about to start the new tasks
              – `id-1` · 4 min, 3 sec so far
              ✋ *`webapp` waits for a person:* about to start the new tasks. If nobody answers until 10:05 today, ECS goes on by itself.
              [ Continue ] [ Roll back ]

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
              – `id-1` · 10:06 today
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
      @bob has let it go on already, at 10:01 today, and the first answer stands. `webapp` waits at a newer pause: answer that one, with the newest buttons.
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
      The pause of `webapp` in deploy `id-1` (the new tasks get the test traffic): @bob pressed *Continue*, 10:01 today.

    Longshore in #deploys
      # Deploying webapp to staging
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
          blue/green · the new tasks get the production traffic · 100 % of the traffic on the new tasks
      – Deploy `id-1`
      ✋ *`webapp` waits for a person:* the new tasks get the production traffic. If nobody answers until 10:01 tomorrow, ECS goes back to what ran before by itself.
      [ Continue ] [ Roll back ]
    ");
    // The first pause's button does not answer the second.
    chat.posts(&late).await;
    chat.seconds(5).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      @bob has let it go on already, at 10:01 today, and the first answer stands. `webapp` waits at a newer pause: answer that one, with the newest buttons.
    ");
    let again = chat
        .world
        .state()
        .slack
        .click_newest(chat.world.now(), ADA, "pause_back")
        .unwrap();
    chat.posts(&again).await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      The pause of `webapp` in deploy `id-1` (the new tasks get the production traffic): @ada pressed *Roll back*, 10:03 today.

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). @ada stopped it after 3 min, 49 sec. Asked by @ada.
      tasks
      – `id-1` · 10:03 today
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
      You may not cancel a deploy of webapp to production. Ask @ada, @bob or @root.

    Longshore in #deploys · Only visible to you, eve
      You may not answer a pause of webapp on production. The team of webapp may. Ask @ada or @bob, and they can do it for you.
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
    assert_snapshot!(shown.lines().last().unwrap(), @"  • `webapp` paused (the new tasks get the test traffic): @ada pressed *Continue* at 13:00 today");
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
