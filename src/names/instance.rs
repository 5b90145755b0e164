//! Which Slack a workspace is of: Slack itself, or the one for the US government, which has hosts of
//! its own (<https://docs.slack.dev/govslack>). The two share nothing, and neither knows the other's
//! tokens, so that a token goes to no other host than its own Slack's.

use serde::{Deserialize, Serialize};

/// A Slack with hosts of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instance {
    /// `slack.com`.
    #[default]
    Slack,
    /// GovSlack, `slack-gov.com`.
    Gov,
}

impl Instance {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Slack, Self::Gov];

    /// The host of its Web API.
    pub fn host(self) -> &'static str {
        match self {
            Self::Slack => "slack.com",
            Self::Gov => "slack-gov.com",
        }
    }

    /// The host of its `response_url`s.
    pub fn hooks(self) -> &'static str {
        match self {
            Self::Slack => "hooks.slack.com",
            Self::Gov => "hooks.slack-gov.com",
        }
    }
}
