//! Modals: a trigger id opens one, once and within three seconds; an open one can be replaced.
//!
//! <https://docs.slack.dev/surfaces/modals>

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Slack;
use super::web::{Refusal, string};

/// How long a trigger id opens a view.
const TRIGGER_LIFE: SignedDuration = SignedDuration::from_secs(3);

impl Slack {
    /// `views.open`.
    pub(super) fn open_view(
        &mut self,
        now: Timestamp,
        arguments: &Value,
    ) -> Result<Value, Refusal> {
        let id = string(arguments, "trigger_id").unwrap_or_default();
        let trigger = self.triggers.get_mut(id).ok_or("invalid_trigger_id")?;
        if trigger.used {
            return Err("exchanged_trigger_id".into());
        }
        if now.duration_since(trigger.made) > TRIGGER_LIFE {
            return Err("expired_trigger_id".into());
        }
        trigger.used = true;
        let view = modal(arguments)?;
        let id = format!("V{}", self.issue(10).to_uppercase());
        self.keep_view(&id, view)
    }

    /// `views.update`.
    pub(super) fn update_view(&mut self, arguments: &Value) -> Result<Value, Refusal> {
        let id = string(arguments, "view_id").unwrap_or_default().to_owned();
        if !self.views.contains_key(&id) {
            return Err("not_found".into());
        }
        let view = modal(arguments)?;
        self.keep_view(&id, view)
    }

    fn keep_view(&mut self, id: &str, mut view: Value) -> Result<Value, Refusal> {
        view["id"] = json!(id);
        view["team_id"] = json!(self.team);
        view["hash"] = json!(self.issue(20));
        self.views.insert(id.to_owned(), view.clone());
        Ok(json!({"view": view}))
    }
}

/// The `view` argument, checked for the limits of its frame.
fn modal(arguments: &Value) -> Result<Value, Refusal> {
    let view = match arguments.get("view") {
        Some(Value::String(json)) => serde_json::from_str(json).unwrap_or(Value::Null),
        Some(view) => view.clone(),
        None => Value::Null,
    };
    let label = |name: &str| {
        let text = view.get(name).and_then(|text| text.get("text"));
        text.and_then(Value::as_str)
            .map(|text| text.chars().count())
    };
    let fits = |name: &str| label(name).is_none_or(|length| (1..=24).contains(&length));
    let metadata = view.get("private_metadata").and_then(Value::as_str);
    let sound = view.get("type").and_then(Value::as_str) == Some("modal")
        && view.get("blocks").is_some_and(Value::is_array)
        && label("title").is_some()
        && ["title", "submit", "close"].into_iter().all(fits)
        && metadata.is_none_or(|text| text.chars().count() <= 3000);
    if sound {
        Ok(view)
    } else {
        Err("invalid_arguments".into())
    }
}
