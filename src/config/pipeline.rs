//! `ci.NAME`: what a pipeline may ask for, with the key of that name.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Config, Issuer, TokenTrust};
use crate::names::{AppName, EnvName, PipelineName};
use crate::request::ChangeKind;

/// What a pipeline may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PipelineRight {
    /// Deploys.
    Deploy,
}

/// A pipeline: a machine that asks with a key of its own. What is not listed is denied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineEntry {
    /// The applications that it may ask about.
    pub applications: BTreeSet<AppName>,
    /// The environments.
    pub environments: BTreeSet<EnvName>,
    /// What it may ask for there.
    pub may: BTreeSet<PipelineRight>,
    /// Which tokens are its word as well as what its key signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenTrust>,
}

impl PipelineEntry {
    /// Whether the place is one of its own.
    pub fn covers(&self, application: &AppName, environment: &EnvName) -> bool {
        self.applications.contains(application) && self.environments.contains(environment)
    }

    /// Whether it may ask for such a change where it may ask at all.
    pub fn may(&self, change: ChangeKind) -> bool {
        match change {
            ChangeKind::Deploy => self.may.contains(&PipelineRight::Deploy),
            ChangeKind::Rollback | ChangeKind::Restart => false,
        }
    }
}

impl Config {
    /// One pipeline.
    pub fn pipeline(&self, name: &PipelineName) -> Option<&PipelineEntry> {
        self.ci.get(name)
    }

    /// Whoever issues tokens that are trusted.
    pub fn issuers(&self) -> BTreeSet<&Issuer> {
        let trusted = self.ci.values().filter_map(|one| one.token.as_ref());
        trusted.map(|trust| &trust.issuer).collect()
    }

    /// Every pipeline, by name.
    pub fn pipelines(&self) -> &BTreeMap<PipelineName, PipelineEntry> {
        &self.ci
    }
}
