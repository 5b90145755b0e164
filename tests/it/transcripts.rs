//! Conversations, from the command to the verdict, in the words people read.

use super::town::{ADA, Bot, Town};

#[tokio::test(start_paused = true)]
async fn a_branch_goes_to_staging() {
    let town = Town::new(Bot::NoToken).await;
    town.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    town.settles().await;
    println!("{}", town.reads());
}

#[tokio::test(start_paused = true)]
async fn production_asks_first() {
    let town = Town::new(Bot::NoToken).await;
    town.types(ADA, "cms production 1.0.2").await;
    town.passes(std::time::Duration::from_secs(30)).await;
    println!("{}", town.reads());
    town.clicks(ADA, "confirm").await;
    town.settles().await;
    println!("{}", town.reads());
    town.types(ADA, "rollback cms on production").await;
    town.passes(std::time::Duration::from_secs(30)).await;
    town.clicks(ADA, "confirm").await;
    town.settles().await;
    println!("{}", town.reads());
    town.types(ADA, "status").await;
    town.settles().await;
    town.types(ADA, "history").await;
    println!("{}", town.reads());
}
