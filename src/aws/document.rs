//! AWS's documents as AWS wrote them: a JSON object member by member, each in the very bytes that came.
//!
//! The service models run ahead of the SDK, and the SDK drops what it does not know when it parses. What
//! is read, changed and written back is therefore kept and edited here, past the SDK's types; the SDK
//! still makes, signs and sends the request.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use bytes::Bytes;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{AwsError, ErrorKind};

/// A text is no JSON where JSON was promised. The error says nothing of the text, which may hold secrets.
#[derive(Debug, thiserror::Error)]
#[error("not a JSON document of the promised shape")]
pub(super) struct NotADocument;

/// A JSON object: its members in their order, each as it was written. Never printed, because the
/// environment variables of a task definition hold secrets.
#[derive(Clone, Default)]
pub(super) struct Document(Vec<(String, Box<RawValue>)>);

impl Document {
    /// Reads an object.
    pub(super) fn read(text: impl AsRef<[u8]>) -> Result<Self, NotADocument> {
        serde_json::from_slice(text.as_ref()).map_err(|_| NotADocument)
    }

    /// Reads a list of objects.
    pub(super) fn read_list(text: &str) -> Result<Vec<Self>, NotADocument> {
        serde_json::from_str(text).map_err(|_| NotADocument)
    }

    /// A member as it is written; none where it is missing or null.
    pub(super) fn get(&self, member: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == member);
        found
            .map(|(_, value)| value.get())
            .filter(|value| *value != "null")
    }

    /// A member that is an object.
    pub(super) fn object(&self, member: &str) -> Option<Self> {
        Self::read(self.get(member)?).ok()
    }

    /// A member that is text.
    pub(super) fn text(&self, member: &str) -> Option<String> {
        serde_json::from_str(self.get(member)?).ok()
    }

    /// Gives a member another value, in its place, or adds it at the end.
    pub(super) fn set(&mut self, member: &str, value: &impl Serialize) -> Result<(), NotADocument> {
        let value = to_raw_value(value).map_err(|_| NotADocument)?;
        match self.0.iter_mut().find(|(name, _)| name == member) {
            Some((_, old)) => *old = value,
            None => self.0.push((member.to_owned(), value)),
        }
        Ok(())
    }

    /// Keeps only the members of which `keep` says so.
    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    /// The members of `over` in place of its own of those names, and beside its others.
    fn overlaid(mut self, over: &Self) -> Self {
        self.0
            .retain(|(name, _)| over.0.iter().all(|(other, _)| other != name));
        self.0.extend(over.0.iter().cloned());
        self
    }

    /// The whole as decisions read it.
    pub(super) fn value(&self) -> Result<serde_json::Value, NotADocument> {
        serde_json::to_value(self).map_err(|_| NotADocument)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Document;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
                let mut members = Vec::with_capacity(map.size_hint().unwrap_or_default());
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Document(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// Keeps the body of an operation's answer, as the SDK read it: of the last attempt, if there were several.
#[derive(Clone, Debug, Default)]
pub(super) struct KeepBody(Arc<Mutex<Bytes>>);

impl KeepBody {
    /// The body that came with a success, also where the SDK could make nothing of it: it gives up on a
    /// union that has grown.
    ///
    /// # Errors
    ///
    /// Whatever AWS says; `Unknown` where it is no JSON object.
    pub(super) fn of<O, E>(
        &self,
        answer: Result<O, SdkError<E, HttpResponse>>,
        service: &'static str,
        operation: &'static str,
    ) -> Result<Document, AwsError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match answer {
            Ok(_) => {}
            Err(SdkError::ResponseError(unread)) if unread.raw().status().is_success() => {
                tracing::warn!(service, operation, "an answer that the SDK cannot read");
            }
            Err(error) => return Err(AwsError::from_sdk(service, operation, error)),
        }
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Document::read(&*body).map_err(|error| unreadable(service, operation, &error))
    }
}

impl Intercept for KeepBody {
    fn name(&self) -> &'static str {
        "KeepBody"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Bytes::copy_from_slice(body);
        Ok(())
    }
}

/// For `map_request`: what the SDK made of a request, with these members in place of its own. Runs before
/// the request is signed.
pub(super) fn with_members(
    members: Document,
) -> impl Fn(HttpRequest) -> Result<HttpRequest, NotADocument> + Send + Sync + 'static {
    move |mut request| {
        let made = Document::read(request.body().bytes().unwrap_or_default())?;
        let body = serde_json::to_vec(&made.overlaid(&members)).map_err(|_| NotADocument)?;
        let length = body.len().to_string();
        request.headers_mut().insert("content-length", length);
        *request.body_mut() = SdkBody::from(body);
        Ok(request)
    }
}

/// The error of an answer that cannot be read.
pub(super) fn unreadable(
    service: &'static str,
    operation: &'static str,
    error: &NotADocument,
) -> AwsError {
    AwsError::own(service, operation, ErrorKind::Unknown, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_edited_stays_as_it_was_written() {
        let written =
            r#"{"b":1.10,"a":{ "n" : 123456789012345678901234567890, "e":1E+2 },"s":"\u00e9"}"#;
        let mut document = Document::read(written).unwrap();
        assert_eq!(
            serde_json::to_string(&document).unwrap(),
            written,
            "order, white space, numbers and escapes"
        );
        document.set("b", &"two").unwrap();
        document.set("z", &[1]).unwrap();
        assert_eq!(
            serde_json::to_string(&document).unwrap(),
            r#"{"b":"two","a":{ "n" : 123456789012345678901234567890, "e":1E+2 },"s":"\u00e9","z":[1]}"#
        );
        assert_eq!(document.text("s").unwrap(), "é");
    }

    #[test]
    fn a_document_never_prints_its_values() {
        let document = Document::read(r#"{"environment":[{"name":"DB","value":"hush"}]}"#).unwrap();
        assert_eq!(format!("{document:?}"), r#"{"environment"}"#);
        let error = Document::read(r#"["hush"]"#).unwrap_err();
        assert!(!error.to_string().contains("hush"));
    }

    #[test]
    fn null_is_nothing() {
        let document = Document::read(r#"{"a":null}"#).unwrap();
        assert_eq!(document.get("a"), None);
    }
}
