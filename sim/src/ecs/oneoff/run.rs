//! The operations: what a request must be, and what it does.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{OneOff, TaskScript};
use crate::ecs::{
    definition::check_tags,
    ids::{client, invalid},
    launch,
    operation::Turn,
    place::revise,
    service::LastStatus,
};
use crate::{Answer, AwsError};

/// The members that decide whether a retry is the same request.
const MEMBERS: [&str; 14] = [
    "capacityProviderStrategy",
    "count",
    "enableECSManagedTags",
    "launchType",
    "networkConfiguration",
    "overrides",
    "placementConstraints",
    "placementStrategy",
    "platformVersion",
    "propagateTags",
    "startedBy",
    "volumeConfigurations",
    "tags",
    "taskDefinition",
];

pub(in crate::ecs) fn run_task(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let (request, now) = (turn.request, turn.now);
    let cluster = turn.place.cluster(request)?;
    let definition = turn.required("taskDefinition")?;
    let definition = turn.place.runnable(definition)?.clone();
    let given = |member: &str| request.get(member).filter(|value| !value.is_null());
    check(turn, request)?;
    let settings = request.as_object().cloned().unwrap_or_default();
    launch::check(&definition, &settings)?;
    check_volumes(request, &definition.request())?;
    let containers: Vec<&str> = definition
        .containers()
        .filter_map(|container| container.get("name").and_then(Value::as_str))
        .collect();
    let overridden = request.pointer("/overrides/containerOverrides");
    for one in overridden.and_then(Value::as_array).into_iter().flatten() {
        let name = one.get("name").and_then(Value::as_str).unwrap_or_default();
        if !containers.contains(&name) {
            let message =
                "Override for container named {name} is not a container in the TaskDefinition.";
            return Err(invalid(message.replace("{name}", name)));
        }
    }
    let awsvpc = definition.network_mode() == Some("awsvpc");
    if awsvpc != given("networkConfiguration").is_some() {
        return Err(invalid(match awsvpc {
            true => {
                "Network Configuration must be provided when networkMode 'awsvpc' is specified."
            }
            false => {
                "Network Configuration is not valid for the given networkMode of this task definition."
            }
        }));
    }
    let tags = given("tags")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    check_tags(&tags)?;
    let mut conditions = vec![turn.cluster_condition(&cluster)];
    if !tags.is_empty() {
        conditions.push(("ecs:CreateAction".to_owned(), "RunTask".to_owned()));
    }
    let asked: Value = MEMBERS
        .iter()
        .filter_map(|member| Some(((*member).to_owned(), given(member)?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let home = turn.place.home.clone();
    let answer = |tasks: Vec<Value>, failures: Vec<Value>| Answer {
        body: json!({ "tasks": tasks, "failures": failures }),
        resources: vec![definition.arn.clone()],
        conditions: conditions.clone(),
    };
    let token = turn
        .text("clientToken")
        .map(|token| (cluster.clone(), token.to_owned()));
    let one_offs = &mut turn.place.one_offs;
    if let Some((before, id)) = token.as_ref().and_then(|token| one_offs.tokens.get(token)) {
        let arn = home.arn(&format!("task/{cluster}/{id}"));
        if *before != asked {
            let mut error = AwsError::new(
                "ConflictException",
                "The provided clientToken is already in use with a different RunTask request.",
            );
            error.extra.insert("resourceIds".to_owned(), json!([arn]));
            return Err(error);
        }
        let known = one_offs.tasks.iter().find(|task| task.id == *id);
        return Ok(answer(
            known
                .map(|task| task.document(&home, true))
                .into_iter()
                .collect(),
            Vec::new(),
        ));
    }
    let script = one_offs
        .scripts
        .get_mut(&definition.family)
        .and_then(VecDeque::pop_front)
        .unwrap_or_default();
    if script == TaskScript::NotPlaced {
        return Ok(answer(
            Vec::new(),
            vec![json!({ "reason": "RESOURCE:MEMORY" })],
        ));
    }
    let revision = revise("", &definition, now, turn.around.serial, turn.around.ecr);
    let id = turn.around.serial.hex();
    let settings = ["capacityProviderStrategy", "launchType", "platformVersion"];
    let task = OneOff {
        cluster: cluster.clone(),
        id: id.clone(),
        family: definition.family.clone(),
        started_by: turn.text("startedBy").unwrap_or_default().to_owned(),
        task_definition: definition.arn.clone(),
        containers: revision.containers,
        settings: settings
            .into_iter()
            .filter_map(|member| Some((member, given(member)?.clone())))
            .collect(),
        overrides: given("overrides").cloned().unwrap_or_else(|| json!({})),
        tags,
        script,
        last: LastStatus::Pending,
        created: now,
        started: None,
        stopping: None,
        stopped: None,
        stop_code: None,
        stopped_reason: None,
        exit_code: None,
    };
    let document = task.document(&home, true);
    let one_offs = &mut turn.place.one_offs;
    *one_offs.started.entry(task.family.clone()).or_default() += 1;
    one_offs.tasks.push(task);
    if let Some(token) = token {
        one_offs.tokens.insert(token, (asked, id));
    }
    Ok(answer(vec![document], Vec::new()))
}

/// What AWS refuses whatever the task definition says.
fn check(turn: &Turn<'_>, request: &Value) -> Result<(), AwsError> {
    let given = |member: &str| request.get(member).filter(|value| !value.is_null());
    match given("count").map(Value::as_u64) {
        None | Some(Some(1)) => {}
        Some(Some(2..=10)) => return Err(invalid("one task at a time is simulated here")),
        Some(_) => return Err(invalid("count must be between 1 and 10.")),
    }
    let strategy = given("capacityProviderStrategy").is_some();
    if strategy && given("launchType").is_some() {
        return Err(invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
        ));
    }
    if turn.text("platformVersion").is_some() && turn.text("launchType") == Some("EC2") {
        return Err(invalid(
            "The platform version must be null when specifying an EC2 launch type.",
        ));
    }
    if turn.text("propagateTags") == Some("SERVICE") {
        return Err(invalid(
            "The SERVICE option isn't supported when running a task.",
        ));
    }
    let placed = ["placementConstraints", "placementStrategy"];
    let placed = placed.into_iter().filter_map(given);
    if placed
        .filter_map(Value::as_array)
        .any(|list| !list.is_empty())
        && turn.text("launchType") == Some("FARGATE")
    {
        return Err(invalid(
            "Placement constraints and placement strategies are not supported with FARGATE launch type.",
        ));
    }
    let token = turn.text("clientToken");
    if token
        .is_some_and(|token| token.len() > 64 || token.bytes().any(|b| !(33..=126).contains(&b)))
    {
        return Err(invalid(
            "clientToken must be at most 64 characters of ASCII 33 to 126.",
        ));
    }
    let by = turn.text("startedBy").unwrap_or_default();
    if by.len() > 128
        || by
            .bytes()
            .any(|b| !(b.is_ascii_alphanumeric() || b"-_/".contains(&b)))
    {
        return Err(invalid(
            "startedBy is of at most 128 letters, numbers, hyphens, slashes and underscores.",
        ));
    }
    Ok(())
}

/// A volume that is configured at launch needs a configuration, and nothing else may have one.
fn check_volumes(request: &Value, definition: &Value) -> Result<(), AwsError> {
    let volumes = definition.get("volumes").and_then(Value::as_array);
    let at_launch = |volume: &&Value| volume.get("configuredAtLaunch") == Some(&json!(true));
    let wanted = volumes.into_iter().flatten().filter(at_launch);
    let wanted: Vec<&str> = wanted
        .filter_map(|volume| volume.get("name")?.as_str())
        .collect();
    let configured = request
        .get("volumeConfigurations")
        .and_then(Value::as_array);
    let configured = configured.map_or(&[][..], Vec::as_slice);
    let mut names = Vec::new();
    for one in configured {
        names.push(one.get("name").and_then(Value::as_str).unwrap_or_default());
        let ebs = one.get("managedEBSVolume").cloned().unwrap_or_default();
        if ebs
            .get("roleArn")
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            return Err(invalid("roleArn of managedEBSVolume must not be empty."));
        }
        let sized = ebs.get("sizeInGiB").is_some() || ebs.get("snapshotId").is_some();
        if !sized {
            return Err(invalid("Specify either sizeInGiB or snapshotId."));
        }
    }
    if names.len() > 1 || names != wanted {
        return Err(invalid(format!(
            "volumeConfigurations {names:?} do not match the volumes {wanted:?} that are configured at launch."
        )));
    }
    Ok(())
}

pub(in crate::ecs) fn stop_task(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let cluster = turn.place.cluster(turn.request)?;
    let name = turn.required("task")?;
    let id = turn.place.home.name("task", name)?.to_owned();
    let reason = turn
        .text("reason")
        .unwrap_or("Task stopped by user")
        .to_owned();
    if reason.len() > 1024 {
        return Err(invalid("reason is at most 1024 characters long."));
    }
    let conditions = turn.cluster_condition(&cluster);
    let home = turn.place.home.clone();
    let found = turn.place.one_offs.tasks.iter_mut();
    let task = found
        .into_iter()
        .find(|task| task.cluster == cluster && task.id == id)
        .ok_or_else(|| client("The referenced task was not found."))?;
    if task.stopping.is_none() {
        task.stopping = Some(turn.now);
        task.stop_code = Some("UserInitiated");
        task.stopped_reason = Some(reason);
    }
    let mut conditions = vec![conditions];
    for tag in &task.tags {
        let text = |member: &str| tag.get(member).and_then(Value::as_str).unwrap_or_default();
        conditions.push((
            format!("aws:ResourceTag/{}", text("key")),
            text("value").to_owned(),
        ));
    }
    Ok(Answer {
        body: json!({ "task": task.document(&home, true) }),
        resources: vec![task.arn(&home)],
        conditions,
    })
}
