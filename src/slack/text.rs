//! Text for Slack in its markup, mrkdwn (<https://docs.slack.dev/messaging/formatting-message-text>).
//! What people wrote enters a [`Mrkdwn`] only escaped, on one line and cut to a length, so that it can
//! never ping, link or look like a line of ours.

mod shown;

pub use self::shown::ago;
pub(crate) use self::shown::with_ages;

use std::{borrow::Cow, fmt};

use jiff::Timestamp;

use crate::names::list::listed;
use crate::names::{ChannelId, GroupId, UserId, is_invisible};

/// Replaces the three characters that mean something to Slack.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// The first `max` characters of `text`, the last of them an ellipsis if more was there.
pub fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max || text.chars().count() <= max {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    Cow::Owned(kept + "…")
}

/// Text on one line without invisible or control characters, cut to `max` characters.
fn one_line(text: &str, max: usize) -> String {
    // Cut before the work on it, too: what is kept is at most that long.
    let line: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            c if c.is_whitespace() || c.is_control() => ' ',
            c => c,
        })
        .take(max + 1)
        .collect();
    cut(&line, max).into_owned()
}

/// Text in Slack's markup. Built from literals of ours and other people's text; the latter only by
/// way of the functions that escape it.
///
/// ```
/// # use longshore::slack::text::Mrkdwn;
/// let line = Mrkdwn::raw("Deploying ").code("feature/<!channel>").and(" now");
/// assert_eq!(line.as_str(), "Deploying `feature/&lt;!channel&gt;` now");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mrkdwn(String);

impl Mrkdwn {
    /// The most characters that [`text`](Self::text) and [`code`](Self::code)
    /// keep.
    pub const CAP: usize = 200;

    /// Begins with a literal of ours, which may hold markup.
    pub fn raw(literal: &'static str) -> Self {
        Self(literal.to_owned())
    }

    /// Takes over what another function has written so, once it is known to be plain.
    pub(crate) fn handed_on(markup: &str) -> Self {
        Self(markup.to_owned())
    }

    /// Begins with nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins with somebody's text, escaped.
    pub fn of(text: &str) -> Self {
        Self::default().text(text)
    }

    /// Adds a literal of ours, which may hold markup.
    #[must_use]
    pub fn and(mut self, literal: &'static str) -> Self {
        self.0.push_str(literal);
        self
    }

    /// Adds somebody's text: escaped, on one line, at most [`CAP`](Self::CAP) characters.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.capped(text, Self::CAP)
    }

    /// Adds somebody's text: escaped, on one line, at most `max` characters.
    #[must_use]
    pub(crate) fn capped(mut self, text: &str, max: usize) -> Self {
        self.0.push_str(&escape(&one_line(text, max)));
        self
    }

    /// Adds a number or a name type, whose `Display` is known; escaped all the same.
    #[must_use]
    pub fn shown(self, value: impl fmt::Display) -> Self {
        self.text(&value.to_string())
    }

    /// Adds somebody's text as code.
    #[must_use]
    pub fn code(self, text: &str) -> Self {
        self.code_capped(text, Self::CAP)
    }

    /// Adds somebody's text as code, at most `max` characters.
    #[must_use]
    pub fn code_capped(mut self, text: &str, max: usize) -> Self {
        self.marked("`", &one_line(text, max).replace('`', "'"));
        self
    }

    /// Adds a whole command, at most `max` characters: as code, but in bold where it names a person, because Slack
    /// shows in code the id and not what they are called. Copied, it is read as what is shown.
    #[must_use]
    pub(crate) fn command_line(mut self, line: &str, max: usize) -> Self {
        let person = |word: &str| word.strip_prefix('@')?.parse::<UserId>().ok();
        if !line.split(' ').any(|word| person(word).is_some()) {
            return self.code_capped(line, max);
        }
        self.0.push('*');
        for (at, word) in cut(line, max).split(' ').enumerate() {
            let gap = if at == 0 { "" } else { " " };
            self = self.and(gap);
            self = match person(word) {
                Some(user) => self.user(&user),
                None => self.text(word),
            };
        }
        self.and("*")
    }

    /// Adds several lines of somebody's text as a code block of at most `max` characters; the end is
    /// kept, since in a log the end is what matters.
    #[must_use]
    pub fn code_block(mut self, text: &str, max: usize) -> Self {
        let clean: String = text
            .chars()
            .filter(|c| !is_invisible(*c) && (*c == '\n' || !c.is_control()))
            .map(|c| if c == '`' { '\'' } else { c })
            .collect();
        let length = clean.chars().count();
        let end: String = if length > max {
            let skipped = length - max.saturating_sub(1);
            std::iter::once('…')
                .chain(clean.chars().skip(skipped))
                .collect()
        } else {
            clean
        };
        self.marked("```", end.trim_matches('\n'));
        self
    }

    /// Adds a mention that notifies the user.
    #[must_use]
    pub fn user(mut self, user: &UserId) -> Self {
        self.0.push_str(&format!("<@{user}>"));
        self
    }

    /// Adds a mention that notifies everyone in the group.
    #[must_use]
    pub fn group(mut self, group: &GroupId) -> Self {
        self.0.push_str(&format!("<!subteam^{group}>"));
        self
    }

    /// Adds a link to a channel.
    #[must_use]
    pub fn channel(mut self, channel: &ChannelId) -> Self {
        self.0.push_str(&format!("<#{channel}>"));
        self
    }

    /// Adds a link with a label. A URL that is not `https`, or holds anything but visible ASCII, is
    /// left out and the label stands alone.
    #[must_use]
    pub fn link(mut self, url: &str, label: &str) -> Self {
        let label = escape(&one_line(label, Self::CAP)).replace('|', "¦");
        let usable = url.len() <= 2000
            && url.starts_with("https://")
            && url
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"<>|\"".contains(&b));
        if usable && !label.trim().is_empty() {
            self.0.push_str(&format!("<{}|{label}>", escape(url)));
        } else {
            self.0.push_str(&label);
        }
        self
    }

    /// Adds a time that each reader sees in their own zone: `15:39 today`. A day that stood first would begin with
    /// a capital in the middle of a sentence.
    #[must_use]
    pub fn time(mut self, at: Timestamp) -> Self {
        let seconds = at.as_second();
        self.0.push_str(&format!(
            "<!date^{seconds}^{{time}} {{date_short_pretty}}|{}>",
            at.strftime("%Y-%m-%d %H:%M UTC")
        ));
        self
    }

    /// The same in figures alone, for lines below each other: `2014-02-18 14:39`.
    #[must_use]
    pub(crate) fn minute(mut self, at: Timestamp) -> Self {
        let seconds = at.as_second();
        self.0.push_str(&format!(
            "<!date^{seconds}^{{date_num}} {{time}}|{}>",
            at.strftime("%Y-%m-%d %H:%M UTC")
        ));
        self
    }

    /// Adds another piece.
    #[must_use]
    pub fn append(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// `a, b and c` of the pieces that say something, with a word of ours before the last.
    pub fn listed(pieces: impl IntoIterator<Item = Self>, word: &'static str) -> Self {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
        Self(listed(pieces.map(|piece| piece.0), word))
    }

    /// Joins pieces with a literal of ours between.
    pub fn join(pieces: impl IntoIterator<Item = Self>, between: &'static str) -> Self {
        let mut joined = String::new();
        for (index, piece) in pieces.into_iter().enumerate() {
            if index > 0 {
                joined.push_str(between);
            }
            joined.push_str(&piece.0);
        }
        Self(joined)
    }

    /// The same, beginning with a capital.
    #[must_use]
    pub(crate) fn capitalized(mut self) -> Self {
        if let Some(first) = self.0.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        self
    }

    /// The text as Slack takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// At most `max` characters, never ending inside an entity, a link or a code block.
    #[must_use]
    pub fn cut(self, max: usize) -> Self {
        if self.0.chars().count() <= max {
            return self;
        }
        // Room for the ellipsis and the end of a code block.
        let mut kept: String = self.0.chars().take(max.saturating_sub(4)).collect();
        if let Some(open) = kept.rfind('<')
            && !kept[open..].contains('>')
        {
            kept.truncate(open);
        }
        if let Some(entity) = kept.rfind('&')
            && !kept[entity..].contains(';')
        {
            kept.truncate(entity);
        }
        while kept.ends_with('`') {
            kept.pop();
        }
        kept.push('…');
        if kept.matches("```").count() % 2 == 1 {
            kept.push_str("```");
        }
        Self(kept)
    }

    fn marked(&mut self, mark: &str, text: &str) {
        // Slack shows empty marks as they are.
        if text.trim().is_empty() {
            return;
        }
        self.0.push_str(mark);
        self.0.push_str(&escape(text));
        self.0.push_str(mark);
    }
}

impl fmt::Debug for Mrkdwn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Mrkdwn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_characters_are_escaped_and_no_others() {
        assert_eq!(
            escape("<!channel> & \"x\" 'y'"),
            "&lt;!channel&gt; &amp; \"x\" 'y'"
        );
        assert_eq!(escape("&amp;"), "&amp;amp;");
        assert!(matches!(escape("plain"), Cow::Borrowed("plain")));
    }

    #[test]
    fn a_cut_counts_characters() {
        assert_eq!(cut("übung", 5), "übung");
        assert_eq!(cut("übungen", 5), "übun…");
        assert_eq!(cut("ab", 1), "…");
    }

    #[test]
    fn peoples_text_stays_on_its_line_and_in_its_marks() {
        let text = Mrkdwn::of("done\n:white_check_mark: *deployed*\u{202e}\u{7}x");
        assert_eq!(text.as_str(), "done :white_check_mark: *deployed* x");
        assert_eq!(Mrkdwn::new().code("a`b\nc").as_str(), "`a'b c`");
        assert_eq!(Mrkdwn::new().code(" ").as_str(), "");
        let block = Mrkdwn::new().code_block("one\r\n```<!here>```\ntwo\n", 100);
        assert_eq!(block.as_str(), "```one\n'''&lt;!here&gt;'''\ntwo```");
        assert_eq!(
            Mrkdwn::new().code_block("0123456789", 5).as_str(),
            "```…6789```"
        );
        assert_eq!(Mrkdwn::of(&"x".repeat(500)).as_str().chars().count(), 200);
    }

    #[test]
    fn links_lead_only_where_we_say() {
        let link = |url, label| Mrkdwn::new().link(url, label).0;
        assert_eq!(
            link("https://github.com/acme/x?a=1&b=2", "a|b<c"),
            "<https://github.com/acme/x?a=1&amp;b=2|a¦b&lt;c>"
        );
        for url in [
            "http://x",
            "javascript:x",
            "https://x|y",
            "https://x>y",
            "https://x y",
            "!channel",
        ] {
            assert_eq!(link(url, "label"), "label");
        }
    }

    #[test]
    fn mentions_and_times_are_slacks_own() {
        let text = Mrkdwn::raw("by ")
            .user(&"U024BE7LH".parse().unwrap())
            .and(" at ")
            .time(Timestamp::from_second(1_392_734_382).unwrap());
        assert_eq!(
            text.as_str(),
            "by <@U024BE7LH> at <!date^1392734382^{time} {date_short_pretty}|2014-02-18 14:39 UTC>"
        );
    }

    #[test]
    fn a_cut_never_ends_inside_markup() {
        let user: UserId = "U024BE7LH".parse().unwrap();
        let whole = Mrkdwn::raw("ab").user(&user);
        assert_eq!(whole.clone().cut(14).as_str(), "ab<@U024BE7LH>");
        assert_eq!(whole.cut(13).as_str(), "ab…");
        assert_eq!(Mrkdwn::of("abcde&fg").cut(11).as_str(), "abcde…");
        let block = Mrkdwn::new().code_block(&"x".repeat(50), 50).cut(20);
        assert_eq!(block.as_str(), format!("```{}…```", "x".repeat(13)));
    }

    proptest! {
        #[test]
        fn nothing_that_people_write_pings_links_or_breaks_out(
            text in prop_oneof![any::<String>(), "[<>!@#&;|*`\n a-z]{0,40}"],
            max in 5_usize..300,
        ) {
            let rendered = Mrkdwn::of(&text)
                .capped(&text, max)
                .code(&text)
                .code_block(&text, max)
                .link("not a url", &text);
            for end in [usize::MAX, max] {
                let rendered = rendered.clone().cut(end);
                prop_assert!(!rendered.as_str().contains(['<', '>']));
                // Every ampersand begins one of the three entities, whole.
                for (at, _) in rendered.as_str().match_indices('&') {
                    let rest = &rendered.as_str()[at..];
                    prop_assert!(["&amp;", "&lt;", "&gt;"].iter().any(|e| rest.starts_with(e)));
                }
                prop_assert!(rendered.as_str().chars().count() <= end);
            }
            let inline = Mrkdwn::new().code(&text);
            prop_assert!(inline.as_str().matches('`').count() <= 2);
            prop_assert!(!inline.as_str().contains('\n'));
        }
    }
}
