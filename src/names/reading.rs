//! What some names say.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{ChannelId, MessageTs, Ref};

impl MessageTs {
    /// When the message was sent, to the second: what follows the point is a counter.
    pub fn sent_at(&self) -> Option<Timestamp> {
        let (seconds, _) = self.0.split_once('.')?;
        Timestamp::from_second(seconds.parse().ok()?).ok()
    }
}

impl ChannelId {
    /// Whether it is the conversation with one person.
    pub fn is_direct(&self) -> bool {
        self.0.starts_with('D')
    }
}

impl Ref {
    /// The longest ref accepted, in bytes.
    pub const MAX: usize = 255;

    /// The number of the pull request that this is: `#42`. A branch of such a name cannot be asked for.
    pub fn pull_request(&self) -> Option<u32> {
        let number = self.0.strip_prefix('#')?;
        number.parse().ok().filter(|_| !number.starts_with('+'))
    }
}

/// Seconds, a point and a counter.
pub(super) fn message_ts(text: &str) -> Result<Cow<'_, str>, &'static str> {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let fits = text.split_once('.').is_some_and(|(seconds, rest)| {
        (1..=11).contains(&seconds.len()) && rest.len() == 6 && digits(seconds) && digits(rest)
    });
    match fits {
        true => Ok(Cow::Borrowed(text)),
        false => Err("is seconds, a point and six digits"),
    }
}
