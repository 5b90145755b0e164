//! Block Kit, checked as strictly as Slack checks it: required members, no unknown members, lengths
//! and counts. A message that fails here is refused by the simulator with `invalid_blocks` or
//! `msg_blocks_too_long`, as Slack would, and not shown.
//!
//! Limits: <https://docs.slack.dev/reference/block-kit/blocks>.

mod fields;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Blocks in one message.
const BLOCKS: usize = 50;
/// Text over all blocks of a message, measured by users of Slack near 13,200; undocumented.
const ALL_TEXT: usize = 13_200;
/// What a block's frame was seen to count for beside its text.
const FRAME: usize = 20;

/// Why Slack would refuse these blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Slack's error code: `invalid_blocks`, `invalid_blocks_format` or `msg_blocks_too_long`.
    pub code: &'static str,
    /// One line per finding, in the form of `response_metadata.messages`.
    pub findings: Vec<String>,
}

/// Checks the `blocks` of a message.
///
/// # Errors
/// The error code Slack would answer, with one line per finding.
pub fn check(blocks: &Value) -> Result<(), Refused> {
    let Some(list) = blocks.as_array() else {
        return Err(Refused {
            code: "invalid_blocks_format",
            findings: vec!["[ERROR] blocks must be an array".to_owned()],
        });
    };
    let mut check = Check::default();
    if list.len() > BLOCKS {
        check.find(
            "",
            format!("no more than {BLOCKS} items allowed, not {}", list.len()),
        );
    }
    let mut ids = BTreeSet::new();
    for (index, block) in list.iter().enumerate() {
        let at = format!("/blocks/{index}");
        check.block(&at, block);
        if let Some(id) = block.get("block_id").and_then(Value::as_str)
            && !ids.insert(id)
        {
            check.find(&at, format!("duplicate block_id {id:?}"));
        }
    }
    if !check.findings.is_empty() {
        return Err(Refused {
            code: "invalid_blocks",
            findings: check.findings,
        });
    }
    let total = list
        .iter()
        .map(|block| FRAME + text_in(block))
        .sum::<usize>();
    if total > ALL_TEXT {
        return Err(Refused {
            code: "msg_blocks_too_long",
            findings: vec![format!("[ERROR] {total} characters over all blocks")],
        });
    }
    Ok(())
}

/// Characters of every text in a block, however deep.
fn text_in(value: &Value) -> usize {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| match member {
                Value::String(text) if matches!(name.as_str(), "text" | "alt_text") => {
                    text.chars().count()
                }
                Value::Object(_) | Value::Array(_) => text_in(member),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
            })
            .sum(),
        Value::Array(items) => items.iter().map(text_in).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Which kinds of text object a place takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Plain,
    Either,
}

#[derive(Default)]
struct Check {
    findings: Vec<String>,
}

impl Check {
    fn find(&mut self, at: &str, what: impl Into<String>) {
        let what = what.into();
        self.findings
            .push(format!("[ERROR] {what} [json-pointer:{at}]"));
    }

    fn object<'a>(&mut self, at: &str, value: &'a Value) -> Option<&'a Map<String, Value>> {
        let object = value.as_object();
        if object.is_none() {
            self.find(at, "must provide an object");
        }
        object
    }

    /// Refuses members that are not listed, and misses those that are required.
    fn members(&mut self, at: &str, object: &Map<String, Value>, required: &[&str], also: &[&str]) {
        for name in required {
            if !object.contains_key(*name) {
                self.find(at, format!("missing required field: {name}"));
            }
        }
        for name in object.keys() {
            if name != "type"
                && !required.contains(&name.as_str())
                && !also.contains(&name.as_str())
            {
                self.find(at, format!("invalid additional property: {name}"));
            }
        }
    }

    fn string(&mut self, at: &str, object: &Map<String, Value>, name: &str, longest: usize) {
        let Some(value) = object.get(name) else {
            return;
        };
        let at = format!("{at}/{name}");
        match value.as_str() {
            None => self.find(&at, "must be a string"),
            Some("") => self.find(&at, "must be more than 0 characters"),
            Some(text) if text.chars().count() > longest => {
                self.find(&at, format!("must be less than {} characters", longest + 1));
            }
            Some(_) => {}
        }
    }

    fn text(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        name: &str,
        kind: Text,
        longest: usize,
    ) {
        if let Some(value) = object.get(name) {
            self.text_object(&format!("{at}/{name}"), value, kind, longest);
        }
    }

    fn text_object(&mut self, at: &str, value: &Value, kind: Text, longest: usize) {
        let Some(object) = self.object(at, value) else {
            return;
        };
        match object.get("type").and_then(Value::as_str) {
            Some("plain_text") => self.members(at, object, &["text"], &["emoji"]),
            Some("mrkdwn") if kind == Text::Either => {
                self.members(at, object, &["text"], &["verbatim"]);
            }
            other => self.find(at, format!("unsupported type: {}", other.unwrap_or("none"))),
        }
        self.string(at, object, "text", longest);
    }

    fn array<'a>(
        &mut self,
        at: &str,
        object: &'a Map<String, Value>,
        name: &str,
        most: usize,
    ) -> &'a [Value] {
        let Some(value) = object.get(name) else {
            return &[];
        };
        let at = format!("{at}/{name}");
        let Some(items) = value.as_array() else {
            self.find(&at, "must be an array");
            return &[];
        };
        if items.is_empty() {
            self.find(&at, "no fewer than 1 items allowed");
        }
        if items.len() > most {
            self.find(&at, format!("no more than {most} items allowed"));
        }
        items
    }

    fn block(&mut self, at: &str, value: &Value) {
        let Some(object) = self.object(at, value) else {
            return;
        };
        self.string(at, object, "block_id", 255);
        match object.get("type").and_then(Value::as_str) {
            Some("section") => self.section(at, object),
            Some("divider") => self.members(at, object, &[], &["block_id"]),
            Some("header") => {
                self.members(at, object, &["text"], &["block_id"]);
                self.text(at, object, "text", Text::Plain, 150);
            }
            Some("context") => {
                self.members(at, object, &["elements"], &["block_id"]);
                for (index, element) in self.array(at, object, "elements", 10).iter().enumerate() {
                    let at = format!("{at}/elements/{index}");
                    match element.get("type").and_then(Value::as_str) {
                        Some("image") => self.image(&at, element, &[]),
                        _ => self.text_object(&at, element, Text::Either, 3000),
                    }
                }
            }
            Some("actions") => {
                self.members(at, object, &["elements"], &["block_id"]);
                let elements = self.array(at, object, "elements", 25);
                self.elements(&format!("{at}/elements"), elements);
            }
            Some("input") => {
                let also = ["block_id", "dispatch_action", "hint", "optional"];
                self.members(at, object, &["label", "element"], &also);
                self.text(at, object, "label", Text::Plain, 2000);
                self.text(at, object, "hint", Text::Plain, 2000);
                if let Some(element) = object.get("element") {
                    self.field(&format!("{at}/element"), element);
                }
            }
            Some("image") => self.image(at, value, &["title", "block_id"]),
            Some("markdown") => {
                self.members(at, object, &["text"], &["block_id"]);
                self.string(at, object, "text", 12_000);
            }
            Some("rich_text") => {
                self.members(at, object, &["elements"], &["block_id"]);
                self.array(at, object, "elements", usize::MAX);
            }
            other => self.find(at, format!("unsupported type: {}", other.unwrap_or("none"))),
        }
    }

    fn section(&mut self, at: &str, object: &Map<String, Value>) {
        self.members(
            at,
            object,
            &[],
            &["text", "fields", "accessory", "block_id", "expand"],
        );
        if !object.contains_key("text") && !object.contains_key("fields") {
            self.find(at, "missing required field: text or fields");
        }
        self.text(at, object, "text", Text::Either, 3000);
        for (index, field) in self.array(at, object, "fields", 10).iter().enumerate() {
            self.text_object(&format!("{at}/fields/{index}"), field, Text::Either, 2000);
        }
        if let Some(accessory) = object.get("accessory") {
            let at = format!("{at}/accessory");
            if accessory.get("type").and_then(Value::as_str) == Some("image") {
                self.image(&at, accessory, &[]);
            } else {
                self.element(&at, accessory);
            }
        }
    }

    fn image(&mut self, at: &str, value: &Value, also: &[&str]) {
        let Some(object) = self.object(at, value) else {
            return;
        };
        let mut known = vec!["image_url", "slack_file"];
        known.extend_from_slice(also);
        self.members(at, object, &["alt_text"], &known);
        if object.contains_key("image_url") == object.contains_key("slack_file") {
            self.find(at, "provide either image_url or slack_file");
        }
        self.string(at, object, "image_url", 3000);
        self.string(at, object, "alt_text", 2000);
        self.text(at, object, "title", Text::Plain, 2000);
    }

    fn elements(&mut self, at: &str, elements: &[Value]) {
        let mut ids = BTreeSet::new();
        for (index, element) in elements.iter().enumerate() {
            let at = format!("{at}/{index}");
            self.element(&at, element);
            if let Some(id) = element.get("action_id").and_then(Value::as_str)
                && !ids.insert(id)
            {
                self.find(&at, format!("action_id {id:?} already exists"));
            }
        }
    }

    fn element(&mut self, at: &str, value: &Value) {
        let Some(object) = self.object(at, value) else {
            return;
        };
        self.string(at, object, "action_id", 255);
        if let Some(confirm) = object.get("confirm") {
            self.confirm(&format!("{at}/confirm"), confirm);
        }
        match object.get("type").and_then(Value::as_str) {
            Some("button") => {
                let also = [
                    "action_id",
                    "url",
                    "value",
                    "style",
                    "confirm",
                    "accessibility_label",
                ];
                self.members(at, object, &["text"], &also);
                self.text(at, object, "text", Text::Plain, 75);
                self.string(at, object, "url", 3000);
                self.string(at, object, "value", 2000);
                self.string(at, object, "accessibility_label", 75);
                self.style(at, object);
            }
            Some("overflow") => {
                self.members(at, object, &["options"], &["action_id", "confirm"]);
                let options = self.array(at, object, "options", 5);
                self.options(&format!("{at}/options"), options);
            }
            Some("static_select") => {
                let also = [
                    "action_id",
                    "placeholder",
                    "options",
                    "option_groups",
                    "initial_option",
                    "confirm",
                    "focus_on_load",
                ];
                self.members(at, object, &[], &also);
                self.text(at, object, "placeholder", Text::Plain, 150);
                if object.contains_key("options") == object.contains_key("option_groups") {
                    self.find(at, "provide either options or option_groups");
                }
                let options = self.array(at, object, "options", 100);
                self.options(&format!("{at}/options"), options);
                self.option_groups(at, object);
                self.initial_option(at, object);
            }
            other => self.find(at, format!("unsupported type: {}", other.unwrap_or("none"))),
        }
    }

    fn style(&mut self, at: &str, object: &Map<String, Value>) {
        if let Some(style) = object.get("style")
            && !matches!(style.as_str(), Some("primary" | "danger"))
        {
            self.find(&format!("{at}/style"), "must be primary or danger");
        }
    }

    fn options(&mut self, at: &str, options: &[Value]) {
        for (index, option) in options.iter().enumerate() {
            let at = format!("{at}/{index}");
            if let Some(object) = self.object(&at, option) {
                self.members(&at, object, &["text", "value"], &["description", "url"]);
                self.text(&at, object, "text", Text::Either, 75);
                self.text(&at, object, "description", Text::Either, 75);
                self.string(&at, object, "value", 150);
                self.string(&at, object, "url", 3000);
            }
        }
    }

    fn confirm(&mut self, at: &str, value: &Value) {
        let Some(object) = self.object(at, value) else {
            return;
        };
        self.members(
            at,
            object,
            &["title", "text", "confirm", "deny"],
            &["style"],
        );
        self.text(at, object, "title", Text::Plain, 100);
        self.text(at, object, "text", Text::Either, 300);
        self.text(at, object, "confirm", Text::Plain, 30);
        self.text(at, object, "deny", Text::Plain, 30);
        self.style(at, object);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(text: &str) -> Value {
        json!({"type": "plain_text", "text": text})
    }

    fn section(length: usize) -> Value {
        json!({"type": "section", "text": {"type": "mrkdwn", "text": "x".repeat(length)}})
    }

    fn button(label: usize, value: usize) -> Value {
        json!({"type": "button", "action_id": "go", "text": plain(&"x".repeat(label)),
               "value": "v".repeat(value)})
    }

    fn actions(elements: &[Value]) -> Value {
        json!({"type": "actions", "elements": elements})
    }

    /// The error code for one block, `ok` for none.
    fn verdict(block: Value) -> &'static str {
        match check(&Value::Array(vec![block])) {
            Ok(()) => "ok",
            Err(refused) => refused.code,
        }
    }

    #[test]
    fn each_limit_holds_at_the_limit_and_not_one_beyond() {
        let many =
            |count: usize, make: fn(usize) -> Value| (0..count).map(make).collect::<Vec<_>>();
        let numbered = |index: usize| json!({"type": "button", "action_id": index.to_string(), "text": plain("x")});
        let field = |_| plain("f");
        let cases: Vec<(&str, Value, Value)> = vec![
            ("section text", section(3000), section(3001)),
            (
                "header",
                json!({"type": "header", "text": plain(&"x".repeat(150))}),
                json!({"type": "header", "text": plain(&"x".repeat(151))}),
            ),
            (
                "fields",
                json!({"type": "section", "fields": many(10, field)}),
                json!({"type": "section", "fields": many(11, field)}),
            ),
            (
                "field text",
                json!({"type": "section", "fields": [plain(&"x".repeat(2000))]}),
                json!({"type": "section", "fields": [plain(&"x".repeat(2001))]}),
            ),
            (
                "context",
                json!({"type": "context", "elements": many(10, field)}),
                json!({"type": "context", "elements": many(11, field)}),
            ),
            (
                "actions",
                actions(&many(25, numbered)),
                actions(&many(26, numbered)),
            ),
            (
                "button text",
                actions(&[button(75, 1)]),
                actions(&[button(76, 1)]),
            ),
            (
                "button value",
                actions(&[button(1, 2000)]),
                actions(&[button(1, 2001)]),
            ),
            (
                "action id",
                actions(&[
                    json!({"type": "button", "action_id": "a".repeat(255), "text": plain("x")}),
                ]),
                actions(&[
                    json!({"type": "button", "action_id": "a".repeat(256), "text": plain("x")}),
                ]),
            ),
            (
                "block id",
                json!({"type": "divider", "block_id": "b".repeat(255)}),
                json!({"type": "divider", "block_id": "b".repeat(256)}),
            ),
        ];
        for (name, within, beyond) in cases {
            assert_eq!(verdict(within), "ok", "{name} at its limit");
            assert_eq!(verdict(beyond), "invalid_blocks", "{name} beyond its limit");
        }
    }

    #[test]
    fn a_confirm_dialog_has_its_own_limits() {
        let with = |title: usize, text: usize, label: usize| {
            let confirm = json!({"title": plain(&"t".repeat(title)), "text": plain(&"x".repeat(text)),
                "confirm": plain(&"y".repeat(label)), "deny": plain("No")});
            actions(&[json!({"type": "button", "text": plain("x"), "confirm": confirm})])
        };
        assert_eq!(verdict(with(100, 300, 30)), "ok");
        assert_eq!(verdict(with(101, 300, 30)), "invalid_blocks");
        assert_eq!(verdict(with(100, 301, 30)), "invalid_blocks");
        assert_eq!(verdict(with(100, 300, 31)), "invalid_blocks");
    }

    #[test]
    fn what_a_menu_shows_to_begin_with_is_one_of_its_options() {
        let option = |text: &str| json!({"text": plain(text), "value": "a"});
        let menu = |initial: Value| {
            actions(&[json!({"type": "static_select", "action_id": "go",
                "options": [option("one"), option("two")], "initial_option": initial})])
        };
        assert_eq!(verdict(menu(option("two"))), "ok");
        assert_eq!(verdict(menu(option("three"))), "invalid_blocks");
    }

    #[test]
    fn malformed_blocks_are_refused_with_a_pointer_to_the_place() {
        for block in [
            json!("text"),
            json!({"type": "marquee"}),
            json!({"type": "section"}),
            json!({"type": "section", "text": "bare"}),
            json!({"type": "section", "text": plain("")}),
            json!({"type": "header", "text": {"type": "mrkdwn", "text": "*x*"}}),
            json!({"type": "divider", "colour": "red"}),
            json!({"type": "actions", "elements": []}),
            actions(&[button(1, 1), button(1, 1)]),
            actions(&[json!({"type": "button", "text": plain("x"), "style": "default"})]),
            json!({"type": "image", "image_url": "https://example.com/a.png"}),
        ] {
            assert_eq!(verdict(block.clone()), "invalid_blocks", "{block}");
        }
        let refused = check(&json!([{"type": "divider"}, {"type": "header"}])).unwrap_err();
        assert_eq!(
            refused.findings,
            ["[ERROR] missing required field: text [json-pointer:/blocks/1]"]
        );
    }

    #[test]
    fn a_message_as_a_whole_has_limits_too() {
        let dividers = |count: usize| Value::Array(vec![json!({"type": "divider"}); count]);
        assert_eq!(check(&dividers(50)), Ok(()));
        assert!(check(&dividers(51)).is_err());
        assert!(
            check(&json!([
                section(3000),
                section(3000),
                section(3000),
                section(3000)
            ]))
            .is_ok()
        );
        let five: Vec<Value> = (0..5).map(|_| section(2700)).collect();
        assert_eq!(
            check(&Value::Array(five)).unwrap_err().code,
            "msg_blocks_too_long"
        );
        let twins =
            json!([{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}]);
        assert_eq!(check(&twins).unwrap_err().code, "invalid_blocks");
        assert_eq!(check(&json!({})).unwrap_err().code, "invalid_blocks_format");
    }
}
