//! Transactions: all or nothing, with a reason per item, and idempotent by token for ten minutes.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::value::{self, Item, invalid};
use super::write::Write;
use super::{DynamoDb, Key, note, projected};
use crate::{Answer, AwsError};

/// The most items in one transaction.
const ITEMS: usize = 100;

/// The most bytes in one transaction.
const BYTES: usize = 4 * 1024 * 1024;

/// How long a client token is remembered.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// The single verb of a transaction's member, and its body.
fn member(item: &Value) -> Result<(&str, &Value), AwsError> {
    let object = item.as_object().filter(|object| object.len() == 1);
    let verb = object.and_then(|object| object.iter().next());
    verb.map(|(verb, body)| (verb.as_str(), body))
        .ok_or_else(|| {
            invalid("TransactItems can only contain one of Check, Put, Update or Delete")
        })
}

fn members(request: &Value) -> Result<&[Value], AwsError> {
    let members = request["TransactItems"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if !(1..=ITEMS).contains(&members.len()) {
        return Err(invalid(format!(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to {ITEMS} and greater than or equal to 1"
        )));
    }
    Ok(members)
}

fn distinct<'a>(keys: impl Iterator<Item = (&'a str, &'a Key)>) -> Result<(), AwsError> {
    let mut keys: Vec<_> = keys.collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(invalid(
            "Transaction request cannot include multiple operations on one item",
        ));
    }
    Ok(())
}

/// `TransactWriteItems`.
pub(super) fn write(
    db: &mut DynamoDb,
    now: Timestamp,
    request: &Value,
) -> Result<Answer, AwsError> {
    let members = members(request)?;
    let writes: Vec<Write> = members
        .iter()
        .map(|item| {
            let (verb, body) = member(item)?;
            match verb {
                "Put" | "Update" | "Delete" | "ConditionCheck" => Write::of(db, verb, body),
                _ => Err(invalid(
                    "TransactItems can only contain one of Check, Put, Update or Delete",
                )),
            }
        })
        .collect::<Result<_, _>>()?;
    distinct(
        writes
            .iter()
            .map(|write| (write.table.as_str(), &write.key)),
    )?;
    let mut answer = Answer {
        body: json!({}),
        ..Answer::default()
    };
    for write in &writes {
        note(&mut answer, &db.table(&write.table)?.arn, &write.key.0);
    }
    let token = request.get("ClientRequestToken").and_then(Value::as_str);
    if token.is_some_and(|token| !(1..=36).contains(&token.len())) {
        return Err(invalid(
            "1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36",
        ));
    }
    db.tokens
        .retain(|_, (at, _)| now.duration_since(*at) < TOKEN_LIFE);
    if let Some((_, earlier)) = token.and_then(|token| db.tokens.get(token)) {
        if *earlier == request["TransactItems"] {
            return Ok(answer);
        }
        return Err(AwsError::new(
            "IdempotentParameterMismatchException",
            "The request uses the same client token as a previous, but non-identical request.",
        ));
    }
    let after = outcomes(db, &writes)?;
    for (write, item) in writes.iter().zip(after) {
        if let (true, Some(table)) = (write.writes(), db.tables.get_mut(&write.table)) {
            table.set(now, &write.key, item);
        }
    }
    if let Some(token) = token {
        db.tokens
            .insert(token.to_owned(), (now, request["TransactItems"].clone()));
    }
    Ok(answer)
}

/// What every item becomes, or why the transaction is cancelled.
fn outcomes(db: &DynamoDb, writes: &[Write]) -> Result<Vec<Option<Item>>, AwsError> {
    let mut after = Vec::new();
    let mut reasons = Vec::new();
    let mut bytes = 0;
    for write in writes {
        let table = db.table(&write.table)?;
        let old = table.items().get(&write.key);
        let reason = if write.holds(old) {
            match write.after(table, old) {
                Ok(item) => {
                    bytes += item.as_ref().map_or(0, value::size);
                    after.push(item);
                    json!({ "Code": "None" })
                }
                Err(error) => json!({ "Code": "ValidationError", "Message": error.message }),
            }
        } else {
            let mut reason = json!({
                "Code": "ConditionalCheckFailed",
                "Message": "The conditional request failed",
            });
            if let (true, Some(item)) = (write.show, old) {
                reason["Item"] = json!(item);
            }
            reason
        };
        reasons.push(reason);
    }
    let codes: Vec<&str> = reasons
        .iter()
        .filter_map(|reason| reason["Code"].as_str())
        .collect();
    if codes.iter().any(|code| *code != "None") {
        let message = format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        );
        let mut error = AwsError::new("TransactionCanceledException", message);
        error
            .extra
            .insert("CancellationReasons".to_owned(), json!(reasons));
        return Err(error);
    }
    if bytes > BYTES {
        return Err(invalid(
            "Collection size of items in the transaction exceeded the limit of 4 MB",
        ));
    }
    Ok(after)
}

/// `TransactGetItems`: always consistent.
pub(super) fn get(db: &DynamoDb, request: &Value) -> Result<Answer, AwsError> {
    let mut answer = Answer::default();
    let mut responses = Vec::new();
    let mut keys = Vec::new();
    for item in members(request)? {
        let (verb, body) = member(item)?;
        if verb != "Get" {
            return Err(invalid("TransactItems can only contain Get"));
        }
        let name = DynamoDb::name(body)?;
        let table = db.table(name)?;
        let key = table.key(&body["Key"], true)?;
        let found = table.items().get(&key).map(projected(body)?);
        responses.push(found.map_or_else(|| json!({}), |item| json!({ "Item": item })));
        note(&mut answer, &table.arn, &key.0);
        keys.push((name, key));
    }
    distinct(keys.iter().map(|(name, key)| (*name, key)))?;
    answer.body = json!({ "Responses": responses });
    Ok(answer)
}
