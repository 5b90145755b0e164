//! What runs of an application in an environment, judged by what ECS and the table said: one judgement,
//! of which everything that says what runs is drawn. What was not read is not claimed.

mod diff;
mod judge;
mod logs;
mod whereabouts;

use std::collections::HashMap;

use jiff::Timestamp;

pub use self::diff::{Between, Definitions, Diff, DiffEnd, DiffPair, EndIs, NotBetween};
pub(crate) use self::judge::{Known, judge};
pub use self::logs::{NoLines, RunningTask, Tail, TailLines};
pub(crate) use self::logs::{newest, written_by};
pub use self::whereabouts::{Came, ChangeRequest, ChangeRuns, FoundChange, NotFound, Whereabouts};
use crate::config::OwnLink;
use crate::names::{Actor, AppName, DeployId, EnvName};
use crate::record::Open;
use crate::rollout::{Hook, LiveService, Side, Staged};

/// What ECS said of services, by name; one that is not there is `None`.
pub(crate) type Services = HashMap<String, Result<Option<Read>, Unread>>;

/// What ECS said of one service.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// The service.
    pub(crate) service: LiveService,
    /// Where its newest service deployment stands, where that says more.
    pub(crate) staged: Option<Staged>,
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// In a word.
    pub word: &'static str,
    /// As a clause, in plain text.
    pub why: String,
}

/// One application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
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
    /// It was not, or it has none of the services.
    Unreadable {
        /// Why.
        unread: Unread,
        /// The role it was to be read with, by its ARN.
        role: String,
    },
}

/// What runs, and what is happening to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// Its services, in their order.
    pub services: Vec<ServiceNow>,
    /// Who holds the leases on them.
    pub leases: Vec<DeployId>,
    /// Deploys of ours that are open there.
    pub open: Vec<Open>,
    /// Pages of the application's own.
    pub links: Vec<OwnLink>,
}

/// One ECS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceNow {
    /// Its name.
    pub service: String,
    /// What it runs, revision by revision: first what it is meant to run. Nothing where it is gone.
    pub sides: Vec<LiveSide>,
    /// What is happening to it.
    pub moves: Moves,
}

/// What is happening to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moves {
    /// Nothing.
    Settled,
    /// It is rolled out, at this stage in ECS's word, where it has stages.
    RollingOut(Option<String>),
    /// Its rollout goes back.
    GoingBack,
    /// Its rollout waits for a person, at this stage and hook.
    Waiting(Option<String>, Hook),
    /// Its last rollout failed, or was stopped where it stood.
    Unfinished,
    /// ECS has it, and it is not ACTIVE.
    NotActive,
    /// ECS does not have it.
    Missing,
}

/// One revision of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSide {
    /// Its tasks and its traffic.
    pub side: Side,
    /// What it is.
    pub version: Version,
}

/// What a revision is, as far as the table knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// What people call it, where that is known.
    pub label: Option<String>,
    /// The commit of the application's own image, where it is known; any length.
    pub commit: Option<String>,
    /// The digest of its image, where there is one alone and it is known.
    pub digest: Option<String>,
    /// Where it is from.
    pub from: BroughtFrom,
}

/// Where a revision is from, as far as the history knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BroughtFrom {
    /// A deploy of ours.
    Ours {
        /// Since when; none for what is still rolling out, and where the history does not say.
        since: Option<Timestamp>,
        /// Who brought it, where the history says.
        by: Option<Actor>,
    },
    /// It ran when the application was first seen, since nobody knows when.
    Found {
        /// When it was first seen.
        known_since: Timestamp,
    },
    /// Somebody changed it outside of Longshore, and that is in the history.
    Noticed {
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
    /// Whether one name says both: their own, or that nobody here has one for them.
    pub fn is_named_like(&self, other: &Self) -> bool {
        let name = |one: &Self| (one.label.clone(), one.commit.clone(), one.digest.clone());
        let unknown = self.label.is_none() && other.label.is_none();
        unknown || name(self) == name(other)
    }

    /// The beginning of its commit, where its label does not name that.
    pub fn short_commit(&self) -> Option<&str> {
        let commit = self.commit.as_deref()?;
        let short = commit.get(..7).unwrap_or(commit);
        let named = self
            .label
            .as_deref()
            .is_some_and(|label| label.contains(short));
        (!named).then_some(short)
    }
}

impl ServiceNow {
    /// Each revision, and whether it is all that the service runs.
    pub fn placed(&self) -> impl Iterator<Item = (Place, &LiveSide)> {
        let several = self.sides.len() > 1;
        self.sides.iter().enumerate().map(move |(at, one)| {
            let place = match (several, at) {
                (false, _) => Place::Alone,
                (true, 0) => Place::Coming,
                (true, _) => Place::Beside,
            };
            (place, one)
        })
    }

    /// The revisions that have tasks; where none has, the one that it is meant to run.
    pub fn running(&self) -> impl Iterator<Item = &LiveSide> {
        let any = self.sides.iter().any(|one| one.side.counts.running > 0);
        let sides = self.sides.iter().enumerate();
        let runs = sides.filter(move |(at, one)| match any {
            true => one.side.counts.running > 0,
            false => *at == 0,
        });
        runs.map(|(_, one)| one)
    }

    /// Whether there is no such service that could run anything.
    pub fn is_gone(&self) -> bool {
        matches!(self.moves, Moves::NotActive | Moves::Missing)
    }
}

impl Runs {
    /// The one revision that runs, where it is one service's and its digest is still to be looked up.
    pub(crate) fn without_digest(&mut self) -> Option<&mut LiveSide> {
        let [service] = self.services.as_mut_slice() else {
            return None;
        };
        let running: Vec<String> = service
            .running()
            .map(|one| one.side.task_definition.clone())
            .collect();
        let [one] = running.as_slice() else {
            return None;
        };
        let mut sides = service.sides.iter_mut();
        let side = sides.find(|side| side.side.task_definition == *one);
        side.filter(|side| side.version.digest.is_none())
    }
}

#[cfg(test)]
mod tests;
