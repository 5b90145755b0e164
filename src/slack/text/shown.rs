//! How much room text takes once Slack shows it, in characters.

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

/// The same with each time as it stands for readers who are shown none: `2026-03-02 09:15 UTC`.
/// <https://docs.slack.dev/messaging/formatting-message-text#date-formatting>
pub(crate) fn with_times_in_words(text: &str) -> String {
    const TIME: &str = "<!date^";
    let mut parts = text.split(TIME);
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let time = part.split_once('>').and_then(|(inside, rest)| {
            let (_, fallback) = inside.rsplit_once('|')?;
            Some((fallback, rest))
        });
        match time {
            Some((fallback, rest)) => words.extend([fallback, rest]),
            None => words.extend([TIME, part]),
        }
    }
    words
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
    use jiff::Timestamp;

    #[test]
    fn a_time_in_words_is_its_fallback() {
        let at = Timestamp::UNIX_EPOCH;
        let text = Mrkdwn::of("from <x> ").minute(at).and(" to ").minute(at);
        let words = "from &lt;x&gt; 1970-01-01 00:00 UTC to 1970-01-01 00:00 UTC";
        assert_eq!(with_times_in_words(text.as_str()), words);
        assert_eq!(with_times_in_words("<!date^1^{time}"), "<!date^1^{time}");
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
