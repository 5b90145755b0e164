//! The cards: pure functions from a deploy record (or what was read of ECS) to a Slack message. A
//! card claims nothing that is not in what it was given; words carry the meaning, emoji and bars
//! only repeat it. Whoever posts a card decides when and where ([`crate::waiter::notify`]).

mod board;
mod button;
mod diff;
mod difference;
mod evidence;
pub(crate) mod form;
mod help;
mod history;
mod logs;
mod page;
mod person;
mod plan;
mod plea;
mod preview;
mod progress;
mod roster;
mod show;
mod status;
mod terminal;
mod then;
mod verdict;
mod whereabouts;

use jiff::Timestamp;

pub use self::board::{Board, board};
pub use self::button::{BadButton, ButtonAction, ButtonValue, nonce};
pub use self::diff::diff;
pub use self::difference::difference;
pub use self::form::{Offer, form};
pub use self::help::help;
pub use self::history::{AskedHistory, history};
pub use self::logs::logs;
use self::page::Page;
pub(crate) use self::person::is_it;
pub use self::plan::{answered, ask, closed, plan_waits};
pub(crate) use self::plea::{MayAsk, may_ask, plea, plea_closed, was_asked};
pub(crate) use self::preview::not_told;
pub use self::preview::{Preview, PreviewOne, preview, refused_for, why_not};
pub use self::progress::{
    failing, lapse, not_ours, notice, overdue, pause_answered, pause_thread, paused, progress,
    shall_it_go_back, started, went_on_alone,
};
pub use self::roster::roster;
pub use self::show::show;
pub use self::status::status;
pub use self::terminal::{at_a_terminal, phase};
pub use self::then::{AskedThen, PlaceThen, ran_then, then};
pub(crate) use self::verdict::concerns_one;
pub use self::verdict::{announcement, thread, verdict};
pub use self::whereabouts::whereabouts;
use crate::config::Member;
use crate::names::UserId;
use crate::names::digest::sha256;
use crate::refusal::Refusal;
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// What a card needs to know beside the record.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The slash command's own name, `/deploy`.
    pub command: &'a str,
    /// The admins who are named where only they can help.
    pub admins: &'a [Member],
    /// Now, for elapsed times and expiries.
    pub now: Timestamp,
    /// Who is mentioned beside the requester when it is in trouble.
    pub on_call: &'a [Member],
}

/// One sentence for one person.
pub fn sentence(said: Mrkdwn) -> Message {
    Page::of_sentence(said).only_for_one()
}

/// One sentence for everybody.
pub fn sentence_for_all(said: Mrkdwn) -> Message {
    Page::of_sentence(said).for_all()
}

/// A refusal for the person it concerns.
pub fn refused(refusal: &Refusal, command: &str, admins: &[Member]) -> Message {
    refused_to(refusal, command, admins, None)
}

/// The same for one whose name is known.
pub(crate) fn refused_to(
    refusal: &Refusal,
    command: &str,
    admins: &[Member],
    reader: Option<&UserId>,
) -> Message {
    sentence(refusal.said_to(command, admins, reader))
}

/// What a message shows, in 16 hex digits: equal when nothing a reader sees has changed.
pub fn fingerprint(message: &Message) -> String {
    // A message of strings and lists always serialises.
    let shown = serde_json::to_vec(&(message.text(), message.content())).unwrap_or_default();
    let mut digest = sha256(shown);
    digest.truncate(16);
    digest
}

#[cfg(test)]
#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;
