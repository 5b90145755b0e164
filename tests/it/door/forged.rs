//! Requests that are not from Slack, or not as Slack sends them.

use std::time::Duration;

use http::HeaderMap;
use jiff::SignedDuration;
use longshore::slack::signature::MAX_BODY;

use super::*;

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
