//! The entries of the lists that name people: whom each stands for is [`crate::policy`]'s to say.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::values::{BadValue, TeamName};
use crate::names::{GroupId, UserId};

/// A person, or a user group of Slack's, as an entry of a list of people: `U024BE7LH` or `@S0614TZR7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Member {
    /// One person.
    User(UserId),
    /// Everybody in a user group.
    Group(GroupId),
}

impl std::str::FromStr for Member {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let group = || text.strip_prefix('@')?.parse().ok().map(Self::Group);
        let user = || text.parse().ok().map(Self::User);
        group().or_else(user).ok_or_else(|| {
            let rule = "write a user id such as \"U024BE7LH\", or a user group's id after an at sign, such as \"@S0614TZR7\"";
            BadValue(rule.to_owned())
        })
    }
}

impl TryFrom<String> for Member {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        text.parse()
    }
}

impl From<Member> for String {
    fn from(member: Member) -> Self {
        match member {
            Member::User(user) => user.into(),
            Member::Group(group) => format!("@{group}"),
        }
    }
}

impl Member {
    /// The user group that it is.
    pub(crate) fn group(&self) -> Option<&GroupId> {
        match self {
            Self::Group(group) => Some(group),
            Self::User(_) => None,
        }
    }
}

/// Somebody, or some people, named in `request`, `rollback.by` or `logs`.
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
    /// Those on call there.
    OnCall,
    /// A person or a user group.
    Member(Member),
}

impl std::str::FromStr for Who {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        match text {
            "everyone" => Ok(Self::Everyone),
            "team" => Ok(Self::Team),
            "team.leads" => Ok(Self::Leads),
            "admins" => Ok(Self::Admins),
            "oncall" => Ok(Self::OnCall),
            _ => match text.strip_prefix("team:") {
                Some(team) => team.parse().map(Self::TeamNamed),
                None => text.parse().map(Self::Member).map_err(|_| {
                    BadValue(
                        "write \"everyone\", \"team\", \"team.leads\", \"team:NAME\", \"admins\", \"oncall\", a user id such as \"U024BE7LH\" or a user group such as \"@S0614TZR7\""
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
            Who::OnCall => "oncall".to_owned(),
            Who::Member(member) => member.into(),
        }
    }
}

impl Who {
    /// The user group that it is.
    pub(crate) fn group(&self) -> Option<&GroupId> {
        match self {
            Self::Member(member) => member.group(),
            Self::Everyone
            | Self::Team
            | Self::Leads
            | Self::TeamNamed(_)
            | Self::Admins
            | Self::OnCall => None,
        }
    }
}

/// Some people who answer for some applications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Its members; leads need not be repeated here.
    pub members: BTreeSet<Member>,
    /// Its leads, members too.
    pub leads: BTreeSet<Member>,
    /// Who is mentioned when one of its applications is in trouble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oncall: Option<BTreeSet<Member>>,
}

impl Team {
    /// All entries, the leads first.
    pub fn people(&self) -> impl Iterator<Item = &Member> {
        self.leads.iter().chain(&self.members)
    }
}
