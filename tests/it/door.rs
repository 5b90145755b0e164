//! The door, seen from outside: what is turned away and with what, what comes in, and that nothing
//! behind the door moves before a request has shown whose it is.

use std::cell::RefCell;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};
use jiff::{SignedDuration, Timestamp};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use longshore::slack::signature::MAX_BODY;
use longshore_sim::fault::{Faults, Kind, Matcher};
use longshore_sim::slack::{Invocation, SignedRequest, signature};
use serde_json::{Value, json};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt;

use super::town::{ADA, Bot, DEPLOYS, SECRET, Town, event, http_response};

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

fn signature_of(headers: &HeaderMap) -> String {
    headers[SIGNATURE].to_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_signature_is_not_exactly_slacks_is_turned_away() {
    let town = Town::new(Bot::NoToken).await;
    let event = command_event(&town);
    let right = signature_of(&event.headers);
    let digits = right.strip_prefix("v0=").unwrap().to_owned();
    forget_calls(&town);
    let wrong = format!("v0={}", "0".repeat(64));
    for (what, values) in [
        ("no signature", vec![]),
        ("an empty one", vec!["".to_owned()]),
        ("a wrong one", vec![wrong.clone()]),
        ("one digit short", vec![right[..right.len() - 1].to_owned()]),
        ("half of it", vec![right[..35].to_owned()]),
        ("only the version", vec!["v0=".to_owned()]),
        ("upper case", vec![format!("v0={}", digits.to_uppercase())]),
        ("an upper case version", vec![format!("V0={digits}")]),
        ("another version", vec![format!("v1={digits}")]),
        ("no version", vec![digits.clone()]),
        ("the version twice", vec![format!("v0=v0={digits}")]),
        ("the digits twice", vec![format!("v0={digits}{digits}")]),
        ("a space behind", vec![format!("{right} ")]),
        ("a space before", vec![format!(" {right}")]),
        ("something behind", vec![format!("{right}=x")]),
        ("two headers", vec![right.clone(), right.clone()]),
        ("two headers, one wrong", vec![wrong.clone(), right.clone()]),
        (
            "two in one header, as API Gateway joins them",
            vec![format!("{right},{right}")],
        ),
    ] {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let response = knock(&town, &with_signature(&event, &values)).await;
        assert_turned_away(what, &response);
    }
    for at in 0..64 {
        let mut flipped = digits.clone().into_bytes();
        flipped[at] = if flipped[at] == b'0' { b'1' } else { b'0' };
        let flipped = format!("v0={}", String::from_utf8(flipped).unwrap());
        let response = knock(&town, &with_signature(&event, &[&flipped])).await;
        assert_turned_away(&format!("digit {at} flipped"), &response);
    }
    assert_eq!(behind(&town), Vec::<String>::new());
    assert_eq!(
        knock(&town, &event).await.status(),
        200,
        "the right one comes in"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_timestamp_is_not_fresh_is_turned_away() {
    let town = Town::new(Bot::NoToken).await;
    let body = command(&town).body;
    let now = town.world.now().as_second();
    forget_calls(&town);
    let stamped = |stamp: &str| {
        let mut request = signed("/slack/commands", body.clone(), town.world.now(), SECRET);
        let mut base = format!("v0:{stamp}:").into_bytes();
        base.extend_from_slice(&body);
        let number = stamp.parse::<i64>().unwrap_or_default();
        let tag = if number.to_string() == stamp {
            signature(SECRET, number, &body)
        } else {
            // Signed over the very characters that are sent, as an attacker with an old capture
            // could not, but a confused sender might.
            format!("v0={}", tag_of(SECRET, &base))
        };
        for (name, value) in &mut request.headers {
            match name.as_str() {
                "X-Slack-Signature" => value.clone_from(&tag),
                "X-Slack-Request-Timestamp" => stamp.clone_into(value),
                _ => {}
            }
        }
        event(&request, town.world.now())
    };
    for stamp in [
        (now - 301).to_string(),
        (now + 301).to_string(),
        (now - 86_400).to_string(),
        "0".to_owned(),
        "-1".to_owned(),
        format!("+{now}"),
        format!("{now}.0"),
        format!("{now}e0"),
        format!("0x{now:x}"),
        format!(" {now}"),
        format!("{now},{now}"),
        i64::MAX.to_string(),
        i64::MIN.to_string(),
        "9".repeat(40),
        "now".to_owned(),
        String::new(),
    ] {
        let response = knock(&town, &stamped(&stamp)).await;
        assert_turned_away(&format!("timestamp {stamp:?}"), &response);
    }
    let mut missing = stamped(&now.to_string());
    missing.headers.remove(STAMP);
    assert_turned_away("no timestamp", &knock(&town, &missing).await);
    assert_eq!(behind(&town), Vec::<String>::new());
    for stamp in [now - 300, now, now + 300] {
        let response = knock(&town, &stamped(&stamp.to_string())).await;
        assert_eq!(response.status(), 200, "timestamp {stamp}");
    }
}

/// HMAC-SHA256 in hex over these very bytes.
fn tag_of(secret: &str, base: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(base);
    let tag = mac.finalize().into_bytes();
    tag.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_not_the_base64_it_is_said_to_be_is_turned_away() {
    let town = Town::new(Bot::NoToken).await;
    let event = command_event(&town);
    forget_calls(&town);
    let whole = event.body.clone().unwrap();
    for body in [
        "%%%",
        "====",
        "a",
        &whole[..whole.len() - 1],
        "dGV4dA",
        "dGV4dA==x",
        "héllo",
    ] {
        let mut bent = event.clone();
        bent.body = Some(body.to_owned());
        assert_turned_away(body, &knock(&town, &bent).await);
    }
    assert_eq!(behind(&town), Vec::<String>::new());
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
async fn a_body_that_is_too_large_is_refused_before_anything_is_done_with_it() {
    let town = Town::new(Bot::NoToken).await;
    forget_calls(&town);
    for (size, encoded, status) in [
        (MAX_BODY, true, 400),
        (MAX_BODY, false, 400),
        (MAX_BODY + 1, true, 413),
        (MAX_BODY + 1, false, 413),
        (6 * 1024 * 1024, true, 413),
        (6 * 1024 * 1024, false, 413),
    ] {
        let body = "x".repeat(size);
        let request = signed("/slack/commands", body.clone(), town.world.now(), SECRET);
        let mut event = event(&request, town.world.now());
        if !encoded {
            event.body = Some(body);
            event.is_base64_encoded = false;
        }
        let response = knock(&town, &event).await;
        assert_eq!(
            response.status(),
            status,
            "{size} bytes, encoded: {encoded}"
        );
        assert!(response.body().is_empty());
        if status == 413 {
            assert!(secrets_read(&town) <= 2);
        }
    }
    assert_eq!(behind(&town), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_signed_body_that_two_readers_could_understand_differently_is_refused() {
    let town = Town::new(Bot::NoToken).await;
    let command = String::from_utf8(command(&town).body.to_vec()).unwrap();
    let click = "payload=%7B%22type%22%3A%22block_actions%22%7D";
    forget_calls(&town);
    for (what, path, body) in [
        (
            "not UTF-8",
            "/slack/commands",
            b"command=%2Fdeploy&text=\xff\xfe".to_vec(),
        ),
        (
            "an escape that is not UTF-8",
            "/slack/commands",
            b"command=%2Fdeploy&text=%ff".to_vec(),
        ),
        (
            "a broken escape",
            "/slack/commands",
            b"command=%2Fdeploy&text=%4".to_vec(),
        ),
        (
            "two texts",
            "/slack/commands",
            format!("{command}&text=help").into_bytes(),
        ),
        (
            "two users",
            "/slack/commands",
            format!("user_id=U0EVE0001&{command}").into_bytes(),
        ),
        (
            "two teams",
            "/slack/commands",
            format!("{command}&team_id=T0002").into_bytes(),
        ),
        (
            "a command and a click",
            "/slack/commands",
            format!("{command}&{click}").into_bytes(),
        ),
        (
            "a command and an ssl_check",
            "/slack/commands",
            format!("{command}&ssl_check=1").into_bytes(),
        ),
        ("no command", "/slack/commands", b"text=help".to_vec()),
        (
            "two payloads",
            "/slack/interactions",
            format!("{click}&{click}").into_bytes(),
        ),
        (
            "a click that is not JSON",
            "/slack/interactions",
            b"payload=%7B".to_vec(),
        ),
        ("no payload", "/slack/interactions", b"text=help".to_vec()),
        (
            "an event that is not JSON",
            "/slack/events",
            b"{\"type\":".to_vec(),
        ),
    ] {
        let request = signed(path, body, town.world.now(), SECRET);
        let (_, response) = town.knocks(&request).await;
        assert_eq!(response.status(), 400, "{what}");
        assert!(response.body().is_empty(), "{what}: {:?}", response.body());
    }
    assert_eq!(behind(&town), Vec::<String>::new());
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

#[tokio::test(start_paused = true)]
async fn a_thousand_forged_requests_move_nothing_behind_the_door() {
    let town = Town::new(Bot::NoToken).await;
    let event = command_event(&town);
    forget_calls(&town);
    let (log, _guard) = capture_log();
    for number in 0..1000_u32 {
        let forged = format!("v0={:064x}", u128::from(number) + 1);
        let response = knock(&town, &with_signature(&event, &[&forged])).await;
        assert_turned_away(&forged, &response);
    }
    assert_eq!(behind(&town), Vec::<String>::new());
    assert!(
        secrets_read(&town) <= 2,
        "{} reads of secrets",
        secrets_read(&town)
    );
    // Nor does patience buy a forger many reads: one look at the two secrets per half minute.
    for _ in 0..60 {
        tokio::time::advance(Duration::from_secs(1)).await;
        let mut request = signed(
            "/slack/commands",
            "text=x",
            town.world.now(),
            "not the secret at all",
        );
        request.path = "/slack/commands".to_owned();
        town.knocks(&request).await;
    }
    assert!(
        secrets_read(&town) <= 2 + 2 * 2,
        "{} reads of secrets",
        secrets_read(&town)
    );
    let right = signature_of(&event.headers);
    let log = log.text();
    assert!(
        !log.contains(&right[3..]),
        "the log says what would have been right"
    );
    for secret in [SECRET, "hooks.slack.com", "trigger_id", "feature"] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_answer_and_no_line_in_the_log_tells_the_right_signature() {
    let town = Town::new(Bot::NoToken).await;
    let (log, _guard) = capture_log();
    for number in 0..20 {
        let body = format!("command=%2Fdeploy&text=try{number}");
        let right = signed("/slack/commands", body.clone(), town.world.now(), SECRET);
        let wrong = signed(
            "/slack/commands",
            body,
            town.world.now(),
            "not the secret at all",
        );
        let (_, response) = town.knocks(&wrong).await;
        assert_turned_away("wrong", &response);
        let right = signature_of(&event(&right, town.world.now()).headers);
        assert!(!log.text().contains(&right[3..]));
        assert!(!log.text().contains(&format!("try{number}")));
    }
    assert!(log.text().contains("refused a request"), "{}", log.text());
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

#[tokio::test(start_paused = true)]
async fn an_old_capture_is_worthless_after_five_minutes() {
    let town = Town::new(Bot::NoToken).await;
    let capture = command_event(&town);
    assert_eq!(knock(&town, &capture).await.status(), 200);
    tokio::time::advance(Duration::from_secs(301)).await;
    assert_turned_away("replayed", &knock(&town, &capture).await);
    let ahead = town.world.now() + SignedDuration::from_secs(301);
    let future = signed("/slack/commands", command(&town).body, ahead, SECRET);
    assert_turned_away(
        "from the future",
        &knock(&town, &event(&future, town.world.now())).await,
    );
}

/// What the handlers log on this thread while the guard lives.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

thread_local! {
    /// Where this thread's log goes.
    static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
}

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// The log that is captured on this thread, or nowhere.
struct Here;

impl Write for Here {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow(|log| {
            if let Some(log) = log {
                log.0.lock().unwrap().extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Ends the capture.
pub(crate) struct Captured;

impl Drop for Captured {
    fn drop(&mut self) {
        LOG.set(None);
    }
}

/// At the functions' own level: a release holds nothing below it.
///
/// One subscriber for all threads, because those of a thread's own come and go under the feet of
/// the others, and then some lines are lost.
pub(crate) fn capture_log() -> (Log, Captured) {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    INSTALLED.call_once(|| {
        let captured = dynamic_filter_fn(|about, _| {
            *about.level() <= tracing::Level::INFO && LOG.with_borrow(Option::is_some)
        });
        let lines = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(|| Here)
            .with_filter(captured);
        let subscriber = tracing_subscriber::registry().with(lines);
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    let log = Log::default();
    LOG.set(Some(log.clone()));
    (log, Captured)
}
