//! Who may do what, where: one pure function over the configuration.
//!
//! Everything is denied unless an entry of the configuration allows it. [`authorize`] is the only
//! place that makes an [`Authorized`], and whatever has an effect takes one, so there is no way to
//! forget the question. It is asked again when a deploy starts, because rights may have gone since.

mod admission;
mod denied;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::admission::{Sender, Stranger, admit};
pub use self::denied::{Denied, DenyRule};
use crate::config::{Config, Environment, LogEvidence, Team, Who};
use crate::names::{Actor, AppName, ChannelId, EnvName, UserId};
use crate::request::ChangeKind;

/// What somebody wants to do to an application in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Ask for a deploy or a restart: `request`; for a rollback: `rollback.by`, else `request`.
    Change(ChangeKind),
    /// Stop a deploy, by whatever word or button: its requester, the application's team, an admin, or whoever
    /// may roll it back once it is out. From any channel, since stopping is never the dangerous choice.
    Cancel {
        /// Who asked for the deploy.
        requester: Actor,
    },
    /// Confirm a plan: its requester only, who must still have the right to ask for it.
    Confirm {
        /// Who asked for the deploy.
        requester: Actor,
        /// What the plan does.
        change: ChangeKind,
    },
    /// Let a rollout that pauses go on, or back: those who may deploy there.
    AnswerPause,
    /// Look at something: everybody in the workspaces.
    Read,
    /// Read what running tasks write: `logs`, else `request`, where `evidence` is `"logs"`. From any channel:
    /// nobody but the asker sees it.
    ReadLogs,
}

/// Proof that the policy allowed it: this actor, this action, there.
///
/// It can only be made by [`authorize`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorized {
    actor: Actor,
    action: Action,
    application: AppName,
    environment: EnvName,
}

impl Authorized {
    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What was allowed.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// To which application.
    pub fn application(&self) -> &AppName {
        &self.application
    }

    /// In which environment.
    pub fn environment(&self) -> &EnvName {
        &self.environment
    }
}

/// Yes, with proof, or no, with the reason.
pub type Decision = Result<Authorized, Denied>;

/// Decides whether `actor` may do `action` to `application` in `environment`.
///
/// `channel` is where it was asked for; `None` outside Slack. An operator comes with an IAM
/// identity, and what that identity may do is IAM's decision, so the lists here do not bind
/// operators; the target must exist all the same.
///
/// # Errors
///
/// [`Denied`], whose text says who may and what to do next.
pub fn authorize(
    config: &Config,
    actor: &Actor,
    action: &Action,
    application: &AppName,
    environment: &EnvName,
    channel: Option<&ChannelId>,
) -> Decision {
    let deny = |reason| Err(Denied::new(action, application, environment, reason));
    // The workspace comes first: a stranger is not even told which names exist.
    if let Err(Stranger) = admit(config, actor) {
        return deny(DenyRule::OtherWorkspace);
    }
    let place = config.environment(environment).filter(|_| {
        config
            .application(application)
            .is_some_and(|app| app.environments.contains_key(environment))
    });
    let Some(place) = place else {
        return deny(DenyRule::NotConfigured);
    };
    let rights = Rights {
        config,
        place,
        team: config.team_of(application).map(|(_, team)| team),
    };
    match rights.judge(actor, action, channel) {
        Ok(()) => Ok(Authorized {
            actor: actor.clone(),
            action: action.clone(),
            application: application.clone(),
            environment: environment.clone(),
        }),
        Err(reason) => deny(reason),
    }
}

/// The rules of one application in one environment.
struct Rights<'c> {
    config: &'c Config,
    place: &'c Environment,
    team: Option<&'c Team>,
}

impl Rights<'_> {
    fn judge(
        &self,
        actor: &Actor,
        action: &Action,
        channel: Option<&ChannelId>,
    ) -> Result<(), DenyRule> {
        if *action == Action::ReadLogs && self.place.evidence == LogEvidence::Link {
            return Err(DenyRule::NoLogs);
        }
        let user = match actor {
            Actor::Slack { user, .. } => user,
            Actor::Operator { .. } => return self.judge_operator(actor, action),
            // Longshore carries out what people asked for; by itself it only looks.
            Actor::Longshore => {
                return match action {
                    Action::Read => Ok(()),
                    Action::Change(_)
                    | Action::Cancel { .. }
                    | Action::Confirm { .. }
                    | Action::AnswerPause
                    | Action::ReadLogs => Err(DenyRule::Nobody),
                };
            }
        };
        match action {
            Action::Change(change) => self.change(user, *change, channel),
            Action::AnswerPause => self.change(user, ChangeKind::Deploy, channel),
            Action::Confirm { requester, change } => {
                if requester != actor {
                    return Err(DenyRule::NotRequester(requester.clone()));
                }
                self.change(user, *change, channel)
            }
            Action::Cancel { requester } => {
                let back = self.place.rollback_by.as_ref();
                let back = back.unwrap_or(&self.place.request);
                let may_roll_back = || back.iter().any(|who| self.is(user, who));
                let own = requester == actor || self.is_in_team(user) || self.is_admin(user);
                if own || may_roll_back() {
                    return Ok(());
                }
                let mut may: BTreeSet<UserId> = self.config.slack().admins.clone();
                may.extend(self.team_members());
                may.extend(self.whom_to_ask(back));
                Err(DenyRule::NotRequesterOrTeam {
                    requester: requester.clone(),
                    may: told(may),
                })
            }
            Action::ReadLogs => {
                let logs = self.place.logs.as_ref();
                self.named(user, logs.unwrap_or(&self.place.request))
            }
            Action::Read => Ok(()),
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
    ) -> Result<(), DenyRule> {
        let named = match (change, &self.place.rollback_by) {
            (ChangeKind::Rollback, Some(by)) => by,
            (ChangeKind::Deploy | ChangeKind::Rollback | ChangeKind::Restart, _) => {
                &self.place.request
            }
        };
        self.named(user, named)?;
        match (&self.place.channels, channel) {
            (Some(allowed), channel) if !channel.is_some_and(|here| allowed.contains(here)) => {
                Err(DenyRule::Channel(told(allowed.clone())))
            }
            (Some(_) | None, _) => Ok(()),
        }
    }

    /// Whether a list names somebody. An empty one is "nobody", and an admin may do what somebody may.
    fn named(&self, user: &UserId, named: &BTreeSet<Who>) -> Result<(), DenyRule> {
        if named.is_empty() {
            return Err(DenyRule::Nobody);
        }
        if !self.is_admin(user) && !named.iter().any(|who| self.is(user, who)) {
            return Err(DenyRule::NotNamed {
                others: named.len().saturating_sub(TOLD),
                named: told(named.clone()),
                ask: told(self.whom_to_ask(named)),
            });
        }
        Ok(())
    }

    fn is(&self, user: &UserId, who: &Who) -> bool {
        match who {
            // The workspace was checked before anything else.
            Who::Everyone => true,
            Who::Team => self.is_in_team(user),
            Who::Leads => self.team.is_some_and(|team| team.leads.contains(user)),
            Who::TeamNamed(name) => self.config.team(name).is_some_and(|team| team.has(user)),
            Who::Admins => self.is_admin(user),
            Who::User(named) => named == user,
        }
    }

    fn is_admin(&self, user: &UserId) -> bool {
        self.config.slack().admins.contains(user)
    }

    fn is_in_team(&self, user: &UserId) -> bool {
        self.team.is_some_and(|team| team.has(user))
    }

    fn team_members(&self) -> impl Iterator<Item = UserId> {
        self.team.into_iter().flat_map(Team::people).cloned()
    }

    /// The people behind the entries, and the admins if there is none.
    fn whom_to_ask(&self, named: &BTreeSet<Who>) -> BTreeSet<UserId> {
        let mut people = BTreeSet::new();
        for who in named {
            match who {
                Who::Everyone => {}
                Who::Team => people.extend(self.team_members()),
                Who::Leads => {
                    people.extend(self.team.into_iter().flat_map(|team| team.leads.clone()))
                }
                Who::TeamNamed(name) => {
                    let team = self.config.team(name).into_iter();
                    people.extend(team.flat_map(Team::people).cloned());
                }
                Who::Admins => people.extend(self.config.slack().admins.clone()),
                Who::User(user) => {
                    people.insert(user.clone());
                }
            }
        }
        if people.is_empty() {
            people.extend(self.config.slack().admins.clone());
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

#[cfg(test)]
mod tests;
