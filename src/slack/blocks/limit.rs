//! Slack's limits, in characters or elements, and whether blocks keep them
//! (<https://docs.slack.dev/reference/block-kit/blocks>).

use super::{Block, Button, Confirm, Control, Shape, Text};

pub(super) const BLOCKS: usize = 50;
pub(super) const HEADER: usize = 150;
pub(super) const SECTION: usize = 3000;
pub(super) const FIELDS: usize = 10;
pub(super) const FIELD: usize = 2000;
pub(super) const CONTEXT: usize = 10;
pub(super) const ACTIONS: usize = 25;
pub(super) const BUTTON: usize = 75;
/// Options of one menu, or of one group of it, and groups of one menu.
/// <https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element>
pub(super) const OPTIONS: usize = 100;
/// An option's text, and a group's label.
/// <https://docs.slack.dev/reference/block-kit/composition-objects/option-object>
pub(super) const OPTION: usize = 75;
/// An option's value.
pub(super) const OPTION_VALUE: usize = 150;
/// A menu's and a line's placeholder.
pub(super) const PLACEHOLDER: usize = 150;
/// An input's label.
pub(super) const LABEL: usize = 2000;
/// Characters of all that can be chosen in one menu, so that the rest of a message has room.
pub(super) const CHOICES: usize = 8_000;
/// A button's `accessibility_label`.
pub(crate) const ACCESSIBILITY: usize = 75;
pub(super) const VALUE: usize = 2000;
pub(super) const ID: usize = 255;
pub(super) const CONFIRM_TITLE: usize = 100;
pub(super) const CONFIRM_TEXT: usize = 300;
pub(super) const CONFIRM_BUTTON: usize = 30;
/// Documented for `text` as what Slack keeps in `chat.update`.
pub(super) const TEXT: usize = 4000;
/// Undocumented: beyond it Slack answers `msg_blocks_too_long`.
pub(super) const TOTAL: usize = 13_200;

/// The characters that a message can show: its blocks' and its text for notifications.
pub(crate) const LARGEST_MESSAGE: usize = TOTAL + TEXT;

/// What Slack would refuse about blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeyondLimits {
    /// More than 50.
    #[error("there are more than 50 blocks")]
    TooMany,
    /// A block is empty, or something in it too long or too many.
    #[error("block {index} ({kind}) is empty or beyond its limits")]
    Block {
        /// Counted from 0.
        index: usize,
        /// Its type.
        kind: &'static str,
    },
    /// Two buttons, menus or fields with one `action_id`.
    #[error("two of what can be pressed or chosen have one action_id")]
    SameAction,
    /// All texts together are too long.
    #[error("the blocks hold more than 13,200 characters")]
    TooLong,
}

/// Refuses blocks that Slack would not take.
///
/// # Errors
///
/// The first limit that is broken.
pub fn check_limits(blocks: &[Block]) -> Result<(), BeyondLimits> {
    if blocks.len() > BLOCKS {
        return Err(BeyondLimits::TooMany);
    }
    for (index, block) in blocks.iter().enumerate() {
        if let Some(kind) = block.problem() {
            return Err(BeyondLimits::Block { index, kind });
        }
    }
    let mut ids: Vec<&str> = blocks
        .iter()
        .filter_map(|block| match &block.0 {
            Shape::Actions { elements } => Some(elements),
            Shape::Header { .. }
            | Shape::Section { .. }
            | Shape::Context { .. }
            | Shape::Input(_)
            | Shape::Divider => None,
        })
        .flatten()
        .map(Control::action_id)
        .chain(blocks.iter().filter_map(Block::input_name))
        .collect();
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(BeyondLimits::SameAction);
    }
    let total: usize = blocks.iter().flat_map(Block::texts).map(Text::len).sum();
    if total > TOTAL {
        return Err(BeyondLimits::TooLong);
    }
    Ok(())
}

impl Text {
    fn len(&self) -> usize {
        match self {
            Self::PlainText { text, .. } | Self::Mrkdwn { text, .. } => text.chars().count(),
        }
    }

    pub(super) fn fits(&self, max: usize) -> bool {
        (1..=max).contains(&self.len())
    }
}

impl Block {
    fn input_name(&self) -> Option<&str> {
        match &self.0 {
            Shape::Input(input) => Some(input.name()),
            _ => None,
        }
    }

    fn texts(&self) -> Vec<&Text> {
        match &self.0 {
            Shape::Header { text } => vec![text],
            Shape::Section { text, fields } => text.iter().chain(fields).collect(),
            Shape::Context { elements } => elements.iter().collect(),
            Shape::Actions { elements } => elements.iter().flat_map(Control::texts).collect(),
            Shape::Input(input) => input.texts(),
            Shape::Divider => Vec::new(),
        }
    }

    fn problem(&self) -> Option<&'static str> {
        let all = |texts: &[Text], max| texts.iter().all(|text| text.fits(max));
        match &self.0 {
            Shape::Header { text } => (!text.fits(HEADER)).then_some("header"),
            Shape::Section { text, fields } => {
                let filled = text.is_some() || !fields.is_empty();
                let fits = text.iter().all(|text| text.fits(SECTION))
                    && fields.len() <= FIELDS
                    && all(fields, FIELD);
                (!filled || !fits).then_some("section")
            }
            Shape::Context { elements } => {
                let count = (1..=CONTEXT).contains(&elements.len());
                (!count || !all(elements, FIELD)).then_some("context")
            }
            Shape::Actions { elements } => {
                let count = (1..=ACTIONS).contains(&elements.len());
                (!count || !elements.iter().all(Control::fits)).then_some("actions")
            }
            Shape::Input(input) => (!input.fits()).then_some("input"),
            Shape::Divider => None,
        }
    }
}

impl Button {
    pub(super) fn fits(&self) -> bool {
        let ids = (1..=ID).contains(&self.action_id.chars().count());
        let value = self.value.iter().chain(&self.url);
        ids && self.text.fits(BUTTON)
            && value.clone().all(|text| text.chars().count() <= VALUE)
            && self
                .accessibility_label
                .iter()
                .all(|text| (1..=ACCESSIBILITY).contains(&text.chars().count()))
            && self.confirm.iter().all(Confirm::fits)
    }
}

impl Confirm {
    fn fits(&self) -> bool {
        self.title.fits(CONFIRM_TITLE)
            && self.text.fits(CONFIRM_TEXT)
            && self.confirm.fits(CONFIRM_BUTTON)
            && self.deny.fits(CONFIRM_BUTTON)
    }
}
