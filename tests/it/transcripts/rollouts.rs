//! Rollouts as ECS may play them, and what people are told of each: the truth, when it is known.

mod failing;
mod overdue;
mod stopped;

use insta::assert_snapshot;
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, Bot};

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
      – `id-1` · 10:00 today
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn with_a_bot_token_one_card_is_kept_current_and_the_thread_says_how_it_ended() {
    let (_, read) = told(Bot::Token, &[], BRANCH).await;
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      Starting.
      • `webapp`: about to start
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
      – `id-1` · 10:00 today
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
      – `id-1` · 10:01 today
      [ Roll back ]
    ");
    let state = &mut *chat.world.state();
    assert_eq!(state.ecs.update_calls("staging", "cms-api"), 1);
    assert_eq!(state.ecs.update_calls("staging", "cms-worker"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_somebody_else_overtakes_is_superseded() {
    let (_, read) = told(Bot::NoToken, &[("webapp", Script::Foreign)], BRANCH).await;
    assert_snapshot!(read, @r"
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
      – `id-1` · 10:00 today
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
      – `id-1` · 10:00 today
      [ Roll back ]
    ");
    assert_eq!(chat.world.state().ecs.update_calls("staging", "webapp"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_rolled_back_between_two_looks_never_succeeded() {
    let (_, read) = told(Bot::NoToken, &[("webapp", Script::BetweenPolls)], BRANCH).await;
    assert!(!read.contains("✅ "), "{read}");
    assert_snapshot!(read, @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *feature/signup-autocomplete@83a078a*, 2 commits (ada, bob). Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back after 10 sec. Asked by @ada.
      *Why:* ECS says: `deployment failed: tasks failed to start.`
      tasks
      – `id-1` · 10:00 today
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
      – `id-1` · 10:00 today
      [ Roll back ]
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
      – `id-1` · 10:01 today
    ");
    let state = chat.world.state();
    let registered = state
        .calls
        .iter()
        .filter(|call| call.operation == "RegisterTaskDefinition");
    assert_eq!(registered.count(), 0);
}
