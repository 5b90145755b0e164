//! Slack, as its documentation describes it: people type commands and press buttons (signed requests
//! go out), the app answers, posts to `response_url`s and calls the Web API (requests come in), and
//! messages appear. It never talks to anybody by itself: whoever carries a [`SignedRequest`] to the
//! app brings the answer back with [`Slack::reply_to_command`].
//!
//! <https://docs.slack.dev/>

mod arguments;
mod arrange;
pub mod blocks;
mod events;
pub(crate) mod form;
mod hooks;
mod message;
mod outgoing;
mod payload;
mod post;
mod reply;
mod views;
mod web;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::world::State;

pub use arguments::METHODS;
pub use arrange::{Channel, Hours, Kind, Reader, User};
pub use events::Utterance;
pub use message::{Button, Edit, Event, Field, Happening, Message, Via, Visibility};
pub use outgoing::{CannotClick, Invocation, SignedRequest, signature};

/// Whether Slack works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As it should.
    #[default]
    Up,
    /// Every request gets HTTP 500.
    Down,
    /// The Web API gets HTTP 500, `response_url`s work.
    ApiDown,
    /// `response_url`s get HTTP 500, the Web API works.
    HooksDown,
    /// The Web API answers every call with `"ok": false` and this error.
    Refusing(String),
}

/// One workspace with one app in it.
#[derive(Clone, Debug)]
pub struct Slack {
    signing_secret: String,
    seed: u64,
    issued: u64,
    team: String,
    domain: String,
    enterprise: Option<String>,
    org_install: bool,
    gov: bool,
    token: Option<Token>,
    scopes: BTreeSet<String>,
    users: BTreeMap<String, User>,
    groups: BTreeMap<String, Group>,
    /// So many members of a group are said at most, with a cursor, as Slack's other lists do it.
    page: Option<usize>,
    channels: BTreeMap<String, Channel>,
    messages: Vec<Message>,
    /// What people wrote to the app: the channel, the `ts`, and the first message of the thread.
    written: BTreeMap<(String, String), String>,
    events: Vec<Event>,
    read: usize,
    hooks: BTreeMap<String, Hook>,
    triggers: BTreeMap<String, Trigger>,
    /// What is entered in fields, by the message and the field.
    entered: BTreeMap<(String, String), String>,
    views: BTreeMap<String, Value>,
    mode: Mode,
    /// The error with which it refuses to tell where a message is.
    no_permalinks: Option<String>,
    paced: bool,
    last_post: BTreeMap<String, Timestamp>,
    request_url: Option<String>,
    patience: Duration,
}

#[derive(Clone, Debug)]
struct Token {
    value: String,
    revoked: bool,
}

#[derive(Clone, Debug)]
struct Group {
    handle: String,
    members: Vec<String>,
}

impl Group {
    /// The first so many members with a cursor to the next, or all of them.
    fn page(&self, most: Option<usize>) -> serde_json::Value {
        match most.and_then(|most| self.members.get(..most)) {
            Some(first) if first.len() < self.members.len() => serde_json::json!({
                "users": first,
                "response_metadata": {"next_cursor": "dXNlcjpVMDYx"},
            }),
            Some(_) | None => serde_json::json!({"users": self.members}),
        }
    }
}

/// A `response_url`, by its path.
#[derive(Clone, Debug)]
struct Hook {
    user: String,
    channel: String,
    thread: Option<String>,
    /// Where the clicked message stands in `messages`; none for a slash command's URL.
    original: Option<usize>,
    made: Timestamp,
    uses: u32,
}

#[derive(Clone, Copy, Debug)]
struct Trigger {
    made: Timestamp,
    used: bool,
}

impl Slack {
    /// What the app says, posts or edits since the last time this was asked, oldest first.
    pub fn take_unread(&mut self) -> Vec<Event> {
        let unread = self.unread();
        self.read = self.events.len();
        unread
    }

    /// The same without marking it read. Empty is what a test wants at its end.
    pub fn unread(&self) -> Vec<Event> {
        let said = |event: &&Event| {
            !matches!(
                event.what,
                Happening::Typed { .. } | Happening::Clicked { .. }
            )
        };
        self.events
            .iter()
            .skip(self.read)
            .filter(said)
            .cloned()
            .collect()
    }

    /// Everything that happened, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Every message as it stands now, deleted ones included, oldest first.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// The message with this `ts`.
    pub fn message(&self, ts: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.ts == ts)
    }

    /// The newest message that this user sees and that has such a button (by `action_id` or label).
    pub fn newest_with(&self, user: &str, action: &str) -> Option<&Message> {
        self.messages.iter().rev().find(|message| {
            !message.deleted
                && self.sees(user, message)
                && outgoing::button_named(message, action).is_some()
        })
    }

    /// Whether this user sees this message.
    pub fn sees(&self, user: &str, message: &Message) -> bool {
        match &message.visibility {
            Visibility::Only(whom) | Visibility::Direct(whom) => whom == user,
            Visibility::Channel => true,
        }
    }

    /// A string nobody guesses, the same in every world with this seed and history.
    fn issue(&mut self, length: usize) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        self.issued += 1;
        let bytes = mac(&self.seed.to_be_bytes(), &self.issued.to_be_bytes());
        bytes
            .iter()
            .cycle()
            .take(length)
            .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
            .collect()
    }

    fn digits(&mut self, length: usize) -> String {
        self.issued += 1;
        mac(&self.seed.to_be_bytes(), &self.issued.to_be_bytes())
            .iter()
            .cycle()
            .take(length)
            .map(|byte| char::from(b'1' + byte % 9))
            .collect()
    }

    fn happened(&mut self, at: Timestamp, what: Happening) {
        let seq = self.events.len() as u64 + 1;
        self.events.push(Event { seq, at, what });
    }
}

/// HMAC-SHA256. A key of any length is accepted, so there is no failure to pass on.
fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        Err(_) => Vec::new(),
    }
}

/// Answers a request to `hooks.slack.com` or `slack.com`.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    request: &http::Request<Bytes>,
) -> http::Response<Bytes> {
    state.slack.handle(now, request)
}

impl Slack {
    /// Answers a request to `hooks.slack.com` or `slack.com`.
    pub fn handle(
        &mut self,
        now: Timestamp,
        request: &http::Request<Bytes>,
    ) -> http::Response<Bytes> {
        let to_api = request.uri().path().starts_with("/api/");
        if self.is_elsewhere(request) {
            // The other Slack knows neither the token nor the address.
            return match to_api {
                true => json_answer(200, &json!({"ok": false, "error": "invalid_auth"})),
                false => failure(404, "no_service"),
            };
        }
        let down = match self.mode {
            Mode::Up | Mode::Refusing(_) => false,
            Mode::Down => true,
            Mode::ApiDown => to_api,
            Mode::HooksDown => !to_api,
        };
        if down {
            return answer(500, "text/plain", "");
        }
        if to_api {
            self.web_api(now, request)
        } else {
            self.response_url(now, request)
        }
    }

    /// Whether a request went to the hosts of the Slack that this workspace is not of.
    fn is_elsewhere(&self, request: &http::Request<Bytes>) -> bool {
        let host = request.uri().host();
        host.is_some_and(|host| host.ends_with("slack-gov.com") != self.gov)
    }
}

fn answer(status: u16, content_type: &str, body: impl Into<Bytes>) -> http::Response<Bytes> {
    let mut response = http::Response::new(body.into());
    *response.status_mut() =
        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = http::HeaderValue::from_str(content_type) {
        response
            .headers_mut()
            .insert(http::header::CONTENT_TYPE, value);
    }
    response
}

fn json_answer(status: u16, body: &Value) -> http::Response<Bytes> {
    answer(status, "application/json; charset=utf-8", body.to_string())
}

fn failure(status: u16, error: &str) -> http::Response<Bytes> {
    json_answer(status, &json!({"ok": false, "error": error}))
}
