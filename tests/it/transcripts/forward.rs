//! Only forwards: what takes commits away that run is asked about, also where nobody is asked otherwise.

use longshore_sim::ecs::Script;
use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::github::Mode;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, SITE};

fn config() -> String {
    let table = "[environments.staging]\n";
    assert!(CONFIG.contains(table));
    CONFIG.replace(table, &format!("{table}forward_only = true\n"))
}

/// A town whose staging only goes forward, and the first and the newest commit of main; the newest one runs.
async fn town() -> (Chat, String, String) {
    let chat = Chat::new(Bot::NoToken).await;
    chat.push(&config()).await;
    let (first, head) = {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let head = repo.head("main").unwrap();
        let first = repo.parent(&head).unwrap();
        (first, head)
    };
    let read = chat.does("webapp:main to staging").await;
    assert!(read.contains("✅ "), "{read}");
    (chat, first, head)
}

#[tokio::test(start_paused = true)]
async fn what_goes_forward_is_not_asked_about_and_what_goes_back_is_once() {
    let (chat, first, _) = town().await;
    chat.types(ADA, &format!("webapp:{first} to staging")).await;
    chat.seconds(10).await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy webapp 5a91773 to staging?
      ⚠️ `webapp` goes back, and deploys there only go forward. Confirm only if you mean it.
      main@680af60 → *5a91773*
      `webapp`, digest `517460eebcab`
      • `webapp`: `webapp:2` → a copy with the new image; 6 tasks wanted
      *Commits:* ⚠️ goes back, takes away 1 commit · compare
      ```680af60 Sell shoes (bob)```
      – `id-2` · asked by @ada · stands until 10:15 today · cluster `staging` in eu-west-1, account `222222222222`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_lies_beside_what_runs_goes_back_too() {
    let (chat, _, _) = town().await;
    let branch = {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let more = repo.commit("main", "Sell socks", "bob");
        let now = chat.world.now();
        let digest = crate::town::digest_of(&more);
        let (account, region) = (crate::town::PROD, crate::town::REGION);
        let tags = [more.as_str()];
        state
            .ecr
            .push(account, region, "webapp", &tags, &digest, now);
        "webapp:feature/signup-autocomplete to staging"
    };
    let read = chat.does("webapp:main to staging").await;
    assert!(read.contains("✅ "), "{read}");
    chat.types(ADA, branch).await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert!(
        read.contains("`webapp` goes back, and deploys there only go forward."),
        "{read}"
    );
    assert!(read.contains("[ Confirm ]"), "{read}");
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn where_nobody_can_tell_it_is_asked_and_said() {
    let (chat, first, _) = town().await;
    chat.world.state().github.set_mode(Mode::Down);
    chat.types(ADA, &format!("webapp:{first} to staging")).await;
    chat.seconds(20).await;
    let read = chat.reads();
    assert!(
        read.contains("whether `webapp` goes back is not known."),
        "{read}"
    );
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
}

/// The first page of a comparison has the files, and may be slow where many change; the counts come without it.
#[tokio::test(start_paused = true)]
async fn a_first_page_that_never_comes_keeps_nobody_from_going_forward() {
    let (chat, _, _) = town().await;
    {
        let state = &mut *chat.world.state();
        let more = state
            .github
            .repo("acme/webapp")
            .commit("main", "Sell socks", "bob");
        let (account, region) = (crate::town::PROD, crate::town::REGION);
        let digest = crate::town::digest_of(&more);
        state.ecr.push(
            account,
            region,
            "webapp",
            &[more.as_str()],
            &digest,
            chat.world.now(),
        );
        let first = Matcher::operation("github", "GET /repos/acme/webapp/compare/*").nth(1);
        state.faults.plan(first, Kind::TimedOut);
    }
    let read = chat.does("webapp:main to staging").await;
    assert!(
        read.contains("✅ ") && !read.contains("go forward"),
        "{read}"
    );
    assert_eq!(chat.world.state().faults.fired(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_way_back_and_a_restart_are_not_asked_about_for_that() {
    let (chat, _, _) = town().await;
    chat.world.state().github.set_mode(Mode::Down);
    let read = chat.does("restart webapp on staging").await;
    assert!(read.contains("✅ "), "{read}");
    let read = chat.does("rollback webapp on staging").await;
    assert!(read.contains("✅ "), "{read}");
    assert!(!read.contains("only go forward"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_is_promoted_is_asked_about_too() {
    let (chat, first, _) = town().await;
    let text = config()
        .replace("confirm  = true", "confirm  = false\nforward_only = true")
        .replace(
            "[environments.staging]\nforward_only = true\n",
            "[environments.staging]\n",
        );
    chat.push(&text).await;
    chat.seconds(60).await;
    let read = chat.does("webapp:main to production").await;
    assert!(read.contains("✅ "), "{read}");
    let read = chat.does(&format!("webapp:{first} to staging")).await;
    assert!(read.contains("✅ "), "{read}");
    chat.types(ADA, "promote webapp from staging to production")
        .await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert!(read.contains("deploys there only go forward"), "{read}");
    assert!(read.contains("[ Confirm ]"), "{read}");
    chat.settles().await;
    chat.skips();
}

/// Where services of one application run different commits, nobody can say what all of them would lose; so it is with
/// one image for all, and with images per container.
#[tokio::test(start_paused = true)]
async fn services_of_different_commits_are_asked_about() {
    let stop = "on_failure = \"stop\"\n";
    let cms = "services     = [\"cms-api\", \"cms-worker\"]\n";
    let of_cms = config().replace(cms, &format!("{cms}{stop}"));
    assert_ne!(of_cms, config());
    let of_site = format!("{}{SITE}{stop}", config());
    for (application, config, failing) in [
        ("cms", of_cms, "cms-worker"),
        ("site", of_site, "site-jobs"),
    ] {
        let chat = Chat::new(Bot::NoToken).await;
        chat.builds_site();
        chat.push(&config).await;
        chat.seconds(60).await;
        chat.script("staging", failing, Script::CrashLoop);
        let read = chat.does(&format!("{application}:main to staging")).await;
        assert!(read.contains("failed"), "{application}: {read}");
        chat.types(
            ADA,
            &format!("{application}:feature/signup-autocomplete to staging"),
        )
        .await;
        chat.seconds(20).await;
        let read = chat.reads();
        let asked = format!("whether `{application}` goes back is not known.");
        assert!(read.contains(&asked), "{application}: {read}");
        chat.clicks(ADA, "decline").await;
        chat.settles().await;
        chat.skips();
    }
}
