//! The pages of an application's own: a few, each with a short name and an https URL in which the
//! application's names are filled in. They are shown in Slack, so they are held to what Slack links.

use super::patterns::fits;
use crate::config::OwnLink;
use crate::config::low::LowApplication;
use crate::config::problem::{At, Findings};
use crate::config::values::{BadValue, pattern_literals};

/// Links of an application at most: they stand in one line of its cards.
const MOST: usize = 5;
/// Characters of a link's name.
const NAME: usize = 30;
/// Characters of a URL, before and after its names are filled in: five of them find room in one section.
const URL: usize = 500;

const PLACEHOLDERS: [&str; 4] = ["{app}", "{env}", "{cluster}", "{service}"];
const RULE: &str = "an https URL of at most 500 visible ASCII characters, without a user name in it and without \
                    < > | \" or `, such as \"https://grafana.example.com/d/{app}?var-env={env}\"";

/// What is filled into a link.
pub(super) struct Filling<'a> {
    pub(super) application: &'a str,
    pub(super) environment: &'a str,
    pub(super) cluster: &'a str,
    pub(super) services: &'a [String],
}

/// Reports what is wrong with the links of an application, wherever it runs.
pub(super) fn check(written: &LowApplication, findings: &mut Findings) {
    if let Some((name, _)) = written.links.get(MOST) {
        findings.refuse(
            &name.place,
            format!("is one too many; keep {MOST} links at most"),
        );
    }
    for (name, url) in &written.links {
        fits(name, name_rule, findings);
        fits(url, url_rule, findings);
    }
}

/// The links as they are there. A wrong one is left out; [`check`] has reported it.
pub(super) fn links(
    written: &LowApplication,
    place: &Filling<'_>,
    findings: &mut Findings,
) -> Vec<OwnLink> {
    let good = written.links.iter();
    let good =
        good.filter(|(name, url)| name_rule(&name.value).is_ok() && url_rule(&url.value).is_ok());
    good.filter_map(|(name, url)| {
        let url = filled_in(url, place, findings)?;
        let name = name.value.clone();
        Some(OwnLink { name, url })
    })
    .collect()
}

fn filled_in(url: &At<String>, place: &Filling<'_>, findings: &mut Findings) -> Option<String> {
    let service = match place.services {
        [one] => one.as_str(),
        several if url.value.contains("{service}") => {
            let (count, environment) = (several.len(), place.environment);
            findings.refuse(
                &url.place,
                format!("{{service}} is one of {count} services in {environment}; write the one that is meant"),
            );
            return None;
        }
        _ => "",
    };
    let filled = url
        .value
        .replace("{app}", place.application)
        .replace("{env}", place.environment)
        .replace("{cluster}", place.cluster)
        .replace("{service}", service);
    if filled.len() > URL {
        let environment = place.environment;
        findings.refuse(
            &url.place,
            format!("is longer than {URL} characters with the names of {environment} filled in; shorten it"),
        );
        return None;
    }
    Some(filled)
}

fn name_rule(name: &str) -> Result<(), BadValue> {
    let allowed = |c: char| c.is_alphanumeric() || " -_./&+".contains(c);
    let fits = (1..=NAME).contains(&name.chars().count())
        && name.trim() == name
        && name.chars().all(allowed);
    match fits {
        true => Ok(()),
        false => Err(BadValue(
            "a link's name is 1 to 30 letters, digits, spaces and - _ . / & +".to_owned(),
        )),
    }
}

fn url_rule(url: &str) -> Result<(), BadValue> {
    let broken = || BadValue(RULE.to_owned());
    let literal = pattern_literals(url, &PLACEHOLDERS).map_err(BadValue)?;
    let is_visible = |c: char| c.is_ascii_graphic() && !"<>|\"`".contains(c);
    let rest = url.strip_prefix("https://").ok_or_else(broken)?;
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let good = url.len() <= URL
        && literal.chars().all(is_visible)
        && !host.is_empty()
        && !host.starts_with([':', '.'])
        && !host.contains('@');
    good.then_some(()).ok_or_else(broken)
}
