//! AWS's own service models, as `make models` unpacks them from the newest botocore: what tests hold
//! against this project's words about AWS, because nobody here wrote it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// Why there is no model.
#[derive(Debug)]
pub struct NoModel(String);

impl std::fmt::Display for NoModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; `make models` unpacks it", self.0)
    }
}

impl std::error::Error for NoModel {}

/// The model of a service by IAM's name for it: `ecs`, `states`.
///
/// # Errors
/// Where it has not been unpacked, or is no JSON.
pub fn model(service: &str) -> Result<Value, NoModel> {
    let path = format!(
        "{}/../.local/models/{service}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read(&path).map_err(|error| NoModel(format!("{path}: {error}")))?;
    serde_json::from_slice(&text).map_err(|error| NoModel(format!("{path}: {error}")))
}

/// What the newest model finds wrong with a request: members that it does not have, members missing, of
/// another type, too long, or not among the values that there are. Of a query it sees names alone.
///
/// # Errors
/// Where the model has not been unpacked.
pub fn problems(service: &str, operation: &str, request: &Value) -> Result<Vec<String>, NoModel> {
    let model = known(service)?;
    let mut found = Vec::new();
    let Some(described) = model["operations"].get(operation) else {
        return Ok(vec![format!("{service} has no operation {operation}")]);
    };
    let shape = described["input"]["shape"].as_str().unwrap_or_default();
    let query = model["metadata"]["protocol"] == "query";
    if query {
        names(&model["shapes"][shape], request, &mut found);
    } else {
        check(&model, shape, request, "", &mut found);
    }
    for problem in &mut found {
        problem.insert_str(0, &format!("{service}:{operation}: "));
    }
    Ok(found)
}

/// Models that were read before: they are large.
fn known(service: &str) -> Result<Arc<Value>, NoModel> {
    static KNOWN: Mutex<BTreeMap<String, Arc<Value>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(model) = known.get(service) {
        return Ok(model.clone());
    }
    let read = Arc::new(model(service)?);
    known.insert(service.to_owned(), read.clone());
    Ok(read)
}

/// A query's fields: `Tags.member.1.Key` is of the member `Tags`.
fn names(shape: &Value, request: &Value, found: &mut Vec<String>) {
    let fields = request
        .as_object()
        .into_iter()
        .flat_map(|fields| fields.keys());
    let given: Vec<&str> = fields
        .map(|name| name.split('.').next().unwrap_or(name))
        .collect();
    for name in &given {
        if !["Action", "Version"].contains(name) && shape["members"].get(*name).is_none() {
            found.push(format!("there is no {name}"));
        }
    }
    for name in required(shape) {
        if !given.contains(&name) {
            found.push(format!("{name} is missing"));
        }
    }
}

fn required(shape: &Value) -> impl Iterator<Item = &str> {
    let names = shape["required"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str)
}

fn check(model: &Value, name: &str, value: &Value, path: &str, found: &mut Vec<String>) {
    let shape = &model["shapes"][name];
    let kind = shape["type"].as_str().unwrap_or_default();
    let fits = match kind {
        "structure" => value.is_object(),
        "list" => value.is_array(),
        "map" => value.is_object(),
        "string" | "blob" => value.is_string(),
        "integer" | "long" => value.is_i64() || value.is_u64(),
        "float" | "double" => value.is_number(),
        "boolean" => value.is_boolean(),
        "timestamp" => value.is_number() || value.is_string(),
        _ => false,
    };
    if !fits {
        found.push(format!("{path} is no {kind}: {value}"));
        return;
    }
    let length = match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    let measured = ["string", "list", "map"].contains(&kind);
    let bound = |name: &str| {
        shape[name]
            .as_u64()
            .and_then(|bound| usize::try_from(bound).ok())
    };
    if measured
        && (bound("min").is_some_and(|min| length < min)
            || bound("max").is_some_and(|max| length > max))
    {
        found.push(format!("{path} has a length of {length}"));
    }
    if shape["enum"]
        .as_array()
        .is_some_and(|all| !all.contains(value))
    {
        found.push(format!("{path} is none of its values: {value}"));
    }
    let inner = |member: &str| shape[member]["shape"].as_str().unwrap_or_default();
    match (kind, value) {
        ("list", Value::Array(items)) => {
            for item in items {
                check(model, inner("member"), item, path, found);
            }
        }
        ("map", Value::Object(entries)) => {
            for (key, item) in entries {
                check(model, inner("value"), item, &format!("{path}.{key}"), found);
            }
        }
        ("structure", Value::Object(members)) if shape["document"] != true => {
            for (key, item) in members {
                let here = format!("{path}.{key}");
                match shape["members"][key]["shape"].as_str() {
                    Some(member) => check(model, member, item, &here, found),
                    None => found.push(format!("there is no {here}")),
                }
            }
            for name in required(shape).filter(|name| !members.contains_key(*name)) {
                found.push(format!("{path}.{name} is missing"));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_held_to_its_model() {
        let long = "x".repeat(300);
        for (service, operation, request, expected) in [
            (
                "ecs",
                "UpdateService",
                json!({"service": "a", "desiredCount": 2}),
                "",
            ),
            (
                "ecs",
                "UpdateService",
                json!({"service": "a", "wanted": 2}),
                "there is no .wanted",
            ),
            (
                "ecs",
                "UpdateService",
                json!({"desiredCount": 2}),
                ".service is missing",
            ),
            (
                "ecs",
                "UpdateService",
                json!({"service": "a", "desiredCount": "2"}),
                ".desiredCount is no integer",
            ),
            (
                "ecs",
                "UpdateService",
                json!({"service": null}),
                ".service is no string",
            ),
            (
                "ecs",
                "StopServiceDeployment",
                json!({"serviceDeploymentArn": "a", "stopType": "HALT"}),
                ".stopType is none of its values",
            ),
            ("ecs", "Update", json!({}), "has no operation Update"),
            (
                "ecr",
                "DescribeImages",
                json!({"repositoryName": long}),
                ".repositoryName has a length of 300",
            ),
            (
                "ecr",
                "DescribeImages",
                json!({"repositoryName": "app", "imageIds": [{"tag": "1"}]}),
                "there is no .imageIds.tag",
            ),
            (
                "dynamodb",
                "GetItem",
                json!({"TableName": "t", "Key": {"pk": {"S": "a"}}}),
                "",
            ),
            (
                "dynamodb",
                "GetItem",
                json!({"TableName": "t", "Key": {"pk": {"S": 1}}}),
                ".Key.pk.S is no string",
            ),
            (
                "sts",
                "AssumeRole",
                json!({"Action": "AssumeRole", "RoleArn": "a", "RoleSessionName": "b", "Tags.member.1.Key": "c"}),
                "",
            ),
            (
                "sts",
                "AssumeRole",
                json!({"RoleArn": "a", "Session": "b"}),
                "there is no Session",
            ),
        ] {
            let found = problems(service, operation, &request).unwrap().join("; ");
            assert_eq!(found.is_empty(), expected.is_empty(), "{found}");
            assert!(found.contains(expected), "{found}, not {expected}");
        }
    }
}
