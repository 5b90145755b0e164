//! Secrets by what stands before them: a name that says so, a scheme, an address's user.

use super::{MASK, mask_atoms, patterns};

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
/// What files of code are called: before `:12` in a stack trace stands one of them, not a name.
const CODE: [&str; 16] = [
    ".c", ".cc", ".cpp", ".cs", ".ex", ".go", ".java", ".js", ".jsx", ".kt", ".mjs", ".php", ".py",
    ".rb", ".rs", ".ts",
];

/// Whether a word only stands between a name and the value.
pub(super) fn is_joint(word: &str) -> bool {
    word.chars().all(|c| matches!(c, '=' | ':' | '>' | '"'))
}

/// A scheme, where a credential is expected.
pub(super) fn is_scheme(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    SCHEMES
        .iter()
        .any(|scheme| bare.eq_ignore_ascii_case(scheme))
}

/// The one scheme that is no ordinary word.
pub(super) fn is_bearer(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    bare.eq_ignore_ascii_case("bearer")
}

/// `password:` and `"token":`, whose value is the next word.
pub(super) fn ends_in_a_name(word: &str) -> bool {
    word.strip_suffix([':', '=']).is_some_and(is_secret_name)
}

pub(super) fn is_secret_name(name: &str) -> bool {
    let name = name.rsplit(['{', ',', '&', '?', ';', '(']).next();
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let divided = name.contains(['_', '-', '.']);
    let mut parts = name.split(['_', '-', '.']);
    NAMES.iter().any(|secret| name.contains(secret))
        || divided && parts.any(|part| PARTS.contains(&part))
}

/// The word without the values of names that hold secrets, passwords in addresses, and marked secrets.
pub(super) fn mask_word(word: &str) -> String {
    if let Some(at) = patterns::address(word) {
        let (address, credential) = word.split_at(at);
        let end = credential.find(|c| !patterns::is_credential(c));
        let after = &credential[end.unwrap_or(credential.len())..];
        return format!("{address}{MASK}{}", mask_word(after));
    }
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
        let is_named = is_secret_name(&name[..at]) && !is_ordinary(word, &name[..at], value);
        if is_named && !value.is_empty() {
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

/// Whether a colon is no name's: in an ARN, a file with a line number, an image with a tag.
fn is_ordinary(word: &str, name: &str, value: &str) -> bool {
    let bare = word.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let is_file = CODE.iter().any(|end| name.ends_with(end));
    let value = value.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let version = value.strip_prefix('v').unwrap_or(value);
    let dotted =
        version.split('.').count() > 2 && version.starts_with(|c: char| c.is_ascii_digit());
    let is_hex = value.len() >= 7 && value.bytes().all(|b| b.is_ascii_hexdigit());
    let is_tag = dotted || value == "latest" || value.starts_with("sha256:") || is_hex;
    bare.starts_with("arn:aws")
        || is_file && value.starts_with(|c: char| c.is_ascii_digit())
        || is_tag && name.contains('/') && !name.contains("://")
        || dotted && name.contains('-') && !name.contains(['=', '"'])
}
