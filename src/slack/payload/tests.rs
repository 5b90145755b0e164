use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const COMMAND: &str = "token=xyz&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
    &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fdeploy\
    &text=webapp+to+staging&api_app_id=A123&is_enterprise_install=false\
    &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmi\
    &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

fn command(body: &str) -> SlashCommand {
    match commands(body.as_bytes()) {
        Ok(CommandRequest::Command(command)) => *command,
        other => panic!("{body}: {other:?}"),
    }
}

fn refusal(body: &str) -> BadPayload {
    commands(body.as_bytes()).unwrap_err()
}

fn without(field: &str) -> String {
    let pairs = COMMAND
        .split('&')
        .filter(|pair| !pair.starts_with(&format!("{field}=")));
    pairs.collect::<Vec<_>>().join("&")
}

fn with(field: &str, value: &str) -> String {
    format!("{}&{field}={value}", without(field))
}

#[test]
fn a_command_is_read_with_its_fields() {
    let read = command(COMMAND);
    assert_eq!(read.team_id.as_str(), "T1DC2JH3J");
    assert_eq!(read.enterprise_id, None);
    assert_eq!(read.channel_id.as_str(), "G8PSS9T3V");
    assert_eq!(read.user_id.as_str(), "U2CERLKJA");
    assert_eq!(read.command, "/deploy");
    assert_eq!(read.text, "webapp to staging");
    assert!(read.trigger_id.starts_with("398738663015."));
    assert!(read.response_url.unwrap().expose().ends_with("/96rGlfmi"));
}

#[test]
fn text_is_decoded_once_and_trimmed() {
    for (sent, text) in [
        ("", ""),
        ("+", ""),
        ("++webapp++to+staging+", "webapp  to staging"),
        ("webapp%3Amain%20to%20staging", "webapp:main to staging"),
        ("h%C3%A9llo+%F0%9F%9A%80", "héllo 🚀"),
        ("héllo", "héllo"),
        ("a%2Bb", "a+b"),
        ("a%2526b", "a%26b"),
        ("a=b=c", "a=b=c"),
        ("%26user_id%3DU0000", "&user_id=U0000"),
        ("a%00b", "a\0b"),
    ] {
        assert_eq!(command(&with("text", sent)).text, text, "{sent}");
    }
    assert_eq!(command(&without("text")).text, "");
}

#[test]
fn a_field_that_counts_is_there_once() {
    for field in [
        "user_id",
        "team_id",
        "channel_id",
        "command",
        "text",
        "response_url",
    ] {
        let again = format!("{COMMAND}&{field}=x");
        assert_eq!(refusal(&again), BadPayload::Duplicate(field));
        // Also when one of the two is escaped.
        let escaped = format!("{COMMAND}&%{:02x}{}=x", field.as_bytes()[0], &field[1..]);
        assert_eq!(refusal(&escaped), BadPayload::Duplicate(field));
        let blank = format!("{COMMAND}&{field}");
        assert_eq!(refusal(&blank), BadPayload::Duplicate(field));
    }
    command(&format!("{COMMAND}&something_new=1&something_new=2"));
}

#[test]
fn what_must_be_there_must_be_there() {
    for field in ["team_id", "channel_id", "user_id", "command", "trigger_id"] {
        assert_eq!(refusal(&without(field)), BadPayload::Missing(field));
        assert_eq!(refusal(&with(field, "+")), BadPayload::Missing(field));
    }
    for (field, value) in [
        ("team_id", "U2CERLKJA"),
        ("user_id", "T1DC2JH3J"),
        ("user_id", "roadrunner"),
        ("channel_id", "%23general"),
        ("trigger_id", "a+b"),
    ] {
        assert_eq!(refusal(&with(field, value)), BadPayload::Invalid(field));
    }
    assert_eq!(refusal(""), BadPayload::Missing("team_id"));
}

#[test]
fn an_organisation_is_read_and_what_is_none_is_passed_over() {
    let read = |id: &str| command(&with("enterprise_id", id)).enterprise_id;
    assert_eq!(read("E123ABC").unwrap().as_str(), "E123ABC");
    for none in ["", "null", "acme"] {
        assert_eq!(read(none), None, "{none}");
    }
    for install in ["true", "false", "", "null", "yes"] {
        command(&with("is_enterprise_install", install));
    }
}

#[test]
fn a_reply_address_that_is_none_is_no_reason_to_refuse() {
    for url in [
        "",
        "null",
        "http%3A%2F%2F169.254.169.254%2F",
        "https%3A%2F%2Fevil.example%2Fx",
    ] {
        assert_eq!(command(&with("response_url", url)).response_url, None);
    }
}

#[test]
fn broken_bytes_are_refused_wherever_they_are() {
    for (body, why) in [
        ("text=%", BadPayload::BrokenEscape),
        ("text=%4", BadPayload::BrokenEscape),
        ("text=%zz", BadPayload::BrokenEscape),
        ("text=%+1", BadPayload::BrokenEscape),
        ("unknown=%é", BadPayload::BrokenEscape),
        ("%=1", BadPayload::BrokenEscape),
        ("text=%ff", BadPayload::NotUtf8),
        ("text=%ed%a0%80", BadPayload::NotUtf8),
        ("%ff=1", BadPayload::NotUtf8),
    ] {
        assert_eq!(
            refusal(&format!("{}&{body}", without("text"))),
            why,
            "{body}"
        );
    }
    assert_eq!(commands(b"text=\xff").unwrap_err(), BadPayload::NotUtf8);
    assert_eq!(events(b"\xff").unwrap_err(), BadPayload::NotUtf8);
}

#[test]
fn a_certificate_check_is_that_and_nothing_else() {
    assert_eq!(
        commands(b"ssl_check=1&token=x").unwrap(),
        CommandRequest::SslCheck
    );
    assert_eq!(interactions(b"ssl_check=1").unwrap(), Interaction::SslCheck);
    for value in ["1", "0", "true"] {
        let smuggled = format!("{COMMAND}&ssl_check={value}");
        assert_eq!(
            refusal(&smuggled),
            BadPayload::Contradiction("ssl_check", "command")
        );
    }
    // Blank, it says nothing.
    command(&format!("{COMMAND}&ssl_check="));
    assert_eq!(
        refusal(&format!("{COMMAND}&payload=%7B%7D")),
        BadPayload::Contradiction("payload", "command")
    );
}

fn click() -> Value {
    json!({
        "type": "block_actions",
        "team": {"id": "T1DC2JH3J", "domain": "testteamnow"},
        "enterprise": null,
        "is_enterprise_install": false,
        "user": {"id": "U2CERLKJA", "username": "roadrunner", "team_id": "T1DC2JH3J"},
        "api_app_id": "A123", "token": "x",
        "container": {"type": "message", "message_ts": "1548261231.000200",
            "channel_id": "CBR2V3XEX", "is_ephemeral": false},
        "trigger_id": "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
        "channel": {"id": "CBR2V3XEX", "name": "deploys"},
        "message": {"ts": "1548261231.000200", "text": "…", "blocks": [{"type": "divider"}]},
        "response_url": "https://hooks.slack.com/actions/AABA1ABCD/1232321423432/D09sSasdasdAS9091209",
        "actions": [{"action_id": "confirm", "block_id": "=qXel", "value": "4f2k9x0a:n0nce",
            "type": "button", "action_ts": "1548426417.840180",
            "text": {"type": "plain_text", "text": "Deploy", "emoji": true}}],
        "state": {"values": {}},
    })
}

fn read(payload: &Value) -> Result<Interaction, BadPayload> {
    let json: String = payload
        .to_string()
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    interactions(format!("payload={json}").as_bytes())
}

fn pressed(payload: &Value) -> BlockActions {
    match read(payload) {
        Ok(Interaction::BlockActions(actions)) => *actions,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_click_is_read_with_its_fields() {
    let read = pressed(&click());
    assert_eq!(
        read.sender().actor().to_string(),
        "slack:T1DC2JH3J:U2CERLKJA"
    );
    assert_eq!(read.actions[0].action_id, "confirm");
    assert_eq!(read.actions[0].value, "4f2k9x0a:n0nce");
    assert_eq!(read.channel_id.unwrap().as_str(), "CBR2V3XEX");
    assert!(read.response_url.is_some() && read.trigger_id.is_some());
}

#[test]
fn the_users_own_workspace_counts_and_the_channels_may_be_null() {
    let mut payload = click();
    payload["team"] = Value::Null;
    payload["enterprise"] = json!({"id": "E123ABC", "name": "Acme"});
    payload["is_enterprise_install"] = json!(true);
    let read_null = pressed(&payload);
    assert_eq!(read_null.team_id, None);
    assert_eq!(read_null.user_team_id.as_str(), "T1DC2JH3J");
    assert_eq!(read_null.enterprise_id.unwrap().as_str(), "E123ABC");

    let mut guest = click();
    guest["user"]["team_id"] = json!("T9OTHER");
    assert_eq!(
        pressed(&guest).sender().actor().to_string(),
        "slack:T9OTHER:U2CERLKJA"
    );

    let mut nowhere = click();
    nowhere["team"] = Value::Null;
    nowhere["user"] = json!({"id": "U2CERLKJA"});
    assert_eq!(read(&nowhere), Err(BadPayload::Missing("user.team_id")));
}

#[test]
fn the_channel_of_an_ephemeral_message_is_its_containers() {
    let mut payload = click();
    let fields = payload.as_object_mut().unwrap();
    fields.remove("message");
    fields.remove("channel");
    payload["container"]["is_ephemeral"] = json!(true);
    payload["response_url"] = json!("");
    let read = pressed(&payload);
    assert_eq!(read.channel_id.unwrap().as_str(), "CBR2V3XEX");
    assert_eq!(read.response_url, None);
}

#[test]
fn other_interactions_are_ignored_by_kind() {
    for (kind, logged) in [
        ("view_submission", "view_submission"),
        ("shortcut", "shortcut"),
        ("<!channel> \n{\"level\":\"error\"}", "unknown"),
        ("", "unknown"),
    ] {
        let payload = json!({"type": kind, "user": 3, "actions": "none", "message": []});
        assert_eq!(read(&payload), Ok(Interaction::Ignored(logged.into())));
    }
}

#[test]
fn a_click_of_another_shape_is_refused() {
    for (pointer, value, why) in [
        ("/actions", json!([]), BadPayload::Missing("actions")),
        ("/actions", json!(null), BadPayload::Json),
        ("/actions/0/action_id", json!(7), BadPayload::Json),
        ("/user", json!(null), BadPayload::Json),
        ("/user/id", json!("roadrunner"), BadPayload::Json),
        ("/user/team_id", json!("acme"), BadPayload::Json),
        ("/user/team_id", json!(7), BadPayload::Json),
        ("/type", json!(["block_actions"]), BadPayload::Json),
        (
            "/trigger_id",
            json!("a b"),
            BadPayload::Invalid("trigger_id"),
        ),
    ] {
        let mut payload = click();
        *payload.pointer_mut(pointer).unwrap() = value;
        assert_eq!(read(&payload), Err(why), "{pointer}");
    }
    let twice = r#"{"type":"block_actions","user":{"id":"U1AA","team_id":"T1AA"},"user":{"id":"U2AA","team_id":"T1AA"},"actions":[{"action_id":"a"}]}"#;
    assert_eq!(
        interactions(format!("payload={twice}").as_bytes()),
        Err(BadPayload::Json)
    );
    let twice = r#"{"type":"shortcut","type":"block_actions"}"#;
    assert_eq!(
        interactions(format!("payload={twice}").as_bytes()),
        Err(BadPayload::Json)
    );
    let deep = format!("payload={}", "[".repeat(60_000));
    assert_eq!(interactions(deep.as_bytes()), Err(BadPayload::Json));
    let deep = format!(
        "payload={{\"type\":\"block_actions\",\"x\":{}",
        "[".repeat(60_000)
    );
    assert_eq!(interactions(deep.as_bytes()), Err(BadPayload::Json));
    assert_eq!(interactions(b""), Err(BadPayload::Missing("payload")));
    assert_eq!(
        interactions(b"payload={}&command=x"),
        Err(BadPayload::Contradiction("payload", "command"))
    );
}

#[test]
fn the_challenge_is_read_and_capped() {
    let ask = |challenge: &str| {
        events(
            json!({"type": "url_verification", "token": "x", "challenge": challenge})
                .to_string()
                .as_bytes(),
        )
    };
    let challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P".to_owned();
    assert_eq!(
        ask(&challenge.clone()),
        Ok(EventRequest::UrlVerification { challenge })
    );
    for bad in ["", "a b", "<script>\n", "é", &"x".repeat(MAX_CHALLENGE + 1)] {
        assert_eq!(ask(bad), Err(BadPayload::Invalid("challenge")), "{bad:?}");
    }
    assert_eq!(
        events(br#"{"type":"url_verification"}"#),
        Err(BadPayload::Missing("challenge"))
    );
    assert_eq!(
        events(br#"{"type":"event_callback","event":{}}"#),
        Ok(EventRequest::Ignored("event_callback".into()))
    );
    assert_eq!(events(b"{}"), Err(BadPayload::Json));
}

#[test]
fn a_command_printed_for_debugging_keeps_its_reply_address() {
    let printed = format!("{:?} {:?}", command(COMMAND), pressed(&click()));
    assert!(!printed.contains("hooks.slack.com"), "{printed}");
}

proptest! {
    #[test]
    fn no_body_panics(body in any::<Vec<u8>>(), text in "[a-z_&=%+{}\":,\\[\\]0-9]{0,200}") {
        for body in [&body, text.as_bytes()] {
            let _ = commands(body);
            let _ = interactions(body);
            let _ = events(body);
        }
    }

    #[test]
    fn any_text_arrives_as_it_was_typed(text in any::<String>()) {
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        prop_assert_eq!(command(&with("text", &encoded)).text, text.trim());
    }
}
