//! Who people are, and who is in a user group: the calls of Slack's Web API that say so.
//!
//! Both are documented for forms, not for JSON.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::answer::said;
use super::{PostError, SlackClient};
use crate::names::scope::AppScope;
use crate::names::secret::Secret;
use crate::names::{GroupId, PersonNames, TeamId, UserId};

/// What Slack says of a person, as far as it matters here
/// (<https://docs.slack.dev/reference/objects/user-object>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Profile {
    /// Their handle.
    pub(crate) name: String,
    /// What they call themselves.
    pub(crate) profile: CalledAs,
    /// Their workspace; of an organisation, one of theirs.
    pub(crate) team_id: String,
    /// Their account was deactivated.
    pub(crate) deleted: bool,
    /// They are a bot.
    pub(crate) is_bot: bool,
    /// They are a guest.
    pub(crate) is_restricted: bool,
    /// They are a guest of one channel.
    pub(crate) is_ultra_restricted: bool,
    /// They belong to another workspace, and share a channel.
    pub(crate) is_stranger: bool,
    /// Who they are in their organisation.
    pub(crate) enterprise_user: EnterpriseUser,
}

/// What somebody calls themselves (<https://docs.slack.dev/reference/objects/user-object#profile>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct CalledAs {
    /// The name that others see, if they chose one.
    pub(crate) display_name: String,
}

impl Profile {
    /// What somebody is called. What is no name is left out.
    pub(crate) fn names(&self) -> PersonNames {
        PersonNames {
            handle: self.name.parse().ok(),
            display: self.profile.display_name.parse().ok(),
        }
    }
}

/// Who somebody is in an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct EnterpriseUser {
    /// The organisation.
    pub(crate) enterprise_id: String,
    /// Those of its workspaces that they are in.
    pub(crate) teams: Vec<String>,
}

#[derive(Deserialize)]
struct PeopleSaid {
    user: Option<Profile>,
    users: Option<BTreeSet<UserId>>,
    #[serde(default)]
    response_metadata: Metadata,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    next_cursor: String,
}

impl PeopleSaid {
    /// Everybody in a group. Half of one is none: whoever is missing would lose their rights.
    fn members(self) -> Result<BTreeSet<UserId>, PostError> {
        match self.users {
            Some(users) if self.response_metadata.next_cursor.is_empty() => Ok(users),
            Some(_) | None => Err(PostError::Unknown),
        }
    }
}

impl SlackClient {
    /// What Slack says of a person.
    ///
    /// # Errors
    ///
    /// [`PostError`]; [`Lacks`](PostError::Lacks) where the app may not ask.
    pub(crate) async fn profile(
        &self,
        token: &Secret,
        user: &UserId,
    ) -> Result<Profile, PostError> {
        let form = format!("user={user}");
        let answer = self.ask("users.info", token, form).await?;
        let said: PeopleSaid = said(&answer, Some(AppScope::UsersRead))?;
        said.user.ok_or(PostError::Unknown)
    }

    /// Everybody in a user group. `team` is the workspace that it is of, which only a token of an organisation
    /// needs to be told (<https://docs.slack.dev/reference/methods/usergroups.users.list>).
    ///
    /// # Errors
    ///
    /// As [`Self::profile`].
    pub(crate) async fn members(
        &self,
        token: &Secret,
        group: &GroupId,
        team: Option<&TeamId>,
    ) -> Result<BTreeSet<UserId>, PostError> {
        let mut form = format!("usergroup={group}");
        if let Some(team) = team {
            form.push_str(&format!("&team_id={team}"));
        }
        let answer = self.ask("usergroups.users.list", token, form).await?;
        said::<PeopleSaid>(&answer, Some(AppScope::UsergroupsRead))?.members()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(answer: &str) -> Option<usize> {
        let said: PeopleSaid = serde_json::from_str(answer).ok()?;
        said.members().ok().map(|members| members.len())
    }

    /// Answers as Slack documents them, and what a proxy or a limit could make of them.
    #[test]
    fn half_of_a_group_is_none() {
        let whole = r#"{"ok": true, "users": ["U060R4BJ4", "W123A4BC5"]}"#;
        assert_eq!(members(whole), Some(2));
        assert_eq!(members(r#"{"ok": true, "users": []}"#), Some(0));
        let end =
            r#"{"ok": true, "users": ["U060R4BJ4"], "response_metadata": {"next_cursor": ""}}"#;
        assert_eq!(members(end), Some(1));
        for half in [
            r#"{"ok": true, "users": ["U060R4BJ4"], "response_metadata": {"next_cursor": "dXNlcjpVMDYx"}}"#,
            r#"{"ok": true, "users": ["U060R4BJ4", "somebody"]}"#,
            r#"{"ok": true}"#,
            &whole[..30],
        ] {
            assert_eq!(members(half), None, "{half}");
        }
    }
}
