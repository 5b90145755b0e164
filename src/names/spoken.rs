//! What one function has another one say: words alone, without buttons, in Slack's markup, and so little of that that they
//! can ping nobody and show no link under another name.

use serde::{Deserialize, Serialize};

/// The most bytes of what is handed on to be said: a request holds it.
const MAX_BYTES: usize = 12 * 1024;
/// The most characters of a paragraph, as Slack takes them.
const PARAGRAPH: usize = 3_000;
/// The most paragraphs.
const PARAGRAPHS: usize = 40;

/// One paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paragraph {
    /// Plain text above the rest.
    Heading(String),
    /// In the usual size.
    Plain(String),
    /// Small print.
    Small(String),
}

impl Paragraph {
    /// Its words.
    pub fn text(&self) -> &str {
        match self {
            Self::Heading(text) | Self::Plain(text) | Self::Small(text) => text,
        }
    }
}

/// What is to be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOn {
    paragraphs: Vec<Paragraph>,
}

impl HandedOn {
    /// As much of these paragraphs as fits.
    pub fn of(paragraphs: impl IntoIterator<Item = Paragraph>) -> Self {
        let mut left = MAX_BYTES;
        let fits = |one: &Paragraph| {
            // In JSON a character takes more bytes than its own where it is escaped.
            let bytes = serde_json::to_string(one).map_or(MAX_BYTES, |json| json.len() + 1);
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        };
        let paragraphs = paragraphs.into_iter();
        let paragraphs = paragraphs.filter(|one| !one.text().is_empty());
        let paragraphs = paragraphs.take(PARAGRAPHS).take_while(fits).collect();
        Self { paragraphs }
    }

    /// The paragraphs, in order.
    pub fn paragraphs(&self) -> &[Paragraph] {
        &self.paragraphs
    }

    /// Whether it is what a reply may say: whoever wrote it may have been taken over.
    pub fn is_plain(&self) -> bool {
        *self == Self::of(self.paragraphs.iter().cloned())
            && !self.paragraphs.is_empty()
            && self.paragraphs.iter().map(Paragraph::text).all(is_plain)
    }
}

fn is_plain(text: &str) -> bool {
    let control = |c: char| c.is_control() && c != '\n';
    let mut entities = text.split('<').skip(1);
    text.chars().count() <= PARAGRAPH
        && !text.contains(control)
        && entities.all(|rest| {
            rest.split_once('>')
                .is_some_and(|(inside, _)| is_known(inside))
        })
}

/// Whether what stands between `<` and `>` names a person, a group, a channel or a time: nothing that calls everybody, and
/// no link whose label could say something else.
/// <https://docs.slack.dev/messaging/formatting-message-text>
fn is_known(entity: &str) -> bool {
    let id = |id: &str| {
        !id.is_empty()
            && id
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    match entity.split_at_checked(1) {
        Some(("@" | "#", rest)) => id(rest),
        Some(("!", rest)) => {
            rest.strip_prefix("subteam^").is_some_and(id)
                || (rest.starts_with("date^") && !rest.contains("http"))
        }
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> bool {
        let paragraphs = vec![Paragraph::Plain(text.to_owned())];
        HandedOn { paragraphs }.is_plain()
    }

    #[test]
    fn words_ping_nobody_and_link_nowhere() {
        for text in [
            "You may not deploy `webapp` to production. Ask <@U0ADA0001>.",
            "<!subteam^S0614TZR7>, <#C0DEPLOYS>",
            "until <!date^1772445600^{time}|10:00 UTC>",
            "*webapp*\n1 &lt; 2 &amp; 3",
        ] {
            assert!(says(text), "{text}");
        }
        for text in [
            "",
            "<!channel>",
            "<!here|here>",
            "<!everyone>",
            "<https://example.com|Sign in again>",
            "<mailto:a@example.com|a>",
            "<!date^1772445600^{time}^https://example.com|now>",
            "<@U0ADA0001",
            "<>",
            "\u{1b}[2J",
        ] {
            assert!(!says(text), "{text}");
        }
        assert!(!says(&"x".repeat(PARAGRAPH + 1)));
    }

    #[test]
    fn no_more_is_said_than_a_request_holds() {
        let long = || Paragraph::Plain("\"".repeat(PARAGRAPH));
        let cut = HandedOn::of(std::iter::repeat_with(long).take(9));
        assert_eq!(cut.paragraphs().len(), 2);
        assert!(cut.is_plain());
        let paragraphs = vec![long(); 9];
        assert!(!HandedOn { paragraphs }.is_plain());
    }
}
