//! Which Slack is listened to, and how it is spoken to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Member;
use crate::names::instance::Instance;
use crate::names::zone::Zone;
use crate::names::{ChannelId, GroupId, TeamId};

/// The workspaces that are listened to, and their admins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    /// Workspaces and organisations; everybody else is refused. Never empty.
    pub teams: BTreeSet<TeamId>,
    /// Who may do whatever anybody named in the configuration may.
    pub admins: BTreeSet<Member>,
    /// User groups that only those may edit who may be trusted with what [`Self::admins`] may.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub trusted: BTreeSet<GroupId>,
    /// Where verdicts are announced.
    pub announce: Option<ChannelId>,
    /// The slash command's own name, with its slash.
    pub command: String,
    /// Whether they are workspaces of GovSlack, which has hosts of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gov: bool,
    /// The time zone in which typed times are read; UTC if none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
}

impl Slack {
    /// The Slack that its workspaces are of.
    pub(crate) fn instance(&self) -> Instance {
        match self.gov {
            true => Instance::Gov,
            false => Instance::Slack,
        }
    }

    /// The time zone in which typed times are read.
    pub fn zone(&self) -> Zone {
        self.zone.clone().unwrap_or(Zone::UTC)
    }
}
