//! The door of pipelines without a key: the tokens of build services that the configuration trusts, whose keys the
//! waiter fetches.

use std::collections::BTreeSet;
use std::time::Duration;

use longshore::waiter::Event;
use longshore_sim::issuer::{GITHUB, GITLAB, SigningKey};
use serde_json::{Value, json};

use crate::ci::{Heard, event, with_pipelines_and};
use crate::town::{CI_KEY, Town};

pub(crate) const TRUSTING: &str = r#"
[ci.actions]
applications = ["cms"]
environments = ["staging"]
may          = ["deploy"]

[ci.actions.token]
issuer        = "https://token.actions.githubusercontent.com"
audience      = "longshore-acme"
repository_id = "74"

[ci.also]
applications = ["cms"]
environments = ["staging"]
may          = ["deploy"]

[ci.also.token]
issuer        = "https://token.actions.githubusercontent.com"
audience      = "longshore-acme"
repository_id = "74"

[ci.gitlab]
applications = ["cms"]
environments = ["staging"]
may          = ["deploy"]

[ci.gitlab.token]
issuer      = "https://gitlab.com"
audience    = "longshore-acme"
project_id  = "20"
environment = "staging"
"#;

/// What GitHub says of a push to a protected branch, in the members that its documentation lists.
fn claims(town: &Town, id: &str) -> Value {
    let now = town.world.now().as_second();
    json!({
        "jti": id, "iss": GITHUB, "aud": "longshore-acme", "sub": "repo:acme/cms:ref:refs/heads/main",
        "iat": now, "nbf": now - 300, "exp": now + 300,
        "repository": "acme/cms", "repository_id": "74", "repository_owner": "acme", "repository_owner_id": "65",
        "ref": "refs/heads/main", "ref_type": "branch", "ref_protected": "true", "event_name": "push",
        "actor": "ada", "actor_id": "12", "run_id": "22259804324", "runner_environment": "github-hosted",
    })
}

/// One request with a token.
struct Borne<'a> {
    pipeline: &'a str,
    what: &'a str,
    authorization: String,
    body: String,
}

fn asks(token: &str) -> Borne<'static> {
    let body = json!({ "application": "cms", "environment": "staging", "ref": "1.0.2" });
    Borne {
        pipeline: "actions",
        what: "deploys",
        authorization: format!("Bearer {token}"),
        body: body.to_string(),
    }
}

impl Borne<'_> {
    async fn to(&self, town: &Town) -> Heard {
        let headers =
            json!({ "content-type": "application/json", "authorization": self.authorization });
        let event = event(town, (self.pipeline, self.what), &headers, &self.body);
        Heard::of(town, &event, self.what).await
    }
}

/// What a build service's run does from its first token, whose key nobody knows yet, to the verdict.
pub(crate) async fn asks_again_once_its_key_is_known(town: &Town) {
    {
        let issuers = &mut town.world.state().issuers;
        issuers.issuer(GITHUB).publish("g1", SigningKey::Rsa);
    }
    let heard = asks(&rs(&claims(town, "journey-1"))).to(town).await;
    assert_eq!(heard.status, 401, "{heard:?}");
    // An issuer that did not answer is left alone for ten minutes.
    town.passes(Duration::from_secs(661)).await;
    let heard = asks(&rs(&claims(town, "journey-2"))).to(town).await;
    assert_eq!(heard.status, 202, "{heard:?}");
    town.settles().await;
}

/// A town that trusts both issuers, each with a key, which the sweep has read.
async fn trusting() -> Town {
    let town = with_pipelines_and(TRUSTING).await;
    {
        let issuers = &mut town.world.state().issuers;
        issuers.issuer(GITHUB).publish("g1", SigningKey::Rsa);
        issuers.issuer(GITLAB).publish("l1", SigningKey::Rsa);
    }
    sweeps(&town).await;
    town
}

async fn sweeps(town: &Town) {
    town.waiter.handle(Event::Sweep, "sweep").await.unwrap();
}

/// How often an issuer was asked for its keys.
fn fetched(town: &Town) -> usize {
    let state = town.world.state();
    let asked = state.calls.iter().filter(|call| call.service == "issuer");
    asked
        .filter(|call| call.operation.ends_with("openid-configuration"))
        .count()
}

/// What the door of pipelines wrote.
fn written(town: &Town) -> Vec<String> {
    let state = town.world.state();
    let wrote = state.calls.iter().filter(|call| {
        call.caller.access_key == CI_KEY
            && (call.operation.contains("Write") || call.operation.contains("Put"))
    });
    wrote.map(|call| call.operation.clone()).collect()
}

fn rs(claims: &Value) -> String {
    SigningKey::Rsa.token("g1", claims)
}

#[tokio::test(start_paused = true)]
async fn a_run_of_github_asks_without_a_key_and_hears_the_verdict() {
    let town = trusting().await;
    let heard = asks(&rs(&claims(&town, "j1"))).to(&town).await;
    assert_eq!(heard.status, 202, "{heard:?}");
    let deploy = heard.body["deploy"].as_str().unwrap().to_owned();
    town.settles().await;
    let looks = Borne {
        what: "status",
        body: json!({ "deploy": deploy }).to_string(),
        ..asks(&rs(&claims(&town, "j2")))
    };
    let heard = looks.to(&town).await;
    assert_eq!(heard.body["verdict"], "succeeded", "{heard:?}");
    assert_eq!(
        town.deploy(&deploy).await.requester.to_string(),
        "ci:actions"
    );
    // The parameter store has nothing of it.
    let state = town.world.state();
    let mut read = state
        .calls
        .iter()
        .filter(|call| call.caller.access_key == CI_KEY);
    assert!(read.all(|call| call.service != "ssm"));
}

#[tokio::test(start_paused = true)]
async fn a_job_of_gitlab_does_the_same_for_its_protected_environment() {
    let town = trusting().await;
    let now = town.world.now().as_second();
    let said = json!({
        "jti": "l-1", "iss": GITLAB, "aud": "longshore-acme", "iat": now - 3_000, "nbf": now - 3_005, "exp": now + 600,
        "project_id": "20", "pipeline_source": "push", "ref": "main", "ref_protected": "false",
        "environment": "staging", "environment_protected": "true", "runner_id": 1, "groups_direct": ["acme/team"],
    });
    let sent = |claims: &Value| Borne {
        pipeline: "gitlab",
        ..asks(&SigningKey::Rsa.token("l1", claims))
    };
    let heard = sent(&said).to(&town).await;
    assert_eq!(heard.status, 202, "{heard:?}");
    town.settles().await;
    // The token is of before, the request of then.
    let deploy = town.deploy(heard.body["deploy"].as_str().unwrap()).await;
    assert_eq!(deploy.requested_at.as_second(), now);
    let mut open = said.clone();
    open["jti"] = json!("l-2");
    open["environment_protected"] = json!("false");
    assert_eq!(sent(&open).to(&town).await.status, 401);
    // Another issuer's token is not this one's.
    let others = Borne {
        pipeline: "gitlab",
        ..asks(&SigningKey::Rsa.token("l1", &claims(&town, "j1")))
    };
    assert_eq!(others.to(&town).await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn whatever_is_not_of_a_trusted_run_has_one_answer() {
    let town = trusting().await;
    let with = |member: &str, value: Value| {
        let mut claims = claims(&town, "j1");
        claims[member] = value;
        rs(&claims)
    };
    let now = town.world.now().as_second();
    let good = rs(&claims(&town, "j1"));
    let mut bad: Vec<Borne<'_>> = [
        with("repository_id", json!("75")),
        with("aud", json!("https://github.com/acme")),
        with("iss", json!(GITLAB)),
        with("exp", json!(now - 60)),
        with("nbf", json!(now + 61)),
        with("event_name", json!("pull_request_target")),
        with("event_name", json!("pull_request")),
        with("ref_protected", json!("false")),
        with("jti", json!("")),
        with("jti", json!("a\nb")),
        with("jti", Value::Null),
        format!("{}x", &good[..good.len() - 1]),
        SigningKey::P256.token("g1", &claims(&town, "j1")),
        SigningKey::Rsa.signed(&json!({ "alg": "none", "kid": "g1" }), &claims(&town, "j1")),
        String::new(),
        "a.b.c".to_owned(),
    ]
    .iter()
    .map(|token| asks(token))
    .collect();
    for pipeline in ["build-cms", "keyless", "nobody"] {
        bad.push(Borne {
            pipeline,
            ..asks(&good)
        });
    }
    bad.push(Borne {
        authorization: format!("Basic {good}"),
        ..asks(&good)
    });
    let mut said = BTreeSet::new();
    for borne in bad {
        let heard = borne.to(&town).await;
        assert_eq!(
            (heard.status, &heard.again),
            (401, &None),
            "{} {heard:?}",
            borne.authorization
        );
        said.insert(heard.body.to_string());
    }
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(written(&town), Vec::<String>::new());
    assert_eq!(asks(&good).to(&town).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_for_what_it_first_came_with() {
    let town = trusting().await;
    let token = rs(&claims(&town, "j1"));
    let first = asks(&token).to(&town).await;
    let again = asks(&token).to(&town).await;
    assert_eq!(
        (again.status, &again.body["deploy"]),
        (202, &first.body["deploy"])
    );
    let other = Borne {
        body: asks(&token)
            .body
            .replace("1.0.2", "feature/signup-autocomplete"),
        ..asks(&token)
    };
    assert_eq!(other.to(&town).await.status, 401);
    town.settles().await;
    assert_eq!(other.to(&town).await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_one_deploy_whichever_pipeline_shows_it() {
    let town = trusting().await;
    let token = rs(&claims(&town, "j1"));
    assert_eq!(asks(&token).to(&town).await.status, 202);
    let elsewhere = Borne {
        pipeline: "also",
        ..asks(&token)
    };
    assert_eq!(elsewhere.to(&town).await.status, 401);
    let other = Borne {
        pipeline: "also",
        ..asks(&rs(&claims(&town, "j2")))
    };
    assert_eq!(other.to(&town).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_known_is_fetched_by_the_sweep_and_seldom() {
    let town = trusting().await;
    assert_eq!(fetched(&town), 2);
    let rotated = |id: &str| SigningKey::P256.token("g2", &claims(&town, id));
    town.passes(Duration::from_secs(60)).await;
    let heard = asks(&rotated("j1")).to(&town).await;
    assert_eq!((heard.status, heard.again.as_deref()), (401, Some("60")));
    // However often it is made up, the issuer is not asked again so soon, and one mark is left.
    for id in ["j2", "j3", "j4"] {
        asks(&rotated(id)).to(&town).await;
    }
    sweeps(&town).await;
    assert_eq!((fetched(&town), written(&town).len()), (2, 1));
    town.world
        .state()
        .issuers
        .issuer(GITHUB)
        .publish("g2", SigningKey::P256);
    town.passes(Duration::from_secs(600)).await;
    sweeps(&town).await;
    assert_eq!(fetched(&town), 3, "only the one that was missed");
    assert_eq!(asks(&rotated("j5")).to(&town).await.status, 202);
    // And then it is left alone for a day.
    town.passes(Duration::from_secs(23 * 3600)).await;
    sweeps(&town).await;
    assert_eq!(fetched(&town), 3);
    town.world.state().issuers.issuer(GITHUB).withdraw("g1");
    town.passes(Duration::from_secs(3600)).await;
    sweeps(&town).await;
    assert_eq!(fetched(&town), 5);
    let old = SigningKey::Rsa.token("g1", &claims(&town, "j6"));
    assert_eq!(asks(&old).to(&town).await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_cannot_be_read_leaves_its_keys_as_they_are() {
    let town = trusting().await;
    town.world.state().issuers.issuer(GITHUB).down = true;
    town.passes(Duration::from_secs(24 * 3600 + 60)).await;
    let token = rs(&claims(&town, "j1"));
    assert_eq!(asks(&token).to(&town).await.status, 202);
    // It is asked again after ten minutes, not at every sweep.
    let asked = fetched(&town);
    assert_eq!(asked, 4);
    sweeps(&town).await;
    assert_eq!(fetched(&town), asked);
    town.passes(Duration::from_secs(600)).await;
    assert_eq!(fetched(&town), asked + 1);
    // Whatever it withdrew meanwhile nobody knows: after three days its keys are believed no more.
    town.passes(Duration::from_secs(2 * 24 * 3600)).await;
    let token = rs(&claims(&town, "j2"));
    assert_eq!(asks(&token).to(&town).await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn keys_are_an_issuers_own() {
    for (keys_at, calls_itself) in [
        (Some("https://gitlab.com/oauth/discovery/keys"), None),
        (
            Some("http://token.actions.githubusercontent.com/.well-known/jwks"),
            None,
        ),
        (
            None,
            Some("https://token.actions.githubusercontent.com.example.com"),
        ),
    ] {
        let town = with_pipelines_and(TRUSTING).await;
        {
            let issuers = &mut town.world.state().issuers;
            // A key of the same name elsewhere, which would do.
            issuers.issuer(GITLAB).publish("g1", SigningKey::Rsa);
            let issuer = issuers.issuer(GITHUB);
            issuer.publish("g1", SigningKey::Rsa);
            issuer.keys_at = keys_at.map(str::to_owned);
            issuer.calls_itself = calls_itself.map(str::to_owned);
        }
        sweeps(&town).await;
        let heard = asks(&rs(&claims(&town, "j1"))).to(&town).await;
        assert_eq!(
            (heard.status, heard.again.as_deref()),
            (401, Some("60")),
            "{keys_at:?}"
        );
        let state = town.world.state();
        let asked = state
            .calls
            .iter()
            .filter(|call| call.service == "issuer" || call.service == "unknown");
        let asked = asked.map(|call| call.resources.join(" ") + &call.operation);
        assert!(
            asked
                .into_iter()
                .all(|one| !one.contains("jwks") && !one.contains("example.com"))
        );
    }
}
