//! One write: what it wants, whether its condition holds, and what the item becomes. Single writes
//! and the members of a transaction share it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::expression::{Condition, Step, Update, Vocabulary};
use super::value::{self, ITEM_LIMIT, Item, invalid};
use super::{DynamoDb, Key, Table, note, parser};
use crate::{Answer, AwsError};

/// A checked write that waits for its condition.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) table: String,
    pub(super) key: Key,
    verb: Verb,
    condition: Option<Condition>,
    /// Whether a failed condition shows the item.
    pub(super) show: bool,
}

#[derive(Debug)]
enum Verb {
    Put(Item),
    Update(Option<Update>, Item),
    Delete,
    Check,
}

impl Write {
    /// Reads a `Put`, `Update`, `Delete` or `ConditionCheck`.
    pub(super) fn of(db: &DynamoDb, verb: &str, request: &Value) -> Result<Self, AwsError> {
        for legacy in ["Expected", "AttributeUpdates", "ConditionalOperator"] {
            if request.get(legacy).is_some() {
                return Err(invalid(format!(
                    "the simulated world has no legacy parameter {legacy}"
                )));
            }
        }
        let name = DynamoDb::name(request)?;
        let table = db.table(name)?;
        let words = Vocabulary::of(request)?;
        let text = |name: &str| request.get(name).and_then(Value::as_str);
        let condition = text("ConditionExpression")
            .map(|text| parser::condition(text, "ConditionExpression", &words))
            .transpose()?;
        let update = text("UpdateExpression")
            .map(|text| parser::update(text, &words))
            .transpose()?;
        words.finish(condition.is_some() || update.is_some())?;
        let (key, verb) = match verb {
            "Put" => {
                let key = table.key(&request["Item"], false)?;
                let item = request["Item"].as_object().cloned().unwrap_or_default();
                valid(
                    table,
                    &item,
                    "Item size has exceeded the maximum allowed size",
                )?;
                (key, Verb::Put(item))
            }
            verb => {
                let key = table.key(&request["Key"], true)?;
                let document = request["Key"].as_object().cloned().unwrap_or_default();
                let verb = match verb {
                    "Update" => Verb::Update(update, document),
                    "Delete" => Verb::Delete,
                    _ if condition.is_none() => {
                        return Err(invalid(
                            "The ConditionExpression of a ConditionCheck is required",
                        ));
                    }
                    _ => Verb::Check,
                };
                (key, verb)
            }
        };
        if let Verb::Update(Some(update), _) = &verb {
            keys_stay(table, update)?;
        }
        Ok(Self {
            table: name.to_owned(),
            key,
            verb,
            condition,
            show: text("ReturnValuesOnConditionCheckFailure") == Some("ALL_OLD"),
        })
    }

    /// Whether the condition holds for what is stored.
    pub(super) fn holds(&self, old: Option<&Item>) -> bool {
        let empty = Item::new();
        let item = old.unwrap_or(&empty);
        self.condition
            .as_ref()
            .is_none_or(|condition| condition.holds(item))
    }

    /// What is stored afterwards.
    pub(super) fn after(
        &self,
        table: &Table,
        old: Option<&Item>,
    ) -> Result<Option<Item>, AwsError> {
        match &self.verb {
            Verb::Put(item) => Ok(Some(item.clone())),
            Verb::Delete => Ok(None),
            Verb::Check => Ok(old.cloned()),
            Verb::Update(update, key) => {
                let before = old.unwrap_or(key);
                let Some(update) = update else {
                    return Ok(Some(before.clone()));
                };
                let item = update.apply(before)?;
                valid(
                    table,
                    &item,
                    "Item size to update has exceeded the maximum allowed size",
                )?;
                Ok(Some(item))
            }
        }
    }

    /// Whether anything is written at all.
    pub(super) fn writes(&self) -> bool {
        !matches!(self.verb, Verb::Check)
    }

    fn touched(&self) -> Vec<&String> {
        let Verb::Update(Some(update), _) = &self.verb else {
            return Vec::new();
        };
        let names = update.paths().filter_map(|path| match path.first() {
            Some(Step::Name(name)) => Some(name),
            _ => None,
        });
        names.collect()
    }
}

fn keys_stay(table: &Table, update: &Update) -> Result<(), AwsError> {
    let key = |name: &String| *name == table.keys.0 || *name == table.keys.1;
    let written = update.paths().find_map(|path| match path.first() {
        Some(Step::Name(name)) if key(name) => Some(name),
        _ => None,
    });
    match written {
        None => Ok(()),
        Some(name) => Err(invalid(format!(
            "One or more parameter values were invalid: Cannot update attribute {name}. This attribute is part of the key"
        ))),
    }
}

/// Checks values, index keys and size.
fn valid(table: &Table, item: &Item, too_large: &str) -> Result<(), AwsError> {
    item.values().try_for_each(value::check)?;
    for (index, (hash, range)) in &table.indexes {
        for name in [hash, range] {
            let Some(value) = item.get(name) else {
                continue;
            };
            let Some((tag, _)) = value::typed(value) else {
                continue;
            };
            if tag != "S" {
                return Err(invalid(format!(
                    "One or more parameter values were invalid: Type mismatch for Index Key {name} Expected: S Actual: {tag} IndexName: {index}"
                )));
            }
            if value::text(value) == Some("") {
                return Err(invalid(format!(
                    "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: {index}, IndexKey: {name}"
                )));
            }
        }
    }
    if value::size(item) > ITEM_LIMIT {
        return Err(invalid(too_large));
    }
    Ok(())
}

/// `PutItem`, `UpdateItem` and `DeleteItem`.
pub(super) fn single(
    db: &mut DynamoDb,
    now: Timestamp,
    verb: &str,
    request: &Value,
) -> Result<Answer, AwsError> {
    let write = Write::of(db, verb, request)?;
    let wanted = request
        .get("ReturnValues")
        .and_then(Value::as_str)
        .unwrap_or("NONE");
    let allowed: &[&str] = match verb {
        "Update" => &["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"],
        _ => &["NONE", "ALL_OLD"],
    };
    if !allowed.contains(&wanted) {
        return Err(invalid("ReturnValues can only be ALL_OLD or NONE"));
    }
    let table = db.table(&write.table)?;
    let old = table.items().get(&write.key).cloned();
    if !write.holds(old.as_ref()) {
        let mut error = AwsError::new(
            "ConditionalCheckFailedException",
            "The conditional request failed",
        );
        if let (true, Some(item)) = (write.show, &old) {
            error.extra.insert("Item".to_owned(), json!(item));
        }
        return Err(error);
    }
    let new = write.after(table, old.as_ref())?;
    let touched = |item: &Option<Item>| {
        let names = write.touched();
        let item = item.iter().flatten();
        let kept = item.filter(|(name, _)| names.contains(name));
        let kept: Item = kept
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        (!kept.is_empty()).then_some(kept)
    };
    let shown = match wanted {
        "ALL_OLD" => old.clone(),
        "ALL_NEW" => new.clone(),
        "UPDATED_OLD" => touched(&old),
        "UPDATED_NEW" => touched(&new),
        _ => None,
    };
    let mut answer = Answer {
        body: shown.map_or_else(|| json!({}), |item| json!({ "Attributes": item })),
        ..Answer::default()
    };
    note(&mut answer, &table.arn, &write.key.0);
    if let Some(table) = db.tables.get_mut(&write.table) {
        table.set(now, &write.key, new);
    }
    Ok(answer)
}
