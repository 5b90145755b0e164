//! What a deploy asks of its applications: one request, one plan, one consent, one verdict.

use vec1::vec1;

use super::{Deploy, Instead, Refused, Why};
use crate::gate::{NotProven, NotYet, Obstacle};
use crate::names::{AppName, EnvName};
use crate::request::{AskedOf, EntryKey, Verb};
use crate::resolve::{BuiltBefore, Unresolvable};

impl Deploy {
    /// The application that was named first.
    pub fn application(&self) -> &AppName {
        &self.asked.first().application
    }

    /// What is asked of that one; of the others, it is the same kind of thing.
    pub fn verb(&self) -> &Verb {
        &self.asked.first().verb
    }

    /// The applications it is about, in the order in which they were named.
    pub fn applications(&self) -> impl Iterator<Item = &AppName> {
        self.asked.iter().map(|asked| &asked.application)
    }

    /// Whether the deploy is about several.
    pub fn is_of_several(&self) -> bool {
        self.asked.len() > 1
    }

    /// Those of its applications that it changes, by its plan.
    pub fn changed(&self) -> impl Iterator<Item = &AppName> {
        let plan = self.plan.as_ref();
        self.applications()
            .filter(move |name| plan.is_none_or(|plan| plan.changes(name)))
    }

    /// What a rollback left, to be deployed once more: of each application that it changes. None where something of
    /// it was not brought by a deploy.
    pub fn forward(&self) -> Option<Vec<(AppName, Verb)>> {
        let plan = self.plan.as_ref()?;
        let each = self.changed().map(|name| {
            let (share, _) = plan.own(name)?;
            let verb = share.goes_back.as_ref()?.forward.clone()?;
            Some((name.clone(), verb))
        });
        each.collect()
    }

    /// To where what it brought can be promoted, and what would be asked there: of every application that it changed, so
    /// that all of them go together or none.
    pub fn promotes(&self) -> Option<(EnvName, Vec<(AppName, Verb)>)> {
        let plan = self.plan.as_ref()?;
        let mut to: Option<&EnvName> = None;
        let mut wanted = Vec::new();
        for asked in &self.asked {
            let name = &asked.application;
            let Verb::Deploy { image, .. } = &asked.verb else {
                return None;
            };
            let (share, _) = plan.own(name).filter(|_| plan.changes(name))?;
            let next = share.next.as_ref()?;
            if to.is_some_and(|to| to != next) {
                return None;
            }
            to = Some(next);
            let from = self.environment.clone();
            let verb = Verb::promote(from, image.clone(), Some(self.id.clone()));
            wanted.push((name.clone(), verb));
        }
        Some((to?.clone(), wanted))
    }

    /// What was refused because it has to succeed elsewhere first, and never did.
    pub fn missing_there(&self) -> Option<&NotProven> {
        let Why::Refused(refused) = &self.ending.as_ref()?.why else {
            return None;
        };
        let Refused::Gates(obstacles) = &**refused else {
            return None;
        };
        let mut missing = obstacles.iter().filter_map(|obstacle| match obstacle {
            Obstacle::After(missing) => Some(&**missing),
            _ => None,
        });
        let wanted = |missing: &&NotProven| {
            let has_not = matches!(missing.why, NotYet::Never | NotYet::NotSeen);
            has_not && missing.brings.reference.is_some()
        };
        missing.next().filter(wanted)
    }

    /// Where that is, and what would be asked there.
    pub fn first_there(&self) -> Option<(EnvName, Vec<(AppName, Verb)>)> {
        let missing = self.missing_there()?;
        let brings = missing.brings.clone();
        let verb = Verb::deploy(brings.reference, brings.image);
        Some((
            missing.environment.clone(),
            vec![(brings.application, verb)],
        ))
    }

    /// What could be deployed instead of a commit that has no image: the nearest one before it.
    pub fn built_before(&self) -> Option<(&Instead, &BuiltBefore)> {
        let Why::Refused(refused) = &self.ending.as_ref()?.why else {
            return None;
        };
        let Refused::Unresolvable { why, instead } = &**refused else {
            return None;
        };
        let Unresolvable::NoImage { unbuilt, .. } = why else {
            return None;
        };
        Some((instead.as_ref()?, unbuilt.as_ref()?.before.as_ref()?))
    }

    /// The same as it would be asked for.
    pub fn before_it(&self) -> Option<Vec<(AppName, Verb)>> {
        let (instead, before) = self.built_before()?;
        let reference = Some(before.reference.clone());
        let verb = Verb::deploy(reference, instead.image.clone());
        Some(vec![(instead.application.clone(), verb)])
    }

    /// Whether the deploy is about this application in this environment.
    pub fn is_about(&self, application: &AppName, environment: &EnvName) -> bool {
        self.environment == *environment && self.applications().any(|name| name == application)
    }

    /// Whether its question lists this version as one to go back to.
    pub fn may_go_to(&self, version: EntryKey) -> bool {
        let only = self.plan.as_ref().and_then(|plan| plan.only());
        let mut listed = only.iter().flat_map(|share| &share.candidates);
        listed.any(|one| one.key == version && one.why_not.is_none())
    }

    /// One deploy for each application: what is asked of that application alone.
    pub fn each(&self) -> Vec<Self> {
        let alone = |asked: &AskedOf| Self {
            asked: vec1![asked.clone()],
            ..self.clone()
        };
        self.asked.iter().map(alone).collect()
    }
}
