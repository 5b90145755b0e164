//! Who may what, and what was given in chat, as `--json` writes it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::ActorObject;
use crate::config::Who;
use crate::names::{AppName, ChannelId, DeployId, EnvName, GivenReason, UserId};
use crate::policy::{Grant, Roster, RosterEntry};
use crate::record::{ChangedRight, RightChange};
use crate::request::GrantedRight;

/// Who may what to one application in one environment.
#[derive(Serialize)]
pub(in crate::cli) struct RightsObject<'r> {
    application: &'r AppName,
    environment: &'r EnvName,
    may_deploy: Vec<EntitledObject<'r>>,
    /// `None`: those who may deploy.
    may_roll_back: Option<Vec<EntitledObject<'r>>>,
    /// The same.
    may_read_logs: Option<Vec<EntitledObject<'r>>>,
    granted: Vec<GrantObject<'r>>,
    admins: &'r BTreeSet<UserId>,
    /// `None`: it may be asked for anywhere.
    channels: Option<&'r BTreeSet<ChannelId>>,
}

/// An entry of a list in the configuration.
#[derive(Serialize)]
struct EntitledObject<'r> {
    /// As the configuration spells it.
    entry: Who,
    people: &'r BTreeSet<UserId>,
    as_of: Option<Timestamp>,
}

/// A right that was given in chat.
#[derive(Serialize)]
struct GrantObject<'r> {
    person: &'r UserId,
    right: &'static str,
    application: &'r AppName,
    /// `None`: wherever the application runs.
    environment: Option<&'r EnvName>,
    by: &'r UserId,
    since: Timestamp,
    counts_from: Timestamp,
    until: Timestamp,
    seconded_by: Option<&'r UserId>,
    /// The only deploy that it is for.
    deploy: Option<&'r DeployId>,
    because: Option<&'r GivenReason>,
}

/// What was taken back.
#[derive(Serialize)]
pub(in crate::cli) struct TakenObject<'r> {
    taken_by: ActorObject<'r>,
    at: Timestamp,
    taken: Vec<GrantObject<'r>>,
    /// What was given for everywhere, and so is left.
    left: Vec<GrantObject<'r>>,
    /// How many more are left than one request takes.
    more: usize,
    because: Option<&'r GivenReason>,
}

impl<'r> RightsObject<'r> {
    pub(in crate::cli) fn new(
        application: &'r AppName,
        environment: &'r EnvName,
        roster: &'r Roster,
    ) -> Self {
        let entries = |list: &'r Vec<RosterEntry>| list.iter().map(EntitledObject::from).collect();
        let granted = roster.requesters.iter().chain(&roster.approvers);
        Self {
            application,
            environment,
            may_deploy: entries(&roster.request),
            may_roll_back: roster.rollback.as_ref().map(entries),
            may_read_logs: roster.logs.as_ref().map(entries),
            granted: granted.map(GrantObject::from).collect(),
            admins: &roster.admins,
            channels: roster.channels.as_ref(),
        }
    }
}

impl<'r> From<&'r RosterEntry> for EntitledObject<'r> {
    fn from(entry: &'r RosterEntry) -> Self {
        Self {
            entry: entry.who.clone(),
            people: &entry.people,
            as_of: entry.as_of,
        }
    }
}

impl<'r> From<&'r Grant> for GrantObject<'r> {
    fn from(grant: &'r Grant) -> Self {
        Self {
            person: &grant.to,
            right: match grant.right {
                GrantedRight::Request => "deploy",
                GrantedRight::Approve => "approve",
            },
            application: &grant.application,
            environment: grant.environment.as_ref(),
            by: &grant.by,
            since: grant.at,
            counts_from: grant.counts_from(),
            until: grant.ends_at(),
            seconded_by: grant.seconded_by.as_ref(),
            deploy: grant.once.as_ref().map(|once| &once.deploy),
            because: grant.why.as_ref(),
        }
    }
}

impl<'r> From<&'r RightChange> for TakenObject<'r> {
    fn from(change: &'r RightChange) -> Self {
        let (taken, left, more, because) = match &change.what {
            ChangedRight::Taken {
                grants,
                why,
                everywhere,
                more,
            } => (
                grants.as_slice(),
                everywhere.as_slice(),
                *more,
                why.as_ref(),
            ),
            ChangedRight::Given(_) | ChangedRight::Seconded(_) => (&[][..], &[][..], 0, None),
        };
        Self {
            taken_by: (&change.by).into(),
            at: change.at,
            taken: taken.iter().map(GrantObject::from).collect(),
            left: left.iter().map(GrantObject::from).collect(),
            more,
            because,
        }
    }
}
