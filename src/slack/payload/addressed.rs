//! What is written to the bot: a mention of it at the front of a message, or a message in the conversation with it.
//! Everything else is passed over, and what it says is not looked at.
//!
//! <https://docs.slack.dev/reference/events/app_mention>,
//! <https://docs.slack.dev/reference/events/message.im>

use serde::Deserialize;
use serde_json::Value;

use super::lenient;
use crate::names::{ChannelId, MessageTs, TeamId, UserId};
use crate::policy::Sender;

/// Something that a person wrote to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressed {
    /// Names this one event; Slack repeats it when it retries.
    pub event_id: String,
    /// Who wrote it.
    pub sender: Sender,
    /// Where.
    pub channel_id: ChannelId,
    /// The message.
    pub ts: MessageTs,
    /// The first message of the thread that it stands in, where it stands in one.
    pub thread_ts: Option<MessageTs>,
    /// What follows the mention, trimmed; may be empty.
    pub text: String,
}

/// <https://docs.slack.dev/apis/events-api#events-JSON>
#[derive(Deserialize)]
struct Callback {
    team_id: TeamId,
    #[serde(default, deserialize_with = "lenient")]
    enterprise_id: Option<TeamId>,
    event_id: String,
    event: SentEvent,
    #[serde(default, deserialize_with = "lenient")]
    authorizations: Option<Vec<Authorization>>,
    /// What the former replaced.
    #[serde(default, deserialize_with = "lenient")]
    authed_users: Option<Vec<UserId>>,
    #[serde(default, deserialize_with = "lenient")]
    is_ext_shared_channel: Option<bool>,
}

/// On whose behalf the app hears of it.
#[derive(Deserialize)]
struct Authorization {
    #[serde(default, deserialize_with = "lenient")]
    team_id: Option<TeamId>,
    user_id: UserId,
    #[serde(default, deserialize_with = "lenient")]
    is_bot: Option<bool>,
}

#[derive(Deserialize)]
struct SentEvent {
    #[serde(rename = "type")]
    kind: String,
    user: UserId,
    channel: ChannelId,
    text: String,
    ts: MessageTs,
    thread_ts: Option<MessageTs>,
    channel_type: Option<String>,
    user_team: Option<TeamId>,
    source_team: Option<TeamId>,
    team: Option<TeamId>,
    // A person's own new message has none of these: what an app posts, also with a person's token, an edit, whoever joins.
    bot_id: Option<Value>,
    app_id: Option<Value>,
    bot_profile: Option<Value>,
    subtype: Option<Value>,
    edited: Option<Value>,
    hidden: Option<Value>,
}

impl SentEvent {
    fn is_a_persons_own(&self) -> bool {
        let others = [
            &self.bot_id,
            &self.app_id,
            &self.bot_profile,
            &self.subtype,
            &self.edited,
            &self.hidden,
        ];
        others.into_iter().all(Option::is_none)
    }
}

/// What is written to the bot; none of any other event, nor of one of another shape.
pub(super) fn addressed(body: &str) -> Option<Addressed> {
    let sent: Callback = serde_json::from_str(body).ok()?;
    sent.addressed()
}

impl Callback {
    fn addressed(self) -> Option<Addressed> {
        let bot = self.bot();
        let event = &self.event;
        if !event.is_a_persons_own() || bot == Some(&event.user) {
            return None;
        }
        let direct = event.channel.is_direct();
        let mentioned = bot.and_then(|bot| behind_mention(&event.text, bot));
        let text = match (event.kind.as_str(), event.channel_type.as_deref()) {
            ("app_mention", _) if !direct => mentioned?,
            ("message", Some("im")) if direct => mentioned.unwrap_or(&event.text),
            _ => return None,
        };
        let fits = (1..=255).contains(&self.event_id.len())
            && self.event_id.bytes().all(|b| b.is_ascii_alphanumeric());
        let (home, text) = (self.home()?, text.trim().to_owned());
        let mut authorizations = self.authorizations.into_iter().flatten();
        let place = authorizations.find_map(|one| one.team_id);
        fits.then(|| Addressed {
            event_id: self.event_id,
            sender: Sender {
                user: self.event.user,
                home,
                place: Some(place.unwrap_or(self.team_id)),
                organisation: self.enterprise_id,
            },
            channel_id: self.event.channel,
            ts: self.event.ts,
            thread_ts: self.event.thread_ts,
            text,
        })
    }

    /// The bot itself.
    fn bot(&self) -> Option<&UserId> {
        let mut authorizations = self.authorizations.iter().flatten();
        match authorizations.find(|one| one.is_bot != Some(false)) {
            Some(one) => Some(&one.user_id),
            None => self.authed_users.as_ref()?.first(),
        }
    }

    /// The workspace of whoever wrote it: another than ours, if anything names another. In a channel that is shared with
    /// another company, one that nothing names is nobody's.
    fn home(&self) -> Option<TeamId> {
        let event = &self.event;
        let named = [&event.user_team, &event.source_team, &event.team];
        let mut named = named.into_iter().flatten();
        match (
            named.clone().find(|team| **team != self.team_id),
            named.next(),
        ) {
            (Some(team), _) | (None, Some(team)) => Some(team.clone()),
            (None, None) if self.is_ext_shared_channel == Some(true) => None,
            (None, None) => Some(self.team_id.clone()),
        }
    }
}

/// What follows a mention of the bot at the front. Behind a `&gt;` or in code it is not at the front.
fn behind_mention<'t>(text: &'t str, bot: &UserId) -> Option<&'t str> {
    let rest = text
        .trim_start()
        .strip_prefix("<@")?
        .strip_prefix(bot.as_str())?;
    let rest = match rest.strip_prefix('|') {
        Some(named) => named.split_once('>')?.1,
        None => rest.strip_prefix('>')?,
    };
    Some(rest.trim_start_matches([':', ',']))
}

#[cfg(test)]
mod tests;
