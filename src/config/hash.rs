//! The configuration's hashes: of the whole of it, and of what applies to one target.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Config, Member, Target, Team, TeamName, Who};
use crate::names::digest::sha256;
use crate::names::{AppName, ChannelId, EnvName, GroupId, TeamId};

impl Config {
    /// The whole configuration as JSON, always the same bytes for the same meaning.
    ///
    /// # Errors
    ///
    /// None that could happen: every key is a string. The signature is the serializer's.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        canonical(self)
    }

    /// The SHA-256 of [`Self::canonical`], 64 lower-case hex digits: the version that was pushed.
    ///
    /// # Errors
    ///
    /// As [`Self::canonical`].
    pub fn sha256(&self) -> Result<String, serde_json::Error> {
        self.canonical().map(|json| sha256(&json))
    }

    /// The SHA-256 of everything in the configuration that a deploy of `application` to
    /// `environment` is subject to, 64 lower-case hex digits; `None` if it does not run there.
    ///
    /// A change of anybody's rights there, or of where the target is, changes the hash; a change
    /// elsewhere does not. A consent binds it.
    pub(crate) fn policy_hash(
        &self,
        application: &AppName,
        environment: &EnvName,
    ) -> Option<String> {
        #[derive(Serialize)]
        struct Applies<'c> {
            target: Target,
            teams: &'c BTreeSet<TeamId>,
            admins: &'c BTreeSet<Member>,
            #[serde(skip_serializing_if = "BTreeSet::is_empty")]
            trusted: &'c BTreeSet<GroupId>,
            #[serde(skip_serializing_if = "Option::is_none")]
            on_call: Option<&'c BTreeSet<Member>>,
            request: &'c BTreeSet<Who>,
            rollback_by: &'c Option<BTreeSet<Who>>,
            channels: &'c Option<BTreeSet<ChannelId>>,
            team: Option<(&'c TeamName, Team)>,
            named: BTreeMap<&'c TeamName, Team>,
        }
        let env = self.environment(environment)?;
        let entries = || env.request.iter().chain(env.rollback_by.iter().flatten());
        let named = entries().filter_map(|who| match who {
            Who::TeamNamed(name) => self.teams.get_key_value(name),
            Who::Everyone | Who::Team | Who::Leads | Who::Admins | Who::OnCall | Who::Member(_) => {
                None
            }
        });
        // Who is mentioned is nobody's right, unless a list says so.
        let rights = |team: &Team| Team {
            oncall: None,
            ..team.clone()
        };
        let applies = Applies {
            target: Target {
                links: Vec::new(),
                next: None,
                watch_files: Vec::new(),
                ..self.target(application, environment)?
            },
            teams: &self.slack.teams,
            admins: &self.slack.admins,
            trusted: &self.slack.trusted,
            on_call: entries()
                .any(|who| *who == Who::OnCall)
                .then(|| self.on_call(application, environment)),
            request: &env.request,
            rollback_by: &env.rollback_by,
            channels: &env.channels,
            team: self
                .team_of(application)
                .map(|(name, team)| (name, rights(team))),
            named: named.map(|(name, team)| (name, rights(team))).collect(),
        };
        canonical(&applies).ok().map(|json| sha256(&json))
    }
}

/// JSON with sorted keys and no spaces.
fn canonical(value: &impl Serialize) -> Result<String, serde_json::Error> {
    // A `Value` keeps its keys sorted, whatever the order of a struct's fields.
    serde_json::to_string(&serde_json::to_value(value)?)
}
