//! Who acts: one person is one actor, whatever a platform calls them this time.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{PipelineName, TeamId, UserId};

/// Who acts. Its `Display` is one word that AWS accepts as a session tag's value.
///
/// Two are equal if they are the same person. In Slack that is the user id alone: within an
/// organisation, Slack names the same person now with one team, now with another.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Actor {
    /// A person in Slack.
    Slack {
        /// The workspace or organisation that they were admitted by.
        team: TeamId,
        /// The user.
        user: UserId,
    },
    /// Somebody at the operator's command line.
    Operator {
        /// The IAM identity that STS reported.
        arn: String,
        /// What the configuration called it when it acted. It is nobody's identity.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A pipeline, by the key that signed its request.
    Ci {
        /// Its name in the configuration.
        name: PipelineName,
    },
    /// Longshore itself, for instance a sweep.
    Longshore,
}

impl Actor {
    /// The user in Slack that it is, if it is one.
    pub(crate) fn user(&self) -> Option<&UserId> {
        match self {
            Self::Slack { user, .. } => Some(user),
            Self::Operator { .. } | Self::Ci { .. } | Self::Longshore => None,
        }
    }

    /// What tells people apart.
    fn person(&self) -> (u8, &str) {
        match self {
            Self::Slack { user, team: _ } => (0, user.as_str()),
            Self::Operator { arn, name: _ } => (1, arn),
            Self::Longshore => (2, ""),
            Self::Ci { name } => (3, name.as_str()),
        }
    }
}

impl PartialEq for Actor {
    fn eq(&self, other: &Self) -> bool {
        self.person() == other.person()
    }
}

impl Eq for Actor {}

impl std::hash::Hash for Actor {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.person().hash(state);
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slack { team, user } => write!(f, "slack:{team}:{user}"),
            Self::Operator { arn, name: _ } => write!(f, "operator:{arn}"),
            Self::Ci { name } => write!(f, "ci:{name}"),
            Self::Longshore => f.write_str("longshore"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_in_slack_is_the_user_id_alone() {
        let slack = |team: &str, user: &str| Actor::Slack {
            team: team.parse().unwrap(),
            user: user.parse().unwrap(),
        };
        let maria = slack("T0001", "U061F7AUR");
        for team in ["T0001", "T0002", "E0001"] {
            let same = slack(team, "U061F7AUR");
            assert_eq!(same, maria);
            assert!(std::collections::HashSet::from([maria.clone()]).contains(&same));
        }
        let arn = "U061F7AUR".to_owned();
        for other in [
            slack("T0001", "U0G9QF9C6"),
            Actor::Operator { arn, name: None },
            Actor::Longshore,
        ] {
            assert_ne!(other, maria);
        }
    }
}
