use longshore_sim::issuer::SigningKey;
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const AUDIENCE: &str = "longshore-acme";
const NOW: i64 = 1_790_000_000;

/// The modulus of [RFC 7515](https://www.rfc-editor.org/rfc/rfc7515#appendix-A.2)'s key.
const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

fn rsa() -> PublicKey {
    PublicKey::Rsa {
        n: N.to_owned(),
        e: "AQAB".to_owned(),
    }
}

fn p256() -> PublicKey {
    PublicKey::P256 {
        x: X.to_owned(),
        y: Y.to_owned(),
    }
}

fn named(key: PublicKey) -> IssuerKey {
    IssuerKey {
        kid: "k1".to_owned(),
        key,
    }
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 300, "iat": NOW, "nbf": NOW - 5, "jti": "j1" })
}

fn with(member: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[member] = value;
    claims
}

fn without(member: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(member);
    claims
}

fn read(token: &str, key: &PublicKey, now: i64) -> Option<Value> {
    let now = Timestamp::from_second(now).unwrap();
    checked(token, &named(key.clone()), ISSUER, AUDIENCE, now)
}

/// The tokens that [RFC 7515](https://www.rfc-editor.org/rfc/rfc7515#appendix-A) prints.
#[test]
fn the_standards_signatures_are_good() {
    by_ring();
    const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let vectors = [
        (
            rsa(),
            "eyJhbGciOiJSUzI1NiJ9",
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        ),
        (
            p256(),
            "eyJhbGciOiJFUzI1NiJ9",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ),
    ];
    for (key, header, signature) in vectors {
        let message = format!("{header}.{PAYLOAD}");
        let good = |message: &str| {
            let decoding = key.decoding().unwrap();
            jsonwebtoken::crypto::verify(signature, message.as_bytes(), &decoding, key.algorithm())
                .unwrap()
        };
        assert!(good(&message), "{key:?}");
        assert!(
            !good(&message.replace("eyJpc3MiOiJq", "eyJpc3MiOiJr")),
            "{key:?}"
        );
    }
}

/// And the signature that it prints is the one that is made.
#[test]
fn it_signs_as_the_standard_shows() {
    const SIGNED: &[u8] = b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    use rustls_pki_types::PrivateKeyDer;
    use rustls_pki_types::pem::PemObject;
    by_ring();
    let pem = longshore_sim::github::published_key();
    let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    let key = EncodingKey::from_rsa_der(der.secret_der());
    let signature = jsonwebtoken::crypto::sign(SIGNED, &key, Algorithm::RS256).unwrap();
    assert_eq!(signature, SIGNATURE);
    for other in [Algorithm::HS256, Algorithm::RS512, Algorithm::PS256] {
        assert!(
            jsonwebtoken::crypto::sign(SIGNED, &key, other).is_err(),
            "{other:?}"
        );
    }
}

#[test]
fn what_both_kinds_of_key_signed_is_read() {
    for (signing, key) in [(SigningKey::Rsa, rsa()), (SigningKey::P256, p256())] {
        let token = signing.token("k1", &claims());
        assert_eq!(read(&token, &key, NOW), Some(claims()));
        let several = with("aud", json!(["somebody", AUDIENCE]));
        assert!(read(&signing.token("k1", &several), &key, NOW).is_some());
    }
}

#[test]
fn nothing_else_is() {
    let sign = |claims: &Value| SigningKey::Rsa.token("k1", claims);
    let headed = |header: Value| SigningKey::Rsa.signed(&header, &claims());
    let good = sign(&claims());
    let (unsigned, _) = good.rsplit_once('.').unwrap();
    let other = SigningKey::P256.token("k1", &claims());
    let (_, others_signature) = other.rsplit_once('.').unwrap();
    let bad = [
        String::new(),
        "a.b.c".to_owned(),
        unsigned.to_owned(),
        format!("{unsigned}."),
        format!("{unsigned}.{others_signature}"),
        format!("{good}.x"),
        other.clone(),
        SigningKey::Rsa.token("k2", &claims()),
        headed(json!({ "alg": "none", "kid": "k1" })),
        headed(json!({ "alg": "HS256", "kid": "k1" })),
        headed(json!({ "alg": "ES256", "kid": "k1" })),
        headed(json!({ "alg": "RS512", "kid": "k1" })),
        headed(json!({ "alg": "PS256", "kid": "k1" })),
        headed(json!({ "alg": "RS256" })),
        headed(json!({ "kid": "k1" })),
        sign(&with("iss", json!("https://gitlab.com"))),
        sign(&with("aud", json!("somebody"))),
        sign(&with("aud", json!([]))),
        sign(&without("iss")),
        sign(&without("aud")),
        sign(&without("exp")),
        sign(&with("exp", json!(NOW - 60))),
        sign(&with("exp", json!((NOW + 300).to_string()))),
        sign(&with("nbf", json!(NOW + 61))),
        sign(&with("iat", json!(NOW + 61))),
        sign(&with("long", json!("x".repeat(MAX_TOKEN)))),
    ];
    for token in bad {
        assert_eq!(read(&token, &rsa(), NOW), None, "{token}");
    }
    // Where the token says that its key is, nobody looks.
    let here = SigningKey::P256.signed(
        &json!({
            "alg": "ES256", "kid": "k1", "jku": "https://example.com/keys", "x5u": "https://example.com/x5u",
            "jwk": { "kty": "EC", "crv": "P-256", "x": X, "y": Y },
        }),
        &claims(),
    );
    assert_eq!(read(&here, &rsa(), NOW), None);
    assert!(read(&here, &p256(), NOW).is_some());
}

#[test]
fn it_is_good_from_its_beginning_to_its_end_and_a_minute_more() {
    let token = SigningKey::Rsa.token("k1", &claims());
    for (now, good) in [
        (NOW - 61, false),
        (NOW - 60, true),
        (NOW + 359, true),
        (NOW + 360, false),
    ] {
        assert_eq!(read(&token, &rsa(), now).is_some(), good, "{now}");
    }
}

/// The members that GitHub's and GitLab's key sets have, and keys that are not for this.
#[test]
fn of_a_key_set_what_can_be_used_is_kept() {
    let set = json!({ "keys": [
        { "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "a", "n": N, "e": "AQAB", "x5c": ["MII"], "x5t": "t" },
        { "kty": "EC", "crv": "P-256", "kid": "b", "x": X, "y": Y },
        { "kty": "RSA", "use": "enc", "kid": "c", "n": N, "e": "AQAB" },
        { "kty": "RSA", "alg": "RS512", "kid": "d", "n": N, "e": "AQAB" },
        { "kty": "RSA", "n": N, "e": "AQAB" },
        { "kty": "EC", "crv": "P-384", "kid": "e", "x": X, "y": Y },
        { "kty": "oct", "kid": "f", "k": "c2VjcmV0" },
        { "kty": "OKP", "crv": "Ed25519", "kid": "g", "x": X },
    ] });
    let kept = IssuerKey::of_set(set.to_string().as_bytes()).unwrap();
    let names: Vec<_> = kept.iter().map(|key| key.kid.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(IssuerKey::of_set(b"<html>").is_none());
}
