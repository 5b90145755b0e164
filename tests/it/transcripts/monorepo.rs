//! Several applications in one repository, whose CI builds only what changed: the image of an earlier commit goes out
//! where nothing of the application has changed since, and says so.

use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::github::Repo;

use super::Chat;
use super::gated::asking;
use crate::town::{ADA, Bot, CONFIG};

/// The configuration with more keys of the application's source.
fn with(config: &str, keys: &str) -> String {
    let source = "source       = { repository = \"acme/cms\", image = \"cms\" }";
    assert!(config.contains(source));
    let with = format!("{}, {keys} }}", source.trim_end_matches(" }"));
    config.replace(source, &with)
}

const PATHS: &str = r#"paths = ["services/cms/**", "Cargo.lock"]"#;

/// A town in which two commits of others were pushed after the newest image of cms; that image's commit and the newest.
async fn town(files: [&[&str]; 2]) -> (Chat, String, String) {
    town_by(&with(CONFIG, PATHS), files).await
}

async fn town_by(config: &str, files: [&[&str]; 2]) -> (Chat, String, String) {
    let chat = Chat::new(Bot::NoToken).await;
    chat.push(config).await;
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
    No image yet for `main`, `3c03d45` `Change 2` (bob). Whether it has changed since `283fc73` cannot be told: GitHub does not list all files that have. Look at its build, or deploy `283fc73`, 2 commits before it: `/deploy cms:283fc73 to staging`
    ");
}

/// Nothing is guessed: neither where GitHub does not say what changed, nor where no image is near, nor of the other
/// application.
#[tokio::test(start_paused = true)]
async fn where_github_is_silent_or_nothing_is_near_nothing_goes_out() {
    for (kind, said) in [
        (Kind::TimedOut, "GitHub could not be asked"),
        (Kind::Before5xx, "GitHub does not list all files"),
    ] {
        let (chat, _, _) = town(ELSEWHERE).await;
        let compare = Matcher::operation("github", "GET /repos/acme/cms/compare*");
        chat.world.state().faults.plan(compare, kind);
        chat.types(ADA, "cms to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("⛔ Nothing was started."), "{kind:?}: {read}");
        assert!(read.contains(said), "{kind:?}: {read}");
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

type Arranged = fn(&mut Repo, &str, &str);

/// What is asked for; how the commit whose image goes out and the one that was asked for satisfy it, and how only the
/// former does not any more.
const GATES: [(&str, &str, Arranged, Arranged); 3] = [
    (
        "",
        r#", checks = [{ name = "test", app = "github-actions" }]"#,
        |repo, built, _| repo.check(built, "test", Some("success")),
        |repo, built, newest| {
            repo.check(newest, "test", Some("success"));
            repo.check(built, "test", Some("failure"));
        },
    ),
    (
        "signed = true",
        "",
        |repo, built, _| repo.sign(built, "valid"),
        |repo, built, newest| {
            repo.sign(newest, "valid");
            repo.sign(built, "unsigned");
        },
    ),
    (
        "branches = [\"release\"]",
        "",
        |repo, _, newest| {
            repo.branch("release", newest);
        },
        |repo, built, _| {
            let before = repo.parent(built).unwrap();
            repo.branch("release", &before);
        },
    ),
];

/// What has to be proved is asked of the commit whose image goes out, when it is planned and when it starts.
#[tokio::test(start_paused = true)]
async fn the_gates_are_about_the_commit_whose_image_it_is() {
    let mut said = Vec::new();
    for (rule, keys, well, turns) in GATES {
        let config = with(&asking("production", rule), &format!("{PATHS}{keys}"));
        for asked_first in [false, true] {
            let (chat, built, newest) = town_by(&config, ELSEWHERE).await;
            let arrange = |arranged: Arranged| {
                let state = &mut *chat.world.state();
                arranged(state.github.repo("acme/cms"), &built, &newest);
            };
            arrange(well);
            if asked_first {
                chat.types(ADA, "cms:main to production").await;
                chat.seconds(10).await;
                let read = chat.reads();
                assert!(read.contains("[ Confirm ]"), "{rule}{keys}: {read}");
                assert!(read.contains("nothing of "), "{rule}{keys}: {read}");
                arrange(turns);
                chat.clicks(ADA, "confirm").await;
            } else {
                arrange(turns);
                chat.types(ADA, "cms:main to production").await;
            }
            chat.settles().await;
            let read = chat.reads();
            assert!(read.contains("⛔ Nothing was started."), "{rule}: {read}");
            let line = read.lines().rfind(|line| line.contains(&built[..7]));
            said.push(line.unwrap_or(&read).trim().to_owned());
            chat.assert_nothing_changed();
        }
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    Its check `test` by `github-actions` did not pass on `283fc73`: `failure`. Mend it or run it again, and ask again once it has passed.
    Its check `test` by `github-actions` did not pass on `283fc73`: `failure`. Mend it or run it again, and ask again once it has passed.
    Commit `283fc73` is not signed, and must be. Sign it or tag it with a signed tag, and deploy that.
    Commit `283fc73` is not signed, and must be. Sign it or tag it with a signed tag, and deploy that.
    Commit `283fc73` may not go to production. It must be in `release`: merge it there, then ask again.
    Commit `283fc73` may not go to production. It must be in `release`: merge it there, then ask again.
    ");
}

/// The card says it also of what is promoted and of what is tried once more, and names the pull request.
#[tokio::test(start_paused = true)]
async fn it_is_said_again_wherever_that_image_goes() {
    let order = "order = [\"staging\", \"production\"]\n";
    let config = format!("{order}{}", with(CONFIG, PATHS));
    let (chat, _, _) = town_by(&config, ELSEWHERE).await;
    {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/cms");
        let docs = repo.commit("docs", "Write it down", "maria");
        repo.changes(&docs, ["docs/b.md"]);
        repo.pull_request(42, "docs", "Write it down");
    }
    chat.types(ADA, "cms:#42 to staging").await;
    chat.settles().await;
    chat.reads();
    chat.types(ADA, "promote cms to production").await;
    chat.seconds(10).await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy Content Management System 283fc73 to production?
      5c42316 → *283fc73*
      `cms`, digest `32451332ce17`
      Promoted from staging, where it succeeded less than a second ago, deployed by @ada.
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      #42 “Write it down” by maria
      `283fc73`, 3 commits before `#42` (`40c4b6e`): nothing of `services/cms/**` or `Cargo.lock` changed since
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-2` · asked by @ada · stands until 10:17 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
}
