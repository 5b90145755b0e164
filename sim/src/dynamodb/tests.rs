//! The simulated DynamoDB, asked as the wire would ask it, and what it refuses.

mod reads;
mod writes;

use serde_json::{Value, json};

use super::*;

struct Db {
    state: State,
    now: Timestamp,
}

impl Db {
    fn new() -> Self {
        let mut state = State::default();
        state.dynamodb.create_table("t");
        Self {
            state,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    fn ask(&mut self, operation: &str, mut request: Value) -> Result<Value, AwsError> {
        if !matches!(
            operation,
            "TransactWriteItems" | "TransactGetItems" | "BatchGetItem"
        ) {
            request["TableName"] = json!("t");
        }
        let caller = Caller::default();
        handle(&mut self.state, self.now, operation, &request, &caller).map(|answer| answer.body)
    }

    fn put(&mut self, pk: &str, sk: &str, more: Value) {
        let mut item = json!({"pk": {"S": pk}, "sk": {"S": sk}});
        let Value::Object(more) = more else {
            panic!("not an object");
        };
        for (name, value) in more {
            item[name] = value;
        }
        self.ask("PutItem", json!({ "Item": item })).unwrap();
    }

    fn get(&mut self, pk: &str, sk: &str) -> Value {
        let request = json!({"Key": key(pk, sk), "ConsistentRead": true});
        self.ask("GetItem", request).unwrap()["Item"].clone()
    }

    fn refused(&mut self, operation: &str, request: Value) -> String {
        let error = self.ask(operation, request).unwrap_err();
        format!("{}: {}", error.code, error.message)
    }

    /// Whether a condition holds for item a/1.
    fn holds(&mut self, condition: &str, values: Value) -> bool {
        let mut request = json!({
            "Key": key("a", "1"),
            "UpdateExpression": "REMOVE nothing",
            "ConditionExpression": condition,
        });
        if !values.is_null() {
            request["ExpressionAttributeValues"] = values;
        }
        match self.ask("UpdateItem", request) {
            Ok(_) => true,
            Err(error) if error.code == "ConditionalCheckFailedException" => false,
            Err(error) => panic!("{condition}: {error:?}"),
        }
    }
}

fn key(pk: &str, sk: &str) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": sk}})
}

fn named(pk: &str, sk: &str) -> Value {
    json!({"TableName": "t", "Key": key(pk, sk)})
}

#[test]
fn what_aws_refuses_is_refused() {
    let mut db = Db::new();
    let update = |expression: &str, names: Value, values: Value| {
        let mut request = json!({"Key": key("a", "1"), "UpdateExpression": expression});
        for (name, map) in [
            ("ExpressionAttributeNames", names),
            ("ExpressionAttributeValues", values),
        ] {
            if !map.is_null() {
                request[name] = map;
            }
        }
        request
    };
    let one = json!({":v": {"N": "1"}});
    for (request, says) in [
        (
            update("SET a = :v", json!({"#x": "x"}), one.clone()),
            "unused in expressions: keys: {#x}",
        ),
        (
            update(
                "SET a = :v",
                Value::Null,
                json!({":v": {"N": "1"}, ":w": {"N": "1"}}),
            ),
            "unused in expressions: keys: {:w}",
        ),
        (
            update("SET a = :w", Value::Null, one.clone()),
            "not defined; attribute value: :w",
        ),
        (
            update("SET #a = :v", Value::Null, one.clone()),
            "not defined; attribute name: #a",
        ),
        (
            update("SET status = :v", Value::Null, one.clone()),
            "reserved keyword; reserved keyword: status",
        ),
        (
            update("SET pk = :v", Value::Null, one.clone()),
            "Cannot update attribute pk",
        ),
        (
            update("SET a = :v, a = :v", Value::Null, one.clone()),
            "Two document paths overlap",
        ),
        (
            update("SET a = :v SET b = :v", Value::Null, one.clone()),
            "can only be used once",
        ),
        (
            update("SET a := :v", Value::Null, one.clone()),
            "Syntax error",
        ),
        (
            update("SET a = b", Value::Null, Value::Null),
            "attribute that does not exist",
        ),
        (
            update("SET a = :v", Value::Null, json!({":v": {"N": "one"}})),
            "not a valid N",
        ),
        (
            update("SET a = :v", Value::Null, json!({":v": {"SS": []}})),
            "not a valid SS",
        ),
        (
            update("SET due = :v", Value::Null, one.clone()),
            "Type mismatch for Index Key due",
        ),
        (update("", Value::Null, Value::Null), "can not be empty"),
    ] {
        let said = db.refused("UpdateItem", request);
        assert!(
            said.starts_with("ValidationException") && said.contains(says),
            "{said}"
        );
    }
    for (item, says) in [
        (
            json!({"pk": {"S": ""}, "sk": {"S": "1"}}),
            "empty string value. Key: pk",
        ),
        (json!({"pk": {"S": "a"}}), "Missing the key sk"),
        (
            json!({"pk": {"N": "1"}, "sk": {"S": "1"}}),
            "Type mismatch for key pk expected: S actual: N",
        ),
        (
            json!({"pk": {"S": "a"}, "sk": {"S": "1"}, "open": {"S": ""}}),
            "IndexKey: open",
        ),
        (
            json!({"pk": {"S": "a"}, "sk": {"S": "1"}, "x": {"S": "x".repeat(400 * 1024)}}),
            "Item size has exceeded",
        ),
    ] {
        let said = db.refused("PutItem", json!({ "Item": item }));
        assert!(said.contains(says), "{said}");
    }
    let said = db.refused("GetItem", json!({"Key": {"pk": {"S": "a"}}}));
    assert!(said.contains("does not match the schema"), "{said}");
    let said = handle(
        &mut db.state,
        db.now,
        "GetItem",
        &json!({"TableName": "u", "Key": key("a", "1")}),
        &Caller::default(),
    );
    assert_eq!(said.unwrap_err().code, "ResourceNotFoundException");
}
