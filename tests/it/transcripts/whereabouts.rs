//! `where …`: in which environments a change runs, for everybody who may see what runs.

use insta::assert_snapshot;
use longshore_sim::ecs::Script;
use longshore_sim::fault::Matcher;
use longshore_sim::github::Mode;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, EVE, PROD, REGION};

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

/// Between two services, one of which has it already.
#[tokio::test(start_paused = true)]
async fn a_change_that_some_services_run_is_said_to_run_partly() {
    let chat = Chat::new(Bot::NoToken).await;
    let (branch, first) = {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/cms");
        (
            repo.head("feature/signup-autocomplete").unwrap(),
            repo.head("main").unwrap(),
        )
    };
    chat.types(ADA, "cms:main to staging").await;
    chat.settles().await;
    let now = chat.world.now();
    chat.world
        .state()
        .ecs
        .set_script(now, "staging", "cms-worker", &Script::CrashLoop);
    let apart = CONFIG.replace(
        "services     = [\"cms-api\"",
        "on_failure = \"stop\"\nservices     = [\"cms-api\"",
    );
    chat.push(&apart).await;
    chat.seconds(61).await;
    chat.types(ADA, &format!("cms:{branch} to staging")).await;
    chat.settles().await;
    chat.skips();
    let mut read = asks(&chat, EVE, &format!("where cms {}", &branch[..7])).await;
    read += &asks(&chat, EVE, &format!("where cms {}", &first[..7])).await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      # Where 677e2bc runs
      Commit 677e2bc of `acme/cms`
      *cms*
      ? production: the commit of what runs there is not known
      ? staging: some of its services run it, others do not
      – Only you see this; nothing was changed · as of 10:03 today
    Longshore in #deploys · Only visible to you, eve
      # Where 283fc73 runs
      Commit 283fc73 of `acme/cms`
      *cms*
      ? production: the commit of what runs there is not known
      ✓ staging: in 677e2bc, since 10:01 today, by @ada
      – Only you see this; nothing was changed · as of 10:03 today
    ");
}

#[tokio::test(start_paused = true)]
async fn a_change_runs_nowhere_where_no_task_does() {
    let chat = Chat::new(Bot::NoToken).await;
    let head = chat.world.state().github.repo("acme/webapp").head("main");
    let head = head.unwrap();
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    let now = chat.world.now();
    chat.world
        .state()
        .ecs
        .set_desired_count(now, "staging", "webapp", 0);
    chat.seconds(120).await;
    chat.skips();
    let read = asks(&chat, EVE, &format!("where {}", &head[..7])).await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      # Where 680af60 runs
      Commit 680af60 of `acme/webapp`
      *webapp*
      ? production: the commit of what runs there is not known
      ? staging: not every service has a task that runs
      – Only you see this; nothing was changed · as of 10:02 today
    ");
}

/// What was deployed was force-pushed away and forgotten since.
#[tokio::test(start_paused = true)]
async fn what_github_has_lost_is_neither_in_nor_out() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.skips();
    let other = {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let head = repo.head("main").unwrap();
        let first = repo.parent(&head).unwrap();
        repo.branch("main", &first);
        repo.forget(&head);
        repo.commit("main", "Sell boots", "maria")
    };
    let read = asks(&chat, EVE, &format!("where {}", &other[..7])).await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      # Where e92d402 runs
      Commit e92d402 of `acme/webapp`
      *webapp*
      ? production: the commit of what runs there is not known
      ? staging: GitHub does not say whether what runs there has it
      – Only you see this; nothing was changed · as of 10:00 today
    ");
}

/// GitHub answers slowly: what is not asked any more is said, and never taken for a no.
#[tokio::test(start_paused = true)]
async fn places_that_are_not_looked_at_say_so() {
    let chat = Chat::new(Bot::NoToken).await;
    let (first, commits) = {
        let now = chat.world.now();
        let mut state = chat.world.state();
        let state = &mut *state;
        let repo = state.github.repo("acme/webapp");
        let first = repo.head("main").unwrap();
        let commits = [1, 2, 3, 4, 5].map(|n| repo.commit("main", &format!("Number {n}"), "maria"));
        for commit in &commits {
            let digest = longshore_sim::ecr::digest(commit);
            state
                .ecr
                .push(PROD, REGION, "webapp", &[commit], &digest, now);
        }
        (first, commits)
    };
    for commit in commits {
        chat.types(ADA, &format!("webapp:{commit} to production"))
            .await;
        chat.seconds(5).await;
        chat.clicks(ADA, "confirm").await;
        chat.settles().await;
    }
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    chat.skips();
    let slow = std::time::Duration::from_millis(4_900);
    let matcher = Matcher::service("github");
    chat.world.state().faults.delay(matcher, slow);
    chat.types(EVE, &format!("where webapp {}", &first[..7]))
        .await;
    chat.seconds(60).await;
    let read = chat.reads();
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      This takes longer than usual. The answer follows here.

    Longshore in #deploys · Only visible to you, eve
      # Where 680af60 runs
      Commit 680af60 of `acme/webapp`
      *webapp*
      ✓ production: in b33abeb, since 10:00 today or before
      ? staging: not looked at, because there is too much to ask; name the application
      – Only you see this; nothing was changed · as of 10:05 today
    ");
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
