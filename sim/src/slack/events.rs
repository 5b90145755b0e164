//! What people write to the app, as the Events API sends it: a mention in a channel, a message in the conversation with
//! the app. Nothing else is subscribed.
//!
//! <https://docs.slack.dev/reference/events/app_mention>,
//! <https://docs.slack.dev/reference/events/message.im>,
//! <https://docs.slack.dev/apis/events-api>

use jiff::Timestamp;
use serde_json::{Value, json};

use super::arrange::{APP_ID, BOT_USER};
use super::{Happening, SignedRequest, Slack};

/// Something that a person writes in Slack.
#[derive(Clone, Debug)]
pub struct Utterance {
    user: String,
    channel: String,
    text: String,
    thread: Option<String>,
    beside: Vec<(String, Value)>,
}

impl Utterance {
    /// A mention of the app in this channel, at the front of these words.
    pub fn mention(user: &str, channel: &str, text: &str) -> Self {
        Self::words(user, channel, format!("<@{BOT_USER}> {text}").trim())
    }

    /// These very words.
    pub fn words(user: &str, channel: &str, text: &str) -> Self {
        Self {
            user: user.to_owned(),
            channel: channel.to_owned(),
            text: text.to_owned(),
            thread: None,
            beside: Vec::new(),
        }
    }

    /// In the thread of this message.
    #[must_use]
    pub fn thread(mut self, ts: &str) -> Self {
        self.thread = Some(ts.to_owned());
        self
    }

    /// With this member in the event, as other messages than a person's own have it.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.beside.push((name.to_owned(), value));
        self
    }
}

impl Slack {
    /// A person writes to the app: the event as it is sent first. In the conversation with the app that is a message, in
    /// a channel a mention. An app without the scope for that is sent nothing.
    pub fn written(&mut self, now: Timestamp, said: &Utterance) -> Option<SignedRequest> {
        let user = self.user(&said.user, &said.user.to_lowercase()).clone();
        let direct = said.channel.starts_with('D');
        let channel = match direct {
            true => self.direct(&user.id),
            false => {
                let name = said.channel.to_lowercase();
                self.channel(&said.channel, &name).id.clone()
            }
        };
        let ts = format!(
            "{}.{:06}",
            now.as_second(),
            (self.written.len() + 1) * 100 + 9
        );
        let root = said
            .thread
            .as_ref()
            .map(|thread| self.root_of(&channel, thread));
        let key = (channel.clone(), ts.clone());
        let began = root.clone().unwrap_or_else(|| ts.clone());
        self.written.insert(key, began);
        let mut event = json!({
            "type": if direct { "message" } else { "app_mention" },
            "user": user.id, "text": said.text, "ts": ts, "event_ts": ts, "channel": channel,
            "team": user.team, "client_msg_id": "8f0a1b2c-0000-4000-8000-000000000000",
        });
        if direct {
            event["channel_type"] = json!("im");
        }
        if let Some(root) = root {
            event["thread_ts"] = json!(root);
        }
        for (name, value) in &said.beside {
            event[name] = value.clone();
        }
        let event_id = format!("Ev{}", self.issue(9).to_uppercase());
        let callback = json!({
            "token": "gIkuvaNzQIHg97ATvDxqgjtO", "team_id": self.team, "api_app_id": APP_ID,
            "context_team_id": self.team, "event": event, "type": "event_callback",
            "event_id": event_id, "event_time": now.as_second(),
            "authorizations": [{
                "enterprise_id": self.enterprise, "team_id": self.team, "user_id": BOT_USER,
                "is_bot": true, "is_enterprise_install": self.org_install,
            }],
            "is_ext_shared_channel": user.team != self.team,
        });
        let line = said.text.replace(&format!("<@{BOT_USER}>"), "@longshore");
        let line = match &said.thread {
            Some(_) => format!("(in the thread) {line}"),
            None => line,
        };
        self.happened(
            now,
            Happening::Typed {
                user: user.id,
                channel,
                line,
            },
        );
        let needed = match direct {
            true => "im:history",
            false => "app_mentions:read",
        };
        self.scopes().contains(needed).then(|| {
            let body = callback.to_string();
            self.sign(now, "/slack/events", "application/json", body)
        })
    }

    /// The same event once more, signed anew: Slack retries at once, after a minute and after five.
    pub fn retried(&self, now: Timestamp, sent: &SignedRequest, number: u32) -> SignedRequest {
        let mut again = self.sign(now, &sent.path, "application/json", sent.body.clone());
        let header = |name: &str, value: String| (name.to_owned(), value);
        again.headers.extend([
            header("X-Slack-Retry-Num", number.to_string()),
            header("X-Slack-Retry-Reason", "http_error".to_owned()),
        ]);
        again
    }

    /// The first message of the thread that this one stands in or begins.
    fn root_of(&self, channel: &str, ts: &str) -> String {
        let of_app = self.message(ts).and_then(|message| message.thread.clone());
        let of_person = self.written.get(&(channel.to_owned(), ts.to_owned()));
        of_app
            .or_else(|| of_person.cloned())
            .unwrap_or_else(|| ts.to_owned())
    }
}
