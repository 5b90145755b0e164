//! Items: keys, attribute values and the errors of reading and writing them.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aws::{AwsError, ErrorKind};

pub(super) type Item = HashMap<String, AttributeValue>;

/// What keeps an operation on the table from an answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB refused or could not be asked; where `unknown_outcome()` a write may have happened.
    #[error("{0}")]
    Aws(#[from] AwsError),
    /// An item is not what this version writes.
    #[error("the item {key} cannot be read: {why}")]
    Unreadable {
        /// `pk/sk`.
        key: String,
        /// What is wrong with the item.
        why: String,
    },
    /// A value could not be written down.
    #[error("a record could not be serialised: {0}")]
    Unwritable(#[from] serde_json::Error),
}

impl StoreError {
    /// Whether it is certain that nothing was written. A call that was throttled in the end may
    /// have been lost before that, and repeated by the SDK.
    pub(crate) fn wrote_nothing(&self) -> bool {
        match self {
            Self::Aws(error) => !error.unknown_outcome() && *error.kind() != ErrorKind::Throttled,
            Self::Unreadable { .. } | Self::Unwritable(_) => true,
        }
    }

    /// Whether trying again may help.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Aws(error) => error.is_transient(),
            Self::Unreadable { .. } | Self::Unwritable(_) => false,
        }
    }
}

pub(super) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(super) fn n(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A set of texts.
pub(super) fn strings<const N: usize>(texts: [String; N]) -> AttributeValue {
    AttributeValue::Ss(texts.into())
}

pub(super) fn binary(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

/// Seconds since the epoch, as TTL wants it.
pub(super) fn seconds(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_second().to_string())
}

/// Milliseconds since the epoch.
pub(super) fn millis(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_millisecond().to_string())
}

pub(super) fn item<const N: usize>(pairs: [(&str, AttributeValue); N]) -> Item {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<AttributeValue, StoreError> {
    Ok(s(serde_json::to_string(value)?))
}

fn key_of(item: &Item) -> String {
    format!(
        "{}/{}",
        text(item, "pk").unwrap_or("?"),
        text(item, "sk").unwrap_or("?")
    )
}

pub(super) fn unreadable(item: &Item, why: impl Into<String>) -> StoreError {
    StoreError::Unreadable {
        key: key_of(item),
        why: why.into(),
    }
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
}

pub(super) fn bytes<'a>(item: &'a Item, name: &str) -> Option<&'a [u8]> {
    item.get(name)
        .and_then(|value| value.as_b().ok())
        .map(Blob::as_ref)
}

pub(super) fn number(item: &Item, name: &str) -> Option<i64> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|digits| digits.parse().ok())
}

pub(super) fn body<T: DeserializeOwned>(item: &Item) -> Result<T, StoreError> {
    let body = text(item, "body").ok_or_else(|| unreadable(item, "it has no body"))?;
    serde_json::from_str(body).map_err(|error| unreadable(item, error.to_string()))
}
