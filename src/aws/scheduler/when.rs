//! When a schedule runs, as far as writing it back needs that: EventBridge Scheduler takes no start date
//! that lies more than five minutes back
//! ([getmoto/moto#8172](https://github.com/getmoto/moto/pull/8172)), also of a schedule that has it for
//! years, and one that has ended must not begin to run again.
//!
//! Pure: the schedule's words and dates, and the time.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// So far back a start date may lie; EventBridge Scheduler allows five minutes.
const STILL_NEW: SignedDuration = SignedDuration::from_mins(4);
/// The farthest that a time zone is from UTC, with some hours to spare.
const ANY_ZONE: SignedDuration = SignedDuration::from_hours(26);

/// What becomes of a schedule's start date when the schedule is written back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// It stays as it is.
    Stays,
    /// It is left out: a calendar says when to run, and has begun.
    Out,
    /// Every so often since then: the next of those moments keeps the rhythm.
    Next(Timestamp),
}

/// What becomes of a start date.
pub(super) fn start(expression: &str, start: Option<Timestamp>, now: Timestamp) -> Start {
    match (start, rate(expression)) {
        (None, _) => Start::Stays,
        (Some(start), _) if now.duration_since(start) < STILL_NEW => Start::Stays,
        (Some(_), None) => Start::Out,
        (Some(start), Some(every)) => {
            let beats = now.duration_since(start).as_secs() / every.as_secs() + 1;
            let next = every.checked_mul(i32::try_from(beats).unwrap_or(i32::MAX));
            let next = next.and_then(|since| start.checked_add(since).ok());
            next.map_or(Start::Out, Start::Next)
        }
    }
}

/// Whether a schedule will never run again: what it would run does not matter any more.
pub(super) fn has_ended(expression: &str, end: Option<Timestamp>, now: Timestamp) -> bool {
    match once(expression) {
        // Its time zone is somewhere; dates are ignored for what runs once.
        Some(at) => now.duration_since(at) > ANY_ZONE,
        None => end.is_some_and(|end| end <= now),
    }
}

/// `rate(VALUE UNIT)`: how often.
fn rate(expression: &str) -> Option<SignedDuration> {
    let inside = expression.trim().strip_prefix("rate(")?.strip_suffix(')')?;
    let mut words = inside.split_whitespace();
    let (value, unit) = (words.next()?.parse::<i64>().ok()?, words.next()?);
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 60 * 60,
        "day" | "days" => 24 * 60 * 60,
        _ => return None,
    };
    let seconds = value.checked_mul(seconds).filter(|seconds| *seconds > 0)?;
    words
        .next()
        .is_none()
        .then(|| SignedDuration::from_secs(seconds))
}

/// `at(YYYY-MM-DDThh:mm:ss)`: when, as if in UTC.
fn once(expression: &str) -> Option<Timestamp> {
    let inside = expression.trim().strip_prefix("at(")?.strip_suffix(')')?;
    let at: DateTime = inside.parse().ok()?;
    at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_start_date_of_the_past_is_left_out_where_a_calendar_decides() {
        let now = at("2026-03-02T09:00:00Z");
        let years_ago = Some(at("2024-01-01T03:00:00Z"));
        let expression = "cron(0 3 * * ? *)";
        assert_eq!(start(expression, None, now), Start::Stays);
        assert_eq!(start(expression, years_ago, now), Start::Out);
        for stays in [
            "2026-03-02T08:57:00Z",
            "2026-03-02T09:00:00Z",
            "2027-01-01T00:00:00Z",
        ] {
            assert_eq!(start(expression, Some(at(stays)), now), Start::Stays);
        }
        let six_minutes = Some(at("2026-03-02T08:54:00Z"));
        assert_eq!(start(expression, six_minutes, now), Start::Out);
        assert_eq!(start("at(2027-01-01T00:00:00)", years_ago, now), Start::Out);
    }

    #[test]
    fn what_runs_every_so_often_keeps_its_rhythm() {
        let now = at("2026-03-02T09:00:00Z");
        for (expression, began, next) in [
            (
                "rate(1 days)",
                "2024-01-01T03:00:00Z",
                "2026-03-03T03:00:00Z",
            ),
            (
                "rate(1 day)",
                "2024-01-01T10:30:00Z",
                "2026-03-02T10:30:00Z",
            ),
            (
                "rate(12 hours)",
                "2026-03-01T10:00:00Z",
                "2026-03-02T10:00:00Z",
            ),
            (
                "rate(7 minutes)",
                "2026-03-02T08:00:00Z",
                "2026-03-02T09:03:00Z",
            ),
            (
                "rate(30 minutes)",
                "2026-03-02T08:00:00Z",
                "2026-03-02T09:30:00Z",
            ),
        ] {
            let start = start(expression, Some(at(began)), now);
            assert_eq!(start, Start::Next(at(next)), "{expression}");
        }
        for odd in [
            "rate(0 days)",
            "rate(x days)",
            "rate(5 weeks)",
            "rate(5 days 3)",
        ] {
            assert_eq!(
                start(odd, Some(at("2024-01-01T00:00:00Z")), now),
                Start::Out
            );
        }
    }

    #[test]
    fn what_has_ended_is_known_by_its_end_or_by_its_one_time() {
        let now = at("2026-03-02T09:00:00Z");
        let cron = "cron(0 3 * * ? *)";
        let past = Some(at("2026-03-02T08:00:00Z"));
        let ahead = Some(at("2026-03-02T10:00:00Z"));
        for (expression, end, ended) in [
            (cron, None, false),
            (cron, past, true),
            (cron, ahead, false),
            ("rate(1 days)", past, true),
            ("at(2026-02-01T00:00:00)", None, true),
            ("at(2026-03-02T08:00:00)", None, false),
            // An end is nothing to what runs once.
            ("at(2026-04-01T00:00:00)", past, false),
        ] {
            assert_eq!(
                has_ended(expression, end, now),
                ended,
                "{expression} {end:?}"
            );
        }
    }
}
