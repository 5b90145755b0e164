//! The rules of one application in one environment, and who they are about.

use std::collections::BTreeSet;

use super::standing::{Doubt, Holds};
use super::{Action, DenyRule, Policy};
use crate::config::{Environment, LogEvidence, Member, Team, Who};
use crate::names::{Actor, ChannelId, UserId};
use crate::request::ChangeKind;

/// People and user groups, by what is known now.
#[derive(Clone, Copy)]
pub(super) struct Crowd<'c> {
    pub(super) policy: Policy<'c>,
}

impl Crowd<'_> {
    pub(super) fn has<'m>(
        &self,
        user: &UserId,
        members: impl IntoIterator<Item = &'m Member>,
    ) -> Holds {
        Holds::any(members.into_iter().map(|member| match member {
            Member::User(named) => (named == user).into(),
            Member::Group(group) => self.policy.groups.in_group(user, group, self.policy.now),
        }))
    }

    fn has_admin(&self, user: &UserId) -> Holds {
        let (groups, now) = (self.policy.groups, self.policy.now);
        let admins = &self.policy.config.slack().admins;
        Holds::any(admins.iter().map(|admin| match admin {
            Member::User(named) => (named == user).into(),
            Member::Group(group) => groups.in_trusted_group(user, group, now),
        }))
    }

    /// The admins, as far as they are known.
    fn admins(&self) -> BTreeSet<UserId> {
        let Policy {
            config,
            groups,
            now,
            ..
        } = self.policy;
        let mut people = BTreeSet::new();
        for admin in &config.slack().admins {
            match admin {
                Member::User(user) => {
                    people.insert(user.clone());
                }
                Member::Group(group) => people.extend(groups.trusted_members(group, now).cloned()),
            }
        }
        people
    }

    /// The people behind some entries.
    fn people<'m>(&self, members: impl IntoIterator<Item = &'m Member>) -> BTreeSet<UserId> {
        let mut people = BTreeSet::new();
        for member in members {
            match member {
                Member::User(user) => {
                    people.insert(user.clone());
                }
                Member::Group(group) => {
                    people.extend(self.policy.groups.members(group).cloned());
                }
            }
        }
        people
    }
}

/// The rules of one application in one environment.
pub(super) struct Rights<'c> {
    pub(super) policy: Policy<'c>,
    pub(super) place: &'c Environment,
    pub(super) team: Option<&'c Team>,
    pub(super) on_call: &'c BTreeSet<Member>,
}

/// Whether an old copy of what Slack said will do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copies {
    /// It must be fresh.
    Fresh,
    /// Stopping something and the way back wait for nobody.
    Old,
}

impl Action {
    fn copies(&self) -> Copies {
        match self {
            Self::Change(ChangeKind::Rollback)
            | Self::Confirm {
                change: ChangeKind::Rollback,
                ..
            }
            | Self::Cancel { .. } => Copies::Old,
            Self::Change(ChangeKind::Deploy | ChangeKind::Restart)
            | Self::Confirm {
                change: ChangeKind::Deploy | ChangeKind::Restart,
                ..
            }
            | Self::AnswerPause
            | Self::Read
            | Self::ReadLogs => Copies::Fresh,
        }
    }
}

/// The old copy that a yes goes by, if it needs one.
pub(super) type ByCopy = Option<Doubt>;

impl Rights<'_> {
    pub(super) fn judge(
        &self,
        actor: &Actor,
        action: &Action,
        channel: Option<&ChannelId>,
    ) -> Result<ByCopy, DenyRule> {
        if *action == Action::ReadLogs && self.place.evidence == LogEvidence::Link {
            return Err(DenyRule::NoLogs);
        }
        let user = match actor {
            Actor::Slack { user, .. } => user,
            Actor::Operator { .. } => return self.judge_operator(actor, action).map(|()| None),
            // Longshore carries out what people asked for; by itself it only looks.
            Actor::Longshore => {
                return match action {
                    Action::Read => Ok(None),
                    Action::Change(_)
                    | Action::Cancel { .. }
                    | Action::Confirm { .. }
                    | Action::AnswerPause
                    | Action::ReadLogs => Err(DenyRule::Nobody),
                };
            }
        };
        let copies = action.copies();
        match action {
            Action::Change(change) => self.change(user, *change, channel, copies),
            Action::AnswerPause => self.change(user, ChangeKind::Deploy, channel, copies),
            Action::Confirm { requester, change } => {
                if requester != actor {
                    return Err(DenyRule::NotRequester(requester.clone()));
                }
                self.change(user, *change, channel, copies)
            }
            Action::Cancel { requester } => {
                if requester == actor {
                    return Ok(None);
                }
                let back = self.place.rollback_by.as_ref();
                let back = back.unwrap_or(&self.place.request);
                let holds = self
                    .is_admin(user)
                    .or(|| self.is_in_team(user))
                    .or(|| Holds::any(back.iter().map(|who| self.is(user, who))));
                let may = || {
                    let crowd = self.crowd();
                    let mut may = crowd.admins();
                    may.extend(crowd.people(self.team.into_iter().flat_map(Team::people)));
                    may.extend(self.whom_to_ask(back));
                    may.remove(user);
                    told(may)
                };
                self.allowed(holds, copies, may, |may| DenyRule::NotRequesterOrTeam {
                    requester: requester.clone(),
                    may,
                })
            }
            Action::ReadLogs => {
                let logs = self.place.logs.as_ref();
                self.named(user, logs.unwrap_or(&self.place.request), copies)
            }
            Action::Read => Ok(None),
        }
    }

    fn judge_operator(&self, actor: &Actor, action: &Action) -> Result<(), DenyRule> {
        match action {
            Action::Confirm { requester, .. } if requester != actor => {
                Err(DenyRule::NotRequester(requester.clone()))
            }
            Action::Change(_)
            | Action::Cancel { .. }
            | Action::Confirm { .. }
            | Action::AnswerPause
            | Action::ReadLogs
            | Action::Read => Ok(()),
        }
    }

    fn change(
        &self,
        user: &UserId,
        change: ChangeKind,
        channel: Option<&ChannelId>,
        copies: Copies,
    ) -> Result<ByCopy, DenyRule> {
        let named = match (change, &self.place.rollback_by) {
            (ChangeKind::Rollback, Some(by)) => by,
            (ChangeKind::Deploy | ChangeKind::Rollback | ChangeKind::Restart, _) => {
                &self.place.request
            }
        };
        let by_copy = self.named(user, named, copies)?;
        match (&self.place.channels, channel) {
            (Some(allowed), channel) if !channel.is_some_and(|here| allowed.contains(here)) => {
                Err(DenyRule::Channel(told(allowed.clone())))
            }
            (Some(_) | None, _) => Ok(by_copy),
        }
    }

    /// Whether a list names somebody. An empty one is "nobody", and an admin may do what somebody may.
    fn named(
        &self,
        user: &UserId,
        named: &BTreeSet<Who>,
        copies: Copies,
    ) -> Result<ByCopy, DenyRule> {
        if named.is_empty() {
            return Err(DenyRule::Nobody);
        }
        let each = named.iter().map(|who| self.is(user, who));
        let holds = self.is_admin(user).or(|| Holds::any(each));
        let ask = || {
            let mut ask = self.whom_to_ask(named);
            ask.remove(user);
            told(ask)
        };
        self.allowed(holds, copies, ask, |ask| {
            let kind = self.policy.people.kind(user);
            match kind.filter(|_| named.contains(&Who::Everyone)) {
                Some(kind) => DenyRule::NoFullMember { kind, ask },
                None => DenyRule::NotNamed {
                    others: named.len().saturating_sub(TOLD),
                    named: told(named.clone()),
                    ask,
                },
            }
        })
    }

    /// Yes, or why not; whom to ask is sought only then, among however many there are.
    fn allowed(
        &self,
        holds: Holds,
        copies: Copies,
        ask: impl FnOnce() -> BTreeSet<UserId>,
        otherwise: impl FnOnce(BTreeSet<UserId>) -> DenyRule,
    ) -> Result<ByCopy, DenyRule> {
        match holds {
            Holds::Yes => Ok(None),
            Holds::ByCopy(doubt) if copies == Copies::Old => Ok(Some(doubt)),
            Holds::ByCopy(doubt) | Holds::Unknown(doubt) => {
                Err(DenyRule::Doubtful { doubt, ask: ask() })
            }
            Holds::No => Err(otherwise(ask())),
        }
    }

    fn crowd(&self) -> Crowd<'_> {
        let policy = self.policy;
        Crowd { policy }
    }

    fn is(&self, user: &UserId, who: &Who) -> Holds {
        let crowd = self.crowd();
        match who {
            // The workspace was checked before anything else.
            Who::Everyone => self.policy.people.is_full_member(user, self.policy.now),
            Who::Team => self.is_in_team(user),
            Who::Leads => crowd.has(user, self.team.into_iter().flat_map(|team| &team.leads)),
            Who::TeamNamed(name) => {
                let team = self.policy.config.team(name).into_iter();
                crowd.has(user, team.flat_map(Team::people))
            }
            Who::Admins => self.is_admin(user),
            Who::OnCall => crowd.has(user, self.on_call),
            Who::Member(member) => crowd.has(user, [member]),
        }
    }

    fn is_admin(&self, user: &UserId) -> Holds {
        self.crowd().has_admin(user)
    }

    fn is_in_team(&self, user: &UserId) -> Holds {
        let people = self.team.into_iter().flat_map(Team::people);
        self.crowd().has(user, people)
    }

    /// The people behind the entries, and the admins if there is none.
    fn whom_to_ask(&self, named: &BTreeSet<Who>) -> BTreeSet<UserId> {
        let crowd = self.crowd();
        let mut people = BTreeSet::new();
        for who in named {
            match who {
                Who::Everyone => {}
                Who::Team => {
                    people.extend(crowd.people(self.team.into_iter().flat_map(Team::people)));
                }
                Who::Leads => {
                    let leads = self.team.into_iter().flat_map(|team| &team.leads);
                    people.extend(crowd.people(leads));
                }
                Who::TeamNamed(name) => {
                    let team = self.policy.config.team(name).into_iter();
                    people.extend(crowd.people(team.flat_map(Team::people)));
                }
                Who::Admins => people.extend(crowd.admins()),
                Who::OnCall => people.extend(crowd.people(self.on_call)),
                Who::Member(member) => people.extend(crowd.people([member])),
            }
        }
        if people.is_empty() {
            people.extend(crowd.admins());
        }
        people
    }
}

/// So many at most are told of those who may, and of the channels: a record keeps them, and a longer list helps
/// nobody.
const TOLD: usize = 6;

fn told<T: Ord>(names: BTreeSet<T>) -> BTreeSet<T> {
    names.into_iter().take(TOLD).collect()
}
