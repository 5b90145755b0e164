//! A no to the person who asks, whichever stage says it. Its `Display` is the reply, in plain text.

use crate::command::Misunderstood;
use crate::policy::{Denied, Stranger};
use crate::refusal::Refusal;
use crate::reply::for_one;
use crate::slack::text::Mrkdwn;

/// Why a request is not carried out: the person's problem, worded for them.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum No {
    /// The command was not understood.
    #[error(transparent)]
    Misunderstood(#[from] Misunderstood),
    /// They may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// They are of another workspace.
    #[error(transparent)]
    Stranger(#[from] Stranger),
    /// It cannot be done as things are.
    #[error(transparent)]
    Refusal(#[from] Refusal),
}

impl No {
    /// The sentence in plain text, with the slash command's own name in it.
    pub(crate) fn plain(&self, command: &str) -> String {
        self.to_string()
            .replace("`/deploy ", &format!("`{command} "))
    }

    /// The sentence for Slack.
    pub(crate) fn said(&self, command: &str) -> Mrkdwn {
        for_one(&self.plain(command))
    }

    /// Which stage said it, for the log.
    pub(crate) fn stage(&self) -> &'static str {
        match self {
            Self::Misunderstood(_) => "parse",
            Self::Denied(_) | Self::Stranger(_) => "authorize",
            Self::Refusal(_) => "rules",
        }
    }
}
