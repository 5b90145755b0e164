//! Services that people make and delete by hand. The product does neither.

use serde_json::{Map, Value, json};

use super::{
    configuration,
    definition::{check_tags, is_name},
    ids::{client, invalid},
    launch,
    operation::{DEPLOYED, KEPT, NO_DESIRED_COUNT, Turn, count},
    place::revise,
    rollout::Happening,
    script::Script,
    seed::blank,
    service::Controller,
};
use crate::{Answer, AwsError};

/// Rolling updates only; its first service deployment has nothing to go back to. Everything that it was
/// given is kept, and shown.
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
    service.settings = settings(turn, &cluster, std::mem::take(&mut service.settings))?;
    let desired = count(request, "desiredCount")?;
    if service.is_daemon() {
        if desired.is_some() {
            return Err(invalid(NO_DESIRED_COUNT));
        }
        if launch::launch_type(&service.settings) == "FARGATE" {
            return Err(invalid(
                "The daemon scheduling strategy is not supported with the FARGATE launch type.",
            ));
        }
        service.configuration["maximumPercent"] = json!(100);
        service.configuration["minimumHealthyPercent"] = json!(0);
    }
    // A cluster here is one instance to a daemon.
    service.desired = desired.unwrap_or(1);
    service.tags = json!(tags);
    configuration::change(
        &mut service.configuration,
        request.get("deploymentConfiguration"),
    )?;
    launch::check(&definition, &service.settings)?;
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

/// What the request says of a service, over what services have without being told.
fn settings(
    turn: &Turn<'_>,
    cluster: &str,
    mut settings: Map<String, Value>,
) -> Result<Map<String, Value>, AwsError> {
    let given = |member: &str| turn.request.get(member).filter(|value| !value.is_null());
    let own = ["launchType", "schedulingStrategy", "role"];
    for member in own.iter().chain(&DEPLOYED).chain(&KEPT) {
        if let Some(value) = given(member) {
            settings.insert((*member).to_owned(), value.clone());
        }
    }
    let known = turn.place.settings.get(cluster);
    let default = known.and_then(|known| known.get("defaultCapacityProviderStrategy"));
    let is_some = |strategy: &&Value| **strategy != json!([]);
    let strategy = given("capacityProviderStrategy").filter(is_some);
    match (given("launchType"), strategy, default.filter(is_some)) {
        (Some(_), Some(_), _) => {
            return Err(invalid(
                "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
            ));
        }
        (Some(_), None, _) => {}
        (None, Some(strategy), _) | (None, None, Some(strategy)) => {
            settings.remove("launchType");
            settings.insert("capacityProviderStrategy".to_owned(), strategy.clone());
        }
        (None, None, None) => {
            settings.insert("launchType".to_owned(), json!("EC2"));
        }
    }
    // Platforms are Fargate's.
    if launch::launch_type(&settings) != "FARGATE" {
        settings.remove("platformVersion");
        settings.remove("platformFamily");
    }
    Ok(settings)
}

/// Its tasks stop; it is INACTIVE and can be made anew.
pub(super) fn delete_service(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let cluster = turn.place.cluster(turn.request)?;
    let name = turn.required("service")?;
    let force = turn.request.get("force") == Some(&json!(true));
    let now = turn.now;
    let service = turn.place.service(&cluster, name)?;
    if !service.active {
        return Err(AwsError::new(
            "ServiceNotFoundException",
            "Service not found.",
        ));
    }
    if service.desired > 0 && !force && !service.is_daemon() {
        return Err(invalid(
            "The service cannot be stopped while it is scaled above 0.",
        ));
    }
    service.desired = 0;
    service.active = false;
    service.plan(now, Happening::Schedule);
    let mut document = service.document(true);
    document["status"] = json!("DRAINING");
    let resources = vec![service.arn()];
    Ok(Answer {
        body: json!({ "service": document }),
        resources,
        conditions: vec![turn.cluster_condition(&cluster)],
    })
}
