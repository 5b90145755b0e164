//! Who is told what: what operators are called, and who is mentioned when something goes wrong. Neither
//! gives anybody a right.

use std::collections::BTreeSet;

use super::{Config, Member, Who};
use crate::names::arn::is_identity_of;
use crate::names::{Actor, AppName, ChannelId, EnvName, GroupId};

impl Config {
    /// The actor with the name that the configuration has for them: for the whole ARN, else for the role
    /// whose session it is.
    pub(crate) fn named(&self, actor: Actor) -> Actor {
        let Actor::Operator { arn, name: _ } = actor else {
            return actor;
        };
        let of_role = || {
            let mut roles = self.operators.iter();
            roles.find(|(role, _)| is_identity_of(&arn, role))
        };
        let exact = self.operators.get_key_value(&arn);
        let name = exact.or_else(of_role).map(|(_, name)| name.clone());
        Actor::Operator { arn, name }
    }

    /// Where the card of a deploy of that application there belongs: the application's own channel, else the
    /// environment's.
    pub(crate) fn home(&self, application: &AppName, environment: &EnvName) -> Option<&ChannelId> {
        let own = self.application(application)?.home.as_ref();
        own.or(self.environment(environment)?.home.as_ref())
    }

    /// Every user group that something is read about for, once.
    pub(crate) fn groups(&self) -> BTreeSet<&GroupId> {
        let teams = self.teams().flat_map(|(_, team)| team.people());
        let entries = self.environments().flat_map(|(_, env)| env.entries());
        // Whoever is only mentioned need not be known.
        let may = self
            .environments()
            .any(|(_, env)| env.entries().any(|who| *who == Who::OnCall));
        let of_places = self
            .environments()
            .flat_map(|(_, env)| env.oncall.iter().flatten());
        let of_teams = self
            .teams()
            .flat_map(|(_, team)| team.oncall.iter().flatten());
        let on_call = of_places
            .chain(of_teams)
            .chain(&self.oncall)
            .filter(|_| may);
        let members = teams.chain(on_call).chain(&self.slack().admins);
        let members = members.filter_map(Member::group);
        members.chain(entries.filter_map(Who::group)).collect()
    }

    /// Every home, once.
    pub(crate) fn homes(&self) -> BTreeSet<&ChannelId> {
        let environments = self.environments().map(|(_, env)| &env.home);
        let applications = self.applications().map(|(_, app)| &app.home);
        environments.chain(applications).flatten().collect()
    }

    /// Who is mentioned when a deploy of that application there is in trouble: the environment's own list,
    /// also where that is empty, else the team's, else everybody's.
    pub(crate) fn on_call(
        &self,
        application: &AppName,
        environment: &EnvName,
    ) -> &BTreeSet<Member> {
        let env = self.environment(environment);
        let own = env.and_then(|env| env.oncall.as_ref());
        let team = || self.team_of(application)?.1.oncall.as_ref();
        own.or_else(team).unwrap_or(&self.oncall)
    }
}
