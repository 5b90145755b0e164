//! A deploy of several applications: one request, one plan, one consent, one verdict.

use serde::{Deserialize, Serialize};

use super::Deploy;
use crate::names::{AppName, EnvName};
use crate::request::Verb;

/// Another application of the same request. Its verb is of the same kind as the first one's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Also {
    /// Which.
    pub application: AppName,
    /// What is asked of it.
    #[serde(flatten)]
    pub verb: Verb,
}

impl Deploy {
    /// The applications it is about, in the order in which they were named.
    pub fn applications(&self) -> impl Iterator<Item = &AppName> {
        let also = self.also.iter().map(|also| &also.application);
        std::iter::once(&self.application).chain(also)
    }

    /// Those of its applications that it changes, by its plan.
    pub fn changed(&self) -> impl Iterator<Item = &AppName> {
        let plan = self.plan.as_ref();
        self.applications()
            .filter(move |name| plan.is_none_or(|plan| plan.changes(name)))
    }

    /// Whether the deploy is about this application in this environment.
    pub fn is_about(&self, application: &AppName, environment: &EnvName) -> bool {
        self.environment == *environment && self.applications().any(|name| name == application)
    }

    /// One deploy for each application: what is asked of that application alone.
    pub fn each(&self) -> Vec<Self> {
        let first = (&self.application, &self.verb);
        let also = self.also.iter().map(|also| (&also.application, &also.verb));
        std::iter::once(first)
            .chain(also)
            .map(|(application, verb)| Self {
                application: application.clone(),
                verb: verb.clone(),
                also: Vec::new(),
                ..self.clone()
            })
            .collect()
    }
}
