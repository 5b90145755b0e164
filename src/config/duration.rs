//! Durations as people write them in a configuration, and as it is stored.

use std::time::Duration;

use jiff::SignedDuration;

use super::values::BadValue;

/// Reads `90s`, `30m`, `2h` or `1h30m`: whole numbers, each unit once at most and the largest first, and
/// none of the other ways in which `jiff` would read one.
pub(super) fn parse_duration(text: &str) -> Result<Duration, BadValue> {
    let plain = |byte: u8| byte.is_ascii_digit() || b"hms".contains(&byte);
    let read = (text.bytes().all(plain) && !text.contains("ms"))
        .then(|| text.parse::<SignedDuration>().ok())
        .flatten();
    read.and_then(|duration| duration.try_into().ok())
        .ok_or_else(|| BadValue("a duration is written \"90s\", \"30m\" or \"1h30m\"".to_owned()))
}

/// A [`Duration`] as whole seconds.
pub(super) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        value.as_secs().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_hours_minutes_and_seconds_is_a_duration() {
        for (text, seconds) in [
            ("90s", 90),
            ("30m", 1_800),
            ("2h", 7_200),
            ("1h30m", 5_400),
            ("1h1s", 3_601),
            ("0s", 0),
            ("007m", 420),
        ] {
            let read = parse_duration(text).unwrap();
            assert_eq!(read, Duration::from_secs(seconds), "{text}");
        }
        for bad in [
            "",
            "90",
            "h",
            "5ms",
            "1000ms",
            "30m1h",
            "1h1h",
            "1h 30m",
            "1.5h",
            "-1h",
            "+1h",
            "1H",
            "1hr",
            "1 hour",
            "PT1H",
            "1d",
            "1:30",
            "1h30",
            "99999999999999999999h",
        ] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
