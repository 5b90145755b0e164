//! The door, seen from outside: what is turned away and with what, what comes in, and that nothing
//! behind the door moves before a request has shown whose it is.

mod forged;
mod log;
mod secrets;

use std::cell::RefCell;

use bytes::Bytes;
use http::{HeaderValue, Response};
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use longshore_sim::slack::{Invocation, SignedRequest, signature};
use serde_json::{Value, json};

use super::town::{ADA, Bot, DEPLOYS, SECRET, Town, event, http_response};

pub(crate) use log::{Log, capture_log};

const FORM: &str = "application/x-www-form-urlencoded";

const SIGNATURE: &str = "x-slack-signature";

const STAMP: &str = "x-slack-request-timestamp";

/// A command that would be carried out if it came in.
fn command(town: &Town) -> SignedRequest {
    let typed = Invocation::new(ADA, DEPLOYS, "webapp to staging");
    town.world.state().slack.command(town.world.now(), &typed)
}

/// The event of a request, for bending.
fn command_event(town: &Town) -> ApiGatewayV2httpRequest {
    event(&command(town), town.world.now())
}

async fn knock(town: &Town, event: &ApiGatewayV2httpRequest) -> Response<Bytes> {
    http_response(&town.slash.handle(event).await)
}

/// Signed at any time with any secret, the body as it is.
fn signed(path: &str, body: impl Into<Bytes>, at: Timestamp, secret: &str) -> SignedRequest {
    let body = body.into();
    let mut slack = longshore_sim::slack::Slack::default();
    slack.set_signing_secret(secret);
    slack.sign(at, path, FORM, body)
}

/// What was called behind the door since the world began, without the reading of secrets.
fn behind(town: &Town) -> Vec<String> {
    let state = town.world.state();
    let calls = state.calls.iter();
    calls
        .filter(|call| call.service != "ssm")
        .map(|call| format!("{}:{}", call.service, call.operation))
        .collect()
}

fn secrets_read(town: &Town) -> usize {
    let state = town.world.state();
    state
        .calls
        .iter()
        .filter(|call| call.service == "ssm")
        .count()
}

/// The town's own arranging is forgotten: what is called from here on is the door's doing.
fn forget_calls(town: &Town) {
    town.world.state().calls.clear();
}

fn assert_turned_away(what: &str, response: &Response<Bytes>) {
    assert_eq!(response.status(), 401, "{what}");
    assert!(response.body().is_empty(), "{what}: {:?}", response.body());
    assert!(
        response.headers().is_empty(),
        "{what}: {:?}",
        response.headers()
    );
}

/// Headers with the signature replaced by these, none for taking it away.
fn with_signature(event: &ApiGatewayV2httpRequest, values: &[&str]) -> ApiGatewayV2httpRequest {
    let mut event = event.clone();
    event.headers.remove(SIGNATURE);
    for value in values {
        let value = HeaderValue::from_str(value).unwrap();
        event.headers.append(SIGNATURE, value);
    }
    event
}

#[tokio::test(start_paused = true)]
async fn a_body_comes_in_whether_or_not_it_is_in_base64() {
    let town = Town::new(Bot::NoToken).await;
    let request = command(&town);
    let mut plain = event(&request, town.world.now());
    plain.body = Some(String::from_utf8(request.body.to_vec()).unwrap());
    plain.is_base64_encoded = false;
    assert_eq!(knock(&town, &plain).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn kinds_of_requests_that_are_not_used_are_acknowledged_and_named_in_the_log() {
    let town = Town::new(Bot::NoToken).await;
    forget_calls(&town);
    let (log, _guard) = capture_log();
    for kind in ["view_submission", "shortcut", "message_action"] {
        let payload = json!({"type": kind, "user": {"id": ADA}, "private": "planted"});
        let request = town
            .world
            .state()
            .slack
            .interaction(town.world.now(), &payload);
        let (_, response) = town.knocks(&request).await;
        assert_eq!(
            (response.status().as_u16(), response.body().len()),
            (200, 0),
            "{kind}"
        );
        assert!(log.text().contains(kind), "{kind}: {}", log.text());
    }
    let message =
        json!({"type": "event_callback", "event": {"type": "message", "text": "planted"}});
    let request = signed(
        "/slack/events",
        message.to_string(),
        town.world.now(),
        SECRET,
    );
    let (_, response) = town.knocks(&request).await;
    assert_eq!(
        (response.status().as_u16(), response.body().len()),
        (200, 0)
    );
    assert!(log.text().contains("event_callback"), "{}", log.text());
    assert!(!log.text().contains("planted"), "{}", log.text());
    assert_eq!(behind(&town), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_certificate_check_and_the_challenge_are_answered_only_when_signed() {
    let town = Town::new(Bot::NoToken).await;
    forget_calls(&town);
    let (check, challenge) = {
        let slack = &mut town.world.state().slack;
        let now = town.world.now();
        (slack.ssl_check(now), slack.url_verification(now))
    };
    for request in [&check, &challenge] {
        let unsigned = with_signature(&event(request, town.world.now()), &[]);
        assert_turned_away(&request.path, &knock(&town, &unsigned).await);
        let forged = signature(
            "another secret entirely",
            town.world.now().as_second(),
            &request.body,
        );
        let forged = with_signature(&event(request, town.world.now()), &[&forged]);
        assert_turned_away(&request.path, &knock(&town, &forged).await);
    }
    let typed = String::from_utf8(command(&town).body.to_vec()).unwrap();
    for smuggled in ["ssl_check=1", "ssl_check=0", "ssl_check=true", "ssl_check="] {
        for body in [format!("{smuggled}&{typed}"), format!("{typed}&{smuggled}")] {
            let request = signed(
                "/slack/commands",
                body,
                town.world.now(),
                "another secret entirely",
            );
            let (_, response) = town.knocks(&request).await;
            assert_turned_away(smuggled, &response);
        }
    }
    let (_, checked) = town.knocks(&check).await;
    assert_eq!((checked.status().as_u16(), checked.body().len()), (200, 0));
    let (_, answered) = town.knocks(&challenge).await;
    let sent: Value = serde_json::from_slice(&challenge.body).unwrap();
    assert_eq!(answered.status(), 200);
    assert_eq!(
        answered.body(),
        sent["challenge"].as_str().unwrap().as_bytes()
    );
    assert_eq!(
        answered.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    assert_eq!(behind(&town), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_path_that_is_not_ours_is_no_way_in() {
    let town = Town::new(Bot::NoToken).await;
    forget_calls(&town);
    for path in [
        "/",
        "/slack",
        "/slack/commands/",
        "/slack/Commands",
        "/slack/options",
    ] {
        let request = signed(path, command(&town).body, town.world.now(), SECRET);
        assert_eq!(
            knock(&town, &event(&request, town.world.now()))
                .await
                .status(),
            404,
            "{path}"
        );
        let unsigned = with_signature(&event(&request, town.world.now()), &[]);
        assert_turned_away(path, &knock(&town, &unsigned).await);
    }
    assert_eq!(behind(&town), Vec::<String>::new());
}

thread_local! {
    /// Where this thread's log goes.
    static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
}
