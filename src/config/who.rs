//! The entries of `request` and `rollback.by`: whom each stands for is [`crate::policy`]'s to say.

use serde::{Deserialize, Serialize};

use super::values::{BadValue, TeamName};
use crate::names::UserId;

/// Somebody, or some people, named in `request` or `rollback.by`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Who {
    /// Every member of the workspaces in `slack.teams`.
    Everyone,
    /// The application's team: members and leads.
    Team,
    /// The leads of the application's team.
    Leads,
    /// A team by its name, whichever application it is about.
    TeamNamed(TeamName),
    /// The admins in `slack.admins`.
    Admins,
    /// One person.
    User(UserId),
}

impl std::str::FromStr for Who {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        match text {
            "everyone" => Ok(Self::Everyone),
            "team" => Ok(Self::Team),
            "team.leads" => Ok(Self::Leads),
            "admins" => Ok(Self::Admins),
            _ => match text.strip_prefix("team:") {
                Some(team) => team.parse().map(Self::TeamNamed),
                None => text.parse().map(Self::User).map_err(|_| {
                    BadValue(
                        "write \"everyone\", \"team\", \"team.leads\", \"team:NAME\", \"admins\" or a user id such as \"U024BE7LH\""
                            .to_owned(),
                    )
                }),
            },
        }
    }
}

impl TryFrom<String> for Who {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        text.parse()
    }
}

impl From<Who> for String {
    fn from(who: Who) -> Self {
        match who {
            Who::Everyone => "everyone".to_owned(),
            Who::Team => "team".to_owned(),
            Who::Leads => "team.leads".to_owned(),
            Who::TeamNamed(team) => format!("team:{team}"),
            Who::Admins => "admins".to_owned(),
            Who::User(user) => user.into(),
        }
    }
}

/// Whether an entry names people this version has no means to look up: a user group or a rota.
pub(super) fn is_unbuilt_entry(text: &str) -> bool {
    text == "oncall"
        || text.starts_with('@')
        || text.starts_with('S')
        || text.starts_with("<!subteam")
}
