//! Applications: where each runs, under which names on AWS, and that no two of them would change
//! the same ECS service.

use std::collections::{BTreeMap, BTreeSet};

use super::images::images;
use super::patterns::{Patterns, fits, not_empty, service_pattern, url_pattern};
use super::{KnownAccounts, defined_twice, missing, one_of, parsed, parsed_set, undefined};
use super::{links, told};
use crate::config::checks::{LowCheck, checks};
use crate::config::globs::file_patterns;
use crate::config::low::{Low, LowApplication, LowTeam};
use crate::config::problem::{At, Findings, Location};
use crate::config::values::{check_ecr_name, check_ecs_name};
use crate::config::{
    Application, Base, Environment, GithubRepository, OnFailure, Placement, Rollouts, TagPatterns,
    TeamName,
};
use crate::names::{AppName, EnvName};

/// One ECS service: account id, region, cluster, name.
type Service = (String, String, String, String);

pub(super) struct Applications<'l> {
    low: &'l Low,
    accounts: &'l KnownAccounts<'l>,
    environments: &'l BTreeMap<EnvName, Environment>,
    /// Who deploys each service, and where that is written.
    services: BTreeMap<Service, (String, &'l Location)>,
}

impl<'l> Applications<'l> {
    pub(super) fn new(
        low: &'l Low,
        accounts: &'l KnownAccounts<'l>,
        environments: &'l BTreeMap<EnvName, Environment>,
    ) -> Self {
        Self {
            low,
            accounts,
            environments,
            services: BTreeMap::new(),
        }
    }

    pub(super) fn resolve(mut self, findings: &mut Findings) -> BTreeMap<AppName, Application> {
        self.check_defaults(findings);
        let owners = self.owners(findings);
        let mut applications = BTreeMap::new();
        let mut places: BTreeMap<&str, &Location> = BTreeMap::new();
        for written in &self.low.applications {
            let name = &written.name;
            if let Some(earlier) = places.insert(&name.value, &name.place) {
                defined_twice(&name.place, earlier, findings);
            }
            let own = written.team.as_ref();
            let team = self.team(own, owners.get(name.value.as_str()).copied(), findings);
            applications.extend(self.application(written, team, findings));
        }
        applications
    }

    /// Defaults that no application uses are still checked: a mistake there waits for the next one.
    fn check_defaults(&self, findings: &mut Findings) {
        let defaults = &self.low.defaults;
        if let Some(tag) = &defaults.tag {
            TagPatterns::read(tag, findings);
        }
        if let Some(service) = &defaults.service {
            fits(service, service_pattern, findings);
        }
        if let Some(url) = &defaults.test_url {
            fits(url, url_pattern, findings);
        }
        if let Some(registry) = &defaults.registry {
            self.accounts.named(registry, findings);
        }
        one_of(defaults.base.as_ref(), BASES, findings);
        one_of(defaults.rollouts.as_ref(), ROLLOUTS, findings);
        one_of(defaults.on_failure.as_ref(), ON_FAILURE, findings);
    }

    /// Whether a team's own file claims what is not defined there: that is not the team's to say, unless the
    /// application itself does.
    fn is_anothers(&self, team: &LowTeam, claimed: &At<String>) -> bool {
        let file = &team.name.place.file;
        let mut all = self.low.applications.iter();
        let application = all.find(|application| application.name.value == claimed.value);
        *file != self.low.start.file
            && application.is_some_and(|application| {
                let says_so = application.team.as_ref();
                application.name.place.file != *file
                    && says_so.is_none_or(|own| own.value != team.name.value)
            })
    }

    /// The team that claims each application in its own `applications`.
    fn owners(&self, findings: &mut Findings) -> BTreeMap<&'l str, &'l At<String>> {
        let defined = self
            .low
            .applications
            .iter()
            .map(|written| written.name.value.as_str());
        let mut owners: BTreeMap<&str, &At<String>> = BTreeMap::new();
        for team in &self.low.teams {
            for claimed in team.applications.iter().flat_map(|list| &list.value) {
                if !defined.clone().any(|name| name == claimed.value) {
                    undefined(claimed, "application", defined.clone(), findings);
                } else if self.is_anothers(team, claimed) {
                    findings.refuse(
                        &claimed.place,
                        format!(
                            "\"{}\" is defined in another file, so this one cannot claim it; write team = \"{}\" there",
                            claimed.value, team.name.value
                        ),
                    );
                } else if let Some(other) = owners.insert(&claimed.value, &team.name) {
                    findings.refuse(
                        &claimed.place,
                        format!(
                            "\"{}\" is the team \"{}\"'s already ({}:{}); an application has one team",
                            claimed.value, other.value, other.place.file, other.place.line
                        ),
                    );
                }
            }
        }
        owners
    }

    fn team(
        &self,
        own: Option<&At<String>>,
        claimed: Option<&At<String>>,
        findings: &mut Findings,
    ) -> Option<TeamName> {
        let Some(own) = own else {
            // A bad name was reported where the team is defined.
            return claimed.and_then(|team| team.value.parse().ok());
        };
        let defined = self.low.teams.iter().map(|team| team.name.value.as_str());
        if !defined.clone().any(|team| team == own.value) {
            undefined(own, "team", defined, findings);
            return None;
        }
        if let Some(claimed) = claimed.filter(|claimed| claimed.value != own.value) {
            findings.refuse(
                &own.place,
                format!(
                    "is \"{}\", but the team \"{}\" lists the application too ({}:{}); an application has one team",
                    own.value, claimed.value, claimed.place.file, claimed.place.line
                ),
            );
        }
        own.value.parse().ok()
    }

    fn application(
        &mut self,
        written: &'l LowApplication,
        team: Option<TeamName>,
        findings: &mut Findings,
    ) -> Option<(AppName, Application)> {
        let name: Option<AppName> = parsed(&written.name, findings);
        let defaults = &self.low.defaults;
        // The name of an application is a name that ECR accepts, so its rule needs saying once.
        let image = match &written.source.image {
            Some(image) => fits(image, check_ecr_name, findings).then(|| image.value.clone()),
            None => Some(written.name.value.clone()),
        };
        if let Some(containers) = &written.containers {
            not_empty(containers, "name a container, or remove it", findings);
        }
        // Problems of the defaults were reported once, by `check_defaults`.
        let tag = match (&written.own.tag, &defaults.tag) {
            (Some(own), _) => TagPatterns::read(own, findings),
            (None, Some(default)) => TagPatterns::of(default).ok(),
            (None, None) => Some(TagPatterns::default()),
        };
        let registry = match (&written.own.registry, &defaults.registry) {
            (Some(own), _) => self.accounts.named(own, findings),
            (None, Some(default)) => self
                .accounts
                .0
                .get(default.value.as_str())
                .cloned()
                .flatten(),
            (None, None) => None,
        };
        let base = choice(&written.own.base, &defaults.base, BASES, findings);
        let rollouts = choice(
            &written.own.rollouts,
            &defaults.rollouts,
            ROLLOUTS,
            findings,
        );
        let on_failure = choice(
            &written.own.on_failure,
            &defaults.on_failure,
            ON_FAILURE,
            findings,
        );
        let restore_head = written
            .own
            .restore_head
            .as_ref()
            .or(defaults.restore_head.as_ref());
        let repository = written.source.repository.as_ref();
        self.check_commits(written, findings);
        let application = Application {
            checks: checks(&written.source.checks, findings),
            paths: file_patterns(written.source.paths.as_ref(), findings),
            immutable: written.rules.immutable.as_ref().is_some_and(|at| at.value),
            watch_files: file_patterns(written.rules.watch_files.as_ref(), findings),
            title: title(written, findings),
            aliases: parsed_set(written.aliases.as_ref(), findings),
            team,
            repository: repository.and_then(|at| parsed::<GithubRepository>(at, findings)),
            registry,
            base,
            rollouts,
            on_failure,
            restore_head: restore_head.is_none_or(|at| at.value),
            containers: written.containers.as_ref().map(|list| {
                let names = list.value.iter();
                names
                    .filter(|name| fits(name, check_ecs_name, findings))
                    .map(|at| at.value.clone())
                    .collect()
            }),
            images: images(written, image.as_deref(), tag.as_ref(), findings),
            environments: self.placements(written, findings),
            home: told::home(written.home.as_ref(), findings),
            image: image?,
            tag: tag?,
        };
        Some((name?, application))
    }

    /// Refuses checks on commits that nobody can name.
    fn check_commits(&self, written: &LowApplication, findings: &mut Findings) {
        const WITHOUT: &str =
            "so nothing is known of its commits; add source = { repository = \"owner/name\" }";
        if written.source.repository.is_some() {
            return;
        }
        let paths = written.source.paths.as_ref().map(|paths| &paths.place);
        let checks = written.source.checks.first().map(LowCheck::place);
        for place in paths.into_iter().chain(checks) {
            findings.refuse(
                place,
                format!(
                    "\"{}\" has no GitHub repository, {WITHOUT}",
                    written.name.value
                ),
            );
        }
        let there = written.environments.iter().flat_map(|list| &list.value);
        for environment in there {
            let mut low = self.low.environments.iter();
            let asks = low.find(|low| low.name.value == environment.value);
            let checks = asks.filter(|low| !low.checks.is_empty()).map(|_| "checks");
            let rule = || asks.and_then(|low| low.rules.wants_commits());
            if let Some(key) = checks.or_else(rule) {
                findings.refuse(
                    &environment.place,
                    format!(
                        "\"{}\" has {key}, and \"{}\" has no GitHub repository, {WITHOUT}",
                        environment.value, written.name.value
                    ),
                );
            }
        }
    }

    fn placements(
        &mut self,
        written: &'l LowApplication,
        findings: &mut Findings,
    ) -> BTreeMap<EnvName, Placement> {
        const WHERE: &str = "list where it runs, such as [\"staging\"]";
        let mut placements = BTreeMap::new();
        let patterns = Patterns::read(written, self.low, findings);
        links::check(written, findings);
        let Some(environments) = &written.environments else {
            missing(&written.name.place, "environments", WHERE, findings);
            return placements;
        };
        not_empty(environments, WHERE, findings);
        let mut seen = BTreeSet::new();
        for environment in &environments.value {
            if !seen.insert(&environment.value) {
                findings.refuse(
                    &environment.place,
                    format!("\"{}\" is listed twice", environment.value),
                );
                continue;
            }
            let defined = self
                .low
                .environments
                .iter()
                .map(|low| low.name.value.as_str());
            if !defined.clone().any(|name| name == environment.value) {
                undefined(environment, "environment", defined, findings);
                continue;
            }
            // An environment with problems of its own is not there; they were reported.
            let name: Option<EnvName> = environment.value.parse().ok();
            let resolved = name
                .as_ref()
                .and_then(|name| self.environments.get_key_value(name));
            if let (Some((name, resolved)), Some(patterns)) = (resolved, &patterns) {
                let mut placement = patterns.render(&written.name.value, name.as_str());
                let place = links::Filling {
                    application: &written.name.value,
                    environment: name.as_str(),
                    cluster: &resolved.cluster,
                    services: &placement.services,
                };
                placement.links = links::links(written, &place, findings);
                for service in &placement.services {
                    let owner = format!("{} in {name}", written.name.value);
                    self.claim(service, resolved, owner, patterns.place, findings);
                }
                placements.insert(name.clone(), placement);
            }
        }
        placements
    }

    /// Refuses a service that something else deploys already: two leases would guard one thing.
    fn claim(
        &mut self,
        service: &str,
        environment: &Environment,
        owner: String,
        place: &'l Location,
        findings: &mut Findings,
    ) {
        let Environment {
            account, cluster, ..
        } = environment;
        let key = (
            account.id.as_str().to_owned(),
            account.region.as_str().to_owned(),
            cluster.clone(),
            service.to_owned(),
        );
        match self.services.get(&key) {
            Some((other, at)) => findings.refuse(
                place,
                format!(
                    "{owner} would deploy the ECS service \"{service}\" of cluster \"{cluster}\" in {}/{}, \
                     and so does {other} ({}:{}); a service belongs to one application in one environment",
                    account.id, account.region, at.file, at.line
                ),
            ),
            None => {
                self.services.insert(key, (owner, place));
            }
        }
    }
}

const BASES: [(&str, Base); 2] = [("live", Base::Live), ("head", Base::Head)];
const ROLLOUTS: [(&str, Rollouts); 2] = [
    ("in_order", Rollouts::InOrder),
    ("parallel", Rollouts::Parallel),
];
const ON_FAILURE: [(&str, OnFailure); 2] = [
    ("rollback_all", OnFailure::RollbackAll),
    ("stop", OnFailure::Stop),
];

/// The application's own word, else that of the defaults, whose problems were reported once.
fn choice<T: Copy + Default>(
    own: &Option<At<String>>,
    default: &Option<At<String>>,
    words: [(&str, T); 2],
    findings: &mut Findings,
) -> T {
    one_of(own.as_ref(), words, findings)
        .or_else(|| one_of(default.as_ref(), words, &mut Findings::default()))
        .unwrap_or_default()
}

fn title(written: &LowApplication, findings: &mut Findings) -> Option<String> {
    let title = written.title.as_ref()?;
    let fits = (1..=80).contains(&title.value.chars().count())
        && !title.value.chars().any(char::is_control)
        && title.value.trim() == title.value;
    if !fits {
        findings.refuse(
            &title.place,
            "must be one line of 1 to 80 characters without spaces around it",
        );
    }
    Some(title.value.clone())
}
