//! `plan …`: what a deploy would show, with every gate, and nothing of it is done.

use std::collections::BTreeMap;
use std::time::Duration;

use insta::assert_snapshot;
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, EVE};

/// What the table keeps of deploys, histories and what was met: all but requests, and what was once seen of people.
fn kept(chat: &Chat) -> BTreeMap<(String, String), String> {
    let state = chat.world.state();
    let items = state.dynamodb.tables["longshore"].items();
    let all = items.iter();
    let of_requests = ["ASKED#", "SEEN#", "DEPLOY#r-", "SAID#r-"];
    let kept = all.filter(|((pk, _), _)| !of_requests.iter().any(|one| pk.starts_with(one)));
    kept.map(|(key, item)| (key.clone(), format!("{item:?}")))
        .collect()
}

/// Types it, and reads the answer.
async fn asks(chat: &Chat, user: &str, text: &str) -> String {
    chat.types(user, text).await;
    chat.seconds(5).await;
    chat.reads()
}

#[tokio::test(start_paused = true)]
async fn a_plan_says_what_the_question_would_and_keeps_nothing() {
    let chat = Chat::new(Bot::NoToken).await;
    let before = kept(&chat);
    let read = asks(&chat, ADA, "plan cms:1.0.2 to production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Plan: Content Management System · production
      It would start once you confirm it.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ✓ Nobody else is rolling something out on them
      ✓ What runs now could come back
      5c42316 → *1.0.2*
      Commit `283fc73`, `cms`, digest `32451332ce17`
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – Only you see this; nothing was changed · cluster `production` in eu-west-1, account `111111111111`
    ");
    chat.assert_nothing_changed();
    assert_eq!(kept(&chat), before);
    assert!(chat.deploys().is_empty());
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.seconds(5).await;
    let question = chat.reads();
    let ours = |line: &&str| !line.contains(" – ") && !line.contains("# ");
    for line in question.lines().filter(ours) {
        let is_frame = line.contains("asked by") || line.contains("[ Confirm ]");
        assert!(is_frame || read.contains(line), "{line}\n{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn all_gates_are_told_together() {
    let chat = Chat::empty(Bot::NoToken).await;
    let production = "[environments.production]\n";
    let keys = "checks = [{ name = \"test\", app = \"github-actions\" }]\nafter = { environment = \"staging\" }\n";
    let config = CONFIG.replace(production, &format!("{production}{keys}"));
    chat.push(&config).await;
    let (now, slow) = (chat.world.now(), Script::Slow(Duration::from_mins(20)));
    let found = chat
        .world
        .state()
        .ecs
        .set_script(now, "production", "cms-api", &slow);
    assert!(found);
    asks(&chat, ADA, "restart cms on production").await;
    chat.clicks(ADA, "confirm").await;
    chat.seconds(30).await;
    chat.skips();
    let read = asks(&chat, ADA, "plan cms:1.0.2 to production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Plan: Content Management System · production
      ⛔ *It would be refused now.* Nobody can allow it as it is: first, what is listed has to be put right.
      ✗ Deploy `id-1` of `cms` to production is still under way. You asked for it at 10:00 today. Wait for its verdict, or stop it: `/deploy cancel cms on production`.
      ✗ Its check `test` by `github-actions` has not run on `283fc73`. Start it, and ask again once it has passed.
      ✗ `1.0.2` has not succeeded on staging, where it must first. Deploy it there, then ask again.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ What runs now could come back
      5c42316 → *1.0.2*
      Commit `283fc73`, `cms`, digest `32451332ce17`
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – Only you see this; nothing was changed · cluster `production` in eu-west-1, account `111111111111`
    ");
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn who_may_not_deploy_there_sees_no_plan_of_it() {
    let chat = Chat::new(Bot::NoToken).await;
    let read = asks(&chat, EVE, "plan webapp to production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      You may not deploy webapp to production. The team of webapp may. Ask @ada or @bob, and they can do it for you.
    ");
    chat.assert_nothing_changed();
    // The door itself says no: nothing is handed on that the waiter would have to refuse.
    let state = chat.world.state();
    let mut calls = state.calls.iter();
    assert!(!calls.any(|call| call.operation == "StartExecution"));
}

#[tokio::test(start_paused = true)]
async fn a_promotion_is_planned_too() {
    let chat = Chat::new(Bot::NoToken).await;
    let order = "order = [\"staging\", \"production\"]\n";
    chat.push(&format!("{order}{CONFIG}")).await;
    let read = asks(&chat, ADA, "plan promote webapp to production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Plan: webapp · production
      ⛔ *It would be refused now.* Nobody can allow it as it is: first, what is listed has to be put right.
      ✗ What runs of `webapp` on staging has not succeeded through Longshore. Deploy it there, then ask again.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; whether what runs now could come back
      – Only you see this; nothing was changed
    ");
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    chat.skips();
    let read = asks(
        &chat,
        ADA,
        "preview promote webapp from staging to production",
    )
    .await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Plan: webapp · production
      It would start once you confirm it.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ✓ Nobody else is rolling something out on them
      ✓ It runs where it is promoted from
      ✓ What runs now could come back
      5a91773 → *main@680af60*
      `webapp`, digest `48a55179e67c`
      Promoted from staging, where it succeeded less than a second ago, deployed by @ada.
      • `webapp`: `webapp:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```680af60 Sell shoes (bob)```
      – Only you see this; nothing was changed · cluster `production` in eu-west-1, account `111111111111`
    ");
}

#[tokio::test(start_paused = true)]
async fn without_an_image_the_plan_says_so_and_how_far_it_got() {
    let chat = Chat::new(Bot::NoToken).await;
    let before = kept(&chat);
    let read = asks(&chat, ADA, "dry-run webapp:nosuch to staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      There is no commit, tag, branch or image called `nosuch` in `acme/webapp` and `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp`. Check the spelling, or deploy one of the 3 newest there (`5a91773184385a7f4e3…`, pushed 10:00 today): `/deploy webapp:5a91773184385a7f4e33c1b708a90025ec9cac7c to staging`
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; whether what runs now could come back
      – Only you see this; nothing was changed
    ");
    assert_eq!(kept(&chat), before);
}

#[tokio::test(start_paused = true)]
async fn services_that_are_not_there_are_told_of_with_what_else_is_known() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.world.state().ecs.deactivate("staging", "cms-api");
    let read = asks(&chat, ADA, "plan cms to staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Plan: cms · staging
      ⛔ *It would be refused now.* Nobody can allow it as it is: first, what is listed has to be put right.
      ✗ The service `cms-api` is `INACTIVE`, not ACTIVE, so nothing can be deployed to it. Create it again, or ask @root to take it out.
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; whether what runs now could come back
      – Only you see this; nothing was changed
    ");
}

#[tokio::test(start_paused = true)]
async fn several_applications_are_planned_as_one() {
    let chat = Chat::new(Bot::NoToken).await;
    let read = asks(&chat, ADA, "plan webapp,cms:1.0.2 to staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Plan: webapp and Content Management System · staging
      It would start at once.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ✓ Nobody else is rolling something out on them
      ✓ What runs now could come back
      • *webapp*: 5a91773 → *main@680af60*, `webapp`, digest `48a55179e67c`
      • *Content Management System*: 5c42316 → *1.0.2*, commit `283fc73`, `cms`, digest `32451332ce17`
      • `webapp`: `webapp:1` → a copy with the new image; 6 tasks wanted
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits of webapp:* brings 1 commit · compare
      ```680af60 Sell shoes (bob)```
      *Commits of Content Management System:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – Only you see this; nothing was changed · cluster `staging` in eu-west-1, account `222222222222`
    ");
    chat.world.state().ecs.deactivate("staging", "cms-api");
    let read = asks(&chat, ADA, "plan webapp:1.0.2,cms to staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Plan: webapp and cms · staging
      ⛔ *It would be refused now.* Nobody can allow it as it is: first, what is listed has to be put right.
      ✗ cms: The service `cms-api` is `INACTIVE`, not ACTIVE, so nothing can be deployed to it. Create it again, or ask @root to take it out.
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; whether what runs now could come back
      – Only you see this; nothing was changed
    ");
}

#[tokio::test(start_paused = true)]
async fn why_not_says_what_was_refused_last_and_what_stands_in_the_way_now() {
    let chat = Chat::empty(Bot::NoToken).await;
    let production = "[environments.production]\n";
    let keys = "after = { environment = \"staging\" }\n";
    chat.push(&CONFIG.replace(production, &format!("{production}{keys}")))
        .await;
    let read = asks(&chat, ADA, "why-not cms:1.0.2 to production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Why not: Content Management System · production
      ⛔ *It would be refused now.* Nobody can allow it as it is: first, what is listed has to be put right.
      ✗ `1.0.2` has not succeeded on staging, where it must first. Deploy it there, then ask again.
      – Only you see this; nothing was changed
    ");
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.settles().await;
    chat.skips();
    let id = chat.newest_deploy();
    let by_id = asks(&chat, EVE, &format!("why-not {id}")).await;
    assert_snapshot!(by_id, @r"
    Longshore in #deploys · Only visible to you, eve
      # Why not: cms · production
      *Refused:* `cms:1.0.2` to production, deploy `id-1`, asked for by @ada at 10:00 today
      *What stood in the way then:*
      • `1.0.2` has not succeeded on staging, where it must first. Deploy it there, then ask again.
      – `/deploy why-not cms:1.0.2 to production` says what does now.
    ");
    let last = asks(&chat, EVE, "why not last cms production").await;
    assert_eq!(last, by_id);
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.settles().await;
    chat.skips();
    let read = asks(&chat, ADA, "why cms:1.0.2 production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Why not: Content Management System · production
      It would start once you confirm it.
      *Refused:* `cms:1.0.2` to production, deploy `id-1`, asked for by @ada at 10:00 today
      *What stood in the way then:*
      • `1.0.2` has not succeeded on staging, where it must first. Deploy it there, then ask again.
      – Only you see this; nothing was changed
    ");
    let id = chat.newest_deploy();
    let read = asks(&chat, ADA, &format!("why-not {id}")).await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      Deploy `id-2` was not refused. `/deploy show id-2` tells what became of it.
    ");
    let read = asks(&chat, EVE, "why-not cms to production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      You may not deploy cms to production. The team of cms may. Ask @ada or @bob, and they can do it for you.
    ");
    let read = asks(&chat, EVE, "why-not last webapp staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      Of the newest deploys there, none was refused.
    ");
}

/// What is left of GitHub's questions is for what changes something.
#[tokio::test(start_paused = true)]
async fn nobody_looks_where_few_questions_are_left_and_a_deploy_goes_out() {
    const TOKEN: &str = "github_pat_planted_0002";
    let chat = Chat::new(Bot::NoToken).await;
    chat.push(&format!("order = [\"staging\", \"production\"]\n{CONFIG}"))
        .await;
    let now = chat.world.now();
    {
        let state = &mut *chat.world.state();
        state.ssm.put_secret(now, "/longshore/github-token", TOKEN);
        state.github.accept_token(TOKEN);
        state.github.leave(1_250);
    }
    chat.passes(Duration::from_mins(6)).await;
    let read = asks(&chat, ADA, "plan webapp to staging").await;
    assert!(read.contains("It would start at once."), "{read}");
    chat.world.state().github.leave(1_249);
    for typed in ["plan webapp to staging", "why-not webapp to staging"] {
        let before = chat.world.state().github.left();
        let read = asks(&chat, ADA, typed).await;
        assert!(read.contains("did not look"), "{typed}: {read}");
        assert!(read.contains("keeps those for deploys"), "{typed}: {read}");
        assert!(!read.contains("would be refused"), "{typed}: {read}");
        assert_eq!(chat.world.state().github.left(), before, "{typed}");
    }
    // What is an image's tag needs no GitHub, and what is none does.
    let head = chat.world.state().github.repo("acme/webapp").head("main");
    let head = head.unwrap();
    for (named, told) in [
        (head.as_str(), "It would start at once."),
        ("nosuch", "keeps those for deploys"),
    ] {
        let before = chat.world.state().github.left();
        let read = asks(&chat, ADA, &format!("plan webapp:{named} to staging")).await;
        assert!(read.contains(told), "{named}: {read}");
        assert_eq!(chat.world.state().github.left(), before, "{named}");
    }
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
    // What runs there is known without GitHub.
    let read = asks(&chat, ADA, "plan promote webapp to production").await;
    assert!(read.contains("# Plan: "), "{read}");
    assert!(!read.contains("did not look"), "{read}");
}
