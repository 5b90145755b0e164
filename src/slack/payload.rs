//! What Slack sends, read strictly: one reader per path, and no reader guesses which kind a body is.
//! What two readers could understand differently (a key twice, a broken escape) is refused. Read
//! only what [`verify`](super::signature::verify) let through: `signed.read(|body| commands(&body))`.

mod addressed;
pub(crate) mod form;
mod lenient;
mod state;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use self::addressed::Addressed;
use self::form::Form;
use self::lenient::{lenient, text};
use self::state::{SentState, chosen};
use super::response_url::ResponseUrl;
use crate::names::{ChannelId, TeamId, UserId};
use crate::policy::Sender;

/// Why a signed body cannot be read. Holds names of fields, never their contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPayload {
    /// The body, or what an escape in it stands for, is not UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// A `%` without two hex digits.
    #[error("the body has a broken escape")]
    BrokenEscape,
    /// A field that counts is there twice.
    #[error("the field {0} is there twice")]
    Duplicate(&'static str),
    /// A field is missing.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field holds something that it cannot.
    #[error("the field {0} is invalid")]
    Invalid(&'static str),
    /// Fields that exclude each other.
    #[error("the fields {0} and {1} exclude each other")]
    Contradiction(&'static str, &'static str),
    /// The JSON cannot be read, or is not in the documented shape.
    #[error("the JSON is not as documented")]
    Json,
}

/// What arrives where slash commands do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandRequest {
    /// Slack checks the certificate; answered with an empty 200.
    SslCheck,
    /// Somebody typed the command.
    Command(Box<SlashCommand>),
}

/// A typed command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlashCommand {
    /// The workspace.
    pub team_id: TeamId,
    /// The organisation, where there is one.
    pub enterprise_id: Option<TeamId>,
    /// Where it was typed.
    pub channel_id: ChannelId,
    /// Who typed it.
    pub user_id: UserId,
    /// The command's own name, with its slash.
    pub command: String,
    /// What follows the name, trimmed; may be empty.
    pub text: String,
    /// Names this one command; Slack repeats it when it retries.
    pub trigger_id: String,
    /// Where replies go. `None` when absent or not Slack's.
    pub response_url: Option<ResponseUrl>,
}

impl SlashCommand {
    /// Who typed it. Only members of the workspace that has the app can type its commands, also in
    /// a channel shared with others, so that the workspace is the person's.
    pub fn sender(&self) -> Sender {
        Sender {
            user: self.user_id.clone(),
            home: self.team_id.clone(),
            place: Some(self.team_id.clone()),
            organisation: self.enterprise_id.clone(),
        }
    }
}

/// What arrives where interactions do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// Slack checks the certificate.
    SslCheck,
    /// Somebody pressed a button.
    BlockActions(Box<BlockActions>),
    /// Of a kind that Longshore never asks for. The kind is safe to log.
    Ignored(String),
}

/// A pressed button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockActions {
    /// The workspace where it was pressed; Slack leaves it out for organisation installs.
    pub team_id: Option<TeamId>,
    /// The organisation, where there is one.
    pub enterprise_id: Option<TeamId>,
    /// Who pressed it.
    pub user_id: UserId,
    /// The workspace that the user belongs to: in a shared channel it may be another one.
    pub user_team_id: TeamId,
    /// What was pressed; never empty.
    pub actions: Vec<PressedButton>,
    /// A fresh reply address. `None` when absent or not Slack's.
    pub response_url: Option<ResponseUrl>,
    /// Names this one click.
    pub trigger_id: Option<String>,
    /// The channel of the message.
    pub channel_id: Option<ChannelId>,
    /// What was chosen or entered in the message's fields, by their names; what was left empty is not there.
    pub entered: BTreeMap<String, String>,
}

impl BlockActions {
    /// Who pressed it.
    pub fn sender(&self) -> Sender {
        Sender {
            user: self.user_id.clone(),
            home: self.user_team_id.clone(),
            place: self.team_id.clone(),
            organisation: self.enterprise_id.clone(),
        }
    }
}

/// One element that was acted upon.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PressedButton {
    /// Which button.
    pub action_id: String,
    /// What we put into it; empty when it has none.
    #[serde(default, deserialize_with = "text")]
    pub value: String,
    /// What was chosen, where it is a menu.
    #[serde(default, rename = "selected_option", deserialize_with = "chosen")]
    pub chosen: Option<String>,
}

/// What arrives where events do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventRequest {
    /// Slack asks whether the URL is ours: answered with the challenge, as `text/plain`.
    UrlVerification {
        /// Visible ASCII, at most [`MAX_CHALLENGE`] characters.
        challenge: String,
    },
    /// Somebody wrote to the bot.
    Addressed(Box<Addressed>),
    /// Nothing that Longshore listens to. The kind is safe to log.
    Ignored(String),
}

/// The longest challenge that is sent back, in characters. Slack's have 52.
pub const MAX_CHALLENGE: usize = 256;

/// The fields of a command that must not be there twice.
const COMMAND_FIELDS: &[&str] = &[
    "api_app_id",
    "channel_id",
    "channel_name",
    "command",
    "enterprise_id",
    "enterprise_name",
    "is_enterprise_install",
    "payload",
    "response_url",
    "ssl_check",
    "team_domain",
    "team_id",
    "text",
    "token",
    "trigger_id",
    "user_id",
    "user_name",
];

/// Reads a body that was posted to the commands' path.
///
/// # Errors
///
/// [`BadPayload`]; answer 400.
pub fn commands(body: &[u8]) -> Result<CommandRequest, BadPayload> {
    let form = Form::read(body, COMMAND_FIELDS)?;
    if form.get("payload").is_some() {
        return Err(BadPayload::Contradiction("payload", "command"));
    }
    if form.is_ssl_check() {
        // Beside a command it would be a way to have the command passed over, or not, by choice.
        return match form.get("command") {
            None => Ok(CommandRequest::SslCheck),
            Some(_) => Err(BadPayload::Contradiction("ssl_check", "command")),
        };
    }
    Ok(CommandRequest::Command(Box::new(SlashCommand {
        team_id: form.id("team_id")?,
        enterprise_id: form.get("enterprise_id").and_then(|id| id.parse().ok()),
        channel_id: form.id("channel_id")?,
        user_id: form.id("user_id")?,
        command: form.required("command")?.to_owned(),
        text: form.get("text").unwrap_or_default().to_owned(),
        trigger_id: trigger(form.required("trigger_id")?)?,
        response_url: form.get("response_url").and_then(|url| url.parse().ok()),
    })))
}

/// Reads a body that was posted to the interactions' path.
///
/// # Errors
///
/// [`BadPayload`]; answer 400.
pub fn interactions(body: &[u8]) -> Result<Interaction, BadPayload> {
    let form = Form::read(body, &["payload", "ssl_check", "command"])?;
    if form.get("command").is_some() {
        return Err(BadPayload::Contradiction("payload", "command"));
    }
    if form.is_ssl_check() {
        return match form.get("payload") {
            None => Ok(Interaction::SslCheck),
            Some(_) => Err(BadPayload::Contradiction("ssl_check", "payload")),
        };
    }
    let json = form.required("payload")?;
    let kind: Envelope = serde_json::from_str(json).map_err(|_| BadPayload::Json)?;
    if kind.kind != "block_actions" {
        return Ok(Interaction::Ignored(loggable(&kind.kind)));
    }
    let sent: SentActions = serde_json::from_str(json).map_err(|_| BadPayload::Json)?;
    if sent.actions.is_empty() {
        return Err(BadPayload::Missing("actions"));
    }
    let (place, organisation) = match sent.team {
        Some(team) => (Some(team.id), team.enterprise_id),
        None => (None, None),
    };
    let organisation = sent.enterprise.map(|team| team.id).or(organisation);
    let around = || place.clone().or_else(|| organisation.clone());
    let user_team_id = sent.user.team_id.or_else(around);
    Ok(Interaction::BlockActions(Box::new(BlockActions {
        user_team_id: user_team_id.ok_or(BadPayload::Missing("user.team_id"))?,
        team_id: place,
        enterprise_id: organisation,
        user_id: sent.user.id,
        actions: sent.actions,
        response_url: sent.response_url.and_then(|url| url.trim().parse().ok()),
        trigger_id: sent.trigger_id.as_deref().map(trigger).transpose()?,
        entered: sent.state.map(SentState::entered).unwrap_or_default(),
        channel_id: sent
            .channel
            .map(|channel| channel.id)
            .or_else(|| sent.container.and_then(|place| place.channel_id)),
    })))
}

/// Reads the query of a certificate check, which Slack sends as a GET to where it posts forms.
///
/// # Errors
///
/// [`BadPayload`]; answer 400. A signature does not cover the query, so that nothing else is read
/// from one.
pub fn ssl_check(path: &str, query: &[u8]) -> Result<(), BadPayload> {
    let form = Form::read(query, &["payload", "ssl_check", "command"])?;
    if form.get("command").is_some() {
        return Err(BadPayload::Contradiction("ssl_check", "command"));
    }
    if form.get("payload").is_some() {
        return Err(BadPayload::Contradiction("ssl_check", "payload"));
    }
    match (path, form.is_ssl_check()) {
        ("/slack/commands" | "/slack/interactions", true) => Ok(()),
        _ => Err(BadPayload::Missing("ssl_check")),
    }
}

/// Reads a body that was posted to the events' path.
///
/// # Errors
///
/// [`BadPayload`]; answer 400.
pub fn events(body: &[u8]) -> Result<EventRequest, BadPayload> {
    let body = std::str::from_utf8(body).map_err(|_| BadPayload::NotUtf8)?;
    let kind: Envelope = serde_json::from_str(body).map_err(|_| BadPayload::Json)?;
    if kind.kind == "event_callback"
        && let Some(addressed) = addressed::addressed(body)
    {
        return Ok(EventRequest::Addressed(Box::new(addressed)));
    }
    if kind.kind != "url_verification" {
        return Ok(EventRequest::Ignored(loggable(&kind.kind)));
    }
    let challenge = kind.challenge.ok_or(BadPayload::Missing("challenge"))?;
    let fits = (1..=MAX_CHALLENGE).contains(&challenge.len())
        && challenge.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        Ok(EventRequest::UrlVerification { challenge })
    } else {
        Err(BadPayload::Invalid("challenge"))
    }
}

/// What decides how the rest is read.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "lenient")]
    challenge: Option<String>,
}

/// <https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>
///
/// Who acted and on what is read strictly. The rest may be null, missing or of another type: what is
/// nullable differs by installation, and no right comes from what is not there.
#[derive(Deserialize)]
struct SentActions {
    #[serde(default, deserialize_with = "lenient")]
    team: Option<SentTeam>,
    #[serde(default, deserialize_with = "lenient")]
    enterprise: Option<SentEnterprise>,
    user: SentUser,
    #[serde(default)]
    actions: Vec<PressedButton>,
    #[serde(default, deserialize_with = "lenient")]
    response_url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    trigger_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    channel: Option<SentChannel>,
    #[serde(default, deserialize_with = "lenient")]
    container: Option<SentContainer>,
    #[serde(default, deserialize_with = "lenient")]
    state: Option<SentState>,
}

#[derive(Deserialize)]
struct SentTeam {
    id: TeamId,
    #[serde(default, deserialize_with = "lenient")]
    enterprise_id: Option<TeamId>,
}

#[derive(Deserialize)]
struct SentEnterprise {
    id: TeamId,
}

#[derive(Deserialize)]
struct SentUser {
    id: UserId,
    team_id: Option<TeamId>,
}

#[derive(Deserialize)]
struct SentChannel {
    id: ChannelId,
}

#[derive(Deserialize)]
struct SentContainer {
    #[serde(default, deserialize_with = "lenient")]
    channel_id: Option<ChannelId>,
}

/// A trigger id, which becomes part of a key in the table.
fn trigger(text: &str) -> Result<String, BadPayload> {
    let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        Ok(text.to_owned())
    } else {
        Err(BadPayload::Invalid("trigger_id"))
    }
}

/// A kind as it may stand in a log: Slack's are lower-case words.
fn loggable(kind: &str) -> String {
    let plain =
        (1..=40).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if plain { kind } else { "unknown" }.to_owned()
}

#[cfg(test)]
mod tests;
