//! Members that are read as far as they are what they should be.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;

/// A member that is read if it is what it should be, and passed over otherwise.
pub(super) fn lenient<'de, D, T>(member: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let sent = Value::deserialize(member)?;
    Ok(serde_json::from_value(sent).ok())
}

/// A text that is empty where there is none.
pub(super) fn text<'de, D: Deserializer<'de>>(member: D) -> Result<String, D::Error> {
    Ok(lenient(member)?.unwrap_or_default())
}
