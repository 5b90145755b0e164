//! Why the answer is no.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Action;
use super::standing::{Doubt, PersonKind};
use crate::config::Who;
use crate::names::{Actor, AppName, ChannelId, EnvName, PipelineName, UserId};

/// The policy said no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denied {
    action: Action,
    application: AppName,
    environment: EnvName,
    reason: Box<DenyRule>,
}

/// The rule that said no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DenyRule {
    /// The actor is of a workspace that is not in `slack.teams`.
    OtherWorkspace,
    /// There is no such application, no such environment, or the one does not run in the other.
    NotConfigured,
    /// The list of those who may is empty.
    Nobody,
    /// Log lines of that environment do not go to Slack.
    NoLogs,
    /// Others may.
    NotNamed {
        /// The first entries that name them.
        named: BTreeSet<Who>,
        /// How many more entries there are.
        others: usize,
        /// The people behind those entries.
        ask: BTreeSet<UserId>,
    },
    /// Everyone may, which is every full member; they are none.
    NoFullMember {
        /// What they are instead.
        kind: PersonKind,
        /// The people who may.
        ask: BTreeSet<UserId>,
    },
    /// Whether they may is not known, because what Slack said is too old or was never said.
    Doubtful {
        /// What is not known.
        doubt: Doubt,
        /// The people who may, as far as that is known.
        ask: BTreeSet<UserId>,
    },
    /// It must be asked for in one of these channels, the first of them.
    Channel(BTreeSet<ChannelId>),
    /// Only this requester may.
    NotRequester(Actor),
    /// The pipeline's entry in the configuration does not list it.
    NotListed {
        /// The pipeline.
        pipeline: PipelineName,
    },
    /// Only the admins may.
    NotAdmin {
        /// Them, as far as they are known.
        ask: BTreeSet<UserId>,
    },
    /// Only the requester, the application's team and the admins may.
    NotRequesterOrTeam {
        /// Who asked for the deploy.
        requester: Actor,
        /// The team's people and the admins.
        may: BTreeSet<UserId>,
    },
}

impl Denied {
    pub(super) fn new(
        action: &Action,
        application: &AppName,
        environment: &EnvName,
        reason: DenyRule,
    ) -> Self {
        Self {
            action: action.clone(),
            application: application.clone(),
            environment: environment.clone(),
            reason: Box::new(reason),
        }
    }

    /// Whether it may yet turn out to be a yes, once Slack says what is not known.
    pub(crate) fn is_doubt(&self) -> bool {
        matches!(*self.reason, DenyRule::Doubtful { .. })
    }

    /// Whether a right given in chat would have made it a yes, as far as that can be told.
    pub(crate) fn wants_a_right(&self) -> bool {
        matches!(
            *self.reason,
            DenyRule::NotNamed { .. } | DenyRule::NoFullMember { .. }
        )
    }

    /// What was asked for.
    pub(crate) fn action(&self) -> &Action {
        &self.action
    }

    /// To which application.
    pub(crate) fn application(&self) -> &AppName {
        &self.application
    }

    /// In which environment.
    pub(crate) fn environment(&self) -> &EnvName {
        &self.environment
    }

    /// The rule that said no.
    pub(crate) fn reason(&self) -> &DenyRule {
        &self.reason
    }
}
