//! Secrets that programs write into their logs, blotted out before a line is kept or shown. It knows
//! the shapes that secrets commonly have; what looks like nothing special passes, so logs in Slack
//! stay an environment's choice.
//!
//! Written by hand: a regular expression engine would add a tenth to the function's package.

/// What stands for a secret.
const MASK: &str = "***";
/// A name that holds one of these holds a secret.
const NAMES: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "authorization",
    "credential",
    "private_key",
    "access_key",
];
/// A name of which this is a whole part, as in `DB_PASS` and `signing-key`, holds a secret.
const PARTS: [&str; 3] = ["pass", "key", "auth"];
/// What stands before a credential in a header.
const SCHEMES: [&str; 6] = ["bearer", "basic", "digest", "token", "apikey", "negotiate"];
/// How secrets begin whose issuers mark them, with the least length of the whole.
const PREFIXES: [(&str, usize); 12] = [
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("xapp-", 16),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("sk_live_", 16),
    ("AKIA", 20),
    ("ASIA", 20),
    ("eyJ", 30),
];

/// The line without what looks like a secret.
pub fn mask(line: &str) -> String {
    let mut masked = String::with_capacity(line.len());
    let mut next_is_secret = false;
    let mut before = "";
    for word in line.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let space = &word[bare.len()..];
        if bare.is_empty() {
            masked.push_str(word);
            continue;
        }
        if next_is_secret && !is_joint(bare) {
            // `Authorization: Basic …` names the scheme first.
            next_is_secret = is_scheme(bare) && !is_bearer(before);
            masked.push_str(if next_is_secret { bare } else { MASK });
        } else {
            next_is_secret |=
                ends_in_a_name(bare) || is_bearer(bare) || is_joint(bare) && is_secret_name(before);
            masked.push_str(&mask_word(bare));
        }
        masked.push_str(space);
        before = bare;
    }
    masked
}

/// Whether it only stands between a name and its value.
fn is_joint(word: &str) -> bool {
    word.chars().all(|c| matches!(c, '=' | ':' | '>' | '"'))
}

/// A scheme, where a credential is expected.
fn is_scheme(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    SCHEMES
        .iter()
        .any(|scheme| bare.eq_ignore_ascii_case(scheme))
}

/// The one scheme that is no ordinary word.
fn is_bearer(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    bare.eq_ignore_ascii_case("bearer")
}

/// `password:` and `"token":`, whose value is the next word.
fn ends_in_a_name(word: &str) -> bool {
    word.strip_suffix([':', '=']).is_some_and(is_secret_name)
}

fn is_secret_name(name: &str) -> bool {
    let name = name.rsplit(['{', ',', '&', '?', ';', '(']).next();
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let divided = name.contains(['_', '-', '.']);
    let mut parts = name.split(['_', '-', '.']);
    NAMES.iter().any(|secret| name.contains(secret))
        || divided && parts.any(|part| PARTS.contains(&part))
}

fn mask_word(word: &str) -> String {
    let mut masked = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find(['=', ':']) {
        let (name, value) = rest.split_at(at + 1);
        if let Some(user) = value.strip_prefix("//") {
            // An address: what stands between the user's name and the host is a password.
            // Passwords hold slashes too, so that the last `@` ends it, not the first slash.
            let host = user.find(['/', '?']).unwrap_or(user.len());
            let host = user.rfind('@').map_or(host, |at| host.max(at + 1));
            masked.push_str(&mask_atoms(name));
            masked.push_str("//");
            match user[..host].rfind('@') {
                Some(at) => {
                    let who = user[..at].split(':').next().unwrap_or_default();
                    masked.push_str(who);
                    if who.len() < at {
                        masked.push(':');
                        masked.push_str(MASK);
                    }
                    masked.push_str(&user[at..host]);
                }
                None => masked.push_str(&user[..host]),
            }
            rest = &user[host..];
            continue;
        }
        masked.push_str(&mask_atoms(name));
        rest = value;
        if is_secret_name(&name[..at]) && !value.is_empty() {
            let value = value.trim_start_matches(['"', '\'']);
            let end = value
                .find(['&', ',', ';', '"', '\'', '}'])
                .unwrap_or(value.len());
            masked.push_str(&rest[..rest.len() - value.len()]);
            masked.push_str(MASK);
            rest = &value[end..];
        }
    }
    masked.push_str(&mask_atoms(rest));
    masked
}

/// Blots out what an issuer marked as a secret of its own.
fn mask_atoms(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.'))
            .unwrap_or(rest.len());
        let (atom, tail) = rest.split_at(end);
        let marked = PREFIXES
            .iter()
            .any(|(prefix, least)| atom.starts_with(prefix) && atom.len() >= *least);
        masked.push_str(if marked { MASK } else { atom });
        let separator = tail.chars().next().map_or(0, char::len_utf8);
        masked.push_str(&tail[..separator]);
        rest = &tail[separator..];
    }
    masked
}

#[cfg(test)]
mod tests {
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
            assert_eq!(mask(line), masked, "{line}");
        }
    }

    proptest! {
        #[test]
        fn a_named_secret_never_passes(before in "[ -~]{0,20}", secret in "[A-Za-z0-9]{8,20}") {
            let line = format!("{before} password={secret}");
            prop_assert!(!mask(&line).contains(&secret), "{}", mask(&line));
        }

        #[test]
        fn any_line_can_be_masked(line in "\\PC{0,80}") {
            mask(&line);
        }
    }
}
