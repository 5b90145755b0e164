//! A plan of several applications at once: one list of services, and beside it what each application
//! has of its own.

use serde::{Deserialize, Serialize};

use super::{Commits, GoesBack, Image, Plan, Unchanged, Unproved};
use crate::config::{OnFailure, Rollouts};
use crate::names::list::listed;
use crate::names::{AppName, CommitSha};
use crate::version::Gone;
use crate::version::Part;
use crate::version::runs;

/// What one of several applications has of its own in a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Which.
    pub application: AppName,
    /// Its title, for sentences.
    pub title: String,
    /// What people call what of it will run.
    pub label: String,
    /// The commit, where it is known.
    pub commit: Option<CommitSha>,
    /// What is known of a ref whose commit the image does not prove to be of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unproved: Option<Unproved>,
    /// Every image of it that will run, where its containers run several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The image, where it is one.
    pub image: Option<Image>,
    /// How many of the plan's services are its: those after the ones of the shares before it.
    pub services: usize,
    /// Its services that are left alone.
    pub unchanged: Vec<Unchanged>,
    /// Its schedules, by name.
    pub schedules: Vec<String>,
    /// Its schedules that are left alone, each with what it runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules_left: Vec<(String, String)>,
    /// What lies between what is live and what would be.
    pub commits: Option<Commits>,
    /// What is gone back to, for a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_back: Option<GoesBack>,
    /// What was to be left by a rollback and is not there, so that nothing of it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
    /// Whether its families' newest revisions are made good ones again after a failure.
    pub restore_head: bool,
    /// Where its new tasks can be tried while they get the test traffic only.
    pub test_url: Option<String>,
}

impl Plan {
    /// One plan of several applications' plans, in their order; each of them alone is what it was.
    ///
    /// They have the environment in common, and with it the account, the cluster and the policy's
    /// questions. Where they differ in how they roll out, the more careful way is everybody's.
    pub fn together(plans: Vec<(AppName, Self)>) -> Option<Self> {
        let mut plans = plans.into_iter();
        let (application, mut whole) = plans.next()?;
        if plans.len() == 0 {
            return Some(whole);
        }
        whole.shares = vec![whole.share(application)];
        for (application, plan) in plans {
            whole.shares.push(plan.share(application));
            whole.add(plan);
        }
        let titles: Vec<&str> = whole.changed().map(|share| share.title.as_str()).collect();
        whole.title = listed(&titles, "and");
        whole.label = listed(whole.labels(), "and");
        // Each application has its own.
        (whole.commit, whole.image, whole.commits) = (None, None, None);
        whole.unproved = None;
        (whole.goes_back, whole.gone, whole.test_url) = (None, None, None);
        (whole.candidates, whole.rolled_back_from) = (Vec::new(), Vec::new());
        (whole.parts, whole.schedules_left) = (Vec::new(), Vec::new());
        whole.live_parts = Vec::new();
        Some(whole)
    }

    fn share(&self, application: AppName) -> Share {
        let schedules = self.schedules.iter();
        Share {
            application,
            title: self.title.clone(),
            label: self.label.clone(),
            commit: self.commit.clone(),
            unproved: self.unproved.clone(),
            parts: self.parts.clone(),
            image: self.image.clone(),
            services: self.services.len(),
            unchanged: self.unchanged.clone(),
            schedules: schedules.map(|one| one.schedule.clone()).collect(),
            schedules_left: self.schedules_left.clone(),
            commits: self.commits.clone(),
            goes_back: self.goes_back.clone(),
            gone: self.gone.clone(),
            restore_head: self.restore_head,
            test_url: self.test_url.clone(),
        }
    }

    fn add(&mut self, other: Self) {
        let first = self.services.len();
        self.services.extend(other.services);
        self.unchanged.extend(other.unchanged);
        self.foreign.extend(other.foreign);
        self.before.extend(other.before.into_iter().map(|mut task| {
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
    }

    /// The shares of which something would change.
    pub fn changed(&self) -> impl Iterator<Item = &Share> {
        self.shares.iter().filter(|share| share.services > 0)
    }

    /// Whether something of this application would change.
    pub fn changes(&self, application: &AppName) -> bool {
        let mut shares = self.shares.iter();
        let share = shares.find(|share| share.application == *application);
        share.is_none_or(|share| share.services > 0)
    }

    /// The share that the service at this place belongs to; `None` where the plan is of one
    /// application.
    pub fn share_of(&self, service: usize) -> Option<&Share> {
        let mut end = 0;
        self.shares.iter().find(|share| {
            end += share.services;
            service < end
        })
    }

    /// The places of one share's services.
    pub fn places_of(&self, application: &AppName) -> std::ops::Range<usize> {
        let mut start = 0;
        for share in &self.shares {
            if share.application == *application {
                return start..start + share.services;
            }
            start += share.services;
        }
        0..self.services.len()
    }

    /// What a rollback of this application goes back to.
    pub fn goes_back_of(&self, application: &AppName) -> Option<&GoesBack> {
        let mut shares = self.shares.iter();
        let share = shares.find(|share| share.application == *application);
        let back = share.and_then(|share| share.goes_back.as_ref());
        back.or(self.goes_back.as_ref())
    }

    /// What a rollback goes back to, of each application.
    pub fn ways(&self) -> impl Iterator<Item = &GoesBack> {
        let shares = self.changed().filter_map(|share| share.goes_back.as_ref());
        self.goes_back.iter().chain(shares)
    }

    /// What people call what will run, each label once.
    pub fn labels(&self) -> Vec<&str> {
        let mut labels: Vec<&str> = Vec::new();
        for share in self.changed() {
            if !labels.contains(&share.label.as_str()) {
                labels.push(&share.label);
            }
        }
        match labels.is_empty() {
            true => vec![&self.label],
            false => labels,
        }
    }

    /// What people call what will run on the service at this place.
    pub fn label_at(&self, service: usize) -> &str {
        self.share_of(service)
            .map_or(&self.label, |share| &share.label)
    }

    /// What tells what will run on the services of an application, of which the first is at this place,
    /// from what runs under the same name.
    pub fn told_apart_at(&self, service: usize) -> Option<&str> {
        let last = self
            .share_of(service)
            .map_or(usize::MAX, |share| share.services);
        let mut services = self.services.iter().skip(service).take(last);
        let (_, to) = services.find_map(|service| service.told_apart.as_ref())?;
        Some(to)
    }

    /// What people call what the service at this place will run: of several images, its own.
    pub fn brings(&self, service: usize) -> &str {
        let planned = self.services.get(service);
        let brings = planned.and_then(|planned| planned.brings.as_deref());
        brings.unwrap_or_else(|| self.label_at(service))
    }

    /// Every image that will run of the application that the service at this place belongs to.
    pub fn parts_at(&self, service: usize) -> &[Part] {
        self.share_of(service)
            .map_or(&self.parts, |share| &share.parts)
    }

    /// What people call all that will run of that application: `1f0c9de + nginx:3.1.0`.
    pub fn runs_at(&self, service: usize) -> String {
        runs(self.label_at(service), self.parts_at(service))
    }

    /// The commit that will run there of the application's own image, where it is known.
    pub fn own_commit_at(&self, service: usize) -> Option<&str> {
        match self.parts_at(service) {
            [] => self.commit_at(service).map(CommitSha::as_str),
            parts => {
                let own = parts.iter().find(|part| part.image.is_none())?;
                own.commit.as_deref()
            }
        }
    }

    /// The schedules of that application that are left alone, each with what it runs.
    pub fn schedules_left_at(&self, service: usize) -> &[(String, String)] {
        self.share_of(service)
            .map_or(&self.schedules_left, |share| &share.schedules_left)
    }

    /// The commit that will run on the service at this place.
    pub fn commit_at(&self, service: usize) -> Option<&CommitSha> {
        match self.share_of(service) {
            Some(share) => share.commit.as_ref(),
            None => self.commit.as_ref(),
        }
    }

    /// Where the new tasks of the service at this place can be tried.
    pub fn test_url_at(&self, service: usize) -> Option<&str> {
        let url = match self.share_of(service) {
            Some(share) => &share.test_url,
            None => &self.test_url,
        };
        url.as_deref()
    }

    /// Whether the families of that service's application are made good ones again after a failure.
    pub fn restores_head(&self, service: usize) -> bool {
        self.share_of(service)
            .map_or(self.restore_head, |share| share.restore_head)
    }

    /// Whether the services at these places are of one application.
    pub fn are_of_one(&self, service: usize, other: usize) -> bool {
        let of = |at| self.share_of(at).map(|share| &share.application);
        of(service) == of(other)
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
        Plan {
            title: services[0].to_owned(),
            ..fixtures::plan(label, services)
        }
    }

    fn together(plans: Vec<(&str, Plan)>) -> Plan {
        let plans = plans.into_iter();
        let named = plans.map(|(name, plan)| (name.parse().unwrap(), plan));
        Plan::together(named.collect()).unwrap()
    }

    #[test]
    fn the_plan_of_one_application_is_its_own() {
        let alone = plan("main", &["webapp"]);
        assert_eq!(together(vec![("webapp", alone.clone())]), alone);
    }

    #[test]
    fn what_does_not_change_is_not_in_the_title() {
        let mut unchanged = plan("main", &["webapp"]);
        unchanged.services.clear();
        let whole = together(vec![
            ("webapp", unchanged),
            ("api", plan("1.0.2", &["api"])),
        ]);
        assert_eq!(
            (whole.title.as_str(), whole.label.as_str()),
            ("api", "1.0.2")
        );
    }

    #[test]
    fn every_service_knows_whose_it_is() {
        let mut api = plan("1.0.2", &["api"]);
        api.restore_head = false;
        api.test_url = Some("https://api.test.example.com".to_owned());
        let whole = together(vec![
            ("cms", plan("main", &["cms-api", "cms-worker"])),
            ("api", api),
        ]);
        assert_eq!(whole.title, "cms-api and api");
        assert_eq!(whole.label, "main and 1.0.2");
        let names: Vec<_> = whole.services.iter().map(|s| s.service.as_str()).collect();
        assert_eq!(names, ["cms-api", "cms-worker", "api"]);
        let labels: Vec<_> = (0..3).map(|at| whole.label_at(at)).collect();
        assert_eq!(labels, ["main", "main", "1.0.2"]);
        let heads: Vec<_> = (0..3).map(|at| whole.restores_head(at)).collect();
        assert_eq!(heads, [true, true, false]);
        assert_eq!(whole.test_url_at(1), None);
        assert_eq!(whole.test_url_at(2), Some("https://api.test.example.com"));
        assert!(whole.are_of_one(0, 1) && !whole.are_of_one(1, 2));
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
        cms.before = vec![task("cms-migrate")];
        let mut api = plan("main", &["api"]);
        api.before = vec![task("api-migrate")];
        let whole = together(vec![("cms", cms), ("api", api)]);
        let with: Vec<_> = whole.before.iter().map(|task| task.with).collect();
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
        let verb = fixtures::planned(fixtures::deploy_of("main")).verb;
        let hash = |api: Plan| {
            let whole = together(vec![("webapp", plan("main", &["webapp"])), ("api", api)]);
            whole.hash(&application, &environment, &verb)
        };
        let one = hash(plan("1.0.2", &["api"]));
        let mut other = plan("1.0.2", &["api"]);
        other.services[0].change = Change::Again;
        assert_ne!(one, hash(other));
        let mut other = plan("1.0.2", &["api"]);
        other.image = None;
        assert_ne!(one, hash(other));
        assert_eq!(one, hash(plan("1.0.2", &["api"])));
    }
}
