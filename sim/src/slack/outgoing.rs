//! What Slack sends to the app: slash commands, button clicks, `url_verification`; each signed as
//! documented, with a fresh trigger id and `response_url`.
//!
//! <https://docs.slack.dev/authentication/verifying-requests-from-slack>

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::arrange::APP_ID;
use super::payload::name_in_payload;
use super::{Button, Happening, Message, Slack, Trigger, form, mac};

/// The `X-Slack-Signature` of a body at a time, in full (`v0=…`).
pub fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let mut signed = format!("v0:{timestamp}:").into_bytes();
    signed.extend_from_slice(body);
    let tag = mac(secret.as_bytes(), &signed);
    tag.iter()
        .fold("v0=".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// A request as Slack would POST it to the app.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    /// Where at the app: `/slack/commands`, `/slack/interactions` or `/slack/events`.
    pub path: String,
    /// Headers, names as Slack spells them.
    pub headers: Vec<(String, String)>,
    /// The raw body that was signed.
    pub body: Bytes,
    /// Who is told when the app fails, and where.
    pub(super) user: String,
    pub(super) channel: String,
    /// The command's name, empty for anything else.
    pub(super) command: String,
}

impl SignedRequest {
    /// As a request of the `http` crate, with an origin-form URI.
    pub fn to_http(&self) -> http::Request<Bytes> {
        let mut request = http::Request::new(self.body.clone());
        *request.method_mut() = http::Method::POST;
        if let Ok(uri) = self.path.parse() {
            *request.uri_mut() = uri;
        }
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (
                name.parse::<http::HeaderName>(),
                value.parse::<http::HeaderValue>(),
            ) {
                request.headers_mut().append(name, value);
            }
        }
        request
    }
}

/// A slash command that a person types.
#[derive(Clone, Debug)]
pub struct Invocation {
    user: String,
    channel: String,
    text: String,
    team: Option<String>,
    command: String,
}

impl Invocation {
    /// `/deploy TEXT`, typed by this user in this channel of the app's own workspace.
    pub fn new(user: &str, channel: &str, text: &str) -> Self {
        Self {
            user: user.to_owned(),
            channel: channel.to_owned(),
            text: text.to_owned(),
            team: None,
            command: "/deploy".to_owned(),
        }
    }

    /// From another workspace.
    #[must_use]
    pub fn team(mut self, team: &str) -> Self {
        self.team = Some(team.to_owned());
        self
    }

    /// Another command than `/deploy`, slash included.
    #[must_use]
    pub fn command(mut self, command: &str) -> Self {
        command.clone_into(&mut self.command);
        self
    }
}

/// Why a person cannot press that button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CannotClick {
    /// There is no such message, or it was deleted.
    NoSuchMessage,
    /// The person does not see it.
    NotVisible,
    /// It has no such button; these are there.
    NoSuchButton(Vec<String>),
}

impl fmt::Display for CannotClick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchMessage => f.write_str("there is no such message"),
            Self::NotVisible => f.write_str("this user does not see that message"),
            Self::NoSuchButton(there) => {
                write!(f, "no such button; there are: {}", there.join(", "))
            }
        }
    }
}

impl std::error::Error for CannotClick {}

/// The button a person means, by `action_id` or by label.
pub(super) fn button_named(message: &Message, action: &str) -> Option<Button> {
    message
        .buttons()
        .into_iter()
        .find(|button| button.action_id == action || button.label.eq_ignore_ascii_case(action))
}

impl Slack {
    /// A person types a slash command. Unknown users and channels come into being.
    pub fn command(&mut self, now: Timestamp, typed: &Invocation) -> SignedRequest {
        let user = self.user(&typed.user, &typed.user.to_lowercase()).clone();
        let name = typed.channel.to_lowercase();
        let channel = self.channel(&typed.channel, &name).clone();
        let team = typed.team.clone().unwrap_or_else(|| self.team.clone());
        let url = self.fresh_response_url(now, &user.id, &channel.id, None);
        let trigger = self.fresh_trigger(now);
        let enterprise = self.enterprise.clone();
        let mut pairs = vec![
            ("token", "gIkuvaNzQIHg97ATvDxqgjtO"),
            ("team_id", team.as_str()),
            ("team_domain", self.domain.as_str()),
        ];
        if let Some(enterprise) = &enterprise {
            pairs.extend([
                ("enterprise_id", enterprise.as_str()),
                ("enterprise_name", "Acme Group"),
            ]);
        }
        pairs.extend([
            ("channel_id", channel.id.as_str()),
            ("channel_name", name_in_payload(&channel)),
            ("user_id", user.id.as_str()),
            ("user_name", user.name.as_str()),
            ("command", typed.command.as_str()),
            ("text", typed.text.as_str()),
            ("api_app_id", APP_ID),
            (
                "is_enterprise_install",
                if self.org_install { "true" } else { "false" },
            ),
            ("response_url", url.as_str()),
            ("trigger_id", trigger.as_str()),
        ]);
        let body = form::encode(&pairs);
        self.happened(
            now,
            Happening::Typed {
                user: user.id.clone(),
                channel: channel.id.clone(),
                line: format!("{} {}", typed.command, typed.text)
                    .trim_end()
                    .to_owned(),
            },
        );
        let mut request = self.sign(now, "/slack/commands", FORM, body);
        request.user = user.id;
        request.channel = channel.id;
        request.command.clone_from(&typed.command);
        request
    }

    /// A person presses a button of a message as they saw it: the snapshot's button, which the message may
    /// no longer have. `action` is its `action_id` or its label.
    ///
    /// # Errors
    /// If the message is gone, the person does not see it, or it never had such a button.
    pub fn click(
        &mut self,
        now: Timestamp,
        user: &str,
        seen: &Message,
        action: &str,
    ) -> Result<SignedRequest, CannotClick> {
        let index = self.reachable(user, seen)?;
        let button = button_named(seen, action).ok_or_else(|| {
            let labels = seen.buttons().into_iter();
            CannotClick::NoSuchButton(labels.map(|button| button.action_id).collect())
        })?;
        let url = self.fresh_response_url(now, user, &seen.channel, Some(index));
        let payload = self.click_payload(now, user, seen, &Self::pressed(now, &button), &url);
        Ok(self.clicked(now, (user, seen), button.label, &payload))
    }

    /// A person chooses something in a menu among the buttons of a message as they saw it: that is sent like a
    /// click. `value` is the option's, or its text.
    ///
    /// # Errors
    /// If the message is gone, the person does not see it, or it never had such a menu or option.
    pub fn chooses(
        &mut self,
        now: Timestamp,
        user: &str,
        seen: &Message,
        (menu, value): (&str, &str),
    ) -> Result<SignedRequest, CannotClick> {
        let index = self.reachable(user, seen)?;
        let mut fields = seen.fields().into_iter();
        let found = fields.find(|field| field.is_sent_at_once && field.action_id == menu);
        let found = found.ok_or_else(|| CannotClick::NoSuchButton(Vec::new()))?;
        let mut options = found.options.iter();
        let is = |option: &&Value| option["value"] == value || option["text"]["text"] == value;
        let option = options.find(is).cloned().ok_or_else(|| {
            let texts = found
                .options
                .iter()
                .map(|one| one["text"]["text"].to_string());
            CannotClick::NoSuchButton(texts.collect())
        })?;
        let chosen = option["value"].as_str().unwrap_or_default().to_owned();
        self.entered
            .insert((seen.ts.clone(), menu.to_owned()), chosen);
        let url = self.fresh_response_url(now, user, &seen.channel, Some(index));
        let action = Self::chosen(now, &found, &option);
        let payload = self.click_payload(now, user, seen, &action, &url);
        let label = option["text"]["text"].as_str().unwrap_or_default();
        Ok(self.clicked(now, (user, seen), label.to_owned(), &payload))
    }

    /// The place of a message that this person can still act on.
    fn reachable(&self, user: &str, seen: &Message) -> Result<usize, CannotClick> {
        let index = self
            .messages
            .iter()
            .position(|message| message.ts == seen.ts && message.channel == seen.channel)
            .filter(|index| !self.messages[*index].deleted)
            .ok_or(CannotClick::NoSuchMessage)?;
        match self.sees(user, seen) {
            true => Ok(index),
            false => Err(CannotClick::NotVisible),
        }
    }

    fn clicked(
        &mut self,
        now: Timestamp,
        (user, seen): (&str, &Message),
        label: String,
        payload: &Value,
    ) -> SignedRequest {
        self.happened(
            now,
            Happening::Clicked {
                user: user.to_owned(),
                channel: seen.channel.clone(),
                label,
            },
        );
        let mut request = self.interaction(now, payload);
        user.clone_into(&mut request.user);
        request.channel.clone_from(&seen.channel);
        request
    }

    /// A person chooses or enters something in the newest field of this name that they see.
    ///
    /// # Errors
    /// If there is none, or if that cannot be chosen.
    pub fn enters(&mut self, user: &str, field: &str, value: &str) -> Result<(), CannotClick> {
        let seen = self.messages.iter().rev().find_map(|message| {
            let visible = !message.deleted && self.sees(user, message);
            let fields = message.fields().into_iter();
            let found = fields
                .filter(|_| visible)
                .find(|one| one.action_id == field);
            found.map(|found| (message.ts.clone(), found))
        });
        let (ts, found) = seen.ok_or(CannotClick::NoSuchMessage)?;
        let can_be = |option: &Value| option["value"] == value;
        if found.kind == "static_select" && !found.options.iter().any(can_be) {
            let options = found
                .options
                .iter()
                .map(|option| option["value"].to_string());
            return Err(CannotClick::NoSuchButton(options.collect()));
        }
        self.entered
            .insert((ts, field.to_owned()), value.to_owned());
        Ok(())
    }

    /// The same on the newest message that this user sees and that has such a button.
    ///
    /// # Errors
    /// If there is none.
    pub fn click_newest(
        &mut self,
        now: Timestamp,
        user: &str,
        action: &str,
    ) -> Result<SignedRequest, CannotClick> {
        let seen = self.newest_with(user, action).cloned();
        self.click(now, user, &seen.ok_or(CannotClick::NoSuchMessage)?, action)
    }

    /// Any interaction payload, signed and posted as Slack posts them.
    pub fn interaction(&mut self, now: Timestamp, payload: &Value) -> SignedRequest {
        let body = form::encode(&[("payload", &escaped(payload))]);
        self.sign(now, "/slack/interactions", FORM, body)
    }

    /// The Events API asking whether the URL is the app's.
    pub fn url_verification(&mut self, now: Timestamp) -> SignedRequest {
        let challenge = self.issue(52);
        let body = json!({"token": "Jhj5dZrVaK7ZwHHjRyZWjbDl", "challenge": challenge, "type": "url_verification"});
        self.sign(now, "/slack/events", "application/json", body.to_string())
    }

    /// The certificate check that Slack sends to a command's URL.
    pub fn ssl_check(&mut self, now: Timestamp) -> SignedRequest {
        let body = form::encode(&[("ssl_check", "1"), ("token", "gIkuvaNzQIHg97ATvDxqgjtO")]);
        self.sign(now, "/slack/commands", FORM, body)
    }

    /// Any body, signed at this time with the workspace's secret.
    pub fn sign(
        &self,
        now: Timestamp,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> SignedRequest {
        let body = body.into();
        let timestamp = now.as_second();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        SignedRequest {
            path: path.to_owned(),
            headers: vec![
                header("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)"),
                header("Accept", "application/json,*/*"),
                header("Content-Type", content_type),
                header("X-Slack-Request-Timestamp", &timestamp.to_string()),
                header(
                    "X-Slack-Signature",
                    &signature(&self.signing_secret, timestamp, &body),
                ),
            ],
            body,
            user: String::new(),
            channel: String::new(),
            command: String::new(),
        }
    }

    pub(super) fn fresh_trigger(&mut self, now: Timestamp) -> String {
        let id = format!("{}.{}.{}", self.digits(13), self.digits(12), self.issue(32));
        self.triggers.insert(
            id.clone(),
            Trigger {
                made: now,
                used: false,
            },
        );
        id
    }
}

/// JSON as Slack writes it: ASCII alone, with slashes escaped.
fn escaped(payload: &Value) -> String {
    let mut json = String::new();
    for c in payload.to_string().chars() {
        match c {
            '/' => json.push_str("\\/"),
            c if c.is_ascii() => json.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    json.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    json
}

const FORM: &str = "application/x-www-form-urlencoded";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route;
    use crate::slack::Via;
    use crate::slack::post::{Content, Place};

    const MARIA: &str = "U061F7AUR";
    const DEPLOYS: &str = "C2147483705";

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn payload(request: &SignedRequest) -> Value {
        let form = route::form(&request.body);
        serde_json::from_str(form["payload"].as_str().unwrap()).unwrap()
    }

    /// A message with a button in the channel, and one only Maria sees.
    fn with_messages() -> Slack {
        let mut slack = Slack::default();
        let blocks = json!([{"type": "actions", "block_id": "b", "elements": [
            {"type": "button", "action_id": "confirm", "value": "d1:n1", "style": "primary",
             "text": {"type": "plain_text", "text": "Confirm"}}]}]);
        for only in [None, Some(MARIA.to_owned())] {
            let content = Content::read(&json!({"text": "sure?", "blocks": blocks})).unwrap();
            let place = Place {
                channel: DEPLOYS.to_owned(),
                only,
                thread: None,
                via: Via::Reply,
            };
            slack.put_up(now(), place, content);
        }
        slack
    }

    #[test]
    fn the_signature_is_the_one_slack_publishes() {
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
            &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
            &command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands\
            %2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
            &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        assert_eq!(
            signature(
                "8f742231b10e8888abcd99yyyzzz85a5",
                1_531_420_618,
                body.as_bytes()
            ),
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        );
    }

    #[test]
    fn a_command_carries_the_documented_fields_and_a_valid_signature() {
        let mut slack = Slack::default();
        let sent = slack.command(
            now(),
            &Invocation::new(MARIA, DEPLOYS, "webapp:feature/a to staging"),
        );
        let form = route::form(&sent.body);
        for (name, value) in [
            ("team_id", "T0001"),
            ("channel_name", "deploys"),
            ("user_name", "maria"),
            ("command", "/deploy"),
            ("text", "webapp:feature/a to staging"),
            ("is_enterprise_install", "false"),
        ] {
            assert_eq!(form[name], value);
        }
        let header = |name: &str| {
            let found = sent.headers.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap()
        };
        assert_eq!(header("X-Slack-Request-Timestamp"), "1800000000");
        assert_eq!(
            header("X-Slack-Signature"),
            signature(slack.signing_secret(), 1_800_000_000, &sent.body)
        );
        assert_eq!(
            sent.to_http().headers()["x-slack-signature"],
            header("X-Slack-Signature").as_str()
        );
    }

    #[test]
    fn ids_are_fresh_each_time_and_the_same_in_equal_worlds() {
        let send = |slack: &mut Slack| {
            let sent = slack.command(now(), &Invocation::new(MARIA, DEPLOYS, "help"));
            let form = route::form(&sent.body);
            (form["trigger_id"].clone(), form["response_url"].clone())
        };
        let (mut one, mut two, mut other) = (Slack::default(), Slack::default(), Slack::default());
        other.set_seed(7);
        let first = send(&mut one);
        assert_eq!(first, send(&mut two));
        let second = send(&mut one);
        assert!(first.0 != second.0 && first.1 != second.1);
        assert_ne!(first, send(&mut other));
    }

    #[test]
    fn a_click_carries_the_button_and_where_it_stood() {
        let mut slack = with_messages();
        let public = slack.messages()[0].clone();
        let sent = slack.click(now(), MARIA, &public, "Confirm").unwrap();
        let clicked = payload(&sent);
        assert_eq!(clicked["actions"][0]["value"], "d1:n1");
        assert_eq!(clicked["actions"][0]["action_id"], "confirm");
        assert_eq!(clicked["container"]["message_ts"], public.ts);
        assert_eq!(clicked["message"]["ts"], public.ts);
        assert_eq!(clicked["team"]["id"], "T0001");
        assert_eq!(clicked["is_enterprise_install"], false);
        let ephemeral = slack.messages()[1].clone();
        let clicked = payload(&slack.click(now(), MARIA, &ephemeral, "confirm").unwrap());
        assert_eq!(clicked["container"]["is_ephemeral"], true);
        assert!(clicked.get("message").is_none());
    }

    #[test]
    fn an_org_install_says_so_in_each_place_in_its_own_way() {
        let mut slack = with_messages();
        slack.set_enterprise("E0001", true);
        let clicked = payload(&slack.click_newest(now(), MARIA, "confirm").unwrap());
        assert!(clicked["team"].is_null() && clicked["is_enterprise_install"] == true);
        let sent = slack.command(now(), &Invocation::new(MARIA, DEPLOYS, "help").team("T9"));
        let form = route::form(&sent.body);
        assert_eq!(
            (&form["is_enterprise_install"], &form["team_id"]),
            (&json!("true"), &json!("T9"))
        );
    }

    #[test]
    fn nobody_clicks_what_they_do_not_see() {
        let mut slack = with_messages();
        let ephemeral = slack.messages()[1].clone();
        let clicked = slack.click(now(), "U0G9QF9C6", &ephemeral, "confirm");
        assert_eq!(clicked.unwrap_err(), CannotClick::NotVisible);
        let missing = slack
            .click(now(), MARIA, &ephemeral, "approve")
            .unwrap_err();
        assert_eq!(missing.to_string(), "no such button; there are: confirm");
        slack.take_down(now(), 1);
        let gone = slack.click(now(), MARIA, &ephemeral, "confirm");
        assert_eq!(gone.unwrap_err(), CannotClick::NoSuchMessage);
    }

    #[test]
    fn url_verification_and_any_other_body_are_signed_too() {
        let mut slack = Slack::default();
        let asked = slack.url_verification(now());
        let body: Value = serde_json::from_slice(&asked.body).unwrap();
        assert_eq!(body["type"], "url_verification");
        assert_eq!(asked.path, "/slack/events");
        assert!(slack.ssl_check(now()).body.starts_with(b"ssl_check=1"));
    }
}
