//! Signed tokens ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519)): the one signature that is made, RS256, and the two
//! that are checked, RS256 and ES256, all by ring, which TLS needs anyway. A second cryptography would be one more to
//! keep current, and of the crate's own two one has RUSTSEC-2023-0071.
//!
//! A key is never taken from what a token says of itself: `jku`, `jwk`, `x5u` and `x5c` are not looked at, and which
//! algorithm a signature is checked with is the key's to say.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, new_error};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey, Header, Validation,
};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How far an issuer's clock may be from ours.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);
/// The most bytes of a token that is read: GitHub's and GitLab's have less than two thousand.
const MAX_TOKEN: usize = 8 * 1024;
/// The most bytes of what a key is called.
const MAX_KEY_ID: usize = 256;

static RING: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match (algorithm, key.family()) {
        (Algorithm::RS256, AlgorithmFamily::Rsa) => Ok(Box::new(SignsRs256(key.clone()))),
        _ => Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    },
    verifier_factory: |algorithm, key| match (algorithm, key.family()) {
        (Algorithm::RS256, AlgorithmFamily::Rsa) | (Algorithm::ES256, AlgorithmFamily::Ec) => {
            Ok(Box::new(Checks(*algorithm, key.clone())))
        }
        _ => Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct SignsRs256(EncodingKey);

impl Signer<Vec<u8>> for SignsRs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let der = self.0.as_bytes();
        let pair = RsaKeyPair::from_der(der)
            .or_else(|_| RsaKeyPair::from_pkcs8(der))
            .map_err(|_| signature::Error::new())?;
        let mut signed = vec![0; pair.public().modulus_len()];
        pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message,
            &mut signed,
        )
        .map_err(|_| signature::Error::new())?;
        Ok(signed)
    }
}

impl JwtSigner for SignsRs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

struct Checks(Algorithm, DecodingKey);

impl Verifier<Vec<u8>> for Checks {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let good =
            match self.1.kind() {
                DecodingKeyKind::RsaModulusExponent { n, e } => RsaPublicKeyComponents { n, e }
                    .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
                DecodingKeyKind::SecretOrDer(point) => {
                    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                        .verify(message, signature)
                }
            };
        good.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Checks {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

fn by_ring() {
    // Only the first one counts, and they are all the same.
    let _ = RING.install_default();
}

/// Signs claims with an RSA key, PKCS #1 or #8 in DER; `None` if it is none.
pub(crate) fn sign(claims: &impl Serialize, der: &[u8]) -> Option<String> {
    by_ring();
    let key = EncodingKey::from_rsa_der(der);
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), claims, &key).ok()
}

/// A key of whoever issues tokens, by which their signatures are checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerKey {
    /// What the issuer calls it.
    pub kid: String,
    /// The key.
    pub key: PublicKey,
}

/// A public key, its numbers in base64url as [RFC 7518](https://www.rfc-editor.org/rfc/rfc7518#section-6) has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PublicKey {
    /// For RS256.
    Rsa {
        /// The modulus.
        n: String,
        /// The exponent.
        e: String,
    },
    /// For ES256.
    P256 {
        /// The point.
        x: String,
        /// The point.
        y: String,
    },
}

/// What an issuer publishes.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<PublishedKey>,
}

#[derive(Deserialize)]
struct PublishedKey {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    r#use: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

impl IssuerKey {
    /// The keys of a [key set](https://www.rfc-editor.org/rfc/rfc7517#section-5) that signatures are checked by. What is
    /// of another kind, for something else or without a name is passed over; `None` if it is no key set.
    pub(crate) fn of_set(body: &[u8]) -> Option<Vec<Self>> {
        let set: KeySet = serde_json::from_slice(body).ok()?;
        let keys = set.keys.into_iter();
        Some(keys.filter_map(PublishedKey::usable).collect())
    }
}

impl PublishedKey {
    fn usable(self) -> Option<IssuerKey> {
        let is = |said: &Option<String>, wanted| said.as_deref().is_none_or(|said| said == wanted);
        if !is(&self.r#use, "sig") {
            return None;
        }
        let key = match self.kty.as_str() {
            "RSA" if is(&self.alg, "RS256") => PublicKey::Rsa {
                n: self.n?,
                e: self.e?,
            },
            "EC" if is(&self.alg, "ES256") && self.crv.as_deref() == Some("P-256") => {
                PublicKey::P256 {
                    x: self.x?,
                    y: self.y?,
                }
            }
            _ => return None,
        };
        let kid = self.kid?;
        (1..=MAX_KEY_ID)
            .contains(&kid.len())
            .then_some(IssuerKey { kid, key })
    }
}

impl PublicKey {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::RS256,
            Self::P256 { .. } => Algorithm::ES256,
        }
    }

    fn decoding(&self) -> Option<DecodingKey> {
        match self {
            Self::Rsa { n, e } => DecodingKey::from_rsa_components(n, e).ok(),
            Self::P256 { x, y } => DecodingKey::from_ec_components(x, y).ok(),
        }
    }
}

/// Which key a token says it was signed with; `None` if it is no token that could be checked. Nothing is proved by it.
pub(crate) fn key_of(token: &str) -> Option<String> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    let known = matches!(header.alg, Algorithm::RS256 | Algorithm::ES256);
    let kid = header
        .kid
        .filter(|kid| (1..=MAX_KEY_ID).contains(&kid.len()))?;
    known.then_some(kid)
}

/// When a token is good.
#[derive(Deserialize)]
struct Times {
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    iat: Option<i64>,
}

/// What a token says, if `issuer` signed it with this key, for `audience` and for now.
pub(crate) fn checked<T: DeserializeOwned>(
    token: &str,
    key: &IssuerKey,
    issuer: &str,
    audience: &str,
    now: Timestamp,
) -> Option<T> {
    by_ring();
    if key_of(token)? != key.kid {
        return None;
    }
    let mut wanted = Validation::new(key.key.algorithm());
    wanted.set_audience(&[audience]);
    wanted.set_issuer(&[issuer]);
    wanted.set_required_spec_claims(&["exp", "aud", "iss"]);
    // By our clock, below.
    wanted.validate_exp = false;
    let decoding = key.key.decoding()?;
    let times = jsonwebtoken::decode::<Times>(token, &decoding, &wanted).ok()?;
    let Times { exp, nbf, iat } = times.claims;
    let (now, leeway) = (now.as_second(), LEEWAY.as_secs());
    let begun = [nbf, iat].into_iter().flatten();
    let good = now < exp.saturating_add(leeway)
        && begun.into_iter().all(|at| at <= now.saturating_add(leeway));
    if !good {
        return None;
    }
    let read = jsonwebtoken::decode::<T>(token, &decoding, &wanted);
    read.ok().map(|token| token.claims)
}

#[cfg(test)]
mod tests;
