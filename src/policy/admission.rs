//! Who is listened to at all: the people of the workspaces and organisations in `slack.teams`.
//!
//! A payload names several teams, and they mean different things. `user.team_id` is the person's
//! own: their home workspace, or their Enterprise organisation. `team.id` is where the app's
//! message stands, and `enterprise` is whose organisation that is; in a channel shared with another
//! company both are ours while the person is not. So a place that is listed admits nobody by itself:
//! it admits those who are shown to belong to it.

use serde::{Deserialize, Serialize};

use super::Config;
use crate::config::{Member, Team, Who};
use crate::names::{Actor, TeamId, UserId};

/// The actor is of a workspace that is not in `slack.teams`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stranger;

/// Refuses an actor to whom the configuration does not listen any more. Help and an overview, which are
/// open to everybody else, ask for nothing more. A Slack actor's team is the one that admitted them.
///
/// # Errors
///
/// [`Stranger`], whose text is the reply.
pub fn admit(config: &Config, actor: &Actor) -> Result<(), Stranger> {
    match actor {
        Actor::Slack { team, .. } if !config.slack().teams.contains(team) => Err(Stranger),
        Actor::Slack { .. } | Actor::Operator { .. } | Actor::Ci { .. } | Actor::Longshore => {
            Ok(())
        }
    }
}

/// Who sent a request, and every team that the signed payload names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The person.
    pub user: UserId,
    /// The person's own workspace or organisation.
    pub home: TeamId,
    /// The workspace it was sent from. Slack leaves it out of clicks where the app is installed for
    /// the organisation.
    pub place: Option<TeamId>,
    /// The organisation that the place belongs to, where there is one.
    pub organisation: Option<TeamId>,
}

impl Sender {
    /// The person as the payload has them, admitted or not.
    pub fn actor(&self) -> Actor {
        self.as_of(&self.home)
    }

    /// The person, admitted by the team that the actor then names; `requester` is who asked for
    /// what is clicked.
    ///
    /// # Errors
    ///
    /// [`Stranger`], whose text is the reply.
    pub fn admitted(&self, config: &Config, requester: Option<&Actor>) -> Result<Actor, Stranger> {
        let listed = |team: &&TeamId| config.slack().teams.contains(*team);
        if listed(&&self.home) {
            return Ok(self.actor());
        }
        let around = [&self.place, &self.organisation];
        let around = || around.into_iter().flatten();
        // Their own workspace is the place, or their own organisation is the place's.
        let belongs = around().any(|team| *team == self.home);
        if belongs && let Some(team) = around().find(listed) {
            return Ok(self.as_of(team));
        }
        // Of a home elsewhere in an organisation the payload does not say whose it is. Whoever the
        // configuration names, or was admitted when they asked, is no stranger there.
        let asker = requester.filter(|asker| **asker == self.actor());
        if self.organisation.is_none() || asker.is_none() && !is_named(config, &self.user) {
            return Err(Stranger);
        }
        // Without a place, the card's own is the one that it was asked for from.
        let asked_from = match (&self.place, requester) {
            (None, Some(Actor::Slack { team, .. })) => Some(team),
            _ => None,
        };
        let team = around().chain(asked_from).find(listed).ok_or(Stranger)?;
        Ok(self.as_of(team))
    }

    fn as_of(&self, team: &TeamId) -> Actor {
        Actor::Slack {
            team: team.clone(),
            user: self.user.clone(),
        }
    }
}

/// Whether the configuration names this very person, wherever.
fn is_named(config: &Config, user: &UserId) -> bool {
    let person = Member::User(user.clone());
    let by_place = |who: &Who| matches!(who, Who::Member(named) if *named == person);
    let of_team = |team: &Team| team.people().any(|member| *member == person);
    config.slack().admins.contains(&person)
        || config.teams().any(|(_, team)| of_team(team))
        || config
            .environments()
            .any(|(_, place)| place.changes().any(by_place))
}

#[cfg(test)]
mod tests;
