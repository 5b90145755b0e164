//! The operations on tasks and task definitions.

use serde_json::{Value, json};

use super::{
    definition,
    ids::{client, invalid},
    operation::Turn,
    service::{LastStatus, Service, Task},
    show::{missing, page, put, seconds},
};
use crate::{Answer, AwsError};

pub(super) fn list_tasks(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let cluster = turn.place.cluster(turn.request)?;
    let (start, size) = turn.paging(100, 100)?;
    let service = match turn.text("serviceName") {
        Some(name) => Some(turn.place.service(&cluster, name)?.name.clone()),
        None => None,
    };
    let stopped = match turn.text("desiredStatus") {
        None | Some("RUNNING") => false,
        Some("STOPPED") => true,
        Some("PENDING") => return Ok(tasks(turn, &cluster, Vec::new(), (start, size))),
        Some(other) => return Err(invalid(format!("Invalid desired status: {other}"))),
    };
    let (family, started_by) = (turn.text("family"), turn.text("startedBy"));
    let filters = [
        "family",
        "serviceName",
        "desiredStatus",
        "launchType",
        "containerInstance",
    ];
    if started_by.is_some() && filters.iter().any(|filter| turn.text(filter).is_some()) {
        return Err(invalid("startedBy cannot be combined with other filters."));
    }
    let fits = |known: &Service, task: &Task| {
        service.as_ref().is_none_or(|name| *name == known.name)
            && task.wanted() != stopped
            && started_by.is_none_or(|by| by == task.started_by)
            && family.is_none_or(|family| {
                task.task_definition
                    .contains(&format!(":task-definition/{family}:"))
            })
    };
    let services = turn
        .place
        .clusters
        .get(&cluster)
        .into_iter()
        .flat_map(|services| services.values());
    let arns = services.flat_map(|known| {
        known
            .tasks
            .iter()
            .filter(|task| fits(known, task))
            .map(|task| json!(known.task_arn(task)))
    });
    let own = turn.place.one_offs.of(&cluster).filter(|task| {
        service.is_none()
            && task.wanted() != stopped
            && started_by.is_none_or(|by| by == task.started_by)
            && family.is_none_or(|family| family == task.family)
    });
    let arns = arns.chain(own.map(|task| json!(task.arn(&turn.place.home))));
    let arns = arns.collect();
    Ok(tasks(turn, &cluster, arns, (start, size)))
}

fn tasks(
    turn: &Turn<'_>,
    cluster: &str,
    arns: Vec<Value>,
    (start, size): (usize, usize),
) -> Answer {
    let (arns, mut body) = page(arns, start, size);
    body.insert("taskArns".to_owned(), json!(arns));
    let home = &turn.place.home;
    Answer {
        body: Value::Object(body),
        resources: vec![home.arn(&format!("container-instance/{cluster}/*"))],
        conditions: vec![(
            "ecs:cluster".to_owned(),
            home.arn(&format!("cluster/{cluster}")),
        )],
    }
}

pub(super) fn describe_tasks(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let cluster = turn.place.cluster(turn.request)?;
    let names = turn.list("tasks", 100)?;
    let include = turn.request.get("include").and_then(Value::as_array);
    let tags = include.is_some_and(|include| include.contains(&json!("TAGS")));
    let (mut found, mut failures, mut resources) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        let id = turn.place.home.name("task", name)?;
        let arn = turn.place.home.arn(&format!("task/{cluster}/{id}"));
        let services = turn
            .place
            .clusters
            .get(&cluster)
            .into_iter()
            .flat_map(|services| services.values());
        let known = services.into_iter().find_map(|service| {
            let task = service.tasks.iter().find(|task| task.id == id)?;
            Some(service.task_document(task, tags))
        });
        let mut own = turn.place.one_offs.of(&cluster);
        let own = own.find(|task| task.id == id);
        let known = known.or_else(|| Some(own?.document(&turn.place.home, tags)));
        match known {
            Some(document) => found.push(document),
            None => failures.push(missing(&arn)),
        }
        resources.push(arn);
    }
    let condition = (
        "ecs:cluster".to_owned(),
        turn.place.home.arn(&format!("cluster/{cluster}")),
    );
    Ok(Answer {
        body: json!({ "tasks": found, "failures": failures }),
        resources,
        conditions: vec![condition],
    })
}

/// Without resources: IAM has none for this call.
pub(super) fn describe_task_definition(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let name = turn.text("taskDefinition").unwrap_or_default();
    let definition = turn.place.definition(name)?;
    let definition = definition.ok_or_else(|| client("Unable to describe task definition."))?;
    let include = turn.request.get("include").and_then(Value::as_array);
    let mut body = json!({ "taskDefinition": definition.document() });
    if include.is_some_and(|include| include.contains(&json!("TAGS"))) {
        body["tags"] = json!(definition.tags);
    }
    Ok(Answer {
        body,
        resources: vec!["*".to_owned()],
        ..Answer::default()
    })
}

pub(super) fn register_task_definition(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let place = &mut *turn.place;
    let family = turn
        .request
        .get("family")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut known = place.families.get(family).cloned().unwrap_or_default();
    let definition =
        definition::register(&place.home, &mut known, turn.now, turn.request, &turn.by)?;
    place.families.insert(family.to_owned(), known);
    let mut body = json!({ "taskDefinition": definition.document() });
    let mut conditions = Vec::new();
    if !definition.tags.is_empty() {
        body["tags"] = json!(definition.tags);
        conditions.push((
            "ecs:CreateAction".to_owned(),
            "RegisterTaskDefinition".to_owned(),
        ));
    }
    for tag in &definition.tags {
        let text = |member: &str| tag.get(member).and_then(Value::as_str).unwrap_or_default();
        conditions.push((
            format!("aws:RequestTag/{}", text("key")),
            text("value").to_owned(),
        ));
        conditions.push(("aws:TagKeys".to_owned(), text("key").to_owned()));
    }
    for compatibility in turn
        .request
        .get("requiresCompatibilities")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let value = compatibility.as_str().unwrap_or_default().to_owned();
        conditions.push(("ecs:compute-compatibility".to_owned(), value));
    }
    for (member, key) in [("cpu", "ecs:task-cpu"), ("memory", "ecs:task-memory")] {
        conditions.extend(
            turn.text(member)
                .map(|value| (key.to_owned(), value.to_owned())),
        );
    }
    Ok(Answer {
        body,
        resources: vec![definition.arn],
        conditions,
    })
}

pub(super) fn deregister_task_definition(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let name = turn.required("taskDefinition")?;
    let (family, revision) = definition::parse(&turn.place.home, name)?;
    let revision = revision.ok_or_else(|| client("Revision is missing."))?;
    let known = turn.place.families.get_mut(family).into_iter().flatten();
    let definition = known
        .into_iter()
        .find(|definition| definition.revision == revision);
    let definition =
        definition.ok_or_else(|| client("The specified task definition does not exist."))?;
    definition.deregister(turn.now);
    let body = json!({ "taskDefinition": definition.document() });
    Ok(Answer {
        body,
        resources: vec!["*".to_owned()],
        ..Answer::default()
    })
}

pub(super) fn list_task_definition_families(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let (start, size) = turn.paging(100, 100)?;
    let prefix = turn.text("familyPrefix").unwrap_or_default();
    let status = turn.text("status").unwrap_or("ACTIVE");
    if !["ACTIVE", "INACTIVE", "ALL"].contains(&status) {
        return Err(invalid(format!("Invalid status: {status}")));
    }
    let mut names = Vec::new();
    for (name, known) in &turn.place.families {
        let active = known.iter().any(|definition| definition.active);
        // A family is inactive when none of its revisions is active any more.
        let listed = status == "ALL" || active == (status == "ACTIVE");
        if listed && name.starts_with(prefix) {
            names.push(json!(name));
        }
    }
    let (names, mut body) = page(names, start, size);
    body.insert("families".to_owned(), json!(names));
    Ok(Answer {
        body: Value::Object(body),
        resources: vec!["*".to_owned()],
        ..Answer::default()
    })
}

pub(super) fn list_task_definitions(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let (start, size) = turn.paging(100, 100)?;
    let prefix = turn.text("familyPrefix");
    let active = match turn.text("status") {
        None | Some("ACTIVE") => true,
        Some("INACTIVE") => false,
        Some("DELETE_IN_PROGRESS") => {
            let resources = vec!["*".to_owned()];
            return Ok(Answer {
                body: json!({ "taskDefinitionArns": [] }),
                resources,
                ..Answer::default()
            });
        }
        Some(other) => return Err(invalid(format!("Invalid status: {other}"))),
    };
    // The API says "family prefix" and means the whole family's name.
    let families = turn
        .place
        .families
        .iter()
        .filter(|(family, _)| prefix.is_none_or(|prefix| prefix == *family));
    let known = families
        .flat_map(|(_, known)| known)
        .filter(|definition| definition.active == active);
    let mut arns: Vec<_> = known.map(|definition| json!(definition.arn)).collect();
    match turn.text("sort") {
        None | Some("ASC") => {}
        Some("DESC") => arns.reverse(),
        Some(other) => return Err(invalid(format!("Invalid sort order: {other}"))),
    }
    let (arns, mut body) = page(arns, start, size);
    body.insert("taskDefinitionArns".to_owned(), json!(arns));
    Ok(Answer {
        body: Value::Object(body),
        resources: vec!["*".to_owned()],
        ..Answer::default()
    })
}

impl Service {
    /// An entry of `DescribeTasks`.
    pub(super) fn task_document(&self, task: &Task, with_tags: bool) -> Value {
        let last = match task.last {
            LastStatus::Pending => "PENDING",
            LastStatus::Running => "RUNNING",
            LastStatus::Stopped => "STOPPED",
        };
        let arn = self.task_arn(task);
        let containers: Vec<_> = task
            .containers
            .iter()
            .map(|container| {
                let id = format!("{}-{}", task.id, container.name);
                let mut document = json!({
                    "containerArn": self.home.arn(&format!("container/{}/{id}", self.cluster)),
                    "taskArn": arn,
                    "name": container.name,
                    "image": container.image,
                    "lastStatus": last,
                    "networkInterfaces": [],
                    "healthStatus": "UNKNOWN",
                });
                let pulled = container.digest.as_ref().filter(|_| task.started.is_some());
                put(&mut document, "runtimeId", pulled.map(|_| json!(id)));
                put(
                    &mut document,
                    "imageDigest",
                    pulled.map(|digest| json!(digest)),
                );
                put(
                    &mut document,
                    "exitCode",
                    container.exit_code.map(|code| json!(code)),
                );
                put(
                    &mut document,
                    "reason",
                    container.reason.as_ref().map(|reason| json!(reason)),
                );
                document
            })
            .collect();
        let mut document = json!({
            "taskArn": arn,
            "clusterArn": self.cluster_arn(),
            "taskDefinitionArn": task.task_definition,
            "group": format!("service:{}", self.name),
            "startedBy": task.started_by,
            "lastStatus": last,
            "desiredStatus": if task.wanted() { "RUNNING" } else { "STOPPED" },
            "containers": containers,
            "createdAt": seconds(task.created),
            "attachments": [],
            "attributes": [],
            "overrides": { "containerOverrides": [], "inferenceAcceleratorOverrides": [] },
            "version": 1,
        });
        for member in ["launchType", "platformVersion", "platformFamily"] {
            put(&mut document, member, self.settings.get(member).cloned());
        }
        put(&mut document, "startedAt", task.started.map(seconds));
        put(&mut document, "pullStoppedAt", task.started.map(seconds));
        put(&mut document, "stoppingAt", task.stopping.map(seconds));
        put(
            &mut document,
            "executionStoppedAt",
            task.stopped.map(seconds),
        );
        put(&mut document, "stoppedAt", task.stopped.map(seconds));
        put(
            &mut document,
            "stopCode",
            task.stop_code.map(|code| json!(code)),
        );
        put(
            &mut document,
            "stoppedReason",
            task.stopped_reason.as_ref().map(|reason| json!(reason)),
        );
        put(&mut document, "tags", with_tags.then(|| json!([])));
        document
    }
}
