//! Text that must not be seen: no `Display`, no `Serialize`, and a `Debug` that says nothing.

use std::fmt;

/// A secret. Whoever needs the text says so by name, so that every use can be found.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What a token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// There is a token: this one.
    With(Secret),
    /// There is none: the parameter does not exist, or is blank.
    Without,
    /// It could not be read, and never was: later it may be.
    Unread,
}

impl Access {
    /// What a token opens that was read.
    pub fn of(token: Option<Secret>) -> Self {
        token.map_or(Self::Without, Self::With)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_stars_however_deep_it_sits() {
        let secret = Some(Secret::new("8f742231b10e8888abcd99yyyzzz85a5"));
        assert_eq!(format!("{secret:?}"), "Some(***)");
    }
}
