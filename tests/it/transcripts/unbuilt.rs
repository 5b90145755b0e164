//! No image yet: which commit that is, how far CI got, and one button that deploys the newest that is.

use jiff::SignedDuration;
use longshore_sim::ecr;
use longshore_sim::fault::{Kind, Matcher};

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, PROD, REGION};

/// A town whose newest commit has no image; that commit, and the one before it.
async fn town() -> (Chat, String, String) {
    let chat = Chat::new(Bot::NoToken).await;
    let (new, before) = {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let before = repo.head("main").unwrap();
        (repo.commit("main", "New footer <!here>", "sam"), before)
    };
    (chat, new, before)
}

impl Chat {
    /// A check run of that commit began so many seconds ago and took so long, if it has ended.
    fn ran(&self, sha: &str, name: &str, ago: i64, took: Option<i64>, conclusion: Option<&str>) {
        let began = self.world.now() - SignedDuration::from_secs(ago);
        let ended = took.map(|took| began + SignedDuration::from_secs(took));
        let state = &mut *self.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.check(sha, name, conclusion);
        repo.check_ran(sha, name, began, ended);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_being_built_is_told_and_the_newest_that_is_goes_out_by_one_click() {
    let (chat, new, before) = town().await;
    chat.ran(&before, "build", 4_000, Some(290), Some("success"));
    chat.ran(&new, "lint", 60, None, None);
    chat.ran(&new, "build", 125, None, None);
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp was refused on staging
      ⛔ Nothing was started.
      No image yet for `main`, `ca5a062` `New footer <!here>` (sam). CI `build` has run for 2 min, usually 5 min. Wait for it, or deploy `680af60`, 1 commit before it: `/deploy webapp:680af60 to staging`
      – `id-1` · 10:00 today
      [ Deploy 680af60, the newest that is ]
    ");
    chat.assert_nothing_changed();
    let id = chat.newest_deploy();
    chat.types(ADA, &format!("show {id}")).await;
    chat.settles().await;
    let shown = chat.reads();
    assert!(shown.contains("No image yet for `main`"), "{shown}");
    chat.clicks(ADA, "deploy_before").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("# webapp 680af60 runs on staging"), "{read}");
    // Once.
    chat.clicks(ADA, "deploy_before").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("was used before"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_failed_what_ended_and_what_nobody_reported() {
    let says = |chat: &Chat| {
        let read = chat.reads();
        let line = read.lines().find(|line| line.contains("No image yet"));
        line.unwrap_or(&read).trim().to_owned()
    };
    let mut said = Vec::new();
    for (ago, took, conclusion) in [
        (300, Some(120), Some("failure")),
        (300, Some(120), Some("success")),
        (2, None, None),
    ] {
        let (chat, new, _) = town().await;
        chat.ran(&new, "build", ago, took, conclusion);
        chat.types(ADA, "webapp to staging").await;
        chat.settles().await;
        said.push(says(&chat));
    }
    let (chat, new, _) = town().await;
    for typed in ["main".to_owned(), new[..8].to_owned(), new] {
        chat.types(ADA, &format!("webapp:{typed} to staging")).await;
        chat.settles().await;
        said.push(says(&chat));
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    No image yet for `main`, `ca5a062` `New footer <!here>` (sam). CI `build` failed 3 min ago. Mend it, or deploy `680af60`, 1 commit before it: `/deploy webapp:680af60 to staging`
    No image yet for `main`, `ca5a062` `New footer <!here>` (sam). What GitHub shows of its CI has ended. Look at its build, or deploy `680af60`, 1 commit before it: `/deploy webapp:680af60 to staging`
    No image yet for `main`, `ca5a062` `New footer <!here>` (sam). CI `build` has run for 2 sec. Wait for it, or deploy `680af60`, 1 commit before it: `/deploy webapp:680af60 to staging`
    No image yet for `main`, `ca5a062` `New footer <!here>` (sam). Look at its build, or deploy `680af60`, 1 commit before it: `/deploy webapp:680af60 to staging`
    No image yet for `ca5a062` `New footer <!here>` (sam). Look at its build, or deploy `680af60`, 1 commit before it: `/deploy webapp:680af60 to staging`
    No image yet for `ca5a062` `New footer <!here>` (sam). Look at its build, or deploy `680af60`, 1 commit before it: `/deploy webapp:680af60 to staging`
    ");
}

/// A status counts where a check is reported by one.
#[tokio::test(start_paused = true)]
async fn a_status_is_read_where_checks_are_statuses() {
    let (chat, new, _) = town().await;
    let checks = "checks = [{ name = \"ci/build\", creator = \"acme-ci\" }]";
    let source = "source       = { repository = \"acme/webapp\", image = \"webapp\" }";
    let with = format!("{}, {checks} }}", source.trim_end_matches(" }"));
    assert!(CONFIG.contains(source));
    chat.push(&CONFIG.replace(source, &with)).await;
    chat.seconds(60).await;
    let began = chat.world.now() - SignedDuration::from_secs(61);
    {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.status(&new, "acme-ci", "ci/build", "pending");
        repo.status_made(&new, "ci/build", began);
    }
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("CI `ci/build` has run for 1 min."), "{read}");
}

/// Only what a branch was at some time is offered, and only what the image's tags prove.
#[tokio::test(start_paused = true)]
async fn neither_what_was_merged_nor_a_branchs_tag_is_offered() {
    let chat = Chat::new(Bot::NoToken).await;
    let now = chat.world.now();
    let newest = {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        // 31 commits later, only ones far away have an image.
        for number in 0..31 {
            repo.commit("main", &format!("Change {number}"), "bob");
        }
        let newest = repo.head("main").unwrap();
        let digest = ecr::digest("moving");
        state
            .ecr
            .push(PROD, REGION, "webapp", &["latest"], &digest, now);
        newest
    };
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains(&format!("`main`, `{}`", &newest[..7])),
        "{read}"
    );
    assert!(!read.contains("the newest that is ]"), "{read}");
    assert!(
        read.contains("or deploy one of the 4 newest there"),
        "{read}"
    );
}

/// GitHub falls ill once it has said what main is.
#[tokio::test(start_paused = true)]
async fn a_silent_github_leaves_only_out_what_it_would_have_told() {
    for kind in [Kind::TimedOut, Kind::Before5xx, Kind::Throttled, Kind::Lost] {
        let (chat, _, _) = town().await;
        let commits = Matcher::operation("github", "GET /repos/acme/webapp/commits*");
        chat.world.state().faults.plan(commits, kind);
        chat.types(ADA, "webapp to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("⛔ Nothing was started."), "{kind:?}: {read}");
        assert!(
            read.contains("There is no image for `main`"),
            "{kind:?}: {read}"
        );
        chat.assert_nothing_changed();
    }
    let (chat, _, _) = town().await;
    chat.world.state().github.hide_checks();
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("No image yet for `main`"), "{read}");
    assert!(!read.contains("CI"), "{read}");
}

/// What was merged into a branch was never the branch itself, and was perhaps never tried with the rest of it.
#[tokio::test(start_paused = true)]
async fn what_was_merged_into_a_branch_is_not_offered_as_the_branch() {
    let chat = Chat::new(Bot::NoToken).await;
    let now = chat.world.now();
    let before = {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let before = repo.head("main").unwrap();
        let merged = repo.commit("feature/links", "Links", "sam");
        repo.pull_request(7, "feature/links", "Links");
        repo.merge(7);
        let digest = ecr::digest(&merged);
        state
            .ecr
            .push(PROD, REGION, "webapp", &[&merged], &digest, now);
        before
    };
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    let read = chat.reads();
    let offered = format!("or deploy `{}`, 1 commit before it", &before[..7]);
    assert!(read.contains(&offered), "{read}");
}
