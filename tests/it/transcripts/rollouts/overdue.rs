//! Rollouts that take longer than they may, and who can still be told.

use std::time::Duration;

use super::*;
use crate::town::BOB;

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
    assert_snapshot!(chat.reads(), @r"
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
      – `id-1` · 10:31 today
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
    assert_snapshot!(chat.reads(), @r"
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
      – `id-1` · 11:05 today
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
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy id-1: webapp · staging
      *webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 1 hour, 5 min*
      │ *Asked for*: `webapp:feature/signup-autocomplete` to staging
      │ *By*: @ada at 10:00 today
      │ *Where it is*: succeeded
      │ *Time*: started 10:00 today, less than a second after it was asked for; ended 11:05 today, took 1 hour, 5 min from its start
      │ *Confirmed*: was not asked for
      │ *Told*: *the verdict could not be delivered to anybody*
      │ *From*: 5a91773
      │ *To*: `feature/signup-autocomplete@83a078a`
      │ *Configuration*: version 1
      │ *Commit*: `83a078a1815a22fc5edc4e5024b8239b204a32b8`
      │ *Commits*: 2 commits (ada, bob)
      │ *Image*: `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp@sha256:3ebc682504d389d22f7c02afd9e0388e3b4abd13891e40f57ff898e3f5a06749`
      │ *Cluster*: `staging` in eu-west-1, account `222222222222`
      • `webapp`: runs `webapp:2`; lease fence 1
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
      – `id-1` · 11:05 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 1 hour, 5 min
    ");
}
