//! Who may what to one application in one environment, and why.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::crowd::Crowd;
use super::{Grant, Policy};
use crate::config::{LogEvidence, Member, Team, Who};
use crate::names::{AppName, ChannelId, EnvName, UserId};
use crate::request::GrantedRight;

/// Who may what there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Those who may deploy.
    pub request: Vec<RosterEntry>,
    /// Those who may roll back; `None`: those who may deploy.
    pub rollback: Option<Vec<RosterEntry>>,
    /// Those who may read logs; `None`: those who may deploy.
    pub logs: Option<Vec<RosterEntry>>,
    /// The admins, as far as they are known. They may what anybody may.
    pub admins: BTreeSet<UserId>,
    /// The rights to request that were given in chat.
    pub requesters: Vec<Grant>,
    /// Those to approve.
    pub approvers: Vec<Grant>,
    /// Where it must be asked for.
    pub channels: Option<BTreeSet<ChannelId>>,
}

/// An entry of the configuration, and the people behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterEntry {
    /// The entry.
    pub who: Who,
    /// The people, as far as they are known; empty for everyone.
    pub people: BTreeSet<UserId>,
    /// The oldest copy of a user group that says so.
    pub as_of: Option<Timestamp>,
}

/// Who may what; none where the application does not run.
pub fn roster(policy: Policy<'_>, application: &AppName, environment: &EnvName) -> Option<Roster> {
    let Policy {
        config,
        grants,
        now,
        ..
    } = policy;
    let place = config.environment(environment)?;
    config
        .application(application)?
        .environments
        .get(environment)?;
    let each = |list: &BTreeSet<Who>| {
        let named = list
            .iter()
            .map(|who| named(policy, who, application, environment));
        named.collect::<Vec<_>>()
    };
    let given = |right: GrantedRight| {
        let live = grants.live(now);
        let there =
            live.filter(|grant| grant.right == right && grant.is_for(application, environment));
        there.cloned().collect()
    };
    Some(Roster {
        request: each(&place.request),
        rollback: place.rollback_by.as_ref().map(each),
        logs: match place.evidence {
            LogEvidence::Logs => place.logs.as_ref().map(each),
            LogEvidence::Link => Some(Vec::new()),
        },
        admins: Crowd { policy }.admins(),
        // Nothing adds to a list that is empty.
        requesters: match place.request.is_empty() {
            true => Vec::new(),
            false => given(GrantedRight::Request),
        },
        approvers: given(GrantedRight::Approve),
        channels: place.channels.clone(),
    })
}

fn named(
    policy: Policy<'_>,
    who: &Who,
    application: &AppName,
    environment: &EnvName,
) -> RosterEntry {
    let config = policy.config;
    let team = || config.team_of(application).map(|(_, team)| team);
    let members: Vec<&Member> = match who {
        Who::Everyone => Vec::new(),
        Who::Team => team().into_iter().flat_map(Team::people).collect(),
        Who::Leads => team().into_iter().flat_map(|team| &team.leads).collect(),
        Who::TeamNamed(name) => config
            .team(name)
            .into_iter()
            .flat_map(Team::people)
            .collect(),
        Who::Admins => config.slack().admins.iter().collect(),
        Who::OnCall => config.on_call(application, environment).iter().collect(),
        Who::Member(member) => vec![member],
    };
    let groups = members.iter().filter_map(|member| member.group());
    let read = groups.filter_map(|group| Some(policy.groups.0.get(group)?.read_at));
    let as_of = read.min();
    let crowd = Crowd { policy };
    RosterEntry {
        who: who.clone(),
        people: match who {
            Who::Admins => crowd.admins(),
            _ => crowd.people(members),
        },
        as_of,
    }
}
