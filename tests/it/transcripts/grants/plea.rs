//! A refusal of a right is a way on: an admin is asked, and allows it once, until Friday, or not at all.

use longshore_sim::fault::{Kind, Matcher};

use super::*;

const DEPLOY: &str = "cms:1.0.2 to production";

/// A town whose sweep has written down whom the bot can ask.
pub(super) async fn asking() -> Chat {
    looked(announcing().await).await
}

/// The same of another town.
pub(super) async fn looked(chat: Chat) -> Chat {
    chat.passes(Duration::from_secs(120)).await;
    chat.skips();
    chat
}

/// Eve, who may not deploy there, asks an admin.
pub(super) async fn pleads(chat: &Chat) -> String {
    chat.types(EVE, DEPLOY).await;
    chat.seconds(3).await;
    chat.clicks(EVE, "plead").await;
    chat.seconds(20).await;
    chat.reads()
}

/// The rights that stand in the table.
pub(super) fn live(chat: &Chat) -> usize {
    let state = chat.world.state();
    let items = state.dynamodb.tables["longshore"].items();
    let grants = items.iter().filter(|((pk, _), _)| pk == "RIGHTS");
    grants
        .filter(|((_, sk), item)| !sk.starts_with('!') && item.contains_key("body"))
        .count()
}

#[tokio::test(start_paused = true)]
async fn what_is_allowed_once_is_deployed_once() {
    let chat = asking().await;
    assert_snapshot!(pleads(&chat).await, @r"
    Longshore in #deploys · Only visible to you, eve
      # You have no right to this
      You may not deploy cms to production. The team of cms may. Ask @ada or @bob, and they can do it for you.
      [ Ask @bob ] [ Ask @root ]

    Longshore in @bob
      # May they deploy Content Management System to production?
      @eve has no right to `cms:1.0.2` to production, and asks you for it. *Allow once* is for this plan alone.
      5c42316 → *1.0.2*
      Commit `283fc73`, `cms`, digest `32451332ce17`
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-1` · stands until 10:02 tomorrow · cluster `production` in eu-west-1, account `111111111111`
      [ Allow once ] [ Allow until Friday, 6 March ] [ No ]

    Longshore in #deploys · Only visible to you, eve (edited)
      # Waiting: Content Management System · production
      @bob was asked for `cms:1.0.2` to production, deploy `id-1`. The question stands until 10:02 tomorrow; you will hear the answer here.
      [ Withdraw ]
    ");
    chat.clicks(BOB, "allow_once").await;
    chat.seconds(20).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #management
      :key: @bob lets @eve deploy cms to production once, with deploy `id-1`.

    Longshore in @bob (edited)
      @bob allowed @eve `cms:1.0.2` to production, once.

    Longshore in #deploys · Only visible to you, eve
      # Deploy Content Management System 1.0.2 to production?
      5c42316 → *1.0.2*
      Commit `283fc73`, `cms`, digest `32451332ce17`
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-1` · asked by @eve · stands until 10:17 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    assert_eq!((on_record(&chat).len(), live(&chat)), (1, 1));
    let who = asks(&chat, ADA, "who cms production").await;
    assert!(who.contains("for deploy `id-1` alone"), "{who}");
    chat.clicks(EVE, "confirm").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve (edited)
      @eve confirmed `cms:1.0.2` to production, deploy `id-1`.

    Longshore in #deploys
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @eve, allowed once by @bob.
      Starting.
      • `cms-api`: waits for its turn
      • `cms-worker`: waits for its turn
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @eve, allowed once by @bob.
      • `cms-api`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @eve, allowed once by @bob.
      • `cms-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 23 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @eve, allowed once by @bob.
      • `cms-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      • `cms-worker`: waits for its turn
      – `id-1` · 34 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @eve, allowed once by @bob.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: rolling out; ECS has not counted its tasks yet
      – `id-1` · 45 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @eve, allowed once by @bob.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      – `id-1` · 57 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @eve, allowed once by @bob.
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 1 min, 9 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Content Management System 1.0.2 runs on production
      ✅ 5c42316 → 1.0.2, 1 commit (bob), in 1 min, 26 sec. Asked by @eve, allowed once by @bob.
      – `id-1` · 10:04 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @eve Content Management System: deployed version 1.0.2 to production in 1 min, 26 sec
    ");
    // It is used up: neither the same nor anything else is deployed by it.
    assert_eq!(live(&chat), 0);
    for typed in [DEPLOY, "restart cms on production"] {
        let no = asks(&chat, EVE, typed).await;
        assert!(no.contains("You may not"), "{no}");
    }
    let kept = on_record(&chat);
    assert_eq!(kept[0]["by"]["user"], BOB);
    assert_eq!(kept[0]["what"]["given"]["to"], EVE);
    assert!(kept[0]["what"]["given"]["once"]["plan"].is_string());
}

#[tokio::test(start_paused = true)]
async fn what_is_allowed_until_friday_is_a_right_like_any_other() {
    let chat = asking().await;
    pleads(&chat).await;
    chat.clicks(BOB, "allow_until").await;
    chat.seconds(20).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #management
      :key: @bob lets @eve deploy cms to production until 19:00 Mar 6.

    Longshore in @bob (edited)
      @bob allowed @eve `cms:1.0.2` to production, and whatever else they deploy there until 19:00 Mar 6.

    Longshore in #deploys · Only visible to you, eve
      # Deploy Content Management System 1.0.2 to production?
      5c42316 → *1.0.2*
      Commit `283fc73`, `cms`, digest `32451332ce17`
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-1` · asked by @eve · stands until 10:17 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(EVE, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("runs on production"), "{read}");
    let who = asks(&chat, ADA, "who cms production").await;
    assert!(who.contains("@eve: given by @bob"), "{who}");
    // Another plan needs no further yes, until it ends by itself.
    chat.types(EVE, "restart cms on production").await;
    chat.seconds(20).await;
    chat.clicks(EVE, "decline").await;
    chat.settles().await;
    chat.skips();
    chat.passes(A_DAY * 5).await;
    chat.skips();
    let no = asks(&chat, EVE, "restart cms on production").await;
    assert!(no.contains("You may not"), "{no}");
}

#[tokio::test(start_paused = true)]
async fn no_is_told_by_whom_and_changes_nothing() {
    let chat = asking().await;
    pleads(&chat).await;
    chat.clicks(BOB, "decline").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in @bob (edited)
      @bob said no to `cms:1.0.2` to production for @eve.

    Longshore in #deploys · Only visible to you, eve
      # Content Management System 1.0.2 was not allowed on production
      🛑 @bob said no this time, and nothing was changed; write to them if you need to know why.
      – `id-1` · 10:02 today
    ");
    assert_eq!(
        (on_record(&chat).len(), live(&chat), updates(&chat)),
        (0, 0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn what_changed_since_is_not_what_was_allowed() {
    let chat = asking().await;
    pleads(&chat).await;
    // Ada, who may, deploys there meanwhile.
    chat.types(ADA, DEPLOY).await;
    chat.seconds(20).await;
    chat.clicks(ADA, "confirm").await;
    chat.passes(Duration::from_secs(300)).await;
    chat.skips();
    let before = updates(&chat);
    chat.clicks(BOB, "allow_once").await;
    chat.seconds(20).await;
    chat.skips();
    chat.clicks(EVE, "confirm").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve (edited)
      # Content Management System 1.0.2 was refused on production
      ⛔ Nothing was started.
      @bob allowed one plan, and it does not fit any more: what runs on `cms-api` has changed. Ask again.
      – `id-1` · 10:08 today
    ");
    assert_eq!((updates(&chat), live(&chat)), (before, 0));
}

#[tokio::test(start_paused = true)]
async fn nobody_but_an_admin_of_that_moment_allows_anything() {
    let chat = asking().await;
    pleads(&chat).await;
    // The button was put before Bob lost his place.
    chat.push(CONFIG).await;
    chat.clicks(BOB, "allow_once").await;
    chat.seconds(20).await;
    let read = chat.reads();
    assert!(read.contains("You may not give rights to cms."), "{read}");
    assert_eq!((on_record(&chat).len(), updates(&chat)), (0, 0));
    chat.passes(A_DAY).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in @bob (edited)
      Nobody answered in time: @eve asked for `cms:1.0.2` to production.

    Longshore in @eve
      # Content Management System 1.0.2 was not allowed on production
      ⌛ No admin answered in time, so nothing was changed; ask again if you still want it.
      – `id-1` · 10:02 today
    ");
}

#[tokio::test(start_paused = true)]
async fn an_answer_counts_once() {
    let chat = asking().await;
    pleads(&chat).await;
    let now = chat.world.now();
    let press = |action: &str| {
        let mut state = chat.world.state();
        state.slack.click_newest(now, BOB, action).unwrap()
    };
    let (once, until, no) = (press("allow_once"), press("allow_until"), press("decline"));
    for request in [&once, &once, &until, &no] {
        chat.posts(request).await;
    }
    chat.seconds(20).await;
    let read = chat.reads();
    assert!(
        read.contains("lets @eve deploy cms to production once"),
        "{read}"
    );
    assert!(!read.contains("said no"), "{read}");
    assert_eq!((on_record(&chat).len(), live(&chat)), (1, 1));
    chat.clicks(EVE, "decline").await;
    chat.settles().await;
    chat.skips();
    assert_eq!((updates(&chat), live(&chat)), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_question_lapses_after_a_day_and_its_buttons_with_it() {
    let chat = asking().await;
    pleads(&chat).await;
    let late = {
        let at = chat.world.now() + A_DAY + Duration::from_secs(60);
        let mut state = chat.world.state();
        state.slack.click_newest(at, BOB, "allow_once").unwrap()
    };
    chat.passes(A_DAY + Duration::from_secs(60)).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in @bob (edited)
      Nobody answered in time: @eve asked for `cms:1.0.2` to production.

    Longshore in @eve
      # Content Management System 1.0.2 was not allowed on production
      ⌛ No admin answered in time, so nothing was changed; ask again if you still want it.
      – `id-1` · 10:02 today
    ");
    chat.posts(&late).await;
    chat.seconds(20).await;
    let read = chat.reads();
    assert!(read.contains("has lapsed"), "{read}");
    assert_eq!((on_record(&chat).len(), updates(&chat)), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_has_the_right_meanwhile_asks_nobody() {
    let chat = asking().await;
    chat.types(EVE, DEPLOY).await;
    chat.seconds(3).await;
    let grant = format!("grant <@{EVE}> cms on production");
    asks(&chat, ROOT, &grant).await;
    chat.clicks(EVE, "plead").await;
    chat.seconds(20).await;
    let read = chat.reads();
    assert!(
        read.contains("Type `/deploy cms:1.0.2 to production`."),
        "{read}"
    );
    // The same after an admin was asked.
    asks(&chat, ROOT, &format!("revoke <@{EVE}> cms on production")).await;
    chat.seconds(60).await;
    chat.skips();
    pleads(&chat).await;
    asks(&chat, ROOT, &grant).await;
    chat.passes(Duration::from_secs(120)).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in @bob (edited)
      @eve needs no answer for `cms:1.0.2` to production any more.

    Longshore in #deploys · Only visible to you, eve
      # Content Management System 1.0.2 was refused on production
      ⛔ Nothing was started.
      You may deploy that by now, so nobody has to be asked. Type `/deploy cms:1.0.2 to production`.
      – `id-1` · 10:04 today
    ");
    assert_eq!(updates(&chat), 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_planned_is_told_and_nobody_is_asked() {
    let chat = asking().await;
    chat.types(EVE, "cms:nothing-like-it to production").await;
    chat.seconds(3).await;
    chat.clicks(EVE, "plead").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(!read.contains("bob · direct"), "{read}");
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      # You have no right to this
      You may not deploy cms to production. The team of cms may. Ask @ada or @bob, and they can do it for you.
      [ Ask @bob ] [ Ask @root ]

    Longshore in #deploys · Only visible to you, eve
      # cms:nothing-like-it was refused on production
      ⛔ Nothing was started.
      There is no commit, tag, branch or image called `nothing-like-it` in `acme/cms` and `111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms`. Check the spelling, or deploy one of the 3 newest there (`5c423167bb3203608c9…`, pushed 10:00 today): `/deploy cms:5c423167bb3203608c967efd671f8b3fc62ac37d to production`
      – `id-1` · 10:02 today
    ");
}

#[tokio::test(start_paused = true)]
async fn where_slack_is_down_the_requester_hears_whom_to_write_to() {
    let chat = asking().await;
    chat.types(EVE, DEPLOY).await;
    chat.seconds(3).await;
    let post = Matcher::operation("slack", "POST /api/chat.postMessage");
    chat.world.state().faults.plan(post, Kind::TimedOut);
    chat.clicks(EVE, "plead").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # You have no right to this
      You may not deploy cms to production. The team of cms may. Ask @ada or @bob, and they can do it for you.
      [ Ask @bob ] [ Ask @root ]

    Longshore in #deploys · Only visible to you, eve
      # Content Management System 1.0.2 was refused on production
      ⛔ Nothing was started.
      Slack did not confirm that @bob got the question, so it does not stand. Write to them yourself, or ask again later.
      – `id-1` · 10:06 today
    ");
}

#[tokio::test(start_paused = true)]
async fn no_button_where_nobody_could_be_asked_or_nothing_would_help() {
    // Without a bot token nobody can be asked.
    let chat = Chat::new(Bot::NoToken).await;
    chat.passes(Duration::from_secs(120)).await;
    let no = asks(&chat, EVE, DEPLOY).await;
    assert!(!no.contains('['), "{no}");
    let chat = asking().await;
    for typed in [
        "rollback cms on production",
        "restart cms on production",
        "cms:1.0.2 webapp:1.0.2 to production",
    ] {
        let no = asks(&chat, EVE, typed).await;
        assert!(!no.contains('['), "{typed}: {no}");
    }
    // From another channel it would be refused all the same.
    chat.types_in(EVE, MANAGEMENT, DEPLOY).await;
    chat.seconds(3).await;
    let no = chat.reads();
    assert!(!no.contains('['), "{no}");
}
