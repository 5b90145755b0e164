//! The door of pipelines, seen from outside: who comes in, what they may, and that they hear how it ends.

mod faults;
mod newer;

use std::time::Duration;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use longshore::ci::WebhookKey;
use serde_json::{Value, json};

use crate::town::{ADA, Bot, CI_KEY, CONFIG, PROD, Town, http_response};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_KEY: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const NEW_KEY: &str = "whsec_plJ3nmyCDGBKInavdOK15jsl1p5oMxkL";

pub(crate) const PIPELINES: &str = r#"
[ci.build-cms]
applications = ["cms"]
environments = ["staging", "production"]
may          = ["deploy"]

[ci.build-web]
applications = ["webapp"]
environments = ["staging"]
may          = ["deploy"]

[ci.keyless]
applications = ["cms"]
environments = ["staging"]
may          = ["deploy"]

[ci.watch]
applications = ["cms"]
environments = ["staging"]
may          = []
"#;

/// One delivery, before it is sent.
pub(crate) struct Sent<'a> {
    pipeline: &'a str,
    what: &'a str,
    key: &'a str,
    id: &'a str,
    /// How old it is when it arrives, in seconds.
    age: i64,
    body: String,
}

impl Sent<'_> {
    fn event(&self, town: &Town) -> ApiGatewayV2httpRequest {
        let at = town.world.now().as_second() - self.age;
        let signature = WebhookKey::new(self.key)
            .unwrap()
            .sign(self.id, at, self.body.as_bytes());
        let headers = json!({
            "content-type": "application/json",
            "webhook-id": self.id,
            "webhook-timestamp": at.to_string(),
            "webhook-signature": signature,
        });
        event(town, (self.pipeline, self.what), &headers, &self.body)
    }

    pub(crate) async fn to(&self, town: &Town) -> Heard {
        Heard::of(town, &self.event(town), self.what).await
    }
}

/// A request to the door of a pipeline, as API Gateway hands it over.
pub(crate) fn event(
    town: &Town,
    (pipeline, what): (&str, &str),
    headers: &Value,
    body: &str,
) -> ApiGatewayV2httpRequest {
    let path = format!("/ci/{pipeline}/{what}");
    let route = format!("POST /ci/{{name}}/{what}");
    serde_json::from_value(json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "pathParameters": { "name": pipeline },
        "headers": headers,
        "requestContext": {
            "accountId": PROD,
            "apiId": "a1b2c3d4e5",
            "http": { "method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "curl/8" },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "time": "02/Mar/2026:09:00:00 +0000",
            "timeEpoch": town.world.now().as_millisecond(),
        },
        "body": body,
        "isBase64Encoded": false,
    }))
    .unwrap()
}

/// What a pipeline hears.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) again: Option<String>,
    pub(crate) body: Value,
}

impl Heard {
    /// What the door answers, which is an answer that the description has.
    pub(crate) async fn of(town: &Town, event: &ApiGatewayV2httpRequest, what: &str) -> Self {
        let response = http_response(&town.ci.handle(event).await);
        let again = response.headers().get("retry-after");
        let heard = Self {
            status: response.status().as_u16(),
            again: again.map(|value| value.to_str().unwrap().to_owned()),
            body: serde_json::from_slice(response.body()).unwrap(),
        };
        heard.is_described(what);
        heard
    }

    /// The id of the deploy that it is about.
    pub(crate) fn deploy(&self) -> String {
        self.body["deploy"].as_str().unwrap().to_owned()
    }

    /// That the description has this answer to what was sent.
    fn is_described(&self, what: &str) {
        let description = include_str!("../../docs/ci.openapi.json");
        let description: Value = serde_json::from_str(description).unwrap();
        let responses = &description["paths"][format!("/ci/{{name}}/{what}")]["post"]["responses"];
        let response = &responses[self.status.to_string()];
        if let Some(code) = self.body["code"].as_str() {
            let problem = &response["content"]["application/problem+json"]["schema"]["allOf"][1];
            let codes = problem["properties"]["code"]["enum"].as_array();
            assert!(
                codes.is_some_and(|codes| codes.contains(&json!(code))),
                "{what}: {self:?}"
            );
        }
        assert!(response.is_object(), "{what}: {self:?}");
    }

    fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or("none"))
    }
}

pub(crate) fn asks<'a>(
    id: &'a str,
    application: &str,
    environment: &str,
    reference: &str,
) -> Sent<'a> {
    Sent {
        pipeline: "build-cms",
        what: "deploys",
        key: KEY,
        id,
        age: 0,
        body: json!({ "application": application, "environment": environment, "ref": reference })
            .to_string(),
    }
}

pub(crate) fn looks<'a>(id: &'a str, deploy: &str) -> Sent<'a> {
    Sent {
        what: "status",
        body: json!({ "deploy": deploy }).to_string(),
        ..asks(id, "cms", "staging", "1.0.2")
    }
}

/// The pipelines have their keys.
pub(crate) fn has_keys(town: &Town) {
    let now = town.world.now();
    let put = |name: &str, key: &str| town.world.state().ssm.put_secret(now, name, key);
    put("/longshore/ci/build-cms", KEY);
    put("/longshore/ci/build-web", OTHER_KEY);
    put("/longshore/ci/watch", OTHER_KEY);
}

/// A town with pipelines, their keys, and a channel where deploys are told.
pub(crate) async fn with_pipelines() -> Town {
    with_pipelines_and("").await
}

/// The same, with more in its configuration.
pub(crate) async fn with_pipelines_and(more: &str) -> Town {
    let town = Town::new(Bot::Token).await;
    let announced = CONFIG.replace(
        "admins = [\"U0ROOT001\"]",
        "admins = [\"U0ROOT001\"], announce = \"C0DEPLOYS\"",
    );
    town.push(&format!("{announced}{PIPELINES}{more}")).await;
    has_keys(&town);
    town
}

/// What a pipeline does from its request to the verdict.
pub(crate) async fn deploys_and_looks(town: &Town) {
    let asked = asks(
        "msg_journey",
        "cms",
        "staging",
        "feature/signup-autocomplete",
    );
    let heard = asked.to(town).await;
    assert_eq!(heard.status, 202, "{heard:?}");
    let deploy = heard.body["deploy"].as_str().unwrap().to_owned();
    town.settles().await;
    let heard = looks("msg_journey_status", &deploy).to(town).await;
    assert_eq!(heard.body["verdict"], "succeeded", "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_asks_waits_and_hears_the_verdict() {
    let town = with_pipelines().await;
    let heard = asks("msg_1", "cms", "staging", "1.0.2").to(&town).await;
    assert_eq!(
        (heard.status, heard.again.as_deref()),
        (202, Some("5")),
        "{heard:?}"
    );
    let deploy = heard.body["deploy"].as_str().unwrap().to_owned();
    let heard = looks("msg_2", &deploy).to(&town).await;
    assert_eq!(
        (heard.status, heard.body["verdict"].clone()),
        (200, Value::Null)
    );
    assert!(heard.again.is_some());
    town.settles().await;
    let heard = looks("msg_3", &deploy).to(&town).await;
    assert_eq!(heard.body["verdict"], "succeeded", "{heard:?}");
    assert_eq!(heard.again, None);
    let record = town.deploy(&deploy).await;
    assert_eq!(record.requester.to_string(), "ci:build-cms");
    // People read who asked.
    let said = town
        .world
        .state()
        .slack
        .messages()
        .iter()
        .map(|one| format!("{one:?}"))
        .collect::<Vec<_>>()
        .join("\n");
    assert!(said.contains("pipeline `build-cms`"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn the_same_delivery_is_the_same_deploy() {
    let town = with_pipelines().await;
    let first = asks("msg_1", "cms", "staging", "1.0.2").to(&town).await;
    let again = asks("msg_1", "cms", "staging", "1.0.2").to(&town).await;
    assert_eq!(
        (again.status, &again.body["deploy"]),
        (202, &first.body["deploy"])
    );
    let another = asks("msg_1", "cms", "staging", "feature/signup-autocomplete")
        .to(&town)
        .await;
    assert_eq!(another.code(), (409, "other_body"));
    town.settles().await;
    let late = asks("msg_1", "cms", "staging", "1.0.2").to(&town).await;
    assert_eq!(
        (late.status, late.body["verdict"].as_str()),
        (202, Some("succeeded"))
    );
    let another = asks("msg_1", "cms", "production", "1.0.2").to(&town).await;
    assert_eq!(another.code(), (409, "other_body"));
}

#[tokio::test(start_paused = true)]
async fn a_key_is_good_for_what_its_entry_lists() {
    let town = with_pipelines().await;
    let others = asks("msg_1", "webapp", "staging", "1.0.2").to(&town).await;
    assert_eq!(others.code(), (403, "not_allowed"));
    let unknown = asks("msg_2", "nothing", "staging", "1.0.2").to(&town).await;
    assert_eq!(unknown.code(), (403, "not_allowed"));
    let elsewhere = Sent {
        pipeline: "build-web",
        key: OTHER_KEY,
        ..asks("msg_3", "webapp", "production", "1.0.2")
    };
    assert_eq!(elsewhere.to(&town).await.code(), (403, "not_allowed"));
    let nothing = Sent {
        pipeline: "watch",
        key: OTHER_KEY,
        ..asks("msg_4", "cms", "staging", "1.0.2")
    };
    assert_eq!(nothing.to(&town).await.code(), (403, "not_allowed"));
    // What others do is not told to be there.
    town.types(ADA, "webapp:1.0.2 to staging").await;
    town.settles().await;
    let heard = asks("msg_5", "cms", "staging", "1.0.2").to(&town).await;
    let own = heard.body["deploy"].as_str().unwrap();
    let curious = Sent {
        pipeline: "build-web",
        key: OTHER_KEY,
        ..looks("msg_6", own)
    };
    assert_eq!(curious.to(&town).await.code(), (404, "not_found"));
    let watching = Sent {
        pipeline: "watch",
        key: OTHER_KEY,
        ..looks("msg_7", own)
    };
    assert_eq!(watching.to(&town).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn whatever_is_not_signed_has_one_answer() {
    let town = with_pipelines().await;
    let good = || asks("msg_1", "cms", "staging", "1.0.2");
    let turned_away = |heard: &Heard| {
        assert_eq!(heard.code(), (401, "not_verified"), "{heard:?}");
        heard.body.to_string()
    };
    let mut said = std::collections::BTreeSet::new();
    for bad in [
        Sent {
            key: OTHER_KEY,
            ..good()
        },
        Sent {
            pipeline: "nobody",
            ..good()
        },
        Sent {
            pipeline: "No Name",
            ..good()
        },
        Sent { age: 301, ..good() },
        Sent {
            age: -301,
            ..good()
        },
    ] {
        said.insert(turned_away(&bad.to(&town).await));
    }
    let mut changed = good().event(&town);
    changed.body = Some(good().body.replace("1.0.2", "feature/signup-autocomplete"));
    said.insert(turned_away(&Heard::of(&town, &changed, "deploys").await));
    let keyless = Sent {
        pipeline: "keyless",
        ..good()
    };
    said.insert(turned_away(&keyless.to(&town).await));
    assert_eq!(said.len(), 1, "{said:?}");
    let state = town.world.state();
    let wrote = state
        .calls
        .iter()
        .filter(|call| call.caller.access_key == CI_KEY && call.operation.contains("Write"));
    assert_eq!(wrote.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn two_keys_are_good_while_one_is_replaced() {
    let town = with_pipelines().await;
    let now = town.world.now();
    town.world
        .state()
        .ssm
        .put_secret(now, "/longshore/ci/build-cms-previous", KEY);
    town.world
        .state()
        .ssm
        .put_secret(now, "/longshore/ci/build-cms", NEW_KEY);
    for (id, key, status) in [
        ("msg_1", KEY, 202),
        ("msg_2", NEW_KEY, 202),
        ("msg_3", OTHER_KEY, 401),
    ] {
        let heard = Sent {
            key,
            ..asks(id, "cms", "staging", "1.0.2")
        }
        .to(&town)
        .await;
        assert_eq!(heard.status, status, "{heard:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_documented_body_is_read() {
    let town = with_pipelines().await;
    for body in [
        "",
        "{}",
        "[]",
        r#"{"application":"cms","environment":"staging"}"#,
        r#"{"application":"cms","environment":"staging","ref":"1.0.2","force":true}"#,
        r#"{"application":"cms","environment":"staging","ref":"--x y"}"#,
    ] {
        let sent = Sent {
            body: body.to_owned(),
            ..asks("msg_1", "cms", "staging", "1.0.2")
        };
        assert_eq!(sent.to(&town).await.code(), (400, "malformed"), "{body}");
    }
    let long = Sent {
        body: " ".repeat(9_000),
        ..asks("msg_1", "cms", "staging", "1.0.2")
    };
    assert_eq!(long.to(&town).await.code(), (413, "too_large"));
}

#[tokio::test(start_paused = true)]
async fn ten_a_minute_come_in() {
    let town = with_pipelines().await;
    for number in 0..10 {
        let id = format!("msg_{number}");
        let heard = asks(&id, "cms", "staging", "1.0.2").to(&town).await;
        assert_eq!(heard.status, 202, "{heard:?}");
    }
    let heard = asks("msg_10", "cms", "staging", "1.0.2").to(&town).await;
    assert_eq!(heard.code(), (429, "too_many"));
    assert!(heard.again.is_some());
    // One that comes again is none of them.
    assert_eq!(
        asks("msg_3", "cms", "staging", "1.0.2")
            .to(&town)
            .await
            .status,
        202
    );
    town.passes(Duration::from_secs(61)).await;
    assert_eq!(
        asks("msg_10", "cms", "staging", "1.0.2")
            .to(&town)
            .await
            .status,
        202
    );
}
