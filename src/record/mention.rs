//! Where somebody wrote to the bot, so that it is answered there.

use serde::{Deserialize, Serialize};

use crate::names::MessageTs;

/// A message that was written to the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The message.
    pub ts: MessageTs,
    /// The first message of the thread that it stands in, where it stands in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<MessageTs>,
}

impl Mention {
    /// The thread in which everybody is answered: its own, else one that it begins.
    pub fn root(&self) -> &MessageTs {
        self.thread.as_ref().unwrap_or(&self.ts)
    }
}
