//! Files that are watched for: called out where they change, and said to be unknown where GitHub does not tell.

use insta::assert_snapshot;
use longshore_sim::ecr;
use longshore_sim::github::Mode;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, PROD, REGION};

const WATCHES: &str = "watch_files = [\"migrations/**\"]\n";

/// Webapp's files are watched for.
async fn watches() -> Chat {
    let chat = Chat::empty(Bot::NoToken).await;
    let table = "[applications.webapp]\n";
    chat.push(&CONFIG.replace(table, &format!("{table}{WATCHES}")))
        .await;
    chat
}

/// The head of main changes these files.
fn changes(chat: &Chat, files: &[&str]) {
    let mut state = chat.world.state();
    let repo = state.github.repo("acme/webapp");
    let head = repo.head("main").unwrap();
    repo.changes(&head, files.iter().copied());
}

/// Types it, and gives the lines about files.
async fn told(chat: &Chat, text: &str) -> String {
    chat.types(ADA, text).await;
    chat.seconds(10).await;
    let read = chat.reads();
    let about = |line: &&str| line.contains("igrations") || line.contains(" file");
    let lines: Vec<&str> = read.lines().filter(about).map(str::trim).collect();
    format!("{text}:\n{}\n", lines.join("\n"))
}

#[tokio::test(start_paused = true)]
async fn what_touches_a_watched_file_says_so_on_the_plan_the_question_and_the_difference() {
    let chat = watches().await;
    let mut read = told(&chat, "diff webapp production").await;
    read += &told(&chat, "plan webapp to production").await;
    changes(
        &chat,
        &[
            "src/main.rs",
            "migrations/0042_add.sql",
            "migrations/0043.sql",
            "migrations/2026/0044.sql",
            "migrations/2026/0045.sql",
        ],
    );
    // What was compared before is known for good.
    {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let newer = repo.commit("main", "Sell boots", "maria");
        repo.renames(&newer, "migrations/0001.sql", "attic/0001.sql");
    }
    read += &told(&chat, "diff webapp production").await;
    assert_snapshot!(read, @r"
    diff webapp production:
    No file of `migrations/**` differs.
    plan webapp to production:

    diff webapp production:
    ⚠️ Differs in `migrations/0001.sql`, `migrations/0042_add.sql`, `migrations/0043.sql` and 2 more
    ");
}

#[tokio::test(start_paused = true)]
async fn a_deploy_asks_with_them_and_a_rollback_takes_them_back() {
    let chat = watches().await;
    changes(&chat, &["migrations/0042_add.sql"]);
    let mut read = told(&chat, "webapp to production").await;
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.skips();
    read += &told(&chat, "rollback webapp on production").await;
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
    assert_snapshot!(read, @r"
    webapp to production:
    ⚠️ Touches `migrations/0042_add.sql`
    rollback webapp on production:
    ⚠️ Takes back changes of `migrations/0042_add.sql`
    ");
}

#[tokio::test(start_paused = true)]
async fn what_github_does_not_list_is_never_said_not_to_change() {
    let chat = watches().await;
    let many: Vec<String> = (0..310).map(|number| format!("app/{number:03}")).collect();
    let mut all: Vec<&str> = many.iter().map(String::as_str).collect();
    all.push("migrations/0042_add.sql");
    changes(&chat, &all);
    let mut read = told(&chat, "diff webapp production").await;
    read += &told(&chat, "plan webapp to production").await;
    let head = chat.world.state().github.repo("acme/webapp").head("main");
    chat.world.state().github.set_mode(Mode::Down);
    read += &told(
        &chat,
        &format!("plan webapp:{} to production", head.unwrap()),
    )
    .await;
    assert_snapshot!(read, @r"
    diff webapp production:
    ⚠️ Whether a file of `migrations/**` changes could not be told: GitHub lists 300 files of a comparison
    plan webapp to production:
    ⚠️ Whether a file of `migrations/**` changes could not be told: GitHub lists 300 files of a comparison
    plan webapp:680af6092fd37905d8f8385d0566001f014f9219 to production:
    ⚠️ Whether a file of `migrations/**` changes could not be told: GitHub does not say all that changes
    ");
}

/// Going back takes a commit away and brings another one back.
#[tokio::test(start_paused = true)]
async fn what_a_rollback_brings_back_beside_what_it_takes_away_was_not_compared() {
    let chat = watches().await;
    let now = chat.world.now();
    {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let main = repo.head("main").unwrap();
        repo.changes(&main, ["migrations/0042_add.sql"]);
        let first = repo.parent(&main).unwrap();
        repo.branch("hotfix/door", &first);
        let door = repo.commit("hotfix/door", "Mend the door", "sam");
        let digest = ecr::digest(&door);
        state
            .ecr
            .push(PROD, REGION, "webapp", &[&door], &digest, now);
    }
    for reference in ["main", "hotfix/door"] {
        told(&chat, &format!("webapp:{reference} to production")).await;
        chat.clicks(ADA, "confirm").await;
        chat.settles().await;
        chat.skips();
    }
    let read = told(&chat, "rollback webapp on production").await;
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
    assert_snapshot!(read, @r"
    rollback webapp on production:
    ⚠️ Whether a file of `migrations/**` changes could not be told: what comes back was not compared
    ");
}
