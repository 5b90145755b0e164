//! Where several applications do not go out together: one fails, is busy, or may not be deployed.

use longshore_sim::ecs::Script;

use super::*;
use crate::town::{EVE, ROOT};

#[tokio::test(start_paused = true)]
async fn where_one_fails_all_of_them_go_back() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("staging", "cms-worker", Script::CrashLoop);
    chat.types(ADA, "webapp:1.0.2,cms:1.0.2 to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, commit `680af60`, `webapp`, digest `48a55179e67c`
      • *Content Management System*: 5c42316 → *1.0.2*, commit `283fc73`, `cms`, digest `32451332ce17`
      One after the other: `webapp`, `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp and Content Management System 1.0.2 did not come up on staging
      ↩️ ECS went back after 3 min, 54 sec. Asked by @ada.
      5a91773 runs as before on `webapp`, 6 of 6 running
      5c42316 runs as before on `cms-api`, `cms-worker`, with all tasks
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      • `webapp`: had come up; runs what ran before
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: `cms-worker:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      *Why, `cms-worker`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `cms-worker`: log stream · tasks
      – `id-1` · 10:03 today
      [ Retry ] [ Definition diff ]
    ");
    // The button asks the same of both once more.
    chat.script("staging", "cms-worker", Script::Happy);
    chat.clicks(ADA, "retry").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying webapp and Content Management System to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, commit `680af60`, `webapp`, digest `48a55179e67c`
      • *Content Management System*: 5c42316 → *1.0.2*, commit `283fc73`, `cms`, digest `32451332ce17`
      One after the other: `webapp`, `cms-api`, `cms-worker`
      – Deploy `id-2`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp and Content Management System run 1.0.2 on staging
      ✅ Done in 2 min, 27 sec. Asked by @ada.
      • *webapp*: 5a91773 → *1.0.2*, 1 commit (bob)
      • *Content Management System*: 5c42316 → *1.0.2*, 1 commit (bob)
      – `id-2` · 10:06 today
      [ Roll back ]
    ");
    // And so does the way back.
    chat.clicks(ADA, "rollback").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Rolling back webapp and Content Management System on staging
      Asked by @ada.
      • *webapp*: 1.0.2 → *5a91773*, without 1 commit (bob)
      • *Content Management System*: 1.0.2 → *5c42316*, without 1 commit (bob)
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because `1.0.2` was deployed just now.
      Goes back to 5c42316, as it was found running when Longshore first looked, 10:00 today. It is not live any more because `1.0.2` was deployed just now.
      One after the other: `webapp`, `cms-api`, `cms-worker`
      – Deploy `id-3`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp and Content Management System rolled back on staging
      ✅ Done in 2 min, 30 sec. Asked by @ada.
      • *webapp*: 1.0.2 → *5a91773*, without 1 commit (bob)
      • *Content Management System*: 1.0.2 → *5c42316*, without 1 commit (bob)
      – The next deploy brings back what was taken away, unless it was mended or reverted first. `/deploy history staging` lists what ran.
      – `id-3` · 10:08 today
      [ Deploy 1.0.2 again ]
    ");
}

#[tokio::test(start_paused = true)]
async fn either_there_is_a_plan_for_all_or_nothing_is_started() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main,cms:1.0.99 to staging").await;
    chat.settles().await;
    chat.types(ADA, "webapp:mian,cms:1.0.99 to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:main, cms:1.0.99 were refused on staging
      ⛔ Nothing was started.
      cms: There is no commit, tag, branch or image called `1.0.99` in `acme/cms` and `111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms`. Check the spelling, or deploy one of the 3 newest there (`5c423167bb3203608c9…`, pushed 10:00 today): `/deploy cms:5c423167bb3203608c967efd671f8b3fc62ac37d to staging`
      – `id-1` · 10:00 today

    Longshore in #deploys · Only visible to you, ada
      # webapp:mian, cms:1.0.99 were refused on staging
      ⛔ Nothing was started.
      webapp: There is no commit, tag, branch or image called `mian` in `acme/webapp` and `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp`. Did you mean `main`?
      cms: There is no commit, tag, branch or image called `1.0.99` in `acme/cms` and `111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms`. Check the spelling, or deploy one of the 3 newest there (`5c423167bb3203608c9…`, pushed 10:00 today): `/deploy cms:5c423167bb3203608c967efd671f8b3fc62ac37d to staging`
      – `id-2` · 10:00 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn who_may_not_deploy_one_of_them_may_deploy_none() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.push(&apart()).await;
    chat.seconds(61).await;
    chat.types(EVE, "cms,webapp to production").await;
    chat.types(ADA, "webapp,webapp to production").await;
    chat.types(ADA, "webapp,cmss to production").await;
    chat.types(ADA, "rollback webapp,cms on production").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      You may not deploy webapp to production. The team of webapp may. Ask @ada or @bob, and they can do it for you.

    Longshore in #deploys · Only visible to you, ada
      `webapp` is named twice; say once what is to run of it. Did you mean `/deploy webapp to production`?

    Longshore in #deploys · Only visible to you, ada
      `cmss` is not an application. Did you mean `/deploy webapp,cms to production`?

    Longshore in #deploys · Only visible to you, ada
      You may not roll back cms on production. The team of cms may. Ask @eve, and they can do it for you.
    ");
    assert_eq!(chat.deploys(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_of_either_stops_all() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:1.0.2,cms:1.0.2 to production")
        .await;
    chat.seconds(10).await;
    chat.skips();
    chat.types(ADA, "cancel cms on production").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp and Content Management System 1.0.2 were cancelled on production
      🛑 @ada stopped it before anything was changed.
      – `id-1` · 10:00 today
      [ Retry ]
    ");
    chat.assert_nothing_changed();
    chat.types(ADA, "cancel webapp on production").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      No deploy of `webapp` to production is under way, so there is nothing to cancel. To undo the last one: `/deploy rollback webapp on production`.
    ");
}

#[tokio::test(start_paused = true)]
async fn a_busy_application_holds_up_all() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.seconds(12).await;
    chat.skips();
    chat.types(ADA, "webapp:1.0.2,cms:main to staging").await;
    chat.seconds(5).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:1.0.2, cms:main were refused on staging
      ⛔ Nothing was started.
      cms: Deploy `id-1` of `cms` to staging is still under way. You asked for it at 10:00 today. Wait for its verdict, or stop it: `/deploy cancel cms on staging`.
      – `id-2` · 10:00 today
    ");
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_right_on_one_of_them_is_none_on_all() {
    let chat = Chat::empty(Bot::Token).await;
    chat.push(&apart()).await;
    chat.script("production", "webapp", Script::BlueGreenPause);
    // Root may deploy both; Eve is of the team of one of them.
    chat.types(ROOT, "webapp:1.0.2,cms:1.0.2 to production")
        .await;
    let id = chat.newest_deploy();
    chat.seconds(10).await;
    chat.clicks(ROOT, "confirm").await;
    chat.seconds(120).await;
    chat.skips();
    for button in ["pause_continue", "pause_back", "cancel"] {
        chat.clicks(EVE, button).await;
        chat.seconds(5).await;
    }
    for command in [
        "cancel cms on production",
        "cancel webapp on production",
        "rollback cms on production",
    ] {
        chat.types(EVE, command).await;
        chat.seconds(5).await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      You may not answer a pause of webapp on production. The team of webapp may. Ask @ada or @bob, and they can do it for you.

    Longshore in #deploys · Only visible to you, eve
      You may not cancel a deploy of webapp to production. Ask @root, @ada or @bob.

    Longshore in #deploys · Only visible to you, eve
      You may not cancel a deploy of webapp to production. Ask @root, @ada or @bob.

    Longshore in #deploys · Only visible to you, eve
      You may not cancel a deploy of webapp to production. Ask @root, @ada or @bob.

    Longshore in #deploys · Only visible to you, eve
      You may not cancel a deploy of webapp to production. Ask @root, @ada or @bob.

    Longshore in #deploys · Only visible to you, eve
      # The rollback of cms was refused on production
      ⛔ Nothing was started.
      Deploy `id-1` of `webapp` to production is still under way. @root asked for it at 10:00 today. Wait for its verdict, or stop it: `/deploy cancel webapp on production`. If you may not, ask @root.
      – `id-2` · 10:02 today
    ");
    assert_eq!(chat.deploy(&id).await.cancel, None);
    chat.clicks(ROOT, "pause_back").await;
    chat.settles().await;
    chat.skips();
    chat.clicks(EVE, "retry").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      You may not deploy webapp to production. The team of webapp may. Ask @ada or @bob, and they can do it for you.
    ");
}
