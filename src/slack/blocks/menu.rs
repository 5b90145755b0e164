//! A menu among buttons: what is chosen in it is sent at once, like a click
//! (<https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#static_select>).

use serde::Serialize;

use super::{Button, Text, limit};
use crate::slack::text::cut;

/// A button or a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Control {
    Button(Button),
    Menu(Menu),
}

/// A menu, with what is chosen in it to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "static_select")]
pub(crate) struct Menu {
    action_id: String,
    placeholder: Text,
    options: Vec<MenuOption>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_option: Option<MenuOption>,
}

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct MenuOption {
    pub(super) text: Text,
    pub(super) value: String,
}

impl MenuOption {
    pub(super) fn new(value: &str, shown: &str) -> Self {
        Self {
            text: Text::plain(shown, limit::OPTION),
            value: value.to_owned(),
        }
    }
}

impl Menu {
    /// A menu of values (at most [`limit::OPTION_VALUE`]) with what people read of each, at most
    /// [`limit::OPTIONS`] of them. `chosen` is one of the values.
    pub(crate) fn new(
        action_id: &str,
        placeholder: &str,
        options: &[(String, String)],
        chosen: &str,
    ) -> Self {
        let options: Vec<MenuOption> = options
            .iter()
            .take(limit::OPTIONS)
            .map(|(value, shown)| MenuOption::new(value, shown))
            .collect();
        let initial_option = options.iter().find(|option| option.value == chosen);
        Self {
            action_id: cut(action_id, limit::ID).into_owned(),
            placeholder: Text::plain(placeholder, limit::PLACEHOLDER),
            initial_option: initial_option.cloned(),
            options,
        }
    }

    fn fits(&self) -> bool {
        let value = |option: &MenuOption| (1..=limit::OPTION_VALUE).contains(&option.value.len());
        let text = |option: &MenuOption| option.text.fits(limit::OPTION);
        (1..=limit::ID).contains(&self.action_id.chars().count())
            && self.placeholder.fits(limit::PLACEHOLDER)
            && (1..=limit::OPTIONS).contains(&self.options.len())
            && self
                .options
                .iter()
                .all(|option| value(option) && text(option))
    }
}

impl Control {
    pub(super) fn action_id(&self) -> &str {
        match self {
            Self::Button(button) => &button.action_id,
            Self::Menu(menu) => &menu.action_id,
        }
    }

    pub(super) fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Button(button) => vec![&button.text],
            Self::Menu(menu) => {
                let options = menu.options.iter().map(|option| &option.text);
                std::iter::once(&menu.placeholder).chain(options).collect()
            }
        }
    }

    pub(super) fn fits(&self) -> bool {
        match self {
            Self::Button(button) => button.fits(),
            Self::Menu(menu) => menu.fits(),
        }
    }
}
