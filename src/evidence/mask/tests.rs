use proptest::prelude::*;

use super::*;

#[test]
fn secrets_of_the_common_shapes_are_blotted_out() {
    for (line, masked) in [
        ("listening on :8080", "listening on :8080"),
        ("DB_PASSWORD=hunter2 started", "DB_PASSWORD=*** started"),
        ("password: hunter2", "password: ***"),
        ("password = hunter2", "password = ***"),
        (
            r#"{"apiKey":"abc","user":"ada"}"#,
            r#"{"apiKey":"***","user":"ada"}"#,
        ),
        (
            r#"{"token": "abc", "user": "ada"}"#,
            r#"{"token": *** "user": "ada"}"#,
        ),
        ("GET /x?token=abc&page=2", "GET /x?token=***&page=2"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("sent bearer abc", "sent bearer ***"),
        (
            "postgres://app:s3cr3t@db.internal:5432/shop?sslmode=require",
            "postgres://app:***@db.internal:5432/shop?sslmode=require",
        ),
        (
            "DATABASE_URL=postgres://app:s3cr3t@db/shop",
            "DATABASE_URL=postgres://app:***@db/shop",
        ),
        (
            "dial postgres://app:aB3/xY@db/shop: no such host",
            "dial postgres://app:***@db/shop: no such host",
        ),
        ("redis://cache:6379", "redis://cache:6379"),
        (
            "Authorization: Basic dXNlcjpwYXNz",
            "Authorization: Basic ***",
        ),
        ("authorization: token abcdef123", "authorization: token ***"),
        (
            "DB_PASS=hunter2 SIGNING_KEY=abc",
            "DB_PASS=*** SIGNING_KEY=***",
        ),
        ("aws_access_key=abc", "aws_access_key=***"),
        ("encryption-key: abc", "encryption-key: ***"),
        (
            "primary key: 12, compass=north",
            "primary key: 12, compass=north",
        ),
        ("basic checks passed", "basic checks passed"),
        ("using xoxb-1234567890-abcdef", "using ***"),
        ("key AKIAIOSFODNN7EXAMPLE is old", "key *** is old"),
        (
            "got (eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2ln)",
            "got (***)",
        ),
        ("12:30:01 token refreshed", "12:30:01 token refreshed"),
        ("error: connection refused", "error: connection refused"),
        ("ключ=значение token=é", "ключ=значение token=***"),
    ] {
        assert_eq!(heard(line), masked, "{line}");
    }
}

proptest! {
    #[test]
    fn a_named_secret_never_passes(before in "[ -~]{0,20}", secret in "[A-Za-z0-9]{8,20}") {
        let line = format!("{before} password={secret}");
        prop_assert!(!heard(&line).contains(&secret), "{}", heard(&line));
    }

    #[test]
    fn any_line_can_be_masked(line in "\\PC{0,80}") {
        heard(&line);
    }
}

/// A secret of this shape, as long as its issuer makes them.
fn secret_of(mark: &str, least: usize) -> String {
    // Of hex digits, so that it is of every kind.
    let body: String = "1f0a9be3D27c"
        .chars()
        .cycle()
        .take(least.max(CUT_OFF))
        .collect();
    format!("{mark}{body}")
}

/// Longer than what is kept of a secret that was cut.
const CUT_OFF: usize = 12;

#[test]
fn every_issuers_mark_is_known_wherever_it_stands_and_where_a_line_cuts_it() {
    for (mark, _, least) in patterns::PATTERNS {
        let secret = secret_of(mark, least);
        for (before, after) in [
            ("", ""),
            ("using ", " now"),
            ("{\"v\":\"", "\"}"),
            ("GET /x?v=", "&page=2"),
            ("('", "',)"),
            ("é→", "←é"),
        ] {
            let masked = heard(&format!("{before}{secret}{after}"));
            assert_eq!(masked, format!("{before}***{after}"), "{mark}");
        }
        if mark.len() > 2 {
            // The line ends in it, and the next one begins with the rest.
            let (begun, rest) = secret.split_at(mark.len() + 4);
            let lines = [format!("using {begun}"), format!("{rest}77aaBB now")];
            let masked = mask_lines(lines.iter().map(String::as_str));
            assert_eq!(masked, ["using ***", "*** now"], "{mark}");
        }
    }
}

#[test]
fn secrets_as_published_are_blotted_out() {
    for secret in [
        "xoxb-263594206564-2343594206564-FGqddMF8t08v8N7Oq4i57vs1",
        "xoxe.xoxp-1-Mi0yLTM0MTQwNDE0MDE3Ni0zNDg0NjE0MDkyNTE0",
        "ghu_16C7e42F292c6912E7710c838347Ae178B4a",
        "ghr_16C7e42F292c6912E7710c838347Ae178B4a",
        "sk-proj-12345678901234567890T3BlbkFJ12345678901234567890",
        "sk-ant-api03-aB3dEfGhIjKlMnOpQrStUvWxYz0123456789_AA",
        "sk-abcdefghijklmnopqrstuvwxyz",
        "npm_aB3dEfGhIjKlMnOpQrStUvWxYz0123456789",
        "AIzaSyC0d3aB3dEfGhIjKlMnOpQrStUvWxYz012",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
        // A token whose beginning was cut off.
        "iJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
    ] {
        assert_eq!(heard(&format!("got {secret}, trying")), "got ***, trying");
    }
    for (line, masked) in [
        (
            "POST https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX failed",
            "POST https://hooks.slack.com/*** failed",
        ),
        (
            r#"{"url":"https://hooks.slack.com/commands/T1/2/3","n":1}"#,
            r#"{"url":"https://hooks.slack.com/***","n":1}"#,
        ),
        (
            "url=https%3A%2F%2Fhooks.slack.com%2Factions%2FT1%2F2%2F3&x=1",
            "url=https%3A%2F%2Fhooks.slack.com%2F***&x=1",
        ),
        (
            "hooks.slack-gov.com/services/T1/B2/abc: timeout",
            "hooks.slack-gov.com/***: timeout",
        ),
        (
            "https://discord.com/api/webhooks/123/abc-DEF",
            "https://discord.com/api/webhooks/***",
        ),
    ] {
        assert_eq!(heard(line), masked);
    }
}

const BODY: &str = "MIIEpAIBAAKCAQEA1J2r5Yw7vK0mQhFh3kq9Zs1uXo2tBn8LrCw4eTg6PyDiVaSj";

#[test]
fn keys_are_blotted_out_whichever_part_of_them_a_log_shows() {
    let key = format!(
        "loading\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{BODY}\n{BODY}\nq1w2e3==\n-----END RSA PRIVATE KEY-----\nready, 3 workers"
    );
    let lines: Vec<&str> = key.lines().collect();
    // A log shows any stretch of it.
    for from in 0..lines.len() {
        for to in from + 1..=lines.len() {
            let shown = mask_lines(lines[from..to].iter().copied());
            let said = shown.join("\n");
            for secret in [BODY, "q1w2e3"] {
                let alone = to - from == 1 && lines[from] == "q1w2e3==";
                let tail = lines[from] == "q1w2e3==" && to < 8;
                assert!(
                    alone || tail || !said.contains(secret),
                    "{from}..{to}:\n{said}"
                );
            }
            if to == lines.len() {
                assert_eq!(shown.last().map(String::as_str), Some("ready, 3 workers"));
            }
        }
    }
    // On one line, as JSON and the environment hold it; with something before each line; cut.
    for line in [
        format!("KEY=-----BEGIN PRIVATE KEY-----\\n{BODY}\\nabc=\\n-----END PRIVATE KEY-----\\n"),
        format!("2026-03-02T09:00:00Z app {BODY}"),
        format!("{BODY} -----END PRIVATE KEY-----"),
        format!("-----BEGIN PRIVATE KEY----- {BODY}"),
    ] {
        let masked = heard(&line);
        assert!(!masked.contains(&BODY[..16]), "{masked}");
    }
}

#[test]
fn ordinary_lines_stay_readable() {
    for line in [
        "2026-03-02T09:00:00.123Z INFO request 550e8400-e29b-41d4-a716-446655440000 done in 12ms",
        "Mar  2 09:00:00 ip-10-0-0-1 app[12]: started",
        "pulled sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "commit e83c5163316f89bfbde7d9ab23ca2e25604af290",
        "image 111111111111.dkr.ecr.eu-west-1.amazonaws.com/auth-service:1.2.3",
        "image ghcr.io/acme/token-api:latest, nginx:1.27, auth-proxy:2.10.1",
        "image 111111111111.dkr.ecr.eu-west-1.amazonaws.com/web@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "arn:aws:ecs:eu-west-1:111111111111:service/production/webapp",
        "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db/main-a1B2c3",
        "arn:aws:sts::111111111111:assumed-role/longshore-WaiterRole/longshore-waiter",
        "GET https://api.example.com/v1/orders/12?page=2&sort=asc 200",
        "see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-definitions.html",
        "    at com.acme.auth.KeyFactory.create(KeyFactory.java:42)",
        "    at Object.<anonymous> (/app/lib/auth/token.js:12:5)",
        "  File \"/app/auth/token.py\", line 3, in refresh",
        "thread 'main' panicked at src/secret.rs:36:9:",
        "goroutine 1 [running]: main.main() /go/src/app/auth/token.go:17 +0x1d",
        "java.lang.NullPointerException: Cannot invoke \"User.getName()\" because \"user\" is null",
        "locale sk-SK, sk-learn-contrib-imbalanced-learning installed",
        "npm_config_registry is unset, npm_lifecycle_event=start",
        "listening on 0.0.0.0:8080, pid 1, node v22.11.0",
        "ECONNREFUSED 10.0.3.7:5432",
        "ASIA and AKIA are prefixes",
        "loaded /usr/share/app/assets/Images/Icons/Large/Version2/background1",
    ] {
        assert_eq!(heard(line), line);
        assert_eq!(mask_lines([line, line]), [line, line]);
    }
}

#[test]
fn what_follows_a_secret_at_the_end_of_a_line_stays_readable() {
    let lines = mask_lines([
        "using ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "2026-03-02T09:00:00Z INFO ready",
        "using ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "listening on 8080",
    ]);
    assert_eq!(
        lines,
        [
            "using ***",
            "2026-03-02T09:00:00Z INFO ready",
            "using ***",
            "listening on 8080"
        ]
    );
}
