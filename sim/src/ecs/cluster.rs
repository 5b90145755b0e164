//! The operations that people use to look around and to set a stage by hand: clusters, and what is on
//! them. The product calls none of these.

use serde_json::{Map, Value, json};

use super::{
    definition::{check_tags, is_name},
    ids::invalid,
    operation::Turn,
    service::LastStatus,
    show::{missing, page, put},
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
    let mut document = json!({
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
    });
    for (member, value) in turn.place.settings.get(name).into_iter().flatten() {
        put(&mut document, member, Some(value.clone()));
    }
    Some(document)
}

/// Members of a cluster that are kept as they were given.
const CLUSTER: [&str; 5] = [
    "capacityProviders",
    "defaultCapacityProviderStrategy",
    "settings",
    "configuration",
    "tags",
];

pub(super) fn put_capacity_providers(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let cluster = turn.place.cluster(turn.request)?;
    for member in ["capacityProviders", "defaultCapacityProviderStrategy"] {
        let given = turn.request.get(member).filter(|given| given.is_array());
        let given = given.ok_or_else(|| invalid(format!("{member} should not be null.")))?;
        let known = turn.place.settings.entry(cluster.clone()).or_default();
        known.insert(member.to_owned(), given.clone());
    }
    Ok(Answer {
        body: json!({ "cluster": document(turn, &cluster) }),
        resources: vec![turn.place.home.arn(&format!("cluster/{cluster}"))],
        ..Answer::default()
    })
}

pub(super) fn create_cluster(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let name = turn.text("clusterName").unwrap_or("default");
    if !is_name(name) {
        return Err(invalid("Cluster name contains invalid characters."));
    }
    let mut settings = Map::new();
    for member in CLUSTER {
        if let Some(value) = turn.request.get(member).filter(|value| !value.is_null()) {
            settings.insert(member.to_owned(), value.clone());
        }
    }
    if let Some(Value::Array(tags)) = settings.get("tags") {
        check_tags(tags)?;
    }
    turn.place.clusters.entry(name.to_owned()).or_default();
    let known = turn.place.settings.entry(name.to_owned()).or_default();
    known.extend(settings);
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
