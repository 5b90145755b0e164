//! The shape of `RegisterTaskDefinition`'s request, from AWS's service model: what is checked on
//! registering, and what a task definition with every field filled looks like.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::ids::client;
use crate::AwsError;

const ROOT: &str = "RegisterTaskDefinitionRequest";

fn shapes() -> &'static Value {
    static SHAPES: OnceLock<Value> = OnceLock::new();
    SHAPES.get_or_init(|| {
        serde_json::from_str(include_str!("task_definition.json")).unwrap_or_default()
    })
}

/// The members of a structure with their shapes; a name's `*` says that it is required.
fn members(shape: &Value) -> Option<&'static Map<String, Value>> {
    shapes().get(shape.as_str()?)?.get("members")?.as_object()
}

/// The request as ECS keeps it: what is known of the right types, nothing required missing, and what is
/// not known as it came, because ECS's model grows before anybody's copy of it.
///
/// # Errors
/// `SerializationException` for wrong types, `ClientException` for missing members and unknown values.
pub(super) fn read(request: &Value) -> Result<Map<String, Value>, AwsError> {
    match checked(&json!(ROOT), request, "")? {
        Value::Object(kept) => Ok(kept),
        _ => Err(wrong_type("request")),
    }
}

fn checked(shape: &Value, value: &Value, path: &str) -> Result<Value, AwsError> {
    if let Some(element) = shape.as_array().and_then(|list| list.first()) {
        let values = value.as_array().ok_or_else(|| wrong_type(path))?;
        return values
            .iter()
            .map(|value| checked(element, value, path))
            .collect();
    }
    if let Some(element) = shape.get("map") {
        let entries = value.as_object().ok_or_else(|| wrong_type(path))?;
        let checked = entries
            .iter()
            .map(|(key, value)| Ok((key.clone(), checked(element, value, path)?)));
        return checked
            .collect::<Result<Map<_, _>, AwsError>>()
            .map(Value::Object);
    }
    if let Some(members) = members(shape) {
        let given = value.as_object().ok_or_else(|| wrong_type(path))?;
        let mut kept = given.clone();
        kept.retain(|_, value| !value.is_null());
        for (member, shape) in members {
            let name = member.trim_end_matches('*');
            let here = if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            };
            match given.get(name).filter(|value| !value.is_null()) {
                Some(value) => {
                    kept.insert(name.to_owned(), checked(shape, value, &here)?);
                }
                None if member.ends_with('*') => {
                    return Err(client(format!("{here} should not be null or empty.")));
                }
                None => {}
            }
        }
        return Ok(Value::Object(kept));
    }
    let name = shape.as_str().unwrap_or_default();
    let allowed = shapes()
        .get(name)
        .and_then(|shape| shape.get("enum"))
        .and_then(Value::as_array);
    let fits = match (allowed, name) {
        (Some(allowed), _) if value.is_string() => {
            if !allowed.contains(value) {
                return Err(client(format!("Invalid value {value} for {path}.")));
            }
            true
        }
        (None, "string") => value.is_string(),
        (None, "integer") => value.is_i64() || value.is_u64(),
        (None, "boolean") => value.is_boolean(),
        (None, "number") => value.is_number(),
        _ => false,
    };
    if fits {
        Ok(value.clone())
    } else {
        Err(wrong_type(path))
    }
}

fn wrong_type(path: &str) -> AwsError {
    AwsError::new(
        "SerializationException",
        format!("{path} is of the wrong type"),
    )
}

/// A value for every member of `RegisterTaskDefinition`'s request, each different where it can be:
/// for tests that a copy loses nothing. Its second container is there to be depended on.
pub fn every_field() -> Value {
    let mut serial = 0;
    let mut every = sample(&json!(ROOT), &mut serial);
    let volume = every.pointer("/volumes/0/name").cloned();
    for (place, value) in [
        ("/family", json!("every-field")),
        ("/cpu", json!("1024")),
        ("/memory", json!("4096")),
        ("/networkMode", json!("awsvpc")),
        ("/requiresCompatibilities", json!(["EC2"])),
        (
            "/taskRoleArn",
            json!("arn:aws:iam::111111111111:role/every-task"),
        ),
        (
            "/executionRoleArn",
            json!("arn:aws:iam::111111111111:role/every-execution"),
        ),
        ("/containerDefinitions/0/essential", json!(true)),
        ("/containerDefinitions/0/cpu", json!(512)),
        ("/containerDefinitions/0/memory", json!(2048)),
        ("/containerDefinitions/0/memoryReservation", json!(1024)),
        (
            "/containerDefinitions/0/links",
            json!(["beside:by-another-name"]),
        ),
        (
            "/containerDefinitions/0/dependsOn",
            json!([{ "containerName": "beside", "condition": "START" }]),
        ),
        (
            "/containerDefinitions/0/mountPoints/0/sourceVolume",
            volume.unwrap_or_default(),
        ),
        (
            "/containerDefinitions/0/volumesFrom/0/sourceContainer",
            json!("beside"),
        ),
    ] {
        if let Some(member) = every.pointer_mut(place) {
            *member = value;
        }
    }
    let beside = json!({
        "name": "beside", "image": "nginx:1.27", "essential": false, "cpu": 0, "memory": 64,
        "portMappings": [], "environment": [], "mountPoints": [], "volumesFrom": [], "systemControls": [],
    });
    let containers = every.get_mut("containerDefinitions");
    if let Some(containers) = containers.and_then(Value::as_array_mut) {
        containers.push(beside);
    }
    every
}

fn sample(shape: &Value, serial: &mut i64) -> Value {
    *serial += 1;
    if let Some(element) = shape.as_array().and_then(|list| list.first()) {
        return json!([sample(element, serial)]);
    }
    if let Some(element) = shape.get("map") {
        return json!({ format!("key-{serial}"): sample(element, serial) });
    }
    if let Some(members) = members(shape) {
        let filled = members
            .iter()
            .map(|(name, shape)| (name.trim_end_matches('*').to_owned(), sample(shape, serial)));
        return Value::Object(filled.collect());
    }
    let name = shape.as_str().unwrap_or_default();
    let allowed = shapes()
        .get(name)
        .and_then(|shape| shape.get("enum")?.get(0));
    match (allowed, name) {
        (Some(first), _) => first.clone(),
        (None, "integer") => json!(*serial),
        (None, "boolean") => json!(true),
        (None, "number") => json!(0.5),
        (None, _) => json!(format!("text-{serial}")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::models::model;

    /// Every shape that registering reaches, as the newest model has it, in this file's own form.
    fn newest(shape: &str, model: &Value, found: &mut Map<String, Value>) -> Value {
        let definition = &model["shapes"][shape];
        let inner = |member: &str, found: &mut Map<String, Value>| {
            newest(definition[member]["shape"].as_str().unwrap(), model, found)
        };
        match definition["type"].as_str().unwrap() {
            "list" => json!([inner("member", found)]),
            "map" => json!({ "map": inner("value", found) }),
            "structure" => {
                if !found.contains_key(shape) {
                    found.insert(shape.to_owned(), Value::Null);
                    let required = definition["required"]
                        .as_array()
                        .cloned()
                        .unwrap_or_default();
                    let mut members = Map::new();
                    for (name, member) in definition["members"].as_object().unwrap() {
                        let star = if required.contains(&json!(name)) {
                            "*"
                        } else {
                            ""
                        };
                        let of = member["shape"].as_str().unwrap();
                        members.insert(format!("{name}{star}"), newest(of, model, found));
                    }
                    found.insert(shape.to_owned(), json!({ "members": members }));
                }
                json!(shape)
            }
            "string" if definition["enum"].is_array() => {
                found.insert(shape.to_owned(), json!({ "enum": definition["enum"] }));
                json!(shape)
            }
            plain => json!(plain),
        }
    }

    #[test]
    fn what_registering_takes_is_what_the_newest_model_says() {
        let model = model("ecs").unwrap();
        let mut found = Map::new();
        newest(ROOT, &model, &mut found);
        let names = |shapes: &Map<String, Value>| shapes.keys().cloned().collect::<BTreeSet<_>>();
        let own = shapes().as_object().unwrap();
        assert_eq!(names(own), names(&found));
        for (name, shape) in &found {
            assert_eq!(&own[name], shape, "{name}");
        }
    }
}
