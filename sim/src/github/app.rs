//! GitHub Apps: their own tokens, signed by their keys, their installations, and the tokens of those.
//!
//! <https://docs.github.com/en/rest/apps/apps>

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

use super::GitHub;
use super::serve::{Answer, moved, not_found, refusal};

/// The key of [RFC 7515](https://www.rfc-editor.org/rfc/rfc7515#appendix-A.2), which everybody has.
const PUBLISHED: &str = include_str!("rfc7515-a2.json");
/// How long an installation's token is good for.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The longest that an App may say that its own token is good for.
const LONGEST: i64 = 600;

/// An App whose key is the published one.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// Its installations, by the owner in lower case.
    installations: BTreeMap<String, Installation>,
}

#[derive(Clone, Debug)]
struct Installation {
    id: u64,
    permissions: BTreeMap<String, String>,
    suspended: bool,
}

/// A token of an installation.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// Whose repositories it opens.
    pub(super) owner: String,
    /// What it may read.
    pub(super) permissions: BTreeMap<String, String>,
    /// How long.
    pub(super) until: Timestamp,
}

impl App {
    /// Installs it for everything of that owner, with these permissions.
    pub fn install(&mut self, owner: &str, permissions: &[(&str, &str)]) {
        let id = 9_000 + self.installations.len() as u64;
        let permissions = permissions.iter();
        let permissions = permissions.map(|(what, how)| ((*what).to_owned(), (*how).to_owned()));
        let installation = Installation {
            id,
            permissions: permissions.collect(),
            suspended: false,
        };
        self.installations
            .insert(owner.to_ascii_lowercase(), installation);
    }

    /// Takes it away from that owner.
    pub fn uninstall(&mut self, owner: &str) {
        self.installations.remove(&owner.to_ascii_lowercase());
    }

    /// Suspends it for that owner, or not any more.
    pub fn suspend(&mut self, owner: &str, suspended: bool) {
        if let Some(installation) = self.installations.get_mut(&owner.to_ascii_lowercase()) {
            installation.suspended = suspended;
        }
    }
}

impl GitHub {
    /// The App of that client id, whose key is the published one.
    pub fn app(&mut self, id: &str) -> &mut App {
        self.apps.entry(id.to_owned()).or_default()
    }

    /// Takes back every token that installations were given.
    pub fn revoke_given(&mut self) {
        self.given.clear();
    }

    /// Answers a request that an App signed itself; `None` where it is none.
    pub(super) fn of_app(
        &mut self,
        now: Timestamp,
        request: &http::Request<Bytes>,
        token: &str,
    ) -> Option<Answer> {
        // A token with two dots is signed by somebody.
        if token.matches('.').count() != 2 {
            return None;
        }
        let Some(issuer) = issuer(token, now) else {
            return Some(refusal(401, "A JSON web token could not be decoded"));
        };
        let path = request.uri().path();
        let path = self.by_number(path).unwrap_or_else(|| path.to_owned());
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        if let ["repos", owner, name, rest @ ..] = parts.as_slice()
            && let Some(number) = self
                .renamed
                .get(&format!("{owner}/{name}").to_ascii_lowercase())
        {
            return Some(moved(*number, Some(&rest.join("/")), request));
        }
        let Some(app) = self.apps.get_mut(&issuer) else {
            return Some(refusal(401, "Integration not found"));
        };
        Some(match (request.method().as_str(), parts.as_slice()) {
            ("GET", ["repos", owner, _, "installation"]) => {
                match app.installations.get(&owner.to_ascii_lowercase()) {
                    Some(found) => (200, shown(owner, found, now)),
                    None => not_found(),
                }
            }
            ("POST", ["app", "installations", id, "access_tokens"]) => {
                let found = app.installations.iter();
                let mut found = found.filter(|(_, found)| found.id.to_string() == **id);
                match found.next() {
                    Some((_, found)) if found.suspended => {
                        refusal(403, "This installation has been suspended")
                    }
                    Some((owner, found)) => {
                        let (owner, found) = (owner.clone(), found.clone());
                        self.give(&owner, &found, now, request.body())
                    }
                    None => not_found(),
                }
            }
            _ => refusal(401, "A JSON web token could not be decoded"),
        })
    }

    fn give(
        &mut self,
        owner: &str,
        installation: &Installation,
        now: Timestamp,
        body: &[u8],
    ) -> Answer {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let permissions = match body["permissions"].as_object() {
            None => installation.permissions.clone(),
            Some(wanted) => {
                let granted = |what: &String, how: &Value| {
                    let granted = installation.permissions.get(what);
                    granted.is_some_and(|granted| granted == "write" || json!(granted) == *how)
                };
                if !wanted.iter().all(|(what, how)| granted(what, how)) {
                    return refusal(
                        422,
                        "The permissions requested are not granted to this installation.",
                    );
                }
                let wanted = wanted.iter();
                let wanted = wanted.map(|(what, how)| (what.clone(), text(how)));
                wanted.collect()
            }
        };
        let until = now.checked_add(HOUR).unwrap_or(Timestamp::MAX);
        let token = format!("ghs_{owner}{}x{}", installation.id, self.given.len());
        let answer = json!({
            "token": token, "expires_at": until.to_string(), "permissions": permissions,
            "repository_selection": "all",
        });
        let given = Given {
            owner: owner.to_owned(),
            permissions,
            until,
        };
        self.given.insert(token, given);
        (201, answer)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn shown(owner: &str, installation: &Installation, now: Timestamp) -> Value {
    json!({
        "id": installation.id, "account": {"login": owner}, "permissions": installation.permissions,
        "repository_selection": "all", "events": [],
        "suspended_at": installation.suspended.then(|| now.to_string()),
    })
}

/// Who signed it, if it is signed by the published key and of now.
fn issuer(token: &str, now: Timestamp) -> Option<String> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let read = |part: &str| -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let public = RsaPublicKeyComponents {
        n: number("n"),
        e: number("e"),
    };
    public
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
        .ok()?;
    let (header, claims) = (read(header)?, read(claims)?);
    let (from, to) = (claims["iat"].as_i64()?, claims["exp"].as_i64()?);
    let now = now.as_second();
    let is_of_now = from <= now && now < to && to - now <= LONGEST;
    (header["alg"] == "RS256" && is_of_now).then(|| text(&claims["iss"]))
}

/// A number of the published key, as the RFC writes it.
fn number(name: &str) -> Vec<u8> {
    let key: Value = serde_json::from_str(PUBLISHED).unwrap_or_default();
    let digits = key[name].as_str().unwrap_or_default();
    URL_SAFE_NO_PAD.decode(digits).unwrap_or_default()
}

/// The modulus and the exponent of the published key, as the RFC writes them.
pub(crate) fn published_numbers() -> [String; 2] {
    ["n", "e"].map(|name| URL_SAFE_NO_PAD.encode(number(name)))
}

/// The published key in DER: PKCS #1 ([RFC 8017](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2)).
pub(crate) fn published_der() -> Vec<u8> {
    let numbers = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
    let mut body = integer(&[0]);
    for name in numbers {
        body.extend(integer(&number(name)));
    }
    tagged(0x30, &body)
}

/// The published key as GitHub hands out a key: in PEM.
pub fn published_key() -> String {
    let der = STANDARD.encode(published_der());
    let lines: Vec<&str> = (0..der.len())
        .step_by(64)
        .map(|at| &der[at..der.len().min(at + 64)])
        .collect();
    let (begin, end) = ("-----BEGIN RSA ", "-----END RSA ");
    format!(
        "{begin}PRIVATE KEY-----\n{}\n{end}PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

/// A positive number in DER.
fn integer(number: &[u8]) -> Vec<u8> {
    let mut bytes = number.to_vec();
    if bytes.first().is_some_and(|first| *first >= 0x80) {
        bytes.insert(0, 0);
    }
    tagged(0x02, &bytes)
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![tag];
    match length.as_slice() {
        [short] if *short < 0x80 => out.push(*short),
        long => {
            out.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            out.extend(long);
        }
    }
    out.extend(content);
    out
}
