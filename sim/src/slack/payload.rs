//! The documents Slack puts into its payloads: a click, and a message as it stands.
//!
//! <https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::arrange::{APP_ID, BOT_ID, BOT_USER};
use super::{Button, Channel, Field, Kind, Message, Slack};

impl Slack {
    /// `block_actions` for this button as the person saw it.
    pub(super) fn click_payload(
        &mut self,
        now: Timestamp,
        user: &str,
        seen: &Message,
        action: &Value,
        response_url: &str,
    ) -> Value {
        let trigger = self.fresh_trigger(now);
        let user = self.user(user, &user.to_lowercase()).clone();
        let channel_name = self.channels.get(&seen.channel).map_or("", name_in_payload);
        let mut container = json!({
            "type": "message",
            "message_ts": seen.ts,
            "channel_id": seen.channel,
            "is_ephemeral": seen.is_ephemeral(),
        });
        if let Some(thread) = &seen.thread {
            container["thread_ts"] = json!(thread);
        }
        let mut team = json!({"id": self.team, "domain": self.domain});
        let enterprise = self.enterprise.as_ref();
        if let Some(id) = enterprise {
            team["enterprise_id"] = json!(id);
            team["enterprise_name"] = json!("Acme Group");
        }
        let mut payload = json!({
            "type": "block_actions",
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
            "api_app_id": APP_ID,
            "token": "gIkuvaNzQIHg97ATvDxqgjtO",
            "container": container,
            "trigger_id": trigger,
            "team": if self.org_install { Value::Null } else { team },
            "enterprise": enterprise.map(|id| json!({"id": id, "name": "Acme Group"})),
            "is_enterprise_install": self.org_install,
            "channel": {"id": seen.channel, "name": channel_name},
            "state": {"values": self.state_of(seen)},
            "response_url": response_url,
            "actions": [action],
        });
        if !seen.is_ephemeral() {
            payload["message"] = self.message_json(seen);
        }
        payload
    }

    /// What a pressed button is in `actions`.
    pub(super) fn pressed(now: Timestamp, button: &Button) -> Value {
        let mut action = json!({
            "type": "button",
            "action_id": button.action_id,
            "block_id": button.block_id,
            "text": {"type": "plain_text", "text": button.label, "emoji": true},
            "action_ts": action_ts(now),
        });
        if !button.value.is_empty() {
            action["value"] = json!(button.value);
        }
        if let Some(style) = &button.style {
            action["style"] = json!(style);
        }
        action
    }

    /// What a menu is there, in which this option was chosen
    /// (<https://docs.slack.dev/tools/bolt-js/reference/interfaces/StaticSelectAction>).
    pub(super) fn chosen(now: Timestamp, menu: &Field, option: &Value) -> Value {
        let mut action = json!({
            "type": menu.kind,
            "action_id": menu.action_id,
            "block_id": menu.block_id,
            "selected_option": option,
            "action_ts": action_ts(now),
        });
        if let Some(initial) = &menu.initial {
            action["initial_option"] = initial.clone();
        }
        if let Some(placeholder) = &menu.placeholder {
            action["placeholder"] = placeholder.clone();
        }
        action
    }

    /// The message's fields, with what was entered in them, by block and by action.
    fn state_of(&self, seen: &Message) -> Value {
        let mut values = Map::new();
        for field in seen.fields() {
            let entered = self
                .entered
                .get(&(seen.ts.clone(), field.action_id.clone()));
            let value = match field.kind.as_str() {
                "static_select" => {
                    let options = field.options.iter();
                    let chosen = entered.and_then(|entered| {
                        options.clone().find(|option| option["value"] == **entered)
                    });
                    let chosen = chosen.or(field.initial.as_ref());
                    json!({"type": field.kind, "selected_option": chosen})
                }
                _ => json!({"type": field.kind, "value": entered}),
            };
            let mut actions = Map::new();
            actions.insert(field.action_id, value);
            values.insert(field.block_id, Value::Object(actions));
        }
        Value::Object(values)
    }

    /// A message as payloads and Web API answers carry it.
    pub(super) fn message_json(&self, message: &Message) -> Value {
        let mut members = Map::new();
        members.insert("type".to_owned(), json!("message"));
        members.insert("user".to_owned(), json!(BOT_USER));
        members.insert("bot_id".to_owned(), json!(BOT_ID));
        members.insert("app_id".to_owned(), json!(APP_ID));
        members.insert("team".to_owned(), json!(self.team));
        members.insert("ts".to_owned(), json!(message.ts));
        members.insert("text".to_owned(), json!(message.text));
        if !message.blocks.is_empty() {
            members.insert("blocks".to_owned(), json!(message.blocks));
        }
        if !message.attachments.is_empty() {
            members.insert("attachments".to_owned(), json!(message.attachments));
        }
        if let Some(thread) = &message.thread {
            members.insert("thread_ts".to_owned(), json!(thread));
        }
        if let Some(edit) = message.edits.last() {
            let edited = json!({"user": BOT_ID, "ts": format!("{}.000000", edit.at.as_second())});
            members.insert("edited".to_owned(), edited);
        }
        Value::Object(members)
    }
}

fn action_ts(now: Timestamp) -> String {
    format!("{}.{:06}", now.as_second(), now.subsec_microsecond())
}

/// Slack hides the names of private conversations.
pub(super) fn name_in_payload(channel: &Channel) -> &str {
    match channel.kind {
        Kind::Public => &channel.name,
        Kind::Private => "privategroup",
        Kind::Direct(_) => "directmessage",
    }
}
