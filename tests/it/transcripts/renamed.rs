//! A repository with another name at GitHub: it is asked for by its number, and people are told.

use super::Chat;
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
