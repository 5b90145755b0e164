//! Queries, the sparse index, and reads that lag.

use super::*;

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
