//! One open request of a pipeline for a target.

use std::time::Duration;

use serde_json::json;

use super::{OTHER_KEY, PIPELINES, Sent, asks, has_keys, looks, with_pipelines};
use crate::town::{ADA, BOB, Bot, CONFIG, Town};

const FEATURE: &str = "feature/signup-autocomplete";

/// How the deploy stands, by its pipeline.
async fn verdict(town: &Town, deploy: &str) -> String {
    let id = format!("msg_look_{deploy}_{}", town.world.now().as_second());
    let heard = looks(&id, deploy).to(town).await;
    heard.body["verdict"].as_str().unwrap_or("none").to_owned()
}

/// Asks, and waits until the question stands.
async fn asked(town: &Town, id: &str, reference: &str) -> String {
    let heard = asks(id, "cms", "production", reference).to(town).await;
    assert_eq!(heard.status, 202, "{heard:?}");
    town.passes(Duration::from_secs(20)).await;
    heard.deploy()
}

#[tokio::test(start_paused = true)]
async fn a_newer_request_takes_the_place_of_one_that_waits_for_consent() {
    let town = with_pipelines().await;
    let older = asked(&town, "msg_1", "1.0.2").await;
    assert_eq!(verdict(&town, &older).await, "none");
    let newer = asked(&town, "msg_2", FEATURE).await;
    let heard = looks("msg_3", &older).to(&town).await;
    assert_eq!(heard.body["verdict"], "cancelled", "{heard:?}");
    assert!(heard.body["why"][0].as_str().unwrap().contains(&newer));
    // It is the newer one that is asked about.
    town.clicks(ADA, "confirm").await;
    town.settles().await;
    assert_eq!(verdict(&town, &newer).await, "succeeded");
    // What comes again of the older one is answered with how it ended.
    let again = asks("msg_1", "cms", "production", "1.0.2").to(&town).await;
    assert_eq!(
        (again.status, &again.body["verdict"]),
        (202, &json!("cancelled"))
    );
}

#[tokio::test(start_paused = true)]
async fn of_those_that_come_at_once_one_is_asked_about_whichever_is_planned_first() {
    let town = with_pipelines().await;
    for round in 0..4 {
        let mut asked = Vec::new();
        for number in 0..2 {
            let id = format!("msg_{round}_{number}");
            let heard = asks(&id, "cms", "production", "1.0.2").to(&town).await;
            asked.push(heard.deploy());
        }
        town.passes(Duration::from_secs(61)).await;
        assert_eq!(town.asked_at("cms", "production").await, 1);
        let [one, other] = &asked[..] else { panic!() };
        let stand = [verdict(&town, one).await, verdict(&town, other).await];
        // Of the same moment, the id decides.
        let expected = match one < other {
            true => ["cancelled", "none"],
            false => ["none", "cancelled"],
        };
        assert_eq!(stand, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_begun_goes_on() {
    let town = with_pipelines().await;
    let older = asks("msg_1", "cms", "staging", "1.0.2").to(&town).await;
    town.passes(Duration::from_secs(10)).await;
    let newer = asks("msg_2", "cms", "staging", FEATURE).to(&town).await;
    town.settles().await;
    assert_eq!(verdict(&town, &older.deploy()).await, "succeeded");
    assert_eq!(verdict(&town, &newer.deploy()).await, "refused");
}

#[tokio::test(start_paused = true)]
async fn nobody_elses_request_is_replaced_and_none_elsewhere() {
    let town = Town::new(Bot::Token).await;
    let second = PIPELINES.replace("ci.watch", "ci.idle").replace(
        "[ci.build-web]",
        "[ci.watch]\napplications = [\"cms\"]\nenvironments = [\"production\"]\nmay = [\"deploy\"]\n\n[ci.build-web]",
    );
    let announced = CONFIG.replace(
        "admins = [\"U0ROOT001\"]",
        "admins = [\"U0ROOT001\"], announce = \"C0DEPLOYS\"",
    );
    town.push(&format!("{announced}{second}")).await;
    has_keys(&town);
    let of_another = Sent {
        pipeline: "watch",
        key: OTHER_KEY,
        ..asks("msg_1", "cms", "production", "1.0.2")
    };
    let of_another = of_another.to(&town).await.deploy();
    town.types(BOB, "cms:1.0.2 to production").await;
    let own = asked(&town, "msg_2", "1.0.2").await;
    // Elsewhere, and by somebody else.
    let elsewhere = asks("msg_3", "cms", "staging", FEATURE).to(&town).await;
    town.passes(Duration::from_secs(60)).await;
    assert_ne!(verdict(&town, &elsewhere.deploy()).await, "cancelled");
    assert_eq!(verdict(&town, &own).await, "none");
    assert_eq!(verdict(&town, &of_another).await, "none");
    assert_eq!(town.asked_at("cms", "production").await, 3);
}
