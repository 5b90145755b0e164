//! Why a deploy was refused, typed: kept in its record, and put into words where that is shown
//! ([`crate::refusal`]).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Instead;
use super::RightRefused;
use super::Silent;
use super::StillOpen;
use super::Verdict;
use crate::gate::Obstacle;
use crate::names::version::Gone;
use crate::names::{AppName, ContainerName, DeployId, EnvName, Ref};
use crate::plan::{Candidate, CannotRun};
use crate::policy::Denied;
use crate::resolve::{GithubNo, Unresolvable};
use crate::rollout::AwsNo;

/// Why nothing was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// Nobody has pushed a configuration.
    NoConfiguration,
    /// The pushed configuration cannot be read.
    UnreadableConfiguration,
    /// The policy said no.
    Denied(Denied),
    /// Its requester asked for the right to it, and did not get it.
    Right(RightRefused),
    /// Both exist, but not together.
    NotThere {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// Where it does run.
        there: Vec<String>,
    },
    /// Gates that did not open, all of them.
    Gates(Vec<Obstacle>),
    /// The ref leads to no image.
    Unresolvable {
        /// Why.
        why: Unresolvable,
        /// What could be deployed instead, where that helps and was told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead: Option<Instead>,
    },
    /// No container to put the image in.
    NoContainer {
        /// The service.
        service: String,
        /// The image's repository.
        repository: String,
    },
    /// No container to put one of several images in.
    NoImage(NoImage),
    /// An image for other machines than those that would run it.
    NoPlatform(NoPlatform),
    /// The family of the one-off task has no revision.
    NoTask {
        /// The family.
        family: String,
    },
    /// The one-off task needs a volume that the service which it runs like does not have.
    NoVolume {
        /// The family.
        family: String,
        /// The volume.
        volume: String,
        /// The service.
        service: String,
    },
    /// No essential container of the one-off task runs an image that a deploy exchanges.
    NoTaskContainer {
        /// The family.
        family: String,
        /// The image's repository.
        repository: String,
    },
    /// A schedule cannot be given the new revision.
    Schedule {
        /// The schedule.
        schedule: String,
        /// Why.
        why: NoSchedule,
    },
    /// Nothing says from where it is to be promoted.
    NothingBefore {
        /// The application.
        application: AppName,
        /// Where it was to go.
        environment: EnvName,
        /// Where else the application runs.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        others: Vec<EnvName>,
    },
    /// That digest runs already.
    AlreadyLive {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// What people call what runs.
        label: String,
    },
    /// All of several applications run already what was asked for.
    AllLive {
        /// The environment.
        environment: EnvName,
        /// Which.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        applications: Vec<AppName>,
    },
    /// As many as one person may have open in one environment are open already.
    TooManyOpen {
        /// The environment.
        environment: EnvName,
        /// Those that are, the oldest first.
        open: Vec<StillOpen>,
    },
    /// More services than one plan can hold.
    TooManyServices {
        /// How many there are.
        services: usize,
        /// How many there can be.
        most: usize,
    },
    /// There is no way back, or none that is sure.
    NoBack(NoBack),
    /// The deploy named is none that can be gone back to.
    NoWayBack {
        /// The deploy named.
        id: DeployId,
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// What keeps it from running again.
        why: NoWayBack,
    },
    /// A rollback that came while a deploy was rolling out there: that one is stopped instead.
    StoppedInstead {
        /// The deploy that was under way.
        id: DeployId,
    },
    /// The same pipeline asked for a newer deploy there.
    Newer {
        /// That one.
        id: DeployId,
    },
    /// What runs there changed again and again between the plan and the start.
    KeepsChanging {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
    },
    /// What runs is known to have failed, so that it must not be brought to every task.
    RestartOfFailed {
        /// The service.
        service: String,
        /// What it was given: `family:revision`.
        revision: String,
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
    },
    /// No such deploy.
    UnknownDeploy {
        /// As typed.
        id: DeployId,
    },
    /// It waited too long to be carried out.
    TooOld {
        /// When it was asked for.
        at: Timestamp,
    },
    /// Its time lies ahead.
    Ahead {
        /// Its time.
        at: Timestamp,
    },
    /// The environment's deploy role does not allow it.
    NoAccess {
        /// The environment.
        environment: EnvName,
        /// The action AWS denied, for instance `ecs:DescribeServices`.
        action: String,
        /// The ARN of the role it denied it to.
        role: String,
    },
    /// GitHub gave no answer.
    NoGithub {
        /// As typed; the default branch where there is none.
        reference: Option<Ref>,
        /// What an admin has to mend, if that is what it takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        no: Option<GithubNo>,
    },
    /// GitHub answers no more questions for a while.
    GithubLimit {
        /// As typed; the default branch where there is none.
        reference: Option<Ref>,
        /// When it is renewed.
        until: Timestamp,
    },
    /// What is left of the questions that GitHub answers is kept for deploys, and this only looks.
    GithubKept {
        /// When they are renewed.
        until: Timestamp,
    },
    /// Somebody outside gave no answer for as long as it was tried.
    NoAnswer(Silent),
    /// AWS said no to a look that the plan needs.
    AwsRefuses(AwsNo),
    /// AWS could not be reached, and for certain nothing was written.
    Unavailable,
}

/// Nothing there runs an image of its own under that name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoImage {
    /// The application.
    pub application: AppName,
    /// The environment.
    pub environment: EnvName,
    /// The container.
    pub image: ContainerName,
    /// Whether the configuration has it, so that only the container is missing.
    pub configured: bool,
}

/// An index holds no image for the machines that would run it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoPlatform {
    /// The image, as people name it.
    pub image: String,
    /// The platforms that it is for.
    pub has: Vec<String>,
    /// The one that is wanted.
    pub wants: String,
    /// The task definition that wants it.
    pub definition: String,
}

/// Why a rollback that names no deploy goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoBack {
    /// No earlier good deploy.
    NothingToRollBackTo {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// What was rolled back from before.
        left: Vec<Candidate>,
    },
    /// What the card brought that a button is on is not there any more.
    IsGone {
        /// What is not there.
        gone: Gone,
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// When that was found.
        now: Timestamp,
    },
    /// The version that was named is none that ran there, or several.
    NoVersion {
        /// As typed.
        version: Ref,
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// Those that it may be: the deploy's id, or else what people call it.
        alike: Vec<(String, String)>,
        /// Those that can be gone back to instead, likewise, newest first.
        ways: Vec<(String, String)>,
    },
    /// The newest good version cannot run again, and nobody is asked whether an older one will do.
    NewestCannotRun {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// What people call it.
        label: String,
        /// What keeps it from running again.
        why: CannotRun,
        /// Older ones that can: the deploy, and what people call it.
        others: Vec<(String, String)>,
    },
}

/// Why an earlier deploy cannot be gone back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoWayBack {
    /// It is another application's, or another environment's.
    Elsewhere {
        /// Of this application.
        application: AppName,
        /// Where.
        environment: EnvName,
    },
    /// It did not succeed.
    Ended(Verdict),
    /// It is still under way.
    Open,
    /// It ran well, and cannot again.
    CannotRun(CannotRun),
}

/// What keeps a schedule from being given a new revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoSchedule {
    /// There is none of that name.
    Missing,
    /// It runs something else than an ECS task.
    NoTask,
    /// It names a task definition that is not there.
    Definition(String),
    /// It runs a task of a family that nobody configured.
    Family(String),
    /// None of its containers runs an image of this repository.
    Container(String),
}

macro_rules! from {
    ($($name:ident($inner:ty)),* $(,)?) => {$(
        impl From<$inner> for Refused {
            fn from(inner: $inner) -> Self {
                Self::$name(inner)
            }
        }
    )*};
}

from!(
    Denied(Denied),
    Right(RightRefused),
    NoImage(NoImage),
    NoPlatform(NoPlatform),
    NoBack(NoBack),
);

impl From<Unresolvable> for Refused {
    fn from(why: Unresolvable) -> Self {
        let instead = None;
        Self::Unresolvable { why, instead }
    }
}

impl Refused {
    /// Its name, for counting.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoConfiguration => "no_configuration",
            Self::UnreadableConfiguration => "unreadable_configuration",
            Self::Denied(_) => "denied",
            Self::Right(_) => "right",
            Self::NotThere { .. } => "not_there",
            Self::NothingBefore { .. } => "nothing_before",
            Self::Gates(obstacles) => obstacles.first().map_or("gate", |one| one.gate().name()),
            Self::Unresolvable { .. } => "unresolvable",
            Self::NoContainer { .. } => "no_container",
            Self::NoImage(_) => "no_image",
            Self::NoPlatform(_) => "no_platform",
            Self::NoTask { .. } => "no_task",
            Self::NoVolume { .. } => "no_volume",
            Self::NoTaskContainer { .. } => "no_task_container",
            Self::Schedule { .. } => "schedule",
            Self::AlreadyLive { .. } | Self::AllLive { .. } => "already_live",
            Self::TooManyOpen { .. } => "too_many_open",
            Self::TooManyServices { .. } => "too_many_services",
            Self::NoBack(_) | Self::NoWayBack { .. } => "no_way_back",
            Self::StoppedInstead { .. } => "stopped_instead",
            Self::Newer { .. } => "newer",
            Self::KeepsChanging { .. } => "keeps_changing",
            Self::RestartOfFailed { .. } => "restart_of_failed",
            Self::UnknownDeploy { .. } => "unknown_deploy",
            Self::TooOld { .. } | Self::Ahead { .. } => "untimely",
            Self::NoAccess { .. } => "no_access",
            Self::NoGithub { .. } | Self::GithubLimit { .. } | Self::GithubKept { .. } => "github",
            Self::NoAnswer(_) | Self::AwsRefuses(_) | Self::Unavailable => "aws",
        }
    }
}
