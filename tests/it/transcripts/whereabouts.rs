//! `where …`: in which environments a change runs, for everybody who may see what runs.

use insta::assert_snapshot;
use longshore_sim::github::Mode;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, EVE};

/// Types it, and reads the answer.
async fn asks(chat: &Chat, user: &str, text: &str) -> String {
    chat.types(user, text).await;
    chat.seconds(8).await;
    chat.reads()
}

#[tokio::test(start_paused = true)]
async fn a_change_is_found_where_it_runs_with_since_when_and_by_whom() {
    let chat = Chat::new(Bot::NoToken).await;
    let head = {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let branch = "feature/signup-autocomplete";
        repo.pull_request(42, branch, "Complete <addresses>");
        repo.head("main").unwrap()
    };
    for typed in [
        "webapp:main to staging",
        "webapp:feature/signup-autocomplete to staging",
    ] {
        chat.types(ADA, typed).await;
        chat.settles().await;
        chat.seconds(3_600).await;
    }
    chat.skips();
    let mut read = asks(&chat, EVE, &format!("where {}", &head[..7])).await;
    read += &asks(&chat, EVE, "where is #42?").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      # Where 680af60 runs
      Commit 680af60 of `acme/webapp`
      *webapp*
      ? production: the commit of what runs there is not known
      ✓ staging: in `feature/signup-autocomplete@83a078a`, since 10:00 today, by @ada
      – Only you see this; nothing was changed · as of 12:01 today
    Longshore in #deploys · Only visible to you, eve
      # Where #42 runs
      #42 of `acme/webapp` “Complete <addresses>” by ada: not merged yet, its newest commit is 83a078a
      *webapp*
      ? production: the commit of what runs there is not known
      ✓ staging: in `feature/signup-autocomplete@83a078a`, since 11:01 today, by @ada
      – Only you see this; nothing was changed · as of 12:01 today
    ");
}

/// What was deployed from a branch before its merge has the change, and not the merge.
#[tokio::test(start_paused = true)]
async fn a_change_that_was_deployed_before_its_merge_runs_still() {
    let chat = Chat::new(Bot::NoToken).await;
    let branch = "feature/signup-autocomplete";
    {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.pull_request(42, branch, "Complete addresses");
    }
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.skips();
    let read = asks(&chat, EVE, "where #42").await;
    assert!(
        read.contains("✗ staging: not in main@680af60, which runs there"),
        "{read}"
    );

    chat.types(ADA, &format!("webapp:{branch} to staging"))
        .await;
    chat.settles().await;
    chat.world.state().github.repo("acme/webapp").merge(42);
    chat.seconds(120).await;
    chat.skips();
    let read = asks(&chat, EVE, "where #42").await;
    assert!(read.contains("merged as "), "{read}");
    assert!(read.contains("✓ staging: in "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_told_of_a_change_says_so() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.skips();
    let mut read = asks(&chat, ADA, "where #7").await;
    read += &asks(&chat, ADA, "where webapp 0123456").await;
    chat.world.state().github.set_mode(Mode::Down);
    read += &asks(&chat, ADA, "where #7").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      No repository that Longshore may read has `#7`. Check the number or the digits.
    Longshore in #deploys · Only visible to you, ada
      No repository that Longshore may read has `0123456`. Check the number or the digits.
    Longshore in #deploys · Only visible to you, ada
      GitHub gives no usable answer about `#7`. Ask again in a minute.
    ");
    let bare = CONFIG
        .replace("repository = \"acme/webapp\", ", "")
        .replace("repository = \"acme/cms\", ", "");
    chat.push(&bare).await;
    chat.seconds(61).await;
    let read = asks(&chat, ADA, "where #7").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      Nobody can tell: the configuration names no GitHub `repository` to look in.
    ");
}
