//! What people have typed to deploy bots for ten years, word for word, and the sentences that they were told. How long ECS
//! takes is arranged; how long a deploy took is Longshore's to say.

use std::time::Duration;

use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG};

/// The content management system with two environments, one before the other.
async fn town() -> Chat {
    let chat = Chat::new(Bot::Token).await;
    chat.push(&format!("order = [\"staging\", \"production\"]\n{CONFIG}"))
        .await;
    chat
}

/// The rollout of this service takes ECS so long; what everybody is told at its end.
async fn told(chat: &Chat, environment: &str, service: &str, seconds: u64) -> String {
    let slow = Script::Slow(Duration::from_secs(seconds));
    chat.script(environment, service, slow);
    chat.driver()
        .deliver_events()
        .run_to_the_end(Duration::from_secs(3600))
        .await;
    let read = chat.reads();
    let mut told = read
        .lines()
        .filter(|line| line.contains(": deployed version"));
    told.next().unwrap_or(&read).trim().to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_content_management_system_goes_to_staging_and_on_to_production() {
    let chat = town().await;
    chat.types(ADA, "deploy cms staging 1.0.2").await;
    // The other service takes the rest.
    assert_eq!(
        told(&chat, "staging", "cms-api", 323).await,
        "@ada Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec"
    );
    chat.types(ADA, "promote cms from staging to production")
        .await;
    chat.seconds(10).await;
    chat.clicks(ADA, "confirm").await;
    assert_eq!(
        told(&chat, "production", "cms-api", 319).await,
        "@ada Content Management System: deployed version 1.0.2 to production in 5 min, 57 sec"
    );
}

#[tokio::test(start_paused = true)]
async fn webapp_goes_to_production_and_a_branch_to_staging() {
    let chat = town().await;
    chat.types(ADA, "deploy webapp to production").await;
    chat.seconds(10).await;
    chat.clicks(ADA, "confirm").await;
    insta::assert_snapshot!(told(&chat, "production", "webapp", 60).await, @"@ada webapp: deployed version main@680af60 to production in 1 min");
    chat.types(ADA, "deploy webapp:feature/signup-autocomplete to staging")
        .await;
    insta::assert_snapshot!(told(&chat, "staging", "webapp", 60).await, @"@ada webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 1 min");
}
