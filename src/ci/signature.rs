//! Whether a pipeline sent it: [Standard Webhooks](https://www.standardwebhooks.com). It never says what the right
//! signature would have been.

use std::fmt;

use aws_smithy_types::base64;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName};
use jiff::Timestamp;
use sha2::Sha256;

use super::delivery::{Delivery, ProvedBy};

/// How far a delivery's time may be from now, in either direction.
const TOLERANCE_SECONDS: u64 = 300;

/// The most bytes of a delivery's id.
const MAX_ID: usize = 256;

/// The most signatures that are looked at: one for each key during a rotation, and a few.
const MAX_SIGNATURES: usize = 8;

/// The header that identifies a delivery, the same when it comes again.
pub const ID: HeaderName = HeaderName::from_static("webhook-id");

/// The header that holds the time, in seconds since 1970.
pub const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");

/// The header that holds the signatures, separated by spaces.
pub const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The key of a pipeline.
#[derive(Clone)]
pub struct WebhookKey(Vec<u8>);

/// Why a text is no key. Never says what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key is not `whsec_` and 24 to 64 bytes in base64")]
pub struct BadKey;

impl WebhookKey {
    /// Takes a key as it is written down: `whsec_` and base64, of 24 to 64 bytes.
    ///
    /// # Errors
    ///
    /// [`BadKey`] for anything else: an empty key would let anyone sign.
    pub fn new(written: &str) -> Result<Self, BadKey> {
        let key = written.strip_prefix("whsec_").ok_or(BadKey)?;
        let key = base64::decode(key).map_err(|_| BadKey)?;
        match (24..=64).contains(&key.len()) {
            true => Ok(Self(key)),
            false => Err(BadKey),
        }
    }

    /// The signature's header for a body: for sending to a Longshore of one's own.
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let stamp = seconds.to_string();
        match self.keyed(id.as_bytes(), stamp.as_bytes(), body) {
            Some(mac) => format!("v1,{}", base64::encode(mac.finalize().into_bytes())),
            None => String::new(),
        }
    }

    fn keyed(&self, id: &[u8], stamp: &[u8], body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in [id, b".", stamp, b".", body] {
            mac.update(part);
        }
        Some(mac)
    }
}

impl fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// It is not the pipeline's, or not fresh. The answer to all of them is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotVerified;

/// Makes sure that one of `keys` signed `body`, within the tolerance around `now`.
///
/// # Errors
///
/// [`NotVerified`]; answer 401 and nothing else.
pub fn verify(
    keys: &[WebhookKey],
    headers: &HeaderMap,
    body: Bytes,
    now: Timestamp,
) -> Result<Delivery, NotVerified> {
    let [id, stamp, signatures] = [&ID, &TIMESTAMP, &SIGNATURE].map(|name| only(headers, name));
    let (id, stamp, signatures) = (id?, stamp?, signatures?);
    if !(1..=MAX_ID).contains(&id.len()) || id.contains('.') {
        return Err(NotVerified);
    }
    let digits = (1..=12).contains(&stamp.len()) && stamp.bytes().all(|b| b.is_ascii_digit());
    let seconds: i64 = match digits {
        true => stamp.parse().map_err(|_| NotVerified)?,
        false => return Err(NotVerified),
    };
    if now.as_second().abs_diff(seconds) > TOLERANCE_SECONDS {
        return Err(NotVerified);
    }
    let at = Timestamp::from_second(seconds).map_err(|_| NotVerified)?;
    let tags = signatures.split(' ').take(MAX_SIGNATURES);
    // Of another version: not ours to judge.
    let tags = tags.filter_map(|one| base64::decode(one.strip_prefix("v1,")?).ok());
    let tags: Vec<Vec<u8>> = tags.collect();
    let signed = keys.iter().any(|key| {
        tags.iter().any(|tag| {
            // In constant time, and only whole tags.
            let mac = key.keyed(id.as_bytes(), stamp.as_bytes(), &body);
            mac.is_some_and(|mac| mac.verify_slice(tag).is_ok())
        })
    });
    match signed {
        true => Ok(Delivery {
            body,
            id: id.to_owned(),
            at,
            proof: ProvedBy::Key,
        }),
        false => Err(NotVerified),
    }
}

/// The header's value, if the header is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, NotVerified> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| NotVerified),
        _ => Err(NotVerified),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// From the tests of the specification's reference libraries
    /// (<https://github.com/standard-webhooks/standard-webhooks>, `libraries/`).
    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const MESSAGE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &str = "{\"test\": 2432232314}";
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn headers(values: [&str; 3]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [ID, TIMESTAMP, SIGNATURE].into_iter().zip(values) {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn verified(key: &str, values: [&str; 3], body: &'static str, now: i64) -> bool {
        let keys = [WebhookKey::new(key).unwrap()];
        let now = Timestamp::from_second(now).unwrap();
        let read = verify(
            &keys,
            &headers(values),
            Bytes::from_static(body.as_bytes()),
            now,
        );
        read.is_ok_and(|read| read.id() == MESSAGE && read.at().as_second() == AT)
    }

    #[test]
    fn the_reference_libraries_sign_the_same() {
        assert_eq!(
            WebhookKey::new(KEY)
                .unwrap()
                .sign(MESSAGE, AT, BODY.as_bytes()),
            SIGNED
        );
        let stamp = AT.to_string();
        assert!(verified(KEY, [MESSAGE, &stamp, SIGNED], BODY, AT));
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let stamp = AT.to_string();
        let others = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
        let both = format!("{others} {SIGNED}");
        assert!(verified(KEY, [MESSAGE, &stamp, &both], BODY, AT));
        assert!(!verified(KEY, [MESSAGE, &stamp, others], BODY, AT));
        let other_version = SIGNED.replace("v1,", "v2,");
        assert!(!verified(KEY, [MESSAGE, &stamp, &other_version], BODY, AT));
    }

    #[test]
    fn nothing_but_what_was_signed_comes_in() {
        let stamp = AT.to_string();
        let other_key = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let later = (AT + 1).to_string();
        for (key, values, body) in [
            (other_key, [MESSAGE, &*stamp, SIGNED], BODY),
            (KEY, ["msg_other", &*stamp, SIGNED], BODY),
            (KEY, [MESSAGE, &*later, SIGNED], BODY),
            (KEY, [MESSAGE, &*stamp, SIGNED], "{\"test\": 2432232315}"),
            (KEY, [MESSAGE, &*stamp, ""], BODY),
            (KEY, [MESSAGE, &*stamp, "v1,"], BODY),
            (KEY, [MESSAGE, &*stamp, "v1,g0hM9SsE"], BODY),
            (KEY, [MESSAGE, "+1614265330", SIGNED], BODY),
            (KEY, ["", &*stamp, SIGNED], BODY),
        ] {
            assert!(!verified(key, values, body, AT), "{values:?}");
        }
        let mut twice = headers([MESSAGE, &stamp, SIGNED]);
        twice.append(ID, HeaderValue::from_static(MESSAGE));
        let keys = [WebhookKey::new(KEY).unwrap()];
        let now = Timestamp::from_second(AT).unwrap();
        assert!(verify(&keys, &twice, Bytes::from_static(BODY.as_bytes()), now).is_err());
        assert!(
            verify(
                &[],
                &headers([MESSAGE, &stamp, SIGNED]),
                Bytes::from_static(BODY.as_bytes()),
                now
            )
            .is_err()
        );
    }

    #[test]
    fn it_is_good_for_five_minutes() {
        let stamp = AT.to_string();
        for (now, good) in [
            (AT - 301, false),
            (AT - 300, true),
            (AT + 300, true),
            (AT + 301, false),
        ] {
            assert_eq!(
                verified(KEY, [MESSAGE, &stamp, SIGNED], BODY, now),
                good,
                "{now}"
            );
        }
    }

    #[test]
    fn a_key_is_long_and_well_written() {
        for bad in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_c2hvcnQ=",
            "whsec_!!!!",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
        ] {
            assert!(WebhookKey::new(bad).is_err(), "{bad:?}");
        }
    }
}
