//! A no to the person who asks, whichever stage says it. Its `Display` is the reply, in plain text.

use crate::card::ButtonAction;
use crate::refusal::Refusal;
use crate::slack::text::Mrkdwn;

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
    /// The sentence in plain text, with the slash command's own name in it.
    pub(crate) fn plain(&self, command: &str) -> String {
        self.0.for_command(command)
    }

    /// The sentence for Slack.
    pub(crate) fn said(&self, command: &str) -> Mrkdwn {
        self.0.said(command)
    }

    /// Whether it will be said to every further click on the same question that is put before anything
    /// is changed. One that is out of date is not among them: a newer question may have taken its
    /// place in the same message since.
    pub(crate) fn ends_question(&self, pressed: ButtonAction) -> bool {
        let answers = matches!(pressed, ButtonAction::Confirm | ButtonAction::Decline);
        answers
            && matches!(
                *self.0,
                Refusal::Answered { .. } | Refusal::ConsentExpired { .. } | Refusal::Ended { .. }
            )
    }

    /// Which stage said it, for the log.
    pub(crate) fn stage(&self) -> &'static str {
        match *self.0 {
            Refusal::Misunderstood(_) => "parse",
            Refusal::Denied(_) | Refusal::Stranger(_) => "authorize",
            _ => "rules",
        }
    }
}
