//! The signing secret: missing, unusable, rotated, out of reach.

use std::time::Duration;

use longshore_sim::fault::{Faults, Kind, Matcher};

use super::*;

#[tokio::test(start_paused = true)]
async fn without_a_usable_signing_secret_nothing_is_ever_accepted() {
    for planted in [
        None,
        Some(""),
        Some(" "),
        Some("\n\t "),
        Some("short"),
        Some("0123456789abcde"),
    ] {
        let town = Town::new(Bot::NoToken).await;
        let now = town.world.now();
        {
            let ssm = &mut town.world.state().ssm;
            ssm.remove("/longshore/signing-secret");
            if let Some(planted) = planted {
                ssm.put_secret(now, "/longshore/signing-secret", planted);
            }
        }
        town.slash.warm().await;
        forget_calls(&town);
        let body = command(&town).body;
        for key in [planted.unwrap_or_default(), "", " ", SECRET] {
            let request = signed("/slack/commands", body.clone(), now, key);
            let (_, response) = town.knocks(&request).await;
            assert_eq!(
                response.status(),
                503,
                "secret {planted:?}, signed with {key:?}"
            );
            assert!(response.body().is_empty());
        }
        let unsigned = with_signature(&event(&command(&town), now), &[]);
        assert_eq!(
            knock(&town, &unsigned).await.status(),
            503,
            "secret {planted:?}, unsigned"
        );
        assert_eq!(behind(&town), Vec::<String>::new());

        // The door opens by itself once the secret is there.
        town.world
            .state()
            .ssm
            .put_secret(now, "/longshore/signing-secret", SECRET);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(
            knock(&town, &command_event(&town)).await.status(),
            200,
            "{planted:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_becomes_unusable_shuts_the_door_within_five_minutes() {
    let town = Town::new(Bot::NoToken).await;
    assert_eq!(knock(&town, &command_event(&town)).await.status(), 200);
    town.world
        .state()
        .ssm
        .put_secret(town.world.now(), "/longshore/signing-secret", " ");
    tokio::time::advance(Duration::from_secs(5 * 60)).await;
    assert_eq!(knock(&town, &command_event(&town)).await.status(), 503);
    let forged = signed("/slack/commands", command(&town).body, town.world.now(), "");
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(
        knock(&town, &event(&forged, town.world.now()))
            .await
            .status(),
        503
    );
}

/// A previous secret that cannot be read is not one that is not there.
#[tokio::test(start_paused = true)]
async fn while_the_previous_secret_cannot_be_read_the_known_one_is_accepted() {
    const NEXT: &str = "b7c1d0e2f3948576a1b2c3d4e5f60718";
    let town = Town::new(Bot::NoToken).await;
    let knock = async |secret: &str| {
        let now = town.world.now();
        let request = signed("/slack/commands", command(&town).body, now, secret);
        town.knocks(&request).await.1.status().as_u16()
    };
    {
        let now = town.world.now();
        let ssm = &mut town.world.state().ssm;
        ssm.put_secret(now, "/longshore/signing-secret-previous", SECRET);
        ssm.put_secret(now, "/longshore/signing-secret", NEXT);
    }
    let reads = || Matcher::operation("ssm", "GetParameter").about("signing-secret-previous");
    town.world.state().faults.plan(reads(), Kind::Throttled);
    assert_eq!(knock(NEXT).await, 200);
    assert_eq!(knock(SECRET).await, 401, "nobody knows it yet");
    town.world.state().faults = Faults::default();
    // It is looked for again at once, not when the copy is old.
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(knock(SECRET).await, 200, "as soon as it can be read");
    town.world.state().faults.plan(reads(), Kind::Throttled);
    tokio::time::advance(Duration::from_secs(6 * 60)).await;
    assert_eq!(knock(NEXT).await, 200);
    assert_eq!(knock(SECRET).await, 200, "as it was known");
}

#[tokio::test(start_paused = true)]
async fn while_the_secret_is_rotated_both_are_accepted_and_a_third_is_not() {
    const NEXT: &str = "b7c1d0e2f3948576a1b2c3d4e5f60718";
    let town = Town::new(Bot::NoToken).await;
    let knock = async |secret: &str| {
        let request = signed(
            "/slack/commands",
            command(&town).body,
            town.world.now(),
            secret,
        );
        town.knocks(&request).await.1.status().as_u16()
    };
    assert_eq!(knock(SECRET).await, 200);
    {
        let now = town.world.now();
        let ssm = &mut town.world.state().ssm;
        ssm.put_secret(now, "/longshore/signing-secret-previous", SECRET);
        ssm.put_secret(now, "/longshore/signing-secret", NEXT);
    }
    // Slack signs with the new one before the copy is old: the miss has the secrets read again.
    tokio::time::advance(Duration::from_secs(31)).await;
    assert_eq!(knock(SECRET).await, 200, "the old one, from the copy");
    assert_eq!(knock(NEXT).await, 200, "the new one, read on the miss");
    assert_eq!(knock(SECRET).await, 200, "the old one, as the previous");
    assert_eq!(knock("c8d1d0e2f3948576a1b2c3d4e5f60718").await, 401);
    town.world
        .state()
        .ssm
        .remove("/longshore/signing-secret-previous");
    tokio::time::advance(Duration::from_secs(5 * 60)).await;
    assert_eq!(knock(NEXT).await, 200);
    assert_eq!(knock(SECRET).await, 401, "the old one, after the rotation");
}

#[tokio::test(start_paused = true)]
async fn the_parameter_store_being_down_does_not_shut_an_open_door() {
    use longshore_sim::fault::{Kind, Matcher};
    let town = Town::new(Bot::NoToken).await;
    assert_eq!(knock(&town, &command_event(&town)).await.status(), 200);
    town.world
        .state()
        .faults
        .plan(Matcher::service("ssm"), Kind::Before5xx);
    tokio::time::advance(Duration::from_secs(6 * 60)).await;
    assert_eq!(knock(&town, &command_event(&town)).await.status(), 200);
    let cold = Town::new(Bot::NoToken).await;
    cold.world
        .state()
        .faults
        .plan(Matcher::service("ssm"), Kind::Before5xx);
    assert_eq!(knock(&cold, &command_event(&cold)).await.status(), 503);
}
