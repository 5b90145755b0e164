//! The question whether the person who was found is the one who was meant.

use super::page::Page;
use crate::names::{DeployId, UserId};
use crate::reply::right;
use crate::slack::blocks::Message;

/// The question, for whoever typed the name. `command` is what is then done.
pub(crate) fn is_it(question: DeployId, to: &UserId, command: &str) -> Message {
    let mut page = Page::of_sentence(right::is_it(to, command));
    page.person_buttons(question);
    page.only_for_one()
}
