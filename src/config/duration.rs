//! Durations as people write them in a configuration, and as it is stored.

use std::time::Duration;

use super::values::BadValue;

/// Reads `90s`, `30m`, `2h` or `1h30m`.
pub(super) fn parse_duration(text: &str) -> Result<Duration, BadValue> {
    const RULE: &str = "a duration is written \"90s\", \"30m\" or \"1h30m\"";
    let mut seconds: u64 = 0;
    let mut rest = text;
    let mut unit = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let factor = match tail.bytes().next() {
            Some(b'h') => 3600,
            Some(b'm') => 60,
            Some(b's') => 1,
            _ => return Err(BadValue(RULE.to_owned())),
        };
        let part = number
            .parse::<u64>()
            .ok()
            .and_then(|n| n.checked_mul(factor));
        // Units come once each, the largest first.
        let sum = part
            .filter(|_| factor < unit)
            .and_then(|n| n.checked_add(seconds));
        seconds = sum.ok_or_else(|| BadValue(RULE.to_owned()))?;
        unit = factor;
        rest = tail.get(1..).unwrap_or_default();
    }
    if text.is_empty() {
        return Err(BadValue(RULE.to_owned()));
    }
    Ok(Duration::from_secs(seconds))
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
