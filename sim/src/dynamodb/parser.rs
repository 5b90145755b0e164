//! The parser of DynamoDB's expression language. Grammar:
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

use std::collections::BTreeSet;

use serde_json::Value;

use super::expression::{Comparator, Condition, Operand, Path, Step, Update, Vocabulary};
use super::value::invalid;
use crate::AwsError;

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
