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

    fn is_plain(&self) -> bool {
        // A heading has no markup.
        let marked = !matches!(self, Self::Heading(_));
        let text = self.text();
        fits(text) && (!marked || names_only(text))
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
            && self.paragraphs.iter().all(Paragraph::is_plain)
    }
}

/// The same words where links are their labels, of what Longshore itself wrote.
pub fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split('<');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once('>') {
            Some((entity, rest)) if !is_known(entity) => {
                let label = entity.split_once('|').map_or(entity, |(_, label)| label);
                plain.push_str(label);
                plain.push_str(rest);
            }
            _ => {
                plain.push('<');
                plain.push_str(part);
            }
        }
    }
    plain
}

fn fits(text: &str) -> bool {
    let control = |c: char| c.is_control() && c != '\n';
    text.chars().count() <= PARAGRAPH && !text.contains(control)
}

fn names_only(text: &str) -> bool {
    let mut entities = text.split('<').skip(1);
    entities.all(|rest| {
        let entity = rest.split_once('>').map(|(entity, _)| entity);
        entity.is_some_and(is_known)
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
    fn links_become_their_labels() {
        let text = "*1.0.2*, 1 commit <https://github.com/acme/webapp/compare/a...b|compare> of <@U0ADA0001> &lt;<https://example.com>";
        let plain = without_links(text);
        assert_eq!(
            plain,
            "*1.0.2*, 1 commit compare of <@U0ADA0001> &lt;https://example.com"
        );
        assert!(says(&plain) && !says(text));
    }

    #[test]
    fn a_heading_has_no_markup() {
        let heading = Paragraph::Heading("a<b runs".to_owned());
        let paragraphs = vec![heading];
        assert!(HandedOn { paragraphs }.is_plain());
        assert!(!says("a<b runs"));
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
