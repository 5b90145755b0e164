//! The scopes that the Slack app's manifest asks for (docs/install.md), and what each is for.
//!
//! <https://docs.slack.dev/reference/scopes>

use serde::{Deserialize, Serialize};

/// A scope that the manifest asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AppScope {
    /// `commands`
    Commands,
    /// `chat:write`
    ChatWrite,
    /// `chat:write.public`
    ChatWritePublic,
    /// `users:read`
    UsersRead,
    /// `usergroups:read`
    UsergroupsRead,
    /// `app_mentions:read`
    AppMentionsRead,
    /// `im:history`
    ImHistory,
    /// `pins:write`
    PinsWrite,
}

/// What becomes of Longshore without a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// A feature of today is lost: the app is not whole.
    Lost,
    /// A feature reaches less far. Whoever leaves it out may mean it.
    Less,
    /// Nothing: what uses it is planned.
    Nothing,
}

impl AppScope {
    /// Every scope of the manifest, in its order.
    pub const ALL: [Self; 8] = [
        Self::Commands,
        Self::ChatWrite,
        Self::ChatWritePublic,
        Self::UsersRead,
        Self::UsergroupsRead,
        Self::AppMentionsRead,
        Self::ImHistory,
        Self::PinsWrite,
    ];

    /// Slack's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::ChatWrite => "chat:write",
            Self::ChatWritePublic => "chat:write.public",
            Self::UsersRead => "users:read",
            Self::UsergroupsRead => "usergroups:read",
            Self::AppMentionsRead => "app_mentions:read",
            Self::ImHistory => "im:history",
            Self::PinsWrite => "pins:write",
        }
    }

    /// What it is for.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Commands => "the slash command",
            Self::ChatWrite => "a card that is kept current, answers in its thread, late verdicts",
            Self::ChatWritePublic => "the same in public channels that the app is not in",
            Self::UsersRead => "who is a full member, where everyone may deploy",
            Self::UsergroupsRead => "user groups (`@S…`) in the configuration",
            Self::AppMentionsRead => "commands that mention the app",
            Self::ImHistory => "commands in direct messages to the app",
            Self::PinsWrite => "planned: a pinned board",
        }
    }

    /// What becomes of Longshore without it.
    pub const fn without(self) -> Without {
        match self {
            Self::Commands | Self::ChatWrite => Without::Lost,
            Self::ChatWritePublic
            | Self::UsersRead
            | Self::UsergroupsRead
            | Self::AppMentionsRead
            | Self::ImHistory => Without::Less,
            Self::PinsWrite => Without::Nothing,
        }
    }
}
