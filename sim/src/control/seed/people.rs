//! The part of a seed that is about Slack's people and places, about tokens, and about whether Slack and
//! GitHub work at all.

use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{Rejected, unknown};
use crate::slack::{Kind, Mode};
use crate::{State, github};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Slack {
    users: Vec<User>,
    channels: Vec<Channel>,
    groups: Vec<Group>,
    /// `up`, `down`, `api-down`, `hooks-down`, or `refusing:ERROR`.
    mode: Option<String>,
    paced: Option<bool>,
    token: Option<String>,
    revoke_token: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    id: String,
    name: String,
    team: Option<String>,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    restricted: bool,
    /// Where their clock is, by its name in the IANA database.
    zone: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Channel {
    id: String,
    name: String,
    #[serde(default)]
    has_bot: bool,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    archived: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    id: String,
    handle: String,
    members: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GitHub {
    tokens: Vec<String>,
    /// `up`, `down` or `slowed`.
    mode: Option<String>,
}

impl Slack {
    /// Arranges it.
    pub(super) fn plant(self, state: &mut State) -> Result<(), Rejected> {
        let slack = &mut state.slack;
        for given in self.users {
            let user = slack.user(&given.id, &given.name);
            user.name = given.name;
            user.deleted = given.deleted;
            user.restricted = given.restricted;
            if let Some(team) = given.team {
                user.team = team;
            }
            if let Some(zone) = given.zone {
                user.zone = TimeZone::get(&zone).map_err(|_| unknown("time zone", &zone))?;
            }
        }
        for given in self.channels {
            let channel = slack.channel(&given.id, &given.name);
            channel.name = given.name;
            channel.has_bot = given.has_bot;
            channel.archived = given.archived;
            channel.kind = if given.private {
                Kind::Private
            } else {
                Kind::Public
            };
        }
        for group in &self.groups {
            let members: Vec<&str> = group.members.iter().map(String::as_str).collect();
            slack.group(&group.id, &group.handle, &members);
        }
        if let Some(token) = &self.token {
            slack.install_bot(token);
        }
        if self.revoke_token {
            slack.revoke_bot();
        }
        if let Some(paced) = self.paced {
            slack.set_paced(paced);
        }
        match self.mode.as_deref() {
            None => {}
            Some("up") => slack.set_mode(Mode::Up),
            Some("down") => slack.set_mode(Mode::Down),
            Some("api-down") => slack.set_mode(Mode::ApiDown),
            Some("hooks-down") => slack.set_mode(Mode::HooksDown),
            Some(other) => match other.strip_prefix("refusing:") {
                Some(error) => slack.set_mode(Mode::Refusing(error.to_owned())),
                None => return Err(unknown("Slack mode", other)),
            },
        }
        Ok(())
    }
}

impl GitHub {
    /// Arranges it.
    pub(super) fn plant(self, state: &mut State) -> Result<(), Rejected> {
        for token in &self.tokens {
            state.github.accept_token(token);
        }
        match self.mode.as_deref() {
            None => {}
            Some("up") => state.github.set_mode(github::Mode::Up),
            Some("down") => state.github.set_mode(github::Mode::Down),
            Some("slowed") => state.github.set_mode(github::Mode::Slowed),
            Some(other) => return Err(unknown("GitHub mode", other)),
        }
        Ok(())
    }
}
