//! `longshore sign`: a recorded API Gateway event, signed as Slack would sign it now.
//!
//! A recorded event is stale five minutes after it was recorded and its trigger id works once, so
//! an event that is to be sent again needs both anew. So does a message to the bot: of an event that
//! holds one, the message is as old as the signature.

use std::path::PathBuf;

use aws_smithy_types::base64;
use clap::Args;
use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;
use serde_json::{Map, Value, json};

use super::{Failure, Surroundings};
use crate::http::UNRESERVED;
use crate::slack::payload::form;
use crate::slack::signature::{SIGNATURE, SigningSecret, TIMESTAMP};

pub(super) const EXAMPLES: &str = "\
Examples:
  SLACK_SIGNING_SECRET=… longshore sign events/command-deploy.json
  longshore sign --fresh-trigger events/command-deploy.json | cargo lambda invoke slash --data-file /dev/stdin

The secret is read from the environment, so that it is in no command line and no shell history.";

#[derive(Debug, Args)]
pub(super) struct SignArguments {
    /// An event of an HTTP API in payload format 2.0; `-` reads standard input
    event: PathBuf,
    /// The variable that holds the signing secret
    #[arg(long, value_name = "VARIABLE", default_value = "SLACK_SIGNING_SECRET")]
    secret_env: String,
    /// Give the event a trigger id of its own, so that it counts as a new request
    #[arg(long)]
    fresh_trigger: bool,
}

pub(super) fn run(
    arguments: &SignArguments,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let SignArguments {
        event: path,
        secret_env,
        fresh_trigger,
    } = arguments;
    let text = if path.as_os_str() == "-" {
        let mut text = String::new();
        surroundings.input.read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let text =
        text.map_err(|error| Failure::Refused(format!("cannot read {}: {error}", path.display())))?;
    let secret = (surroundings.variable)(secret_env).filter(|secret| !secret.trim().is_empty());
    let secret = secret.ok_or_else(|| {
        Failure::Refused(format!(
            "{secret_env} is not set; set it to the Slack app's signing secret, or name another variable with --secret-env"
        ))
    })?;
    let secret = SigningSecret::new(secret)
        .map_err(|bad| Failure::Refused(format!("{secret_env} cannot be used: {bad}")))?;
    let trigger = fresh_trigger.then(|| fresh_trigger_id(surroundings.now()));
    let event = sign(&text, &secret, surroundings.now(), trigger.as_deref())
        .map_err(|unusable| Failure::Refused(format!("{}: {unusable}", path.display())))?;
    writeln!(surroundings.out, "{event:#}")?;
    Ok(())
}

/// Why an event cannot be signed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum NotSignable {
    #[error("not JSON")]
    NotJson,
    #[error("not an event of an HTTP API in payload format 2.0: it has no requestContext")]
    NotAnEvent,
    #[error("its body is not valid base64, though isBase64Encoded says so")]
    NotBase64,
    #[error("its body has no trigger_id to replace; leave --fresh-trigger out")]
    NoTrigger,
}

/// The event with a fresh timestamp and signature over its decoded body.
fn sign(
    text: &str,
    secret: &SigningSecret,
    now: Timestamp,
    trigger: Option<&str>,
) -> Result<Value, NotSignable> {
    let mut event: Value = serde_json::from_str(text).map_err(|_| NotSignable::NotJson)?;
    let context = event
        .get_mut("requestContext")
        .and_then(Value::as_object_mut);
    context
        .ok_or(NotSignable::NotAnEvent)?
        .insert("timeEpoch".to_owned(), json!(now.as_millisecond()));
    let encoded = event
        .get("isBase64Encoded")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let written = event
        .get("body")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut body = if encoded {
        base64::decode(written).map_err(|_| NotSignable::NotBase64)?
    } else {
        written.as_bytes().to_vec()
    };
    body = written_now(&body, now).unwrap_or(body);
    if let Some(trigger) = trigger {
        body = with_trigger(&body, trigger).ok_or(NotSignable::NoTrigger)?;
    }
    let size = body.len();
    let timestamp = now.as_second();
    let signature = secret.sign(timestamp, &body);
    let event_fields = event.as_object_mut().ok_or(NotSignable::NotAnEvent)?;
    let body = match String::from_utf8(body) {
        Ok(text) if !encoded => text,
        Ok(text) => base64::encode(text),
        Err(bytes) => base64::encode(bytes.into_bytes()),
    };
    event_fields.insert("body".to_owned(), Value::String(body));
    let headers = event_fields
        .entry("headers")
        .or_insert_with(|| Value::Object(Map::new()));
    if let Some(headers) = headers.as_object_mut() {
        // Header names are case-insensitive; an old spelling must not stay beside the new one.
        headers.retain(|name, _| {
            !name.eq_ignore_ascii_case(TIMESTAMP.as_str())
                && !name.eq_ignore_ascii_case(SIGNATURE.as_str())
        });
        if let Some((_, length)) = headers
            .iter_mut()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        {
            *length = Value::String(size.to_string());
        }
        headers.insert(TIMESTAMP.to_string(), json!(timestamp.to_string()));
        headers.insert(SIGNATURE.to_string(), json!(signature));
    }
    Ok(event)
}

/// In the shape of Slack's own: three numbers and letters with dots between.
fn fresh_trigger_id(now: Timestamp) -> String {
    format!(
        "{}.{}.{:032x}",
        now.as_millisecond(),
        now.subsec_nanosecond(),
        now.as_nanosecond()
    )
}

/// The Events API's callback, if it is one.
fn callback(body: &[u8]) -> Option<Value> {
    let sent: Value = serde_json::from_slice(body).ok()?;
    (sent["type"] == "event_callback").then_some(sent)
}

/// The same event of a message that was written at this time; none of what is no such event.
fn written_now(body: &[u8], now: Timestamp) -> Option<Vec<u8>> {
    let mut sent = callback(body)?;
    let ts = format!("{}.{:06}", now.as_second(), now.subsec_nanosecond() / 1_000);
    let event = sent.get_mut("event")?.as_object_mut()?;
    for name in ["ts", "event_ts"] {
        event.insert(name.to_owned(), json!(ts));
    }
    sent["event_time"] = json!(now.as_second());
    Some(sent.to_string().into_bytes())
}

/// The form with its `trigger_id` replaced, in a command's own field or inside a `payload`; of an event, which has none,
/// its `event_id`.
fn with_trigger(body: &[u8], trigger: &str) -> Option<Vec<u8>> {
    if let Some(mut sent) = callback(body) {
        let digits = trigger.chars().filter(char::is_ascii_alphanumeric);
        sent["event_id"] = json!(format!("Ev{}", digits.collect::<String>()));
        return Some(sent.to_string().into_bytes());
    }
    let body = std::str::from_utf8(body).ok()?;
    let mut replaced = false;
    let fields: Vec<String> = body
        .split('&')
        .map(|field| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            let value = match name {
                "trigger_id" => {
                    replaced = true;
                    trigger.to_owned()
                }
                "payload" => match payload_with_trigger(value, trigger) {
                    Some(payload) => {
                        replaced = true;
                        utf8_percent_encode(&payload, UNRESERVED).to_string()
                    }
                    None => value.to_owned(),
                },
                _ => value.to_owned(),
            };
            format!("{name}={value}")
        })
        .collect();
    replaced.then(|| fields.join("&").into_bytes())
}

fn payload_with_trigger(encoded: &str, trigger: &str) -> Option<String> {
    let mut payload: Value = serde_json::from_str(&form::decode(encoded).ok()?).ok()?;
    let field = payload.get_mut("trigger_id")?;
    *field = Value::String(trigger.to_owned());
    Some(payload.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const FORM: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

    fn secret() -> SigningSecret {
        SigningSecret::new(SECRET).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn event(body: &str, encoded: bool) -> String {
        json!({
            "version": "2.0",
            "headers": {
                "Content-Length": "1",
                "X-Slack-Signature": "v0=old",
                "x-slack-request-timestamp": "1",
            },
            "requestContext": { "timeEpoch": 1 },
            "body": body,
            "isBase64Encoded": encoded,
        })
        .to_string()
    }

    #[test]
    fn the_published_example_gets_the_published_signature() {
        for text in [event(FORM, false), event(&base64::encode(FORM), true)] {
            let signed = sign(&text, &secret(), at(1_531_420_618), None).unwrap();
            assert_eq!(
                signed["headers"],
                json!({
                    "Content-Length": FORM.len().to_string(),
                    "x-slack-request-timestamp": "1531420618",
                    "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
                })
            );
            assert_eq!(signed["requestContext"]["timeEpoch"], 1_531_420_618_000_i64);
            let before: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(signed["body"], before["body"]);
        }
    }

    #[test]
    fn a_fresh_trigger_is_put_where_slack_puts_it() {
        let trigger = fresh_trigger_id(at(1_531_420_618));
        let signed = sign(
            &event(FORM, false),
            &secret(),
            at(1_531_420_618),
            Some(&trigger),
        )
        .unwrap();
        let body = signed["body"].as_str().unwrap();
        assert!(body.ends_with(&format!("&trigger_id={trigger}")));
        assert_eq!(
            signed["headers"]["x-slack-signature"],
            secret().sign(1_531_420_618, body.as_bytes())
        );

        let payload = r#"{"type":"block_actions","trigger_id":"old","user":{"name":"Zoë & co"}}"#;
        let payload = utf8_percent_encode(payload, UNRESERVED);
        let click = event(&base64::encode(format!("payload={payload}")), true);
        let signed = sign(&click, &secret(), at(7), Some("new.one")).unwrap();
        let body = base64::decode(signed["body"].as_str().unwrap()).unwrap();
        let body = String::from_utf8(body).unwrap();
        let payload = form::decode(body.strip_prefix("payload=").unwrap()).unwrap();
        let payload: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(payload["trigger_id"], "new.one");
        assert_eq!(payload["user"]["name"], "Zoë & co");
    }

    #[test]
    fn a_message_to_the_bot_is_as_old_as_the_signature() {
        let body = json!({
            "type": "event_callback", "event_id": "Ev1", "event_time": 1,
            "event": { "type": "app_mention", "ts": "1.000001", "event_ts": "1.000001" },
        });
        let text = event(&body.to_string(), false);
        for (trigger, id) in [(None, "Ev1"), (Some("12.3.0f"), "Ev1230f")] {
            let signed = sign(&text, &secret(), at(7), trigger).unwrap();
            let body: Value = serde_json::from_str(signed["body"].as_str().unwrap()).unwrap();
            assert_eq!(body["event"]["ts"], "7.000000");
            assert_eq!(body["event"]["event_ts"], "7.000000");
            assert_eq!(
                (&body["event_id"], &body["event_time"]),
                (&json!(id), &json!(7))
            );
        }
    }

    #[test]
    fn what_is_no_event_is_not_signed() {
        let sign = |text: &str, trigger| sign(text, &secret(), at(7), trigger).unwrap_err();
        assert_eq!(sign("{", None), NotSignable::NotJson);
        assert_eq!(sign("[]", None), NotSignable::NotAnEvent);
        assert_eq!(sign("{\"body\":\"\"}", None), NotSignable::NotAnEvent);
        assert_eq!(sign(&event("%%%", true), None), NotSignable::NotBase64);
        assert_eq!(
            sign(&event("a=b", false), Some("t")),
            NotSignable::NoTrigger
        );
    }
}
