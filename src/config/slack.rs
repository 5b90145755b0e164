//! Which Slack is listened to, and how it is spoken to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Member;
use crate::names::instance::Instance;
use crate::names::zone::Zone;
use crate::names::{ChannelId, GroupId, TeamId};

/// So many admins are named at most where somebody is told whom to ask.
const NAMED: usize = 3;

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

    /// The first few admins, people before groups: whom to ask for what only they can mend.
    pub(crate) fn first_admins(&self) -> Vec<Member> {
        let is_group = |member: &&Member| matches!(member, Member::Group(_));
        let people = self.admins.iter().filter(|member| !is_group(member));
        let groups = self.admins.iter().filter(is_group);
        people.chain(groups).take(NAMED).cloned().collect()
    }

    /// The time zone in which typed times are read.
    pub fn zone(&self) -> Zone {
        self.zone.clone().unwrap_or(Zone::UTC)
    }
}
