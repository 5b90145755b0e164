//! What the truth board shows, before it is put into words.

use jiff::Timestamp;

use crate::names::{Actor, AppName, DeployId, EnvName};
use crate::record::Open;
use crate::rollout::Counts;

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
    pub problems: Vec<CellTrouble>,
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
    /// What its services run: one entry where all run the same, and nothing else.
    pub versions: Vec<Version>,
    /// Services that ECS is rolling out.
    pub rolling: Vec<String>,
    /// Services whose last rollout failed, or was stopped where it stood.
    pub unfinished: Vec<String>,
    /// Services whose rollouts wait for a person, as ECS said.
    pub waiting: Vec<String>,
    /// Who holds the leases on its services.
    pub leases: Vec<DeployId>,
    /// Deploys of ours that are open there.
    pub open: Vec<Open>,
}

/// What some services run of one revision each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The services.
    pub services: Vec<String>,
    /// The task definition of the first.
    pub revision: String,
    /// Where it is from.
    pub origin: BroughtFrom,
    /// The tasks of these revisions, over all these services.
    pub tasks: Counts,
    /// Its share of the production traffic in tenths of a per cent, where ECS said.
    pub share: Option<u16>,
    /// Whether other revisions of the same services run as well.
    pub place: Place,
}

/// Whether a revision is all that its service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is.
    Alone,
    /// It is what the service is brought to, or was to be, while another still runs.
    Coming,
    /// It still runs beside what the service is brought to, or was to be.
    Beside,
}

impl Version {
    /// Whether one entry can tell of both.
    pub fn is_like(&self, other: &Self) -> bool {
        // Of what was changed elsewhere nothing but the revision is known.
        let known = !matches!(self.origin, BroughtFrom::Outside { .. });
        let alike = self.origin == other.origin && self.place == other.place;
        known && alike && self.share == other.share
    }

    /// Adds what other services run.
    pub fn join(&mut self, other: Self) {
        self.services.extend(other.services);
        self.tasks.desired += other.tasks.desired;
        self.tasks.running += other.tasks.running;
        self.tasks.pending += other.tasks.pending;
        self.tasks.failed += other.tasks.failed;
    }
}

/// Where a revision is from, as far as the history knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BroughtFrom {
    /// A deploy of ours.
    Ours {
        /// What people call it.
        label: String,
        /// The commit, where it is known.
        commit: Option<String>,
        /// Since when; none for what is still rolling out, and where the history does not say.
        since: Option<Timestamp>,
        /// Who brought it, where the history says.
        by: Option<Actor>,
    },
    /// It ran when the application was first seen, since nobody knows when.
    Found {
        /// What people call it.
        label: String,
        /// The commit, where it is known.
        commit: Option<String>,
        /// When it was first seen.
        known_since: Timestamp,
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
pub struct CellTrouble {
    /// The environment.
    pub environment: EnvName,
    /// The role it was to be read with, by its ARN.
    pub role: String,
    /// Why, as plain text.
    pub why: String,
    /// How many applications.
    pub applications: usize,
}
