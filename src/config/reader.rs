//! Reads TOML tables key by key, remembering which keys were asked for and where each value stands.
//!
//! The keys that are asked for *are* the schema: whatever is left over in a table when it is
//! finished was never asked for, so it is unknown and refused. A value of the wrong type is a
//! problem and then absent, so that reading goes on to the next one.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{At, Findings, Location};
use crate::names::near::nearest;

/// A file of the configuration: the name people know it by, and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    name: String,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl SourceFile {
    /// `name` is what problems will call the file, usually its path relative to the checkout.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            name: name.into(),
            lines: std::iter::once(0).chain(after).collect(),
            text,
        }
    }

    /// The name problems call the file by.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line, from 1, that the byte at `offset` stands on.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|begins| *begins <= offset)
    }
}

/// A table, and which of its keys were asked for.
pub(super) struct Section<'t> {
    file: &'t SourceFile,
    place: Location,
    table: &'t DeTable<'t>,
    asked: Vec<&'static str>,
}

impl<'t> Section<'t> {
    /// The whole file.
    pub(super) fn root(file: &'t SourceFile, table: &'t DeTable<'t>) -> Self {
        Self {
            file,
            place: Location {
                file: file.name.clone(),
                line: 1,
                key: String::new(),
            },
            table,
            asked: Vec::new(),
        }
    }

    /// Where the table begins.
    pub(super) fn place(&self) -> &Location {
        &self.place
    }

    /// Where `name` stands, or would stand.
    pub(super) fn place_of(&self, name: &str) -> Location {
        let line = self
            .table
            .get_key_value(name)
            .map_or(self.place.line, |(key, _)| self.file.line(key.span().start));
        Location {
            file: self.place.file.clone(),
            line,
            key: self.key_of(name),
        }
    }

    fn key_of(&self, name: &str) -> String {
        if self.place.key.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.place.key)
        }
    }

    /// Asks whether there is such a key, whatever it holds.
    pub(super) fn has(&mut self, name: &'static str) -> bool {
        self.ask(name).is_some()
    }

    fn ask(&mut self, name: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(name);
        self.table.get(name)
    }

    /// A string.
    pub(super) fn string(
        &mut self,
        name: &'static str,
        findings: &mut Findings,
    ) -> Option<At<String>> {
        let value = self.ask(name)?;
        let place = self.place_of(name);
        match value.get_ref() {
            DeValue::String(text) => Some(At {
                value: text.clone().into_owned(),
                place,
            }),
            other => wrong_type(&place, "a string in double quotes", other, findings),
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(
        &mut self,
        name: &'static str,
        findings: &mut Findings,
    ) -> Option<At<bool>> {
        let value = self.ask(name)?;
        let place = self.place_of(name);
        match value.get_ref() {
            DeValue::Boolean(value) => Some(At {
                value: *value,
                place,
            }),
            other => wrong_type(&place, "true or false", other, findings),
        }
    }

    /// A whole number, 0 or more.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        findings: &mut Findings,
    ) -> Option<At<u32>> {
        let value = self.ask(name)?;
        let place = self.place_of(name);
        let number = value.get_ref().as_integer();
        match number.and_then(|number| number.as_str().parse().ok()) {
            Some(value) => Some(At { value, place }),
            None => wrong_type(
                &place,
                "a whole number, 0 or more",
                value.get_ref(),
                findings,
            ),
        }
    }

    /// A list of strings. Items that are not strings are problems and left out.
    pub(super) fn strings(
        &mut self,
        name: &'static str,
        findings: &mut Findings,
    ) -> Option<At<Vec<At<String>>>> {
        let value = self.ask(name)?;
        let place = self.place_of(name);
        let DeValue::Array(items) = value.get_ref() else {
            return wrong_type(&place, "a list of strings", value.get_ref(), findings);
        };
        let mut strings = Vec::new();
        for item in items.iter() {
            let place = Location {
                line: self.file.line(item.span().start),
                ..place.clone()
            };
            match item.get_ref() {
                DeValue::String(text) => strings.push(At {
                    value: text.clone().into_owned(),
                    place,
                }),
                other => wrong_type(&place, "a list of strings", other, findings).unwrap_or(()),
            }
        }
        Some(At {
            value: strings,
            place,
        })
    }

    /// A string, or a list of them.
    pub(super) fn one_or_more(
        &mut self,
        name: &'static str,
        findings: &mut Findings,
    ) -> Option<At<Vec<At<String>>>> {
        if let DeValue::Array(_) = self.ask(name)?.get_ref() {
            return self.strings(name, findings);
        }
        let one = self.string(name, findings)?;
        Some(At {
            place: one.place.clone(),
            value: vec![one],
        })
    }

    /// A table.
    pub(super) fn section(
        &mut self,
        name: &'static str,
        findings: &mut Findings,
    ) -> Option<Section<'t>> {
        let value = self.ask(name)?;
        let place = self.place_of(name);
        self.open(place, value, findings)
    }

    /// Tables whose names are the user's to choose, such as `environments.staging`.
    pub(super) fn sections(
        &mut self,
        name: &'static str,
        findings: &mut Findings,
    ) -> Vec<(At<String>, Section<'t>)> {
        let Some(parent) = self.section(name, findings) else {
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (key, value) in parent.table {
            let place = parent.place_of(key.get_ref());
            let name = At {
                value: key.get_ref().clone().into_owned(),
                place: place.clone(),
            };
            if let Some(section) = parent.open(place, value, findings) {
                sections.push((name, section));
            }
        }
        sections
    }

    /// A list of tables, such as `checks`; `like` is one of them, for whoever writes something else. Items that are
    /// no tables are problems and left out.
    pub(super) fn tables(
        &mut self,
        name: &'static str,
        like: &str,
        findings: &mut Findings,
    ) -> Vec<Section<'t>> {
        let Some(value) = self.ask(name) else {
            return Vec::new();
        };
        let place = self.place_of(name);
        let DeValue::Array(items) = value.get_ref() else {
            let wanted = format!("a list of tables such as {like}");
            wrong_type::<()>(&place, &wanted, value.get_ref(), findings);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let place = Location {
                file: place.file.clone(),
                line: self.file.line(item.span().start),
                key: format!("{}[{index}]", place.key),
            };
            match item.get_ref() {
                DeValue::Table(_) => tables.extend(self.open(place, item, findings)),
                other => {
                    let wanted = format!("a table such as {like}");
                    wrong_type::<()>(&place, &wanted, other, findings);
                }
            }
        }
        tables
    }

    /// Strings whose names are the user's to choose, such as `links.dashboard`.
    pub(super) fn named_strings(
        &mut self,
        name: &'static str,
        findings: &mut Findings,
    ) -> Vec<(At<String>, At<String>)> {
        let Some(parent) = self.section(name, findings) else {
            return Vec::new();
        };
        let mut strings = Vec::new();
        for (key, value) in parent.table {
            let place = parent.place_of(key.get_ref());
            let at = |text: &str| At {
                value: text.to_owned(),
                place: place.clone(),
            };
            match value.get_ref() {
                DeValue::String(text) => strings.push((at(key.get_ref()), at(text))),
                other => {
                    wrong_type::<()>(&place, "a string in double quotes", other, findings);
                }
            }
        }
        strings
    }

    fn open(
        &self,
        place: Location,
        value: &'t Spanned<DeValue<'t>>,
        findings: &mut Findings,
    ) -> Option<Section<'t>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(Section {
                file: self.file,
                place,
                table,
                asked: Vec::new(),
            }),
            other => wrong_type(&place, "a table", other, findings),
        }
    }

    /// The integer 0, whatever else is a rule that is not built.
    pub(super) fn zero(&mut self, name: &'static str, findings: &mut Findings) {
        let Some(value) = self.ask(name) else { return };
        let zero = value
            .get_ref()
            .as_integer()
            .is_some_and(|number| number.as_str() == "0");
        if !zero {
            findings.refuse(&self.place_of(name), NOT_SUPPORTED);
        }
    }

    /// Keys of the format whose rules this version does not have. Ignoring one would be a gate
    /// that its author believes in and nobody guards.
    pub(super) fn not_supported(&mut self, names: &[&'static str], findings: &mut Findings) {
        for &name in names {
            if self.ask(name).is_some() {
                findings.refuse(&self.place_of(name), NOT_SUPPORTED);
            }
        }
    }

    /// Refuses every key that was not asked for.
    pub(super) fn finish(self, findings: &mut Findings) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let place = self.place_of(name);
            let message = match nearest(name, self.asked.iter().map(|known| (*known, *known))) {
                Some(known) => format!("unknown key; did you mean \"{known}\"?"),
                None => {
                    let mut known = self.asked.clone();
                    known.sort_unstable();
                    format!("unknown key, remove it; known here: {}", known.join(", "))
                }
            };
            findings.refuse(&place, message);
        }
    }
}

/// What is said of a key whose rule is not built.
const NOT_SUPPORTED: &str = "not supported by this version, remove it";

fn wrong_type<T>(
    place: &Location,
    wanted: &str,
    found: &DeValue<'_>,
    findings: &mut Findings,
) -> Option<T> {
    let found = match found {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    findings.refuse(place, format!("must be {wanted}, but is {found}"));
    None
}
