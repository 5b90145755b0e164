//! The branches from which something may go out: a commit that none of them has does not, however it came not to.

use longshore_sim::State;
use longshore_sim::github::Mode;

use super::Chat;
use super::gated::{TOKEN, asking, no_illness_is_a_pass, town};
use crate::town::{ADA, PROD, REGION, digest_of};

const BRANCHES: &str = r#"branches = ["main", "hotfix/*"]"#;

/// A commit on a branch, with an image.
fn built(chat: &Chat, branch: &str) -> String {
    let now = chat.world.now();
    let state = &mut *chat.world.state();
    let repo = state.github.repo("acme/webapp");
    let commit = repo.commit(branch, &format!("Work on {branch}"), "sam");
    let digest = digest_of(&commit);
    state
        .ecr
        .push(PROD, REGION, "webapp", &[&commit], &digest, now);
    commit
}

/// What makes a commit, and what is typed to deploy it.
type Made = fn(&Chat) -> String;

/// Each way in which a commit may lie, and what is said; nothing where it goes out.
const STANDINGS: [(&str, &str, Made, Option<&str>); 13] = [
    (
        "the head of a branch",
        BRANCHES,
        |_| "webapp:main".to_owned(),
        None,
    ),
    (
        "an older commit of it",
        BRANCHES,
        |chat| {
            let older = built(chat, "main");
            built(chat, "main");
            format!("webapp:{older}")
        },
        None,
    ),
    (
        "one of several branches that begin alike",
        BRANCHES,
        |chat| {
            built(chat, "hotfix/a");
            let older = built(chat, "hotfix/b");
            built(chat, "hotfix/b");
            format!("webapp:{older}")
        },
        None,
    ),
    (
        "another branch",
        BRANCHES,
        |chat| {
            built(chat, "feature/a");
            "webapp:feature/a".to_owned()
        },
        Some("may not go to staging. It must be in `main` or `hotfix/*`:"),
    ),
    (
        "another branch that was merged",
        BRANCHES,
        |chat| {
            let commit = built(chat, "feature/a");
            chat.world
                .state()
                .github
                .repo("acme/webapp")
                .branch("main", &commit);
            "webapp:feature/a".to_owned()
        },
        None,
    ),
    (
        "what nobody has but a fork",
        BRANCHES,
        |chat| {
            let commit = built(chat, "of-a-fork");
            let state = &mut *chat.world.state();
            state.github.repo("acme/webapp").delete_branch("of-a-fork");
            format!("webapp:{commit}")
        },
        Some("It must be in `main` or `hotfix/*`:"),
    ),
    (
        "another branch, with a tag that is called like one of them",
        BRANCHES,
        |chat| {
            let commit = built(chat, "feature/a");
            let state = &mut *chat.world.state();
            state.github.repo("acme/webapp").tag("main", &commit);
            format!("webapp:{commit}")
        },
        Some("It must be in `main` or `hotfix/*`:"),
    ),
    (
        "a branch that begins like it and is not below it",
        BRANCHES,
        |chat| {
            built(chat, "hotfixes");
            "webapp:hotfixes".to_owned()
        },
        Some("It must be in `main` or `hotfix/*`:"),
    ),
    (
        "ahead of all of them",
        BRANCHES,
        |chat| {
            let main = built(chat, "main");
            let ahead = built(chat, "feature/a");
            let state = &mut *chat.world.state();
            state.github.repo("acme/webapp").branch("main", &main);
            format!("webapp:{ahead}")
        },
        Some("It must be in `main` or `hotfix/*`:"),
    ),
    (
        "one of more branches than are looked at, typed by its commit",
        BRANCHES,
        |chat| {
            for number in 0..12 {
                built(chat, &format!("hotfix/{number:02}"));
            }
            let older = built(chat, "hotfix/99");
            built(chat, "hotfix/99");
            format!("webapp:{older}")
        },
        Some("only ten branches are looked at."),
    ),
    (
        "the same, typed by its branch",
        BRANCHES,
        |chat| {
            for number in 0..12 {
                built(chat, &format!("hotfix/{number:02}"));
            }
            built(chat, "hotfix/99");
            "webapp:hotfix/99".to_owned()
        },
        None,
    ),
    (
        "no such branch",
        r#"branches = ["trunk"]"#,
        |_| "webapp:main".to_owned(),
        Some("must be in `trunk`, and there is no such branch."),
    ),
    (
        "an image that proves no commit",
        BRANCHES,
        |chat| {
            let now = chat.world.now();
            let state = &mut *chat.world.state();
            let digest = digest_of("nightly");
            let tags = ["nightly"];
            state.ecr.push(PROD, REGION, "webapp", &tags, &digest, now);
            "webapp:nightly".to_owned()
        },
        Some("so nobody can tell which branches have its commit."),
    ),
];

#[tokio::test(start_paused = true)]
async fn only_what_one_of_the_branches_has_goes_out() {
    for (case, branches, made, said) in STANDINGS {
        let (chat, _) = town("staging", branches).await;
        let typed = made(&chat);
        chat.types(ADA, &format!("{typed} to staging")).await;
        chat.settles().await;
        let read = chat.reads();
        match said {
            None => assert!(read.contains("✅ "), "{case}: {read}"),
            Some(said) => {
                assert!(read.contains(said), "{case}: {read}");
                chat.assert_nothing_changed();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_github_does_not_say_is_no_pass() {
    let closed = |state: &mut State| state.github.revoke_token(TOKEN);
    let unsaid = "which branches have its commit";
    no_illness_is_a_pass(BRANCHES, unsaid, |_, _| {}, closed).await;
}

#[tokio::test(start_paused = true)]
async fn the_question_says_which_branch_and_what_was_pushed_away_meanwhile_does_not_start() {
    let (chat, _) = town("production", BRANCHES).await;
    let before = built(&chat, "main");
    let head = built(&chat, "main");
    chat.types(ADA, "webapp:main to production").await;
    chat.seconds(10).await;
    let asked = chat.reads();
    assert!(asked.contains("Passed: in `main`"), "{asked}");
    let repo = |chat: &Chat, at: &str| {
        let state = &mut *chat.world.state();
        state.github.repo("acme/webapp").branch("main", at);
    };
    // By force.
    repo(&chat, &before);
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("was refused on production"), "{read}");
    assert!(read.contains("may not go to production"), "{read}");
    assert!(read.contains(&head[..7]), "{read}");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn the_way_back_and_a_restart_ask_for_no_branch() {
    let (chat, _) = town("staging", BRANCHES).await;
    chat.does("webapp:main to staging").await;
    chat.push(&asking("staging", r#"branches = ["release"]"#))
        .await;
    chat.seconds(60).await;
    chat.world.state().github.set_mode(Mode::Down);
    let read = chat.does("restart webapp on staging").await;
    assert!(read.contains("✅ "), "{read}");
    let read = chat.does("rollback webapp on staging").await;
    assert!(read.contains("✅ "), "{read}");
}
