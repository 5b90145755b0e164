//! Whether Slack sent a request: HMAC-SHA256 over the raw body and a fresh timestamp
//! (<https://docs.slack.dev/authentication/verifying-requests-from-slack>). The only maker of
//! [`Signed`]. It must never say what the right signature would have been.

use std::fmt;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName};
use jiff::Timestamp;
use sha2::Sha256;

use super::blocks::LARGEST_MESSAGE;
use crate::names::digest::{hex, sha256};

/// The largest body that is accepted, in bytes; larger ones are refused before any work on them.
/// Slack's largest are clicks: each carries the whole message that was clicked.
pub const MAX_BODY: usize = LARGEST_MESSAGE * BYTES_A_CHARACTER + FRAMES;

/// What one character of a message may take in a click's body: Slack writes what is not ASCII as
/// `\uXXXX` in JSON, twice for an emoji, and an emoji perhaps by its name, as
/// `:smiling_face_with_smiling_eyes_and_hand_covering_mouth:`; a form makes three bytes of each
/// backslash, colon and quote.
const BYTES_A_CHARACTER: usize = 64;

/// What may stand around the texts: members, ids, the values of buttons, and the payload's own.
const FRAMES: usize = 256 * 1024;

/// How far a request's timestamp may be from now, in seconds, in either direction.
pub const WINDOW_SECONDS: i64 = 300;

/// The header that holds the signature.
pub const SIGNATURE: HeaderName = HeaderName::from_static("x-slack-signature");

/// The header that holds the timestamp, in seconds since 1970.
pub(crate) const TIMESTAMP: HeaderName = HeaderName::from_static("x-slack-request-timestamp");

/// The app's signing secret. Never blank or short: an empty key would let anyone sign.
#[derive(Clone)]
pub struct SigningSecret(Vec<u8>);

impl SigningSecret {
    /// The shortest secret, in bytes. Slack's have 32.
    pub const MIN: usize = 16;

    /// Takes the secret as Slack shows it.
    ///
    /// # Errors
    ///
    /// [`BadSecret`] when it is short, or holds a space or line break, which is a slip of pasting.
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, BadSecret> {
        let secret = secret.into();
        if secret.iter().all(u8::is_ascii_whitespace) {
            return Err(BadSecret::Blank);
        }
        if secret
            .iter()
            .any(|b| b.is_ascii_whitespace() || b.is_ascii_control())
        {
            return Err(BadSecret::Whitespace);
        }
        if secret.len() < Self::MIN {
            return Err(BadSecret::Short);
        }
        Ok(Self(secret))
    }

    /// The signature header's value for `body` sent at `timestamp` (seconds since 1970): for
    /// signing requests to a Longshore of one's own.
    pub fn sign(&self, timestamp: i64, body: &[u8]) -> String {
        let stamp = timestamp.to_string();
        let parts: [&[u8]; 4] = [b"v0:", stamp.as_bytes(), b":", body];
        match keyed(&self.0, &parts) {
            Some(mac) => format!("v0={}", hex(&mac.finalize().into_bytes())),
            None => String::new(),
        }
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Why a text cannot be a signing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// Empty, or nothing but space.
    #[error("the signing secret is blank")]
    Blank,
    /// Fewer than [`SigningSecret::MIN`] bytes.
    #[error("the signing secret is shorter than 16 bytes")]
    Short,
    /// A space, line break or control character in it.
    #[error("the signing secret has a space, a line break or a control character in it")]
    Whitespace,
}

/// The secrets that are accepted: the current one and, while it is being rotated, the previous.
#[derive(Clone, Debug)]
pub struct Secrets {
    current: SigningSecret,
    previous: Option<SigningSecret>,
}

impl Secrets {
    /// Accepts `current`, and `previous` if there is one.
    pub fn new(current: SigningSecret, previous: Option<SigningSecret>) -> Self {
        Self { current, previous }
    }

    /// The one that is accepted besides.
    pub fn previous(&self) -> Option<&SigningSecret> {
        self.previous.as_ref()
    }
}

/// Something that Slack sent: the evidence that the signature was verified and fresh. Only
/// [`verify`] makes one.
///
/// ```compile_fail
/// # use longshore::slack::signature::Signed;
/// let forged = Signed { inner: "x", at: jiff::Timestamp::UNIX_EPOCH, fingerprint: String::new() };
/// ```
#[derive(Debug)]
pub struct Signed<T> {
    inner: T,
    at: Timestamp,
    fingerprint: String,
}

impl<T> Signed<T> {
    /// What was signed.
    pub fn get(&self) -> &T {
        &self.inner
    }

    /// When Slack sent it.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// SHA-256 of the signature in hex: the same bytes sent again have the same, so it is the key
    /// for doing things once. The signature cannot be told from it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// The request is not Slack's, or not fresh. Carries no byte of the request; the answer to all of
/// them is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// Not exactly one signature and one timestamp header.
    #[error("there is not exactly one signature and one timestamp")]
    Headers,
    /// The signature is not `v0=` and 64 lower-case hex digits, or the timestamp not 1 to 12 digits.
    #[error("the signature or the timestamp is malformed")]
    Malformed,
    /// More than [`WINDOW_SECONDS`] from now.
    #[error("the timestamp is outside the window")]
    Stale,
    /// Signed with another secret, or for another body or timestamp.
    #[error("the signature does not match")]
    Mismatch,
}

/// Makes sure that Slack signed `body` with one of `secrets` within the window around `now`.
///
/// # Errors
///
/// [`Forged`]; answer 401 with an empty body whichever it is.
pub fn verify(
    secrets: &Secrets,
    headers: &HeaderMap,
    body: Bytes,
    now: Timestamp,
) -> Result<Signed<Bytes>, Forged> {
    let stamp = only(headers, &TIMESTAMP)?;
    let signature = only(headers, &SIGNATURE)?;
    let tag = decode(signature).ok_or(Forged::Malformed)?;
    let seconds = seconds(stamp).ok_or(Forged::Malformed)?;
    if now.as_second().abs_diff(seconds) > WINDOW_SECONDS.unsigned_abs() {
        return Err(Forged::Stale);
    }
    let at = Timestamp::from_second(seconds).map_err(|_| Forged::Stale)?;
    // The timestamp as it was sent, not as it was understood: that is what Slack signed.
    let parts: [&[u8]; 4] = [b"v0:", stamp, b":", &body];
    let matches = [Some(&secrets.current), secrets.previous.as_ref()]
        .into_iter()
        .flatten()
        .any(|secret| mac_matches(&secret.0, &parts, &tag));
    if !matches {
        return Err(Forged::Mismatch);
    }
    Ok(Signed {
        inner: body,
        at,
        fingerprint: sha256(tag),
    })
}

/// The header's value, if the header is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a [u8], Forged> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value.as_bytes()),
        _ => Err(Forged::Headers),
    }
}

/// `^[0-9]{1,12}$`, which no `i64` overflows.
fn seconds(stamp: &[u8]) -> Option<i64> {
    let fits = (1..=12).contains(&stamp.len()) && stamp.iter().all(u8::is_ascii_digit);
    fits.then(|| {
        stamp
            .iter()
            .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
    })
}

/// `^v0=[0-9a-f]{64}$` as bytes.
fn decode(signature: &[u8]) -> Option<[u8; 32]> {
    let digits = signature.strip_prefix(b"v0=")?;
    if digits.len() != 64 {
        return None;
    }
    let mut tag = [0; 32];
    for (byte, pair) in tag.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = (*byte << 4) | value;
        }
    }
    Some(tag)
}

fn keyed(key: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    // Any key length is valid for HMAC, so this never is `None`; if it were, nothing would match.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac)
}

/// Compares in constant time, and only whole tags.
fn mac_matches(key: &[u8], parts: &[&[u8]], tag: &[u8]) -> bool {
    keyed(key, parts).is_some_and(|mac| mac.verify_slice(tag).is_ok())
}

#[cfg(test)]
mod tests;
