//! How much room text takes once Slack shows it, in characters.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;

use super::Mrkdwn;

/// A mention, with its sign: as long as most people's names, because how somebody is called only Slack knows.
const MENTION: usize = 10;

impl Mrkdwn {
    /// The characters that a reader sees: of a link its label, of a time its fallback, of an entity one, of
    /// marks none.
    pub(crate) fn shown_length(&self) -> usize {
        length(self.as_str())
    }
}

/// `3 days ago`: how long since, in the largest unit that says enough.
pub fn ago(span: Duration) -> String {
    match span.as_secs() {
        ..60 => "just now".to_owned(),
        more => format!("{} ago", units(more)),
    }
}

/// The same with each time as how long ago it was, or how long it is until then, for what holds no time of a
/// reader's own: notifications, which are read as soon as they are sent, at `now`.
/// <https://docs.slack.dev/messaging/formatting-message-text#date-formatting>
pub(crate) fn with_ages(text: &str, now: Timestamp) -> Cow<'_, str> {
    const TIME: &str = "<!date^";
    let mut parts = text.split(TIME);
    let mut words = parts.next().unwrap_or_default().to_owned();
    if words.len() == text.len() {
        return Cow::Borrowed(text);
    }
    for part in parts {
        let time = part.split_once('>').and_then(|(inside, rest)| {
            let (seconds, _) = inside.split_once('^')?;
            let at = Timestamp::from_second(seconds.parse().ok()?).ok()?;
            Some((at, rest))
        });
        match time {
            Some((at, rest)) => {
                age(&mut words, at, now);
                words.push_str(rest);
            }
            None => words.extend([TIME, part]),
        }
    }
    Cow::Owned(words)
}

/// Adds how far away a time is, in place of a word that goes with a time of day.
fn age(words: &mut String, at: Timestamp, now: Timestamp) {
    let away = at.duration_since(now);
    let span = away.unsigned_abs();
    // What is left of a minute is a minute.
    let left = units(span.as_secs().max(1).next_multiple_of(60));
    let mut before = [" until ", " at ", " on "].into_iter();
    let before = before
        .find(|word| words.ends_with(word))
        .unwrap_or_default();
    let said = match (away.is_positive(), before) {
        (true, " until ") => format!(" for {left} more"),
        (false, " until ") => format!("{before}{}", ago(span)),
        (true, before) => format!("{}in {left}", &before[..before.len().min(1)]),
        (false, before) => format!("{}{}", &before[..before.len().min(1)], ago(span)),
    };
    words.truncate(words.len() - before.len());
    words.push_str(&said);
}

/// `3 days`: a span of a minute or more, in the largest unit that says enough.
fn units(seconds: u64) -> String {
    match seconds {
        ..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        more => format!("{} days", more / 86_400),
    }
}

fn length(text: &str) -> usize {
    let mut length = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (taken, shown) = match (c, rest.find('>'), rest.find(';')) {
            ('<', Some(end), _) => (end + 1, of_reference(&rest[1..end])),
            ('&', _, Some(end)) => (end + 1, 1),
            ('`' | '*', ..) => (1, 0),
            _ => (c.len_utf8(), 1),
        };
        length += shown;
        rest = &rest[taken..];
    }
    length
}

fn of_reference(inside: &str) -> usize {
    match inside.split_once('|') {
        Some((_, label)) => length(label),
        None if inside.starts_with(['@', '!']) => MENTION,
        None => inside.chars().count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_becomes_how_far_away_it_is() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for (away, until, bare) in [
            (-400_000, "until 4 days ago", "4 days ago"),
            (-7_300, "until 2 h ago", "2 h ago"),
            (-90, "until 1 min ago", "1 min ago"),
            (-5, "until just now", "just now"),
            (0, "until just now", "just now"),
            (5, "for 1 min more", "in 1 min"),
            (900, "for 15 min more", "in 15 min"),
            (7_201, "for 2 h more", "in 2 h"),
        ] {
            let time = now + jiff::SignedDuration::from_secs(away);
            let text = Mrkdwn::raw("It stands until ").time(time);
            let words = format!("It stands {until}");
            assert_eq!(with_ages(text.as_str(), now), words);
            let text = Mrkdwn::of("<")
                .and(" at ")
                .minute(time)
                .and(", & ")
                .time(time);
            let words = format!("&lt; {bare}, & {bare}");
            assert_eq!(with_ages(text.as_str(), now), words);
        }
        for bad in ["<!date^1^{time}", "<!date^x^{time}|y>", "no time"] {
            assert_eq!(with_ages(bad, now), bad);
        }
    }

    #[test]
    fn what_slack_shows_is_counted_and_nothing_else() {
        let user = "U024BE7LH".parse().unwrap();
        let at = Timestamp::UNIX_EPOCH;
        for (text, length) in [
            (Mrkdwn::new(), 0),
            (Mrkdwn::of("übung & <x>"), 11),
            (Mrkdwn::raw("*so* ").code("it is"), 8),
            (Mrkdwn::new().user(&user), MENTION),
            (Mrkdwn::new().link("https://github.com/acme/x", "a & b"), 5),
            (Mrkdwn::new().minute(at), "1970-01-01 00:00 UTC".len()),
        ] {
            assert_eq!(text.shown_length(), length, "{text}");
        }
    }
}
