//! Who may do what, where: one pure function over the configuration and what is known of people.
//!
//! Everything is denied unless an entry of the configuration allows it. [`authorize`] is the only
//! place that makes an [`Authorized`], and whatever has an effect takes one, so there is no way to
//! forget the question. It is asked again when a deploy starts, because rights may have gone since.

mod admission;
mod crowd;
mod denied;
mod grants;
mod rights;
mod roster;
mod standing;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::admission::{Sender, Stranger, admit};
use self::crowd::Crowd;
pub use self::denied::{Denied, DenyRule};
pub use self::grants::{Grant, Grants, LONGEST, Once, PlanOf, UNSECONDED, USUAL};
use self::rights::Rights;
pub use self::roster::{Roster, RosterEntry, roster};
use self::standing::Holds;
pub(crate) use self::standing::{AHEAD, is_fresh};
pub use self::standing::{
    Doubt, GroupCopy, Groups, OLDEST, PROBATION, People, PersonCopy, PersonKind,
};
use crate::config::{Config, Member};
use crate::names::{Actor, AppName, ChannelId, EnvName, UserId};
use crate::request::ChangeKind;
pub use crate::request::GrantedRight;

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
    /// Ask an admin for the right to a deploy: whoever lacks nothing else, from where one is asked for.
    Plead,
    /// Give somebody a right there in chat: the admins. From any channel, since it is announced.
    Grant,
    /// Take such a right back: the admins.
    Revoke,
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
    by_copy: Option<Doubt>,
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

    /// The old copy of what Slack said that it was allowed by, where there is none that is fresh.
    pub fn by_copy(&self) -> Option<&Doubt> {
        self.by_copy.as_ref()
    }
}

/// What rights are judged by: the configuration, and what is known beside it.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// What Slack said of user groups.
    pub groups: &'a Groups,
    /// What Slack said of people.
    pub people: &'a People,
    /// The rights that were given in chat.
    pub grants: &'a Grants,
    /// The plan that it is about, if it is about one.
    pub plan: Option<PlanOf<'a>>,
    /// Of when an answer is.
    pub now: Timestamp,
}

impl<'a> Policy<'a> {
    /// The configuration alone: no group is known, nobody was looked at, and no right was given in chat.
    pub fn alone(config: &'a Config, now: Timestamp) -> Self {
        Self {
            config,
            groups: Groups::NONE,
            people: People::NOBODY,
            grants: Grants::NONE,
            plan: None,
            now,
        }
    }

    /// The same, about this plan.
    #[must_use]
    pub fn about<'b>(self, plan: Option<PlanOf<'b>>) -> Policy<'b>
    where
        'a: 'b,
    {
        Policy { plan, ..self }
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
    policy: Policy<'_>,
    actor: &Actor,
    action: &Action,
    application: &AppName,
    environment: &EnvName,
    channel: Option<&ChannelId>,
) -> Decision {
    let config = policy.config;
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
        policy,
        application,
        environment,
        place,
        team: config.team_of(application).map(|(_, team)| team),
        on_call: config.on_call(application, environment),
    };
    match rights.judge(actor, action, channel) {
        Ok(by_copy) => Ok(Authorized {
            actor: actor.clone(),
            action: action.clone(),
            application: application.clone(),
            environment: environment.clone(),
            by_copy,
        }),
        Err(reason) => deny(reason),
    }
}

/// Decides whether `actor` may give or take back rights to `application`: in `environment`, or without one in any that
/// it has. None where it runs nowhere.
pub fn may_change_rights(
    policy: Policy<'_>,
    actor: &Actor,
    action: &Action,
    application: &AppName,
    environment: Option<&EnvName>,
) -> Option<Decision> {
    let own = policy.config.application(application);
    let own = own.map(|own| own.environments.keys());
    let places: Vec<&EnvName> = match environment {
        Some(one) => vec![one],
        None => own.into_iter().flatten().collect(),
    };
    let each = places.into_iter();
    let each = each.map(|place| authorize(policy, actor, action, application, place, None));
    // Yes somewhere is yes: a right counts nowhere that nobody has one.
    each.reduce(|best, other| best.or(other))
}

/// The admins, as far as they are known.
pub(crate) fn admins(policy: Policy<'_>) -> BTreeSet<UserId> {
    Crowd { policy }.admins()
}

/// The first few admins, as one reader is told of them: who is one is among them, also by a group alone, and that
/// group is not.
pub(crate) fn admins_told(policy: Policy<'_>, reader: &Actor) -> Vec<Member> {
    let mut named = policy.config.slack().first_admins();
    let crowd = Crowd { policy };
    let is_one = |user: &&UserId| matches!(crowd.has_admin(user), Holds::Yes | Holds::ByCopy(_));
    if let Some(user) = reader.user().filter(is_one) {
        let own = Member::User(user.clone());
        named.retain(|member| {
            let is_theirs = matches!(member, Member::Group(_)) && crowd.has_one(user, member);
            !is_theirs && *member != own
        });
        named.push(own);
    }
    named
}

/// Those whom somebody can ask.
pub(crate) fn admins_for(policy: Policy<'_>, user: &UserId) -> BTreeSet<UserId> {
    let mut admins = admins(policy);
    admins.remove(user);
    admins
}

/// Whether somebody's own team answers for an application, as far as that is known.
pub(crate) fn is_own(policy: Policy<'_>, actor: &Actor, application: &AppName) -> bool {
    match (actor, policy.config.team_of(application)) {
        (Actor::Slack { user, .. }, Some((_, team))) => {
            Crowd { policy }.has(user, team.people()) == Holds::Yes
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
