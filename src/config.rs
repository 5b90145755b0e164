//! The configuration: which applications run where, and who may do what to them.
//!
//! It goes through two forms. `low` is what somebody wrote in `longshore.toml`, line by line; [`Config`] is what that
//! means, with every default and reference filled in. A file with a problem never becomes one, and a key whose rule is
//! not built is refused: no policy, an empty policy and an unreadable policy all mean *no*.
//!
//! Functions read [`Config::canonical`], which `longshore push` stores; the same meaning gives the same bytes and hash.

mod after;
pub(crate) mod checks;
mod duration;
pub mod files;
mod github;
mod globs;
mod hash;
mod image_rules;
mod low;
mod packed;
mod pipeline;
mod placement;
mod problem;
mod reader;
mod references;
mod resolve;
mod slack;
mod source;
mod spoken;
mod tag;
mod target;
mod told;
mod trust;
mod values;
mod who;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::checks::{CheckSource, Leniency, RequiredCheck};
pub use self::github::{GithubAccess, GithubApp, GithubHost, GithubRepository, RepositoryId};
pub use self::image_rules::{BranchPattern, ImageRules, Severity};
pub use self::packed::{MOST_STORED, Packed, TooLarge};
pub use self::pipeline::{PipelineEntry, PipelineRight};
pub use self::placement::{OwnLink, Placement};
pub use self::problem::{Invalid, Problem};
pub use self::slack::Slack;
pub(crate) use self::tag::TagOf;
pub use self::tag::TagPatterns;
pub use self::target::{
    ImageRepository, OneOffConfig, ScheduleTarget, Source, Target, deploy_role_name,
    group_and_name, published_name, role_arn,
};
pub use self::trust::{TokenOf, TokenTrust};
pub use self::values::{
    Account, AccountId, Audience, BadValue, Base, Issuer, LogEvidence, OnFailure, Region, Rollouts,
    Scope, TeamName,
};
pub use self::{after::After, globs::FilePattern};
use self::{duration::seconds, values::is_usual};
pub use self::{
    reader::SourceFile,
    who::{Member, Team, Who},
};
use crate::names::{AppName, ChannelId, ContainerName, EnvName, PipelineName};

/// More places than that are many: applications, in each of their environments.
const LARGE: usize = 400;

/// The format of [`Config::canonical`]. A function that finds another one refuses to act on it.
const SCHEMA: u32 = 1;

/// A configuration without problems. Immutable; keep it in an `Arc`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    schema: u32,
    slack: Slack,
    environments: BTreeMap<EnvName, Environment>,
    teams: BTreeMap<TeamName, Team>,
    applications: BTreeMap<AppName, Application>,
    /// What operators are called, by their ARNs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    operators: BTreeMap<String, String>,
    /// Who is mentioned where neither the environment nor the team says.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    oncall: BTreeSet<Member>,
    /// In which order environments come: what succeeded in one is promoted to the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    order: Vec<EnvName>,
    /// Which GitHub is asked, and as whom.
    #[serde(default, skip_serializing_if = "is_usual")]
    github: GithubAccess,
    /// The pipelines that may ask.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    ci: BTreeMap<PipelineName, PipelineEntry>,
}

/// An environment: an account, a cluster and a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Where it is.
    pub account: Account,
    /// The ECS cluster's name.
    pub cluster: String,
    /// Other names people may type.
    pub aliases: BTreeSet<EnvName>,
    /// Who may deploy and restart. Empty: nobody.
    pub request: BTreeSet<Who>,
    /// Who may roll back; `None`: those who may deploy.
    pub rollback_by: Option<BTreeSet<Who>>,
    /// Who may read the logs of running tasks; `None`: those who may deploy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<BTreeSet<Who>>,
    /// Where something may be asked for; `None`: anywhere in the workspace.
    pub channels: Option<BTreeSet<ChannelId>>,
    /// Whether the requester is asked to confirm the plan before anything changes; `None`: only before a rollback.
    pub confirm: Option<bool>,
    /// What a failed deploy shows of its logs.
    pub evidence: LogEvidence,
    /// Whether verdicts are announced in [`Slack::announce`] too.
    pub announce: bool,
    /// How long a rollout may take before it is overdue.
    #[serde(with = "seconds")]
    pub deadline: Duration,
    /// How closely the deploy role names what it may touch.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub scope: Scope,
    /// Whether what runs after a success is written into an SSM parameter there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub publish: bool,
    /// Who is mentioned when a deploy here is in trouble; `None`: the team's list says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oncall: Option<BTreeSet<Member>>,
    /// Where its deploys' cards are posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<ChannelId>,
    /// The checks that must have passed on whatever is deployed here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<RequiredCheck>,
    /// Where the same image must have succeeded before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
    /// What an image must be that is deployed here.
    #[serde(default, skip_serializing_if = "ImageRules::is_empty")]
    pub rules: ImageRules,
    /// Files that are watched for in what goes here, beside the application's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watch_files: Vec<FilePattern>,
}

impl Environment {
    /// Every entry of the lists of those who may do something.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Who> {
        self.changes().chain(self.logs.iter().flatten())
    }

    /// Every entry of the lists of those who may change something. Whoever is let in to read a log is let in to
    /// nothing else.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &Who> {
        let others = self.rollback_by.iter().flatten();
        self.request.iter().chain(others)
    }
}

/// An application: one source, and its services in each of its environments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// What people call it, if not by its name.
    pub title: Option<String>,
    /// Other names people may type.
    pub aliases: BTreeSet<AppName>,
    /// The team that answers for it.
    pub team: Option<TeamName>,
    /// Where its commits are.
    pub repository: Option<GithubRepository>,
    /// The checks that must have passed on its commits, wherever it goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<RequiredCheck>,
    /// The files of its repository that are its own, where CI builds an image only when one of them changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<FilePattern>,
    /// Whether its images' tags must be ones that stay with them, wherever they go.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub immutable: bool,
    /// Files that are watched for in what changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watch_files: Vec<FilePattern>,
    /// The registry its images are in, if not the environment's own account.
    pub registry: Option<Account>,
    /// The ECR repository's name.
    pub image: String,
    /// How a commit's image is tagged.
    pub tag: TagPatterns,
    /// The task definition a deploy starts from.
    pub base: Base,
    /// After anything but success, register the live definition once more.
    pub restore_head: bool,
    /// How its services' rollouts follow each other.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub rollouts: Rollouts,
    /// What becomes of its other services when one fails.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub on_failure: OnFailure,
    /// The containers whose image is replaced.
    pub containers: Option<Vec<String>>,
    /// Images of its own that a container runs, by the container's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<ContainerName, ContainerImage>,
    /// Where it runs.
    pub environments: BTreeMap<EnvName, Placement>,
    /// Where its deploys' cards are posted, whatever the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<ChannelId>,
}

/// The image that one container of an application runs, which is not the application's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerImage {
    /// The ECR repository's name, in the application's registry.
    pub image: String,
    /// Where its commits are. `None`: a ref is an image tag, and nothing else.
    pub repository: Option<GithubRepository>,
    /// How a commit's image is tagged.
    pub tag: TagPatterns,
}

/// A configuration, and what deserves a second look in it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What the files mean.
    pub config: Config,
    /// What was accepted, but is probably not what was wanted.
    pub warnings: Vec<Problem>,
    /// Keys that are sound, and that this version judges nothing by.
    pub not_judged: Vec<Problem>,
}

/// The stored configuration cannot be used. Everything is refused until another one is pushed.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is not the JSON that [`Config::canonical`] writes.
    #[error("the stored configuration cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// It was written by a version of Longshore with another format.
    #[error("the stored configuration has format {0}, and this version reads format {SCHEMA}")]
    Format(u32),
    /// It names something that it does not define.
    #[error("the stored configuration names {0} without defining it")]
    Dangling(String),
}

impl Config {
    /// Reads and resolves the files of one configuration: the main file first, then those of the
    /// teams, which may hold `teams.*` and `applications.*` only.
    ///
    /// # Errors
    ///
    /// Every problem that was found, with its file, line and key.
    pub fn compile(files: &[SourceFile]) -> Result<Checked, Invalid> {
        resolve::resolve(files)
    }

    /// Reads what [`Self::canonical`] wrote.
    ///
    /// # Errors
    ///
    /// [`Unusable`]; the caller then has no policy, and no policy means no.
    pub fn parse(json: &str) -> Result<Self, Unusable> {
        #[derive(Deserialize)]
        struct Format {
            schema: u32,
        }
        let format: Format = serde_json::from_str(json).map_err(Unusable::Unreadable)?;
        if format.schema != SCHEMA {
            return Err(Unusable::Format(format.schema));
        }
        let config: Self = serde_json::from_str(json).map_err(Unusable::Unreadable)?;
        config.check_references()?;
        Ok(config)
    }

    /// Workspaces, admins and the command's name.
    pub fn slack(&self) -> &Slack {
        &self.slack
    }

    /// Which GitHub is asked, and as whom.
    pub fn github(&self) -> &GithubAccess {
        &self.github
    }

    /// Every environment, by name.
    pub fn environments(&self) -> impl Iterator<Item = (&EnvName, &Environment)> {
        self.environments.iter()
    }

    /// Every application, by name.
    pub fn applications(&self) -> impl Iterator<Item = (&AppName, &Application)> {
        self.applications.iter()
    }

    /// Whether so much runs, in one environment or in all, that what is said of it takes several messages, and AWS
    /// several seconds.
    pub(crate) fn is_large(&self, environment: Option<&EnvName>) -> bool {
        let places = self.applications.values();
        let places = places.flat_map(|application| application.environments.keys());
        let places = places.filter(|place| environment.is_none_or(|asked| asked == *place));
        places.count() > LARGE
    }

    /// One environment.
    pub fn environment(&self, name: &EnvName) -> Option<&Environment> {
        self.environments.get(name)
    }

    /// One application.
    pub fn application(&self, name: &AppName) -> Option<&Application> {
        self.applications.get(name)
    }

    /// One team.
    pub fn team(&self, name: &TeamName) -> Option<&Team> {
        self.teams.get(name)
    }

    /// Every team, by name.
    pub fn teams(&self) -> impl Iterator<Item = (&TeamName, &Team)> {
        self.teams.iter()
    }

    /// The team that answers for an application.
    pub(crate) fn team_of(&self, application: &AppName) -> Option<(&TeamName, &Team)> {
        let name = self.application(application)?.team.as_ref()?;
        Some((name, self.team(name)?))
    }
}

#[cfg(test)]
mod tests;
