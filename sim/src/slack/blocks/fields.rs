//! What can be entered in a message: input blocks' elements, and long menus.

use serde_json::{Map, Value};

use super::{Check, Text};

impl Check {
    /// It "exactly matches one of the options".
    pub(super) fn initial_option(&mut self, at: &str, object: &Map<String, Value>) {
        let Some(initial) = object.get("initial_option") else {
            return;
        };
        let listed =
            |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let mut options = listed(object.get("options"));
        for group in listed(object.get("option_groups")) {
            options.extend(listed(group.get("options")));
        }
        if !options.contains(initial) {
            self.find(
                &format!("{at}/initial_option"),
                "must exactly match one of the options",
            );
        }
    }

    /// Options under headings.
    /// <https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object>
    pub(super) fn option_groups(&mut self, at: &str, object: &Map<String, Value>) {
        let groups = self.array(at, object, "option_groups", 100);
        for (index, group) in groups.iter().enumerate() {
            let at = format!("{at}/option_groups/{index}");
            if let Some(group) = self.object(&at, group) {
                self.members(&at, group, &["label", "options"], &[]);
                self.text(&at, group, "label", Text::Plain, 75);
                let options = self.array(&at, group, "options", 100);
                self.options(&format!("{at}/options"), options);
            }
        }
    }

    /// The element of an input block: what buttons stand among cannot be entered, and the other way round.
    /// <https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element>
    pub(super) fn field(&mut self, at: &str, value: &Value) {
        let Some(object) = self.object(at, value) else {
            return;
        };
        match object.get("type").and_then(Value::as_str) {
            Some("plain_text_input") => {
                let known = [
                    "action_id",
                    "initial_value",
                    "multiline",
                    "min_length",
                    "max_length",
                    "dispatch_action_config",
                    "focus_on_load",
                    "placeholder",
                ];
                self.members(at, object, &[], &known);
                self.string(at, object, "action_id", 255);
                self.text(at, object, "placeholder", Text::Plain, 150);
                if let Some(most) = object.get("max_length")
                    && !most.as_u64().is_some_and(|most| (1..=3000).contains(&most))
                {
                    self.find(&format!("{at}/max_length"), "must be 1 to 3000");
                }
            }
            Some("static_select") => self.element(at, value),
            other => self.find(at, format!("unsupported type: {}", other.unwrap_or("none"))),
        }
    }
}
