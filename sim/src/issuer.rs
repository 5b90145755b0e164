//! Build services as issuers of tokens: GitHub Actions and GitLab, each with its discovery document and its keys.
//!
//! <https://docs.github.com/en/actions/reference/security/oidc>,
//! <https://docs.gitlab.com/ci/secrets/id_token_authentication/>,
//! <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata>
//!
//! Their keys are the ones that [RFC 7515](https://www.rfc-editor.org/rfc/rfc7515#appendix-A) prints, which everybody has.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

use crate::State;
use crate::github::{published_der, published_numbers};

/// GitHub Actions.
pub const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// GitLab.
pub const GITLAB: &str = "https://gitlab.com";

/// The point and the number of [RFC 7515](https://www.rfc-editor.org/rfc/rfc7515#appendix-A.3)'s key.
const P256: [&str; 3] = [
    "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
];

/// One of the two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningKey {
    /// Of appendix A.2, for RS256.
    Rsa,
    /// Of appendix A.3, for ES256.
    P256,
}

/// One issuer.
#[derive(Clone, Debug, Default)]
pub struct Issuer {
    keys: BTreeMap<String, SigningKey>,
    /// Whether it answers with 503.
    pub down: bool,
    /// Where it says that its keys are, in the place of where they are.
    pub keys_at: Option<String>,
    /// What it calls itself, in the place of its name.
    pub calls_itself: Option<String>,
}

/// Every issuer, by its URL.
#[derive(Clone, Debug, Default)]
pub struct Issuers(BTreeMap<String, Issuer>);

impl Issuers {
    /// The issuer of that URL.
    pub fn issuer(&mut self, url: &str) -> &mut Issuer {
        self.0.entry(url.to_owned()).or_default()
    }
}

impl Issuer {
    /// Publishes a key under that name.
    pub fn publish(&mut self, kid: &str, key: SigningKey) {
        self.keys.insert(kid.to_owned(), key);
    }

    /// Publishes it no more.
    pub fn withdraw(&mut self, kid: &str) {
        self.keys.remove(kid);
    }
}

impl SigningKey {
    fn algorithm(self) -> &'static str {
        match self {
            Self::Rsa => "RS256",
            Self::P256 => "ES256",
        }
    }

    fn published(self, kid: &str) -> Value {
        let [n, e] = published_numbers();
        let [x, y, _] = P256;
        match self {
            Self::Rsa => {
                json!({ "kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": n, "e": e })
            }
            Self::P256 => {
                json!({ "kty": "EC", "alg": "ES256", "use": "sig", "kid": kid, "crv": "P-256", "x": x, "y": y })
            }
        }
    }

    /// A token of these claims, as the issuers make them.
    pub fn token(self, kid: &str, claims: &Value) -> String {
        let header = json!({ "typ": "JWT", "alg": self.algorithm(), "kid": kid });
        self.signed(&header, claims)
    }

    /// A token with a header of its own.
    pub fn signed(self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.sign(message.as_bytes()).unwrap_or_default();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn sign(self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa => {
                let pair = RsaKeyPair::from_der(&published_der()).ok()?;
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Self::P256 => {
                let [x, y, d] = P256.map(|part| URL_SAFE_NO_PAD.decode(part).unwrap_or_default());
                let point = [vec![4], x, y].concat();
                let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let pair =
                    EcdsaKeyPair::from_private_key_and_public_key(algorithm, &d, &point, &random);
                let signature = pair.ok()?.sign(&random, message).ok()?;
                Some(signature.as_ref().to_vec())
            }
        }
    }
}

/// Whether a host is an issuer's.
pub(crate) fn is_issuer(host: &str) -> bool {
    [GITHUB, GITLAB]
        .iter()
        .any(|url| url.strip_prefix("https://") == Some(host))
}

/// Where an issuer's keys are.
fn keys_at(url: &str) -> String {
    match url {
        GITLAB => format!("{url}/oauth/discovery/keys"),
        _ => format!("{url}/.well-known/jwks"),
    }
}

/// Answers one request to an issuer's host.
pub(crate) fn handle(state: &State, host: &str, request: &Request<Bytes>) -> Response<Bytes> {
    let url = format!("https://{host}");
    let (status, body) = match state.issuers.0.get(&url) {
        None => (StatusCode::NOT_FOUND, Value::Null),
        Some(issuer) if issuer.down => (StatusCode::SERVICE_UNAVAILABLE, Value::Null),
        Some(issuer) => answer(&url, issuer, request.uri().path()),
    };
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response
}

fn answer(url: &str, issuer: &Issuer, path: &str) -> (StatusCode, Value) {
    let place = keys_at(url);
    if path == "/.well-known/openid-configuration" {
        let said = json!({
            "issuer": issuer.calls_itself.as_deref().unwrap_or(url),
            "jwks_uri": issuer.keys_at.as_deref().unwrap_or(&place),
            "subject_types_supported": ["public"],
            "response_types_supported": ["id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid"],
        });
        return (StatusCode::OK, said);
    }
    if place.strip_prefix(url) == Some(path) {
        let keys = issuer.keys.iter().map(|(kid, key)| key.published(kid));
        return (StatusCode::OK, json!({ "keys": keys.collect::<Vec<_>>() }));
    }
    (StatusCode::NOT_FOUND, Value::Null)
}
