//! What a reader sees of `<!date^SECONDS^FORMAT^LINK|FALLBACK>`: the time in their own zone and clock, by the
//! tokens of <https://docs.slack.dev/messaging/formatting-message-text#date-formatting>.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, Zoned};

use crate::slack::{Hours, Reader};

/// What stands behind `!date^`, up to the fallback, as it is shown to this reader at `now`. None where Slack
/// shows the fallback instead: it cannot read the time, or does not know a token.
pub(super) fn shown(inside: &str, reader: &Reader, now: Timestamp) -> Option<String> {
    let mut parts = inside.splitn(3, '^');
    let seconds = parts.next()?.parse().ok()?;
    let format = parts.next()?;
    let time = Timestamp::from_second(seconds).ok()?;
    let time = time.to_zoned(reader.zone.clone());
    let now = now.to_zoned(reader.zone.clone());
    let mut words = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        let (token, left) = after.split_once('}')?;
        words.push_str(before);
        let said = said(token, &time, &now, reader.hours)?;
        // A day that begins the format begins with a capital, whatever stands before it in the message: Slack's
        // page does not say so, those who build on it saw it.
        let begins = words.is_empty() && token.ends_with("_pretty");
        words.push_str(&if begins { capitalized(&said) } else { said });
        rest = left;
    }
    words.push_str(rest);
    Some(words)
}

fn said(token: &str, time: &Zoned, now: &Zoned, hours: Hours) -> Option<String> {
    let date = |format: &str| of_year(time, now, format);
    let pretty = |format: &str| day(time.date(), now.date()).unwrap_or_else(|| date(format));
    let clock = |twelve: &str, twenty_four: &str| {
        let format = match hours {
            Hours::Twelve => twelve,
            Hours::TwentyFour => twenty_four,
        };
        time.strftime(format).to_string()
    };
    Some(match token {
        "date_num" => time.strftime("%Y-%m-%d").to_string(),
        "date" => date("%B {day}"),
        "date_short" => date("%b %-d"),
        "date_long" => date("%A, %B {day}"),
        "date_pretty" => pretty("%B {day}"),
        "date_short_pretty" => pretty("%b %-d"),
        "date_long_pretty" => pretty("%A, %B {day}"),
        "time" => clock("%-I:%M %p", "%H:%M"),
        "time_secs" => clock("%-I:%M:%S %p", "%H:%M:%S"),
        "ago" => ago(now.duration_since(time).as_secs()),
        _ => return None,
    })
}

/// Yesterday, today or tomorrow, as the reader's calendar has it.
fn day(date: Date, today: Date) -> Option<String> {
    match date.since(today).ok()?.get_days() {
        -1 => Some("yesterday".to_owned()),
        0 => Some("today".to_owned()),
        1 => Some("tomorrow".to_owned()),
        _ => None,
    }
}

/// A date; its year is left out where it is less than six months away.
fn of_year(time: &Zoned, now: &Zoned, format: &str) -> String {
    let ordinal = match time.day() {
        11..=13 => "th",
        day => match day % 10 {
            1 => "st",
            2 => "nd",
            3 => "rd",
            _ => "th",
        },
    };
    let format = format.replace("{day}", &format!("%-d{ordinal}"));
    let near = |edge: Result<Zoned, jiff::Error>| edge.unwrap_or_else(|_| now.clone());
    let (from, to) = (now.checked_sub(6.months()), now.checked_add(6.months()));
    let is_near = near(from) < *time && *time < near(to);
    let year = if is_near { "" } else { ", %Y" };
    time.strftime(&format!("{format}{year}")).to_string()
}

/// `3 minutes ago`: Slack's page has nothing but such examples.
fn ago(seconds: i64) -> String {
    let (count, unit) = match seconds.unsigned_abs() {
        seconds @ ..60 => (seconds, "second"),
        seconds @ 60..3_600 => (seconds / 60, "minute"),
        seconds @ 3_600..86_400 => (seconds / 3_600, "hour"),
        seconds => (seconds / 86_400, "day"),
    };
    let many = if count == 1 { "" } else { "s" };
    match seconds < 0 {
        true => format!("in {count} {unit}{many}"),
        false => format!("{count} {unit}{many} ago"),
    }
}

fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn reader(zone: &str, hours: Hours) -> Reader {
        let zone = TimeZone::get(zone).unwrap();
        Reader { zone, hours }
    }

    /// The examples of Slack's page: 1392734382 is February 18th, 2014, 6:39:42 AM in California.
    #[test]
    fn each_token_shows_what_slack_documents() {
        let long_after = "2026-03-02T09:00:00Z".parse().unwrap();
        let soon_after = "2014-03-02T09:00:00Z".parse().unwrap();
        let next_day = "2014-02-19T09:00:00Z".parse().unwrap();
        let california = reader("America/Los_Angeles", Hours::Twelve);
        let vienna = reader("Europe/Vienna", Hours::TwentyFour);
        for (format, who, now, words) in [
            ("{date_num}", &california, long_after, "2014-02-18"),
            ("{date}", &california, long_after, "February 18th, 2014"),
            ("{date}", &california, soon_after, "February 18th"),
            ("{date_short}", &california, long_after, "Feb 18, 2014"),
            ("{date_short}", &california, soon_after, "Feb 18"),
            (
                "{date_long}",
                &california,
                long_after,
                "Tuesday, February 18th, 2014",
            ),
            ("on {date_pretty}", &vienna, next_day, "on yesterday"),
            ("{date_short_pretty}", &vienna, next_day, "Yesterday"),
            ("{date_short_pretty}", &vienna, soon_after, "Feb 18"),
            ("{date_long_pretty}", &vienna, next_day, "Yesterday"),
            ("{time}", &california, next_day, "6:39 AM"),
            ("{time}", &vienna, next_day, "15:39"),
            ("{time_secs}", &california, next_day, "6:39:42 AM"),
            ("{time_secs}", &vienna, next_day, "15:39:42"),
            ("{ago}", &vienna, next_day, "18 hours ago"),
            (
                "Posted {date_num} {time_secs}^https://example.com/",
                &california,
                next_day,
                "Posted 2014-02-18 6:39:42 AM",
            ),
        ] {
            let inside = format!("1392734382^{format}");
            assert_eq!(shown(&inside, who, now).as_deref(), Some(words), "{format}");
        }
    }

    #[test]
    fn a_day_is_the_readers_own() {
        let now = "2026-03-02T23:30:00Z".parse().unwrap();
        let inside = format!("{}^{{time}} {{date_short_pretty}}", 1_772_486_100);
        let at = |zone| shown(&inside, &reader(zone, Hours::TwentyFour), now);
        // 2026-03-02 21:15 in UTC.
        assert_eq!(at("UTC").unwrap(), "21:15 today");
        assert_eq!(at("Europe/Vienna").unwrap(), "22:15 yesterday");
        assert_eq!(at("America/Los_Angeles").unwrap(), "13:15 today");
    }

    #[test]
    fn what_slack_cannot_show_is_left_to_the_fallback() {
        let who = reader("UTC", Hours::TwentyFour);
        for inside in ["x^{time}", "1392734382", "1^{moon}", "1^{time"] {
            assert_eq!(shown(inside, &who, Timestamp::UNIX_EPOCH), None, "{inside}");
        }
    }
}
