//! Which vendor and operation a request is for, and the envelopes around the answers: AWS JSON
//! 1.0 and 1.1, and STS's query protocol. Services see decoded documents only.
//!
//! Target prefixes are the ones the Rust SDK, boto3 and the AWS command line send; none of the
//! services here speaks CBOR to any of them.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    Answer, AwsError, Call, Caller, State, dynamodb, ecr, ecs, github, issuer, logs, scheduler,
    slack, ssm, states, sts,
};

/// The services behind an `X-Amz-Target` header: prefix, IAM's name, JSON version.
const TARGETS: [(&str, &str, &str); 6] = [
    ("DynamoDB_20120810", "dynamodb", "1.0"),
    ("AWSStepFunctions", "states", "1.0"),
    ("AmazonSSM", "ssm", "1.1"),
    ("AmazonEC2ContainerServiceV20141113", "ecs", "1.1"),
    ("AmazonEC2ContainerRegistry_V20150921", "ecr", "1.1"),
    ("Logs_20140328", "logs", "1.1"),
];

/// Whom a request is for, before anything is executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// The service in IAM's spelling, `unknown` if there is none.
    pub(crate) service: &'static str,
    /// The operation, or method and path.
    pub(crate) operation: String,
    /// The AWS JSON version, empty for everything else.
    version: &'static str,
}

/// Reads service and operation from host, headers and (for STS) body.
pub(crate) fn destination(request: &Request<Bytes>) -> Destination {
    let web = |service| Destination {
        service,
        operation: format!("{} {}", request.method(), request.uri().path()),
        version: "",
    };
    match host(request) {
        "hooks.slack.com" | "hooks.slack-gov.com" | "slack.com" | "slack-gov.com" => {
            return web("slack");
        }
        "api.github.com" => return web("github"),
        host if issuer::is_issuer(host) => return web("issuer"),
        _ if is_github_enterprise(request) => return web("github"),
        _ => {}
    }
    if host(request).starts_with("scheduler.") {
        let (method, path) = (request.method().as_str(), request.uri().path());
        return match scheduler::operation(method, path, "") {
            Some((operation, _)) => Destination {
                service: "scheduler",
                operation: operation.to_owned(),
                version: "1.1",
            },
            None => web("unknown"),
        };
    }
    let target = text(request, "x-amz-target").split_once('.');
    let known = |(prefix, operation): (&str, &str)| {
        let (_, service, version) = TARGETS.iter().find(|(name, _, _)| *name == prefix)?;
        Some(Destination {
            service,
            operation: operation.to_owned(),
            version,
        })
    };
    if let Some(found) = target.and_then(known) {
        return found;
    }
    match form(request.body()).get("Action").and_then(Value::as_str) {
        Some(action) => Destination {
            service: "sts",
            operation: action.to_owned(),
            version: "",
        },
        None => web("unknown"),
    }
}

/// A server of somebody's own has its API under a path that AWS and Slack have not; what GitHub keeps for an
/// organisation in one region has a host for it.
fn is_github_enterprise(request: &Request<Bytes>) -> bool {
    let host = host(request);
    request.uri().path().starts_with("/api/v3/")
        || (host.starts_with("api.") && host.ends_with(".ghe.com"))
}

/// Executes one request against the state, logs it, and wraps the answer for the wire.
pub(crate) fn answer(
    state: &mut State,
    now: Timestamp,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let to = destination(request);
    let caller = caller(state, request);
    let document = document(&to, request);
    let mut noted = Answer::default();
    let response = match to.service {
        "slack" => slack::handle(state, now, request),
        "github" => github::handle(state, now, request),
        "issuer" => issuer::handle(state, host(request), request),
        _ => {
            let result = dispatch(state, now, &to, &document, &caller);
            if let Ok(answer) = &result {
                noted.clone_from(answer);
            }
            wrap(&to, result)
        }
    };
    if matches!(to.service, "slack" | "github" | "issuer") {
        noted.resources = vec![format!("https://{}{}", host(request), request.uri().path())];
    }
    state.calls.push(Call {
        service: to.service,
        actions: actions(&to, &document),
        operation: to.operation,
        resources: noted.resources,
        conditions: noted.conditions,
        caller,
        request: document,
        status: response.status().as_u16(),
        at: now,
    });
    response
}

fn dispatch(
    state: &mut State,
    now: Timestamp,
    to: &Destination,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    if sts::expired(state, caller, now) {
        let message = "The security token included in the request is expired";
        return Err(AwsError::new("ExpiredTokenException", message));
    }
    let call = (to.service, to.operation.as_str());
    state.throttle.take(now, call, caller)?;
    if request.is_null() && to.service != "unknown" {
        let message = "the request is not a JSON document";
        return Err(AwsError::new("SerializationException", message));
    }
    let handle = match to.service {
        "dynamodb" => dynamodb::handle,
        "states" => states::handle,
        "ssm" => ssm::handle,
        "sts" => sts::handle,
        "ecs" => ecs::handle,
        "ecr" => ecr::handle,
        "logs" => logs::handle,
        "scheduler" => scheduler::handle,
        _ => {
            return Err(AwsError {
                status: 404,
                ..AwsError::unknown_operation(&to.operation)
            });
        }
    };
    handle(state, now, &to.operation, request, caller)
}

/// The IAM actions a request needs: a transaction is checked item by item.
fn actions(to: &Destination, request: &Value) -> Vec<String> {
    let items = request.get("TransactItems").and_then(Value::as_array);
    let Some(items) = items else {
        return vec![format!("{}:{}", to.service, to.operation)];
    };
    let verbs = items
        .iter()
        .filter_map(|item| item.as_object()?.keys().next());
    let mut actions: Vec<String> = verbs
        .map(|verb| match verb.as_str() {
            "ConditionCheck" => "dynamodb:ConditionCheckItem".to_owned(),
            verb => format!("dynamodb:{verb}Item"),
        })
        .collect();
    actions.sort();
    actions.dedup();
    actions
}

/// The request's document: JSON, or form fields as an object of strings. `Null` if it is neither.
fn document(to: &Destination, request: &Request<Bytes>) -> Value {
    if to.service == "sts" || text(request, "content-type").contains("x-www-form-urlencoded") {
        return Value::Object(form(request.body()));
    }
    if to.service == "scheduler" {
        let uri = request.uri();
        let query = uri.query().unwrap_or_default();
        let named = scheduler::operation(request.method().as_str(), uri.path(), query);
        let mut document = named.map(|(_, named)| named).unwrap_or_default();
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        if let (Some(document), Value::Object(body)) = (document.as_object_mut(), body) {
            document.extend(body);
        }
        return document;
    }
    if request.body().is_empty() && !to.version.is_empty() {
        return json!({});
    }
    serde_json::from_slice(request.body()).unwrap_or_default()
}

/// Who signed: the credential scope names key and region, STS knows what it handed out.
fn caller(state: &State, request: &Request<Bytes>) -> Caller {
    let scope = text(request, "authorization")
        .split_once("Credential=")
        .map_or("", |(_, rest)| rest.split(',').next().unwrap_or_default());
    let mut parts = scope.split('/');
    let access_key = parts.next().unwrap_or_default().to_owned();
    let region = parts.nth(1).unwrap_or_default().to_owned();
    sts::identify(state, access_key, region)
}

/// Puts an AWS answer into its envelope.
pub(crate) fn wrap(to: &Destination, result: Result<Answer, AwsError>) -> Response<Bytes> {
    let (status, body, kind) = match (result, to.service == "sts") {
        (Ok(answer), false) => (200, answer.body.to_string(), json_type(to)),
        (Ok(answer), true) => (200, sts::success(&to.operation, &answer.body), "text/xml"),
        (Err(error), true) => (error.status, sts::failure(&error), "text/xml"),
        (Err(error), false) => {
            let mut body = error.extra;
            body.insert("__type".to_owned(), json!(error.code));
            body.insert("message".to_owned(), json!(error.message));
            (error.status, Value::Object(body).to_string(), json_type(to))
        }
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert("x-amzn-requestid", HeaderValue::from_static("simulated"));
    response
}

fn json_type(to: &Destination) -> &'static str {
    match to.version {
        "1.0" => "application/x-amz-json-1.0",
        _ => "application/x-amz-json-1.1",
    }
}

/// The host a request is for: the `Host` header if there is one, as on the wire, else the URI's.
pub(crate) fn host(request: &Request<Bytes>) -> &str {
    let header = text(request, "host");
    let host = if header.is_empty() {
        request.uri().host().unwrap_or_default()
    } else {
        header
    };
    host.split(':').next().unwrap_or_default()
}

fn text<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Decodes `application/x-www-form-urlencoded`; the last of two equal keys wins.
pub(crate) fn form(body: &[u8]) -> Map<String, Value> {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=');
            let (key, value) = at.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]));
            (decode(key), Value::String(decode(value)))
        })
        .collect()
}

fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        let hex = (*first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        rest = if hex.is_some() { &tail[2..] } else { tail };
        bytes.push(hex.unwrap_or(if *first == b'+' { b' ' } else { *first }));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
