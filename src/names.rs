//! The names of things: applications, environments, refs, deploys, digests and Slack's ids, each a
//! type that cannot hold anything else. Parsing is the only way in, also when deserializing; a
//! refusal says the rule and never repeats what was typed, so it is safe to log and to show.

mod actor;
pub mod arn;
mod base32;
pub(crate) mod console;
pub(crate) mod digest;
pub mod image_reference;
pub mod instance;
pub(crate) mod list;
pub(crate) mod near;
pub mod partition;
mod person;
mod reading;
pub mod scope;
pub mod secret;
pub mod spoken;
pub mod version;
pub mod zone;

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

pub use self::actor::Actor;
use self::base32::{crockford, encode};
pub use self::person::{GivenReason, PersonName, PersonNames, Somebody};

/// The text is not what the type demands. Its sentence states the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {rule}")]
pub struct BadName {
    what: &'static str,
    rule: &'static str,
}

impl BadName {
    /// What was expected, for instance `a ref`.
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// The rule that was broken, for instance `must not contain ".."`.
    pub fn rule(&self) -> &'static str {
        self.rule
    }
}

/// Defines a validated string type. `$check` takes the text and returns what to keep, or the rule
/// that it breaks.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "Cow<'_, str>", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                let check: fn(&str) -> Result<Cow<'_, str>, &'static str> = $check;
                match check(text) {
                    Ok(kept) => Ok(Self(kept.into_owned())),
                    Err(rule) => Err(BadName { what: $what, rule }),
                }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = BadName;

            fn try_from(text: &str) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl TryFrom<Cow<'_, str>> for $name {
            type Error = BadName;

            fn try_from(text: Cow<'_, str>) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.0)
            }
        }
    };
}

name! {
    /// An application's name: `[a-z0-9][a-z0-9-]{0,63}`.
    AppName, "an application name", plain_name
}

name! {
    /// An environment's name: `[a-z0-9][a-z0-9-]{0,63}`.
    EnvName, "an environment name", plain_name
}

name! {
    /// A pipeline's name: `[a-z0-9][a-z0-9-]{0,63}`.
    PipelineName, "a pipeline's name", plain_name
}

name! {
    /// A container's name in ECS: `[A-Za-z0-9][A-Za-z0-9_-]{0,254}`.
    ContainerName, "a container name", |text| {
        let fits = (1..=255).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        match fits {
            true => Ok(Cow::Borrowed(text)),
            false => Err("is 1 to 255 letters, digits, hyphens and underscores, and starts with a letter or a digit"),
        }
    }
}

name! {
    /// What a person typed for a commit: branch, tag, SHA or image tag. At most [`Ref::MAX`] bytes,
    /// following [git's rules](https://git-scm.com/docs/git-check-ref-format), in its own case.
    ///
    /// Narrower than git in one way: characters that typing it into Slack would change (typographic
    /// quotes and dashes, `<`, `>`, `"`, backticks, invisible characters) are refused, so that every
    /// `Ref` can be shown to a person and typed back.
    Ref, "a ref", git_ref
}

name! {
    /// A deploy's id: 8 characters of lower-case Crockford base32. Typed forms are forgiven upper
    /// case, `i` and `l` for `1`, `o` for `0`.
    DeployId, "a deploy id", |text| crockford(text).map(Cow::Owned)
}

name! {
    /// The id of a request that changes no service (`status`, `cancel`, …): `r-` and 8 characters
    /// as in a [`DeployId`], so that the two never meet.
    ReadId, "a request id", |text| match text.strip_prefix("r-") {
        Some(rest) => crockford(rest).map(|id| Cow::Owned(format!("r-{id}"))),
        None => Err("starts with r-"),
    }
}

name! {
    /// A Slack workspace (`T…`) or organisation (`E…`).
    TeamId, "a Slack team id", |text| slack_id(text, &['T', 'E'], "is a T or E followed by capital letters and digits")
}

name! {
    /// A Slack user: `U…`, or `W…` in an organisation.
    UserId, "a Slack user id", |text| slack_id(text, &['U', 'W'], "is a U or W followed by capital letters and digits")
}

name! {
    /// A Slack conversation: channel `C…`, private channel `G…`, direct message `D…`.
    ChannelId, "a Slack channel id", |text| slack_id(text, &['C', 'G', 'D'], "is a C, G or D followed by capital letters and digits")
}

name! {
    /// A message's name within its Slack conversation, which says when it was sent: `1355517523.000005`.
    MessageTs, "a Slack timestamp", reading::message_ts
}

name! {
    /// A Slack user group: `S…`.
    GroupId, "a Slack user group id", |text| slack_id(text, &['S'], "is an S followed by capital letters and digits")
}

name! {
    /// An image's digest: `sha256:` and 64 lower-case hex digits.
    ImageDigest, "an image digest", |text| match text.strip_prefix("sha256:") {
        Some(hex) if hex.len() == 64 && is_lower_hex(hex) => Ok(Cow::Borrowed(text)),
        Some(_) | None => Err("is sha256: followed by 64 lower-case hex digits"),
    }
}

name! {
    /// A git commit: 40 hex digits, kept in lower case.
    CommitSha, "a commit", |text| {
        if text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Cow::Owned(text.to_ascii_lowercase()))
        } else {
            Err("is 40 hex digits")
        }
    }
}

impl DeployId {
    /// The id that belongs to `request`, whatever identifies a request uniquely (the fingerprint of
    /// its signature): the same bytes give the same id, so a retried write is byte-identical.
    pub fn derive(request: &[u8]) -> Self {
        Self(encode(request))
    }
}

impl ReadId {
    /// The id that belongs to `request`, as [`DeployId::derive`].
    pub fn derive(request: &[u8]) -> Self {
        Self(format!("r-{}", encode(request)))
    }

    /// The same without what tells the two apart, for where a deploy's id stands.
    pub(crate) fn as_deploy(&self) -> DeployId {
        DeployId(self.0.trim_start_matches("r-").to_owned())
    }

    /// The one that [`Self::as_deploy`] was made of.
    pub(crate) fn of_deploy(id: &DeployId) -> Self {
        Self(format!("r-{id}"))
    }
}

impl ImageDigest {
    /// The first 12 hex digits, for people.
    pub fn short(&self) -> &str {
        short_digest(&self.0)
    }
}

/// A digest as people read it, its first 12 hex digits: also of a text that may be none.
pub(crate) fn short_digest(digest: &str) -> &str {
    let digits = digest.strip_prefix("sha256:").unwrap_or(digest);
    digits.get(..12).unwrap_or(digits)
}

impl CommitSha {
    /// Whether these are its first digits.
    pub fn begins_with(&self, digits: &str) -> bool {
        self.0.starts_with(&digits.to_ascii_lowercase())
    }

    /// The first 7 digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

fn plain_name(text: &str) -> Result<Cow<'_, str>, &'static str> {
    let fits = (1..=64).contains(&text.len())
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    match fits {
        true => Ok(Cow::Borrowed(text)),
        false => Err(
            "is 1 to 64 lower-case letters, digits and hyphens, and starts with a letter or a digit",
        ),
    }
}

fn slack_id<'a>(
    text: &'a str,
    initials: &[char],
    rule: &'static str,
) -> Result<Cow<'a, str>, &'static str> {
    let fits = (3..=32).contains(&text.len())
        && text.starts_with(initials)
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    match fits {
        true => Ok(Cow::Borrowed(text)),
        false => Err(rule),
    }
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn git_ref(text: &str) -> Result<Cow<'_, str>, &'static str> {
    let broken = if text.is_empty() {
        Some("must not be empty")
    } else if text.len() > Ref::MAX {
        Some("must not be longer than 255 bytes")
    } else if text.starts_with('-') {
        Some("must not start with a hyphen")
    } else if text.contains("..") {
        Some("must not contain \"..\"")
    } else if text.contains("@{") || text == "@" {
        Some("must not be \"@\" or contain \"@{\"")
    } else if text.starts_with('/') || text.ends_with('/') || text.contains("//") {
        Some("must not start or end with a slash or contain two in a row")
    } else if text.ends_with('.') || text.split('/').any(|part| part.starts_with('.')) {
        Some("must not end with a dot or have a part that starts with one")
    } else if text.split('/').any(|part| part.ends_with(".lock")) {
        Some("must not have a part that ends with \".lock\"")
    } else if text.chars().any(never_in_ref) {
        Some("must not contain spaces, control or invisible characters, or any of ~^:?*[\\<>\"`")
    } else if text.starts_with('\'') || text.ends_with('\'') {
        Some("must not start or end with a quote")
    } else if ["&amp;", "&lt;", "&gt;"].iter().any(|e| text.contains(e)) {
        Some("must not contain &amp;, &lt; or &gt;")
    } else {
        None
    };
    broken.map_or(Ok(Cow::Borrowed(text)), Err)
}

fn never_in_ref(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || is_invisible(c)
        || plain_spelling(c).is_some()
        || "~^:?*[\\<>\"`".contains(c)
}

/// Whether `c` takes no room on the screen or changes the direction of its neighbours: what it
/// stands in looks like something else.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// What a person meant by a typographic quote or dash; phones and word processors put them in.
/// The long dash is what those make of two hyphens.
pub(crate) fn plain_spelling(c: char) -> Option<&'static str> {
    match c {
        '\u{2018}'..='\u{201b}' | '\u{2039}' | '\u{203a}' | '\u{2032}' => Some("'"),
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2033}' => Some("\""),
        '\u{2010}'..='\u{2013}' | '\u{2212}' => Some("-"),
        '\u{2014}' | '\u{2015}' => Some("--"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_keep_to_their_character_set() {
        for good in ["a", "0", "web-app", "9lives", &"x".repeat(64)] {
            assert_eq!(good.parse::<AppName>().unwrap().as_str(), good);
            assert_eq!(good.parse::<EnvName>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "-a",
            "Web",
            "web_app",
            "a b",
            "../x",
            "webapp\0",
            "wébapp",
            "*",
            &"x".repeat(65),
        ] {
            assert!(bad.parse::<AppName>().is_err(), "{bad:?}");
            assert!(bad.parse::<EnvName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn refs_follow_git_and_keep_their_case() {
        for good in [
            "main",
            "feature/Signup-Autocomplete",
            "v1.0.2",
            "a@b",
            "@feature",
            "R&D",
            "don't",
            "1f0c9de",
            "user/x#12",
            "übung",
            "build-2024.01.01_3",
            &"r".repeat(255),
        ] {
            assert_eq!(good.parse::<Ref>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "-rf",
            "a..b",
            "a b",
            "a\tb",
            "a\nb",
            "a\0",
            "\u{7f}",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[b",
            "a\\b",
            "@",
            "a@{1}",
            "/a",
            "a/",
            "a//b",
            "a.",
            ".a",
            "x/.a",
            "a.lock",
            "a.lock/b",
            "<!channel>",
            "a`b",
            "a\"b",
            "'a'",
            "a–b",
            "a’b",
            "a\u{200b}b",
            "a\u{202e}b",
            "a\u{a0}b",
            "a&amp;b",
            &"r".repeat(256),
        ] {
            assert!(bad.parse::<Ref>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_refusal_states_the_rule_and_not_what_was_typed() {
        let refused = "evil..payload".parse::<Ref>().unwrap_err();
        assert_eq!(refused.to_string(), "a ref must not contain \"..\"");
    }

    #[test]
    fn deploy_ids_forgive_the_usual_slips_of_reading() {
        let id: DeployId = "1o2I3l4Z".parse().unwrap();
        assert_eq!(id.as_str(), "1021314z");
        for bad in [
            "",
            "1234567",
            "123456789",
            "1234567u",
            "1234-678",
            "1234567é",
            "r-123456",
        ] {
            assert!(bad.parse::<DeployId>().is_err(), "{bad:?}");
        }
        assert_eq!(
            "r-1234567O".parse::<ReadId>().unwrap().as_str(),
            "r-12345670"
        );
        assert!("12345678".parse::<ReadId>().is_err());
    }

    #[test]
    fn a_derived_id_depends_on_its_request_alone() {
        // sha256("abc") starts with ba 78 16 bf 8f.
        assert_eq!(DeployId::derive(b"abc").as_str(), "q9w1dfwf");
        assert_eq!(ReadId::derive(b"abc").as_str(), "r-q9w1dfwf");
    }

    #[test]
    fn slack_ids_say_what_they_are() {
        assert!("T0001".parse::<TeamId>().is_ok());
        assert!("E0001".parse::<TeamId>().is_ok());
        assert!("W012A3CDE".parse::<UserId>().is_ok());
        assert!("D0G9QPY56".parse::<ChannelId>().is_ok());
        assert!("S0614TZR7".parse::<GroupId>().is_ok());
        for bad in [
            "",
            "U",
            "u024be7lh",
            "U024BE7LH ",
            "@U024BE7LH",
            "T0001",
            "U024>BE",
        ] {
            assert!(bad.parse::<UserId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn digests_and_commits_have_exact_lengths() {
        let hex = "0123456789abcdef".repeat(4);
        let digest: ImageDigest = format!("sha256:{hex}").parse().unwrap();
        assert_eq!(digest.short(), "0123456789ab");
        for bad in [
            hex.clone(),
            format!("sha256:{}", hex.to_uppercase()),
            format!("sha256:{hex}0"),
        ] {
            assert!(bad.parse::<ImageDigest>().is_err(), "{bad}");
        }
        let sha: CommitSha = "ABCDEF0123456789abcdef0123456789abcdef01".parse().unwrap();
        assert_eq!(sha.short(), "abcdef0");
        assert!("abcdef0".parse::<CommitSha>().is_err());
    }

    #[test]
    fn deserializing_validates_too() {
        assert!(serde_json::from_str::<AppName>("\"webapp\"").is_ok());
        assert!(serde_json::from_str::<AppName>("\"web\\u0061pp\"").is_ok());
        assert!(serde_json::from_str::<AppName>("\"../webapp\"").is_err());
        let actor = Actor::Slack {
            team: "T0001".parse().unwrap(),
            user: "U024BE7LH".parse().unwrap(),
        };
        let json = serde_json::to_string(&actor).unwrap();
        assert_eq!(
            json,
            r#"{"kind":"slack","team":"T0001","user":"U024BE7LH"}"#
        );
        assert_eq!(serde_json::from_str::<Actor>(&json).unwrap(), actor);
        assert_eq!(actor.to_string(), "slack:T0001:U024BE7LH");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_name_panic(text in any::<String>()) {
            let _ = text.parse::<AppName>();
            let _ = text.parse::<DeployId>();
            let _ = text.parse::<ImageDigest>();
            let _ = text.parse::<ChannelId>();
            if let Ok(name) = text.parse::<Ref>() {
                prop_assert_eq!(name.as_str(), text);
            }
        }

        #[test]
        fn every_derived_id_is_an_id(request in any::<Vec<u8>>()) {
            let id = DeployId::derive(&request);
            prop_assert_eq!(id.as_str().parse::<DeployId>().unwrap(), id);
        }
    }
}
