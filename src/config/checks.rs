//! Which checks must have passed on a commit before its image goes out, and who must have reported them.
//!
//! A name alone proves nothing: whoever may push to a repository may report a status of any name.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::problem::{At, Findings, Location};
use super::reader::Section;

/// One check, or every check of a source, that must have passed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredCheck {
    /// Its name; `None` for whatever the source reports, which must be something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who must have reported it.
    pub source: CheckSource,
    /// What counts as passed beside success.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub accept: BTreeSet<Leniency>,
}

/// Who reports a check.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckSource {
    /// A GitHub App with check runs, by its slug: `github-actions`.
    App(String),
    /// A user or bot with commit statuses, by the login.
    Creator(String),
}

/// A conclusion that says neither yes nor no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leniency {
    /// It did not run.
    Skipped,
    /// It ran and does not judge.
    Neutral,
}

impl CheckSource {
    /// Its slug or login.
    pub fn name(&self) -> &str {
        match self {
            Self::App(name) | Self::Creator(name) => name,
        }
    }

    /// Whether both are the same: GitHub's names know no case.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::App(one), Self::App(other)) | (Self::Creator(one), Self::Creator(other)) => {
                one.eq_ignore_ascii_case(other)
            }
            (Self::App(_), Self::Creator(_)) | (Self::Creator(_), Self::App(_)) => false,
        }
    }
}

impl fmt::Display for RequiredCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} ({})", self.source.name()),
            None => write!(f, "every check of {}", self.source.name()),
        }
    }
}

/// One of `checks`, as written.
pub(super) struct LowCheck {
    place: Location,
    name: Option<At<String>>,
    app: Option<At<String>>,
    creator: Option<At<String>>,
    accept: Option<At<Vec<At<String>>>>,
}

impl LowCheck {
    /// Reads `checks` of a table.
    pub(super) fn read(section: &mut Section<'_>, findings: &mut Findings) -> Vec<Self> {
        const LIKE: &str = "{ name = \"test\", app = \"github-actions\" }";
        let each = section.tables("checks", LIKE, findings).into_iter();
        let each = each.map(|mut check| {
            let read = Self {
                place: check.place().clone(),
                name: check.string("name", findings),
                app: check.string("app", findings),
                creator: check.string("creator", findings),
                accept: check.strings("accept", findings),
            };
            check.finish(findings);
            read
        });
        each.collect()
    }

    /// Where it stands.
    pub(super) fn place(&self) -> &Location {
        &self.place
    }

    fn resolve(&self, findings: &mut Findings) -> Option<RequiredCheck> {
        let source = match (&self.app, &self.creator) {
            (Some(app), None) => {
                is_word(app, findings).then(|| CheckSource::App(app.value.clone()))
            }
            (None, Some(creator)) => {
                is_word(creator, findings).then(|| CheckSource::Creator(creator.value.clone()))
            }
            (Some(_), Some(_)) => {
                findings.refuse(
                    &self.place,
                    "has an app and a creator; keep \"app\" for check runs, \"creator\" for commit statuses",
                );
                None
            }
            (None, None) => {
                findings.refuse(
                    &self.place,
                    "does not say who reports it, and anybody who may push can report a check of any name; \
                     add app = \"github-actions\", or creator = \"LOGIN\" for commit statuses",
                );
                None
            }
        };
        let name = self.name.as_ref().map(|name| {
            let fits = (1..=255).contains(&name.value.chars().count())
                && !name.value.chars().any(char::is_control)
                && name.value.trim() == name.value;
            if !fits {
                findings.refuse(
                    &name.place,
                    "a check's name is 1 to 255 characters in one line, without spaces around it",
                );
            }
            name.value.clone()
        });
        let accept = self.accept.iter().flat_map(|list| &list.value);
        let accept: BTreeSet<Leniency> = accept
            .filter_map(|word| match word.value.as_str() {
                "skipped" => Some(Leniency::Skipped),
                "neutral" => Some(Leniency::Neutral),
                other => {
                    findings.refuse(
                        &word.place,
                        format!("\"{other}\" will not do: write \"skipped\" or \"neutral\""),
                    );
                    None
                }
            })
            .collect();
        if let (Some(list), Some(_)) = (&self.accept, &self.creator) {
            findings.refuse(
                &list.place,
                "has no effect: a commit status is never skipped or neutral; remove it",
            );
        }
        Some(RequiredCheck {
            name,
            source: source?,
            accept,
        })
    }
}

/// What `checks` means, each check once.
pub(super) fn checks(written: &[LowCheck], findings: &mut Findings) -> Vec<RequiredCheck> {
    let mut checks: Vec<RequiredCheck> = Vec::new();
    for one in written {
        let Some(check) = one.resolve(findings) else {
            continue;
        };
        let is_it =
            |other: &&RequiredCheck| other.name == check.name && other.source.is(&check.source);
        if checks.iter().any(|other| is_it(&other)) {
            findings.refuse(&one.place, format!("asks for {check} twice; keep one"));
            continue;
        }
        checks.push(check);
    }
    checks
}

/// The checks of an application and of an environment together: where both ask for one, what both accept.
pub(super) fn both(one: &[RequiredCheck], other: &[RequiredCheck]) -> Vec<RequiredCheck> {
    let mut all = one.to_vec();
    for check in other {
        let same = all
            .iter_mut()
            .find(|known| known.name == check.name && known.source.is(&check.source));
        match same {
            Some(known) => known.accept.retain(|one| check.accept.contains(one)),
            None => all.push(check.clone()),
        }
    }
    all
}

/// A slug or a login, a bot's among them.
fn is_word(written: &At<String>, findings: &mut Findings) -> bool {
    let text = written
        .value
        .strip_suffix("[bot]")
        .unwrap_or(&written.value);
    let fits = (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !fits {
        findings.refuse(
            &written.place,
            format!(
                "\"{}\" will not do: an app's slug or a login has letters, digits and \"-\", such as \"github-actions\"",
                written.value
            ),
        );
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, accept: &[Leniency]) -> RequiredCheck {
        RequiredCheck {
            name: Some(name.to_owned()),
            source: CheckSource::App("github-actions".to_owned()),
            accept: accept.iter().copied().collect(),
        }
    }

    #[test]
    fn where_two_ask_for_one_check_the_stricter_counts() {
        let lenient = check("test", &[Leniency::Skipped, Leniency::Neutral]);
        let strict = check("test", &[Leniency::Neutral]);
        let whole = both(
            &[lenient.clone(), check("lint", &[])],
            &[strict.clone(), check("e2e", &[])],
        );
        assert_eq!(whole, [strict, check("lint", &[]), check("e2e", &[])]);
        let of_another = RequiredCheck {
            source: CheckSource::Creator("github-actions".to_owned()),
            ..lenient.clone()
        };
        assert_eq!(both(&[lenient], &[of_another]).len(), 2);
    }
}
