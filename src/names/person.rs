//! People as they are typed, and what they give as a reason.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{BadName, UserId, is_invisible};

/// What somebody is called in Slack, in lower case and without the sign before it. It proves nothing: whoever is called so is
/// sought, and shown before anything is done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// What Slack says somebody is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonNames {
    /// Their handle, which is theirs alone.
    pub handle: Option<PersonName>,
    /// As they call themselves, which anybody can.
    pub display: Option<PersonName>,
}

/// Somebody, as they are typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Somebody {
    /// Whom a mention names, which Slack writes down with the id.
    Mentioned(UserId),
    /// Whoever is called so.
    Called(PersonName),
}

/// Why somebody wants something, in words of their own on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GivenReason(String);

/// The longest name, in characters: as long as Slack lets one be.
/// <https://docs.slack.dev/reference/objects/user-object>
const LONGEST_NAME: usize = 80;

impl PersonName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl GivenReason {
    /// The longest reason, in characters.
    pub const LONGEST: usize = 200;

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || is_invisible(c))
}

impl FromStr for PersonName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let name = text.trim_start_matches('@').to_lowercase();
        let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
        match fits && is_plain(&name) && !name.contains(char::is_whitespace) {
            true => Ok(Self(name)),
            false => Err(BadName {
                what: "a person's name",
                rule: "is 1 to 80 characters without spaces",
            }),
        }
    }
}

impl FromStr for GivenReason {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let fits = (1..=Self::LONGEST).contains(&text.chars().count());
        match fits && is_plain(text) && text.trim() == text {
            true => Ok(Self(text.to_owned())),
            false => Err(BadName {
                what: "a reason",
                rule: "is 1 to 200 characters on one line",
            }),
        }
    }
}

impl TryFrom<String> for PersonName {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        let name: Self = text.parse()?;
        // As it is kept, and no other spelling of it.
        match name.0 == text {
            true => Ok(name),
            false => Err(BadName {
                what: "a person's name",
                rule: "is kept in lower case and without a sign",
            }),
        }
    }
}

impl TryFrom<String> for GivenReason {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

impl From<GivenReason> for String {
    fn from(reason: GivenReason) -> Self {
        reason.0
    }
}

impl FromStr for Somebody {
    type Err = BadName;

    /// `@U061F7AUR`, `@maria`, `maria`
    fn from_str(text: &str) -> Result<Self, BadName> {
        let id = text.strip_prefix('@').map(str::parse::<UserId>);
        match id {
            Some(Ok(user)) => Ok(Self::Mentioned(user)),
            Some(Err(_)) | None => text.parse().map(Self::Called),
        }
    }
}

impl fmt::Display for Somebody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mentioned(user) => write!(f, "@{user}"),
            Self::Called(name) => write!(f, "@{}", name.0),
        }
    }
}

impl fmt::Display for GivenReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_a_mention_or_a_name() {
        let user: UserId = "U061F7AUR".parse().unwrap();
        for (typed, somebody) in [
            ("@U061F7AUR", Somebody::Mentioned(user)),
            ("@Maria", Somebody::Called("maria".parse().unwrap())),
            ("maria", Somebody::Called("maria".parse().unwrap())),
            // A bare id is somebody's name, and who that is, is asked.
            ("U061F7AUR", Somebody::Called("u061f7aur".parse().unwrap())),
            ("@u061f7aur", Somebody::Called("u061f7aur".parse().unwrap())),
        ] {
            assert_eq!(typed.parse(), Ok(somebody.clone()), "{typed}");
            assert_eq!(somebody.to_string().parse(), Ok(somebody));
        }
        for bad in ["", "@", "a b", "a\u{200b}b", &"x".repeat(81)] {
            assert!(bad.parse::<Somebody>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_reason_is_one_line_of_some_words() {
        assert!("the release of cms".parse::<GivenReason>().is_ok());
        for bad in ["", " x", "x ", "two\nlines", &"x".repeat(201)] {
            assert!(bad.parse::<GivenReason>().is_err(), "{bad:?}");
        }
    }
}
