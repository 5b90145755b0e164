//! What a stored configuration names must be in it.

use super::{Config, TeamName, Unusable, Who};

impl Config {
    pub(super) fn check_references(&self) -> Result<(), Unusable> {
        let team = |name: &TeamName| match self.teams.contains_key(name) {
            true => Ok(()),
            false => Err(Unusable::Dangling(format!("the team {name}"))),
        };
        for application in self.applications.values() {
            application.team.iter().try_for_each(team)?;
            for environment in application.environments.keys() {
                if !self.environments.contains_key(environment) {
                    return Err(Unusable::Dangling(format!("the environment {environment}")));
                }
            }
        }
        let after = self.environments.values().flat_map(|env| &env.after);
        for environment in after.map(|after| &after.environment).chain(&self.order) {
            if !self.environments.contains_key(environment) {
                return Err(Unusable::Dangling(format!("the environment {environment}")));
            }
        }
        for environment in self.environments.values() {
            for who in environment.entries() {
                if let Who::TeamNamed(name) = who {
                    team(name)?;
                }
            }
        }
        for pipeline in self.ci.values() {
            for environment in &pipeline.environments {
                if !self.environments.contains_key(environment) {
                    return Err(Unusable::Dangling(format!("the environment {environment}")));
                }
            }
            for application in &pipeline.applications {
                if !self.applications.contains_key(application) {
                    return Err(Unusable::Dangling(format!("the application {application}")));
                }
            }
        }
        Ok(())
    }
}
