//! `after` and `order`: where a version must have succeeded before it goes on, and in which order environments come.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::duration::seconds;
use super::problem::{At, Findings, Location};
use super::reader::Section;
use super::{Application, Config};
use crate::names::{AppName, EnvName};

/// Where the same image must have succeeded before, and for how long it must have run there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// The environment.
    pub environment: EnvName,
    /// How long ago; nothing for at any time.
    #[serde(with = "seconds")]
    pub soak: Duration,
}

/// `after` of an environment, as written.
pub(super) struct LowAfter {
    pub(super) place: Location,
    pub(super) environment: Option<At<String>>,
    pub(super) soak: Option<At<String>>,
}

impl LowAfter {
    /// Reads `after` of a table.
    pub(super) fn read(section: &mut Section<'_>, findings: &mut Findings) -> Option<Self> {
        let mut after = section.section("after", findings)?;
        let read = Self {
            place: after.place().clone(),
            environment: after.string("environment", findings),
            soak: after.string("soak", findings),
        };
        after.finish(findings);
        Some(read)
    }

    /// The environment that it names.
    pub(super) fn named(&self) -> Option<&str> {
        self.environment.as_ref().map(|named| named.value.as_str())
    }
}

impl Application {
    fn runs_in(&self, environment: &EnvName) -> bool {
        self.environments.contains_key(environment)
    }
}

impl Config {
    /// The environment that comes next for an application, by `order`: those in which it does not run are left out.
    pub fn next(&self, application: &AppName, environment: &EnvName) -> Option<&EnvName> {
        let application = self.application(application)?;
        let mut rest = self.order.iter().skip_while(|one| *one != environment);
        rest.next()?;
        rest.find(|one| application.runs_in(one))
    }

    /// The environment that comes before for an application: by `order`, else the one that its `after` names.
    pub fn before(&self, application: &AppName, environment: &EnvName) -> Option<&EnvName> {
        let application = self.application(application)?;
        let before = self.order.iter().take_while(|one| *one != environment);
        let listed = before.filter(|one| application.runs_in(one)).last();
        let listed = listed.filter(|_| self.order.contains(environment));
        let after = || self.environment(environment)?.after.as_ref();
        listed.or_else(|| after().map(|after| &after.environment))
    }

    /// Where else an application runs.
    pub(crate) fn elsewhere(&self, application: &AppName, environment: &EnvName) -> Vec<EnvName> {
        let application = self.application(application).into_iter();
        let all = application.flat_map(|application| application.environments.keys());
        all.filter(|one| *one != environment).cloned().collect()
    }
}
