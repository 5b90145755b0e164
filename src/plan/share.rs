//! What each application of a plan has of its own, beside the one list of services.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    Backward, Candidate, Commits, GoesBack, Image, Plan, PlannedService, Promoted, Proved,
    Unchanged, Unproved, Watched,
};
use crate::config::{GithubRepository, OnFailure, OwnLink, Rollouts};
use crate::names::list::listed;
use crate::names::version::Part;
use crate::names::version::runs;
use crate::names::version::{Gone, Left};
use crate::names::{AppName, CommitSha, EnvName};
use crate::resolve::{ByRequest, UnchangedSince};

/// What one application has of its own in a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Which.
    pub application: AppName,
    /// Its title, for sentences.
    pub title: String,
    /// What people call what of it will run, by [`crate::names::version::version`].
    pub label: String,
    /// Where its commits are, for links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<GithubRepository>,
    /// The commit that the image proves to be of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitSha>,
    /// The pull request by which it was asked for, and which of its commits it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<ByRequest>,
    /// That it is of an earlier commit than was asked for, since which nothing of the application changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<UnchangedSince>,
    /// The checks of that commit that had to pass, and have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
    /// What else the image had to prove, and has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proved: Vec<Proved>,
    /// How far it goes back, where it is to go forward only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backward: Option<Backward>,
    /// Where it ran before, if it is promoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promoted: Option<Promoted>,
    /// Where a success can be promoted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<EnvName>,
    /// What is known of a ref whose commit the image does not prove to be of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unproved: Option<Unproved>,
    /// Every image that will run, where containers run images of their own; the application's own
    /// first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The same of what runs now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live_parts: Vec<Part>,
    /// The image that will run; `None` for a restart and for going back to several images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// How many of the plan's services are its: those after the ones of the shares before it.
    pub services: usize,
    /// Services that run already what is wanted, and are left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchanged: Vec<Unchanged>,
    /// The schedules that are left alone, each with what it runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules_left: Vec<(String, String)>,
    /// What lies between what is live and what would be, where GitHub says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commits: Option<Commits>,
    /// The files that are watched for, of those that change; nothing where nothing is watched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched: Option<Watched>,
    /// That somebody rolled back from the very image that a deploy brings, and nobody has brought it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back: Option<Left>,
    /// What is gone back to, for a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_back: Option<GoesBack>,
    /// What was to be left by a rollback of several applications and is not there, so that nothing of
    /// this one changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
    /// What a rollback that names no deploy can go back to, newest first, with what cannot run again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// What was rolled back from before, newest first: it is gone to only by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rolled_back_from: Vec<Candidate>,
    /// Whether its families' newest revisions are made good ones again after a failure.
    pub restore_head: bool,
    /// Where its new tasks can be tried while they get the test traffic only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_url: Option<String>,
    /// Pages of its own: a dashboard, a runbook.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<OwnLink>,
}

impl Share {
    /// What people call all that will run: `1f0c9de + nginx:3.1.0`.
    pub fn runs(&self) -> String {
        runs(&self.label, &self.parts)
    }

    /// The commit that will run of the application's own image, where it is known.
    pub fn own_commit(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => self.commit.as_ref().map(CommitSha::as_str),
            parts => {
                let own = parts.iter().find(|part| part.image.is_none())?;
                own.commit.as_deref()
            }
        }
    }
}

impl Plan {
    /// One plan of several applications' plans, in their order.
    ///
    /// They have the environment in common, and with it the account, the cluster and the policy's
    /// questions. Where they differ in how they roll out, the more careful way is everybody's.
    pub fn together(plans: Vec<Self>) -> Option<Self> {
        plans.into_iter().reduce(Self::and)
    }

    fn and(mut self, other: Self) -> Self {
        let first = self.services.len();
        self.shares.extend(other.shares);
        self.services.extend(other.services);
        self.foreign.extend(other.foreign);
        self.one_offs
            .extend(other.one_offs.into_iter().map(|mut task| {
                task.with += first;
                task
            }));
        let schedules = other.schedules.into_iter().map(|mut schedule| {
            schedule.with += first;
            schedule
        });
        self.schedules.extend(schedules);
        self.differences.extend(other.differences);
        self.crossed.extend(other.crossed);
        self.git_unasked.extend(other.git_unasked);
        self.renamed.extend(other.renamed);
        self.by_copy = self.by_copy.take().or(other.by_copy);
        self.endangered.extend(other.endangered);
        self.policy_hash = policies([self.policy_hash.as_str(), &other.policy_hash]);
        if other.rollouts == Rollouts::InOrder {
            self.rollouts = Rollouts::InOrder;
        }
        if other.on_failure == OnFailure::RollbackAll {
            self.on_failure = OnFailure::RollbackAll;
        }
        self.confirm |= other.confirm;
        self.publish |= other.publish;
        self
    }

    /// The share of a plan of one application.
    pub fn only(&self) -> Option<&Share> {
        match self.shares.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Each share with the places of its services.
    fn placed(&self) -> impl Iterator<Item = (&Share, Range<usize>)> {
        self.shares.iter().scan(0, |end, share| {
            let start = *end;
            *end += share.services;
            Some((share, start..*end))
        })
    }

    /// Each share with its services.
    pub fn each(&self) -> impl Iterator<Item = (&Share, &[PlannedService])> {
        let services = |places| self.services.get(places).unwrap_or_default();
        self.placed()
            .map(move |(share, places)| (share, services(places)))
    }

    /// The share of this application, with its services.
    pub fn own(&self, application: &AppName) -> Option<(&Share, &[PlannedService])> {
        self.each()
            .find(|(share, _)| share.application == *application)
    }

    /// The places of this application's services.
    pub fn places_of(&self, application: &AppName) -> Range<usize> {
        let mut placed = self.placed();
        let own = placed.find(|(share, _)| share.application == *application);
        own.map_or(0..0, |(_, places)| places)
    }

    /// The share that the service at this place belongs to.
    pub fn share_of(&self, service: usize) -> &Share {
        let found = self.placed().find(|(_, places)| places.contains(&service));
        found.map_or(self.shares.last(), |(share, _)| share)
    }

    /// The shares of which something would change.
    fn changed(&self) -> impl Iterator<Item = &Share> {
        self.shares.iter().filter(|share| share.services > 0)
    }

    /// The applications that go back where they are to go forward only.
    pub fn backward(&self) -> impl Iterator<Item = (&AppName, Backward)> {
        let changed = self.changed();
        changed.filter_map(|share| Some((&share.application, share.backward?)))
    }

    /// Whether something of this application would change.
    pub fn changes(&self, application: &AppName) -> bool {
        self.changed()
            .any(|share| share.application == *application)
    }

    /// The services that are left alone.
    pub fn unchanged(&self) -> impl Iterator<Item = &Unchanged> {
        self.shares.iter().flat_map(|share| &share.unchanged)
    }

    /// What a rollback goes back to, of each application.
    pub fn ways(&self) -> impl Iterator<Item = &GoesBack> {
        self.changed().filter_map(|share| share.goes_back.as_ref())
    }

    /// The titles of the applications that change.
    pub fn title(&self) -> String {
        listed(self.changed().map(|share| &share.title), "and")
    }

    /// What people call what runs, where that is one word for all services.
    pub fn lives(&self) -> Option<&str> {
        let first = self.services.first()?.live_label.as_str();
        let mut others = self.services.iter();
        let alike = others.all(|service| service.live_label == first);
        alike.then_some(first)
    }

    /// What people call what will run.
    pub fn label(&self) -> String {
        listed(self.labels(), "and")
    }

    /// The same, each label once.
    pub fn labels(&self) -> Vec<&str> {
        let mut labels: Vec<&str> = Vec::new();
        for share in self.changed() {
            if !labels.contains(&share.label.as_str()) {
                labels.push(&share.label);
            }
        }
        labels
    }

    /// What people call what the service at this place will run: of several images, its own.
    pub fn brings(&self, service: usize) -> &str {
        let planned = self.services.get(service);
        let brings = planned.and_then(|planned| planned.brings.as_deref());
        brings.unwrap_or_else(|| &self.share_of(service).label)
    }
}

/// The hash of the policies that apply to several applications.
pub fn policies<'a>(hashes: impl IntoIterator<Item = &'a str>) -> String {
    hashes.into_iter().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::plan::{Change, PlannedTask};

    fn plan(label: &str, services: &[&str]) -> Plan {
        let mut plan = fixtures::plan(label, services);
        services[0].clone_into(&mut plan.shares.first_mut().title);
        plan
    }

    fn together(plans: Vec<(&str, Plan)>) -> Plan {
        let plans = plans.into_iter();
        let named = plans.map(|(name, mut plan)| {
            plan.shares.first_mut().application = name.parse().unwrap();
            plan
        });
        Plan::together(named.collect()).unwrap()
    }

    #[test]
    fn the_plan_of_one_application_is_its_own() {
        let alone = plan("main", &["webapp"]);
        assert_eq!(together(vec![("cms", alone.clone())]), alone);
        assert_eq!(alone.only(), Some(alone.shares.first()));
        assert_eq!(
            (alone.title().as_str(), alone.label().as_str()),
            ("webapp", "main")
        );
    }

    #[test]
    fn what_does_not_change_is_not_in_the_title() {
        let mut unchanged = plan("main", &["webapp"]);
        unchanged.services.clear();
        unchanged.shares.first_mut().services = 0;
        let whole = together(vec![
            ("webapp", unchanged),
            ("api", plan("1.0.2", &["api"])),
        ]);
        assert_eq!(
            (whole.title().as_str(), whole.label().as_str()),
            ("api", "1.0.2")
        );
        let changes = |name: &str| whole.changes(&name.parse().unwrap());
        assert!(changes("api") && !changes("webapp"));
        let services: Vec<_> = whole.each().map(|(_, services)| services.len()).collect();
        assert_eq!(services, [0, 1]);
    }

    #[test]
    fn every_service_knows_whose_it_is() {
        let mut api = plan("1.0.2", &["api"]);
        let own = api.shares.first_mut();
        own.restore_head = false;
        own.test_url = Some("https://api.test.example.com".to_owned());
        let whole = together(vec![
            ("cms", plan("main", &["cms-api", "cms-worker"])),
            ("api", api),
        ]);
        assert_eq!(whole.only(), None);
        assert_eq!(whole.title(), "cms-api and api");
        assert_eq!(whole.label(), "main and 1.0.2");
        let names: Vec<_> = whole.services.iter().map(|s| s.service.as_str()).collect();
        assert_eq!(names, ["cms-api", "cms-worker", "api"]);
        let labels: Vec<_> = (0..3).map(|at| whole.share_of(at).label.as_str()).collect();
        assert_eq!(labels, ["main", "main", "1.0.2"]);
        let heads: Vec<_> = (0..3).map(|at| whole.share_of(at).restore_head).collect();
        assert_eq!(heads, [true, true, false]);
        let urls = (0..3).map(|at| whole.share_of(at).test_url.as_deref());
        let urls: Vec<_> = urls.collect();
        assert_eq!(urls, [None, None, Some("https://api.test.example.com")]);
        let own = (0..3).map(|at| whole.share_of(at).application.as_str());
        assert_eq!(own.collect::<Vec<_>>(), ["cms", "cms", "api"]);
        assert_eq!(whole.places_of(&"cms".parse().unwrap()), 0..2);
        assert_eq!(whole.places_of(&"api".parse().unwrap()), 2..3);
    }

    #[test]
    fn a_task_keeps_the_service_it_runs_like() {
        let task = |family: &str| PlannedTask {
            unpinned: Vec::new(),
            pins: Vec::new(),
            family: family.to_owned(),
            base: String::new(),
            images: Vec::new(),
            container: "app".to_owned(),
            command: Vec::new(),
            timeout: std::time::Duration::from_secs(60),
            with: 0,
        };
        let mut cms = plan("main", &["cms-api", "cms-worker"]);
        cms.one_offs = vec![task("cms-migrate")];
        let mut api = plan("main", &["api"]);
        api.one_offs = vec![task("api-migrate")];
        let whole = together(vec![("cms", cms), ("api", api)]);
        let with: Vec<_> = whole.one_offs.iter().map(|task| task.with).collect();
        assert_eq!(with, [0, 2]);
    }

    #[test]
    fn the_more_careful_way_is_everybodys() {
        let mut quick = plan("main", &["webapp"]);
        (quick.rollouts, quick.on_failure) = (Rollouts::Parallel, OnFailure::Stop);
        let careful = plan("main", &["api"]);
        for plans in [
            vec![("webapp", quick.clone()), ("api", careful.clone())],
            vec![("api", careful), ("webapp", quick.clone())],
        ] {
            let whole = together(plans);
            assert_eq!(whole.rollouts, Rollouts::InOrder);
            assert_eq!(whole.on_failure, OnFailure::RollbackAll);
        }
        let both = together(vec![("webapp", quick.clone()), ("api", quick)]);
        assert_eq!(both.rollouts, Rollouts::Parallel);
        assert_eq!(both.on_failure, OnFailure::Stop);
    }

    #[test]
    fn consent_binds_what_every_application_gets() {
        let (application, environment) = ("webapp".parse().unwrap(), "staging".parse().unwrap());
        let verb = fixtures::deploy_of("main");
        let hash = |api: Plan| {
            let whole = together(vec![("webapp", plan("main", &["webapp"])), ("api", api)]);
            whole.hash(&application, &environment, &verb)
        };
        let one = hash(plan("1.0.2", &["api"]));
        let mut other = plan("1.0.2", &["api"]);
        other.services[0].change = Change::Again;
        assert_ne!(one, hash(other));
        let mut other = plan("1.0.2", &["api"]);
        other.shares.first_mut().image = None;
        assert_ne!(one, hash(other));
        assert_eq!(one, hash(plan("1.0.2", &["api"])));
    }
}
