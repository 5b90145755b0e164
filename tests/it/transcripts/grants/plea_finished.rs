//! What an admin said yes to is finished: however long Slack puts the announcement off, whoever stops the deploy
//! meanwhile, and whatever has changed since the question was put.

use longshore_sim::fault::{Faults, Kind, Matcher};

use super::plea::{asking, live, looked, pleads};
use super::*;

/// What is posted where rights are announced.
fn announcements() -> Matcher {
    Matcher::operation("slack", "POST /api/chat.postMessage").about(MANAGEMENT)
}

/// A press is heard for a quarter of an hour, and what it set going goes on after that.
#[tokio::test(start_paused = true)]
async fn a_yes_counts_however_long_its_announcement_is_put_off() {
    let chat = asking().await;
    pleads(&chat).await;
    chat.world
        .state()
        .faults
        .plan(announcements(), Kind::TimedOut);
    chat.clicks(BOB, "allow_once").await;
    chat.passes(Duration::from_secs(20 * 60)).await;
    let read = chat.reads();
    assert!(!read.contains("You may deploy that by now"), "{read}");
    assert!(
        read.contains("@bob allowed @eve `cms:1.0.2` to production, once."),
        "{read}"
    );
    assert_eq!((on_record(&chat).len(), live(&chat)), (1, 1));
    chat.clicks(EVE, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("runs on production"), "{read}");
    assert_eq!(live(&chat), 0);
}

#[tokio::test(start_paused = true)]
async fn a_right_for_longer_is_told_where_it_was_asked_for_if_nowhere_else() {
    for announces in [true, false] {
        let chat = match announces {
            true => asking().await,
            false => {
                let chat = announcing().await;
                let announce = format!(", announce = {MANAGEMENT:?}");
                let config = CONFIG.replacen(
                    "admins = [\"U0ROOT001\"]",
                    &format!("admins = [\"U0ROOT001\", {BOB:?}]"),
                    1,
                );
                assert!(!config.contains(&announce));
                chat.push(&config).await;
                looked(chat).await
            }
        };
        pleads(&chat).await;
        chat.world
            .state()
            .faults
            .plan(announcements(), Kind::TimedOut);
        chat.clicks(BOB, "allow_until").await;
        chat.passes(Duration::from_secs(20 * 60)).await;
        let read = chat.reads();
        let told = "Longshore in #deploys\n  :key: @bob lets @eve deploy cms to production until";
        assert_eq!(read.matches(told).count(), 1, "{announces}: {read}");
        chat.clicks(EVE, "decline").await;
        chat.settles().await;
        chat.skips();
    }
}

#[tokio::test(start_paused = true)]
async fn a_right_is_told_of_although_its_deploy_is_withdrawn() {
    let chat = asking().await;
    pleads(&chat).await;
    chat.world
        .state()
        .faults
        .plan(announcements(), Kind::TimedOut);
    chat.clicks(BOB, "allow_until").await;
    chat.seconds(15).await;
    assert_eq!((on_record(&chat).len(), live(&chat)), (1, 1));
    assert!(!chat.reads().contains("lets @eve"));
    chat.clicks(EVE, "cancel").await;
    chat.seconds(30).await;
    chat.world.state().faults = Faults::default();
    chat.passes(Duration::from_secs(300)).await;
    let read = chat.reads();
    let told = "Longshore in #management\n  :key: @bob lets @eve deploy cms to production until";
    assert_eq!(read.matches(told).count(), 1, "{read}");
    assert!(
        read.contains("and whatever else they deploy there"),
        "{read}"
    );
    assert_eq!((updates(&chat), live(&chat)), (0, 1));
}

/// A town whose production asks nobody to confirm.
async fn unasked() -> Chat {
    let chat = announcing().await;
    let admins = format!("admins = [\"U0ROOT001\", {BOB:?}], announce = {MANAGEMENT:?}");
    let config = CONFIG
        .replacen("admins = [\"U0ROOT001\"]", &admins, 1)
        .replacen("confirm  = true", "confirm  = false", 1);
    assert!(config.contains(&admins) && !config.contains("= true"));
    chat.push(&config).await;
    looked(chat).await
}

#[tokio::test(start_paused = true)]
async fn the_plan_that_the_admin_saw_starts_by_the_yes_where_nobody_confirms() {
    let chat = unasked().await;
    pleads(&chat).await;
    chat.clicks(BOB, "allow_until").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("runs on production"), "{read}");
    assert!(!read.contains("[ Confirm ]"), "{read}");
    assert_eq!(updates(&chat), 2);
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_nobody_saw_is_asked_about_whatever_the_environment_asks() {
    let chat = unasked().await;
    pleads(&chat).await;
    // Ada deploys something else there meanwhile.
    let typed = "cms:feature/signup-autocomplete to production";
    chat.types(ADA, typed).await;
    chat.passes(Duration::from_secs(300)).await;
    chat.skips();
    let before = updates(&chat);
    assert_eq!(before, 2);
    chat.clicks(BOB, "allow_until").await;
    chat.passes(Duration::from_secs(120)).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #management
      :key: @bob lets @eve deploy cms to production until 19:00 Mar 6.

    Longshore in @bob (edited)
      @bob allowed @eve `cms:1.0.2` to production, and whatever else they deploy there until 19:00 Mar 6.

    Longshore in #deploys · Only visible to you, eve
      # Deploy Content Management System 1.0.2 to production?
      What runs on production has changed since the question for deploy `id-1` was put, so nothing was started. Here is the plan as it is now.
      feature/signup-autocomplete@677e2bc → *1.0.2*
      Commit `283fc73`, `cms`, digest `32451332ce17`
      • `cms-api`: `cms-api:2` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:2` → a copy with the new image; 6 tasks wanted
      *Commits:* ⚠️ goes back, takes away 1 commit · compare
      ```677e2bc Complete addresses (ada)```
      – `id-1` · asked by @eve · stands until 10:22 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    assert_eq!(updates(&chat), before);
    chat.clicks(EVE, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("runs on production"), "{read}");
    assert_eq!(updates(&chat), before + 2);
}
