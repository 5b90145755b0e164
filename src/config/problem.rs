//! What is wrong with a configuration, where, and what to do about it.
//!
//! A check collects every problem it can see before it gives up, because a person who fixes a file
//! wants one list, not one error per attempt.

use std::fmt;

use crate::names::list::listed;

/// A value as it was written, with the place it was written at.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) place: Location,
}

/// A file, a line (from 1) and a dotted key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Location {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) key: String,
}

/// One thing that is wrong, or that deserves a second look.
///
/// Its `Display` is one line: `longshore.toml:12: environments.production.account: …`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    place: Location,
    message: String,
}

impl Problem {
    pub(super) fn new(place: &Location, message: impl Into<String>) -> Self {
        Self {
            place: place.clone(),
            message: message.into(),
        }
    }

    /// The file, as it was named when it was read.
    pub fn file(&self) -> &str {
        &self.place.file
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// The dotted key, empty where the file itself is the problem.
    pub fn key(&self) -> &str {
        &self.place.key
    }

    /// What is wrong and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { file, line, key } = &self.place;
        if key.is_empty() {
            write!(f, "{file}:{line}: {}", self.message)
        } else {
            write!(f, "{file}:{line}: {key}: {}", self.message)
        }
    }
}

/// The configuration was refused: every problem found, in the order of the files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct Invalid(Vec<Problem>);

impl Invalid {
    /// The problems, at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

fn lines(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(Problem::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Collects refusals and warnings while a configuration is read and resolved.
#[derive(Debug, Default)]
pub(super) struct Findings {
    refusals: Vec<Problem>,
    warnings: Vec<Problem>,
    not_judged: Vec<Problem>,
}

/// What was found in a configuration that is sound.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// What is probably not what was wanted.
    pub(super) warnings: Vec<Problem>,
    /// Keys whose rules are not built.
    pub(super) not_judged: Vec<Problem>,
}

impl Findings {
    pub(super) fn refuse(&mut self, place: &Location, message: impl Into<String>) {
        self.refusals.push(Problem::new(place, message));
    }

    pub(super) fn warn(&mut self, place: &Location, message: impl Into<String>) {
        self.warnings.push(Problem::new(place, message));
    }

    /// A key that is sound, and whose rule is not built.
    pub(super) fn not_judged(&mut self, place: &Location, message: impl Into<String>) {
        self.not_judged.push(Problem::new(place, message));
    }

    /// Whether a refusal names the key already: a value of the wrong type is not missing too.
    pub(super) fn refused(&self, key: &str) -> bool {
        self.refusals.iter().any(|problem| problem.key() == key)
    }

    /// The refusals as an error, if there are any; otherwise what else was found.
    ///
    /// `files` gives the order in which the files were read.
    pub(super) fn conclude(mut self, files: &[&str]) -> Result<Remarks, Invalid> {
        let order = |problem: &Problem| {
            let file = files.iter().position(|name| *name == problem.file());
            (file, problem.line(), problem.key().to_owned())
        };
        self.refusals.sort_by_key(order);
        self.refusals.dedup();
        self.warnings.sort_by_key(order);
        self.not_judged.sort_by_key(order);
        if self.refusals.is_empty() {
            Ok(Remarks {
                warnings: self.warnings,
                not_judged: self.not_judged,
            })
        } else {
            Err(Invalid(self.refusals))
        }
    }
}

/// `"a", "b" and "c"`; "nothing" for none.
pub(super) fn in_quotes<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let quoted: Vec<String> = names
        .into_iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    match quoted.is_empty() {
        true => "nothing".to_owned(),
        false => listed(quoted, "and"),
    }
}
