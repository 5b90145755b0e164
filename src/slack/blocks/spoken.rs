//! A message as words alone, for another function to say.

use super::{Block, Message, Shape, Text};
use crate::names::spoken::{HandedOn, Paragraph, without_links};
use crate::slack::text::{Mrkdwn, escape};

impl Message {
    /// Its words without its buttons, fields and links.
    pub fn spoken(&self) -> HandedOn {
        if self.blocks.is_empty() {
            return HandedOn::of([Paragraph::Plain(without_links(self.text.as_str()))]);
        }
        HandedOn::of(self.blocks.iter().flat_map(|block| block.0.spoken()))
    }

    /// The message that says so.
    pub fn saying(spoken: &HandedOn) -> Self {
        let paragraphs = spoken.paragraphs();
        if let [Paragraph::Plain(text)] = paragraphs {
            return Self::new(Mrkdwn::handed_on(text));
        }
        let first = paragraphs.first().map_or("", Paragraph::text);
        let blocks = paragraphs.iter().map(|one| match one {
            Paragraph::Heading(text) => Block::header(text),
            Paragraph::Plain(text) => Block::section(Mrkdwn::handed_on(text)),
            Paragraph::Small(text) => Block::context([Mrkdwn::handed_on(text)]),
        });
        Self::new(Mrkdwn::handed_on(first)).blocks(blocks)
    }
}

impl Shape {
    fn spoken(&self) -> Vec<Paragraph> {
        match self {
            Self::Header {
                text: Text::PlainText { text, .. } | Text::Mrkdwn { text, .. },
            } => vec![Paragraph::Heading(text.clone())],
            Self::Section { text, fields } => {
                let texts = text.iter().chain(fields);
                texts.map(|text| Paragraph::Plain(text.marked())).collect()
            }
            Self::Context { elements } => {
                let elements = elements.iter();
                elements
                    .map(|text| Paragraph::Small(text.marked()))
                    .collect()
            }
            Self::Actions { .. } | Self::Input(_) | Self::Divider => Vec::new(),
        }
    }
}

impl Text {
    fn marked(&self) -> String {
        match self {
            Self::PlainText { text, .. } => escape(text).into_owned(),
            Self::Mrkdwn { text, .. } => without_links(text),
        }
    }
}
