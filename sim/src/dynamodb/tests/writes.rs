//! Conditions, updates and transactions.

use super::*;

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
