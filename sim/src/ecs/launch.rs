//! Whether a task definition fits the service that would run it: its launch type, and the containers that
//! its load balancers and registries name.

use serde_json::{Map, Value, json};

use super::{definition::Definition, ids::invalid, service::Service};
use crate::AwsError;

/// Deployments of a service that it shows, its primary one included
/// (<https://github.com/aws/containers-roadmap/issues/2836>).
const MOST_DEPLOYMENTS: usize = 5;

/// # Errors
/// `InvalidParameterException`, in ECS's words.
pub(super) fn check(
    definition: &Definition,
    settings: &Map<String, Value>,
) -> Result<(), AwsError> {
    let launch_type = launch_type(settings);
    if !definition.compatibilities().contains(&launch_type.as_str()) {
        return Err(invalid(format!(
            "Task definition does not support launch_type {launch_type}."
        )));
    }
    let of = |member: &str| settings.get(member).and_then(Value::as_array);
    for balancer in of("loadBalancers").into_iter().flatten() {
        check_container(definition, balancer)?;
    }
    let registries = of("serviceRegistries").into_iter().flatten();
    let naming = registries.filter(|registry| registry.get("containerName").is_some());
    naming
        .into_iter()
        .try_for_each(|registry| check_container(definition, registry))
}

/// One more deployment is refused while so many are there: of those that were replaced, tasks are left.
///
/// # Errors
/// `InvalidParameterException`.
pub(super) fn check_deployments(service: &Service) -> Result<(), AwsError> {
    match service.deployments.len() {
        MOST_DEPLOYMENTS.. => Err(invalid(format!(
            "{MOST_DEPLOYMENTS} active deployments exist, unable to create new deployment."
        ))),
        _ => Ok(()),
    }
}

/// What a service or a task is launched on; its capacity providers say so where it has some.
pub(super) fn launch_type(settings: &Map<String, Value>) -> String {
    let strategy = settings.get("capacityProviderStrategy");
    let providers = strategy.and_then(Value::as_array).into_iter().flatten();
    let mut providers = providers.filter_map(|one| one.get("capacityProvider")?.as_str());
    if let Some(provider) = providers.next() {
        return match provider {
            "FARGATE" | "FARGATE_SPOT" => "FARGATE".to_owned(),
            _ => "EC2".to_owned(),
        };
    }
    let written = settings.get("launchType").and_then(Value::as_str);
    written.unwrap_or("EC2").to_owned()
}

fn check_container(definition: &Definition, target: &Value) -> Result<(), AwsError> {
    let name = target.get("containerName").and_then(Value::as_str);
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Err(invalid("Container Name can not be blank."));
    };
    let mut containers = definition.containers();
    let container = containers.find(|known| known.get("name") == Some(&json!(name)));
    let Some(container) = container else {
        return Err(invalid(format!(
            "The container {name} does not exist in the task definition."
        )));
    };
    let Some(port) = target.get("containerPort").filter(|port| !port.is_null()) else {
        return Ok(());
    };
    let ports = container.get("portMappings").and_then(Value::as_array);
    let mut ports = ports.into_iter().flatten();
    match ports.any(|known| known.get("containerPort") == Some(port)) {
        true => Ok(()),
        false => Err(invalid(format!(
            "The container {name} did not have a container port {port} defined."
        ))),
    }
}
