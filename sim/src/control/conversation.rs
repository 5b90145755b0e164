//! People talking to the app: what they type and press is signed, carried to the app over HTTP, and
//! the reply is carried back into the conversation, with the time it took.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Outcome, Rejected, answer, body, query, since, text};
use crate::World;
use crate::slack::{Event, Happening, Invocation, Message, SignedRequest, Slack, Visibility};
use crate::transcript::Transcript;

/// How long the app is given altogether, so that even a late reply is seen and timed.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    user: String,
    channel: String,
    team: Option<String>,
    command: Option<String>,
    text: String,
}

/// Types a slash command.
pub(super) async fn command(world: &World, request: &http::Request<Bytes>) -> Outcome {
    let typed: Typed = body(request)?;
    let mut invocation = Invocation::new(&typed.user, &typed.channel, &typed.text);
    if let Some(team) = &typed.team {
        invocation = invocation.team(team);
    }
    if let Some(command) = &typed.command {
        invocation = invocation.command(command);
    }
    let url = url(world)?;
    let (sent, since) = {
        let slack = &mut world.state().slack;
        (
            slack.command(world.now(), &invocation),
            slack.events().len(),
        )
    };
    let carried = carry(&url, &sent).await;
    let slack = &mut world.state().slack;
    slack.reply_to_command(world.now(), &sent, carried.elapsed, &carried.reply);
    Ok(told(slack, since, &carried))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pressed {
    user: String,
    /// The workspace, or the organisation, that the person is of from now on.
    team: Option<String>,
    message: Option<String>,
    action: String,
}

/// Presses a button.
pub(super) async fn click(world: &World, request: &http::Request<Bytes>) -> Outcome {
    let pressed: Pressed = body(request)?;
    let url = url(world)?;
    let (sent, since) = {
        let slack = &mut world.state().slack;
        let since = slack.events().len();
        let now = world.now();
        if let Some(team) = &pressed.team {
            let name = pressed.user.to_lowercase();
            slack.user(&pressed.user, &name).team.clone_from(team);
        }
        let seen = match pressed.message.as_deref() {
            None | Some("" | "newest") => slack.newest_with(&pressed.user, &pressed.action),
            Some(ts) => slack.message(ts),
        };
        let seen = seen.cloned().ok_or_else(|| {
            Rejected::new(404, "there is no such message, or none with such a button")
        })?;
        let sent = slack
            .click(now, &pressed.user, &seen, &pressed.action)
            .map_err(|error| Rejected::new(409, error.to_string()))?;
        (sent, since)
    };
    let carried = carry(&url, &sent).await;
    let slack = &mut world.state().slack;
    slack.reply_to_click(world.now(), &sent, carried.elapsed, &carried.reply);
    Ok(told(slack, since, &carried))
}

/// What the app has said: JSON documents, or the conversation as people see it.
pub(super) fn messages(world: &World, request: &http::Request<Bytes>) -> http::Response<Bytes> {
    let since = since(request);
    let slack = &world.state().slack;
    let events = slack.events();
    let later = &events[usize::try_from(since).unwrap_or_default().min(events.len())..];
    if query(request, "format").as_deref() == Some("text") {
        let shown = Transcript::new(slack).with_times().conversation(later);
        return text(200, "text/plain; charset=utf-8", shown);
    }
    answer(
        200,
        &json!({"next": events.len(), "messages": said(slack, later)}),
    )
}

fn told(slack: &Slack, since: usize, carried: &Carried) -> http::Response<Bytes> {
    let events = slack.events();
    let mut body = json!({
        "status": carried.reply.status().as_u16(),
        "elapsed_ms": u64::try_from(carried.elapsed.as_millis()).unwrap_or(u64::MAX),
        "next": events.len(),
        "messages": said(slack, events.get(since..).unwrap_or_default()),
    });
    match &carried.problem {
        None => answer(200, &body),
        Some(problem) => {
            body["error"] = json!(format!("the app cannot be reached: {problem}"));
            answer(502, &body)
        }
    }
}

/// The app's own events (and Slack's complaints about it) as flat documents.
fn said(slack: &Slack, events: &[Event]) -> Vec<Value> {
    let transcript = Transcript::new(slack);
    events
        .iter()
        .filter_map(|event| {
            let (kind, message) = match &event.what {
                Happening::Typed { .. } | Happening::Clicked { .. } => return None,
                Happening::Posted(message) => ("posted", message),
                Happening::Edited(message) => ("edited", message),
                Happening::Deleted(message) => ("deleted", message),
                Happening::Failed {
                    user,
                    channel,
                    words,
                } => {
                    return Some(json!({
                        "seq": event.seq, "at": event.at, "kind": "failed", "only": user,
                        "channel": channel, "text": words, "words": words,
                    }));
                }
            };
            let mut document = document(&transcript, message);
            document["seq"] = json!(event.seq);
            document["at"] = json!(event.at);
            document["clock"] = json!(transcript.clock(event.at));
            document["kind"] = json!(kind);
            Some(document)
        })
        .collect()
}

fn document(transcript: &Transcript<'_>, message: &Message) -> Value {
    let only = match &message.visibility {
        Visibility::Only(user) | Visibility::Direct(user) => Some(user),
        Visibility::Channel => None,
    };
    json!({
        "ts": message.ts, "channel": message.channel, "thread_ts": message.thread, "only": only,
        "ephemeral": message.is_ephemeral(), "via": message.via, "user": message.author,
        "text": message.text, "words": transcript.words(message), "blocks": message.blocks,
        "attachments": message.attachments, "buttons": message.buttons(), "edits": message.edits.len(),
    })
}

fn url(world: &World) -> Result<String, Rejected> {
    let url = world.state().slack.request_url().map(str::to_owned);
    url.ok_or_else(|| {
        Rejected::new(
            409,
            "where the app is was not set: POST /_sim/bot {url, secret}",
        )
    })
}

/// What came back from the app.
struct Carried {
    /// Its reply, or a 502 when there is none.
    reply: http::Response<Bytes>,
    elapsed: Duration,
    /// Why there is no reply.
    problem: Option<String>,
}

/// Carries a signed request to the app.
async fn carry(base: &str, sent: &SignedRequest) -> Carried {
    let started = Instant::now();
    let (reply, problem) = match tokio::time::timeout(PATIENCE, post(base, sent)).await {
        Ok(Ok(reply)) => (reply, None),
        Ok(Err(error)) => (http::Response::default(), Some(error.to_string())),
        Err(_) => (
            http::Response::default(),
            Some(format!("no reply within {PATIENCE:?}")),
        ),
    };
    let mut carried = Carried {
        reply,
        elapsed: started.elapsed(),
        problem,
    };
    if carried.problem.is_some() {
        *carried.reply.status_mut() = http::StatusCode::BAD_GATEWAY;
    }
    carried
}

async fn post(
    base: &str,
    sent: &SignedRequest,
) -> Result<http::Response<Bytes>, Box<dyn std::error::Error + Send + Sync>> {
    let uri: http::Uri = format!("{base}{}", sent.path).parse()?;
    let authority = uri.authority().ok_or("the app's URL has no host")?.clone();
    if uri.scheme_str() != Some("http") {
        return Err("the app's URL must be plain http".into());
    }
    let stream = tokio::net::TcpStream::connect((
        authority.host().trim_matches(['[', ']']),
        authority.port_u16().unwrap_or(80),
    ))
    .await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // Ends when the sender is dropped, at the end of this function.
    tokio::spawn(connection);
    let (mut parts, content) = sent.to_http().into_parts();
    parts.uri = uri
        .path_and_query()
        .ok_or("the app's URL has no path")?
        .as_str()
        .parse()?;
    parts
        .headers
        .insert(http::header::HOST, authority.as_str().parse()?);
    let request = http::Request::from_parts(parts, Full::new(content));
    let (parts, incoming) = sender.send_request(request).await?.into_parts();
    let content = incoming.collect().await?.to_bytes();
    Ok(http::Response::from_parts(parts, content))
}
