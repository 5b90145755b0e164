//! What ran at a place at a time, by the history and by nothing else: what it does not know, it says so.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::{Live, Stack, may_run, same_images};
use crate::names::AppName;
use crate::record::{Deploy, Past};
use crate::request::Verb;

/// What ran at a time, as far as the history tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RanThen<'a> {
    /// Which time.
    pub at: Timestamp,
    /// What did.
    pub ran: RanWhat<'a>,
    /// What had set out by then and had not ended: what ran is what it set out from.
    pub rolling: Option<&'a Past>,
    /// The last that had set out since what ran was brought, and was taken back.
    pub taken_back: Option<&'a Past>,
    /// What was found to have been changed outside of Longshore later: it may have been so already.
    pub noticed_later: Option<&'a Past>,
}

/// What ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RanWhat<'a> {
    /// The version of this entry, which brought it.
    Version(&'a Past),
    /// Not one version alone: what this entry left on each service when it ended.
    Each(&'a Past),
    /// What ran before these entries, if that is known, or what one of them left: newest first, never none.
    OneOf(Option<&'a Past>, Vec<&'a Past>),
    /// It begins later, with this entry, or has none.
    Unknown(Option<&'a Past>),
}

/// Judges what ran at a time by a place's history, newest first, with what is under way before it.
pub fn ran_at(history: &[Past], at: Timestamp) -> RanThen<'_> {
    let had_ended = |past: &&Past| !is_open(past) && past.when() <= at;
    let later = history.iter().take_while(|past| !had_ended(past)).count();
    let (later, earlier) = history.split_at(later);
    let set_out = |past: &&Past| past.started_at.is_some_and(|started| started <= at);
    let rolling = later
        .iter()
        .filter(set_out)
        .max_by_key(|past| past.started_at);
    let mut effects = later.iter().rev().filter(|past| past.took_effect());
    let noticed_later = effects
        .next()
        .filter(|past| past.outside.is_some() && rolling.is_none());
    let stack = Stack::of(earlier);
    let (ran, taken_back) = stack.ran();
    let ran = match ran {
        RanWhat::Unknown(None) => {
            RanWhat::Unknown(later.iter().rev().find(|past| past.took_effect()))
        }
        ran => ran,
    };
    RanThen {
        at,
        ran,
        rolling,
        taken_back,
        noticed_later,
    }
}

/// A place's history with what is under way there before it, each deploy once.
pub fn with_open(history: Vec<Past>, open: &[Deploy], application: &AppName) -> Vec<Past> {
    let entries = open.iter().flat_map(crate::past::of);
    let own = entries.filter(|past| past.application == *application);
    let ended = |open: &Past| history.iter().any(|past| past.id == open.id);
    let mut all: Vec<Past> = own.filter(|open| !ended(open)).collect();
    all.sort_by_key(|past| Reverse(past.requested_at));
    all.extend(history);
    all
}

fn is_open(past: &Past) -> bool {
    past.id.is_some() && past.verdict.is_none()
}

impl<'a> Stack<'a> {
    /// What was restarted last, where that is not what came up last: something that had failed, and was left there.
    fn restarted(&self) -> Option<&'a Past> {
        let newest = self.history.iter().find(|past| past.took_effect())?;
        let restart = Some(newest).filter(|past| past.verb == Some(Verb::Restart))?;
        let top = self.layers[self.top?].ran;
        let mut brought = self.history.iter();
        let is_it = |past: &&Past| past.verb != Some(Verb::Restart) && same_images(past, restart);
        let other = !same_images(top, restart);
        other.then(|| brought.find(is_it).unwrap_or(restart))
    }

    /// What the newest entry left, and the last that was taken back since.
    fn ran(&self) -> (RanWhat<'a>, Option<&'a Past>) {
        let top = self
            .top
            .map(|top| self.restarted().unwrap_or(self.layers[top].ran));
        let leaves = |past: &&Past| !past.left.is_empty() || may_run(past, Live::NotSeen);
        let left: Vec<&'a Past> = self.attempts.iter().copied().filter(leaves).collect();
        let mut since = self
            .attempts
            .iter()
            .take_while(|past| left.first().is_none_or(|left| !std::ptr::eq(**past, *left)));
        let taken_back = since.find(|past| past.started_at.is_some()).copied();
        let ran = match (left.as_slice(), top) {
            ([by, ..], before) if by.is_told_of_services() => by.left_there(before),
            ([], Some(top)) => RanWhat::Version(top),
            ([], None) => RanWhat::Unknown(None),
            (_, before) => RanWhat::OneOf(before, left),
        };
        (ran, taken_back)
    }
}

impl Past {
    /// Whether it says of any service what that ran in the end.
    fn is_told_of_services(&self) -> bool {
        self.left.iter().any(|(_, runs)| runs.is_some())
    }

    /// What ran once it had ended otherwise than well.
    fn left_there<'a>(&'a self, before: Option<&'a Past>) -> RanWhat<'a> {
        let mut labels = self.left.iter().map(|(_, runs)| runs.as_ref());
        let first = labels.next().flatten();
        let alike = first.filter(|_| labels.all(|other| other == first));
        match (alike, before) {
            (Some(label), _) if *label == self.runs() => RanWhat::Version(self),
            (Some(label), Some(before)) if *label == before.runs() => RanWhat::Version(before),
            _ => RanWhat::Each(self),
        }
    }
}

#[cfg(test)]
mod tests;
