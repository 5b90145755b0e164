//! The time zone in which typed times are read, by its name in the IANA database, which the programs carry:
//! a function's machine may have none, or an old one.

use std::fmt;
use std::str::FromStr;

use jiff::tz::{self, TimeZone};
use serde::{Deserialize, Serialize};

use super::near;

/// A time zone. Only one that the database knows can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Zone(TimeZone);

/// No zone has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time zone is named as in the IANA database, such as \"{near}\"")]
pub struct NoZone {
    near: String,
}

/// What is named where nothing is near.
const EXAMPLE: &str = "Europe/Vienna";

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Its rules.
    pub fn rules(&self) -> &TimeZone {
        &self.0
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl FromStr for Zone {
    type Err = NoZone;

    fn from_str(name: &str) -> Result<Self, NoZone> {
        if let Ok(zone) = tz::db().get(name)
            && zone.iana_name() == Some(name)
        {
            return Ok(Self(zone));
        }
        let known: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
        let lower: Vec<String> = known.iter().map(|one| one.to_ascii_lowercase()).collect();
        let spellings = lower.iter().map(String::as_str).zip(&known);
        let near = near::nearest(&name.to_ascii_lowercase(), spellings);
        Err(NoZone {
            near: near.map_or(EXAMPLE, String::as_str).to_owned(),
        })
    }
}

impl TryFrom<String> for Zone {
    type Error = NoZone;

    fn try_from(name: String) -> Result<Self, NoZone> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_one_that_the_database_knows_in_its_own_spelling() {
        for name in ["Europe/Vienna", "UTC", "America/New_York", "Asia/Kolkata"] {
            let zone: Zone = name.parse().unwrap();
            assert_eq!(zone.name(), name);
            let stored = serde_json::to_string(&zone).unwrap();
            assert_eq!(serde_json::from_str::<Zone>(&stored).unwrap(), zone);
        }
        for (name, near) in [
            ("Europe/Wien", "Europe/Wien"),
            ("europe/vienna", "Europe/Vienna"),
            ("Europe/Viena", "Europe/Vienna"),
            ("", "Europe/Vienna"),
            ("Nowhere/At_All_Of_These", "Europe/Vienna"),
            ("+01:00", "Europe/Vienna"),
        ] {
            let said = name.parse::<Zone>().unwrap_err().to_string();
            assert!(name == near || said.contains(near), "{name}: {said}");
        }
    }
}
