//! Applications: where each runs, under which names on AWS, and that no two of them would change
//! the same ECS service.

use std::collections::{BTreeMap, BTreeSet};

use super::{Accounts, defined_twice, missing, one_of, parsed, parsed_set, undefined};
use crate::config::low::{Low, LowApplication};
use crate::config::problem::{At, Findings, Place};
use crate::config::values::{
    BadValue, check_ecr_name, check_ecs_name, check_name_pattern, is_ecs_char, render_name,
};
use crate::config::{
    Application, Base, Environment, GithubRepository, Placement, TagPattern, TeamName,
};
use crate::names::{AppName, EnvName};

/// One ECS service: account id, region, cluster, name.
type Service = (String, String, String, String);

type Written<'l> = Option<&'l At<Vec<At<String>>>>;

pub(super) struct Applications<'l> {
    low: &'l Low,
    accounts: &'l Accounts<'l>,
    environments: &'l BTreeMap<EnvName, Environment>,
    /// Who deploys each service, and where that is written.
    services: BTreeMap<Service, (String, &'l Place)>,
}

impl<'l> Applications<'l> {
    pub(super) fn new(
        low: &'l Low,
        accounts: &'l Accounts<'l>,
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
        let mut places: BTreeMap<&str, &Place> = BTreeMap::new();
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
            parsed::<TagPattern>(tag, findings);
        }
        if let Some(service) = &defaults.service {
            fits(service, service_pattern, findings);
        }
        if let Some(registry) = &defaults.registry {
            self.accounts.named(registry, findings);
        }
        one_of(defaults.base.as_ref(), BASES, findings);
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
        let image = match &written.image {
            Some(image) => fits(image, check_ecr_name, findings).then(|| image.value.clone()),
            None => Some(written.name.value.clone()),
        };
        if let Some(containers) = &written.containers {
            not_empty(containers, "name a container, or remove it", findings);
        }
        // Problems of the defaults were reported once, by `check_defaults`.
        let tag = match (&written.own.tag, &defaults.tag) {
            (Some(own), _) => parsed::<TagPattern>(own, findings),
            (None, Some(default)) => default.value.parse().ok(),
            (None, None) => "{sha}".parse().ok(),
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
        let base = one_of(written.own.base.as_ref(), BASES, findings)
            .or_else(|| one_of(defaults.base.as_ref(), BASES, &mut Findings::default()));
        let restore_head = written
            .own
            .restore_head
            .as_ref()
            .or(defaults.restore_head.as_ref());
        let repository = written.repository.as_ref();
        let application = Application {
            title: title(written, findings),
            aliases: parsed_set(written.aliases.as_ref(), findings),
            team,
            repository: repository.and_then(|at| parsed::<GithubRepository>(at, findings)),
            registry,
            base: base.unwrap_or_default(),
            restore_head: restore_head.is_none_or(|at| at.value),
            containers: written.containers.as_ref().map(|list| {
                let names = list.value.iter();
                names
                    .filter(|name| fits(name, check_ecs_name, findings))
                    .map(|at| at.value.clone())
                    .collect()
            }),
            environments: self.placements(written, findings),
            image: image?,
            tag: tag?,
        };
        Some((name?, application))
    }

    fn placements(
        &mut self,
        written: &'l LowApplication,
        findings: &mut Findings,
    ) -> BTreeMap<EnvName, Placement> {
        const WHERE: &str = "list where it runs, such as [\"staging\"]";
        let mut placements = BTreeMap::new();
        let patterns = Patterns::read(written, self.low, findings);
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
                let placement = patterns.render(&written.name.value, name.as_str());
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
        place: &'l Place,
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

/// An application's names on AWS, before `{app}` and `{env}` are filled in.
struct Patterns<'l> {
    services: Vec<&'l str>,
    families: Vec<&'l str>,
    roles: Option<Vec<&'l str>>,
    log_groups: Option<Vec<&'l str>>,
    /// Where the services are named.
    place: &'l Place,
}

impl<'l> Patterns<'l> {
    /// `None` if a pattern is wrong, which was reported then.
    fn read(written: &'l LowApplication, low: &'l Low, findings: &mut Findings) -> Option<Self> {
        if let (Some(_), Some(service)) = (&written.services, &written.own.service) {
            findings.refuse(
                &service.place,
                "and \"services\" are both given; keep one of the two",
            );
        }
        let own = written.own.service.as_ref();
        let (services, place) = match (&written.services, own, &low.defaults.service) {
            (Some(list), _, _) => {
                not_empty(list, "name a service, or remove it", findings);
                (patterns(list, service_pattern, findings), &list.place)
            }
            (None, Some(one), _) => {
                let fits = fits(one, service_pattern, findings);
                (fits.then(|| vec![one.value.as_str()]), &one.place)
            }
            // Problems of the defaults were reported once, by `check_defaults`.
            (None, None, Some(default)) => {
                let fits = service_pattern(&default.value).is_ok();
                (
                    fits.then(|| vec![default.value.as_str()]),
                    &written.name.place,
                )
            }
            (None, None, None) => (Some(vec!["{app}"]), &written.name.place),
        };
        let list = |list: Written<'l>, check, findings: &mut Findings| match list {
            Some(list) => patterns(list, check, findings).map(Some),
            None => Some(None),
        };
        let families = list(written.families.as_ref(), service_pattern, findings);
        let roles = list(written.roles.as_ref(), role_pattern, findings);
        let log_groups = list(written.log_groups.as_ref(), log_group_pattern, findings);
        let services = services?;
        let families = families?.unwrap_or_else(|| services.clone());
        if let Some(at) = written
            .families
            .as_ref()
            .filter(|_| families.len() != services.len())
        {
            findings.refuse(
                &at.place,
                format!(
                    "names {} families for {} services; give one for each, in the same order",
                    families.len(),
                    services.len()
                ),
            );
        }
        Some(Self {
            services,
            families,
            roles: roles?,
            log_groups: log_groups?,
            place,
        })
    }

    fn render(&self, application: &str, environment: &str) -> Placement {
        let render = |patterns: &[&str]| {
            let names = patterns
                .iter()
                .map(|name| render_name(name, application, environment));
            names.collect::<Vec<_>>()
        };
        let families = render(&self.families);
        Placement {
            log_groups: match &self.log_groups {
                Some(groups) => render(groups),
                None => families
                    .iter()
                    .map(|family| format!("/ecs/{family}"))
                    .collect(),
            },
            services: render(&self.services),
            families,
            roles: self.roles.as_deref().map(render),
        }
    }
}

const BASES: [(&str, Base); 2] = [("live", Base::Live), ("head", Base::Head)];

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

fn not_empty(list: &At<Vec<At<String>>>, what: &str, findings: &mut Findings) {
    if list.value.is_empty() {
        findings.refuse(&list.place, format!("is empty; {what}"));
    }
}

/// Whether the value passes the check; its problem is reported if not.
fn fits(
    written: &At<String>,
    check: fn(&str) -> Result<(), BadValue>,
    findings: &mut Findings,
) -> bool {
    let checked = check(&written.value);
    if let Err(rule) = &checked {
        findings.refuse(
            &written.place,
            format!("\"{}\" will not do: {rule}", written.value),
        );
    }
    checked.is_ok()
}

/// The items, if all of them pass the check.
fn patterns<'l>(
    list: &'l At<Vec<At<String>>>,
    check: fn(&str) -> Result<(), BadValue>,
    findings: &mut Findings,
) -> Option<Vec<&'l str>> {
    let mut good = Some(Vec::new());
    for item in &list.value {
        if !fits(item, check, findings) {
            good = None;
        } else if let Some(names) = &mut good {
            names.push(item.value.as_str());
        }
    }
    good
}

fn service_pattern(text: &str) -> Result<(), BadValue> {
    check_name_pattern(
        text,
        is_ecs_char,
        "ECS allows letters, digits, \"-\" and \"_\", up to 255",
    )
}

fn role_pattern(text: &str) -> Result<(), BadValue> {
    check_name_pattern(
        text,
        |c| c.is_ascii_alphanumeric() || "/+=,.@_-".contains(c),
        "a role's name, with its path if it has one, such as \"{app}-task\"",
    )
}

fn log_group_pattern(text: &str) -> Result<(), BadValue> {
    check_name_pattern(
        text,
        |c| c.is_ascii_alphanumeric() || "/#._-".contains(c),
        "a log group's name, such as \"/ecs/{app}\"",
    )
}
