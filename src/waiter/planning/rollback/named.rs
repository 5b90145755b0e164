//! What a rollback is to go to, where somebody named it: a deploy by its id, or a version that ran by its
//! label, tag or commit.

use super::Goal;
use crate::names::{DeployId, Ref};
use crate::past::{is_called, runs_already};
use crate::plan::CannotRun;
use crate::record::{Deploy, NoBack, NoWayBack, Past, Refused, Verdict};
use crate::waiter::scene::{NoPlan, Scene};

/// Versions named in a refusal, at most.
const NAMED: usize = 5;

/// One application at one place.
pub(super) struct Sought<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) deploy: &'a Deploy,
    /// What runs: container and digest.
    pub(super) live: &'a [(String, String)],
    /// What can be gone back to.
    pub(super) ways: &'a [&'a Past],
}

impl<'a> Sought<'a> {
    /// What was named, if it can be gone back to. A deploy of this place goes first, then a version.
    pub(super) async fn named(&self, wanted: Goal<'_>) -> Result<Past, NoPlan> {
        let history = &self.scene.history;
        let by_id = wanted
            .to
            .and_then(|id| history.iter().find(|past| past.id.as_ref() == Some(id)));
        if let (Some(id), Some(past)) = (wanted.to, by_id) {
            return self.ran_well(id, past);
        }
        if let Some(version) = wanted.version {
            match self.version(version) {
                Err(NoVersion::Nowhere) => {}
                found => return found.map_err(|why| self.no_version(version, why)),
            }
        }
        if let Some(id) = wanted.to
            && let Some(other) = self.scene.waiter.deploy(id).await?
        {
            return Err(self.no_way(id, elsewhere(&other, self.deploy)).into());
        }
        Err(match (wanted.to, wanted.version) {
            (None, Some(version)) => self.no_version(version, NoVersion::Nowhere),
            (Some(_), Some(version)) if !self.ways.is_empty() => {
                self.no_version(version, NoVersion::Nowhere)
            }
            (Some(id), _) => Refused::UnknownDeploy { id: id.clone() }.into(),
            (None, None) => self.nothing(),
        })
    }

    /// The entry of the history that a version's name means: of those that ran well and do not run now, it
    /// must be one version, and its newest entry is meant.
    fn version(&self, version: &Ref) -> Result<Past, NoVersion<'a>> {
        let history = &self.scene.history;
        let alike: Vec<&Past> = history
            .iter()
            .filter(|past| is_called(past, version))
            .collect();
        let good = alike.iter().copied().filter(|past| past.is_good());
        let good = good.filter(|past| !past.revisions.is_empty() && !past.digests.is_empty());
        let (live, others): (Vec<&Past>, Vec<&Past>) =
            good.partition(|past| runs_already(past, self.live));
        let mut different: Vec<&Past> = Vec::new();
        for past in others {
            if !different.iter().any(|one| one.digests == past.digests) {
                different.push(past);
            }
        }
        // Half a name that what runs has too names nothing: it would lead forward as well as back.
        let whole = |past: &Past| past.runs() == version.as_str() || past.label == version.as_str();
        // What was refused brought nothing there: it says nothing of the version.
        let bad = alike
            .iter()
            .find(|past| past.verdict != Some(Verdict::Refused));
        match (different.as_slice(), live.first(), bad) {
            ([past], Some(live), _) if !whole(past) => Err(NoVersion::Live(live)),
            ([past], ..) => Ok((*past).clone()),
            ([], Some(past), _) => Err(NoVersion::Live(past)),
            ([], None, Some(past)) => Err(NoVersion::Bad(past)),
            ([], None, None) => Err(NoVersion::Nowhere),
            _ => Err(NoVersion::Several(different)),
        }
    }

    fn no_version(&self, version: &Ref, why: NoVersion<'_>) -> NoPlan {
        let by_id = |past: &Past, why| {
            let id = past.id.as_ref()?;
            Some(self.no_way(id, why))
        };
        let alike = match why {
            NoVersion::Live(past) => {
                let live = NoWayBack::CannotRun(CannotRun::Live);
                return by_id(past, live).map_or_else(|| self.nothing(), NoPlan::from);
            }
            NoVersion::Bad(past) => {
                let ended = past.verdict.map_or(NoWayBack::Open, NoWayBack::Ended);
                return by_id(past, ended).map_or_else(|| self.nothing(), NoPlan::from);
            }
            NoVersion::Several(several) => several,
            NoVersion::Nowhere => Vec::new(),
        };
        let listed = |past: &&Past| Some((past.typed()?, past.runs()));
        NoBack::NoVersion {
            version: version.clone(),
            application: self.deploy.application().clone(),
            environment: self.deploy.environment.clone(),
            alike: alike.iter().filter_map(listed).take(NAMED).collect(),
            ways: self.ways.iter().filter_map(listed).take(NAMED).collect(),
        }
        .into_no_plan()
    }

    fn ran_well(&self, id: &DeployId, past: &Past) -> Result<Past, NoPlan> {
        match past.verdict {
            Some(Verdict::Succeeded) => {}
            Some(verdict) => return Err(self.no_way(id, NoWayBack::Ended(verdict)).into()),
            None => return Err(self.no_way(id, NoWayBack::Open).into()),
        }
        match runs_already(past, self.live) {
            true => Err(self
                .no_way(id, NoWayBack::CannotRun(CannotRun::Live))
                .into()),
            false => Ok(past.clone()),
        }
    }

    fn no_way(&self, id: &DeployId, why: NoWayBack) -> Refused {
        super::no_way(self.deploy, Some(id.clone()), why)
    }

    fn nothing(&self) -> NoPlan {
        super::no_way(self.deploy, None, NoWayBack::Open).into()
    }
}

/// Why a version's name leads nowhere.
enum NoVersion<'a> {
    /// Nothing that is known there is called so.
    Nowhere,
    /// It runs.
    Live(&'a Past),
    /// It did not come up.
    Bad(&'a Past),
    /// It was several versions.
    Several(Vec<&'a Past>),
}

impl NoBack {
    fn into_no_plan(self) -> NoPlan {
        Refused::from(self).into()
    }
}

/// What keeps a deploy that is not in this place's history from being gone back to.
fn elsewhere(other: &Deploy, deploy: &Deploy) -> NoWayBack {
    match (
        other.is_about(deploy.application(), &deploy.environment),
        other.verdict(),
    ) {
        (false, _) => NoWayBack::Elsewhere {
            application: other.application().clone(),
            environment: other.environment.clone(),
        },
        (true, None) => NoWayBack::Open,
        (true, Some(verdict)) => NoWayBack::Ended(verdict),
    }
}
