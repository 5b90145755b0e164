//! DynamoDB's expression language: condition, key condition, filter, update and projection.
//!
//! Names and values are resolved while parsing, so that undefined, unused and reserved ones are
//! refused as AWS refuses them. Grammar:
//!
//! ```text
//! condition := and { OR and }          and := not { AND not }         not := NOT not | primary
//! primary   := ( condition ) | function | operand comparator operand
//!            | operand BETWEEN operand AND operand | operand IN ( operand {, operand} )
//! operand   := :value | path | size(path)
//! update    := { SET path = sum {, …} | REMOVE path {, …} | ADD path :value {, …} | DELETE path :value {, …} }
//! sum       := term [ (+|-) term ]     term := operand | if_not_exists(path, term) | list_append(term, term)
//! path      := name { .name | [index] }
//! ```

use std::cell::RefCell;
use std::collections::BTreeSet;

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

    fn name(&self, token: &str, title: &str) -> Result<String, AwsError> {
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
        let upper = token.to_ascii_uppercase();
        if include_str!("reserved.txt")
            .split_whitespace()
            .any(|word| word == upper)
        {
            return Err(invalid(format!(
                "Invalid {title}: Attribute name is a reserved keyword; reserved keyword: {token}"
            )));
        }
        Ok(token.to_owned())
    }

    fn value(&self, token: &str, title: &str) -> Result<Value, AwsError> {
        self.used.borrow_mut().insert(token.to_owned());
        let value = self.values.and_then(|values| values.get(token));
        value.cloned().ok_or_else(|| {
            invalid(format!(
                "Invalid {title}: An expression attribute value used in expression is not defined; attribute value: {token}"
            ))
        })
    }
}

/// Parses a condition; `title` is the parameter it came in.
pub(super) fn condition(
    text: &str,
    title: &str,
    words: &Vocabulary<'_>,
) -> Result<Condition, AwsError> {
    let mut parser = Parser::new(text, title, words)?;
    let condition = parser.condition()?;
    parser.end()?;
    Ok(condition)
}

/// Parses an update expression.
pub(super) fn update(text: &str, words: &Vocabulary<'_>) -> Result<Update, AwsError> {
    let mut parser = Parser::new(text, "UpdateExpression", words)?;
    let mut update = Update::default();
    let mut seen = BTreeSet::new();
    while let Some(clause) = parser.next() {
        let clause = clause.to_ascii_uppercase();
        if !seen.insert(clause.clone()) {
            return Err(parser.error(&format!(
                "The \"{clause}\" section can only be used once in an update expression;"
            )));
        }
        loop {
            let path = parser.path()?;
            match clause.as_str() {
                "SET" => {
                    parser.expect("=")?;
                    update.set.push((path, parser.sum()?));
                }
                "REMOVE" => update.remove.push(path),
                "ADD" => update.add.push((path, parser.value()?)),
                "DELETE" => update.delete.push((path, parser.value()?)),
                _ => return Err(parser.syntax()),
            }
            if !parser.accept(",") {
                break;
            }
        }
    }
    let paths: Vec<&Path> = update.paths().collect();
    let overlapping = |(at, one): (usize, &&Path)| {
        paths[at + 1..]
            .iter()
            .any(|other| one.starts_with(other) || other.starts_with(one))
    };
    if paths.iter().enumerate().any(overlapping) {
        return Err(parser.error("Two document paths overlap with each other; must remove or rewrite one of these paths;"));
    }
    if paths.is_empty() {
        return Err(parser.error("The expression can not be empty;"));
    }
    Ok(update)
}

/// Parses a projection expression.
pub(super) fn projection(text: &str, words: &Vocabulary<'_>) -> Result<Vec<Path>, AwsError> {
    let mut parser = Parser::new(text, "ProjectionExpression", words)?;
    let mut paths = vec![parser.path()?];
    while parser.accept(",") {
        paths.push(parser.path()?);
    }
    parser.end()?;
    Ok(paths)
}

struct Parser<'a> {
    tokens: Vec<String>,
    at: usize,
    title: &'a str,
    words: &'a Vocabulary<'a>,
}

impl<'a> Parser<'a> {
    fn new(text: &str, title: &'a str, words: &'a Vocabulary<'a>) -> Result<Self, AwsError> {
        let mut parser = Self {
            tokens: Vec::new(),
            at: 0,
            title,
            words,
        };
        if text.trim().is_empty() {
            return Err(parser.error("The expression can not be empty;"));
        }
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let length = if matches!(first, '#' | ':') || word(first) {
                let tail = &rest[first.len_utf8()..];
                first.len_utf8() + tail.find(|c| !word(c)).unwrap_or(tail.len())
            } else if ["<>", "<=", ">="].iter().any(|sign| rest.starts_with(sign)) {
                2
            } else {
                first.len_utf8()
            };
            parser.tokens.push(rest[..length].to_owned());
            rest = rest[length..].trim_start();
        }
        Ok(parser)
    }

    fn error(&self, what: &str) -> AwsError {
        invalid(format!(
            "Invalid {}: {}",
            self.title,
            what.trim_end_matches(';')
        ))
    }

    fn syntax(&self) -> AwsError {
        let token = self.tokens.get(self.at).map_or("<EOF>", String::as_str);
        self.error(&format!("Syntax error; token: \"{token}\""))
    }

    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// Takes this sign or keyword if it is next; keywords in any case.
    fn accept(&mut self, token: &str) -> bool {
        let found = self.peek().eq_ignore_ascii_case(token);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), AwsError> {
        if self.accept(token) {
            Ok(())
        } else {
            Err(self.syntax())
        }
    }

    fn end(&self) -> Result<(), AwsError> {
        if self.at == self.tokens.len() {
            Ok(())
        } else {
            Err(self.syntax())
        }
    }

    fn condition(&mut self) -> Result<Condition, AwsError> {
        let mut left = self.and()?;
        while self.accept("OR") {
            left = Condition::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Condition, AwsError> {
        let mut left = self.not()?;
        while self.accept("AND") {
            left = Condition::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Condition, AwsError> {
        if self.accept("NOT") {
            return Ok(Condition::Not(Box::new(self.not()?)));
        }
        if self.accept("(") {
            let inner = self.condition()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.called() && self.peek() != "size" {
            return self.function();
        }
        self.comparison()
    }

    /// Whether a function name is next.
    fn called(&self) -> bool {
        self.tokens
            .get(self.at + 1)
            .is_some_and(|token| token == "(")
    }

    fn function(&mut self) -> Result<Condition, AwsError> {
        let name = self.next().unwrap_or_default();
        self.expect("(")?;
        let path = self.path()?;
        let condition = match name.as_str() {
            "attribute_exists" => Condition::Exists(path),
            "attribute_not_exists" => Condition::Missing(path),
            _ => {
                self.expect(",")?;
                let operand = self.operand()?;
                match name.as_str() {
                    "attribute_type" => Condition::Type(path, operand),
                    "begins_with" => Condition::BeginsWith(path, operand),
                    "contains" => Condition::Contains(path, operand),
                    _ => {
                        return Err(self.error(&format!("Invalid function name; function: {name}")));
                    }
                }
            }
        };
        self.expect(")")?;
        Ok(condition)
    }

    fn comparison(&mut self) -> Result<Condition, AwsError> {
        let left = self.operand()?;
        if self.accept("BETWEEN") {
            let low = self.operand()?;
            self.expect("AND")?;
            return Ok(Condition::Between(left, low, self.operand()?));
        }
        if self.accept("IN") {
            self.expect("(")?;
            let mut members = vec![self.operand()?];
            while self.accept(",") {
                members.push(self.operand()?);
            }
            self.expect(")")?;
            return Ok(Condition::In(left, members));
        }
        let comparator = match self.peek() {
            "=" => Comparator::Equal,
            "<>" => Comparator::NotEqual,
            "<" => Comparator::Less,
            "<=" => Comparator::LessEqual,
            ">" => Comparator::Greater,
            ">=" => Comparator::GreaterEqual,
            _ => return Err(self.syntax()),
        };
        self.at += 1;
        Ok(Condition::Compare(left, comparator, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, AwsError> {
        if self.peek().starts_with(':') {
            return self.value().map(Operand::Value);
        }
        if self.called() && self.accept("size") {
            self.expect("(")?;
            let path = self.path()?;
            self.expect(")")?;
            return Ok(Operand::Size(path));
        }
        self.path().map(Operand::Path)
    }

    fn sum(&mut self) -> Result<Operand, AwsError> {
        let left = self.term()?;
        let minus = match self.peek() {
            "+" => false,
            "-" => true,
            _ => return Ok(left),
        };
        self.at += 1;
        Ok(Operand::Sum(Box::new(left), Box::new(self.term()?), minus))
    }

    fn term(&mut self) -> Result<Operand, AwsError> {
        if !self.called() {
            return self.operand();
        }
        let name = self.next().unwrap_or_default();
        self.expect("(")?;
        let operand = match name.as_str() {
            "if_not_exists" => {
                let path = self.path()?;
                self.expect(",")?;
                Operand::IfNotExists(path, Box::new(self.term()?))
            }
            "list_append" => {
                let left = self.term()?;
                self.expect(",")?;
                Operand::ListAppend(Box::new(left), Box::new(self.term()?))
            }
            _ => return Err(self.error(&format!("Invalid function name; function: {name}"))),
        };
        self.expect(")")?;
        Ok(operand)
    }

    fn value(&mut self) -> Result<Value, AwsError> {
        if !self.peek().starts_with(':') {
            return Err(self.syntax());
        }
        let token = self.next().unwrap_or_default();
        self.words.value(&token, self.title)
    }

    fn path(&mut self) -> Result<Path, AwsError> {
        let mut path = vec![Step::Name(self.name()?)];
        loop {
            if self.accept(".") {
                path.push(Step::Name(self.name()?));
            } else if self.accept("[") {
                let index = self.peek().parse().map_err(|_| self.syntax())?;
                self.at += 1;
                path.push(Step::Index(index));
                self.expect("]")?;
            } else {
                return Ok(path);
            }
        }
    }

    fn name(&mut self) -> Result<String, AwsError> {
        let begins = |c: char| c.is_alphabetic() || c == '#' || c == '_';
        if !self.peek().starts_with(begins) {
            return Err(self.syntax());
        }
        let token = self.next().unwrap_or_default();
        self.words.name(&token, self.title)
    }
}
