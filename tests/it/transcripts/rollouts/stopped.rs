//! Rollouts that somebody stops.

use std::time::Duration;

use super::*;
use crate::town::BOB;

#[tokio::test(start_paused = true)]
async fn a_cancel_before_the_start_ends_it_there() {
    for bot in [Bot::NoToken, Bot::Token] {
        let chat = Chat::new(bot).await;
        chat.types(ADA, "webapp to production").await;
        chat.seconds(10).await;
        chat.skips();
        chat.types(BOB, "cancel webapp on production").await;
        chat.settles().await;
        match bot {
            Bot::NoToken => assert_snapshot!(chat.reads(), @r"
            Longshore in #deploys · Only visible to you, ada
              # webapp main@680af60 was cancelled on production
              🛑 @bob stopped it before anything was changed.
              – `id-1` · 10:00 today
              [ Retry ]

            Longshore in #deploys · Only visible to you, bob
              Deploy `id-1` (`webapp` to production) is to stop before it begins. If it has begun by now, it goes back to what ran before; its verdict tells.
            "),
            Bot::Token => assert_snapshot!(chat.reads(), @r"
            Longshore in #deploys · Only visible to you, ada
              # webapp main@680af60 was cancelled on production
              🛑 @bob stopped it before anything was changed.
              – `id-1` · 10:00 today
              [ Retry ]

            Longshore in #deploys · Only visible to you, bob
              Deploy `id-1` (`webapp` to production) is to stop before it begins. If it has begun by now, it goes back to what ran before; its verdict tells.
            "),
        }
        chat.assert_nothing_changed();
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancel_during_the_rollout_goes_back() {
    for bot in [Bot::NoToken, Bot::Token] {
        let chat = Chat::new(bot).await;
        chat.types(ADA, BRANCH).await;
        chat.seconds(20).await;
        chat.skips();
        chat.types(BOB, "cancel webapp on staging").await;
        chat.seconds(2).await;
        chat.clicks(BOB, "stop_back").await;
        chat.seconds(2).await;
        chat.types(ADA, "cancel webapp on staging").await;
        chat.settles().await;
        match bot {
            Bot::NoToken => assert_snapshot!(chat.reads(), @r"
            Longshore in #deploys · Only visible to you, bob
              # Stop webapp · staging?
              *Deploy `id-1` (`webapp:feature/signup-autocomplete` to staging) has begun. Stop it, and bring back what ran before it?*
              ECS brings that back, also on services that are out already; what has not begun is left alone. Without an answer it goes on.
              [ Stop and roll back ]

            Longshore in #deploys · Only visible to you, bob
              Deploy `id-1` (`webapp:feature/signup-autocomplete` to staging) is to stop and to go back to what ran before. Its verdict says how that ended.

            Longshore in #deploys · Only visible to you, ada
              @bob has asked deploy `id-1` to stop already, at 10:00 today. Wait for its verdict: it comes as soon as ECS has gone back.

            Longshore in #deploys
              # webapp feature/signup-autocomplete@83a078a was cancelled on staging
              🛑 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). @bob stopped it after 1 min, 7 sec. Asked by @ada.
              tasks
              – `id-1` · 10:01 today
              [ Retry ]
            "),
            Bot::Token => assert_snapshot!(chat.reads(), @r"
            Longshore in #deploys · Only visible to you, bob
              # Stop webapp · staging?
              *Deploy `id-1` (`webapp:feature/signup-autocomplete` to staging) has begun. Stop it, and bring back what ran before it?*
              ECS brings that back, also on services that are out already; what has not begun is left alone. Without an answer it goes on.
              [ Stop and roll back ]

            Longshore in #deploys (edited)
              # Taking webapp back on staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              It is being stopped.
              🛑 @bob asked for it to stop; what has been started goes back.
              • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
              – `id-1` · 22 sec so far

            Longshore in #deploys · Only visible to you, ada
              @bob has asked deploy `id-1` to stop already, at 10:00 today. Wait for its verdict: it comes as soon as ECS has gone back.

            Longshore in #deploys (edited)
              # Taking webapp back on staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              It is being stopped.
              🛑 @bob asked for it to stop; what has been started goes back.
              • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
              – `id-1` · 36 sec so far

            Longshore in #deploys (edited)
              # Taking webapp back on staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              It is being stopped.
              🛑 @bob asked for it to stop; what has been started goes back.
              • `webapp`: rolling out; ECS has not counted its tasks yet
              – `id-1` · 48 sec so far

            Longshore in #deploys (edited)
              # webapp feature/signup-autocomplete@83a078a was cancelled on staging
              🛑 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). @bob stopped it after 1 min, 15 sec. Asked by @ada.
              tasks
              – `id-1` · 10:01 today
              [ Retry ]

            Longshore in #deploys, in a thread
              @ada webapp: the deploy of version `feature/signup-autocomplete@83a078a` to staging was cancelled by @bob, 1 min, 15 sec after it began
            "),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_cancel_button_does_the_same() {
    let chat = Chat::new(Bot::Token).await;
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.seconds(60).await;
    chat.skips();
    chat.clicks(ADA, "cancel").await;
    chat.seconds(3).await;
    chat.clicks(ADA, "stop_back").await;
    chat.settles().await;
    let read: Vec<String> = chat.reads().split("\n\n").map(str::to_owned).collect();
    assert_snapshot!(read[read.len() - 2..].join("\n\n"), @r"
    Longshore in #deploys (edited)
      # Content Management System 1.0.2 was cancelled on staging
      🛑 5c42316 runs as before, with all tasks, without 1 commit (bob). @ada stopped it after 2 min, 52 sec. Asked by @ada.
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: stopped, and back on what ran before
      `cms-worker`: tasks
      – `id-1` · 10:02 today
      [ Retry ]

    Longshore in #deploys, in a thread
      @ada Content Management System: the deploy of version 1.0.2 to staging was cancelled by @ada, 2 min, 52 sec after it began
    ");
}

#[tokio::test(start_paused = true)]
async fn of_two_services_the_fate_of_each_is_told() {
    let mut table = String::new();
    for script in [
        Script::NoGoodRevision,
        Script::BreakerWithoutRollback,
        Script::ImagePullError,
        Script::Foreign,
        Script::StaleReads,
        Script::BetweenPolls,
        Script::ScaledToZero,
        Script::Slow(Duration::from_secs(20 * 60)),
    ] {
        let scripts = [("cms-worker", script.clone())];
        let (_, read) = told(Bot::Token, &scripts, "cms:1.0.2 to staging").await;
        let verdict = read.split("\n\n").filter(|said| said.contains("(edited)"));
        let verdict = verdict.last().unwrap();
        let lines = verdict.lines().filter(|line| {
            line.contains(" Content Management System: ")
                || line.starts_with("  *Not certain")
                || line.starts_with("  *No tasks")
                || line.starts_with("  *Runs")
                || line.starts_with("  • `cms-")
        });
        table += &format!("{script:?}\n{}\n\n", lines.collect::<Vec<_>>().join("\n"));
    }
    assert_snapshot!(table, @"
    NoGoodRevision
      *Runs now* on `cms-worker`: `cms-worker:2` (1.0.2): 0 of 6 running, 6 failed; `cms-worker:1` (5c42316): 6 running
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: `cms-worker:2` failed: `No rollback candidate was found to run the rollback.`

    BreakerWithoutRollback
      *Runs now* on `cms-worker`: `cms-worker:2` (1.0.2): 0 of 6 running, 6 failed; `cms-worker:1` (5c42316): 6 running
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: `cms-worker:2` failed: `Service deployment stopped because the circuit breaker threshold was exceeded.`

    ImagePullError
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: `cms-worker:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`

    Foreign
      *Runs now* on `cms-worker`: `cms-worker:3`: 6 of 6 running
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: another rollout, not Longshore's, replaced `cms-worker:2`

    StaleReads


    BetweenPolls
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: `cms-worker:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`

    ScaledToZero
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: on `cms-worker:2`; no tasks run: the desired count is 0

    Slow(1200s)
    ");
}

#[tokio::test(start_paused = true)]
async fn two_services_without_a_breaker_stay_overdue() {
    let chat = Chat::new(Bot::Token).await;
    chat.script("staging", "cms-worker", Script::BreakerOff);
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.seconds(2 * 3600).await;
    let read = chat.reads();
    assert_eq!(read.matches(" is overdue. It began").count(), 1, "{read}");
    assert_snapshot!(read.split("\n\n").last().unwrap(), @r"
    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      ⚠️ *Overdue*: still rolling out after its deadline. I keep watching, less often.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ░░░░░░░░░░ 0 of 6 running, 288 failed, 6 old
          ⚠️ `144 × app exited with code 1`
      ⚠️ If this fails, ECS does not stop by itself: the circuit breaker of `cms-worker` is off.
      `cms-worker`: log stream · tasks
      – `id-1` · 1 hour, 55 min so far
      [ Keep watching ] [ Roll back ] [ Abandon ]
    ");
    chat.clicks(ADA, "stop_back").await;
    chat.settles().await;
    let read = chat.reads();
    assert_snapshot!(read.split("\n\n").last().unwrap(), @r"
    Longshore in #deploys, in a thread
      @ada Content Management System: the deploy of version 1.0.2 to staging was cancelled by @ada, 2 hours, 1 min after it began
    ");
    let ecs = &mut chat.world.state().ecs;
    assert_eq!(
        ecs.update_calls("staging", "cms-api"),
        2,
        "the first one is taken back"
    );
}

/// The first service has new tasks of the same revision: there is nothing to take back, and ECS would
/// start no rollout for it.
#[tokio::test(start_paused = true)]
async fn a_restart_of_two_services_can_be_cancelled_after_the_first() {
    let chat = Chat::new(Bot::Token).await;
    chat.types(ADA, "restart cms on staging").await;
    chat.seconds(55).await;
    chat.types(ADA, "cancel cms on staging").await;
    chat.seconds(2).await;
    chat.clicks(ADA, "stop_back").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("the restart on staging was cancelled by @ada"),
        "{read}"
    );
    let updates = chat.world.state().ecs.update_calls("staging", "cms-api");
    assert_eq!(updates, 1, "a restart is not undone by another rollout");
}
