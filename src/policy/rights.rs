//! The rules of one application in one environment, and who they are about.

use std::collections::BTreeSet;

use super::crowd::Crowd;
use super::standing::{Doubt, Holds};
use super::{Action, DenyRule, GrantedRight, Policy};
use crate::config::{Environment, LogEvidence, Member, Team, Who};
use crate::names::{Actor, AppName, ChannelId, EnvName, PipelineName, UserId};
use crate::request::ChangeKind;

/// The rules of one application in one environment.
pub(super) struct Rights<'c> {
    pub(super) policy: Policy<'c>,
    pub(super) application: &'c AppName,
    pub(super) environment: &'c EnvName,
    pub(super) place: &'c Environment,
    pub(super) team: Option<&'c Team>,
    pub(super) on_call: &'c BTreeSet<Member>,
}

/// A list of those who may something.
#[derive(Clone, Copy)]
enum Named<'c> {
    /// `request`, to which rights given in chat add.
    Request(&'c BTreeSet<Who>),
    /// One of its own, to which they do not.
    Own(&'c BTreeSet<Who>),
}

impl<'c> Named<'c> {
    fn entries(self) -> &'c BTreeSet<Who> {
        match self {
            Self::Request(entries) | Self::Own(entries) => entries,
        }
    }
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
            | Self::Cancel { .. }
            | Self::Revoke => Copies::Old,
            Self::Change(ChangeKind::Deploy | ChangeKind::Restart)
            | Self::Confirm {
                change: ChangeKind::Deploy | ChangeKind::Restart,
                ..
            }
            | Self::AnswerPause
            | Self::Read
            | Self::ReadLogs
            | Self::Plead
            | Self::Grant => Copies::Fresh,
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
            Actor::Ci { name } => return self.judge_pipeline(name, action).map(|()| None),
            // Longshore carries out what people asked for; by itself it only looks.
            Actor::Longshore => {
                return match action {
                    Action::Read => Ok(None),
                    Action::Change(_)
                    | Action::Cancel { .. }
                    | Action::Confirm { .. }
                    | Action::AnswerPause
                    | Action::ReadLogs
                    | Action::Plead
                    | Action::Grant
                    | Action::Revoke => Err(DenyRule::Nobody),
                };
            }
        };
        let copies = action.copies();
        match action {
            Action::Change(change) => self.change(user, *change, channel, copies),
            Action::AnswerPause => self.change(user, ChangeKind::Deploy, channel, copies),
            Action::Confirm { requester, change } => {
                // A machine confirms nothing: whoever may deploy there does in its place.
                if requester != actor && !matches!(requester, Actor::Ci { .. }) {
                    return Err(DenyRule::NotRequester(requester.clone()));
                }
                self.change(user, *change, channel, copies)
            }
            Action::Cancel { requester } => {
                if requester == actor {
                    return Ok(None);
                }
                let back = self.back();
                let holds = self
                    .is_admin(user)
                    .or(|| self.is_in_team(user))
                    .or(|| self.is_named(user, back));
                let may = || {
                    let crowd = self.crowd();
                    let mut may = crowd.admins();
                    may.extend(crowd.people(self.team.into_iter().flat_map(Team::people)));
                    may.extend(self.whom_to_ask(back.entries()));
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
                let logs = logs.map_or_else(|| self.request(), Named::Own);
                self.named(user, logs, copies)
            }
            Action::Plead => self.plead(user, channel, copies),
            Action::Grant => {
                let by_copy = self.admin(user, copies)?;
                // Nobody means nobody, and a grant opens nothing.
                match self.place.request.is_empty() {
                    true => Err(DenyRule::Nobody),
                    false => Ok(by_copy),
                }
            }
            Action::Revoke => self.admin(user, copies),
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
            | Action::Revoke
            | Action::Read => Ok(()),
            // They are given by people to people whom Slack is asked about; operators write the configuration.
            Action::Plead | Action::Grant => Err(DenyRule::NotAdmin {
                ask: told(self.crowd().admins()),
            }),
        }
    }

    /// A machine asks for what its entry lists, and looks at it. Whatever a person has to stand for is no machine's.
    fn judge_pipeline(&self, name: &PipelineName, action: &Action) -> Result<(), DenyRule> {
        let entry = self.policy.config.pipeline(name);
        let entry = entry.filter(|entry| entry.covers(self.application, self.environment));
        let may = match action {
            // Nobody means nobody.
            Action::Change(_) if self.place.request.is_empty() => return Err(DenyRule::Nobody),
            Action::Change(change) => entry.is_some_and(|entry| entry.may(*change)),
            Action::Read => entry.is_some(),
            Action::Cancel { .. }
            | Action::Confirm { .. }
            | Action::AnswerPause
            | Action::ReadLogs
            | Action::Plead
            | Action::Grant
            | Action::Revoke => false,
        };
        match may {
            true => Ok(()),
            false => Err(DenyRule::NotListed {
                pipeline: name.clone(),
            }),
        }
    }

    /// Those who may deploy.
    fn request(&self) -> Named<'_> {
        Named::Request(&self.place.request)
    }

    /// Those who may roll back.
    fn back(&self) -> Named<'_> {
        match &self.place.rollback_by {
            Some(by) => Named::Own(by),
            None => self.request(),
        }
    }

    /// Admins alone.
    fn admin(&self, user: &UserId, copies: Copies) -> Result<ByCopy, DenyRule> {
        let ask = || {
            let mut admins = self.crowd().admins();
            admins.remove(user);
            told(admins)
        };
        self.allowed(self.is_admin(user), copies, ask, |ask| DenyRule::NotAdmin {
            ask,
        })
    }

    fn change(
        &self,
        user: &UserId,
        change: ChangeKind,
        channel: Option<&ChannelId>,
        copies: Copies,
    ) -> Result<ByCopy, DenyRule> {
        let named = match change {
            ChangeKind::Rollback => self.back(),
            ChangeKind::Deploy | ChangeKind::Restart => self.request(),
        };
        let by_copy = self.named(user, named, copies)?;
        self.asked_in(channel)?;
        Ok(by_copy)
    }

    fn asked_in(&self, channel: Option<&ChannelId>) -> Result<(), DenyRule> {
        match &self.place.channels {
            Some(allowed) if !channel.is_some_and(|here| allowed.contains(here)) => {
                Err(DenyRule::Channel(told(allowed.clone())))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whoever is not named may ask for it; whoever is kept out by anything else may not.
    fn plead(
        &self,
        user: &UserId,
        channel: Option<&ChannelId>,
        copies: Copies,
    ) -> Result<ByCopy, DenyRule> {
        match self.change(user, ChangeKind::Deploy, channel, copies) {
            Err(DenyRule::NotNamed { .. }) => self.asked_in(channel).map(|()| None),
            judged => judged,
        }
    }

    /// Whether a list names somebody. An empty one is "nobody", and an admin may do what somebody may.
    fn named(&self, user: &UserId, list: Named<'_>, copies: Copies) -> Result<ByCopy, DenyRule> {
        let named = list.entries();
        if named.is_empty() {
            return Err(DenyRule::Nobody);
        }
        let holds = self.is_admin(user).or(|| self.is_named(user, list));
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

    /// Whether a list names somebody, or a right given in chat that adds to it. Nothing adds to an empty one.
    fn is_named(&self, user: &UserId, list: Named<'_>) -> Holds {
        let entries = list.entries();
        let by_entry = Holds::any(entries.iter().map(|who| self.is(user, who)));
        match list {
            Named::Request(_) if !entries.is_empty() => by_entry.or(|| self.is_granted(user)),
            Named::Request(_) | Named::Own(_) => by_entry,
        }
    }

    /// Rights in chat are for full members: who is known to be none any more has none. Who was not looked at keeps them.
    fn is_granted(&self, user: &UserId) -> Holds {
        let Policy {
            grants,
            people,
            plan,
            now,
            ..
        } = self.policy;
        let (app, env) = (self.application, self.environment);
        let given = grants.give(user, GrantedRight::Request, app, env, plan, now);
        (given && people.kind(user).is_none()).into()
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
