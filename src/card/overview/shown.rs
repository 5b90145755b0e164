//! What the truth board shows, before it is put into words.

use jiff::Timestamp;

use crate::names::{Actor, AppName, DeployId, EnvName};

/// What was read of every application that was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// The applications, in the order shown.
    pub rows: Vec<OverviewRow>,
    /// So many of the first are the asker's own.
    pub own: usize,
    /// The one environment that was asked about.
    pub environment: Option<EnvName>,
    /// What could not be read, and why.
    pub problems: Vec<Problem>,
}

/// One application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverviewRow {
    /// Its name.
    pub application: AppName,
    /// Its title.
    pub title: String,
    /// Each of its environments.
    pub places: Vec<(EnvName, There)>,
}

/// What is known of one application in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum There {
    /// ECS was read.
    Read(Runs),
    /// It was not.
    Unreadable {
        /// Why, in a word.
        why: String,
    },
}

/// What runs, and what is happening to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// What its services run: one entry where all run the same.
    pub versions: Vec<Version>,
    /// Tasks running, and wanted, over all services.
    pub tasks: (i32, i32),
    /// Services that ECS is rolling out.
    pub rolling: Vec<String>,
    /// Who holds the leases on its services.
    pub leases: Vec<DeployId>,
    /// Deploys of ours that are open there.
    pub open: Vec<DeployId>,
}

/// What some services run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The services.
    pub services: Vec<String>,
    /// The task definition of the first.
    pub revision: String,
    /// Where it is from.
    pub origin: Origin,
}

/// Where a revision is from, as far as the history knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A deploy of ours, or what was found at first.
    Ours {
        /// What people call it.
        label: String,
        /// The commit, where it is known.
        commit: Option<String>,
        /// Since when; none for what is still rolling out.
        since: Option<Timestamp>,
        /// Who asked for it; nobody for what was found at first.
        by: Option<Actor>,
    },
    /// Somebody changed it outside of Longshore, and that is in the history.
    Noticed {
        /// What people call what runs.
        label: String,
        /// When it was noticed.
        at: Timestamp,
        /// Who registered the revision, where that is known.
        by: Option<String>,
    },
    /// Somebody changed it outside of Longshore.
    Outside {
        /// What runs by the history.
        instead_of: String,
    },
    /// The history has nothing of this service.
    Unknown,
}

/// Something that could not be read, and how many applications that concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The environment.
    pub environment: EnvName,
    /// The role it was to be read with, by its ARN.
    pub role: String,
    /// Why, as plain text.
    pub why: String,
    /// How many applications.
    pub applications: usize,
}
