//! An application's names on AWS: written once with `{app}` and `{env}`, filled in for each
//! environment.

use super::one_off::WrittenOneOff;
use crate::config::low::{Low, LowApplication};
use crate::config::problem::{At, Findings, Location};
use crate::config::values::{BadValue, check_name_pattern, is_ecs_char, render_name};
use crate::config::{Placement, ScheduleTarget, group_and_name};

type Names<'l> = Option<&'l At<Vec<At<String>>>>;

/// An application's names on AWS, before `{app}` and `{env}` are filled in.
pub(super) struct Patterns<'l> {
    services: Vec<&'l str>,
    families: Vec<&'l str>,
    roles: Option<Vec<&'l str>>,
    log_groups: Option<Vec<&'l str>>,
    before: Option<WrittenOneOff<'l>>,
    schedules: Vec<&'l str>,
    test_url: Option<&'l str>,
    /// Where the services are named.
    pub(super) place: &'l Location,
}

impl<'l> Patterns<'l> {
    /// `None` if a pattern is wrong, which was reported then.
    pub(super) fn read(
        written: &'l LowApplication,
        low: &'l Low,
        findings: &mut Findings,
    ) -> Option<Self> {
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
        let list = |list: Names<'l>, check, findings: &mut Findings| match list {
            Some(list) => patterns(list, check, findings).map(Some),
            None => Some(None),
        };
        let families = list(written.families.as_ref(), service_pattern, findings);
        let roles = list(written.roles.as_ref(), role_pattern, findings);
        let log_groups = list(written.log_groups.as_ref(), log_group_pattern, findings);
        let schedules = list(written.schedules.as_ref(), schedule_pattern, findings);
        let before = written.before.as_ref();
        let before = before.map(|written| WrittenOneOff::read(written, findings));
        let test_url = match (&written.own.test_url, &low.defaults.test_url) {
            (Some(own), _) => fits(own, url_pattern, findings).then_some(own.value.as_str()),
            (None, default) => default.as_ref().map(|default| default.value.as_str()),
        };
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
        if let (Some(Some(before)), Some(written)) = (&before, &written.before)
            && families.contains(&before.task)
        {
            findings.refuse(
                &written.place,
                format!(
                    "\"{}\" is the family of a service too; give the task one of its own",
                    before.task
                ),
            );
        }
        Some(Self {
            services,
            families,
            roles: roles?,
            log_groups: log_groups?,
            before: match before {
                Some(before) => Some(before?),
                None => None,
            },
            schedules: schedules?.unwrap_or_default(),
            test_url,
            place,
        })
    }

    pub(super) fn render(&self, application: &str, environment: &str) -> Placement {
        let render = |patterns: &[&str]| {
            let names = patterns
                .iter()
                .map(|name| render_name(name, application, environment));
            names.collect::<Vec<_>>()
        };
        let families = render(&self.families);
        let before = self.before.as_ref();
        let before = before.map(|before| before.render(application, environment));
        let task = before.as_ref().map(|before| &before.task);
        let schedules: Vec<ScheduleTarget> = render(&self.schedules)
            .iter()
            .map(|written| schedule(written))
            .collect();
        Placement {
            schedules,
            log_groups: match &self.log_groups {
                Some(groups) => render(groups),
                None => families
                    .iter()
                    .chain(task)
                    .map(|family| format!("/ecs/{family}"))
                    .collect(),
            },
            before,
            services: render(&self.services),
            families,
            roles: self.roles.as_deref().map(render),
            links: Vec::new(),
            test_url: self
                .test_url
                .map(|url| render_name(url, application, environment)),
        }
    }
}

pub(super) fn not_empty(list: &At<Vec<At<String>>>, what: &str, findings: &mut Findings) {
    if list.value.is_empty() {
        findings.refuse(&list.place, format!("is empty; {what}"));
    }
}

/// Whether the value passes the check; its problem is reported if not.
pub(super) fn fits(
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

pub(super) fn service_pattern(text: &str) -> Result<(), BadValue> {
    check_name_pattern(
        text,
        is_ecs_char,
        "ECS allows letters, digits, \"-\" and \"_\", up to 255",
    )
}

/// `NAME`, `GROUP/NAME`, each with `:FAMILY` or without.
fn schedule(written: &str) -> ScheduleTarget {
    let (schedule, family) = written.split_once(':').unwrap_or((written, ""));
    let name = schedule.rsplit('/').next().unwrap_or(schedule);
    let family = if family.is_empty() { name } else { family };
    ScheduleTarget {
        schedule: schedule.to_owned(),
        family: family.to_owned(),
    }
}

fn schedule_pattern(text: &str) -> Result<(), BadValue> {
    const RULE: &str =
        "a schedule's name, such as \"nightly-report\", \"GROUP/NAME\" or \"NAME:FAMILY\"";
    let (schedule, family) = text.split_once(':').unwrap_or((text, "f"));
    let (group, name) = group_and_name(schedule);
    let is_char = |c: char| is_ecs_char(c) || c == '.';
    check_name_pattern(group, is_char, RULE)?;
    check_name_pattern(name, is_char, RULE)?;
    check_name_pattern(family, is_ecs_char, RULE)
}

fn role_pattern(text: &str) -> Result<(), BadValue> {
    check_name_pattern(
        text,
        |c| c.is_ascii_alphanumeric() || "/+=,.@_-".contains(c),
        "a role's name, with its path if it has one, such as \"{app}-task\"",
    )
}

/// Where the new tasks can be tried: shown as a link, so it is held to what Slack links.
pub(super) fn url_pattern(text: &str) -> Result<(), BadValue> {
    const RULE: &str = "an https URL, such as \"https://{app}.test.example.com\"";
    check_name_pattern(text, |c| c.is_ascii_graphic() && !"<>|\"".contains(c), RULE)?;
    match text.strip_prefix("https://") {
        Some(rest) if !rest.is_empty() => Ok(()),
        Some(_) | None => Err(BadValue(RULE.to_owned())),
    }
}

fn log_group_pattern(text: &str) -> Result<(), BadValue> {
    check_name_pattern(
        text,
        |c| c.is_ascii_alphanumeric() || "/#._-".contains(c),
        "a log group's name, such as \"/ecs/{app}\"",
    )
}
