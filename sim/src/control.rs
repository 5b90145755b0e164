//! The `/_sim/` endpoints: how people and scripts arrange the served world and look into it.
//! Nothing a vendor offers lives here.
//!
//! Bodies are JSON objects; answers are JSON, `{"error": …}` when something was wrong with the request.

mod conversation;
pub(crate) mod seed;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{World, route};

/// Method, path and what it is for: also what an unknown endpoint is answered with.
const ENDPOINTS: [(&str, &str, &str); 8] = [
    (
        "POST",
        "/_sim/bot",
        "{url, secret?, token?, patience_ms?}: where the app is, and its secrets",
    ),
    (
        "POST",
        "/_sim/command",
        "{user, channel, team?, command?, text}: types a slash command",
    ),
    (
        "POST",
        "/_sim/click",
        "{user, team?, message?, action}: presses a button; message is a ts, else the newest; team is the home workspace",
    ),
    (
        "GET",
        "/_sim/messages",
        "?since=N&format=json|text: what the app said, or the whole conversation",
    ),
    (
        "POST",
        "/_sim/script",
        "{cluster, service, script}: how the service's next rollout goes",
    ),
    (
        "POST",
        "/_sim/seed",
        "{speed?, rate_limits?, keys, repositories, images, services, roles, slack, github}: adds to the world",
    ),
    (
        "GET",
        "/_sim/calls",
        "?since=N: every call that reached the world",
    ),
    (
        "GET",
        "/_sim/events",
        "takes ECS's events since the last time, as EventBridge would carry them",
    ),
];

/// Why a request to arrange the world was not fulfilled; its `Display` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    status: u16,
    why: String,
}

impl std::fmt::Display for Rejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Rejected {}

impl Rejected {
    pub(crate) fn new(status: u16, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { status, why }
    }
}

type Outcome = Result<http::Response<Bytes>, Rejected>;

impl World {
    /// Adds the company that demos play in: applications `webapp` and `cms`, environments `staging` and
    /// `beta` (account 222222222222) and `production` (111111111111), all in eu-west-1.
    ///
    /// # Errors
    /// If some of it is there already and cannot be twice.
    pub fn seed_acme(&self) -> Result<Value, Rejected> {
        self.seed(seed::ACME.as_bytes())
    }

    /// Adds what a JSON document describes, as `POST /_sim/seed` does; answers the SHAs, digests and ARNs
    /// that came of it.
    ///
    /// # Errors
    /// If the document cannot be read, or names what does not exist.
    pub fn seed(&self, document: &[u8]) -> Result<Value, Rejected> {
        let seed: seed::Seed = read(document)?;
        let now = self.now();
        seed.plant(&mut self.state(), now)
    }
}

/// Answers a request whose path begins with `/_sim/`.
pub(crate) async fn handle(world: World, request: http::Request<Bytes>) -> http::Response<Bytes> {
    let outcome = match (request.method().as_str(), request.uri().path()) {
        ("POST", "/_sim/bot") => bot(&world, &request),
        ("POST", "/_sim/command") => conversation::command(&world, &request).await,
        ("POST", "/_sim/click") => conversation::click(&world, &request).await,
        ("GET", "/_sim/messages") => Ok(conversation::messages(&world, &request)),
        ("POST", "/_sim/script") => script(&world, &request),
        ("POST", "/_sim/seed") => plant(&world, &request),
        ("GET", "/_sim/calls") => Ok(calls(&world, &request)),
        ("GET", "/_sim/events") => Ok(events(&world)),
        (_, path) => Ok(unknown(path)),
    };
    outcome.unwrap_or_else(|rejected| answer(rejected.status, &json!({"error": rejected.why})))
}

fn unknown(path: &str) -> http::Response<Bytes> {
    let there: Vec<Value> = ENDPOINTS
        .iter()
        .map(|(method, path, what)| json!({"method": method, "path": path, "what": what}))
        .collect();
    let body = json!({"error": format!("no endpoint {path} with this method"), "endpoints": there});
    answer(404, &body)
}

fn bot(world: &World, request: &http::Request<Bytes>) -> Outcome {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Bot {
        url: Option<String>,
        secret: Option<String>,
        token: Option<String>,
        patience_ms: Option<u64>,
    }
    let bot: Bot = body(request)?;
    let slack = &mut world.state().slack;
    if let Some(url) = bot.url {
        slack.set_request_url(&url);
    }
    if let Some(secret) = bot.secret {
        slack.set_signing_secret(&secret);
    }
    if let Some(token) = bot.token {
        slack.install_bot(&token);
    }
    if let Some(millis) = bot.patience_ms {
        slack.set_patience(std::time::Duration::from_millis(millis));
    }
    Ok(answer(200, &json!({"url": slack.request_url()})))
}

fn script(world: &World, request: &http::Request<Bytes>) -> Outcome {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Scripted {
        cluster: String,
        service: String,
        script: String,
    }
    let scripted: Scripted = body(request)?;
    let now = world.now();
    let state = &mut world.state();
    seed::set_script(
        state,
        now,
        &scripted.cluster,
        &scripted.service,
        &scripted.script,
    )?;
    Ok(answer(200, &json!({"script": scripted.script})))
}

fn plant(world: &World, request: &http::Request<Bytes>) -> Outcome {
    Ok(answer(200, &world.seed(request.body())?))
}

fn calls(world: &World, request: &http::Request<Bytes>) -> http::Response<Bytes> {
    let since = usize::try_from(since(request)).unwrap_or_default();
    let state = world.state();
    let calls: Vec<Value> = state
        .calls
        .iter()
        .skip(since)
        .map(|call| {
            json!({
                "service": call.service, "operation": call.operation, "resources": call.resources,
                "conditions": call.conditions, "caller": call.caller.arn, "request": call.request,
                "status": call.status, "at": call.at,
            })
        })
        .collect();
    answer(200, &json!({"next": state.calls.len(), "calls": calls}))
}

fn events(world: &World) -> http::Response<Bytes> {
    let now = world.now();
    let state = &mut *world.state();
    crate::ecs::advance(state, now);
    answer(200, &json!({"events": state.ecs.take_events()}))
}

/// The `since` of the query, 0 without one.
fn since(request: &http::Request<Bytes>) -> u64 {
    query(request, "since")
        .and_then(|since| since.parse().ok())
        .unwrap_or_default()
}

fn query(request: &http::Request<Bytes>, name: &str) -> Option<String> {
    let query = route::form(request.uri().query().unwrap_or_default().as_bytes());
    query.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// The body as this document.
fn body<T: DeserializeOwned>(request: &http::Request<Bytes>) -> Result<T, Rejected> {
    read(request.body())
}

fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, Rejected> {
    serde_json::from_slice(document)
        .map_err(|error| Rejected::new(400, format!("the document is not as expected: {error}")))
}

fn answer(status: u16, body: &Value) -> http::Response<Bytes> {
    text(status, "application/json", format!("{body}\n"))
}

fn text(status: u16, content_type: &'static str, body: String) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    let kind = http::HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full};
    use hyper_util::rt::TokioIo;

    use super::*;
    use crate::Clock;
    use crate::slack::signature;

    const MARIA: &str = "U061F7AUR";
    const CARD: &str = r#"{"text":"sure?","blocks":[{"type":"actions","elements":[
        {"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go"}}]}]}"#;

    async fn ask(world: &World, method: &str, path: &str, body: &Value) -> (u16, Value, String) {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let response = handle(world.clone(), request).await;
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        (response.status().as_u16(), json, text)
    }

    /// An app that checks the signature and answers every command with a card.
    async fn app(secret: &'static str) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/stage/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = hyper::service::service_fn(
                    move |request: http::Request<hyper::body::Incoming>| async move {
                        let (parts, body) = request.into_parts();
                        let body = body.collect().await?.to_bytes();
                        let header = |name: &str| parts.headers[name].to_str().unwrap().to_owned();
                        let timestamp = header("x-slack-request-timestamp").parse().unwrap();
                        let good =
                            signature(secret, timestamp, &body) == header("x-slack-signature");
                        let said = match parts.uri.path() {
                            "/stage/slack/commands" => CARD,
                            _ => "",
                        };
                        let mut reply = http::Response::new(Full::new(Bytes::from(said)));
                        if !good {
                            *reply.status_mut() = http::StatusCode::UNAUTHORIZED;
                        }
                        let kind = http::HeaderValue::from_static("application/json");
                        reply.headers_mut().insert("content-type", kind);
                        Ok::<_, hyper::Error>(reply)
                    },
                );
                let served = hyper::server::conn::http1::Builder::new();
                tokio::spawn(served.serve_connection(TokioIo::new(stream), service));
            }
        });
        url
    }

    async fn world_with_app() -> World {
        let world = World::new(Clock::Wall);
        let url = app("0123456789abcdef").await;
        let settings = json!({"url": url, "secret": "0123456789abcdef"});
        assert_eq!(ask(&world, "POST", "/_sim/bot", &settings).await.0, 200);
        world
    }

    #[tokio::test]
    async fn a_command_goes_out_signed_and_its_reply_becomes_a_message() {
        let world = world_with_app().await;
        let typed = json!({"user": MARIA, "channel": "C2147483705", "text": "cms to staging"});
        let (status, told, _) = ask(&world, "POST", "/_sim/command", &typed).await;
        assert_eq!((status, &told["status"]), (200, &json!(200)), "{told}");
        assert!(told["elapsed_ms"].is_u64());
        assert_eq!(told["messages"][0]["words"], "[ Go ]");
        assert_eq!(told["messages"][0]["only"], MARIA);
        assert_eq!(told["messages"][0]["buttons"][0]["action_id"], "go");
        let (_, _, shown) = ask(&world, "GET", "/_sim/messages?format=text", &Value::Null).await;
        assert!(
            shown.contains("maria in #deploys: /deploy cms to staging"),
            "{shown}"
        );
    }

    #[tokio::test]
    async fn a_click_finds_its_message_by_ts_or_takes_the_newest() {
        let world = world_with_app().await;
        let typed = json!({"user": MARIA, "channel": "C2147483705", "text": "cms"});
        let (_, told, _) = ask(&world, "POST", "/_sim/command", &typed).await;
        let ts = &told["messages"][0]["ts"];
        for pressed in [
            json!({"user": MARIA, "message": ts, "action": "go"}),
            json!({"user": MARIA, "action": "Go"}),
        ] {
            let (status, told, _) = ask(&world, "POST", "/_sim/click", &pressed).await;
            assert_eq!(
                (status, &told["status"], &told["messages"]),
                (200, &json!(200), &json!([]))
            );
        }
        let stranger = json!({"user": "U0G9QF9C6", "message": ts, "action": "go"});
        assert_eq!(ask(&world, "POST", "/_sim/click", &stranger).await.0, 409);
        let missing = json!({"user": MARIA, "action": "gone"});
        assert_eq!(ask(&world, "POST", "/_sim/click", &missing).await.0, 404);
    }

    #[tokio::test]
    async fn a_click_says_of_which_workspace_its_person_is() {
        let world = world_with_app().await;
        let typed = json!({"user": MARIA, "channel": "C2147483705", "text": "cms"});
        ask(&world, "POST", "/_sim/command", &typed).await;
        let pressed = json!({"user": MARIA, "team": "E0001", "action": "go"});
        assert_eq!(ask(&world, "POST", "/_sim/click", &pressed).await.0, 200);
        let slack = &mut world.state().slack;
        let sent = slack.click_newest(world.now(), MARIA, "go").unwrap();
        let body = String::from_utf8(sent.body.to_vec()).unwrap();
        // Its own is the organisation; the message stands in the workspace.
        assert!(body.contains("%22team_id%22%3A%22E0001%22"), "{body}");
        assert!(
            body.contains("%22team%22%3A%7B%22domain%22%3A%22acme%22%2C%22id%22%3A%22T0001%22"),
            "{body}"
        );
    }

    #[tokio::test]
    async fn a_seed_switches_aws_s_rates_on_and_gives_people_keys() {
        let world = World::new(Clock::Wall);
        let seed = json!({"rate_limits": true, "keys": {"MINE": "222222222222"}});
        assert_eq!(ask(&world, "POST", "/_sim/seed", &seed).await.0, 200);
        let call = || {
            let request = http::Request::post("/")
                .header(
                    "x-amz-target",
                    "AmazonEC2ContainerServiceV20141113.ListClusters",
                )
                .header(
                    "authorization",
                    "AWS4-HMAC-SHA256 Credential=MINE/20260301/eu-west-1/ecs/aws4_request, x",
                )
                .body(Bytes::from("{}"))
                .unwrap();
            world.handle(&request).status().as_u16()
        };
        let answers: Vec<u16> = (0..200).map(|_| call()).collect();
        assert_eq!(answers[..50], [200; 50]);
        assert!(answers.contains(&400));
        assert_eq!(world.state().calls[0].caller.account, "222222222222");
        ask(&world, "POST", "/_sim/seed", &json!({"rate_limits": false})).await;
        assert_eq!((0..200).filter(|_| call() != 200).count(), 0);
    }

    #[tokio::test]
    async fn a_wrong_secret_shows_as_the_app_failing() {
        let world = world_with_app().await;
        world.state().slack.set_signing_secret("another secret 16");
        let typed = json!({"user": MARIA, "channel": "C2147483705", "text": "cms"});
        let (status, told, _) = ask(&world, "POST", "/_sim/command", &typed).await;
        assert_eq!((status, &told["status"]), (200, &json!(401)));
        assert_eq!(told["messages"][0]["kind"], "failed");
        let (_, later, _) = ask(&world, "GET", "/_sim/messages?since=1", &Value::Null).await;
        assert_eq!(
            (&later["next"], later["messages"].as_array().unwrap().len()),
            (&json!(2), 1)
        );
    }

    #[tokio::test]
    async fn an_app_that_is_not_there_is_told_to_both_sides() {
        let world = World::new(Clock::Wall);
        // Bound and dropped: nobody listens there.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        world.state().slack.set_request_url(&url);
        let typed = json!({"user": MARIA, "channel": "C2147483705", "text": "help"});
        let (status, told, _) = ask(&world, "POST", "/_sim/command", &typed).await;
        assert_eq!(
            (status, &told["messages"][0]["kind"]),
            (502, &json!("failed"))
        );
        assert!(
            told["error"]
                .as_str()
                .unwrap()
                .contains("cannot be reached")
        );
    }

    #[tokio::test]
    async fn mistakes_are_explained() {
        let world = World::new(Clock::Wall);
        let typed = json!({"user": MARIA, "channel": "C1", "text": "help"});
        let (status, told, _) = ask(&world, "POST", "/_sim/command", &typed).await;
        assert_eq!(status, 409);
        assert!(told["error"].as_str().unwrap().contains("/_sim/bot"));
        let (status, told, _) = ask(&world, "POST", "/_sim/command", &json!({"usr": 1})).await;
        assert_eq!(status, 400);
        assert!(told["error"].as_str().unwrap().contains("usr"));
        let (status, told, _) = ask(&world, "GET", "/_sim/nothing", &Value::Null).await;
        assert_eq!(status, 404);
        assert_eq!(told["endpoints"].as_array().unwrap().len(), ENDPOINTS.len());
    }

    #[tokio::test]
    async fn the_call_log_can_be_read_in_pieces() {
        let world = World::new(Clock::Wall);
        world.state().github.repo("acme/cms");
        for path in ["", "/commits/main"] {
            let request =
                http::Request::get(format!("https://api.github.com/repos/acme/cms{path}"))
                    .header("user-agent", "test")
                    .body(Bytes::new())
                    .unwrap();
            world.handle(&request);
        }
        let (_, told, _) = ask(&world, "GET", "/_sim/calls?since=1", &Value::Null).await;
        assert_eq!(
            (&told["next"], told["calls"].as_array().unwrap().len()),
            (&json!(2), 1)
        );
        assert_eq!(
            told["calls"][0]["operation"],
            "GET /repos/acme/cms/commits/main"
        );
    }

    #[tokio::test]
    async fn a_seed_makes_commits_images_and_services_that_belong_together() {
        let world = World::new(Clock::Wall);
        let registry = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
        let home = json!({"account": "111111111111", "region": "eu-west-1"});
        let mut image = home.clone();
        image["repository"] = json!("cms");
        image["commit"] = json!("acme/cms:feature/signup");
        let mut service = home;
        service["cluster"] = json!("staging");
        service["service"] = json!("cms-api");
        service["containers"] =
            json!({"app": format!("{registry}/cms:{{acme/cms:feature/signup}}")});
        let seed = json!({
            "speed": 20.0,
            "repositories": [{
                "name": "acme/cms", "branches": {"feature/signup": "main"}, "tags": {"v1": "main"},
                "commits": [{"branch": "feature/signup", "message": "Complete addresses"}],
            }],
            "images": [image], "services": [service],
            "slack": {"users": [{"id": "U0NEW", "name": "nina"}], "token": "xoxb-simulated"},
        });
        let (status, planted, text) = ask(&world, "POST", "/_sim/seed", &seed).await;
        assert_eq!(status, 200, "{text}");
        let sha = &planted["repositories"]["acme/cms"]["feature/signup"];
        assert_eq!(&planted["images"][0]["tags"][0], sha);
        assert!(
            planted["services"][0]
                .as_str()
                .unwrap()
                .ends_with(":service/staging/cms-api")
        );
        assert_eq!(world.state().slack.name_of("U0NEW"), "nina");

        let script =
            |name: &str| json!({"cluster": "staging", "service": "cms-api", "script": name});
        assert_eq!(
            ask(&world, "POST", "/_sim/script", &script("crash-loop"))
                .await
                .0,
            200
        );
        let (status, told, _) = ask(&world, "POST", "/_sim/script", &script("waltz")).await;
        assert_eq!(
            (
                status,
                told["error"].as_str().unwrap().contains("crash-loop")
            ),
            (400, true)
        );
        let missing = json!({"cluster": "moon", "service": "cms-api", "script": "happy"});
        assert_eq!(ask(&world, "POST", "/_sim/script", &missing).await.0, 404);
    }

    #[test]
    fn a_seed_that_names_nothing_known_is_refused_with_the_word() {
        let world = World::new(Clock::Wall);
        for (seed, word) in [
            (json!({"sevices": []}), "sevices"),
            (json!({"slack": {"mode": "sulking"}}), "sulking"),
            (json!({"github": {"mode": "lost"}}), "lost"),
            (
                json!({"images": [{"account": "1", "region": "r", "repository": "a", "commit": "acme/a:gone"}]}),
                "acme/a:gone",
            ),
        ] {
            let refused = world.seed(seed.to_string().as_bytes()).unwrap_err();
            assert!(refused.to_string().contains(word), "{refused}");
        }
    }

    #[test]
    fn the_company_of_the_demos_is_complete() {
        let world = World::new(Clock::Wall);
        let planted = world.seed_acme().unwrap();
        assert_eq!(planted["services"].as_array().unwrap().len(), 7);
        let branches = &planted["repositories"]["acme/webapp"];
        assert_ne!(branches["feature/signup-autocomplete"], branches["main"]);
        let newest = &planted["images"][1];
        assert_eq!(newest["tags"], json!(["1.4.1", branches["main"]]));
    }
}
