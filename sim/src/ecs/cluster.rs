//! The operations that people use to look around and to set a stage by hand: clusters, and the
//! services on them. The product calls none of these.

use serde_json::{Value, json};

use super::{
    configuration,
    definition::{check_tags, is_name},
    ids::{client, invalid},
    operation::{Turn, count},
    place::revise,
    script::Script,
    seed::blank,
    service::{Controller, LastStatus},
    show::{missing, page},
};
use crate::{Answer, AwsError};

pub(super) fn list_clusters(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let (start, size) = turn.paging(100, 100)?;
    let home = &turn.place.home;
    let arns = turn
        .place
        .clusters
        .keys()
        .map(|name| json!(home.arn(&format!("cluster/{name}"))));
    let (arns, mut body) = page(arns.collect(), start, size);
    body.insert("clusterArns".to_owned(), json!(arns));
    Ok(Answer {
        body: Value::Object(body),
        resources: vec!["*".to_owned()],
        ..Answer::default()
    })
}

pub(super) fn describe_clusters(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let names = match turn.request.get("clusters") {
        None => vec!["default"],
        Some(_) => turn.list("clusters", 100)?,
    };
    let (mut found, mut failures, mut resources) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        let name = turn.place.home.name("cluster", name)?;
        let arn = turn.place.home.arn(&format!("cluster/{name}"));
        match document(turn, name) {
            Some(document) => found.push(document),
            None => failures.push(missing(&arn)),
        }
        resources.push(arn);
    }
    Ok(Answer {
        body: json!({ "clusters": found, "failures": failures }),
        resources,
        ..Answer::default()
    })
}

fn document(turn: &Turn<'_>, name: &str) -> Option<Value> {
    let services = turn.place.clusters.get(name)?;
    let count = |last| -> u32 {
        services
            .values()
            .map(|service| service.count(|task| task.last == last))
            .sum()
    };
    Some(json!({
        "clusterArn": turn.place.home.arn(&format!("cluster/{name}")),
        "clusterName": name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": count(LastStatus::Running),
        "pendingTasksCount": count(LastStatus::Pending),
        "activeServicesCount": services.values().filter(|service| service.active).count(),
        "statistics": [],
        "tags": [],
        "settings": [{ "name": "containerInsights", "value": "disabled" }],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    }))
}

pub(super) fn create_cluster(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let name = turn.text("clusterName").unwrap_or("default");
    if !is_name(name) {
        return Err(invalid("Cluster name contains invalid characters."));
    }
    turn.place.clusters.entry(name.to_owned()).or_default();
    let arn = turn.place.home.arn(&format!("cluster/{name}"));
    Ok(Answer {
        body: json!({ "cluster": document(turn, name) }),
        resources: vec![arn],
        ..Answer::default()
    })
}

pub(super) fn list_services(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let cluster = turn.place.cluster(turn.request)?;
    let (start, size) = turn.paging(10, 100)?;
    let services = turn
        .place
        .clusters
        .get(&cluster)
        .into_iter()
        .flat_map(|services| services.values());
    let arns = services
        .filter(|service| service.active)
        .map(|service| json!(service.arn()))
        .collect();
    let (arns, mut body) = page(arns, start, size);
    body.insert("serviceArns".to_owned(), json!(arns));
    let conditions = vec![turn.cluster_condition(&cluster)];
    Ok(Answer {
        body: Value::Object(body),
        resources: vec!["*".to_owned()],
        conditions,
    })
}

/// Rolling updates on Fargate only; its first service deployment has nothing to go back to.
pub(super) fn create_service(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let (request, now) = (turn.request, turn.now);
    let cluster = turn.place.cluster(request)?;
    let name = turn.required("serviceName")?;
    if !is_name(name) {
        return Err(invalid("Service name contains invalid characters."));
    }
    if turn
        .place
        .service(&cluster, name)
        .is_ok_and(|service| service.active)
    {
        return Err(invalid("Creation of service was not idempotent."));
    }
    let kind = request
        .pointer("/deploymentController/type")
        .and_then(Value::as_str);
    if kind.is_some_and(|kind| kind != Controller::Ecs.name()) {
        return Err(invalid(
            "Only services with an ECS deployment controller can be created here.",
        ));
    }
    let definition = turn
        .required("taskDefinition")
        .map_err(|_| client("TaskDefinition can not be blank."))?;
    let definition = turn.place.runnable(definition)?.clone();
    let tags = request
        .get("tags")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    check_tags(&tags)?;
    let mut service = blank(&turn.place.home, &cluster, name, now);
    service.desired = count(request, "desiredCount")?.unwrap_or(1);
    service.tags = json!(tags);
    configuration::change(
        &mut service.configuration,
        request.get("deploymentConfiguration"),
    )?;
    for member in [
        "launchType",
        "networkConfiguration",
        "loadBalancers",
        "platformVersion",
        "enableExecuteCommand",
    ] {
        if let Some(value) = request.get(member).filter(|value| !value.is_null()) {
            service.settings.insert(member.to_owned(), value.clone());
        }
    }
    let revision = revise(
        &service.arn(),
        &definition,
        now,
        turn.around.serial,
        turn.around.ecr,
    );
    service.roll_out(now, revision, Script::Happy, &mut turn.around);
    let answer = Answer {
        body: json!({ "service": service.document(true) }),
        resources: vec![service.arn()],
        conditions: vec![
            turn.cluster_condition(&cluster),
            ("ecs:task-definition".to_owned(), definition.arn),
        ],
    };
    turn.place
        .clusters
        .entry(cluster)
        .or_default()
        .insert(name.to_owned(), service);
    Ok(answer)
}
