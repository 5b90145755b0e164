//! What was chosen or entered in a message's fields, as it comes with a click in the same message
//! (<https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::lenient;

/// The value of an option, if it is one.
pub(super) fn chosen<'de, D: Deserializer<'de>>(member: D) -> Result<Option<String>, D::Error> {
    Ok(lenient(member)?.map(|option: SentOption| option.value))
}

/// The fields of the message, by block and by action.
#[derive(Deserialize)]
pub(super) struct SentState {
    values: BTreeMap<String, BTreeMap<String, SentValue>>,
}

#[derive(Deserialize)]
struct SentValue {
    #[serde(default, deserialize_with = "lenient")]
    value: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    selected_option: Option<SentOption>,
}

#[derive(Deserialize)]
struct SentOption {
    value: String,
}

impl SentState {
    /// What was chosen or entered, by the fields' names.
    pub(super) fn entered(self) -> BTreeMap<String, String> {
        let fields = self.values.into_values().flatten();
        let filled = fields.filter_map(|(name, sent)| {
            let chosen = sent.selected_option.map(|option| option.value);
            Some((name, chosen.or(sent.value)?))
        });
        filled.collect()
    }
}
