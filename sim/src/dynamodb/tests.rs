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
fn conditions_mean_what_the_manual_says() {
    let mut db = Db::new();
    db.put("a", "1", json!({"n": {"N": "10"}, "words": {"S": "hello"}, "set_": {"SS": ["x", "y"]}, "flag": {"BOOL": true}, "m": {"M": {"in_": {"L": [{"N": "7"}]}}}}));
    let v = json!({":v": {"N": "9"}});
    for (condition, values, expected) in [
        ("attribute_exists(n)", Value::Null, true),
        ("attribute_not_exists(n)", Value::Null, false),
        (
            "NOT attribute_exists(zz) AND attribute_exists(n)",
            Value::Null,
            true,
        ),
        ("n > :v", v.clone(), true),
        ("n <= :v", v.clone(), false),
        ("n = :v", json!({":v": {"N": "10.0"}}), true),
        ("n = :v", json!({":v": {"S": "10"}}), false),
        ("n <> :v", json!({":v": {"S": "10"}}), true),
        ("zz = :v", v.clone(), false),
        ("zz <> :v", v.clone(), true),
        ("zz < :v", v.clone(), false),
        (
            "n between :v and :w",
            json!({":v": {"N": "9"}, ":w": {"N": "10"}}),
            true,
        ),
        (
            "n IN (:v, :w)",
            json!({":v": {"N": "9"}, ":w": {"N": "10"}}),
            true,
        ),
        ("begins_with(words, :v)", json!({":v": {"S": "hel"}}), true),
        ("contains(words, :v)", json!({":v": {"S": "ll"}}), true),
        ("contains(set_, :v)", json!({":v": {"S": "y"}}), true),
        ("contains(set_, :v)", json!({":v": {"S": "z"}}), false),
        ("size(words) = :v", json!({":v": {"N": "5"}}), true),
        (
            "attribute_type(flag, :v)",
            json!({":v": {"S": "BOOL"}}),
            true,
        ),
        ("m.in_[0] = :v OR n < :v", json!({":v": {"N": "9"}}), false),
        (
            "attribute_exists(n) OR attribute_exists(zz) AND attribute_exists(zz)",
            Value::Null,
            true,
        ),
        (
            "(attribute_exists(n) OR attribute_exists(zz)) AND attribute_exists(zz)",
            Value::Null,
            false,
        ),
    ] {
        assert_eq!(db.holds(condition, values), expected, "{condition}");
    }
}

#[test]
fn updates_read_the_item_as_it_was() {
    let mut db = Db::new();
    db.put(
        "a",
        "1",
        json!({"n": {"N": "1"}, "former": {"S": "x"}, "s": {"SS": ["a", "b"]}}),
    );
    let shown = db.ask("UpdateItem", json!({
        "Key": key("a", "1"),
        "UpdateExpression": "SET n = n + :one, copy_ = n, c = if_not_exists(c, :zero) + :one REMOVE former ADD hits :one DELETE s :a",
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":zero": {"N": "0"}, ":a": {"SS": ["a"]}},
        "ReturnValues": "ALL_NEW",
    }));
    let shown = shown.unwrap();
    assert_eq!(
        shown["Attributes"],
        json!({"pk": {"S": "a"}, "sk": {"S": "1"}, "n": {"N": "2"}, "copy_": {"N": "1"}, "c": {"N": "1"}, "hits": {"N": "1"}, "s": {"SS": ["b"]}})
    );
    assert_eq!(db.get("a", "1"), shown["Attributes"]);
}

#[test]
fn a_fence_counts_from_nothing_in_one_update() {
    let mut db = Db::new();
    for expected in ["1", "2"] {
        let shown = db.ask(
            "UpdateItem",
            json!({
                "Key": key("lease", "svc"),
                "UpdateExpression": "ADD fence :one SET #o = :me",
                "ExpressionAttributeNames": {"#o": "owner"},
                "ExpressionAttributeValues": {":one": {"N": "1"}, ":me": {"S": "me"}},
                "ReturnValues": "UPDATED_NEW",
            }),
        );
        let shown = shown.unwrap();
        assert_eq!(
            shown["Attributes"],
            json!({"fence": {"N": expected}, "owner": {"S": "me"}})
        );
    }
}

#[test]
fn a_failed_condition_shows_who_was_there_if_asked() {
    let mut db = Db::new();
    db.put("a", "1", json!({"by": {"S": "x"}}));
    let mut request =
        json!({"Item": key("a", "1"), "ConditionExpression": "attribute_not_exists(pk)"});
    let error = db.ask("PutItem", request.clone()).unwrap_err();
    assert_eq!(error.code, "ConditionalCheckFailedException");
    assert!(!error.extra.contains_key("Item"));
    request["ReturnValuesOnConditionCheckFailure"] = json!("ALL_OLD");
    let error = db.ask("PutItem", request).unwrap_err();
    assert_eq!(error.extra["Item"], db.get("a", "1"));
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

#[test]
fn a_transaction_is_all_or_nothing_and_says_why_per_item() {
    let mut db = Db::new();
    db.put("a", "1", json!({"by": {"S": "x"}}));
    let mut taken = json!({"TableName": "t", "Item": key("a", "1"), "ConditionExpression": "attribute_not_exists(pk)"});
    taken["ReturnValuesOnConditionCheckFailure"] = json!("ALL_OLD");
    let request = json!({"TransactItems": [{"Put": {"TableName": "t", "Item": key("b", "1")}}, {"Put": taken}]});
    let error = db.ask("TransactWriteItems", request).unwrap_err();
    assert_eq!(error.code, "TransactionCanceledException");
    assert!(
        error.message.ends_with("[None, ConditionalCheckFailed]"),
        "{}",
        error.message
    );
    assert_eq!(
        error.extra["CancellationReasons"][0],
        json!({"Code": "None"})
    );
    assert_eq!(
        error.extra["CancellationReasons"][1]["Item"]["by"],
        json!({"S": "x"})
    );
    assert_eq!(db.get("b", "1"), Value::Null);
}

#[test]
fn a_transaction_refuses_two_operations_on_one_item_and_more_than_a_hundred() {
    let mut db = Db::new();
    let twice = json!({"TransactItems": [{"Delete": named("a", "1")}, {"Put": {"TableName": "t", "Item": key("a", "1")}}]});
    assert!(
        db.refused("TransactWriteItems", twice)
            .contains("multiple operations on one item")
    );
    let many: Vec<Value> = (0..101)
        .map(|n| json!({"Delete": named("a", &n.to_string())}))
        .collect();
    assert!(
        db.refused("TransactWriteItems", json!({ "TransactItems": many }))
            .contains("less than or equal to 100")
    );
    assert!(
        db.refused("TransactWriteItems", json!({"TransactItems": []}))
            .contains("greater than or equal to 1")
    );
}

#[test]
fn a_client_token_makes_a_repeat_a_success_for_ten_minutes() {
    let mut db = Db::new();
    let add = |by: &str| {
        let mut update = named("a", "1");
        update["UpdateExpression"] = json!("ADD n :n");
        update["ExpressionAttributeValues"] = json!({":n": {"N": by}});
        json!({"TransactItems": [{ "Update": update }], "ClientRequestToken": "token"})
    };
    db.ask("TransactWriteItems", add("1")).unwrap();
    db.ask("TransactWriteItems", add("1")).unwrap();
    assert_eq!(db.get("a", "1")["n"], json!({"N": "1"}));
    let said = db.refused("TransactWriteItems", add("2"));
    assert!(
        said.starts_with("IdempotentParameterMismatchException"),
        "{said}"
    );
    db.now += SignedDuration::from_mins(10);
    db.ask("TransactWriteItems", add("2")).unwrap();
    assert_eq!(db.get("a", "1")["n"], json!({"N": "3"}));
}

#[test]
fn a_failed_transaction_leaves_its_token_free() {
    let mut db = Db::new();
    let mut check = named("a", "1");
    check["ConditionExpression"] = json!("attribute_exists(pk)");
    let request =
        json!({"TransactItems": [{ "ConditionCheck": check }], "ClientRequestToken": "token"});
    assert!(
        db.refused("TransactWriteItems", request.clone())
            .starts_with("TransactionCanceled")
    );
    db.put("a", "1", json!({}));
    db.ask("TransactWriteItems", request).unwrap();
}

#[test]
fn a_query_refuses_an_empty_text_for_a_key() {
    let mut db = Db::new();
    let request = json!({
        "KeyConditionExpression": "pk = :p AND begins_with(sk, :d)",
        "ExpressionAttributeValues": {":p": {"S": "p"}, ":d": {"S": ""}},
    });
    assert!(
        db.refused("Query", request)
            .contains("empty string value. Key: sk")
    );
}

#[test]
fn a_query_pages_in_both_directions() {
    let mut db = Db::new();
    for sk in ["d#3", "d#1", "e#1", "d#2"] {
        db.put("p", sk, json!({}));
    }
    db.put("q", "d#9", json!({}));
    let mut request = json!({
        "KeyConditionExpression": "pk = :p AND begins_with(sk, :d)",
        "ExpressionAttributeValues": {":p": {"S": "p"}, ":d": {"S": "d#"}},
        "Limit": 2,
        "ScanIndexForward": false,
    });
    let first = db.ask("Query", request.clone()).unwrap();
    assert_eq!(first["Items"], json!([key("p", "d#3"), key("p", "d#2")]));
    request["ExclusiveStartKey"] = first["LastEvaluatedKey"].clone();
    let second = db.ask("Query", request).unwrap();
    assert_eq!(second["Items"], json!([key("p", "d#1")]));
    assert_eq!(second["LastEvaluatedKey"], Value::Null);
    let between = db.ask(
        "Query",
        json!({
            "KeyConditionExpression": "sk BETWEEN :a AND :b AND pk = :p",
            "ExpressionAttributeValues": {":p": {"S": "p"}, ":a": {"S": "d#2"}, ":b": {"S": "e#1"}},
        }),
    );
    assert_eq!(between.unwrap()["Count"], 3);
}

#[test]
fn the_sparse_index_holds_keys_only_and_only_of_items_that_have_them() {
    let mut db = Db::new();
    db.put(
        "a",
        "1",
        json!({"open": {"S": "open"}, "due": {"S": "2"}, "body": {"S": "{}"}}),
    );
    db.put("b", "1", json!({"open": {"S": "open"}, "due": {"S": "1"}}));
    db.put("c", "1", json!({"due": {"S": "3"}}));
    let mut request = json!({
        "IndexName": "open",
        "KeyConditionExpression": "#open = :open",
        "ExpressionAttributeNames": {"#open": "open"},
        "ExpressionAttributeValues": {":open": {"S": "open"}},
    });
    let found = db.ask("Query", request.clone()).unwrap();
    assert_eq!(
        found["Items"],
        json!([
            {"pk": {"S": "b"}, "sk": {"S": "1"}, "open": {"S": "open"}, "due": {"S": "1"}},
            {"pk": {"S": "a"}, "sk": {"S": "1"}, "open": {"S": "open"}, "due": {"S": "2"}},
        ])
    );
    let mut until = request.clone();
    until["KeyConditionExpression"] = json!("#open = :open AND due <= :until");
    until["ExpressionAttributeValues"][":until"] = json!({"S": "1"});
    let due = db.ask("Query", until).unwrap();
    assert_eq!(due["Items"].as_array().unwrap().len(), 1);
    assert_eq!(due["Items"][0]["pk"], json!({"S": "b"}));
    request["ConsistentRead"] = json!(true);
    assert!(
        db.refused("Query", request)
            .contains("Consistent reads are not supported")
    );
}

#[test]
fn reads_that_need_not_be_consistent_can_lag() {
    let mut db = Db::new();
    db.state.dynamodb.lag = SignedDuration::from_secs(5);
    db.put("a", "1", json!({}));
    let request = json!({ "Key": key("a", "1") });
    assert_eq!(db.ask("GetItem", request.clone()).unwrap(), json!({}));
    assert_eq!(db.get("a", "1"), key("a", "1"));
    db.now += SignedDuration::from_secs(5);
    assert_eq!(db.ask("GetItem", request).unwrap()["Item"], key("a", "1"));
}
