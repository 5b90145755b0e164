//! `response_url`s: five posts within thirty minutes. A slash command's URL has no original message;
//! a click's URL may replace or delete the message that was clicked, and what was ephemeral stays so.
//!
//! <https://docs.slack.dev/interactivity/handling-user-interaction#message_responses>

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::post::{Content, Place};
use super::{Hook, Slack, Via, answer, arguments, failure};

/// How often one URL may be used.
const USES: u32 = 5;
/// How long it works.
const LIFE: SignedDuration = SignedDuration::from_mins(30);

impl Slack {
    /// A fresh URL for this user there; `original` is the clicked message, none for a command.
    pub(super) fn fresh_response_url(
        &mut self,
        now: Timestamp,
        user: &str,
        channel: &str,
        original: Option<usize>,
    ) -> String {
        let kind = if original.is_some() {
            "actions"
        } else {
            "commands"
        };
        let number = self.digits(13);
        let secret = self.issue(24);
        let path = format!("/{kind}/{}/{number}/{secret}", self.team);
        let thread = original
            .and_then(|index| self.messages.get(index))
            .and_then(|message| message.thread.clone());
        self.hooks.insert(
            path.clone(),
            Hook {
                user: user.to_owned(),
                channel: channel.to_owned(),
                thread,
                original,
                made: now,
                uses: 0,
            },
        );
        let host = if self.gov { "slack-gov" } else { "slack" };
        format!("https://hooks.{host}.com{path}")
    }

    pub(super) fn response_url(
        &mut self,
        now: Timestamp,
        request: &http::Request<Bytes>,
    ) -> http::Response<Bytes> {
        if request.method() != http::Method::POST {
            return failure(405, "method_not_allowed");
        }
        let path = request.uri().path().to_owned();
        let Some(hook) = self.hooks.get(&path).cloned() else {
            return failure(404, "no_service");
        };
        if now.duration_since(hook.made) > LIFE {
            return failure(404, "expired_url");
        }
        if hook.uses >= USES {
            return failure(404, "used_url");
        }
        let Ok(body) = serde_json::from_slice::<Value>(request.body()) else {
            return failure(400, "invalid_payload");
        };
        if arguments::unknown(arguments::RESPONSE_URL, &body).is_some() {
            return failure(400, "invalid_arguments");
        }
        match self.post_to(now, &hook, &body) {
            Ok(()) => {
                if let Some(hook) = self.hooks.get_mut(&path) {
                    hook.uses += 1;
                }
                answer(200, "text/html", "ok")
            }
            Err(response) => *response,
        }
    }

    fn post_to(
        &mut self,
        now: Timestamp,
        hook: &Hook,
        body: &Value,
    ) -> Result<(), Box<http::Response<Bytes>>> {
        let refuse = |status, error: &str| Err(Box::new(failure(status, error)));
        let original = hook.original.filter(|index| {
            self.messages
                .get(*index)
                .is_some_and(|message| !message.deleted)
        });
        if truthy(body, "delete_original") {
            let Some(index) = original else {
                return refuse(404, "message_not_found");
            };
            self.take_down(now, index);
            return Ok(());
        }
        let mut content = match Content::read(body) {
            Ok(content) => content,
            Err(refused) => return refuse(400, refused.code),
        };
        if content.is_empty() {
            return refuse(400, "no_text");
        }
        if truthy(body, "replace_original") && hook.original.is_some() {
            let Some(index) = original else {
                return refuse(404, "message_not_found");
            };
            // Unlike `chat.update`, this replaces the whole message.
            content.text.get_or_insert_default();
            content.blocks.get_or_insert_default();
            content.attachments.get_or_insert_default();
            self.edit(now, index, content);
            return Ok(());
        }
        let public = body.get("response_type").and_then(Value::as_str) == Some("in_channel");
        let asked = body
            .get("thread_ts")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let place = Place {
            channel: hook.channel.clone(),
            only: (!public).then(|| hook.user.clone()),
            thread: asked.or_else(|| hook.thread.clone()),
            via: Via::ResponseUrl,
        };
        self.put_up(now, place, content);
        Ok(())
    }
}

/// Slack takes `true` and `"true"`.
fn truthy(body: &Value, name: &str) -> bool {
    match body.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(word)) => word == "true",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::slack::{Invocation, Mode, Visibility};

    const MARIA: &str = "U061F7AUR";
    const DEPLOYS: &str = "C2147483705";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn post(slack: &mut Slack, now: Timestamp, url: &str, body: &Value) -> (u16, String) {
        let request = http::Request::post(url)
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let response = slack.handle(now, &request);
        let said = String::from_utf8(response.body().to_vec()).unwrap();
        (response.status().as_u16(), said)
    }

    fn url_of_command(slack: &mut Slack) -> String {
        let sent = slack.command(at(0), &Invocation::new(MARIA, DEPLOYS, "status"));
        let form = crate::route::form(&sent.body);
        form["response_url"].as_str().unwrap().to_owned()
    }

    fn url_of_click(slack: &mut Slack, now: Timestamp) -> String {
        let sent = slack.click_newest(now, MARIA, "go").unwrap();
        let form = crate::route::form(&sent.body);
        let payload: Value = serde_json::from_str(form["payload"].as_str().unwrap()).unwrap();
        payload["response_url"].as_str().unwrap().to_owned()
    }

    fn card(text: &str) -> Value {
        json!({"text": text, "blocks": [{"type": "actions", "elements": [
            {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}]}]})
    }

    #[test]
    fn five_posts_and_not_one_more() {
        let mut slack = Slack::default();
        let url = url_of_command(&mut slack);
        assert!(
            url.starts_with("https://hooks.slack.com/commands/T0001/"),
            "{url}"
        );
        for _ in 0..5 {
            assert_eq!(
                post(&mut slack, at(1), &url, &card("x")),
                (200, "ok".to_owned())
            );
        }
        let (status, body) = post(&mut slack, at(1), &url, &card("x"));
        assert_eq!((status, body.contains("used_url")), (404, true));
        assert_eq!(slack.take_unread().len(), 5);
    }

    #[test]
    fn thirty_minutes_and_not_one_second_more() {
        let mut slack = Slack::default();
        let url = url_of_command(&mut slack);
        assert_eq!(post(&mut slack, at(1800), &url, &card("x")).0, 200);
        let (status, body) = post(&mut slack, at(1801), &url, &card("x"));
        assert_eq!((status, body.contains("expired_url")), (404, true));
    }

    #[test]
    fn a_refused_post_costs_no_use() {
        let mut slack = Slack::default();
        let url = url_of_command(&mut slack);
        assert_eq!(post(&mut slack, at(1), &url, &json!({})).0, 400);
        let broken = json!({"text": "x", "blocks": [{"type": "section"}]});
        let (status, body) = post(&mut slack, at(1), &url, &broken);
        assert_eq!((status, body.contains("invalid_blocks")), (400, true));
        slack.set_mode(Mode::HooksDown);
        assert_eq!(post(&mut slack, at(1), &url, &card("x")).0, 500);
        slack.set_mode(Mode::Up);
        assert!(slack.unread().is_empty());
        for _ in 0..5 {
            assert_eq!(post(&mut slack, at(1), &url, &card("x")).0, 200);
        }
    }

    #[test]
    fn a_post_is_ephemeral_unless_it_says_in_channel() {
        let mut slack = Slack::default();
        let url = url_of_command(&mut slack);
        post(&mut slack, at(1), &url, &json!({"text": "private"}));
        post(
            &mut slack,
            at(1),
            &url,
            &json!({"text": "public", "response_type": "in_channel"}),
        );
        let seen: Vec<_> = slack
            .messages()
            .iter()
            .map(|message| &message.visibility)
            .collect();
        assert_eq!(
            seen,
            [&Visibility::Only(MARIA.to_owned()), &Visibility::Channel]
        );
    }

    #[test]
    fn a_command_has_no_original_to_replace_or_delete() {
        let mut slack = Slack::default();
        let url = url_of_command(&mut slack);
        post(&mut slack, at(1), &url, &json!({"text": "one"}));
        post(
            &mut slack,
            at(1),
            &url,
            &json!({"text": "two", "replace_original": true}),
        );
        assert_eq!(slack.messages().len(), 2);
        assert_eq!(
            post(&mut slack, at(1), &url, &json!({"delete_original": true})).0,
            404
        );
    }

    #[test]
    fn a_click_replaces_the_whole_message_which_stays_ephemeral() {
        let mut slack = Slack::default();
        let url = url_of_command(&mut slack);
        post(&mut slack, at(1), &url, &card("sure?"));
        let click = url_of_click(&mut slack, at(2));
        let body =
            json!({"text": "done", "replace_original": "true", "response_type": "in_channel"});
        assert_eq!(post(&mut slack, at(3), &click, &body).0, 200);
        let message = &slack.messages()[0];
        assert_eq!(message.text, "done");
        assert!(message.is_ephemeral() && message.blocks.is_empty() && message.edits.len() == 1);
        assert_eq!(
            post(&mut slack, at(4), &click, &json!({"delete_original": true})).0,
            200
        );
        assert_eq!(
            post(&mut slack, at(5), &click, &json!({"delete_original": true})).0,
            404
        );
    }

    #[test]
    fn unknown_urls_and_bodies_that_are_no_json_are_refused() {
        let mut slack = Slack::default();
        let url = url_of_command(&mut slack);
        assert_eq!(
            post(&mut slack, at(1), &format!("{url}x"), &card("x")).0,
            404
        );
        let request = http::Request::post(&url)
            .body(Bytes::from("text=x"))
            .unwrap();
        assert_eq!(slack.handle(at(1), &request).status(), 400);
    }

    #[test]
    fn a_late_or_failed_reply_is_told_to_the_person() {
        let mut slack = Slack::default();
        let sent = slack.command(at(0), &Invocation::new(MARIA, DEPLOYS, "status"));
        let reply = http::Response::new(Bytes::from("fine"));
        assert!(
            slack
                .reply_to_command(at(4), &sent, Duration::from_secs(4), &reply)
                .is_none()
        );
        let said = slack.take_unread();
        assert!(
            format!("{said:?}").contains("operation_timeout"),
            "{said:?}"
        );
        let shown = slack
            .reply_to_command(at(1), &sent, Duration::from_secs(1), &reply)
            .unwrap();
        assert_eq!((shown.text.as_str(), shown.is_ephemeral()), ("fine", true));
    }
}
