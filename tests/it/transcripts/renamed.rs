//! A repository with another name at GitHub: it is asked for by its number, and people are told.

use super::Chat;
use super::gated;
use crate::town::{ADA, Bot};

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
