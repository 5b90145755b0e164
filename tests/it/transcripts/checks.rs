//! The checks of a commit: what did not pass does not go out, whichever way it came not to.

use longshore_sim::State;
use longshore_sim::github::Mode;

use super::{Chat, gated};
use crate::town::{ADA, Bot};

const TEST: &str = r#"{ name = "test", app = "github-actions" }"#;

/// What an environment asks for.
fn rule(checks: &str) -> String {
    format!("checks = [{checks}]")
}

/// A town whose staging asks for checks, and the commit at the head of main.
async fn town(checks: &str) -> (Chat, String) {
    gated::town("staging", &rule(checks)).await
}

/// What happens to the checks of a commit.
type Checked = fn(&mut State, &str);

fn run(state: &mut State, sha: &str, conclusion: Option<&str>) {
    state
        .github
        .repo("acme/webapp")
        .check(sha, "test", conclusion);
}

/// Each way in which a check may stand, and what is said; nothing where it goes out.
const STANDINGS: [(&str, &str, Checked, Option<&str>); 23] = [
    (
        "passed",
        TEST,
        |state, sha| run(state, sha, Some("success")),
        None,
    ),
    (
        "failed",
        TEST,
        |state, sha| run(state, sha, Some("failure")),
        Some("Its check `test` by `github-actions` did not pass on"),
    ),
    (
        "cancelled",
        TEST,
        |state, sha| run(state, sha, Some("cancelled")),
        Some("did not pass on"),
    ),
    (
        "running",
        TEST,
        |state, sha| run(state, sha, None),
        Some("has not ended on"),
    ),
    ("missing", TEST, |_, _| {}, Some("has not run on")),
    (
        "skipped",
        TEST,
        |state, sha| run(state, sha, Some("skipped")),
        Some("was skipped on"),
    ),
    (
        "skipped, which is accepted",
        r#"{ name = "test", app = "github-actions", accept = ["skipped"] }"#,
        |state, sha| run(state, sha, Some("skipped")),
        None,
    ),
    (
        "neutral",
        TEST,
        |state, sha| run(state, sha, Some("neutral")),
        Some("ended as neutral on"),
    ),
    (
        "a word of tomorrow",
        TEST,
        |state, sha| run(state, sha, Some("approved")),
        Some("stands at `approved`"),
    ),
    (
        "of another app",
        TEST,
        |state, sha| {
            let repo = state.github.repo("acme/webapp");
            repo.check_of(sha, ("evil-app", 9), "test", Some("success"));
        },
        Some("has not run on"),
    ),
    (
        "a status of that name",
        TEST,
        |state, sha| {
            let repo = state.github.repo("acme/webapp");
            repo.status(sha, "eve", "test", "success");
        },
        Some("has not run on"),
    ),
    (
        "rerun, and passed",
        TEST,
        |state, sha| {
            run(state, sha, Some("failure"));
            run(state, sha, Some("success"));
        },
        None,
    ),
    (
        "rerun, and failed",
        TEST,
        |state, sha| {
            run(state, sha, Some("success"));
            run(state, sha, Some("failure"));
        },
        Some("did not pass on"),
    ),
    (
        "of another commit",
        TEST,
        |state, _| {
            let repo = state.github.repo("acme/webapp");
            let older = repo.commit("older", "Older", "ada");
            repo.check(&older, "test", Some("success"));
        },
        Some("has not run on"),
    ),
    (
        "the hundred-and-first",
        TEST,
        |state, sha| {
            let repo = state.github.repo("acme/webapp");
            for number in 0..120 {
                repo.check(sha, &format!("shard {number}"), Some("success"));
            }
            repo.check(sha, "test", Some("success"));
        },
        None,
    ),
    (
        "beyond what is read",
        TEST,
        |state, sha| {
            let repo = state.github.repo("acme/webapp");
            for number in 0..320 {
                repo.check(sha, &format!("shard {number}"), Some("success"));
            }
            repo.check(sha, "test", Some("success"));
        },
        Some("cannot be told on"),
    ),
    (
        "all of a source, one of which failed",
        r#"{ app = "github-actions" }"#,
        |state, sha| {
            run(state, sha, Some("success"));
            let repo = state.github.repo("acme/webapp");
            repo.check(sha, "lint", Some("failure"));
        },
        Some("A check by `github-actions` did not pass on"),
    ),
    (
        "all of a source, which has more to run",
        r#"{ app = "github-actions" }"#,
        |state, sha| {
            run(state, sha, Some("success"));
            let repo = state.github.repo("acme/webapp");
            repo.goes_on(sha, "github-actions");
        },
        Some("has not ended on"),
    ),
    (
        "all of a source",
        r#"{ app = "github-actions" }"#,
        |state, sha| run(state, sha, Some("success")),
        None,
    ),
    (
        "of two events, one failed",
        TEST,
        |state, sha| {
            let repo = state.github.repo("acme/webapp");
            repo.check_of(sha, ("github-actions", 1), "test", Some("failure"));
            repo.check_of(sha, ("github-actions", 2), "test", Some("success"));
        },
        Some("did not pass on"),
    ),
    (
        "a status by its creator",
        r#"{ name = "ci/jenkins", creator = "acme-ci" }"#,
        |state, sha| {
            let repo = state.github.repo("acme/webapp");
            repo.status(sha, "Acme-CI", "ci/jenkins", "pending");
            repo.status(sha, "Acme-CI", "ci/jenkins", "success");
        },
        None,
    ),
    (
        "a status by another",
        r#"{ name = "ci/jenkins", creator = "acme-ci" }"#,
        |state, sha| {
            let repo = state.github.repo("acme/webapp");
            repo.status(sha, "acme-ci", "ci/jenkins", "failure");
            repo.status(sha, "eve", "ci/jenkins", "success");
        },
        Some("did not pass on"),
    ),
    (
        "of two, one is missing",
        r#"{ name = "test", app = "github-actions" }, { name = "lint", app = "github-actions" }"#,
        |state, sha| run(state, sha, Some("success")),
        Some("Its check `lint` by `github-actions` has not run on"),
    ),
];

#[tokio::test(start_paused = true)]
async fn only_what_passed_goes_out() {
    for (case, checks, happens, said) in STANDINGS {
        let (chat, head) = town(checks).await;
        happens(&mut chat.world.state(), &head);
        chat.types(ADA, "webapp to staging").await;
        chat.settles().await;
        let read = chat.reads();
        match said {
            None => {
                let begun = |state: &State| {
                    let mut calls = state.calls.iter();
                    calls.any(|call| call.operation == "UpdateService")
                };
                assert!(begun(&chat.world.state()), "{case}: {read}");
                assert!(read.contains("✅ "), "{case}: {read}");
            }
            Some(said) => {
                assert!(read.contains(said), "{case}: {read}");
                assert!(read.contains(&head[..7]), "{case}: {read}");
                chat.assert_nothing_changed();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_github_does_not_say_is_no_pass() {
    let passed = |state: &mut State, head: &str| run(state, head, Some("success"));
    let closed = |state: &mut State| state.github.hide_checks();
    let unsaid = "whether the checks passed";
    gated::no_illness_is_a_pass(&rule(TEST), unsaid, passed, closed).await;
}

#[tokio::test(start_paused = true)]
async fn a_check_that_turned_red_while_people_were_asked_is_seen_when_it_starts() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&gated::asking("production", &rule(TEST))).await;
    let head = {
        let state = &mut *chat.world.state();
        let head = state.github.repo("acme/webapp").head("main").unwrap();
        run(state, &head, Some("success"));
        head
    };
    chat.types(ADA, "webapp to production").await;
    chat.seconds(10).await;
    let asked = chat.reads();
    assert!(asked.contains("Passed: `test`"), "{asked}");
    run(&mut chat.world.state(), &head, Some("failure"));
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("was refused on production"), "{read}");
    assert!(read.contains("did not pass on"), "{read}");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_name_a_commit_of_has_not_passed() {
    let (chat, head) = town(TEST).await;
    run(&mut chat.world.state(), &head, Some("success"));
    let now = chat.world.now();
    {
        let state = &mut *chat.world.state();
        let digest = longshore_sim::ecr::digest("nightly");
        let (account, region) = (crate::town::PROD, crate::town::REGION);
        let tags = ["nightly"];
        state
            .ecr
            .push(account, region, "webapp", &tags, &digest, now);
    }
    chat.types(ADA, "webapp:nightly to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("The image does not prove of which commit it is"),
        "{read}"
    );
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn the_way_back_and_a_restart_ask_for_no_checks() {
    let (chat, head) = town(TEST).await;
    run(&mut chat.world.state(), &head, Some("success"));
    chat.does("webapp to staging").await;
    run(&mut chat.world.state(), &head, Some("failure"));
    chat.world.state().github.set_mode(Mode::Down);
    let read = chat.does("restart webapp on staging").await;
    assert!(read.contains("✅ "), "{read}");
    let read = chat.does("rollback webapp on staging").await;
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn the_checks_are_said_beside_whatever_else_stands_in_the_way() {
    let (chat, _) = town(TEST).await;
    chat.world.state().ecs.deactivate("staging", "webapp");
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("is `INACTIVE`"), "{read}");
    assert!(read.contains("has not run on"), "{read}");
    chat.assert_nothing_changed();
}
