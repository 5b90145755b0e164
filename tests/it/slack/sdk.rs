//! Whatever is sent, held to what nobody here wrote: to Slack's own SDK, of which `make models` writes
//! down which arguments its methods take, which members its blocks have and how long they may be, and
//! to AWS's own service models. What is not there is a failure.

use std::path::Path;
use std::sync::LazyLock;

use longshore_sim::slack::{Happening, METHODS};
use longshore_sim::{Call, World, models};
use serde_json::Value;

/// What `sim/local/slack.py` found in slack_sdk.
static MODEL: LazyLock<Value> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".local/models/slack.json");
    let text = std::fs::read_to_string(&path);
    let text =
        text.unwrap_or_else(|error| panic!("{}: {error}; run `make models`", path.display()));
    serde_json::from_str(&text).unwrap()
});

#[test]
fn the_simulator_takes_the_arguments_that_the_sdk_sends() {
    let methods = MODEL["methods"].as_object().unwrap();
    for (method, arguments) in METHODS {
        let known: Vec<&str> = strings(&methods[method]).collect();
        let mut table = arguments.to_vec();
        table.sort_unstable();
        assert_eq!(table, known, "{method}");
    }
}

#[test]
fn the_model_finds_fault() {
    let long = "x".repeat(151);
    for (what, blocks) in [
        (
            "a header too long",
            serde_json::json!([{"type": "header", "text": {"type": "plain_text", "text": long}}]),
        ),
        (
            "an unknown member",
            serde_json::json!([{"type": "divider", "colour": "red"}]),
        ),
        ("an unknown block", serde_json::json!([{"type": "marquee"}])),
        (
            "a button too long",
            serde_json::json!([{"type": "actions", "elements": [
            {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": long}}]}]),
        ),
    ] {
        let mut problems = Vec::new();
        for block in blocks.as_array().unwrap() {
            check("block", block, &mut problems);
        }
        assert!(!problems.is_empty(), "{what}");
    }
}

/// What is wrong with anything that was sent in this world, to Slack or to AWS.
pub(crate) fn problems(world: &World) -> Vec<String> {
    let state = world.state();
    let mut problems = to_aws(&state.calls);
    for call in state.calls.iter().filter(|call| call.service == "slack") {
        let path = call.operation.split(' ').next_back().unwrap_or_default();
        let method = path.strip_prefix("/api/").unwrap_or("response_url");
        let known: Vec<&str> = strings(&MODEL["methods"][method]).collect();
        for name in call
            .request
            .as_object()
            .into_iter()
            .flat_map(|sent| sent.keys())
        {
            if name != "token" && !known.contains(&name.as_str()) {
                problems.push(format!("{method} has no {name}"));
            }
        }
    }
    for event in state.slack.events() {
        if let Happening::Posted(message) | Happening::Edited(message) = &event.what {
            for block in &message.blocks {
                check("block", block, &mut problems);
            }
            problems.extend(illegible(&message.blocks));
        }
    }
    problems
}

/// Whatever went to AWS, held to the newest botocore's models.
fn to_aws(calls: &[Call]) -> Vec<String> {
    let calls = calls
        .iter()
        .filter(|call| !["slack", "github"].contains(&call.service));
    let found = calls.flat_map(|call| {
        let found = models::problems(call.service, &call.operation, &call.request);
        found.unwrap_or_else(|missing| panic!("{missing}"))
    });
    found.collect()
}

/// What a screen reader would miss: a card's heading, and what a button is about.
fn illegible(blocks: &[Value]) -> Vec<String> {
    let mut problems = Vec::new();
    let buttons = blocks.iter().filter(|block| block["type"] == "actions");
    let buttons = buttons.flat_map(|block| block["elements"].as_array().into_iter().flatten());
    let buttons: Vec<&Value> = buttons.collect();
    if (blocks.len() > 1 || !buttons.is_empty()) && blocks[0]["type"] != "header" {
        problems.push(format!("a card without a header: {}", blocks[0]));
    }
    for button in buttons {
        // What it is about, its options say; the SDK knows no label of a menu's own.
        if button["type"] == "static_select" {
            continue;
        }
        let label = button["accessibility_label"].as_str().unwrap_or_default();
        let shown = button["text"]["text"].as_str().unwrap_or_default();
        let names = label
            .strip_prefix(shown)
            .and_then(|rest| rest.strip_prefix(": "));
        let about = names.and_then(|names| names.split_once(" on "));
        let whole = about.is_some_and(|(what, place)| !what.is_empty() && !place.is_empty());
        if !whole || label.chars().count() > 75 {
            problems.push(format!("the button {shown:?} is read as {label:?}"));
        }
    }
    problems
}

/// Holds one object to its class in the SDK, and what is in it to theirs.
fn check(kind: &str, object: &Value, problems: &mut Vec<String>) {
    let name = object["type"].as_str().unwrap_or(kind);
    let Some(class) = MODEL["classes"].get(name) else {
        problems.push(format!("the SDK knows no {name}"));
        return;
    };
    let known: Vec<&str> = strings(&class["members"]).collect();
    for (member, value) in object.as_object().into_iter().flatten() {
        if !known.contains(&member.as_str()) {
            problems.push(format!("a {name} has no {member}"));
        }
        let length = match value {
            Value::String(text) => text.chars().count(),
            Value::Array(items) => items.len(),
            Value::Object(inner) => inner
                .get("text")
                .and_then(Value::as_str)
                .map_or(0, |text| text.chars().count()),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        };
        let most = class["limits"][member].as_u64().unwrap_or(u64::MAX);
        if length as u64 > most {
            problems.push(format!(
                "{member} of a {name} has {length}, of {most} at most"
            ));
        }
        let inside = match (member.as_str(), value) {
            ("options" | "initial_option", _) => "option",
            ("option_groups", _) => "option_group",
            ("confirm", Value::Object(inner)) if inner.contains_key("title") => "confirm",
            _ => "text",
        };
        match value {
            Value::Array(items) => {
                for item in items.iter().filter(|item| item.is_object()) {
                    check(inside, item, problems);
                }
            }
            Value::Object(_) => check(inside, value, problems),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
