//! The help's examples: of what is configured, and of a version that was really met.

use std::time::Duration;

use longshore_sim::fault::Matcher;

use super::Chat;
use crate::town::{ADA, Bot, EVE};

#[tokio::test(start_paused = true)]
async fn an_example_names_a_version_that_was_met_and_what_its_reader_may() {
    let chat = Chat::new(Bot::NoToken).await;
    let plain = "For instance: `/deploy cms to staging`";
    let read = chat.does("help").await;
    assert!(read.contains(plain), "{read}");
    chat.does("webapp:feature/signup-autocomplete to staging")
        .await;
    chat.does("cms:1.0.2 to staging").await;
    let met = "`/deploy cms:1.0.2 to staging`";
    for typed in ["help", "help deploy"] {
        let read = chat.does(typed).await;
        assert!(read.contains(met), "{read}");
        assert!(!read.contains(plain), "{read}");
    }
    let read = chat.does("help rollback").await;
    assert!(!read.contains("1.0.2"), "{read}");
    // Whoever may deploy nowhere but there is told the same, and nothing of production.
    chat.types(EVE, "help deploy").await;
    chat.seconds(1).await;
    let read = chat.reads();
    assert!(
        read.contains(met) && !read.contains("production`"),
        "{read}"
    );
    // A table that is slow costs the example, not the help.
    let slow = Duration::from_secs(5);
    chat.world
        .state()
        .faults
        .delay(Matcher::operation("dynamodb", "Query").nth(1), slow);
    chat.types(ADA, "help").await;
    let read = chat.reads();
    assert!(read.contains(plain), "{read}");
}
