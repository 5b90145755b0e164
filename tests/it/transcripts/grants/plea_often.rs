//! Asking an admin again and again: how often within an hour, and how many questions stand at once.

use super::plea::{asking, pleads};
use super::*;

/// Eve takes her newest question back.
async fn withdraws(chat: &Chat) {
    chat.clicks(EVE, "cancel").await;
    chat.seconds(20).await;
    let read = chat.reads();
    assert!(read.contains("does not ask for"), "{read}");
}

/// What was asked outside for plans.
fn looked_up(chat: &Chat) -> usize {
    let state = chat.world.state();
    let calls = state.calls.iter();
    let outside = ["ecr", "ecs", "github"];
    calls.filter(|call| outside.contains(&call.service)).count()
}

#[tokio::test(start_paused = true)]
async fn a_fourth_within_an_hour_is_told_when_the_next_is_possible_and_plans_nothing() {
    let chat = asking().await;
    for _ in 0..3 {
        pleads(&chat).await;
        withdraws(&chat).await;
    }
    let before = looked_up(&chat);
    assert_snapshot!(pleads(&chat).await, @r"
    Longshore in #deploys · Only visible to you, eve
      # You have no right to this
      You may not deploy cms to production. The team of cms may. Ask @ada or @bob, and they can do it for you.
      [ Ask @bob ] [ Ask @root ]

    Longshore in #deploys · Only visible to you, eve
      # cms:1.0.2 was refused on production
      ⛔ Nothing was started.
      You have asked three times within an hour, and nobody asks more often. Ask again after 11:02 today, or write to an admin.
      – `id-4` · 10:04 today
    ");
    assert_eq!(looked_up(&chat), before);
    chat.passes(Duration::from_secs(3_600)).await;
    chat.skips();
    let read = pleads(&chat).await;
    assert!(read.contains("@bob was asked"), "{read}");
    withdraws(&chat).await;
}

#[tokio::test(start_paused = true)]
async fn three_questions_stand_at_once_and_no_fourth_also_after_the_hour() {
    let chat = asking().await;
    for _ in 0..3 {
        pleads(&chat).await;
    }
    chat.passes(Duration::from_secs(3_700)).await;
    chat.skips();
    let before = looked_up(&chat);
    assert_snapshot!(pleads(&chat).await, @r"
    Longshore in #deploys · Only visible to you, eve
      # You have no right to this
      You may not deploy cms to production. The team of cms may. Ask @ada or @bob, and they can do it for you.
      [ Ask @bob ] [ Ask @root ]

    Longshore in #deploys · Only visible to you, eve
      # cms:1.0.2 was refused on production
      ⛔ Nothing was started.
      You have 3 deploys open on production, and nobody has more there at once:
      • `cms:1.0.2`, deploy `id-1`
      • `cms:1.0.2`, deploy `id-2`
      • `cms:1.0.2`, deploy `id-3`
      Answer them, wait until one ends, or stop one: `/deploy cancel cms on production`. Rolling back is always possible.
      – `id-4` · 11:04 today
    ");
    assert_eq!(looked_up(&chat), before);
    withdraws(&chat).await;
    let read = pleads(&chat).await;
    assert!(read.contains("@bob was asked"), "{read}");
    chat.passes(A_DAY).await;
    chat.skips();
}
