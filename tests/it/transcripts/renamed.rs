//! A repository with another name at GitHub: it is asked for by its number, and people are told.

use insta::assert_snapshot;
use longshore_sim::{State, ecr};

use super::Chat;
use super::gated;
use crate::town::{ADA, Bot, CONFIG, PROD, REGION};

#[tokio::test(start_paused = true)]
async fn a_renamed_repository_is_followed_and_the_card_says_so() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.world.state().github.rename("acme/cms", "acme/content");
    chat.types(ADA, "cms:main to production").await;
    chat.seconds(5).await;
    let read = chat.reads();
    let said = "`acme/cms` has another name at GitHub by now";
    assert!(read.contains(said), "{read}");
    assert!(read.contains("*main@283fc73*"), "{read}");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
    // The other one is called as it was.
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(!read.contains("another name"), "{read}");
}

/// GitHub sends on whoever asks for a branch by a name of before, and the branch there may be anybody's.
#[tokio::test(start_paused = true)]
async fn a_renamed_branch_is_not_followed_also_in_a_renamed_repository() {
    for repository in [None, Some("acme/content")] {
        let chat = Chat::new(Bot::NoToken).await;
        {
            let github = &mut chat.world.state().github;
            github.repo("acme/cms").rename_branch("main", "trunk");
            if let Some(name) = repository {
                github.rename("acme/cms", name);
            }
        }
        chat.types(ADA, "cms:main to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("branch or image called `main`"), "{read}");
        chat.assert_nothing_changed();
        chat.types(ADA, "cms:trunk to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("✅ "), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_names_a_branch_is_not_about_the_one_that_it_became() {
    let (chat, head) = gated::town("staging", "branches = [\"main\"]").await;
    chat.world
        .state()
        .github
        .repo("acme/webapp")
        .rename_branch("main", "trunk");
    for typed in ["webapp", "webapp:trunk", &format!("webapp:{head}")] {
        chat.types(ADA, &format!("{typed} to staging")).await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("⛔ Nothing was started."), "{read}");
        assert!(read.contains("`main`"), "{read}");
    }
    chat.assert_nothing_changed();
}

/// Somebody takes the name, and their CI builds an image of the same repository's: the commit at the head of their main.
fn taken_by_another(state: &mut State, now: jiff::Timestamp) -> String {
    let repo = state.github.repo("acme/cms");
    let head = repo.commit("main", "Sell nothing", "mallory");
    let digest = ecr::digest(&head);
    state.ecr.push(PROD, REGION, "cms", &[&head], &digest, now);
    head
}

/// A town in which Longshore has deployed from a repository whose name another one has by now.
async fn taken(frees_the_name: fn(&mut State)) -> (Chat, String) {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "cms:main to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
    let now = chat.world.now();
    let head = {
        let state = &mut *chat.world.state();
        frees_the_name(state);
        taken_by_another(state, now)
    };
    (chat, head)
}

#[tokio::test(start_paused = true)]
async fn nothing_is_deployed_from_a_repository_that_has_the_name_of_another() {
    let free: [fn(&mut State); 2] = [
        |state| state.github.rename("acme/cms", "acme/content"),
        |state| state.github.delete("acme/cms"),
    ];
    for frees_the_name in free {
        let (chat, head) = taken(frees_the_name).await;
        let updates = || {
            let ecs = &mut chat.world.state().ecs;
            ecs.update_calls("staging", "cms-api")
        };
        let before = updates();
        for typed in [
            "cms to staging",
            "cms:main to staging",
            &format!("cms:{} to staging", &head[..8]),
            "plan cms:main to staging",
        ] {
            chat.types(ADA, typed).await;
            chat.settles().await;
            let read = chat.reads();
            let said = "Another repository at GitHub has the name of this one by now";
            assert!(read.contains(said), "{typed}: {read}");
            assert!(!read.contains("mallory"), "{typed}: {read}");
        }
        assert_eq!(updates(), before);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_shown_of_a_repository_that_has_the_name_of_another() {
    let (chat, head) = taken(|state| state.github.rename("acme/cms", "acme/content")).await;
    let mut read = chat.does("cms:main to staging").await;
    for typed in [
        "diff cms:main staging",
        "diff cms staging production",
        &format!("where cms {}", &head[..8]),
    ] {
        chat.types(ADA, typed).await;
        chat.seconds(8).await;
        read += &chat.reads();
    }
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # cms:main was refused on staging
      ⛔ Nothing was started.
      Another repository at GitHub has the name of this one by now, and what it calls `main` is not to be trusted. Ask @root: `longshore check --live` says which two.
      – `id-2` · 10:01 today
    Longshore in #deploys · Only visible to you, ada
      Another repository at GitHub has the name of this one by now, and what it calls `main` is not to be trusted. Ask @root: `longshore check --live` says which two.
    Longshore in #deploys · Only visible to you, ada
      # Difference: Content Management System · staging and production
      staging runs main@283fc73, production runs 5c42316
      staging has 1 commit (bob) that production has not · compare
      • 283fc73 Sell shoes – bob
      *Task definitions, production → staging, images aside* (variables by their names alone):
      `cms-api`
      ```executionRoleArn: arn:aws:iam::111111111111:role/cms-api-execution → arn:aws:iam::222222222222:role/cms-api-execution
      taskRoleArn: arn:aws:iam::111111111111:role/cms-api-task → arn:aws:iam::222222222222:role/cms-api-task```
      `cms-worker`
      ```executionRoleArn: arn:aws:iam::111111111111:role/cms-worker-execution → arn:aws:iam::222222222222:role/cms-worker-execution
      taskRoleArn: arn:aws:iam::111111111111:role/cms-worker-task → arn:aws:iam::222222222222:role/cms-worker-task```
      – Only you see this; nothing was changed · as of 10:01 today
    Longshore in #deploys · Only visible to you, ada
      Nobody can tell: another repository at GitHub has the name by now. `longshore check --live` says which two.
    ");
}

#[tokio::test(start_paused = true)]
async fn a_repository_in_place_of_another_is_taken_once_the_configuration_names_it() {
    let (chat, head) = taken(|state| state.github.delete("acme/cms")).await;
    for (id, goes) in [("1296270", false), ("1296271", true)] {
        let ids = format!("\n[github]\nrepository_ids = {{ \"Acme/CMS\" = \"{id}\" }}\n");
        chat.push(&format!("{CONFIG}{ids}")).await;
        chat.seconds(61).await;
        chat.types(ADA, "cms:main to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert_eq!(read.contains("✅ "), goes, "{id}: {read}");
        assert_eq!(read.contains(&head[..7]), goes, "{id}: {read}");
    }
    // What the configuration says is not kept beside it: without it, the one that was seen first is meant again.
    chat.push(CONFIG).await;
    chat.seconds(61).await;
    let read = chat.does("cms:main to staging").await;
    assert!(read.contains("Another repository"), "{read}");
}

/// Also where the question was asked before.
#[tokio::test(start_paused = true)]
async fn a_gate_does_not_ask_a_repository_that_has_the_name_of_another() {
    let (chat, head) = gated::town("production", "branches = [\"main\"]").await;
    chat.types(ADA, &format!("webapp:{head} to production"))
        .await;
    chat.seconds(5).await;
    let read = chat.reads();
    assert!(read.contains("Deploy"), "{read}");
    {
        let state = &mut *chat.world.state();
        state.github.delete("acme/webapp");
        state.github.repo("acme/webapp");
    }
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("nobody can tell"), "{read}");
    chat.assert_nothing_changed();
}

/// What is kept of repositories.
fn kept(chat: &Chat) -> Vec<String> {
    let state = chat.world.state();
    let items = state.dynamodb.tables["longshore"].items();
    let items = items.iter().filter(|((pk, _), _)| pk == "REPOSITORIES");
    items
        .map(|((_, sk), item)| format!("{sk} {}", item["id"]["N"].as_str().unwrap()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_deploy_keeps_what_its_repository_is_known_by_and_a_look_does_not() {
    let chat = Chat::new(Bot::NoToken).await;
    for (typed, known) in [
        ("plan cms:main to staging", &[][..]),
        ("cms:main to staging", &["acme/cms 1296270"]),
        (
            "webapp to staging",
            &["acme/cms 1296270", "acme/webapp 1296269"],
        ),
    ] {
        chat.does(typed).await;
        assert_eq!(kept(&chat), known, "{typed}");
    }
    // By a name of before it is the same.
    chat.world.state().github.rename("acme/cms", "acme/content");
    chat.does("cms:feature/signup-autocomplete to staging")
        .await;
    assert_eq!(kept(&chat), ["acme/cms 1296270", "acme/webapp 1296269"]);
}
