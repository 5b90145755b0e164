//! `Query`, on a table or on an index.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::expression::{Comparator, Condition, Operand, Path, Step, Vocabulary};
use super::value::{self, Item, invalid};
use super::{DynamoDb, Key, Table, consistent, evaluate, note, parser};
use crate::{Answer, AwsError};

/// The most bytes one page reads.
const PAGE: usize = 1024 * 1024;

/// Where a query looks: attribute names of the keys, and the attributes that an index lacks.
struct Source<'a> {
    keys: &'a (String, String),
    arn: String,
    index: Option<&'a str>,
    table: &'a Table,
}

impl<'a> Source<'a> {
    fn of(table: &'a Table, request: &'a Value) -> Result<Self, AwsError> {
        let Some(index) = request.get("IndexName").and_then(Value::as_str) else {
            return Ok(Self {
                keys: &table.keys,
                arn: table.arn.clone(),
                index: None,
                table,
            });
        };
        if consistent(request) {
            return Err(invalid(
                "Consistent reads are not supported on global secondary indexes",
            ));
        }
        let missing = || {
            invalid(format!(
                "The table does not have the specified index: {index}"
            ))
        };
        Ok(Self {
            keys: table.indexes.get(index).ok_or_else(missing)?,
            arn: format!("{}/index/{index}", table.arn),
            index: Some(index),
            table,
        })
    }

    /// The attributes that exist here.
    fn has(&self, name: &str) -> bool {
        let (hash, range) = self.keys;
        let table = &self.table.keys;
        self.index.is_none()
            || [hash, range, &table.0, &table.1]
                .iter()
                .any(|key| *key == name)
    }

    /// The item as it appears here; a sparse index lacks items without its keys.
    fn appears(&self, item: &Item) -> Option<Item> {
        let (hash, range) = self.keys;
        if !item.contains_key(hash) || !item.contains_key(range) {
            return None;
        }
        let kept = item.iter().filter(|(name, _)| self.has(name));
        Some(
            kept.map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }

    /// What places an item in the order of this source.
    fn position(&self, item: &Item) -> (String, Key) {
        let part = |name: &String| {
            item.get(name)
                .and_then(value::text)
                .unwrap_or_default()
                .to_owned()
        };
        let key = &self.table.keys;
        (part(&self.keys.1), (part(&key.0), part(&key.1)))
    }

    /// The key document that a next page starts after.
    fn key_document(&self, item: &Item) -> Item {
        let (hash, range) = self.keys;
        let table = &self.table.keys;
        let names = [hash, range, &table.0, &table.1];
        let parts = names
            .iter()
            .filter_map(|name| Some(((*name).clone(), item.get(*name)?.clone())));
        parts.collect()
    }
}

fn empty_key(name: &str) -> AwsError {
    invalid(format!(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: {name}"
    ))
}

/// Whether a condition on a sort key compares it with an empty text.
fn names_empty_text(condition: &Condition) -> bool {
    let operands = match condition {
        Condition::Compare(_, _, value) | Condition::BeginsWith(_, value) => vec![value],
        Condition::Between(_, low, high) => vec![low, high],
        _ => Vec::new(),
    };
    operands
        .iter()
        .any(|operand| matches!(operand, Operand::Value(value) if value::text(value) == Some("")))
}

/// Splits a key condition into the partition's value and the condition on the sort key.
fn key_condition(
    condition: Condition,
    keys: &(String, String),
) -> Result<(String, Option<Condition>), AwsError> {
    let named =
        |path: &Path, name: &str| matches!(path.as_slice(), [Step::Name(found)] if found == name);
    let (left, right) = match condition {
        Condition::And(left, right) => (*left, Some(*right)),
        single => (single, None),
    };
    let hash = |condition: &Condition| match condition {
        Condition::Compare(Operand::Path(path), Comparator::Equal, Operand::Value(value))
            if named(path, &keys.0) =>
        {
            value::text(value).map(str::to_owned)
        }
        _ => None,
    };
    let (partition, rest) = match (hash(&left), right) {
        (Some(partition), rest) => (partition, rest),
        (None, Some(right)) => match hash(&right) {
            Some(partition) => (partition, Some(left)),
            None => return Err(missed(&keys.0)),
        },
        (None, None) => return Err(missed(&keys.0)),
    };
    if partition.is_empty() {
        return Err(empty_key(&keys.0));
    }
    if rest.as_ref().is_some_and(names_empty_text) {
        return Err(empty_key(&keys.1));
    }
    let fits = match &rest {
        None => true,
        Some(Condition::Compare(Operand::Path(path), comparator, Operand::Value(value))) => {
            named(path, &keys.1)
                && *comparator != Comparator::NotEqual
                && value::text(value).is_some()
        }
        Some(Condition::Between(
            Operand::Path(path),
            Operand::Value(low),
            Operand::Value(high),
        )) => {
            if value::compare(low, high).is_some_and(std::cmp::Ordering::is_gt) {
                return Err(invalid(
                    "The BETWEEN operator requires upper bound to be greater than or equal to lower bound",
                ));
            }
            named(path, &keys.1)
        }
        Some(Condition::BeginsWith(path, Operand::Value(_))) => named(path, &keys.1),
        Some(_) => return Err(invalid("Invalid operator used in KeyConditionExpression")),
    };
    if fits {
        Ok((partition, rest))
    } else {
        Err(missed(&keys.1))
    }
}

fn missed(name: &str) -> AwsError {
    invalid(format!("Query condition missed key schema element: {name}"))
}

/// Answers a query.
pub(super) fn query(db: &DynamoDb, now: Timestamp, request: &Value) -> Result<Answer, AwsError> {
    let table = db.table(DynamoDb::name(request)?)?;
    let source = Source::of(table, request)?;
    let words = Vocabulary::of(request)?;
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let keys = text("KeyConditionExpression").ok_or_else(|| {
        invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    })?;
    let keys = parser::condition(keys, "KeyConditionExpression", &words)?;
    let (partition, sort) = key_condition(keys, source.keys)?;
    let filter = text("FilterExpression")
        .map(|text| parser::condition(text, "FilterExpression", &words))
        .transpose()?;
    let paths = text("ProjectionExpression")
        .map(|text| parser::projection(text, &words))
        .transpose()?;
    words.finish(true)?;
    let absent = paths.iter().flatten().find_map(|path| match path.first() {
        Some(Step::Name(name)) if !source.has(name) => Some(name),
        _ => None,
    });
    if let (Some(name), Some(index)) = (absent, source.index) {
        return Err(invalid(format!(
            "One or more parameter values were invalid: Global secondary index {index} does not project [{name}]"
        )));
    }
    let limit = match request.get("Limit") {
        None => usize::MAX,
        Some(limit) => limit
            .as_u64()
            .filter(|limit| *limit > 0)
            .and_then(|limit| usize::try_from(limit).ok())
            .ok_or_else(|| invalid("Limit must be greater than or equal to 1"))?,
    };
    let forward = request.get("ScanIndexForward") != Some(&Value::Bool(false));
    let mut rows = db.read(table, now, consistent(request), |items| {
        matching(items, &source, &partition, sort.as_ref())
    });
    if !forward {
        rows.reverse();
    }
    if let Some(start) = request
        .get("ExclusiveStartKey")
        .filter(|start| !start.is_null())
    {
        let start = start.as_object().filter(|start| start.len() >= 2);
        let start = start.ok_or_else(|| invalid("The provided starting key is invalid"))?;
        let start = source.position(start);
        rows.retain(|row| {
            let at = source.position(row);
            if forward { at > start } else { at < start }
        });
    }
    let mut page = Vec::new();
    let mut bytes = 0;
    let mut more = false;
    for row in rows {
        if page.len() == limit || bytes > PAGE {
            more = true;
            break;
        }
        bytes += value::size(&row);
        page.push(row);
    }
    // AWS answers a key whenever it stopped at the limit, even if nothing follows.
    more |= page.len() == limit;
    let last = page
        .last()
        .filter(|_| more)
        .map(|row| source.key_document(row));
    let scanned = page.len();
    page.retain(|row| filter.as_ref().is_none_or(|filter| filter.holds(row)));
    if let Some(paths) = &paths {
        page = page
            .iter()
            .map(|row| evaluate::project(row, paths))
            .collect();
    }
    let mut body = json!({ "Count": page.len(), "ScannedCount": scanned });
    if text("Select") != Some("COUNT") {
        body["Items"] = json!(page);
    }
    if let Some(last) = last {
        body["LastEvaluatedKey"] = json!(last);
    }
    let mut answer = Answer {
        body,
        ..Answer::default()
    };
    note(&mut answer, &source.arn, &partition);
    Ok(answer)
}

fn matching(
    items: &BTreeMap<Key, Item>,
    source: &Source<'_>,
    partition: &str,
    sort: Option<&Condition>,
) -> Vec<Item> {
    let from = match source.index {
        // The table is kept in the order of its own keys.
        None => (partition.to_owned(), String::new()),
        Some(_) => Key::default(),
    };
    let to = |key: &Key| source.index.is_some() || key.0 == partition;
    let rows = items.range(from..).take_while(|(key, _)| to(key));
    let here = rows.filter_map(|(_, item)| source.appears(item));
    let mut rows: Vec<Item> = here
        .filter(|item| item.get(&source.keys.0).and_then(value::text) == Some(partition))
        .filter(|item| sort.is_none_or(|sort| sort.holds(item)))
        .collect();
    rows.sort_by_cached_key(|row| source.position(row));
    rows
}
