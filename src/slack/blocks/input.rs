//! What people choose or enter in a message: it comes with the click on a button of the same message, in its
//! `state` (<https://docs.slack.dev/reference/block-kit/blocks/input-block>).

use serde::Serialize;

use super::menu::MenuOption;
use super::{Text, limit};
use crate::slack::text::cut;

/// A field with its label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Input {
    block_id: String,
    label: Text,
    element: Element,
    optional: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Element {
    StaticSelect {
        action_id: String,
        placeholder: Text,
        #[serde(flatten)]
        choices: Choices,
    },
    PlainTextInput {
        action_id: String,
        placeholder: Text,
        max_length: usize,
    },
}

/// What can be chosen: a list, or where that is too long for Slack, several with headings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Choices {
    /// At most [`limit::OPTIONS`].
    Options(Vec<MenuOption>),
    /// At most [`limit::OPTIONS`] of at most as many each.
    OptionGroups(Vec<MenuGroup>),
}

/// Things to choose, under a heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct MenuGroup {
    label: Text,
    options: Vec<MenuOption>,
}

impl Choices {
    /// These names, each chosen by itself, in their order: `webapp`, or `cms` shown as `Content Management System`.
    /// None if there are none, or more than Slack can list.
    pub(crate) fn of(names: &[(String, String)]) -> Option<Self> {
        let choice = |(value, shown): &(String, String)| MenuOption::new(value, shown);
        let listed = |names: &[(String, String)]| names.iter().map(choice).collect::<Vec<_>>();
        let shown: usize = names.iter().map(|(_, shown)| shown.chars().count()).sum();
        let fits = names
            .iter()
            .all(|(value, _)| value.len() <= limit::OPTION_VALUE);
        if names.is_empty() || !fits || shown > limit::CHOICES {
            return None;
        }
        if names.len() <= limit::OPTIONS {
            return Some(Self::Options(listed(names)));
        }
        let groups = names.chunks(limit::OPTIONS).map(|part| {
            let (first, last) = (part.first(), part.last());
            let ends = first
                .into_iter()
                .chain(last)
                .map(|(_, shown)| cut(shown, 30));
            MenuGroup {
                label: Text::plain(&ends.collect::<Vec<_>>().join(" … "), limit::OPTION),
                options: listed(part),
            }
        });
        Some(Self::OptionGroups(groups.collect()))
    }

    fn len(&self) -> usize {
        match self {
            Self::Options(options) => options.len(),
            Self::OptionGroups(groups) => groups.iter().map(|group| group.options.len()).sum(),
        }
    }
}

impl Input {
    /// A menu. Its name comes back as the `action_id`.
    pub(crate) fn menu(name: &str, label: &str, choices: Choices) -> Self {
        let element = Element::StaticSelect {
            action_id: name.to_owned(),
            placeholder: Text::plain("Choose…", limit::PLACEHOLDER),
            choices,
        };
        Self::new(name, label, element)
    }

    /// A menu in which nothing need be chosen.
    pub(crate) fn optional_menu(name: &str, label: &str, choices: Choices) -> Self {
        Self {
            optional: true,
            ..Self::menu(name, label, choices)
        }
    }

    /// A line to enter something in, or to leave empty.
    pub(crate) fn line(name: &str, label: &str, hint: &str, longest: usize) -> Self {
        let element = Element::PlainTextInput {
            action_id: name.to_owned(),
            placeholder: Text::plain(hint, limit::PLACEHOLDER),
            max_length: longest,
        };
        Self {
            optional: true,
            ..Self::new(name, label, element)
        }
    }

    fn new(name: &str, label: &str, element: Element) -> Self {
        Self {
            block_id: name.to_owned(),
            label: Text::plain(label, limit::LABEL),
            element,
            optional: false,
        }
    }

    /// What it is called in a click.
    pub(super) fn name(&self) -> &str {
        &self.block_id
    }

    pub(super) fn texts(&self) -> Vec<&Text> {
        let mut texts = vec![&self.label];
        match &self.element {
            Element::StaticSelect {
                choices,
                placeholder,
                ..
            } => {
                texts.push(placeholder);
                match choices {
                    Choices::Options(options) => texts.extend(options.iter().map(|one| &one.text)),
                    Choices::OptionGroups(groups) => {
                        for group in groups {
                            texts.push(&group.label);
                            texts.extend(group.options.iter().map(|one| &one.text));
                        }
                    }
                }
            }
            Element::PlainTextInput { placeholder, .. } => texts.push(placeholder),
        }
        texts
    }

    pub(super) fn fits(&self) -> bool {
        let filled = match &self.element {
            Element::StaticSelect { choices, .. } => choices.len() > 0,
            Element::PlainTextInput { max_length, .. } => *max_length > 0,
        };
        filled && self.texts().into_iter().all(|text| text.fits(limit::LABEL))
    }

    /// The label, at a terminal.
    pub(super) fn label(&self) -> &Text {
        &self.label
    }
}
