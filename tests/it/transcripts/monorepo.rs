//! Several applications in one repository, whose CI builds only what changed: the image of an earlier commit goes out
//! where nothing of the application has changed since, and says so.

use longshore_sim::fault::{Kind, Matcher};

use super::Chat;
use crate::town::{ADA, Bot, CONFIG};

fn config(keys: &str) -> String {
    let source = "source       = { repository = \"acme/cms\", image = \"cms\" }";
    assert!(CONFIG.contains(source));
    let with = format!("{}, {keys} }}", source.trim_end_matches(" }"));
    CONFIG.replace(source, &with)
}

const PATHS: &str = r#"paths = ["services/cms/**", "Cargo.lock"]"#;

/// A town in which two commits of others were pushed after the newest image of cms; that image's commit and the newest.
async fn town(files: [&[&str]; 2]) -> (Chat, String, String) {
    let chat = Chat::new(Bot::NoToken).await;
    chat.push(&config(PATHS)).await;
    chat.seconds(60).await;
    let (built, newest) = {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/cms");
        let built = repo.head("main").unwrap();
        let mut newest = String::new();
        for (number, files) in (1..).zip(files) {
            newest = repo.commit("main", &format!("Change {number}"), "bob");
            repo.changes(&newest, files.iter().copied());
        }
        (built, newest)
    };
    (chat, built, newest)
}

const ELSEWHERE: [&[&str]; 2] = [&["services/shop/a.rs", "README.md"], &["docs/a.md"]];

#[tokio::test(start_paused = true)]
async fn an_earlier_image_goes_out_where_nothing_of_the_application_changed() {
    let (chat, _, newest) = town(ELSEWHERE).await;
    chat.types(ADA, "plan cms to production").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Plan: Content Management System · production
      It would start once you confirm it.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ✓ Nobody else is rolling something out on them
      ✓ What runs now could come back
      5c42316 → *283fc73*
      `cms`, digest `32451332ce17`
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      `283fc73`, 2 commits before `main` (`3c03d45`): nothing of `services/cms/**` or `Cargo.lock` changed since
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – Only you see this; nothing was changed · cluster `production` in eu-west-1, account `111111111111`
    ");
    chat.types(ADA, "cms to production").await;
    chat.seconds(5).await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy Content Management System 283fc73 to production?
      5c42316 → *283fc73*
      `cms`, digest `32451332ce17`
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      `283fc73`, 2 commits before `main` (`3c03d45`): nothing of `services/cms/**` or `Cargo.lock` changed since
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:16 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("# Content Management System 283fc73 runs on production"),
        "{read}"
    );
    // By whatever name it was asked for; what runs already is that.
    for typed in ["main", &newest, &newest[..8]] {
        chat.types(ADA, &format!("cms:{typed} to production")).await;
        chat.settles().await;
        let read = chat.reads();
        assert!(
            read.contains("runs `283fc73`, the very same image"),
            "{typed}: {read}"
        );
    }
    let id = chat.newest_deploy();
    chat.types(ADA, &format!("show {id}")).await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn what_changed_and_what_nobody_can_tell_is_refused() {
    let many: Vec<String> = (0..300).map(|number| format!("docs/{number}.md")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut said = Vec::new();
    let each: [[&[&str]; 2]; 3] = [
        [&["services/cms/src/a.rs"][..], &["docs/a.md"]],
        [&["docs/a.md"], &["Cargo.lock"]],
        [&[], &many],
    ];
    for files in each {
        let (chat, _, _) = town(files).await;
        chat.types(ADA, "cms to staging").await;
        chat.settles().await;
        let read = chat.reads();
        let line = read.lines().find(|line| line.contains("No image yet"));
        said.push(line.unwrap_or(&read).trim().to_owned());
        chat.assert_nothing_changed();
    }
    // A file that was moved away is a change too.
    let (chat, _, newest) = town([&[], &[]]).await;
    {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/cms");
        repo.renames(&newest, "services/cms/a.rs", "attic/a.rs");
    }
    chat.types(ADA, "cms to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("`services/cms/a.rs` has changed"), "{read}");
    insta::assert_snapshot!(said.join("\n"), @r"
    No image yet for `main`, `3c03d45` `Change 2` (bob). `services/cms/src/a.rs` has changed since `283fc73`. Look at its build, or deploy `283fc73`, 2 commits before it: `/deploy cms:283fc73 to staging`
    No image yet for `main`, `3c03d45` `Change 2` (bob). `Cargo.lock` has changed since `283fc73`. Look at its build, or deploy `283fc73`, 2 commits before it: `/deploy cms:283fc73 to staging`
    No image yet for `main`, `3c03d45` `Change 2` (bob). Whether it has changed since `283fc73` cannot be told: GitHub lists 300 files, and there are more. Look at its build, or deploy `283fc73`, 2 commits before it: `/deploy cms:283fc73 to staging`
    ");
}

/// Nothing is guessed: neither where GitHub does not say what changed, nor where no image is near, nor of the other
/// application.
#[tokio::test(start_paused = true)]
async fn where_github_is_silent_or_nothing_is_near_nothing_goes_out() {
    for kind in [Kind::TimedOut, Kind::Before5xx] {
        let (chat, _, _) = town(ELSEWHERE).await;
        let compare = Matcher::operation("github", "GET /repos/acme/cms/compare*");
        chat.world.state().faults.plan(compare, kind);
        chat.types(ADA, "cms to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("⛔ Nothing was started."), "{kind:?}: {read}");
        chat.assert_nothing_changed();
    }
    let (chat, _, _) = town(ELSEWHERE).await;
    {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/cms");
        for number in 0..100 {
            repo.commit("main", &format!("More {number}"), "bob");
        }
    }
    chat.types(ADA, "cms to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("No image yet for `main`"), "{read}");
    chat.assert_nothing_changed();
}
