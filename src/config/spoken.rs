//! The words of commands that a configuration gives a meaning to.

use super::{Config, LogEvidence};
use crate::command::Vocabulary;
use crate::names::{AppName, EnvName};

impl Config {
    /// The words that mean an application or an environment.
    pub fn vocabulary(&self) -> Vocabulary {
        let mut words = Vocabulary::new();
        for (name, env) in &self.environments {
            words = words.with_environment(name, env.aliases.iter().map(EnvName::as_str));
            if env.evidence == LogEvidence::Logs {
                words = words.with_logs(name);
            }
        }
        for (name, app) in &self.applications {
            // An example is better taken from where a slip is asked about or does no harm.
            let mut places: Vec<&EnvName> = app.environments.keys().collect();
            let asks = |env: &EnvName| self.environments.get(env).and_then(|env| env.confirm);
            places.sort_by_key(|env| asks(env) == Some(true));
            words = words
                .with_application(name, app.aliases.iter().map(AppName::as_str))
                .with_images(name, app.images.keys())
                .with_places(name, places);
            for (env, placement) in &app.environments {
                let services = placement.services.iter().map(String::as_str);
                words = words.with_services(name, env, services);
                if let Some(before) = self.before(name, env) {
                    words = words.with_before(name, env, before);
                }
            }
            if let Some(repository) = &app.repository {
                words = words.with_repository(name, &repository.to_string());
            }
        }
        words
    }
}
