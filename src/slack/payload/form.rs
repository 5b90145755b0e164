//! `application/x-www-form-urlencoded` (<https://url.spec.whatwg.org/#urlencoded-parsing>), strictly:
//! a broken escape or a known key that is there twice is an error, not something to make do with.

use std::str::FromStr;

use super::BadPayload;

/// The known fields of a form, decoded and trimmed; others are dropped.
pub(super) struct Form(Vec<(&'static str, String)>);

impl Form {
    pub(super) fn read(body: &[u8], known: &[&'static str]) -> Result<Self, BadPayload> {
        let body = std::str::from_utf8(body).map_err(|_| BadPayload::NotUtf8)?;
        let mut fields: Vec<(&'static str, String)> = Vec::with_capacity(known.len());
        for pair in body.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            // Unknown fields are decoded too: what is broken is refused wherever it is.
            let (key, value) = (decode(key)?, decode(value)?);
            let Some(name) = known.iter().copied().find(|name| *name == key) else {
                continue;
            };
            if fields.iter().any(|(field, _)| *field == name) {
                return Err(BadPayload::Duplicate(name));
            }
            fields.push((name, value.trim().to_owned()));
        }
        Ok(Self(fields))
    }

    /// The field, unless it is absent or blank.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(field, _)| *field == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(super) fn required(&self, name: &'static str) -> Result<&str, BadPayload> {
        self.get(name).ok_or(BadPayload::Missing(name))
    }

    pub(super) fn id<T: FromStr>(&self, name: &'static str) -> Result<T, BadPayload> {
        let text = self.required(name)?;
        text.parse().map_err(|_| BadPayload::Invalid(name))
    }

    /// Slack sends `ssl_check=1`; any other non-blank value is taken for it as well.
    pub(super) fn is_ssl_check(&self) -> bool {
        self.get("ssl_check").is_some()
    }
}

/// What a name or a value in a form stands for.
pub(crate) fn decode(text: &str) -> Result<String, BadPayload> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(digit), rest.next().and_then(digit)) {
                (Some(high), Some(low)) => (high << 4) | low,
                _ => return Err(BadPayload::BrokenEscape),
            },
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| BadPayload::NotUtf8)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
