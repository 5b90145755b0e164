//! A no to the person who asks, whichever stage says it. Its `Display` is the reply, in plain text.

use jiff::{SignedDuration, Timestamp};

use crate::card::ButtonAction;
use crate::names::Actor;
use crate::record::TurnedDown;
use crate::refusal::Refusal;
use crate::settings::Loaded;
use crate::slack::text::Mrkdwn;

/// How long the answer to a question may take to replace it. Whoever presses a button of it later shows that
/// it was not.
const REPLACED_WITHIN: SignedDuration = SignedDuration::from_mins(2);

/// Why a request is not carried out: the person's problem, worded for them.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct No(Box<Refusal>);

impl<T: Into<Refusal>> From<T> for No {
    fn from(refusal: T) -> Self {
        Self(Box::new(refusal.into()))
    }
}

impl No {
    /// What a click is answered with, which is said by somebody else; none for what only the reply says.
    pub(crate) fn turned_down(&self) -> Option<&TurnedDown> {
        match &*self.0 {
            Refusal::TurnedDown(turned_down) => Some(turned_down),
            Refusal::Misunderstood(_)
            | Refusal::Refused(_)
            | Refusal::Unknown { .. }
            | Refusal::UnknownClick { .. }
            | Refusal::NotByMention
            | Refusal::NothingRead => None,
        }
    }

    /// Whether it is a no for want of a right that is given in chat.
    pub(crate) fn wants_a_right(&self) -> bool {
        let denied = |turned_down: &TurnedDown| match turned_down {
            TurnedDown::Denied(denied) => denied.wants_a_right(),
            _ => false,
        };
        self.turned_down().is_some_and(denied)
    }

    /// The sentence for Slack.
    pub(crate) fn said(&self, loaded: &Loaded, reader: &Actor, now: Timestamp) -> Mrkdwn {
        let admins = loaded.admins_told(reader, now);
        let command = &loaded.config.slack().command;
        self.0.said_to(command, &admins, reader.user())
    }

    /// Whether every further click on the same question, asked before anything is changed, will get the same
    /// refusal, which may then take the question's place. One that is out of date is not among them: a
    /// newer question may have taken its place in the same message since; nor is a click that followed
    /// another, for what that one came to takes its place.
    pub(crate) fn ends_question(&self, pressed: ButtonAction, now: Timestamp) -> bool {
        use ButtonAction::{AllowOnce, AllowUntil, Choose, Confirm, Decline};
        let answers = matches!(pressed, Confirm | Decline | Choose | AllowOnce | AllowUntil);
        answers
            && match self.turned_down() {
                Some(TurnedDown::ConsentExpired { .. } | TurnedDown::Ended { .. }) => true,
                Some(TurnedDown::Answered { at, .. }) => now.duration_since(*at) > REPLACED_WITHIN,
                _ => false,
            }
    }

    /// Which stage said it, for the log.
    pub(crate) fn stage(&self) -> &'static str {
        match &*self.0 {
            Refusal::Misunderstood(_) => "parse",
            Refusal::TurnedDown(TurnedDown::Denied(_) | TurnedDown::Stranger(_)) => "authorize",
            _ => "rules",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Choice;

    #[test]
    fn a_second_click_at_once_leaves_the_place_to_what_the_first_came_to() {
        let at = Timestamp::UNIX_EPOCH;
        let no: No = TurnedDown::Answered {
            choice: Choice::Decline,
            by: Actor::Longshore,
            at,
        }
        .into();
        for (seconds, closes) in [(0, false), (5, false), (120, false), (121, true)] {
            let now = at + SignedDuration::from_secs(seconds);
            assert_eq!(no.ends_question(ButtonAction::Decline, now), closes);
            assert!(!no.ends_question(ButtonAction::Cancel, now));
        }
    }
}
