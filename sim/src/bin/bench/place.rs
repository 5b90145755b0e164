//! The world that the functions find themselves in: AWS, Slack and GitHub on loopback, the secret
//! and the configuration in place.

use std::future::pending;
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use longshore_sim::slack::{Invocation, SignedRequest};
use longshore_sim::states::Machine;
use longshore_sim::{Clock, World, serve};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::process::Command;

use super::Result;

const TABLE: &str = "longshore";
const ACCOUNT: &str = "111111111111";
const REGION: &str = "eu-west-1";
/// The one in Slack's documentation.
const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const SECRET_PARAMETER: &str = "/longshore/signing-secret";
/// A pipeline of the local configuration, and the bytes of its key.
const PIPELINE: &str = "build-webapp";
const PIPELINE_KEY: [u8; 32] = [7; 32];

/// A served world.
pub(crate) struct Place {
    world: World,
    url: String,
    machine: String,
    logs: bool,
}

impl Place {
    /// Serves a world of two applications and publishes the configuration in it.
    pub(crate) async fn open(longshore: &Path, config: &Path, logs: bool) -> Result<Self> {
        let world = World::new(Clock::Wall);
        world.seed_acme()?;
        let machine = {
            let now = world.now();
            let mut state = world.state();
            state.dynamodb.create_table(TABLE);
            state.ssm.put_secret(now, SECRET_PARAMETER, SECRET);
            let key = format!("whsec_{}", STANDARD.encode(PIPELINE_KEY));
            let parameter = format!("/longshore/ci/{PIPELINE}");
            state.ssm.put_secret(now, &parameter, &key);
            state.slack.set_signing_secret(SECRET);
            state
                .states
                .create_machine("longshore-deploys", Machine::default())
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(serve::serve(world.clone(), listener, pending()));
        let place = Self {
            world,
            url,
            machine,
            logs,
        };
        let pushed = Command::new(longshore)
            .arg("push")
            .arg(config)
            .env_clear()
            .envs(place.environment())
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|error| format!("{}: {error}", longshore.display()))?;
        if !pushed.status.success() {
            let said = String::from_utf8_lossy(&pushed.stderr).into_owned();
            return Err(format!("longshore push failed: {said}").into());
        }
        Ok(place)
    }

    /// The environment of every process here, as the template and Lambda set it, with the endpoints
    /// of this world.
    pub(crate) fn environment(&self) -> [(&'static str, &str); 18] {
        [
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", ACCOUNT),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL", &self.url),
            ("LONGSHORE_DIAL", &self.url),
            ("TABLE_NAME", TABLE),
            ("STATE_MACHINE_ARN", &self.machine),
            ("SIGNING_SECRET_PARAMETER", SECRET_PARAMETER),
            (
                "SIGNING_SECRET_PREVIOUS_PARAMETER",
                "/longshore/signing-secret-previous",
            ),
            ("BOT_TOKEN_PARAMETER", "/longshore/bot-token"),
            ("CI_KEYS_PREFIX", "/longshore/ci"),
            ("GITHUB_TOKEN_PARAMETER", "/longshore/github-token"),
            ("EXTERNAL_ID", "local-external-id"),
            ("METRICS_NAMESPACE", "Longshore/bench"),
            ("AWS_LAMBDA_FUNCTION_NAME", "longshore"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        ]
    }

    /// Where the functions' output goes.
    pub(crate) fn log(&self) -> Stdio {
        if self.logs {
            Stdio::inherit()
        } else {
            Stdio::null()
        }
    }

    /// A freshly signed command, as API Gateway hands it over.
    pub(crate) fn command(&self, text: &str) -> String {
        let now = self.world.now();
        let typed = Invocation::new("U024BE7LH", "C2147483705", text);
        of_slack(&self.world.state().slack.command(now, &typed), now)
    }

    /// A command that somebody without the secret signed.
    pub(crate) fn forged(&self) -> String {
        let now = self.world.now();
        let mut state = self.world.state();
        state
            .slack
            .set_signing_secret("00000000000000000000000000000000");
        let typed = Invocation::new("U024BE7LH", "C2147483705", "webapp:main to staging");
        let request = state.slack.command(now, &typed);
        state.slack.set_signing_secret(SECRET);
        of_slack(&request, now)
    }

    /// A pipeline's request for a deploy, signed as Standard Webhooks say. Each of an id of its own.
    pub(crate) fn pipeline(&self, id: &str) -> String {
        let now = self.world.now();
        let body = br#"{"application":"webapp","environment":"staging","ref":"main"}"#;
        let seconds = now.as_second().to_string();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&PIPELINE_KEY) else {
            return String::new();
        };
        for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", body] {
            mac.update(part);
        }
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let headers = [
            ("content-type".to_owned(), "application/json".to_owned()),
            ("webhook-id".to_owned(), id.to_owned()),
            ("webhook-timestamp".to_owned(), seconds),
            ("webhook-signature".to_owned(), format!("v1,{signature}")),
        ];
        let mut event = event(&format!("/ci/{PIPELINE}/deploys"), &headers, body, now);
        event["routeKey"] = json!("POST /ci/{name}/deploys");
        event["pathParameters"] = json!({ "name": PIPELINE });
        event.to_string()
    }

    /// How many executions were ever started.
    pub(crate) fn executions(&self) -> usize {
        self.world.state().states.executions.len()
    }

    /// A step of the newest execution, as the state machine hands it to the waiter.
    pub(crate) fn newest_step(&self) -> Option<String> {
        let state = self.world.state();
        let newest = state
            .states
            .executions
            .values()
            .max_by_key(|one| one.started)?;
        let input: Value = serde_json::from_str(&newest.input).ok()?;
        Some(json!({"id": input["id"], "execution": newest.name}).to_string())
    }

    /// Removes everything from the table but the configuration.
    pub(crate) fn forget_deploys(&self) {
        let now = self.world.now();
        let mut state = self.world.state();
        let Some(table) = state.dynamodb.tables.get_mut(TABLE) else {
            return;
        };
        let deploys = table
            .items()
            .keys()
            .filter(|(pk, _)| pk != "CONFIG")
            .cloned();
        for key in deploys.collect::<Vec<_>>() {
            table.set(now, &key, None);
        }
    }
}

/// The event of an HTTP API in payload format 2.0.
fn event(path: &str, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Value {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), json!(value)));
    let headers: Map<String, Value> = headers.collect();
    let route = format!("POST {path}");
    json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.10",
                "userAgent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            },
            "requestId": "bXyZ0hQbDoEEJqg=",
            "routeKey": route,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "body": STANDARD.encode(body),
        "isBase64Encoded": true,
    })
}

fn of_slack(request: &SignedRequest, now: Timestamp) -> String {
    event(&request.path, &request.headers, &request.body, now).to_string()
}
