//! A click that may not count is seen to fail: the body that answers a click is shown to nobody.

use std::time::Duration;

use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::slack::Happening;

use crate::town::{ADA, Bot, DEPLOYS, Town, http_response};

/// What fails, for good, while a click is answered, and whether the click counts all the same.
const FAILURES: [(&str, &str, bool); 3] = [
    ("dynamodb", "Query", false),
    ("dynamodb", "TransactWriteItems", false),
    // It is recorded, and the sweeper finds it.
    ("states", "*", true),
];

#[tokio::test(start_paused = true)]
async fn what_is_not_recorded_is_seen_to_fail_and_what_is_counts() {
    for (service, operation, counts) in FAILURES {
        for kind in [Kind::Before5xx, Kind::TimedOut, Kind::Lost, Kind::LostLate] {
            let what = format!("{service}:{operation}, {kind:?}");
            let town = Town::asking(Bot::NoToken).await;
            let press = town.press(ADA, "confirm");
            let matcher = Matcher::operation(service, operation);
            town.world.state().faults.plan(matcher, kind);
            let (elapsed, response) = town.knocks(&press).await;
            assert!(elapsed < Duration::from_secs(3), "{what}");
            let expected = if counts { 200 } else { 503 };
            assert_eq!(response.status(), expected, "{what}");
            if !counts {
                assert!(response.body().is_empty(), "{what}: {:?}", response.body());
            }
            town.world.state().faults = Default::default();
            let now = town.world.now();
            let state = &mut town.world.state();
            let slack = &mut state.slack;
            let before = slack.events().len();
            slack.reply_to_click(now, &press, elapsed, &response);
            let shown = slack.events()[before..].iter();
            let failed = shown.filter(|event| matches!(event.what, Happening::Failed { .. }));
            assert_eq!(failed.count(), usize::from(!counts), "{what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_same_button_works() {
    for kind in Kind::ALL {
        let town = Town::asking(Bot::NoToken).await;
        let press = town.press(ADA, "confirm");
        let matcher = Matcher::operation("dynamodb", "TransactWriteItems");
        town.world.state().faults.plan(matcher, kind);
        let response = town.answers(&press).await;
        town.world.state().faults = Default::default();
        if response.status() != 200 {
            town.clicks(ADA, "confirm").await;
        }
        town.settles().await;
        let said = town.reads();
        let done = "# webapp main@680af60 runs on production";
        assert_eq!(said.matches(done).count(), 1, "{kind:?}:\n{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_configuration_a_click_is_seen_to_fail() {
    let town = Town::asking(Bot::NoToken).await;
    let press = town.press(ADA, "confirm");
    // A function that has just started knows none yet.
    let fresh = Town::on(town.world.clone(), "longshore-deploys");
    let matcher = Matcher::service("dynamodb");
    town.world.state().faults.plan(matcher, Kind::Denied);
    let response = fresh.answers(&press).await;
    assert_eq!(response.status(), 503);
    assert!(response.body().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_no_that_nobody_could_hear_is_seen_to_fail() {
    let town = Town::asking(Bot::NoToken).await;
    let mut payload = super::payload_of(&town.press(ADA, "confirm"));
    payload["user"]["team_id"] = "T0OTHER".into();
    let heard = town.with_payload(&payload);
    assert_eq!(town.answers(&heard).await.status(), 200);
    payload["response_url"] = serde_json::Value::Null;
    payload["trigger_id"] = "1.2.3".into();
    let unheard = town.with_payload(&payload);
    assert_eq!(town.answers(&unheard).await.status(), 503);
}

#[tokio::test(start_paused = true)]
async fn a_signed_certificate_check_by_get_is_answered_and_an_unsigned_one_is_not() {
    let town = Town::new(Bot::NoToken).await;
    let now = town.world.now();
    for (path, query, status) in [
        ("/slack/commands", "ssl_check=1&token=x", 200),
        ("/slack/interactions", "ssl_check=1", 200),
        ("/slack/commands", "", 400),
        ("/slack/events", "ssl_check=1", 400),
        (
            "/slack/commands",
            "ssl_check=1&command=%2Fdeploy&text=webapp+to+staging",
            400,
        ),
        ("/slack/interactions", "ssl_check=1&payload=%7B%7D", 400),
    ] {
        let signed = town.world.state().slack.sign(now, path, "", "");
        let mut event = crate::town::event(&signed, now);
        event.request_context.http.method = http::Method::GET;
        event.route_key = Some(format!("GET {path}"));
        event.raw_query_string = Some(query.to_owned());
        event.body = None;
        event.is_base64_encoded = false;
        let answer = http_response(&town.slash.handle(&event).await);
        assert_eq!(answer.status(), status, "{path}?{query}");
        assert!(answer.body().is_empty());
        event.headers.remove("x-slack-signature");
        let answer = http_response(&town.slash.handle(&event).await);
        assert_eq!(answer.status(), 401, "{path}?{query}");
    }
    assert!(town.world.state().states.executions.is_empty());
    assert!(town.world.state().slack.messages().is_empty(), "{DEPLOYS}");
}
