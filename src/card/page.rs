//! A message in the making: parts in reading order, kept within Slack's limits whatever goes in.
//! What does not fit is left out and its number told; the buttons always fit.
//!
//! Limits: <https://docs.slack.dev/reference/block-kit/blocks>.

use super::button::{ButtonAction, ButtonValue, PLEADS};
use crate::names::DeployId;
use crate::record::Deploy;
use crate::record::Pause;
use crate::reply::{self, said};
use crate::slack::blocks::{ACCESSIBILITY, Audience, Block, Button, Input, Menu, Message};
use crate::slack::text::{Mrkdwn, cut};

/// Text of one section. Slack takes 3000 characters.
const SECTION: usize = 2_900;
/// Text over a whole message, measured by users of Slack to end near 13,200; the rest is for frames
/// and buttons.
const PAGE: usize = 11_000;
/// Blocks of a message, of 50, so that some are left for small print and buttons.
const BLOCKS: usize = 46;

/// An application's title in a heading, of 150 characters that an environment of 64 shares.
const TITLE: usize = 60;

/// Said once where something found no room.
const CUT: &str = "… and more than fits into one message.";

/// What a card is about: `webapp · production`.
pub(super) fn about(deploy: &Deploy) -> String {
    let title = reply::title(deploy);
    format!("{} · {}", cut(&title, TITLE), deploy.environment)
}

/// A message in the making.
pub(super) struct Page {
    text: Mrkdwn,
    blocks: Vec<Block>,
    left: usize,
    is_cut: bool,
}

impl Page {
    /// `text` is what notifications and screen readers say.
    pub(super) fn new(text: Mrkdwn) -> Self {
        Self {
            text,
            blocks: Vec::new(),
            left: PAGE,
            is_cut: false,
        }
    }

    /// A page that says just this.
    pub(super) fn of_sentence(said: Mrkdwn) -> Self {
        let mut page = Self::new(said.clone());
        page.section(said);
        page
    }

    /// A heading: plain text, no markup. Every page that is more than a sentence has one.
    pub(super) fn header(&mut self, words: &str) {
        if !words.trim().is_empty() {
            self.blocks.push(Block::header(words));
        }
    }

    /// A paragraph.
    pub(super) fn section(&mut self, said: Mrkdwn) {
        let said = said.cut(SECTION);
        if said.is_empty() {
            return;
        }
        match self.take(length(&said)) {
            true => self.blocks.push(Block::section(said)),
            false => self.cut(),
        }
    }

    fn cut(&mut self) {
        if !std::mem::replace(&mut self.is_cut, true) {
            self.blocks.push(Block::section(Mrkdwn::raw(CUT)));
        }
    }

    /// Lines below each other, over as many sections as they need; those that find no room are
    /// counted.
    pub(super) fn lines(&mut self, lines: Vec<Mrkdwn>) {
        let all = lines.len();
        let mut paragraph: Vec<Mrkdwn> = Vec::new();
        let mut filled = 0;
        for (index, line) in lines.into_iter().enumerate() {
            let line = line.cut(SECTION);
            let room = length(&line) + 1;
            if filled + room > SECTION {
                self.section(Mrkdwn::join(std::mem::take(&mut paragraph), "\n"));
                filled = 0;
            }
            // Something is kept for what comes after the lines, first of all the count of the rest.
            if filled + room + 300 > self.left {
                paragraph.push(said!("… and {} more", all - index));
                break;
            }
            filled += room;
            paragraph.push(line);
        }
        self.section(Mrkdwn::join(paragraph, "\n"));
    }

    /// Facts side by side, ten at most: name and value. Empty ones are left out.
    pub(super) fn fields(&mut self, facts: Vec<(&'static str, Mrkdwn)>) {
        let fields: Vec<Mrkdwn> = facts
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .take(10)
            .map(|(name, value)| said!("*{}*\n{}", Mrkdwn::raw(name), value))
            .collect();
        let all = fields.iter().map(length).sum();
        if !fields.is_empty() && self.take(all) {
            self.blocks.push(Block::fields(fields));
        }
    }

    /// Small print.
    pub(super) fn context(&mut self, said: Mrkdwn) {
        let said = said.cut(1_000);
        if !said.is_empty() {
            self.blocks.push(Block::context([said]));
        }
    }

    /// Buttons in a row.
    pub(super) fn buttons(&mut self, deploy: &Deploy, buttons: &[(ButtonAction, &str)]) {
        let row: Vec<Button> = buttons
            .iter()
            .map(|(action, label)| {
                let value = ButtonValue::new(deploy, *action);
                let button = button(*action, label, &value).read_as(&read_as(label, deploy));
                match action {
                    ButtonAction::Confirm if is_guarded(deploy) => button.danger(),
                    _ => button,
                }
            })
            .collect();
        if !row.is_empty() {
            self.blocks.push(Block::actions(row));
        }
    }

    /// A menu in a row of its own.
    pub(super) fn menu(&mut self, menu: Menu) {
        self.blocks.push(Block::menu(menu));
    }

    /// The buttons of one pause, which no other pause shares.
    pub(super) fn pause_buttons(&mut self, deploy: &Deploy, pause: &Pause) {
        let value = ButtonValue::of_pause(deploy, pause);
        let row = [
            (ButtonAction::PauseContinue, "Continue"),
            (ButtonAction::PauseBack, "Roll back"),
        ];
        let row = row
            .map(|(action, label)| button(action, label, &value).read_as(&read_as(label, deploy)));
        match self.take(0) {
            true => self.blocks.push(Block::actions(row)),
            false => self.cut(),
        }
    }

    /// Something to choose or to enter.
    pub(super) fn input(&mut self, input: Input) {
        self.blocks.push(Block::input(input));
    }

    /// The one button of a form.
    pub(super) fn form_button(&mut self, form: DeployId, label: &str) {
        let value = ButtonValue::of_form(form);
        let button = button(ButtonAction::Form, label, &value)
            .read_as(&format!("{label}: the choice on this form"));
        self.blocks.push(Block::actions([button]));
    }

    /// The button that asks an admin for a right.
    pub(super) fn plea_buttons(&mut self, row: &[(ButtonValue, String)], about: &str) {
        let row = row.iter().zip(PLEADS).map(|((value, label), id)| {
            Button::new(id, label, &value.to_string()).read_as(&format!("{label}: {about}"))
        });
        self.blocks.push(Block::actions(row));
    }

    /// The buttons under the question whether somebody was meant.
    pub(super) fn person_buttons(&mut self, question: DeployId, yes: &str, about: &str) {
        let value = ButtonValue::of_question(question);
        let row = [
            (ButtonAction::ThatPerson, yes),
            (ButtonAction::NotThatPerson, "Change nothing"),
        ];
        let row = row.map(|(action, label)| {
            button(action, label, &value).read_as(&format!("{label}: {about}"))
        });
        self.blocks.push(Block::actions(row));
    }

    /// For everybody in the channel.
    pub(super) fn for_all(self) -> Message {
        self.message(Audience::InChannel)
    }

    /// For one person.
    pub(super) fn only_for_one(self) -> Message {
        self.message(Audience::Ephemeral)
    }

    fn message(self, audience: Audience) -> Message {
        // A click's address would replace the message that was clicked if it were not told.
        Message::new(self.text)
            .blocks(self.blocks)
            .for_audience(audience)
            .following()
    }

    fn take(&mut self, length: usize) -> bool {
        let fits = length <= self.left && self.blocks.len() < BLOCKS;
        if fits {
            self.left -= length;
        }
        fits
    }
}

/// Whether what is confirmed changes a place that asks before every deploy, as production does.
fn is_guarded(deploy: &Deploy) -> bool {
    deploy.plan.as_ref().is_some_and(|plan| plan.confirm)
}

fn button(action: ButtonAction, label: &str, value: &ButtonValue) -> Button {
    let button = Button::new(action.id(), label, &value.to_string());
    match action {
        ButtonAction::Confirm
        | ButtonAction::KeepPosted
        | ButtonAction::PauseContinue
        | ButtonAction::Form
        | ButtonAction::AllowOnce
        | ButtonAction::ThatPerson => button.primary(),
        ButtonAction::Cancel => button.danger(),
        ButtonAction::Decline
        | ButtonAction::Choose
        | ButtonAction::Rollback
        | ButtonAction::Retry
        | ButtonAction::Restart
        | ButtonAction::Forward
        | ButtonAction::DeployThere
        | ButtonAction::DeployBefore
        | ButtonAction::Promote
        | ButtonAction::PauseBack
        | ButtonAction::StopBack
        | ButtonAction::KeepWatching
        | ButtonAction::Abandon
        | ButtonAction::Difference
        | ButtonAction::Plead
        | ButtonAction::AllowUntil
        | ButtonAction::NotThatPerson => button,
    }
}

/// `Roll back: webapp on production`: a button out of its surroundings. Names that are too long are
/// cut, each for itself, so that something of both is said.
fn read_as(label: &str, deploy: &Deploy) -> String {
    let (title, environment) = (reply::title(deploy), deploy.environment.as_str());
    let room = ACCESSIBILITY.saturating_sub(label.chars().count() + ": ".len() + " on ".len());
    let lengths = (title.chars().count(), environment.chars().count());
    let for_environment = lengths
        .1
        .min((room / 2).max(room.saturating_sub(lengths.0)));
    let title = cut(&title, room - for_environment);
    format!("{label}: {title} on {}", cut(environment, for_environment))
}

fn length(said: &Mrkdwn) -> usize {
    said.as_str().chars().count()
}
