//! Messages in Block Kit (<https://docs.slack.dev/reference/block-kit/blocks>), as much of it as
//! Longshore's cards need. Constructors cut what is too long, because a card that Slack refuses
//! tells nobody anything; [`check_limits`] says what they could not cut.

mod input;
mod limit;
mod menu;
mod plain;
mod spoken;

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

pub(crate) use self::input::{Choices, Input};
pub(crate) use self::limit::{ACCESSIBILITY, LARGEST_MESSAGE};
pub use self::limit::{BeyondLimits, check_limits};
use self::menu::Control;
pub(crate) use self::menu::Menu;
use super::text::{Mrkdwn, cut, with_ages};

/// A text object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Text {
    /// Shown as it is, nothing to escape.
    PlainText { text: String, emoji: bool },
    /// `verbatim` keeps Slack from making links and mentions out of plain words.
    Mrkdwn { text: String, verbatim: bool },
}

impl Text {
    fn plain(text: &str, max: usize) -> Self {
        let text = cut(text, max).into_owned();
        Self::PlainText { text, emoji: true }
    }

    fn mrkdwn(text: Mrkdwn, max: usize) -> Self {
        Self::Mrkdwn {
            text: text.cut(max).to_string(),
            verbatim: true,
        }
    }
}

/// One block of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Block(Shape);

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Shape {
    Header {
        text: Text,
    },
    Section {
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Text>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        fields: Vec<Text>,
    },
    Context {
        elements: Vec<Text>,
    },
    Actions {
        elements: Vec<Control>,
    },
    Input(Input),
    Divider,
}

impl Block {
    /// A headline: plain text of at most 150 characters.
    pub fn header(text: &str) -> Self {
        let text = Text::plain(text, limit::HEADER);
        Self(Shape::Header { text })
    }

    /// A paragraph of at most 3000 characters.
    pub fn section(text: Mrkdwn) -> Self {
        Self(Shape::Section {
            text: Some(Text::mrkdwn(text, limit::SECTION)),
            fields: Vec::new(),
        })
    }

    /// Up to ten short texts in two columns; empty ones are left out.
    pub fn fields(fields: impl IntoIterator<Item = Mrkdwn>) -> Self {
        let fields = fields.into_iter().filter(|field| !field.is_empty());
        Self(Shape::Section {
            text: None,
            fields: fields
                .take(limit::FIELDS)
                .map(|field| Text::mrkdwn(field, limit::FIELD))
                .collect(),
        })
    }

    /// Small print: up to ten texts in a row; empty ones are left out.
    pub fn context(elements: impl IntoIterator<Item = Mrkdwn>) -> Self {
        let elements = elements.into_iter().filter(|element| !element.is_empty());
        Self(Shape::Context {
            elements: elements
                .take(limit::CONTEXT)
                .map(|element| Text::mrkdwn(element, limit::FIELD))
                .collect(),
        })
    }

    /// Up to 25 buttons in a row.
    pub fn actions(buttons: impl IntoIterator<Item = Button>) -> Self {
        let buttons = buttons.into_iter().take(limit::ACTIONS);
        let elements = buttons.map(Control::Button).collect();
        Self(Shape::Actions { elements })
    }

    /// A menu in a row of its own.
    pub(crate) fn menu(menu: Menu) -> Self {
        let elements = vec![Control::Menu(menu)];
        Self(Shape::Actions { elements })
    }

    /// Something to choose or to enter.
    pub(crate) fn input(input: Input) -> Self {
        Self(Shape::Input(input))
    }

    /// A line across.
    pub fn divider() -> Self {
        Self(Shape::Divider)
    }
}

/// A button. Its id and value come back in the click
/// ([`PressedButton`](super::payload::PressedButton)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "button")]
pub struct Button {
    text: Text,
    action_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<Confirm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accessibility_label: Option<String>,
}

impl Button {
    /// A button with a label (at most 75 characters) that sends `value` (at most 2000) as
    /// `action_id`, which is unique within a message.
    pub fn new(action_id: &str, label: &str, value: &str) -> Self {
        Self {
            text: Text::plain(label, limit::BUTTON),
            action_id: cut(action_id, limit::ID).into_owned(),
            value: (!value.is_empty()).then(|| cut(value, limit::VALUE).into_owned()),
            url: None,
            style: None,
            confirm: None,
            accessibility_label: None,
        }
    }

    /// What a screen reader says instead of the label: at most 75 characters.
    #[must_use]
    pub(crate) fn read_as(self, words: &str) -> Self {
        Self {
            accessibility_label: Some(cut(words, limit::ACCESSIBILITY).into_owned()),
            ..self
        }
    }

    /// A button that opens `url` in the browser. Slack sends a click all the same.
    pub fn link(action_id: &str, label: &str, url: &str) -> Self {
        Self {
            url: Some(url.to_owned()),
            ..Self::new(action_id, label, "")
        }
    }

    /// Green: the way forward, once in a set.
    #[must_use]
    pub fn primary(self) -> Self {
        Self {
            style: Some("primary"),
            ..self
        }
    }

    /// Red: what is hard to undo.
    #[must_use]
    pub fn danger(self) -> Self {
        Self {
            style: Some("danger"),
            ..self
        }
    }

    /// Asks once more before the click is sent.
    #[must_use]
    pub fn confirm(self, confirm: Confirm) -> Self {
        Self {
            confirm: Some(confirm),
            ..self
        }
    }
}

/// The dialog that a button opens before its click is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confirm {
    title: Text,
    text: Text,
    confirm: Text,
    deny: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<&'static str>,
}

impl Confirm {
    /// A dialog with a title (at most 100 characters), a plain text (300) and two buttons (30).
    pub fn new(title: &str, text: &str, confirm: &str, deny: &str) -> Self {
        Self {
            title: Text::plain(title, limit::CONFIRM_TITLE),
            text: Text::plain(text, limit::CONFIRM_TEXT),
            confirm: Text::plain(confirm, limit::CONFIRM_BUTTON),
            deny: Text::plain(deny, limit::CONFIRM_BUTTON),
            style: None,
        }
    }

    /// With a red button.
    #[must_use]
    pub fn danger(self) -> Self {
        Self {
            style: Some("danger"),
            ..self
        }
    }
}

/// Who sees a reply by `response_url`, or a command's direct reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Only the person. Slack never makes such a message public later.
    Ephemeral,
    /// The channel.
    InChannel,
}

/// A message, before it is known when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    text: Mrkdwn,
    blocks: Vec<Block>,
    response_type: Option<Audience>,
    replace_original: Option<bool>,
}

/// The same as it is sent, in the shape that both the Web API and a `response_url` take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wire<'a> {
    /// With blocks it is for notifications and screen readers, which hold no times of their own.
    pub text: Cow<'a, str>,
    /// What is shown, unless there is none.
    pub blocks: &'a [Block],
    #[serde(skip_serializing_if = "Option::is_none")]
    response_type: Option<Audience>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replace_original: Option<bool>,
}

impl Message {
    /// A message without blocks: just `text`, at most 4000 characters.
    pub fn new(text: Mrkdwn) -> Self {
        Self {
            text: text.cut(limit::TEXT),
            blocks: Vec::new(),
            response_type: None,
            replace_original: None,
        }
    }

    /// With blocks (at most 50), which then are what is shown; the text remains for notifications
    /// and screen readers.
    #[must_use]
    pub fn blocks(mut self, blocks: impl IntoIterator<Item = Block>) -> Self {
        self.blocks = blocks.into_iter().take(limit::BLOCKS).collect();
        self
    }

    /// Says who sees it. Only for replies; the Web API ignores it.
    #[must_use]
    pub(crate) fn for_audience(mut self, audience: Audience) -> Self {
        self.response_type = Some(audience);
        self
    }

    /// Takes the place of the message whose button was pressed, rather than following it.
    #[must_use]
    pub fn replacing(mut self) -> Self {
        self.replace_original = Some(true);
        self
    }

    /// Follows the message whose button was pressed and leaves it as it is.
    #[must_use]
    pub(crate) fn following(mut self) -> Self {
        self.replace_original = Some(false);
        self
    }

    /// The message as it is sent at `now`.
    pub fn sent_at(&self, now: Timestamp) -> Wire<'_> {
        let text = self.text.as_str();
        let text = match self.blocks.is_empty() {
            true => Cow::Borrowed(text),
            false => with_ages(text, now),
        };
        Wire {
            text,
            blocks: &self.blocks,
            response_type: self.response_type,
            replace_original: self.replace_original,
        }
    }

    /// The text for notifications.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// The blocks, in order.
    pub fn content(&self) -> &[Block] {
        &self.blocks
    }
}

#[cfg(test)]
mod tests;
