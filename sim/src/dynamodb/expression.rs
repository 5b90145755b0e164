//! DynamoDB's expressions, parsed: condition, key condition, filter, update and projection.
//!
//! Names and values are resolved while parsing, so that undefined, unused and reserved ones are
//! refused as AWS refuses them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::value::invalid;
use crate::AwsError;

/// One step into an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Index(usize),
}

/// Where a value is: a top-level attribute and steps into it.
pub(super) type Path = Vec<Step>;

/// Something that has a value.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Path(Path),
    Value(Value),
    Size(Path),
    IfNotExists(Path, Box<Operand>),
    ListAppend(Box<Operand>, Box<Operand>),
    Sum(Box<Operand>, Box<Operand>, bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// A condition.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    Compare(Operand, Comparator, Operand),
    Between(Operand, Operand, Operand),
    In(Operand, Vec<Operand>),
    Exists(Path),
    Missing(Path),
    Type(Path, Operand),
    BeginsWith(Path, Operand),
    Contains(Path, Operand),
}

/// What an update does, clause by clause.
#[derive(Clone, Debug, Default)]
pub(super) struct Update {
    pub(super) set: Vec<(Path, Operand)>,
    pub(super) remove: Vec<Path>,
    pub(super) add: Vec<(Path, Value)>,
    pub(super) delete: Vec<(Path, Value)>,
}

impl Update {
    /// Every path that is written.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let set = self.set.iter().map(|(path, _)| path);
        let add = self.add.iter().chain(&self.delete).map(|(path, _)| path);
        set.chain(&self.remove).chain(add)
    }
}

/// DynamoDB's reserved words, in upper case.
fn reserved() -> &'static BTreeSet<&'static str> {
    static WORDS: OnceLock<BTreeSet<&str>> = OnceLock::new();
    WORDS.get_or_init(|| include_str!("reserved.txt").split_whitespace().collect())
}

/// The names and values a request brings for its expressions, and which of them were used.
#[derive(Debug)]
pub(super) struct Vocabulary<'a> {
    names: Option<&'a Map<String, Value>>,
    values: Option<&'a Map<String, Value>>,
    used: RefCell<BTreeSet<String>>,
}

impl<'a> Vocabulary<'a> {
    /// Takes them from a request (or from one member of a transaction).
    pub(super) fn of(request: &'a Value) -> Result<Self, AwsError> {
        let map = |name: &str| request.get(name).and_then(Value::as_object);
        let names = map("ExpressionAttributeNames");
        let values = map("ExpressionAttributeValues");
        for (map, title) in [
            (names, "ExpressionAttributeNames"),
            (values, "ExpressionAttributeValues"),
        ] {
            if map.is_some_and(Map::is_empty) {
                return Err(invalid(format!("{title} must not be empty")));
            }
        }
        for (name, value) in values.into_iter().flatten() {
            super::value::check(value).map_err(|error| {
                invalid(format!(
                    "ExpressionAttributeValues contains invalid value: {} for key {name}",
                    error.message
                ))
            })?;
        }
        Ok(Self {
            names,
            values,
            used: RefCell::default(),
        })
    }

    /// Refuses names and values that no expression used.
    pub(super) fn finish(&self, had_expression: bool) -> Result<(), AwsError> {
        for (map, title) in [
            (self.names, "ExpressionAttributeNames"),
            (self.values, "ExpressionAttributeValues"),
        ] {
            let Some(map) = map else { continue };
            if !had_expression {
                return Err(invalid(format!(
                    "{title} can only be specified when using expressions"
                )));
            }
            let used = self.used.borrow();
            let unused: Vec<&str> = map
                .keys()
                .filter(|key| !used.contains(*key))
                .map(String::as_str)
                .collect();
            if !unused.is_empty() {
                return Err(invalid(format!(
                    "Value provided in {title} unused in expressions: keys: {{{}}}",
                    unused.join(", ")
                )));
            }
        }
        Ok(())
    }

    pub(super) fn name(&self, token: &str, title: &str) -> Result<String, AwsError> {
        if token.starts_with('#') {
            self.used.borrow_mut().insert(token.to_owned());
            let name = self
                .names
                .and_then(|names| names.get(token))
                .and_then(Value::as_str);
            return name.map(str::to_owned).ok_or_else(|| {
                invalid(format!(
                    "Invalid {title}: An expression attribute name used in the document path is not defined; attribute name: {token}"
                ))
            });
        }
        if reserved().contains(token.to_ascii_uppercase().as_str()) {
            return Err(invalid(format!(
                "Invalid {title}: Attribute name is a reserved keyword; reserved keyword: {token}"
            )));
        }
        Ok(token.to_owned())
    }

    pub(super) fn value(&self, token: &str, title: &str) -> Result<Value, AwsError> {
        self.used.borrow_mut().insert(token.to_owned());
        let value = self.values.and_then(|values| values.get(token));
        value.cloned().ok_or_else(|| {
            invalid(format!(
                "Invalid {title}: An expression attribute value used in expression is not defined; attribute value: {token}"
            ))
        })
    }
}
