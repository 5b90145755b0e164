//! Which verb asks for a command.

use super::{Command, CommandVerb};

impl Command {
    /// The command's verb.
    pub fn verb(&self) -> CommandVerb {
        match self {
            Self::Deploy { .. } | Self::Form => CommandVerb::Deploy,
            Self::Promote { .. } => CommandVerb::Promote,
            Self::Plan { .. } => CommandVerb::Plan,
            Self::Diff { .. } => CommandVerb::Diff,
            Self::Rollback { .. } | Self::RollbackOf { .. } => CommandVerb::Rollback,
            Self::Cancel { .. } | Self::CancelOf { .. } => CommandVerb::Cancel,
            Self::Restart { .. } | Self::RestartOf { .. } => CommandVerb::Restart,
            Self::Status { .. } | Self::StatusAt { .. } => CommandVerb::Status,
            Self::Where { .. } => CommandVerb::Where,
            Self::Logs { .. } => CommandVerb::Logs,
            Self::History { .. } => CommandVerb::History,
            Self::Show { .. } | Self::ShowLast { .. } => CommandVerb::Show,
            Self::WhyNot { .. } | Self::WhyNotOf { .. } | Self::WhyNotLast { .. } => {
                CommandVerb::WhyNot
            }
            Self::Grant { .. } => CommandVerb::Grant,
            Self::Revoke { .. } => CommandVerb::Revoke,
            Self::Who { .. } => CommandVerb::Who,
            Self::Help { .. } => CommandVerb::Help,
        }
    }
}
