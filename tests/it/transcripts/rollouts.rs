//! Rollouts as ECS may play them, and what people are told of each: the truth, when it is known.

use std::time::Duration;

use insta::assert_snapshot;
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, BOB, Bot};

const BRANCH: &str = "webapp:feature/signup-autocomplete to staging";

async fn told(bot: Bot, scripts: &[(&str, Script)], typed: &str) -> (Chat, String) {
    let chat = Chat::new(bot).await;
    for (service, script) in scripts {
        chat.script("staging", service, script.clone());
    }
    chat.types(ADA, typed).await;
    chat.settles().await;
    let read = chat.reads();
    (chat, read)
}

#[tokio::test(start_paused = true)]
async fn a_branch_goes_to_staging() {
    let (_, read) = told(Bot::NoToken, &[], BRANCH).await;
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 43 sec. Asked by @ada.
      – `id-1` · 2026-03-02 09:00 UTC
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn with_a_bot_token_one_card_is_kept_current_and_the_thread_says_how_it_ended() {
    let (_, read) = told(Bot::Token, &[], BRANCH).await;
    assert_snapshot!(read, @"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      Starting.
      • `webapp`: waits for its turn
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 14 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 36 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 48 sec. Asked by @ada.
      – `id-1` · 2026-03-02 09:00 UTC
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 48 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn two_services_are_rolled_out_one_after_the_other() {
    let (chat, read) = told(Bot::NoToken, &[], "cms:1.0.2 to staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System 1.0.2 runs on staging
      ✅ 5c42316 → 1.0.2, 1 commit (bob), in 1 min, 22 sec. Asked by @ada.
      – `id-1` · 2026-03-02 09:01 UTC
      [ Roll back ]
    ");
    let state = &mut *chat.world.state();
    assert_eq!(state.ecs.update_calls("staging", "cms-api"), 1);
    assert_eq!(state.ecs.update_calls("staging", "cms-worker"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rollout_of_31_minutes_is_told_overdue_once_and_its_verdict_arrives() {
    let slow = Script::Slow(Duration::from_secs(31 * 60));
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("staging", "webapp", slow.clone());
    chat.types(ADA, BRANCH).await;
    chat.seconds(60).await;
    chat.skips();
    chat.seconds(25 * 60).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying webapp to staging
      ⏳ webapp: version `feature/signup-autocomplete@83a078a`, deploy `id-1` to staging, is still rolling out after 25 min. Slack lets me answer here for five more minutes only: press *Keep me posted* to hear how it ends.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      [ Keep me posted ]
    ");
    chat.clicks(BOB, "keep_posted").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys · Only visible to you, bob
      I keep posting here about version `feature/signup-autocomplete@83a078a`, deploy `id-1`, for another half hour.

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a is overdue on staging
      ⚠️ @ada webapp: version `feature/signup-autocomplete@83a078a`, deploy `id-1` to staging, is overdue. It began 30 min, 19 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      tasks
      [ Keep watching ] [ Roll back ] [ Abandon ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 31 min, 17 sec. Asked by @ada.
      – `id-1` · 2026-03-02 09:31 UTC
      [ Roll back ]
    ");

    let (_, read) = told(Bot::Token, &[("webapp", slow)], BRANCH).await;
    assert_eq!(read.matches(" is overdue. It began").count(), 1, "{read}");
    assert_snapshot!(read.split("\n\n").last().unwrap(), @r"
    Longshore in #deploys, in a thread
      @ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 31 min, 23 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn who_presses_too_late_is_told_that_it_has_ended() {
    let chat = Chat::new(Bot::NoToken).await;
    let slow = Script::Slow(Duration::from_secs(31 * 60));
    chat.script("staging", "webapp", slow);
    chat.types(ADA, BRANCH).await;
    chat.settles().await;
    chat.skips();
    chat.clicks(BOB, "keep_posted").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, bob
      Deploy `id-1` has ended already: succeeded. `/deploy show id-1` tells how.
    ");
}

#[tokio::test(start_paused = true)]
async fn who_keeps_being_posted_hears_how_it_ends_after_65_minutes() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script(
        "staging",
        "webapp",
        Script::Slow(Duration::from_secs(65 * 60)),
    );
    chat.types(ADA, BRANCH).await;
    chat.seconds(26 * 60).await;
    chat.skips();
    chat.clicks(BOB, "keep_posted").await;
    chat.seconds(60).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, bob
      I keep posting here about version `feature/signup-autocomplete@83a078a`, deploy `id-1`, for another half hour.
    ");
    chat.seconds(25 * 60).await;
    chat.clicks(ADA, "keep_posted").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a is overdue on staging
      ⚠️ @ada webapp: version `feature/signup-autocomplete@83a078a`, deploy `id-1` to staging, is overdue. It began 30 min, 19 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      tasks
      [ Keep watching ] [ Roll back ] [ Abandon ]

    Longshore in #deploys
      # Deploying webapp to staging
      ⏳ webapp: version `feature/signup-autocomplete@83a078a`, deploy `id-1` to staging, is still rolling out after 51 min. Slack lets me answer here for five more minutes only: press *Keep me posted* to hear how it ends.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      [ Keep me posted ]

    Longshore in #deploys · Only visible to you, ada
      I keep posting here about version `feature/signup-autocomplete@83a078a`, deploy `id-1`, for another half hour.

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 1 hour, 5 min. Asked by @ada.
      – `id-1` · 2026-03-02 10:05 UTC
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn after_65_minutes_nobody_can_be_told_without_a_token_and_the_record_says_so() {
    let slow = Script::Slow(Duration::from_secs(65 * 60));
    let (chat, read) = told(Bot::NoToken, &[("webapp", slow)], BRANCH).await;
    assert!(!read.contains("✅ "), "{read}");
    chat.types(ADA, &format!("show {}", chat.newest_deploy()))
        .await;
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys · Only visible to you, ada
      # Deploy id-1: webapp · staging
      *webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 1 hour, 5 min*
      │ *Deploy*: `id-1`
      │ *Asked for*: `webapp:feature/signup-autocomplete` to staging
      │ *By*: @ada at 2026-03-02 09:00 UTC
      │ *Where it is*: succeeded
      │ *Time*: started 2026-03-02 09:00 UTC, less than a second after it was asked for; ended 2026-03-02 10:05 UTC, took 1 hour, 5 min from its start
      │ *Confirmed*: was not asked for
      │ *Told*: *the verdict could not be delivered to anybody*
      │ *From*: 5a91773
      │ *To*: `feature/signup-autocomplete@83a078a`
      │ *Configuration*: version 1
      │ *Commit*: `83a078a1815a22fc5edc4e5024b8239b204a32b8`
      │ *Image*: `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp@sha256:3ebc682504d389d22f7c02afd9e0388e3b4abd13891e40f57ff898e3f5a06749`
      │ *Cluster*: `staging` in eu-west-1, account `222222222222`
      • `webapp`: runs `webapp:2`; revision `webapp:2`; lease fence 1
    ");
}

#[tokio::test(start_paused = true)]
async fn with_a_bot_token_a_verdict_after_65_minutes_arrives() {
    let slow = Script::Slow(Duration::from_secs(65 * 60));
    let (_, read) = told(Bot::Token, &[("webapp", slow)], BRANCH).await;
    assert_eq!(read.matches(" is overdue. It began").count(), 1, "{read}");
    let last: Vec<_> = read.split("\n\n").collect();
    assert_snapshot!(last[last.len() - 2..].join("\n\n"), @r"
    Longshore in #deploys (edited)
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 1 hour, 5 min. Asked by @ada.
      – `id-1` · 2026-03-02 10:05 UTC
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 1 hour, 5 min
    ");
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_that_ecs_rolls_back_is_told_with_exit_code_and_log() {
    let (_, read) = told(Bot::NoToken, &[("webapp", Script::CrashLoop)], BRANCH).await;
    let card = read.split("\n\n").last().unwrap();
    assert!(card.lines().count() <= 12, "too long to be read: {card}");
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 32 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks
      – `id-1` · 2026-03-02 09:00 UTC
      [ Retry ] [ Definition diff ]
    ");
}

#[tokio::test(start_paused = true)]
async fn in_production_the_log_is_a_link() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("production", "webapp", Script::CrashLoop);
    chat.types(ADA, "webapp to production").await;
    chat.seconds(10).await;
    chat.clicks(ADA, "confirm").await;
    chat.skips();
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      @ada confirmed `webapp` to production, deploy `id-1`.

    Longshore in #deploys
      # Deploying webapp to production
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp main@680af60 did not come up on production
      ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 32 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      log stream · tasks
      – `id-1` · 2026-03-02 09:00 UTC
      [ Retry ] [ Definition diff ]
    ");
}

#[tokio::test(start_paused = true)]
async fn without_a_good_revision_to_go_back_to_nothing_is_claimed() {
    for script in [Script::NoGoodRevision, Script::BreakerWithoutRollback] {
        let (_, read) = told(Bot::NoToken, &[("webapp", script.clone())], BRANCH).await;
        match script {
            Script::NoGoodRevision => assert_snapshot!(read, @"
            Longshore in #deploys
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              – Deploy `id-1`. I post here again when it has ended.
              [ Cancel ]

            Longshore in #deploys
              # webapp feature/signup-autocomplete@83a078a failed on staging
              ❌ *Runs now* on `webapp`: `webapp:2` (`feature/signup-autocomplete@83a078a`): 0 of 6 running, 6 failed; `webapp:1` (5a91773): 6 running. It failed after 21 sec. Asked by @ada.
              *Why:* `6 × app exited with code 1`
              ```starting up
              configuration key DATABASE_URL is missing
              fatal: giving up```
              log stream · tasks
              – `id-1` · 2026-03-02 09:00 UTC
              [ Roll back ] [ Retry ] [ Definition diff ]
            "),
            _ => assert_snapshot!(read, @"
            Longshore in #deploys
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              – Deploy `id-1`. I post here again when it has ended.
              [ Cancel ]

            Longshore in #deploys
              # webapp feature/signup-autocomplete@83a078a failed on staging
              ❌ *Runs now* on `webapp`: `webapp:2` (`feature/signup-autocomplete@83a078a`): 0 of 6 running, 6 failed; `webapp:1` (5a91773): 6 running. It failed after 21 sec. Asked by @ada.
              *Why:* `6 × app exited with code 1`
              ```starting up
              configuration key DATABASE_URL is missing
              fatal: giving up```
              log stream · tasks
              – `id-1` · 2026-03-02 09:00 UTC
              [ Roll back ] [ Retry ] [ Definition diff ]
            "),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn when_ecs_own_rollback_fails_too_that_is_said() {
    let (_, read) = told(Bot::NoToken, &[("webapp", Script::RollbackFails)], BRANCH).await;
    assert_snapshot!(read, @"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a failed on staging
      ❌ *Runs now* on `webapp`: `webapp:1` (5a91773): 3 of 6 running, 3 failed. It failed after 32 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks
      – `id-1` · 2026-03-02 09:00 UTC
      [ Roll back ] [ Retry ] [ Definition diff ]
    ");
}

#[tokio::test(start_paused = true)]
async fn without_a_breaker_it_is_overdue_and_not_ended_until_somebody_cancels() {
    let chat = Chat::new(Bot::Token).await;
    chat.script("staging", "webapp", Script::BreakerOff);
    chat.types(ADA, BRANCH).await;
    chat.seconds(3 * 3600).await;
    let read = chat.reads();
    assert_eq!(read.matches(" is overdue. It began").count(), 1, "{read}");
    for verdict in ["Succeeded", "Rolled back", "Failed", "Cancelled"] {
        assert!(!read.contains(verdict), "{read}");
    }
    assert_snapshot!(read.split("\n\n").last().unwrap(), @"
    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      ⚠️ *Overdue*: still rolling out after its deadline. I keep watching, less often.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 432 failed, 6 old
          ⚠️ `144 × app exited with code 1`
      ⚠️ The circuit breaker of `webapp` is off: if its tasks keep failing, ECS goes on starting them, and the rollout does not end by itself.
      log stream · tasks
      – `id-1` · 2 hours, 55 min so far
      [ Keep watching ] [ Roll back ] [ Abandon ]
    ");
    chat.clicks(ADA, "stop_back").await;
    chat.settles().await;
    let read: Vec<String> = chat.reads().split("\n\n").map(str::to_owned).collect();
    assert_snapshot!(read.first().unwrap(), @"
    Longshore in #deploys (edited)
      # Taking webapp back on staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      ⚠️ *Overdue*: still rolling out after its deadline. I keep watching, less often.
      🛑 @ada asked for it to stop; what has been started goes back.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 438 failed, 6 old
          ⚠️ `144 × app exited with code 1`
      ⚠️ The circuit breaker of `webapp` is off: if its tasks keep failing, ECS goes on starting them, and the rollout does not end by itself.
      log stream · tasks
      – `id-1` · 3 hours so far
      [ Keep watching ] [ Abandon ]
    ");
    assert_snapshot!(read[read.len() - 2..].join("\n\n"), @"
    Longshore in #deploys (edited)
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running. @ada stopped it after 3 hours. Asked by @ada.
      *Why:* `144 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks
      – `id-1` · 2026-03-02 12:00 UTC
      [ Retry ]

    Longshore in #deploys, in a thread
      @ada webapp: the deploy of version `feature/signup-autocomplete@83a078a` to staging was cancelled by @ada, 3 hours after it began
    ");
}

#[tokio::test(start_paused = true)]
async fn tasks_that_die_uncounted_are_overdue_too() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("staging", "webapp", Script::UncountedDeaths);
    chat.types(ADA, BRANCH).await;
    chat.seconds(28 * 60).await;
    chat.clicks(ADA, "keep_posted").await;
    chat.seconds(12 * 60).await;
    let read = chat.reads();
    assert_eq!(read.matches(" is overdue. It began").count(), 1, "{read}");
    assert!(!read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn an_image_that_cannot_be_pulled_and_tasks_that_cannot_be_placed_are_explained() {
    for script in [Script::ImagePullError, Script::UnableToPlace] {
        let (_, read) = told(Bot::NoToken, &[("webapp", script.clone())], BRANCH).await;
        match script {
            Script::ImagePullError => assert_snapshot!(read, @r"
            Longshore in #deploys
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              – Deploy `id-1`. I post here again when it has ended.
              [ Cancel ]

            Longshore in #deploys
              # webapp feature/signup-autocomplete@83a078a did not come up on staging
              ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 32 sec. Asked by @ada.
              *Why:* `3 × did not start: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp@sha256:3ebc682504d389d22f7c02afd…`. Likely cause: The image is not there (any more): has a lifecycle rule deleted it?
              tasks
              – `id-1` · 2026-03-02 09:00 UTC
              [ Retry ] [ Definition diff ]
            "),
            _ => assert_snapshot!(read, @"
            Longshore in #deploys
              # Deploying webapp to staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              – Deploy `id-1`. I post here again when it has ended.
              [ Cancel ]

            Longshore in #deploys
              # webapp feature/signup-autocomplete@83a078a keeps failing on staging
              ⚠️ @ada webapp: deploy `id-1` to staging fails while it rolls out, and ECS goes on trying. *Roll back* stops the rollout and goes back to what ran before.
              • `webapp`: ░░░░░░░░░░ 0 of 6 running, 1 failed, 6 old
                  ⚠️ Likely cause: The cluster has no room for the new tasks: add capacity, or lower what they ask for. ECS says: `was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your capacity provider.`
              tasks
              [ Roll back ]

            Longshore in #deploys
              # webapp feature/signup-autocomplete@83a078a did not come up on staging
              ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 55 sec. Asked by @ada.
              *Why:* ECS says: `was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your capacity provider.`. Likely cause: The cluster has no room for the new tasks: add capacity, or lower what they ask for.
              tasks
              – `id-1` · 2026-03-02 09:00 UTC
              [ Retry ] [ Definition diff ]
            "),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_alarm_that_rolls_back_is_named() {
    let (_, read) = told(Bot::NoToken, &[("webapp", Script::Alarm)], BRANCH).await;
    assert_snapshot!(read, @"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a was taken back on staging
      ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 21 sec because of the alarm `webapp-5xx`. Asked by @ada.
      *Why:* ECS says: `deployment failed: alarm detected.`
      tasks
      – `id-1` · 2026-03-02 09:00 UTC
      [ Retry ] [ Definition diff ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_somebody_else_overtakes_is_superseded() {
    let (_, read) = told(Bot::NoToken, &[("webapp", Script::Foreign)], BRANCH).await;
    assert_snapshot!(read, @"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a was superseded on staging
      ⚠️ *Runs now* on `webapp`: `webapp:3`: 0 of 6 running; `webapp:2` (`feature/signup-autocomplete@83a078a`): 6 running; `webapp:1` (5a91773): 6 running. Another rollout, not Longshore's, took its place after 21 sec. Asked by @ada.
      *Why:* Somebody else rolled out webapp:3 meanwhile.
      tasks
      – `id-1` · 2026-03-02 09:00 UTC
    ");
}

#[tokio::test(start_paused = true)]
async fn stale_reads_do_not_deceive() {
    let (chat, read) = told(Bot::NoToken, &[("webapp", Script::StaleReads)], BRANCH).await;
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 43 sec. Asked by @ada.
      – `id-1` · 2026-03-02 09:00 UTC
      [ Roll back ]
    ");
    assert_eq!(chat.world.state().ecs.update_calls("staging", "webapp"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_rolled_back_between_two_looks_never_succeeded() {
    let (_, read) = told(Bot::NoToken, &[("webapp", Script::BetweenPolls)], BRANCH).await;
    assert!(!read.contains("✅ "), "{read}");
    assert_snapshot!(read, @"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running. ECS went back after 10 sec. Asked by @ada.
      *Why:* ECS says: `deployment failed: tasks failed to start.`
      tasks
      – `id-1` · 2026-03-02 09:00 UTC
      [ Retry ] [ Definition diff ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_service_scaled_to_zero_succeeds_without_a_task_and_that_is_said() {
    let (_, read) = told(Bot::NoToken, &[("webapp", Script::ScaledToZero)], BRANCH).await;
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a is set on staging, and no tasks run
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 21 sec. No tasks run: the desired count is 0; `feature/signup-autocomplete@83a078a` is what would start. Asked by @ada.
      – `id-1` · 2026-03-02 09:00 UTC
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn when_the_second_service_fails_the_first_is_taken_back() {
    let scripts = [("cms-worker", Script::CrashLoop)];
    let (chat, read) = told(Bot::NoToken, &scripts, "cms:1.0.2 to staging").await;
    assert_snapshot!(read, @"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System 1.0.2 did not come up on staging
      ↩️ 5c42316 runs as before, with all tasks. ECS went back after 2 min, 9 sec. Asked by @ada.
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: `cms-worker:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      *Why, `cms-worker`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `cms-worker`: log stream · tasks
      – `id-1` · 2026-03-02 09:02 UTC
      [ Retry ] [ Definition diff ]
    ");
    let state = &mut *chat.world.state();
    assert_eq!(state.ecs.update_calls("staging", "cms-api"), 2);
}

#[tokio::test(start_paused = true)]
async fn when_the_first_service_fails_the_second_is_not_touched() {
    let scripts = [("cms-api", Script::CrashLoop)];
    let (chat, read) = told(Bot::NoToken, &scripts, "cms:1.0.2 to staging").await;
    assert_snapshot!(read, @"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System 1.0.2 did not come up on staging
      ↩️ 5c42316 runs as before, with all tasks. ECS went back after 32 sec. Asked by @ada.
      • `cms-api`: `cms-api:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `cms-worker`: not touched
      *Why, `cms-api`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `cms-api`: log stream · tasks
      – `id-1` · 2026-03-02 09:00 UTC
      [ Retry ] [ Definition diff ]
    ");
    assert_eq!(
        chat.world.state().ecs.update_calls("staging", "cms-worker"),
        0
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_way_back_fails_as_well_the_card_says_it_for_each_service() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("staging", "cms-worker", Script::CrashLoop);
    let now = chat.world.now();
    {
        let ecs = &mut chat.world.state().ecs;
        ecs.add_script(now, "staging", "cms-api", &Script::Happy);
        ecs.add_script(now, "staging", "cms-api", &Script::CrashLoop);
    }
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System 1.0.2 failed on staging
      ❌ It failed after 2 min, 9 sec. Asked by @ada.
      5c42316 runs as before on `cms-worker`, 6 of 6 running
      *Runs now* on `cms-api`: `cms-api:2` (1.0.2): 6 of 6 running
      *Why:* cms-api: Service deployment rolled back because the circuit breaker threshold was exceeded.
      • `cms-api`: had come up; taking it back did not work
      • `cms-worker`: `cms-worker:2` did not come up; ECS rolled it back
      *Why, `cms-worker`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `cms-worker`: log stream · tasks
      – `id-1` · 2026-03-02 09:02 UTC
      [ Roll back ] [ Retry ] [ Definition diff ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_restart_replaces_the_tasks_of_the_same_revision() {
    let (chat, read) = told(Bot::NoToken, &[], "restart cms on staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Restarting Content Management System on staging
      5c42316. Asked by @ada.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System restarted on staging
      ✅ 5c42316, in 1 min, 22 sec. Asked by @ada.
      – `id-1` · 2026-03-02 09:01 UTC
    ");
    let state = chat.world.state();
    let registered = state
        .calls
        .iter()
        .filter(|call| call.operation == "RegisterTaskDefinition");
    assert_eq!(registered.count(), 0);
}

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
              – `id-1` · 2026-03-02 09:00 UTC
              [ Retry ]

            Longshore in #deploys · Only visible to you, bob
              Asked deploy `id-1` (`webapp` to production) to stop before it begins. If it has begun by now, it goes back to what ran before. Its verdict says how that ended.
            "),
            Bot::Token => assert_snapshot!(chat.reads(), @r"
            Longshore in #deploys · Only visible to you, ada
              # webapp main@680af60 was cancelled on production
              🛑 @bob stopped it before anything was changed.
              – `id-1` · 2026-03-02 09:00 UTC
              [ Retry ]

            Longshore in #deploys · Only visible to you, bob
              Asked deploy `id-1` (`webapp` to production) to stop before it begins. If it has begun by now, it goes back to what ran before. Its verdict says how that ended.
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
            Bot::NoToken => assert_snapshot!(chat.reads(), @"
            Longshore in #deploys · Only visible to you, bob
              # Stop and roll back webapp · staging?
              *Shall deploy `id-1` (`webapp:feature/signup-autocomplete` to staging) stop and go back? It has begun.*
              *Roll back*: ECS brings back what ran before, services that are out already follow, and what has not begun is left alone.
              [ Roll back ]

            Longshore in #deploys · Only visible to you, bob
              Asked deploy `id-1` (`webapp:feature/signup-autocomplete` to staging) to stop. What it has not begun, it leaves alone; what it has begun goes back to what ran before. Its verdict says how that ended.

            Longshore in #deploys · Only visible to you, ada
              @bob has asked deploy `id-1` to stop already, at 2 Mar 09:00 UTC. Wait for its verdict: it comes as soon as ECS has gone back.

            Longshore in #deploys
              # webapp feature/signup-autocomplete@83a078a was cancelled on staging
              🛑 5a91773 runs as before, 6 of 6 running. @bob stopped it after 1 min, 7 sec. Asked by @ada.
              tasks
              – `id-1` · 2026-03-02 09:01 UTC
              [ Retry ]
            "),
            Bot::Token => assert_snapshot!(chat.reads(), @"
            Longshore in #deploys · Only visible to you, bob
              # Stop and roll back webapp · staging?
              *Shall deploy `id-1` (`webapp:feature/signup-autocomplete` to staging) stop and go back? It has begun.*
              *Roll back*: ECS brings back what ran before, services that are out already follow, and what has not begun is left alone.
              [ Roll back ]

            Longshore in #deploys (edited)
              # Taking webapp back on staging
              5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
              It is being stopped.
              🛑 @bob asked for it to stop; what has been started goes back.
              • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
              – `id-1` · 22 sec so far

            Longshore in #deploys · Only visible to you, ada
              @bob has asked deploy `id-1` to stop already, at 2 Mar 09:00 UTC. Wait for its verdict: it comes as soon as ECS has gone back.

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
              🛑 5a91773 runs as before, 6 of 6 running. @bob stopped it after 1 min, 15 sec. Asked by @ada.
              tasks
              – `id-1` · 2026-03-02 09:01 UTC
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
    assert_snapshot!(read[read.len() - 2..].join("\n\n"), @"
    Longshore in #deploys (edited)
      # Content Management System 1.0.2 was cancelled on staging
      🛑 5c42316 runs as before, with all tasks. @ada stopped it after 2 min, 52 sec. Asked by @ada.
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: stopped, and back on what ran before: `Service deployment rolled back because of a stop request.`
      `cms-worker`: tasks
      – `id-1` · 2026-03-02 09:02 UTC
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
    assert_snapshot!(read.split("\n\n").last().unwrap(), @"
    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      ⚠️ *Overdue*: still rolling out after its deadline. I keep watching, less often.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ░░░░░░░░░░ 0 of 6 running, 288 failed, 6 old
          ⚠️ `144 × app exited with code 1`
      ⚠️ The circuit breaker of `cms-worker` is off: if its tasks keep failing, ECS goes on starting them, and the rollout does not end by itself.
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
