//! What Slack makes of the app's HTTP reply to what it sent: a message, nothing, or its own complaint
//! to the person.
//!
//! <https://docs.slack.dev/interactivity/implementing-slash-commands#responding_to_commands>

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::post::{Content, Place};
use super::{Happening, Message, SignedRequest, Slack, Via};

impl Slack {
    /// What Slack makes of the app's HTTP reply to a command: a message, nothing for an empty body, or its
    /// own complaint to the person when the reply is late, not a 200 or malformed.
    pub fn reply_to_command(
        &mut self,
        now: Timestamp,
        request: &SignedRequest,
        elapsed: Duration,
        reply: &http::Response<Bytes>,
    ) -> Option<Message> {
        if let Some(error) = failed(self.patience, elapsed, reply) {
            self.complain(now, request, error);
            return None;
        }
        if reply.body().iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let is_json = reply
            .headers()
            .get(http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/json"));
        let body = if is_json {
            serde_json::from_slice(reply.body()).unwrap_or(Value::Null)
        } else {
            json!({"text": String::from_utf8_lossy(reply.body())})
        };
        let content = match Content::read(&body) {
            Ok(content) if !content.is_empty() => content,
            Ok(_) if body.is_object() => return None,
            Ok(_) | Err(_) => {
                self.complain(now, request, "invalid_command_response");
                return None;
            }
        };
        let public = body.get("response_type").and_then(Value::as_str) == Some("in_channel");
        let place = Place {
            channel: request.channel.clone(),
            only: (!public).then(|| request.user.clone()),
            thread: None,
            via: Via::Reply,
        };
        let index = self.put_up(now, place, content);
        self.messages.get(index).cloned()
    }

    /// What Slack makes of the app's HTTP reply to a click: nothing, or a complaint to the person.
    pub fn reply_to_click(
        &mut self,
        now: Timestamp,
        request: &SignedRequest,
        elapsed: Duration,
        reply: &http::Response<Bytes>,
    ) {
        if let Some(error) = failed(self.patience, elapsed, reply) {
            self.complain(now, request, error);
        }
    }

    fn complain(&mut self, now: Timestamp, request: &SignedRequest, error: &str) {
        let what = if request.command.is_empty() {
            "This app responded with an error".to_owned()
        } else {
            format!("{} failed with the error \"{error}\"", request.command)
        };
        let (user, channel) = (request.user.clone(), request.channel.clone());
        self.happened(
            now,
            Happening::Failed {
                user,
                channel,
                words: what,
            },
        );
    }
}

fn failed(
    patience: Duration,
    elapsed: Duration,
    reply: &http::Response<Bytes>,
) -> Option<&'static str> {
    if elapsed > patience {
        Some("operation_timeout")
    } else if reply.status() != http::StatusCode::OK {
        Some("dispatch_failed")
    } else {
        None
    }
}
