//! Rollouts that fail, each told with its cause.

use super::*;

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
      ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back after 32 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks
      – `id-1` · 10:00 today
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
      ↩️ 5a91773 runs as before, 6 of 6 running, without 1 commit (bob). ECS went back after 32 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      log stream · tasks
      – `id-1` · 10:00 today
      [ Retry ] [ Definition diff ]
    ");
}

#[tokio::test(start_paused = true)]
async fn without_a_good_revision_to_go_back_to_nothing_is_claimed() {
    for script in [Script::NoGoodRevision, Script::BreakerWithoutRollback] {
        let (_, read) = told(Bot::NoToken, &[("webapp", script.clone())], BRANCH).await;
        match script {
            Script::NoGoodRevision => assert_snapshot!(read, @r"
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
              – `id-1` · 10:00 today
              [ Roll back ] [ Retry ] [ Definition diff ]
            "),
            _ => assert_snapshot!(read, @r"
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
              – `id-1` · 10:00 today
              [ Roll back ] [ Retry ] [ Definition diff ]
            "),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn when_ecs_own_rollback_fails_too_that_is_said() {
    let (_, read) = told(Bot::NoToken, &[("webapp", Script::RollbackFails)], BRANCH).await;
    assert_snapshot!(read, @r"
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
      – `id-1` · 10:00 today
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
    assert_snapshot!(read.split("\n\n").last().unwrap(), @r"
    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      ⚠️ *Overdue*: still rolling out after its deadline. I keep watching, less often.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 432 failed, 6 old
          ⚠️ `144 × app exited with code 1`
      ⚠️ If this fails, ECS does not stop by itself: the circuit breaker of `webapp` is off.
      log stream · tasks
      – `id-1` · 2 hours, 55 min so far
      [ Keep watching ] [ Roll back ] [ Abandon ]
    ");
    chat.clicks(ADA, "stop_back").await;
    chat.settles().await;
    let read: Vec<String> = chat.reads().split("\n\n").map(str::to_owned).collect();
    assert_snapshot!(read.first().unwrap(), @r"
    Longshore in #deploys (edited)
      # Taking webapp back on staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      ⚠️ *Overdue*: still rolling out after its deadline. I keep watching, less often.
      🛑 @ada asked for it to stop; what has been started goes back.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 438 failed, 6 old
          ⚠️ `144 × app exited with code 1`
      ⚠️ If this fails, ECS does not stop by itself: the circuit breaker of `webapp` is off.
      log stream · tasks
      – `id-1` · 3 hours so far
      [ Keep watching ] [ Abandon ]
    ");
    assert_snapshot!(read[read.len() - 2..].join("\n\n"), @r"
    Longshore in #deploys (edited)
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). @ada stopped it after 3 hours. Asked by @ada.
      *Why:* `144 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks
      – `id-1` · 13:00 today
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
              ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back after 32 sec. Asked by @ada.
              *Why:* `3 × did not start: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp@sha256:3ebc682504d389d22f7c02afd…`. Likely cause: The image is not there (any more): has a lifecycle rule deleted it?
              tasks
              – `id-1` · 10:00 today
              [ Retry ] [ Definition diff ]
            "),
            _ => assert_snapshot!(read, @r"
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
              ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back after 55 sec. Asked by @ada.
              *Why:* ECS says: `was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your capacity provider.`. Likely cause: The cluster has no room for the new tasks: add capacity, or lower what they ask for.
              tasks
              – `id-1` · 10:00 today
              [ Retry ] [ Definition diff ]
            "),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_alarm_that_rolls_back_is_named() {
    let (_, read) = told(Bot::NoToken, &[("webapp", Script::Alarm)], BRANCH).await;
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a was taken back on staging
      ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back after 21 sec because of the alarm `webapp-5xx`. Asked by @ada.
      *Why:* ECS says: `deployment failed: alarm detected.`
      tasks
      – `id-1` · 10:00 today
      [ Retry ] [ Definition diff ]
    ");
}

#[tokio::test(start_paused = true)]
async fn when_the_second_service_fails_the_first_is_taken_back() {
    let scripts = [("cms-worker", Script::CrashLoop)];
    let (chat, read) = told(Bot::NoToken, &scripts, "cms:1.0.2 to staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System 1.0.2 did not come up on staging
      ↩️ 5c42316 runs as before, with all tasks, without 1 commit (bob). ECS went back after 2 min, 9 sec. Asked by @ada.
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: `cms-worker:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      *Why, `cms-worker`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `cms-worker`: log stream · tasks
      – `id-1` · 10:02 today
      [ Retry ] [ Definition diff ]
    ");
    let state = &mut *chat.world.state();
    assert_eq!(state.ecs.update_calls("staging", "cms-api"), 2);
}

#[tokio::test(start_paused = true)]
async fn when_the_first_service_fails_the_second_is_not_touched() {
    let scripts = [("cms-api", Script::CrashLoop)];
    let (chat, read) = told(Bot::NoToken, &scripts, "cms:1.0.2 to staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System 1.0.2 did not come up on staging
      ↩️ 5c42316 runs as before, with all tasks, without 1 commit (bob). ECS went back after 32 sec. Asked by @ada.
      • `cms-api`: `cms-api:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `cms-worker`: not touched
      *Why, `cms-api`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `cms-api`: log stream · tasks
      – `id-1` · 10:00 today
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
    assert_snapshot!(chat.reads(), @r"
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
      – `id-1` · 10:02 today
      [ Roll back ] [ Retry ] [ Definition diff ]
    ");
}
