//! What succeeded in one environment goes to the next: the very same image, and only while it still runs there.

use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, EVE, SITE};

const ORDER: &str = "order = [\"staging\", \"production\"]\n";

async fn town() -> Chat {
    let chat = Chat::new(Bot::NoToken).await;
    chat.push(&format!("{ORDER}{CONFIG}")).await;
    chat
}

#[tokio::test(start_paused = true)]
async fn what_succeeded_on_staging_is_promoted_to_production() {
    let chat = town().await;
    let read = chat.does("deploy cms staging 1.0.2").await;
    assert!(
        read.contains("[ Promote to production ] [ Roll back ]"),
        "{read}"
    );
    chat.seconds(3 * 60 * 60).await;
    chat.types(ADA, "promote cms to production").await;
    chat.seconds(10).await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy Content Management System 1.0.2 to production?
      5c42316 → *1.0.2*
      Commit `283fc73`, `cms`, digest `32451332ce17`
      Promoted from staging, where it succeeded 3 hours ago, deployed by @ada.
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-2` · asked by @ada · stands until 13:16 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      @ada confirmed `cms` to production, deploy `id-2`.

    Longshore in #deploys
      # Deploying Content Management System to production
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-2`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System 1.0.2 runs on production
      ✅ 5c42316 → 1.0.2, 1 commit (bob), in 1 min, 39 sec. Asked by @ada.
      – `id-2` · 13:03 today
      [ Roll back ]
    ");
}

#[tokio::test(start_paused = true)]
async fn one_click_on_the_verdict_promotes_what_the_verdict_is_of() {
    let chat = town().await;
    chat.does("cms:1.0.2 to staging").await;
    chat.clicks(ADA, "promote").await;
    chat.seconds(10).await;
    let asked = chat.reads();
    assert!(asked.contains("Promoted from staging"), "{asked}");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ 5c42316 → 1.0.2"), "{read}");
    // Nothing comes after production.
    assert!(!read.contains("Promote"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn the_button_is_pressed_by_those_who_may_deploy_there() {
    let chat = town().await;
    chat.does("cms:1.0.2 to staging").await;
    chat.clicks(EVE, "promote").await;
    chat.settles().await;
    let read = chat.reads();
    insta::assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      You may not deploy cms to production. The team of cms may. Ask @ada or @bob, and they can do it for you.
    ");
}

#[tokio::test(start_paused = true)]
async fn what_moved_on_is_not_promoted_by_an_old_card() {
    let chat = town().await;
    chat.does("cms:feature/signup-autocomplete to staging")
        .await;
    chat.does("cms:1.0.2 to staging").await;
    // What it goes back to was deployed before.
    chat.does("rollback cms on staging").await;
    chat.clicks(ADA, "promote").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms was refused on production
      ⛔ Nothing was started.
      `feature/signup-autocomplete@677e2bc` runs on staging by now, not `1.0.2`. Ask again to promote that.
      – `id-4` · 10:04 today
    ");
}

#[tokio::test(start_paused = true)]
async fn staging_that_moves_on_while_people_are_asked_keeps_it_from_starting() {
    let chat = town().await;
    chat.does("cms:1.0.2 to staging").await;
    chat.types(ADA, "promote cms from staging to production")
        .await;
    chat.seconds(10).await;
    chat.skips();
    chat.types(BOB, "cms:feature/signup-autocomplete to staging")
        .await;
    chat.seconds(420).await;
    chat.skips();
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      # Content Management System 1.0.2 was refused on production
      ⛔ Nothing was started.
      `feature/signup-autocomplete@677e2bc` runs on staging by now, not `1.0.2`. Ask again to promote that.
      – `id-2` · 10:08 today
    ");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_promoted_says_why() {
    let chat = town().await;
    // Nothing has succeeded there through Longshore.
    chat.types(ADA, "promote cms to production").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms was refused on production
      ⛔ Nothing was started.
      What runs of `cms` on staging has not succeeded through Longshore. Deploy it there, then ask again.
      – `id-1` · 10:00 today
    ");
    // Nothing comes before staging.
    chat.types(ADA, "promote cms to staging").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      Nothing says which environment comes before staging. Name it: `/deploy promote cms from production to staging`
    ");
    chat.types(ADA, "promote cms from production to production")
        .await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      `production` is named twice; say once what is to run of it. For instance: `/deploy promote cms from production to staging`
    ");
    // Somebody is at it.
    chat.types(BOB, "cms:1.0.2 to staging").await;
    chat.seconds(20).await;
    chat.skips();
    chat.types(ADA, "promote cms to production").await;
    chat.seconds(5).await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms was refused on production
      ⛔ Nothing was started.
      Something is rolling out on staging. Wait until that is over, then ask again.
      – `id-3` · 10:00 today
    ");
    chat.settles().await;
    chat.skips();
}

/// A promotion to production that fails there, its card before people's eyes.
async fn fails_on_production(chat: &Chat, (typed, service): (&str, &str)) {
    chat.script("production", service, Script::CrashLoop);
    chat.types(ADA, typed).await;
    chat.seconds(10).await;
    chat.skips();
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("[ Retry ]"), "{read}");
    chat.script("production", service, Script::Happy);
}

#[tokio::test(start_paused = true)]
async fn what_was_found_there_is_tried_again_only_while_it_runs_there() {
    let chat = town().await;
    // What was found on staging is known from the first deploy on.
    chat.script("staging", "cms-api", Script::CrashLoop);
    chat.does("cms:1.0.2 to staging").await;
    chat.script("staging", "cms-api", Script::Happy);
    chat.types(ADA, "cms:feature/signup-autocomplete to production")
        .await;
    chat.seconds(10).await;
    chat.skips();
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.skips();
    fails_on_production(&chat, ("promote cms to production", "cms-api")).await;
    chat.does("cms:1.0.2 to staging").await;
    chat.clicks(ADA, "retry").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms was refused on production
      ⛔ Nothing was started.
      `1.0.2` runs on staging by now, not `5c42316`. Ask again to promote that.
      – `id-5` · 10:04 today
    ");
}

#[tokio::test(start_paused = true)]
async fn one_image_of_several_is_tried_again_though_another_was_deployed_there_later() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.builds_site();
    chat.push(&format!("{ORDER}{CONFIG}{SITE}")).await;
    chat.does("site:main to staging").await;
    chat.does("site/nginx:3.1.0 to staging").await;
    fails_on_production(&chat, ("promote site to production", "site-web")).await;
    chat.clicks(ADA, "retry").await;
    chat.seconds(10).await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy site main@d90f2a8 + nginx:3.0.0 to production?
      `b196b6a + nginx:3.0.0` → *`main@d90f2a8 + nginx:3.0.0`*
      Commit `d90f2a8`, `site`, digest `688980f9413c`
      Promoted from staging, where it succeeded 1 min, 25 sec ago, deployed by @ada.
      • `site-web`: `site-web:1` → a copy with the new image; 3 tasks wanted
      • `site-jobs`: `site-jobs:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit
      ```d90f2a8 Sell shoes (bob)```
      – `id-4` · asked by @ada · stands until 10:17 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_promoted_from_where_no_task_runs() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.builds_site();
    chat.push(&format!("{ORDER}{CONFIG}{SITE}")).await;
    let now = chat.world.now();
    chat.world
        .state()
        .ecs
        .set_desired_count(now, "staging", "site-web", 0);
    chat.seconds(120).await;
    chat.types(ADA, "promote site/nginx to production").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # site/nginx was refused on production
      ⛔ Nothing was started.
      No task of `site` runs on staging, so there is nothing to promote. Start some there, then ask again.
      – `id-1` · 10:02 today
    ");
}

#[tokio::test(start_paused = true)]
async fn a_card_whose_deploy_is_gone_promotes_nothing_else() {
    let chat = town().await;
    chat.does("cms:1.0.2 to staging").await;
    let id = chat.newest_deploy();
    chat.clicks(ADA, "promote").await;
    let now = chat.world.now();
    let forgets = |state: &mut longshore_sim::State| {
        let table = state.dynamodb.tables.get_mut("longshore").unwrap();
        let keys: Vec<_> = table.items().keys().cloned().collect();
        for key in keys
            .into_iter()
            .filter(|key| key.0.contains(&id) || key.1 == id)
        {
            table.set(now, &key, None);
        }
    };
    forgets(&mut chat.world.state());
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms was refused on production
      ⛔ Nothing was started.
      The image of `id-1` is not in `111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms` any more. Build it again, then ask again.
      – `id-2` · 10:01 today
    ");
}

/// What a team sees on an ordinary day: the tests are red, so it stays on staging; they are run again, and it goes on.
#[tokio::test(start_paused = true)]
async fn a_red_check_keeps_it_on_staging_until_it_is_green() {
    let chat = Chat::new(Bot::NoToken).await;
    let table = "[environments.production]\n";
    let checks = "checks = [{ name = \"test\", app = \"github-actions\" }]\n";
    let config = CONFIG.replace(table, &format!("{table}{checks}"));
    chat.push(&format!("{ORDER}{config}")).await;
    let check = |conclusion: &str| {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/cms");
        let sha = repo.find("1.0.2").unwrap();
        repo.check(&sha, "test", Some(conclusion));
    };
    check("failure");
    let read = chat.does("cms:1.0.2 to staging").await;
    assert!(read.contains("1.0.2 runs on staging"), "{read}");
    chat.types(ADA, "promote cms to production").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("Nothing was started"), "{read}");
    assert!(read.contains("did not pass on"), "{read}");
    check("success");
    chat.types(ADA, "promote cms to production").await;
    chat.seconds(10).await;
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("1.0.2 runs on production"), "{read}");
}

/// Somebody else's rollout of the very same image takes the place of Longshore's, which so has not seen it come up.
#[tokio::test(start_paused = true)]
async fn what_others_rolled_out_is_not_promoted() {
    let chat = town().await;
    chat.script("staging", "webapp", Script::Foreign);
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.seconds(600).await;
    let read = chat.reads();
    assert!(read.contains("was superseded on staging"), "{read}");
    chat.types(ADA, "promote webapp to production").await;
    chat.settles().await;
    let read = chat.reads();
    let no = "What runs of `webapp` on staging has not succeeded through Longshore.";
    assert!(read.contains(no), "{read}");
}
