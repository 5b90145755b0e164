//! EventBridge Scheduler: schedules that are there, read and replaced whole. An update that leaves
//! something out has removed it, as on AWS
//! (<https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html>).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{Answer, AwsError, Caller, State};

/// Account, region, group and name.
type Key = (String, String, String, String);

/// Schedules by account, region, group and name.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {
    schedules: BTreeMap<Key, Value>,
}

impl Scheduler {
    /// Adds a schedule that runs `task_definition` on a cluster every night.
    pub fn add(
        &mut self,
        now: Timestamp,
        (account, region): (&str, &str),
        (name, cluster): (&str, &str),
        task_definition: &str,
    ) {
        let schedule = json!({
            "ActionAfterCompletion": "NONE",
            "Arn": arn(&(account.to_owned(), region.to_owned(), "default".to_owned(), name.to_owned())),
            "CreationDate": now.as_second(),
            "Description": "at night",
            "FlexibleTimeWindow": { "Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15 },
            "GroupName": "default",
            "LastModificationDate": now.as_second(),
            "Name": name,
            "ScheduleExpression": "cron(0 3 * * ? *)",
            "ScheduleExpressionTimezone": "Europe/Vienna",
            "State": "ENABLED",
            "Target": {
                "Arn": format!("arn:aws:ecs:{region}:{account}:cluster/{cluster}"),
                "RoleArn": format!("arn:aws:iam::{account}:role/{name}-scheduler"),
                "Input": "{\"containerOverrides\":[{\"name\":\"app\",\"command\":[\"./report\"]}]}",
                "RetryPolicy": { "MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 600 },
                "EcsParameters": {
                    "TaskDefinitionArn": task_definition,
                    "TaskCount": 1,
                    "LaunchType": "FARGATE",
                    "NetworkConfiguration": { "awsvpcConfiguration": { "Subnets": ["subnet-1"] } },
                },
            },
        });
        let key = (account, region, "default", name);
        let key = (key.0.into(), key.1.into(), key.2.into(), key.3.into());
        self.schedules.insert(key, schedule);
    }

    /// The schedules of this name as they are, one per account that has one.
    pub fn named(&self, name: &str) -> Vec<&Value> {
        let all = self.schedules.iter();
        let named = all.filter(|((_, _, _, known), _)| known == name);
        named.map(|(_, schedule)| schedule).collect()
    }

    /// Gives a schedule one more member, or another value of one, wherever one of this name is.
    pub fn set_member(&mut self, name: &str, member: &str, value: &Value) {
        for ((_, _, _, known), schedule) in &mut self.schedules {
            if known == name {
                schedule[member] = value.clone();
            }
        }
    }

    /// Somebody else has a schedule run something else.
    pub fn repoint(&mut self, name: &str, task_definition: &str) {
        for ((_, _, _, known), schedule) in &mut self.schedules {
            if known == name {
                schedule["Target"]["EcsParameters"]["TaskDefinitionArn"] = json!(task_definition);
            }
        }
    }
}

/// What the path and the query of a request name.
pub(crate) fn operation(method: &str, path: &str, query: &str) -> Option<(&'static str, Value)> {
    let name = path
        .strip_prefix("/schedules/")
        .filter(|name| !name.is_empty())?;
    let mut named = crate::route::form(query.as_bytes());
    let group = named.remove("groupName").unwrap_or(Value::Null);
    match method {
        "GET" => Some(("GetSchedule", json!({ "Name": name, "GroupName": group }))),
        "PUT" => Some(("UpdateSchedule", json!({ "Name": name }))),
        _ => None,
    }
}

fn arn((account, region, group, name): &Key) -> String {
    format!("arn:aws:scheduler:{region}:{account}:schedule/{group}/{name}")
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationException", message)
}

/// Answers one operation.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    operation: &str,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let name = text("Name").unwrap_or_default();
    let group = text("GroupName").unwrap_or("default");
    let key = (
        caller.account.clone(),
        caller.region.clone(),
        group.to_owned(),
        name.to_owned(),
    );
    let Some(known) = state.scheduler.schedules.get_mut(&key) else {
        return Err(AwsError {
            status: 404,
            ..AwsError::new(
                "ResourceNotFoundException",
                format!("Schedule {name} does not exist."),
            )
        });
    };
    let body = match operation {
        "GetSchedule" => known.clone(),
        "UpdateSchedule" => {
            let created = known["CreationDate"].clone();
            let arn = known["Arn"].clone();
            let mut replaced = replacement(request)?;
            check_dates(request, now)?;
            let kept = [
                ("Arn", arn.clone()),
                ("CreationDate", created),
                ("GroupName", json!(group)),
                ("LastModificationDate", json!(now.as_second())),
            ];
            replaced.extend(kept.map(|(member, value)| (member.to_owned(), value)));
            *known = Value::Object(replaced);
            json!({ "ScheduleArn": arn })
        }
        _ => return Err(AwsError::unknown_operation(operation)),
    };
    Ok(Answer {
        body,
        resources: vec![arn(&key)],
        ..Answer::default()
    })
}

/// Members of the request, each with what it is if it is left out.
const MEMBERS: [(&str, Option<&str>); 11] = [
    ("ActionAfterCompletion", Some("NONE")),
    ("Description", None),
    ("EndDate", None),
    ("FlexibleTimeWindow", None),
    ("KmsKeyArn", None),
    ("Name", None),
    ("ScheduleExpression", None),
    ("ScheduleExpressionTimezone", Some("UTC")),
    ("StartDate", None),
    ("State", Some("ENABLED")),
    ("Target", None),
];

/// Dates count for what runs more than once: a start may lie five minutes back and no more, and an end
/// has to lie ahead.
fn check_dates(request: &Value, now: Timestamp) -> Result<(), AwsError> {
    let expression = request.get("ScheduleExpression").and_then(Value::as_str);
    if expression.is_some_and(|expression| expression.starts_with("at(")) {
        return Ok(());
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds of this century are exact"
    )]
    let now = now.as_second() as f64;
    let date = |member: &str| request.get(member).and_then(Value::as_f64);
    let (start, end) = (date("StartDate"), date("EndDate"));
    if start.is_some_and(|start| start < now - 300.0) {
        return Err(invalid(
            "The StartDate you specify cannot be earlier than 5 minutes ago.",
        ));
    }
    if end.is_some_and(|end| end <= start.unwrap_or(now).max(now)) {
        return Err(invalid(
            "The EndDate you specify cannot be in the past or before the StartDate.",
        ));
    }
    Ok(())
}

fn replacement(request: &Value) -> Result<Map<String, Value>, AwsError> {
    // Members that this copy of the model does not know are kept as they came.
    let mut replaced = request.as_object().cloned().unwrap_or_default();
    replaced.remove("ClientToken");
    replaced.retain(|_, value| !value.is_null());
    for (member, default) in MEMBERS {
        let given = request
            .get(member)
            .filter(|value| !value.is_null())
            .cloned();
        if let Some(value) = given.or_else(|| default.map(|default| json!(default))) {
            replaced.insert(member.to_owned(), value);
        }
    }
    for (path, what) in [
        ("/ScheduleExpression", "ScheduleExpression"),
        ("/FlexibleTimeWindow/Mode", "FlexibleTimeWindow.Mode"),
        ("/Target/Arn", "Target.Arn"),
        ("/Target/RoleArn", "Target.RoleArn"),
        (
            "/Target/EcsParameters/TaskDefinitionArn",
            "TaskDefinitionArn",
        ),
    ] {
        if request
            .pointer(path)
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            return Err(invalid(format!("{what} must not be null.")));
        }
    }
    let flexible = request.pointer("/FlexibleTimeWindow/Mode") == Some(&json!("FLEXIBLE"));
    let window = request.pointer("/FlexibleTimeWindow/MaximumWindowInMinutes");
    if flexible != window.is_some() {
        return Err(invalid(
            "MaximumWindowInMinutes belongs to a FLEXIBLE window.",
        ));
    }
    let task = request.pointer("/Target/EcsParameters/TaskDefinitionArn");
    let task = task.and_then(Value::as_str).unwrap_or_default();
    if !task.starts_with("arn:") || !task.contains(":task-definition/") {
        return Err(invalid(format!("Invalid TaskDefinitionArn {task}.")));
    }
    Ok(replaced)
}
