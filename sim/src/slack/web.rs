//! The Web API, as far as the app uses it: token, scopes, membership and content are checked in
//! Slack's order of complaint, and errors are HTTP 200 with `"ok": false`, as documented.
//!
//! <https://docs.slack.dev/reference/methods>

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::arrange::{BOT_ID, BOT_NAME, BOT_USER};
use super::post::{Content, Place};
use super::{Channel, Kind, Mode, Slack, Via, arguments, failure, json_answer};
use crate::route;

/// Messages per channel when paced: one in this time.
const PACE: SignedDuration = SignedDuration::from_secs(1);
/// Longest text that `chat.update` takes.
const UPDATE_TEXT: usize = 4_000;

/// A refusal: the error's name and what goes beside it.
#[derive(Debug)]
pub(super) struct Refusal {
    error: String,
    beside: Map<String, Value>,
}

impl From<&str> for Refusal {
    fn from(error: &str) -> Self {
        Self {
            error: error.to_owned(),
            beside: Map::new(),
        }
    }
}

impl From<super::blocks::Refused> for Refusal {
    fn from(refused: super::blocks::Refused) -> Self {
        let mut refusal = Self::from(refused.code);
        if !refused.findings.is_empty() {
            let messages = json!({"messages": refused.findings});
            refusal
                .beside
                .insert("response_metadata".to_owned(), messages);
        }
        refusal
    }
}

impl Slack {
    pub(super) fn web_api(
        &mut self,
        now: Timestamp,
        request: &http::Request<Bytes>,
    ) -> http::Response<Bytes> {
        let path = request.uri().path();
        let method = path.strip_prefix("/api/").unwrap_or(path).to_owned();
        let arguments = read(&method, request);
        let known = self.token_of(request, &arguments).is_ok();
        let mut response = self.answer_call(now, &method, request, &arguments);
        // To whom the token is known, every answer says what it was granted
        // (<https://docs.slack.dev/authentication/installing-with-oauth>).
        if known && let Ok(listed) = self.granted().parse() {
            response.headers_mut().insert("x-oauth-scopes", listed);
        }
        response
    }

    fn granted(&self) -> String {
        let scopes: Vec<&str> = self.scopes().iter().map(String::as_str).collect();
        scopes.join(",")
    }

    fn answer_call(
        &mut self,
        now: Timestamp,
        method: &str,
        request: &http::Request<Bytes>,
        arguments: &Value,
    ) -> http::Response<Bytes> {
        let refusal = match self.authenticate(method, request, arguments) {
            Err(refusal) => refusal,
            Ok(()) => {
                if let Some(wait) = self.too_fast(now, method, arguments) {
                    let mut response = failure(429, "ratelimited");
                    response
                        .headers_mut()
                        .insert(http::header::RETRY_AFTER, wait.into());
                    return response;
                }
                match self.call(now, method, arguments) {
                    Ok(mut body) => {
                        body["ok"] = json!(true);
                        return json_answer(200, &body);
                    }
                    Err(refusal) => refusal,
                }
            }
        };
        let mut body = Value::Object(refusal.beside);
        body["ok"] = json!(false);
        body["error"] = json!(refusal.error);
        json_answer(200, &body)
    }

    /// Whether the token that comes with a request is the app's.
    fn token_of(&self, request: &http::Request<Bytes>, arguments: &Value) -> Result<(), Refusal> {
        let header = request.headers().get(http::header::AUTHORIZATION);
        let bearer = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        // A token in the arguments counts in a form only: JSON must carry it in the header.
        let in_form = (!is_json(request))
            .then(|| string(arguments, "token"))
            .flatten();
        let given = bearer.or(in_form).ok_or("not_authed")?;
        match &self.token {
            Some(token) if token.value == given && token.revoked => Err("token_revoked".into()),
            Some(token) if token.value == given => Ok(()),
            Some(_) | None => Err("invalid_auth".into()),
        }
    }

    fn authenticate(
        &self,
        method: &str,
        request: &http::Request<Bytes>,
        arguments: &Value,
    ) -> Result<(), Refusal> {
        self.token_of(request, arguments)?;
        if let Mode::Refusing(error) = &self.mode {
            return Err(error.as_str().into());
        }
        let needed = match method {
            "chat.postMessage" | "chat.update" | "chat.postEphemeral" | "chat.delete" => {
                "chat:write"
            }
            "conversations.open" => "im:write",
            "users.info" => "users:read",
            "usergroups.users.list" => "usergroups:read",
            _ => return Ok(()),
        };
        if self.scopes().contains(needed) {
            return Ok(());
        }
        // Slack names this one by the name that it had for tokens of old.
        let needed = match needed {
            "chat:write" => "chat:write:bot",
            needed => needed,
        };
        let mut refusal = Refusal::from("missing_scope");
        refusal.beside.insert("needed".to_owned(), json!(needed));
        refusal
            .beside
            .insert("provided".to_owned(), json!(self.granted()));
        Err(refusal)
    }

    /// Seconds to wait, when the app posts faster than Slack allows.
    fn too_fast(&self, now: Timestamp, method: &str, arguments: &Value) -> Option<u64> {
        let last = self.last_post.get(string(arguments, "channel")?)?;
        let early = now.duration_since(*last) < PACE;
        (self.paced && method == "chat.postMessage" && early).then_some(1)
    }

    fn call(&mut self, now: Timestamp, method: &str, arguments: &Value) -> Result<Value, Refusal> {
        if let Some(name) = arguments::unknown(method, arguments) {
            let mut refusal = Refusal::from("invalid_arguments");
            let messages = json!({"messages": [format!("[ERROR] unexpected argument {name}")]});
            refusal
                .beside
                .insert("response_metadata".to_owned(), messages);
            return Err(refusal);
        }
        match method {
            "auth.test" => Ok(json!({
                "url": format!("https://{}.slack.com/", self.domain), "team": self.domain,
                "user": BOT_NAME.to_lowercase(), "team_id": self.team, "user_id": BOT_USER,
                "bot_id": BOT_ID, "is_enterprise_install": self.org_install,
            })),
            "chat.postMessage" => self.post_message(now, arguments),
            "chat.postEphemeral" => self.post_ephemeral(now, arguments),
            "chat.update" => self.update(now, arguments),
            "chat.delete" => self.delete(now, arguments),
            "chat.getPermalink" => self.permalink(arguments),
            "conversations.open" => {
                let user = string(arguments, "users").ok_or("users_list_not_supplied")?;
                let known = self.users.get(user).filter(|user| !user.deleted);
                let user = known.ok_or("user_not_found")?.id.clone();
                Ok(json!({"channel": {"id": self.direct(&user)}}))
            }
            "users.info" => {
                let user = string(arguments, "user").ok_or("user_not_found")?;
                let user = self.users.get(user).ok_or("user_not_found")?;
                Ok(json!({"user": {
                    "id": user.id, "team_id": user.team, "name": user.name, "real_name": user.name,
                    "deleted": user.deleted, "is_bot": user.bot, "is_app_user": false,
                    "is_restricted": user.restricted || user.ultra_restricted,
                    "is_ultra_restricted": user.ultra_restricted,
                    "is_stranger": user.team != self.team, "tz": user.zone.iana_name(),
                    "profile": {"display_name": user.display_name, "real_name": user.name, "team": user.team},
                }}))
            }
            "usergroups.users.list" => {
                let group = string(arguments, "usergroup").ok_or("no_such_subteam")?;
                let group = self.groups.get(group).ok_or("no_such_subteam")?;
                Ok(group.page(self.page))
            }
            "views.open" => self.open_view(now, arguments),
            "views.update" => self.update_view(arguments),
            _ => Err("unknown_method".into()),
        }
    }

    /// The channel to post to, if the app may. A user's id means the direct conversation.
    fn channel_for_post(&mut self, arguments: &Value) -> Result<String, Refusal> {
        let named = string(arguments, "channel").ok_or("channel_not_found")?;
        if self.users.get(named).is_some_and(|user| !user.deleted) {
            return Ok(self.direct(named));
        }
        let anywhere = self.scopes().contains("chat:write.public");
        match self.channels.get(named) {
            None => Err("channel_not_found".into()),
            Some(Channel {
                kind: Kind::Private,
                has_bot: false,
                ..
            }) => Err("channel_not_found".into()),
            Some(Channel { archived: true, .. }) => Err("is_archived".into()),
            Some(Channel {
                kind: Kind::Public,
                has_bot: false,
                ..
            }) if !anywhere => Err("not_in_channel".into()),
            Some(channel) => Ok(channel.id.clone()),
        }
    }

    fn post_message(&mut self, now: Timestamp, arguments: &Value) -> Result<Value, Refusal> {
        let channel = self.channel_for_post(arguments)?;
        let content = Content::read(arguments)?;
        if content.is_empty() {
            return Err("no_text".into());
        }
        let thread = self.thread(&channel, arguments)?;
        self.last_post.insert(channel.clone(), now);
        let place = Place {
            channel,
            only: None,
            thread,
            via: Via::PostMessage,
        };
        let index = self.put_up(now, place, content);
        Ok(self.posted(index))
    }

    fn posted(&self, index: usize) -> Value {
        self.messages.get(index).map_or(Value::Null, |message| {
            json!({"channel": message.channel, "ts": message.ts, "text": message.text,
                   "message": self.message_json(message)})
        })
    }

    /// Needs no scope (<https://docs.slack.dev/reference/methods/chat.getPermalink>).
    fn permalink(&self, arguments: &Value) -> Result<Value, Refusal> {
        if let Some(error) = &self.no_permalinks {
            return Err(error.as_str().into());
        }
        let channel = string(arguments, "channel").unwrap_or_default();
        let ts = string(arguments, "message_ts").unwrap_or_default();
        if !self.channels.contains_key(channel) {
            return Err("channel_not_found".into());
        }
        let found = self.find(channel, ts).map(|index| &self.messages[index]);
        let message = found.filter(|message| !message.is_ephemeral());
        let ts = message.ok_or("message_not_found")?.ts.replace('.', "");
        let link = format!("https://{}.slack.com/archives/{channel}/p{ts}", self.domain);
        Ok(json!({"channel": channel, "permalink": link}))
    }

    fn thread(&self, channel: &str, arguments: &Value) -> Result<Option<String>, Refusal> {
        let Some(ts) = string(arguments, "thread_ts") else {
            return Ok(None);
        };
        if let Some(root) = self.written.get(&(channel.to_owned(), ts.to_owned())) {
            return Ok(Some(root.clone()));
        }
        let found = self.find(channel, ts).map(|index| &self.messages[index]);
        match found {
            Some(message) if !message.is_ephemeral() => Ok(Some(
                message.thread.clone().unwrap_or_else(|| message.ts.clone()),
            )),
            Some(_) | None => Err("invalid_thread_ts".into()),
        }
    }

    fn post_ephemeral(&mut self, now: Timestamp, arguments: &Value) -> Result<Value, Refusal> {
        let channel = self.channel_for_post(arguments)?;
        let user = string(arguments, "user").unwrap_or_default();
        let known = self.users.get(user).filter(|user| !user.deleted);
        let user = known.ok_or("user_not_in_channel")?.id.clone();
        let content = Content::read(arguments)?;
        if content.is_empty() {
            return Err("no_text".into());
        }
        let thread = self.thread(&channel, arguments)?;
        let place = Place {
            channel,
            only: Some(user),
            thread,
            via: Via::PostEphemeral,
        };
        let index = self.put_up(now, place, content);
        Ok(json!({"message_ts": self.messages[index].ts}))
    }

    fn find(&self, channel: &str, ts: &str) -> Option<usize> {
        self.messages
            .iter()
            .position(|message| message.channel == channel && message.ts == ts && !message.deleted)
    }

    /// The message that the app may change: its own, not ephemeral, posted with its token.
    fn own_message(&self, arguments: &Value, error: &str) -> Result<usize, Refusal> {
        let channel = string(arguments, "channel").unwrap_or_default();
        match self.channels.get(channel) {
            None => return Err("channel_not_found".into()),
            Some(channel) if channel.kind == Kind::Private && !channel.has_bot => {
                return Err("channel_not_found".into());
            }
            Some(channel) if channel.archived => return Err("is_archived".into()),
            Some(_) => {}
        }
        let index = self
            .find(channel, string(arguments, "ts").unwrap_or_default())
            .filter(|index| !self.messages[*index].is_ephemeral())
            .ok_or("message_not_found")?;
        if self.messages[index].via == Via::PostMessage {
            Ok(index)
        } else {
            Err(error.into())
        }
    }

    fn update(&mut self, now: Timestamp, arguments: &Value) -> Result<Value, Refusal> {
        let index = self.own_message(arguments, "cant_update_message")?;
        let mut content = Content::read(arguments)?;
        if string(arguments, "text").is_some_and(|text| text.chars().count() > UPDATE_TEXT) {
            return Err("msg_too_long".into());
        }
        if content.text.is_none() && content.blocks.is_none() && content.attachments.is_none() {
            return Err("no_text".into());
        }
        // Text alone replaces the text; blocks without text leave an empty one.
        content.text.get_or_insert_default();
        self.edit(now, index, content);
        Ok(self.posted(index))
    }

    fn delete(&mut self, now: Timestamp, arguments: &Value) -> Result<Value, Refusal> {
        let index = self.own_message(arguments, "cant_delete_message")?;
        let (channel, ts) = (
            self.messages[index].channel.clone(),
            self.messages[index].ts.clone(),
        );
        self.take_down(now, index);
        Ok(json!({"channel": channel, "ts": ts}))
    }
}

pub(super) fn string<'a>(arguments: &'a Value, name: &str) -> Option<&'a str> {
    arguments
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

fn is_json(request: &http::Request<Bytes>) -> bool {
    request
        .headers()
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"))
}

/// The arguments from query and body. Reading methods do not take JSON: it is ignored there, as by Slack.
fn read(method: &str, request: &http::Request<Bytes>) -> Value {
    let mut arguments = route::form(request.uri().query().unwrap_or_default().as_bytes());
    if !is_json(request) {
        arguments.extend(route::form(request.body()));
        return Value::Object(arguments);
    }
    let reading = matches!(
        method,
        "users.info" | "usergroups.users.list" | "chat.getPermalink"
    );
    if !reading && let Ok(Value::Object(body)) = serde_json::from_slice(request.body()) {
        arguments.extend(body);
    }
    Value::Object(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "xoxb-simulated";
    const DEPLOYS: &str = "C2147483705";

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + millis).unwrap()
    }

    fn slack() -> Slack {
        let mut slack = Slack::default();
        slack.install_bot(TOKEN);
        slack
    }

    fn ask(slack: &mut Slack, now: Timestamp, method: &str, body: &Value) -> Value {
        let request = http::Request::post(format!("https://slack.com/api/{method}"))
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json; charset=utf-8")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        serde_json::from_slice(slack.handle(now, &request).body()).unwrap()
    }

    fn error(slack: &mut Slack, method: &str, body: &Value) -> String {
        let answer = ask(slack, at(0), method, body);
        answer["error"].as_str().unwrap_or("none").to_owned()
    }

    fn section(text: &str) -> Value {
        json!([{"type": "section", "text": {"type": "mrkdwn", "text": text}}])
    }

    #[test]
    fn the_token_is_checked_first() {
        let mut slack = Slack::default();
        let body = json!({"channel": DEPLOYS, "text": "x"});
        assert_eq!(error(&mut slack, "chat.postMessage", &body), "invalid_auth");
        slack.install_bot(TOKEN);
        assert_eq!(error(&mut slack, "chat.postMessage", &body), "none");
        slack.forbid("chat:write");
        assert_eq!(
            error(&mut slack, "chat.postMessage", &body),
            "missing_scope"
        );
        let granted = |slack: &mut Slack, token: &str| {
            let asked = http::Request::post("https://slack.com/api/auth.test")
                .header("authorization", format!("Bearer {token}"))
                .body(Bytes::new())
                .unwrap();
            let answer = slack.handle(at(0), &asked);
            answer.headers().get("x-oauth-scopes").cloned()
        };
        assert_eq!(
            granted(&mut slack, TOKEN).unwrap(),
            "app_mentions:read,commands,im:history,im:write,usergroups:read,users:read"
        );
        assert_eq!(granted(&mut slack, "xoxb-another"), None);
        slack.revoke_bot();
        assert_eq!(
            error(&mut slack, "chat.postMessage", &body),
            "token_revoked"
        );
        let bare = http::Request::post("https://slack.com/api/auth.test")
            .body(Bytes::new())
            .unwrap();
        let said = slack.handle(at(0), &bare);
        assert!(said.body().windows(10).any(|part| part == b"not_authed"));
    }

    #[test]
    fn posting_needs_membership() {
        let mut slack = slack();
        slack.channel("G0SECRET", "secret").kind = Kind::Private;
        slack.channel("C0OLD", "old").archived = true;
        for (channel, expected) in [
            ("C0NOWHERE", "channel_not_found"),
            ("G0SECRET", "channel_not_found"),
            ("C0RANDOM", "not_in_channel"),
            ("C0OLD", "is_archived"),
            (DEPLOYS, "none"),
            ("U061F7AUR", "none"),
        ] {
            let body = json!({"channel": channel, "text": "x"});
            assert_eq!(
                error(&mut slack, "chat.postMessage", &body),
                expected,
                "{channel}"
            );
        }
        slack.allow("chat:write.public");
        let body = json!({"channel": "C0RANDOM", "text": "x"});
        assert_eq!(error(&mut slack, "chat.postMessage", &body), "none");
    }

    #[test]
    fn an_update_without_blocks_keeps_the_old_ones() {
        let mut slack = slack();
        let body = json!({"channel": DEPLOYS, "text": "one", "blocks": section("old")});
        let ts = ask(&mut slack, at(0), "chat.postMessage", &body)["ts"].clone();
        ask(
            &mut slack,
            at(1),
            "chat.update",
            &json!({"channel": DEPLOYS, "ts": ts, "text": "two"}),
        );
        let message = &slack.messages()[0];
        assert_eq!((message.text.as_str(), message.blocks.len()), ("two", 1));
        let emptied = json!({"channel": DEPLOYS, "ts": ts, "text": "three", "blocks": []});
        ask(&mut slack, at(2), "chat.update", &emptied);
        let message = &slack.messages()[0];
        assert_eq!((message.blocks.len(), message.edits.len()), (0, 2));
    }

    #[test]
    fn only_own_lasting_messages_can_be_updated() {
        let mut slack = slack();
        let sent = slack.command(
            at(0),
            &crate::slack::Invocation::new("U061F7AUR", DEPLOYS, "x"),
        );
        let mut reply =
            http::Response::new(Bytes::from(r#"{"response_type":"in_channel","text":"x"}"#));
        let kind = http::HeaderValue::from_static("application/json");
        reply.headers_mut().insert("content-type", kind);
        slack.reply_to_command(at(0), &sent, std::time::Duration::ZERO, &reply);
        let body = json!({"channel": DEPLOYS, "user": "U061F7AUR", "text": "x"});
        let ephemeral = ask(&mut slack, at(0), "chat.postEphemeral", &body)["message_ts"].clone();
        let replied = slack.messages()[0].ts.clone();
        for (ts, expected) in [
            (json!(replied), "cant_update_message"),
            (ephemeral, "message_not_found"),
            (json!("1.000001"), "message_not_found"),
        ] {
            let body = json!({"channel": DEPLOYS, "ts": ts, "text": "y"});
            assert_eq!(error(&mut slack, "chat.update", &body), expected, "{ts}");
        }
    }

    #[test]
    fn content_is_checked_and_findings_are_told() {
        let mut slack = slack();
        let body = json!({"channel": DEPLOYS});
        assert_eq!(error(&mut slack, "chat.postMessage", &body), "no_text");
        let body = json!({"channel": DEPLOYS, "text": "x", "blocks": section("")});
        let answer = ask(&mut slack, at(0), "chat.postMessage", &body);
        assert_eq!(answer["error"], "invalid_blocks");
        assert!(
            answer["response_metadata"]["messages"][0]
                .as_str()
                .unwrap()
                .contains("/blocks/0/text")
        );
        let body = json!({"channel": DEPLOYS, "blocks": section("x").to_string()});
        assert_eq!(error(&mut slack, "chat.postMessage", &body), "none");
    }

    #[test]
    fn a_paced_channel_takes_one_message_a_second() {
        let mut slack = slack();
        slack.set_paced(true);
        let request = http::Request::post("https://slack.com/api/chat.postMessage")
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(Bytes::from(format!("channel={DEPLOYS}&text=x")))
            .unwrap();
        assert_eq!(slack.handle(at(0), &request).status(), 200);
        let refused = slack.handle(at(999), &request);
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()["retry-after"], "1");
        assert_eq!(slack.handle(at(1000), &request).status(), 200);
    }

    #[test]
    fn answers_in_a_thread_need_the_thread() {
        let mut slack = slack();
        let body = json!({"channel": DEPLOYS, "text": "one"});
        let ts = ask(&mut slack, at(0), "chat.postMessage", &body)["ts"].clone();
        let body = json!({"channel": DEPLOYS, "text": "done <@U061F7AUR>", "thread_ts": ts});
        assert_eq!(error(&mut slack, "chat.postMessage", &body), "none");
        let answer = &slack.messages()[1];
        assert_eq!(answer.thread.as_deref(), ts.as_str());
        assert_eq!(answer.mentions(), ["U061F7AUR"]);
        let body = json!({"channel": DEPLOYS, "text": "x", "thread_ts": "1.000001"});
        assert_eq!(
            error(&mut slack, "chat.postMessage", &body),
            "invalid_thread_ts"
        );
    }

    #[test]
    fn reading_methods_take_forms_and_not_json() {
        let mut slack = slack();
        let body = json!({"user": "U0GUEST01"});
        assert_eq!(error(&mut slack, "users.info", &body), "user_not_found");
        let get = |slack: &mut Slack, call: &str| -> Value {
            let request = http::Request::get(format!("https://slack.com/api/{call}"))
                .header("authorization", format!("Bearer {TOKEN}"))
                .body(Bytes::new())
                .unwrap();
            serde_json::from_slice(slack.handle(at(0), &request).body()).unwrap()
        };
        let guest = get(&mut slack, "users.info?user=U0GUEST01");
        assert_eq!(guest["user"]["is_restricted"], true);
        let members = get(&mut slack, "usergroups.users.list?usergroup=S0614TZR7");
        assert_eq!(members["users"], json!(["U0G9QF9C6"]));
        assert_eq!(get(&mut slack, "auth.test")["team_id"], "T0001");
    }

    #[test]
    fn a_trigger_opens_one_view_within_three_seconds() {
        let mut slack = slack();
        let trigger = |slack: &mut Slack| {
            let typed = crate::slack::Invocation::new("U061F7AUR", DEPLOYS, "x");
            let sent = slack.command(at(0), &typed);
            crate::route::form(&sent.body)["trigger_id"].clone()
        };
        let view =
            json!({"type": "modal", "title": {"type": "plain_text", "text": "Hold"}, "blocks": []});
        let (first, second) = (trigger(&mut slack), trigger(&mut slack));
        let open = |slack: &mut Slack, now: i64, trigger: &Value| {
            ask(
                slack,
                at(now),
                "views.open",
                &json!({"trigger_id": trigger, "view": view}),
            )
        };
        let opened = open(&mut slack, 2_000, &first);
        assert_eq!(
            open(&mut slack, 2_000, &first)["error"],
            "exchanged_trigger_id"
        );
        assert_eq!(
            open(&mut slack, 3_001, &second)["error"],
            "expired_trigger_id"
        );
        let body = json!({"view_id": opened["view"]["id"], "view": view});
        assert_eq!(error(&mut slack, "views.update", &body), "none");
    }

    #[test]
    fn a_refusing_slack_names_its_error_and_a_dead_one_answers_500() {
        let mut slack = slack();
        slack.set_mode(Mode::Refusing("fatal_error".to_owned()));
        let body = json!({"channel": DEPLOYS, "text": "x"});
        assert_eq!(error(&mut slack, "chat.postMessage", &body), "fatal_error");
        slack.set_mode(Mode::Down);
        let request = http::Request::post("https://slack.com/api/auth.test")
            .body(Bytes::new())
            .unwrap();
        assert_eq!(slack.handle(at(0), &request).status(), 500);
    }
}
