//! What the containers of a task definition may say of each other, of its volumes and of its size, in
//! ECS's words where people have met them.

use serde_json::{Map, Value, json};

use super::ids::client;
use crate::AwsError;

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>
const MOST: usize = 10;

/// # Errors
/// `ClientException`, as for any task definition that could not run.
pub(super) fn check(body: &Map<String, Value>) -> Result<(), AwsError> {
    let containers = body.get("containerDefinitions").and_then(Value::as_array);
    let containers = containers.map_or(&[][..], Vec::as_slice);
    if containers.len() > MOST {
        return Err(client("Too many containers."));
    }
    check_dependencies(containers)?;
    check_volumes(body, containers)?;
    check_sizes(body, containers)
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    let list = value.get(member).and_then(Value::as_array);
    list.map_or(&[][..], Vec::as_slice)
}

fn named<'a>(containers: &'a [Value], name: &str) -> Option<&'a Value> {
    containers.iter().find(|known| text(known, "name") == name)
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html>
fn check_dependencies(containers: &[Value]) -> Result<(), AwsError> {
    for container in containers {
        for dependency in list(container, "dependsOn") {
            let name = text(dependency, "containerName");
            let Some(known) = named(containers, name) else {
                return Err(client(format!(
                    "Cannot depend on container + '{name}' because it does not exist"
                )));
            };
            match text(dependency, "condition") {
                "SUCCESS" | "COMPLETE" if known.get("essential") != Some(&json!(false)) => {
                    return Err(client(
                        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
                    ));
                }
                "HEALTHY" if known.get("healthCheck").is_none() => {
                    return Err(client(format!(
                        "A dependency container with HEALTHY condition must have a health check: '{name}'"
                    )));
                }
                _ => {}
            }
        }
    }
    let ways = |container: &Value| -> Vec<String> {
        let named = list(container, "dependsOn").iter();
        named
            .map(|on| text(on, "containerName").to_owned())
            .collect()
    };
    if has_cycle(containers, ways) {
        return Err(client("Container dependencies should not have a cycle"));
    }
    let links = |container: &Value| -> Vec<String> {
        let named = list(container, "links").iter().filter_map(Value::as_str);
        named
            .map(|link| link.split(':').next().unwrap_or(link).to_owned())
            .collect()
    };
    match has_cycle(containers, links) {
        true => Err(client("Container links should not have a cycle")),
        false => Ok(()),
    }
}

/// Whether the ways lead anywhere back to where they began: what has no way left is taken out until
/// nothing changes.
fn has_cycle(containers: &[Value], ways: impl Fn(&Value) -> Vec<String>) -> bool {
    let mut left: Vec<(&str, Vec<String>)> = containers
        .iter()
        .map(|container| (text(container, "name"), ways(container)))
        .collect();
    loop {
        let before = left.len();
        let names: Vec<&str> = left.iter().map(|(name, _)| *name).collect();
        left.retain(|(_, ways)| ways.iter().any(|way| names.contains(&way.as_str())));
        if left.len() == before {
            return before > 0;
        }
    }
}

fn check_volumes(body: &Map<String, Value>, containers: &[Value]) -> Result<(), AwsError> {
    let volumes = body.get("volumes").and_then(Value::as_array);
    let volumes = volumes.map_or(&[][..], Vec::as_slice);
    let mut names: Vec<&str> = Vec::new();
    for volume in volumes {
        let name = text(volume, "name");
        if name.is_empty() {
            return Err(client("Volume name can not be blank."));
        }
        if names.contains(&name) {
            return Err(client(format!("Duplicate volume name '{name}'.")));
        }
        names.push(name);
    }
    for container in containers {
        for mount in list(container, "mountPoints") {
            let source = mount.get("sourceVolume").and_then(Value::as_str);
            if source.is_none_or(|source| !names.contains(&source)) {
                let source = source.unwrap_or("null");
                return Err(client(format!("Unknown volume '{source}'.")));
            }
        }
        for from in list(container, "volumesFrom") {
            let source = text(from, "sourceContainer");
            if named(containers, source).is_none() {
                return Err(client(format!("Unknown container '{source}'.")));
            }
        }
    }
    Ok(())
}

fn check_sizes(body: &Map<String, Value>, containers: &[Value]) -> Result<(), AwsError> {
    let of = |container: &Value, member: &str| container.get(member).and_then(Value::as_i64);
    let task = |member: &str| body.get(member)?.as_str()?.parse::<i64>().ok();
    for container in containers {
        let name = text(container, "name");
        for (member, least) in [("cpu", 0), ("memory", 4), ("memoryReservation", 4)] {
            if of(container, member).is_some_and(|value| value < least) {
                return Err(client(format!(
                    "Invalid '{member}' setting for container '{name}'."
                )));
            }
        }
        let (hard, soft) = (of(container, "memory"), of(container, "memoryReservation"));
        if hard.zip(soft).is_some_and(|(hard, soft)| hard < soft) {
            return Err(client(format!(
                "Invalid setting for container '{name}'. The hard limit 'memory' must not be less than 'memoryReservation'."
            )));
        }
        if hard.zip(task("memory")).is_some_and(|(own, all)| own > all) {
            return Err(client(format!(
                "The 'memory' setting for container '{name}' is greater than for the task."
            )));
        }
    }
    for (member, limit) in [("cpu", "cpu"), ("memoryReservation", "memory")] {
        let sum: i64 = containers.iter().filter_map(|one| of(one, member)).sum();
        if task(limit).is_some_and(|limit| sum > limit) {
            return Err(client(format!(
                "The sum of all container '{member}' values cannot be greater than the value of the task '{limit}'."
            )));
        }
    }
    Ok(())
}
