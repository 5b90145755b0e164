//! DynamoDB, as the wire shows it: tables with string keys, sparse KEYS_ONLY indexes, expressions,
//! transactions. An expired item (TTL) stays readable, as it does for days on AWS.
//!
//! Reads that are not consistent, and every read of an index, may lag: [`DynamoDb::lag`].

mod evaluate;
mod expression;
mod parser;
mod query;
mod transact;
mod value;
mod write;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{Answer, AwsError, Caller, State};
use expression::Vocabulary;
pub use value::Item;
use value::invalid;

/// A primary key: partition and sort key.
pub type Key = (String, String);

/// One table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its ARN.
    pub arn: String,
    /// Attribute names of partition and sort key, both strings.
    pub keys: (String, String),
    /// Global secondary indexes, KEYS_ONLY: name to attribute names of their keys, both strings.
    pub indexes: BTreeMap<String, (String, String)>,
    items: BTreeMap<Key, Item>,
    log: Vec<(Timestamp, Key, Option<Item>)>,
}

impl Table {
    /// Every item, by key.
    pub fn items(&self) -> &BTreeMap<Key, Item> {
        &self.items
    }

    /// Writes past all checks, to arrange a test.
    pub fn set(&mut self, now: Timestamp, key: &Key, item: Option<Item>) {
        self.log.push((now, key.clone(), item.clone()));
        match item {
            Some(item) => self.items.insert(key.clone(), item),
            None => self.items.remove(key),
        };
    }

    /// The items as they were at an instant.
    fn seen_at(&self, at: Timestamp) -> BTreeMap<Key, Item> {
        let mut items = BTreeMap::new();
        for (_, key, item) in self.log.iter().take_while(|(when, _, _)| *when <= at) {
            match item {
                Some(item) => items.insert(key.clone(), item.clone()),
                None => items.remove(key),
            };
        }
        items
    }

    /// The key in an item or a key document; `exact` refuses anything besides the key.
    fn key(&self, document: &Value, exact: bool) -> Result<Key, AwsError> {
        let schema = || invalid("The provided key element does not match the schema");
        let item = document.as_object().ok_or_else(schema)?;
        if exact && item.len() != 2 {
            return Err(schema());
        }
        let part = |name: &String| {
            let Some(value) = item.get(name) else {
                return Err(if exact {
                    schema()
                } else {
                    invalid(format!(
                        "One or more parameter values were invalid: Missing the key {name} in the item"
                    ))
                });
            };
            let Some(text) = value::text(value) else {
                let actual = value::typed(value).map_or("", |(tag, _)| tag);
                return Err(if exact {
                    schema()
                } else {
                    invalid(format!(
                        "One or more parameter values were invalid: Type mismatch for key {name} expected: S actual: {actual}"
                    ))
                });
            };
            if text.is_empty() {
                return Err(invalid(format!(
                    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: {name}"
                )));
            }
            Ok(text.to_owned())
        };
        Ok((part(&self.keys.0)?, part(&self.keys.1)?))
    }
}

/// What DynamoDB remembers.
#[derive(Clone, Debug, Default)]
pub struct DynamoDb {
    /// Tables by name.
    pub tables: BTreeMap<String, Table>,
    /// How far reads that need not be consistent lag behind.
    pub lag: SignedDuration,
    tokens: BTreeMap<String, (Timestamp, Value)>,
}

impl DynamoDb {
    /// Creates Longshore's table: keys `pk` and `sk`, index `open` over `open` and `due`.
    pub fn create_table(&mut self, name: &str) {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let table = Table {
            arn: format!("arn:aws:dynamodb:eu-west-1:111111111111:table/{name}"),
            keys: pair("pk", "sk"),
            indexes: BTreeMap::from([("open".to_owned(), pair("open", "due"))]),
            ..Table::default()
        };
        self.tables.insert(name.to_owned(), table);
    }

    fn name(request: &Value) -> Result<&str, AwsError> {
        let name = request.get("TableName").and_then(Value::as_str);
        let name = name.ok_or_else(|| {
            invalid("The parameter 'TableName' is required but was not present in the request")
        })?;
        Ok(name.rsplit('/').next().unwrap_or(name))
    }

    fn table(&self, name: &str) -> Result<&Table, AwsError> {
        let missing = || AwsError::new("ResourceNotFoundException", "Requested resource not found");
        self.tables.get(name).ok_or_else(missing)
    }

    /// The items a read sees: all of them, or those of a while ago.
    fn read<T>(
        &self,
        table: &Table,
        now: Timestamp,
        consistent: bool,
        look: impl FnOnce(&BTreeMap<Key, Item>) -> T,
    ) -> T {
        if consistent || self.lag.is_zero() {
            look(&table.items)
        } else {
            look(&table.seen_at(now - self.lag))
        }
    }
}

/// Answers one operation.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    operation: &str,
    request: &Value,
    _: &Caller,
) -> Result<Answer, AwsError> {
    let db = &mut state.dynamodb;
    match operation {
        "GetItem" => get_item(db, now, request),
        "BatchGetItem" => batch_get(db, now, request),
        "PutItem" => write::single(db, now, "Put", request),
        "UpdateItem" => write::single(db, now, "Update", request),
        "DeleteItem" => write::single(db, now, "Delete", request),
        "Query" => query::query(db, now, request),
        "TransactWriteItems" => transact::write(db, now, request),
        "TransactGetItems" => transact::get(db, request),
        _ => Err(AwsError::unknown_operation(operation)),
    }
}

/// Notes which table and partitions a call touched, as IAM would see them.
fn note(answer: &mut Answer, arn: &str, partition: &str) {
    if !answer.resources.iter().any(|resource| resource == arn) {
        answer.resources.push(arn.to_owned());
    }
    let key = ("dynamodb:LeadingKeys".to_owned(), partition.to_owned());
    if !answer.conditions.contains(&key) {
        answer.conditions.push(key);
    }
}

fn consistent(request: &Value) -> bool {
    request.get("ConsistentRead") == Some(&Value::Bool(true))
}

/// Applies a request's projection expression, if it has one.
fn projected(request: &Value) -> Result<impl Fn(&Item) -> Item, AwsError> {
    let words = Vocabulary::of(request)?;
    let text = request.get("ProjectionExpression").and_then(Value::as_str);
    let paths = text
        .map(|text| parser::projection(text, &words))
        .transpose()?;
    words.finish(paths.is_some())?;
    Ok(move |item: &Item| match &paths {
        Some(paths) => evaluate::project(item, paths),
        None => item.clone(),
    })
}

fn get_item(db: &DynamoDb, now: Timestamp, request: &Value) -> Result<Answer, AwsError> {
    let table = db.table(DynamoDb::name(request)?)?;
    let key = table.key(&request["Key"], true)?;
    let project = projected(request)?;
    let item = db.read(table, now, consistent(request), |items| {
        items.get(&key).map(project)
    });
    let mut answer = Answer {
        body: item.map_or_else(|| json!({}), |item| json!({ "Item": item })),
        ..Answer::default()
    };
    note(&mut answer, &table.arn, &key.0);
    Ok(answer)
}

fn batch_get(db: &DynamoDb, now: Timestamp, request: &Value) -> Result<Answer, AwsError> {
    let mut answer = Answer::default();
    let mut responses = serde_json::Map::new();
    let mut count = 0;
    for (name, part) in request["RequestItems"].as_object().into_iter().flatten() {
        let name = name.rsplit('/').next().unwrap_or(name);
        let table = db.table(name)?;
        let keys = part["Keys"].as_array().map_or(&[][..], Vec::as_slice);
        let keys: Vec<Key> = keys
            .iter()
            .map(|key| table.key(key, true))
            .collect::<Result<_, _>>()?;
        if keys
            .iter()
            .enumerate()
            .any(|(at, key)| keys[..at].contains(key))
        {
            return Err(invalid("Provided list of item keys contains duplicates"));
        }
        let project = projected(part)?;
        count += keys.len();
        let found: Vec<Item> = db.read(table, now, consistent(part), |items| {
            keys.iter()
                .filter_map(|key| items.get(key))
                .map(project)
                .collect()
        });
        for key in &keys {
            note(&mut answer, &table.arn, &key.0);
        }
        responses.insert(name.to_owned(), json!(found));
    }
    if !(1..=100).contains(&count) {
        return Err(invalid(
            "Too many items requested for the BatchGetItem call",
        ));
    }
    answer.body = json!({ "Responses": responses, "UnprocessedKeys": {} });
    Ok(answer)
}

#[cfg(test)]
mod tests;
