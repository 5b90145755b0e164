//! Every file in `events/` is something the product reads: `make invoke-NAME` sends it.

use std::path::Path;

use aws_smithy_types::base64;
use longshore::ci::WebhookKey;
use longshore::cli::{self, Exit, Surroundings};
use longshore::slack::payload::{self, EventRequest};
use longshore::waiter::Event;
use longshore_sim::slack::signature;
use serde_json::{Value, json};

use crate::town::{Bot, CONFIG, Town, http_response};

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// Recorded events with the names of their files.
type Events = Vec<(String, Value)>;

/// The events by name: those that API Gateway delivers, then those for the waiter.
fn events() -> (Events, Events) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    let mut events: Vec<(String, Value)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                serde_json::from_str(&text).unwrap(),
            )
        })
        .collect();
    events.sort_by(|one, other| one.0.cmp(&other.0));
    events
        .into_iter()
        .partition(|(_, event)| event.get("requestContext").is_some())
}

/// The bytes that Slack sent.
fn body(event: &Value) -> Vec<u8> {
    let body = event["body"].as_str().unwrap();
    if event["isBase64Encoded"] == true {
        return base64::decode(body).unwrap();
    }
    body.as_bytes().to_vec()
}

async fn sign(name: &str) -> Value {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let path = format!("{}/events/{name}", env!("CARGO_MANIFEST_DIR"));
    let exit = cli::run(
        ["longshore", "sign", &path],
        &mut Surroundings {
            variable: &|name| (name == "SLACK_SIGNING_SECRET").then(|| SECRET.to_owned()),
            connect: &|| panic!("signing needs no AWS"),
            slack: &|| panic!("this command needs no Slack"),
            github: &|| panic!("this command needs no GitHub"),
            clock: &jiff::Timestamp::now,
            input: &mut std::io::empty(),
            terminal: cli::Terminal::nobody(),
            out: &mut out,
            err: &mut err,
        },
    )
    .await;
    assert_eq!(exit, Exit::Done, "{}", String::from_utf8_lossy(&err));
    serde_json::from_slice(&out).unwrap()
}

/// Whether a request is for the function that pipelines speak to.
fn is_a_pipelines(request: &Value) -> bool {
    request["rawPath"].as_str().unwrap().starts_with("/ci/")
}

#[tokio::test(start_paused = true)]
async fn every_recorded_request_of_a_pipeline_is_answered() {
    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let town = Town::new(Bot::Token).await;
    town.push(&format!(
        "{CONFIG}\n[ci.build-webapp]\napplications = [\"webapp\"]\nenvironments = [\"staging\"]\nmay = [\"deploy\"]\n"
    ))
    .await;
    let now = town.world.now();
    let put = |name| town.world.state().ssm.put_secret(now, name, KEY);
    put("/longshore/ci/build-webapp");
    let (requests, _) = events();
    let mut answered = Vec::new();
    for (name, mut request) in requests.into_iter().filter(|(_, one)| is_a_pipelines(one)) {
        let headers = &request["headers"];
        assert!(
            headers.get("webhook-signature").is_none(),
            "{name} is kept unsigned"
        );
        let body = body(&request);
        assert_eq!(headers["content-length"], body.len().to_string(), "{name}");
        let id = headers["webhook-id"].as_str().unwrap();
        let signature = WebhookKey::new(KEY)
            .unwrap()
            .sign(id, now.as_second(), &body);
        request["headers"]["webhook-timestamp"] = json!(now.as_second().to_string());
        request["headers"]["webhook-signature"] = json!(signature);
        let event = serde_json::from_value(request).unwrap();
        let response = http_response(&town.ci.handle(&event).await);
        answered.push((name, response.status().as_u16()));
    }
    // The deploy that the second asks about is nobody's.
    let expected = [("ci-deploy.json", 202), ("ci-status.json", 404)];
    assert_eq!(
        answered,
        expected.map(|(name, status)| (name.to_owned(), status))
    );
}

#[tokio::test]
async fn every_recorded_request_can_be_signed_and_is_read() {
    let (requests, _) = events();
    assert!(!requests.is_empty());
    for (name, request) in requests.into_iter().filter(|(_, one)| !is_a_pipelines(one)) {
        assert!(
            request["headers"].get("x-slack-signature").is_none(),
            "{name} is kept unsigned"
        );
        let signed = sign(&name).await;
        let headers = signed["headers"].as_object().unwrap();
        let header = |wanted: &str| {
            let found = headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.unwrap().1.as_str().unwrap().to_owned()
        };
        let timestamp = header("x-slack-request-timestamp").parse().unwrap();
        let body = body(&signed);
        assert_eq!(
            header("x-slack-signature"),
            signature(SECRET, timestamp, &body),
            "{name}"
        );
        let read = match signed["rawPath"].as_str().unwrap() {
            "/slack/commands" => payload::commands(&body).map(drop),
            "/slack/interactions" => payload::interactions(&body).map(drop),
            "/slack/events" => payload::events(&body).map(|read| {
                let ignored = matches!(read, EventRequest::Ignored(_));
                assert!(!ignored, "{name} is nothing that is listened to");
            }),
            other => panic!("{name} goes to {other}, which is no route"),
        };
        assert!(read.is_ok(), "{name}: {read:?}");
    }
}

#[test]
fn every_recorded_event_is_one_that_the_waiter_knows() {
    let (_, events) = events();
    let kinds: Vec<_> = events
        .iter()
        .map(|(name, event)| {
            let read = Event::read(event).unwrap_or_else(|unknown| panic!("{name}: {unknown}"));
            std::mem::discriminant(&read)
        })
        .collect();
    for kind in &kinds {
        let alike = kinds.iter().filter(|other| *other == kind).count();
        assert_eq!(alike, 1, "two of the recorded events are of one kind");
    }
}
